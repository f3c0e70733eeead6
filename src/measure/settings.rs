//! What is to be measured, and how.

use super::link::Link;
use super::python::PythonTrip;
use super::schedule::Budget;
use crate::clock::Quality;
use crate::codec::CodecSpec;
use crate::model::Representation;
use crate::transport::Transport;
use std::path::PathBuf;

/// One way of a payload from process to process.
#[derive(Clone, Copy)]
pub struct Trip {
    /// How the payload is held.
    pub representation: Representation,
    /// Codec and compressor.
    pub spec: CodecSpec,
    /// How the bytes cross.
    pub transport: &'static dyn Transport,
    /// Which of several rows of the same codec it is, from 0: the null test for everybody.
    pub copy: usize,
}

impl Trip {
    /// Whether this is the `null` codec, which only walks.
    pub fn is_null(&self) -> bool {
        self.spec.codec.info().name == "null"
    }

    /// The codec's name, with a number if it is not the first row of it: `json#2`.
    pub fn codec_name(&self) -> String {
        let name = self.spec.codec.info().name;
        if self.copy == 0 { name.to_owned() } else { format!("{name}#{}", self.copy + 1) }
    }

    /// The same with the compressor: `json#2+zstd:3`.
    pub fn name(&self) -> String {
        match self.spec.compression {
            Some(compression) => format!("{}+{compression}", self.codec_name()),
            None => self.codec_name(),
        }
    }
}

/// A way of a payload from process to process, by sercost's own codecs or in Python.
#[derive(Clone)]
pub enum Way {
    /// Encoded, sent and decoded by this program.
    Rust(Trip),
    /// Encoded in one interpreter, decoded in another.
    Python(PythonTrip),
}

/// What encoders write into; the same for every codec.
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
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            BufferPolicy::Fresh => "fresh",
            BufferPolicy::Reused => "reused",
            BufferPolicy::Presized => "presized",
        }
    }
}

/// How to measure.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The program to start as the receiving process.
    pub program: PathBuf,
    /// The seed of the order of rows.
    pub seed: u64,
    /// How long.
    pub budget: Budget,
    /// The time that was asked for the whole call, in nanoseconds, of which `budget` is what is left for this payload; `None` where
    /// rounds were given.
    pub asked_ns: Option<u64>,
    /// What encoders write into.
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
    /// Whether Python's cyclic garbage collector is on while a row of Python is timed.
    pub python_gc: bool,
}

impl Settings {
    /// The usual ones, for so long, with `program` as the receiving process. Takes some two milliseconds to measure the clock.
    pub fn new(program: PathBuf, budget: Budget) -> Self {
        Settings {
            program,
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
            python_gc: true,
        }
    }
}
