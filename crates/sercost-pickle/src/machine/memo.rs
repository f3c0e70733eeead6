//! The memo: eight bytes for each index that the pickle gives out in order, and a map for those out of order.

use super::entry::Kind;
use std::collections::HashMap;

/// The meaning of a memo index, in eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// Something that is not remembered, because too much was.
    Forgotten,
    /// A leaf and where it begins.
    Leaf(Kind, u64),
    /// A string that was used as a key: its label.
    Label(u32),
    /// A class or function by name: its label.
    Global(u32),
    /// A value with an identity.
    Object(u32),
}

const EMPTY: u64 = 0;
const TAG: u32 = 60;
const KIND: u32 = 52;

/// The kinds of leaves that a memo can hold, so that a slot can say which it is.
const LEAVES: [Kind; 11] = [
    Kind::Null,
    Kind::Bool,
    Kind::Int,
    Kind::Float,
    Kind::Str,
    Kind::Bytes,
    Kind::ByteArray,
    Kind::Extension,
    Kind::Persistent,
    Kind::Buffer,
    Kind::Reference,
];

impl Slot {
    pub(super) fn pack(self) -> u64 {
        match self {
            Slot::Forgotten => 1 << TAG,
            Slot::Leaf(kind, at) => {
                let kind = LEAVES.iter().position(|leaf| *leaf == kind).unwrap_or(LEAVES.len() - 1) as u64;
                2 << TAG | kind << KIND | (at & ((1 << KIND) - 1))
            }
            Slot::Label(id) => 3 << TAG | u64::from(id),
            Slot::Global(id) => 4 << TAG | u64::from(id),
            Slot::Object(id) => 5 << TAG | u64::from(id),
        }
    }

    /// The label, if it is one.
    #[inline]
    pub(super) fn label(packed: u64) -> Option<u32> {
        (packed >> TAG == 3).then_some(packed as u32)
    }

    pub(super) fn unpack(packed: u64) -> Option<Slot> {
        Some(match packed >> TAG {
            0 => return None,
            2 => {
                let kind = LEAVES[((packed >> KIND) & 0xff) as usize % LEAVES.len()];
                Slot::Leaf(kind, packed & ((1 << KIND) - 1))
            }
            3 => Slot::Label(packed as u32),
            4 => Slot::Global(packed as u32),
            5 => Slot::Object(packed as u32),
            _ => Slot::Forgotten,
        })
    }
}

/// Indices and what they stand for.
#[derive(Debug)]
pub(super) struct Memo {
    dense: Vec<u64>,
    wild: HashMap<u64, u64>,
    /// The number of different indices that were set: the index that MEMOIZE takes.
    used: u64,
    /// The most values that are remembered.
    most: usize,
    /// The first index that an earlier memo did not give out. What it gave out is not remembered.
    forgotten: u64,
}

/// How far beyond its end the dense part is extended for one index.
const GAP: u64 = 1024;
/// Up to this length the dense part doubles when it grows; then it grows by so much, or by an eighth.
const DOUBLING: usize = 1 << 17;

impl Memo {
    /// A memo that remembers at most this many entries.
    pub(super) fn new(most: usize) -> Memo {
        Memo { dense: Vec::new(), wild: HashMap::new(), used: 0, most, forgotten: 0 }
    }

    /// A memo that goes on from this one, of which it knows only how many indices it gave out.
    pub(super) fn forgotten(&self) -> Memo {
        Memo { used: self.used, forgotten: self.used, ..Memo::new(self.most) }
    }

    /// The index that MEMOIZE takes.
    pub(super) fn next(&self) -> u64 {
        self.used
    }

    /// The packed slot of an index that is a key: what is fetched most.
    #[inline]
    pub(super) fn key(&self, index: u64) -> Option<u64> {
        let packed = *self.dense.get(usize::try_from(index).ok()?)?;
        Slot::label(packed).map(|_| packed)
    }

    pub(super) fn get(&self, index: u64) -> Option<Slot> {
        let packed = match usize::try_from(index).ok().and_then(|index| self.dense.get(index)) {
            Some(&packed) if packed != EMPTY => packed,
            _ => self.wild.get(&index).copied().unwrap_or(EMPTY),
        };
        if packed == EMPTY && (index < self.forgotten || self.is_full() && index < self.used) {
            return Some(Slot::Forgotten);
        }
        Slot::unpack(packed)
    }

    /// Whether nothing new is remembered any more.
    pub(super) fn is_full(&self) -> bool {
        self.dense.len() + 8 * self.wild.len() >= self.most
    }

