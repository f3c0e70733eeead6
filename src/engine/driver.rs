//! Running a scenario in a Python process of its own: starting it, listening to it, ending it, reading its records.

use super::{EngineError, EngineInfo, Job, Recording, ScenarioSpec, no_room, some_failed};
use crate::clock;
use crate::host::killed_by;
use crate::ledger::Records;
use crate::model::Isolated;
use crate::payload::{Column, Payload};
use crate::python::{OF_TASKS, last_words};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde::Deserialize;
use serde_json::json;
use std::fs;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
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
    Lost {
        pid: i64,
        code: i64,
    },
    Done {
        done: u64,
        failed: u64,
        error: Option<String>,
        began_ns: u64,
        ended_ns: u64,
        digest: Option<String>,
        alone: Option<SaidIsolated>,
    },
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

/// Puts the programs into the directory; returns the name of the scenario's.
fn write_programs(job: &Job<'_>) -> io::Result<String> {
    for (name, source) in OF_TASKS {
        job.directory.write(name, source.as_bytes())?;
    }
    let (name, source) = match job.scenario {
        ScenarioSpec::BuiltIn(scenario) => (format!("{}.py", scenario.name.replace('-', "_")), scenario.source.into()),
        // Beside the others, so that it finds them as the built-in ones do.
        ScenarioSpec::File(path) => ("scenario.py".to_owned(), program(path)?),
    };
    let source: Vec<u8> = source;
    job.directory.write(&name, &source)?;
    Ok(name)
}

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
    /// The first worker that was lost, with its exit code, and when.
    lost: Option<(i64, i64, u64)>,
    done: Option<u64>,
}

impl Driver {
    fn start(job: &Job<'_>, info: &EngineInfo, script: &str) -> io::Result<Driver> {
        let interpreter = job.settings.interpreter.as_ref().ok_or_else(|| io::Error::other("no interpreter"))?;
        let directory = job.directory.path();
        let settings = json!({
            "directory": directory,
            "shared_name": job.directory.shared_name(),
            "payload": job.data.map(|data| json!({"numbers": type_code(data)})),
            "engine": info.name,
            "call": job.settings.call.map(super::Call::name),
            "start": job.settings.start.map(super::Start::name),
            "chunksize": job.settings.chunksize,
            "workers": job.settings.workers,
            "tasks": job.settings.tasks,
            "call_ns": job.settings.call_ns,
            "record": job.settings.record,
            "digest": job.settings.digest,
            "alone": job.settings.record,
            "first_job": 0,
        });
        let mut command = Command::new(&interpreter.program);
        if let ScenarioSpec::File(path) = job.scenario {
            // It runs from a copy beside the agent; what lies beside the original is found all the same.
            // The folder of a bare name is an empty path.
            let folder = std::path::absolute(path)?.parent().map(Path::to_owned).unwrap_or_default();
            let known = std::env::var_os("PYTHONPATH").unwrap_or_default();
            let paths = std::iter::once(folder).chain(std::env::split_paths(&known));
            command.env("PYTHONPATH", std::env::join_paths(paths).map_err(io::Error::other)?);
        }
        let mut process = command
            .arg(directory.join(script))
            // It would keep the scenario from finding the agent beside it.
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
        Ok(Driver { process, events, line: Vec::new(), recording: Recording::default(), lost: None, done: None })
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
            let stuck = self.lost.is_some_and(|(_, _, at)| now - at > AFTER_LOSS_NS);
            if self.done.is_none() && stuck || self.done.is_some_and(|at| now - at > AFTER_DONE_NS) {
                return;
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
        match event {
            Event::Started { python } => recording.runtime = Some(format!("CPython {python}")),
            Event::Lost { pid, code } => {
                if self.lost.is_none() {
                    self.lost = Some((pid, code, clock::now()));
                }
            }
            Event::Done { done, failed, error, began_ns, ended_ns, digest, alone } => {
                self.done = Some(clock::now());
                (recording.done, recording.failed, recording.digest) = (done, failed, digest);
                recording.wall_ns = Some(ended_ns.saturating_sub(began_ns));
                recording.error = error;
                if let Some(alone) = alone {
                    if let Some(error) = alone.error {
                        recording.notes.push(format!("a task could not be encoded by itself: {error}"));
                    }
                    recording.alone =
                        Some(Isolated { bytes: alone.sizes, times_ns: alone.times_ns, cpu_ns: alone.cpu_ns });
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
        let recording = &mut self.recording;
        if job.settings.record {
            match Records::find(directory) {
                Ok(records) => recording.records = records,
                Err(error) => recording.notes.push(error.to_string()),
            }
        }
        recording.encoded = encoded(&directory.join("task.pickle"));
        let records = &recording.records;
        let full = records.missing > 0 || records.stopped();
        recording.finished = self.done.is_some() && !full && self.lost.is_none() && recording.failed == 0;
        if let Some((pid, code, _)) = self.lost {
            let lost = lost(pid, code, self.done.is_some());
            // One that ended by itself has said why.
            let said = (code > 0).then(|| said_last(&directory.join("stderr"))).flatten();
            recording.error = Some(said.map_or(lost.clone(), |said| format!("{lost}; it said: {said}")));
        } else if self.done.is_none() && !recording.interrupted {
            recording.error = Some(ended(status, &directory.join("stderr")));
        } else if recording.failed > 0
            && let Some(first) = recording.error.take()
        {
            recording.error = Some(some_failed(recording.failed, job, &first));
        } else if full {
            recording.error = Some(no_room(job));
        }
    }
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

/// The description of a scenario that never said that it is done: the last line of its own words.
fn ended(status: Option<ExitStatus>, stderr: &Path) -> String {
    let how = match status.map(|status| (status.signal(), status.code())) {
        Some((Some(signal), _)) => killed_by(signal),
        Some((None, Some(code))) => format!("ended early with exit code {code}"),
        _ => "ended early".to_owned(),
    };
    match said_last(stderr) {
        Some(line) => format!("the scenario {how}: {line}"),
        None => format!("the scenario {how}"),
    }
}

/// The last line of this file.
fn said_last(file: &Path) -> Option<String> {
    last_words(&fs::read(file).ok()?)
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
