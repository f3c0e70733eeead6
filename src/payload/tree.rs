//! The dynamic representation: a self-describing tree of values, what `serde_json::Value` stands for.

use super::column::{ABSENT, Column, Number, is_present};
use super::schema::{Field, Presence, Schema};
use serde::de::{Deserialize, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;

/// A value that says itself what it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// Null, none or unit.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer below 2^63.
    Int(i64),
    /// An integer of 2^63 and more.
    UInt(u64),
    /// A number in single precision, in formats that have it.
    Float32(f32),
    /// A number in double precision.
    Float(f64),
    /// Text.
    String(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A sequence.
    List(Vec<Tree>),
    /// Entries in the order of the document. Keys are strings in most formats, anything in some.
    Map(Vec<(Tree, Tree)>),
}

impl Tree {
    /// Row `row` of a column, as a tree: enums lose their tags, and absent fields are left out.
    ///
    /// # Panics
    ///
    /// When the column was not made for the schema, or has no such row.
    pub fn from_row(schema: &Schema, column: &Column, row: usize) -> Tree {
        match (schema, column) {
            (_, Column::Unit(_)) => Tree::Null,
            (_, Column::Bool(values)) => Tree::Bool(values[row]),
            (_, Column::I8(values)) => Tree::Int(values[row].into()),
            (_, Column::I16(values)) => Tree::Int(values[row].into()),
            (_, Column::I32(values)) => Tree::Int(values[row].into()),
            (_, Column::I64(values)) => Tree::Int(values[row]),
            (_, Column::U8(values)) => Tree::Int(values[row].into()),
            (_, Column::U16(values)) => Tree::Int(values[row].into()),
            (_, Column::U32(values)) => Tree::Int(values[row].into()),
            (_, Column::U64(values)) => Tree::from_u64(values[row]),
            (_, Column::F32(values)) => Tree::Float32(values[row]),
            (_, Column::F64(values)) => Tree::Float(values[row]),
            (_, Column::Number(values)) => match values[row] {
                Number::Int(value) => Tree::Int(value),
                Number::Float(value) => Tree::Float(value),
            },
            (Schema::Symbol(symbol), Column::Symbol(values)) => {
                Tree::String(symbol.values[values[row] as usize].to_owned())
            }
            (_, Column::String(values)) => Tree::String(values[row].clone()),
            (_, Column::Bytes(values)) => Tree::Bytes(values[row].clone()),
            (Schema::Option(inner), Column::Option { index, values }) => match index[row] {
                at if is_present(at) => Tree::from_row(inner, values, at as usize),
                _ => Tree::Null,
            },
            (Schema::Array(array), Column::Array { length, items }) => Tree::List(
                (row * length..(row + 1) * length).map(|at| Tree::from_row(&array.element, items, at)).collect(),
            ),
            (Schema::Tuple(schema), Column::Tuple { places, .. }) => Tree::List(
                schema.iter().zip(places).map(|(schema, place)| Tree::from_row(schema, place, row)).collect(),
            ),
            (Schema::List(element), Column::List { ends, items }) => {
                Tree::List(Column::span(ends, row).map(|at| Tree::from_row(element, items, at)).collect())
            }
            (Schema::Map(map), Column::Map { ends, keys, values }) => Tree::Map(
                Column::span(ends, row)
                    .map(|at| (Tree::from_row(&map.key, keys, at), Tree::from_row(&map.value, values, at)))
                    .collect(),
            ),
            (Schema::Record(record), Column::Record { fields, .. }) => {
                let mut entries = Vec::with_capacity(fields.len());
                for (field, column) in record.fields.iter().zip(fields) {
                    Tree::push_field(&mut entries, field, column, row);
                }
                Tree::Map(entries)
            }
            (Schema::Enum(choice), Column::Enum { tags, index, variants }) => {
                let tag = tags[row] as usize;
                Tree::from_row(&choice.variants[tag].schema, &variants[tag], index[row] as usize)
            }
            _ => unreachable!("the column was made for the schema"),
        }
    }

    /// Appends the entries that a field of a record is.
    fn push_field(entries: &mut Vec<(Tree, Tree)>, field: &Field, column: &Column, row: usize) {
        if field.presence.may_be_absent() && matches!(column, Column::Option { index, .. } if index[row] == ABSENT) {
            return;
        }
        let value = Tree::from_row(&field.schema, column, row);
        match (field.presence, value) {
            (Presence::Flattened, Tree::Map(others)) => entries.extend(others),
            (_, value) => entries.push((Tree::String(field.name.to_string()), value)),
        }
    }

    /// The bytes that it takes in memory, with the room that its vectors have in reserve.
    pub fn memory_bytes(&self) -> u64 {
        /// Those behind a value, without its own.
        fn behind(tree: &Tree) -> u64 {
            match tree {
                Tree::String(text) => text.capacity() as u64,
                Tree::Bytes(bytes) => bytes.capacity() as u64,
                Tree::List(items) => {
                    size_of::<Tree>() as u64 * items.capacity() as u64 + items.iter().map(behind).sum::<u64>()
                }
                Tree::Map(entries) => {
                    let each = entries.iter().map(|(key, value)| behind(key) + behind(value));
                    2 * size_of::<Tree>() as u64 * entries.capacity() as u64 + each.sum::<u64>()
                }
                _ => 0,
            }
        }
        size_of::<Tree>() as u64 + behind(self)
    }

    fn from_u64(value: u64) -> Tree {
        i64::try_from(value).map_or(Tree::UInt(value), Tree::Int)
    }

    /// The bytes of memory that it takes, with what an allocator adds to each of its blocks.
    pub fn resident_bytes(&self) -> u64 {
        size_of::<Tree>() as u64 + self.blocks()
    }

    fn blocks(&self) -> u64 {
        /// The least block, and the head of a larger one.
        const LEAST: usize = 32;
        const HEAD: usize = 16;
        let block = |bytes: usize| if bytes == 0 { 0 } else { (bytes + HEAD).max(LEAST) as u64 };
        match self {
            Tree::String(text) => block(text.capacity()),
            Tree::Bytes(bytes) => block(bytes.capacity()),
            Tree::List(items) => {
                block(items.capacity() * size_of::<Tree>()) + items.iter().map(Tree::blocks).sum::<u64>()
            }
            Tree::Map(entries) => {
                let inner: u64 = entries.iter().map(|(key, value)| key.blocks() + value.blocks()).sum();
                block(entries.capacity() * size_of::<(Tree, Tree)>()) + inner
            }
            _ => 0,
        }
    }

    /// The word for what the value is, for reports.
    pub fn kind(&self) -> &'static str {
        match self {
            Tree::Null => "null",
            Tree::Bool(_) => "bool",
            Tree::Int(_) | Tree::UInt(_) => "integer",
            Tree::Float32(_) | Tree::Float(_) => "float",
            Tree::String(_) => "string",
            Tree::Bytes(_) => "bytes",
            Tree::List(_) => "list",
            Tree::Map(_) => "map",
        }
    }
}

