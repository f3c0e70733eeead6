//! The tree that values are merged into while the pickle is read.
//!
//! Values of the same shape under the same path are one node with a count, so that the tree is as large as the pickle is
//! diverse and not as it is long. Three limits hold whatever the pickle is: children per node, nodes at all, and levels.

pub(super) use super::edge::{Edge, EdgeKind};
use super::entry::{Entry, Hold, Kind, NONE};
use super::memo::Slot;

/// A child of a node: leaves of one kind, or another node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Child {
    pub edge: Edge,
    pub kind: Kind,
    /// The node, if it has one; the label of a name; the object that a reference means.
    pub id: u32,
    /// The number of values.
    pub count: u64,
    /// The bytes of leaves; of nodes, only those of the keys that lead to them.
    pub bytes: u64,
    /// Where the first begins.
    pub at: u64,
}

impl Child {
    /// The node, if it is one.
    pub(super) fn node(&self) -> Option<u32> {
        (!matches!(self.kind, Kind::Global | Kind::Reference) && self.id != NONE).then_some(self.id)
    }
}

/// Values of one shape under one path.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    /// The label of the class, if it is of one.
    pub class: u32,
    pub parent: u32,
    /// The object that memo entries refer to it by.
    pub object: u32,
    /// The number of values.
    pub count: u64,
    /// The number of items that they have together.
    pub length: u64,
    /// The bytes of none of its children.
    pub own: u64,
    /// All bytes below it, as far as is known before the end.
    pub total: u64,
    /// How often memo entries of it were fetched.
    pub references: u64,
    pub at: u64,
    pub height: u32,
    /// Where the next child is expected.
    pub hint: u32,
    pub children: Vec<Child>,
}

/// A parent that a node has while it is popped and can still be fetched from the memo.
pub(super) const ORPHAN: u32 = u32::MAX - 1;

/// The most children of a node before others are folded together.
const MOST_CHILDREN: usize = 256;
/// Integer keys are rarely names.
const MOST_INTEGER_KEYS: usize = 16;
/// The most nodes before only heavy children get nodes of their own.
const MOST_NODES: usize = 1 << 15;
/// The levels that are kept. Twice as many are built before those below are folded.
pub(super) const MOST_LEVELS: u32 = 100;

/// The nodes, and the objects that memo entries refer to them by.
#[derive(Debug)]
pub(super) struct Arena {
    pub nodes: Vec<Node>,
    free: Vec<u32>,
    /// A forest: an object's parent, or for a root its node.
    objects: Vec<u32>,
    /// A child of this many bytes always keeps its name.
    heavy: u64,
    /// By label: the node and the child where a name was found last, for dicts whose keys come in any order.
    found: Vec<(u32, u32)>,
    work: Vec<(u32, u32)>,
}

const ROOT: u32 = 1 << 31;
/// A root without node: the low byte is its kind.
const NODELESS: u32 = 1 << 30;

impl Arena {
    pub(super) fn new(heavy: u64) -> Arena {
        Arena {
            nodes: Vec::new(),
            free: Vec::new(),
            objects: Vec::new(),
            heavy: heavy.max(1),
            found: Vec::new(),
            work: Vec::new(),
        }
    }

    pub(super) fn is_heavy(&self, bytes: u64) -> bool {
        bytes >= self.heavy
    }

    /// Whether an item of this size keeps its place until it is known what the others weigh, and a key of any kind its
    /// name.
    #[inline]
    pub(super) fn is_heavy_item(&self, bytes: u64) -> bool {
        bytes >= 16 * self.heavy
    }

