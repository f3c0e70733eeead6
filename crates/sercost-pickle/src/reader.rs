//! The one reader of opcodes and their arguments.
//!
//! [`Reader`] goes over the opcodes of pickles, [`Instruction`] is one of them where it stands, and decodes its argument.
//! Nothing is run: what a stack or a memo would hold is for who reads.
//!
//! ```
//! use sercost_pickle::opcode;
//! use sercost_pickle::reader::Reader;
//!
//! let mut reader = Reader::new(b"\x80\x04\x8c\x04name\x94.");
//! let names: Vec<&str> = reader.by_ref().map(|instruction| instruction.opcode().name).collect();
//! assert_eq!(names, ["PROTO", "SHORT_BINUNICODE", "MEMOIZE", "STOP"]);
//! assert!(reader.fault().is_none());
//!
//! let mut reader = Reader::new(b"\x80\x04\x8c\x04na");
//! assert_eq!(reader.by_ref().count(), 1);
//! let fault = reader.fault().expect("the string is cut short");
//! assert_eq!(
//!     fault.to_string(),
//!     "at byte 2: the file ends inside SHORT_BINUNICODE: it announces 4 bytes, and 2 are left"
//! );
//! ```

use crate::model::Fault;
use crate::opcode::{self as op, Argument, Opcode};
use std::ops::Range;

/// One opcode where it stands, with its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction<'a> {
    /// Where the opcode is.
    pub start: usize,
    /// The byte of the opcode and those of its argument.
    pub code: &'a [u8],
}

impl<'a> Instruction<'a> {
    /// The instruction at a place; `None` where the byte is not an opcode, or the data ends within the argument.
    #[inline]
    pub fn at(data: &'a [u8], start: usize) -> Option<Self> {
        let length = length(data, start)?;
        Some(Instruction { start, code: data.get(start..start + length)? })
    }

    /// Where the next opcode is.
    #[inline]
    pub fn end(self) -> usize {
        self.start + self.code.len()
    }

    /// The byte of the opcode.
    #[inline]
    pub fn byte(self) -> u8 {
        self.code[0]
    }

    /// The row of the table of opcodes.
    pub fn opcode(self) -> &'static Opcode {
        // An instruction is made of an opcode that is in the table.
        op::opcode(self.code[0]).unwrap_or(&op::OPCODES[0])
    }

    /// The bytes behind the opcode.
    #[inline]
    pub fn argument(self) -> &'a [u8] {
        &self.code[1..]
    }

    /// The contents of the argument: the bytes behind a length, a line without its end, or all of a fixed argument.
    #[inline]
    pub fn content(self) -> &'a [u8] {
        match self.opcode().argument {
            Argument::Line => self.argument().strip_suffix(b"\n").unwrap_or_default(),
            _ => self.code.get(self.header_bytes()..).unwrap_or_default(),
        }
    }

    /// The bytes before what the argument holds: the opcode, and the length that the argument begins with.
    pub(crate) fn header_bytes(self) -> usize {
        1 + self.opcode().argument.fixed_bytes() * usize::from(!self.opcode().argument.is_fixed())
    }

    /// The bytes of a string, or of bytes. A STRING is without its quotes, and keeps its escapes.
    pub fn text(self) -> Option<&'a [u8]> {
        match self.opcode().argument {
            Argument::Line if self.byte() == op::STRING => {
                let line = self.content();
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                match line {
                    [quote @ (b'\'' | b'"'), inner @ .., end] if quote == end => Some(inner),
                    _ => Some(line),
                }
            }
            Argument::Line | Argument::Counted1 | Argument::Counted4 | Argument::CountedI4 | Argument::Counted8 => {
                Some(self.content())
            }
            _ => None,
        }
    }

    /// The two lines of a GLOBAL or INST.
    pub fn lines(self) -> Option<[&'a [u8]; 2]> {
        let first = line_length(self.argument()).filter(|_| self.opcode().argument == Argument::TwoLines)?;
        let (module, name) = self.argument().split_at(first);
        Some([module.strip_suffix(b"\n")?, name.strip_suffix(b"\n")?])
    }

    /// The index that a PUT or GET names. `None` where it is not a number.
    #[inline]
    pub fn memo_index(self) -> Option<u64> {
        memo_index(self.code, 0)
    }

    /// The integer that the opcode makes, if it has at most 64 bits.
    pub fn integer(self) -> Option<i64> {
        let argument = self.argument();
        match self.byte() {
            op::BININT1 => Some(i64::from(*argument.first()?)),
            op::BININT2 => Some(i64::from(u16::from_le_bytes(*argument.first_chunk()?))),
            op::BININT => Some(i64::from(i32::from_le_bytes(*argument.first_chunk()?))),
            op::LONG1 => signed(self.content()),
            op::INT | op::LONG if argument.len() <= 24 => {
                std::str::from_utf8(self.content()).ok()?.trim_end_matches(['L', '\r']).parse().ok()
            }
            _ => None,
        }
    }

    /// The double that a BINFLOAT makes.
    pub fn double(self) -> Option<f64> {
        let bytes = self.argument().first_chunk().filter(|_| self.byte() == op::BINFLOAT)?;
        Some(f64::from_be_bytes(*bytes))
    }
}

