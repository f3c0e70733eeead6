//! The tree that values are merged into while the pickle is read.
//!
//! Values of the same shape under the same path are one node with a count, so that the tree is as large as the pickle is
//! diverse and not as it is long. Three limits hold whatever the pickle is: children per node, nodes at all, and levels.

use super::entry::{Entry, Hold, Kind, NONE};
use super::memo::Slot;

/// How a value hangs on the one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge(u64);

/// The kinds of edges. Most have a label, an index or a small integer beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum EdgeKind {
    /// An item of a list, a set, or a long tuple.
    Item,
    /// The value under a string key.
    Key,
    /// The value under an integer key.
    KeyInt,
    /// The value under a key that is shown as its label says.
    KeyText,
    /// The values under other keys.
    AnyKey,
    /// The parts of keys that have parts.
    KeyParts,
    /// An attribute.
    Attribute,
    /// Other attributes.
    AnyAttribute,
    /// A place of a tuple.
    Index,
    /// An argument of a call.
    Argument,
    /// What was given to `__setstate__`.
    State,
    /// What was called, where that is more than a name.
    Callable,
    /// One of several pickles.
    Pickle,
    /// Values that were made and thrown away.
    Discarded,
    /// What lies too deep.
    Deeper,
}

const EDGE_KINDS: [EdgeKind; 15] = [
    EdgeKind::Item,
    EdgeKind::Key,
    EdgeKind::KeyInt,
    EdgeKind::KeyText,
    EdgeKind::AnyKey,
    EdgeKind::KeyParts,
    EdgeKind::Attribute,
    EdgeKind::AnyAttribute,
    EdgeKind::Index,
    EdgeKind::Argument,
    EdgeKind::State,
    EdgeKind::Callable,
    EdgeKind::Pickle,
    EdgeKind::Discarded,
    EdgeKind::Deeper,
];

impl Edge {
    pub(super) const ITEM: Edge = Edge::new(EdgeKind::Item, 0);
    pub(super) const ANY_KEY: Edge = Edge::new(EdgeKind::AnyKey, 0);
    pub(super) const ANY_ATTRIBUTE: Edge = Edge::new(EdgeKind::AnyAttribute, 0);
    pub(super) const KEY_PARTS: Edge = Edge::new(EdgeKind::KeyParts, 0);
    pub(super) const STATE: Edge = Edge::new(EdgeKind::State, 0);
    pub(super) const CALLABLE: Edge = Edge::new(EdgeKind::Callable, 0);
    pub(super) const DISCARDED: Edge = Edge::new(EdgeKind::Discarded, 0);
    pub(super) const DEEPER: Edge = Edge::new(EdgeKind::Deeper, 0);

    pub(super) const fn new(kind: EdgeKind, id: u32) -> Edge {
        Edge((kind as u64) << 32 | id as u64)
    }

    pub(super) fn kind(self) -> EdgeKind {
        EDGE_KINDS[(self.0 >> 32) as usize % EDGE_KINDS.len()]
    }

    /// The label, the index, or the integer's bits.
    pub(super) fn id(self) -> u32 {
        self.0 as u32
    }

    /// The label, if its name is one.
    fn label(self) -> Option<usize> {
        matches!(self.kind(), EdgeKind::Key | EdgeKind::Attribute).then_some(self.id() as usize)
    }

    /// The edge that takes the rest when there are too many like this one.
    fn crowd(self) -> Edge {
        match self.kind() {
            EdgeKind::Key | EdgeKind::KeyInt | EdgeKind::KeyText => Edge::ANY_KEY,
            EdgeKind::Attribute => Edge::ANY_ATTRIBUTE,
            EdgeKind::Index | EdgeKind::Argument | EdgeKind::Pickle => Edge::ITEM,
            _ => self,
        }
    }
}

