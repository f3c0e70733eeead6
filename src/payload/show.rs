//! Schemas for people: as an indented listing, as the Rust types to paste, and as the JSON of `--schema FILE`.

mod rust;
mod types;

pub use rust::{RustFor, schema_rust, schema_rust_for};

use super::infer;
use super::read::json::{JsonSource, Leave};
use super::read::{Place, ReadError, SCHEMA_REMEDY};
use super::schema::{Field, Name, Presence, RecordSchema, Schema, SymbolSchema};
use super::source::{MAX_DEPTH, quoted};
use crate::model::nearest;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
pub use types::{recursive_type, unordered_key};

use types::Types;

/// The schema as an indented listing. A record or enum is spelled out where it is first met, below the field; the
/// variants of an enum have a bar before them.
pub fn schema_text(schema: &Schema, name: &str) -> String {
    let mut text = format!("{name}: {}\n", type_text(schema));
    below(schema, 1, &Types::of(schema), &mut HashSet::new(), &mut text);
    text
}

/// The type of a field, and whether it may be absent or null.
fn field_text(field: &Field) -> String {
    match (&field.schema, field.presence) {
        (Schema::Option(inner), Presence::Optional) => format!("optional {}", type_text(inner)),
        (Schema::Option(inner), Presence::OptionalOrNull) => format!("optional nullable {}", type_text(inner)),
        (schema, Presence::Flattened) => format!("flattened {}", type_text(schema)),
        (schema, _) => type_text(schema),
    }
}

/// The type in words, records and enums by their names.
fn type_text(schema: &Schema) -> String {
    match schema {
        Schema::Option(inner) => format!("nullable {}", type_text(inner)),
        Schema::List(element) => format!("list of {}", type_text(element)),
        Schema::Array(array) => format!("array of {} {}", array.length, type_text(&array.element)),
        Schema::Tuple(places) => format!("({})", places.iter().map(type_text).collect::<Vec<_>>().join(", ")),
        Schema::Symbol(symbol) => symbol.name.to_string(),
        Schema::Map(map) => format!("map of {} to {}", type_text(&map.key), type_text(&map.value)),
        Schema::Record(record) => record.name.to_string(),
        Schema::Enum(choice) => choice.name.to_string(),
        scalar => scalar.describe(),
    }
}

