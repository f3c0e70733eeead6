//! sercost measures what it costs to move data to where the work is.
//!
//! [`Study`] measures from Rust what the program measures from the command line: built-in shapes, files, and values of
//! your own types. [`main`] makes a program of it, such as a bench with `harness = false`:
//!
//! ```no_run
//! #[derive(PartialEq, serde::Serialize, serde::Deserialize)]
//! struct Order {
//!     id: u64,
//!     items: Vec<String>,
//! }
//!
//! fn main() -> sercost::Outcome {
//!     let orders: Vec<Order> = (0..1000).map(|id| Order { id, items: vec!["tea".into(); 3] }).collect();
//!     sercost::main(|study| study.value("orders", &orders).messages("order by order", &orders))
//! }
//! ```
//!
//! `docs/` has the guide to the program, and `docs/ARCHITECTURE.md` what it is made of.
//!
//! Every codec, compressor and reader of documents is a feature of the crate, and so are the program (`cli`), rows of
//! Python (`python`), pools (`tasks`) and tables of results (`report`). All are on by default.

#![cfg_attr(docsrs, feature(doc_cfg))]
// The helpers of codecs and readers that are left out. A build with everything has no dead code.
#![cfg_attr(not(feature = "default"), allow(dead_code))]
// A room hands out what other rooms may use: that is `pub` in it, and reaches no further than the crate.
#![cfg_attr(not(feature = "internals"), allow(unreachable_pub))]
// Of these names, some are for the tests alone.
#![cfg_attr(not(feature = "internals"), allow(unused_imports))]

// The rooms are left out as well, so that this sentence is the only error.
#[cfg(not(unix))]
compile_error!(
    "sercost measures with Unix processes, sockets and shared memory: it builds for Linux and macOS, and not for this target"
);

// The rooms of the program are no part of the library: its own tests and benches alone see them.
#[cfg(all(unix, feature = "internals"))]
pub mod analysis;
#[cfg(all(unix, not(feature = "internals")))]
mod analysis;
#[cfg(all(unix, feature = "cli", feature = "internals"))]
pub mod args;
#[cfg(all(unix, feature = "cli", not(feature = "internals")))]
mod args;
#[cfg(unix)]
mod bench;
#[cfg(all(unix, feature = "internals"))]
pub mod clock;
#[cfg(all(unix, not(feature = "internals")))]
mod clock;
#[cfg(all(unix, feature = "internals"))]
pub mod codec;
#[cfg(all(unix, not(feature = "internals")))]
mod codec;
#[cfg(all(unix, feature = "cli", feature = "internals"))]
pub mod command;
#[cfg(all(unix, feature = "cli", not(feature = "internals")))]
mod command;
#[cfg(all(unix, feature = "internals"))]
pub mod derived;
#[cfg(all(unix, not(feature = "internals")))]
mod derived;
#[cfg(all(unix, feature = "tasks", feature = "internals"))]
pub mod engine;
#[cfg(all(unix, feature = "tasks", not(feature = "internals")))]
mod engine;
#[cfg(all(unix, feature = "internals"))]
pub mod host;
#[cfg(all(unix, not(feature = "internals")))]
mod host;
#[cfg(all(unix, feature = "tasks", feature = "internals"))]
pub mod ledger;
#[cfg(all(unix, feature = "tasks", not(feature = "internals")))]
mod ledger;
#[cfg(all(unix, feature = "internals"))]
pub mod measure;
#[cfg(all(unix, not(feature = "internals")))]
mod measure;
#[cfg(all(unix, feature = "internals"))]
pub mod model;
#[cfg(all(unix, not(feature = "internals")))]
mod model;
#[cfg(all(unix, feature = "internals"))]
pub mod payload;
#[cfg(all(unix, not(feature = "internals")))]
mod payload;
#[cfg(all(unix, feature = "python", feature = "internals"))]
pub mod python;
#[cfg(all(unix, feature = "python", not(feature = "internals")))]
mod python;
#[cfg(all(unix, feature = "report", feature = "internals"))]
pub mod report;
#[cfg(all(unix, feature = "report", not(feature = "internals")))]
mod report;
#[cfg(all(unix, feature = "internals"))]
pub mod stats;
#[cfg(all(unix, not(feature = "internals")))]
mod stats;
#[cfg(all(unix, feature = "internals"))]
pub mod store;
#[cfg(all(unix, not(feature = "internals")))]
mod store;
#[cfg(all(unix, feature = "internals"))]
pub mod transport;
#[cfg(all(unix, not(feature = "internals")))]
mod transport;
#[cfg(all(unix, feature = "cli", feature = "internals"))]
pub mod ui;
#[cfg(all(unix, feature = "cli", not(feature = "internals")))]
mod ui;

#[cfg(all(unix, feature = "report", not(any(feature = "cli", feature = "generated"))))]
pub use bench::main;
// For the programs that are generated for a payload's types: no promise is made of them either.
#[cfg(unix)]
pub use bench::{Codec, CodecError, Outcome};
#[cfg(unix)]
#[doc(hidden)]
pub use bench::{Derived, derived};
#[cfg(all(unix, not(feature = "generated")))]
pub use bench::{Error, Row, Run, Study, answer};
#[cfg(unix)]
pub use clock::CountingAllocator;
#[cfg(all(unix, feature = "cli"))]
pub use command::main;
#[cfg(all(unix, feature = "cli"))]
#[doc(hidden)]
pub use command::program;
