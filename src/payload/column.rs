//! Values as columns: what a payload of a given [`Schema`] is held in.
//!
//! A [`Column`] holds any number of values (rows) of one schema, each field of a record in a vector of its own, so
//! that ten million integers are a `Vec<i64>`. The payload itself is a column of one row. Lists keep their elements
//! flattened with the end of each list beside; strings stay `String`s, so that decoding pays for the same
//! allocations as a derived struct does.
//!
//! A column does not carry its schema: the two are walked together.

pub(crate) mod owned;

use self::owned::{Blocks, SortedMaps, Vectors};
use super::schema::Schema;
use serde::{Deserialize, Serialize};

/// The index in [`Column::Option`] of a value that is not there at all.
pub const ABSENT: u32 = u32::MAX;

/// The index in [`Column::Option`] of a value that is null. It differs from [`ABSENT`] only in records whose field may be
/// either, and only where fields go by name; elsewhere the two are one, and are compared as one.
pub const NULL: u32 = u32::MAX - 1;

/// Whether an index in [`Column::Option`] stands for a value.
pub fn is_present(index: u32) -> bool {
    index < NULL
}

/// A number of a column that mixes integers and floats: equal to the same number of the other kind.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Number {
    /// Written as an integer. It is exact as an `f64`.
    Int(i64),
    /// Written as a float.
    Float(f64),
}

impl Number {
    /// The number as formats have it that know only the type.
    pub fn to_f64(self) -> f64 {
        match self {
            Number::Int(value) => value as f64,
            Number::Float(value) => value,
        }
    }
}

/// Rows of one type. Its serde form is for another process of the same program: what is only decoded into has none.
// With a tag of its own and not one hidden in a vector's capacity: encoding looks at it for every field of every row.
#[repr(u8)]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Column {
    /// That many units.
    Unit(usize),
    /// `bool`s
    Bool(Vec<bool>),
    /// `i8`s
    I8(Vec<i8>),
    /// `i16`s
    I16(Vec<i16>),
    /// `i32`s
    I32(Vec<i32>),
    /// `i64`s
    I64(Vec<i64>),
    /// `u8`s
    U8(Vec<u8>),
    /// `u16`s
    U16(Vec<u16>),
    /// `u32`s
    U32(Vec<u32>),
    /// `u64`s
    U64(Vec<u64>),
    /// `f32`s
    F32(Vec<f32>),
    /// `f64`s
    F64(Vec<f64>),
    /// Integers and floats.
    Number(Vec<Number>),
    /// For each row the index of its string in the schema.
    Symbol(Vec<u32>),
    /// Strings.
    String(Vec<String>),
    /// Byte strings.
    Bytes(Vec<Vec<u8>>),
    /// For each row its index among the values that are present, or [`ABSENT`] or [`NULL`].
    Option {
        /// One per row.
        index: Vec<u32>,
        /// The values that are present.
        values: Box<Column>,
    },
    /// Row `i` is the elements from `ends[i - 1]` (0 for the first) to `ends[i]`.
    List {
        /// One per row.
        ends: Vec<usize>,
        /// The elements of all rows, one after the other.
        items: Box<Column>,
    },
    /// Row `i` is the elements from `i * length` on.
    Array {
        /// The number of elements of a row; at least one.
        length: usize,
        /// The elements of all rows, one after the other.
        items: Box<Column>,
    },
    /// One column per place.
    Tuple {
        /// The rows: a tuple without places has rows too.
        rows: usize,
        /// In the order of the schema's places.
        places: Vec<Column>,
    },
    /// As `List`, with keys beside values.
    Map {
        /// One per row.
        ends: Vec<usize>,
        /// The keys of all rows.
        keys: Box<Column>,
        /// The values of all rows.
        values: Box<Column>,
    },
    /// One column per field.
    Record {
        /// The rows: a record without fields has rows too.
        rows: usize,
        /// In the order of the schema's fields.
        fields: Vec<Column>,
    },
    /// For each row its variant and its index among that variant's values.
    Enum {
        /// The variant of each row.
        tags: Vec<u32>,
        /// The row's index in the variant's column.
        index: Vec<u32>,
        /// In the order of the schema's variants.
        variants: Vec<Column>,
    },
    /// As `List`, with a vector for each row. This and what follows is decoded into, and nothing else: see
    /// [`Column::to_decode`].
    #[serde(skip)]
    Vectors(Vectors),
    /// As `List`, with the block beside that each row would lie in.
    #[serde(skip)]
    Blocks {
        /// One per row.
        ends: Vec<usize>,
        /// The elements of all rows, one after the other.
        items: Box<Column>,
        /// One per row.
        blocks: Blocks,
    },
    /// As `Map`, with a sorted map for each row.
    #[serde(skip)]
    SortedMaps {
        /// The rows' keys.
        maps: SortedMaps,
        /// The values of all rows.
        values: Box<Column>,
    },
}

