//! Programs that are generated for the types of a payload: their sources, their build, and what they are asked to do.
//!
//! A generated program has the types that a person would have written for the payload, with the derives of the crates
//! that are measured. It is built by the user's cargo against this library, gets the payload from the process that
//! generated it, and measures the rows of the schema and those of its own types in the same rounds.
//!
//! | module | holds, bottom to top |
//! | --- | --- |
//! | `job` | what a generated program is asked, and what it answers |
//! | `package` | the sources, and the types that cannot be derived |
//! | `build` | cargo |
//! | `link` | layouts of the program: the same code, linked in other orders |
//! | `merge` | one run out of those of several layouts |
//! | `count` | its instructions, by callgrind |
//! | `run` | the program itself, or its layouts in turns |

#[cfg(feature = "cli")]
mod build;
#[cfg(feature = "cli")]
mod count;
mod job;
#[cfg(feature = "cli")]
mod link;
#[cfg(feature = "cli")]
mod merge;
#[cfg(feature = "cli")]
mod package;
#[cfg(feature = "cli")]
mod run;

#[cfg(feature = "cli")]
pub use build::{Built, Cargo, build};
#[cfg(feature = "cli")]
pub use count::{CountError, Tool, count};
pub use job::{COUNT_VERB, Event, Given, Job, Plan};
#[cfg(feature = "cli")]
pub use link::{Linked, Programs, link};
#[cfg(feature = "cli")]
pub use package::{Package, Refused};
#[cfg(feature = "cli")]
pub use run::{Measured, run, run_layouts};
