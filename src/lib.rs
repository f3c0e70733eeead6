//! sercost measures what it costs to move data to where the work is.
//!
//! The library behind the command-line program: see the modules for what each holds. `docs/` has the guide.

pub mod analysis;
pub mod args;
pub mod clock;
pub mod codec;
pub mod command;
pub mod engine;
pub mod host;
pub mod ledger;
pub mod measure;
pub mod model;
pub mod payload;
pub mod python;
pub mod report;
pub mod stats;
pub mod store;
pub mod transport;
pub mod ui;
