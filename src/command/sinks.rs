//! The sinks of the verbs: the progress bar, and the writer of the results file.

use super::supervise::{Desk, Outputs};
use crate::clock;
use crate::model::{Bytes, Current, Glimpse, Nanos, Run, Sink, Tracks};
use crate::report::ChromeTrace;
use crate::store::{Pieces, StoreError};
use crate::ui::{self, Progress};
use std::path::Path;

/// Redraws of the list of rows wait at least so long.
const LIST_NS: u64 = 250_000_000;

/// Rows that the list shows at most.
const LIST_ROWS: usize = 24;

/// The progress bar, with a list of the rows above it.
pub(super) struct Bar<'a> {
    progress: &'a Progress,
    listed_at: u64,
}

impl<'a> Bar<'a> {
    pub(super) fn new(progress: &'a Progress) -> Self {
        Bar { progress, listed_at: clock::now() }
    }
}

impl Sink for Bar<'_> {
    fn progress(&mut self, fraction: f64, left: Option<Nanos>, what: &str) {
        self.progress.set(fraction, left, what);
    }

    fn sampled(&mut self, rows: &dyn Fn() -> Vec<Glimpse>) {
        let now = clock::now();
        if self.progress.is_shown() && now - self.listed_at > LIST_NS {
            self.listed_at = now;
            self.progress.list(&lines(&rows()));
        }
    }

    fn note(&mut self, text: &str) {
        self.progress.suspend(|| ui::note(text));
    }

    fn warn(&mut self, text: &str) {
        self.progress.suspend(|| ui::warn(text));
    }

    fn stuck(&mut self, _run: &mut Run) {
        self.progress.clear();
    }
}

/// A line for each row.
fn lines(rows: &[Glimpse]) -> Vec<String> {
    let widest = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let line = |row: &Glimpse| {
        let bytes = row.bytes.map(|bytes| Bytes(bytes).to_string()).unwrap_or_default();
        let total = match row.total_ns {
            _ if row.failed => "failed".to_owned(),
            Some(total) => format!("{} in {} rounds", Nanos(total), row.rounds),
            None => String::new(),
        };
        format!("{:<widest$}  {bytes:>9}  {total}", row.name)
    };
    rows.iter().take(LIST_ROWS).map(line).collect()
}

/// The writer of the results file. It prints the results and ends the program if an operation does not stop.
pub(super) struct Keeper<'a> {
    outputs: &'a mut Outputs,
    desk: &'a Desk,
    progress: &'a Progress,
    failed: bool,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(outputs: &'a mut Outputs, desk: &'a Desk, progress: &'a Progress) -> Self {
        Keeper { outputs, desk, progress, failed: false }
    }

    fn warn_of(&mut self, written: Result<(), StoreError>) {
        if let Err(error) = written {
            // The measuring goes on, and the end of it tries again.
            self.failed = true;
            self.progress.suspend(|| ui::warn(&error.to_string()));
        }
    }
}

impl Sink for Keeper<'_> {
    fn round(&mut self, current: &mut dyn Current) {
        let now = clock::now();
        if !self.failed
            && let Some(writer) = self.outputs.writer.as_mut().filter(|writer| writer.is_due(now))
        {
            let written = writer.update(current.run(), now);
            self.warn_of(written);
        }
    }

    fn closed(&mut self, run: &Run) {
        if !self.failed
            && let Some(writer) = &mut self.outputs.writer
        {
            let written = writer.closed(run, clock::now());
            self.warn_of(written);
        }
    }

    fn stuck(&mut self, run: &mut Run) {
        self.desk.conclude();
        let code = self.outputs.conclude_interrupted(run);
        self.desk.leave(code)
    }
}

/// The file of what each thread did when. The tracks of a scenario are written when it is over, and not kept.
pub(super) struct Trace {
    pieces: Pieces,
    trace: ChromeTrace,
    /// Why the file could not be written.
    error: Option<StoreError>,
}

impl Trace {
    /// Finds out whether it could be written to `path`.
    pub(super) fn create(path: &Path) -> Result<Self, StoreError> {
        Ok(Trace { pieces: Pieces::create(path)?, trace: ChromeTrace::default(), error: None })
    }

    /// Writes the tracks of a scenario.
    pub(super) fn scenario(&mut self, tracks: &Tracks) {
        if self.error.is_none() {
            self.error = self.pieces.write(|out| self.trace.scenario(tracks, out)).err();
        }
    }

    /// Puts the file in its place.
    pub(super) fn finish(self) -> Result<(), StoreError> {
        let Trace { mut pieces, trace, error } = self;
        error.map_or(Ok(()), Err)?;
        pieces.write(|out| trace.end(out))?;
        pieces.finish()
    }
}
