//! The second pass: the items of a container, one after the other.

use super::machine::{NOTHING, Outline, Segment};
use super::memo::Known;
use super::{Kind, Place};
use crate::model::Fault;
use crate::opcode::*;
use crate::reader::{Instruction, fault, length};
use crate::text::{literal, unescaped};
use crate::write::{MAX_DIGITS, decimal_digits};
use std::borrow::Cow;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Item<'b> {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// An `int`.
    Int(Number),
    /// A `float`.
    Float(f64),
    /// A `str`; a Python 2 `str` that is UTF-8.
    Text(Cow<'b, str>),
    /// A `bytes` or `bytearray`; a Python 2 `str` that is not UTF-8.
    Bytes(Cow<'b, [u8]>),
    /// The empty tuple.
    EmptyTuple,
    /// Anything that has items of its own, or a name.
    Container(Place, Kind),
}

/// An integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Below 2^63.
    Int(i64),
    /// Of 2^63 and more, below 2^64.
    UInt(u64),
    /// Of more bits than that: whether it is negative.
    Big(bool),
}

impl Number {
    fn new(value: i128) -> Number {
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => Number::Int(value),
            (_, Ok(value)) => Number::UInt(value),
            _ => Number::Big(value < 0),
        }
    }

    /// Of two's complement, the least byte first.
    fn from_bytes(bytes: &[u8]) -> Number {
        let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
        let sign = if negative { 0xff } else { 0 };
        let used = bytes.len() - bytes.iter().rev().take_while(|&&byte| byte == sign).count();
        if used > 9 {
            return Number::Big(negative);
        }
        let mut wide = [sign; 16];
        wide[..used].copy_from_slice(&bytes[..used]);
        Number::new(i128::from_le_bytes(wide))
    }
}

/// A value of the commonest kinds, decoded in place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Quick<'b> {
    Int(i64),
    Float(f64),
    Text(&'b str),
}

/// The items of a container, or the one of a pickle.
#[derive(Clone, Debug)]
pub struct Items<'o, 'b> {
    outline: &'o Outline<'b>,
    segment: Segment,
    position: usize,
    /// The next of the segment's containers, and where it begins.
    child: u32,
    child_start: usize,
    at: usize,
    /// Whether states among the segments, which BUILD takes, are passed over.
    without_states: bool,
    /// Whether the item last returned is a reference to one that came before.
    referred: bool,
}

impl<'b> Outline<'b> {
    /// The value that the pickle is.
    pub fn root(&self) -> Items<'_, 'b> {
        Items::of(self, self.root)
    }

    /// The items of a container: of a dict its keys and values in turn, of an object what its call was made of.
    pub fn items(&self, container: Place) -> Items<'_, 'b> {
        match self.containers[container.index()].first {
            NOTHING => Items::of(self, Segment { start: 0, end: 0, children: (0, 0), next: NOTHING }),
            first => Items::of(self, self.segments[first as usize]),
        }
    }

    /// Where a container begins.
    pub fn offset(&self, container: Place) -> usize {
        self.containers[container.index()].start
    }
}

impl<'o, 'b> Items<'o, 'b> {
    pub(super) fn of(outline: &'o Outline<'b>, segment: Segment) -> Self {
        let (position, child, child_start, at) = (0, 0, 0, segment.start);
        let mut items =
            Items { outline, segment, position, child, child_start, at, without_states: false, referred: false };
        items.enter(segment);
        items
    }

    /// The additions to an object from a segment on.
    pub(super) fn added(outline: &'o Outline<'b>, segment: Segment) -> Self {
        Items { without_states: true, ..Items::of(outline, segment) }
    }

    /// Where the item last returned begins.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The bytes that the item last returned would add if it were written where it is only referred to; none where it is
    /// not.
    pub fn repeated_bytes(&self) -> Option<u64> {
        if !self.referred {
            return None;
        }
        let (outline, at) = (self.outline, self.at);
        let bytes = match outline.known(at)? {
            Known::Scalar(start) => length(outline.bytes, start)? as u64,
            Known::Container(index) => {
                let container = &outline.containers[index as usize];
                container.extra.saturating_add(container.end.saturating_sub(container.start) as u64)
            }
        };
        Some(bytes.saturating_sub(length(outline.bytes, at)? as u64))
    }

