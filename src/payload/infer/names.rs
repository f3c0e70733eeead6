//! Names for the records and enums of a schema: from the key they are found at, each for one type only.

use crate::payload::schema::{EnumSchema, RecordSchema, Schema};
use std::collections::HashMap;

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
    /// The types that have a name: as they were without, and (once they are done) with all names.
    taken: HashMap<String, (Schema, Option<Schema>)>,
}

impl Namer {
    fn walk(&mut self, schema: Schema, key: &str, parent: &str) -> Schema {
        match schema {
            Schema::Option(inner) => Schema::option(self.walk(*inner, key, parent)),
            Schema::List(element) => Schema::list(self.walk(*element, &singular(key), parent)),
            Schema::Map(map) => Schema::map(
                self.walk(map.key, &format!("{key} key"), parent),
                self.walk(map.value, &singular(key), parent),
            ),
            schema @ (Schema::Record(_) | Schema::Enum(_)) => self.named(schema, key, parent),
            scalar => scalar,
        }
    }

    fn named(&mut self, schema: Schema, key: &str, parent: &str) -> Schema {
        let name = match self.choose(&schema, key, parent) {
            Ok(name) => name,
            Err(known) => return known,
        };
        let named = match schema {
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
            other => other,
        };
        if let Some(taken) = self.taken.get_mut(&name) {
            taken.1 = Some(named.clone());
        }
        named
    }

    /// A name that is free and is now taken, or the very type if it has one already.
    fn choose(&mut self, schema: &Schema, key: &str, parent: &str) -> Result<String, Schema> {
        if matches!(schema, Schema::Record(record) if record.fields.len() >= 3)
            && let Some(named) =
                self.taken.values().find_map(|(known, named)| named.as_ref().filter(|_| known == schema))
        {
            return Err(named.clone());
        }
        // Only the document itself is called so.
        let short = if parent.is_empty() && key == "root" { "Root".into() } else { type_name(key) };
        let long = format!("{parent}{short}");
        let numbered = (2..).map(|number| format!("{long}{number}"));
        for name in [short.clone(), long.clone()].into_iter().chain(numbered) {
            match self.taken.get(&name) {
                None => {
                    self.taken.insert(name.clone(), (schema.clone(), None));
                    return Ok(name);
                }
                Some((known, Some(named))) if known == schema => return Err(named.clone()),
                Some(_) => {}
            }
        }
        unreachable!("there is always one more number")
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
    "Err",
    "None",
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
    if key.len() < 4 || ["ss", "us", "is", "series", "news"].iter().any(|ending| key.ends_with(ending)) {
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
