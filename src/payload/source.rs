//! The form that every input format is turned into: a stream of events that the consumer pulls.
//!
//! A [`Source`] is pulled and not pushed (as a serde `Deserializer` would be), for three reasons: the consumer sees
//! a value before it decides which column takes it, an error is built where the path and the place are both known,
//! and the recursion of the consumer is the only one there is, so that one limit on nesting protects every format.

use super::schema::Schema;
use super::width::IntWidth;
use std::fmt;

/// Lists and objects may be nested this deep. The readers recurse, and so does the code that encodes and decodes
/// what they read: the limit is what an unoptimized build can walk on a stack of 2 MB (a test does).
pub const MAX_DEPTH: usize = 256;

/// The refusal of what is nested deeper.
pub fn too_deep(offset: usize) -> Fault {
    Fault::at(
        offset,
        format!("lists and objects are nested more than {MAX_DEPTH} levels deep"),
        "sercost cannot measure such a document: flatten it",
    )
}

/// Reads a value, which `depth` others are around, and keeps nothing of it.
pub fn pass_over(source: &mut dyn Source, depth: usize) -> Result<(), Fault> {
    match source.value()? {
        Event::Text => drop(source.text()?),
        Event::Bytes => drop(source.bytes()?),
        Event::List(_) | Event::Map(_) if depth == MAX_DEPTH => return Err(too_deep(source.offset())),
        Event::List(mut open) => {
            while source.next_item(&mut open)? {
                pass_over(source, depth + 1)?;
            }
        }
        Event::Map(mut open) => {
            while source.next_key(&mut open)?.is_some() {
                pass_over(source, depth + 1)?;
            }
        }
        _ => {}
    }
    Ok(())
}

const REPEATED_KEY: &str = "the key occurs twice in one object";

/// The next event of the document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer below 2^63.
    Int(i64),
    /// An integer of 2^63 and more.
    UInt(u64),
    /// A float written as single precision (or half, which it holds exactly).
    F32(f32),
    /// A float written as double precision.
    F64(f64),
    /// A float written as decimal digits, which say nothing of its width.
    Decimal(f64),
    /// A string: [`Source::text`] must follow.
    Text,
    /// A byte string: [`Source::bytes`] must follow.
    Bytes,
    /// The start of a list: [`Source::next_item`] must follow until it is done.
    List(Open),
    /// The start of an object: [`Source::next_key`] must follow until it is done.
    Map(Open),
}

impl Event {
    /// The word for what it is, for messages.
    pub fn kind(self) -> &'static str {
        match self {
            Event::Null => "null",
            Event::Bool(_) => "a boolean",
            Event::Int(_) | Event::UInt(_) => "an integer",
            Event::F32(_) | Event::F64(_) | Event::Decimal(_) => "a float",
            Event::Text => "a string",
            Event::Bytes => "bytes",
            Event::List(_) => "a list",
            Event::Map(_) => "an object",
        }
    }
}

/// A list or object that was begun and is not done.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Open {
    /// Whether an element was asked for.
    pub started: bool,
    /// The number of elements that are left, in formats that say so.
    pub left: Option<u64>,
    /// Whether it is the document's own frame (the lines of NDJSON, the rows of CSV).
    pub top: bool,
    /// Whether it is the row of a table, whose keys are the header.
    pub row: bool,
    /// Whether the document says that it is a tuple: a sequence whose places have a type each. Only pickles do.
    pub tuple: bool,
}

