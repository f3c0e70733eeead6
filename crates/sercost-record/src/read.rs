//! The reading of a file, as a process left it that may have been killed in the middle of a record, or as anything else
//! wrote it: a record that is not whole is counted and left out, and no number in it is trusted to be in range.

use crate::layout::{
    HEADER_BYTES, KINDS, LAST, LAYOUT, MAGIC, RECORD_BYTES, Record, STOPPED, VERSION, WORDS, header as place,
};
use crate::{Stamp, Type};
use std::io::{self, Read};
use std::ops::Range;

/// A record with the thread that wrote it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// A number that is the same for all records of a thread in its process.
    pub thread: u64,
    /// The event.
    pub record: Record,
}

/// The contents of the header of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The process.
    pub pid: i64,
    /// The process that started it.
    pub parent: i64,
    /// When the file was made.
    pub made: Stamp,
    /// `sys.hexversion`; zero where it runs no Python.
    pub python: i64,
    /// Whether there was no room for more records at some time.
    pub stopped: bool,
    /// When a worker last called get; zero for never.
    pub last_get: Stamp,
    /// When the result thread last called recv; zero for never.
    pub last_receive: Stamp,
    /// When a worker's last put returned; zero for never.
    pub last_put: Stamp,
    /// The offset that was added to each stamp, so that it is one of the clock of the process that reads.
    pub clock_offset: i64,
    /// The amount by which that may be wrong, to either side.
    pub clock_uncertainty: u64,
    /// The version of what wrote the file.
    pub agent: String,
    /// The name of the host.
    pub host: String,
    /// The arguments of the program, as far as there was room.
    pub arguments: Vec<String>,
}

/// Reads the records of a file one after another.
#[derive(Debug)]
pub struct Reader<R> {
    source: io::Take<R>,
    header: Header,
    /// Whether the record before was torn.
    torn: bool,
    broken: usize,
}

impl<R: Read> Reader<R> {
    /// Reads the header. Give it a source with a buffer.
    ///
    /// # Errors
    ///
    /// Those of the source; `InvalidData` when the content does not begin with a header of this layout.
    pub fn new(mut source: R) -> io::Result<Self> {
        let mut bytes = [0; HEADER_BYTES];
        source.read_exact(&mut bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(io::ErrorKind::InvalidData, "it is shorter than a header"),
            _ => error,
        })?;
        let (header, allocated) = parse(&bytes).map_err(|reason| io::Error::new(io::ErrorKind::InvalidData, reason))?;
        // The file is as long as its address space; only what was allocated can have records.
        let source = source.take(allocated.saturating_sub(HEADER_BYTES as u64));
        Ok(Reader { source, header, torn: false, broken: 0 })
    }

    /// The contents of the header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Records so far that are not whole or of no kind that is known. The last one of a process is not among them where
    /// it is not whole: pools end their workers whatever they are writing, and no result ever followed it.
    pub fn broken(&self) -> usize {
        self.broken
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the source.
    #[allow(clippy::should_implement_trait, reason = "an iterator of results would end at the first error")]
    pub fn next(&mut self) -> io::Result<Option<Entry>> {
        let mut record = [0; RECORD_BYTES];
        loop {
            match self.source.read_exact(&mut record) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                Err(error) => return Err(error),
            }
            let mut words: [i64; WORDS] = std::array::from_fn(|at| number(&record, at * 8..at * 8 + 8) as i64);
            if words[0] == 0 {
                continue;
            }
            self.broken += usize::from(std::mem::take(&mut self.torn));
            shift(&mut words, self.header.clock_offset);
            match Record::from_words(&words) {
                Some(record) => return Ok(Some(Entry { thread: (words[0] as u64) >> 8, record })),
                None if words[LAST] == 0 => self.torn = true,
                None => self.broken += 1,
            }
        }
    }
}

