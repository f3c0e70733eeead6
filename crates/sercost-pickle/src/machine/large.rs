//! Large leaves: each has an identity, so that it is known in the end which part it went to, wherever it was moved.

use super::Machine;
use super::entry::{Entry, Kind, NONE};
use crate::duplicates::{HERE, Value};
use crate::reader::text_at;
use std::collections::HashMap;
use std::ops::Range;

impl Machine<'_> {
    /// Pushes a leaf that is large.
    #[cold]
    pub(super) fn large_leaf(&mut self, kind: Kind, start: usize, end: usize) {
        let node = self.arena.make(kind, NONE, start as u64, (end - start) as u64);
        if let Some(text) = text_at(self.data, start as u64) {
            let begin = text.as_ptr().addr() - self.data.as_ptr().addr();
            self.note_large(node, begin..begin + text.len());
        }
        self.stack.push(Entry::node(kind, node, start as u64));
    }

    /// Remembers bytes that a node owns, to be compared with others.
    pub(super) fn note_large(&mut self, node: u32, bytes: Range<usize>) {
        if bytes.len() >= self.leaves.least() {
            let object = self.arena.object_of(node);
            self.leaves.add(bytes, object);
        }
    }

    /// The large leaves with the parts that they went to.
    pub(super) fn large_leaves(&mut self, part_of_node: &HashMap<u32, usize>) -> Vec<Value> {
        let mut leaves = Vec::new();
        for (bytes, object) in self.leaves.take() {
            let mut node = self.arena.find_node(object);
            // A folded value belongs to the part that it was folded into.
            while let Some(at) = node
                && !part_of_node.contains_key(&at)
            {
                node = self.arena.above(at);
            }
            let part = node.and_then(|node| part_of_node.get(&node)).copied().unwrap_or(0);
            leaves.push(Value { bytes, buffer: HERE, part, hash: None });
        }
        leaves
    }
}
