//! A file in memory.

use crate::host::available_memory;
use crate::model::Bytes;
use crate::payload::PayloadError;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A file in memory. What can be mapped is, so that memory is not needed for it.
pub(super) enum Input {
    Mapped(memmap2::Mmap, File),
    Read(Vec<u8>),
}

impl Input {
    pub(super) fn open(path: &Path) -> io::Result<Input> {
        if path == Path::new("-") {
            return Ok(Input::Read(slurp(io::stdin().lock())?));
        }
        let file = File::open(path)?;
        let kind = file.metadata()?;
        if kind.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
        }
        if kind.is_file() && kind.len() > 0 {
            // SAFETY: the mapping is private and read-only, and nothing is taken from it but bytes. Another process may
            // change the file meanwhile: then bytes change that memory safety does not depend on, since all are checked
            // where they are used and nothing is checked once and used later without. If it cuts the file short, what is
            // behind the end raises SIGBUS, which the desk heeds.
            if let Ok(map) = unsafe { memmap2::Mmap::map(&file) } {
                return Ok(Input::Mapped(map, file));
            }
        }
        Ok(Input::Read(slurp(file)?))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Input::Mapped(map, _) => map,
            Input::Read(bytes) => bytes,
        }
    }

    /// An error if the file was cut meanwhile: what is behind its end in its last page reads as zeros and raises nothing.
    pub(super) fn check_length(&self) -> Result<(), PayloadError> {
        match self {
            Input::Mapped(map, file) if file.metadata().is_ok_and(|now| now.len() < map.len() as u64) => {
                Err(PayloadError::Shortened)
            }
            _ => Ok(()),
        }
    }
}

/// Reads to the end, as long as there is memory for what is found out about it.
fn slurp(mut from: impl Read) -> io::Result<Vec<u8>> {
    const CHUNK: u64 = 64 << 20;
    let mut bytes = Vec::new();
    loop {
        if (&mut from).take(CHUNK).read_to_end(&mut bytes)? == 0 {
            return Ok(bytes);
        }
        let (so_far, available) = (bytes.len() as u64, available_memory());
        if let Some(available) = available.filter(|&available| available < so_far) {
            return Err(io::Error::other(format!(
                "it has no end after {}, and {} of memory are available; take a part of it",
                Bytes(so_far),
                Bytes(available)
            )));
        }
    }
}