    /// The next item.
    #[inline]
    pub fn next_item(&mut self) -> Result<Option<Item<'b>>, Fault> {
        match self.raw()? {
            Some(Item::Container(place, Kind::Object)) => {
                let simple = self.outline.simple(place)?;
                Ok(Some(simple.unwrap_or(Item::Container(place, Kind::Object))))
            }
            item => Ok(item),
        }
    }

    /// The next item, which stays an object if it is one.
    #[inline]
    pub(super) fn raw(&mut self) -> Result<Option<Item<'b>>, Fault> {
        while self.position >= self.segment.end {
            if self.segment.next == NOTHING {
                return Ok(None);
            }
            self.enter(self.outline.segments[self.segment.next as usize]);
        }
        loop {
            let at = self.position;
            let Some(&byte) = self.outline.bytes[..self.segment.end].get(at) else {
                // Only memo opcodes were left of the segment.
                return self.next_after_end();
            };
            match byte {
                MEMOIZE => self.position += 1,
                BINPUT => self.position += 2,
                LONG_BINPUT | PUT | FRAME | PROTO => {
                    self.position += length(self.outline.bytes, at).unwrap_or(1);
                }
                _ => {
                    self.at = at;
                    return self.value(byte).map(Some);
                }
            }
        }
    }

    #[cold]
    fn next_after_end(&mut self) -> Result<Option<Item<'b>>, Fault> {
        while self.position >= self.segment.end {
            if self.segment.next == NOTHING {
                return Ok(None);
            }
            self.enter(self.outline.segments[self.segment.next as usize]);
        }
        self.raw()
    }

    fn enter(&mut self, segment: Segment) {
        let is_state = self.without_states && self.outline.bytes.get(segment.end) == Some(&BUILD);
        self.position = if is_state { segment.end } else { segment.start };
        self.segment = segment;
        self.child = segment.children.0;
        self.find_child();
    }

    fn find_child(&mut self) {
        self.child_start = if self.child < self.segment.children.1 {
            let index = self.outline.children[self.child as usize];
            self.outline.containers[index as usize].start
        } else {
            usize::MAX
        };
    }

    /// The next item, if it is a short one and of the commonest kinds; otherwise nothing has changed.
    #[inline]
    pub(super) fn quick(&mut self) -> Option<Quick<'b>> {
        let bytes = &self.outline.bytes[..self.segment.end];
        let mut at = self.position;
        while bytes.get(at) == Some(&MEMOIZE) {
            at += 1;
        }
        let opcode = bytes.get(at..)?;
        if at == self.child_start {
            return None;
        }
        let (value, length) = match *opcode {
            [BININT1, a, ..] => (Quick::Int(a.into()), 2),
            [BININT2, a, b, ..] => (Quick::Int(u16::from_le_bytes([a, b]).into()), 3),
            [BININT, a, b, c, d, ..] => (Quick::Int(i32::from_le_bytes([a, b, c, d]).into()), 5),
            [BINFLOAT, a, b, c, d, e, f, g, h, ..] => (Quick::Float(f64::from_be_bytes([a, b, c, d, e, f, g, h])), 9),
            [SHORT_BINUNICODE, length, ..] => {
                let length = usize::from(length);
                (Quick::Text(short_text(opcode.get(2..2 + length)?)?), 2 + length)
            }
            [BINGET, id, ..] => match self.outline.memo.get(self.outline.base(at).checked_add(id.into())?)? {
                Known::Scalar(start) => match self.outline.bytes[start..] {
                    [SHORT_BINUNICODE, length, ref rest @ ..] => {
                        (Quick::Text(short_text(rest.get(..usize::from(length))?)?), 2)
                    }
                    _ => return None,
                },
                Known::Container(_) => return None,
            },
            _ => return None,
        };
        self.at = at;
        self.position = at + length;
        Some(value)
    }

    /// The value that begins where the next item does.
    #[inline]
    fn value(&mut self, byte: u8) -> Result<Item<'b>, Fault> {
        let (bytes, at) = (self.outline.bytes, self.at);
        if self.child_start == at {
            let index = self.outline.children[self.child as usize];
            self.child += 1;
            self.find_child();
            self.position = self.outline.containers[index as usize].end;
            self.referred = false;
            return Ok(self.outline.container(Place::new(index)));
        }
        self.referred = matches!(byte, BINGET | LONG_BINGET | GET);
        let item = if self.referred { self.outline.fetch(at)? } else { self.outline.scalar(at)? };
        self.position = at + length(bytes, at).unwrap_or(1);
        Ok(item)
    }
}

