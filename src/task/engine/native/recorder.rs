//! The records of a worker, in a file of the layout of `docs/RECORDS.md`: in the kernel's hands as soon as they are
//! written, so that a worker may end in whatever way it likes.

use crate::host::open_shared;
use crate::task::record::header::{ALLOCATED, FLAGS, PARENT, PID};
use crate::task::record::{HEADER_BYTES, MAGIC, RECORD_BYTES, VERSION, WORDS};
use memmap2::{MmapMut, MmapOptions};
use rustix::fs::{FallocateFlags, fallocate};
use std::fs::File;
use std::io;
use std::sync::atomic::{Ordering, compiler_fence};

/// Blocks are asked for so many bytes at a time.
const CHUNK: usize = 1 << 20;
/// Of the first of them, a part is enough for a few tasks.
const FIRST_CHUNK: usize = 64 << 10;

/// A file of records that is being written.
pub(super) struct Recorder {
    file: File,
    map: MmapMut,
    /// Where the next record goes.
    at: usize,
    allocated: usize,
    stopped: bool,
}

impl Recorder {
    /// Takes over the file `name` of the directory that this process works in, with addresses for `records` records.
    pub(super) fn open(name: &str, records: u64, parent: u32) -> io::Result<Recorder> {
        let file = open_shared(name)?;
        let most = HEADER_BYTES as u64 + records.saturating_mul(RECORD_BYTES as u64);
        let most = usize::try_from(most).map_err(io::Error::other)?;
        fallocate(&file, FallocateFlags::empty(), 0, HEADER_BYTES as u64)?;
        // SAFETY: nobody makes the file shorter: only its parent and this process know it, and neither does. It is
        // written to only as far as it has blocks, which is `allocated`; past that there is no access.
        let map = unsafe { MmapOptions::new().len(most).map_mut(&file)? };
        let mut recorder = Recorder { file, map, at: HEADER_BYTES, allocated: HEADER_BYTES, stopped: false };
        recorder.map[8..12].copy_from_slice(&VERSION.to_ne_bytes());
        recorder.map[12..16].copy_from_slice(&(RECORD_BYTES as u32).to_ne_bytes());
        recorder.header(PID, std::process::id().into());
        recorder.header(PARENT, parent.into());
        recorder.header(ALLOCATED, HEADER_BYTES as u64);
        compiler_fence(Ordering::Release);
        recorder.map[..8].copy_from_slice(MAGIC);
        Ok(recorder)
    }

    /// Writes a word of the header.
    pub(super) fn header(&mut self, word: usize, value: u64) {
        self.set(0, word, value);
    }

    /// Writes a record, its last word after all others, and returns where it is. Nothing where there is no room.
    pub(super) fn record(&mut self, kind: i64, words: &[u64; WORDS - 1]) -> usize {
        if self.at + RECORD_BYTES > self.allocated && !self.grow() {
            return 0;
        }
        let at = self.at;
        for (word, value) in words[..WORDS - 2].iter().enumerate() {
            self.set(at, word + 1, *value);
        }
        // A thread's number above the kind; there is one thread.
        self.set(at, 0, kind as u64 | 1 << 8);
        compiler_fence(Ordering::Release);
        self.set(at, WORDS - 1, words[WORDS - 2]);
        self.at += RECORD_BYTES;
        at
    }

    /// Writes a word of the record at `at`.
    fn set(&mut self, at: usize, word: usize, value: u64) {
        let at = at + word * 8;
        self.map[at..at + 8].copy_from_slice(&value.to_ne_bytes());
    }

    /// Asks for more blocks; false, and for good, where there are none.
    fn grow(&mut self) -> bool {
        let chunk = if self.allocated == HEADER_BYTES { FIRST_CHUNK } else { CHUNK };
        let until = (self.allocated + chunk).min(self.map.len());
        let more = (until - self.allocated) as u64;
        let room = !self.stopped
            && until >= self.at + RECORD_BYTES
            && fallocate(&self.file, FallocateFlags::empty(), self.allocated as u64, more).is_ok();
        if room {
            self.allocated = until;
            self.header(ALLOCATED, until as u64);
        } else {
            self.stopped = true;
            self.header(FLAGS, 1);
        }
        room
    }
}
