//! The tracks of a timeline export, as plain types: what every thread did when.

use super::Component;

/// The threads of one scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tracks {
    /// The scenario's name.
    pub scenario: String,
    /// One for each thread, those of a process behind one another.
    pub tracks: Vec<Track>,
    /// The way of each message from thread to thread.
    pub flows: Vec<Flow>,
    /// Messages that are left out, since they are too many to look at.
    pub left_out: u64,
}

/// The track of one thread.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// The process; zero where it is not known.
    pub pid: i64,
    /// The role of the process: `parent`, `worker`.
    pub process: &'static str,
    /// The role of the thread: `dispatcher`, `results`.
    pub thread: &'static str,
    /// In order, none overlapping another.
    pub slices: Vec<Slice>,
}

impl Track {
    /// The slice at that moment.
    pub fn slice_at(&self, at: u64) -> Option<&Slice> {
        let after = self.slices.partition_point(|slice| slice.end <= at);
        self.slices.get(after).filter(|slice| slice.start <= at)
    }
}

/// A thread in one component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Its name.
    pub component: Component,
    /// In nanoseconds of CLOCK_MONOTONIC.
    pub start: u64,
    /// Not before `start`.
    pub end: u64,
    /// The message that it was for: job and index.
    pub message: Option<(i64, i64)>,
    /// Bytes that were made or moved.
    pub bytes: Option<u64>,
}

/// The way of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Job and index.
    pub message: (i64, i64),
    /// Tracks by their place, and when the message was there; each moment is in a slice of its track.
    pub stops: Vec<(usize, u64)>,
}
