//! Schemas for people: as an indented listing, as the Rust types to paste, and as the JSON of `--schema FILE`.

mod rust;

pub use rust::schema_rust;

use super::infer;
use super::read::source::{MAX_DEPTH, quoted};
use super::read::{Place, ReadError, SCHEMA_REMEDY, json::JsonSource};
use super::schema::{Field, Schema};
use crate::model::nearest;
use serde::Deserialize;
use std::collections::HashMap;

/// The schema as an indented listing. A record or enum is spelled out where it is first met, below the field; the
/// variants of an enum have a bar before them.
pub fn schema_text(schema: &Schema, name: &str) -> String {
    let mut text = format!("{name}: {}\n", type_text(schema));
    below(schema, 1, &mut Vec::new(), &mut text);
    text
}

/// The type in words, records and enums by their names.
fn type_text(schema: &Schema) -> String {
    match schema {
        Schema::Option(inner) => format!("optional {}", type_text(inner)),
        Schema::List(element) => format!("list of {}", type_text(element)),
        Schema::Map(map) => format!("map of {} to {}", type_text(&map.key), type_text(&map.value)),
        Schema::Record(record) => record.name.to_string(),
        Schema::Enum(choice) => choice.name.to_string(),
        scalar => scalar.describe(),
    }
}

/// The fields of the records and the variants of the enums that a type is made of.
fn below(schema: &Schema, depth: usize, shown: &mut Vec<Schema>, text: &mut String) {
    let (fields, bullet) = match schema {
        Schema::Option(inner) | Schema::List(inner) => return below(inner, depth, shown, text),
        Schema::Map(map) => {
            below(&map.key, depth, shown, text);
            return below(&map.value, depth, shown, text);
        }
        Schema::Record(record) => (&record.fields, ""),
        Schema::Enum(choice) => (&choice.variants, "| "),
        _ => return,
    };
    if shown.contains(schema) {
        return;
    }
    shown.push(schema.clone());
    let shown_name = |field: &Field| if is_plain(&field.name) { field.name.to_string() } else { quoted(&field.name) };
    // One very long name does not push all types to the right.
    let width = fields.iter().map(|field| shown_name(field).chars().count()).filter(|&width| width <= 32).max();
    let (indent, width) = (2 * depth, width.unwrap_or(0));
    for field in fields {
        *text += &format!("{:indent$}{bullet}{:width$}  {}\n", "", shown_name(field), type_text(&field.schema));
        below(&field.schema, depth + 1 + bullet.len() / 2, shown, text);
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
    "unit", "bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "string", "bytes", "option",
    "list", "map", "record", "enum",
];

/// Reads a schema file.
pub fn parse_schema(text: &str, file: &str) -> Result<Schema, ReadError> {
    let base = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let text = &text[base..];
    // Syntax, nesting and repeated keys are looked at by the reader that every JSON goes through.
    infer::scan(&mut JsonSource::new(text.as_bytes(), 0))
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

/// What the serde form alone does not rule out.
fn check<'a>(schema: &'a Schema, depth: usize, names: &mut HashMap<&'a str, &'a Schema>) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("types are nested more than {MAX_DEPTH} levels deep"));
    }
    let (name, fields) = match schema {
        Schema::Option(inner) | Schema::List(inner) => return check(inner, depth + 1, names),
        Schema::Map(map) => {
            if matches!(map.key, Schema::Option(_) | Schema::List(_) | Schema::Map(_) | Schema::Record(_)) {
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
    match names.insert(name, schema) {
        Some(other) if other != schema => return Err(format!("two different types are called {}", quoted(name))),
        // Looked at before.
        Some(_) => return Ok(()),
        None => {}
    }
    fields.iter().try_for_each(|field| check(&field.schema, depth + 1, names))
}
