//! A file: written whole through the page cache, then read whole by the other process after a wake-up through a pipe.
//!
//! The file has no name (it is made without one, or unlinked as soon as it exists), so none is left behind. It is emptied between samples
//! outside of the timed part: every sample pays for new pages, as a new file would, but not for `open` and `unlink`.
//! Nothing is flushed to the device.

use super::frame::{Buffer, Frame, Progress};
use super::stream::{wake, woken, write_framed};
use super::{Info, Message, Receiver, Sender, Transport, framed_bytes};
use crate::clock;
use crate::host::unnamed_file;
use rustix::fs::{SeekFrom, ftruncate, seek};
use std::io;
use std::os::fd::OwnedFd;

pub(super) struct File;

impl Transport for File {
    fn info(&self) -> &'static Info {
        &Info {
            name: "file",
            about: "a file in the temporary directory, written and read whole through the page cache, not flushed to the device",
            in_place: false,
        }
    }

    fn open(&self) -> io::Result<(Box<dyn Sender>, Vec<OwnedFd>)> {
        let file = unnamed_file()?;
        let (woken, wake) = io::pipe()?;
        let theirs = file.try_clone()?;
        Ok((Box::new(FileSender { file: file.into(), wake: wake.into() }), vec![theirs.into(), woken.into()]))
    }

    fn receiver(&self, descriptors: Vec<OwnedFd>) -> io::Result<Box<dyn Receiver>> {
        let [file, woken] = super::exactly(descriptors)?;
        Ok(Box::new(FileReceiver { file, woken, buffer: Buffer::default(), progress: Progress::default() }))
    }
}

struct FileSender {
    file: OwnedFd,
    wake: OwnedFd,
}

impl Sender for FileSender {
    fn prepare(&mut self, _bytes: usize) -> io::Result<()> {
        ftruncate(&self.file, 0)?;
        seek(&self.file, SeekFrom::Start(0))?;
        Ok(())
    }

    fn send(&mut self, messages: &[Message<'_>]) -> io::Result<u64> {
        let start = clock::now();
        for message in messages {
            write_framed(&self.file, message)?;
        }
        let bytes = framed_bytes(messages.iter().map(|message| message.bytes.len()));
        wake(&self.wake, bytes)?;
        Ok(start)
    }
}

struct FileReceiver {
    file: OwnedFd,
    woken: OwnedFd,
    buffer: Buffer,
    progress: Progress,
}

impl Receiver for FileReceiver {
    fn prepare(&mut self, bytes: usize) -> io::Result<()> {
        self.buffer.reserve(bytes);
        Ok(())
    }

    fn release(&mut self) {
        self.buffer = Buffer::default();
    }

    fn receive(&mut self, messages: usize) -> io::Result<u64> {
        let bytes = woken(&self.woken)?;
        self.buffer.clear();
        self.buffer.reserve(bytes);
        let mut at = 0;
        while at < bytes {
            // The two processes share the file's offset, so the reader names its own.
            match rustix::io::pread(&self.file, &mut self.buffer.room()[..bytes - at], at as u64) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    self.buffer.advance(count);
                    at += count;
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let end = clock::now();
        self.progress.start(messages);
        let whole = self.progress.needs(self.buffer.filled(), messages)?.is_none();
        if whole { Ok(end) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn frames(&self) -> Vec<Frame<'_>> {
        self.progress.frames(self.buffer.filled())
    }
}
