//! The bytes of a payload: a file or standard input, in memory whole, unpacked where they are compressed.

use super::error::PayloadError;
use super::mapped::Mapped;
use super::watch::{COPIES, ReadProgress, Stopped, Watch};
use sercost_pickle::unpack::{Method, UnpackError};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The bytes that are read at a time.
const CHUNK: u64 = 1 << 20;
/// Memory is looked at anew after so many bytes: each look costs some tens of microseconds.
const BETWEEN_LOOKS: u64 = 64 << 20;

/// A document in memory.
pub(super) struct Input {
    held: Held,
    /// Whether it was compressed.
    pub(super) is_unpacked: bool,
    /// The notes about how it came there.
    pub(super) notes: Vec<String>,
}

/// The bytes of a document, mapped where possible, so that they need no memory.
enum Held {
    Mapped(Mapped),
    Read(Vec<u8>),
}

impl Input {
    /// The document in a file.
    pub(super) fn of_file(name: &str, path: &Path, watch: &Watch) -> Result<Input, PayloadError> {
        let unreadable = |reason| PayloadError::File { path: name.to_owned(), reason };
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(unreadable(io::Error::other("it is a directory; name a file in it")));
        }
        if !metadata.is_file() || metadata.len() == 0 {
            return Input::of_stream(name, file, watch);
        }
        let map = Mapped::new(file).map_err(unreadable)?;
        Input { held: Held::Mapped(map), is_unpacked: false, notes: Vec::new() }.unpacked(name, watch)
    }

    /// The document that a pipe or a device gives until its end.
    pub(super) fn of_stream(name: &str, stream: impl Read, watch: &Watch) -> Result<Input, PayloadError> {
        let bytes = slurp(name, stream, watch)?;
        Input { held: Held::Read(bytes), is_unpacked: false, notes: Vec::new() }.unpacked(name, watch)
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        match &self.held {
            Held::Mapped(map) => map,
            Held::Read(bytes) => bytes,
        }
    }

    /// An error if the file was cut meanwhile.
    pub(super) fn check_length(&self) -> Result<(), PayloadError> {
        match &self.held {
            Held::Mapped(map) => map.check_length(),
            Held::Read(_) => Ok(()),
        }
    }

    fn unpacked(mut self, name: &str, watch: &Watch) -> Result<Input, PayloadError> {
        let by_name = Method::of_name(name).map(|(method, _)| method);
        // A file that cannot be told from another kind by its content is told by its name.
        let by_content = Method::of_any_file(self.bytes()).or(by_name.filter(|method| method.begins(self.bytes())));
        let Some(method) = by_content else {
            if let Some(method) = by_name {
                self.notes.push(format!(
                    "its name says {}, and it does not begin as such a file does: it is read as it is",
                    method.name
                ));
            }
            return Ok(self);
        };
        let whole = self.bytes().len() as u64;
        let at_hand = watch.available().map(|available| available / (COPIES + 1));
        let most = watch.most_unpacked.or(at_hand).unwrap_or(u64::MAX);
        let mut looked = 0;
        let unpacked = method.unpack(self.bytes(), most, &mut |taken, given| {
            watch.go_on().map_err(|stopped| stopped.reason)?;
            watch.tell(&ReadProgress { what: "unpacking", pass: 0, passes: 1, done: taken, whole: Some(whole) });
            if given >= looked + BETWEEN_LOOKS {
                looked = given;
                let stopped = |stopped: Stopped| format!("{}; {}", stopped.reason, stopped.remedy);
                watch.make_room(given.saturating_mul(COPIES), WHOSE, REMEDY).map_err(stopped)?;
            }
            Ok(())
        });
        self.check_length()?;
        let bytes = unpacked.map_err(|reason| {
            let said = reason.to_string();
            // Without the flag, it is the memory that sets the limit, and a larger one would not help.
            let said = match (reason, watch.most_unpacked) {
                (UnpackError::TooLarge { method, most }, None) => format!(
                    "unpacked from {method} it is more than {most}, of which {COPIES} times as much memory is needed \
                     ({WHOSE}); {REMEDY}"
                ),
                (UnpackError::TooLarge { .. }, Some(_)) => {
                    format!("{said}; give --max-unpacked a larger size if it is meant to be")
                }
                _ => said,
            };
            PayloadError::Unpack { path: shown(name).to_owned(), reason: said }
        })?;
        self.notes.push(format!(
            "unpacked from {}: {} became {}",
            method.name,
            crate::model::Bytes(whole),
            crate::model::Bytes(bytes.len() as u64)
        ));
        self.held = Held::Read(bytes);
        self.is_unpacked = true;
        Ok(self)
    }
}

const WHOSE: &str = "the payload, its encoding, and the decoded copy in another process";
const REMEDY: &str = "take a part of it";

fn shown(name: &str) -> &str {
    if name == "-" { "standard input" } else { name }
}

/// Reads to the end, as long as there will be memory for what comes after.
fn slurp(name: &str, mut from: impl Read, watch: &Watch) -> Result<Vec<u8>, PayloadError> {
    let unreadable = |reason| PayloadError::File { path: shown(name).to_owned(), reason };
    let mut bytes = Vec::new();
    let mut looked = 0;
    loop {
        let read = (&mut from).take(CHUNK).read_to_end(&mut bytes).map_err(unreadable)?;
        if read == 0 {
            return Ok(bytes);
        }
        let done = bytes.len() as u64;
        watch.go_on().map_err(|stopped| unreadable(io::Error::other(stopped.reason)))?;
        watch.tell(&ReadProgress { what: "reading", pass: 0, passes: 1, done, whole: None });
        if done >= looked + BETWEEN_LOOKS {
            looked = done;
            watch.make_room(done.saturating_mul(COPIES), WHOSE, REMEDY).map_err(|Stopped { reason, remedy }| {
                let so_far = crate::model::Bytes(done);
                unreadable(io::Error::other(format!("it has no end after {so_far}: {reason}; {remedy}")))
            })?;
        }
    }
}
