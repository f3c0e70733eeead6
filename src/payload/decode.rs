//! Decoding into columns: a `DeserializeSeed` from the schema, one row at a time.
//!
//! The requests made of the `Deserializer` are those that derived code makes, so that formats which are not
//! self-describing decode the user's own data too.

use super::column::{ABSENT, Column, with_scalars};
use super::schema::{EnumSchema, MapSchema, RecordSchema, Schema};
use serde::de::value::{BytesDeserializer, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use std::fmt;
use std::marker::PhantomData;

/// Decodes one value of a schema and appends it to a column made for that schema.
///
/// After an error the column's parts may have unequal lengths: it is good for nothing but being dropped.
#[derive(Debug)]
pub struct RowSeed<'a> {
    /// The type of the row.
    pub schema: &'a Schema,
    /// Where the row goes.
    pub column: &'a mut Column,
}

/// A row was appended.
///
/// Not `()`: `bitcode` refuses sequences of more than 65,536 elements whose value takes no memory, since a few bytes
/// could announce any number of them. The elements of a user's own list take memory, and so does this.
#[derive(Clone, Copy, Debug)]
pub struct Appended(#[allow(dead_code, reason = "for its size")] u8);

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = Appended;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Appended, D::Error> {
        self.append(deserializer)?;
        Ok(Appended(0))
    }
}

impl RowSeed<'_> {
    /// Decodes the row and appends it.
    pub(super) fn append<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let RowSeed { schema, column } = self;
        with_scalars!(column, vector => vector.push(Deserialize::deserialize(deserializer)?), other => match (schema, other) {
            (Schema::String, Column::String(strings)) => strings.push(String::deserialize(deserializer)?),
            (Schema::Unit, Column::Unit(rows)) => {
                <()>::deserialize(deserializer)?;
                *rows += 1;
            }
            (Schema::Bytes, Column::Bytes(strings)) => {
                strings.push(serde_bytes::ByteBuf::deserialize(deserializer)?.into_vec());
            }
            (Schema::Option(inner), Column::Option { index, values }) => {
                deserializer.deserialize_option(OptionVisitor { inner, index, values })?;
            }
            (Schema::List(element), Column::List { ends, items }) => list(element, ends, items, deserializer)?,
            (Schema::Map(map), Column::Map { ends, keys, values }) => {
                deserializer.deserialize_map(EntriesVisitor { map, keys, values })?;
                ends.push(keys.len());
            }
            (Schema::Record(record), Column::Record { rows, fields }) => {
                deserializer.deserialize_struct(
                    record.name.as_static(),
                    record.names,
                    RecordVisitor { record, fields },
                )?;
                *rows += 1;
            }
            (Schema::Enum(choice), Column::Enum { tags, index, variants }) => {
                deserializer.deserialize_enum(
                    choice.name.as_static(),
                    choice.names,
                    EnumVisitor { choice, tags, index, variants },
                )?;
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
        .filter(|&index| index != ABSENT)
        .ok_or_else(|| E::custom("more than 4,294,967,294 optional or mixed values in one column"))
}

fn list<'de, D: Deserializer<'de>>(
    element: &Schema,
    ends: &mut Vec<usize>,
    items: &mut Column,
    deserializer: D,
) -> Result<(), D::Error> {
    with_scalars!(&mut *items, vector => extend(vector, deserializer)?, other => match other {
        Column::String(strings) => extend(strings, deserializer)?,
        items => deserializer.deserialize_seq(ItemsVisitor { element, items })?,
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

struct ItemsVisitor<'a> {
    element: &'a Schema,
    items: &'a mut Column,
}

impl<'de> Visitor<'de> for ItemsVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(RowSeed { schema: self.element, column: self.items })?.is_some() {}
        Ok(())
    }
}

struct OptionVisitor<'a> {
    inner: &'a Schema,
    index: &'a mut Vec<u32>,
    values: &'a mut Column,
}

impl<'de> Visitor<'de> for OptionVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("option")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.index.push(ABSENT);
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.index.push(ABSENT);
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.index.push(next_index(self.values)?);
        RowSeed { schema: self.inner, column: self.values }.append(deserializer)
    }
}

struct EntriesVisitor<'a> {
    map: &'a MapSchema,
    keys: &'a mut Column,
    values: &'a mut Column,
}

impl<'de> Visitor<'de> for EntriesVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key_seed(RowSeed { schema: &self.map.key, column: self.keys })?.is_some() {
            map.next_value_seed(RowSeed { schema: &self.map.value, column: self.values })?;
        }
        Ok(())
    }
}

