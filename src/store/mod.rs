//! Results files: written so that what was measured survives whatever happens next, read with suspicion.
//!
//! A results file is replaced whole: the new document goes to a temporary file beside it, is flushed to the disk and
//! renamed over the old one, so that a reader, a full disk or an interruption never meets half a document. What is
//! not a regular file (a terminal, a pipe, `/dev/null`) cannot be replaced and is written to directly, once.
//!
//! Files of every version that was ever written are read, into the types of today.

mod claims;
mod place;
mod upgrade;

pub use claims::{Input, Output, OutputKind, check_outputs, check_stdout};
pub use place::Pieces;

use crate::model::{DEEP_STACK_BYTES, Document, RESULTS_SCHEMA, Run};
use place::{Place, plain};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The least time between one update and the next, so that measuring many short rows is not writing many files.
const BETWEEN_UPDATES_NS: u64 = 1_000_000_000;

/// The deepest nesting that is read. A schema takes up to four levels for each level of the payload.
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
const DEEPEST: usize = 4_000;

/// A document that is nested deeper than this is read on a stack made for it.
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
const ORDINARY_DEPTH: usize = 128;

/// Why a results file could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The place cannot be written to.
    #[error("cannot write results to {path:?}: {reason}")]
    Write {
        /// As it was given.
        path: PathBuf,
        /// In the system's words, or ours where those do not help.
        reason: String,
    },
    /// It would take the place of a file that the same call reads.
    #[error("{flag}: {path:?} is {what} of this call, which it would replace; name another file")]
    Input {
        /// `--out` or `--trace-out`.
        flag: &'static str,
        /// As it was given.
        path: PathBuf,
        /// The input that the call reads there: `the payload`.
        what: &'static str,
    },
    /// The shell has sent stdout into a file that the same call reads.
    #[error("stdout: {path:?} is {what} of this call, which it would overwrite")]
    Stdout {
        /// As it was given.
        path: PathBuf,
        /// The input that the call reads there.
        what: &'static str,
    },
    /// Two outputs would take each other's place.
    #[error("{flag}: {path:?} is the file of {other} too; name two different files")]
    SameOutput {
        /// The second of the two.
        flag: &'static str,
        /// As it was given there.
        path: PathBuf,
        /// The first of the two.
        other: &'static str,
    },
    /// It would take the place of a file that sercost has not written.
    #[error("{flag}: {path:?} {found}; name another file, or give --force to {act}")]
    Foreign {
        /// `--out` or `--trace-out`.
        flag: &'static str,
        /// As it was given.
        path: PathBuf,
        /// A description of what is there.
        found: &'static str,
        /// The act that `--force` allows.
        act: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read results from {path:?}: {reason}")]
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    Read {
        /// As it was given.
        path: PathBuf,
        /// In the system's words.
        reason: String,
    },
    /// The file is something else.
    #[error("{path:?} is not a results file: {reason}; `sercost profile ... --out FILE` writes one")]
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    NotResults {
        /// As it was given.
        path: PathBuf,
        /// The fault in words.
        reason: String,
    },
    /// The file is a results file of another version.
    #[error("{path:?} has the layout {found:?}, and this sercost reads up to {RESULTS_SCHEMA:?}; {remedy}")]
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    OtherVersion {
        /// As it was given.
        path: PathBuf,
        /// Its `schema` member.
        found: String,
        /// Update, or measure again.
        remedy: &'static str,
    },
}

/// Writes the run to `path`, replacing what is there as a whole or leaving it as it is.
pub fn write(path: &Path, run: &Run) -> Result<(), StoreError> {
    Place::find(path)?.write(path, run)
}

/// A results file that is written again and again while a run goes on.
///
/// Time is given by the caller, in nanoseconds of any clock that does not go back.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    place: Place,
    next_ns: u64,
    /// With the rows that are closed, each of which is serialized once.
    document: Document,
}

impl Writer {
    /// Checks that `path` can be written by writing the run as it is before the first sample: an error now costs
    /// nothing, one after the measurements costs all of them. The results of an earlier run stay until there are new ones
    /// to take their place.
    pub fn create(path: &Path, run: &Run) -> Result<Self, StoreError> {
        let place = Place::find_usable(path)?;
        match &place {
            Place::File(target) if fs::metadata(target).is_ok_and(|found| found.len() > 0) => {
                place.rehearse(path, run)?
            }
            Place::File(_) => place.write(path, run)?,
            Place::Stream(_) => {}
        }
        Ok(Writer { path: path.to_owned(), place, next_ns: 0, document: Document::default() })
    }

