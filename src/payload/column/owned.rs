//! Lists and maps as a program has them, for what a codec decodes into while the clock runs.
//!
//! A column holds the elements of all its lists in one vector, which is the best form to compare and to encode, but not
//! what the structs of a program have: there each list and each map has memory of its own, and asking for it is a good
//! part of decoding many short ones. What a decoder fills ([`Column::to_decode`]) therefore differs from other columns
//! in these points; [`Column::settled`] makes an ordinary column of it when the time is taken.
//!
//! - A list of numbers, booleans, strings or positions is the `Vec` that derived code makes ([`Vectors`]).
//! - Any other list goes into the columns of its elements, which take what derived structs take; beside them it allocates,
//!   by the same steps as a `Vec` of the structs, the block that these would lie in ([`Blocks`]). Nothing is written there.
//! - A map with strings for keys is a `BTreeMap` of the places of its values.

use super::Column;
use crate::payload::schema::Schema;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// The bytes that a merely announced length may reserve, as in serde's own visitor of `Vec`.
pub(in crate::payload) const MOST_RESERVED_BYTES: usize = 1 << 20;

/// The number of elements of `size` bytes that derived code makes room for when a format announces `hint` of them.
fn cautious(hint: Option<usize>, size: usize) -> usize {
    hint.unwrap_or(0).min(MOST_RESERVED_BYTES / size.max(1))
}

/// Defines [`Vectors`] and what does the same for each kind.
macro_rules! vectors {
    ($($kind:ident: $type:ty,)*) => {
        /// Lists whose elements are to serde what they are in a `Vec`, each in a vector of its own.
        #[derive(Clone, Debug)]
        #[allow(missing_docs, reason = "each is a list of the type of its name")]
        pub enum Vectors {
            $($kind(Vec<Vec<$type>>),)*
            /// Lists of arrays of doubles, one after the other.
            Positions {
                /// The number of doubles of an array.
                length: usize,
                /// The doubles of each list.
                rows: Vec<Vec<f64>>,
            },
        }

        impl Vectors {
            /// No lists of `element`, with room for `rows`; `None` where the elements are of another kind.
            fn with_capacity(element: &Schema, rows: usize) -> Option<Self> {
                Some(match element {
                    $(Schema::$kind => Vectors::$kind(Vec::with_capacity(rows)),)*
                    Schema::Array(array) if array.element == Schema::F64 => {
                        Vectors::Positions { length: array.length, rows: Vec::with_capacity(rows) }
                    }
                    _ => return None,
                })
            }

            /// The number of lists.
            pub(in crate::payload) fn len(&self) -> usize {
                match self {
                    $(Vectors::$kind(rows) => rows.len(),)*
                    Vectors::Positions { rows, .. } => rows.len(),
                }
            }

            fn reserve(&mut self, more: usize) {
                match self {
                    $(Vectors::$kind(rows) => rows.reserve(more),)*
                    Vectors::Positions { rows, .. } => rows.reserve(more),
                }
            }

            pub(in crate::payload) fn memory_bytes(&self) -> usize {
                fn of<T>(rows: &[Vec<T>]) -> usize {
                    size_of_val(rows) + rows.iter().map(|row| size_of_val(row.as_slice())).sum::<usize>()
                }
                match self {
                    Vectors::String(rows) => {
                        of(rows) + rows.iter().flatten().map(String::len).sum::<usize>()
                    }
                    $(#[allow(unreachable_patterns, reason = "strings are above")]
                    Vectors::$kind(rows) => of(rows),)*
                    Vectors::Positions { rows, .. } => of(rows),
                }
            }

            /// Decodes one list.
            #[inline]
            pub(in crate::payload) fn decode<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
                match self {
                    $(Vectors::$kind(rows) => rows.push(Vec::deserialize(deserializer)?),)*
                    // As derived code does it: one by one, a push for each double costs twice as much in bincode.
                    Vectors::Positions { length: 2, rows } => {
                        rows.push(Vec::<[f64; 2]>::deserialize(deserializer)?.into_flattened());
                    }
                    Vectors::Positions { length: 3, rows } => {
                        rows.push(Vec::<[f64; 3]>::deserialize(deserializer)?.into_flattened());
                    }
                    Vectors::Positions { length: 4, rows } => {
                        rows.push(Vec::<[f64; 4]>::deserialize(deserializer)?.into_flattened());
                    }
                    Vectors::Positions { length, rows } => {
                        rows.push(deserializer.deserialize_seq(PositionsVisitor { length: *length })?);
                    }
                }
                Ok(())
            }

            /// The lists as an ordinary column. A single one is moved there.
            fn flattened(self) -> Column {
                match self {
                    $(Vectors::$kind(rows) => {
                        let (ends, items) = flattened(rows);
                        Column::List { ends, items: Box::new(Column::$kind(items)) }
                    })*
                    Vectors::Positions { length, rows } => {
                        let (mut ends, items) = flattened(rows);
                        ends.iter_mut().for_each(|end| *end /= length);
                        Column::List { ends, items: Box::new(Column::Array { length, items: Box::new(Column::F64(items)) }) }
                    }
                }
            }
        }
    };
}

