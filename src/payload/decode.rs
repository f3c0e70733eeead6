//! Decoding into columns: a `DeserializeSeed` from the schema, one row at a time.
//!
//! The requests made of the `Deserializer` are those that derived code makes, so that formats which are not
//! self-describing decode the user's own data too.

mod choices;
mod lists;
mod records;

use self::choices::{EnumVisitor, OptionVisitor};
use self::lists::{BlockVisitor, PlacesVisitor, SlotsVisitor, SortedVisitor, list};
use self::records::{EntriesVisitor, FieldSeed, Found, RecordVisitor};
use super::column::{Column, NULL, Number, with_scalars};
use super::schema::{Schema, SymbolSchema};
use super::style::{Compact, Style};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, VariantAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Decodes one value of a schema and appends it to a column made for that schema, from a format of style `S`.
///
/// After an error the column's parts may have unequal lengths: it is good for nothing but being dropped.
#[derive(Debug)]
pub struct RowSeed<'a, S = Compact> {
    schema: &'a Schema,
    column: &'a mut Column,
    style: PhantomData<S>,
}

/// A row was appended.
///
/// Not `()`: `bitcode` refuses sequences of more than 65,536 elements whose value takes no memory, since a few bytes
/// could announce any number of them. The elements of a user's own list take memory, and so does this.
#[derive(Clone, Copy, Debug)]
pub struct Appended(#[allow(dead_code, reason = "for its size")] u8);

impl<'a, S: Style> RowSeed<'a, S> {
    /// The seed of a row of `schema` that goes into `column`.
    pub fn new(schema: &'a Schema, column: &'a mut Column) -> Self {
        RowSeed { schema, column, style: PhantomData }
    }
}

impl<'de, S: Style> DeserializeSeed<'de> for RowSeed<'_, S> {
    type Value = Appended;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Appended, D::Error> {
        self.append(deserializer)?;
        Ok(Appended(0))
    }
}

impl<S: Style> RowSeed<'_, S> {
    /// Decodes the row and appends it.
    pub(super) fn append<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let RowSeed { schema, column, style } = self;
        with_scalars!(column, vector => vector.push(Deserialize::deserialize(deserializer)?), other => match (schema, other) {
            (Schema::String, Column::String(strings)) => strings.push(String::deserialize(deserializer)?),
            (Schema::Unit, Column::Unit(rows)) => {
                <()>::deserialize(deserializer)?;
                *rows += 1;
            }
            (Schema::Bytes, Column::Bytes(strings)) => {
                strings.push(serde_bytes::ByteBuf::deserialize(deserializer)?.into_vec());
            }
            (Schema::Number, Column::Number(values)) => values.push(number::<D, S>(deserializer)?),
            (Schema::Symbol(symbol), Column::Symbol(values)) => {
                let visitor = SymbolVisitor { symbol };
                values.push(deserializer.deserialize_enum(symbol.name.as_static(), symbol.values, visitor)?);
            }
            (Schema::Option(inner), Column::Option { index, values }) => {
                deserializer.deserialize_option(OptionVisitor { inner, index, values, style })?;
            }
            (_, Column::Vectors(vectors)) => vectors.decode(deserializer)?,
            (Schema::List(element), Column::Blocks { ends, items, blocks }) => {
                deserializer.deserialize_seq(BlockVisitor { element, items, blocks, style })?;
                ends.push(items.len());
            }
            (Schema::List(element), Column::List { ends, items }) => list(element, ends, items, style, deserializer)?,
            (Schema::Array(array), Column::Array { items, .. }) => {
                deserializer.deserialize_tuple(array.length, SlotsVisitor { array, items, style })?;
            }
            (Schema::Tuple(schema), Column::Tuple { rows, places }) => {
                deserializer.deserialize_tuple(schema.len(), PlacesVisitor { schema, places, style })?;
                *rows += 1;
            }
            (Schema::Map(map), Column::SortedMaps { maps, values }) => {
                deserializer.deserialize_map(SortedVisitor { value: &map.value, maps, values, style })?;
            }
            (Schema::Map(map), Column::Map { ends, keys, values }) => {
                deserializer.deserialize_map(EntriesVisitor { map, keys, values, style })?;
                ends.push(keys.len());
            }
            (Schema::Record(record), Column::Record { rows, fields }) => {
                let visitor = RecordVisitor { record, fields, style };
                if S::NAMED && record.flattened().is_some() {
                    // As derived code does where a field is flattened.
                    deserializer.deserialize_map(visitor)?;
                } else {
                    deserializer.deserialize_struct(record.name.as_static(), record.names, visitor)?;
                }
                *rows += 1;
            }
            (Schema::Enum(choice), Column::Enum { tags, index, variants }) => {
                let visitor = EnumVisitor { choice, tags, index, variants, style };
                if choice.is_untagged::<S>() {
                    deserializer.deserialize_any(visitor)?;
                } else {
                    deserializer.deserialize_enum(choice.name.as_static(), choice.names, visitor)?;
                }
            }
            _ => unreachable!("the column was made for the schema"),
        });
        Ok(())
    }
}

/// The next free index of a column that `index` vectors point into.
fn next_index<E: Error>(column: &Column) -> Result<u32, E> {
    u32::try_from(column.len())
        .ok()
        .filter(|&index| index < NULL)
        .ok_or_else(|| E::custom("more than 4,294,967,293 optional or mixed values in one column"))
}

/// A number whose kind the format says, if it says any.
fn number<'de, D: Deserializer<'de>, S: Style>(deserializer: D) -> Result<Number, D::Error> {
    if S::SELF_DESCRIBING {
        deserializer.deserialize_any(NumberVisitor)
    } else {
        f64::deserialize(deserializer).map(Number::Float)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
        Ok(Number::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
        Ok(i64::try_from(value).map_or(Number::Float(value as f64), Number::Int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Number, E> {
        Ok(Number::Float(value))
    }
}

/// Finds a string among those of a type, and returns its index.
struct SymbolVisitor<'a> {
    symbol: &'a SymbolSchema,
}

impl<'de> Visitor<'de> for SymbolVisitor<'_> {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "enum {}", self.symbol.name)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<u32, A::Error> {
        let (found, variant) = data.variant_seed(FieldSeed { names: self.symbol.values, next: 0 })?;
        variant.unit_variant()?;
        match found {
            Found::Field(at) => Ok(at as u32),
            Found::Other(name) => Err(A::Error::unknown_variant(&name, self.symbol.values)),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u32, E> {
        let found = self.symbol.values.iter().position(|&value| value == text);
        found.map(|at| at as u32).ok_or_else(|| E::unknown_variant(text, self.symbol.values))
    }
}
