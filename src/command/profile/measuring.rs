//! Measuring on a thread of its own, watched from another, so that the user is answered at once whatever an operation takes.

use super::Plan;
use crate::clock;
use crate::measure::{self, Observer, Outcome, Plan as Coming, Results, Session};
use crate::model::{Bytes, Nanos, PayloadInfo, Run};
use crate::payload::{Payload, show};
use crate::store::Writer;
use crate::ui::{self, Progress};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the watching thread looks whether the user wants to stop.
const LOOK: Duration = Duration::from_millis(20);

/// How long the measuring has to end by itself after that.
const GRACE_NS: u64 = 40_000_000;

/// Codecs recurse as deep as a document is nested, on this stack as on that of the whole program.
const STACK_BYTES: usize = 256 << 20;

/// Redraws of the list of rows wait at least so long.
const LIST_NS: u64 = 250_000_000;

/// Rows that the list shows at most.
const LIST_ROWS: usize = 24;

/// The run and the results file, which whoever holds the lock may bring up to date.
pub(super) struct Recorder<'a> {
    pub run: &'a mut Run,
    pub writer: &'a mut Option<Writer>,
    pub plan: &'a Plan,
    pub payload: &'a Payload,
    /// How much the run held before this payload.
    before: (usize, usize),
    write_failed: bool,
}

impl<'a> Recorder<'a> {
    pub fn new(run: &'a mut Run, writer: &'a mut Option<Writer>, plan: &'a Plan, payload: &'a Payload) -> Self {
        let before = (run.payloads.len(), run.measurements.len());
        Recorder { run, writer, plan, payload, before, write_failed: false }
    }

    /// Puts the results so far into the run.
    fn collect(&mut self, results: &Results<'_>) {
        let (wall_ns, measured_ns, warmup_ns) = results.times();
        let (sender, receiver) = results.peaks();
        self.run.payloads.truncate(self.before.0);
        self.run.measurements.truncate(self.before.1);
        self.run.payloads.push(PayloadInfo {
            name: self.payload.name.clone(),
            description: self.payload.description(),
            format: self.payload.format.map(str::to_owned),
            file_bytes: self.payload.file_bytes,
            memory_bytes: self.payload.memory_bytes(),
            messages: self.plan.many.map(|count| count as u64),
            schema: if self.payload.typed { show::schema_json(&self.payload.schema) } else { serde_json::Value::Null },
            notes: self.payload.notes.clone(),
            reference: results.reference_name(),
            rounds: results.rounds_begun(),
            wall_ns,
            measured_ns,
            warmup_ns,
            sender_peak_resident_bytes: sender,
            receiver_peak_resident_bytes: receiver,
            five_rounds_ns: results.five_rounds_ns(),
            noise: Some(results.noise()),
        });
        self.run.measurements.extend(results.measurements(&self.payload.name));
    }
}

/// Runs a session that `make` makes, on another thread, and puts its results into the run. Where the user wants to stop and an
/// operation does not let it, `stopped` gets the results until then, and ends the program: this does not return.
pub(super) fn measure<'a>(
    recorder: Recorder<'_>,
    label: &str,
    interrupted: &AtomicBool,
    make: impl FnOnce() -> anyhow::Result<Session<'a>> + Send,
    stopped: impl Fn(&mut Recorder<'_>),
) -> anyhow::Result<Outcome> {
    let recorder = Mutex::new(recorder);
    // A copy of the results that is never in use while an operation runs.
    let board: Mutex<Option<Results<'a>>> = Mutex::new(None);
    let progress = Progress::new();
    let (recorder, board, progress) = (&recorder, &board, &progress);
    let watching = std::thread::current();
    let outcome = std::thread::scope(|scope| {
        let work = move || {
            let _wake = WakeOnDrop(watching);
            progress.set(0.0, None, "getting ready");
            let mut session = make()?;
            *locked(board) = Some(session.results().blank());
            let mut watcher = Watcher { label, recorder, board, progress, listed_at: clock::now(), lines: 0 };
            let outcome = session.run(&mut watcher);
            if let Some(board) = &mut *locked(board) {
                board.copy_from(session.results(), None);
            }
            Ok(outcome)
        };
        let worker = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work)?;
        let mut asked_at = None;
        while !worker.is_finished() {
            std::thread::park_timeout(LOOK);
            if !interrupted.load(Ordering::Relaxed) {
                continue;
            }
            let now = clock::now();
            if now - *asked_at.get_or_insert(now) > GRACE_NS && !worker.is_finished() {
                measure::end_children();
                let mut recorder = locked(recorder);
                if let Some(results) = &*locked(board) {
                    recorder.collect(results);
                }
                progress.clear();
                stopped(&mut recorder);
                // The program is ending.
                loop {
                    std::thread::park();
                }
            }
        }
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    progress.clear();
    if let Some(results) = &*locked(board) {
        locked(recorder).collect(results);
    }
    outcome
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panic left is as good as it was after the last sample.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct WakeOnDrop(std::thread::Thread);

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        self.0.unpark();
    }
}