/// Calls `$body` with `$vector` bound to the vector of any column that holds plain numbers or booleans; `$other` for
/// the rest.
macro_rules! with_scalars {
    ($column:expr, $vector:ident => $body:expr, $other:pat => $rest:expr) => {
        match $column {
            $crate::payload::column::Column::Bool($vector) => $body,
            $crate::payload::column::Column::I8($vector) => $body,
            $crate::payload::column::Column::I16($vector) => $body,
            $crate::payload::column::Column::I32($vector) => $body,
            $crate::payload::column::Column::I64($vector) => $body,
            $crate::payload::column::Column::U8($vector) => $body,
            $crate::payload::column::Column::U16($vector) => $body,
            $crate::payload::column::Column::U32($vector) => $body,
            $crate::payload::column::Column::U64($vector) => $body,
            $crate::payload::column::Column::F32($vector) => $body,
            $crate::payload::column::Column::F64($vector) => $body,
            $other => $rest,
        }
    };
}
pub(crate) use with_scalars;

impl Column {
    /// An empty column for values of `schema`.
    pub fn new(schema: &Schema) -> Column {
        Column::with_capacity(schema, 0)
    }

    /// An empty column with room for `rows` values of `schema`.
    ///
    /// The room is for what a struct would hold in place: the elements of lists and maps have none reserved, since
    /// a `Vec` of a derived struct starts empty too.
    pub fn with_capacity(schema: &Schema, rows: usize) -> Column {
        match schema {
            Schema::Unit => Column::Unit(0),
            Schema::Bool => Column::Bool(Vec::with_capacity(rows)),
            Schema::I8 => Column::I8(Vec::with_capacity(rows)),
            Schema::I16 => Column::I16(Vec::with_capacity(rows)),
            Schema::I32 => Column::I32(Vec::with_capacity(rows)),
            Schema::I64 => Column::I64(Vec::with_capacity(rows)),
            Schema::U8 => Column::U8(Vec::with_capacity(rows)),
            Schema::U16 => Column::U16(Vec::with_capacity(rows)),
            Schema::U32 => Column::U32(Vec::with_capacity(rows)),
            Schema::U64 => Column::U64(Vec::with_capacity(rows)),
            Schema::F32 => Column::F32(Vec::with_capacity(rows)),
            Schema::F64 => Column::F64(Vec::with_capacity(rows)),
            Schema::Number => Column::Number(Vec::with_capacity(rows)),
            Schema::Symbol(_) => Column::Symbol(Vec::with_capacity(rows)),
            Schema::String => Column::String(Vec::with_capacity(rows)),
            Schema::Bytes => Column::Bytes(Vec::with_capacity(rows)),
            Schema::Option(inner) => {
                Column::Option { index: Vec::with_capacity(rows), values: Box::new(Column::with_capacity(inner, rows)) }
            }
            Schema::List(element) => {
                Column::List { ends: Vec::with_capacity(rows), items: Box::new(Column::new(element)) }
            }
            Schema::Array(array) => Column::Array {
                length: array.length,
                items: Box::new(Column::with_capacity(&array.element, rows * array.length)),
            },
            Schema::Tuple(places) => Column::Tuple {
                rows: 0,
                places: places.iter().map(|place| Column::with_capacity(place, rows)).collect(),
            },
            Schema::Map(map) => Column::Map {
                ends: Vec::with_capacity(rows),
                keys: Box::new(Column::new(&map.key)),
                values: Box::new(Column::new(&map.value)),
            },
            Schema::Record(record) => Column::Record {
                rows: 0,
                fields: record.fields.iter().map(|field| Column::with_capacity(&field.schema, rows)).collect(),
            },
            Schema::Enum(choice) => Column::Enum {
                tags: Vec::with_capacity(rows),
                index: Vec::with_capacity(rows),
                variants: choice.variants.iter().map(|variant| Column::with_capacity(&variant.schema, rows)).collect(),
            },
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        with_scalars!(self, vector => vector.len(), other => match other {
            Column::Unit(rows) | Column::Record { rows, .. } | Column::Tuple { rows, .. } => *rows,
            Column::Number(values) => values.len(),
            Column::Symbol(values) => values.len(),
            Column::Array { length, items } => items.len() / length,
            Column::String(strings) => strings.len(),
            Column::Bytes(strings) => strings.len(),
            Column::Option { index, .. } => index.len(),
            Column::List { ends, .. } | Column::Map { ends, .. } | Column::Blocks { ends, .. } => ends.len(),
            Column::Vectors(vectors) => vectors.len(),
            Column::SortedMaps { maps, .. } => maps.ends.len(),
            Column::Enum { tags, .. } => tags.len(),
            _ => unreachable!("with_scalars takes the rest"),
        })
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of memory that the column's values take (lengths, not capacities, and without the allocator's own).
    pub fn memory_bytes(&self) -> u64 {
        use std::mem::{size_of, size_of_val};
        let bytes = with_scalars!(self, vector => size_of_val(vector.as_slice()), other => match other {
            Column::Unit(_) => 0,
            Column::Number(values) => size_of_val(values.as_slice()),
            Column::Symbol(values) => size_of_val(values.as_slice()),
            Column::Array { items, .. } => return items.memory_bytes(),
            Column::Tuple { places, .. } => return places.iter().map(Column::memory_bytes).sum(),
            Column::String(strings) => {
                strings.len() * size_of::<String>() + strings.iter().map(String::len).sum::<usize>()
            }
            Column::Bytes(strings) => {
                strings.len() * size_of::<Vec<u8>>() + strings.iter().map(Vec::len).sum::<usize>()
            }
            Column::Option { index, values } => {
                return size_of_val(index.as_slice()) as u64 + values.memory_bytes();
            }
            Column::Vectors(vectors) => vectors.memory_bytes(),
            Column::SortedMaps { maps, values } => {
                let keys = maps.maps.iter().flatten().map(|(key, _)| size_of_val(key) + key.len());
                return keys.sum::<usize>() as u64 + values.memory_bytes();
            }
            Column::List { ends, items } | Column::Blocks { ends, items, .. } => {
                return size_of_val(ends.as_slice()) as u64 + items.memory_bytes();
            }
            Column::Map { ends, keys, values } => {
                return size_of_val(ends.as_slice()) as u64 + keys.memory_bytes() + values.memory_bytes();
            }
            Column::Record { fields, .. } => return fields.iter().map(Column::memory_bytes).sum(),
            Column::Enum { tags, index, variants } => {
                return (size_of_val(tags.as_slice()) + size_of_val(index.as_slice())) as u64
                    + variants.iter().map(Column::memory_bytes).sum::<u64>();
            }
            _ => unreachable!("with_scalars takes the rest"),
        });
        bytes as u64
    }

    /// The first and the past-the-end element of row `row` in a list's or map's `ends`.
    pub fn span(ends: &[usize], row: usize) -> std::ops::Range<usize> {
        let start = if row == 0 { 0 } else { ends[row - 1] };
        start..ends[row]
    }
}
