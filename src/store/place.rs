//! The place of a document, and the writing of it: as a whole, or not at all.

use super::StoreError;
use crate::model::Run;
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A document that is written piece by piece, so that it need not be in memory as a whole. It takes its place when it is
/// finished; where what is there cannot be replaced, the pieces go there at once.
#[derive(Debug)]
pub struct Pieces {
    path: PathBuf,
    place: Place,
    /// With the first piece.
    temporary: Option<Temporary>,
}

impl Pieces {
    /// Finds out whether a document could be written to `path`. Nothing is written yet.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        Ok(Pieces { path: path.to_owned(), place: Place::find_usable(path)?, temporary: None })
    }

    /// Writes a piece.
    pub fn write(&mut self, piece: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), StoreError> {
        let written = self.file().and_then(|file| {
            let mut buffer = BufWriter::with_capacity(1 << 16, file);
            piece(&mut buffer)?;
            buffer.flush()
        });
        self.place.explained(&self.path, written)
    }

    /// Puts the document in its place.
    pub fn finish(mut self) -> Result<(), StoreError> {
        let finished = self.file().map(drop).and_then(|()| match (&self.place, self.temporary.take()) {
            (Place::File(target), Some(temporary)) => temporary.replace(target),
            _ => Ok(()),
        });
        self.place.explained(&self.path, finished)
    }

    fn file(&mut self) -> io::Result<&File> {
        match &self.place {
            Place::File(target) => match &mut self.temporary {
                Some(temporary) => Ok(&temporary.file),
                none => Ok(&none.insert(Temporary::beside(target)?).file),
            },
            Place::Stream(file) => Ok(file),
        }
    }
}

/// Where a path leads.
#[derive(Debug)]
pub(super) enum Place {
    /// To a regular file, or to one that is not there yet: links resolved, so that they are kept.
    File(PathBuf),
    /// To something that takes a stream of bytes, held open from the first check to the end.
    Stream(File),
}

impl Place {
    pub(super) fn find(path: &Path) -> Result<Self, StoreError> {
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
            // By the number of an open file, which has no name beside which another could be made.
            Ok(found) if found.is_file() && is_of_proc(&target) => {
                Ok(Place::Stream(OpenOptions::new().append(true).open(&target).map_err(|e| error(plain(&e)))?))
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
    pub(super) fn find_usable(path: &Path) -> Result<Self, StoreError> {
        let place = Place::find(path)?;
        if let Place::Stream(stream) = &place {
            probe(stream).map_err(|e| StoreError::Write { path: path.to_owned(), reason: plain(&e) })?;
        }
        Ok(place)
    }

    pub(super) fn is_replaceable(&self) -> bool {
        matches!(self, Place::File(_))
    }

    pub(super) fn write(&self, path: &Path, run: &Run) -> Result<(), StoreError> {
        self.write_text(path, &run.to_json())
    }

    /// Finds out whether the run could be written, and leaves what is there as it is.
    pub(super) fn rehearse(&self, path: &Path, run: &Run) -> Result<(), StoreError> {
        let Place::File(target) = self else { return Ok(()) };
        let written = Temporary::with_content(target, run.to_json().as_bytes()).map(drop);
        self.explained(path, written)
    }

    pub(super) fn write_text(&self, path: &Path, text: &str) -> Result<(), StoreError> {
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
                    // Directories that the kernel makes up, as /proc, take no files; the system's error does not name
                    // the reason.
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
/// begin with. Terminals and pipes are spared it, since a person may be looking.
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
pub(super) fn resolve_links(path: &Path) -> io::Result<PathBuf> {
    // As many as the kernel follows.
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => {
                // A link in /proc may lead to something without a name that could be opened (`pipe:[4711]`).
                if is_of_proc(&path) {
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

/// Whether the path names an open file of a process by its number.
fn is_of_proc(path: &Path) -> bool {
    path.starts_with("/proc") || path.starts_with("/dev/fd")
}

pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Puts a new file in the place of `target`, or of nothing.
fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    Temporary::with_content(target, bytes)?.replace(target)
}

/// A file that goes away when it is dropped.
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
    file: File,
    kept: bool,
}

/// The start and the end of the names of temporary files.
const TEMPORARY: (&str, &str) = (".sercost-", ".tmp");

impl Temporary {
    /// A file beside `target` with this content, on the disk, that could take its place.
    fn with_content(target: &Path, bytes: &[u8]) -> io::Result<Self> {
        let temporary = Temporary::beside(target)?;
        (&temporary.file).write_all(bytes)?;
        temporary.file.sync_all()?;
        Ok(temporary)
    }

    /// An empty file beside `target`, with its permissions.
    fn beside(target: &Path) -> io::Result<Self> {
        let mode = match fs::metadata(target) {
            Ok(found) => Some(found.permissions()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(e),
        };
        Temporary::create(target, mode)
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
                    // As long as it is held, no process takes the file for one that a killed process has left. Where
                    // the file system has no locks, no other process gets one on it either.
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

    /// Puts the file in the place of `target`, or of nothing.
    fn replace(mut self, target: &Path) -> io::Result<()> {
        // Without this a crash of the machine can leave the new name with no content.
        self.file.sync_all()?;
        fs::rename(&self.path, target)?;
        self.kept = true;
        // The rename itself; not every file system can do this, and the document is whole either way.
        let _ = File::open(parent(target)).and_then(|directory| directory.sync_all());
        Ok(())
    }
}

/// Removes temporary files in `directory` whose process was killed while it wrote them: no process has a lock on them.
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
            // Another process may do it at the same time.
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
pub(super) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}
