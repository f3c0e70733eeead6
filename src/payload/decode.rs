//! Decoding into columns: a `DeserializeSeed` from the schema, one row at a time.
//!
//! The requests made of the `Deserializer` are those that derived code makes, so that formats which are not
//! self-describing decode the user's own data too.

use super::column::{ABSENT, Column, NULL, Number, with_scalars};
use super::owned::{Block, Blocks, SortedMaps};
use super::schema::{ArraySchema, EnumSchema, MapSchema, RecordSchema, Schema, SymbolSchema};
use super::style::{Compact, Style};
use serde::de::value::{BytesDeserializer, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use std::collections::BTreeMap;
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

fn list<'de, D: Deserializer<'de>, S: Style>(
    element: &Schema,
    ends: &mut Vec<usize>,
    items: &mut Column,
    style: PhantomData<S>,
    deserializer: D,
) -> Result<(), D::Error> {
    with_scalars!(&mut *items, vector => extend(vector, deserializer)?, other => match other {
        Column::String(strings) => extend(strings, deserializer)?,
        items => deserializer.deserialize_seq(ItemsVisitor { element, items, style })?,
    });
    ends.push(items.len());
    Ok(())
}

/// Appends a sequence to `vector`; the first one is decoded as `Vec<T>` itself, by the same code.
fn extend<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    vector: &mut Vec<T>,
    deserializer: D,
) -> Result<(), D::Error> {
    if vector.capacity() == 0 {
        *vector = Vec::deserialize(deserializer)?;
        return Ok(());
    }
    deserializer.deserialize_seq(ExtendVisitor { vector, element: PhantomData })
}

struct ExtendVisitor<'a, T> {
    vector: &'a mut Vec<T>,
    element: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ExtendVisitor<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element()? {
            self.vector.push(item);
        }
        Ok(())
    }
}

struct ItemsVisitor<'a, S> {
    element: &'a Schema,
    items: &'a mut Column,
    style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for ItemsVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(RowSeed::<S>::new(self.element, self.items))?.is_some() {}
        Ok(())
    }
}

/// As [`ItemsVisitor`], with the memory that a program's own list takes.
struct BlockVisitor<'a, S> {
    element: &'a Schema,
    items: &'a mut Column,
    blocks: &'a mut Blocks,
    style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for BlockVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let BlockVisitor { element, items, blocks, .. } = self;
        if items.is_empty() {
            items.reserve_first(blocks, seq.size_hint());
            while seq.next_element_seed(RowSeed::<S>::new(element, items))?.is_some() {}
            blocks.close(Block::default());
            return Ok(());
        }
        let mut block = blocks.open(seq.size_hint());
        while seq.next_element_seed(RowSeed::<S>::new(element, items))?.is_some() {
            block.push();
        }
        blocks.close(block);
        Ok(())
    }
}

/// Decodes a map into a sorted one, as derived code does.
struct SortedVisitor<'a, S> {
    value: &'a Schema,
    maps: &'a mut SortedMaps,
    values: &'a mut Column,
    style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for SortedVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let SortedVisitor { value, maps, values, .. } = self;
        let mut map = BTreeMap::new();
        let mut at = values.len();
        while let Some(key) = access.next_key::<String>()? {
            access.next_value_seed(RowSeed::<S>::new(value, values))?;
            if let Some(before) = map.insert(key, at) {
                maps.repeated.push((before, at));
            }
            at += 1;
        }
        maps.maps.push(map);
        maps.ends.push(at);
        Ok(())
    }
}

struct SlotsVisitor<'a, S> {
    array: &'a ArraySchema,
    items: &'a mut Column,
    style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for SlotsVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of length {}", self.array.length)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let SlotsVisitor { array, items, .. } = self;
        let missing = |at: usize| A::Error::invalid_length(at, &"more elements");
        with_scalars!(items, vector => {
            for at in 0..array.length {
                vector.push(seq.next_element()?.ok_or_else(|| missing(at))?);
            }
        }, items => {
            for at in 0..array.length {
                let seed = RowSeed::<S>::new(&array.element, items);
                seq.next_element_seed(seed)?.ok_or_else(|| missing(at))?;
            }
        });
        Ok(())
    }
}

