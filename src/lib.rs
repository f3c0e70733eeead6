//! sercost measures what it costs to move data to where the work is.
//!
//! The library behind the command-line program: see the modules for what each holds. `docs/` has the guide.
//!
//! Every codec, compressor and reader of documents is a feature of the crate, and so are the program (`cli`), rows of
//! Python (`python`), pools (`tasks`) and tables of results (`report`). All are on by default.

#![cfg_attr(docsrs, feature(doc_cfg))]
// The helpers of codecs and readers that are left out. A build with everything has no dead code.
#![cfg_attr(not(feature = "default"), allow(dead_code))]

#[cfg(feature = "cli")]
pub mod args;
pub mod clock;
pub mod codec;
#[cfg(feature = "cli")]
pub mod command;
#[cfg(feature = "tasks")]
pub mod engine;
pub mod host;
#[cfg(feature = "tasks")]
pub mod ledger;
pub mod measure;
pub mod model;
pub mod payload;
#[cfg(feature = "pickle")]
pub mod pickle;
#[cfg(feature = "python")]
pub mod python;
#[cfg(feature = "report")]
pub mod report;
pub mod stats;
pub mod store;
pub mod transport;
#[cfg(feature = "cli")]
pub mod ui;
pub mod unpack;
