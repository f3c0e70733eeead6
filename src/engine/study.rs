//! The study behind `sercost tasks`: scenarios that an engine runs one after the other, and the components of each.
//!
//! It has no command line, prints nothing and writes nothing. Its events go to a [`Sink`].

use super::{Engine, EngineError, Job, Recording, ScenarioSpec, Settings};
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
        let settings = Settings::new(engine, program);
        Study { scenarios, engine, settings, payload, load: Load { seed: 1, ..Load::default() }, tracks: false }
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
            let measured = self.measure(at, data.as_ref(), sink);
            measured.keep(run, sink);
        }
        run.environment.complete = true;
        Ok(())
    }

    /// Whether any of the scenarios has data.
    pub fn needs_data(&self) -> bool {
        self.scenarios.iter().any(ScenarioSpec::has_payload)
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

    /// Runs one scenario. A failure is in its result.
    pub fn measure(&self, at: usize, data: Option<&Payload>, sink: &mut dyn Sink) -> Measured {
        let scenario = &self.scenarios[at];
        let (name, count) = (scenario.name(), self.scenarios.len());
        sink.progress(at as f64 / count as f64, None, &format!("{name} ({}/{count})", at + 1));
        let data = data.filter(|_| scenario.has_payload());
        let (mut recording, accounts, error) = match self.record(scenario, data) {
            Ok((recording, accounts)) => (recording, accounts, None),
            Err(error) => (Recording::default(), Accounts::default(), Some(error.to_string())),
        };
        let engine = self.engine.info().name;
        let payload_name = data.map(|payload| payload.name.as_str());
        let notes = notes(&mut recording, &accounts);
        let Accounts { outcome, holes, tracks, .. } = accounts;
        let scenario = ScenarioInfo {
            engine: engine.to_owned(),
            scenario: name.clone(),
            description: scenario.what().to_owned(),
            payload: payload_name.map(str::to_owned),
            payload_description: data.map(Payload::description),
            runtime: recording.runtime,
            start: self.settings.start.map(|start| start.name().to_owned()),
            call: self.settings.call.map(|call| call.name().to_owned()),
            chunksize: self.settings.chunksize,
            workers: self.settings.workers,
            call_ns: self.settings.call_ns,
            tasks: self.settings.tasks,
            done: recording.done,
            failed: recording.failed,
            messages: outcome.messages,
            wall_ns: recording.wall_ns,
            closures: outcome.closures,
            encoded: recording.encoded.as_deref().map(ledger::encoded_parts).unwrap_or_default(),
            alone: recording.alone,
            complete: recording.finished && !holes,
            notes,
            error: error.or(recording.error),
        };
        let components = outcome.rows.iter().map(|row| row.named(engine, &name, payload_name)).collect();
        Measured { components, scenario, tracks }
    }

    fn interrupted(&self) -> &AtomicBool {
        &self.load.options.watch.interrupted
    }

    /// Has the engine run the scenario in a directory of its own, and accounts for what was recorded there.
    fn record(&self, scenario: &ScenarioSpec, data: Option<&Payload>) -> Result<(Recording, Accounts), EngineError> {
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
        let accounts = ledger::accounts(&recording.records, self.load.seed, self.tracks.then_some(&name));
        let accounts = accounts.unwrap_or_else(|error| {
            recording.notes.push(error.to_string());
            Accounts { holes: true, ..Accounts::default() }
        });
        Ok((recording, accounts))
    }
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
fn notes(recording: &mut Recording, accounts: &Accounts) -> Vec<String> {
    let outcome = &accounts.outcome;
    let mut notes = std::mem::take(&mut recording.notes);
    if outcome.partial > 0 {
        notes.push(format!("{} more messages have incomplete records and are not counted", outcome.partial));
    }
    notes.extend(watch_note(accounts.watch, outcome.messages, recording.wall_ns));
    if let Some(digest) = &recording.digest {
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
