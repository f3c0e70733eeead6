//! One type for records that a person would have written as one: those that differ only in the widths of their fields
//! or in which of them may be absent, and those that hold their own like (the nodes of a tree).
//!
//! A schema is a tree without references, so a recursive type is unrolled as deep as the document goes: every level has
//! the same fields of the same types, and the same name; in the last one the lists that would hold the next are empty.

use super::scalar::narrowest;
use crate::payload::read::IntWidth;
use crate::payload::schema::{EnumSchema, Field, Presence, RecordSchema, Schema};
use std::collections::HashMap;

/// The type of elements that no element showed. It stands only between the decision and the end of [`unify`].
pub fn never() -> Schema {
    Schema::Enum(EnumSchema::new("", Vec::new()))
}

fn is_never(schema: &Schema) -> bool {
    matches!(schema, Schema::Enum(choice) if choice.variants.is_empty())
}

/// The schema with records of one type made equal.
pub fn unify(schema: Schema) -> Schema {
    let mut groups = Groups::default();
    groups.collect(&schema);
    groups.link(&schema);
    groups.merge(&schema);
    groups.widened(Some(&schema), &schema)
}

/// Records by the names of their fields.
#[derive(Default)]
struct Groups {
    /// The group of each set of names.
    of_names: HashMap<Vec<&'static str>, usize>,
    /// What each group was joined with; its own index for none.
    joined: Vec<usize>,
    /// What the records of a group have in common; `None` where they are different types after all.
    merged: HashMap<usize, Option<RecordSchema>>,
}

/// Records of fewer fields have little to tell that they are of one type.
pub const LEAST_FIELDS: usize = 3;

/// Whether a record carries the mark of those that were unified, in place of a name.
pub fn is_unified(record: &RecordSchema) -> bool {
    record.name.starts_with('#')
}

fn names(record: &RecordSchema) -> Vec<&'static str> {
    let mut names = record.names.to_vec();
    names.sort_unstable();
    names
}

/// The types that a type is made of.
fn parts(schema: &Schema) -> Vec<&Schema> {
    match schema {
        Schema::Option(inner) | Schema::List(inner) => vec![inner],
        Schema::Array(array) => vec![&array.element],
        Schema::Tuple(places) => places.iter().collect(),
        Schema::Map(map) => vec![&map.key, &map.value],
        Schema::Record(record) => record.fields.iter().map(|field| &field.schema).collect(),
        Schema::Enum(choice) => choice.variants.iter().map(|variant| &variant.schema).collect(),
        _ => Vec::new(),
    }
}

impl Groups {
    fn collect(&mut self, schema: &Schema) {
        if let Schema::Record(record) = schema {
            let next = self.joined.len();
            let group = *self.of_names.entry(names(record)).or_insert(next);
            if group == next {
                self.joined.push(next);
            }
        }
        parts(schema).into_iter().for_each(|part| self.collect(part));
    }

    fn find(&self, mut group: usize) -> usize {
        while self.joined[group] != group {
            group = self.joined[group];
        }
        group
    }

    /// The group of a record; `None` for one that stays as it is.
    fn of(&self, record: &RecordSchema) -> Option<usize> {
        self.of_names.get(&names(record)).map(|&group| self.find(group))
    }

    /// Joins the groups of records that hold their own like.
    fn link(&mut self, schema: &Schema) {
        if let Schema::Record(record) = schema {
            for field in &record.fields {
                let Some(inner) = held(&field.schema) else { continue };
                if is_like(record, inner)
                    && let (Some(a), Some(b)) = (self.of(record), self.of(inner))
                {
                    self.joined[b] = a;
                }
            }
        }
        parts(schema).into_iter().for_each(|part| self.link(part));
    }

    fn merge(&mut self, schema: &Schema) {
        if let Schema::Record(record) = schema
            && let Some(group) = self.of(record)
        {
            let merged = match self.merged.remove(&group) {
                None => Some(record.clone()),
                Some(known) => known.and_then(|known| merged_records(&known, record)),
            };
            self.merged.insert(group, merged);
        }
        parts(schema).into_iter().for_each(|part| self.merge(part));
    }