/// An integer in two's complement, the least byte first, of at most eight.
pub(crate) fn signed(bytes: &[u8]) -> Option<i64> {
    let fill = if bytes.last().is_some_and(|last| last & 0x80 != 0) { 0xff } else { 0 };
    let mut wide = [fill; 8];
    wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(i64::from_le_bytes(wide))
}

/// Goes over the opcodes of pickles that follow one another.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    data: &'a [u8],
    at: usize,
    /// The places, in order, where bytes lie that are not opcodes.
    between: &'a [Range<usize>],
}

/// The next thing that a [`Reader`] meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Met<'a> {
    Instruction(Instruction<'a>),
    /// Bytes between opcodes, as joblib puts them.
    Between(Range<usize>),
}

impl<'a> Reader<'a> {
    /// From the first byte on.
    pub fn new(data: &'a [u8]) -> Self {
        Reader::over(data, &[])
    }

    /// From a place on.
    pub(crate) fn from(data: &'a [u8], at: usize) -> Self {
        Reader { at, ..Reader::new(data) }
    }

    /// Over data that has other bytes at these places, in order.
    pub(crate) fn over(data: &'a [u8], between: &'a [Range<usize>]) -> Self {
        Reader { data, at: 0, between }
    }

    /// Where the next opcode is.
    #[inline]
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes on from another place.
    #[inline]
    pub(crate) fn set_position(&mut self, at: usize) {
        self.at = at;
    }

    /// Where the opcodes that follow one another end: at the next other bytes, or at the end.
    pub(crate) fn limit(&self) -> usize {
        self.between.first().map_or(self.data.len(), |between| between.start)
    }

    /// The next opcode, or other bytes before it. None at the end, and where there is no whole opcode.
    #[inline]
    pub(crate) fn meet(&mut self) -> Option<Met<'a>> {
        if let Some((between, rest)) = self.between.split_first()
            && between.start <= self.at
        {
            self.between = rest;
            self.at = self.at.max(between.end);
            return Some(Met::Between(between.clone()));
        }
        let instruction = Instruction::at(self.data, self.at)?;
        self.at = instruction.end();
        Some(Met::Instruction(instruction))
    }

    /// The place behind opcodes that put into the memo what was just read. None where one of them is cut off.
    pub(crate) fn behind_puts(&mut self) -> Option<usize> {
        while let Some(op::MEMOIZE | op::BINPUT | op::LONG_BINPUT | op::PUT) = self.data.get(self.at).copied() {
            self.next()?;
        }
        Some(self.at)
    }

    /// The reason that there is no next opcode. `None` where the data ends behind a whole one, or another follows.
    pub fn fault(&self) -> Option<Fault> {
        (self.at < self.data.len() && length(self.data, self.at).is_none()).then(|| fault(self.data, self.at))
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Instruction<'a>;

    #[inline]
    fn next(&mut self) -> Option<Instruction<'a>> {
        loop {
            if let Met::Instruction(instruction) = self.meet()? {
                return Some(instruction);
            }
        }
    }
}

/// The bytes of each opcode with its argument, by its byte; 0 where they follow from the argument, or it is not an
/// opcode.
const SIZES: [u8; 256] = {
    let mut sizes = [0; 256];
    let mut at = 0;
    while at < op::OPCODES.len() {
        let Opcode { byte, argument, .. } = op::OPCODES[at];
        if argument.is_fixed() {
            sizes[byte as usize] = 1 + argument.fixed_bytes() as u8;
        }
        at += 1;
    }
    sizes
};

