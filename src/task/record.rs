//! What a process recorded: the reading of the agent's files, whose layout is in `docs/RECORDS.md`.
//!
//! A file is taken as it was left by a process that may have been killed in the middle of a record, or as somebody else
//! put it there: a record that is not whole is counted and left out, and no number in it is trusted to be in range.

use super::Stamp;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// The version of the layout that is read.
pub(super) const VERSION: u32 = 1;
pub(super) const MAGIC: &[u8; 8] = b"SERCOST\0";
pub(super) const HEADER_BYTES: usize = 4096;
pub(super) const RECORD_BYTES: usize = 128;
pub(super) const WORDS: usize = RECORD_BYTES / 8;

/// The places of the words of a file's header.
pub(super) mod header {
    pub const PID: usize = 2;
    pub const PARENT: usize = 3;
    pub const ALLOCATED: usize = 6;
    pub const FLAGS: usize = 7;
    pub const LAST_GET: usize = 8;
    pub const LAST_RECEIVE: usize = 9;
    pub const LAST_PUT: usize = 10;
}

/// The kinds of records that are written here too, or are whole in a way of their own; the agent of Python has all.
pub(super) mod kind {
    pub const GET: i64 = 3;
    pub const PUT: i64 = 4;
    pub const BOOT: i64 = 11;
    pub const INITIALIZED: i64 = 12;
    pub const WAKES: i64 = 18;
}

/// Where a task belongs: its job (a call of `imap`, an executor) and its index in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The pool's job; negative for an executor.
    pub job: i64,
    /// The message in it; -1 for all.
    pub index: i64,
}

impl Key {
    /// Whether it is that of no task, such as of what tells a worker to end.
    pub fn is_none(self) -> bool {
        self.job == -1
    }
}

/// How the results of a job come to its consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Each by itself, as of `apply_async` and of an executor.
    Single,
    /// One by one, in the order of the tasks.
    Ordered,
    /// One by one, as they arrive.
    Unordered,
    /// All at once.
    Together,
}

impl Order {
    fn of(word: i64) -> Order {
        match word {
            1 => Order::Ordered,
            2 => Order::Unordered,
            3 => Order::Together,
            _ => Order::Single,
        }
    }
}

/// The CPU time of a thread at some moments of a record; `None` where it was not read.
pub type Cpu<const N: usize> = Option<[u64; N]>;

/// One thing that happened. Stamps are in the order in which they were taken.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are those of docs/RECORDS.md, which says what each is")]
pub enum Record {
    Submit { key: Key, at: Stamp, put: Stamp, order: Order },
    Send(Send),
    Get(Get),
    Put(Put),
    Receive(Receive),
    Wake { key: Key, woken: Stamp },
    Wakes { job: i64, woken: [Stamp; WORDS - 2] },
    Item { key: Key, began: Stamp, ended: Stamp },
    Start { pid: i64, began: Stamp, ended: Stamp, is_worker: bool },
    Terminate { pid: i64, at: Stamp },
    Exit { pid: i64, code: i64, at: Stamp },
    Boot { ready: Stamp, bootstrap: Stamp, entered: Stamp, prepared: Stamp },
    Initialized { began: Stamp, ended: Stamp },
    Iterated { job: i64, began: Stamp, ended: Stamp },
    Dispatcher { began: Stamp, ended: Stamp },
    Close { at: Stamp },
    Collection { generation: i64, began: Stamp, ended: Stamp },
    Failed { key: Key, began: Stamp, ended: Stamp },
    Watch { cpu_ns: u64, wakes: u64 },
}

/// The dispatcher sent a task.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Send {
    pub key: Key,
    pub bytes: u64,
    pub iterating: Stamp,
    pub iterated: Stamp,
    pub entered: Stamp,
    pub began: Stamp,
    pub dumped: Stamp,
    pub sending: Stamp,
    pub sent: Stamp,
    pub freed: Stamp,
    /// At `began`, after `dumped`, after `sent`.
    pub cpu: Cpu<3>,
    /// When the record before this one of the same thread was written.
    pub written: Stamp,
}

