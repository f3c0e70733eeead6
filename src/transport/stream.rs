//! Byte streams between two descriptors: what pipes, Unix sockets and TCP share.

use super::frame::{self, Buffer, Frame, Progress};
use super::{Message, Receiver, Sender};
use crate::clock;
use rustix::io::Errno;
use std::io::{self, IoSlice};
use std::os::fd::OwnedFd;

pub(super) struct StreamSender(pub(super) OwnedFd);

impl Sender for StreamSender {
    fn prepare(&mut self, _bytes: usize) -> io::Result<()> {
        Ok(())
    }

    fn send(&mut self, messages: &[Message<'_>]) -> io::Result<u64> {
        let start = clock::now();
        for message in messages {
            write_framed(&self.0, message)?;
        }
        Ok(start)
    }
}

/// Writes header and body by one call where the kernel takes them at once, as a queue that frames its messages would.
pub fn write_framed(descriptor: &OwnedFd, message: &Message<'_>) -> io::Result<()> {
    let header = frame::header(message);
    let mut sent = 0;
    while sent < header.len() {
        let parts = [IoSlice::new(&header[sent..]), IoSlice::new(message.bytes)];
        match rustix::io::writev(descriptor, &parts) {
            Ok(count) => sent += count,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    write_all(descriptor, &message.bytes[sent - header.len()..])
}

fn write_all(descriptor: &OwnedFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(descriptor, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Reads what one call gives, whatever signals come in between; zero bytes are the end.
pub fn read_once(descriptor: &OwnedFd, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match rustix::io::read(descriptor, &mut *room) {
            Ok(count) => return Ok(count),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reads at least one byte, or fails with `UnexpectedEof`.
fn read_some(descriptor: &OwnedFd, room: &mut [u8]) -> io::Result<usize> {
    match read_once(descriptor, room)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        count => Ok(count),
    }
}

/// Tells the other end that `bytes` bytes lie ready where both can see them.
pub(super) fn wake(descriptor: &OwnedFd, bytes: usize) -> io::Result<()> {
    write_all(descriptor, &(bytes as u64).to_le_bytes())
}

/// Waits for [`wake`], and returns its bytes.
pub(super) fn woken(descriptor: &OwnedFd) -> io::Result<usize> {
    let mut announced = [0; 8];
    let mut got = 0;
    while got < announced.len() {
        got += read_some(descriptor, &mut announced[got..])?;
    }
    Ok(u64::from_le_bytes(announced) as usize)
}

pub(super) struct StreamReceiver {
    descriptor: OwnedFd,
    buffer: Buffer,
    progress: Progress,
}

impl StreamReceiver {
    pub(super) fn new(descriptor: OwnedFd) -> Self {
        StreamReceiver { descriptor, buffer: Buffer::default(), progress: Progress::default() }
    }
}

impl Receiver for StreamReceiver {
    fn prepare(&mut self, bytes: usize) -> io::Result<()> {
        self.buffer.reserve(bytes);
        Ok(())
    }

    fn release(&mut self) {
        self.buffer = Buffer::default();
    }

    fn receive(&mut self, messages: usize) -> io::Result<u64> {
        self.buffer.clear();
        self.progress.start(messages);
        while let Some(needs) = self.progress.needs(self.buffer.filled(), messages)? {
            self.buffer.reserve(needs);
            let count = read_some(&self.descriptor, self.buffer.room())?;
            self.buffer.advance(count);
        }
        Ok(clock::now())
    }

    fn frames(&self) -> Vec<Frame<'_>> {
        self.progress.frames(self.buffer.filled())
    }
}
