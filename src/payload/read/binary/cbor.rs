//! CBOR (RFC 8949).
//!
//! Tags that only hint at what a value is for are dropped with a note: a date (tags 0, 1, 100, 1004) is the text or the
//! number that it stands on. Tags without which a value is another one are refused.

use super::{Cursor, count_down, half, scalar_key};
use crate::payload::read::json::{BIG_REMEDY, over_64_bits};
use crate::payload::source::{Count, Remark};
use crate::payload::source::{Event, Fault, Key, Open, Source, pass_over};
use std::collections::BTreeMap;

/// A CBOR document.
#[derive(Debug)]
pub(crate) struct CborSource<'b> {
    cursor: Cursor<'b>,
    /// The length of the string or bytes announced; none if it comes in chunks.
    length: Option<u64>,
    /// The chunks put together.
    chunks: Vec<u8>,
    ways: CborWays,
    /// The values that had a tag that was dropped.
    dropped: BTreeMap<u64, Count>,
    /// Integers of more than 64 bits.
    big: Count,
    /// Whether a date was a float.
    float_date: bool,
}

/// How a document is read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CborWays {
    /// Whether integers of more than 64 bits are taken, as floats.
    pub big: bool,
    /// Whether dates (tag 1) are floats all: one of the document is.
    pub float_dates: bool,
}

/// The tag of seconds since 1970.
const EPOCH: u64 = 1;

/// The major types.
mod major {
    pub(super) const POSITIVE: u8 = 0;
    pub(super) const NEGATIVE: u8 = 1;
    pub(super) const BYTES: u8 = 2;
    pub(super) const TEXT: u8 = 3;
    pub(super) const LIST: u8 = 4;
    pub(super) const MAP: u8 = 5;
    pub(super) const TAG: u8 = 6;
}

const BREAK: u8 = 0xff;

impl<'b> CborSource<'b> {
    /// The document that is all of `bytes`.
    pub(crate) fn new(bytes: &'b [u8], ways: CborWays) -> Self {
        CborSource {
            cursor: Cursor::new(bytes),
            length: None,
            chunks: Vec::new(),
            ways,
            dropped: BTreeMap::new(),
            big: Count::default(),
            float_date: false,
        }
    }

