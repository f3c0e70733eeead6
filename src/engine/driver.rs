//! Running a scenario in a Python process of its own: starting it, listening to it, ending it, reading its records.

mod stall;

use self::stall::Stall;
use super::{CallRecording, EngineError, EngineInfo, Job, Recording, ScenarioSpec, no_room, some_failed};
use crate::clock;
use crate::host::killed_by;
use crate::ledger::Records;
use crate::model::{Isolated, Nanos};
use crate::payload::{Column, Payload};
use crate::python::{OF_TASKS, last_words_of};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde::Deserialize;
use serde_json::json;
use std::fs;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::Ordering;

/// How long the other workers may go on after one was lost.
const AFTER_LOSS_NS: u64 = 1_000_000_000;
/// How long a scenario may take to end after it said that it is done.
const AFTER_DONE_NS: u64 = 5_000_000_000;
/// The largest encoded task that is looked into.
const LARGEST_ENCODED: u64 = 1 << 30;

/// The events that the scenario tells, a line each.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Started {
        python: String,
    },
    /// The data was asked for.
    Payload,
    /// A call begins.
    Call(SaidCall),
    Lost {
        pid: i64,
        code: i64,
    },
    /// The pool is gone.
    Ended,
    /// The call is over.
    Done {
        done: u64,
        failed: u64,
        error: Option<String>,
        began_ns: u64,
        ended_ns: u64,
        digest: Option<String>,
        alone: Option<SaidIsolated>,
        same: Vec<String>,
        iterated_ns: Option<u64>,
    },
}

#[derive(Debug, Deserialize)]
struct SaidCall {
    engine: String,
    call: String,
    start: String,
    workers: u64,
    chunksize: Option<u64>,
    tasks: Option<u64>,
    function: Option<String>,
    recorded: bool,
}

#[derive(Debug, Deserialize)]
struct SaidIsolated {
    error: Option<String>,
    sizes: Vec<u64>,
    times_ns: Vec<u64>,
    cpu_ns: Vec<u64>,
}

/// Runs the job in the interpreter.
pub(super) fn run(job: &Job<'_>, info: &EngineInfo) -> Result<Recording, EngineError> {
    let interpreter = job
        .settings
        .interpreter
        .as_ref()
        .ok_or_else(|| EngineError(format!("the engine {} needs a Python", info.name)))?;
    let name = job.scenario.name();
    if let Some(module) = interpreter.missing.first().filter(|_| name == "shared-memory") {
        return Err(EngineError(format!(
            "the scenario {name} needs the module {module}, which {:?} was built without; name another Python with --python",
            interpreter.program
        )));
    }
    let script = write_programs(job).map_err(|error| {
        EngineError(format!(
            "cannot write to {}: {error}; free some room, or set TMPDIR",
            job.directory.path().display()
        ))
    })?;
    let mut driver = Driver::start(job, info, &script)
        .map_err(|error| EngineError(format!("cannot start the Python {:?}: {error}", interpreter.program)))?;
    driver.listen(job);
    let status = driver.end();
    driver.conclude(job, status);
    Ok(std::mem::take(&mut driver.recording))
}

/// Puts the programs into the directory; returns the path of the scenario's.
fn write_programs(job: &Job<'_>) -> io::Result<PathBuf> {
    for (name, source) in OF_TASKS {
        job.directory.write(name, source.as_bytes())?;
    }
    match job.scenario {
        ScenarioSpec::BuiltIn(scenario) => {
            let name = format!("{}.py", scenario.name.replace('-', "_"));
            job.directory.write(&name, scenario.source.as_bytes())?;
            Ok(job.directory.path().join(name))
        }
        // Workers that are spawned read it again, which only a regular file allows.
        ScenarioSpec::File(path) if fs::metadata(path)?.is_file() => {
            program(path)?;
            std::path::absolute(path)
        }
        ScenarioSpec::File(path) => {
            job.directory.write(COPY, &program(path)?)?;
            Ok(job.directory.path().join(COPY))
        }
    }
}

/// The name of a program that can be read only once.
const COPY: &str = "program.py";

/// A program of the user's own.
fn program(path: &Path) -> io::Result<Vec<u8>> {
    /// No program is as large, and a device without an end is not a program.
    const MOST_BYTES: u64 = 64 << 20;
    let mut source = Vec::new();
    fs::File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut source)?;
    if source.len() as u64 > MOST_BYTES {
        return Err(io::Error::other(format!("{} is more than 67 MB, which no scenario is", path.display())));
    }
    Ok(source)
}

