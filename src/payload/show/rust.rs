//! A schema as Rust: what a person would write to have the same data.

use super::types::Types;
use crate::payload::infer::type_name;
use crate::payload::schema::{EnumSchema, Field, Name, Presence, RecordSchema, Schema, SymbolSchema};
use std::collections::HashSet;
use unicode_ident::{is_xid_continue, is_xid_start};

/// The formats that types are written for. They differ in what a person leaves to attributes, and in the derives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RustFor {
    /// Formats with names: absent fields are left out, columns that mix types are untagged.
    #[default]
    Named,
    /// Formats without names whose values say their own kind.
    Positional,
    /// Formats that know the types beforehand.
    Compact,
    /// The crate rkyv, by its own derives.
    Rkyv,
    /// The crate borsh, by its own derives.
    Borsh,
    /// The crate wincode, by its own derives.
    Wincode,
    /// The crate bitcode, by its own derives.
    Bitcode,
}

impl RustFor {
    /// Whether it is a crate with derives of its own.
    pub fn is_crate(self) -> bool {
        !matches!(self, RustFor::Named | RustFor::Positional | RustFor::Compact)
    }

    /// The derives beside those of serde.
    fn derives(self) -> &'static str {
        match self {
            RustFor::Named | RustFor::Positional | RustFor::Compact => "",
            RustFor::Rkyv => "rkyv::Archive, rkyv::Serialize, rkyv::Deserialize, ",
            RustFor::Borsh => "borsh::BorshSerialize, borsh::BorshDeserialize, ",
            RustFor::Wincode => "wincode::SchemaWrite, wincode::SchemaRead, ",
            RustFor::Bitcode => "bitcode::Encode, bitcode::Decode, ",
        }
    }

    /// Whether its formats write the kind of each value.
    fn has_kinds(self) -> bool {
        matches!(self, RustFor::Named | RustFor::Positional)
    }

    fn is_untagged(self, choice: &EnumSchema) -> bool {
        match self {
            RustFor::Named => true,
            RustFor::Positional => !choice.has_two_sequences,
            _ => false,
        }
    }
}

/// The schema as Rust structs and enums with serde derives, ready to paste; the document itself is `Root`.
///
/// The types are those of a self-describing format such as the document's own: absent fields are left out, columns that
/// mix types are untagged. Where the format needs to know the types beforehand, those attributes go, as the text says.
pub fn schema_rust(schema: &Schema) -> String {
    schema_rust_for(schema, RustFor::Named)
}

/// The types as formats of one kind have them; the document itself is `Root`.
pub fn schema_rust_for(schema: &Schema, of: RustFor) -> String {
    let mut printer = Printer { types: Types::of(schema), of, ..Printer::default() };
    let root = printer.type_name(schema, false);
    printer.items(schema, false);
    printer.print_tuples();
    let body = std::mem::take(&mut printer.body);
    let mut text = String::new();
    for (is_said, comment) in [(printer.leaves_out, LEAVES_OUT), (printer.has_maps, HAS_MAPS)] {
        if is_said {
            text += comment;
        }
    }
    if !body.is_empty() {
        text += if printer.has_some {
            "use serde::{Deserialize, Deserializer, Serialize};\n"
        } else {
            "use serde::{Deserialize, Serialize};\n"
        };
    }
    if printer.has_maps {
        text += "use std::collections::BTreeMap;\n";
    }
    if !text.is_empty() {
        text += "\n";
    }
    if root != "Root" {
        text += &format!("pub type Root = {root};\n{}", if body.is_empty() { "" } else { "\n" });
    }
    text += body.trim_end_matches('\n');
    text += if body.is_empty() { "" } else { "\n" };
    if printer.has_some {
        text += SOME;
    }
    text
}

const LEAVES_OUT: &str = "\
// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
";

const HAS_MAPS: &str = "\
// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
";

/// Tells a field that is null from one that is absent.
const SOME: &str = "
fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
";

const DERIVES: &str = "Serialize, Deserialize)]\n";

/// The standard library compares and prints tuples of up to so many places.
const LONGEST_TUPLE: usize = 12;

#[derive(Default)]
struct Printer<'a> {
    /// The fullest form of each type.
    types: Types<'a>,
    of: RustFor,
    body: String,
    /// The names of the types that are printed.
    done: HashSet<String>,
    /// Those that hold what is printed now.
    open: Vec<String>,
    /// The tuples that need a struct of their own.
    tuples: Vec<Vec<Schema>>,
    has_maps: bool,
    has_some: bool,
    leaves_out: bool,
}

