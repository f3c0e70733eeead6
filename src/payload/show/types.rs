//! The types of a schema by their names.

use crate::payload::schema::{EnumSchema, Field, Name, RecordSchema, Schema};
use std::collections::HashMap;

/// The fields of each record and the variants of each enum, as full as they are found.
///
/// A recursive type is unrolled in a schema, as deep as the document goes: a level at which the document ends holds
/// nothing where another one holds the next level. What is shown once is the fullest of them.
#[derive(Default)]
pub(super) struct Types<'a> {
    of_names: HashMap<Name, Vec<Field>>,
    /// The occurrences that are still to be looked at; a type may be as deep as a document.
    waiting: Vec<&'a Schema>,
}

impl<'a> Types<'a> {
    pub(super) fn of(schema: &'a Schema) -> Self {
        let mut types = Types { waiting: vec![schema], ..Types::default() };
        while let Some(schema) = types.waiting.pop() {
            types.visit(schema);
        }
        types
    }

    /// The fields or variants of a type, or those it was found with.
    pub(super) fn fields<'b>(&'b self, name: Name, found: &'b [Field]) -> &'b [Field] {
        self.of_names.get(&name).map_or(found, Vec::as_slice)
    }

    fn visit(&mut self, schema: &'a Schema) {
        match schema {
            Schema::Option(inner) | Schema::List(inner) => self.waiting.push(inner),
            Schema::Array(array) => self.waiting.push(&array.element),
            Schema::Tuple(places) => self.waiting.extend(places.iter()),
            Schema::Map(map) => self.waiting.extend([&map.key, &map.value]),
            Schema::Record(record) => self.add(record.name, &record.fields),
            Schema::Enum(choice) => self.add(choice.name, &choice.variants),
            _ => {}
        }
    }

    fn add(&mut self, name: Name, fields: &'a [Field]) {
        self.waiting.extend(fields.iter().map(|field| &field.schema));
        let outlined =
            |field: &Field| Field { name: field.name, schema: outline(&field.schema), presence: field.presence };
        let outlines = || fields.iter().map(outlined).collect();
        let known = self.of_names.entry(name).or_insert_with(outlines);
        for (known, field) in known.iter_mut().zip(fields) {
            if known.name == field.name {
                fill(&mut known.schema, &field.schema);
            }
        }
    }
}

/// The type with the names of those that it is made of, without what these are made of.
fn outline(schema: &Schema) -> Schema {
    match schema {
        Schema::Option(inner) => Schema::option(outline(inner)),
        Schema::List(element) => Schema::list(outline(element)),
        Schema::Array(array) => Schema::array(outline(&array.element), array.length, array.is_tuple),
        Schema::Tuple(places) => Schema::tuple(places.iter().map(outline).collect(), places.is_tuple),
        Schema::Map(map) => Schema::map(outline(&map.key), outline(&map.value)),
        Schema::Record(record) => Schema::Record(RecordSchema::new(&record.name, Vec::new())),
        Schema::Enum(choice) => Schema::Enum(EnumSchema::new(&choice.name, Vec::new())),
        scalar => scalar.clone(),
    }
}

/// Takes from `other` what the type has nothing of. What has a name is left to that name.
fn fill(schema: &mut Schema, other: &Schema) {
    match (schema, other) {
        (schema @ Schema::Unit, other) => *schema = outline(other),
        (Schema::Option(inner), Schema::Option(other)) | (Schema::List(inner), Schema::List(other)) => {
            fill(inner, other);
        }
        (Schema::Option(inner), other) => fill(inner, other),
        (Schema::Array(array), Schema::Array(other)) => fill(&mut array.element, &other.element),
        (Schema::Map(map), Schema::Map(other)) => fill(&mut map.value, &other.value),
        (Schema::Tuple(places), Schema::Tuple(other)) => {
            places.places.iter_mut().zip(other.iter()).for_each(|(place, other)| fill(place, other));
        }
        _ => {}
    }
}
