//! Python's pickles: their opcodes, and which path of one owns which of its bytes.
//!
//! A pickle is a program for a small stack machine. Running it builds objects, imports modules and calls what it names,
//! so nothing here runs one: bytes are read, counted and named, and no class is ever looked up. Everything that reads
//! takes its input for hostile, and no depth of input is a depth of our own stack.

pub mod opcode;
pub mod plain;
pub mod write;
