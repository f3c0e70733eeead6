//! `Serialize` over nodes: encodes a row of a column exactly as the derived struct would be.
//!
//! The kind of a row is looked up once for each node: the place that finds a field, an element or an option's value to
//! be of some kind calls the serializer with a type of that kind ([`ListRow`], [`RecordRow`], the number itself), as
//! derived code calls it with the field's own type. A list looks its elements up once for all.
//!
//! The derived struct depends on the format in two points, absent fields and columns of mixed types: see
//! [`Style`].

use super::column::{Column, Number, is_present};
use super::encodable::{
    ArrayNode, Encodable, EnumNode, ListNode, MapNode, Node, OptionNode, RecordNode, SymbolNode, TupleNode,
};
use super::schema::Schema;
use super::style::{Compact, Style};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer};
use std::marker::PhantomData;
use std::ops::Range;

/// One row of a column, to be encoded for formats of a style. Who encodes more than one makes an [`Encodable`] once.
///
/// # Panics
///
/// `serialize` panics when the column has no such row.
#[derive(Clone, Debug)]
pub struct Row<'a, S = Compact> {
    encodable: Encodable<'a>,
    row: usize,
    style: PhantomData<S>,
}

impl<'a, S: Style> Row<'a, S> {
    /// Row `row` of a column made for `schema`.
    ///
    /// # Panics
    ///
    /// When the column was not made for the schema.
    pub fn new(schema: &'a Schema, column: &'a Column, row: usize) -> Self {
        Row { encodable: Encodable::new(schema, column), row, style: PhantomData }
    }
}

impl<S: Style> Serialize for Row<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        self.encodable.row::<S>(self.row).serialize(serializer)
    }
}

impl Encodable<'_> {
    /// Row `row`, to be encoded for formats of style `S`; encoding panics when there is no such row.
    #[inline]
    pub fn row<S: Style>(&self, row: usize) -> NodeRow<'_, S> {
        NodeRow { node: self.root(), row, style: PhantomData }
    }
}

/// One row of a node, to be encoded for formats of a style.
#[derive(Clone, Copy, Debug)]
pub struct NodeRow<'a, S = Compact> {
    node: &'a Node<'a>,
    row: usize,
    style: PhantomData<S>,
}

/// Evaluates `$body` with `$make` standing for a closure from a row to its value, once for the node's kind: `$value` is
/// bound to an expression of the row's own type for each `$row` that `$body` asks for.
macro_rules! by_kind {
    ($style:ty, $node:expr, $make:ident => $body:expr) => {
        match $node {
            Node::Bool(values) => by_kind!(@ |row| &values[row], $make, $body),
            Node::I8(values) => by_kind!(@ |row| &values[row], $make, $body),
            Node::I16(values) => by_kind!(@ |row| &values[row], $make, $body),
            Node::I32(values) => by_kind!(@ |row| &values[row], $make, $body),
            Node::I64(values) => by_kind!(@ |row| &values[row], $make, $body),
            Node::U8(values) => by_kind!(@ |row| &values[row], $make, $body),
            Node::U16(values) => by_kind!(@ |row| &values[row], $make, $body),
            Node::U32(values) => by_kind!(@ |row| &values[row], $make, $body),
            Node::U64(values) => by_kind!(@ |row| &values[row], $make, $body),
            Node::F32(values) => by_kind!(@ |row| &values[row], $make, $body),
            Node::F64(values) => by_kind!(@ |row| &values[row], $make, $body),
            Node::String(values) => by_kind!(@ |row| &values[row], $make, $body),
            Node::BoolLists(lists) => by_kind!(@ |row| lists.get(row), $make, $body),
            Node::I8Lists(lists) => by_kind!(@ |row| lists.get(row), $make, $body),
            Node::I16Lists(lists) => by_kind!(@ |row| lists.get(row), $make, $body),
            Node::I32Lists(lists) => by_kind!(@ |row| lists.get(row), $make, $body),
            Node::I64Lists(lists) => by_kind!(@ |row| lists.get(row), $make, $body),
            Node::U8Lists(lists) => by_kind!(@ |row| lists.get(row), $make, $body),
            Node::U16Lists(lists) => by_kind!(@ |row| lists.get(row), $make, $body),
            Node::U32Lists(lists) => by_kind!(@ |row| lists.get(row), $make, $body),
            Node::U64Lists(lists) => by_kind!(@ |row| lists.get(row), $make, $body),
            Node::F32Lists(lists) => by_kind!(@ |row| lists.get(row), $make, $body),
            Node::F64Lists(lists) => by_kind!(@ |row| lists.get(row), $make, $body),
            Node::StringLists(lists) => by_kind!(@ |row| lists.get(row), $make, $body),
            Node::BoolOptions(options) => by_kind!(@ |row| options.get(row), $make, $body),
            Node::I8Options(options) => by_kind!(@ |row| options.get(row), $make, $body),
            Node::I16Options(options) => by_kind!(@ |row| options.get(row), $make, $body),
            Node::I32Options(options) => by_kind!(@ |row| options.get(row), $make, $body),
            Node::I64Options(options) => by_kind!(@ |row| options.get(row), $make, $body),
            Node::U8Options(options) => by_kind!(@ |row| options.get(row), $make, $body),
            Node::U16Options(options) => by_kind!(@ |row| options.get(row), $make, $body),
            Node::U32Options(options) => by_kind!(@ |row| options.get(row), $make, $body),
            Node::U64Options(options) => by_kind!(@ |row| options.get(row), $make, $body),
            Node::F32Options(options) => by_kind!(@ |row| options.get(row), $make, $body),
            Node::F64Options(options) => by_kind!(@ |row| options.get(row), $make, $body),
            Node::StringOptions(options) => by_kind!(@ |row| options.get(row), $make, $body),
            Node::Unit => by_kind!(@ |_| &(), $make, $body),
            Node::Bytes(values) => by_kind!(@ |row| serde_bytes::Bytes::new(&values[row]), $make, $body),
            Node::Number(values) => by_kind!(@ |row| NumberRow::<$style>(values[row], PhantomData), $make, $body),
            Node::Symbol(node) => by_kind!(@ |row| SymbolRow(node, row), $make, $body),
            Node::Record(node) => by_kind!(@ |row| RecordRow::<$style>(node, row, PhantomData), $make, $body),
            Node::List(node) => by_kind!(@ |row| ListRow::<$style>(node, row, PhantomData), $make, $body),
            Node::Array(node) => by_kind!(@ |row| ArrayRow::<$style>(node, row, PhantomData), $make, $body),
            Node::Tuple(node) => by_kind!(@ |row| TupleRow::<$style>(node, row, PhantomData), $make, $body),
            Node::Option(node) => by_kind!(@ |row| OptionRow::<$style>(node, row, PhantomData), $make, $body),
            Node::Map(node) => by_kind!(@ |row| MapRow::<$style>(node, row, PhantomData), $make, $body),
            Node::Enum(node) => by_kind!(@ |row| EnumRow::<$style>(node, row, PhantomData), $make, $body),
        }
    };
    (@ |$row:pat_param| $value:expr, $make:ident, $body:expr) => {{
        let $make = |$row: usize| $value;
        $body
    }};
}

