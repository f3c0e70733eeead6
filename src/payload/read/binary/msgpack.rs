//! MessagePack.
//!
//! Timestamps are read as what the tag 1 of CBOR stands on: seconds since 1970, as integers where every one of the
//! document is whole and as floats where not. Text by RFC 3339 would keep nanoseconds, but it would take thirty bytes for
//! what a program sends in nine. Values of other extension types are bytes.

use super::{Cursor, count_down, scalar_key};
use crate::payload::source::{Count, Remark};
use crate::payload::source::{Event, Fault, Key, Open, Source, pass_over};
use std::collections::BTreeMap;

/// A MessagePack document.
#[derive(Debug)]
pub(crate) struct MessagePackSource<'b> {
    cursor: Cursor<'b>,
    /// The length of the string or bytes announced.
    length: u64,
    /// Whether timestamps are floats: one of the document has a fraction of a second.
    float_dates: bool,
    /// Timestamps; those with a fraction; and those whose fraction a float does not keep.
    dates: Count,
    fractions: Count,
    rounded: Count,
    /// Values of other extension types.
    extensions: BTreeMap<i8, Count>,
}

/// The extension type of timestamps.
const TIMESTAMP: i8 = -1;
/// The number of extension types that are named.
const NAMED: usize = 3;

impl<'b> MessagePackSource<'b> {
    /// The document that is all of `bytes`; `float_dates` is what [`MessagePackSource::float_dates`] found.
    pub(crate) fn new(bytes: &'b [u8], float_dates: bool) -> Self {
        MessagePackSource {
            cursor: Cursor::new(bytes),
            length: 0,
            float_dates,
            dates: Count::default(),
            fractions: Count::default(),
            rounded: Count::default(),
            extensions: BTreeMap::new(),
        }
    }

    /// Whether any timestamp of the document has a fraction of a second. Timestamps are numbers of seconds, and those
    /// of one document are of one kind, so that a column of them is not of two.
    pub(crate) fn float_dates(bytes: &[u8]) -> bool {
        // Documents without such bytes, which are most, need no pass.
        let long =
            bytes.windows(2).any(|head| head == [0xd7, 0xff]) || bytes.windows(3).any(|head| head == [0xc7, 12, 0xff]);
        if !long {
            return false;
        }
        let mut source = MessagePackSource::new(bytes, false);
        // A fault of the document will be found when it is read.
        let _ = pass_over(&mut source, 0);
        source.fractions.count > 0
    }

    /// A value of an extension type, of which the marker is read.
    fn extension(&mut self, marker: u8) -> Result<Event, Fault> {
        let cursor = &mut self.cursor;
        let length = match marker {
            0xc7 => cursor.uint::<1>()?,
            0xc8 => cursor.uint::<2>()?,
            0xc9 => cursor.uint::<4>()?,
            _ => 1 << (marker - 0xd4),
        };
        let kind = cursor.byte()? as i8;
        if kind != TIMESTAMP {
            self.extensions.entry(kind).or_default().add(cursor.at);
            return Ok(self.announce(Event::Bytes, length));
        }
        let (seconds, nanoseconds) = match length {
            4 => (cursor.uint::<4>()? as i64, 0),
            8 => {
                let both = cursor.uint::<8>()?;
                // 34 bits of seconds below 30 bits of nanoseconds.
                ((both & 0x3_ffff_ffff) as i64, (both >> 34) as u32)
            }
            12 => {
                let nanoseconds = u32::from_be_bytes(cursor.array()?);
                (i64::from_be_bytes(cursor.array()?), nanoseconds)
            }
            _ => {
                let reason = format!(
                    "a timestamp (extension type -1) with a length of {length}: there are those of 4, 8 and 12 bytes"
                );
                return Err(Fault::at(cursor.at, reason, "write it as one of them, or as a number"));
            }
        };
        if nanoseconds > 999_999_999 {
            let reason =
                format!("a timestamp (extension type -1) with {nanoseconds} nanoseconds, which are more than a second");
            return Err(Fault::at(cursor.at, reason, "write it with fewer"));
        }
        self.dates.add(cursor.at);
        if nanoseconds > 0 {
            self.fractions.add(cursor.at);
        }
        if !self.float_dates {
            return Ok(Event::Int(seconds));
        }
        let value = as_float(seconds, nanoseconds);
        if !keeps(value, seconds, nanoseconds) {
            self.rounded.add(cursor.at);
        }
        Ok(Event::F64(value))
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
            0xc7..=0xc9 | 0xd4..=0xd8 => self.extension(marker)?,
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

    fn remarks(&self) -> Vec<Remark> {
        let rounded = match self.rounded.count {
            0 => String::new(),
            count => format!(", {count} of them with nanoseconds that a float of 64 bits does not keep"),
        };
        let dates = self.dates.remark(|one| match one {
            true => format!("timestamp (extension type -1) read as seconds since 1970{rounded}"),
            false => format!("timestamps (extension type -1) read as seconds since 1970{rounded}"),
        });
        let mut remarks = Vec::from_iter(dates);
        remarks.extend(self.extensions.iter().take(NAMED).filter_map(|(kind, count)| {
            count.remark(|one| match one {
                true => format!("value of extension type {kind} read as bytes, without the type"),
                false => format!("values of extension type {kind} read as bytes, without the type"),
            })
        }));
        if self.extensions.len() > NAMED {
            let mut rest = Count::default();
            self.extensions.values().skip(NAMED).for_each(|count| rest.merge(count));
            let kinds = self.extensions.len() - NAMED;
            remarks.extend(rest.remark(|_| format!("values of {kinds} more extension types read as bytes")));
        }
        remarks
    }
}

/// Seconds as the nearest float.
fn as_float(seconds: i64, nanoseconds: u32) -> f64 {
    let all = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    let (sign, all) = (if all < 0 { "-" } else { "" }, all.unsigned_abs());
    // The one way to round once that needs no wider float. Digits and a point always make a number.
    let text = format!("{sign}{}.{:09}", all / 1_000_000_000, all % 1_000_000_000);
    text.parse().unwrap_or(seconds as f64)
}

/// Whether the nanoseconds can be told from the float.
fn keeps(value: f64, seconds: i64, nanoseconds: u32) -> bool {
    let whole = value.floor();
    whole as i64 == seconds && ((value - whole) * 1e9).round() as u32 == nanoseconds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_once() {
        assert_eq!(as_float(-1, 500_000_000), -0.5);
        assert_eq!(as_float(1_700_000_000, 123_456_789), 1_700_000_000.123_456_8);
        assert!(keeps(as_float(1, 1), 1, 1));
        assert!(keeps(as_float(1_700_000_000, 250_000_000), 1_700_000_000, 250_000_000));
        assert!(!keeps(as_float(1_700_000_000, 1), 1_700_000_000, 1));
    }
}
