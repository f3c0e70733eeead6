//! The measuring: interleaved rounds of trips, in this process and a receiving one.
//!
//! A *trip* is one codec (with an optional compressor), one representation and one transport. All trips of a payload
//! take part in every round, in an order shuffled anew by a seeded generator, so that the drift of a shared machine
//! hits them alike. What a trip does, in order:
//!
//! 1. the receiving process is told what comes, so that its buffer is ready and it waits;
//! 2. the sender encodes, compresses and sends, with a stamp before and after each;
//! 3. the receiver stamps the last byte, decompresses and decodes, checks what it decoded against the digest of what was
//!    encoded (after the last stamp), frees it, and reports.
//!
//! Nothing else happens between the first and the last stamp. Operations near the clock's precision are repeated within
//! their stage; the total is then the end-to-end time less the surplus repetitions.
//!
//! Rows of Python make the same trip between two interpreters ([`PythonTrip`]), each with its turn in every round.

mod child;
#[cfg(test)]
mod determinism;
mod fidelity;
mod forecast;
mod lane;
mod link;
mod noise;
mod order;
mod python;
mod receive;
mod results;
mod schedule;
mod session;
mod settings;
pub mod study;
mod wire;

pub use child::RECEIVE_VERB;
pub use fidelity::Subjects;
pub use forecast::Forecast;
pub use link::Link;
pub use python::{PYTHON_TRANSPORT, PythonTrip};
pub use receive::receive;
pub use results::Results;
pub use schedule::{Budget, LEAST_ROUNDS, MOST_ROUNDS, Part, Schedule};
pub use session::{Observer, Outcome, Session};
pub use settings::{BufferPolicy, Settings, Trip, Way};
pub use study::{Study, StudyError};

/// The digest of messages from the digests of each, in order.
fn fold_digests(digests: impl Iterator<Item = u64>) -> u64 {
    digests.fold(0, |all, digest| (all ^ digest).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31))
}