impl<'b> Outline<'b> {
    /// The object that a GET refers to.
    fn fetch(&self, at: usize) -> Result<Item<'b>, Fault> {
        match self.known(at) {
            Some(Known::Scalar(start)) => self.scalar(start),
            Some(Known::Container(index)) => Ok(self.container(Place::new(index))),
            None => Err(Fault::new(at, "nothing has the number that is referred to")),
        }
    }

    fn container(&self, place: Place) -> Item<'b> {
        Item::Container(place, self.containers[place.index()].kind)
    }

    /// The value of an opcode that is all of it.
    pub(super) fn scalar(&self, at: usize) -> Result<Item<'b>, Fault> {
        let instruction = Instruction::at(self.bytes, at).ok_or_else(|| fault(self.bytes, at))?;
        let content = instruction.content();
        let no = |what: &str| Fault::new(at, format!("no {what} is in the line"));
        let begin = instruction.end() - content.len();
        Ok(match instruction.byte() {
            NONE => Item::None,
            NEWTRUE => Item::Bool(true),
            NEWFALSE => Item::Bool(false),
            BININT1 | BININT2 | BININT => Item::Int(Number::Int(instruction.integer().unwrap_or_default())),
            LONG1 | LONG4 => Item::Int(Number::from_bytes(content)),
            BINFLOAT => Item::Float(instruction.double().unwrap_or_default()),
            INT if content == b"01" => Item::Bool(true),
            INT if content == b"00" => Item::Bool(false),
            INT | LONG => Item::Int(decimal(content).ok_or_else(|| no("integer"))?),
            FLOAT => {
                let value = std::str::from_utf8(content).ok().and_then(|text| text.trim().parse().ok());
                Item::Float(value.ok_or_else(|| no("float"))?)
            }
            SHORT_BINUNICODE | BINUNICODE | BINUNICODE8 => text(content, begin)?,
            UNICODE => {
                let line = content.strip_suffix(b"\r").unwrap_or(content);
                Item::Text(Cow::Owned(unescaped(line).map_err(|reason| Fault::new(at, reason))?))
            }
            SHORT_BINBYTES | BINBYTES | BINBYTES8 | BYTEARRAY8 => Item::Bytes(Cow::Borrowed(content)),
            SHORT_BINSTRING | BINSTRING => text_or_bytes(content),
            STRING => match String::from_utf8(literal(content).ok_or_else(|| no("quoted string"))?) {
                Ok(text) => Item::Text(Cow::Owned(text)),
                Err(error) => Item::Bytes(Cow::Owned(error.into_bytes())),
            },
            EMPTY_TUPLE => Item::EmptyTuple,
            byte => return Err(Fault::new(at, format!("opcode 0x{byte:02x} is not a value"))),
        })
    }
}

impl Outline<'_> {
    /// The decimal digits of the integer at an offset; none where there are more of them than CPython would print, or no
    /// integer.
    pub fn digits(&self, at: usize) -> Option<String> {
        let start = match *self.bytes.get(at)? {
            BINGET | LONG_BINGET | GET => match self.known(at)? {
                Known::Scalar(start) => start,
                Known::Container(_) => return None,
            },
            _ => at,
        };
        let instruction = Instruction::at(self.bytes, start)?;
        match instruction.byte() {
            BININT1 | BININT2 | BININT => instruction.integer().map(|value| value.to_string()),
            LONG1 | LONG4 => decimal_digits(instruction.content()),
            INT | LONG => {
                let text = std::str::from_utf8(instruction.content()).ok()?.trim();
                let text = text.strip_suffix('L').unwrap_or(text);
                let number = text.strip_prefix('-').unwrap_or(text);
                let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
                (is_number && number.len() <= MAX_DIGITS).then(|| text.to_owned())
            }
            _ => None,
        }
    }
}

/// An integer as its digits, with an `L` behind it in Python 2's way.
fn decimal(line: &[u8]) -> Option<Number> {
    let text = std::str::from_utf8(line).ok()?.trim();
    let text = text.strip_suffix('L').unwrap_or(text);
    if let Ok(value) = text.parse() {
        return Some(Number::new(value));
    }
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(Number::Big(negative))
}

/// Text, if it is UTF-8.
#[inline]
fn short_text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn text(bytes: &[u8], start: usize) -> Result<Item<'_>, Fault> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Item::Text(Cow::Borrowed(text))),
        Err(error) => {
            let bad = error.valid_up_to();
            // `surrogatepass` writes these bytes, as CPython does.
            let reason = match bytes[bad..] {
                [0xed, 0xa0..=0xbf, ..] => "a lone surrogate in a string, which no text can have".to_owned(),
                _ => format!("invalid UTF-8 in a string: byte 0x{:02x}", bytes[bad]),
            };
            Err(Fault::new(start + bad, reason))
        }
    }
}

fn text_or_bytes(bytes: &[u8]) -> Item<'_> {
    std::str::from_utf8(bytes).map_or(Item::Bytes(Cow::Borrowed(bytes)), |text| Item::Text(Cow::Borrowed(text)))
}