vectors! {
    Bool: bool,
    I8: i8,
    I16: i16,
    I32: i32,
    I64: i64,
    U8: u8,
    U16: u16,
    U32: u32,
    U64: u64,
    F32: f32,
    F64: f64,
    String: String,
}

/// Calls `$body` with `$rows` bound to the lists of any kind that is decoded as a `Vec` is; `$other` for the rest.
macro_rules! with_vectors {
    ($vectors:expr, $rows:ident => $body:expr, $other:pat => $rest:expr) => {
        match $vectors {
            $crate::payload::column::owned::Vectors::Bool($rows) => $body,
            $crate::payload::column::owned::Vectors::I8($rows) => $body,
            $crate::payload::column::owned::Vectors::I16($rows) => $body,
            $crate::payload::column::owned::Vectors::I32($rows) => $body,
            $crate::payload::column::owned::Vectors::I64($rows) => $body,
            $crate::payload::column::owned::Vectors::U8($rows) => $body,
            $crate::payload::column::owned::Vectors::U16($rows) => $body,
            $crate::payload::column::owned::Vectors::U32($rows) => $body,
            $crate::payload::column::owned::Vectors::U64($rows) => $body,
            $crate::payload::column::owned::Vectors::F32($rows) => $body,
            $crate::payload::column::owned::Vectors::F64($rows) => $body,
            $crate::payload::column::owned::Vectors::String($rows) => $body,
            $other => $rest,
        }
    };
}
pub(crate) use with_vectors;

fn flattened<T>(rows: Vec<Vec<T>>) -> (Vec<usize>, Vec<T>) {
    let mut ends = Vec::with_capacity(rows.len());
    let mut all = Vec::new();
    for row in rows {
        if ends.is_empty() {
            all = row;
        } else {
            all.extend(row);
        }
        ends.push(all.len());
    }
    (ends, all)
}

/// Decodes a list of arrays of doubles.
struct PositionsVisitor {
    length: usize,
}

impl<'de> Visitor<'de> for PositionsVisitor {
    type Value = Vec<f64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<f64>, A::Error> {
        let length = self.length;
        let mut values = Vec::with_capacity(length * cautious(seq.size_hint(), length * size_of::<f64>()));
        while let Some(()) = seq.next_element_seed(PositionSeed { length, values: &mut values })? {}
        Ok(values)
    }
}

/// Decodes one array of doubles.
struct PositionSeed<'a> {
    length: usize,
    values: &'a mut Vec<f64>,
}

impl<'de> DeserializeSeed<'de> for PositionSeed<'_> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_tuple(self.length, self)
    }
}

impl<'de> Visitor<'de> for PositionSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of length {}", self.length)
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let PositionSeed { length, values } = self;
        if values.len() == values.capacity() {
            // By the steps of a `Vec` of arrays.
            values.reserve_exact(values.len().max(4 * length));
        }
        for at in 0..length {
            values.push(seq.next_element()?.ok_or_else(|| A::Error::invalid_length(at, &"more elements"))?);
        }
        Ok(())
    }
}

