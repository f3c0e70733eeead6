//! Shared memory: an anonymous memory file mapped by both processes, with a wake-up through a pipe.
//!
//! The sender copies every message into the mapping, back to back, and then wakes the receiver once. `shm` copies
//! them out into the receiver's own memory, as a consumer that frees the slot at once would; `shm-in-place` leaves
//! them where they are and decodes from there. The mapping is kept and only grows, as a ring buffer's would be.
//! Where the kernel has no memory files, a mapped file without a name takes their place.

use super::frame::{self, Buffer, Frame, HEADER_BYTES, Progress};
use super::stream::{wake, woken};
use super::{Info, Message, Receiver, Sender, Transport, framed_bytes};
use crate::clock;
use crate::host::memory_file;
use memmap2::{MmapMut, MmapOptions};
use rustix::fs::ftruncate;
use std::io;
use std::os::fd::OwnedFd;

pub(super) struct Shm;
pub(super) struct ShmInPlace;

impl Transport for Shm {
    fn info(&self) -> &'static Info {
        &Info {
            name: "shm",
            about: "shared memory (memfd): copied in, one wake-up through a pipe, copied out",
            in_place: false,
        }
    }

    fn open(&self) -> io::Result<(Box<dyn Sender>, Vec<OwnedFd>)> {
        open()
    }

    fn receiver(&self, descriptors: Vec<OwnedFd>) -> io::Result<Box<dyn Receiver>> {
        SharedReceiver::boxed(descriptors, Some(Buffer::default()))
    }
}

impl Transport for ShmInPlace {
    fn info(&self) -> &'static Info {
        &Info {
            name: "shm-in-place",
            about: "shared memory (memfd): copied in, one wake-up through a pipe, decoded straight from the mapping",
            in_place: true,
        }
    }

    fn open(&self) -> io::Result<(Box<dyn Sender>, Vec<OwnedFd>)> {
        open()
    }

    fn receiver(&self, descriptors: Vec<OwnedFd>) -> io::Result<Box<dyn Receiver>> {
        SharedReceiver::boxed(descriptors, None)
    }
}

fn open() -> io::Result<(Box<dyn Sender>, Vec<OwnedFd>)> {
    let memory = OwnedFd::from(memory_file("sercost")?);
    let (woken, wake) = io::pipe()?;
    let theirs = memory.try_clone()?;
    Ok((Box::new(SharedSender { memory, wake: wake.into(), mapping: None }), vec![theirs, woken.into()]))
}

/// Maps the first `bytes` of the memory file.
fn map(memory: &OwnedFd, bytes: usize) -> io::Result<MmapMut> {
    // SAFETY: the file is anonymous and known to the two processes alone; the sender writes only between the
    // receiver's reply to one sample and the wake-up of the next, while the receiver reads nothing, and neither
    // shrinks the file.
    unsafe { MmapOptions::new().len(bytes).map_mut(memory) }
}

struct SharedSender {
    memory: OwnedFd,
    wake: OwnedFd,
    mapping: Option<MmapMut>,
}

impl Sender for SharedSender {
    fn prepare(&mut self, bytes: usize) -> io::Result<()> {
        if self.mapping.as_ref().is_none_or(|mapping| mapping.len() < bytes) {
            let bytes = bytes.max(1).next_multiple_of(1 << 16);
            ftruncate(&self.memory, bytes as u64)?;
            self.mapping = Some(map(&self.memory, bytes)?);
        }
        Ok(())
    }

    fn send(&mut self, messages: &[Message<'_>]) -> io::Result<u64> {
        let bytes = framed_bytes(messages.iter().map(|message| message.bytes.len()));
        self.prepare(bytes)?;
        let Some(mapping) = &mut self.mapping else {
            return Err(io::Error::other("the shared memory was not mapped"));
        };
        let start = clock::now();
        let mut at = 0;
        for message in messages {
            let body = at + HEADER_BYTES;
            let end = body + message.bytes.len();
            mapping[at..body].copy_from_slice(&frame::header(message));
            mapping[body..end].copy_from_slice(message.bytes);
            at = end;
        }
        wake(&self.wake, bytes)?;
        Ok(start)
    }
}

struct SharedReceiver {
    memory: OwnedFd,
    woken: OwnedFd,
    mapping: Option<MmapMut>,
    /// The buffer that messages are copied to; `None` to leave them in the mapping.
    copy: Option<Buffer>,
    received: usize,
    progress: Progress,
}

impl SharedReceiver {
    fn boxed(descriptors: Vec<OwnedFd>, copy: Option<Buffer>) -> io::Result<Box<dyn Receiver>> {
        let [memory, woken] = super::exactly(descriptors)?;
        Ok(Box::new(SharedReceiver { memory, woken, mapping: None, copy, received: 0, progress: Progress::default() }))
    }

    /// The bytes of the last sample.
    fn arrived(&self) -> &[u8] {
        match (&self.copy, &self.mapping) {
            (Some(buffer), _) => buffer.filled(),
            (None, Some(mapping)) => &mapping[..self.received],
            (None, None) => &[],
        }
    }

    fn mapped(&mut self, bytes: usize) -> io::Result<&MmapMut> {
        if self.mapping.as_ref().is_none_or(|mapping| mapping.len() < bytes) {
            // All of the file, since the sender rounds up.
            let size = usize::try_from(rustix::fs::fstat(&self.memory)?.st_size).unwrap_or(0);
            if size < bytes {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the shared memory is shorter than announced"));
            }
            self.mapping = Some(map(&self.memory, size)?);
        }
        self.mapping.as_ref().ok_or_else(|| io::Error::other("the shared memory was not mapped"))
    }
}

impl Receiver for SharedReceiver {
    fn prepare(&mut self, bytes: usize) -> io::Result<()> {
        if let Some(buffer) = &mut self.copy {
            buffer.reserve(bytes);
        }
        let size = usize::try_from(rustix::fs::fstat(&self.memory)?.st_size).unwrap_or(0);
        if size > 0 {
            self.mapped(size)?;
        }
        Ok(())
    }

    fn release(&mut self) {
        // The pages stay with the memory file, which only grows, but this process no longer has them resident.
        self.mapping = None;
        self.copy = self.copy.is_some().then(Buffer::default);
    }

    fn receive(&mut self, messages: usize) -> io::Result<u64> {
        let bytes = woken(&self.woken)?;
        self.mapped(bytes)?;
        self.received = bytes;
        if let (Some(buffer), Some(mapping)) = (&mut self.copy, &self.mapping) {
            buffer.clear();
            buffer.reserve(bytes);
            buffer.room()[..bytes].copy_from_slice(&mapping[..bytes]);
            buffer.advance(bytes);
        }
        let end = clock::now();
        let mut progress = std::mem::take(&mut self.progress);
        progress.start(messages);
        let whole = progress.needs(self.arrived(), messages)?.is_none();
        self.progress = progress;
        if whole { Ok(end) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn frames(&self) -> Vec<Frame<'_>> {
        self.progress.frames(self.arrived())
    }
}
