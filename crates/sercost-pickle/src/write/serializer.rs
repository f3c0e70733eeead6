//! The writer behind serde: a value as the Python object that a Python program would have in its place.
//!
//! | serde | Python |
//! | --- | --- |
//! | struct, map | `dict`, a struct's keys being strings |
//! | sequence | `list` |
//! | tuple | `tuple` |
//! | integers, floats | `int`, `float` (an `f32` is the double of the same value) |
//! | bytes | `bytes` |
//! | none, unit | `None` |
//! | some, newtype | what it holds |
//! | unit variant | its name |
//! | other variant | `dict` of its name and what it holds |

mod parts;

use super::batch::Batch;
use super::memo::{Cached, Found};
use super::short::{SHORT_MAX, Short};
use super::{BATCH, HIGHEST_PROTOCOL, Identity, Memo, MemoId, PickleOf, WriteError, Writer};
use crate::opcode::*;
use serde::ser::{self, Serialize};
use std::fmt;

use parts::{Entries, Items, Tagged, Tuple};

/// Appends the pickle of `value` to `out`, as `pickle.dumps(value, protocol)` of such a CPython would make it.
pub fn to_vec<T: Serialize + ?Sized>(
    value: &T,
    protocol: u8,
    identity: Identity,
    of: PickleOf,
    out: &mut Vec<u8>,
) -> Result<(), WriteError> {
    if protocol > HIGHEST_PROTOCOL {
        return Err(WriteError::NoProtocol(protocol));
    }
    let mut serializer = Serializer::new(protocol, identity, of, std::mem::take(out))?;
    let result = value.serialize(&mut serializer);
    // The bytes that were there before are given back after an error too.
    *out = serializer.finish();
    result
}

/// Numbers that are gathered before they are appended.
const CHUNK: usize = 64;

/// Serializes one value into one pickle.
#[derive(Debug)]
pub struct Serializer {
    writer: Writer,
    memo: Memo,
    identity: Identity,
    /// Whether the next value is the key of a map.
    at_key: bool,
}

impl Serializer {
    /// Begins a pickle behind what `out` holds.
    pub fn new(protocol: u8, identity: Identity, of: PickleOf, out: Vec<u8>) -> Result<Serializer, WriteError> {
        if protocol > HIGHEST_PROTOCOL {
            return Err(WriteError::NoProtocol(protocol));
        }
        Ok(Serializer { writer: Writer::new(protocol, of, out), memo: Memo::default(), identity, at_key: false })
    }

    /// Ends the pickle.
    pub fn finish(self) -> Vec<u8> {
        self.writer.finish()
    }

    /// A string as an object, which `key` says how to share.
    #[inline]
    fn text(&mut self, text: &str, key: bool) -> Result<Option<MemoId>, WriteError> {
        self.writer.boundary();
        let shared = match self.identity {
            Identity::Keys => key,
            Identity::None => false,
            Identity::Equal => true,
        };
        if let Some(object) = Cached::text(text) {
            return self.cached_text(object, text).map(Some);
        }
        if shared {
            return self.shared_text(text).map(Some);
        }
        self.writer.text(text)?;
        self.writer.memoize()?;
        Ok(None)
    }

    fn cached_text(&mut self, object: Cached, text: &str) -> Result<MemoId, WriteError> {
        if let Some(id) = self.memo.cached(object) {
            self.writer.get(id)?;
            return Ok(id);
        }
        self.writer.text(text)?;
        let id = self.writer.memoize()?;
        self.memo.set_cached(object, id);
        Ok(id)
    }

    fn shared_text(&mut self, text: &str) -> Result<MemoId, WriteError> {
        match self.memo.texts.find(text.as_bytes()) {
            Found::Present(id) => {
                self.writer.get(id)?;
                Ok(id)
            }
            Found::Vacant(vacancy) => {
                self.writer.text(text)?;
                let id = self.writer.memoize()?;
                self.memo.texts.insert(vacancy, text.as_bytes(), id);
                Ok(id)
            }
        }
    }

    /// A name of a field, as a key.
    #[inline]
    fn name(&mut self, name: &'static str) -> Result<(), WriteError> {
        if let Some(id) = self.memo.name(name) {
            self.writer.boundary();
            return self.writer.get(id);
        }
        if let Some(id) = self.text(name, true)? {
            self.memo.set_name(name, id);
        }
        Ok(())
    }