/// Adds to each stamp of a record that was taken.
fn shift(words: &mut [i64; WORDS], offset: i64) {
    if offset == 0 {
        return;
    }
    let Some(kind) = KINDS.iter().find(|kind| kind.number == words[0] & 0xff) else { return };
    for field in kind.fields {
        let stamps = match field.holds {
            Type::Stamp | Type::Later => field.word..=field.word,
            Type::Stamps => field.word..=LAST,
            _ => continue,
        };
        for word in words[stamps].iter_mut().filter(|word| **word > 0) {
            *word = word.saturating_add(offset).max(1);
        }
    }
}

/// The header, and how many bytes of the file have blocks.
fn parse(bytes: &[u8; HEADER_BYTES]) -> Result<(Header, u64), String> {
    if bytes[place::MAGIC] != MAGIC {
        return Err("it does not begin as one".to_owned());
    }
    let word = |span: Range<usize>| number(bytes, span) as i64;
    let (version, record_bytes) = (word(place::VERSION), word(place::RECORD_BYTES));
    if version != i64::from(VERSION) || record_bytes != RECORD_BYTES as i64 {
        return Err(format!("it has version {version} and records of {record_bytes} bytes"));
    }
    if number(bytes, place::LAYOUT) != LAYOUT {
        return Err("its layout is another one of the same version".to_owned());
    }
    let clock_offset = word(place::CLOCK_OFFSET);
    let stamp = |span| match word(span) {
        ..=0 => 0,
        taken => taken.saturating_add(clock_offset).max(1) as u64,
    };
    let header = Header {
        pid: word(place::PID),
        parent: word(place::PARENT),
        made: stamp(place::MADE),
        python: word(place::PYTHON),
        stopped: word(place::FLAGS) & STOPPED != 0,
        last_get: stamp(place::LAST_GET),
        last_receive: stamp(place::LAST_RECEIVE),
        last_put: stamp(place::LAST_PUT),
        clock_offset,
        clock_uncertainty: number(bytes, place::CLOCK_UNCERTAINTY),
        agent: texts(&bytes[place::AGENT]).into_iter().next().unwrap_or_default(),
        host: texts(&bytes[place::HOST]).into_iter().next().unwrap_or_default(),
        arguments: texts(&bytes[place::ARGUMENTS]),
    };
    Ok((header, word(place::ALLOCATED).max(0) as u64))
}