/// The fields of the records and the variants of the enums that a type is made of.
fn below(schema: &Schema, depth: usize, types: &Types<'_>, shown: &mut HashSet<Name>, text: &mut String) {
    let (name, fields, bullet) = match schema {
        Schema::Option(inner) | Schema::List(inner) => return below(inner, depth, types, shown, text),
        Schema::Array(array) => return below(&array.element, depth, types, shown, text),
        Schema::Tuple(places) => return places.iter().for_each(|place| below(place, depth, types, shown, text)),
        Schema::Symbol(symbol) => {
            if shown.insert(symbol.name) {
                let indent = 2 * depth;
                let values: Vec<String> = symbol.values.iter().map(|value| quoted(value)).collect();
                *text += &format!("{:indent$}= {}\n", "", values.join(" | "));
            }
            return;
        }
        Schema::Map(map) => {
            below(&map.key, depth, types, shown, text);
            return below(&map.value, depth, types, shown, text);
        }
        Schema::Record(record) => (record.name, &record.fields, ""),
        Schema::Enum(choice) => (choice.name, &choice.variants, "| "),
        _ => return,
    };
    if !shown.insert(name) {
        return;
    }
    let fields = types.fields(name, fields);
    let shown_name = |field: &Field| if is_plain(&field.name) { field.name.to_string() } else { quoted(&field.name) };
    // One very long name does not push all types to the right.
    let width = fields.iter().map(|field| shown_name(field).chars().count()).filter(|&width| width <= 32).max();
    let (indent, width) = (2 * depth, width.unwrap_or(0));
    for field in fields {
        *text += &format!("{:indent$}{bullet}{:width$}  {}\n", "", shown_name(field), field_text(field));
        below(&field.schema, depth + 1 + bullet.len() / 2, types, shown, text);
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-$./:@".contains(c))
}

/// The schema as `--schema FILE` has it.
pub fn schema_json(schema: &Schema) -> serde_json::Value {
    // Only maps with keys that are not strings and numbers that are not finite fail to become a value.
    serde_json::to_value(schema).unwrap_or_default()
}

/// The names of the types in a schema file.
const TYPES: &[&str] = &[
    "unit", "bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "number", "string", "symbol",
    "bytes", "option", "list", "array", "tuple", "map", "record", "enum",
];

/// The types that a column can be said to be of.
const COLUMN_TYPES: &[&str] = &["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "number", "string"];

/// The type of that name, if it is one of numbers or strings.
///
/// # Errors
///
/// In words, with the name that was probably meant.
pub fn scalar_type(name: &str) -> Result<Schema, String> {
    let known = COLUMN_TYPES.contains(&name);
    match serde_json::from_value(name.into()) {
        Ok(schema) if known => Ok(schema),
        _ if ["f16", "float16", "half"].contains(&&*name.to_lowercase()) => {
            Err(format!("unknown type {}; the narrowest float is \"f32\"", quoted(name)))
        }
        _ => Err(match nearest(&name.to_lowercase(), COLUMN_TYPES.iter().copied()) {
            Some(near) => format!("unknown type {}; did you mean {near:?}?", quoted(name)),
            None => format!("unknown type {}; there are {}", quoted(name), COLUMN_TYPES.join(", ")),
        }),
    }
}

/// Reads a schema file.
pub fn parse_schema(text: &str, file: &str) -> Result<Schema, ReadError> {
    let base = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let text = &text[base..];
    // Syntax, nesting and repeated keys are looked at by the reader that every JSON goes through.
    infer::scan(&mut JsonSource::new(text.as_bytes(), 0, Leave::default()))
        .map_err(|fault| ReadError::of_text(file, text.as_bytes(), fault))?;
    let refuse = |place, reason: String| ReadError::of_whole(file, place, &reason, SCHEMA_REMEDY);
    let schema = deserialize(text).map_err(|error| {
        let place = Place::Line { line: error.line(), column: error.column() };
        refuse(Some(place), describe(&error))
    })?;
    check(&schema, 0, &mut HashMap::new()).map_err(|reason| refuse(None, reason))?;
    Ok(schema)
}

/// Decodes on a stack of its own: each level of a schema takes several levels of derived code, which could overflow
/// what the caller has left.
fn deserialize(text: &str) -> Result<Schema, serde_json::Error> {
    std::thread::scope(|scope| {
        let decode = || {
            let mut deserializer = serde_json::Deserializer::from_str(text);
            deserializer.disable_recursion_limit();
            Schema::deserialize(&mut deserializer)
        };
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, decode);
        match thread.map(|thread| thread.join()) {
            Ok(Ok(result)) => result,
            // Without a thread the default limit protects the stack.
            _ => serde_json::from_str(text),
        }
    })
}

/// serde's message without its place, with the type that was meant.
fn describe(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let reason = message.rsplit_once(" at line ").map_or(&*message, |(reason, _)| reason);
    let Some(name) = reason.strip_prefix("unknown variant `").and_then(|rest| rest.split('`').next()) else {
        return reason.to_owned();
    };
    match nearest(&name.to_lowercase(), TYPES.iter().copied()) {
        Some(near) => format!("unknown type {}; did you mean {near:?}?", quoted(name)),
        None => format!("unknown type {}; there are {}", quoted(name), TYPES.join(", ")),
    }
}

/// Refuses what the serde form alone does not rule out.
fn check<'a>(schema: &'a Schema, depth: usize, names: &mut HashMap<&'a str, &'a Schema>) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("types are nested more than {MAX_DEPTH} levels deep"));
    }
    let (name, fields) = match schema {
        Schema::Option(inner) | Schema::List(inner) => return check(inner, depth + 1, names),
        Schema::Array(array) if !(1..=32).contains(&array.length) => {
            return Err(format!("an array has 1 to 32 elements, and not {}: take a list", array.length));
        }
        Schema::Array(array) => return check(&array.element, depth + 1, names),
        Schema::Tuple(places) if places.is_empty() => return Err("a tuple has at least one place".to_owned()),
        Schema::Tuple(places) => return places.iter().try_for_each(|place| check(place, depth + 1, names)),
        Schema::Symbol(symbol) => return check_symbol(symbol),
        Schema::Map(map) => {
            if matches!(map.key, Schema::Option(_) | Schema::List(_) | Schema::Map(_) | Schema::Record(_))
                || matches!(map.key, Schema::Array(_) | Schema::Tuple(_))
            {
                return Err(format!("a key of a map cannot be of type {}", map.key.describe()));
            }
            check(&map.key, depth + 1, names)?;
            return check(&map.value, depth + 1, names);
        }
        Schema::Record(record) => (record.name.as_static(), &record.fields),
        Schema::Enum(choice) if choice.variants.is_empty() => {
            return Err(format!("enum {} has no variants", quoted(&choice.name)));
        }
        Schema::Enum(choice) => (choice.name.as_static(), &choice.variants),
        _ => return Ok(()),
    };
    for (at, field) in fields.iter().enumerate() {
        if fields[..at].iter().any(|before| before.name == field.name) {
            return Err(format!("type {} has two fields called {}", quoted(name), quoted(&field.name)));
        }
    }
    if let Schema::Record(record) = schema {
        check_presence(record)?;
    }
    match names.insert(name, schema) {
        // Looked at before.
        Some(other) if other == schema => return Ok(()),
        // The levels of a recursive type differ in how deep they go.
        Some(other) if !are_levels(other, schema) => {
            return Err(format!("two different types are called {}", quoted(name)));
        }
        _ => {}
    }
    fields.iter().try_for_each(|field| check(&field.schema, depth + 1, names))
}