struct Driver {
    process: Child,
    events: ChildStdout,
    line: Vec<u8>,
    recording: Recording,
    /// The program as Python has it.
    script: PathBuf,
    /// The first worker that was lost, with its exit code, and when.
    lost: Option<(i64, i64, u64)>,
    /// When the last event came.
    heard: u64,
    /// A call is under way, since then.
    calling: Option<u64>,
    /// A call is over, and no other has begun.
    is_done: bool,
    stall: Stall,
    /// It was ended because nothing happened.
    is_stalled: bool,
}

impl Driver {
    fn start(job: &Job<'_>, info: &EngineInfo, script: &Path) -> io::Result<Driver> {
        let interpreter = job.settings.interpreter.as_ref().ok_or_else(|| io::Error::other("no interpreter"))?;
        let directory = job.directory.path();
        let settings = settings(job, info);
        // The program finds what sercost_tasks is; a built-in one lies beside it. Its own folder comes first.
        let known = std::env::var_os("PYTHONPATH").unwrap_or_default();
        let paths = std::iter::once(directory.to_owned()).chain(std::env::split_paths(&known));
        let mut process = Command::new(&interpreter.program)
            .arg(script)
            .env("PYTHONPATH", std::env::join_paths(paths).map_err(io::Error::other)?)
            // It would keep the scenario from finding what lies beside it.
            .env_remove("PYTHONSAFEPATH")
            .env("SERCOST_TASKS", settings.to_string())
            .env("SERCOST_DRIVER", "1")
            // A pipe that nothing is written to: when sercost is gone it closes, and everything ends.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(job.directory.file("stderr")?))
            // Ctrl-C reaches sercost alone, which then ends all of the group, workers included.
            .process_group(0)
            .spawn()?;
        let Some(events) = process.stdout.take() else { return Err(io::Error::other("it has no standard output")) };
        let stall = Stall::new(process.id() as i32, job.settings.stall_ns);
        Ok(Driver {
            process,
            events,
            line: Vec::new(),
            recording: Recording::default(),
            script: script.to_owned(),
            lost: None,
            heard: clock::now(),
            calling: None,
            is_done: false,
            stall,
            is_stalled: false,
        })
    }

    /// Takes events until the scenario is over, is to be ended, or is stuck.
    fn listen(&mut self, job: &Job<'_>) {
        loop {
            let timeout = rustix::time::Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
            let ready = poll(&mut [PollFd::new(&self.events, PollFlags::IN)], Some(&timeout));
            if matches!(ready, Ok(1..)) && !self.take_events() {
                return;
            }
            if self.has_ended() {
                while self.take_more() {}
                return;
            }
            let now = clock::now();
            if job.interrupted.load(Ordering::Relaxed) {
                self.recording.interrupted = true;
                return;
            }
            let is_crippled = self.lost.is_some_and(|(_, _, at)| now - at > AFTER_LOSS_NS);
            let is_built_in = matches!(job.scenario, ScenarioSpec::BuiltIn(_));
            let lingers = is_built_in && self.is_done && now - self.heard > AFTER_DONE_NS;
            if self.calling.is_some() && is_crippled || lingers {
                return;
            }
            if let Some(since) = self.calling {
                let directory = job.directory.path().join(format!("call-{}", self.recording.calls.len()));
                if self.stall.is_over(now, since, &directory) {
                    self.is_stalled = true;
                    return;
                }
            }
        }
    }

    /// Events that are there although the process is gone.
    fn take_more(&mut self) -> bool {
        let nothing = rustix::time::Timespec { tv_sec: 0, tv_nsec: 0 };
        let ready = poll(&mut [PollFd::new(&self.events, PollFlags::IN)], Some(&nothing));
        matches!(ready, Ok(1..)) && self.take_events()
    }

