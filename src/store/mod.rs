//! Results files: written so that what was measured survives whatever happens next, read with suspicion.
//!
//! A results file is replaced whole: the new document goes to a temporary file beside it, is flushed to the disk and
//! renamed over the old one, so that a reader, a full disk or an interruption never meets half a document. What is
//! not a regular file (a terminal, a pipe, `/dev/null`) cannot be replaced and is written to directly, once.

mod claims;

pub use claims::{Input, Output, OutputKind, check_outputs};

use crate::model::{DEEP_STACK_BYTES, RESULTS_SCHEMA, Run};
use rustix::fs::{FlockOperation, flock};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// What one update must be apart from the one before, so that measuring many short rows is not writing many files.
const BETWEEN_UPDATES_NS: u64 = 1_000_000_000;

/// The deepest nesting that is read. A schema takes up to four levels for each level of the payload.
const DEEPEST: usize = 4_000;

/// What is nested deeper than this is read on a stack made for it.
const ORDINARY_DEPTH: usize = 128;

/// Why a results file could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The place cannot be written to.
    #[error("cannot write results to {path:?}: {reason}")]
    Write {
        /// As it was given.
        path: PathBuf,
        /// In the system's words, or ours where those are no help.
        reason: String,
    },
    /// It would take the place of a file that the same call reads.
    #[error("{flag}: {path:?} is {what} of this call, which it would replace; name another file")]
    Input {
        /// `--out` or `--trace-out`.
        flag: &'static str,
        /// As it was given.
        path: PathBuf,
        /// What the call reads there: `the payload`.
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
        /// What is there.
        found: &'static str,
        /// What `--force` does.
        act: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read results from {path:?}: {reason}")]
    Read {
        /// As it was given.
        path: PathBuf,
        /// In the system's words.
        reason: String,
    },
    /// The file is something else.
    #[error("{path:?} is not a results file: {reason}; `sercost profile ... --out FILE` writes one")]
    NotResults {
        /// As it was given.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is a results file of another version.
    #[error("{path:?} has the layout {found:?}, and this sercost reads {RESULTS_SCHEMA:?}; {remedy}")]
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

/// Whether a document could be written to `path`: asked before what it will hold is measured.
pub fn check(path: &Path) -> Result<(), StoreError> {
    Place::find_usable(path).map(|_| ())
}

/// Writes another document than a run to `path`, in the same way.
pub fn write_text(path: &Path, text: &str) -> Result<(), StoreError> {
    Place::find(path)?.write_text(path, text)
}

/// A results file that is written again and again while a run goes on.
///
/// Time is given by the caller, in nanoseconds of any clock that does not go back.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    place: Place,
    next_ns: u64,
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
        Ok(Writer { path: path.to_owned(), place, next_ns: 0 })
    }

    /// Whether an update at this time would write: to spare the caller the making of a run that nobody reads.
    pub fn is_due(&self, now_ns: u64) -> bool {
        self.place.is_replaceable() && now_ns >= self.next_ns
    }

    /// Writes the run, at most once a second.
    pub fn update(&mut self, run: &Run, now_ns: u64) -> Result<(), StoreError> {
        if !self.is_due(now_ns) {
            return Ok(());
        }
        self.next_ns = now_ns.saturating_add(BETWEEN_UPDATES_NS);
        self.place.write(&self.path, run)
    }

    /// Writes the run now, whenever the last update was: for what must not be lost.
    pub fn flush(&mut self, run: &Run) -> Result<(), StoreError> {
        if self.place.is_replaceable() { self.place.write(&self.path, run) } else { Ok(()) }
    }

    /// Writes the run for the last time.
    pub fn finish(self, run: &Run) -> Result<(), StoreError> {
        self.place.write(&self.path, run)
    }
}

/// Where a path leads.
#[derive(Debug)]
enum Place {
    /// To a regular file, or to one that is not there yet: links resolved, so that they are kept.
    File(PathBuf),
    /// To something that takes a stream of bytes, held open from the first check to the end.
    Stream(File),
}

