//! Which values are the same object: what a serializer remembers of what it wrote.

use super::MemoId;
use std::str::FromStr;
use xxhash_rust::xxh3::xxh3_64;

/// Which values of a payload are one Python object.
///
/// A pickler writes an object once and refers to it from then on, and goes by identity, not by equality. Values in Rust
/// have no identity, so it must be assumed. In any case the empty string, the empty bytes and strings of one character
/// below U+0100 are one object each, since CPython keeps one of each. (It keeps one of each single byte, too, but from
/// protocol 3 on not when it unpickles them: here they are objects of their own.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Identity {
    /// Equal keys of records and maps are one object; other strings, equal or not, are one each. So it is in a program
    /// that builds its dicts from literals, and in what `json.loads` returns.
    #[default]
    Keys,
    /// No two strings are one object: keys that were read from somewhere row by row, each a new string.
    None,
    /// Equal strings are one object, and so are equal bytes: what went through `sys.intern`.
    Equal,
}

impl Identity {
    /// Each with its name.
    pub const ALL: [(Identity, &'static str); 3] =
        [(Identity::Keys, "keys"), (Identity::None, "none"), (Identity::Equal, "equal")];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Identity::Keys => "keys",
            Identity::None => "none",
            Identity::Equal => "equal",
        }
    }
}

impl FromStr for Identity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Identity::ALL.iter().find(|(_, name)| *name == text);
        found.map(|&(identity, _)| identity).ok_or_else(|| {
            format!("unknown identity {text:?}: keys (equal keys are one object), none, or equal (equal strings are)")
        })
    }
}

/// The memo of a serializer: from what was written to its index.
#[derive(Debug, Default)]
pub(super) struct Memo {
    /// Static names by their address, so that the fields of a million records need not be hashed.
    names: Option<Box<[NameSlot; NAME_SLOTS]>>,
    /// The strings that may be shared: keys, or all.
    pub texts: Table,
    /// Bytes, where equal ones are shared.
    pub byte_strings: Table,
    /// Strings of one character below U+0100, the empty string, and the empty bytes.
    cached: Option<Box<[MemoId; CACHED]>>,
    /// The function `_codecs.encode`, and the string `latin1`, by which bytes are written below protocol 3; `bytes`, by
    /// which empty ones are.
    pub codecs_encode: Option<MemoId>,
    pub latin1: Option<MemoId>,
    pub bytes_class: Option<MemoId>,
}

/// A power of two; more names than this in one payload are found by their text.
const NAME_SLOTS: usize = 128;

/// Where a static name lies, its length, and its index.
#[derive(Clone, Copy, Debug)]
struct NameSlot {
    address: usize,
    length: usize,
    id: MemoId,
}

/// Latin-1, and the two empty ones.
const CACHED: usize = 258;
/// Not in the memo.
const ABSENT: MemoId = MemoId::MAX;

/// An object that CPython keeps one of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cached(usize);

impl Cached {
    pub(super) const EMPTY_BYTES: Cached = Cached(257);

    /// The cached string that `text` is.
    #[inline]
    pub(super) fn text(text: &str) -> Option<Cached> {
        match text.as_bytes() {
            [] => Some(Cached(256)),
            [byte @ 0..0x80] => Some(Cached(usize::from(*byte))),
            // The two lead bytes of U+0080 to U+00FF.
            [lead @ (0xc2 | 0xc3), next] => Some(Cached(usize::from(lead & 3) << 6 | usize::from(next & 0x3f))),
            _ => None,
        }
    }
}

impl Memo {
    pub(super) fn cached(&self, object: Cached) -> Option<MemoId> {
        self.cached.as_ref().map(|ids| ids[object.0]).filter(|&id| id != ABSENT)
    }

    pub(super) fn set_cached(&mut self, object: Cached, id: MemoId) {
        self.cached.get_or_insert_with(|| Box::new([ABSENT; CACHED]))[object.0] = id;
    }

    /// The index of a name that was written from this very address.
    #[inline]
    pub(super) fn name(&self, name: &'static str) -> Option<MemoId> {
        let slot = &self.names.as_ref()?[NameSlot::place(name)];
        (slot.address == name.as_ptr() as usize && slot.length == name.len()).then_some(slot.id)
    }

    pub(super) fn set_name(&mut self, name: &'static str, id: MemoId) {
        let empty = NameSlot { address: 0, length: 0, id: ABSENT };
        let names = self.names.get_or_insert_with(|| Box::new([empty; NAME_SLOTS]));
        names[NameSlot::place(name)] = NameSlot { address: name.as_ptr() as usize, length: name.len(), id };
    }
}

