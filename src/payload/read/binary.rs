//! MessagePack and CBOR. Both are read by hand, since what a crate's serde side leaves out is what counts here: the
//! offset of a fault, single and half precision apart from double, tags and extension types, strings that are not
//! UTF-8. The headers of either format are one table of a page.

use super::json::over_64_bits;
use super::source::{Event, Fault, Key, Open, Source};
use std::collections::BTreeMap;

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
            let reason = format!("the file ends inside a value: {} were to follow, {} do", count(length), left.len());
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
                format!("{} left over after the document", count(left as u64)),
                "put several documents into one list",
            )),
        }
    }

    fn integer(&self, value: u64) -> Event {
        i64::try_from(value).map_or(Event::UInt(value), Event::Int)
    }
}

/// `1 byte`, `2 bytes`
fn count(bytes: u64) -> String {
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

/// A MessagePack document.
#[derive(Debug)]
pub struct MessagePackSource<'b> {
    cursor: Cursor<'b>,
    /// The length of the string or bytes announced.
    length: u64,
}

impl<'b> MessagePackSource<'b> {
    /// The document that is all of `bytes`.
    pub fn new(bytes: &'b [u8]) -> Self {
        MessagePackSource { cursor: Cursor::new(bytes), length: 0 }
    }

    fn announce(&mut self, event: Event, length: u64) -> Event {
        self.length = length;
        event
    }
}

impl Source for MessagePackSource<'_> {
    fn value(&mut self) -> Result<Event, Fault> {
        let cursor = &mut self.cursor;
        cursor.at = cursor.position;
        let marker = cursor.byte()?;
        let list = |left| Event::List(Open { left: Some(left), ..Open::default() });
        let map = |left| Event::Map(Open { left: Some(left), ..Open::default() });
        Ok(match marker {
            0x00..=0x7f => Event::Int(marker.into()),
            0x80..=0x8f => map((marker & 0x0f).into()),
            0x90..=0x9f => list((marker & 0x0f).into()),
            0xa0..=0xbf => self.announce(Event::Text, (marker & 0x1f).into()),
            0xc0 => Event::Null,
            0xc2 => Event::Bool(false),
            0xc3 => Event::Bool(true),
            0xc4 | 0xd9 => {
                let length = cursor.uint::<1>()?;
                self.announce(if marker == 0xc4 { Event::Bytes } else { Event::Text }, length)
            }
            0xc5 | 0xda => {
                let length = cursor.uint::<2>()?;
                self.announce(if marker == 0xc5 { Event::Bytes } else { Event::Text }, length)
            }
            0xc6 | 0xdb => {
                let length = cursor.uint::<4>()?;
                self.announce(if marker == 0xc6 { Event::Bytes } else { Event::Text }, length)
            }
            0xca => Event::F32(f32::from_be_bytes(cursor.array()?)),
            0xcb => Event::F64(f64::from_be_bytes(cursor.array()?)),
            0xcc => Event::Int(cursor.byte()?.into()),
            0xcd => Event::Int(u16::from_be_bytes(cursor.array()?).into()),
            0xce => Event::Int(u32::from_be_bytes(cursor.array()?).into()),
            0xcf => {
                let value = cursor.uint::<8>()?;
                cursor.integer(value)
            }
            0xd0 => Event::Int(i8::from_be_bytes(cursor.array()?).into()),
            0xd1 => Event::Int(i16::from_be_bytes(cursor.array()?).into()),
            0xd2 => Event::Int(i32::from_be_bytes(cursor.array()?).into()),
            0xd3 => Event::Int(i64::from_be_bytes(cursor.array()?)),
            0xdc => list(cursor.uint::<2>()?),
            0xdd => list(cursor.uint::<4>()?),
            0xde => map(cursor.uint::<2>()?),
            0xdf => map(cursor.uint::<4>()?),
            0xe0..=0xff => Event::Int((marker as i8).into()),
            0xc1 => return Err(Fault::at(cursor.at, "byte 0xc1 begins no value of MessagePack", "")),
            0xc7..=0xc9 | 0xd4..=0xd8 => {
                // What follows the marker is the length, if it is not in the marker, and then the type.
                match marker {
                    0xc7 => drop(cursor.byte()?),
                    0xc8 => drop(cursor.array::<2>()?),
                    0xc9 => drop(cursor.array::<4>()?),
                    _ => {}
                }
                let kind = match cursor.byte()? as i8 {
                    -1 => "a timestamp (extension type -1)".to_owned(),
                    kind => format!("extension type {kind}"),
                };
                let reason = format!("{kind} has no counterpart among sercost's types");
                return Err(Fault::at(cursor.at, reason, "write it as a string, a number or bytes"));
            }
        })
    }

    fn text(&mut self) -> Result<&str, Fault> {
        self.cursor.text(self.length)
    }

    fn bytes(&mut self) -> Result<&[u8], Fault> {
        self.cursor.take(self.length)
    }

    fn next_item(&mut self, list: &mut Open) -> Result<bool, Fault> {
        Ok(list.left.as_mut().is_some_and(count_down))
    }

    fn next_key(&mut self, map: &mut Open) -> Result<Option<Key<'_>>, Fault> {
        if !map.left.as_mut().is_some_and(count_down) {
            return Ok(None);
        }
        let key = match self.value()? {
            Event::Text => Key::Text(self.cursor.text(self.length)?),
            Event::Bytes => Key::Bytes(self.cursor.take(self.length)?),
            event => scalar_key(event, self.cursor.at)?,
        };
        Ok(Some(key))
    }

    fn finish(&mut self) -> Result<(), Fault> {
        self.cursor.finish()
    }

    fn offset(&self) -> usize {
        self.cursor.at
    }
}

