//! `--instructions`: the instructions of encoding and decoding beside their times, counted by callgrind after the measuring.

use crate::derived::{self, CountError, Job, Tool};
use crate::measure::{COUNTED, Counted, Outcome, Study};
use crate::model::{Current, Glimpse, Measurement, Nanos, Representation, Run, Sink};
use crate::payload::Payload;
use std::path::PathBuf;

/// Counts the operations of the job that the program gets, where that is wanted, and adds the counts to the rows of the payload. Where it cannot be, the user is told why; the times stand.
pub(super) fn add(
    study: &Study,
    payload: &Payload,
    counting: Option<(PathBuf, Job)>,
    run: &mut Run,
    sink: &mut dyn Sink,
) -> Outcome {
    let Some((program, job)) = counting else { return Outcome::Finished };
    let countable = |representation| matches!(representation, Representation::Typed | Representation::Derived);
    if payload.own.is_some() || !study.representations.iter().any(|&representation| countable(representation)) {
        sink.warn("--instructions: only typed rows and those of --derived are counted; these rows have none");
        return Outcome::Finished;
    }
    sink.progress(1.0, None, "counting instructions");
    let interrupted = &study.reading.watch.interrupted;
    let tool = Tool { program, verb: derived::COUNT_VERB, function: COUNTED, interrupted };
    match derived::count(&tool, &job) {
        Ok(counts) => put(&payload.name, &counts, run),
        Err(CountError::Interrupted) => return Outcome::Interrupted,
        Err(CountError::Failed(reason)) => sink.warn(&format!("--instructions: {reason}")),
    }
    Outcome::Finished
}

/// Puts the counts to all rows of a codec: a transport or a compressor changes nothing in them.
fn put(payload: &str, counts: &[(String, u64)], run: &mut Run) {
    for (line, instructions) in counts {
        let Ok(counted) = serde_json::from_str::<Counted>(line) else { continue };
        let is_it = |row: &&mut Measurement| {
            row.payload == payload
                && row.codec == counted.codec
                && row.representation == counted.representation
                && row.stage == counted.stage
                && row.summary.is_some()
        };
        if counted.failed {
            continue;
        }
        for row in run.measurements.iter_mut().filter(is_it) {
            row.instructions = Some(instructions / counted.messages.max(1));
        }
    }
}

/// A sink that is told of all but that the rows are complete: their counts come later.
pub(super) struct Withheld<'s>(pub(super) &'s mut dyn Sink);

impl Sink for Withheld<'_> {
    fn progress(&mut self, fraction: f64, left: Option<Nanos>, what: &str) {
        self.0.progress(fraction, left, what);
    }

    fn sampled(&mut self, rows: &dyn Fn() -> Vec<Glimpse>) {
        self.0.sampled(rows);
    }

    fn note(&mut self, text: &str) {
        self.0.note(text);
    }

    fn warn(&mut self, text: &str) {
        self.0.warn(text);
    }

    fn round(&mut self, current: &mut dyn Current) {
        self.0.round(current);
    }

    fn stuck(&mut self, run: &mut Run) {
        self.0.stuck(run);
    }
}
