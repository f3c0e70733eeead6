//! Records and maps, and the search for a field by its name.

use super::RowSeed;
use crate::payload::column::{ABSENT, Column, with_scalars};
use crate::payload::schema::{MapSchema, RecordSchema, Schema};
use crate::payload::style::Style;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Decodes a value for each column, as the fields of a struct or the places of a tuple.
pub(super) fn each_in_turn<'de, 'a, A: SeqAccess<'de>, S: Style>(
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

pub(super) struct EntriesVisitor<'a, S> {
    pub map: &'a MapSchema,
    pub keys: &'a mut Column,
    pub values: &'a mut Column,
    pub style: PhantomData<S>,
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

pub(super) struct RecordVisitor<'a, S> {
    pub record: &'a RecordSchema,
    pub fields: &'a mut [Column],
    pub style: PhantomData<S>,
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
pub(super) struct FieldSeed {
    pub names: &'static [&'static str],
    pub next: usize,
}

/// The outcome of looking up a key.
pub(super) enum Found {
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