/// A worker got a task.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Get {
    pub key: Key,
    pub bytes: u64,
    /// When the worker's put before this returned; zero for the first.
    pub put: Stamp,
    pub entered: Stamp,
    pub locked: Stamp,
    pub came: Stamp,
    pub complete: Stamp,
    pub loading: Stamp,
    pub loaded: Stamp,
    pub freed: Stamp,
    /// At `entered`, after `complete`, after `loaded`.
    pub cpu: Cpu<3>,
}

/// A worker put a result.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Put {
    pub key: Key,
    pub bytes: u64,
    /// When the worker's get of this task returned.
    pub got: Stamp,
    pub entered: Stamp,
    pub dumping: Stamp,
    pub dumped: Stamp,
    pub written: Stamp,
    /// Zero where the worker ended before it had the lock.
    pub sending: Stamp,
    /// At `entered` and after `dumped`.
    pub cpu: Cpu<2>,
    /// Whether the result is no exception.
    pub good: bool,
}

/// A result was received.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Receive {
    pub key: Key,
    pub bytes: u64,
    pub entered: Stamp,
    pub came: Stamp,
    pub complete: Stamp,
    pub loading: Stamp,
    pub loaded: Stamp,
    /// Zero where it is only known from the thread's next receive.
    pub delivered: Stamp,
    /// After `complete` and after `loaded`.
    pub cpu: Cpu<2>,
    /// When the record before this one of the same thread was written.
    pub written: Stamp,
}

/// A record with the thread that wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// A number that is the same for all records of a thread in its process.
    pub thread: u64,
    /// What happened.
    pub record: Record,
}

/// What one process recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Process {
    /// The process.
    pub pid: i64,
    /// The process that started it.
    pub parent: i64,
    /// In the order of writing.
    pub entries: Vec<Entry>,
    /// When a worker last called get; zero for never.
    pub last_get: Stamp,
    /// When the result thread last called recv; zero for never.
    pub last_receive: Stamp,
    /// When a worker's last put returned; zero for never.
    pub last_put: Stamp,
    /// Whether there was no room for more at some time.
    pub stopped: bool,
    /// Records that are not whole or of no kind that is known. The last one of a process is not among them where it is
    /// not whole: pools end their workers whatever they are writing, and no result ever followed it.
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

    /// Takes a file's content apart.
    ///
    /// # Errors
    ///
    /// Those of the reader; `InvalidData` when the content does not begin with a header of this version.
    pub fn read(mut source: impl Read) -> io::Result<Process> {
        let mut bytes = [0; HEADER_BYTES];
        source.read_exact(&mut bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(io::ErrorKind::InvalidData, "it is shorter than a header"),
            _ => error,
        })?;
        let head = Header::parse(&bytes).map_err(|reason| io::Error::new(io::ErrorKind::InvalidData, reason))?;
        let mut process = Process {
            pid: head.words[header::PID],
            parent: head.words[header::PARENT],
            stopped: head.words[header::FLAGS] & 1 != 0,
            last_get: stamp(head.words[header::LAST_GET]),
            last_receive: stamp(head.words[header::LAST_RECEIVE]),
            last_put: stamp(head.words[header::LAST_PUT]),
            ..Process::default()
        };
        // The file is as long as its address space; only what was allocated can have records.
        let mut source = source.take(head.allocated.saturating_sub(HEADER_BYTES as u64));
        let mut record = [0; RECORD_BYTES];
        let mut cut = false;
        loop {
            match source.read_exact(&mut record) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(error),
            }
            let words = words(&record);
            if words[0] == 0 {
                continue;
            }
            process.broken += usize::from(cut);
            cut = false;
            match parse(&words) {
                Some(record) => process.entries.push(Entry { thread: (words[0] as u64) >> 8, record }),
                None if words[WORDS - 1] == 0 => cut = true,
                None => process.broken += 1,
            }
        }
        Ok(process)
    }
}