/// Shows how far it is, and keeps the results file up to date.
struct Watcher<'w, 'r, 'a> {
    label: &'w str,
    recorder: &'w Mutex<Recorder<'r>>,
    board: &'w Mutex<Option<Results<'a>>>,
    progress: &'w Progress,
    listed_at: u64,
    lines: usize,
}

impl<'a> Observer<'a> for Watcher<'_, '_, 'a> {
    fn progress(&mut self, fraction: f64, left_ns: u64, what: &str) {
        let label = if self.label.is_empty() { String::new() } else { format!("{}: ", self.label) };
        let left = (left_ns > 0).then_some(Nanos(left_ns as f64));
        self.progress.set(fraction, left, &format!("{label}{what}"));
    }

    fn sampled(&mut self, results: &Results<'a>, row: usize) {
        if let Some(board) = &mut *locked(self.board) {
            board.copy_from(results, Some(row));
        }
        let now = clock::now();
        if self.progress.is_shown() && now - self.listed_at > LIST_NS {
            self.listed_at = now;
            let list = list(results);
            self.lines = list.len();
            self.progress.list(&list);
        }
    }

    fn planned(&mut self, plan: &Coming) {
        if let Some(words) = planned(plan) {
            self.progress.suspend(|| ui::note(&words));
        }
    }

    fn round(&mut self, results: &Results<'a>) {
        let now = clock::now();
        let mut recorder = locked(self.recorder);
        if recorder.write_failed || !recorder.writer.as_ref().is_some_and(|writer| writer.is_due(now)) {
            return;
        }
        recorder.collect(results);
        let Recorder { run, writer, write_failed, .. } = &mut *recorder;
        if let Some(writer) = writer.as_mut()
            && let Err(error) = writer.update(run, now)
        {
            // The measuring goes on, and the end of it tries again.
            *write_failed = true;
            self.progress.suspend(|| ui::warn(&error.to_string()));
        }
    }
}

/// What is known of each row, in a line each.
fn list(results: &Results<'_>) -> Vec<String> {
    let glimpses = results.glimpses();
    let widest = glimpses.iter().map(|glimpse| glimpse.name.chars().count()).max().unwrap_or(0);
    let line = |glimpse: &measure::Glimpse| {
        let bytes = glimpse.bytes.map(|bytes| Bytes(bytes).to_string()).unwrap_or_default();
        let total = match glimpse.total_ns {
            _ if glimpse.failed => "failed".to_owned(),
            Some(total) => format!("{} in {} rounds", Nanos(total), glimpse.rounds),
            None => String::new(),
        };
        format!("{:<widest$}  {bytes:>9}  {total}", glimpse.name)
    };
    glimpses.iter().take(LIST_ROWS).map(line).collect()
}

/// What is to be said before the rounds: only what a person would want to change, or has to wait for.
fn planned(plan: &Coming) -> Option<String> {
    /// A wait that nobody is surprised by.
    const SHORT_NS: u64 = 10_000_000_000;
    let five = Nanos(plan.five_rounds_ns as f64);
    let rows = |names: &[String]| match names {
        [only] => only.clone(),
        names if names.len() <= 4 => names.join(", "),
        names => format!("{} rows", names.len()),
    };
    let Some(budget) = plan.budget_ns else {
        let all = Nanos(plan.five_rounds_ns as f64 / 5.0 * plan.rounds as f64);
        return (all.0 > SHORT_NS as f64).then(|| format!("{} rounds take about {all}", plan.rounds));
    };
    let mut said = Vec::new();
    if !plan.left_out.is_empty() {
        said.push(format!("left out: {}", rows(&plan.left_out)));
    }
    if !plan.few.0.is_empty() {
        said.push(format!("in {} rounds only: {}", plan.few.1, rows(&plan.few.0)));
    }
    (!said.is_empty()).then(|| {
        format!(
            "five rounds of {} take about {five}, and --time is {}; {}",
            if plan.all_tried { "all rows" } else { "the rows that were tried" },
            Nanos(budget as f64),
            said.join("; ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Coming {
        Coming {
            five_rounds_ns: 61_000_000_000,
            all_tried: true,
            rounds: 12,
            few: (Vec::new(), 7),
            left_out: Vec::new(),
            budget_ns: Some(20_000_000_000),
        }
    }

    #[test]
    fn what_comes_is_said_where_it_is_less_than_was_asked_for() {
        assert_eq!(planned(&plan()), None);
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let less = Coming { left_out: names(&["bson", "smile"]), few: (names(&["json"]), 7), ..plan() };
        assert_eq!(
            planned(&less).as_deref(),
            Some(
                "five rounds of all rows take about 61.0 s, and --time is 20.0 s; left out: bson, smile; in 7 rounds only: json"
            )
        );
        // The slowest may not even have been tried; five rounds of the others say nothing of them.
        let said = planned(&Coming { all_tried: false, ..less });
        assert!(said.is_some_and(|said| said.starts_with("five rounds of the rows that were tried take about 61.0 s")));
        let rounds = Coming { budget_ns: None, ..plan() };
        assert_eq!(planned(&rounds).as_deref(), Some("12 rounds take about 146 s"));
        assert_eq!(planned(&Coming { five_rounds_ns: 1000, ..rounds }), None);
    }
}
