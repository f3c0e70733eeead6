//! Python's pickles: their opcodes, and which path of one owns which of its bytes.
//!
//! A pickle is a program for a small stack machine. Running it builds objects, imports modules and calls what it names,
//! so nothing here runs one: bytes are read, counted and named, and no class is ever looked up. Everything that reads
//! takes its input for hostile, and no depth of input is a depth of our own stack.

mod advice;
mod archive;
mod arrow;
mod batches;
mod calls;
mod contents;
mod duplicates;
mod harmless;
mod machine;
pub mod opcode;
pub mod plain;
mod spans;
mod tally;
pub mod write;

use crate::model::Fault;
pub use archive::{InspectError, inspect};
pub use machine::attribute;
pub use tally::tally;

/// How much detail an attribution has. What is left out is folded into a part that says so, never lost.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Parts lighter than this are folded together, where there are several beside each other.
    pub least_bytes: u64,
    /// Of a part's children, so many are shown and the lighter ones folded together.
    pub most_children: usize,
    /// Whether opcodes are counted too.
    pub opcodes: bool,
    /// Whether it is found out what loading imports and calls.
    pub calls: bool,
    /// What a compressed file may become in memory.
    pub most_unpacked_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options { least_bytes: 0, most_children: 256, opcodes: false, calls: false, most_unpacked_bytes: 4 << 30 }
    }
}