    /// Reads what is there; false at the end of the stream.
    fn take_events(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let read = match self.events.read(&mut buffer) {
            Ok(read) => read,
            Err(error) => return error.kind() == io::ErrorKind::Interrupted,
        };
        self.line.extend_from_slice(&buffer[..read]);
        while let Some(end) = self.line.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.line.drain(..=end).collect();
            // A line that is not an event was written by the scenario itself, past what should have kept it from doing
            // so.
            if let Ok(event) = serde_json::from_slice(&line) {
                self.take(event);
            }
        }
        read > 0
    }

    fn take(&mut self, event: Event) {
        let recording = &mut self.recording;
        let now = clock::now();
        self.heard = now;
        match event {
            Event::Started { python } => recording.runtime = Some(format!("CPython {python}")),
            Event::Payload => recording.took_data = true,
            Event::Call(said) => {
                self.calling = Some(now);
                self.is_done = false;
                recording.calls.push(CallRecording {
                    engine: said.engine,
                    call: Some(said.call),
                    start: Some(said.start),
                    chunksize: said.chunksize,
                    workers: said.workers,
                    tasks: said.tasks,
                    function: said.function,
                    is_recorded: said.recorded,
                    ..CallRecording::default()
                });
            }
            Event::Lost { pid, code } => {
                if self.lost.is_none() {
                    self.lost = Some((pid, code, now));
                }
            }
            Event::Ended => {
                if let (Some(call), Some(since)) = (recording.calls.last_mut(), self.calling) {
                    call.outside_ns = Some(now - since);
                }
            }
            Event::Done { done, failed, error, began_ns, ended_ns, digest, alone, same, iterated_ns } => {
                self.calling = None;
                let Some(call) = recording.calls.last_mut() else { return };
                self.is_done = true;
                (call.done, call.failed, call.digest, call.same) = (Some(done), failed, digest, same);
                call.tasks.get_or_insert(done + failed);
                call.iterated_ns = iterated_ns;
                call.wall_ns = Some(ended_ns.saturating_sub(began_ns));
                call.error = error;
                if let Some(alone) = alone {
                    if let Some(error) = alone.error {
                        call.notes.push(format!("a task could not be encoded by itself: {error}"));
                    }
                    call.alone = Some(Isolated { bytes: alone.sizes, times_ns: alone.times_ns, cpu_ns: alone.cpu_ns });
                }
            }
        }
    }

    /// Whether the process is gone, without giving up its number.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        let Some(pid) = Pid::from_raw(self.process.id() as i32) else { return true };
        !matches!(waitid(WaitId::Pid(pid), options), Ok(None))
    }

    /// Ends what is left of the group. Its leader is waited for last, so that the number of the group stays ours.
    fn end(&mut self) -> Option<ExitStatus> {
        if let Some(group) = Pid::from_raw(self.process.id() as i32) {
            // After an orderly end there may be no process left but the leader, which is gone.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let status = self.process.wait().ok();
        // The pipe that holds everything back closes only now: the group is dead, and no process is left to remove the
        // records.
        drop(self.process.stdin.take());
        status
    }

    /// Reads what is left behind, and says how it ended.
    fn conclude(&mut self, job: &Job<'_>, status: Option<ExitStatus>) {
        let directory = job.directory.path();
        for (at, call) in self.recording.calls.iter_mut().enumerate() {
            take_files(call, at + 1, directory);
            if call.failed > 0
                && let Some(first) = call.error.take()
            {
                call.error = Some(some_failed(call.failed, call.tasks.unwrap_or_default(), &first));
            } else if call.error.is_none() && (call.records.missing > 0 || call.records.stopped()) {
                call.error = Some(no_room(job));
            }
        }
        let words = || fs::read(directory.join("stderr")).ok().and_then(|said| last_words_of(&said, &self.script));
        let over = self.recording.calls.last().is_some_and(|call| call.done.is_some());
        let error = if let Some((pid, code, _)) = self.lost {
            let lost = lost(pid, code, over);
            // One that ended by itself has said why.
            let said = (code > 0).then(words).flatten();
            Some(said.map_or(lost.clone(), |said| format!("{lost}; it said: {said}")))
        } else if self.is_stalled {
            Some(format!(
                "no task ended for {} and no process computed, so it was ended; --stall {} waits longer",
                Nanos(job.settings.stall_ns as f64),
                Nanos(10.0 * job.settings.stall_ns as f64).to_string().replace(' ', ""),
            ))
        } else if self.recording.interrupted || over && status.is_none_or(|status| status.success()) {
            None
        } else if over && self.recording.calls.len() == 1 && matches!(job.scenario, ScenarioSpec::BuiltIn(_)) {
            // All is measured, and sercost has ended what lingered.
            None
        } else if self.recording.calls.is_empty() && status.is_some_and(|status| status.success()) {
            Some(never_ran(job))
        } else {
            Some(ended(status, words()))
        };
        let recording = &mut self.recording;
        let whole = recording.calls.iter().all(|call| call.is_whole() || !call.is_recorded && call.error.is_none());
        recording.finished = over && whole && error.is_none();
        recording.error = error;
    }
}

