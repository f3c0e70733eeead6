//! Rows of a column handed to types with derives, as values of those types.
//!
//! Types for formats in which fields go by name get each row as a tree, whose serde form says the kind of every value:
//! absent fields are not in it, integers are not floats, and floats keep their bits. Other types get what postcard makes
//! of the row, since those of a schema are known to it.

use super::column::Column;
use super::encodable::Encodable;
use super::schema::Schema;
use super::style::Compact;
use super::tree::Tree;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

/// The rows as values of a type whose fields go by name, and whose enums have no tags.
///
/// # Errors
///
/// When the type is not that of the schema, in serde's words.
pub fn named_values<T: DeserializeOwned>(schema: &Schema, column: &Column) -> Result<Vec<T>, String> {
    let value = |row| T::deserialize(Given(&Tree::from_row(schema, column, row))).map_err(|error| error.to_string());
    (0..column.len()).map(value).collect()
}

/// The rows as values of a type whose fields and variants go by position.
///
/// # Errors
///
/// When the type is not that of the schema, in postcard's words.
pub fn compact_values<T: DeserializeOwned>(schema: &Schema, column: &Column) -> Result<Vec<T>, String> {
    let encodable = Encodable::new(schema, column);
    let mut bytes = Vec::new();
    let mut values = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        bytes.clear();
        bytes = postcard::to_extend(&encodable.row::<Compact>(row), bytes).map_err(|error| error.to_string())?;
        values.push(postcard::from_bytes(&bytes).map_err(|error| error.to_string())?);
    }
    Ok(values)
}

/// A tree as the input of derived code.
#[derive(Clone, Copy)]
struct Given<'t>(&'t Tree);

impl<'t> IntoDeserializer<'t> for Given<'t> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Given<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(value) => visitor.visit_bool(*value),
            Tree::Int(value) => visitor.visit_i64(*value),
            Tree::UInt(value) => visitor.visit_u64(*value),
            Tree::Float32(value) => visitor.visit_f32(*value),
            Tree::Float(value) => visitor.visit_f64(*value),
            Tree::String(text) => visitor.visit_str(text),
            Tree::Bytes(bytes) => visitor.visit_bytes(bytes),
            Tree::List(items) => visitor.visit_seq(Items(items)),
            Tree::Map(entries) => visitor.visit_map(Entries { entries, value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Tree::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            // A string that is one of a few.
            Tree::String(text) => StrDeserializer::new(text).deserialize_enum(name, variants, visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

struct Items<'t>(&'t [Tree]);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some((first, rest)) = self.0.split_first() else { return Ok(None) };
        self.0 = rest;
        seed.deserialize(Given(first)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries<'t> {
    entries: &'t [(Tree, Tree)],
    value: Option<&'t Tree>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(((key, value), rest)) = self.entries.split_first() else { return Ok(None) };
        (self.entries, self.value) = (rest, Some(value));
        seed.deserialize(Given(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        // Serde asks for a value behind its key, and for none before.
        let value = self.value.take().unwrap_or(&Tree::Null);
        seed.deserialize(Given(value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::schema::{Field, RecordSchema};
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Point {
        x: f64,
        name: Option<String>,
        #[serde(flatten)]
        others: BTreeMap<String, Either>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(untagged)]
    enum Either {
        Int(i64),
        List(Vec<Option<f32>>),
        Kind(Kind),
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    enum Kind {
        Open,
    }

    #[test]
    fn a_tree_becomes_a_value_of_derived_types() {
        let text = |text: &str| Tree::String(text.to_owned());
        let tree = Tree::Map(vec![
            (text("x"), Tree::Float(0.1)),
            (text("a"), Tree::Int(-3)),
            (text("b"), Tree::List(vec![Tree::Null, Tree::Float32(0.25)])),
            (text("c"), text("Open")),
        ]);
        let found = <Point as serde::Deserialize>::deserialize(Given(&tree)).expect("it is of that type");
        let others =
            [("a", Either::Int(-3)), ("b", Either::List(vec![None, Some(0.25)])), ("c", Either::Kind(Kind::Open))];
        let others = others.map(|(key, value)| (key.to_owned(), value)).into();
        assert_eq!(found, Point { x: 0.1, name: None, others });
    }

    #[test]
    fn rows_become_values_either_way() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Pair {
            a: u8,
            b: bool,
        }
        let fields = vec![Field::new("a", Schema::U8), Field::new("b", Schema::Bool)];
        let schema = Schema::Record(RecordSchema::new("Pair", fields));
        let column =
            Column::Record { rows: 2, fields: vec![Column::U8(vec![1, 255]), Column::Bool(vec![true, false])] };
        let pairs = [Pair { a: 1, b: true }, Pair { a: 255, b: false }];
        assert_eq!(named_values::<Pair>(&schema, &column).expect("by name"), pairs);
        assert_eq!(compact_values::<Pair>(&schema, &column).expect("by place"), pairs);
        assert!(named_values::<String>(&schema, &column).is_err());
    }
}