/// The double whose decimal form is the shortest decimal form of `value`: 0.1 for `0.1f32`.
pub(super) fn decimal_f64(value: f32) -> f64 {
    if !value.is_finite() {
        return value.into();
    }
    // Both conversions are the standard library's shortest round-trip forms, so this cannot fail.
    value.to_string().parse().unwrap_or_else(|_| value.into())
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // Not `serialize_unit`: to the CBOR crates unit is an empty array, and only `None` is null.
            Tree::Null => serializer.serialize_none(),
            Tree::Bool(value) => serializer.serialize_bool(*value),
            Tree::Int(value) => serializer.serialize_i64(*value),
            Tree::UInt(value) => serializer.serialize_u64(*value),
            Tree::Float32(value) => serializer.serialize_f32(*value),
            Tree::Float(value) => serializer.serialize_f64(*value),
            Tree::String(value) => serializer.serialize_str(value),
            Tree::Bytes(value) => serializer.serialize_bytes(value),
            Tree::List(items) => items.serialize(serializer),
            Tree::Map(entries) => {
                let mut state = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    state.serialize_entry(key, value)?;
                }
                state.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::from_u64(value))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Tree, E> {
        i64::try_from(value)
            .map(Tree::Int)
            .or_else(|_| u64::try_from(value).map(Tree::UInt))
            .map_err(|_| E::custom(format_args!("integer {value} does not fit in 64 bits")))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Tree, E> {
        u64::try_from(value)
            .map(Tree::from_u64)
            .map_err(|_| E::custom(format_args!("integer {value} does not fit in 64 bits")))
    }

    fn visit_f32<E: Error>(self, value: f32) -> Result<Tree, E> {
        Ok(Tree::Float32(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Tree, E> {
        Ok(Tree::String(value))
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<Tree, E> {
        Ok(Tree::Bytes(value.to_owned()))
    }

    fn visit_byte_buf<E: Error>(self, value: Vec<u8>) -> Result<Tree, E> {
        Ok(Tree::Bytes(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Map(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Tree, A::Error> {
        // Only formats with a notion of variants or tags of their own get here (CBOR tags).
        let (name, variant): (Tree, _) = data.variant()?;
        Ok(Tree::Map(vec![(name, variant.newtype_variant()?)]))
    }
}