/// The key of an entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Key<'a> {
    /// Text, the only kind most formats have.
    Text(&'a str),
    /// An integer below 2^63.
    Int(i64),
    /// An integer of 2^63 and more.
    UInt(u64),
    /// A boolean.
    Bool(bool),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// A document as events.
///
/// The order of calls is fixed: [`Source::value`] for the document; after [`Event::Text`], [`Source::text`]; after
/// [`Event::List`], [`Source::next_item`] and for each item [`Source::value`]; after [`Event::Map`],
/// [`Source::next_key`] and for each key [`Source::value`]; at the end [`Source::finish`].
pub trait Source {
    /// The next value, or its start.
    fn value(&mut self) -> Result<Event, Fault>;
    /// The string that was announced.
    fn text(&mut self) -> Result<&str, Fault>;
    /// The byte string that was announced.
    fn bytes(&mut self) -> Result<&[u8], Fault>;
    /// Whether the list has one more item.
    fn next_item(&mut self, list: &mut Open) -> Result<bool, Fault>;
    /// The object's next key.
    fn next_key(&mut self, map: &mut Open) -> Result<Option<Key<'_>>, Fault>;
    /// Fails where something follows the document.
    fn finish(&mut self) -> Result<(), Fault>;
    /// Where the value last returned, or the key, begins: an offset into the file.
    fn offset(&self) -> usize;
    /// The type that the document states for the integer last returned (an element of a numpy array); none where all
    /// that it states is the number.
    fn stated_int(&self) -> Option<IntWidth> {
        None
    }
    /// The notes of the reader about the document.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
    /// The remarks of the reader about single values.
    fn remarks(&self) -> Vec<Remark> {
        Vec::new()
    }
    /// The inferred type with what the format knows of columns in which no value was seen.
    fn complete(&self, schema: Schema) -> Schema {
        schema
    }
}

/// A key that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "as in Key")]
pub enum OwnedKey {
    Text(Box<str>),
    Int(i64),
    UInt(u64),
    Bool(bool),
    Bytes(Box<[u8]>),
}

impl From<Key<'_>> for OwnedKey {
    fn from(key: Key<'_>) -> Self {
        match key {
            Key::Text(text) => OwnedKey::Text(text.into()),
            Key::Int(value) => OwnedKey::Int(value),
            Key::UInt(value) => OwnedKey::UInt(value),
            Key::Bool(value) => OwnedKey::Bool(value),
            Key::Bytes(bytes) => OwnedKey::Bytes(bytes.into()),
        }
    }
}

impl OwnedKey {
    /// The key.
    pub fn borrowed(&self) -> Key<'_> {
        match self {
            OwnedKey::Text(text) => Key::Text(text),
            OwnedKey::Int(value) => Key::Int(*value),
            OwnedKey::UInt(value) => Key::UInt(*value),
            OwnedKey::Bool(value) => Key::Bool(*value),
            OwnedKey::Bytes(bytes) => Key::Bytes(bytes),
        }
    }
}

/// A step of the path to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into an object.
    Key(String),
    /// Into a list.
    Index(usize),
    /// Into any element of a list, or any value of a map.
    Any,
}

/// Why a document was refused, and where. The path is added while the error returns through the levels of the
/// document, so that nothing is kept for it as long as all is well.
#[derive(Debug)]
pub struct Fault(Box<FaultParts>);

#[derive(Debug)]
struct FaultParts {
    /// Where in the file, if anywhere in particular.
    offset: Option<usize>,
    /// The steps of the path, innermost first.
    path: Vec<Step>,
    reason: String,
    remedy: String,
    /// The encoding that the file is in, where that is what is wrong; the remedy depends on the file then.
    encoding: Option<Encoding>,
}

/// The known facts about the encoding of a text that is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Its name, as iconv has it.
    Named(&'static str),
    /// Nothing but that a byte is not part of UTF-8.
    Unknown,
}

impl Fault {
    /// A fault at a place of the file.
    pub fn at(offset: usize, reason: impl Into<String>, remedy: impl Into<String>) -> Fault {
        Fault(Box::new(FaultParts {
            offset: Some(offset),
            path: Vec::new(),
            reason: reason.into(),
            remedy: remedy.into(),
            encoding: None,
        }))
    }

    /// The fault of a text in another encoding than UTF-8.
    pub fn in_encoding(offset: usize, reason: impl Into<String>, encoding: Encoding) -> Fault {
        let mut fault = Fault::at(offset, reason, "");
        fault.0.encoding = Some(encoding);
        fault
    }

    /// The fault of a key that its object has had before.
    pub fn repeated_key(offset: usize) -> Fault {
        Fault::at(offset, REPEATED_KEY, "drop or rename one of the two, or say --lenient to take the last")
    }

