//! Values that wait side by side, more of them than are told apart: those of one shape become one entry.

use super::entry::{Entry, Hold, NONE};
use super::node::{self, Arena};
use super::{Fault, MOST_ENTRIES, Machine, WIDEST};

/// The places of heavy values, which can be counted no more where others were merged into what is before them.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// Up to where the stack above which mark was looked at, and the last entry there.
    base: usize,
    end: usize,
    last: (u64, u32),
    /// By where the value begins: its place. Never more than there are heavy values in a file.
    places: std::collections::HashMap<u64, u64>,
}

impl Merged {
    /// The place of a value that was on the stack when others were merged.
    pub(super) fn place_of(&self, entry: &Entry) -> Option<u64> {
        if self.places.is_empty() { None } else { self.places.get(&entry.at).copied() }
    }
}

impl Machine<'_> {
    /// Too many values lie between a mark and the top of the stack: those of one shape become one entry.
    #[cold]
    pub(super) fn merge_siblings(&mut self) -> Result<(), Fault> {
        let forced = self.stack.len() >= MOST_ENTRIES;
        let base = self.fence;
        let mut kept = base;
        self.note_places(base);
        for at in base..self.stack.len() {
            let entry = self.stack[at];
            if !self.merge_sibling(base, kept, entry, forced) {
                self.stack[kept] = entry;
                kept += 1;
            }
        }
        self.stack.truncate(kept);
        self.noted(base);
        if self.stack.len() >= MOST_ENTRIES - 1 {
            return Err(self.fault(format!("more than {MOST_ENTRIES} values wait on the stack")));
        }
        // Twice what is left, so that what cannot be merged is not looked at again and again.
        self.crowded = if self.marks.is_empty() {
            MOST_ENTRIES
        } else {
            (self.stack.len() + kept - base + WIDEST).min(MOST_ENTRIES)
        };
        Ok(())
    }

    /// Remembers which places the heavy values above `base` have, before any of those behind them are merged into what is
    /// before them. Each value is looked at once, as long as the stack only grows.
    pub(super) fn note_places(&mut self, base: usize) {
        let last = |stack: &[Entry], end: usize| end.checked_sub(1).and_then(|last| stack.get(last)).copied();
        let identity = |entry: Option<Entry>| entry.map_or((0, 0), |entry| (entry.at, entry.id));
        let is_same = self.merged.base == base
            && self.merged.end >= base
            && self.merged.end <= self.stack.len()
            && self.merged.last == identity(last(&self.stack, self.merged.end));
        for at in if is_same { self.merged.end } else { base }..self.stack.len() {
            let entry = self.stack[at];
            if self.is_apart(&entry) && !self.merged.places.contains_key(&entry.at) {
                let place = self.stack[base..at].iter().map(Entry::values).sum();
                self.merged.places.insert(entry.at, place);
            }
        }
        self.noted(base);
    }

    /// All that is on the stack above `base` was looked at.
    fn noted(&mut self, base: usize) {
        let last = self.stack.last().map_or((0, 0), |entry| (entry.at, entry.id));
        (self.merged.base, self.merged.end, self.merged.last) = (base, self.stack.len(), last);
    }

    /// Whether a value is heavy enough to keep its place.
    fn is_apart(&self, entry: &Entry) -> bool {
        matches!(entry.hold, Hold::Node | Hold::Single) && self.arena.is_heavy_item(self.weight(entry))
    }

    /// Merges an entry into one of its shape between `base` and `end`, if there is one.
    fn merge_sibling(&mut self, base: usize, end: usize, entry: Entry, forced: bool) -> bool {
        let is_open = entry.hold == Hold::Object || (entry.hold == Hold::Single && entry.kind.has_parts());
        if (is_open && !forced) || self.is_apart(&entry) {
            return false;
        }
        let class = |arena: &Arena, entry: &Entry| match entry.hold {
            Hold::Node | Hold::BagNode => arena.get(entry.id).class,
            _ => NONE,
        };
        let is_node = |entry: &Entry| matches!(entry.hold, Hold::Node | Hold::BagNode | Hold::Object);
        // A few shapes are usual; more than this many are kept as they are.
        for at in base..end.min(base + 64) {
            let other = self.stack[at];
            if other.kind != entry.kind
                || self.is_apart(&other)
                || is_node(&other) != is_node(&entry)
                || class(&self.arena, &other) != class(&self.arena, &entry)
            {
                continue;
            }
            if is_node(&entry) {
                let (into, count) = self.bag(&other);
                let (from, more) = self.bag(&entry);
                self.arena.merge_roots(into, from);
                self.stack[at] =
                    Entry { bytes: count + more, hold: Hold::BagNode, ..Entry::node(entry.kind, into, other.at) };
                return true;
            }
            // A bag of references is one of values that cannot be told apart; so is one of names.
            let Ok(sum) = u32::try_from(other.values() + entry.values()) else { continue };
            let place = &mut self.stack[at];
            if other.hold == Hold::Reference {
                // It refers to several values, so it has no place.
                place.at = node::NOWHERE;
            }
            place.bytes += entry.bytes;
            place.id = sum;
            place.hold = Hold::Bag;
            return true;
        }
        false
    }

    /// The node of an entry that has one, and how many values of the stack it stands for.
    fn bag(&mut self, entry: &Entry) -> (u32, u64) {
        match entry.hold {
            Hold::BagNode => (entry.id, entry.bytes),
            Hold::Object => {
                let node = self.arena.node_of_object(entry.id, entry.kind, entry.at);
                self.arena.own(node, entry.bytes);
                (node, 1)
            }
            _ => (entry.id, 1),
        }
    }
}
