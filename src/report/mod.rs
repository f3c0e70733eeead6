//! Renderers of a run: results in, a string out. Nothing here reads, writes or measures.
//!
//! [`text()`] is for a person at a terminal, [`markdown()`] for a repository, [`csv()`] for a spreadsheet or a data frame,
//! [`json`] for programs: it is the results file. The first two choose units and round; the other two have base
//! units and every digit.

mod calls;
mod cautions;
mod changes;
mod chrome;
mod csv;
mod derived;
mod facts;
mod first;
mod growth;
mod layouts;
mod listing;
mod markdown;
mod parts;
mod style;
mod table;
mod tables;
mod tasks;
mod text;
mod units;
mod words;

pub use calls::{call_place, call_words};
pub use chrome::ChromeTrace;
pub use csv::csv;
pub use growth::{growth_csv, growth_markdown, growth_text};
pub use listing::{Listing, Property, listing_csv, listing_json, listing_markdown, listing_text};
pub use markdown::markdown;
pub use parts::{PartsView, folded, parts_csv, parts_json, parts_markdown, parts_text};
pub use text::{Shown, TextOptions, text};

use crate::model::Run;

/// The results file itself.
pub fn json(run: &Run) -> String {
    run.to_json()
}