/// Encodes rows. Not a loop inside of [`by_kind`], which would have variables of its own for each kind in one frame of code
/// that is not optimized, where deep documents would overflow the stack.
#[inline(always)]
fn each<E>(mut rows: Range<usize>, encode: impl FnMut(usize) -> Result<(), E>) -> Result<(), E> {
    rows.try_for_each(encode)
}

impl<S: Style> Serialize for NodeRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        by_kind!(S, self.node, value => value(self.row).serialize(serializer))
    }
}

/// A struct.
struct RecordRow<'a, S>(&'a RecordNode<'a>, usize, PhantomData<S>);

impl<S: Style> Serialize for RecordRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let RecordRow(record, row, style) = *self;
        let mut count = record.fields.len();
        if S::NAMED {
            count -= record.absences.iter().filter(|absence| absence.holds(row)).count();
            if record.flattened {
                return flattened(record, row, style, count, serializer);
            }
        }
        let mut state = serializer.serialize_struct(record.name, count)?;
        for field in &record.fields {
            if S::NAMED && field.absence.is_some_and(|absence| absence.holds(row)) {
                state.skip_field(field.name)?;
                continue;
            }
            by_kind!(S, &field.node, value => state.serialize_field(field.name, &value(row))?);
        }
        state.end()
    }
}

/// A struct of which `count` fields are there, the last of them a map whose entries stand beside the others.
fn flattened<S: Style, Z: Serializer>(
    record: &RecordNode<'_>,
    row: usize,
    style: PhantomData<S>,
    count: usize,
    serializer: Z,
) -> Result<Z::Ok, Z::Error> {
    let Some((last, fields)) = record.fields.split_last() else { unreachable!("one field is the map") };
    let Node::Map(map) = &last.node else { unreachable!("the column was made for the schema") };
    let span = Column::span(map.ends, row);
    let mut state = serializer.serialize_map(Some(count - 1 + span.len()))?;
    for field in fields {
        if !field.absence.is_some_and(|absence| absence.holds(row)) {
            state.serialize_entry(field.name, &NodeRow { node: &field.node, row, style })?;
        }
    }
    for row in span {
        let [key, value] = [&map.keys, &map.values].map(|node| NodeRow { node, row, style });
        state.serialize_entry(&key, &value)?;
    }
    state.end()
}

