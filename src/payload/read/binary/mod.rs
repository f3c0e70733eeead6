//! MessagePack and CBOR. Both are read by hand, since what a crate's serde side leaves out is what counts here: the
//! offset of a fault, single and half precision apart from double, tags and extension types, strings that are not
//! UTF-8. The headers of either format are one table of a page.

#[cfg(feature = "cbor")]
mod cbor;
#[cfg(feature = "msgpack")]
mod msgpack;

#[cfg(feature = "cbor")]
pub(super) use cbor::{CborSource, CborWays};
#[cfg(feature = "msgpack")]
pub(super) use msgpack::MessagePackSource;

use crate::payload::source::{Event, Fault, Key};

/// Bytes and how far they are read.
#[derive(Debug)]
struct Cursor<'b> {
    bytes: &'b [u8],
    position: usize,
    /// Where the last value begins.
    at: usize,
}

impl<'b> Cursor<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Cursor { bytes, position: 0, at: 0 }
    }

    fn take(&mut self, length: u64) -> Result<&'b [u8], Fault> {
        let left = &self.bytes[self.position..];
        let taken = usize::try_from(length).ok().and_then(|length| left.get(..length));
        let Some(taken) = taken else {
            let reason =
                format!("the file ends inside a value of {}, of which it has {}", bytes_text(length), left.len());
            return Err(Fault::at(self.position, reason, "the file is cut short, or is not of this format"));
        };
        self.position += taken.len();
        Ok(taken)
    }

    /// The next `N` bytes.
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        self.array().map(|[byte]| byte)
    }

    /// A big-endian integer of `N` bytes, at most 8.
    fn uint<const N: usize>(&mut self) -> Result<u64, Fault> {
        Ok(self.array::<N>()?.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    fn text(&mut self, length: u64) -> Result<&'b str, Fault> {
        let start = self.position;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|error| {
            let bad = start + error.valid_up_to();
            let reason = format!("invalid UTF-8 in a string: byte 0x{:02x}", self.bytes[bad]);
            Fault::at(bad, reason, "write it as bytes")
        })
    }

    fn finish(&self) -> Result<(), Fault> {
        match self.bytes.len() - self.position {
            0 => Ok(()),
            left => Err(Fault::at(
                self.position,
                format!("{} left over after the document", bytes_text(left as u64)),
                "put several documents into one list",
            )),
        }
    }

    fn integer(&self, value: u64) -> Event {
        i64::try_from(value).map_or(Event::UInt(value), Event::Int)
    }
}

/// `1 byte`, `2 bytes`
fn bytes_text(bytes: u64) -> String {
    format!("{bytes} byte{}", if bytes == 1 { "" } else { "s" })
}

/// The key that an event is, if it can be one.
fn scalar_key<'a>(event: Event, offset: usize) -> Result<Key<'a>, Fault> {
    match event {
        Event::Int(value) => Ok(Key::Int(value)),
        Event::UInt(value) => Ok(Key::UInt(value)),
        Event::Bool(value) => Ok(Key::Bool(value)),
        other => Err(Fault::at(
            offset,
            format!("a key is {}", other.kind()),
            "sercost takes strings, integers, booleans and bytes as keys: write it as one of them",
        )),
    }
}

/// Whether there is one more element where their number is known.
fn count_down(left: &mut u64) -> bool {
    let more = *left > 0;
    *left -= u64::from(more);
    more
}

/// A number in half precision.
pub(in crate::payload::read) fn half(bits: u16) -> f32 {
    let magnitude = match (bits >> 10 & 0x1f, bits & 0x3ff) {
        (0, fraction) => f32::from(fraction) * 2f32.powi(-24),
        (0x1f, 0) => f32::INFINITY,
        (0x1f, _) => f32::NAN,
        (exponent, fraction) => f32::from(0x400 | fraction) * 2f32.powi(i32::from(exponent) - 25),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}
