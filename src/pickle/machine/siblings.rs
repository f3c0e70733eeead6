//! Values that wait side by side, more of them than are told apart: those of one shape become one entry.

use super::entry::{Entry, Hold, NONE};
use super::node::{self, Arena};
use super::{Fault, MOST_ENTRIES, Machine, WIDEST};

/// What was merged last, and the places of heavy values, which can be counted no more where others were merged.
#[derive(Debug, Default)]
pub(super) struct Merged {
    base: usize,
    end: usize,
    /// Where the first value begins: a stack that was emptied meanwhile is another one.
    first: u64,
    values: u64,
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
        self.merged.end = kept;
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

    /// Remembers which places the heavy values above `base` have: those before them were merged or are now.
    fn note_places(&mut self, base: usize) {
        let first = self.stack.get(base).map_or(0, |entry| entry.at);
        let before = self.stack.get(base..self.merged.end.max(base)).unwrap_or(&[]);
        let is_same = self.merged.base == base
            && self.merged.first == first
            && before.iter().map(Entry::values).sum::<u64>() == self.merged.values;
        let (from, mut place) = if is_same { (self.merged.end, self.merged.values) } else { (base, 0) };
        for at in from..self.stack.len() {
            let entry = self.stack[at];
            if self.is_apart(&entry) {
                self.merged.places.insert(entry.at, place);
            }
            place += entry.values();
        }
        (self.merged.base, self.merged.first, self.merged.values) = (base, first, place);
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
                // What it refers to is no place.
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