/// Reads what a call has left behind.
fn take_files(call: &mut CallRecording, number: usize, directory: &Path) {
    if call.is_recorded {
        match Records::find(&directory.join(format!("call-{number}"))) {
            Ok(records) => call.records = records,
            Err(error) => {
                // Its directory could not be made, or is unreadable.
                call.records.missing = 1;
                call.notes.push(error.to_string());
            }
        }
        call.encoded = encoded(&directory.join(format!("task-{number}.pickle")));
        call.result = encoded(&directory.join(format!("result-{number}.pickle")));
    }
}

/// The settings as the scenario gets them: null where it chooses.
fn settings(job: &Job<'_>, info: &EngineInfo) -> serde_json::Value {
    let settings = job.settings;
    let is_open = settings.engine_is_open && matches!(job.scenario, ScenarioSpec::File(_));
    json!({
        "directory": job.directory.path(),
        "shared_name": job.directory.shared_name(),
        "payload": job.data.map(|data| json!({"numbers": type_code(data)})),
        "engine": (!is_open).then_some(info.name),
        "call": settings.call.map(super::Call::name),
        "start": settings.start.map(super::Start::name),
        "chunksize": settings.chunksize,
        "workers": settings.workers,
        "tasks": settings.tasks,
        "call_ns": settings.call_ns,
        "record": settings.record,
        "digest": settings.digest,
    })
}

impl Drop for Driver {
    fn drop(&mut self) {
        // After a panic; otherwise no process is left.
        if let (false, Some(group)) = (self.has_ended(), Pid::from_raw(self.process.id() as i32)) {
            let _ = kill_process_group(group, Signal::KILL);
            let _ = self.process.wait();
        }
    }
}

/// The description of a worker that ended by itself.
fn lost(pid: i64, code: i64, done: bool) -> String {
    let how = match code {
        code if code < 0 => killed_by(i32::try_from(-code).unwrap_or_default()),
        code => format!("ended by itself with exit code {code}"),
    };
    match done {
        true => format!("worker process {pid} {how}; the task it was working on is lost"),
        false => {
            format!("worker process {pid} {how}; the pool would wait for its task forever, so the scenario was ended")
        }
    }
}

/// The description of a scenario that ended before it was done.
fn ended(status: Option<ExitStatus>, said: Option<String>) -> String {
    let how = match status.map(|status| (status.signal(), status.code())) {
        Some((Some(signal), _)) => killed_by(signal),
        Some((None, Some(code))) => format!("ended early with exit code {code}"),
        _ => "ended early".to_owned(),
    };
    match said {
        Some(line) => format!("the scenario {how}: {line}"),
        None => format!("the scenario {how}"),
    }
}

/// What to add to a program that is no scenario.
fn never_ran(job: &Job<'_>) -> String {
    format!(
        "{} never called run(...); add `from sercost_tasks import run`, and under `if __name__ == \"__main__\":` call \
         `run(function, items)` where it has its pool",
        job.scenario.name()
    )
}

/// The type code of Python's `array` for the elements of a list of numbers.
fn type_code(payload: &Payload) -> Option<&'static str> {
    let Column::List { items, .. } = &payload.column else { return None };
    Some(match **items {
        Column::I8(_) => "b",
        Column::I16(_) => "h",
        Column::I32(_) => "i",
        Column::I64(_) => "q",
        Column::U8(_) => "B",
        Column::U16(_) => "H",
        Column::U32(_) => "I",
        Column::U64(_) => "Q",
        Column::F32(_) => "f",
        Column::F64(_) => "d",
        _ => return None,
    })
}

fn encoded(path: &Path) -> Option<Vec<u8>> {
    let length = fs::metadata(path).ok()?.len();
    if length > LARGEST_ENCODED {
        return None;
    }
    fs::read(path).ok()
}