    /// `target` as deep as `own` goes, its records as their groups have them.
    fn widened(&self, own: Option<&Schema>, target: &Schema) -> Schema {
        match (own, target) {
            (own, Schema::Option(inner)) => {
                let own = own.map(|own| if let Schema::Option(own) = own { own } else { own });
                Schema::option(self.widened(own, inner))
            }
            (Some(Schema::Option(own)), target) => self.widened(Some(own), target),
            (own, Schema::List(element)) => {
                let own = match own {
                    Some(Schema::List(own)) if !is_never(own) => Some(&**own),
                    Some(Schema::Array(own)) => Some(&own.element),
                    _ => None,
                };
                Schema::list(self.widened(own, element))
            }
            (own, Schema::Array(array)) => {
                let own = if let Some(Schema::Array(own)) = own { Some(&own.element) } else { None };
                Schema::array(self.widened(own, &array.element), array.length, array.is_tuple)
            }
            (own, Schema::Tuple(schema)) => {
                let own_place = |at: usize| match own {
                    Some(Schema::Tuple(own)) => own.get(at),
                    _ => None,
                };
                let places = schema.iter().enumerate().map(|(at, place)| self.widened(own_place(at), place));
                Schema::tuple(places.collect(), schema.is_tuple)
            }
            (own, Schema::Map(map)) => {
                let own = if let Some(Schema::Map(own)) = own { Some(own) } else { None };
                let key = self.widened(own.map(|own| &own.key), &map.key);
                Schema::map(key, self.widened(own.map(|own| &own.value), &map.value))
            }
            // Where the document goes no deeper, neither does the type.
            (None, Schema::Record(_)) => Schema::Unit,
            (Some(own), Schema::Record(target)) => self.widened_record(own, target),
            (own, Schema::Enum(choice)) => {
                let own_variant = |name: &str| match own {
                    Some(Schema::Enum(own)) => own.variants.iter().find(|variant| *variant.name == *name),
                    _ => None,
                };
                if choice.variants.is_empty() {
                    return Schema::Unit;
                }
                let variant = |variant: &Field| {
                    let own = own_variant(&variant.name).map(|own| &own.schema).or(own);
                    Field::new(&variant.name, self.widened(own, &variant.schema))
                };
                Schema::Enum(EnumSchema::new(&choice.name, choice.variants.iter().map(variant).collect()))
            }
            (_, scalar) => scalar.clone(),
        }
    }

    fn widened_record(&self, own: &Schema, target: &RecordSchema) -> Schema {
        let Schema::Record(own) = own else { return Schema::Unit };
        let group = self.of(target);
        let merged = group.and_then(|group| self.merged.get(&group)).and_then(Option::as_ref);
        // A record that came about by merging is of no group: it is as its place has it.
        let target = merged.unwrap_or(if group.is_some() { own } else { target });
        let mark = match (group, merged) {
            (Some(group), Some(merged)) if merged.fields.len() >= LEAST_FIELDS => format!("#{group}"),
            _ => String::new(),
        };
        let mut fields = Vec::with_capacity(target.fields.len());
        for field in &target.fields {
            let own = own.fields.iter().find(|own| own.name == field.name).map(|own| &own.schema);
            let schema = self.widened(own, &field.schema);
            fields.push(Field::with_presence(&field.name, schema, field.presence));
        }
        Schema::Record(RecordSchema::new(&mark, fields))
    }
}

/// The record that a field holds, itself or in options, lists and the values of maps.
fn held(schema: &Schema) -> Option<&RecordSchema> {
    match schema {
        Schema::Option(inner) | Schema::List(inner) => held(inner),
        Schema::Map(map) => held(&map.value),
        Schema::Record(record) => Some(record),
        _ => None,
    }
}

/// Whether a record that another one holds has so much in common with it that both are nodes of a tree.
fn is_like(outer: &RecordSchema, inner: &RecordSchema) -> bool {
    let shared = inner.names.iter().filter(|name| outer.names.contains(name)).count();
    shared >= 2 && shared * 5 >= inner.names.len() * 3 && shared * 2 >= outer.names.len()
}

/// Whether two records in one place of a recursive type are one record with fields left out. Where the names have
/// little in common they are data, or the types are different ones.
fn are_versions(a: &RecordSchema, b: &RecordSchema) -> bool {
    let shared = a.names.iter().filter(|name| b.names.contains(name)).count();
    2 * shared >= a.names.len().min(b.names.len())
}

/// The type that holds the values of both records; `None` if they are not of one type.
fn merged_records(a: &RecordSchema, b: &RecordSchema) -> Option<RecordSchema> {
    let same_names = a.names == b.names || names(a) == names(b);
    if same_names && a.names.len() < LEAST_FIELDS && a != b {
        return None;
    }
    if !same_names && !are_versions(a, b) {
        return None;
    }
    let optional = |field: &Field| {
        let schema = match &field.schema {
            option @ Schema::Option(_) => option.clone(),
            schema => Schema::option(schema.clone()),
        };
        let presence = match field.presence {
            Presence::Required if matches!(field.schema, Schema::Option(_)) => Presence::OptionalOrNull,
            Presence::Required => Presence::Optional,
            presence => presence,
        };
        Field { name: field.name, schema, presence }
    };
    let mut fields = Vec::with_capacity(a.fields.len());
    for field in &a.fields {
        let Some(other) = b.fields.iter().find(|other| other.name == field.name) else {
            fields.push(optional(field));
            continue;
        };
        let presence = merged_presence(field, other)?;
        let schema = match merged(&field.schema, &other.schema)? {
            option @ Schema::Option(_) => option,
            schema if presence.may_be_absent() => Schema::option(schema),
            schema => schema,
        };
        fields.push(Field { name: field.name, schema, presence });
    }
    fields.extend(b.fields.iter().filter(|field| !a.names.contains(&field.name.as_static())).map(optional));
    // What is flattened comes last.
    fields.sort_by_key(|field| field.presence == Presence::Flattened);
    if fields.iter().filter(|field| field.presence == Presence::Flattened).count() > 1 {
        return None;
    }
    Some(RecordSchema::new("", fields))
}