/// The blocks that the lists of a column would lie in if they were lists of structs.
#[derive(Clone, Debug)]
pub struct Blocks {
    /// The bytes that one element takes in place.
    size: usize,
    kept: Vec<Vec<u8>>,
}

impl Blocks {
    /// Room for a list of which `hint` elements are announced.
    #[inline]
    pub(in crate::payload) fn open(&self, hint: Option<usize>) -> Block {
        let room = cautious(hint, self.size);
        Block { size: self.size, room, length: 0, bytes: Vec::with_capacity(room * self.size) }
    }

    #[inline]
    pub(in crate::payload) fn close(&mut self, block: Block) {
        self.kept.push(block.bytes);
    }
}

/// The block of a list that is being decoded.
#[derive(Default)]
pub(in crate::payload) struct Block {
    size: usize,
    /// The elements that it has room for.
    room: usize,
    /// The elements so far.
    length: usize,
    /// Empty, with the block for its capacity.
    bytes: Vec<u8>,
}

impl Block {
    /// Makes room for one more element, by the steps of `Vec::push`.
    #[inline]
    pub(crate) fn push(&mut self) {
        if self.length == self.room {
            self.grow();
        }
        self.length += 1;
    }

    #[cold]
    fn grow(&mut self) {
        let least = if self.size <= 1024 { 4 } else { 1 };
        self.room = (2 * self.room).max(least);
        self.bytes.reserve_exact(self.room * self.size);
    }
}

/// Maps with strings for keys.
#[derive(Clone, Debug)]
pub struct SortedMaps {
    /// For each map, past which value it ends.
    pub(in crate::payload) ends: Vec<usize>,
    /// For each key the place of its value among those of all maps.
    pub(in crate::payload) maps: Vec<BTreeMap<String, usize>>,
    /// Places of values whose key came again, and the place of the value that it came with.
    pub(in crate::payload) repeated: Vec<(usize, usize)>,
}

impl SortedMaps {
    /// The keys in the order of the document.
    fn into_keys(self) -> (Vec<usize>, Vec<String>) {
        let mut keys = vec![String::new(); self.ends.last().copied().unwrap_or(0)];
        for (key, at) in self.maps.into_iter().flatten() {
            keys[at] = key;
        }
        for (before, after) in self.repeated.into_iter().rev() {
            keys[before] = keys[after].clone();
        }
        (self.ends, keys)
    }
}

impl Column {
    /// An empty column with room for `rows` values of `schema`, whose lists and maps take memory as those of a program do.
    pub fn to_decode(schema: &Schema, rows: usize) -> Column {
        let boxed = |schema: &Schema, rows: usize| Box::new(Column::to_decode(schema, rows));
        match schema {
            Schema::Option(inner) => Column::Option { index: Vec::with_capacity(rows), values: boxed(inner, rows) },
            Schema::List(element) => match Vectors::with_capacity(element, rows) {
                Some(vectors) => Column::Vectors(vectors),
                None => Column::Blocks {
                    ends: Vec::with_capacity(rows),
                    items: boxed(element, 0),
                    blocks: Blocks { size: Layout::of(element).size, kept: Vec::with_capacity(rows) },
                },
            },
            Schema::Array(array) => {
                Column::Array { length: array.length, items: boxed(&array.element, rows * array.length) }
            }
            Schema::Tuple(places) => {
                Column::Tuple { rows: 0, places: places.iter().map(|place| Column::to_decode(place, rows)).collect() }
            }
            Schema::Map(map) if map.key == Schema::String => {
                let ends = Vec::with_capacity(rows);
                let maps = SortedMaps { ends, maps: Vec::with_capacity(rows), repeated: Vec::new() };
                Column::SortedMaps { maps, values: boxed(&map.value, 0) }
            }
            Schema::Map(map) => {
                Column::Map { ends: Vec::with_capacity(rows), keys: boxed(&map.key, 0), values: boxed(&map.value, 0) }
            }
            Schema::Record(record) => Column::Record {
                rows: 0,
                fields: record
                    .fields
                    .iter()
                    .map(|field| match &field.schema {
                        // Derived code keeps what is flattened aside first, and not in the map.
                        Schema::Map(map) if !field.presence.is_required() && !field.presence.may_be_absent() => {
                            let (keys, values) = (boxed(&map.key, 0), boxed(&map.value, 0));
                            Column::Map { ends: Vec::with_capacity(rows), keys, values }
                        }
                        schema => Column::to_decode(schema, rows),
                    })
                    .collect(),
            },
            Schema::Enum(choice) => Column::Enum {
                tags: Vec::with_capacity(rows),
                index: Vec::with_capacity(rows),
                variants: choice.variants.iter().map(|variant| Column::to_decode(&variant.schema, rows)).collect(),
            },
            scalar => Column::with_capacity(scalar, rows),
        }
    }

