//! The schema: the types that a person would have written for a payload.

use super::style::Style;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;
use std::sync::{LazyLock, Mutex};

/// A name that serde can be given: it asks for `&'static str`.
///
/// Names are interned for the life of the process, each distinct one once; a schema has few of them (the readers
/// turn objects with many distinct keys into maps, whose keys are data and not names).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(&'static str);

static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
static NAME_LISTS: LazyLock<Mutex<HashSet<&'static [&'static str]>>> = LazyLock::new(Mutex::default);

impl Name {
    /// The interned name.
    pub fn new(text: &str) -> Self {
        // A panic while the lock is held can only come from a failed allocation, which leaves the set whole.
        let mut names = NAMES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(&known) = names.get(text) {
            return Name(known);
        }
        let leaked: &'static str = Box::leak(text.to_owned().into_boxed_str());
        names.insert(leaked);
        Name(leaked)
    }

    /// The text, for serde.
    pub fn as_static(self) -> &'static str {
        self.0
    }
}

impl Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Name::new(&String::deserialize(deserializer)?))
    }
}

/// An interned list of names, for `serialize_struct` and its kin.
fn name_list(names: Vec<&'static str>) -> &'static [&'static str] {
    let mut lists = NAME_LISTS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(&known) = lists.get(names.as_slice()) {
        return known;
    }
    let leaked: &'static [&'static str] = Box::leak(names.into_boxed_slice());
    lists.insert(leaked);
    leaked
}

/// The type of a value, as Rust would have it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schema {
    /// Nothing: `()`. A column that only ever held null, or an element type that no element showed.
    Unit,
    /// `bool`
    Bool,
    /// `i8`
    I8,
    /// `i16`
    I16,
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `u8`
    U8,
    /// `u16`
    U16,
    /// `u32`
    U32,
    /// `u64`
    U64,
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// `f64` in formats that need the type; in those that write the kind of each value, the integers of the document
    /// stay integers.
    Number,
    /// `String`
    String,
    /// A string that is one of a few: an enum whose variants hold nothing.
    Symbol(SymbolSchema),
    /// `Vec<u8>` as bytes
    Bytes,
    /// `Option<T>`
    Option(Box<Schema>),
    /// `Vec<T>`
    List(Box<Schema>),
    /// `[T; N]`
    Array(Box<ArraySchema>),
    /// `(A, B)`: a sequence with a type for each place.
    Tuple(TupleSchema),
    /// A map from keys that are data, in the order of the document.
    Map(Box<MapSchema>),
    /// A struct.
    Record(RecordSchema),
    /// A column that mixes types: an enum with one newtype variant for each, tagged from outside where the format needs
    /// a tag, untagged elsewhere.
    Enum(EnumSchema),
}

/// The elements of an array, and their number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ArraySchema {
    /// The type of the elements.
    pub element: Schema,
    /// The number of elements; at least one.
    pub length: usize,
    /// Whether the document calls them tuples, where that is another type than lists.
    #[serde(default)]
    pub is_tuple: bool,
}

/// The types of a tuple's places.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TupleSchema {
    /// The types in order; at least one.
    pub places: Vec<Schema>,
    /// Whether the document calls it a tuple, where that is another type than a list.
    #[serde(default)]
    pub is_tuple: bool,
}

impl Deref for TupleSchema {
    type Target = [Schema];
    fn deref(&self) -> &[Schema] {
        &self.places
    }
}

/// The types of a map's keys and values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MapSchema {
    /// The type of the keys.
    pub key: Schema,
    /// The type of the values.
    pub value: Schema,
}

/// A field of a record, or a variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub struct Field {
    /// Its name in the document.
    pub name: Name,
    /// Its type. A field that may be absent is an option.
    #[serde(rename = "type")]
    pub schema: Schema,
    /// Whether every record has it.
    #[serde(default)]
    pub presence: Presence,
}

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // In schema files, what nearly all fields are goes without saying. The receiving process gets schemas in a format
        // that cannot leave anything out.
        let says_presence = !self.presence.is_required() || !serializer.is_human_readable();
        let mut state = serializer.serialize_struct("Field", 2 + usize::from(says_presence))?;
        state.serialize_field("name", &self.name)?;
        state.serialize_field("type", &self.schema)?;
        if says_presence {
            state.serialize_field("presence", &self.presence)?;
        } else {
            state.skip_field("presence")?;
        }
        state.end()
    }
}

/// Whether every record has a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It has; an option may be null.
    #[default]
    Required,
    /// The field is an option, and is absent where there is none.
    Optional,
    /// The field is an option, and is absent or null where there is none. The two are told apart only where fields go
    /// by name.
    OptionalOrNull,
    /// The last field of a record, a map that holds all entries whose keys are not fields. Where fields go by name they
    /// stand beside the fields.
    Flattened,
}

