//! The study behind `sercost tasks`: scenarios that an engine runs one after the other, and the components of each.
//!
//! It has no command line, prints nothing and writes nothing. Its events go to a [`Sink`].

use super::{CallRecording, Engine, EngineError, Job, Recording, ScenarioSpec, Settings};
use crate::clock::Quality;
use crate::host::{RunDirectory, available_memory, environment};
use crate::ledger::{self, Accounts, Watch};
use crate::model::{ComponentRow, Nanos, Run, ScenarioInfo, Sink, Tracks};
use crate::payload::{Load, Payload, PayloadError, PayloadSpec, Tell};
use crate::python;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// The time of a pool's watch over its workers is reported from this share of the time of all tasks on.
const LEAST_WATCH: f64 = 0.05;
/// And from so many messages on: with fewer, it is the making of the pool that takes the time.
const MANY_MESSAGES: u64 = 100;

/// The records of a task: its submission, sending, arrival, result, its arrival, and that its consumer has it.
const RECORDED_BYTES: u64 = 6 * sercost_record::RECORD_BYTES as u64;

/// Scenarios, their data, and the settings of the engine.
pub struct Study {
    /// The scenarios, whose names differ.
    pub scenarios: Vec<ScenarioSpec>,
    /// The engine that runs them.
    pub engine: &'static dyn Engine,
    /// How it runs them.
    pub settings: Settings,
    /// The data.
    pub payload: PayloadSpec,
    /// Whether it is made even if no program names it.
    pub is_payload_wanted: bool,
    /// How it is read. Its flag stops the tasks too.
    pub load: Load,
    /// Whether to keep what each thread did when.
    pub tracks: bool,
}

/// The result of a scenario.
#[derive(Debug)]
pub struct Measured {
    /// The components of its ledgers.
    pub components: Vec<ComponentRow>,
    /// The scenario that was run, and how it ended.
    pub scenario: ScenarioInfo,
    /// The tracks of each thread, where they were asked for.
    pub tracks: Option<Tracks>,
}

