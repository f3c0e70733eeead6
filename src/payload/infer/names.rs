//! Names for the records and enums of a schema: from the key they are found at, each for one type only.

use super::unify::is_unified;
use crate::payload::schema::{ArraySchema, EnumSchema, Name, RecordSchema, Schema, SymbolSchema, TupleSchema};
use std::collections::{HashMap, HashSet};
use unicode_ident::{is_xid_continue, is_xid_start};

/// The schema with every record and enum named. Equal types found at equal keys share a name,
/// and records of two fields and more do wherever they are found.
pub(super) fn name_types(schema: Schema) -> Schema {
    let hint = match &schema {
        Schema::List(_) => "rows",
        Schema::Map(_) => "entries",
        _ => "root",
    };
    Namer::default().walk(schema, hint, "")
}

/// Equal records of fewer fields are one type only where they are found at equal keys: a wrapper is named after its place.
const SHARED_FIELDS: usize = 2;

#[derive(Default)]
struct Namer {
    /// The names that are taken.
    taken: HashSet<String>,
    /// The name of each type that has one.
    named: HashMap<Identity, String>,
    /// The number of types that were given a number behind each name.
    numbered: HashMap<String, usize>,
}

/// The properties that make two types one.
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
            Schema::Record(record) if record.fields.len() >= SHARED_FIELDS => Identity::Type(schema.clone()),
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
pub(crate) fn type_name(key: &str) -> String {
    let mut name = String::new();
    for word in key.split(|c: char| c == '_' || !is_xid_continue(c)).filter(|word| !word.is_empty()) {
        let mut letters = word.chars();
        name.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(letters.as_str());
    }
    // A name as long as a paragraph does not help.
    if let Some((end, _)) = name.char_indices().nth(48) {
        name.truncate(end);
    }
    match name.chars().next() {
        None => return "Value".into(),
        Some(first) if !is_xid_start(first) => name.insert(0, 'N'),
        Some(_) => {}
    }
    if RESERVED.contains(&&*name) { name + "Value" } else { name }
}

/// Whether `key` names several things.
pub(super) fn is_plural(key: &str) -> bool {
    singular(key) != key
}

/// The name of one of the things that `key` names in the plural.
fn singular(key: &str) -> String {
    let word = key.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or(key);
    // Of camel case, the last word.
    let word = &word[word.rfind(|c: char| c.is_ascii_uppercase()).unwrap_or(0)..];
    let lower = word.to_ascii_lowercase();
    let stem = &key[..key.len() - word.len()];
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == lower) {
        let one = if word.starts_with(|c: char| c.is_ascii_uppercase()) { capital(one) } else { one.to_string() };
        return format!("{stem}{one}");
    }
    let is_one = lower.len() < 4
        || ["ss", "us", "is"].iter().any(|ending| lower.ends_with(ending))
        || SINGULAR.contains(&&*lower);
    if is_one || !lower.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return key.to_owned();
    }
    format!("{stem}{}", pluralizer::pluralize(word, 1, false))
}

fn capital(word: &str) -> String {
    let (first, others) = word.split_at(1);
    first.to_ascii_uppercase() + others
}

/// Words of one thing that end as those of many do.
const SINGULAR: &[&str] = &[
    "alias",
    "atlas",
    "bias",
    "canvas",
    "chaos",
    "christmas",
    "cosmos",
    "ethos",
    "kudos",
    "lens",
    "pancreas",
    "pathos",
    "texas",
];

/// Words that the rules of English would get wrong, or that programs use otherwise.
const IRREGULAR: &[(&str, &str)] = &[
    ("apis", "api"),
    ("axes", "axis"),
    ("caches", "cache"),
    ("data", "data"),
    ("cpus", "cpu"),
    ("emojis", "emoji"),
    ("gpus", "gpu"),
    ("guis", "gui"),
    ("gurus", "guru"),
    ("headaches", "headache"),
    ("https", "https"),
    ("ids", "id"),
    ("kubernetes", "kubernetes"),
    ("lenses", "lens"),
    ("men", "man"),
    ("menus", "menu"),
    ("metadata", "metadata"),
    ("schemas", "schema"),
    ("schemata", "schema"),
    ("skis", "ski"),
    ("skus", "sku"),
    ("species", "species"),
    ("taxis", "taxi"),
    ("uris", "uri"),
    ("wikis", "wiki"),
    ("women", "woman"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_called_as_rust_allows() {
        for (key, name) in [
            ("user_profile", "UserProfile"),
            ("Köln", "Köln"),
            ("größen", "Größen"),
            ("名前", "名前"),
            ("2nd floor", "N2ndFloor"),
            ("x²", "X"),
            ("", "Value"),
            ("self", "SelfValue"),
        ] {
            assert_eq!(type_name(key), name);
        }
    }

    #[test]
    fn one_of_many_is_called_as_people_do() {
        for (many, one) in [
            ("statuses", "status"),
            ("aliases", "alias"),
            ("buses", "bus"),
            ("viruses", "virus"),
            ("bonuses", "bonus"),
            ("campuses", "campus"),
            ("analyses", "analysis"),
            ("caches", "cache"),
            ("movies", "movie"),
            ("clauses", "clause"),
            ("databases", "database"),
            ("responses", "response"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("branches", "branch"),
            ("indices", "index"),
            ("axes", "axis"),
            ("children", "child"),
            ("people", "person"),
            ("species", "species"),
            ("heroes", "hero"),
            ("leaves", "leaf"),
            ("curves", "curve"),
            ("order_statuses", "order_status"),
            ("orderStatuses", "orderStatus"),
            ("menus", "menu"),
            ("men", "man"),
            ("photos", "photo"),
            ("videos", "video"),
            ("areas", "area"),
            ("cameras", "camera"),
            ("replicas", "replica"),
            ("apis", "api"),
            ("alias", "alias"),
            ("chaos", "chaos"),
            ("status", "status"),
            ("address", "address"),
            ("bus", "bus"),
            ("canvas", "canvas"),
            ("analysis", "analysis"),
            ("metadata", "metadata"),
            ("os", "os"),
            ("ids", "id"),
            ("userIds", "userId"),
            ("x1s", "x1s"),
            ("", ""),
            ("größen", "größen"),
        ] {
            assert_eq!(singular(many), one);
        }
    }
}