    /// A fault of a whole column and no one place.
    pub fn of_column(reason: impl Into<String>, remedy: impl Into<String>) -> Fault {
        let (reason, remedy) = (reason.into(), remedy.into());
        Fault(Box::new(FaultParts { offset: None, path: Vec::new(), reason, remedy, encoding: None }))
    }

    /// The fault with another remedy.
    pub fn with_remedy(mut self, remedy: &str) -> Fault {
        self.0.remedy = remedy.to_owned();
        self
    }

    /// The fault seen from one level further out.
    pub fn inside(mut self, step: Step) -> Fault {
        self.0.path.push(step);
        self
    }

    /// The fault seen from the root, `path` being where it was found.
    pub fn through(mut self, path: &[Step]) -> Fault {
        self.0.path.extend(path.iter().rev().cloned());
        self
    }

    /// The encoding that the file is in, where that is what is wrong.
    pub fn encoding(&self) -> Option<Encoding> {
        self.0.encoding
    }

    /// The fault's parts: offset, path, reason, remedy.
    pub fn into_parts(self) -> (Option<usize>, String, String, String) {
        let path = path_text(self.0.path.iter().rev());
        (self.0.offset, path, self.0.reason, self.0.remedy)
    }
}

/// `$.rows[17].name`; steps that are not names are quoted, and a path that nests without end is cut in the middle.
pub fn path_text<'a>(steps: impl Iterator<Item = &'a Step>) -> String {
    let steps: Vec<_> = steps.map(ToString::to_string).collect();
    if steps.len() <= 40 {
        return format!("${}", steps.concat());
    }
    format!("${}…{}", steps[..20].concat(), steps[steps.len() - 5..].concat())
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Key(key) if is_name(key) && key.len() <= 60 => write!(f, ".{key}"),
            Step::Key(key) => write!(f, "[{}]", quoted(key)),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Any => f.write_str("[*]"),
        }
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Text(text) => f.write_str(&quoted(text)),
            Key::Int(value) => value.fmt(f),
            Key::UInt(value) => value.fmt(f),
            Key::Bool(value) => value.fmt(f),
            Key::Bytes(bytes) => write!(f, "a key of {} bytes", bytes.len()),
        }
    }
}

impl Key<'_> {
    /// The step that the key is.
    pub fn step(&self) -> Step {
        match self {
            Key::Text(text) => Step::Key((*text).to_owned()),
            other => Step::Key(other.to_string()),
        }
    }
}

/// Whether `key` is what a field of a struct could be called.
pub fn is_name(key: &str) -> bool {
    let mut chars = key.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || first == '_' || first == '$')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'))
}

/// `text` in quotes with its oddities escaped, no longer than a message can bear.
pub fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let head: String = chars.by_ref().take(60).collect();
    if chars.next().is_some() { format!("{head:?}… ({} bytes)", text.len()) } else { format!("{head:?}") }
}

/// Something that was noticed at some values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The remark, with how often it holds.
    pub text: String,
    /// Where the first of the values begins, or its key.
    pub at: usize,
    /// Whether it is the only one.
    pub only: bool,
}

/// How often something was noticed, and where first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    /// How often.
    pub count: u64,
    first: usize,
}

impl Count {
    /// Once more, at `at`.
    pub fn add(&mut self, at: usize) {
        if self.count == 0 {
            self.first = at;
        }
        self.count += 1;
    }

    /// The remark, if anything was noticed; `say` is told whether it was one.
    pub fn remark(&self, say: impl FnOnce(bool) -> String) -> Option<Remark> {
        let only = self.count == 1;
        (self.count > 0).then(|| Remark { text: format!("{} {}", self.count, say(only)), ..self.place() })
    }

    /// A remark without words.
    pub fn place(&self) -> Remark {
        Remark { text: String::new(), at: self.first, only: self.count == 1 }
    }

    /// As often as both, and where it was first.
    pub fn merge(&mut self, other: &Count) {
        self.first = match (self.count, other.count) {
            (0, _) => other.first,
            (_, 0) => self.first,
            _ => self.first.min(other.first),
        };
        self.count += other.count;
    }
}
