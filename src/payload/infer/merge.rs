//! The one type that holds the values of two: of records that a person would have written as one.

use super::scalar::{MOST_SYMBOLS, narrowest};
use crate::payload::schema::{EnumSchema, Field, Presence, RecordSchema, Schema, SymbolSchema};
use crate::payload::width::IntWidth;
use std::cell::RefCell;
use std::collections::HashMap;

/// The type of elements that no element showed. It stands only between the decision and the end of module `unify`.
pub(super) fn never() -> Schema {
    Schema::Enum(EnumSchema::new("", Vec::new()))
}

pub(super) fn is_never(schema: &Schema) -> bool {
    matches!(schema, Schema::Enum(choice) if choice.variants.is_empty())
}

/// Records of fewer fields have little to tell that they are of one type, unless they are equal or nodes of a tree.
pub(super) const LEAST_FIELDS: usize = 2;

pub(super) fn names(record: &RecordSchema) -> Vec<&'static str> {
    let mut names = record.names.to_vec();
    names.sort_unstable();
    names
}

/// The number of names that the two records share.
pub(super) fn shared(a: &RecordSchema, b: &RecordSchema) -> usize {
    let places = Places::of_fields(b);
    a.names.iter().filter(|name| places.of(name).is_some()).count()
}

/// The places of the fields of a record, by name: tables have tens of thousands of columns.
pub(super) struct Places<'a>(HashMap<&'a str, usize>);

impl<'a> Places<'a> {
    pub(super) fn of_fields(record: &'a RecordSchema) -> Self {
        Places(record.fields.iter().enumerate().map(|(at, field)| (&*field.name, at)).collect())
    }

    pub(super) fn of(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }
}

