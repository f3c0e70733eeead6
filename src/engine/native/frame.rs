//! Messages on a pipe: a header of 16 bytes, which are the length of what follows and a number, and then that.
//!
//! The layout is that of the transports, where the number is the length before compression. A message that comes
//! begins at an address that is a multiple of 16, which natively derived codecs need.

use crate::clock;
use crate::transport::{self, Buffer, HEADER_BYTES, Header, Message};
use sercost_record::Stamp;
use std::io;
use std::os::fd::OwnedFd;

/// Room for what comes: as much as a pipe holds.
const FIRST_ROOM: usize = 64 << 10;
/// The bit of a number that says that the task failed, and that what follows says why.
pub(super) const FAILED: u64 = 1 << 63;

/// Sends one message.
pub(super) fn send(pipe: &OwnedFd, number: u64, bytes: &[u8]) -> io::Result<()> {
    transport::write_framed(pipe, &Message { bytes, original_bytes: number })
}

/// The bytes of one message on the pipe.
pub(super) fn framed(bytes: usize) -> u64 {
    (bytes + HEADER_BYTES) as u64
}

/// A message that came; its bytes are [`Inbox::body`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub(super) number: u64,
    /// After the header was read.
    pub(super) came: Stamp,
    /// After the last byte was read.
    pub(super) complete: Stamp,
}

/// The reading end of a pipe. Its memory is kept from message to message.
#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) pipe: OwnedFd,
    buffer: Buffer,
    /// The bytes of the message that is looked at, with its header.
    taken: usize,
}

impl Inbox {
    pub(super) fn new(pipe: OwnedFd) -> Self {
        let mut buffer = Buffer::default();
        buffer.reserve(FIRST_ROOM);
        Inbox { pipe, buffer, taken: 0 }
    }

    /// Waits for the next message; `None` when there will be none.
    ///
    /// # Errors
    ///
    /// When the other end is gone in the middle of a message, or sends what is none.
    pub(super) fn receive(&mut self) -> io::Result<Option<Arrival>> {
        self.buffer.consume(self.taken);
        self.taken = 0;
        while self.buffer.filled().len() < HEADER_BYTES {
            if self.read(FIRST_ROOM)? == 0 {
                let nothing = self.buffer.filled().is_empty();
                return if nothing { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
        let came = clock::now();
        let header = transport::header_at(self.buffer.filled(), 0)?;
        let Header { end: need, original_bytes: number } = header.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut complete = came;
        if self.buffer.filled().len() < need {
            self.buffer.reserve(need);
            while self.buffer.filled().len() < need {
                if self.read(need - self.buffer.filled().len())? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            complete = clock::now();
        }
        self.taken = need;
        Ok(Some(Arrival { number, came, complete }))
    }

    /// The bytes of the message that came last.
    pub(super) fn body(&self) -> &[u8] {
        self.buffer.filled().get(HEADER_BYTES..self.taken).unwrap_or_default()
    }

    /// Whether the next message has come already, together with the one before, so that no read has to wait for it.
    pub(super) fn has_next(&self) -> bool {
        self.buffer.filled().len() > self.taken
    }

    /// Reads what is there, at most `most` bytes; zero at the end.
    fn read(&mut self, most: usize) -> io::Result<usize> {
        let room = self.buffer.room();
        let most = most.min(room.len());
        let count = transport::read_once(&self.pipe, &mut room[..most])?;
        self.buffer.advance(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two ends of a pipe.
    fn pipe() -> (OwnedFd, OwnedFd) {
        let (reader, writer) = io::pipe().expect("there are descriptors");
        (reader.into(), writer.into())
    }

    #[test]
    fn messages_come_as_they_were_sent_however_they_lie_in_the_pipe() {
        let (reader, writer) = pipe();
        let large = vec![7; 300_000];
        let expected =
            [(1, b"one".to_vec()), (2, Vec::new()), (3 | FAILED, b"three".to_vec()), (4, large), (5, vec![5])];
        let sent = expected.clone();
        let sending = std::thread::spawn(move || {
            for (number, bytes) in &sent {
                send(&writer, *number, bytes).expect("the reader is there");
            }
        });
        let mut inbox = Inbox::new(reader);
        for (number, bytes) in &expected {
            let arrival = inbox.receive().expect("is sound").expect("is not the end");
            assert_eq!((arrival.number, inbox.body()), (*number, bytes.as_slice()));
            assert!(arrival.came <= arrival.complete);
            assert_eq!(inbox.body().as_ptr() as usize % 16, 0);
        }
        sending.join().expect("all was sent");
        assert!(inbox.receive().expect("is sound").is_none());
    }

    #[test]
    fn half_a_message_and_a_length_beyond_all_memory_are_refused() {
        for (bytes, kind) in [
            (&[3u8, 0, 0, 0, 0, 0, 0, 0, 0][..], io::ErrorKind::UnexpectedEof),
            (&[3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], io::ErrorKind::UnexpectedEof),
            (&[0xff; 20], io::ErrorKind::InvalidData),
        ] {
            let (reader, writer) = pipe();
            rustix::io::write(&writer, bytes).expect("there is room");
            drop(writer);
            assert_eq!(Inbox::new(reader).receive().expect_err("is refused").kind(), kind);
        }
    }
}