/// A CBOR document.
#[derive(Debug)]
pub struct CborSource<'b> {
    cursor: Cursor<'b>,
    /// The length of the string or bytes announced; none if it comes in chunks.
    length: Option<u64>,
    /// The chunks put together.
    chunks: Vec<u8>,
    /// How many values had a tag that was dropped.
    dropped: BTreeMap<u64, u64>,
}

/// The major types.
mod major {
    pub const POSITIVE: u8 = 0;
    pub const NEGATIVE: u8 = 1;
    pub const BYTES: u8 = 2;
    pub const TEXT: u8 = 3;
    pub const LIST: u8 = 4;
    pub const MAP: u8 = 5;
    pub const TAG: u8 = 6;
}

const BREAK: u8 = 0xff;

impl<'b> CborSource<'b> {
    /// The document that is all of `bytes`.
    pub fn new(bytes: &'b [u8]) -> Self {
        CborSource { cursor: Cursor::new(bytes), length: None, chunks: Vec::new(), dropped: BTreeMap::new() }
    }

    /// The argument of a header; none for an indefinite length.
    fn argument(&mut self, initial: u8) -> Result<Option<u64>, Fault> {
        Ok(Some(match initial & 0x1f {
            small @ 0..=23 => small.into(),
            24 => self.cursor.uint::<1>()?,
            25 => self.cursor.uint::<2>()?,
            26 => self.cursor.uint::<4>()?,
            27 => self.cursor.uint::<8>()?,
            31 if matches!(initial >> 5, major::BYTES..=major::MAP) => return Ok(None),
            _ => return Err(self.no_header(initial)),
        }))
    }

    fn no_header(&self, initial: u8) -> Fault {
        Fault::at(self.cursor.position - 1, format!("byte 0x{initial:02x} begins no value of CBOR here"), "")
    }

    /// Floats and simple values.
    fn simple(&mut self, initial: u8) -> Result<Event, Fault> {
        Ok(match initial & 0x1f {
            20 => Event::Bool(false),
            21 => Event::Bool(true),
            22 => Event::Null,
            25 => Event::F32(half(u16::from_be_bytes(self.cursor.array()?))),
            26 => Event::F32(f32::from_be_bytes(self.cursor.array()?)),
            27 => Event::F64(f64::from_be_bytes(self.cursor.array()?)),
            28..=31 => return Err(self.no_header(initial)),
            value => {
                let kind = match value {
                    23 => "undefined".to_owned(),
                    24 => format!("simple value {}", self.cursor.byte()?),
                    _ => format!("simple value {value}"),
                };
                let reason = format!("{kind} has no counterpart among sercost's types");
                return Err(Fault::at(self.cursor.at, reason, "write it as null"));
            }
        })
    }

    /// The integer that the bytes after a tag for big numbers are.
    fn big(&mut self, negative: bool) -> Result<Event, Fault> {
        let at = self.cursor.at;
        let initial = self.cursor.byte()?;
        if initial >> 5 != major::BYTES {
            return Err(Fault::at(at, "a big number is not made of bytes", ""));
        }
        self.length = self.argument(initial)?;
        let bytes = self.string(major::BYTES)?;
        let digits = bytes.iter().position(|&byte| byte != 0).map_or(&[][..], |first| &bytes[first..]);
        if digits.len() > 8 {
            let sign = if negative { "-" } else { "" };
            return Err(over_64_bits(at, &format!("{sign}(of {} bytes)", digits.len())));
        }
        let value = digits.iter().fold(0, |value, &byte| value << 8 | u64::from(byte));
        if negative { self.negative(value) } else { Ok(self.cursor.integer(value)) }
    }

    /// The integer -1 - `value`.
    fn negative(&self, value: u64) -> Result<Event, Fault> {
        match i64::try_from(value) {
            Ok(value) => Ok(Event::Int(-1 - value)),
            Err(_) => Err(over_64_bits(self.cursor.at, &(-1 - i128::from(value)).to_string())),
        }
    }