impl Place {
    fn find(path: &Path) -> Result<Self, StoreError> {
        let error = |reason: String| StoreError::Write { path: path.to_owned(), reason };
        if path.as_os_str().is_empty() {
            return Err(error("the path is empty".to_owned()));
        }
        if let Some(stream) = standard_stream(path) {
            return Ok(Place::Stream(stream.map_err(|e| error(plain(&e)))?));
        }
        let target = resolve_links(path).map_err(|e| error(plain(&e)))?;
        match fs::metadata(&target) {
            Ok(found) if found.is_dir() => {
                Err(error(format!("it is a directory; name a file in it, such as {:?}", path.join("results.json"))))
            }
            Ok(found) if found.is_file() => {
                // A file that its owner made read-only is not to be replaced behind the owner's back.
                OpenOptions::new().append(true).open(&target).map_err(|e| error(plain(&e)))?;
                Ok(Place::File(target))
            }
            Ok(_) => Ok(Place::Stream(OpenOptions::new().write(true).open(&target).map_err(|e| error(plain(&e)))?)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let parent = parent(&target);
                match fs::metadata(parent) {
                    Ok(found) if found.is_dir() => Ok(Place::File(target)),
                    Ok(_) => Err(error(format!("{parent:?} is not a directory"))),
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {
                        Err(error(format!("the directory {parent:?} does not exist; make it first")))
                    }
                    Err(e) => Err(error(plain(&e))),
                }
            }
            Err(e) => Err(error(plain(&e))),
        }
    }

    /// As [`Place::find`], for what is written only in the end: a device has to take bytes now.
    fn find_usable(path: &Path) -> Result<Self, StoreError> {
        let place = Place::find(path)?;
        if let Place::Stream(stream) = &place {
            probe(stream).map_err(|e| StoreError::Write { path: path.to_owned(), reason: plain(&e) })?;
        }
        Ok(place)
    }

    fn is_replaceable(&self) -> bool {
        matches!(self, Place::File(_))
    }

    fn write(&self, path: &Path, run: &Run) -> Result<(), StoreError> {
        self.write_text(path, &run.to_json())
    }

    /// Finds out whether the run could be written, and leaves what is there as it is.
    fn rehearse(&self, path: &Path, run: &Run) -> Result<(), StoreError> {
        let Place::File(target) = self else { return Ok(()) };
        let written = Temporary::with_content(target, run.to_json().as_bytes()).map(drop);
        self.explained(path, written)
    }

    fn write_text(&self, path: &Path, text: &str) -> Result<(), StoreError> {
        let done = match self {
            Place::File(target) => replace(target, text.as_bytes()),
            Place::Stream(file) => {
                let mut file: &File = file;
                file.write_all(text.as_bytes()).and_then(|()| file.flush())
            }
        };
        self.explained(path, done)
    }

    fn explained(&self, path: &Path, done: io::Result<()>) -> Result<(), StoreError> {
        done.map_err(|e| {
            let mut reason = plain(&e);
            if let Place::File(target) = self {
                let parent = parent(target);
                if e.kind() == io::ErrorKind::NotFound && !parent.is_dir() {
                    reason = format!("the directory {parent:?} does not exist any more");
                } else if e.kind() == io::ErrorKind::NotFound {
                    // What the kernel makes up, as in /proc, takes no files; its own word for that names nothing.
                    reason = format!("a file cannot be made in {parent:?}");
                } else if e.kind() == io::ErrorKind::PermissionDenied {
                    reason = format!("a file cannot be made in {parent:?}: {reason}");
                }
            }
            StoreError::Write { path: path.to_owned(), reason }
        })
    }
}

/// Finds out whether a device takes bytes at all, as `/dev/full` does not: by an empty line, which a JSON document may
/// begin with. Terminals and pipes are spared it, since somebody may be looking.
fn probe(stream: &File) -> io::Result<()> {
    let is_device = stream.metadata()?.file_type().is_char_device();
    if is_device && !stream.is_terminal() { (&*stream).write_all(b"\n") } else { Ok(()) }
}

/// The stream behind `/dev/stdout` and its kin, shared with the process's own: opened by name, a redirected stdout
/// would be a second file position in the same file, and each of the two would overwrite the other's text.
fn standard_stream(path: &Path) -> Option<io::Result<File>> {
    let stream = match path.to_str()? {
        "/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1" => rustix::io::dup(io::stdout()),
        "/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2" => rustix::io::dup(io::stderr()),
        _ => return None,
    };
    Some(stream.map(File::from).map_err(io::Error::from))
}

/// Follows symbolic links by hand, since the last of them may lead to a file that does not exist yet.
fn resolve_links(path: &Path) -> io::Result<PathBuf> {
    // As many as the kernel follows.
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => {
                // What lies in /proc behind a link may have no name that could be opened (`pipe:[4711]`).
                if path.starts_with("/proc") || path.starts_with("/dev/fd") {
                    return Ok(path);
                }
                let target = fs::read_link(&path)?;
                path = parent(&path).join(target);
            }
            _ => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links, one behind the other"))
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Puts a new file in the place of `target`, or of nothing.
fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    Temporary::with_content(target, bytes)?.rename(target)?;
    // The rename itself; not every file system can do this, and the document is whole either way.
    let _ = File::open(parent(target)).and_then(|directory| directory.sync_all());
    Ok(())
}

