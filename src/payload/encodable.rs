//! A column and its schema as one tree, for the walk of encoding.
//!
//! Encoding looks at a node for every field of every row. Schema and column side by side would be two lookups in two large
//! enums each time; a node is small, says the kind of both, and has the values at hand. Lists and options of numbers and
//! strings are kinds of their own, so that one lookup finds their elements.

use super::column::{ABSENT, Column, NULL, Number, is_present};
use super::schema::{EnumSchema, Presence, Schema, SymbolSchema};

/// A column made ready to be encoded, which is done once for any number of encodings. It borrows all values.
#[derive(Clone, Debug)]
pub struct Encodable<'a> {
    root: Node<'a>,
    rows: usize,
}

impl<'a> Encodable<'a> {
    /// All rows of a column.
    ///
    /// # Panics
    ///
    /// When the column was not made for the schema.
    pub fn new(schema: &'a Schema, column: &'a Column) -> Self {
        Encodable { root: Node::new(schema, column), rows: column.len() }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The node of the rows.
    pub(crate) fn root(&self) -> &Node<'a> {
        &self.root
    }
}

/// Lists of numbers or strings: row `i` is the elements from `ends[i - 1]` to `ends[i]`.
#[derive(Clone, Debug)]
pub(crate) struct Lists<'a, T> {
    ends: &'a [usize],
    items: &'a [T],
}

impl<'a, T> Lists<'a, T> {
    /// A row.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> &'a [T] {
        &self.items[Column::span(self.ends, row)]
    }
}

/// Numbers or strings that may be missing.
#[derive(Clone, Debug)]
pub(crate) struct Options<'a, T> {
    index: &'a [u32],
    values: &'a [T],
}

impl<'a, T> Options<'a, T> {
    /// A row.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> Option<&'a T> {
        let at = self.index[row];
        is_present(at).then(|| &self.values[at as usize])
    }
}