    fn live(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    /// Nodes made for a moment must not grow without bound, where a limit on children does not help.
    pub(super) fn is_crowded(&self) -> bool {
        self.live() > MOST_NODES
    }

    /// A node for one value.
    pub(super) fn make(&mut self, kind: Kind, class: u32, at: u64, own: u64) -> u32 {
        let mut node = Node {
            kind,
            class,
            parent: NONE,
            object: NONE,
            count: 1,
            length: 0,
            own,
            total: own,
            references: 0,
            at,
            height: 0,
            hint: 0,
            children: Vec::new(),
        };
        match self.free.pop() {
            Some(id) => {
                let place = &mut self.nodes[id as usize];
                std::mem::swap(&mut node.children, &mut place.children);
                *place = node;
                id
            }
            None => {
                self.nodes.push(node);
                (self.nodes.len() - 1) as u32
            }
        }
    }

    pub(super) fn get(&self, node: u32) -> &Node {
        &self.nodes[node as usize]
    }

    pub(super) fn get_mut(&mut self, node: u32) -> &mut Node {
        &mut self.nodes[node as usize]
    }

    pub(super) fn release(&mut self, node: u32) {
        let place = self.get_mut(node);
        place.children.clear();
        // The capacity of one large node is not kept for the next.
        if place.children.capacity() > 64 {
            place.children = Vec::new();
        }
        self.free.push(node);
    }

    /// Bytes of the node itself.
    pub(super) fn own(&mut self, node: u32, bytes: u64) {
        let node = self.get_mut(node);
        node.own += bytes;
        node.total += bytes;
    }

    /// An identity for a container that has no node yet.
    pub(super) fn new_object(&mut self, kind: Kind) -> u32 {
        self.objects.push(ROOT | NODELESS | kind as u32);
        (self.objects.len() - 1) as u32
    }

    /// An identity for a node.
    pub(super) fn object_of(&mut self, node: u32) -> u32 {
        if self.get(node).object == NONE {
            self.objects.push(ROOT | node);
            self.get_mut(node).object = (self.objects.len() - 1) as u32;
        }
        self.get(node).object
    }

    fn root(&mut self, mut object: u32) -> u32 {
        loop {
            let parent = self.objects[object as usize];
            if parent & ROOT != 0 {
                return object;
            }
            let above = self.objects[parent as usize];
            if above & ROOT != 0 {
                return parent;
            }
            self.objects[object as usize] = above;
            object = above;
        }
    }

    /// The node of an object, if it has one.
    pub(super) fn find_node(&mut self, object: u32) -> Option<u32> {
        let root = self.root(object);
        let value = self.objects[root as usize] & !ROOT;
        (value & NODELESS == 0).then_some(value)
    }

    /// The kind that an object without node has.
    pub(super) fn kind_of(&mut self, object: u32) -> Kind {
        let root = self.root(object);
        Kind::from_number(self.objects[root as usize] as u8)
    }

    /// The node of an object, made if there was none.
    pub(super) fn node_of_object(&mut self, object: u32, kind: Kind, at: u64) -> u32 {
        match self.find_node(object) {
            Some(node) => node,
            None => {
                let root = self.root(object);
                let node = self.make(kind, NONE, at, 0);
                self.get_mut(node).object = root;
                self.objects[root as usize] = ROOT | node;
                node
            }
        }
    }

    /// All that refers to `from` refers to `to` from now on.
    pub(super) fn unite(&mut self, to: u32, from: u32) {
        let object = std::mem::replace(&mut self.get_mut(from).object, NONE);
        if object == NONE {
            return;
        }
        match self.get(to).object {
            NONE => {
                self.objects[object as usize] = ROOT | to;
                self.get_mut(to).object = object;
            }
            own => self.objects[object as usize] = own,
        }
    }

    /// The node that a node hangs on, if it hangs on one.
    pub(super) fn above(&self, node: u32) -> Option<u32> {
        match self.get(node).parent {
            NONE | ORPHAN => None,
            parent => Some(parent),
        }
    }

    /// Whether `above` is among the parents of `node`, or so many are that it may be.
    pub(super) fn may_be_below(&self, node: u32, above: u32) -> bool {
        let mut at = node;
        for _ in 0..4 * MOST_LEVELS {
            if at == above {
                return true;
            }
            match self.get(at).parent {
                NONE | ORPHAN => return false,
                parent => at = parent,
            }
        }
        true
    }

    /// Hangs what a stack entry stands for on a node. `key` are the bytes of the key that leads there.
    pub(super) fn add(&mut self, parent: u32, edge: Edge, entry: &Entry, key: u64) {
        let count = entry.values();
        match entry.hold {
            Hold::Single => self.add_leaf(parent, edge, entry.kind, entry.id, 1, entry.bytes + key, entry.at),
            Hold::Run | Hold::Bag => {
                self.add_leaf(parent, edge, entry.kind, NONE, count, entry.bytes + key, entry.at);
            }
            Hold::Object => {
                let node = self.node_of_object(entry.id, entry.kind, entry.at);
                self.own(node, entry.bytes);
                self.add_node(parent, edge, node, key);
            }
            Hold::Node | Hold::BagNode => self.add_node(parent, edge, entry.id, key),
            Hold::Reference => {
                let (object, at) = match Slot::unpack(entry.at) {
                    Some(Slot::Object(object)) => (object, NOWHERE),
                    // A reference is where what it means is: to be read, not to be shown.
                    Some(Slot::Leaf(_, at)) => (NONE, at),
                    _ => (NONE, NOWHERE),
                };
                self.add_leaf(parent, edge, Kind::Reference, object, 1, entry.bytes + key, at);
            }
        }
    }

    /// Hangs leaves on a node.
    #[allow(clippy::too_many_arguments, reason = "the fields of a child, which it may or may not become")]
    pub(super) fn add_leaf(&mut self, parent: u32, edge: Edge, kind: Kind, id: u32, count: u64, bytes: u64, at: u64) {
        let node = &mut self.nodes[parent as usize];
        if edge != Edge::KEY_PARTS {
            node.length += count;
        }
        node.total += bytes;
        let mut edge = edge;
        let mut found = self.find_leaf(parent, edge, kind, id);
        if found.is_none() && !self.admits(parent, edge, bytes) {
            edge = edge.crowd();
            found = self.find_leaf(parent, edge, kind, id);
        }
        let node = &mut self.nodes[parent as usize];
        match found {
            Some(child) => {
                let child = &mut node.children[child];
                child.count += count;
                child.bytes += bytes;
                if kind != Kind::Reference {
                    child.at = child.at.min(at);
                }
                if kind == Kind::Reference && child.id != id {
                    child.id = NONE;
                }
            }
            None if node.children.len() < 2 * MOST_CHILDREN || bytes >= self.heavy => {
                node.children.push(Child { edge, kind, id, count, bytes, at });
            }
            None => fold(node, count, bytes, at),
        }
    }

    /// Hangs a leaf on a node that has none under this edge yet. False if it has no room for it under its name.
    #[inline]
    pub(super) fn add_first(&mut self, parent: u32, edge: Edge, entry: &Entry, key: u64) -> bool {
        let node = &mut self.nodes[parent as usize];
        if node.children.len() >= MOST_CHILDREN {
            return false;
        }
        node.length += 1;
        node.total += entry.bytes + key;
        let id = if entry.hold == Hold::Single { entry.id } else { NONE };
        node.children.push(Child { edge, kind: entry.kind, id, count: 1, bytes: entry.bytes + key, at: entry.at });
        true
    }

    /// Counts one more leaf under a key where one of its kind was found last. False if it is not so simple.
    #[inline]
    pub(super) fn add_again(&mut self, parent: u32, label: u32, entry: &Entry, key: u64) -> bool {
        let Some(&(node, at)) = self.found.get(label as usize) else { return false };
        let place = &mut self.nodes[parent as usize];
        let Some(child) = place.children.get_mut(at as usize) else { return false };
        if node != parent
            || entry.hold != Hold::Run
            || child.edge != Edge::new(EdgeKind::Key, label)
            || child.kind != entry.kind
            || child.id != NONE
        {
            return false;
        }
        child.count += 1;
        child.bytes += entry.bytes + key;
        place.length += 1;
        place.total += entry.bytes + key;
        true
    }

    /// Whether a new child of this size may have a name of its own.
    pub(super) fn admits(&self, parent: u32, edge: Edge, bytes: u64) -> bool {
        let children = self.nodes[parent as usize].children.len();
        let most = match edge.kind() {
            EdgeKind::KeyInt | EdgeKind::Pickle => MOST_INTEGER_KEYS,
            EdgeKind::Key | EdgeKind::KeyText | EdgeKind::Attribute => MOST_CHILDREN,
            _ => return true,
        };
        let heavy = match edge.kind() {
            EdgeKind::KeyInt | EdgeKind::Pickle => 16 * self.heavy,
            _ => self.heavy,
        };
        (children < most && !self.is_crowded()) || bytes >= heavy
    }

    /// Hangs a node on another, or merges it into one of its shape that hangs there.
    pub(super) fn add_node(&mut self, parent: u32, edge: Edge, node: u32, key: u64) {
        let Node { kind, count, total, at, height, .. } = *self.get(node);
        if edge != Edge::KEY_PARTS {
            self.get_mut(parent).length += count;
        }
        self.get_mut(parent).total += total + key;
        let mut edge = edge;
        let mut found = self.find_node_child(parent, edge, node);
        if found.is_none() && !self.admits(parent, edge, total + key) {
            edge = edge.crowd();
            found = self.find_node_child(parent, edge, node);
        }
        if let Some(at) = found {
            let child = &mut self.get_mut(parent).children[at];
            child.count += count;
            child.bytes += key;
            let into = child.id;
            self.merge(into, node);
        } else {
            let crowded = self.live() > 2 * MOST_NODES;
            let children = self.get(parent).children.len();
            if (crowded || children >= 2 * MOST_CHILDREN) && total + key < self.heavy {
                let bytes = self.collapse(parent, node);
                fold(self.get_mut(parent), count, bytes + key, at);
                return;
            }
            self.get_mut(node).parent = parent;
            self.get_mut(parent).children.push(Child { edge, kind, id: node, count, bytes: key, at });
        }
        let own = self.get_mut(parent);
        own.height = own.height.max(height + 1);
        if own.height > 2 * MOST_LEVELS {
            self.prune(parent);
        }
    }

    fn find_node_child(&mut self, parent: u32, edge: Edge, node: u32) -> Option<usize> {
        let Node { kind, class, .. } = *self.get(node);
        self.search(parent, edge, |nodes, child| {
            child.kind == kind && child.id != NONE && nodes[child.id as usize].class == class
        })
    }

    #[inline]
    fn find_leaf(&mut self, parent: u32, edge: Edge, kind: Kind, id: u32) -> Option<usize> {
        self.search(parent, edge, |_, child| {
            child.kind == kind
                && match kind {
                    Kind::Global => child.id == id,
                    Kind::Reference => true,
                    // The others with a number have a node.
                    _ => child.id == NONE,
                }
        })
    }

    /// The child under an edge that matches, looked for where it is expected first: values of one shape mostly have
    /// their children in one order.
    #[inline]
    fn search(&mut self, parent: u32, edge: Edge, matches: impl Fn(&[Node], &Child) -> bool) -> Option<usize> {
        let node = &self.nodes[parent as usize];
        let is_it = |child: &Child| child.edge == edge && matches(&self.nodes, child);
        let label = edge.label();
        if let Some(&(other, at)) = label.and_then(|label| self.found.get(label))
            && other == parent
            && node.children.get(at as usize).is_some_and(is_it)
        {
            return Some(at as usize);
        }
        let hint = node.hint as usize;
        let mut found = node.children.get(hint).is_some_and(is_it).then_some(hint);
        if found.is_none() {
            found = Some(node.children.iter().position(is_it)?);
        }
        if let (Some(label), Some(found)) = (label, found) {
            if self.found.len() <= label {
                self.found.resize(label + 1, (NONE, 0));
            }
            self.found[label] = (parent, found as u32);
        }
        self.nodes[parent as usize].expect_after(found?);
        found
    }

    /// One more value of a node's shape, all of whose children were added, and which has this object if it has any.
    pub(super) fn add_value(&mut self, node: u32, own: u64, object: Option<u32>) {
        self.own(node, own);
        self.get_mut(node).count += 1;
        if let Some(object) = object {
            let to = self.object_of(node);
            if to != object {
                self.objects[object as usize] = to;
            }
        }
    }

    /// Merges two nodes of one shape that hang nowhere.
    pub(super) fn merge_roots(&mut self, into: u32, from: u32) {
        if into != from {
            self.merge(into, from);
        }
    }

    /// Merges `from` and all below it into `into`, which has its shape.
    fn merge(&mut self, into: u32, from: u32) {
        let mut work = std::mem::take(&mut self.work);
        work.push((into, from));
        while let Some((into, from)) = work.pop() {
            let mut children = std::mem::take(&mut self.get_mut(from).children);
            let Node { count, length, own, total, references, height, .. } = *self.get(from);
            self.unite(into, from);
            let node = self.get_mut(into);
            node.count += count;
            node.length += length;
            node.own += own;
            node.total += total;
            node.references += references;
            node.height = node.height.max(height);
            for child in children.drain(..) {
                self.merge_child(into, child, &mut work);
            }
            self.get_mut(from).children = children;
            self.release(from);
        }
        self.work = work;
    }

    fn merge_child(&mut self, into: u32, child: Child, work: &mut Vec<(u32, u32)>) {
        let Child { mut edge, kind, id, count, bytes, at } = child;
        let Some(node) = child.node() else {
            if let Some(found) = self.find_leaf(into, edge, kind, id) {
                let place = &mut self.get_mut(into).children[found];
                place.count += count;
                place.bytes += bytes;
                if kind != Kind::Reference {
                    place.at = place.at.min(at);
                }
                if kind == Kind::Reference && place.id != id {
                    place.id = NONE;
                }
                return;
            }
            // The length and the total came with the node.
            let above = self.get_mut(into);
            if edge != Edge::KEY_PARTS {
                above.length = above.length.saturating_sub(count);
            }
            above.total = above.total.saturating_sub(bytes);
            self.add_leaf(into, edge, kind, id, count, bytes, at);
            return;
        };
        let mut found = self.find_node_child(into, edge, node);
        if found.is_none() && !self.admits(into, edge, self.get(node).total + bytes) {
            edge = edge.crowd();
            found = self.find_node_child(into, edge, node);
        }
        if let Some(at) = found {
            let own = &mut self.get_mut(into).children[at];
            own.count += count;
            own.bytes += bytes;
            work.push((own.id, node));
        } else if self.get(into).children.len() >= 2 * MOST_CHILDREN && self.get(node).total + bytes < self.heavy {
            let below = self.collapse(into, node);
            fold(self.get_mut(into), count, below + bytes, at);
        } else {
            self.get_mut(node).parent = into;
            self.get_mut(into).children.push(Child { edge, ..child });
        }
    }
}

/// A place that is not known.
pub(super) const NOWHERE: u64 = u64::MAX;

/// Counts values that get no child of their own.
pub(super) fn fold(node: &mut Node, count: u64, bytes: u64, at: u64) {
    match node.children.iter_mut().find(|child| child.edge == Edge::DEEPER) {
        Some(child) => {
            child.count += count;
            child.bytes += bytes;
        }
        None => node.children.push(Child { edge: Edge::DEEPER, kind: Kind::Rest, id: NONE, count, bytes, at }),
    }
}

impl Node {
    fn expect_after(&mut self, found: usize) {
        // One of many is followed by another of them, a field by the next field.
        let again = matches!(
            self.children[found].edge.kind(),
            EdgeKind::Item | EdgeKind::AnyKey | EdgeKind::AnyAttribute | EdgeKind::KeyParts
        );
        let next = found + usize::from(!again);
        self.hint = if next >= self.children.len() { 0 } else { next as u32 };
    }
}