/// A number of up to eight bytes.
fn number(bytes: &[u8], span: Range<usize>) -> u64 {
    bytes[span].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Texts that are each ended by a zero byte; what comes after the last is filled with them.
fn texts(bytes: &[u8]) -> Vec<String> {
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| (last + 2).min(bytes.len()));
    let mut texts: Vec<String> =
        bytes[..end].split(|&byte| byte == 0).map(|text| String::from_utf8_lossy(text).into_owned()).collect();
    if texts.last().is_some_and(String::is_empty) {
        texts.pop();
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Close, Put, Send};
    use proptest::prelude::*;

    fn put(bytes: &mut [u8], span: Range<usize>, value: u64) {
        let length = span.len();
        bytes[span].copy_from_slice(&value.to_le_bytes()[..length]);
    }

    /// A file with these records, each of 16 words.
    fn file(records: &[[i64; WORDS]]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES];
        bytes[place::MAGIC].copy_from_slice(&MAGIC);
        let allocated = (HEADER_BYTES + records.len() * RECORD_BYTES) as u64;
        for (span, value) in [
            (place::VERSION, VERSION.into()),
            (place::RECORD_BYTES, RECORD_BYTES as u64),
            (place::LAYOUT, LAYOUT),
            (place::PID, 7),
            (place::PARENT, 6),
            (place::ALLOCATED, allocated),
            (place::FLAGS, 1),
            (place::LAST_GET, 11),
            (place::LAST_RECEIVE, 12),
            (place::LAST_PUT, 13),
        ] {
            put(&mut bytes, span, value);
        }
        bytes.extend(records.iter().flatten().flat_map(|word| word.to_le_bytes()));
        bytes
    }

    type InMemory = Reader<io::Cursor<Vec<u8>>>;

    fn read(bytes: Vec<u8>) -> io::Result<(Vec<Entry>, InMemory)> {
        let mut reader = Reader::new(io::Cursor::new(bytes))?;
        let mut entries = Vec::new();
        while let Some(entry) = reader.next()? {
            entries.push(entry);
        }
        Ok((entries, reader))
    }

    #[test]
    fn a_record_that_was_not_finished_is_left_out_and_counted() {
        let mut send = [9; WORDS];
        send[0] = 2 | 77 << 8;
        let mut torn = send;
        torn[LAST] = 0;
        let put = Record::from(Put { written: 5, ..Put::default() }).to_words(77);
        let unknown = [200; WORDS];
        let (entries, reader) = read(file(&[send, torn, [0; WORDS]])).expect("is a file of records");
        assert_eq!((entries.len(), reader.broken()), (1, 0));
        let (entries, reader) = read(file(&[send, torn, [0; WORDS], put, unknown])).expect("is a file of records");
        let header = reader.header();
        assert_eq!((header.pid, header.parent, header.stopped, reader.broken()), (7, 6, true, 2));
        assert_eq!((header.last_get, header.last_receive, header.last_put), (11, 12, 13));
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].thread, 77);
        // A put is whole before it is sent.
        assert!(matches!(entries[1].record, Record::Put(Put { sending: 0, .. })));
    }

    #[test]
    fn what_is_no_file_of_records_is_refused() {
        let good = file(&[]);
        for (at, byte) in [(0, b'x'), (8, 9), (12, 9), (16, !LAYOUT.to_le_bytes()[0])] {
            let mut bad = good.clone();
            bad[at] = byte;
            assert_eq!(read(bad).expect_err("is foreign").kind(), io::ErrorKind::InvalidData);
        }
        assert_eq!(read(good[..HEADER_BYTES - 1].to_vec()).expect_err("is short").kind(), io::ErrorKind::InvalidData);
        // Cut in a record: what is before it counts.
        let mut cut = file(&[[3; WORDS], [3; WORDS]]);
        cut.truncate(cut.len() - 1);
        assert_eq!(read(cut).expect("is a file of records").0.len(), 1);
    }

    #[test]
    fn stamps_of_another_clock_are_shifted_and_nothing_else() {
        let send = Send { job: 3, bytes: 45, began: 100, iterating: 0, cpu_entered: 50, freed: 90, ..Send::default() };
        let mut bytes = file(&[Record::from(send).to_words(1), Record::from(Close { at: 5 }).to_words(1)]);
        put(&mut bytes, place::CLOCK_OFFSET, -20i64 as u64);
        put(&mut bytes, place::CLOCK_UNCERTAINTY, 3);
        put(&mut bytes, place::LAST_PUT, 1000);
        let (entries, reader) = read(bytes).expect("is a file of records");
        assert_eq!(entries[0].record, Send { began: 80, freed: 70, ..send }.into());
        // A stamp that was taken stays one.
        assert_eq!(entries[1].record, Close { at: 1 }.into());
        assert_eq!((reader.header().last_put, reader.header().clock_uncertainty), (980, 3));
    }

    proptest! {
        #[test]
        fn whatever_is_in_a_file_it_is_read_to_its_end(
            words in prop::collection::vec(prop::array::uniform16(prop_oneof![0i64..25, any::<i64>()]), 0..40),
            offset in any::<i64>(), text in prop::collection::vec(any::<u8>(), 200),
        ) {
            let mut bytes = file(&words);
            put(&mut bytes, place::CLOCK_OFFSET, offset as u64);
            bytes[place::HOST.start..place::HOST.start + 200].copy_from_slice(&text);
            let (entries, reader) = read(bytes).expect("is a file of records");
            let blank = words.iter().filter(|words| words[0] == 0).count();
            let torn = usize::from(reader.torn);
            prop_assert_eq!(entries.len() + reader.broken() + torn + blank, words.len());
        }
    }
}
