//! Python's pickles, read without running them, and written.
//!
//! A pickle is a program for a small stack machine. Loading one builds objects, imports modules and calls what it names.
//! This crate runs none: it reads opcodes, counts bytes and names places, and looks no class up. It answers these
//! questions.
//!
//! | question | answer |
//! | --- | --- |
//! | Which path of a pickle owns which of its bytes? | [`attribute`], and [`inspect`] for archives and compressed files |
//! | What does loading it import and call? | [`inspect`] with [`Options::calls`] |
//! | What would make it smaller? | the [`findings`](model::Attribution::findings), and [`inspect`] with [`Options::opcodes`] |
//! | What grew between two files? | [`model::Growth::between`] |
//! | Which values are in it, as long as they are plain data? | [`plain::Outline`], and its [deserializer](plain::deserializer) for serde |
//! | Which bytes would CPython write for a value? | [`write::to_vec`] for serde, [`write::Heap`] for objects that are shared |
//!
//! Any input is taken to be hostile: whatever the bytes, nothing panics, memory is bounded by the size of the input, and the
//! depth of the input is never the depth of the stack. The exception is what unpacks compressed files: its limit is
//! [`Options::most_unpacked_bytes`].
//!
//! Not for loading objects of classes. What a call would make is known by its name and its arguments, and that is all.
//!
//! ```
//! use sercost_pickle::{Options, attribute, inspect};
//!
//! // pickle.dumps({"name": [1, 2, 3]}, protocol=4), without its frame.
//! let data = b"\x80\x04}\x94\x8c\x04name\x94]\x94(K\x01K\x02K\x03es.";
//! let attribution = attribute(data, &Options::default());
//! let list = attribution.find("$[\"name\"]").expect("the path is there");
//! assert_eq!(attribution.parts[list].what, "list of 3 int");
//! assert_eq!(attribution.parts.iter().map(|part| part.own_bytes).sum::<u64>(), data.len() as u64);
//!
//! // pickle.loads(b"cos\nsystem\n(X\x02\0\0\0lstR.") would run `ls`; this does not.
//! let options = Options { calls: true, ..Options::default() };
//! let inspected = inspect("message".to_owned(), b"cos\nsystem\n(X\x02\0\0\0lstR.", &options)?;
//! let calls = inspected.calls.expect("they were asked for");
//! let refused: Vec<&str> = calls.refused().map(|name| name.name.as_str()).collect();
//! assert_eq!(refused, ["os.system"]);
//! # Ok::<(), sercost_pickle::InspectError>(())
//! ```
//!
//! # Features
//!
//! `bzip2`, `gzip`, `lz4`, `xz` and `zstd`, all on by default, unpack what was compressed so. Without them this is pure Rust,
//! and a compressed file is named for what it is and not looked into.

#![forbid(unsafe_code)]
#![deny(missing_docs, unreachable_pub)]

mod advice;
mod archive;
mod arrow;
mod batches;
mod calls;
mod contents;
mod dtypes;
mod duplicates;
mod harmless;
mod machine;
pub mod model;
pub mod opcode;
pub mod packed;
pub mod plain;
pub mod reader;
mod spans;
mod tally;
mod text;
pub mod unpack;
pub mod write;

pub use archive::{InspectError, inspect};
pub use machine::attribute;

/// The example of the page that registries show.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The amount of detail of an attribution. What is left out is folded into a part that says so, never lost.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Parts lighter than this are folded together, where there are more than eight beside each other.
    pub least_bytes: u64,
    /// The number of a part's children that are shown; the lighter ones are folded together.
    pub most_children: usize,
    /// Whether opcodes are counted too.
    pub opcodes: bool,
    /// Whether it is found out what loading imports and calls.
    pub calls: bool,
    /// The most bytes that a compressed file may become in memory.
    pub most_unpacked_bytes: u64,
    /// The advice what to do about that limit, in words that follow "it is more than 4.3 GB" in a note; or nothing.
    pub larger_limit: &'static str,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            least_bytes: 0,
            most_children: 256,
            opcodes: false,
            calls: false,
            most_unpacked_bytes: 4 << 30,
            larger_limit: "",
        }
    }
}
