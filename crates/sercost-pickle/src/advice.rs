//! The bytes that a pickle could do without: memo entries that nothing fetches, and the longer forms of old protocols.
//!
//! Only savings that are known to the byte, or known as a lower bound, are named, and only from 1 % of the file on.

use super::machine::Whole;
use super::opcode::{self as op, Argument};
use super::reader::{Instruction, Reader, counted_length, memo_index};
use crate::model::{Finding, grouped};
use std::ops::Range;

/// Larger files are not read a second time.
const MOST_BYTES: usize = 64 << 20;
/// The least share of the file, as one of so many parts, that is worth saying, and the least bytes.
const LEAST_SHARE: u64 = 100;
const LEAST_BYTES: u64 = 100;
/// The size of a frame.
const FRAME: u64 = 64 * 1024;

/// The findings about the pickles of a file. Of pickles with one memo, none can be optimized by itself.
pub(super) fn findings(data: &[u8], whole: &Whole) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Whole { attribution, between, read, shares_memo, .. } = whole;
    if data.len() > MOST_BYTES || attribution.fault.is_some() || attribution.pickles == 0 {
        return findings;
    }
    let Some(advice) = Advice::of(&data[..data.len().min(*read)], between, *shares_memo) else { return findings };
    let least = (attribution.bytes / LEAST_SHARE).max(LEAST_BYTES);
    if advice.unused_bytes >= least && !advice.goes_on && !shares_memo {
        findings.push(Finding {
            kind: "memo".to_owned(),
            text: match advice.puts - advice.unused {
                0 => "no value is ever fetched from the memo: pickletools.optimize drops its entries".to_owned(),
                fetched => format!(
                    "of {} values in the memo, {} are ever fetched from it: pickletools.optimize drops the other entries",
                    grouped(advice.puts),
                    grouped(fetched)
                ),
            },
            part: None,
            saves_bytes: Some(advice.unused_bytes),
        });
    }
    if let Ok(shorter) = u64::try_from(advice.shorter)
        && shorter >= least
    {
        findings.push(Finding {
            kind: "protocol".to_owned(),
            text: format!(
                "it is pickled with protocol {}; protocol 5 writes strings, numbers and memo entries shorter",
                advice.protocol
            ),
            part: None,
            saves_bytes: Some(shorter),
        });
    }
    findings
}

#[derive(Debug, Default)]
struct Advice {
    puts: u64,
    unused: u64,
    unused_bytes: u64,
    /// Whether a pickle fetches what an earlier one put there, so that what is unused in one says nothing.
    goes_on: bool,
    /// The bytes that protocol 4 saves at least.
    shorter: i64,
    /// The lowest protocol of the pickles.
    protocol: u8,
}

impl Advice {
    /// None where the pickles cannot be followed.
    fn of(data: &[u8], between: &[Range<usize>], shares_memo: bool) -> Option<Advice> {
        let mut advice = Advice { protocol: u8::MAX, ..Advice::default() };
        let mut reader = Reader::over(data, between);
        let mut pickle = Pickle::default();
        while reader.position() < data.len() {
            let known = Pickle { puts: pickle.puts, memo: pickle.memo, ..Pickle::default() };
            pickle = if shares_memo { known } else { Pickle::default() };
            loop {
                let limit = reader.limit();
                if reader.position() < limit {
                    reader.set_position(pickle.see_common(data, reader.position(), limit));
                }
                let instruction = reader.next()?;
                pickle.see(instruction)?;
                if instruction.byte() == op::STOP {
                    break;
                }
            }
            advice.add(&pickle);
        }
        (advice.protocol <= 5).then_some(advice)
    }