/// The bytes that an opcode and its argument take, from the opcode on; none where they end early, or it is not an
/// opcode.
#[inline]
pub(crate) fn length(data: &[u8], at: usize) -> Option<usize> {
    let rest = data.get(at..)?;
    let length = match SIZES[usize::from(*rest.first()?)] {
        0 => length_by_argument(rest)?,
        size => usize::from(size),
    };
    (length <= rest.len()).then_some(length)
}

#[inline]
fn length_by_argument(rest: &[u8]) -> Option<usize> {
    let argument = op::opcode(rest[0])?.argument;
    match argument {
        Argument::Line => Some(1 + line_length(&rest[1..])?),
        Argument::TwoLines => {
            let first = 1 + line_length(&rest[1..])?;
            Some(first + line_length(&rest[first..])?)
        }
        _ => counted_length(argument, rest),
    }
}

/// The bytes of an opcode whose argument begins with its length, as that says; none where the length is cut off, or
/// negative.
#[inline(always)]
pub(crate) fn counted_length(argument: Argument, code: &[u8]) -> Option<usize> {
    let count = count(argument, code)?;
    usize::try_from(count).ok()?.checked_add(1 + argument.fixed_bytes())
}

/// The length that an argument begins with. A negative one has none.
#[inline(always)]
fn count(argument: Argument, code: &[u8]) -> Option<u64> {
    match argument {
        Argument::Counted1 => code.get(1).map(|&count| count.into()),
        Argument::Counted4 => code.get(1..)?.first_chunk().map(|count| u32::from_le_bytes(*count).into()),
        Argument::CountedI4 => u64::try_from(i32::from_le_bytes(*code.get(1..)?.first_chunk()?)).ok(),
        Argument::Counted8 => code.get(1..)?.first_chunk().map(|count| u64::from_le_bytes(*count)),
        _ => None,
    }
}

/// The bytes of a line that `bytes` begin with, its end included; none where they end early.
#[inline]
pub(crate) fn line_length(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|&byte| byte == b'\n').map(|end| end + 1)
}

/// The index that the PUT or GET at a place names. `None` where it is not a number, or is cut off.
#[inline(always)]
pub(crate) fn memo_index(data: &[u8], at: usize) -> Option<u64> {
    let argument = data.get(at + 1..)?;
    match data[at] {
        op::BINGET | op::BINPUT => argument.first().map(|&index| index.into()),
        op::LONG_BINGET | op::LONG_BINPUT => argument.first_chunk().map(|index| u32::from_le_bytes(*index).into()),
        _ => line_index(argument),
    }
}

fn line_index(argument: &[u8]) -> Option<u64> {
    let line = argument.get(..line_length(argument)? - 1)?;
    std::str::from_utf8(line).ok()?.trim().parse().ok()
}

/// The bytes of the string or byte string whose opcode is at `at`.
pub(crate) fn text_at(data: &[u8], at: u64) -> Option<&[u8]> {
    Instruction::at(data, usize::try_from(at).ok()?)?.text()
}

/// The integer whose opcode is at `at`, if it has at most 64 bits.
pub(crate) fn integer_at(data: &[u8], at: u64) -> Option<i64> {
    Instruction::at(data, usize::try_from(at).ok()?)?.integer()
}

