//! A run held against an earlier one, row by row.

use super::{Representation, Stage};
use serde::{Deserialize, Serialize};

/// The changes since an earlier run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The results file of the earlier run, as it was given.
    pub baseline: String,
    /// When the earlier run began, RFC 3339, UTC.
    pub started_at: String,
    /// The version of sercost that made it.
    pub sercost_version: String,
    /// The rows of both runs, in the order of this one; those that it lacks come last.
    pub rows: Vec<RowChange>,
}

/// A row of two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowChange {
    /// The payload's name in this run.
    pub payload: String,
    /// The codec's name.
    pub codec: String,
    /// How the payload was held.
    pub representation: Representation,
    /// The transport of the trip.
    pub transport: Option<String>,
    /// The compressor of the trip; null for none.
    pub compressor: Option<String>,
    /// The run that alone has the row; null where both have it.
    pub only_in: Option<Side>,
    /// The crate behind the codec and its version in the earlier run, where it is another one; null where it is the same.
    pub version_before: Option<String>,
    /// What was counted: equal in two runs of the same code over the same data.
    pub counts: Vec<CountChange>,
    /// The median times of the stages that either run has.
    pub times: Vec<TimeChange>,
}

/// One of the two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The earlier one.
    Baseline,
    /// This one.
    Now,
}

/// A count of two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountChange {
    /// The thing that was counted.
    pub what: Counted,
    /// In the earlier run; null where it is not known.
    pub before: Option<u64>,
    /// In this run; null where it is not known.
    pub now: Option<u64>,
}

#[cfg(any(feature = "report", feature = "internals"))]
impl CountChange {
    /// The change; `None` where one of the two is not known.
    pub fn difference(self) -> Option<i128> {
        Some(i128::from(self.now?) - i128::from(self.before?))
    }
}

/// A thing that is counted for one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// The bytes that cross.
    Bytes,
    /// The calls to the allocator while encoding.
    EncodeAllocations,
    /// The bytes that they asked for.
    EncodeAllocatedBytes,
    /// The most bytes that were allocated at once while encoding.
    EncodePeakBytes,
    /// The calls to the allocator while decoding.
    DecodeAllocations,
    /// The bytes that they asked for.
    DecodeAllocatedBytes,
    /// The most bytes that were allocated at once while decoding.
    DecodePeakBytes,
}

#[cfg(any(feature = "report", feature = "internals"))]
impl Counted {
    /// The words shown for it.
    pub fn name(self) -> &'static str {
        match self {
            Counted::Bytes => "bytes",
            Counted::EncodeAllocations => "encode: allocations",
            Counted::EncodeAllocatedBytes => "encode: bytes allocated",
            Counted::EncodePeakBytes => "encode: most bytes at once",
            Counted::DecodeAllocations => "decode: allocations",
            Counted::DecodeAllocatedBytes => "decode: bytes allocated",
            Counted::DecodePeakBytes => "decode: most bytes at once",
        }
    }
}

/// The median time of a stage in two runs, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeChange {
    /// The stage.
    pub stage: Stage,
    /// In the earlier run; null where there is none.
    pub before_ns: Option<f64>,
    /// In this run; null where there is none.
    pub now_ns: Option<f64>,
}

#[cfg(any(feature = "report", feature = "internals"))]
impl RowChange {
    /// The counts that changed, or that one of the runs does not know.
    pub fn changed_counts(&self) -> impl Iterator<Item = CountChange> {
        self.counts.iter().copied().filter(|count| count.before != count.now)
    }

    /// The median times of one stage: before and now.
    pub fn time(&self, stage: Stage) -> Option<TimeChange> {
        self.times.iter().copied().find(|time| time.stage == stage)
    }
}