impl Study {
    /// A study of these scenarios: eight tasks of each in two workers, by the engine's first method, with stamps.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn new(
        engine: &'static dyn Engine,
        program: PathBuf,
        scenarios: Vec<ScenarioSpec>,
        payload: PayloadSpec,
    ) -> Self {
        Study {
            scenarios,
            engine,
            settings: Settings::new(program),
            payload,
            is_payload_wanted: false,
            load: Load { seed: 1, ..Load::default() },
            tracks: false,
        }
    }

    /// A run of this study in which nothing is measured yet. The command line and the date are the caller's to know.
    pub fn empty_run(&self, command: Vec<String>, started_at: String) -> Run {
        let mut run = Run::new(environment(Quality::measure(), command, started_at, self.load.seed, "fresh", None));
        run.environment
            .interpreters
            .extend(self.settings.interpreter.iter().map(|interpreter| interpreter.about.clone()));
        run
    }

    /// Runs one scenario after the other.
    ///
    /// # Errors
    ///
    /// When the data cannot be had. A scenario that fails says so in the run.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn run(&self, run: &mut Run, sink: &mut dyn Sink) -> Result<(), PayloadError> {
        let data = self.needs_data().then(|| self.read(None)).transpose()?;
        for at in 0..self.scenarios.len() {
            if self.interrupted().load(Ordering::Relaxed) {
                return Ok(());
            }
            for measured in self.measure(at, data.as_ref(), sink) {
                measured.keep(run, sink);
            }
        }
        run.environment.complete = true;
        Ok(())
    }

    /// Whether any of the scenarios has data.
    pub fn needs_data(&self) -> bool {
        self.scenarios.iter().any(|scenario| self.has_payload(scenario))
    }

    fn has_payload(&self, scenario: &ScenarioSpec) -> bool {
        scenario.has_payload() || self.is_payload_wanted && matches!(scenario, ScenarioSpec::File(_))
    }

    /// Reads or makes the data.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or memory does not suffice.
    pub fn read(&self, tell: Option<Tell>) -> Result<Payload, PayloadError> {
        self.payload.check_memory(available_memory(), false)?;
        let mut load = self.load.clone();
        load.options.watch.progress = tell;
        let payload = self.payload.load(&load)?;
        payload.check_memory(None, false, available_memory())?;
        Ok(payload)
    }

    /// Runs one scenario; a program may make several calls, each with a result of its own. A failure is in the last.
    pub fn measure(&self, at: usize, data: Option<&Payload>, sink: &mut dyn Sink) -> Vec<Measured> {
        let scenario = &self.scenarios[at];
        let (name, count) = (scenario.name(), self.scenarios.len());
        sink.progress(at as f64 / count as f64, None, &format!("{name} ({}/{count})", at + 1));
        let data = data.filter(|_| self.has_payload(scenario));
        let (mut recording, accounts) = match self.record(scenario, data) {
            Ok(recorded) => recorded,
            Err(error) => (Recording { error: Some(error.to_string()), ..Recording::default() }, Vec::new()),
        };
        if recording.calls.is_empty() {
            let tasks = matches!(scenario, ScenarioSpec::BuiltIn(_)).then_some(self.settings.tasks).or(Some(0));
            recording.calls.push(CallRecording { tasks, is_recorded: true, ..CallRecording::default() });
        }
        let shared = Shared {
            scenario,
            name,
            data: data.filter(|_| recording.took_data),
            calls: recording.calls.len(),
            runtime: recording.runtime,
        };
        let mut accounts = accounts.into_iter();
        let calls = std::mem::take(&mut recording.calls).into_iter().enumerate();
        let mut measured: Vec<Measured> =
            calls.map(|(at, call)| self.measured(&shared, at, call, accounts.next().unwrap_or_default())).collect();
        if let Some(last) = measured.last_mut() {
            let last = &mut last.scenario;
            last.complete &= recording.finished || shared.calls > 1 && recording.error.is_none();
            last.notes.splice(0..0, recording.notes);
            last.error = recording.error.or(last.error.take());
        }
        measured
    }

    /// What came of one call.
    fn measured(&self, shared: &Shared<'_>, at: usize, mut call: CallRecording, accounts: Accounts) -> Measured {
        let engine = if call.engine.is_empty() { self.engine.info().name.to_owned() } else { call.engine.clone() };
        // Rows are told apart by the name.
        let name = if shared.calls > 1 { format!("{} call {}", shared.name, at + 1) } else { shared.name.clone() };
        let payload_name = shared.data.map(|payload| payload.name.as_str());
        let notes = notes(&mut call, &accounts);
        let is_whole = call.is_whole();
        let several = call.done.unwrap_or(0) + call.failed > 1;
        let Accounts { outcome, holes, tracks, .. } = accounts;
        let scenario = ScenarioInfo {
            engine: engine.clone(),
            scenario: name.clone(),
            number: (shared.calls > 1).then_some(at as u64 + 1),
            description: shared.scenario.what().to_owned(),
            payload: payload_name.map(str::to_owned),
            payload_description: shared.data.map(Payload::description),
            runtime: shared.runtime.clone(),
            start: call.start.or_else(|| self.settings.start.map(|start| start.name().to_owned())),
            call: call.call.or_else(|| self.settings.call.map(|call| call.name().to_owned())),
            chunksize: call.chunksize.or(self.settings.chunksize),
            workers: if call.workers > 0 { call.workers } else { self.settings.workers() },
            function: call.function,
            call_ns: self.settings.call_ns,
            tasks: call.tasks.unwrap_or(outcome.received.max(outcome.sent)),
            // What had come by when it was ended.
            done: call.done.unwrap_or(outcome.received),
            failed: call.failed,
            messages: outcome.messages,
            wall_ns: call.wall_ns,
            outside_ns: call.outside_ns,
            iterated_ns: call.iterated_ns,
            closures: outcome.closures,
            encoded: call
                .encoded
                .as_deref()
                .map(|own| ledger::encoded_parts(own, &call.same, several))
                .unwrap_or_default(),
            returned: call.result.as_deref().map(ledger::result_parts).unwrap_or_default(),
            alone: call.alone,
            complete: is_whole && !holes,
            notes,
            error: call.error,
        };
        let components = outcome.rows.iter().map(|row| row.named(&engine, &name, payload_name)).collect();
        Measured { components, scenario, tracks }
    }

    fn interrupted(&self) -> &AtomicBool {
        &self.load.options.watch.interrupted
    }

    /// Has the engine run the scenario in a directory of its own, and accounts for what was recorded there.
    fn record(
        &self,
        scenario: &ScenarioSpec,
        data: Option<&Payload>,
    ) -> Result<(Recording, Vec<Accounts>), EngineError> {
        if let Some(reason) = self.engine.refuses(scenario) {
            return Err(EngineError(reason));
        }
        let for_python = data.filter(|_| self.engine.is_python());
        // At most: what is written is as large as the columns, but for f32, which goes as f64.
        let bytes = for_python.map_or(0, |payload| 2 * payload.column.memory_bytes());
        let bytes = bytes.saturating_add(self.settings.tasks.saturating_mul(RECORDED_BYTES));
        let failed = |what: String| move |error: io::Error| EngineError(format!("{what}; set TMPDIR: {error}"));
        let directory =
            RunDirectory::create(bytes).map_err(failed("cannot make a directory for temporary files".to_owned()))?;
        if let Some(payload) = for_python {
            let place = directory.path().display();
            let write = || {
                let mut file = BufWriter::with_capacity(1 << 20, directory.file("payload")?);
                python::write_payload(&payload.schema, &payload.column, &mut file)?;
                file.flush()
            };
            write().map_err(failed(format!("cannot write the payload to {place}")))?;
        }
        let mut recording = self.engine.run(&Job {
            scenario,
            data,
            settings: &self.settings,
            directory: &directory,
            interrupted: self.interrupted(),
        })?;
        let name = scenario.name();
        let mut accounts = Vec::new();
        for call in recording.calls.iter_mut() {
            let own = ledger::accounts(&call.records, self.load.seed, self.tracks.then_some(&name));
            accounts.push(own.unwrap_or_else(|error| {
                call.notes.push(error.to_string());
                Accounts { holes: true, ..Accounts::default() }
            }));
        }
        Ok((recording, accounts))
    }
}

