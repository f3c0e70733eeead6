//! A pickle that breaks off: what was read is shown as if all that is open were closed.

use super::Machine;
use super::entry::{Entry, Hold, Kind, NONE};
use super::node::{Edge, EdgeKind};
use super::pieces::is_single;

impl Machine<'_> {
    /// Hangs what waits on the stack on the file, each value on what it was meant for as far as that can be told.
    pub(super) fn close(&mut self) {
        while let Some(outer) = self.outer.pop() {
            self.memo = outer.memo;
        }
        // From the top down, so that no value is touched twice.
        while let Some(mark) = self.marks.pop() {
            self.set_fence();
            self.close_above((mark as usize).min(self.stack.len()));
        }
        self.fence = 0;
        self.close_chain(0);
        if let Some(value) = self.stack.pop() {
            self.arena.add(self.file, Edge::new(EdgeKind::Pickle, self.pickles as u32), &value, 0);
        }
        self.flush_orphans();
    }

    /// Moves the entries above a mark to the container below it, or makes a tuple of them. The mark's byte goes with
    /// it.
    fn close_above(&mut self, base: usize) {
        self.close_chain(base);
        if base > self.fence && is_container(&self.stack[base - 1]) {
            let (node, through) = self.target(base - 1);
            self.arena.own(node, 1);
            if self.arena.get(node).kind == Kind::Dict {
                // A key that has no value yet is not a fault here.
                let _ = self.set_pairs(node, base, through);
            } else {
                for at in base..self.stack.len() {
                    let entry = self.stack[at];
                    self.hang_item(node, through, &entry);
                }
            }
            self.stack.truncate(base);
        } else {
            let at = self.start_of(base);
            let node = self.arena.make(Kind::Tuple, NONE, at, 1);
            self.take_into(node, base, |_| Edge::ITEM);
            self.stack.push(Entry::node(Kind::Tuple, node, at));
        }
    }

    /// Without a mark between them, values are meant for the last open container below them. Open are those that nothing
    /// was hung on yet, and the lowest of all.
    fn close_chain(&mut self, base: usize) {
        let is_open = |entry: &Entry| is_container(entry) && !matches!(entry.hold, Hold::Node | Hold::BagNode);
        let mut open: Vec<usize> = (base..self.stack.len()).filter(|&at| is_open(&self.stack[at])).collect();
        if base == 0 && !self.stack.is_empty() && open.first() != Some(&0) {
            open.insert(0, 0);
        }
        while let Some(place) = open.pop() {
            let above = self.stack.len() - place - 1;
            if above == 0 {
                continue;
            }
            let (node, through) = self.target(place);
            let is_pair = self.arena.get(node).kind == Kind::Dict
                && above == 2
                && is_single(&self.stack[place + 1])
                && is_single(&self.stack[place + 2]);
            if is_pair {
                let (key, value) = (self.stack[place + 1], self.stack[place + 2]);
                self.pair(node, through, &key, &value);
            } else {
                for at in place + 1..self.stack.len() {
                    let entry = self.stack[at];
                    self.hang_item(node, through, &entry);
                }
            }
            self.stack.truncate(place + 1);
        }
    }
}

fn is_container(entry: &Entry) -> bool {
    entry.kind.has_parts() && entry.kind != Kind::Tuple
}