/// Why no whole opcode is at a place.
#[cold]
pub(crate) fn fault(data: &[u8], at: usize) -> Fault {
    let Some((&byte, rest)) = data.get(at..).and_then(<[u8]>::split_first) else {
        return Fault::new(at, "the pickle ends without a STOP");
    };
    let Some(Opcode { name, argument, .. }) = op::opcode(byte) else {
        return Fault::new(at, format!("byte 0x{byte:02x} is not an opcode of pickle"));
    };
    let field = argument.fixed_bytes();
    Fault::new(
        at,
        match argument {
            Argument::Line | Argument::TwoLines => format!("the file ends inside {name}: a line has no end"),
            _ if rest.len() < field => format!("the file ends inside {name}"),
            _ => match count(*argument, &data[at..]) {
                Some(count) => {
                    let left = rest.len() - field;
                    format!("the file ends inside {name}: it announces {count} bytes, and {left} are left")
                }
                None => format!("the length of {name} is negative"),
            },
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(code: &[u8]) -> Option<Instruction<'_>> {
        Instruction::at(code, 0)
    }

    #[test]
    fn integers_of_every_opcode() {
        for (bytes, value) in [
            (&b"K\x07"[..], Some(7)),
            (b"M\x00\x01", Some(256)),
            (b"J\xff\xff\xff\xff", Some(-1)),
            (b"\x8a\x00", Some(0)),
            (b"\x8a\x01\xff", Some(-1)),
            (b"\x8a\x02\xff\x00", Some(255)),
            (b"I-12\n", Some(-12)),
            (b"L99L\n", Some(99)),
            (b"L9", None),
            (b"J\xff", None),
            (b"\x8a\x09123456789", None),
        ] {
            assert_eq!(only(bytes).and_then(Instruction::integer), value, "{bytes:?}");
        }
    }

    #[test]
    fn texts_of_every_opcode() {
        for (bytes, text) in [
            (&b"\x8c\x02ab"[..], Some(&b"ab"[..])),
            (b"X\x01\x00\x00\x00a", Some(b"a")),
            (b"\x8d\x01\x00\x00\x00\x00\x00\x00\x00a", Some(b"a")),
            (b"S'it'\n", Some(b"it")),
            (b"Vit\n", Some(b"it")),
            (b"\x8c\x05ab", None),
            (b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffa", None),
            (b"N", None),
        ] {
            assert_eq!(only(bytes).and_then(Instruction::text), text, "{bytes:?}");
        }
        assert_eq!(only(b"cos\nsystem\nx").and_then(Instruction::lines), Some([&b"os"[..], b"system"]));
        assert_eq!(only(b"Vos\nsystem\n").and_then(Instruction::lines), None);
    }

    #[test]
    fn indexes_of_every_opcode() {
        for (bytes, index) in [
            (&b"h\x07"[..], Some(7)),
            (b"r\x01\x02\x03\x84", Some(0x8403_0201)),
            (b"g12\n", Some(12)),
            (b"p-1\n", None),
            (b"g99999999999999999999\n", None),
            (b"j\x01\x02", None),
        ] {
            assert_eq!(only(bytes).and_then(Instruction::memo_index), index, "{bytes:?}");
        }
    }

    #[test]
    fn every_opcode_ends_where_its_argument_does() {
        for known in &op::OPCODES {
            let argument: &[u8] = match known.argument {
                Argument::Line => b"7\n",
                Argument::TwoLines => b"a\nb\n",
                Argument::Counted1 => b"\x02ab",
                Argument::Counted4 | Argument::CountedI4 => b"\x02\0\0\0ab",
                Argument::Counted8 => b"\x02\0\0\0\0\0\0\0ab",
                fixed => &[0; 8][..fixed.fixed_bytes()],
            };
            let code = [&[known.byte], argument].concat();
            let more = [&code[..], b".."].concat();
            let instruction = Instruction::at(&more, 0).expect(known.name);
            assert_eq!((instruction.code, instruction.opcode()), (&code[..], known), "{}", known.name);
            for end in 1..code.len() {
                let mut reader = Reader::new(&code[..end]);
                assert_eq!(reader.next(), None, "{}", known.name);
                assert!(reader.fault().is_some_and(|fault| fault.offset == 0), "{}", known.name);
            }
        }
    }

    #[test]
    fn other_bytes_are_stepped_over_and_told() {
        let data = b"N\x80\x80N.";
        let between = 1..3;
        let mut reader = Reader::over(data, std::slice::from_ref(&between));
        assert_eq!(reader.limit(), 1);
        assert_eq!(reader.clone().map(Instruction::byte).collect::<Vec<_>>(), b"NN.");
        reader.next();
        assert_eq!(reader.meet(), Some(Met::Between(1..3)));
        assert_eq!(reader.limit(), data.len());
    }

    #[test]
    fn faults_say_what_is_wrong() {
        for (data, reason) in [
            (&b""[..], "at byte 0: the pickle ends without a STOP"),
            (b"\0", "at byte 0: byte 0x00 is not an opcode of pickle"),
            (b"J\0", "at byte 0: the file ends inside BININT"),
            (b"I7", "at byte 0: the file ends inside INT: a line has no end"),
            (b"X\0\0", "at byte 0: the file ends inside BINUNICODE"),
            (b"X\x03\0\0\0ab", "at byte 0: the file ends inside BINUNICODE: it announces 3 bytes, and 2 are left"),
            (b"\x8b\xff\xff\xff\xff", "at byte 0: the length of LONG4 is negative"),
        ] {
            assert_eq!(fault(data, 0).to_string(), reason);
        }
    }
}