/// Defines [`Node`], whose kinds of numbers and strings come three times each.
macro_rules! nodes {
    ($($kind:ident, $lists:ident, $options:ident: $type:ty;)*) => {
        /// The rows of a column of one kind.
        #[derive(Clone, Debug)]
        pub(crate) enum Node<'a> {
            $($kind(&'a [$type]),
            $lists(Box<Lists<'a, $type>>),
            $options(Box<Options<'a, $type>>),)*
            Unit,
            Bytes(&'a [Vec<u8>]),
            Number(&'a [Number]),
            Symbol(Box<SymbolNode<'a>>),
            Record(Box<RecordNode<'a>>),
            List(Box<ListNode<'a>>),
            Array(Box<ArrayNode<'a>>),
            Tuple(Box<TupleNode<'a>>),
            Option(Box<OptionNode<'a>>),
            Map(Box<MapNode<'a>>),
            Enum(Box<EnumNode<'a>>),
        }

        impl<'a> Node<'a> {
            fn new(schema: &'a Schema, column: &'a Column) -> Self {
                match (schema, column) {
                    $((_, Column::$kind(values)) => Node::$kind(values),)*
                    (_, Column::List { ends, items }) => match &**items {
                        $(Column::$kind(items) => Node::$lists(Box::new(Lists { ends, items })),)*
                        _ => Node::composed(schema, column),
                    },
                    (_, Column::Option { index, values }) => match &**values {
                        $(Column::$kind(values) => Node::$options(Box::new(Options { index, values })),)*
                        _ => Node::composed(schema, column),
                    },
                    _ => Node::composed(schema, column),
                }
            }
        }
    };
}

nodes! {
    Bool, BoolLists, BoolOptions: bool;
    I8, I8Lists, I8Options: i8;
    I16, I16Lists, I16Options: i16;
    I32, I32Lists, I32Options: i32;
    I64, I64Lists, I64Options: i64;
    U8, U8Lists, U8Options: u8;
    U16, U16Lists, U16Options: u16;
    U32, U32Lists, U32Options: u32;
    U64, U64Lists, U64Options: u64;
    F32, F32Lists, F32Options: f32;
    F64, F64Lists, F64Options: f64;
    String, StringLists, StringOptions: String;
}

impl<'a> Node<'a> {
    /// A root that is not a number, a string, or a list or option of them.
    fn composed(schema: &'a Schema, column: &'a Column) -> Self {
        match (schema, column) {
            (_, Column::Unit(_)) => Node::Unit,
            (_, Column::Bytes(values)) => Node::Bytes(values),
            (_, Column::Number(values)) => Node::Number(values),
            (Schema::Symbol(schema), Column::Symbol(indices)) => Node::Symbol(Box::new(SymbolNode { schema, indices })),
            (Schema::Record(record), Column::Record { fields, .. }) => {
                let flattened = record.flattened().is_some();
                let fields: Vec<_> = record
                    .fields
                    .iter()
                    .zip(fields)
                    .map(|(field, column)| FieldNode {
                        name: field.name.as_static(),
                        node: Node::new(&field.schema, column),
                        absence: Absence::of(field.presence, column),
                    })
                    .collect();
                let absences = fields.iter().filter_map(|field| field.absence).collect();
                Node::Record(Box::new(RecordNode { name: record.name.as_static(), fields, absences, flattened }))
            }
            (Schema::List(element), Column::List { ends, items }) => {
                Node::List(Box::new(ListNode { ends, items: Node::new(element, items) }))
            }
            (Schema::Array(array), Column::Array { length, items }) => Node::Array(Box::new(ArrayNode {
                length: *length,
                is_tuple: array.is_tuple,
                items: Node::new(&array.element, items),
            })),
            (Schema::Tuple(schema), Column::Tuple { places, .. }) => {
                let places = schema.iter().zip(places).map(|(schema, column)| Node::new(schema, column)).collect();
                Node::Tuple(Box::new(TupleNode { is_tuple: schema.is_tuple, places }))
            }
            (Schema::Option(inner), Column::Option { index, values }) => {
                Node::Option(Box::new(OptionNode { index, values: Node::new(inner, values) }))
            }
            (Schema::Map(map), Column::Map { ends, keys, values }) => Node::Map(Box::new(MapNode {
                ends,
                keys: Node::new(&map.key, keys),
                values: Node::new(&map.value, values),
            })),
            (Schema::Enum(schema), Column::Enum { tags, index, variants }) => {
                let of = schema.variants.iter().zip(variants);
                let variants = of.map(|(variant, column)| Node::new(&variant.schema, column)).collect();
                Node::Enum(Box::new(EnumNode { schema, tags, index, variants }))
            }
            _ => unreachable!("the column was made for the schema"),
        }
    }
}

/// Strings that are one of a few.
#[derive(Clone, Debug)]
pub(crate) struct SymbolNode<'a> {
    pub schema: &'a SymbolSchema,
    pub indices: &'a [u32],
}

/// Structs.
#[derive(Clone, Debug)]
pub(crate) struct RecordNode<'a> {
    pub name: &'static str,
    pub fields: Vec<FieldNode<'a>>,
    /// Those of the fields.
    pub absences: Vec<Absence<'a>>,
    /// Whether the last field is a map whose entries stand beside the fields, where fields go by name.
    pub flattened: bool,
}

/// A field of structs.
#[derive(Clone, Debug)]
pub(crate) struct FieldNode<'a> {
    pub name: &'static str,
    pub node: Node<'a>,
    /// Of a field that may be left out.
    pub absence: Option<Absence<'a>>,
}

/// Which records leave a field out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Absence<'a> {
    index: &'a [u32],
    /// The records whose index is at least this leave it out.
    least: u32,
}

impl<'a> Absence<'a> {
    fn of(presence: Presence, column: &'a Column) -> Option<Self> {
        let least = match presence {
            // Wherever the value came from, there is only one way to write that it is not there.
            Presence::Optional => NULL,
            Presence::OptionalOrNull => ABSENT,
            Presence::Required | Presence::Flattened => return None,
        };
        match column {
            Column::Option { index, .. } => Some(Absence { index, least }),
            _ => None,
        }
    }

    /// Whether the record of that row does.
    #[inline]
    pub(crate) fn holds(&self, row: usize) -> bool {
        self.index[row] >= self.least
    }
}

/// Lists of anything else.
#[derive(Clone, Debug)]
pub(crate) struct ListNode<'a> {
    pub ends: &'a [usize],
    pub items: Node<'a>,
}

/// Arrays.
#[derive(Clone, Debug)]
pub(crate) struct ArrayNode<'a> {
    pub length: usize,
    pub is_tuple: bool,
    pub items: Node<'a>,
}

/// Tuples.
#[derive(Clone, Debug)]
pub(crate) struct TupleNode<'a> {
    pub is_tuple: bool,
    pub places: Vec<Node<'a>>,
}

/// Anything else that may be missing.
#[derive(Clone, Debug)]
pub(crate) struct OptionNode<'a> {
    pub index: &'a [u32],
    pub values: Node<'a>,
}

/// Maps.
#[derive(Clone, Debug)]
pub(crate) struct MapNode<'a> {
    pub ends: &'a [usize],
    pub keys: Node<'a>,
    pub values: Node<'a>,
}

/// Values of several types.
#[derive(Clone, Debug)]
pub(crate) struct EnumNode<'a> {
    pub schema: &'a EnumSchema,
    pub tags: &'a [u32],
    pub index: &'a [u32],
    pub variants: Vec<Node<'a>>,
}

/// Calls `$body` with `$lists` bound to the lists of any node whose rows are lists of numbers or strings; `$rest` for the
/// other nodes.
macro_rules! with_lists {
    ($node:expr, $lists:ident => $body:expr, _ => $rest:expr) => {
        match $node {
            $crate::payload::encodable::Node::BoolLists($lists) => $body,
            $crate::payload::encodable::Node::I8Lists($lists) => $body,
            $crate::payload::encodable::Node::I16Lists($lists) => $body,
            $crate::payload::encodable::Node::I32Lists($lists) => $body,
            $crate::payload::encodable::Node::I64Lists($lists) => $body,
            $crate::payload::encodable::Node::U8Lists($lists) => $body,
            $crate::payload::encodable::Node::U16Lists($lists) => $body,
            $crate::payload::encodable::Node::U32Lists($lists) => $body,
            $crate::payload::encodable::Node::U64Lists($lists) => $body,
            $crate::payload::encodable::Node::F32Lists($lists) => $body,
            $crate::payload::encodable::Node::F64Lists($lists) => $body,
            $crate::payload::encodable::Node::StringLists($lists) => $body,
            _ => $rest,
        }
    };
}
pub(crate) use with_lists;