struct Header {
    words: [i64; WORDS],
    allocated: u64,
}

impl Header {
    fn parse(bytes: &[u8; HEADER_BYTES]) -> Result<Header, String> {
        if &bytes[..8] != MAGIC {
            return Err("it does not begin as one".to_owned());
        }
        let word = |at: usize| u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        if word(8) != VERSION || word(12) != RECORD_BYTES as u32 {
            return Err(format!("it has version {} and records of {} bytes", word(8), word(12)));
        }
        let words = words(&bytes[..RECORD_BYTES]);
        Ok(Header { words, allocated: words[header::ALLOCATED].max(0) as u64 })
    }
}

/// `bytes` has at least 128 bytes.
fn words(bytes: &[u8]) -> [i64; WORDS] {
    std::array::from_fn(|at| {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[at * 8..at * 8 + 8]);
        i64::from_ne_bytes(word)
    })
}

/// A stamp that is not negative; the clock starts near boot.
fn stamp(word: i64) -> Stamp {
    word.max(0) as u64
}

fn cpu<const N: usize>(words: [i64; N]) -> Cpu<N> {
    (words[0] > 0).then(|| words.map(stamp))
}

/// `None` for what is not whole: the last word of a record is written last and never zero, but for that of a put, which
/// is written when the result is sent, and those of wakes, which come one by one.
fn parse(words: &[i64; WORDS]) -> Option<Record> {
    let kind = words[0] & 0xff;
    let s = |at: usize| stamp(words[at]);
    let key = Key { job: words[1], index: words[2] };
    let whole = words[15] > 0 || kind == kind::PUT || kind == kind::WAKES;
    let bytes = || u64::try_from(words[3]).ok();
    if !whole {
        return None;
    }
    Some(match kind {
        1 => Record::Submit { key, at: s(3), put: s(4), order: Order::of(words[5]) },
        2 => Record::Send(Send {
            key,
            bytes: bytes()?,
            iterating: s(4),
            iterated: s(5),
            entered: s(6),
            began: s(7),
            dumped: s(8),
            sending: s(9),
            sent: s(10),
            cpu: cpu([words[11], words[12], words[13]]),
            written: s(14),
            freed: s(15),
        }),
        kind::GET => Record::Get(Get {
            key,
            bytes: bytes()?,
            put: s(4),
            entered: s(5),
            locked: s(6),
            came: s(7),
            complete: s(8),
            loading: s(9),
            loaded: s(10),
            freed: s(11),
            cpu: cpu([words[12], words[13], words[14]]),
        }),
        kind::PUT if words[14] > 0 => Record::Put(Put {
            key,
            bytes: bytes()?,
            got: s(4),
            entered: s(5),
            dumping: s(6),
            dumped: s(7),
            cpu: cpu([words[8], words[9]]),
            good: words[10] == 1,
            written: s(14),
            sending: s(15),
        }),
        5 => Record::Receive(Receive {
            key,
            bytes: bytes()?,
            entered: s(4),
            came: s(5),
            complete: s(6),
            loading: s(7),
            loaded: s(8),
            cpu: cpu([words[9], words[10]]),
            written: s(11),
            delivered: s(12),
        }),
        6 => Record::Wake { key, woken: s(3) },
        7 => Record::Item { key, began: s(4), ended: s(5) },
        8 => Record::Start { pid: words[1], began: s(2), ended: s(3), is_worker: words[4] == 1 },
        9 => Record::Terminate { pid: words[1], at: s(2) },
        10 => Record::Exit { pid: words[1], code: words[2], at: s(3) },
        kind::BOOT => Record::Boot { ready: s(1), bootstrap: s(2), entered: s(3), prepared: s(15) },
        kind::INITIALIZED => Record::Initialized { began: s(1), ended: s(2) },
        13 => Record::Iterated { job: words[1], began: s(3), ended: s(4) },
        14 => Record::Dispatcher { began: s(1), ended: s(2) },
        15 => Record::Close { at: s(1) },
        16 => Record::Collection { generation: words[1], began: s(2), ended: s(3) },
        17 => Record::Failed { key, began: s(3), ended: s(4) },
        kind::WAKES => Record::Wakes { job: words[1], woken: std::array::from_fn(|at| s(at + 2)) },
        19 => Record::Watch { cpu_ns: s(1), wakes: s(2) },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A file with these records, each of 16 words.
    fn file(records: &[[i64; WORDS]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_ne_bytes());
        bytes.extend_from_slice(&(RECORD_BYTES as u32).to_ne_bytes());
        let allocated = (HEADER_BYTES + records.len() * RECORD_BYTES) as i64;
        for word in [7i64, 6, 5, 0x030b_07f0, allocated, 1, 11, 12, 13] {
            bytes.extend_from_slice(&word.to_ne_bytes());
        }
        bytes.resize(HEADER_BYTES, 0);
        bytes.extend(records.iter().flatten().flat_map(|word| word.to_ne_bytes()));
        bytes
    }

    fn read(bytes: &[u8]) -> io::Result<Process> {
        Process::read(bytes)
    }

    #[test]
    fn a_record_that_was_not_finished_is_left_out_and_counted() {
        let mut send = [9; WORDS];
        send[0] = 2 | 77 << 8;
        let mut torn = send;
        torn[15] = 0;
        let mut put = send;
        put[0] = 4;
        put[15] = 0;
        let unknown = [200; WORDS];
        let last = read(&file(&[send, torn, [0; WORDS]])).expect("is a file of records");
        assert_eq!((last.entries.len(), last.broken), (1, 0));
        let process = read(&file(&[send, torn, [0; WORDS], put, unknown])).expect("is a file of records");
        assert_eq!((process.pid, process.parent, process.stopped, process.broken), (7, 6, true, 2));
        assert_eq!((process.last_get, process.last_receive, process.last_put), (11, 12, 13));
        assert_eq!(process.entries.len(), 2);
        assert_eq!(process.entries[0].thread, 77);
        // A put is whole before it is sent.
        assert!(matches!(process.entries[1].record, Record::Put(Put { sending: 0, .. })));
    }

    #[test]
    fn what_is_no_file_of_records_is_refused() {
        let good = file(&[]);
        for (at, byte) in [(0, b'x'), (8, 9), (12, 9)] {
            let mut bad = good.clone();
            bad[at] = byte;
            assert_eq!(read(&bad).expect_err("is foreign").kind(), io::ErrorKind::InvalidData);
        }
        assert_eq!(read(&good[..HEADER_BYTES - 1]).expect_err("is short").kind(), io::ErrorKind::InvalidData);
        // Cut in a record: what is before it counts.
        let mut cut = file(&[[3; WORDS], [3; WORDS]]);
        cut.truncate(cut.len() - 1);
        assert_eq!(read(&cut).expect("is a file of records").entries.len(), 1);
    }

    proptest! {
        #[test]
        fn whatever_is_in_a_file_it_can_be_joined_and_booked(
            words in prop::collection::vec(prop::array::uniform16(prop_oneof![
                0i64..20, any::<i64>(), 1000i64..2000, Just(-1), Just(i64::MAX),
            ]), 0..40),
            kinds in prop::collection::vec(0i64..20, 40),
        ) {
            let records: Vec<[i64; WORDS]> = words.into_iter().zip(kinds).map(|(mut words, kind)| {
                words[0] = kind;
                words
            }).collect();
            let process = read(&file(&records)).expect("is a file of records");
            let records = Records { processes: vec![process.clone(), process], missing: 0, unlocked: false };
            let outcome = super::super::rows(&super::super::join(&records));
            for row in &outcome.rows {
                row.named("pool", "any", None);
            }
            for closure in outcome.closures {
                prop_assert!(closure.named_ns <= closure.wall_ns);
            }
        }
    }
}
