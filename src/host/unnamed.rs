//! Files without a name: nothing is left behind, and no other process can open them.

use std::fs::File;
use std::io;

/// A new file in the temporary directory, without a name or with one that is gone at once.
///
/// # Errors
///
/// When there can be no file.
pub fn unnamed_file() -> io::Result<File> {
    tempfile::tempfile().map_err(|reason| {
        let directory = std::env::temp_dir();
        let directory = directory.display();
        let said = format!("cannot make a temporary file in {directory}: {reason}; set TMPDIR to another directory");
        io::Error::new(reason.kind(), said)
    })
}

/// A new file in memory, called `name` where the system lists what a process has open.
///
/// macOS has no such files, and its POSIX shared memory has a size that is set once: an unnamed file of the temporary
/// directory stands in there, of which pages may reach the disk.
///
/// # Errors
///
/// When there can be no file.
#[cfg(target_os = "linux")]
pub fn memory_file(name: &str) -> io::Result<File> {
    Ok(rustix::fs::memfd_create(name, rustix::fs::MemfdFlags::CLOEXEC)?.into())
}

#[cfg(not(target_os = "linux"))]
pub fn memory_file(_name: &str) -> io::Result<File> {
    unnamed_file()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Seek, Write};
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn unnamed_files_hold_what_is_written_grow_again_and_are_in_no_directory() {
        for made in [unnamed_file(), memory_file("sercost-test")] {
            let mut file = made.expect("there is room");
            assert_eq!(file.metadata().expect("is open").nlink(), 0);
            for size in [1 << 16, 1 << 20] {
                file.set_len(size).expect("there is room");
            }
            file.write_all(b"held").expect("there is room");
            file.rewind().expect("is a file");
            let mut read = [0; 4];
            file.read_exact(&mut read).expect("was written");
            assert_eq!(&read, b"held");
            let flags = rustix::io::fcntl_getfd(&file).expect("is open");
            assert!(flags.contains(rustix::io::FdFlags::CLOEXEC), "a child would inherit it");
        }
    }
}
