//! Frames: the header before every message, and a buffer that finds messages as bytes arrive.

use super::Message;
use bytemuck::{cast_slice, cast_slice_mut};
use std::io;

/// The header: length and original length, both little-endian 64-bit. Sixteen bytes, so that the first message lies
/// aligned to 16 in a buffer that is.
pub const HEADER_BYTES: usize = 16;

/// A message that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The bytes that arrived.
    pub bytes: &'a [u8],
    /// The length that they have when decompressed.
    pub original_bytes: u64,
}

/// The bytes that messages of `lengths` bytes take with their headers.
pub fn framed_bytes(lengths: impl IntoIterator<Item = usize>) -> usize {
    lengths.into_iter().map(|length| length + HEADER_BYTES).sum()
}

pub(super) fn header(message: &Message<'_>) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(&(message.bytes.len() as u64).to_le_bytes());
    header[8..].copy_from_slice(&message.original_bytes.to_le_bytes());
    header
}

/// A header that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Where its frame ends, counted like its beginning.
    pub end: usize,
    /// The number beside the length: the length before compression.
    pub original_bytes: u64,
}

/// The header of the frame that begins at `at`; `None` if not all of it has arrived.
///
/// # Errors
///
/// `InvalidData` for a frame that no memory can hold.
pub fn header_at(bytes: &[u8], at: usize) -> io::Result<Option<Header>> {
    let Some((length, original)) = bytes.get(at..at + HEADER_BYTES).and_then(words) else { return Ok(None) };
    let end = usize::try_from(length).ok().and_then(|length| (at + HEADER_BYTES).checked_add(length));
    let end = end.filter(|&end| end <= isize::MAX as usize);
    let end = end.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a frame's length makes no sense"))?;
    Ok(Some(Header { end, original_bytes: original }))
}

/// The two words of a header.
fn words(header: &[u8]) -> Option<(u64, u64)> {
    let (first, last) = (header.first_chunk::<8>()?, header.last_chunk::<8>()?);
    Some((u64::from_le_bytes(*first), u64::from_le_bytes(*last)))
}

/// Follows the frames in bytes that arrive piece by piece.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Where the first frame that is not yet whole begins.
    at: usize,
    /// Where each whole frame begins. Kept while bytes arrive, so that nothing is left to be parsed after the last.
    whole: Vec<usize>,
}

impl Progress {
    /// Forgets the frames and makes room to note `messages` of them.
    pub(super) fn start(&mut self, messages: usize) {
        self.at = 0;
        self.whole.clear();
        self.whole.reserve(messages);
    }

    /// The whole frames in the bytes that arrived.
    pub(super) fn frames<'a>(&self, arrived: &'a [u8]) -> Vec<Frame<'a>> {
        self.whole.iter().filter_map(|&at| frame_at(arrived, at)).collect()
    }

    /// Looks at all that has arrived since; returns how many bytes are needed in all for the frame that is begun (a
    /// lower bound: at least its header), or `None` when `messages` frames are whole.
    pub(super) fn needs(&mut self, arrived: &[u8], messages: usize) -> io::Result<Option<usize>> {
        while self.whole.len() < messages {
            let Some(Header { end, .. }) = header_at(arrived, self.at)? else {
                return Ok(Some(self.at + HEADER_BYTES));
            };
            if end > arrived.len() {
                return Ok(Some(end));
            }
            self.whole.push(self.at);
            self.at = end;
        }
        Ok(None)
    }
}

fn frame_at(bytes: &[u8], at: usize) -> Option<Frame<'_>> {
    let Header { end, original_bytes } = header_at(bytes, at).ok()??;
    Some(Frame { bytes: bytes.get(at + HEADER_BYTES..end)?, original_bytes })
}

/// Memory aligned to 16 bytes that is filled from the front; kept between samples, so that no sample pays for it.
#[derive(Debug, Default)]
pub struct Buffer {
    blocks: Vec<u128>,
    len: usize,
}

impl Buffer {
    /// Room for at least `bytes`; what has arrived stays.
    pub fn reserve(&mut self, bytes: usize) {
        let blocks = bytes.div_ceil(16);
        if blocks > self.blocks.len() {
            self.blocks.resize(blocks, 0);
        }
    }

    /// Forgets what has arrived.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Forgets the first `bytes` of what has arrived; what is left moves to the front.
    pub fn consume(&mut self, bytes: usize) {
        let (len, bytes) = (self.len, bytes.min(self.len));
        cast_slice_mut::<u128, u8>(&mut self.blocks).copy_within(bytes..len, 0);
        self.len -= bytes;
    }

    /// The bytes that have arrived.
    pub fn filled(&self) -> &[u8] {
        &cast_slice(&self.blocks)[..self.len]
    }

    /// The room behind what has arrived.
    pub fn room(&mut self) -> &mut [u8] {
        let len = self.len;
        &mut cast_slice_mut(&mut self.blocks)[len..]
    }

    /// Takes the first `bytes` of the room as arrived.
    pub fn advance(&mut self, bytes: usize) {
        self.len += bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_however_the_bytes_arrive() {
        let messages = [&b"one"[..], b"", b"three"];
        let mut sent = Vec::new();
        for bytes in messages {
            sent.extend_from_slice(&header(&Message { bytes, original_bytes: 9 }));
            sent.extend_from_slice(bytes);
        }
        assert_eq!(sent.len(), framed_bytes(messages.iter().map(|m| m.len())));
        let mut progress = Progress::default();
        for arrived in 0..sent.len() {
            let needs = progress.needs(&sent[..arrived], 3).expect("sound frames");
            assert!(needs.is_some_and(|needs| needs > arrived), "at {arrived}");
        }
        assert_eq!(progress.needs(&sent, 3).expect("sound frames"), None);
        let found = progress.frames(&sent);
        assert_eq!(found.iter().map(|frame| frame.bytes).collect::<Vec<_>>(), messages);
        assert!(found.iter().all(|frame| frame.original_bytes == 9));
    }

    #[test]
    fn a_length_that_overflows_is_refused() {
        let mut progress = Progress::default();
        assert!(progress.needs(&[0xff; 16], 1).is_err());
    }
}