fn merged_presence(a: &Field, b: &Field) -> Option<Presence> {
    let may_be_null = |field: &Field| match field.presence {
        Presence::Required => matches!(field.schema, Schema::Option(_)),
        presence => presence == Presence::OptionalOrNull,
    };
    Some(match (a.presence, b.presence) {
        (a, b) if a == b => a,
        (Presence::Flattened, _) | (_, Presence::Flattened) => return None,
        _ if may_be_null(a) || may_be_null(b) => Presence::OptionalOrNull,
        _ => Presence::Optional,
    })
}

/// The type that holds the values of both, if they are one type but for widths, options and elements that were not seen.
fn merged(a: &Schema, b: &Schema) -> Option<Schema> {
    if a == b {
        return Some(a.clone());
    }
    Some(match (a, b) {
        (never, other) | (other, never) if is_never(never) => other.clone(),
        (Schema::Option(a), Schema::Option(b)) => Schema::option(merged(a, b)?),
        (Schema::Option(option), other) | (other, Schema::Option(option)) => match &**option {
            Schema::Unit => Schema::option(other.clone()),
            option if *other == Schema::Unit => Schema::option(option.clone()),
            option => Schema::option(merged(option, other)?),
        },
        (Schema::Unit, other) | (other, Schema::Unit) => Schema::option(other.clone()),
        (Schema::List(a), Schema::List(b)) => Schema::list(merged(a, b)?),
        (Schema::List(list), Schema::Array(array)) | (Schema::Array(array), Schema::List(list)) if !array.is_tuple => {
            Schema::list(merged(list, &array.element)?)
        }
        (Schema::Array(a), Schema::Array(b)) if a.length == b.length && a.is_tuple == b.is_tuple => {
            Schema::array(merged(&a.element, &b.element)?, a.length, a.is_tuple)
        }
        (Schema::Tuple(a), Schema::Tuple(b)) if a.len() == b.len() && a.is_tuple == b.is_tuple => {
            let places = a.iter().zip(b.iter()).map(|(a, b)| merged(a, b));
            Schema::tuple(places.collect::<Option<_>>()?, a.is_tuple)
        }
        (Schema::Map(a), Schema::Map(b)) => Schema::map(merged(&a.key, &b.key)?, merged(&a.value, &b.value)?),
        (Schema::Record(a), Schema::Record(b)) => Schema::Record(merged_records(a, b)?),
        (Schema::Enum(a), Schema::Enum(b)) if a.names == b.names => {
            let variants = a.variants.iter().zip(&b.variants);
            let merged = variants.map(|(a, b)| Some(Field::new(&a.name, merged(&a.schema, &b.schema)?)));
            Schema::Enum(EnumSchema::new("", merged.collect::<Option<_>>()?))
        }
        (a, b) => merged_numbers(a, b)?,
    })
}

fn merged_numbers(a: &Schema, b: &Schema) -> Option<Schema> {
    let range = |schema: &Schema| IntWidth::of(schema).range().filter(|_| schema.is_integer());
    if let (Some((_, a_min, a_max)), Some((_, b_min, b_max))) = (range(a), range(b)) {
        let (min, max) = (a_min.min(b_min), a_max.max(b_max));
        return (min >= 0 || max <= i64::MAX.into()).then(|| narrowest(min, max));
    }
    let is_float = |schema: &Schema| matches!(schema, Schema::F32 | Schema::F64 | Schema::Number);
    // Wider integers are not exact as floats.
    let is_short = |schema: &Schema| range(schema).is_some_and(|(_, _, max)| max <= u32::MAX.into());
    match (a, b) {
        (Schema::F32, Schema::F64) | (Schema::F64, Schema::F32) => Some(Schema::F64),
        (Schema::Number, other) | (other, Schema::Number) if is_float(other) || is_short(other) => Some(Schema::Number),
        (Schema::F64, int) | (int, Schema::F64) if is_short(int) => Some(Schema::Number),
        _ => None,
    }
}
