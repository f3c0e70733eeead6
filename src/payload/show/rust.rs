//! A schema as Rust: what a person would write to have the same data.

use crate::payload::infer::type_name;
use crate::payload::schema::{EnumSchema, Field, RecordSchema, Schema};
use std::collections::HashSet;

/// The schema as Rust structs and enums with serde derives, ready to paste; the document itself is `Root`.
///
/// Enums are tagged from outside, as serde does by default and sercost encodes them: a document whose columns mix
/// types has no such tags, so that it is not these types that decode it but sercost's encodings of it.
pub fn schema_rust(schema: &Schema) -> String {
    let mut printer = Printer::default();
    let root = printer.type_name(schema);
    printer.items(schema, false);
    let body = printer.body;
    let mut text = String::new();
    if !body.is_empty() {
        text += "use serde::{Deserialize, Serialize};\n";
    }
    if body.contains("BTreeMap<") || root.contains("BTreeMap<") {
        text += "use std::collections::BTreeMap;\n";
    }
    if !text.is_empty() {
        text += "\n";
    }
    if root != "Root" {
        text += &format!("pub type Root = {root};\n{}", if body.is_empty() { "" } else { "\n" });
    }
    text + body.trim_end_matches('\n') + if body.is_empty() { "" } else { "\n" }
}

#[derive(Default)]
struct Printer {
    body: String,
    /// The names of the types that are printed.
    done: HashSet<String>,
}

impl Printer {
    /// How the type is written where it is used.
    fn type_name(&self, schema: &Schema) -> String {
        match schema {
            Schema::Unit => "()".into(),
            Schema::String => "String".into(),
            Schema::Bytes => "serde_bytes::ByteBuf".into(),
            Schema::Option(inner) => format!("Option<{}>", self.type_name(inner)),
            Schema::List(element) => format!("Vec<{}>", self.type_name(element)),
            Schema::Map(map) => format!("BTreeMap<{}, {}>", self.type_name(&map.key), self.type_name(&map.value)),
            Schema::Record(RecordSchema { name, .. }) | Schema::Enum(EnumSchema { name, .. }) => rust_name(name),
            scalar => scalar.describe(),
        }
    }

    /// Prints the records and enums that a type is made of. What is a key must have an order.
    fn items(&mut self, schema: &Schema, ordered: bool) {
        match schema {
            Schema::Option(inner) | Schema::List(inner) => self.items(inner, ordered),
            Schema::Map(map) => {
                self.items(&map.key, true);
                self.items(&map.value, ordered);
            }
            Schema::Record(record) => self.item("struct", &record.name, &record.fields, ordered),
            Schema::Enum(choice) => self.item("enum", &choice.name, &choice.variants, ordered),
            _ => {}
        }
    }

    fn item(&mut self, keyword: &str, name: &str, fields: &[Field], ordered: bool) {
        let name = rust_name(name);
        if !self.done.insert(name.clone()) {
            return;
        }
        let order = if ordered { "Eq, Hash, Ord, PartialOrd, " } else { "" };
        let mut text = format!("#[derive(Clone, Debug, PartialEq, {order}Serialize, Deserialize)]\n");
        text += &format!("pub {keyword} {name} {{{}", if fields.is_empty() { "" } else { "\n" });
        let mut used = HashSet::new();
        for field in fields {
            text += &match keyword {
                "enum" => self.variant(field, &mut used),
                _ => self.field(field, &mut used),
            };
        }
        self.body += &(text + "}\n\n");
        for field in fields {
            self.items(&field.schema, ordered);
        }
    }

    fn field(&self, field: &Field, used: &mut HashSet<String>) -> String {
        let identifier = unique(field_name(&field.name), used);
        let mut text = String::new();
        if identifier.trim_start_matches("r#") != &*field.name {
            text += &format!("    #[serde(rename = {:?})]\n", &*field.name);
        }
        // Where serde_bytes can be told by an attribute, the type stays the one that a person would use.
        let bytes = match &field.schema {
            Schema::Bytes => Some("Vec<u8>"),
            Schema::Option(inner) if **inner == Schema::Bytes => Some("Option<Vec<u8>>"),
            _ => None,
        };
        if bytes.is_some() {
            text += "    #[serde(with = \"serde_bytes\")]\n";
        }
        let type_name = bytes.map_or_else(|| self.type_name(&field.schema), str::to_owned);
        text + &format!("    pub {identifier}: {type_name},\n")
    }

    fn variant(&self, field: &Field, used: &mut HashSet<String>) -> String {
        let identifier = unique(variant_name(&field.name), used);
        let mut text = String::new();
        if identifier != *field.name {
            text += &format!("    #[serde(rename = {:?})]\n", &*field.name);
        }
        text + &format!("    {identifier}({}),\n", self.type_name(&field.schema))
    }
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The name of a type as it is, if Rust allows.
fn rust_name(name: &str) -> String {
    if is_identifier(name) && name.starts_with(|c: char| c.is_ascii_uppercase()) {
        name.into()
    } else {
        type_name(name)
    }
}

/// The variants that a column's own types make are called `String` and so on, which does no harm inside an enum.
fn variant_name(name: &str) -> String {
    if is_identifier(name) && name != "Self" { name.into() } else { type_name(name) }
}

/// `userId` and `user-id` as `user_id`.
fn field_name(key: &str) -> String {
    let mut name = String::new();
    let mut before = '_';
    let mut letters = key.chars().peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_ascii_alphanumeric() {
            let leading = name.is_empty() && letter != '_';
            if !leading && !name.ends_with('_') {
                name.push('_');
            }
        } else {
            // A word begins at a capital after a small letter, and at the last capital of several (`HTTPServer`).
            let follows = letters.peek().is_some_and(char::is_ascii_lowercase);
            let begins = letter.is_ascii_uppercase()
                && (before.is_ascii_lowercase() || (before.is_ascii_uppercase() && follows))
                && !name.ends_with('_');
            if begins {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    let mut name = name.trim_end_matches('_').to_owned();
    if name.is_empty() {
        name = "field".into();
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    match &*name {
        "self" | "super" | "crate" => name + "_",
        word if KEYWORDS.contains(&word) => format!("r#{name}"),
        _ => name,
    }
}

/// The words that a field can only be called by way of `r#`.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

fn unique(name: String, used: &mut HashSet<String>) -> String {
    let mut candidate = name.clone();
    let mut number = 2;
    while !used.insert(candidate.clone()) {
        candidate = format!("{}_{number}", name.trim_start_matches("r#").trim_end_matches('_'));
        number += 1;
    }
    candidate
}
