//! Bytes that are a pickle themselves, as queues and actors send them: their parts are the parts of what is in them.

use super::entry::{Entry, Kind, NONE};
use super::memo::Memo;
use super::node::{Edge, EdgeKind};
use super::{Machine, Outer, Overhead};
use crate::opcode as op;

/// Shorter bytes are shown as they are.
const SHORTEST: usize = 32;
/// The number of pickles, one in the other, that are looked into.
const MOST_NESTED: usize = 4;

/// The state that is restored when the bytes have been read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nested {
    overhead: Overhead,
    protocol: u8,
}

impl Machine<'_> {
    /// Begins to read the bytes from `payload` to `end`, of the value that begins at `start`, if they are a pickle from
    /// the first to the last. That they are is tried before, since what was read cannot be taken back.
    pub(super) fn look_within(&mut self, kind: Kind, start: usize, payload: usize, end: usize) -> bool {
        if !self.looks_within
            || end - payload < SHORTEST
            || self.data[payload] != op::PROTO
            || !(2..=5).contains(&self.data[payload + 1])
            || self.outer.len() >= MOST_NESTED
        {
            return false;
        }
        let mut trial = Machine::new(&self.data[..end]);
        (trial.at, trial.looks_within) = (payload, false);
        if trial.pickle().is_err() || trial.at != end {
            return false;
        }
        let node = self.arena.make(kind, NONE, start as u64, (payload - start) as u64);
        self.note_large(node, payload..end);
        self.stack.push(Entry::node(kind, node, start as u64));
        let memo = std::mem::replace(&mut self.memo, Memo::new(self.most_memo));
        let nested = Nested { overhead: self.overhead, protocol: self.protocol };
        self.outer.push(Outer { stack: self.stack.len(), marks: self.marks.len(), memo, nested: Some(nested) });
        self.set_fence();
        self.at = payload;
        true
    }

    /// Where the value of an inner pickle hangs on what it stands in.
    pub(super) fn edge_of_inner(&mut self, nested: Option<Nested>) -> Edge {
        match nested {
            Some(_) => Edge::new(EdgeKind::Unpickled, 0),
            None => Edge::new(EdgeKind::Attribute, self.labels.intern_own("data")),
        }
    }

    /// Markers and headers of a pickle that is a value's are the value's.
    pub(super) fn leave_nested(&mut self, node: u32, nested: Nested) {
        let sum = |overhead: Overhead| overhead.protocol + overhead.frames + overhead.stop;
        let own = sum(self.overhead) - sum(nested.overhead);
        self.overhead = nested.overhead;
        self.protocol = nested.protocol;
        self.arena.own(node, own);
    }
}
