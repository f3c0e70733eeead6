//! The records that each process of a task pool leaves in a file of its own: layout, writer, reader.
//!
//! A file is a header of [`HEADER_BYTES`] and after it records of [`RECORD_BYTES`], each of one of the kinds of
//! [`KINDS`]. All numbers are little-endian. The process maps its file and writes into the mapping: what is written is in
//! the kernel's hands, whatever becomes of the process. The last word of a record is written last and is never zero, so
//! that a reader tells a record that was torn from one that is whole.
//!
//! The layout stands in [`mod@layout`] and nowhere else. Structs, their conversion from and to words, and the description
//! of the layout come from the same lines; the constants of programs in other languages and the tables of documents are
//! generated from the description, and each file holds a digest of it ([`LAYOUT`]), so that a file of another layout is
//! refused rather than misread.
//!
//! Not for a log that is kept: a file describes one process during one run, and a change of the layout makes the files
//! before it unreadable.
//!
//! ```
//! use sercost_record::{About, Get, HEADER_BYTES, Reader, Record, Writer};
//!
//! # fn main() -> std::io::Result<()> {
//! let path = std::env::temp_dir().join(format!("example-{}.records", std::process::id()));
//! let file = std::fs::File::options().read(true).write(true).create_new(true).open(&path)?;
//! let mut writer = Writer::create(file, &About { agent: "0.1.0".to_owned(), ..About::default() })?;
//! writer.write(1, Get { index: 7, bytes: 45, entered: 1_000, freed: 2_000, ..Get::default() });
//!
//! // The writer need not have ended.
//! let mut reader = Reader::new(std::fs::File::open(&path)?)?;
//! assert_eq!(reader.header().agent, "0.1.0");
//! let entry = reader.next()?.expect("a record was written");
//! assert!(matches!(entry.record, Record::Get(get) if get.index == 7 && entry.thread == 1));
//! assert!(reader.next()?.is_none());
//! # std::fs::remove_file(&path)?;
//! # Ok(())
//! # }
//! ```

#![deny(missing_docs, unreachable_pub)]
// The mapping of a file has to be: nothing else is.
#![deny(unsafe_code)]

mod describe;
pub mod layout;
mod read;
mod write;

pub use describe::{Field, Kind, Span, Type, digest};
pub use layout::*;
pub use read::{Entry, Header, Reader};
pub use write::{About, Moment, Writer};

/// Nanoseconds of CLOCK_MONOTONIC; zero stands for a stamp that was not taken.
pub type Stamp = u64;

/// The CPU time of a thread at some moments of a record; `None` where it was not read.
pub type Cpu<const N: usize> = Option<[u64; N]>;

/// Where a task belongs: its job (a call of `imap`, an executor) and its index in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The pool's job; negative for an executor.
    pub job: i64,
    /// The message in it; -1 for all.
    pub index: i64,
}

impl Key {
    /// Whether it is that of no task, such as of what tells a worker to end.
    pub fn is_none(self) -> bool {
        self.job == -1
    }
}

/// How the results of a job come to its consumer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Each by itself, as of `apply_async` and of an executor.
    #[default]
    Single,
    /// One by one, in the order of the tasks.
    Ordered,
    /// One by one, as they arrive.
    Unordered,
    /// All at once.
    Together,
}