/// Whether both are records with the same fields, so that one may be a deeper level of the other.
fn are_levels(a: &Schema, b: &Schema) -> bool {
    match (a, b) {
        (Schema::Record(a), Schema::Record(b)) => {
            let presences =
                |record: &RecordSchema| record.fields.iter().map(|field| field.presence).collect::<Vec<_>>();
            a.names == b.names && presences(a) == presences(b)
        }
        _ => false,
    }
}

fn check_symbol(symbol: &SymbolSchema) -> Result<(), String> {
    let mut known = HashSet::new();
    match symbol.values.iter().find(|value| !known.insert(**value)) {
        _ if symbol.values.is_empty() => Err(format!("{} has no values", quoted(&symbol.name))),
        Some(twice) => Err(format!("{} has the value {} twice", quoted(&symbol.name), quoted(twice))),
        None => Ok(()),
    }
}

fn check_presence(record: &RecordSchema) -> Result<(), String> {
    let last = record.fields.len().saturating_sub(1);
    for (at, field) in record.fields.iter().enumerate() {
        let wrong = match (field.presence, &field.schema) {
            (Presence::Optional | Presence::OptionalOrNull, Schema::Option(_)) | (Presence::Required, _) => None,
            (Presence::Optional | Presence::OptionalOrNull, _) => Some("may be absent, and must be an option"),
            (Presence::Flattened, Schema::Map(map)) if at == last && map.key == Schema::String => None,
            (Presence::Flattened, _) => Some("is flattened, and must be the last field and a map with keys of strings"),
        };
        if let Some(wrong) = wrong {
            return Err(format!("field {} of type {} {wrong}", quoted(&field.name), quoted(&record.name)));
        }
    }
    Ok(())
}
