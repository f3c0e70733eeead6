//! A directory for the files of one run, gone when it is over.

use crate::clock;
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The directory whose files are memory.
const IN_MEMORY: &str = "/dev/shm";
/// The room that there has to be beside the payload, in bytes.
const ROOM_FOR_RECORDS: u64 = 512 << 20;

/// Whether this process may make a directory there and fill it with so many bytes.
fn has_room(directory: &Path, bytes: u64) -> bool {
    let writable = rustix::fs::access(directory, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_ok();
    let room = rustix::fs::statvfs(directory).map_or(0, |found| found.f_bavail.saturating_mul(found.f_frsize));
    writable && room >= bytes
}

/// The file in a directory that holds the name of its shared memory, for the process that removes both.
const SHARED_NAME: &str = "shared-name";

/// The directories of this process that are there, each with the name of its shared memory.
static THERE: Mutex<Vec<(PathBuf, String)>> = Mutex::new(Vec::new());

/// The directory. Only the user can look into it.
#[derive(Debug)]
pub struct RunDirectory {
    path: PathBuf,
    /// Locked as long as it is used: what is not was left by a process that was killed. No child inherits it.
    _lock: File,
    /// The name of the shared memory, and the start of those of the semaphores, that a scenario may leave when it is
    /// ended by force.
    shared: String,
}

impl RunDirectory {
    /// A new one: in `TMPDIR` if that is set, in memory if there is room for `bytes` and the records, or else among the
    /// system's temporary files. On a disk that is busy a process can wait for tens of milliseconds for its first block.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn create(bytes: u64) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let memory = Path::new(IN_MEMORY);
        let parent = match std::env::var_os("TMPDIR") {
            None if has_room(memory, bytes.saturating_add(ROOM_FOR_RECORDS)) => memory.to_owned(),
            _ => std::env::temp_dir(),
        };
        if NUMBER.load(Ordering::Relaxed) == 0 {
            remove_left_behind(&parent);
        }
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("sercost-{}-{number}", std::process::id());
            let failed = |error: io::Error| Err(io::Error::new(error.kind(), format!("{}: {error}", parent.display())));
            match RunDirectory::make(parent.join(&name), &name) {
                Ok(Some(directory)) => {
                    return directory
                        .write(SHARED_NAME, directory.shared.as_bytes())
                        .map(|()| directory)
                        .or_else(failed);
                }
                // Another run has taken it for one that was left behind.
                Ok(None) => {}
                // Left by a killed process that had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return failed(error),
            }
        }
    }

    /// Makes and locks it; `None` where another run was faster with the lock.
    fn make(path: PathBuf, name: &str) -> io::Result<Option<Self>> {
        // Held over both, so that there is none that is not known.
        let mut there = there();
        DirBuilder::new().mode(0o700).create(&path)?;
        let lock = File::open(&path)?;
        let taken = flock(&lock, FlockOperation::NonBlockingLockExclusive) == Err(rustix::io::Errno::WOULDBLOCK);
        if taken || lock.metadata()?.nlink() == 0 {
            return Ok(None);
        }
        // Not the name of the directory, which may lie among them, and not that of a process of the same number elsewhere
        // with which they are shared.
        let shared = format!("{name}-{:x}", clock::now());
        there.push((path.clone(), shared.clone()));
        Ok(Some(RunDirectory { path, _lock: lock, shared }))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name of its shared memory.
    pub fn shared_name(&self) -> &str {
        &self.shared
    }

    /// A new file in it, or in directories below it that are made too.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn file(&self, name: &str) -> io::Result<File> {
        let path = self.path.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        File::create(path)
    }

    /// A new file in it that can be mapped.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn mappable(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).open(self.path.join(name))
    }

    /// A new file in it with this content.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        self.file(name)?.write_all(content)
    }
}

/// Opens a file of a run's directory to be mapped into memory, as a worker process does whose working directory it is.
///
/// # Errors
///
/// When it is not there.
pub fn open_shared(name: &str) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(name)
}

/// Removes the directory that this process works in, if that is one of the process `owner`, which is gone.
pub fn remove_own(owner: u32) {
    let Ok(path) = std::env::current_dir() else { return };
    let name = path.file_name().and_then(|name| name.to_str());
    if name.is_some_and(|name| name.starts_with(&format!("sercost-{owner}-"))) {
        // A process that is left may do it at the same time.
        let _ = fs::remove_dir_all(path);
    }
}

fn there() -> std::sync::MutexGuard<'static, Vec<(PathBuf, String)>> {
    THERE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all directories of this process, which is about to end without dropping them.
pub fn remove_directories() {
    for (path, shared) in there().drain(..) {
        // A process that still makes files in it no longer finds it by its name.
        let gone = path.with_extension("gone");
        let path = if fs::rename(&path, &gone).is_ok() { gone } else { path };
        remove(&path, &shared);
    }
}

/// Removes what runs of this user left in `parent` that were killed: no process holds a lock on it.
fn remove_left_behind(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().and_then(|name| name.strip_prefix("sercost-")).is_some_and(|rest| {
            rest.split_once('-').is_some_and(|(process, number)| {
                let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                is_number(process) && is_number(number.trim_end_matches(".gone"))
            })
        });
        let (Ok(kind), true) = (entry.file_type(), is_ours) else { continue };
        if kind.is_dir()
            && let Ok(directory) = File::open(entry.path())
            && flock(&directory, FlockOperation::NonBlockingLockExclusive).is_ok()
        {
            let shared = fs::read_to_string(entry.path().join(SHARED_NAME)).unwrap_or_default();
            // Only a name that is this directory's: its writer may have been killed in the middle.
            let shared = if shared.starts_with(&*name.to_string_lossy()) { shared } else { String::new() };
            remove(&entry.path(), &shared);
        }
    }
}

/// Removes a directory and what belongs to it elsewhere.
fn remove(path: &Path, shared: &str) {
    // A process that is just being killed may still make a file; what is left after that is left.
    for _ in 0..20 {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            _ => break,
        }
    }
    if !shared.is_empty() {
        // Mostly there is none of these.
        let _ = rustix::shm::unlink(format!("/{shared}"));
        remove_semaphores(shared);
    }
}

/// Removes semaphores whose names begin with this and a dash, as the C library keeps them.
fn remove_semaphores(name: &str) {
    let Ok(files) = fs::read_dir(IN_MEMORY) else { return };
    let ours = format!("sem.{name}-");
    for file in files.flatten().filter(|file| file.file_name().to_string_lossy().starts_with(&ours)) {
        let _ = fs::remove_file(file.path());
    }
}

impl Drop for RunDirectory {
    fn drop(&mut self) {
        // It stays known until it is gone: the process may be ended meanwhile.
        remove(&self.path, &self.shared);
        there().retain(|(path, _)| *path != self.path);
    }
}
