//! `Serialize` over (schema, value): encodes a row of a column exactly as the derived struct would be.
//!
//! What a row is, is looked up once for each node: the place that finds a field, an element or an option's value to be
//! of some kind calls the serializer with a type of that kind ([`ListRow`], [`RecordRow`], the number itself), as derived
//! code calls it with the field's own type. A list looks its elements up once for all.
//!
//! What the derived struct looks like depends on the format in two points, absent fields and columns of mixed types: see
//! [`Style`].

use super::column::{ABSENT, Column, Number, is_present};
use super::schema::{
    ArraySchema, EnumSchema, Field, MapSchema, Presence, RecordSchema, Schema, SymbolSchema, TupleSchema,
};
use super::style::{Compact, Style};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer};
use std::marker::PhantomData;
use std::ops::Range;

/// One row of a column, to be encoded for formats of a style.
///
/// # Panics
///
/// `serialize` panics when the column was not made for the schema, or has no such row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a, S = Compact> {
    schema: &'a Schema,
    column: &'a Column,
    row: usize,
    style: PhantomData<S>,
}

impl<'a, S: Style> Row<'a, S> {
    /// Row `row` of a column made for `schema`.
    pub fn new(schema: &'a Schema, column: &'a Column, row: usize) -> Self {
        Row { schema, column, row, style: PhantomData }
    }
}

/// Evaluates `$body` with `$make` standing for a macro-like closure from a row to its value, once for the column's
/// kind: `$value` is bound to an expression of the row's own type for each `$row` that `$body` asks for.
macro_rules! by_kind {
    ($style:ty, $schema:expr, $column:expr, |$at:ident| $make:ident => $body:expr) => {
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
            (_, Column::Number(values)) => {
                let $make = |$at: usize| NumberRow::<$style> { number: values[$at], style: PhantomData };
                $body
            }
            (Schema::Symbol(schema), Column::Symbol(values)) => {
                let $make = |$at: usize| SymbolRow { schema, index: values[$at] };
                $body
            }
            (Schema::Record(schema), Column::Record { fields, .. }) => {
                let $make = |$at: usize| RecordRow::<$style> { schema, fields, row: $at, style: PhantomData };
                $body
            }
            (Schema::List(element), Column::List { ends, items }) => {
                let $make = |$at: usize| ListRow::<$style> {
                    element,
                    items,
                    span: Column::span(ends, $at),
                    style: PhantomData,
                };
                $body
            }
            // Positions, of which there may be many to a list: looked up once for all.
            (Schema::Array(array), Column::Array { items, .. }) if positions::<$style>(items).is_some() => {
                let values = positions::<$style>(items).unwrap_or_default();
                let $make = |$at: usize| Slots(&values[$at * array.length..][..array.length]);
                $body
            }
            (Schema::Array(array), Column::Array { items, .. }) => {
                let $make = |$at: usize| ArrayRow::<$style> { array, items, row: $at, style: PhantomData };
                $body
            }
            (Schema::Tuple(schema), Column::Tuple { places, .. }) => {
                let $make = |$at: usize| TupleRow::<$style> { schema, places, row: $at, style: PhantomData };
                $body
            }
            (Schema::Option(inner), Column::Option { index, values }) => {
                let $make = |$at: usize| OptionRow::<$style> { inner, values, at: index[$at], style: PhantomData };
                $body
            }
            (Schema::Map(schema), Column::Map { ends, keys, values }) => {
                let $make = |$at: usize| MapRow::<$style> {
                    schema,
                    keys,
                    values,
                    span: Column::span(ends, $at),
                    style: PhantomData,
                };
                $body
            }
            (Schema::Enum(schema), Column::Enum { tags, index, variants }) => {
                let $make = |$at: usize| EnumRow::<$style> {
                    schema,
                    variants,
                    tag: tags[$at],
                    at: index[$at] as usize,
                    style: PhantomData,
                };
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

impl<S: Style> Serialize for Row<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        by_kind!(S, self.schema, self.column, |row| value => value(self.row).serialize(serializer))
    }
}

/// A struct.
struct RecordRow<'a, S> {
    schema: &'a RecordSchema,
    fields: &'a [Column],
    row: usize,
    style: PhantomData<S>,
}