    fn add(&mut self, pickle: &Pickle) {
        self.puts += pickle.puts;
        let unused = pickle.memo.iter().filter(|&&bytes| bytes & FETCHED == 0 && bytes > 0);
        let (count, bytes) = unused.fold((0, 0), |(count, sum), &bytes| (count + 1, sum + u64::from(bytes)));
        self.unused += count;
        self.unused_bytes += bytes;
        self.goes_on |= pickle.goes_on;
        self.protocol = self.protocol.min(pickle.protocol);
        if pickle.protocol < 4 {
            // The marker that protocols 0 and 1 do without, and the headers of frames.
            let marker = if pickle.protocol < 2 { 2 } else { 0 };
            let frames = 9 * (1 + pickle.bytes / FRAME);
            self.shorter += pickle.shorter - marker - frames as i64;
        }
    }
}

/// In the memo: an entry that was fetched.
const FETCHED: u8 = 0x80;

#[derive(Debug, Default)]
struct Pickle {
    protocol: u8,
    bytes: u64,
    puts: u64,
    /// By index: the bytes of the opcode that put it there.
    memo: Vec<u8>,
    goes_on: bool,
    shorter: i64,
}

impl Pickle {
    /// Goes over the opcodes that large pickles are full of, before `limit`. The place of the first other one.
    fn see_common(&mut self, data: &[u8], start: usize, limit: usize) -> usize {
        let data = &data[..limit];
        let mut at = start;
        while let Some(rest @ &[byte, ..]) = data.get(at..) {
            let length = match byte {
                op::BININT => run::<5>(rest),
                op::BINFLOAT => run::<9>(rest),
                op::BININT1 => run::<2>(rest),
                op::BININT2 => run::<3>(rest),
                op::SHORT_BINUNICODE | op::SHORT_BINBYTES | op::LONG1 => {
                    counted_length(Argument::Counted1, rest).unwrap_or(0)
                }
                op::BINUNICODE => match counted_length(Argument::Counted4, rest) {
                    Some(length) if length < 5 + 256 && length <= rest.len() => {
                        self.shorter += 3;
                        length
                    }
                    _ => break,
                },
                op::MEMOIZE if self.is_next(self.puts) => self.push(1),
                op::BINPUT if memo_index(rest, 0).is_some_and(|index| self.is_next(index)) => self.push(2),
                op::LONG_BINPUT if memo_index(rest, 0).is_some_and(|index| self.is_next(index)) => self.push(5),
                op::BINGET if memo_index(rest, 0).is_some_and(|index| self.fetch(index)) => 2,
                op::LONG_BINGET if memo_index(rest, 0).is_some_and(|index| self.fetch(index)) => 5,
                op::MARK | op::APPEND | op::APPENDS | op::SETITEM | op::SETITEMS | op::ADDITEMS => 1,
                op::TUPLE | op::TUPLE1 | op::TUPLE2 | op::TUPLE3 | op::FROZENSET => 1,
                op::EMPTY_DICT | op::EMPTY_LIST | op::EMPTY_TUPLE | op::EMPTY_SET => 1,
                op::NONE | op::NEWTRUE | op::NEWFALSE | op::REDUCE | op::NEWOBJ | op::BUILD => 1,
                _ => break,
            };
            if length == 0 || length > rest.len() {
                break;
            }
            at += length;
        }
        self.bytes += (at - start) as u64;
        at
    }

    /// Whether this is the index of a first entry behind all others.
    #[inline]
    fn is_next(&self, index: u64) -> bool {
        index == self.puts && index == self.memo.len() as u64
    }

    /// Adds an entry behind all others, put there by an opcode of so many bytes.
    #[inline]
    fn push(&mut self, bytes: u8) -> usize {
        self.memo.push(bytes);
        self.puts += 1;
        self.shorter += i64::from(bytes) - 1;
        usize::from(bytes)
    }

    /// Marks an entry as fetched. False if there is none.
    #[inline]
    fn fetch(&mut self, index: u64) -> bool {
        let entry = usize::try_from(index).ok().and_then(|index| self.memo.get_mut(index)).filter(|bytes| **bytes > 0);
        entry.map(|bytes| *bytes |= FETCHED).is_some()
    }

