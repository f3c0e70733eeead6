//! The records of the processes of a scenario: the files of a directory, in the layout of `sercost-record`.

use sercost_record::{Entry, Header, Reader};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Memory for reading all files at once, and what each has of it at least and at most, in bytes.
const BUFFERS: usize = 4 << 20;
const BUFFER: (usize, usize) = (4 << 10, 256 << 10);

/// The files that the processes of a scenario recorded into. They are read when the ledgers are made, from one end to the
/// other, so that the memory for it does not grow with them.
#[derive(Debug, Default)]
pub struct Records {
    files: Vec<RecordFile>,
    /// The number of processes that had no room to record anything.
    pub missing: usize,
    /// Whether the threads of a process run side by side, with no interpreter lock to wait for.
    pub unlocked: bool,
}

/// The records of one process, or of one of its threads.
#[derive(Debug)]
pub(super) struct RecordFile {
    path: PathBuf,
    /// The header about itself.
    pub(super) header: Header,
}

/// Why a file of records cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The system says no.
    #[error("cannot read records from {path}: {reason}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// It is something else.
    #[error("{path} has no records of this version: {reason}")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The fault.
        reason: String,
    },
}

impl Records {
    /// Finds the files of records in `directory`, which no process writes to any more, and reads their headers.
    ///
    /// # Errors
    ///
    /// When the directory or a file cannot be read, or a file is not the agent's.
    pub fn find(directory: &Path) -> Result<Records, RecordError> {
        let failed = |reason| RecordError::Io { path: directory.to_owned(), reason };
        let mut records = Records::default();
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("records") => paths.push(path),
                Some("missing") => records.missing += 1,
                _ => {}
            }
        }
        paths.sort();
        for path in paths {
            match open(&path, BUFFER.0) {
                Ok(reader) => {
                    let header = reader.header().clone();
                    records.files.push(RecordFile { path, header });
                }
                // A process that was ended before it had anything to say.
                Err(RecordError::Foreign { .. }) if is_blank(&path) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(records)
    }

    /// The number of files with at least a header.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// Whether there was no room for all records of a process.
    pub fn stopped(&self) -> bool {
        self.files.iter().any(|file| file.header.stopped)
    }

    /// The latest stamp that a process leaves as it goes on, without a record: its last step in taking or giving something.
    pub fn last_stamp(&self) -> u64 {
        let stamps = self.files.iter().flat_map(|file| {
            let header = &file.header;
            [header.last_get, header.last_put, header.last_receive]
        });
        stamps.max().unwrap_or(0)
    }

    /// The files, in the order of their names.
    pub(super) fn files(&self) -> &[RecordFile] {
        &self.files
    }

    /// Opens a file from its start.
    pub(super) fn open(&self, file: &RecordFile) -> Result<Entries, RecordError> {
        let buffer = (BUFFERS / self.files.len().max(1)).clamp(BUFFER.0, BUFFER.1);
        Ok(Entries { reader: open(&file.path, buffer)?, path: file.path.clone() })
    }
}

/// The entries of a file, one after another.
#[derive(Debug)]
pub(super) struct Entries {
    reader: Reader<BufReader<Again>>,
    path: PathBuf,
}

impl Entries {
    /// The next one; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, RecordError> {
        self.reader.next().map_err(|reason| RecordError::Io { path: self.path.clone(), reason })
    }

    /// Records so far that are torn or of no kind that is known.
    pub(super) fn broken(&self) -> usize {
        self.reader.broken()
    }
}

fn open(path: &Path, buffer: usize) -> Result<Reader<BufReader<Again>>, RecordError> {
    let again = Again { path: path.to_owned(), reached: 0 };
    Reader::new(BufReader::with_capacity(buffer, again)).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => RecordError::Foreign { path: path.to_owned(), reason: error.to_string() },
        _ => RecordError::Io { path: path.to_owned(), reason: error },
    })
}

/// A file that is opened again for each piece of it: a scenario may have more files than a process may have open.
#[derive(Debug)]
struct Again {
    path: PathBuf,
    reached: u64,
}

impl Read for Again {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = File::open(&self.path)?.read_at(buffer, self.reached)?;
        self.reached += read as u64;
        Ok(read)
    }
}

fn is_blank(path: &Path) -> bool {
    let mut head = [0; 8];
    match File::open(path).and_then(|mut file| file.read(&mut head)) {
        Ok(read) => head[..read].iter().all(|&byte| byte == 0),
        Err(_) => false,
    }
}
