//! A file in memory.

use crate::host::available_memory;
use crate::model::Bytes;
use crate::payload::{Mapped, PayloadError};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A file in memory. What can be mapped is, so that memory is not needed for it.
pub(super) enum Input {
    Mapped(Mapped),
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
        if kind.is_file()
            && kind.len() > 0
            && let Ok(map) = file.try_clone().and_then(Mapped::new)
        {
            return Ok(Input::Mapped(map));
        }
        Ok(Input::Read(slurp(file)?))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Input::Mapped(map) => map,
            Input::Read(bytes) => bytes,
        }
    }

    /// An error if the file was cut meanwhile.
    pub(super) fn check_length(&self) -> Result<(), PayloadError> {
        match self {
            Input::Mapped(map) => map.check_length(),
            Input::Read(_) => Ok(()),
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