    /// Bytes as an object.
    fn byte_string(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.writer.boundary();
        if bytes.is_empty() {
            return match self.memo.cached(Cached::EMPTY_BYTES) {
                Some(id) => self.writer.get(id),
                None => {
                    let id = self.new_bytes(bytes)?;
                    self.memo.set_cached(Cached::EMPTY_BYTES, id);
                    Ok(())
                }
            };
        }
        if self.identity != Identity::Equal {
            return self.new_bytes(bytes).map(drop);
        }
        match self.memo.byte_strings.find(bytes) {
            Found::Present(id) => self.writer.get(id),
            Found::Vacant(vacancy) => {
                let id = self.new_bytes(bytes)?;
                self.memo.byte_strings.insert(vacancy, bytes, id);
                Ok(())
            }
        }
    }

    /// Bytes that were not written before. Below protocol 3 there is no opcode for them: a call makes them, either
    /// `bytes()` or `_codecs.encode(text, 'latin1')`.
    fn new_bytes(&mut self, bytes: &[u8]) -> Result<MemoId, WriteError> {
        if self.writer.protocol >= 3 {
            self.writer.bytes(bytes)?;
            return self.writer.memoize();
        }
        if bytes.is_empty() {
            self.memo.bytes_class = Some(self.writer.shared_global(self.memo.bytes_class, "builtins", "bytes")?);
            self.writer.boundary();
            self.writer.empty_tuple();
        } else {
            self.memo.codecs_encode = Some(self.writer.shared_global(self.memo.codecs_encode, "_codecs", "encode")?);
            self.writer.boundary();
            self.writer.begin_tuple(2);
            let text: String = bytes.iter().copied().map(char::from).collect();
            // A new string each time, but for those that are cached.
            match Cached::text(&text) {
                Some(object) => drop(self.cached_text(object, &text)?),
                None => {
                    self.writer.text(&text)?;
                    self.writer.memoize()?;
                }
            }
            match self.memo.latin1 {
                Some(id) => self.writer.get(id)?,
                None => {
                    self.writer.text("latin1")?;
                    self.memo.latin1 = Some(self.writer.memoize()?);
                }
            }
            self.writer.end_tuple(2);
            self.writer.memoize()?;
        }
        self.writer.op(REDUCE);
        self.writer.memoize()
    }

    fn sequence(&mut self, length: Option<usize>) -> Result<Items<'_>, WriteError> {
        self.at_key = false;
        self.writer.boundary();
        self.writer.container(EMPTY_LIST, LIST);
        self.writer.memoize()?;
        Ok(Items { batch: Batch::new(&self.writer, length), serializer: self })
    }

    /// A list of more than one element. Its iterator may lie about the length; then batches are shorter or more.
    fn batches<I: Iterator<Item: Serialize>>(&mut self, items: &mut I, length: usize) -> Result<(), WriteError> {
        self.sequence(Some(length))?;
        let mut first_batch = true;
        while let Some(first) = items.next() {
            let is_last = || items.size_hint() == (0, Some(0));
            if self.writer.of == PickleOf::V3_15 && !first_batch && is_last() {
                first.serialize(&mut *self)?;
                self.writer.op(APPEND);
                break;
            }
            first_batch = false;
            self.writer.op(MARK);
            first.serialize(&mut *self)?;
            let mut left = BATCH - 1;
            while left > 0 {
                let count = left.min(CHUNK);
                left = if self.chunk(items, count)? { left - count } else { 0 };
            }
            self.writer.op(APPENDS);
        }
        Ok(())
    }

    /// Up to `count` elements, which short ones take at once. Whether there were as many.
    #[inline]
    fn chunk<I: Iterator<Item: Serialize>>(&mut self, items: &mut I, count: usize) -> Result<bool, WriteError> {
        let mut buffer = [0; CHUNK * SHORT_MAX + 16];
        let mut used = 0;
        // Whether no frame can end within the chunk.
        let unframed = self.writer.out.len() + CHUNK * SHORT_MAX < self.writer.frame_limit;
        for _ in 0..count {
            let Some(item) = items.next() else {
                self.writer.out.extend_from_slice(&buffer[..used]);
                return Ok(false);
            };
            match item.serialize(Short) {
                Ok(encoded) if unframed => {
                    buffer[used..used + 16].copy_from_slice(&encoded.bytes);
                    used += encoded.length;
                }
                _ => {
                    self.writer.out.extend_from_slice(&buffer[..used]);
                    used = 0;
                    item.serialize(&mut *self)?;
                }
            }
        }
        self.writer.out.extend_from_slice(&buffer[..used]);
        Ok(true)
    }

    fn dict(&mut self, length: Option<usize>) -> Result<Entries<'_>, WriteError> {
        self.at_key = false;
        self.writer.boundary();
        self.writer.container(EMPTY_DICT, DICT);
        self.writer.memoize()?;
        Ok(Entries { batch: Batch::new(&self.writer, length), serializer: self })
    }

    /// Begins the dict of a variant: one item, whose key is the variant's name. What it holds and [`Self::end_tag`] follow.
    fn tag(&mut self, variant: &'static str) -> Result<(), WriteError> {
        self.dict(Some(1))?;
        self.name(variant)
    }

    fn end_tag(&mut self) {
        self.writer.op(SETITEM);
    }

    fn tuple(&mut self, length: usize) -> Tuple<'_> {
        self.at_key = false;
        self.writer.boundary();
        if length > 0 {
            self.writer.begin_tuple(length);
        }
        Tuple { serializer: self, length }
    }
}

