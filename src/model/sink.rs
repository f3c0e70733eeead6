//! The events of a study, for progress bars and writers of results files.

use super::{Nanos, Run};

/// A receiver of a study's events. It is called between measured operations, never within one.
pub trait Sink: Send {
    /// A measurement begins: the part of the work that is done, from 0 to 1, the time left where it is known, and the name
    /// of the measurement.
    fn progress(&mut self, _fraction: f64, _left: Option<Nanos>, _what: &str) {}

    /// A sample was taken. `rows` makes the list of all rows so far.
    fn sampled(&mut self, _rows: &dyn Fn() -> Vec<Glimpse>) {}

    /// A sentence for a person who waits.
    fn note(&mut self, _text: &str) {}

    /// A warning that stops nothing.
    fn warn(&mut self, _text: &str) {}

    /// A round ended. The run is brought up to date when it is asked for.
    fn round(&mut self, _current: &mut dyn Current) {}

    /// The rows of a payload or of a scenario are complete, and in the run.
    fn closed(&mut self, _run: &Run) {}

    /// The user asked to stop, and the current operation does not end. The run has all earlier measurements. A program may
    /// end here; if this returns, the study waits for the operation.
    fn stuck(&mut self, _run: &mut Run) {}
}

/// A run that is brought up to date on request, which takes time.
pub trait Current {
    /// The run with all measurements so far.
    fn run(&mut self) -> &Run;
}

/// An unfinished row, for a list that fills during the measuring.
#[derive(Clone, Debug, PartialEq)]
pub struct Glimpse {
    /// The codec, with its transport where there are several.
    pub name: String,
    /// The bytes of one operation that cross.
    pub bytes: Option<u64>,
    /// The median of the total, of one operation.
    pub total_ns: Option<f64>,
    /// Rounds so far.
    pub rounds: u64,
    /// Whether it failed.
    pub failed: bool,
}

/// A sink that ignores all events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Sink for Silent {}

/// Two sinks, told one after the other.
impl<A: Sink, B: Sink> Sink for (A, B) {
    fn progress(&mut self, fraction: f64, left: Option<Nanos>, what: &str) {
        self.0.progress(fraction, left, what);
        self.1.progress(fraction, left, what);
    }

    fn sampled(&mut self, rows: &dyn Fn() -> Vec<Glimpse>) {
        self.0.sampled(rows);
        self.1.sampled(rows);
    }

    fn note(&mut self, text: &str) {
        self.0.note(text);
        self.1.note(text);
    }

    fn warn(&mut self, text: &str) {
        self.0.warn(text);
        self.1.warn(text);
    }

    fn round(&mut self, current: &mut dyn Current) {
        self.0.round(current);
        self.1.round(current);
    }

    fn closed(&mut self, run: &Run) {
        self.0.closed(run);
        self.1.closed(run);
    }

    fn stuck(&mut self, run: &mut Run) {
        self.0.stuck(run);
        self.1.stuck(run);
    }
}
