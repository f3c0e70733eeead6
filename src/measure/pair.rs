//! The two interpreters of a payload, and the samples that they take.
//!
//! For a sample the receiving interpreter is told what comes; when it is about to read, the sending one is asked for a
//! sample. Both read the clock that sercost reads. What runs inside, and what they say to one another, is in
//! `python/sercost_rows.py`.

use super::case::PythonCase;
use super::fidelity::Subjects;
use super::sample::Failure;
use crate::codec::PythonRow;
use crate::host::{ChildError, available_memory, memory_file};
use crate::model::{Bytes, Stage};
use crate::payload::read::PickleFile;
use crate::python::{Process, python_bytes, write_payload};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::OwnedFd;
use std::sync::atomic::AtomicBool;

/// A stage and a reason, as the script says them.
type RowError = Option<(Stage, String)>;

#[derive(Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Request<'a> {
    Start { role: &'a str, gc: bool, messages: usize, pickle: Option<PickleRequest<'a>> },
    Row(RowRequest<'a>),
    Sample { row: &'a str, repeats: usize, count: bool },
    Explain { row: &'a str },
}

/// How the script makes the values where the payload is the file of a pickle.
#[derive(Clone, Copy, Serialize)]
struct PickleRequest<'a> {
    /// All that its unpickler may look up.
    globals: &'a [(String, String)],
    pickles: usize,
    shared: bool,
    /// Whether there are sets in it.
    unordered: bool,
    /// Whether the messages are the elements of its value.
    each: bool,
}

/// The parts of a [`PythonRow`] that the script needs.
#[derive(Serialize)]
struct RowRequest<'a> {
    name: &'a str,
    package: Option<&'a str>,
    imports: &'a [&'a str],
    setup: &'a str,
    hold: Option<&'a str>,
    encode: &'a str,
    decode: &'a str,
    token: Option<&'a str>,
    parts: usize,
}

impl<'a> From<&'a PythonRow> for RowRequest<'a> {
    fn from(row: &'a PythonRow) -> Self {
        let PythonRow { name, package, imports, setup, hold, encode, decode, token, parts, .. } = *row;
        RowRequest { name, package, imports, setup, hold, encode, decode, token, parts }
    }
}

#[derive(Deserialize)]
struct Done {
    error: RowError,
}

#[derive(Deserialize)]
struct RowAnswer {
    version: Option<String>,
    digest: Option<String>,
    absent: bool,
    error: RowError,
}

#[derive(Deserialize)]
struct Ready {
    ready: bool,
}

#[derive(Deserialize)]
struct Explained {
    lossy: Option<Vec<String>>,
    error: RowError,
}

/// The measurements of the sending interpreter.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    pub(super) start: u64,
    pub(super) encode_ns: Option<u64>,
    pub(super) sent_at: Option<u64>,
    /// The mean of the messages.
    pub(super) bytes: Option<u64>,
    pub(super) peak_resident_bytes: Option<u64>,
    error: RowError,
}

/// The measurements of the receiving interpreter.
#[derive(Debug, Deserialize)]
pub(super) struct Received {
    pub(super) received_at: Option<u64>,
    pub(super) decode_ns: Option<u64>,
    pub(super) decoded_at: Option<u64>,
    digest: Option<String>,
    pub(super) repeats_agree: bool,
    pub(super) peak_resident_bytes: Option<u64>,
    error: RowError,
}

/// A sample, as both sides saw it.
#[derive(Debug)]
pub(super) struct Sampled {
    pub(super) sent: Sent,
    pub(super) received: Received,
    /// The digest of what arrived, and of what was sent.
    pub(super) digest: u64,
    pub(super) expected: u64,
    /// The module's version; `None` for the standard library.
    pub(super) module: Option<String>,
}

/// A row that both interpreters of a pair are ready for.
#[derive(Clone)]
struct ReadyRow {
    module: Option<String>,
    expected: u64,
}

/// Two interpreters of one kind.
struct Pair {
    sender: Process,
    receiver: Process,
    rows: HashMap<&'static str, ReadyRow>,
}

/// The interpreters of a payload: two for each that was asked for, started when their first row has its first turn.
pub(super) struct Pairs {
    gc: bool,
    /// The kinds that there will be, all of which hold the payload.
    kinds: HashSet<String>,
    payload: Option<File>,
    running: HashMap<String, Pair>,
    /// Those that could not be started, with the reason: they will not be started for every row anew.
    failed: HashMap<String, String>,
}

impl Pairs {
    pub(super) fn new(gc: bool) -> Self {
        Pairs { gc, kinds: HashSet::new(), payload: None, running: HashMap::new(), failed: HashMap::new() }
    }

    /// There will be a row of that kind.
    pub(super) fn expect(&mut self, case: &PythonCase) {
        self.kinds.insert(case.interpreter.about.name.clone());
    }

