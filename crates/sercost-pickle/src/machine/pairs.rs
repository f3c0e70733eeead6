//! Keys and values: what a dict consists of, and the names that keys give to what is under them.

use super::entry::{Entry, Hold, Kind, NONE};
use super::memo::Slot;
use super::node::{Edge, EdgeKind};
use super::pieces::{each, is_of_any_size, is_single};
use super::{Fault, Machine, repr};
use crate::opcode as op;
use crate::reader::integer_at;

/// Pairs of a run that are looked at one by one before the rest is counted.
const NAMED_PAIRS: u64 = 16;

/// The number of values between the last mark and a row that are told apart first: more than a tuple without a mark
/// has.
const ROWS_APART: usize = 10;

impl<'a> Machine<'a> {
    /// Hangs what lies above `base`, keys and values in turn, on what lies below.
    #[inline]
    pub(super) fn set_items(&mut self, base: usize, own: u64) -> Result<(), Fault> {
        let place = self.below(base, "SETITEMS")?;
        let (node, through) = self.target(place);
        self.arena.own(node, own);
        let result = self.set_pairs(node, base, through);
        self.stack.truncate(base);
        result
    }

    /// One of many dicts in a row goes straight into the node of the one before it, where nothing can come between them:
    /// what a table of rows is full of. Whether they are in a list or in a long tuple makes no difference to their path.
    /// False if it is not so simple.
    ///
    /// TUPLE2 or TUPLE3 may still take the last rows for a tuple of their own. `took_merged` then says that the
    /// file is to be read again without this.
    #[inline]
    pub(super) fn merge_row(&mut self, base: usize) -> bool {
        if !self.merges_rows
            || base < self.fence + ROWS_APART
            || !matches!(self.data.get(self.at), Some(&op::EMPTY_DICT | &op::APPENDS))
        {
            return false;
        }
        let (above, row) = (self.stack[base - 2], self.stack[base - 1]);
        let pairs = &self.stack[base..];
        let is_plain = |pair: &[Entry]| {
            pair.len() == 2
                && pair[0].hold == Hold::Reference
                && Slot::label(pair[0].at).is_some()
                && is_single(&pair[1])
        };
        if above.kind != Kind::Dict
            || !matches!(above.hold, Hold::Node | Hold::BagNode)
            || row.kind != Kind::Dict
            || !matches!(row.hold, Hold::Single | Hold::Object)
            // A heavy row has a name of its own: where it begins is known, and so is how long it is.
            || self.arena.is_heavy_item(self.at as u64 - row.at)
            || (above.hold == Hold::Node && self.arena.is_heavy_item(self.arena.get(above.id).total))
            || !pairs.chunks(2).all(is_plain)
            || (row.hold == Hold::Object && self.arena.find_node(row.id).is_some())
        {
            return false;
        }
        // Taken out while it is read, since the tree is written.
        let stack = std::mem::take(&mut self.stack);
        for pair in stack[base..].chunks_exact(2) {
            let (key, value) = (&pair[0], &pair[1]);
            let label = Slot::label(key.at).unwrap_or(NONE);
            if !self.arena.add_again(above.id, label, value, key.bytes) {
                self.arena.add(above.id, Edge::new(EdgeKind::Key, label), value, key.bytes);
            }
        }
        self.stack = stack;
        self.arena.add_value(above.id, row.bytes + 2, (row.hold == Hold::Object).then_some(row.id));
        let before = if above.hold == Hold::BagNode { above.bytes } else { 1 };
        self.stack[base - 2] = Entry { hold: Hold::BagNode, bytes: before + 1, ..above };
        self.stack.truncate(base - 1);
        true
    }

