//! The writer: byte for byte what CPython's pickler would write for plain data, in protocols 0 to 5.
//!
//! The model is the C pickler of CPython 3.8 and later (`Modules/_pickle.c`), which is what `pickle.dumps` and
//! `multiprocessing` run. Where the pure Python pickler or older versions write other bytes, theirs are not written:
//!
//! - A list of 1001 elements ends in a batch of one with its MARK and APPENDS, and a dict or set of exactly 1000
//!   entries in an empty batch. CPython 3.15 has neither: see [`PickleOf`].
//! - Text and bytes of 64 KiB and more lie outside of frames (3.6 had them within), and a frame ends before the first
//!   object that begins at or past its 64 KiB.
//! - In protocol 0 integers of 32 bits are `I` lines (3.6: `L`), and text escapes NUL, CR and Ctrl-Z too.
//! - Below protocol 3 a `bytearray` is made of bytes that a call makes (3.7: of text and its encoding).
//!
//! A pickle depends on which objects are the *same*, which a value in Rust does not say: see [`Identity`] for what the
//! [`Serializer`] assumes, and [`Heap`] for values that say it themselves.
//!
//! Not written: text with lone surrogates (a Rust `str` cannot hold any), objects of classes, Python 2's own pickles.

mod batch;
mod heap;
mod memo;
mod names;
mod number;
mod serializer;
mod short;

use super::opcode::*;
use memo::Memo;

pub use heap::{Heap, Node, Ref};
pub use memo::Identity;
pub use number::float_repr;
pub use serializer::{Serializer, to_vec};

/// The protocols that there are.
pub const HIGHEST_PROTOCOL: u8 = 5;

/// A frame ends before the first object that begins this far into it.
const FRAME_TARGET: usize = 64 * 1024;
/// The bytes of a frame's header: the opcode and a length.
const FRAME_HEADER: usize = 9;
/// A shorter frame loses its header again.
const FRAME_MIN: usize = 4;
/// Elements of a list, dict or set that one opcode adds.
pub(crate) const BATCH: usize = 1000;
/// The digits that CPython turns an integer into, unless told otherwise (`sys.set_int_max_str_digits`).
pub(crate) const MAX_DIGITS: usize = 4300;

/// The versions of CPython whose picklers write different bytes of the same data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PickleOf {
    /// Those of 3.8 to 3.14.
    #[default]
    V3_14,
    /// That of 3.15: no last batch is empty, and that of a list or dict is added by APPEND or SETITEM if it is of one
    /// element.
    V3_15,
}

impl PickleOf {
    /// The versions, as a note has them.
    pub fn versions(self) -> &'static str {
        match self {
            PickleOf::V3_14 => "3.8 to 3.14",
            PickleOf::V3_15 => "3.15",
        }
    }
}

impl std::str::FromStr for PickleOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('.').map(str::parse::<u32>);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Ok(3)), Some(Ok(8..=14)), None | Some(Ok(_)), None) => Ok(PickleOf::V3_14),
            (Some(Ok(3)), Some(Ok(15)), None | Some(Ok(_)), None) => Ok(PickleOf::V3_15),
            _ => Err(format!(
                "{text:?} is not a version of CPython from 3.8 to 3.15, as in 3.15; the bytes of others are not known"
            )),
        }
    }
}

/// Why something cannot be pickled in this protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// There is no such protocol.
    #[error("there is no pickle protocol {0}: the protocols are 0 to {HIGHEST_PROTOCOL}")]
    NoProtocol(u8),
    /// Text or bytes of 4 GiB and more.
    #[error("{0} bytes in one string need protocol 4 or 5: the lengths of protocol {1} have 32 bits")]
    TooLong(usize, u8),
    /// An integer that CPython would not turn into digits.
    #[error("an integer of more than {MAX_DIGITS} digits needs protocol 2 or later: CPython refuses to print it")]
    TooManyDigits,
    /// A name such as `Class.method`.
    #[error("the nested name {0:?} needs protocol 4 or 5")]
    NestedName(String),
    /// A name that is not ASCII.
    #[error("the name {0:?} is not ASCII and needs protocol 3 or later")]
    NotAscii(String),
    /// More objects than a reference of 32 bits can tell apart.
    #[error("more than 4,294,967,295 objects to refer to")]
    TooManyObjects,
    /// A value refused to be serialized, in its own words.
    #[error("{0}")]
    Refused(String),
}

/// The decimal digits of an integer in two's complement, the least byte first; none where they are more than
/// [`MAX_DIGITS`].
pub(crate) fn decimal_digits(twos_complement: &[u8]) -> Option<String> {
    let digits = number::decimal(twos_complement).ok()?;
    Some(if digits.is_empty() { "0".to_owned() } else { digits })
}

/// The index of an object in the memo; those past the last that can be referred to share one.
type MemoId = u32;