struct PlacesVisitor<'a, S> {
    schema: &'a [Schema],
    places: &'a mut [Column],
    style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for PlacesVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a tuple of size {}", self.schema.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        each_in_turn::<A, S>(seq, self.schema.iter().zip(self.places))
    }
}

/// Decodes a value for each column, as the fields of a struct or the places of a tuple.
fn each_in_turn<'de, 'a, A: SeqAccess<'de>, S: Style>(
    mut seq: A,
    columns: impl Iterator<Item = (&'a Schema, &'a mut Column)>,
) -> Result<(), A::Error> {
    for (at, (schema, column)) in columns.enumerate() {
        let missing = || A::Error::invalid_length(at, &"more fields");
        with_scalars!(column, vector => vector.push(seq.next_element()?.ok_or_else(missing)?), other => match other {
            Column::String(strings) => strings.push(seq.next_element()?.ok_or_else(missing)?),
            column => {
                seq.next_element_seed(RowSeed::<S>::new(schema, column))?.ok_or_else(missing)?;
            }
        });
    }
    Ok(())
}

struct OptionVisitor<'a, S> {
    inner: &'a Schema,
    index: &'a mut Vec<u32>,
    values: &'a mut Column,
    style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for OptionVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("option")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.index.push(NULL);
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.index.push(NULL);
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.index.push(next_index(self.values)?);
        RowSeed::<S>::new(self.inner, self.values).append(deserializer)
    }
}

struct EntriesVisitor<'a, S> {
    map: &'a MapSchema,
    keys: &'a mut Column,
    values: &'a mut Column,
    style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for EntriesVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key_seed(RowSeed::<S>::new(&self.map.key, self.keys))?.is_some() {
            map.next_value_seed(RowSeed::<S>::new(&self.map.value, self.values))?;
        }
        Ok(())
    }
}

struct RecordVisitor<'a, S> {
    record: &'a RecordSchema,
    fields: &'a mut [Column],
    style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for RecordVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "struct {}", self.record.name)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        each_in_turn::<A, S>(seq, self.record.fields.iter().map(|field| &field.schema).zip(self.fields))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let RecordVisitor { record, fields, .. } = self;
        let mut others = record.flattened().filter(|_| S::NAMED).map(|(_, schema)| schema);
        let (fields, mut rest) = match fields.split_last_mut() {
            Some((last, fields)) if others.is_some() => (fields, Some(last)),
            _ => {
                others = None;
                (&mut *fields, None)
            }
        };
        let names = &record.names[..fields.len()];
        // The rows that every field should have when this one is done; tells a missing from a repeated field.
        let mut next = 0;
        let mut in_order = true;
        let before = fields.first().map_or(0, Column::len);
        while let Some(found) = map.next_key_seed(FieldSeed { names, next })? {
            let at = match (found, others, &mut rest) {
                (Found::Field(at), ..) => at,
                (Found::Other(key), Some(schema), Some(Column::Map { keys, values, .. })) => {
                    RowSeed::<S>::new(&schema.key, keys).append(key.into_deserializer())?;
                    map.next_value_seed(RowSeed::<S>::new(&schema.value, values))?;
                    continue;
                }
                (Found::Other(_), ..) => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            in_order &= at == next;
            next = at + 1;
            let column = &mut fields[at];
            if !in_order && column.len() != before {
                return Err(A::Error::duplicate_field(names[at]));
            }
            with_scalars!(column, vector => vector.push(map.next_value()?), other => match other {
                Column::String(strings) => strings.push(map.next_value()?),
                column => {
                    map.next_value_seed(RowSeed::<S>::new(&record.fields[at].schema, column))?;
                }
            });
        }
        if let Some(Column::Map { ends, keys, .. }) = rest {
            ends.push(keys.len());
        }
        if in_order && next == fields.len() {
            return Ok(());
        }
        for (field, column) in record.fields.iter().zip(fields) {
            if column.len() == before {
                match (&field.schema, column) {
                    (_, Column::Option { index, .. }) => index.push(ABSENT),
                    _ => return Err(A::Error::missing_field(field.name.as_static())),
                }
            }
        }
        Ok(())
    }
}

/// Finds a field by name, trying first the one that follows the last.
struct FieldSeed {
    names: &'static [&'static str],
    next: usize,
}

/// What a key turned out to be.
enum Found {
    /// The field of that index.
    Field(usize),
    /// None that the schema has.
    Other(String),
}

