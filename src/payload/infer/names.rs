//! Names for the records and enums of a schema: from the key they are found at, each for one type only.

use super::unify::{LEAST_FIELDS, is_unified};
use crate::payload::schema::{ArraySchema, EnumSchema, Name, RecordSchema, Schema, SymbolSchema, TupleSchema};
use std::collections::{HashMap, HashSet};

/// The schema with every record and enum named. Equal types found at equal keys share a name,
/// and records of three fields and more do wherever they are found.
pub fn name_types(schema: Schema) -> Schema {
    let hint = match &schema {
        Schema::List(_) => "rows",
        Schema::Map(_) => "entries",
        _ => "root",
    };
    Namer::default().walk(schema, hint, "")
}

#[derive(Default)]
struct Namer {
    /// The names that are taken.
    taken: HashSet<String>,
    /// The name of each type that has one.
    named: HashMap<Identity, String>,
    /// How many types were given a number behind each name.
    numbered: HashMap<String, usize>,
}

/// What makes two types one.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    /// Types that were unified, by their mark: the levels of a recursive type differ in what they hold.
    Unified(Name),
    /// The type, wherever it is found.
    Type(Schema),
    /// The type, at a key.
    At(String, Schema),
}

impl Namer {
    fn walk(&mut self, schema: Schema, key: &str, parent: &str) -> Schema {
        match schema {
            Schema::Option(inner) => Schema::option(self.walk(*inner, key, parent)),
            Schema::List(element) => Schema::list(self.walk(*element, &singular(key), parent)),
            Schema::Array(array) => {
                let ArraySchema { element, length, is_tuple } = *array;
                Schema::array(self.walk(element, &singular(key), parent), length, is_tuple)
            }
            Schema::Tuple(TupleSchema { mut places, is_tuple }) => {
                for (at, place) in places.iter_mut().enumerate() {
                    let key = format!("{key} {at}");
                    *place = self.walk(std::mem::replace(place, Schema::Unit), &key, parent);
                }
                Schema::tuple(places, is_tuple)
            }
            Schema::Map(map) => Schema::map(
                self.walk(map.key, &format!("{key} key"), parent),
                self.walk(map.value, &singular(key), parent),
            ),
            schema @ (Schema::Record(_) | Schema::Enum(_) | Schema::Symbol(_)) => self.named(schema, key, parent),
            scalar => scalar,
        }
    }

    fn named(&mut self, schema: Schema, key: &str, parent: &str) -> Schema {
        let name = self.choose(&schema, key, parent);
        match schema {
            Schema::Record(record) => {
                // Loops, and not `map` and `collect`: this recurses, and unoptimized iterators are heavy on the stack.
                let mut fields = record.fields;
                for field in &mut fields {
                    field.schema = self.walk(std::mem::replace(&mut field.schema, Schema::Unit), &field.name, &name);
                }
                Schema::Record(RecordSchema::new(&name, fields))
            }
            Schema::Enum(choice) => {
                let mut variants = choice.variants;
                for variant in &mut variants {
                    let key = match &*variant.name {
                        "List" => format!("{key} items"),
                        "Map" => format!("{key} values"),
                        other => format!("{key} {other}"),
                    };
                    variant.schema = self.walk(std::mem::replace(&mut variant.schema, Schema::Unit), &key, &name);
                }
                Schema::Enum(EnumSchema::new(&name, variants))
            }
            Schema::Symbol(symbol) => Schema::Symbol(SymbolSchema::new(&name, symbol.values.iter().copied())),
            other => other,
        }
    }

    /// The name of the type, which is free and is now taken, unless the type has one already.
    fn choose(&mut self, schema: &Schema, key: &str, parent: &str) -> String {
        let identity = match schema {
            Schema::Record(RecordSchema { name, .. }) | Schema::Enum(EnumSchema { name, .. }) if is_unified(name) => {
                Identity::Unified(*name)
            }
            Schema::Record(record) if record.fields.len() >= LEAST_FIELDS => Identity::Type(schema.clone()),
            schema => Identity::At(key.to_owned(), schema.clone()),
        };
        if let Some(name) = self.named.get(&identity) {
            return name.clone();
        }
        // Only the document itself is called so.
        let short = if parent.is_empty() && key == "root" { "Root".into() } else { type_name(key) };
        let long = format!("{parent}{short}");
        let name = match [&short, &long].into_iter().find(|name| !self.taken.contains(*name)) {
            Some(name) => name.clone(),
            None => loop {
                let number = self.numbered.entry(long.clone()).or_insert(1);
                *number += 1;
                let name = format!("{long}{number}");
                if !self.taken.contains(&name) {
                    break name;
                }
            },
        };
        self.taken.insert(name.clone());
        self.named.insert(identity, name.clone());
        name
    }
}

/// Names that mean something in the Rust that a schema is printed as.
const RESERVED: &[&str] = &[
    "BTreeMap",
    "Box",
    "ByteBuf",
    "Debug",
    "Default",
    "Deserialize",
    "Deserializer",
    "Err",
    "None",
    "Number",
    "Ok",
    "Option",
    "Result",
    "Root",
    "Self",
    "Serialize",
    "Some",
    "String",
    "Vec",
];

/// `user_profile`, `userProfile` and `user-profile` as `UserProfile`.
pub fn type_name(key: &str) -> String {
    let mut name = String::new();
    for word in key.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        name.push(word.as_bytes()[0].to_ascii_uppercase() as char);
        name.push_str(&word[1..]);
    }
    // A name as long as a paragraph helps nobody; the text is ASCII.
    name.truncate(48);
    if name.is_empty() {
        return "Value".into();
    }
    if name.as_bytes()[0].is_ascii_digit() {
        name.insert(0, 'N');
    }
    if RESERVED.contains(&&*name) { name + "Value" } else { name }
}

/// What one of `keys` is called, crudely.
fn singular(key: &str) -> String {
    let replaced = |from: &str, to: &str| key.strip_suffix(from).map(|stem| format!("{stem}{to}"));
    if key.len() < 4 || ["ss", "us", "is", "as", "os", "series", "news"].iter().any(|ending| key.ends_with(ending)) {
        return key.to_owned();
    }
    replaced("ies", "y")
        .or_else(|| {
            ["sses", "shes", "ches", "xes"].iter().find_map(|ending| replaced(ending, &ending[..ending.len() - 2]))
        })
        .or_else(|| replaced("ices", "ex").filter(|_| key.ends_with("vertices") || key.ends_with("indices")))
        .or_else(|| replaced("children", "child"))
        .or_else(|| replaced("s", ""))
        .unwrap_or_else(|| key.to_owned())
}