impl<S: Style> RecordRow<'_, S> {
    /// Whether the record leaves the field out.
    fn is_absent(&self, field: &Field, column: &Column) -> bool {
        field.presence.may_be_absent()
            && matches!(column, Column::Option { index, .. } if match field.presence {
                // Wherever the value came from, there is only one way to write that it is not there.
                Presence::Optional => !is_present(index[self.row]),
                _ => index[self.row] == ABSENT,
            })
    }
}

impl<S: Style> Serialize for RecordRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let RecordRow { schema, fields, row, .. } = *self;
        let name = schema.name.as_static();
        let columns = || schema.fields.iter().zip(fields);
        if !S::NAMED || schema.is_plain {
            let mut state = serializer.serialize_struct(name, fields.len())?;
            for (field, column) in columns() {
                let name = field.name.as_static();
                by_kind!(S, &field.schema, column, |row| value => state.serialize_field(name, &value(row))?);
            }
            return state.end();
        }
        let absent = columns().filter(|(field, column)| self.is_absent(field, column)).count();
        if let (Some((_, map)), Some(Column::Map { ends, keys, values })) = (schema.flattened(), fields.last()) {
            let span = Column::span(ends, row);
            let mut state = serializer.serialize_map(Some(fields.len() - 1 - absent + span.len()))?;
            for (field, column) in columns().take(fields.len() - 1) {
                if !self.is_absent(field, column) {
                    state.serialize_entry(&*field.name, &Row::<S>::new(&field.schema, column, row))?;
                }
            }
            for row in span {
                let key = Row::<S>::new(&map.key, keys, row);
                state.serialize_entry(&key, &Row::<S>::new(&map.value, values, row))?;
            }
            return state.end();
        }
        let mut state = serializer.serialize_struct(name, fields.len() - absent)?;
        for (field, column) in columns() {
            let name = field.name.as_static();
            if self.is_absent(field, column) {
                state.skip_field(name)?;
                continue;
            }
            by_kind!(S, &field.schema, column, |row| value => state.serialize_field(name, &value(row))?);
        }
        state.end()
    }
}

/// A list.
struct ListRow<'a, S> {
    element: &'a Schema,
    items: &'a Column,
    span: Range<usize>,
    style: PhantomData<S>,
}

impl<S: Style> Serialize for ListRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let span = self.span.clone();
        // Positions as the arrays that they are in derived structs: a length that the compiler knows is worth a factor
        // of three in the fastest formats.
        if let Column::Array { length, items } = self.items
            && let Some(values) = positions::<S>(items)
        {
            match length {
                2 => return values.as_chunks::<2>().0[span].serialize(serializer),
                3 => return values.as_chunks::<3>().0[span].serialize(serializer),
                4 => return values.as_chunks::<4>().0[span].serialize(serializer),
                _ => {}
            }
        }
        // Numbers and strings as the slice that they are, which is what a `Vec` of them is to serde.
        super::column::with_scalars!(self.items, values => values[span].serialize(serializer), other => match other {
            Column::String(values) => values[span].serialize(serializer),
            items => {
                let mut state = serializer.serialize_seq(Some(span.len()))?;
                by_kind!(S, self.element, items, |row| value => {
                    for row in span {
                        state.serialize_element(&value(row))?;
                    }
                });
                state.end()
            }
        })
    }
}

/// The doubles of arrays, where an array is a tuple to serde.
fn positions<S: Style>(items: &Column) -> Option<&[f64]> {
    match items {
        Column::F64(values) if !S::TELLS_TUPLES => Some(values),
        _ => None,
    }
}

/// `[T; N]` of plain numbers.
struct Slots<'a, T>(&'a [T]);

impl<T: Serialize> Serialize for Slots<'_, T> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let mut state = serializer.serialize_tuple(self.0.len())?;
        for value in self.0 {
            state.serialize_element(value)?;
        }
        state.end()
    }
}

/// An array.
struct ArrayRow<'a, S> {
    array: &'a ArraySchema,
    items: &'a Column,
    row: usize,
    style: PhantomData<S>,
}

