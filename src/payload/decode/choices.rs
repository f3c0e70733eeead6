//! Options and enums.

use super::records::{FieldSeed, Found};
use super::{Appended, RowSeed, next_index};
use crate::payload::column::{Column, NULL};
use crate::payload::schema::{EnumSchema, Schema};
use crate::payload::style::Style;
use crate::payload::width::IntWidth;
use serde::de::value::{BytesDeserializer, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

pub(super) struct OptionVisitor<'a, S> {
    pub inner: &'a Schema,
    pub index: &'a mut Vec<u32>,
    pub values: &'a mut Column,
    pub style: PhantomData<S>,
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

pub(super) struct EnumVisitor<'a, S> {
    pub choice: &'a EnumSchema,
    pub tags: &'a mut Vec<u32>,
    pub index: &'a mut Vec<u32>,
    pub variants: &'a mut [Column],
    pub style: PhantomData<S>,
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
        self.integer(value.into(), value.into_deserializer())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.integer(value.into(), value.into_deserializer())
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

    /// Decodes an integer into the first variant that holds it: signed and unsigned ones may stand side by side.
    fn integer<'de, E: Error, D: Deserializer<'de, Error = E>>(mut self, value: i128, bare: D) -> Result<(), E> {
        let holds = |schema: &Schema| {
            schema.is_integer()
                && IntWidth::of(schema).range().is_none_or(|(_, least, greatest)| (least..=greatest).contains(&value))
        };
        match self.choice.variants.iter().position(|variant| holds(&variant.schema)) {
            Some(tag) => self.variant(tag)?.append(bare),
            None => self.bare(&[Schema::is_integer, is_float], bare),
        }
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
