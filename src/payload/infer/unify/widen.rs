//! The types that were found for groups, put in the places of the document's own.

use super::{Groups, parts};
use crate::payload::infer::merge::{LEAST_FIELDS, Places, is_never, is_stub};
use crate::payload::schema::{ArraySchema, EnumSchema, Field, Presence, RecordSchema, Schema};

/// Whether the name is the mark of types that were unified.
pub(in crate::payload::infer) fn is_unified(name: &str) -> bool {
    name.starts_with(UNPLACED) && name != UNPLACED
}

impl Groups {
    /// `target` as deep as any of `own` goes, its records as their groups have them. Each step goes down in `own`, of which
    /// there may be several where one of them has as fields what is data elsewhere. What `is_inside` a unified record is of one
    /// type wherever that one is.
    pub(super) fn widened(&self, own: &[&Schema], target: &Schema, is_inside: bool) -> Schema {
        let own: Vec<&Schema> =
            own.iter().map(|&own| if let Schema::Option(inner) = own { &**inner } else { own }).collect();
        let below = |part: fn(&Schema) -> Vec<&Schema>, target: &Schema| {
            let parts: Vec<&Schema> = own.iter().flat_map(|own| part(own)).filter(|part| !is_never(part)).collect();
            self.widened(&parts, target, is_inside)
        };
        match target {
            Schema::Option(inner) => Schema::option(self.widened(&own, inner, is_inside)),
            Schema::List(element) => Schema::list(below(elements, element)),
            Schema::Array(array) => Schema::array(below(elements, &array.element), array.length, array.is_tuple),
            Schema::Tuple(schema) => {
                let own_places = |at: usize| own.iter().filter_map(|own| place_of(own, at)).collect::<Vec<_>>();
                let places =
                    schema.iter().enumerate().map(|(at, place)| self.widened(&own_places(at), place, is_inside));
                Schema::tuple(places.collect(), schema.is_tuple)
            }
            Schema::Map(map) => Schema::map(below(keys, &map.key), below(values, &map.value)),
            Schema::Record(target) => self.widened_record(&own, target, is_inside),
            Schema::Enum(choice) if choice.variants.is_empty() => Schema::Unit,
            Schema::Enum(choice) => {
                let variant = |variant: &Field| {
                    let own: Vec<&Schema> = own.iter().filter_map(|own| variant_of(own, &variant.name)).collect();
                    Field::new(&variant.name, self.widened(&own, &variant.schema, is_inside))
                };
                Schema::Enum(EnumSchema::new(&choice.name, choice.variants.iter().map(variant).collect()))
            }
            scalar => scalar.clone(),
        }
    }

    fn widened_record(&self, own: &[&Schema], target: &RecordSchema, is_inside: bool) -> Schema {
        let own: Vec<&RecordSchema> =
            own.iter().filter_map(|own| if let Schema::Record(own) = own { Some(own) } else { None }).collect();
        // Where the document goes no deeper, neither does the type.
        let Some(first) = own.first() else { return Schema::Unit };
        let group = self.of(target);
        let merged = group.and_then(|group| self.merged.get(&group)).and_then(Option::as_ref);
        // A record that came about by merging is of no group, or of one of its own: it is as what was merged has it.
        // Within a unified type all levels have the type of the place; one that is the same at all of them needs no mark.
        let is_simple = is_simple(target);
        let is_alone = merged.is_none()
            && (!is_inside || (is_simple && *first == target))
            && own.len() == 1
            && group.is_some()
            && self.of(first) == group;
        let target = merged.unwrap_or(if is_alone { first } else { target });
        let mark = match (group, merged) {
            (Some(group), Some(merged)) if merged.fields.len() >= LEAST_FIELDS || self.is_tree(group) => {
                format!("#{group}")
            }
            (_, None) if !is_alone && !is_simple => UNPLACED.to_owned(),
            _ => String::new(),
        };
        let places: Vec<Places<'_>> = own.iter().map(|own| Places::of_fields(own)).collect();
        let mut fields = Vec::with_capacity(target.fields.len());
        for field in &target.fields {
            let mut own_fields = Vec::with_capacity(own.len());
            for (own, places) in own.iter().zip(&places) {
                own_fields.extend(places.of(&field.name).map(|at| &own.fields[at].schema));
            }
            let schema = self.widened(&own_fields, &field.schema, is_inside || is_unified(&mark));
            let schema = if is_unified(&mark) { marked(schema, &format!("{mark}.{}", &*field.name)) } else { schema };
            fields.push(Field::with_presence(&field.name, schema, field.presence));
        }
        Schema::Record(RecordSchema::new(&mark, fields))
    }
}

