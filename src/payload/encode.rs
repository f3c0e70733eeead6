//! `Serialize` over (schema, value): encodes a row of a column exactly as the derived struct would be.
//!
//! What a row is, is looked up once for each node: the place that finds a field, an element or an option's value to be
//! of some kind calls the serializer with a type of that kind ([`ListRow`], [`RecordRow`], the number itself), as derived
//! code calls it with the field's own type. A list looks its elements up once for all.

use super::column::{ABSENT, Column};
use super::schema::{EnumSchema, MapSchema, RecordSchema, Schema};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};
use std::ops::Range;

/// One row of a column, to be encoded.
///
/// # Panics
///
/// `serialize` panics when the column was not made for the schema, or has no such row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The type of the row.
    pub schema: &'a Schema,
    /// A column of that type.
    pub column: &'a Column,
    /// Which of its rows.
    pub row: usize,
}

/// Evaluates `$body` with `$make` standing for a macro-like closure from a row to its value, once for the column's
/// kind: `$value` is bound to an expression of the row's own type for each `$row` that `$body` asks for.
macro_rules! by_kind {
    ($schema:expr, $column:expr, |$at:ident| $make:ident => $body:expr) => {
        match ($schema, $column) {
            (_, Column::Bool(values)) => by_kind!(@plain values, $at, $make, $body),
            (_, Column::I8(values)) => by_kind!(@plain values, $at, $make, $body),
            (_, Column::I16(values)) => by_kind!(@plain values, $at, $make, $body),
            (_, Column::I32(values)) => by_kind!(@plain values, $at, $make, $body),
            (_, Column::I64(values)) => by_kind!(@plain values, $at, $make, $body),
            (_, Column::U8(values)) => by_kind!(@plain values, $at, $make, $body),
            (_, Column::U16(values)) => by_kind!(@plain values, $at, $make, $body),
            (_, Column::U32(values)) => by_kind!(@plain values, $at, $make, $body),
            (_, Column::U64(values)) => by_kind!(@plain values, $at, $make, $body),
            (_, Column::F32(values)) => by_kind!(@plain values, $at, $make, $body),
            (_, Column::F64(values)) => by_kind!(@plain values, $at, $make, $body),
            (_, Column::String(values)) => by_kind!(@plain values, $at, $make, $body),
            (_, Column::Unit(_)) => {
                let $make = |_: usize| &();
                $body
            }
            (_, Column::Bytes(values)) => {
                let $make = |$at: usize| serde_bytes::Bytes::new(&values[$at]);
                $body
            }
            (Schema::Record(schema), Column::Record { fields, .. }) => {
                let $make = |$at: usize| RecordRow { schema, fields, row: $at };
                $body
            }
            (Schema::List(element), Column::List { ends, items }) => {
                let $make = |$at: usize| ListRow { element, items, span: Column::span(ends, $at) };
                $body
            }
            (Schema::Option(inner), Column::Option { index, values }) => {
                let $make = |$at: usize| OptionRow { inner, values, at: index[$at] };
                $body
            }
            (Schema::Map(schema), Column::Map { ends, keys, values }) => {
                let $make = |$at: usize| MapRow { schema, keys, values, span: Column::span(ends, $at) };
                $body
            }
            (Schema::Enum(schema), Column::Enum { tags, index, variants }) => {
                let $make = |$at: usize| EnumRow { schema, variants, tag: tags[$at], at: index[$at] as usize };
                $body
            }
            _ => unreachable!("the column was made for the schema"),
        }
    };
    (@plain $values:ident, $at:ident, $make:ident, $body:expr) => {{
        let $make = |$at: usize| &$values[$at];
        $body
    }};
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        by_kind!(self.schema, self.column, |row| value => value(self.row).serialize(serializer))
    }
}

/// A struct.
struct RecordRow<'a> {
    schema: &'a RecordSchema,
    fields: &'a [Column],
    row: usize,
}

impl Serialize for RecordRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let RecordRow { schema, fields, row } = *self;
        let mut state = serializer.serialize_struct(schema.name.as_static(), schema.fields.len())?;
        for (field, column) in schema.fields.iter().zip(fields) {
            let name = field.name.as_static();
            by_kind!(&field.schema, column, |row| value => state.serialize_field(name, &value(row))?);
        }
        state.end()
    }
}

/// A list.
struct ListRow<'a> {
    element: &'a Schema,
    items: &'a Column,
    span: Range<usize>,
}

impl Serialize for ListRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let span = self.span.clone();
        // Numbers and strings as the slice that they are, which is what a `Vec` of them is to serde.
        super::column::with_scalars!(self.items, values => values[span].serialize(serializer), other => match other {
            Column::String(values) => values[span].serialize(serializer),
            items => {
                let mut state = serializer.serialize_seq(Some(span.len()))?;
                by_kind!(self.element, items, |row| value => {
                    for row in span {
                        state.serialize_element(&value(row))?;
                    }
                });
                state.end()
            }
        })
    }
}

/// A value that may be absent.
struct OptionRow<'a> {
    inner: &'a Schema,
    values: &'a Column,
    /// Its index among the values that are there, or [`ABSENT`].
    at: u32,
}

impl Serialize for OptionRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.at == ABSENT {
            return serializer.serialize_none();
        }
        let row = self.at as usize;
        by_kind!(self.inner, self.values, |row| value => serializer.serialize_some(&value(row)))
    }
}

/// A map.
struct MapRow<'a> {
    schema: &'a MapSchema,
    keys: &'a Column,
    values: &'a Column,
    span: Range<usize>,
}

impl Serialize for MapRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let MapRow { schema, keys, values, .. } = *self;
        let mut state = serializer.serialize_map(Some(self.span.len()))?;
        let by_text = |keys: &[String], state: &mut S::SerializeMap| {
            by_kind!(&schema.value, values, |row| value => {
                for row in self.span.clone() {
                    state.serialize_entry(&keys[row], &value(row))?;
                }
            });
            Ok(())
        };
        match keys {
            Column::String(keys) => by_text(keys, &mut state)?,
            column => {
                for row in self.span.clone() {
                    state.serialize_entry(
                        &Row { schema: &schema.key, column, row },
                        &Row { schema: &schema.value, column: values, row },
                    )?;
                }
            }
        }
        state.end()
    }
}

/// One of several types.
struct EnumRow<'a> {
    schema: &'a EnumSchema,
    variants: &'a [Column],
    tag: u32,
    /// The row in the variant's column.
    at: usize,
}

impl Serialize for EnumRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let EnumRow { schema, variants, tag, at } = *self;
        let variant = &schema.variants[tag as usize];
        let (name, variant_name) = (schema.name.as_static(), variant.name.as_static());
        by_kind!(&variant.schema, &variants[tag as usize], |row| value => {
            serializer.serialize_newtype_variant(name, tag, variant_name, &value(at))
        })
    }
}