    fn see(&mut self, instruction: Instruction<'_>) -> Option<()> {
        let Instruction { code, .. } = instruction;
        let (byte, argument, content) = (instruction.byte(), instruction.argument(), instruction.content());
        let length = code.len() as i64;
        self.bytes += code.len() as u64;
        match byte {
            op::PROTO => self.protocol = self.protocol.max(argument[0]),
            op::MEMOIZE => self.put(self.puts, 1)?,
            op::BINPUT | op::LONG_BINPUT | op::PUT => {
                self.put(instruction.memo_index()?, code.len())?;
                self.shorter += length - 1;
            }
            op::BINGET | op::LONG_BINGET | op::GET => {
                let index = instruction.memo_index()?;
                self.goes_on |= !self.fetch(index);
                if byte == op::GET {
                    self.shorter += length - if index < 256 { 2 } else { 5 };
                }
            }
            op::BINUNICODE if content.len() < 256 => self.shorter += 3,
            op::UNICODE => {
                // A character above ASCII is one byte in Latin-1 and two in UTF-8. Escapes only get shorter.
                let bytes = content.len() + content.iter().filter(|byte| !byte.is_ascii()).count();
                self.shorter += length - (bytes as i64 + if bytes < 256 { 2 } else { 5 });
            }
            op::INT if matches!(content, b"00" | b"01") => self.shorter += length - 1,
            op::INT | op::LONG => {
                let digits = std::str::from_utf8(content).ok()?.trim_end().trim_end_matches('L');
                self.shorter += match digits.parse::<i64>() {
                    Ok(0..=0xff) => length - 2,
                    Ok(0x100..=0xffff) => length - 3,
                    Ok(value) if i32::try_from(value).is_ok() => length - 5,
                    Ok(_) => length - 10,
                    // Decimal digits are more than half of the bytes.
                    Err(_) => 0,
                };
            }
            op::FLOAT => self.shorter += length - 9,
            // Two strings, their places in the memo, and the opcode.
            op::GLOBAL => self.shorter -= 4,
            _ => {}
        }
        Some(())
    }

    /// `None` if the index is not a place of a memo that a file of this size needs.
    fn put(&mut self, index: u64, bytes: usize) -> Option<()> {
        let index = usize::try_from(index).ok().filter(|&index| index < MOST_BYTES)?;
        if index as u64 > 2 * self.puts + 1024 {
            return None;
        }
        if self.memo.len() <= index {
            self.memo.resize(index + 1, 0);
        }
        self.puts += u64::from(self.memo[index] == 0);
        self.memo[index] = bytes.min(usize::from(FETCHED) - 1) as u8;
        Some(())
    }
}

/// The bytes of opcodes of one size that follow one another.
#[inline]
fn run<const SIZE: usize>(rest: &[u8]) -> usize {
    rest.chunks_exact(SIZE).take_while(|code| code[0] == rest[0]).count() * SIZE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(data: &[u8]) -> Advice {
        Advice::of(data, &[], false).unwrap()
    }

    #[test]
    fn unused_entries_are_counted_with_their_bytes() {
        let advice = of(b"\x80\x02]q\x00(X\x01\0\0\0aq\x01h\x01e.");
        assert_eq!((advice.puts, advice.unused, advice.unused_bytes, advice.goes_on), (2, 1, 2, false));
        // Two bytes of the two entries, three of the length, and the header of a frame.
        assert_eq!((advice.protocol, advice.shorter), (2, 2 + 3 - 9));
        assert!(of(b"\x80\x04\x8c\x01a\x94.\x80\x04h\0.").goes_on);
    }

    #[test]
    fn what_cannot_be_followed_gives_no_advice() {
        assert!(Advice::of(b"\x80\x02Nr\xff\xff\xff\xff.", &[], false).is_none());
        assert!(Advice::of(b"\x80\x02", &[], false).is_none());
    }
}