    /// Keys from the memo, each with the number behind it if one is: what a dict of numbers is. The opcodes are guessed
    /// in turn, since a jump through the table of all of them costs more than the rest. False if there is not one key.
    #[inline]
    pub(super) fn keys_and_numbers(&mut self) -> bool {
        let start = self.at;
        let mut at = start;
        // With room for the longest, so that nothing below is cut short; the last few go the usual way.
        while let Some(&[op::BINGET, index, behind, ..]) = self.data.get(at..at + 11)
            && let Some(packed) = self.memo.key(u64::from(index))
            && self.stack.len() + 1 < self.crowded
        {
            self.stack.push(Entry {
                bytes: 2,
                at: packed,
                id: u32::from(index),
                kind: Kind::Reference,
                hold: Hold::Reference,
                op: op::BINGET,
            });
            at += 2;
            let (kind, size) = match behind {
                op::BININT => (Kind::Int, 5),
                op::BINFLOAT => (Kind::Float, 9),
                op::BININT2 => (Kind::Int, 3),
                op::BININT1 => (Kind::Int, 2),
                _ => break,
            };
            self.stack.push(Entry { bytes: size, at: at as u64, id: 1, kind, hold: Hold::Run, op: behind });
            at += size as usize;
        }
        self.at = at;
        at > start
    }

    /// Hangs keys and values on a node. All of them, even if the last has no value.
    pub(super) fn set_pairs(&mut self, node: u32, base: usize, through: bool) -> Result<(), Fault> {
        let length = self.stack.len();
        if self.stack[base..].iter().all(is_single) {
            // The keys of a dict differ: none needs to be looked for in one that is empty.
            let is_new = self.arena.get(node).children.is_empty() && !self.arena.is_crowded();
            for at in (base + 1..length).step_by(2) {
                let (key, value) = (self.stack[at - 1], self.stack[at]);
                if is_new
                    && matches!(value.hold, Hold::Single | Hold::Run)
                    && key.hold == Hold::Reference
                    && let Some(label) = Slot::label(key.at)
                    && self.arena.add_first(node, Edge::new(EdgeKind::Key, label), &value, key.bytes)
                {
                    continue;
                }
                self.pair(node, through, &key, &value);
            }
            if !(length - base).is_multiple_of(2) {
                let key = self.stack[length - 1];
                self.hang(node, through, Edge::ANY_KEY, &key, 0);
                return Err(self.fault("SETITEMS finds a key without a value"));
            }
            return Ok(());
        }
        let entries = self.stack.split_off(base);
        let values: u64 = entries.iter().map(Entry::values).sum();
        let mut key = None;
        let mut entries = entries.iter().peekable();
        while let Some(entry) = entries.next() {
            let count = entry.values();
            let is_long = count > 2 * NAMED_PAIRS && !is_of_any_size(entry.kind);
            if is_long && matches!(entry.hold, Hold::Run | Hold::Bag) && key.is_none() {
                self.long_pairs(node, through, entry, &mut key);
            } else if let (Hold::BagNode, Some(first)) = (entry.hold, key)
                && let Some(keys) = entries.next_if(|next| next.hold == Hold::Bag && next.values() + 1 == count)
            {
                // Values that were counted in a row, and behind them the keys of all but the first.
                key = None;
                self.hang(node, through, Edge::ANY_KEY, entry, first.bytes + keys.bytes);
            } else if entry.hold == Hold::BagNode {
                self.hang(node, through, Edge::ANY_KEY, entry, 0);
            } else {
                each(self.data, entry, |single| match key.take() {
                    None => key = Some(single),
                    Some(key) => self.pair(node, through, &key, &single),
                });
            }
        }
        if let Some(key) = key {
            self.hang(node, through, Edge::ANY_KEY, &key, 0);
        }
        if !values.is_multiple_of(2) {
            return Err(self.fault("SETITEMS finds a key without a value"));
        }
        Ok(())
    }

    /// Keys and values that are one run: a few are named, the others counted.
    fn long_pairs(&mut self, node: u32, through: bool, run: &Entry, key: &mut Option<Entry>) {
        let count = run.values();
        let size = if run.hold == Hold::Run { run.bytes / count } else { 0 };
        let named = if run.hold == Hold::Run { NAMED_PAIRS } else { 0 };
        let single =
            |index: u64| Entry { id: NONE, bytes: size, at: run.at + index * size, hold: Hold::Single, ..*run };
        for pair in 0..named {
            self.pair(node, through, &single(2 * pair), &single(2 * pair + 1));
        }
        let pairs = count / 2 - named;
        let odd = count % 2;
        let bytes = run.bytes - (2 * named + odd) * size;
        self.arena.add_leaf(node, Edge::ANY_KEY, run.kind, NONE, pairs, bytes, run.at + 2 * named * size);
        if odd == 1 {
            *key = Some(single(count - 1));
        }
    }