/// Whether a record shows all of its type wherever it is: no record within it may be absent.
fn is_simple(record: &RecordSchema) -> bool {
    fn holds_record(schema: &Schema) -> bool {
        matches!(schema, Schema::Record(_)) || parts(schema).into_iter().any(holds_record)
    }

    !is_stub(record)
        && record.fields.iter().all(|field| match &field.schema {
            Schema::Record(inner) => is_simple(inner),
            schema => !holds_record(schema),
        })
}

/// The elements of a list, whatever its length.
fn elements(schema: &Schema) -> Vec<&Schema> {
    match schema {
        Schema::List(element) => vec![element],
        Schema::Array(array) => vec![&array.element],
        _ => Vec::new(),
    }
}

fn keys(schema: &Schema) -> Vec<&Schema> {
    if let Schema::Map(map) = schema { vec![&map.key] } else { Vec::new() }
}

/// The values of a map, and of a record whose keys are data elsewhere.
fn values(schema: &Schema) -> Vec<&Schema> {
    fn of_field(field: &Field) -> &Schema {
        match &field.schema {
            Schema::Map(map) if field.presence == Presence::Flattened => &map.value,
            schema => schema,
        }
    }

    match schema {
        Schema::Map(map) => vec![&map.value],
        Schema::Record(record) => record.fields.iter().map(of_field).collect(),
        _ => Vec::new(),
    }
}

fn place_of(own: &Schema, at: usize) -> Option<&Schema> {
    if let Schema::Tuple(own) = own { own.get(at) } else { None }
}

/// What a type has of a variant: a column of one kind is all of it.
fn variant_of<'s>(own: &'s Schema, name: &str) -> Option<&'s Schema> {
    match own {
        Schema::Enum(own) => own.variants.iter().find(|variant| *variant.name == *name).map(|variant| &variant.schema),
        own => Some(own),
    }
}

/// The mark of a record that came about by merging, until that of the unified record that holds it is known.
const UNPLACED: &str = "#";

/// The type with the enums of a field of a unified record marked, and the records that came about by merging, so that
/// they have one name at all levels.
fn marked(schema: Schema, mark: &str) -> Schema {
    let below = |name: &str| format!("{mark}.{name}");
    match schema {
        Schema::Option(inner) => Schema::option(marked(*inner, mark)),
        Schema::List(element) => Schema::list(marked(*element, mark)),
        Schema::Map(map) => Schema::map(map.key, marked(map.value, mark)),
        Schema::Array(array) => {
            let ArraySchema { element, length, is_tuple } = *array;
            Schema::array(marked(element, mark), length, is_tuple)
        }
        Schema::Tuple(tuple) => {
            let places = tuple.places.iter().enumerate();
            let places = places.map(|(at, place)| marked(place.clone(), &below(&at.to_string())));
            Schema::tuple(places.collect(), tuple.is_tuple)
        }
        Schema::Record(record) if *record.name == *UNPLACED => {
            let field = |field: &Field| {
                let schema = marked(field.schema.clone(), &below(&field.name));
                Field::with_presence(&field.name, schema, field.presence)
            };
            Schema::Record(RecordSchema::new(mark, record.fields.iter().map(field).collect()))
        }
        Schema::Enum(choice) => {
            let variant = |variant: Field| Field::new(&variant.name, marked(variant.schema, &below(&variant.name)));
            Schema::Enum(EnumSchema::new(mark, choice.variants.into_iter().map(variant).collect()))
        }
        other => other,
    }
}