/// Writes opcodes, frames and the memo's numbering: all that does not depend on which objects are the same.
#[derive(Debug)]
struct Writer {
    out: Vec<u8>,
    protocol: u8,
    of: PickleOf,
    /// Where the open frame's header begins.
    frame: usize,
    /// The length of `out` from which on the next object begins a new frame; `usize::MAX` without frames.
    frame_limit: usize,
    /// The number of objects in the memo.
    memoized: u64,
}

impl Writer {
    /// Begins a pickle behind what `out` holds.
    fn new(protocol: u8, of: PickleOf, out: Vec<u8>) -> Writer {
        let mut writer = Writer { out, protocol, of, frame: 0, frame_limit: usize::MAX, memoized: 0 };
        if protocol >= 2 {
            writer.out.extend_from_slice(&[PROTO, protocol]);
        }
        if protocol >= 4 {
            writer.open_frame();
        }
        writer
    }

    /// Ends the pickle.
    fn finish(mut self) -> Vec<u8> {
        self.op(STOP);
        if self.has_frames() {
            self.close_frame();
        }
        self.out
    }

    fn is_binary(&self) -> bool {
        self.protocol >= 1
    }

    fn has_frames(&self) -> bool {
        self.frame_limit != usize::MAX
    }

    // CPython opens a frame with the first byte that is written into it. Something always follows, if only STOP, so
    // that to open it where the last one ended comes to the same.
    fn open_frame(&mut self) {
        self.frame = self.out.len();
        self.frame_limit = self.frame + FRAME_HEADER + FRAME_TARGET;
        self.out.extend_from_slice(&[FRAME, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    fn close_frame(&mut self) {
        let content = self.frame + FRAME_HEADER;
        let length = self.out.len() - content;
        if length >= FRAME_MIN {
            self.out[self.frame + 1..content].copy_from_slice(&(length as u64).to_le_bytes());
        } else {
            self.out.copy_within(content.., self.frame);
            self.out.truncate(self.frame + length);
        }
    }

    /// Must be called before each object: ends a frame that is long enough.
    #[inline]
    fn boundary(&mut self) {
        if self.out.len() >= self.frame_limit {
            self.next_frame();
        }
    }

    #[cold]
    fn next_frame(&mut self) {
        self.close_frame();
        self.open_frame();
    }

    #[inline]
    fn op(&mut self, opcode: u8) {
        self.out.push(opcode);
    }

    /// Puts the object just written into the memo.
    #[inline]
    fn memoize(&mut self) -> Result<MemoId, WriteError> {
        let index = self.memoized;
        self.memoized += 1;
        if self.protocol >= 4 {
            self.op(MEMOIZE);
            return Ok(MemoId::try_from(index).unwrap_or(MemoId::MAX));
        }
        let id = MemoId::try_from(index).map_err(|_| WriteError::TooManyObjects)?;
        match (self.is_binary(), u8::try_from(id)) {
            (true, Ok(id)) => self.out.extend_from_slice(&[BINPUT, id]),
            (true, Err(_)) => self.op_u32(LONG_BINPUT, id),
            (false, _) => self.line(PUT, &id.to_string()),
        }
        Ok(id)
    }

    /// Refers to an object of the memo.
    #[inline]
    fn get(&mut self, id: MemoId) -> Result<(), WriteError> {
        match (self.is_binary(), u8::try_from(id)) {
            _ if id == MemoId::MAX => return Err(WriteError::TooManyObjects),
            (true, Ok(id)) => self.out.extend_from_slice(&[BINGET, id]),
            (true, Err(_)) => self.op_u32(LONG_BINGET, id),
            (false, _) => self.line(GET, &id.to_string()),
        }
        Ok(())
    }

    #[inline]
    fn op_u32(&mut self, opcode: u8, argument: u32) {
        let [a, b, c, d] = argument.to_le_bytes();
        self.out.extend_from_slice(&[opcode, a, b, c, d]);
    }

    fn line(&mut self, opcode: u8, text: &str) {
        self.op(opcode);
        self.out.extend_from_slice(text.as_bytes());
        self.op(b'\n');
    }

    fn none(&mut self) {
        self.op(NONE);
    }

    fn bool(&mut self, value: bool) {
        match (self.protocol >= 2, value) {
            (true, true) => self.op(NEWTRUE),
            (true, false) => self.op(NEWFALSE),
            (false, value) => self.line(INT, if value { "01" } else { "00" }),
        }
    }

    /// The opcodes and the content of a `str`, without its place in the memo.
    #[inline]
    fn text(&mut self, text: &str) -> Result<(), WriteError> {
        if self.protocol == 0 {
            self.escaped(text);
            return Ok(());
        }
        let short = if self.protocol >= 4 { Some(SHORT_BINUNICODE) } else { None };
        self.counted(short, BINUNICODE, BINUNICODE8, text.as_bytes())
    }

    /// The opcodes and the content of a `bytes`, from protocol 3 on, without its place in the memo.
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.counted(Some(SHORT_BINBYTES), BINBYTES, BINBYTES8, bytes)
    }

    #[inline]
    fn counted(&mut self, short: Option<u8>, medium: u8, long: u8, content: &[u8]) -> Result<(), WriteError> {
        if let (Some(short), Ok(length)) = (short, u8::try_from(content.len())) {
            self.out.extend_from_slice(&[short, length]);
            self.out.extend_from_slice(content);
            return Ok(());
        }
        let is_large = content.len() >= FRAME_TARGET && self.has_frames();
        if is_large {
            self.close_frame();
        }
        match u32::try_from(content.len()) {
            Ok(length) => self.op_u32(medium, length),
            Err(_) if self.protocol < 4 => return Err(WriteError::TooLong(content.len(), self.protocol)),
            Err(_) => self.op_u64(long, content.len() as u64),
        }
        self.out.extend_from_slice(content);
        if is_large {
            self.open_frame();
        }
        Ok(())
    }

    /// A `bytearray` of protocol 5. Unlike `bytes` it has no short forms.
    fn byte_array(&mut self, content: &[u8]) {
        let is_large = content.len() >= FRAME_TARGET && self.has_frames();
        if is_large {
            self.close_frame();
        }
        self.op_u64(BYTEARRAY8, content.len() as u64);
        self.out.extend_from_slice(content);
        if is_large {
            self.open_frame();
        }
    }

    fn op_u64(&mut self, opcode: u8, argument: u64) {
        self.op(opcode);
        self.out.extend_from_slice(&argument.to_le_bytes());
    }

    /// Text of protocol 0: Latin-1, with all that is not, and what would break the line, escaped.
    fn escaped(&mut self, text: &str) {
        self.op(UNICODE);
        for char in text.chars() {
            match (char, u8::try_from(char)) {
                ('\\' | '\0' | '\n' | '\r' | '\x1a', _) => {
                    self.out.extend_from_slice(format!("\\u{:04x}", u32::from(char)).as_bytes());
                }
                (_, Ok(byte)) => self.op(byte),
                ('\u{100}'..='\u{ffff}', _) => {
                    self.out.extend_from_slice(format!("\\u{:04x}", u32::from(char)).as_bytes());
                }
                _ => self.out.extend_from_slice(format!("\\U{:08x}", u32::from(char)).as_bytes()),
            }
        }
        self.op(b'\n');
    }

    /// The GLOBAL line of protocols below 4, without its place in the memo.
    fn global_line(&mut self, module: &str, name: &str) -> Result<(), WriteError> {
        let (module, name) = if self.protocol < 3 { names::python2_name(module, name) } else { (module, name) };
        if name.contains('.') {
            return Err(WriteError::NestedName(name.to_owned()));
        }
        if let Some(odd) = [module, name].into_iter().find(|name| self.protocol < 3 && !name.is_ascii()) {
            return Err(WriteError::NotAscii(odd.to_owned()));
        }
        self.line(GLOBAL, module);
        self.out.extend_from_slice(name.as_bytes());
        self.op(b'\n');
        Ok(())
    }

    /// The opcode that makes a list or dict, empty, or of what is on the stack above the mark in protocol 0.
    #[inline]
    fn container(&mut self, empty: u8, marked: u8) {
        match self.is_binary() {
            true => self.op(empty),
            false => self.out.extend_from_slice(&[MARK, marked]),
        }
    }

    /// A function or class that is an object of this pickle already, or becomes one. Below protocol 4.
    fn shared_global(&mut self, known: Option<MemoId>, module: &str, name: &str) -> Result<MemoId, WriteError> {
        self.boundary();
        match known {
            Some(id) => self.get(id).map(|()| id),
            None => {
                self.global_line(module, name)?;
                self.memoize()
            }
        }
    }

    /// The empty tuple, which is never memoized.
    fn empty_tuple(&mut self) {
        match self.is_binary() {
            true => self.op(EMPTY_TUPLE),
            false => self.out.extend_from_slice(&[MARK, TUPLE]),
        }
    }

    /// Writes what comes before the items of a tuple that is not empty.
    fn begin_tuple(&mut self, length: usize) {
        if !self.has_short_tuple(length) {
            self.op(MARK);
        }
    }

    /// Writes what comes after them.
    fn end_tuple(&mut self, length: usize) {
        self.op(match length {
            1 if self.has_short_tuple(length) => TUPLE1,
            2 if self.has_short_tuple(length) => TUPLE2,
            3 if self.has_short_tuple(length) => TUPLE3,
            _ => TUPLE,
        });
    }

    /// Whether a tuple of that length does without a mark.
    fn has_short_tuple(&self, length: usize) -> bool {
        self.protocol >= 2 && length <= 3
    }
}