/// What hangs on a node: leaves of one kind, or another node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Child {
    pub edge: Edge,
    pub kind: Kind,
    /// The node, if it has one; the label of a name; the object that a reference means.
    pub id: u32,
    /// How many values.
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
    /// How many values.
    pub count: u64,
    /// How many items they have together.
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
    hint: u32,
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

    fn release(&mut self, node: u32) {
        let place = self.get_mut(node);
        place.children.clear();
        // What was large once is no size for the next.
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
    fn unite(&mut self, to: u32, from: u32) {
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

    /// Takes a node and all below it away; what referred to them refers to `into`. Returns their bytes.
    fn collapse(&mut self, into: u32, node: u32) -> u64 {
        let mut bytes = 0;
        let mut work = vec![node];
        while let Some(node) = work.pop() {
            bytes += self.get(node).own;
            for at in 0..self.get(node).children.len() {
                let child = self.get(node).children[at];
                bytes += child.bytes;
                work.extend(child.node());
            }
            self.unite(into, node);
            self.release(node);
        }
        bytes
    }

    /// Folds what lies deeper below `top` than the levels that are kept.
    fn prune(&mut self, top: u32) {
        let mut work = vec![(top, 0)];
        while let Some((node, level)) = work.pop() {
            self.get_mut(node).height = MOST_LEVELS - level;
            let mut at = 0;
            while at < self.get(node).children.len() {
                let child = self.get(node).children[at];
                match child.node() {
                    Some(below) if level + 1 > MOST_LEVELS => {
                        self.get_mut(node).children.swap_remove(at);
                        let bytes = self.collapse(node, below);
                        fold(self.get_mut(node), child.count, bytes + child.bytes, child.at);
                        continue;
                    }
                    Some(below) => work.push((below, level + 1)),
                    None => {}
                }
                at += 1;
            }
            self.get_mut(node).hint = 0;
        }
    }

    /// A ring that was popped, of which a lower part is fetched: a tuple that contains itself is written so. If `inner`
    /// refers to `outer`, whose part it is, it holds it from now on, and is referred to by it.
    pub(super) fn turn(&mut self, outer: u32, inner: u32) {
        let holds = |child: &Child| child.node() == Some(inner) && child.count == 1;
        let Some(down) = self.get(outer).children.iter().position(holds) else { return };
        let mut up = None;
        for at in 0..self.get(inner).children.len() {
            let child = self.get(inner).children[at];
            if child.kind == Kind::Reference && child.count == 1 && child.id != NONE {
                up = up.or((self.find_node(child.id) == Some(outer)).then_some(at));
            }
        }
        let (Some(up), 1, 1) = (up, self.get(inner).count, self.get(outer).count) else { return };
        let (object, kind, at) = (self.object_of(inner), self.get(outer).kind, self.get(outer).at);
        let below = self.get(inner).total;
        let place = self.get_mut(outer);
        let key = place.children[down];
        place.children[down] = Child { kind: Kind::Reference, id: object, at: NOWHERE, ..key };
        place.total = place.total.saturating_sub(below);
        place.references = place.references.saturating_sub(1);
        place.parent = inner;
        let (total, height) = (place.total, place.height);
        let place = self.get_mut(inner);
        place.children[up] = Child { kind, id: outer, at, ..place.children[up] };
        place.total += total;
        place.references += 1;
        place.height = place.height.max(height + 1);
        place.parent = ORPHAN;
    }

    /// In dicts where only the first keys and the heavy ones got a name of their own, those first ones lose it if they
    /// are light: that they came first says nothing.
    pub(super) fn tidy(&mut self, top: u32) {
        let mut work = vec![top];
        while let Some(node) = work.pop() {
            let children = &self.get(node).children;
            if children.iter().any(|child| matches!(child.edge.kind(), EdgeKind::AnyKey | EdgeKind::AnyAttribute)) {
                self.fold_light(node);
            }
            work.extend(self.get(node).children.iter().filter_map(Child::node));
        }
    }

    fn fold_light(&mut self, node: u32) {
        let Node { length, total, .. } = *self.get(node);
        let least = total / 64;
        for child in std::mem::take(&mut self.get_mut(node).children) {
            let bytes = child.bytes + child.node().map_or(0, |below| self.get(below).total);
            let edge = if bytes < least { child.edge.crowd() } else { child.edge };
            if edge == child.edge && !matches!(edge.kind(), EdgeKind::AnyKey | EdgeKind::AnyAttribute) {
                self.get_mut(node).children.push(child);
                continue;
            }
            match child.node() {
                Some(below) => self.add_node(node, edge, below, child.bytes),
                None => self.add_leaf(node, edge, child.kind, child.id, child.count, child.bytes, child.at),
            }
        }
        // Nothing was added.
        let place = self.get_mut(node);
        (place.length, place.total) = (length, total);
    }

    /// Moves the children of `from` to `into` with other edges, and its bytes too. `from` is gone after that.
    pub(super) fn hoist(&mut self, into: u32, from: u32, mut edge: impl FnMut(Edge) -> Edge) {
        let children = std::mem::take(&mut self.get_mut(from).children);
        self.unite(into, from);
        let Node { own, references, .. } = *self.get(from);
        self.own(into, own);
        self.get_mut(into).references += references;
        for child in children {
            let edge = edge(child.edge);
            match child.node() {
                Some(node) => self.add_node(into, edge, node, child.bytes),
                None => self.add_leaf(into, edge, child.kind, child.id, child.count, child.bytes, child.at),
            }
        }
        self.release(from);
    }
}

/// A place that is not known.
pub(super) const NOWHERE: u64 = u64::MAX;

/// Counts values that get no child of their own.
fn fold(node: &mut Node, count: u64, bytes: u64, at: u64) {
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
        // What is one of many is followed by another, a field by the next field.
        let again = matches!(
            self.children[found].edge.kind(),
            EdgeKind::Item | EdgeKind::AnyKey | EdgeKind::AnyAttribute | EdgeKind::KeyParts
        );
        let next = found + usize::from(!again);
        self.hint = if next >= self.children.len() { 0 } else { next as u32 };
    }
}