impl FieldSeed {
    fn position(&self, is: impl Fn(&str) -> bool) -> Option<usize> {
        if self.names.get(self.next).is_some_and(|name| is(name)) {
            return Some(self.next);
        }
        self.names.iter().position(|name| is(name))
    }
}

impl<'de> DeserializeSeed<'de> for FieldSeed {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldSeed {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("field identifier")
    }

    fn visit_u64<E: Error>(self, at: u64) -> Result<Self::Value, E> {
        let known = usize::try_from(at).ok().filter(|&at| at < self.names.len());
        Ok(known.map_or_else(|| Found::Other(at.to_string()), Found::Field))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.position(|name| name == text).map_or_else(|| Found::Other(text.to_owned()), Found::Field))
    }

    fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<Self::Value, E> {
        let found = self.position(|name| name.as_bytes() == text);
        Ok(found.map_or_else(|| Found::Other(String::from_utf8_lossy(text).into_owned()), Found::Field))
    }
}

struct EnumVisitor<'a, S> {
    choice: &'a EnumSchema,
    tags: &'a mut Vec<u32>,
    index: &'a mut Vec<u32>,
    variants: &'a mut [Column],
    style: PhantomData<S>,
}

impl<'de, S: Style> Visitor<'de> for EnumVisitor<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "enum {}", self.choice.name)
    }

    fn visit_enum<A: EnumAccess<'de>>(mut self, data: A) -> Result<(), A::Error> {
        let (found, variant) = data.variant_seed(FieldSeed { names: self.choice.names, next: 0 })?;
        match found {
            Found::Field(tag) => variant.newtype_variant_seed(self.variant(tag)?).map(|Appended(_)| ()),
            Found::Other(name) => Err(A::Error::unknown_variant(&name, self.choice.names)),
        }
    }

    // The rest is for formats that write the bare value, as a program without enums would have it: the first variant
    // that is of its kind takes it. Those of schemas that were inferred are of one kind each.

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.bare(&[|schema| matches!(schema, Schema::Bool)], value.into_deserializer())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.bare(&[Schema::is_integer, is_float], value.into_deserializer())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.bare(&[Schema::is_integer, is_float], value.into_deserializer())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.bare(&[is_float], value.into_deserializer())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.bare(&[|schema| matches!(schema, Schema::String | Schema::Symbol(_))], value.into_deserializer())
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<(), E> {
        self.bare(&[|schema| matches!(schema, Schema::Bytes)], BytesDeserializer::new(value))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.bare(&[|schema| matches!(schema, Schema::Unit | Schema::Option(_))], ().into_deserializer())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        // Formats without bytes write them as lists of numbers, and those without names records as lists.
        let record = |schema: &Schema| !S::NAMED && matches!(schema, Schema::Record(_));
        let bytes = |schema: &Schema| matches!(schema, Schema::Bytes);
        self.bare(&[Schema::is_sequence, record, bytes], SeqAccessDeserializer::new(seq))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let takes = |schema: &Schema| matches!(schema, Schema::Map(_) | Schema::Record(_));
        self.bare(&[takes], MapAccessDeserializer::new(map))
    }
}

fn is_float(schema: &Schema) -> bool {
    matches!(schema, Schema::F32 | Schema::F64 | Schema::Number)
}

impl<S: Style> EnumVisitor<'_, S> {
    /// Where the next value of a variant goes.
    fn variant<E: Error>(&mut self, tag: usize) -> Result<RowSeed<'_, S>, E> {
        let column = &mut self.variants[tag];
        self.tags.push(tag as u32);
        self.index.push(next_index(column)?);
        Ok(RowSeed::new(&self.choice.variants[tag].schema, column))
    }

    /// Decodes a value that does not say its variant, into the first variant that the first of the tests holds for that
    /// any holds for.
    fn bare<'de, D: Deserializer<'de>>(mut self, tests: &[fn(&Schema) -> bool], value: D) -> Result<(), D::Error> {
        let variants = &self.choice.variants;
        let tag = tests.iter().find_map(|takes| variants.iter().position(|variant| takes(&variant.schema)));
        let tag =
            tag.ok_or_else(|| D::Error::custom(format_args!("no variant of {} takes the value", self.choice.name)))?;
        self.variant(tag)?.append(value)
    }
}