    /// Sets what is at the end: the common case.
    #[inline]
    pub(super) fn push(&mut self, slot: Slot) {
        let at = self.dense.len();
        if self.used == at as u64 && at < self.most && self.wild.is_empty() {
            self.reserve(1);
            self.dense.push(slot.pack());
            self.used += 1;
        } else {
            self.set(self.used, slot);
        }
    }

    /// Whether every index was given out in order, so that what was pushed can be taken back.
    pub(super) fn is_in_order(&self) -> bool {
        self.wild.is_empty() && (self.used == self.dense.len() as u64 || self.dense.len() >= self.most)
    }

    /// How far it has come, if it is in order.
    pub(super) fn mark(&self) -> (usize, u64) {
        (self.dense.len(), self.used)
    }

    /// Takes back what was pushed since the mark.
    pub(super) fn rewind(&mut self, (length, used): (usize, u64)) {
        self.dense.truncate(length);
        self.used = used;
    }

    /// Sets what is at the end, packed.
    #[inline]
    pub(super) fn push_packed(&mut self, packed: u64) {
        if self.dense.len() < self.most {
            self.reserve(1);
            self.dense.push(packed);
        }
        self.used += 1;
    }

    /// Makes room for so many more. A large memo grows by an eighth, since what doubling leaves empty would be more than
    /// all else that is kept.
    #[inline]
    fn reserve(&mut self, more: usize) {
        if self.dense.len() + more > self.dense.capacity() {
            self.enlarge(more);
        }
    }

    #[cold]
    fn enlarge(&mut self, more: usize) {
        let length = self.dense.len();
        self.dense.reserve_exact(more.max(length / 8).max(length.clamp(GAP as usize, DOUBLING)));
    }

    pub(super) fn set(&mut self, index: u64, slot: Slot) {
        let packed = slot.pack();
        let length = self.dense.len() as u64;
        if index < length {
            let place = &mut self.dense[index as usize];
            if *place == EMPTY && !self.wild.contains_key(&index) {
                self.used += 1;
            }
            *place = packed;
        } else if self.is_full() {
            // Whether it is new cannot be known; that it is, is usual.
            match self.wild.get_mut(&index) {
                Some(place) => *place = packed,
                None => self.used += 1,
            }
        } else if index <= length + GAP {
            if !self.wild.contains_key(&index) {
                self.used += 1;
            }
            self.reserve((index - length) as usize + 1);
            self.dense.resize(index as usize, EMPTY);
            self.dense.push(packed);
        } else if self.wild.insert(index, packed).is_none() {
            self.used += 1;
        }
    }

    /// Replaces what a reference was made from, if it is still there.
    pub(super) fn replace(&mut self, index: u32, from: Slot, to: Slot) {
        if let Some(place) = self.dense.get_mut(index as usize)
            && *place == from.pack()
        {
            *place = to.pack();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_survive_packing() {
        for slot in [
            Slot::Forgotten,
            Slot::Leaf(Kind::Str, 5_000_000_000),
            Slot::Leaf(Kind::Bytes, 0),
            Slot::Label(7),
            Slot::Global(u32::MAX - 1),
            Slot::Object(0),
        ] {
            assert_eq!(Slot::unpack(slot.pack()), Some(slot));
        }
        assert_eq!(Slot::unpack(EMPTY), None);
    }

    #[test]
    fn indices_out_of_order_are_found_and_counted_once() {
        let mut memo = Memo::new(100_000);
        memo.push(Slot::Label(0));
        memo.set(4_000_000_000, Slot::Label(1));
        memo.set(4_000_000_000, Slot::Label(2));
        memo.set(5, Slot::Label(3));
        assert_eq!(memo.next(), 3);
        assert_eq!(memo.get(4_000_000_000), Some(Slot::Label(2)));
        assert_eq!(memo.get(5), Some(Slot::Label(3)));
        assert_eq!(memo.get(4), None);
        memo.push(Slot::Label(4));
        assert_eq!(memo.get(3), Some(Slot::Label(4)));
    }

    #[test]
    fn a_full_memo_forgets_and_says_so() {
        let mut memo = Memo::new(10);
        for label in 0..20 {
            memo.push(Slot::Label(label));
        }
        assert_eq!(memo.next(), 20);
        assert_eq!(memo.get(9), Some(Slot::Label(9)));
        assert_eq!(memo.get(19), Some(Slot::Forgotten));
        assert_eq!(memo.get(20), None);
    }
}