    /// The content of a string or of bytes, whose header is read.
    fn string(&mut self, kind: u8) -> Result<&[u8], Fault> {
        let Some(length) = self.length else {
            self.chunks.clear();
            loop {
                let initial = self.cursor.byte()?;
                if initial == BREAK {
                    return Ok(&self.chunks);
                }
                match self.argument(initial)? {
                    Some(length) if initial >> 5 == major::TEXT && kind == major::TEXT => {
                        self.chunks.extend_from_slice(self.cursor.text(length)?.as_bytes());
                    }
                    Some(length) if initial >> 5 == kind => {
                        self.chunks.extend_from_slice(self.cursor.take(length)?);
                    }
                    _ => return Err(Fault::at(self.cursor.at, "a chunk of a string is no string of its kind", "")),
                }
            }
        };
        if kind == major::TEXT { self.cursor.text(length).map(str::as_bytes) } else { self.cursor.take(length) }
    }

    fn text_chunks(&mut self) -> Result<&str, Fault> {
        let at = self.cursor.at;
        // `string` has looked at each chunk, and chunks of UTF-8 make UTF-8.
        std::str::from_utf8(self.string(major::TEXT)?).map_err(|_| Fault::at(at, "invalid UTF-8 in a string", ""))
    }

    /// Whether an indefinite list or object goes on.
    fn more(&mut self, open: &mut Open) -> bool {
        if let Some(left) = &mut open.left {
            return count_down(left);
        }
        // A file that ends here is found out by the value that should follow.
        let done = self.cursor.bytes.get(self.cursor.position) == Some(&BREAK);
        self.cursor.position += usize::from(done);
        !done
    }
}

/// A number in half precision.
pub(super) fn half(bits: u16) -> f32 {
    let magnitude = match (bits >> 10 & 0x1f, bits & 0x3ff) {
        (0, fraction) => f32::from(fraction) * 2f32.powi(-24),
        (0x1f, 0) => f32::INFINITY,
        (0x1f, _) => f32::NAN,
        (exponent, fraction) => f32::from(0x400 | fraction) * 2f32.powi(i32::from(exponent) - 25),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}

/// What the tags are called that change what a value means, so that it cannot be taken for what it stands on.
fn meaningful(tag: u64) -> Option<&'static str> {
    Some(match tag {
        4 => "a decimal fraction",
        5 | 264 | 265 => "a big float",
        25 | 256 => "a reference to a string",
        28 | 29 => "a shared value",
        30 => "a rational number",
        _ => return None,
    })
}

impl Source for CborSource<'_> {
    fn value(&mut self) -> Result<Event, Fault> {
        self.cursor.at = self.cursor.position;
        loop {
            let initial = self.cursor.byte()?;
            if initial >> 5 == 7 {
                return self.simple(initial);
            }
            let argument = self.argument(initial)?;
            let open = Open { left: argument, ..Open::default() };
            return Ok(match (initial >> 5, argument) {
                (major::POSITIVE, Some(value)) => self.cursor.integer(value),
                (major::NEGATIVE, Some(value)) => self.negative(value)?,
                (major::BYTES, length) => {
                    self.length = length;
                    Event::Bytes
                }
                (major::TEXT, length) => {
                    self.length = length;
                    Event::Text
                }
                (major::LIST, _) => Event::List(open),
                (major::MAP, _) => Event::Map(open),
                (major::TAG, Some(2 | 3)) => self.big(argument == Some(3))?,
                (major::TAG, Some(tag)) => match meaningful(tag) {
                    // Says only that the file is CBOR.
                    None if tag == 55799 => continue,
                    None => {
                        *self.dropped.entry(tag).or_default() += 1;
                        continue;
                    }
                    Some(meaning) => {
                        let reason = format!("{meaning} (CBOR tag {tag}) has no counterpart among sercost's types");
                        return Err(Fault::at(self.cursor.at, reason, "write it as a plain value"));
                    }
                },
                _ => return Err(self.no_header(initial)),
            });
        }
    }

    fn text(&mut self) -> Result<&str, Fault> {
        match self.length {
            Some(length) => self.cursor.text(length),
            None => self.text_chunks(),
        }
    }

    fn bytes(&mut self) -> Result<&[u8], Fault> {
        self.string(major::BYTES)
    }

    fn next_item(&mut self, list: &mut Open) -> Result<bool, Fault> {
        Ok(self.more(list))
    }

    fn next_key(&mut self, map: &mut Open) -> Result<Option<Key<'_>>, Fault> {
        if !self.more(map) {
            return Ok(None);
        }
        let key = match self.value()? {
            Event::Text => Key::Text(self.text()?),
            Event::Bytes => Key::Bytes(self.bytes()?),
            event => scalar_key(event, self.cursor.at)?,
        };
        Ok(Some(key))
    }

    fn finish(&mut self) -> Result<(), Fault> {
        self.cursor.finish()
    }

    fn offset(&self) -> usize {
        self.cursor.at
    }

    fn notes(&self) -> Vec<String> {
        let notes = self.dropped.iter().map(|(tag, count)| {
            let meaning = match tag {
                0 => " (date and time as text)",
                1 => " (seconds since 1970)",
                32 => " (URI)",
                37 => " (UUID)",
                64..=87 => " (typed array)",
                258 => " (set)",
                _ => "",
            };
            let values = if *count == 1 { "value" } else { "values" };
            format!("CBOR tag {tag}{meaning} dropped from {count} {values}")
        });
        notes.collect()
    }
}