/// Whether two records in one place of a recursive type are one record with fields left out. Where the names have
/// little in common they are data, or the types are different ones.
fn are_versions(a: &RecordSchema, b: &RecordSchema) -> bool {
    let shared = shared(a, b);
    2 * shared >= a.names.len().min(b.names.len())
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

/// An option of the type, unless it is one.
fn option(schema: Schema) -> Schema {
    if let Schema::Option(_) = schema { schema } else { Schema::option(schema) }
}

/// The variants of columns that mix types, in their order.
const VARIANTS: [&str; 9] = ["Bool", "Int", "UInt", "Float", "String", "Bytes", "List", "Map", "Record"];

/// The type as variants of a column that mixes types; `None` for one that is never mixed.
fn variants(schema: &Schema) -> Option<Vec<Field>> {
    let name = match schema {
        Schema::Enum(choice) => return Some(choice.variants.clone()),
        Schema::Bool => "Bool",
        Schema::Number => return Some(vec![Field::new("Int", Schema::I64), Field::new("Float", Schema::F64)]),
        Schema::F32 | Schema::F64 => "Float",
        Schema::String | Schema::Symbol(_) => "String",
        Schema::Bytes => "Bytes",
        Schema::List(_) => "List",
        Schema::Array(array) if !array.is_tuple => {
            return Some(vec![Field::new("List", Schema::list(array.element.clone()))]);
        }
        Schema::Map(_) => "Map",
        Schema::Record(_) => "Record",
        integer if integer.is_integer() => "Int",
        _ => return None,
    };
    Some(vec![Field::new(name, schema.clone())])
}

/// The name of a stub: a record that stands for the nodes of a tree within other types, so that these need not be written
/// down level by level.
const STUB: &str = "@";

/// A record that stands for the nodes of a tree whose fields have these names.
pub(super) fn stub(names: &[&'static str]) -> RecordSchema {
    RecordSchema::new(STUB, names.iter().map(|name| Field::new(name, Schema::Unit)).collect())
}

pub(super) fn is_stub(record: &RecordSchema) -> bool {
    *record.name == *STUB
}

/// How types are made one.
pub(super) struct Merge<F> {
    /// Whether the records are nodes of a tree: one type, in which a place may hold several types.
    is_tree: bool,
    /// Whether a record that stands where a node does is one.
    may_join: bool,
    /// The group of records of these names.
    group: F,
    /// The groups of trees, each with the names of records that stand where a node does.
    joins: RefCell<Vec<Join>>,
}

/// The group of a tree, and the names of the fields of a record that is a node of it.
pub(super) type Join = (usize, Vec<&'static str>);

impl<F: Fn(&[&'static str]) -> Option<usize>> Merge<F> {
    pub(super) fn new(is_tree: bool, may_join: bool, group: F) -> Self {
        Merge { is_tree, may_join, group, joins: RefCell::default() }
    }

    pub(super) fn into_joins(self) -> Vec<Join> {
        self.joins.into_inner()
    }

    fn group_of(&self, record: &RecordSchema) -> Option<usize> {
        (self.group)(&names(record))
    }

    /// The stub that stands for a node and for the record in its place.
    fn nodes(&self, node: &RecordSchema, other: &RecordSchema) -> Option<RecordSchema> {
        let group = self.group_of(node)?;
        if self.group_of(other) != Some(group) {
            if !(self.is_tree && self.may_join && are_versions(node, other)) {
                return None;
            }
            self.joins.borrow_mut().push((group, names(other)));
        }
        Some(node.clone())
    }

    /// The type that holds the values of both records of a group; `None` if they are not of one type.
    pub(super) fn of_group(&self, a: &RecordSchema, b: &RecordSchema) -> Option<RecordSchema> {
        self.records(a, b, self.is_tree)
    }

    /// The type that holds the values of both records, which are known to be of one if `is_one`.
    fn records(&self, a: &RecordSchema, b: &RecordSchema, is_one: bool) -> Option<RecordSchema> {
        if is_stub(a) {
            return self.nodes(a, b);
        }
        if is_stub(b) {
            return self.nodes(b, a);
        }
        let same_names = a.names == b.names || names(a) == names(b);
        if same_names && a.names.len() < LEAST_FIELDS && a != b && !self.is_tree {
            return None;
        }
        // A map of further entries may have the other's fields among them, with values of other types.
        let has_further =
            |record: &RecordSchema| record.fields.iter().any(|field| field.presence == Presence::Flattened);
        // Outside of trees more must tell.
        let are_versions = are_versions(a, b) && (self.is_tree || 2 * shared(a, b) > a.names.len().min(b.names.len()));
        if !same_names && (!(is_one || are_versions) || has_further(a) || has_further(b)) {
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
        let (of_a, of_b) = (Places::of_fields(a), Places::of_fields(b));
        let mut fields = Vec::with_capacity(a.fields.len());
        for field in &a.fields {
            let Some(other) = of_b.of(&field.name).map(|at| &b.fields[at]) else {
                fields.push(optional(field));
                continue;
            };
            let presence = merged_presence(field, other)?;
            let schema = match self.types(&field.schema, &other.schema)? {
                option @ Schema::Option(_) => option,
                schema if presence.may_be_absent() => Schema::option(schema),
                schema => schema,
            };
            fields.push(Field { name: field.name, schema, presence });
        }
        fields.extend(b.fields.iter().filter(|field| of_a.of(&field.name).is_none()).map(optional));
        Some(RecordSchema::new("", fields))
    }

    /// The type that holds the values of both, if they are one type but for widths, options and elements that were not seen.
    fn types(&self, a: &Schema, b: &Schema) -> Option<Schema> {
        if a == b {
            return Some(a.clone());
        }
        Some(match (a, b) {
            (never, other) | (other, never) if is_never(never) => other.clone(),
            (Schema::Option(a), Schema::Option(b)) => option(self.types(a, b)?),
            (Schema::Option(inner), other) | (other, Schema::Option(inner)) => match &**inner {
                Schema::Unit => Schema::option(other.clone()),
                inner if *other == Schema::Unit => Schema::option(inner.clone()),
                inner => option(self.types(inner, other)?),
            },
            (Schema::Unit, other) | (other, Schema::Unit) => Schema::option(other.clone()),
            (Schema::List(a), Schema::List(b)) => Schema::list(self.types(a, b)?),
            (Schema::List(list), Schema::Array(array)) | (Schema::Array(array), Schema::List(list))
                if !array.is_tuple =>
            {
                Schema::list(self.types(list, &array.element)?)
            }
            (Schema::Array(a), Schema::Array(b)) if a.length == b.length && a.is_tuple == b.is_tuple => {
                Schema::array(self.types(&a.element, &b.element)?, a.length, a.is_tuple)
            }
            (Schema::Tuple(a), Schema::Tuple(b)) if a.len() == b.len() && a.is_tuple == b.is_tuple => {
                let places = a.iter().zip(b.iter()).map(|(a, b)| self.types(a, b));
                Schema::tuple(places.collect::<Option<_>>()?, a.is_tuple)
            }
            (Schema::Map(a), Schema::Map(b)) => {
                Schema::map(self.types(&a.key, &b.key)?, self.types(&a.value, &b.value)?)
            }
            (Schema::Record(a), Schema::Record(b)) => Schema::Record(self.records(a, b, false)?),
            // At one level of a tree the keys were told to be data, at another they were too few to tell.
            (Schema::Map(map), Schema::Record(record)) | (Schema::Record(record), Schema::Map(map))
                if self.is_tree && map.key == Schema::String && !is_stub(record) =>
            {
                Schema::map(Schema::String, self.values(Some(&map.value), record)?)
            }
            (Schema::Symbol(a), Schema::Symbol(b)) => symbols(a, b)?,
            (Schema::Symbol(_), Schema::String) | (Schema::String, Schema::Symbol(_)) if self.is_tree => Schema::String,
            (Schema::Enum(a), Schema::Enum(b)) if a.names == b.names => {
                let variants = a.variants.iter().zip(&b.variants);
                let merged = variants.map(|(a, b)| Some(Field::new(&a.name, self.types(&a.schema, &b.schema)?)));
                Schema::Enum(EnumSchema::new("", merged.collect::<Option<_>>()?))
            }
            (a, b) => match merged_numbers(a, b) {
                Some(number) => number,
                None if self.is_tree => self.mixed(a, b)?,
                None => return None,
            },
        })
    }

    /// The type that holds the values of all fields of a record, and of type `known`.
    fn values(&self, known: Option<&Schema>, record: &RecordSchema) -> Option<Schema> {
        let mut all = known.cloned().unwrap_or_else(never);
        for Field { schema, presence, .. } in &record.fields {
            let schema = match (schema, presence) {
                // What may be absent is an option for that alone.
                (Schema::Option(inner), Presence::Optional) => inner,
                (Schema::Map(others), Presence::Flattened) => &others.value,
                (schema, _) => schema,
            };
            all = self.types(&all, schema)?;
        }
        Some(all)
    }

    /// A column of both types.
    fn mixed(&self, a: &Schema, b: &Schema) -> Option<Schema> {
        let mut variants = variants(a)?;
        for variant in self::variants(b)? {
            match variants.iter_mut().find(|known| known.name == variant.name) {
                // Integers of both signs that no type of 64 bits holds together.
                Some(known) if known.schema == *a && variant.schema == *b => return None,
                Some(known) => known.schema = self.types(&known.schema, &variant.schema)?,
                None => variants.push(variant),
            }
        }
        // Which of the two an object is could not be told.
        if ["Map", "Record"].iter().all(|name| variants.iter().any(|variant| *variant.name == **name)) {
            return None;
        }
        variants.sort_by_key(|variant| VARIANTS.iter().position(|name| **name == *variant.name));
        Some(Schema::Enum(EnumSchema::new("", variants)))
    }
}

/// The enum of the strings of both; `None` where they are too many.
fn symbols(a: &SymbolSchema, b: &SymbolSchema) -> Option<Schema> {
    let others = b.values.iter().filter(|value| !a.values.contains(value));
    let all: Vec<&str> = a.values.iter().chain(others).copied().collect();
    (all.len() <= MOST_SYMBOLS).then(|| Schema::Symbol(SymbolSchema::new("", all)))
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