impl Presence {
    /// Whether every record has the field.
    pub fn is_required(&self) -> bool {
        *self == Presence::Required
    }

    /// Whether a record may lack the field.
    pub fn may_be_absent(self) -> bool {
        matches!(self, Presence::Optional | Presence::OptionalOrNull)
    }
}

/// A struct: named fields in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "NamedFields", into = "NamedFields")]
pub struct RecordSchema {
    /// The struct's own name.
    pub name: Name,
    /// The fields, in the order in which they are encoded.
    pub fields: Vec<Field>,
    /// The names of the fields, for serde.
    pub names: &'static [&'static str],
    /// Whether every record has every field: none may be absent, and none is flattened.
    pub is_plain: bool,
}

/// An enum: one newtype variant for each type that the column mixes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "NamedFields", into = "NamedFields")]
pub struct EnumSchema {
    /// The enum's own name.
    pub name: Name,
    /// The variants, in the order of their indices.
    pub variants: Vec<Field>,
    /// The names of the variants, for serde.
    pub names: &'static [&'static str],
    /// Whether there are lists and records among the variants, which are both sequences where fields go by position.
    pub has_two_sequences: bool,
}

/// A string that is one of a few.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "NamedValues", into = "NamedValues")]
pub struct SymbolSchema {
    /// The enum's own name.
    pub name: Name,
    /// The strings, in the order of the variants' indices, for serde.
    pub values: &'static [&'static str],
}

/// The form of [`SymbolSchema`] in a schema file.
#[derive(Clone, Serialize, Deserialize)]
struct NamedValues {
    name: Name,
    values: Vec<Name>,
}

/// The form of [`RecordSchema`] and [`EnumSchema`] in a schema file.
#[derive(Clone, Serialize, Deserialize)]
struct NamedFields {
    name: Name,
    fields: Vec<Field>,
}

fn names_of(fields: &[Field]) -> &'static [&'static str] {
    name_list(fields.iter().map(|field| field.name.as_static()).collect())
}

impl RecordSchema {
    /// A struct called `name` with `fields`.
    pub fn new(name: &str, fields: Vec<Field>) -> Self {
        let is_plain = fields.iter().all(|field| field.presence.is_required());
        RecordSchema { name: Name::new(name), names: names_of(&fields), fields, is_plain }
    }

    /// The field that holds the entries whose keys are not fields, with its type.
    pub fn flattened(&self) -> Option<(&Field, &MapSchema)> {
        match self.fields.last() {
            Some(field @ Field { schema: Schema::Map(map), presence: Presence::Flattened, .. }) => Some((field, map)),
            _ => None,
        }
    }
}

impl EnumSchema {
    /// Whether its values are written without their variants for formats of a style.
    pub fn is_untagged<S: Style>(&self) -> bool {
        S::SELF_DESCRIBING && (S::NAMED || !self.has_two_sequences)
    }

    /// An enum called `name` with `variants`.
    pub fn new(name: &str, variants: Vec<Field>) -> Self {
        let has = |kind: fn(&Schema) -> bool| variants.iter().any(|variant| kind(&variant.schema));
        let has_two_sequences = has(Schema::is_sequence) && has(|schema| matches!(schema, Schema::Record(_)));
        EnumSchema { name: Name::new(name), names: names_of(&variants), variants, has_two_sequences }
    }
}

impl SymbolSchema {
    /// A type called `name` of `values`.
    pub fn new<'a>(name: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        let values = values.into_iter().map(|value| Name::new(value).as_static()).collect();
        SymbolSchema { name: Name::new(name), values: name_list(values) }
    }
}

impl From<NamedValues> for SymbolSchema {
    fn from(named: NamedValues) -> Self {
        SymbolSchema::new(&named.name, named.values.iter().map(|value| value.as_static()))
    }
}

impl From<SymbolSchema> for NamedValues {
    fn from(symbol: SymbolSchema) -> Self {
        NamedValues { name: symbol.name, values: symbol.values.iter().map(|value| Name::new(value)).collect() }
    }
}

impl From<NamedFields> for RecordSchema {
    fn from(named: NamedFields) -> Self {
        RecordSchema::new(&named.name, named.fields)
    }
}

impl From<RecordSchema> for NamedFields {
    fn from(record: RecordSchema) -> Self {
        NamedFields { name: record.name, fields: record.fields }
    }
}

impl From<NamedFields> for EnumSchema {
    fn from(named: NamedFields) -> Self {
        EnumSchema::new(&named.name, named.fields)
    }
}

impl From<EnumSchema> for NamedFields {
    fn from(choice: EnumSchema) -> Self {
        NamedFields { name: choice.name, fields: choice.variants }
    }
}