/// What all calls of a scenario have in common.
struct Shared<'a> {
    scenario: &'a ScenarioSpec,
    name: String,
    /// The data, where it was asked for.
    data: Option<&'a Payload>,
    calls: usize,
    runtime: Option<String>,
}

impl Measured {
    /// Adds it to the run, and tells the sink.
    pub fn keep(self, run: &mut Run, sink: &mut dyn Sink) {
        run.components.extend(self.components);
        run.scenarios.push(self.scenario);
        sink.closed(run);
    }
}

/// Notes for readers of the numbers.
fn notes(call: &mut CallRecording, accounts: &Accounts) -> Vec<String> {
    let outcome = &accounts.outcome;
    let mut notes = std::mem::take(&mut call.notes);
    if outcome.partial > 0 {
        notes.push(format!("{} more messages have incomplete records and are not counted", outcome.partial));
    }
    if !call.is_recorded && call.done.is_some() {
        notes.push("no components: the calls before it are enough for this program".to_owned());
    }
    notes.extend(watch_note(accounts.watch, outcome.messages, call.wall_ns));
    if let Some(digest) = &call.digest {
        notes.push(format!("results: {digest}"));
    }
    notes
}

/// The note about a pool's watch over its workers, where it had a part in the time of the tasks.
fn watch_note(watch: Watch, messages: u64, wall_ns: Option<u64>) -> Option<String> {
    let share = watch.cpu_ns as f64 / wall_ns.filter(|&ns| ns > 0)? as f64;
    (messages >= MANY_MESSAGES && share >= LEAST_WATCH).then(|| {
        format!(
            "the pool's thread that watches over its workers woke {} times and took {} on a CPU, {:.0} % of the time of \
             all tasks, mostly with the interpreter lock that the parent's other threads need; it wakes whenever a result \
             waits, so larger chunks wake it less often",
            watch.wakes,
            Nanos(watch.cpu_ns as f64),
            100.0 * share,
        )
    })
}