impl<S: Style> Serialize for ArrayRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let length = self.array.length;
        if S::TELLS_TUPLES && !self.array.is_tuple {
            let span = self.row * length..(self.row + 1) * length;
            return ListRow::<S> { element: &self.array.element, items: self.items, span, style: PhantomData }
                .serialize(serializer);
        }
        let mut state = serializer.serialize_tuple(length)?;
        by_kind!(S, &self.array.element, self.items, |row| value => {
            for row in self.row * length..(self.row + 1) * length {
                state.serialize_element(&value(row))?;
            }
        });
        state.end()
    }
}

/// A tuple.
struct TupleRow<'a, S> {
    schema: &'a TupleSchema,
    places: &'a [Column],
    row: usize,
    style: PhantomData<S>,
}

impl<S: Style> Serialize for TupleRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let TupleRow { schema, places, row, .. } = *self;
        if S::TELLS_TUPLES && !schema.is_tuple {
            let mut state = serializer.serialize_seq(Some(places.len()))?;
            for (schema, column) in schema.iter().zip(places) {
                by_kind!(S, schema, column, |row| value => state.serialize_element(&value(row))?);
            }
            return state.end();
        }
        let mut state = serializer.serialize_tuple(places.len())?;
        for (schema, column) in schema.iter().zip(places) {
            by_kind!(S, schema, column, |row| value => state.serialize_element(&value(row))?);
        }
        state.end()
    }
}

/// A number that is an integer or a float.
struct NumberRow<S> {
    number: Number,
    style: PhantomData<S>,
}

impl<S: Style> Serialize for NumberRow<S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        match self.number {
            Number::Int(value) if S::SELF_DESCRIBING => serializer.serialize_i64(value),
            number => serializer.serialize_f64(number.to_f64()),
        }
    }
}

/// A string that is one of a few.
struct SymbolRow<'a> {
    schema: &'a SymbolSchema,
    index: u32,
}

impl Serialize for SymbolRow<'_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let SymbolRow { schema, index } = *self;
        serializer.serialize_unit_variant(schema.name.as_static(), index, schema.values[index as usize])
    }
}

/// A value that may be absent.
struct OptionRow<'a, S> {
    inner: &'a Schema,
    values: &'a Column,
    /// Its index among the values that are there, or one that stands for none.
    at: u32,
    style: PhantomData<S>,
}

impl<S: Style> Serialize for OptionRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        if !is_present(self.at) {
            return serializer.serialize_none();
        }
        let row = self.at as usize;
        by_kind!(S, self.inner, self.values, |row| value => serializer.serialize_some(&value(row)))
    }
}

/// A map.
struct MapRow<'a, S> {
    schema: &'a MapSchema,
    keys: &'a Column,
    values: &'a Column,
    span: Range<usize>,
    style: PhantomData<S>,
}

impl<S: Style> Serialize for MapRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let MapRow { schema, keys, values, .. } = *self;
        let mut state = serializer.serialize_map(Some(self.span.len()))?;
        let by_text = |keys: &[String], state: &mut Z::SerializeMap| {
            by_kind!(S, &schema.value, values, |row| value => {
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
                    let key = Row::<S>::new(&schema.key, column, row);
                    state.serialize_entry(&key, &Row::<S>::new(&schema.value, values, row))?;
                }
            }
        }
        state.end()
    }
}

/// One of several types.
struct EnumRow<'a, S> {
    schema: &'a EnumSchema,
    variants: &'a [Column],
    tag: u32,
    /// The row in the variant's column.
    at: usize,
    style: PhantomData<S>,
}

impl<S: Style> Serialize for EnumRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let EnumRow { schema, variants, tag, at, .. } = *self;
        let variant = &schema.variants[tag as usize];
        let (name, variant_name) = (schema.name.as_static(), variant.name.as_static());
        by_kind!(S, &variant.schema, &variants[tag as usize], |row| value => {
            if schema.is_untagged::<S>() {
                value(at).serialize(serializer)
            } else {
                serializer.serialize_newtype_variant(name, tag, variant_name, &value(at))
            }
        })
    }
}
