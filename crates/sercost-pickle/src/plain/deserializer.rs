//! Plain data behind serde.

use super::value::{Item, Items, Number, Quick};
use super::{Kind, Outline, Place};
use crate::model::Fault;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Containers may be nested this deep.
pub const MAX_DEPTH: usize = 500;

/// Why a pickle did not decode.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are not what they should be.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Nested deeper than [`MAX_DEPTH`], or without an end.
    #[error("at byte {0}: nested more than {MAX_DEPTH} levels deep, or in itself")]
    TooDeep(usize),
    /// Not plain data.
    #[error("at byte {0}: {1} is not plain data")]
    NotPlain(usize, String),
    /// An integer of more than 64 bits.
    #[error("at byte {0}: an integer of more than 64 bits")]
    TooBig(usize),
    /// In the words of the value that was to be made.
    #[error("{0}")]
    Custom(String),
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Error::Custom(message.to_string())
    }
}

/// Decodes one value of an outline.
#[derive(Debug)]
pub struct Deserializer<'o, 'b> {
    outline: &'o Outline<'b>,
    item: Item<'b>,
    offset: usize,
    depth: usize,
}

impl<'o, 'b> Deserializer<'o, 'b> {
    /// For the value that a pickle is.
    pub fn new(outline: &'o Outline<'b>) -> Result<Self, Error> {
        let mut root = outline.root();
        let item = root.next_item()?.ok_or_else(|| Fault::new(0, "there is no value"))?;
        Ok(Deserializer { outline, item, offset: root.offset(), depth: 0 })
    }

    /// The items of a container that is one level further down.
    fn enter(&self, place: Place) -> Result<Access<'o, 'b>, Error> {
        if self.depth == MAX_DEPTH {
            return Err(Error::TooDeep(self.offset));
        }
        Ok(Access { items: self.outline.items(place), outline: self.outline, depth: self.depth + 1 })
    }

    fn container<V: Visitor<'b>>(self, place: Place, kind: Kind, visitor: V) -> Result<V::Value, Error> {
        match kind {
            Kind::List | Kind::Tuple | Kind::Set | Kind::FrozenSet => {
                let mut access = self.enter(place)?;
                let value = visitor.visit_seq(&mut access)?;
                access.finish().map(|()| value)
            }
            Kind::Dict => {
                let mut access = self.enter(place)?;
                let value = visitor.visit_map(&mut access)?;
                access.finish().map(|()| value)
            }
            Kind::Global | Kind::Object | Kind::Foreign => {
                Err(Error::NotPlain(self.offset, self.outline.describe(place)))
            }
        }
    }
}

/// The items of a container.
struct Access<'o, 'b> {
    items: Items<'o, 'b>,
    outline: &'o Outline<'b>,
    depth: usize,
}

impl<'o, 'b> Access<'o, 'b> {
    #[inline]
    fn next(&mut self) -> Result<Option<Deserializer<'o, 'b>>, Error> {
        let Some(item) = self.items.next_item()? else { return Ok(None) };
        Ok(Some(Deserializer { outline: self.outline, item, offset: self.items.offset(), depth: self.depth }))
    }

    /// Fails where a visitor has not taken all items.
    fn finish(&mut self) -> Result<(), Error> {
        match self.items.next_item()? {
            None => Ok(()),
            Some(_) => Err(de::Error::custom(format_args!("byte {}: one element too many", self.items.offset()))),
        }
    }
}

impl<'b> de::SeqAccess<'b> for &mut Access<'_, 'b> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'b>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if let Some(quick) = self.items.quick() {
            return seed.deserialize(QuickDeserializer(quick)).map(Some);
        }
        self.next()?.map(|item| seed.deserialize(item)).transpose()
    }
}

impl<'b> de::MapAccess<'b> for &mut Access<'_, 'b> {
    type Error = Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'b>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        if let Some(quick) = self.items.quick() {
            return seed.deserialize(QuickDeserializer(quick)).map(Some);
        }
        self.next()?.map(|item| seed.deserialize(item)).transpose()
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'b>>(&mut self, seed: V) -> Result<V::Value, Error> {
        if let Some(quick) = self.items.quick() {
            return seed.deserialize(QuickDeserializer(quick));
        }
        // The first pass takes no dict with a key and no value.
        let value = self.next()?.ok_or_else(|| Error::Custom("a dict has a key without a value".into()))?;
        seed.deserialize(value)
    }
}

impl<'b> de::Deserializer<'b> for Deserializer<'_, 'b> {
    type Error = Error;

    #[inline]
    fn deserialize_any<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.item {
            Item::None => visitor.visit_unit(),
            Item::Bool(value) => visitor.visit_bool(value),
            Item::Int(Number::Int(value)) => visitor.visit_i64(value),
            Item::Int(Number::UInt(value)) => visitor.visit_u64(value),
            Item::Int(Number::Big(_)) => Err(Error::TooBig(self.offset)),
            Item::Float(value) => visitor.visit_f64(value),
            Item::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Item::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Item::Bytes(Cow::Borrowed(bytes)) => visitor.visit_borrowed_bytes(bytes),
            Item::Bytes(Cow::Owned(bytes)) => visitor.visit_byte_buf(bytes),
            Item::EmptyTuple => visitor.visit_seq(de::value::SeqDeserializer::new(std::iter::empty::<()>())),
            Item::Container(place, kind) => self.container(place, kind, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.item {
            Item::None => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'b>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// A string is the variant of that name, and a dict of one item that of its key; anything else does not say its
    /// variant.
    fn deserialize_enum<V: Visitor<'b>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.item {
            Item::Text(text) => visitor.visit_enum(text.into_deserializer()),
            Item::Container(place, Kind::Dict) => {
                let mut access = self.enter(place)?;
                let value = visitor.visit_enum(MapAccessDeserializer::new(&mut access))?;
                access.finish().map(|()| value)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        <W: Visitor<'b>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Decodes one of the commonest values.
struct QuickDeserializer<'b>(Quick<'b>);

impl<'b> de::Deserializer<'b> for QuickDeserializer<'b> {
    type Error = Error;

    #[inline]
    fn deserialize_any<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Quick::Int(value) => visitor.visit_i64(value),
            Quick::Float(value) => visitor.visit_f64(value),
            Quick::Text(text) => visitor.visit_borrowed_str(text),
        }
    }

    #[inline]
    fn deserialize_option<V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'b>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'b>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Quick::Text(text) => visitor.visit_enum(text.into_deserializer()),
            _ => self.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        <W: Visitor<'b>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
