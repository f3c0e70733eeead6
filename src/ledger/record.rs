//! What the processes of a scenario recorded: the files of a directory, in the layout of `sercost-record`.

use sercost_record::{Entry, Header, Reader};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// What one process recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Process {
    /// What it says of itself.
    pub header: Header,
    /// In the order of writing.
    pub entries: Vec<Entry>,
    /// Records that are torn or of no kind that is known.
    pub broken: usize,
}

/// What all processes of a scenario recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// One for each process that could record.
    pub processes: Vec<Process>,
    /// How many had no room to record anything.
    pub missing: usize,
    /// Whether the threads of a process run side by side, with no interpreter lock to wait for.
    pub unlocked: bool,
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
        /// What is wrong.
        reason: String,
    },
}

impl Records {
    /// Reads the files of records in `directory`.
    ///
    /// # Errors
    ///
    /// When the directory or a file cannot be read, or a file is not the agent's.
    pub fn read(directory: &Path) -> Result<Records, RecordError> {
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
            match Process::open(&path) {
                Ok(process) => records.processes.push(process),
                // A process that was ended before it had anything to say.
                Err(RecordError::Foreign { .. }) if is_blank(&path) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(records)
    }
}

fn is_blank(path: &Path) -> bool {
    let mut head = [0; 8];
    match File::open(path).and_then(|mut file| file.read(&mut head)) {
        Ok(read) => head[..read].iter().all(|&byte| byte == 0),
        Err(_) => false,
    }
}

impl Process {
    /// Reads one file of records.
    fn open(path: &Path) -> Result<Process, RecordError> {
        let failed = |reason| RecordError::Io { path: path.to_owned(), reason };
        let file = File::open(path).map_err(failed)?;
        Process::read(BufReader::with_capacity(1 << 16, file)).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => RecordError::Foreign { path: path.to_owned(), reason: error.to_string() },
            _ => failed(error),
        })
    }

    /// Reads a file's content.
    ///
    /// # Errors
    ///
    /// Those of [`Reader`].
    pub fn read(source: impl Read) -> io::Result<Process> {
        let mut reader = Reader::new(source)?;
        let mut entries = Vec::new();
        while let Some(entry) = reader.next()? {
            entries.push(entry);
        }
        Ok(Process { header: reader.header().clone(), entries, broken: reader.broken() })
    }
}