    /// Whether any date of the document (tag 1) is a float. Writers give those of whole seconds as integers, which
    /// would make two types of one column.
    pub(crate) fn float_dates(bytes: &[u8]) -> bool {
        // Documents without such bytes need no pass.
        if !bytes.windows(2).any(|head| matches!(head, [0xc1, 0xf9..=0xfb])) {
            return false;
        }
        let mut source = CborSource::new(bytes, CborWays { big: true, float_dates: false });
        // A fault of the document will be found when it is read.
        let _ = pass_over(&mut source, 0);
        source.float_date
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
            let value = big_float(digits, negative);
            let bytes = digits.len();
            if self.ways.big && value.is_finite() {
                self.big.add(self.cursor.at);
                return Ok(Event::F64(value));
            }
            let sign = if negative { "-" } else { "" };
            return Err(over_64_bits(at, &format!("{sign}(of {bytes} bytes)")).with_remedy(BIG_REMEDY));
        }
        let value = digits.iter().fold(0, |value, &byte| value << 8 | u64::from(byte));
        if negative { self.negative(value) } else { Ok(self.cursor.integer(value)) }
    }

    /// The integer -1 - `value`.
    fn negative(&mut self, value: u64) -> Result<Event, Fault> {
        match i64::try_from(value) {
            Ok(value) => Ok(Event::Int(-1 - value)),
            Err(_) if self.ways.big => {
                self.big.add(self.cursor.at);
                Ok(Event::F64((-1 - i128::from(value)) as f64))
            }
            Err(_) => {
                let digits = (-1 - i128::from(value)).to_string();
                Err(over_64_bits(self.cursor.at, &digits).with_remedy(BIG_REMEDY))
            }
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
                    _ => {
                        return Err(Fault::at(
                            self.cursor.at,
                            "a chunk of a string is not a string of the same kind",
                            "",
                        ));
                    }
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

/// The names of the tags that change what a value means, so that it cannot be taken for what it stands on.
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

impl CborSource<'_> {
    /// The value behind its tags; `date` is set where one of them says that it is one.
    fn behind_tags(&mut self, date: &mut bool) -> Result<Event, Fault> {
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
                        self.dropped.entry(tag).or_default().add(self.cursor.at);
                        *date |= tag == EPOCH;
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
}

impl Source for CborSource<'_> {
    fn value(&mut self) -> Result<Event, Fault> {
        self.cursor.at = self.cursor.position;
        let mut date = false;
        let event = self.behind_tags(&mut date)?;
        if date {
            self.float_date |= matches!(event, Event::F32(_) | Event::F64(_));
            if let Event::Int(seconds) = event
                && self.ways.float_dates
            {
                return Ok(Event::F64(seconds as f64));
            }
        }
        Ok(event)
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

    fn remarks(&self) -> Vec<Remark> {
        let big = self.big.remark(|one| match one {
            true => "integer of more than 64 bits, read as a float, which has 53".into(),
            false => "integers of more than 64 bits, read as floats, which have 53".into(),
        });
        let dropped = self.dropped.iter().map(|(tag, count)| {
            let values = if count.count == 1 { "value" } else { "values" };
            let text = format!("CBOR tag {tag}{} dropped from {} {values}", meaning(*tag), count.count);
            Remark { text, ..count.place() }
        });
        let mut remarks: Vec<Remark> = dropped.take(NAMED).collect();
        if self.dropped.len() > NAMED {
            let mut rest = Count::default();
            self.dropped.values().skip(NAMED).for_each(|count| rest.merge(count));
            let tags = self.dropped.len() - NAMED;
            remarks.extend(rest.remark(|_| format!("values with {tags} other tags of CBOR, which are dropped")));
        }
        remarks.extend(big);
        remarks
    }
}

/// The number of tags that are named.
const NAMED: usize = 5;

/// The meaning of a tag that is only a hint at what its value is for.
fn meaning(tag: u64) -> &'static str {
    match tag {
        0 => " (date and time as text)",
        1 => " (seconds since 1970)",
        21..=23 => " (how to write it in JSON)",
        24 => " (encoded CBOR)",
        32 => " (URI)",
        33 | 34 => " (base64)",
        35 => " (regular expression)",
        36 => " (MIME message)",
        37 => " (UUID)",
        64..=87 => " (typed array)",
        100 => " (days since 1970)",
        258 => " (set)",
        260 | 261 | 52 | 54 => " (network address)",
        1004 => " (date as text)",
        _ => "",
    }
}

/// The float nearest to the integer of more than 64 bits that `digits` are, or to -1 minus it; infinite where there is
/// none.
fn big_float(digits: &[u8], negative: bool) -> f64 {
    // The first 64 bits are more than a float keeps; of what follows it only counts whether it is nothing. The 1 of
    // `-1 - n` can make a difference only to an `n` of nothing but ones, which is rounded up all the same.
    let first = digits.first().map_or(0, |digit| digit.leading_zeros());
    let mut head = 0u128;
    for at in 0..9 {
        head = head << 8 | u128::from(digits.get(at).copied().unwrap_or(0));
    }
    // Nine bytes, of which the first has `first` zeros before its highest bit: 64 bits from there.
    let top = (head >> (8 - first)) as u64;
    let rest = head & ((1 << (8 - first)) - 1) != 0 || digits.iter().skip(9).any(|&byte| byte != 0);
    let exponent = 8 * digits.len() as i64 - i64::from(first) - 64;
    let scale = i32::try_from(exponent).map_or(f64::INFINITY, |exponent| 2f64.powi(exponent));
    let value = (top | u64::from(rest)) as f64 * scale;
    if negative { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn big_integers_are_rounded_as_their_digits_are() {
        let digits = |value: u128| {
            let bytes = value.to_be_bytes();
            let first = bytes.iter().position(|&byte| byte != 0).unwrap_or(0);
            bytes[first..].to_vec()
        };
        let odd = (1u128 << 100) + (1 << 47);
        for value in [1u128 << 64, (1 << 64) + 1, u128::MAX, odd, odd + 1, odd - 1, 10u128.pow(20), 10u128.pow(38) + 7]
        {
            assert_eq!(big_float(&digits(value), false), value as f64, "{value}");
            assert_eq!(big_float(&digits(value), true), -(value as f64), "{value}");
        }
        assert!(big_float(&[0xff; 200], false).is_infinite());
        let googol: Vec<u8> = std::iter::once(1).chain(std::iter::repeat_n(0, 40)).collect();
        assert_eq!(big_float(&googol, false), 2f64.powi(320));
    }
}