    /// The same values as an ordinary column.
    #[must_use]
    pub fn settled(self) -> Column {
        let boxed = |column: Box<Column>| Box::new(column.settled());
        let all = |columns: Vec<Column>| columns.into_iter().map(Column::settled).collect();
        match self {
            Column::Vectors(vectors) => vectors.flattened(),
            Column::Blocks { ends, items, .. } => Column::List { ends, items: boxed(items) },
            Column::SortedMaps { maps, values } => {
                let (ends, keys) = maps.into_keys();
                Column::Map { ends, keys: Box::new(Column::String(keys)), values: boxed(values) }
            }
            Column::Option { index, values } => Column::Option { index, values: boxed(values) },
            Column::Array { length, items } => Column::Array { length, items: boxed(items) },
            Column::Tuple { rows, places } => Column::Tuple { rows, places: all(places) },
            Column::Map { ends, keys, values } => Column::Map { ends, keys: boxed(keys), values: boxed(values) },
            Column::Record { rows, fields } => Column::Record { rows, fields: all(fields) },
            Column::Enum { tags, index, variants } => Column::Enum { tags, index, variants: all(variants) },
            other => other,
        }
    }

    /// Makes room for the first list of a column, whose elements' columns are its memory.
    pub(in crate::payload) fn reserve_first(&mut self, element: &Blocks, hint: Option<usize>) {
        self.reserve(cautious(hint, element.size));
    }

    fn reserve(&mut self, more: usize) {
        super::with_scalars!(self, values => values.reserve(more), other => match other {
            Column::Number(values) => values.reserve(more),
            Column::Symbol(values) => values.reserve(more),
            Column::String(values) => values.reserve(more),
            Column::Bytes(values) => values.reserve(more),
            Column::Option { index, values } => {
                index.reserve(more);
                values.reserve(more);
            }
            Column::Array { length, items } => items.reserve(more * *length),
            Column::Tuple { places: columns, .. } | Column::Record { fields: columns, .. } => {
                columns.iter_mut().for_each(|column| column.reserve(more));
            }
            Column::List { ends, .. } | Column::Map { ends, .. } => ends.reserve(more),
            Column::Vectors(vectors) => vectors.reserve(more),
            Column::Blocks { ends, blocks, .. } => {
                ends.reserve(more);
                blocks.kept.reserve(more);
            }
            Column::SortedMaps { maps, .. } => {
                maps.ends.reserve(more);
                maps.maps.reserve(more);
            }
            Column::Enum { tags, index, .. } => {
                tags.reserve(more);
                index.reserve(more);
            }
            _ => {}
        });
    }
}

/// The layout of a value in place, near enough to what the compiler gives a derived type.
#[derive(Clone, Copy)]
struct Layout {
    size: usize,
    align: usize,
    /// Whether there are bit patterns that no value has, where an option is no larger.
    has_niche: bool,
}

impl Layout {
    fn new(size: usize, has_niche: bool) -> Self {
        Layout { size, align: size.clamp(1, 8), has_niche }
    }

