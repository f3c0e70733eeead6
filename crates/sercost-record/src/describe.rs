//! The layout as data: what generated constants, tables and digests are made of.

/// The type of a word of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A stamp of CLOCK_MONOTONIC in nanoseconds; zero where none was taken.
    Stamp,
    /// A stamp that is written when it happens, after the rest of the record; zero until then.
    Later,
    /// Nanoseconds of CLOCK_THREAD_CPUTIME_ID of the thread that writes the record; zero where it was not read.
    Cpu,
    /// A count of bytes; a record where it is negative is broken.
    Bytes,
    /// A number.
    Number,
    /// 1 for yes.
    Flag,
    /// An [`Order`](crate::Order): 1 ordered, 2 unordered, 3 together, else single.
    Order,
    /// Stamps in this word and all after it, written one by one.
    Stamps,
}

impl Type {
    /// The name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Type::Stamp => "stamp",
            Type::Later => "stamp, written later",
            Type::Cpu => "CPU time",
            Type::Bytes => "bytes",
            Type::Number => "number",
            Type::Flag => "flag",
            Type::Order => "order",
            Type::Stamps => "stamps",
        }
    }
}

/// A word of a record that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Which word, from 1 on.
    pub word: usize,
    /// The name, in Rust, in Python and in the document.
    pub name: &'static str,
    /// The type of its value.
    pub holds: Type,
    /// The meaning in a few words.
    pub what: &'static str,
}

/// A kind of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The low byte of word 0.
    pub number: i64,
    /// The name, as Rust has it.
    pub name: &'static str,
    /// The meaning in a sentence.
    pub what: &'static str,
    /// Its words, in order.
    pub fields: &'static [Field],
}

/// A part of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Bytes before it.
    pub offset: usize,
    /// Bytes of it.
    pub bytes: usize,
    /// The name.
    pub name: &'static str,
    /// The meaning in a few words.
    pub what: &'static str,
}

/// A number that another layout does not have, by all chance: over the names, places and types of everything, and not
/// over what is said about it. It is not negative as a signed number.
pub const fn digest(header: &[Span], kinds: &[Kind]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut at = 0;
    while at < header.len() {
        hash = number(text(hash, header[at].name), header[at].offset);
        hash = number(hash, header[at].bytes);
        at += 1;
    }
    at = 0;
    while at < kinds.len() {
        hash = number(text(hash, kinds[at].name), kinds[at].number as usize);
        let mut field = 0;
        while field < kinds[at].fields.len() {
            let own = &kinds[at].fields[field];
            hash = number(text(text(hash, own.name), own.holds.name()), own.word);
            field += 1;
        }
        at += 1;
    }
    hash & (u64::MAX >> 1)
}

/// FNV-1a over the bytes of a name and its end.
const fn text(mut hash: u64, text: &str) -> u64 {
    let mut at = 0;
    while at < text.len() {
        hash = byte(hash, text.as_bytes()[at]);
        at += 1;
    }
    byte(hash, 0xff)
}

const fn number(mut hash: u64, number: usize) -> u64 {
    let mut at = 0;
    while at < 8 {
        hash = byte(hash, (number as u64).to_le_bytes()[at]);
        at += 1;
    }
    hash
}

const fn byte(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3)
}
