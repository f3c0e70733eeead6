//! Measuring on a thread of its own, watched from another, so that the user is answered at once whatever an operation takes.

use super::{Study, StudyError};
use crate::clock;
use crate::host::{deep_thread, end_children};
use crate::measure::forecast::Forecast;
use crate::measure::results::Results;
use crate::measure::session::{Observer, Outcome, Session};
use crate::model::{Current, DerivedCode, Nanos, PayloadInfo, Run, Sink};
use crate::payload::Payload;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the watching thread looks whether the user wants to stop.
const LOOK: Duration = Duration::from_millis(20);

/// How long the measuring has to end by itself after that.
const GRACE_NS: u64 = 40_000_000;

/// The run and its sink, which the holder of the lock may bring up to date.
pub(super) struct Recorder<'a> {
    run: &'a mut Run,
    sink: &'a mut dyn Sink,
    /// The payload as it is before it is measured.
    info: PayloadInfo,
    /// The number of entries that the run held before this payload.
    before: (usize, usize),
}

impl<'a> Recorder<'a> {
    pub(super) fn new(run: &'a mut Run, sink: &'a mut dyn Sink, study: &'a Study, payload: &'a Payload) -> Self {
        let before = (run.payloads.len(), run.measurements.len());
        Recorder { run, sink, info: study.describe(payload), before }
    }
}

/// Puts the results so far into the run.
fn collect(run: &mut Run, before: (usize, usize), info: &PayloadInfo, results: &Results<'_>) {
    let (wall_ns, measured_ns, warmup_ns) = results.times();
    let (sender, receiver) = results.peaks();
    run.payloads.truncate(before.0);
    run.measurements.truncate(before.1);
    run.payloads.push(PayloadInfo {
        reference: results.reference_name(),
        rounds: results.rounds_begun(),
        wall_ns,
        measured_ns,
        warmup_ns,
        sender_peak_resident_bytes: sender,
        receiver_peak_resident_bytes: receiver,
        five_rounds_ns: results.five_rounds_ns(),
        noise: Some(results.noise()),
        derived: info.derived.as_ref().map(|_| DerivedCode {
            rustc_version: run.environment.rustc_version.clone(),
            ratios: results.derived_ratios(),
        }),
        ..info.clone()
    });
    run.measurements.extend(results.measurements(&info.name));
}

/// Runs a session that `make` makes, on another thread, and puts its results into the run. Where the user wants to stop
/// and an operation does not let it, the sink gets the results until then, and may end the program.
pub(super) fn measure<'a>(
    recorder: Recorder<'_>,
    label: &str,
    interrupted: &AtomicBool,
    make: impl FnOnce() -> Result<Session<'a>, StudyError> + Send,
) -> Result<Outcome, StudyError> {
    let recorder = Mutex::new(recorder);
    // A copy of the results that is never in use while an operation runs.
    let board: Mutex<Option<Results<'a>>> = Mutex::new(None);
    let (recorder, board) = (&recorder, &board);
    let collected = || {
        let mut recorder = locked(recorder);
        if let Some(results) = &*locked(board) {
            let Recorder { run, info, before, .. } = &mut *recorder;
            collect(run, *before, info, results);
        }
        recorder
    };
    let watching = std::thread::current();
    let outcome = std::thread::scope(|scope| {
        let work = move || {
            let _wake = WakeOnDrop(watching);
            locked(recorder).sink.progress(0.0, None, "getting ready");
            let mut session = make()?;
            *locked(board) = Some(session.results().blank());
            let outcome = session.run(&mut Watcher { label, recorder, board });
            if let Some(board) = &mut *locked(board) {
                board.copy_from(session.results(), None);
            }
            Ok(outcome)
        };
        let worker = deep_thread().spawn_scoped(scope, work).map_err(StudyError::Thread)?;
        let mut deadline = None;
        while !worker.is_finished() {
            std::thread::park_timeout(LOOK);
            if !interrupted.load(Ordering::Relaxed) {
                continue;
            }
            let now = clock::now();
            if now > *deadline.get_or_insert(now + GRACE_NS) && !worker.is_finished() {
                end_children();
                let mut recorder = collected();
                let Recorder { run, sink, .. } = &mut *recorder;
                sink.stuck(run);
                // Once is enough.
                deadline = Some(u64::MAX);
            }
        }
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    let mut recorder = collected();
    if outcome.is_ok() {
        let Recorder { run, sink, .. } = &mut *recorder;
        sink.closed(run);
    }
    outcome
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic leaves the results as they were after the last sample.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct WakeOnDrop(std::thread::Thread);

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        self.0.unpark();
    }
}

/// Tells the sink what the session tells, and keeps the board up to date.
struct Watcher<'w, 'r, 'a> {
    label: &'w str,
    recorder: &'w Mutex<Recorder<'r>>,
    board: &'w Mutex<Option<Results<'a>>>,
}

impl<'a> Observer<'a> for Watcher<'_, '_, 'a> {
    fn progress(&mut self, fraction: f64, left_ns: u64, what: &str) {
        let left = (left_ns > 0).then_some(Nanos(left_ns as f64));
        locked(self.recorder).sink.progress(fraction, left, &format!("{}{what}", self.label));
    }

    fn sampled(&mut self, results: &Results<'a>, row: usize) {
        if let Some(board) = &mut *locked(self.board) {
            board.copy_from(results, Some(row));
        }
        locked(self.recorder).sink.sampled(&|| results.glimpses());
    }

    fn planned(&mut self, forecast: &Forecast) {
        if let Some(sentence) = forecast.sentence() {
            locked(self.recorder).sink.note(&sentence);
        }
    }

    fn round(&mut self, results: &Results<'a>) {
        let mut recorder = locked(self.recorder);
        let Recorder { run, sink, info, before } = &mut *recorder;
        sink.round(&mut SoFar { run, info, before: *before, results });
    }
}

/// The run at the end of a round.
struct SoFar<'s, 'a> {
    run: &'s mut Run,
    info: &'s PayloadInfo,
    before: (usize, usize),
    results: &'s Results<'a>,
}

impl Current for SoFar<'_, '_> {
    fn run(&mut self) -> &Run {
        collect(self.run, self.before, self.info, self.results);
        self.run
    }
}
