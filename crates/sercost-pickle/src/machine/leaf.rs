//! Leaves: values without parts, which are one opcode with its argument. Those that follow one another are one entry.

use super::entry::{Entry, Hold, Kind};
use super::memo::Slot;
use super::{LARGE, Machine};
use crate::model::Fault;
use crate::opcode::{self as op, Argument};
use crate::reader;

impl Machine<'_> {
    /// One value without parts whose opcode says its size.
    pub(super) fn leaf(&mut self, byte: u8) -> Result<(), Fault> {
        let instruction = self.instruction()?;
        let kind = match byte {
            op::LONG1 | op::LONG4 | op::LONG => Kind::Int,
            // True and False of protocol 0 are written as integers.
            op::INT => match instruction.content() {
                b"00" | b"01" => Kind::Bool,
                _ => Kind::Int,
            },
            op::FLOAT => Kind::Float,
            op::BINBYTES | op::SHORT_BINBYTES | op::BINBYTES8 => Kind::Bytes,
            op::BYTEARRAY8 => Kind::ByteArray,
            op::EXT1 | op::EXT2 | op::EXT4 => Kind::Extension,
            op::PERSID => Kind::Persistent,
            // STRING, BINSTRING and SHORT_BINSTRING are str in Python 2.
            _ => Kind::Str,
        };
        let (start, end) = (self.at, instruction.end());
        self.at = end;
        self.last_leaf = (start, end);
        let payload = start + instruction.header_bytes();
        if matches!(kind, Kind::Bytes | Kind::ByteArray)
            && self.data[end - 1] == op::STOP
            && self.look_within(kind, start, payload, end)
        {
            return Ok(());
        }
        if end - start >= LARGE {
            self.large_leaf(kind, start, end);
        } else if matches!(kind, Kind::Str | Kind::Bytes) {
            self.push_run(kind, byte, 1, end - start, start);
        } else {
            self.stack.push(Entry::single(kind, byte, start, end - start));
        }
        Ok(())
    }

    /// Adjacent leaves of one opcode and one size.
    #[inline(always)]
    pub(super) fn fixed<const SIZE: usize>(&mut self, byte: u8, kind: Kind) -> Result<(), Fault> {
        let start = self.at;
        // So that a count fits its field, whatever the file.
        let most = self.data.len().min(start + (SIZE << 30));
        let data = &self.data[..most];
        let mut end = start;
        while end + SIZE <= data.len() && data[end] == byte {
            end += SIZE;
        }
        if end == start {
            return Err(reader::fault(self.data, start));
        }
        self.at = end;
        self.push_run(kind, byte, ((end - start) / SIZE) as u32, end - start, start);
        Ok(())
    }

    /// Adjacent short strings, each with its place in the memo.
    #[inline(always)]
    pub(super) fn short_strings(&mut self) -> Result<(), Fault> {
        let data = self.data;
        let start = self.at;
        let most = start.saturating_add(1 << 30);
        let (mut end, mut count) = (start, 0);
        let mut last = start;
        while end < most
            && let Some(rest @ &[op::SHORT_BINUNICODE, ..]) = data.get(end..)
            && let Some(length) = reader::counted_length(Argument::Counted1, rest)
        {
            let next = end + length;
            if next > data.len() {
                break;
            }
            last = end;
            end = next;
            count += 1;
            if data.get(end) == Some(&op::MEMOIZE) {
                self.memo.push(Slot::Leaf(Kind::Str, last as u64));
                end += 1;
            }
        }
        if count == 0 {
            return Err(reader::fault(data, start));
        }
        self.at = end;
        self.last_leaf = (last, end);
        self.push_run(Kind::Str, op::SHORT_BINUNICODE, count, end - start, start);
        Ok(())
    }

    /// Leaves become part of the run on top of the stack, if they follow it in the stream.
    #[inline]
    pub(super) fn push_run(&mut self, kind: Kind, op: u8, count: u32, bytes: usize, at: usize) {
        if self.stack.len() > self.fence
            && let Some(top) = self.stack.last_mut()
            && top.hold == Hold::Run
            && top.kind == kind
            && (top.op == op || kind == Kind::Str || kind == Kind::Bytes)
            && top.at + top.bytes == at as u64
            && let Some(sum) = top.id.checked_add(count)
        {
            top.id = sum;
            top.bytes += bytes as u64;
            return;
        }
        self.stack.push(Entry { bytes: bytes as u64, at: at as u64, id: count, kind, hold: Hold::Run, op });
    }

    /// A value of one opcode of `bytes` bytes.
    #[inline]
    pub(super) fn push(&mut self, kind: Kind, op: u8, bytes: usize) -> Result<(), Fault> {
        self.stack.push(Entry::single(kind, op, self.at, bytes));
        self.at += bytes;
        Ok(())
    }
}
