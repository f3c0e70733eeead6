//! Frames on the control socket between two processes: a length of four bytes, little-endian, and so many bytes.
//!
//! What is measured crosses in frames of the transports, whose header keeps messages aligned; these carry requests and
//! answers, whose encoding is the caller's.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;

/// The bytes of the length.
const PREFIX_BYTES: usize = 4;

/// Sends one frame by one call where the kernel takes it at once; `encode` appends its content to the buffer that it is
/// given.
///
/// # Errors
///
/// What `encode` fails with, a content of 4 GiB or more, or an other end that is gone.
pub fn write_frame<E>(mut to: &UnixStream, encode: impl FnOnce(Vec<u8>) -> Result<Vec<u8>, E>) -> io::Result<()>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut frame = encode(vec![0; PREFIX_BYTES]).map_err(io::Error::other)?;
    let length = u32::try_from(frame.len() - PREFIX_BYTES).map_err(io::Error::other)?;
    frame[..PREFIX_BYTES].copy_from_slice(&length.to_le_bytes());
    to.write_all(&frame)
}

/// Waits for one frame and returns its content.
///
/// # Errors
///
/// `UnexpectedEof` when the other end is gone; `InvalidData` for a frame of more than `most` bytes, none of which is read
/// then.
pub fn read_frame(mut from: &UnixStream, most: u32) -> io::Result<Vec<u8>> {
    let mut length = [0; PREFIX_BYTES];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > most {
        let reason = format!("a frame of {length} bytes, where {most} are the most");
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    let mut content = vec![0; length as usize];
    from.read_exact(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(content: &[u8]) -> impl FnOnce(Vec<u8>) -> io::Result<Vec<u8>> {
        move |mut buffer| {
            buffer.extend_from_slice(content);
            Ok(buffer)
        }
    }

    #[test]
    fn frames_come_as_they_were_sent_up_to_the_most_bytes() {
        let (ours, theirs) = UnixStream::pair().expect("there are descriptors");
        for content in [&b"one"[..], b"", b"three"] {
            write_frame(&ours, bytes(content)).expect("the reader is there");
            assert_eq!(read_frame(&theirs, 5).expect("is sound"), content);
        }
        write_frame(&ours, bytes(b"twelve")).expect("the reader is there");
        assert_eq!(read_frame(&theirs, 5).expect_err("is refused").kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn half_a_frame_is_an_end_and_what_cannot_be_encoded_is_not_begun() {
        let (ours, theirs) = UnixStream::pair().expect("there are descriptors");
        let refused = write_frame(&ours, |_| Err("no such value")).expect_err("is not sent");
        assert_eq!(refused.to_string(), "no such value");
        (&ours).write_all(&[3, 0, 0, 0, b'o']).expect("the reader is there");
        drop(ours);
        assert_eq!(read_frame(&theirs, 5).expect_err("is half").kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(read_frame(&theirs, 5).expect_err("is over").kind(), io::ErrorKind::UnexpectedEof);
    }
}
