//! sercost measures what it costs to move data to where the work is.
//!
//! [`Study`] measures from Rust what the program measures from the command line, and [`main`] makes a program of it:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     sercost::main(|study| study.payload("records:1k").formats(["json", "postcard"]).rounds(20))
//! }
//! ```
//!
//! The modules are what the program is made of; `docs/` has the guide.
//!
//! Every codec, compressor and reader of documents is a feature of the crate, and so are the program (`cli`), rows of
//! Python (`python`), pools (`tasks`) and tables of results (`report`). All are on by default.

#![cfg_attr(docsrs, feature(doc_cfg))]
// The helpers of codecs and readers that are left out. A build with everything has no dead code.
#![cfg_attr(not(feature = "default"), allow(dead_code))]

// The rooms are left out as well, so that this sentence is the only error.
#[cfg(not(unix))]
compile_error!(
    "sercost measures with Unix processes, sockets and shared memory: it builds for Linux and macOS, and not for this target"
);

#[cfg(unix)]
pub mod analysis;
#[cfg(all(unix, feature = "cli"))]
pub mod args;
#[cfg(unix)]
mod bench;
#[cfg(unix)]
pub mod clock;
#[cfg(unix)]
pub mod codec;
#[cfg(all(unix, feature = "cli"))]
pub mod command;
#[cfg(all(unix, feature = "tasks"))]
pub mod engine;
#[cfg(unix)]
pub mod host;
#[cfg(all(unix, feature = "tasks"))]
pub mod ledger;
#[cfg(unix)]
pub mod measure;
#[cfg(unix)]
pub mod model;
#[cfg(unix)]
pub mod payload;
#[cfg(all(unix, feature = "python"))]
pub mod python;
#[cfg(all(unix, feature = "report"))]
pub mod report;
#[cfg(unix)]
pub mod stats;
#[cfg(unix)]
pub mod store;
#[cfg(unix)]
pub mod transport;
#[cfg(all(unix, feature = "cli"))]
pub mod ui;

#[cfg(all(unix, feature = "report"))]
pub use bench::main;
#[cfg(unix)]
pub use bench::{Error, Row, Run, Study, answer};
#[cfg(unix)]
pub use clock::CountingAllocator;
