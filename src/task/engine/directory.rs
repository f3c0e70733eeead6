//! A directory for the files of one scenario, gone when it is over.

use crate::clock;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Where files are memory.
const IN_MEMORY: &str = "/dev/shm";
/// What there has to be beside the payload, in bytes.
const ROOM_FOR_RECORDS: u64 = 512 << 20;

/// Whether somebody may make a directory there and fill it with so many bytes.
fn has_room(directory: &Path, bytes: u64) -> bool {
    let writable = rustix::fs::access(directory, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_ok();
    let room = rustix::fs::statvfs(directory).map_or(0, |found| found.f_bavail.saturating_mul(found.f_frsize));
    writable && room >= bytes
}

/// The directory. Nobody but the user can look into it.
#[derive(Debug)]
pub struct RunDirectory {
    path: PathBuf,
    /// The name of the shared memory, and the beginning of those of the semaphores, that a scenario may leave when it is
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
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("sercost-{}-{number}", std::process::id());
            let path = parent.join(&name);
            match DirBuilder::new().mode(0o700).create(&path) {
                // Not the name of the directory, which may lie among them, and not that of a process of the same number
                // elsewhere with which they are shared.
                Ok(()) => return Ok(RunDirectory { path, shared: format!("{name}-{:x}", clock::now()) }),
                // Left by a killed process that had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", parent.display()))),
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name of its shared memory.
    pub fn shared_name(&self) -> &str {
        &self.shared
    }

    /// A new file in it.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn file(&self, name: &str) -> io::Result<File> {
        File::create(self.path.join(name))
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
pub(super) fn open_shared(name: &str) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(name)
}

/// Removes the directory that this process works in, if that is one of the process `owner`, which is gone.
pub(super) fn remove_own(owner: u32) {
    let Ok(path) = std::env::current_dir() else { return };
    let name = path.file_name().and_then(|name| name.to_str());
    if name.is_some_and(|name| name.starts_with(&format!("sercost-{owner}-"))) {
        // Whoever is left may do it at the same time.
        let _ = fs::remove_dir_all(path);
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
        // A process that is just being killed may still make a file; what is left after that is left.
        for _ in 0..20 {
            match fs::remove_dir_all(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
                _ => break,
            }
        }
        // Mostly there is none of these.
        let _ = rustix::shm::unlink(format!("/{}", self.shared));
        remove_semaphores(&self.shared);
    }
}