/// A list of anything but numbers and strings, which are slices.
struct ListRow<'a, S>(&'a ListNode<'a>, usize, PhantomData<S>);

impl<S: Style> Serialize for ListRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let ListRow(list, row, _) = *self;
        let span = Column::span(list.ends, row);
        // Positions as the arrays that they are in derived structs: a length that the compiler knows is worth a factor
        // of three in the fastest formats.
        if let Node::Array(array) = &list.items
            && let Node::F64(values) = &array.items
            && !S::TELLS_TUPLES
        {
            match array.length {
                2 => return values.as_chunks::<2>().0[span].serialize(serializer),
                3 => return values.as_chunks::<3>().0[span].serialize(serializer),
                4 => return values.as_chunks::<4>().0[span].serialize(serializer),
                _ => {}
            }
        }
        let mut state = serializer.serialize_seq(Some(span.len()))?;
        by_kind!(S, &list.items, value => each(span, |row| state.serialize_element(&value(row)))?);
        state.end()
    }
}

/// An array.
struct ArrayRow<'a, S>(&'a ArrayNode<'a>, usize, PhantomData<S>);

impl<S: Style> Serialize for ArrayRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let ArrayRow(ArrayNode { length, is_tuple, items }, row, style) = *self;
        let span = row * length..(row + 1) * length;
        if S::TELLS_TUPLES && !is_tuple {
            return serializer.collect_seq(span.map(|row| NodeRow { node: items, row, style }));
        }
        let mut state = serializer.serialize_tuple(*length)?;
        by_kind!(S, items, value => each(span, |row| state.serialize_element(&value(row)))?);
        state.end()
    }
}

/// A tuple.
struct TupleRow<'a, S>(&'a TupleNode<'a>, usize, PhantomData<S>);

impl<S: Style> Serialize for TupleRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let TupleRow(TupleNode { is_tuple, places }, row, style) = *self;
        if S::TELLS_TUPLES && !is_tuple {
            return serializer.collect_seq(places.iter().map(|node| NodeRow { node, row, style }));
        }
        let mut state = serializer.serialize_tuple(places.len())?;
        for node in places {
            by_kind!(S, node, value => state.serialize_element(&value(row))?);
        }
        state.end()
    }
}

/// A number that is an integer or a float.
struct NumberRow<S>(Number, PhantomData<S>);

impl<S: Style> Serialize for NumberRow<S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        match self.0 {
            Number::Int(value) if S::SELF_DESCRIBING => serializer.serialize_i64(value),
            number => serializer.serialize_f64(number.to_f64()),
        }
    }
}

/// A string that is one of a few.
struct SymbolRow<'a>(&'a SymbolNode<'a>, usize);

impl Serialize for SymbolRow<'_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let SymbolRow(SymbolNode { schema, indices }, row) = *self;
        let index = indices[row];
        serializer.serialize_unit_variant(schema.name.as_static(), index, schema.values[index as usize])
    }
}

/// A value that may be missing; numbers and strings are options of references.
struct OptionRow<'a, S>(&'a OptionNode<'a>, usize, PhantomData<S>);

impl<S: Style> Serialize for OptionRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let OptionRow(OptionNode { index, values }, row, _) = *self;
        let at = index[row];
        if !is_present(at) {
            return serializer.serialize_none();
        }
        by_kind!(S, values, value => serializer.serialize_some(&value(at as usize)))
    }
}

/// A map.
struct MapRow<'a, S>(&'a MapNode<'a>, usize, PhantomData<S>);

impl<S: Style> Serialize for MapRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let MapRow(MapNode { ends, keys, values }, row, style) = *self;
        let span = Column::span(ends, row);
        let mut state = serializer.serialize_map(Some(span.len()))?;
        if let Node::String(keys) = keys {
            by_kind!(S, values, value => each(span, |row| state.serialize_entry(&keys[row], &value(row)))?);
        } else {
            for row in span {
                let [key, value] = [keys, values].map(|node| NodeRow::<S> { node, row, style });
                state.serialize_entry(&key, &value)?;
            }
        }
        state.end()
    }
}

/// One of several types.
struct EnumRow<'a, S>(&'a EnumNode<'a>, usize, PhantomData<S>);

impl<S: Style> Serialize for EnumRow<'_, S> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let EnumRow(EnumNode { schema, tags, index, variants }, row, _) = *self;
        let (tag, at) = (tags[row], index[row] as usize);
        let name = schema.variants[tag as usize].name.as_static();
        by_kind!(S, &variants[tag as usize], value => {
            if schema.is_untagged::<S>() {
                value(at).serialize(serializer)
            } else {
                serializer.serialize_newtype_variant(schema.name.as_static(), tag, name, &value(at))
            }
        })
    }
}