/// A file that goes away when it is dropped.
struct Temporary {
    path: PathBuf,
    file: File,
    kept: bool,
}

/// What the names of temporary files begin and end with.
const TEMPORARY: (&str, &str) = (".sercost-", ".tmp");

impl Temporary {
    /// A file beside `target` with this content, on the disk, that could take its place.
    fn with_content(target: &Path, bytes: &[u8]) -> io::Result<Self> {
        let mode = match fs::metadata(target) {
            Ok(found) => Some(found.permissions()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(e),
        };
        let temporary = Temporary::create(target, mode)?;
        (&temporary.file).write_all(bytes)?;
        // Without this a crash of the machine can leave the new name with no content.
        temporary.file.sync_all()?;
        Ok(temporary)
    }

    fn create(target: &Path, mode: Option<Permissions>) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            // Short, since the target's own name may already be as long as names can be.
            let name = format!("{}{}-{number}{}", TEMPORARY.0, std::process::id(), TEMPORARY.1);
            let path = parent(target).join(name);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    let temporary = Temporary { path, file, kept: false };
                    // As long as it is held, nobody takes the file for one that a killed process has left. Where the file
                    // system has no locks, nobody gets one on it either.
                    let lock = flock(&temporary.file, FlockOperation::NonBlockingLockExclusive);
                    if lock == Err(rustix::io::Errno::WOULDBLOCK) || temporary.file.metadata()?.nlink() == 0 {
                        // Taken for such a one before it was locked.
                        continue;
                    }
                    if number == 0 {
                        remove_left_behind(parent(target));
                    }
                    if let Some(mode) = mode {
                        temporary.file.set_permissions(mode)?;
                    }
                    return Ok(temporary);
                }
                // Left by a killed process that had the same number.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(e) => return Err(e),
            }
        }
    }

    fn rename(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.kept = true;
        Ok(())
    }
}

/// Removes temporary files in `directory` whose process was killed while it wrote them: nobody has a lock on them.
fn remove_left_behind(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| {
            let number = name.strip_prefix(TEMPORARY.0).and_then(|name| name.strip_suffix(TEMPORARY.1));
            number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
        });
        if is_ours
            && entry.file_type().is_ok_and(|kind| kind.is_file())
            && let Ok(file) = OpenOptions::new().write(true).open(entry.path())
            && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
        {
            // Somebody else may do it at the same time.
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing better can be done than to leave it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The system's words in lower case and without their number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

/// Reads a results file.
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
    check_version(path, &bytes)?;
    // The types of a run are shallow, but for the schemas of payloads.
    let parse = || -> Result<Run, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(&bytes);
        deserializer.disable_recursion_limit();
        let run = Run::deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(run)
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

/// Looks at the `schema` member only: what a newer version wrote need not be understood to be recognized.
fn check_version(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    #[derive(Deserialize)]
    struct Version {
        schema: String,
    }
    let not_results = |reason: &str| StoreError::NotResults { path: path.to_owned(), reason: reason.to_owned() };
    let members: BTreeMap<String, IgnoredAny> = serde_json::from_slice(bytes).map_err(|e| match e.classify() {
        serde_json::error::Category::Data => not_results("it is JSON, but no object with a member \"schema\""),
        _ => not_results(&format!("it is not valid JSON: {e}")),
    })?;
    if !members.contains_key("schema") {
        return Err(not_results("it has no member \"schema\""));
    }
    let version: Version =
        serde_json::from_slice(bytes).map_err(|_| not_results("its member \"schema\" is not a string"))?;
    if version.schema == RESULTS_SCHEMA {
        return Ok(());
    }
    let number = |schema: &str| schema.strip_prefix("sercost.results/").and_then(|number| number.parse::<u64>().ok());
    let remedy = match (number(&version.schema), number(RESULTS_SCHEMA)) {
        (Some(found), Some(own)) if found > own => "it was written by a newer version: update sercost",
        (Some(_), Some(_)) => "it was written by an older version: measure again",
        _ => return Err(not_results(&format!("its member \"schema\" is {:?}", version.schema))),
    };
    Err(StoreError::OtherVersion { path: path.to_owned(), found: version.schema, remedy })
}

/// The deepest nesting of arrays and objects, whether or not the rest is JSON.
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