    /// Takes one sample of a row. A pair that lost one of its two is ended, and started anew for the next row.
    pub(super) fn sample(
        &mut self,
        case: &PythonCase,
        subjects: &Subjects<'_>,
        (encode_repeats, decode_repeats): (usize, usize),
        count: bool,
        interrupted: &AtomicBool,
    ) -> Result<Sampled, Failure> {
        let pair = self.pair(case, subjects, interrupted)?;
        let taken = pair.ready(case, interrupted).and_then(|ready| {
            let taken = pair.sample(case.row.name, encode_repeats, decode_repeats, count, interrupted)?;
            Ok((ready, taken))
        });
        let (ready, (sent, received)) = self.kept(case, taken)?;
        let error = sent.error.as_ref().or(received.error.as_ref());
        if let Some((stage, reason)) = error {
            if *stage == Stage::Transfer {
                self.end(case);
            }
            return Err(Failure::Row(*stage, reason.clone()));
        }
        let digest = received.digest.as_deref().and_then(read_digest);
        let digest = digest.ok_or_else(|| Failure::Row(Stage::Decode, "no digest of what arrived".into()))?;
        Ok(Sampled { sent, received, digest, expected: ready.expected, module: ready.module })
    }

    /// The losses of the sample before, by path.
    pub(super) fn losses(&mut self, case: &PythonCase, interrupted: &AtomicBool) -> Result<Vec<String>, Failure> {
        let Some(pair) = self.running.get_mut(&case.interpreter.about.name) else { return Ok(Vec::new()) };
        let explained = pair
            .receiver
            .request(&Request::Explain { row: case.row.name })
            .and_then(|()| pair.receiver.answer::<Explained>(interrupted))
            .map_err(Ended::Pair);
        let explained = self.kept(case, explained)?;
        match explained.error {
            Some((stage, reason)) => Err(Failure::Row(stage, reason)),
            None => Ok(explained.lossy.unwrap_or_default()),
        }
    }

    /// Ends all interpreters.
    pub(super) fn end_all(&mut self) {
        self.running.clear();
    }

    /// Ends the interpreters of that kind. What they wait for, if they are there, will not come.
    pub(super) fn end(&mut self, case: &PythonCase) {
        self.running.remove(&case.interpreter.about.name);
    }

    /// The result of asking a pair, which is ended if it broke.
    fn kept<T>(&mut self, case: &PythonCase, result: Result<T, Ended>) -> Result<T, Failure> {
        result.map_err(|ended| match ended {
            Ended::Row(stage, reason) => Failure::Row(stage, reason),
            Ended::Pair(error) => {
                self.end(case);
                error.into()
            }
        })
    }

    fn pair(
        &mut self,
        case: &PythonCase,
        subjects: &Subjects<'_>,
        interrupted: &AtomicBool,
    ) -> Result<&mut Pair, Failure> {
        let name = &case.interpreter.about.name;
        if let Some(reason) = self.failed.get(name) {
            return Err(Failure::Row(Stage::Encode, reason.clone()));
        }
        if !self.running.contains_key(name) {
            match self.start(case, subjects, interrupted) {
                Ok(pair) => {
                    self.running.insert(name.clone(), pair);
                }
                Err(ChildError::Interrupted) => return Err(Failure::Interrupted),
                Err(error) => {
                    let reason = error.to_string();
                    self.failed.insert(name.clone(), reason.clone());
                    return Err(Failure::Row(Stage::Encode, reason));
                }
            }
        }
        self.running.get_mut(name).ok_or_else(|| Failure::Row(Stage::Encode, "no interpreter is running".into()))
    }

    fn start(
        &mut self,
        case: &PythonCase,
        subjects: &Subjects<'_>,
        interrupted: &AtomicBool,
    ) -> Result<Pair, ChildError> {
        let system = |what: &str, error: io::Error| ChildError::Lost(format!("{what}: {error}"));
        let program = &case.interpreter.program;
        if self.payload.is_none() {
            check_memory(subjects, self.kinds.len()).map_err(ChildError::Refused)?;
            let payload = written(subjects).map_err(|error| system("cannot hand the payload to Python", error))?;
            self.payload = Some(payload);
        }
        let share = || -> io::Result<OwnedFd> {
            let payload = self.payload.as_ref().map(File::try_clone);
            payload.ok_or(io::ErrorKind::NotFound)?.map(OwnedFd::from)
        };
        let (to_read, to_write) = io::pipe().map_err(|error| system("cannot make a pipe", error))?;
        let mut sender = Process::start(program, "the sending interpreter")?;
        let mut receiver = Process::start(program, "the receiving interpreter")?;
        sender.hello(interrupted)?;
        receiver.hello(interrupted)?;
        // Our copies of the pipe's ends are closed with the lists: a write to a dead process must not wait forever.
        let ends = [(&mut sender, "send", OwnedFd::from(to_write)), (&mut receiver, "receive", to_read.into())];
        for (process, role, end) in ends {
            let pickle = subjects.pickle.map(|(file, each)| {
                let PickleFile { globals, pickles, shared, unordered, .. } = file;
                PickleRequest { globals, pickles: *pickles, shared: *shared, unordered: *unordered, each }
            });
            process.request(&Request::Start { role, gc: self.gc, messages: subjects.messages, pickle })?;
            let payload = share().map_err(|error| system("cannot hand the payload to Python", error))?;
            process.hand_over(&[payload, end])?;
        }
        for process in [&mut sender, &mut receiver] {
            if let Some((_, reason)) = process.answer::<Done>(interrupted)?.error {
                return Err(ChildError::Refused(reason));
            }
        }
        Ok(Pair { sender, receiver, rows: HashMap::new() })
    }
}

