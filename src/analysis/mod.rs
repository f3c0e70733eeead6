//! From measurements to rows: what stands between a results file and every renderer of it.
//!
//! The stages of one [`RowKey`] become a [`Row`]; the rows of a payload are ranked with their ties, judged against the
//! reference, and compared by the bandwidths at which each is the best. Pure functions of a [`Run`]: whatever more than one
//! output format says is worked out here, once.
//!
//! [`RowKey`]: crate::model::RowKey
//! [`Run`]: crate::model::Run

mod calls;
#[cfg(any(feature = "cli", feature = "internals"))]
mod compare;
mod envelope;
mod lanes;
mod ranking;
mod rows;
mod turned;

pub use calls::{Calls, calls};
#[cfg(any(feature = "cli", feature = "internals"))]
pub use compare::{compare, counterpart, other_payload, other_settings};
pub use envelope::{Candidate, Piece, envelope};
pub use lanes::{Lane, lanes};
pub use ranking::{LEAST_LAYOUTS, StageTimes, is_surely_faster};
pub use rows::{Closure, Fidelity, PayloadRows, Place, Row, Section, collect, compared};
pub use turned::Turned;