impl NameSlot {
    #[inline]
    fn place(name: &'static str) -> usize {
        // Fibonacci hashing: the top bits of the product depend on all of the address.
        let mixed = (name.as_ptr() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> (64 - NAME_SLOTS.trailing_zeros())) as usize
    }
}

/// From strings to indices in the memo: open addressing, the strings themselves in the slots or one after the other in
/// one vector.
///
/// Not a `HashMap<String, _>`: that has an allocation for each key, which would be most of the time for a map of a
/// million keys. Most keys are words, so that strings of up to 16 bytes are hashed and compared as two registers.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Vec<Slot>,
    used: usize,
    content: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    digest: Digest,
    /// Where a string over 16 bytes begins.
    start: usize,
    /// [`ABSENT`] in a free slot.
    id: MemoId,
}

/// All of a string of up to 16 bytes; the hash of a longer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Digest {
    words: [u64; 2],
    length: usize,
}

impl Digest {
    #[inline]
    fn new(text: &[u8]) -> Digest {
        let length = text.len();
        let words = match text {
            // The first and the last bytes, which overlap; with the length they are the string.
            &[a, b, c, d, e, f, g, h, ..] if length <= 16 => {
                let first = [a, b, c, d, e, f, g, h];
                let last = text.last_chunk().copied().unwrap_or(first);
                [u64::from_le_bytes(first), u64::from_le_bytes(last)]
            }
            &[a, b, c, d, ..] if length <= 16 => {
                let first = [a, b, c, d];
                let last = text.last_chunk().copied().unwrap_or(first);
                [u64::from(u32::from_le_bytes(first)), u64::from(u32::from_le_bytes(last))]
            }
            [] => [0, 0],
            [first, middle @ .., last] if length <= 3 => {
                let middle = middle.first().copied().unwrap_or(0);
                [u64::from_le_bytes([*first, middle, *last, 0, 0, 0, 0, 0]), 0]
            }
            _ => [xxh3_64(text), 0],
        };
        Digest { words, length }
    }

    #[inline]
    fn hash(self) -> usize {
        let [a, b] = self.words;
        // The address at which the program was loaded serves as a random number here: keys that collide cannot be
        // prepared.
        let seed = &raw const SEED as u64;
        let product = u128::from(a ^ seed) * u128::from(b.rotate_left(32) ^ 0x9E37_79B9_7F4A_7C15 ^ self.length as u64);
        let folded = (product as u64 ^ (product >> 64) as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        (folded >> 32) as usize ^ folded as usize
    }
}

static SEED: u8 = 0;

/// The result of a search for a string: its index, or where it would go.
pub(super) enum Found {
    Present(MemoId),
    Vacant(Vacancy),
}

/// Where a string that is not in the table would go.
pub(super) struct Vacancy {
    digest: Digest,
    place: usize,
}

impl Table {
    #[inline]
    pub(super) fn find(&mut self, text: &[u8]) -> Found {
        // At most half full, so that a free slot ends every search soon.
        if self.used * 2 >= self.slots.len() {
            self.grow();
        }
        let digest = Digest::new(text);
        let mask = self.slots.len() - 1;
        let mut place = digest.hash() & mask;
        loop {
            let slot = &self.slots[place];
            if slot.id == ABSENT {
                return Found::Vacant(Vacancy { digest, place });
            }
            let is_same = || text.len() <= 16 || self.content[slot.start..][..text.len()] == *text;
            if slot.digest == digest && is_same() {
                return Found::Present(slot.id);
            }
            place = (place + 1) & mask;
        }
    }

    /// Takes a string that [`Table::find`] did not find, before anything else is put into the table.
    pub(super) fn insert(&mut self, vacancy: Vacancy, text: &[u8], id: MemoId) {
        // The last index stands for all objects that cannot be referred to, and for free slots.
        if id == ABSENT {
            return;
        }
        self.slots[vacancy.place] = Slot { digest: vacancy.digest, start: self.content.len(), id };
        if text.len() > 16 {
            self.content.extend_from_slice(text);
        }
        self.used += 1;
    }

    #[cold]
    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(32);
        let free = Slot { digest: Digest::new(b""), start: 0, id: ABSENT };
        let old = std::mem::replace(&mut self.slots, vec![free; size]);
        for slot in old.into_iter().filter(|slot| slot.id != ABSENT) {
            let mut place = slot.digest.hash() & (size - 1);
            while self.slots[place].id != ABSENT {
                place = (place + 1) & (size - 1);
            }
            self.slots[place] = slot;
        }
    }
}