    /// Whether an update at this time would write: to spare the caller the making of a run that is not read.
    pub fn is_due(&self, now_ns: u64) -> bool {
        self.place.is_replaceable() && now_ns >= self.next_ns
    }

    /// Writes the run, at most once a second.
    pub fn update(&mut self, run: &Run, now_ns: u64) -> Result<(), StoreError> {
        if !self.is_due(now_ns) {
            return Ok(());
        }
        self.next_ns = now_ns.saturating_add(BETWEEN_UPDATES_NS);
        self.place.write_text(&self.path, &self.document.to_json(run))
    }

    /// All rows of the run are final: they are serialized now, and not again. Writes it as [`Writer::update`] does.
    pub fn closed(&mut self, run: &Run, now_ns: u64) -> Result<(), StoreError> {
        if self.place.is_replaceable() {
            self.document.close(run);
        }
        self.update(run, now_ns)
    }

    /// Writes the run now, whenever the last update was: for what must not be lost.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn flush(&mut self, run: &Run) -> Result<(), StoreError> {
        if !self.place.is_replaceable() {
            return Ok(());
        }
        self.place.write_text(&self.path, &self.document.to_json(run))
    }

    /// Writes the run for the last time.
    pub fn finish(self, run: &Run) -> Result<(), StoreError> {
        self.place.write_text(&self.path, &self.document.to_json(run))
    }
}

/// Reads a results file.
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
pub fn read(path: &Path) -> Result<Run, StoreError> {
    let bytes = fs::read(path).map_err(|e| StoreError::Read { path: path.to_owned(), reason: plain(&e) })?;
    let not_results = |reason: String| StoreError::NotResults { path: path.to_owned(), reason };
    if bytes.is_empty() {
        return Err(not_results("it is empty".to_owned()));
    }
    let depth = depth(&bytes);
    if depth > DEEPEST {
        return Err(not_results(format!("it is nested {depth} levels deep, over the limit of {DEEPEST}")));
    }
    let version = check_version(path, &bytes)?;
    // The types of a run are shallow, but for the schemas of payloads.
    let parse = || -> Result<Run, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(&bytes);
        deserializer.disable_recursion_limit();
        let run = Run::deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(if version == 1 { upgrade::from_1(run) } else { run })
    };
    if depth <= ORDINARY_DEPTH {
        return parse().map_err(|e| not_results(e.to_string()));
    }
    let parsed = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(DEEP_STACK_BYTES);
        match builder.spawn_scoped(scope, parse) {
            Ok(thread) => Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
            Err(e) => Err(StoreError::Read { path: path.to_owned(), reason: plain(&e) }),
        }
    })?;
    parsed.map_err(|e| not_results(e.to_string()))
}

/// Writes a new file, and never over one that is there: the name may be taken by the user's own work.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    File::options().write(true).create_new(true).open(path)?.write_all(bytes)
}

/// Looks at the `schema` member only: what a newer version wrote need not be understood to be recognized. Returns the version,
/// one of those that are read.
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
fn check_version(path: &Path, bytes: &[u8]) -> Result<u64, StoreError> {
    #[derive(Deserialize)]
    struct Version {
        schema: String,
    }
    let not_results = |reason: &str| StoreError::NotResults { path: path.to_owned(), reason: reason.to_owned() };
    let members: BTreeMap<String, IgnoredAny> = serde_json::from_slice(bytes).map_err(|e| match e.classify() {
        serde_json::error::Category::Data => not_results("it is JSON, but not an object with a member \"schema\""),
        _ => not_results(&format!("it is not valid JSON: {e}")),
    })?;
    if !members.contains_key("schema") {
        return Err(not_results("it has no member \"schema\""));
    }
    let version: Version =
        serde_json::from_slice(bytes).map_err(|_| not_results("its member \"schema\" is not a string"))?;
    let number = |schema: &str| schema.strip_prefix("sercost.results/").and_then(|number| number.parse::<u64>().ok());
    let remedy = match (number(&version.schema), number(RESULTS_SCHEMA)) {
        (Some(found), Some(own)) if (1..=own).contains(&found) => return Ok(found),
        (Some(found), Some(own)) if found > own => "it was written by a newer version: update sercost",
        (Some(_), Some(_)) => "no version of sercost wrote it",
        _ => return Err(not_results(&format!("its member \"schema\" is {:?}", version.schema))),
    };
    Err(StoreError::OtherVersion { path: path.to_owned(), found: version.schema, remedy })
}

/// The deepest nesting of arrays and objects, whether or not the rest is JSON.
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
fn depth(bytes: &[u8]) -> usize {
    let (mut open, mut deepest): (usize, usize) = (0, 0);
    let (mut in_string, mut escaped) = (false, false);
    for &byte in bytes {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