    fn of(schema: &Schema) -> Self {
        match schema {
            Schema::Unit => Layout::new(0, false),
            Schema::Bool => Layout::new(1, true),
            Schema::I8 | Schema::U8 => Layout::new(1, false),
            Schema::I16 | Schema::U16 => Layout::new(2, false),
            Schema::I32 | Schema::U32 | Schema::F32 => Layout::new(4, false),
            Schema::I64 | Schema::U64 | Schema::F64 => Layout::new(8, false),
            Schema::Number => Layout { size: 16, align: 8, has_niche: true },
            Schema::Symbol(_) => Layout::new(1, true),
            Schema::String | Schema::Bytes | Schema::List(_) => Layout::new(24, true),
            // Its root may be missing, which leaves no pattern over.
            Schema::Map(_) => Layout::new(24, false),
            Schema::Option(inner) => match Layout::of(inner) {
                layout if layout.has_niche => layout,
                Layout { size, align, .. } => Layout { size: size + align, align, has_niche: true },
            },
            Schema::Array(array) => {
                let layout = Layout::of(&array.element);
                Layout { size: array.length * layout.size, ..layout }
            }
            Schema::Tuple(places) => Layout::of_all(places.iter()),
            Schema::Record(record) => Layout::of_all(record.fields.iter().map(|field| &field.schema)),
            Schema::Enum(choice) => {
                let layouts = choice.variants.iter().map(|variant| Layout::of(&variant.schema));
                let (size, align) =
                    layouts.fold((0, 1), |(size, align), layout| (size.max(layout.size), align.max(layout.align)));
                Layout { size: (size + 1).next_multiple_of(align), align, has_niche: true }
            }
        }
    }

    /// Side by side, without holes: the compiler orders fields by their alignment.
    fn of_all<'a>(schemas: impl Iterator<Item = &'a Schema>) -> Self {
        let sum = schemas.map(Layout::of).fold(Layout::new(0, false), |sum, layout| Layout {
            size: sum.size + layout.size,
            align: sum.align.max(layout.align),
            has_niche: sum.has_niche | layout.has_niche,
        });
        Layout { size: sum.size.next_multiple_of(sum.align), ..sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::native::{Customer, HasSchema, Line, Order, Record};

    #[test]
    fn layouts_are_those_of_the_compiler() {
        fn check<T: HasSchema>() {
            assert_eq!(Layout::of(&T::schema()).size, size_of::<T>(), "{}", std::any::type_name::<T>());
        }
        check::<Record>();
        check::<Order>();
        check::<Customer>();
        check::<Line>();
        check::<Option<f64>>();
        check::<Option<u8>>();
        check::<Option<bool>>();
        check::<Option<String>>();
        check::<Option<Line>>();
        check::<Vec<Line>>();
    }

    #[test]
    fn keys_that_come_again_stay_in_their_places() {
        let text = r#"[{"a": 1, "b": 2, "a": 3, "a": 4}, {}, {"c": 5, "a": 6}]"#;
        let schema = Schema::list(Schema::map(Schema::String, Schema::I64));
        let decode = |mut column: Column| {
            let seed = crate::payload::RowSeed::<crate::payload::Named>::new(&schema, &mut column);
            seed.deserialize(&mut serde_json::Deserializer::from_str(text)).expect("it is of the schema");
            column.settled()
        };
        let [plain, owned] = [Column::new(&schema), Column::to_decode(&schema, 1)].map(decode);
        assert_eq!(format!("{owned:?}"), format!("{plain:?}"));
        let Column::List { items, .. } = owned else { panic!("it is a list") };
        let Column::Map { keys, ends, .. } = *items else { panic!("it is a map") };
        assert_eq!(ends, [4, 4, 6]);
        assert_eq!(format!("{keys:?}"), r#"String(["a", "b", "a", "a", "c", "a"])"#);
    }

    #[test]
    fn a_block_grows_as_a_vector_does() {
        for hint in [None, Some(3), Some(100)] {
            let blocks = Blocks { size: size_of::<Line>(), kept: Vec::new() };
            let mut block = blocks.open(hint);
            let mut vector: Vec<Line> = Vec::with_capacity(hint.unwrap_or(0));
            for _ in 0..50 {
                let line = Line { sku: String::new(), quantity: 1, price: 1.0, discounts: Vec::new() };
                vector.push(line);
                block.push();
                assert_eq!(block.bytes.capacity(), vector.capacity() * size_of::<Line>());
            }
        }
    }
}