/// Why a pair did not do what it was asked.
enum Ended {
    /// The row cannot be measured; the pair goes on.
    Row(Stage, String),
    /// One of the two is gone, or out of step.
    Pair(ChildError),
}

impl From<ChildError> for Ended {
    fn from(error: ChildError) -> Self {
        Ended::Pair(error)
    }
}

impl Pair {
    /// Has the row's modules imported and its loops compiled on both sides, and its values made.
    fn ready(&mut self, case: &PythonCase, interrupted: &AtomicBool) -> Result<ReadyRow, Ended> {
        let row = case.row;
        if let Some(ready) = self.rows.get(row.name) {
            return Ok(ready.clone());
        }
        let request = Request::Row(row.into());
        let mut answers = Vec::new();
        for process in [&mut self.sender, &mut self.receiver] {
            process.request(&request)?;
            let answer: RowAnswer = process.answer(interrupted)?;
            if let Some((stage, reason)) = answer.error {
                let reason = if answer.absent { absent(case) } else { reason };
                return Err(Ended::Row(stage, reason));
            }
            answers.push(answer);
        }
        let digest = answers.iter().find_map(|answer| read_digest(answer.digest.as_deref()?));
        let Some(expected) = digest else {
            return Err(Ended::Row(Stage::Encode, "no digest of what would be sent".into()));
        };
        let module = answers.into_iter().find_map(|answer| answer.version);
        let ready = ReadyRow { module, expected };
        self.rows.insert(row.name, ready.clone());
        Ok(ready)
    }

    fn sample(
        &mut self,
        row: &str,
        encode_repeats: usize,
        decode_repeats: usize,
        count: bool,
        interrupted: &AtomicBool,
    ) -> Result<(Sent, Received), Ended> {
        self.receiver.request(&Request::Sample { row, repeats: decode_repeats, count })?;
        if !self.receiver.answer::<Ready>(interrupted)?.ready {
            return Err(Ended::Pair(ChildError::Refused("the receiving interpreter is not ready".into())));
        }
        self.sender.request(&Request::Sample { row, repeats: encode_repeats, count })?;
        let sent: Sent = self.sender.answer(interrupted)?;
        // Also where the sender failed: then as many empty messages came, or the receiver is gone and says how.
        let received: Received = self.receiver.answer(interrupted)?;
        Ok((sent, received))
    }
}

/// The advice what to do about a module that is not there.
fn absent(case: &PythonCase) -> String {
    let given = &case.interpreter.about.given;
    match case.row.package {
        Some(package) => {
            format!("{package} is not installed; \"{given} -m pip install {package}\" installs it")
        }
        None => format!("{given} lacks the module {}, which its standard library should have", case.row.imports[0]),
    }
}

fn read_digest(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

/// The payload in unnamed memory, in the form that the script reads, or as the file of a pickle that it loads.
fn written(subjects: &Subjects<'_>) -> io::Result<File> {
    let file = memory_file("sercost-payload")?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    match subjects.pickle {
        Some((pickle, _)) => out.write_all(&pickle.bytes)?,
        None => write_payload(subjects.schema, subjects.column, &mut out)?,
    }
    out.flush()?;
    out.into_inner().map_err(io::IntoInnerError::into_error)
}

/// Refuses what would not fit: each kind of interpreter has the value twice, its encoding twice, and Python's values
/// are larger than ours.
fn check_memory(subjects: &Subjects<'_>, kinds: usize) -> Result<(), String> {
    let value = python_bytes(subjects.column);
    let column = subjects.column.memory_bytes();
    let needs = (2 * value + 2 * column).saturating_mul(kinds as u64).saturating_add(column);
    match available_memory() {
        Some(available) if needs > available => Err(format!(
            "{} of memory needed for the payload as Python values, {} available; take a smaller payload, or fewer interpreters",
            Bytes(needs),
            Bytes(available)
        )),
        _ => Ok(()),
    }
}
