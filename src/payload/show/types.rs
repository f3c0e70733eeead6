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

/// A type that holds itself: it is unrolled in the schema.
pub fn recursive_type(schema: &Schema) -> Option<Name> {
    fn find(schema: &Schema, open: &mut Vec<Name>) -> Option<Name> {
        let (name, fields) = match schema {
            Schema::Option(inner) | Schema::List(inner) => return find(inner, open),
            Schema::Array(array) => return find(&array.element, open),
            Schema::Tuple(places) => return places.iter().find_map(|place| find(place, open)),
            Schema::Map(map) => return find(&map.key, open).or_else(|| find(&map.value, open)),
            Schema::Record(record) => (record.name, &record.fields),
            Schema::Enum(choice) => (choice.name, &choice.variants),
            _ => return None,
        };
        if open.contains(&name) {
            return Some(name);
        }
        open.push(name);
        let found = fields.iter().find_map(|field| find(&field.schema, open));
        open.pop();
        found
    }
    find(schema, &mut Vec::new())
}

/// The path of a map whose keys have no order in Rust, and the type of the keys: floats, and what holds them.
pub fn unordered_key(schema: &Schema) -> Option<(String, String)> {
    fn has_order(key: &Schema) -> bool {
        match key {
            Schema::F32 | Schema::F64 | Schema::Number => false,
            Schema::Option(inner) | Schema::List(inner) => has_order(inner),
            Schema::Array(array) => has_order(&array.element),
            Schema::Tuple(places) => places.iter().all(has_order),
            Schema::Map(map) => has_order(&map.key) && has_order(&map.value),
            Schema::Record(record) => record.fields.iter().all(|field| has_order(&field.schema)),
            Schema::Enum(choice) => choice.variants.iter().all(|variant| has_order(&variant.schema)),
            _ => true,
        }
    }
    fn find(schema: &Schema, path: &str) -> Option<(String, String)> {
        let fields = |fields: &[Field], is_enum: bool| {
            fields.iter().find_map(|field| match is_enum {
                true => find(&field.schema, path),
                false => find(&field.schema, &format!("{path}.{}", field.name)),
            })
        };
        match schema {
            Schema::Option(inner) => find(inner, path),
            Schema::List(element) => find(element, &format!("{path}[*]")),
            Schema::Array(array) => find(&array.element, &format!("{path}[*]")),
            Schema::Tuple(places) => {
                places.iter().enumerate().find_map(|(at, place)| find(place, &format!("{path}[{at}]")))
            }
            Schema::Map(map) if !has_order(&map.key) => Some((path.to_owned(), map.key.describe())),
            Schema::Map(map) => find(&map.value, &format!("{path}.*")),
            Schema::Record(record) => fields(&record.fields, false),
            Schema::Enum(choice) => fields(&choice.variants, true),
            _ => None,
        }
    }
    find(schema, "$")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str, field: Schema) -> Schema {
        Schema::Record(RecordSchema::new(name, vec![Field::new("next", field)]))
    }

    #[test]
    fn a_type_that_holds_itself_is_found() {
        let inner = record("Node", Schema::list(Schema::Unit));
        let node = record("Node", Schema::list(inner.clone()));
        assert_eq!(recursive_type(&Schema::option(node)), Some(Name::new("Node")));
        assert_eq!(recursive_type(&Schema::tuple(vec![inner.clone(), inner], false)), None);
    }

    #[test]
    fn keys_without_an_order_are_found_by_path() {
        let of = |key| record("Table", Schema::list(Schema::map(key, Schema::Bool)));
        assert_eq!(unordered_key(&of(Schema::F64)), Some(("$.next[*]".into(), "f64".into())));
        let pair = Schema::tuple(vec![Schema::I64, Schema::F32], true);
        assert_eq!(unordered_key(&of(pair)), Some(("$.next[*]".into(), "tuple of i64, f32".into())));
        assert_eq!(unordered_key(&of(Schema::String)), None);
    }
}