impl Field {
    /// A field called `name` of type `schema`.
    pub fn new(name: &str, schema: Schema) -> Self {
        Field::with_presence(name, schema, Presence::Required)
    }

    /// A field called `name` of type `schema` that not every record may have.
    pub fn with_presence(name: &str, schema: Schema, presence: Presence) -> Self {
        Field { name: Name::new(name), schema, presence }
    }
}

/// A type that nests deeper is described by its outermost levels: more of them would fill a page.
const MOST_DESCRIBED: usize = 5;

impl Schema {
    /// `Vec<element>`
    pub fn list(element: Schema) -> Schema {
        Schema::List(Box::new(element))
    }

    /// `[element; length]`, which the document calls a tuple or a list.
    pub fn array(element: Schema, length: usize, is_tuple: bool) -> Schema {
        Schema::Array(Box::new(ArraySchema { element, length, is_tuple }))
    }

    /// A sequence with a type for each place, which the document calls a tuple or a list.
    pub fn tuple(places: Vec<Schema>, is_tuple: bool) -> Schema {
        Schema::Tuple(TupleSchema { places, is_tuple })
    }

    /// `Option<inner>`
    pub fn option(inner: Schema) -> Schema {
        Schema::Option(Box::new(inner))
    }

    /// A map from `key` to `value`.
    pub fn map(key: Schema, value: Schema) -> Schema {
        Schema::Map(Box::new(MapSchema { key, value }))
    }

    /// Whether it is one of the integers.
    pub fn is_integer(&self) -> bool {
        use Schema::*;
        matches!(self, I8 | I16 | I32 | I64 | U8 | U16 | U32 | U64)
    }

    /// Whether it is a list, an array or a tuple.
    pub fn is_sequence(&self) -> bool {
        matches!(self, Schema::List(_) | Schema::Array(_) | Schema::Tuple(_))
    }

    /// The name of the type in a table: `i64`, `list of string`, `record`.
    pub fn describe(&self) -> String {
        self.describe_to(MOST_DESCRIBED)
    }

    /// The type in a few words, of `count` values of it.
    pub fn describe_many(&self, count: u64) -> String {
        match self {
            one if count == 1 => one.describe(),
            Schema::Unit if count == 0 => "values".to_owned(),
            Schema::Option(inner) => format!("nullable {}", inner.describe_many(count)),
            Schema::Bool => "bools".to_owned(),
            Schema::Number => "numbers".to_owned(),
            Schema::String => "strings".to_owned(),
            Schema::Bytes => "byte strings".to_owned(),
            Schema::List(_) | Schema::Array(_) | Schema::Tuple(_) | Schema::Map(_) | Schema::Record(_) => {
                let text = self.describe();
                let (kind, rest) = text.split_once(' ').unwrap_or((&text, ""));
                format!("{kind}s {rest}")
            }
            other => other.describe(),
        }
    }

    fn describe_to(&self, levels: usize) -> String {
        if levels == 0 {
            return "…".into();
        }
        let inside = |schema: &Schema| schema.describe_to(levels - 1);
        match self {
            Schema::Unit => "unit".into(),
            Schema::Bool => "bool".into(),
            Schema::I8 => "i8".into(),
            Schema::I16 => "i16".into(),
            Schema::I32 => "i32".into(),
            Schema::I64 => "i64".into(),
            Schema::U8 => "u8".into(),
            Schema::U16 => "u16".into(),
            Schema::U32 => "u32".into(),
            Schema::U64 => "u64".into(),
            Schema::F32 => "f32".into(),
            Schema::F64 => "f64".into(),
            Schema::Number => "number".into(),
            Schema::Symbol(symbol) => format!("one of {} strings", symbol.values.len()),
            Schema::String => "string".into(),
            Schema::Bytes => "bytes".into(),
            Schema::Option(inner) => format!("nullable {}", inside(inner)),
            Schema::List(element) => format!("list of {}", inside(element)),
            Schema::Array(array) => format!("array of {} {}", array.length, inside(&array.element)),
            Schema::Tuple(places) => {
                format!("tuple of {}", places.iter().map(inside).collect::<Vec<_>>().join(", "))
            }
            Schema::Map(map) => format!("map of {} to {}", inside(&map.key), inside(&map.value)),
            Schema::Record(record) if record.fields.len() == 1 => "record of 1 field".into(),
            Schema::Record(record) => format!("record of {} fields", record.fields.len()),
            Schema::Enum(choice) => {
                let kinds: Vec<_> = choice.variants.iter().map(|variant| inside(&variant.schema)).collect();
                format!("either {}", kinds.join(" or "))
            }
        }
    }
}