    /// Hangs a value under its key.
    #[inline]
    pub(super) fn pair(&mut self, node: u32, through: bool, key: &Entry, value: &Entry) {
        if matches!(key.hold, Hold::Node | Hold::Object | Hold::BagNode) {
            let edge = self.edge_of_parts(node, key, value);
            self.hang(node, through, Edge::KEY_PARTS, key, 0);
            self.hang(node, through, edge, value, 0);
            return;
        }
        let edge = match Slot::unpack(key.at) {
            Some(Slot::Label(label)) if key.hold == Hold::Reference => Edge::new(EdgeKind::Key, label),
            _ => self.key_edge(node, key, value),
        };
        self.hang(node, through, edge, value, key.bytes);
    }

    /// The name that a key with parts gives, or a long string, which has a place of its own too.
    #[cold]
    fn edge_of_parts(&mut self, node: u32, key: &Entry, value: &Entry) -> Edge {
        let bytes = self.weight(key) + self.weight(value);
        if let Some(text) = self.text_of(key) {
            return self
                .name(node, EdgeKind::Key, text, bytes)
                .map_or(Edge::ANY_KEY, |label| Edge::new(EdgeKind::Key, label));
        }
        self.key_with_parts(node, key, bytes)
    }

    /// The name that a key gives to what is under it.
    fn key_edge(&mut self, node: u32, key: &Entry, value: &Entry) -> Edge {
        let below = if value.hold == Hold::Node { self.arena.get(value.id).total } else { 0 };
        let bytes = key.bytes + value.bytes + below;
        if let Some(text) = self.text_of(key) {
            if let Some(text) = self.escaped_key(key, text) {
                let is_heavy = self.arena.is_heavy(bytes);
                let is_admitted = self.arena.admits(node, Edge::new(EdgeKind::Key, 0), bytes);
                let label = is_admitted.then(|| self.labels.intern_made(&text, is_heavy)).flatten();
                return label.map_or(Edge::ANY_KEY, |label| Edge::new(EdgeKind::Key, label));
            }
            return match self.name(node, EdgeKind::Key, text, bytes) {
                Some(label) => {
                    if key.hold == Hold::Reference
                        && let Some(slot @ Slot::Leaf(..)) = Slot::unpack(key.at)
                    {
                        self.memo.replace(key.id, slot, Slot::Label(label));
                    }
                    Edge::new(EdgeKind::Key, label)
                }
                None => Edge::ANY_KEY,
            };
        }
        match key.hold {
            Hold::Single | Hold::Run => {}
            Hold::Reference => return self.key_with_parts(node, key, bytes),
            _ => return Edge::ANY_KEY,
        }
        match key.kind {
            Kind::Int => match integer_at(self.data, key.at).and_then(|value| i32::try_from(value).ok()) {
                Some(value) => Edge::new(EdgeKind::KeyInt, value.cast_unsigned()),
                // Numbers are rarely names.
                None if !self.arena.admits(node, Edge::new(EdgeKind::KeyInt, 0), bytes) => Edge::ANY_KEY,
                None => self.made_key(repr::integer(self.data, key.at), bytes),
            },
            _ if !self.arena.admits(node, Edge::new(EdgeKind::KeyText, 0), bytes) => Edge::ANY_KEY,
            Kind::Global => Edge::new(EdgeKind::KeyText, key.id),
            _ => {
                let text = self.key_text(key);
                self.made_key(text, bytes)
            }
        }
    }

    /// The label of a name on a node, if the name is known or may become it.
    fn name(&mut self, node: u32, kind: EdgeKind, text: &'a [u8], bytes: u64) -> Option<u32> {
        if let Some(label) = self.labels.find(text) {
            return Some(label);
        }
        if !self.arena.admits(node, Edge::new(kind, 0), bytes) {
            return None;
        }
        self.labels.intern(text, self.arena.is_heavy(bytes))
    }
}
