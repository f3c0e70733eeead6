//! What a study tells while it measures, to whoever wants to show or keep it.

use super::{Nanos, Run};

/// Is told how a study goes. It is called between what is measured, never within.
pub trait Sink: Send {
    /// Something is about to be measured: the part of the work that is done, from 0 to 1, the time left where it is known,
    /// and what it is.
    fn progress(&mut self, _fraction: f64, _left: Option<Nanos>, _what: &str) {}

    /// A sample was taken; `rows` makes the list of what is known of each row.
    fn sampled(&mut self, _rows: &dyn Fn() -> Vec<Glimpse>) {}

    /// Something that a person may want to know while waiting.
    fn note(&mut self, _text: &str) {}

    /// Something that a person should know and that stops nothing.
    fn warn(&mut self, _text: &str) {}

    /// A round ended. The run is brought up to date when it is asked for.
    fn round(&mut self, _current: &mut dyn Current) {}

    /// The rows of a payload or of a scenario are complete, and in the run.
    fn closed(&mut self, _run: &Run) {}

    /// The user wants to stop, and an operation does not let it. The run has what was measured until now. A program ends
    /// here; where this returns, the operation is waited for.
    fn stuck(&mut self, _run: &mut Run) {}
}

/// A run that is brought up to date when it is looked at, which takes time.
pub trait Current {
    /// The run with all that was measured until now.
    fn run(&mut self) -> &Run;
}

/// A row as far as it is known, for a list that fills while it is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Glimpse {
    /// The codec, with what tells it from others.
    pub name: String,
    /// What crosses, of one operation.
    pub bytes: Option<u64>,
    /// The median of the total, of one operation.
    pub total_ns: Option<f64>,
    /// Rounds so far.
    pub rounds: u64,
    /// Whether it failed.
    pub failed: bool,
}

/// Keeps nothing and shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Sink for Silent {}

/// Tells each of two.
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