macro_rules! integers {
    ($($method:ident($type:ty))*) => {
        $(#[inline]
        fn $method(self, value: $type) -> Result<(), WriteError> {
            self.writer.boundary();
            self.writer.int(value.into());
            Ok(())
        })*
    };
}

impl<'a> ser::Serializer for &'a mut Serializer {
    type Ok = ();
    type Error = WriteError;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Tuple<'a>;
    type SerializeTupleStruct = Tuple<'a>;
    type SerializeTupleVariant = Tagged<Tuple<'a>>;
    type SerializeMap = Entries<'a>;
    type SerializeStruct = Entries<'a>;
    type SerializeStructVariant = Tagged<Entries<'a>>;

    integers! {
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32)
    }

    #[inline]
    fn serialize_u64(self, value: u64) -> Result<(), WriteError> {
        self.writer.boundary();
        match i64::try_from(value) {
            Ok(value) => self.writer.int(value),
            Err(_) => self.writer.wide_int(value.into()),
        }
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), WriteError> {
        self.writer.boundary();
        self.writer.wide_int(value);
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result<(), WriteError> {
        self.writer.boundary();
        // One more byte keeps the sign.
        let [mut bytes, sign] = [value.to_le_bytes().to_vec(), vec![0]];
        bytes.extend(sign);
        self.writer.big_int(&bytes)
    }

    fn serialize_bool(self, value: bool) -> Result<(), WriteError> {
        self.writer.boundary();
        self.writer.bool(value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), WriteError> {
        self.serialize_f64(value.into())
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<(), WriteError> {
        self.writer.boundary();
        self.writer.float(value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), WriteError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), WriteError> {
        let key = std::mem::take(&mut self.at_key);
        self.text(value, key).map(drop)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), WriteError> {
        self.byte_string(value)
    }

    fn serialize_none(self) -> Result<(), WriteError> {
        self.writer.boundary();
        self.writer.none();
        Ok(())
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), WriteError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), WriteError> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), WriteError> {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<(), WriteError> {
        self.name(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<(), WriteError> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), WriteError> {
        self.tag(variant)?;
        value.serialize(&mut *self)?;
        self.end_tag();
        Ok(())
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'a>, WriteError> {
        self.sequence(length)
    }

    fn collect_seq<I: IntoIterator<Item: Serialize>>(self, items: I) -> Result<(), WriteError> {
        let mut items = items.into_iter();
        match items.size_hint() {
            (least, Some(most)) if least == most && most > 1 && self.writer.is_binary() => {
                self.batches(&mut items, most)
            }
            (least, most) => {
                let mut state = self.sequence(most.filter(|&most| most == least))?;
                items.try_for_each(|item| ser::SerializeSeq::serialize_element(&mut state, &item))?;
                ser::SerializeSeq::end(state)
            }
        }
    }

    fn serialize_tuple(self, length: usize) -> Result<Tuple<'a>, WriteError> {
        Ok(self.tuple(length))
    }

    fn serialize_tuple_struct(self, _name: &'static str, length: usize) -> Result<Tuple<'a>, WriteError> {
        Ok(self.tuple(length))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Tagged<Tuple<'a>>, WriteError> {
        self.tag(variant)?;
        Ok(Tagged(self.tuple(length)))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Entries<'a>, WriteError> {
        self.dict(length)
    }

    fn serialize_struct(self, _name: &'static str, length: usize) -> Result<Entries<'a>, WriteError> {
        self.dict(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Tagged<Entries<'a>>, WriteError> {
        self.tag(variant)?;
        self.dict(Some(length)).map(Tagged)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

impl ser::Error for WriteError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        WriteError::Refused(message.to_string())
    }
}
