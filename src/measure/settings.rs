//! How to measure.

use super::link::Link;
use super::schedule::Budget;
use crate::clock::Quality;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// The buffers that encoders write into; the same for every codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BufferPolicy {
    /// A new vector for every operation, grown as it fills: what `to_vec` does.
    Fresh,
    /// The vector of the sample before, emptied.
    Reused,
    /// A new vector with room for exactly the bytes that will come.
    Presized,
}

impl BufferPolicy {
    /// The policy of that name.
    pub fn find(name: &str) -> Option<Self> {
        [BufferPolicy::Fresh, BufferPolicy::Reused, BufferPolicy::Presized]
            .into_iter()
            .find(|policy| policy.name() == name)
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            BufferPolicy::Fresh => "fresh",
            BufferPolicy::Reused => "reused",
            BufferPolicy::Presized => "presized",
        }
    }
}

/// The turns of several processes that measure the same: one of them at a time.
#[derive(Clone)]
pub struct Turns(Arc<dyn Fn() + Send + Sync>);

impl Turns {
    /// Turns for which `wait` ends the one that is, and returns with the next.
    pub fn new(wait: impl Fn() + Send + Sync + 'static) -> Self {
        Turns(Arc::new(wait))
    }

    /// Waits for the next turn.
    pub(super) fn wait(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turns")
    }
}

/// How to measure.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The program to start as the receiving process.
    pub program: PathBuf,
    /// Whether nothing is sent: what is encoded is decoded in this process.
    pub here: bool,
    /// The seed of the order of rows.
    pub seed: u64,
    /// How long.
    pub budget: Budget,
    /// The time that was asked for the whole call, in nanoseconds, of which `budget` is what is left for this payload; `None` where
    /// rounds were given.
    pub asked_ns: Option<u64>,
    /// The buffers that encoders write into.
    pub buffers: BufferPolicy,
    /// The clock's own precision and cost.
    pub clock: Quality,
    /// The name of the codec that ratios refer to, with its compressor; where `None`, the first of `own_format` that is
    /// measured, and without one the fastest of the warm-up.
    pub reference: Option<String>,
    /// The names of the codecs that write the format in which the payload came.
    pub own_format: Vec<String>,
    /// Whether rows that cannot win are given up early.
    pub quick: bool,
    /// Links to model beside the first transport.
    pub links: Vec<Link>,
    /// Whether the load of the machine over the last minute is that of this call, which has compiled something.
    pub own_load: bool,
    /// Whether Python's cyclic garbage collector is on while a row of Python is timed.
    pub python_gc: bool,
    /// The turns with other processes; `None` where this one measures alone. Waiting takes nothing of the budget.
    pub turns: Option<Turns>,
}

impl Settings {
    /// The usual ones, for so long, with `program` as the receiving process. Takes some two milliseconds to measure the clock.
    pub fn new(program: PathBuf, budget: Budget) -> Self {
        Settings {
            program,
            here: false,
            seed: 1,
            budget,
            asked_ns: match budget {
                Budget::Time(asked) => Some(asked),
                Budget::Rounds(_) => None,
            },
            buffers: BufferPolicy::Fresh,
            clock: Quality::measure(),
            reference: None,
            own_format: Vec::new(),
            quick: false,
            links: Vec::new(),
            own_load: false,
            python_gc: true,
            turns: None,
        }
    }
}