struct RecordVisitor<'a> {
    record: &'a RecordSchema,
    fields: &'a mut [Column],
}

impl<'de> Visitor<'de> for RecordVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "struct {}", self.record.name)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        for (at, column) in self.fields.iter_mut().enumerate() {
            let missing = || A::Error::invalid_length(at, &"more fields");
            with_scalars!(column, vector => vector.push(seq.next_element()?.ok_or_else(missing)?), other => match other {
                Column::String(strings) => strings.push(seq.next_element()?.ok_or_else(missing)?),
                column => {
                    let schema = &self.record.fields[at].schema;
                    seq.next_element_seed(RowSeed { schema, column })?.ok_or_else(missing)?;
                }
            });
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let RecordVisitor { record, fields } = self;
        // The rows that every field should have when this one is done; tells a missing from a repeated field.
        let mut next = 0;
        let mut in_order = true;
        let before = fields.first().map_or(0, Column::len);
        while let Some(found) = map.next_key_seed(FieldSeed { names: record.names, next })? {
            let Some(at) = found else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let name = record.names[at];
            in_order &= at == next;
            next = at + 1;
            let column = &mut fields[at];
            if !in_order && column.len() != before {
                return Err(A::Error::duplicate_field(name));
            }
            with_scalars!(column, vector => vector.push(map.next_value()?), other => match other {
                Column::String(strings) => strings.push(map.next_value()?),
                column => {
                    map.next_value_seed(RowSeed { schema: &record.fields[at].schema, column })?;
                }
            });
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

/// Finds a field by name, trying first the one that follows the last; `None` for a name that the schema lacks.
struct FieldSeed {
    names: &'static [&'static str],
    next: usize,
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
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldSeed {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("field identifier")
    }

    fn visit_u64<E: Error>(self, at: u64) -> Result<Self::Value, E> {
        Ok(usize::try_from(at).ok().filter(|&at| at < self.names.len()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.position(|name| name == text))
    }

    fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<Self::Value, E> {
        Ok(self.position(|name| name.as_bytes() == text))
    }
}

struct EnumVisitor<'a> {
    choice: &'a EnumSchema,
    tags: &'a mut Vec<u32>,
    index: &'a mut Vec<u32>,
    variants: &'a mut [Column],
}

impl<'de> Visitor<'de> for EnumVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "enum {}", self.choice.name)
    }

    fn visit_enum<A: EnumAccess<'de>>(mut self, data: A) -> Result<(), A::Error> {
        let (found, variant) = data.variant_seed(FieldSeed { names: self.choice.names, next: 0 })?;
        let tag = found.ok_or_else(|| A::Error::custom("unknown variant"))?;
        variant.newtype_variant_seed(self.variant(tag)?).map(|Appended(_)| ())
    }

    // The rest is for formats that write the bare value, as a program without enums would have it: the first variant
    // that is of its kind takes it. Those of schemas that were inferred are of one kind each.

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.bare(|schema| matches!(schema, Schema::Bool), value.into_deserializer())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.bare(|schema| schema.is_integer(), value.into_deserializer())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.bare(|schema| schema.is_integer(), value.into_deserializer())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.bare(|schema| matches!(schema, Schema::F32 | Schema::F64), value.into_deserializer())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.bare(|schema| matches!(schema, Schema::String), value.into_deserializer())
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<(), E> {
        self.bare(|schema| matches!(schema, Schema::Bytes), BytesDeserializer::new(value))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.bare(|schema| matches!(schema, Schema::Unit | Schema::Option(_)), ().into_deserializer())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        self.bare(|schema| matches!(schema, Schema::List(_)), SeqAccessDeserializer::new(seq))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.bare(|schema| matches!(schema, Schema::Map(_) | Schema::Record(_)), MapAccessDeserializer::new(map))
    }
}

impl EnumVisitor<'_> {
    /// Where the next value of a variant goes.
    fn variant<E: Error>(&mut self, tag: usize) -> Result<RowSeed<'_>, E> {
        let column = &mut self.variants[tag];
        self.tags.push(tag as u32);
        self.index.push(next_index(column)?);
        Ok(RowSeed { schema: &self.choice.variants[tag].schema, column })
    }

    /// Decodes a value that does not say its variant.
    fn bare<'de, D: Deserializer<'de>>(mut self, takes: impl Fn(&Schema) -> bool, value: D) -> Result<(), D::Error> {
        let tag = self.choice.variants.iter().position(|variant| takes(&variant.schema));
        let tag =
            tag.ok_or_else(|| D::Error::custom(format_args!("no variant of {} takes the value", self.choice.name)))?;
        self.variant(tag)?.append(value)
    }
}
