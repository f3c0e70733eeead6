//! The writing of a file, through a mapping of it.

use crate::Stamp;
use crate::layout::{
    HEADER_BYTES, LAST, LAYOUT, MAGIC, RECORD_BYTES, Record, STOPPED, VERSION, WORDS, header as place,
};
use memmap2::{MmapMut, MmapOptions};
use rustix::fs::{FallocateFlags, fallocate};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::atomic::{Ordering, compiler_fence};

/// Blocks are asked for, and mapped, so many bytes at a time.
const CHUNK: usize = 1 << 20;
/// The size of the first of them, which is enough for a few tasks.
const FIRST_CHUNK: usize = 64 << 10;

/// The fields of the header about the process that writes.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The process.
    pub pid: i64,
    /// The process that started it.
    pub parent: i64,
    /// When the file was made.
    pub made: Stamp,
    /// The version of what writes.
    pub agent: String,
    /// The name of the host.
    pub host: String,
    /// The arguments of the program.
    pub arguments: Vec<String>,
}

/// The events that are written into the header as they happen, since they say what a process was doing when it was
/// ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A worker enters `get`.
    Get,
    /// The result thread enters `recv`.
    Receive,
    /// A worker's `put` returned.
    Put,
}

/// A file of records that is being written, by one thread.
///
/// Only its header and the chunk that is written to are mapped, so that a long file does not count as memory of the
/// process.
#[derive(Debug)]
pub struct Writer {
    file: File,
    header: MmapMut,
    /// The last chunk that was asked for.
    chunk: MmapMut,
    /// Where in it the next record goes.
    at: usize,
    /// Bytes of the file that have blocks.
    allocated: usize,
    stopped: bool,
}

impl Writer {
    /// Takes over an empty file that is open for reading and writing.
    ///
    /// # Errors
    ///
    /// When there is no room for the header and a few records, or the file cannot be mapped.
    pub fn create(file: File, about: &About) -> io::Result<Writer> {
        let allocated = HEADER_BYTES + FIRST_CHUNK;
        fallocate(&file, FallocateFlags::empty(), 0, allocated as u64)?;
        let header = map(&file, 0, HEADER_BYTES)?;
        let chunk = map(&file, HEADER_BYTES, FIRST_CHUNK)?;
        let mut writer = Writer { file, header, chunk, at: 0, allocated, stopped: false };
        writer.set(place::VERSION, VERSION.into());
        writer.set(place::RECORD_BYTES, RECORD_BYTES as u64);
        writer.set(place::LAYOUT, LAYOUT);
        writer.set(place::PID, about.pid as u64);
        writer.set(place::PARENT, about.parent as u64);
        writer.set(place::MADE, about.made);
        writer.set(place::ALLOCATED, allocated as u64);
        writer.set_texts(place::AGENT, [&about.agent]);
        writer.set_texts(place::HOST, [&about.host]);
        writer.set_texts(place::ARGUMENTS, &about.arguments);
        compiler_fence(Ordering::Release);
        writer.header[place::MAGIC].copy_from_slice(&MAGIC);
        Ok(writer)
    }

    /// Writes a record, its last word after all others. Nothing where there is no room for it, which the header then says.
    pub fn write(&mut self, thread: u64, record: impl Into<Record>) {
        if self.at + RECORD_BYTES > self.chunk.len() && !self.grow() {
            return;
        }
        let words = record.into().to_words(thread);
        let bytes = &mut self.chunk[self.at..self.at + RECORD_BYTES];
        let (first, last) = bytes.split_at_mut(LAST * 8);
        for (bytes, word) in first.chunks_exact_mut(8).zip(&words[..WORDS - 1]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        compiler_fence(Ordering::Release);
        last.copy_from_slice(&words[LAST].to_le_bytes());
        self.at += RECORD_BYTES;
    }

    /// Notes in the header when something happened last.
    pub fn mark(&mut self, moment: Moment, stamp: Stamp) {
        let place = match moment {
            Moment::Get => place::LAST_GET,
            Moment::Receive => place::LAST_RECEIVE,
            Moment::Put => place::LAST_PUT,
        };
        self.set(place, stamp);
    }

    fn set(&mut self, span: Range<usize>, value: u64) {
        let length = span.len();
        self.header[span].copy_from_slice(&value.to_le_bytes()[..length]);
    }

    /// Writes texts, each ended by a zero byte, as many of them as there is room for.
    fn set_texts<'a>(&mut self, span: Range<usize>, texts: impl IntoIterator<Item = &'a String>) {
        let mut room = &mut self.header[span];
        for text in texts {
            let Some((own, rest)) = room.split_at_mut_checked(text.len() + 1) else { return };
            own[..text.len()].copy_from_slice(text.as_bytes());
            room = rest;
        }
    }

    /// Goes on to another chunk; false, and for good, where there is no room for it.
    fn grow(&mut self) -> bool {
        let more = || -> io::Result<MmapMut> {
            fallocate(&self.file, FallocateFlags::empty(), self.allocated as u64, CHUNK as u64)?;
            map(&self.file, self.allocated, CHUNK)
        };
        let chunk = if self.stopped { None } else { more().ok() };
        match chunk {
            Some(chunk) => {
                (self.chunk, self.at) = (chunk, 0);
                self.allocated += CHUNK;
                self.set(place::ALLOCATED, self.allocated as u64);
                true
            }
            None => {
                self.stopped = true;
                self.set(place::FLAGS, STOPPED as u64);
                false
            }
        }
    }
}

/// Maps a part of the file that has blocks.
#[allow(unsafe_code, reason = "what is written to a mapping outlives the process at once, and costs no system call")]
fn map(file: &File, offset: usize, length: usize) -> io::Result<MmapMut> {
    // SAFETY: the file is the writer's, which never makes it shorter, and there are blocks behind all that is mapped. Who
    // reads the file meanwhile reads bytes of any value.
    unsafe { MmapOptions::new().offset(offset as u64).len(length).map_mut(file) }
}
