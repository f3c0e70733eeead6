//! The tree cut and put together anew: what is too deep or too light is folded, states become attributes, rings turn.

use super::edge::Edge;
use super::entry::{Kind, NONE};
use super::node::{Arena, Child, MOST_LEVELS, NOWHERE, Node, ORPHAN, fold};

impl Arena {
    /// Takes a node and all below it away; what referred to them refers to `into`. Returns their bytes.
    pub(super) fn collapse(&mut self, into: u32, node: u32) -> u64 {
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
    pub(super) fn prune(&mut self, top: u32) {
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
