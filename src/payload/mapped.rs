//! A file that is read as memory, so that no memory is needed for it.

use super::error::PayloadError;
use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::ops::Deref;

/// The bytes of a regular file that has some.
#[derive(Debug)]
pub struct Mapped {
    map: Mmap,
    file: File,
}

impl Mapped {
    /// Maps the file.
    ///
    /// # Errors
    ///
    /// In the system's words.
    pub fn new(file: File) -> io::Result<Mapped> {
        // SAFETY: the mapping is private and read-only, and nothing is taken from it but bytes. Another process may change
        // the file meanwhile: then bytes change that memory safety does not depend on, since all are checked where they
        // are used and nothing is checked once and used later without. If it cuts the file short, what is behind the end
        // raises SIGBUS, which the program turns into a message.
        let map = unsafe { Mmap::map(&file) }?;
        Ok(Mapped { map, file })
    }

    /// An error if the file was cut meanwhile: what is behind its end in its last page reads as zeros and raises nothing.
    ///
    /// # Errors
    ///
    /// [`PayloadError::Shortened`].
    pub fn check_length(&self) -> Result<(), PayloadError> {
        match self.file.metadata() {
            Ok(now) if now.len() < self.map.len() as u64 => Err(PayloadError::Shortened),
            _ => Ok(()),
        }
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}