impl Printer<'_> {
    /// How the type is written where it is used. What is not behind a pointer (`direct`) and holds itself is boxed.
    fn type_name(&mut self, schema: &Schema, direct: bool) -> String {
        match schema {
            Schema::Unit => "()".into(),
            Schema::Number if !self.of.has_kinds() => "f64".into(),
            Schema::Bytes if self.of.is_crate() => "Vec<u8>".into(),
            Schema::Number => {
                self.number();
                "Number".into()
            }
            Schema::String => "String".into(),
            Schema::Bytes => "serde_bytes::ByteBuf".into(),
            Schema::Option(inner) => format!("Option<{}>", self.type_name(inner, direct)),
            Schema::List(element) => format!("Vec<{}>", self.type_name(element, false)),
            Schema::Array(array) => format!("[{}; {}]", self.type_name(&array.element, direct), array.length),
            Schema::Tuple(places) if places.len() > LONGEST_TUPLE => self.tuple(places),
            Schema::Tuple(places) => {
                let places: Vec<String> = places.iter().map(|place| self.type_name(place, direct)).collect();
                format!("({}{})", places.join(", "), if places.len() == 1 { "," } else { "" })
            }
            Schema::Map(map) => {
                self.has_maps = true;
                format!("BTreeMap<{}, {}>", self.type_name(&map.key, false), self.type_name(&map.value, false))
            }
            Schema::Record(RecordSchema { name, .. })
            | Schema::Enum(EnumSchema { name, .. })
            | Schema::Symbol(SymbolSchema { name, .. }) => {
                let name = rust_name(name);
                if direct && self.open.contains(&name) { format!("Box<{name}>") } else { name }
            }
            scalar => scalar.describe(),
        }
    }

    /// The type of columns that mix integers and floats.
    fn number(&mut self) {
        if self.done.insert("Number".into()) {
            self.leaves_out = true;
            self.body += &format!(
                "/// An integer stays one. Where the types must be known beforehand, use `f64`.\n\
                 #[derive(Clone, Copy, Debug, PartialEq, {DERIVES}#[serde(untagged)]\n\
                 pub enum Number {{\n    Int(i64),\n    Float(f64),\n}}\n\n"
            );
        }
    }

    /// A struct for a tuple that is too long to be one.
    fn tuple(&mut self, places: &[Schema]) -> String {
        let known = self.tuples.iter().position(|known| known == places);
        let at = known.unwrap_or_else(|| {
            self.tuples.push(places.to_vec());
            self.tuples.len() - 1
        });
        format!("Tuple{}", at + 1)
    }

    fn print_tuples(&mut self) {
        let mut at = 0;
        // A tuple may hold another one.
        while let Some(places) = self.tuples.get(at).cloned() {
            at += 1;
            let types: Vec<String> =
                places.iter().map(|place| format!("    pub {},\n", self.type_name(place, true))).collect();
            let types = types.concat();
            let own = self.of.derives();
            self.body +=
                &format!("#[derive(Clone, Debug, PartialEq, {own}{DERIVES}pub struct Tuple{at}(\n{types});\n\n");
        }
    }

    /// Prints the records and enums that a type is made of. What is a key must have an order.
    fn items(&mut self, schema: &Schema, ordered: bool) {
        match schema {
            Schema::Option(inner) | Schema::List(inner) => self.items(inner, ordered),
            Schema::Array(array) => self.items(&array.element, ordered),
            Schema::Tuple(places) => places.iter().for_each(|place| self.items(place, ordered)),
            Schema::Map(map) => {
                self.items(&map.key, true);
                self.items(&map.value, ordered);
            }
            Schema::Record(record) => self.item("struct", record.name, &record.fields, ordered, false),
            Schema::Enum(choice) => {
                let untagged = self.of.is_untagged(choice);
                self.item("enum", choice.name, &choice.variants, ordered, untagged);
            }
            Schema::Symbol(symbol) => self.symbol(symbol),
            _ => {}
        }
    }

    fn item(&mut self, keyword: &str, name: Name, found: &[Field], ordered: bool, untagged: bool) {
        let fields = self.types.fields(name, found).to_vec();
        let name = rust_name(&name);
        if !self.done.insert(name.clone()) {
            return;
        }
        let order = if ordered { "Eq, Hash, Ord, PartialOrd, " } else { "" };
        let own = self.of.derives();
        let mut text = format!("#[derive(Clone, Debug, PartialEq, {order}{own}{DERIVES}");
        text += self.archived_order(ordered);
        if untagged {
            self.leaves_out = true;
            text += "#[serde(untagged)]\n";
        }
        text += &format!("pub {keyword} {name} {{{}", if fields.is_empty() { "" } else { "\n" });
        self.open.push(name);
        let mut used = HashSet::new();
        for field in &fields {
            text += &match keyword {
                "enum" => self.variant(field, &mut used),
                _ => self.field(field, &mut used),
            };
        }
        self.body += &(text + "}\n\n");
        for field in &fields {
            self.items(&field.schema, ordered);
        }
        self.open.pop();
    }

    /// What is a key in an archive must have an order too.
    fn archived_order(&self, ordered: bool) -> &'static str {
        match self.of {
            RustFor::Rkyv if ordered => "#[rkyv(derive(PartialEq, Eq, PartialOrd, Ord))]\n",
            _ => "",
        }
    }

    fn symbol(&mut self, symbol: &SymbolSchema) {
        let name = rust_name(&symbol.name);
        if !self.done.insert(name.clone()) {
            return;
        }
        let (own, order) = (self.of.derives(), self.archived_order(true));
        let mut text = format!(
            "#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Ord, PartialOrd, {own}{DERIVES}{order}pub enum {name} {{\n"
        );
        let mut used = HashSet::new();
        for value in symbol.values {
            let identifier = unique(type_name(value), &mut used);
            if identifier != *value {
                text += &format!("    #[serde(rename = {value:?})]\n");
            }
            text += &format!("    {identifier},\n");
        }
        self.body += &(text + "}\n\n");
    }

    fn field(&mut self, field: &Field, used: &mut HashSet<String>) -> String {
        let identifier = unique(field_name(&field.name), used);
        let mut text = String::new();
        let by_name = self.of == RustFor::Named;
        let presence = if by_name { field.presence } else { Presence::Required };
        if identifier.trim_start_matches("r#") != &*field.name && presence != Presence::Flattened {
            text += &format!("    #[serde(rename = {:?})]\n", &*field.name);
        }
        text += match presence {
            Presence::Required => "",
            Presence::Optional => "    #[serde(default, skip_serializing_if = \"Option::is_none\")]\n",
            Presence::OptionalOrNull => {
                "    #[serde(default, skip_serializing_if = \"Option::is_none\", deserialize_with = \"some\")]\n"
            }
            Presence::Flattened => "    #[serde(flatten)]\n",
        };
        self.leaves_out |= !presence.is_required();
        // Where serde_bytes can be told by an attribute, the type stays the one that a person would use.
        let bytes = match &field.schema {
            _ if self.of.is_crate() => None,
            Schema::Bytes => Some("Vec<u8>"),
            Schema::Option(inner) if **inner == Schema::Bytes && presence != Presence::OptionalOrNull => {
                Some("Option<Vec<u8>>")
            }
            _ => None,
        };
        if bytes.is_some() {
            text += "    #[serde(with = \"serde_bytes\")]\n";
        }
        let type_name = match bytes {
            Some(bytes) => bytes.to_owned(),
            None => self.type_name(&field.schema, true),
        };
        if presence == Presence::OptionalOrNull {
            self.has_some = true;
            return text + &format!("    pub {identifier}: Option<{type_name}>,\n");
        }
        text + &format!("    pub {identifier}: {type_name},\n")
    }

    fn variant(&mut self, field: &Field, used: &mut HashSet<String>) -> String {
        let identifier = unique(variant_name(&field.name), used);
        format!("    {identifier}({}),\n", self.type_name(&field.schema, true))
    }
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(is_xid_start) && text.chars().all(is_xid_continue)
}

/// The name of a type as it is, if Rust allows.
fn rust_name(name: &str) -> String {
    if is_identifier(name) && !name.contains('_') && !name.starts_with(char::is_lowercase) {
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
        if letter == '_' || !is_xid_continue(letter) {
            let leading = name.is_empty() && letter != '_';
            if !leading && !name.ends_with('_') {
                name.push('_');
            }
        } else {
            // A word begins at a capital after a small letter, and at the last capital of several (`HTTPServer`).
            let follows = letters.peek().is_some_and(|next| next.is_lowercase());
            let begins = letter.is_uppercase()
                && (before.is_lowercase() || (before.is_uppercase() && follows))
                && !name.ends_with('_');
            if begins {
                name.push('_');
            }
            name.extend(letter.to_lowercase());
        }
        before = letter;
    }
    let mut name = name.trim_end_matches('_').to_owned();
    if name.is_empty() {
        name = "field".into();
    }
    if !name.starts_with(|c: char| c == '_' || is_xid_start(c)) {
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
