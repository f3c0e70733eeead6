//! Payloads as they are given on the command line, and made or read from there.

use super::column::Column;
use super::digest::{digest_rows, digest_tree};
use super::error::PayloadError;
use super::input::Input;
use super::native::NativeStore;
use super::own::OwnMessages;
use super::read::{self, InputFormat, PickleFile, ReadOptions};
use super::schema::Schema;
use super::shapes::{SHAPES, Shape};
use super::tree::Tree;
use super::watch::COPIES;
use crate::model::{Bytes, grouped, nearest, parse_bytes, parse_count};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Where a payload comes from.
#[derive(Clone, Debug)]
pub enum PayloadSpec {
    /// A built-in shape: `range:10M`.
    Shape {
        /// As it was given.
        name: String,
        /// The shape.
        shape: Shape,
    },
    /// A file.
    File(PathBuf),
    /// Standard input: `-`.
    Stdin,
    /// Values of the program that measures itself.
    Own {
        /// As the program calls them.
        name: String,
        /// The values.
        messages: Arc<dyn OwnMessages>,
    },
}

/// The requests for a payload that is read from a file.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// How to read it.
    pub options: ReadOptions,
    /// The seed of built-in shapes.
    pub seed: u64,
    /// Whether the tree of the dynamic representation is wanted too.
    pub dynamic: bool,
    /// Whether it is all that is wanted, so that no types need be found.
    pub untyped: bool,
}

/// A payload: one value, ready to be measured.
#[derive(Debug)]
pub struct Payload {
    /// As it was given.
    pub name: String,
    /// The input format; `None` for a built-in shape.
    pub format: Option<&'static str>,
    /// Whether it was compressed.
    pub is_unpacked: bool,
    /// The size of the file, unpacked where it is compressed.
    pub file_bytes: Option<u64>,
    /// Its type; unit where it was read as a tree alone.
    pub schema: Arc<Schema>,
    /// A column of one row.
    pub column: Column,
    /// The same as a tree, where it was asked for.
    pub tree: Option<Tree>,
    /// Whether the types were found.
    pub typed: bool,
    /// The notes of the reader.
    pub notes: Vec<String>,
    /// The file itself, where it is a pickle that rows of Python load.
    pub pickle: Option<PickleFile>,
    /// The values themselves, where they are the program's own: then there is no schema.
    pub own: Option<Arc<dyn OwnMessages>>,
    /// What [`Payload::digest`] found, once it was asked for.
    pub(crate) digested: OnceLock<Option<String>>,
}

impl PayloadSpec {
    /// Reads `SHAPE:COUNT`, a path, or `-`. A file that exists wins over nothing but its own name: `range:10M` is the
    /// shape, `./range:10M` the file.
    pub fn parse(given: impl AsRef<OsStr>) -> Result<PayloadSpec, PayloadError> {
        let given = given.as_ref();
        let path = Path::new(given);
        // Names of shapes are text; those of files need not be.
        let Some(text) = given.to_str() else {
            return match path.exists() || path.is_symlink() {
                true => Ok(PayloadSpec::File(path.to_owned())),
                false => Err(PayloadError::Unknown { text: shown(given), nearest: None }),
            };
        };
        if text == "-" {
            return Ok(PayloadSpec::Stdin);
        }
        if let Some((name, count)) = text.split_once(':')
            && SHAPES.iter().any(|shape| shape.name == name)
        {
            let parsed = if name == "bytes" { parse_bytes(count) } else { parse_count(count) };
            let count = parsed.map_err(|reason| PayloadError::Count { text: text.to_owned(), reason })?;
            if let Some(shape) = Shape::new(name, count) {
                return Ok(PayloadSpec::Shape { name: text.to_owned(), shape });
            }
        }
        if path.exists() || path.is_symlink() {
            return Ok(PayloadSpec::File(path.to_owned()));
        }
        if let Some(shape) = SHAPES.iter().find(|shape| shape.name == text) {
            return Err(PayloadError::NoCount { name: text.to_owned(), example: shape.example });
        }
        Err(PayloadError::Unknown { text: text.to_owned(), nearest: nearest_payload(text) })
    }

    /// The name in tables and results.
    pub fn name(&self) -> String {
        match self {
            PayloadSpec::Shape { name, .. } => name.clone(),
            PayloadSpec::File(path) => shown(path.as_os_str()),
            PayloadSpec::Stdin => "-".to_owned(),
            PayloadSpec::Own { name, .. } => name.clone(),
        }
    }

    /// Refuses a payload that will not fit in `available` bytes, before anything is made; `dynamic` where trees are made of
    /// it too.
    pub fn check_memory(&self, available: Option<u64>, dynamic: bool) -> Result<(), PayloadError> {
        let (needs, remedy) = match self {
            PayloadSpec::Shape { shape, .. } => {
                // The encodings of a tree are about as long as the columns.
                let trees = if dynamic { shape.tree_bytes().saturating_mul(2) } else { 0 };
                let needs = shape.memory_bytes().saturating_mul(COPIES).saturating_add(trees);
                let fits = available.unwrap_or(u64::MAX) / needs.max(1).div_ceil(shape.count().max(1));
                (needs, format!("up to {}:{} fits", shape.info().name, round_down(fits)))
            }
            PayloadSpec::File(path) => {
                let bytes = path.metadata().map_or(0, |metadata| metadata.len());
                (bytes.saturating_mul(COPIES), "take a part of the file".to_owned())
            }
            // Checked as it grows; there already.
            PayloadSpec::Stdin | PayloadSpec::Own { .. } => return Ok(()),
        };
        enough_memory(&self.name(), needs, available, remedy)
    }

    /// Makes or reads the payload.
    pub fn load(&self, load: &Load) -> Result<Payload, PayloadError> {
        let watch = &load.options.watch;
        match self {
            PayloadSpec::Shape { name, shape } => {
                let (schema, column) = shape.make(load.seed);
                let tree = load.dynamic.then(|| Tree::from_row(&schema, &column, 0));
                Ok(Payload {
                    name: name.clone(),
                    format: None,
                    is_unpacked: false,
                    file_bytes: None,
                    schema,
                    column,
                    tree,
                    typed: true,
                    notes: vec![],
                    pickle: None,
                    own: None,
                    digested: OnceLock::new(),
                })
            }
            PayloadSpec::File(path) => from_input(&self.name(), Input::of_file(&self.name(), path, watch)?, load),
            PayloadSpec::Own { name, messages, .. } => Ok(Payload::of_own(name, messages)),
            PayloadSpec::Stdin => from_input("-", Input::of_stream("-", io::stdin().lock(), watch)?, load),
        }
    }
}

fn enough_memory(name: &str, needs: u64, available: Option<u64>, remedy: String) -> Result<(), PayloadError> {
    match available {
        Some(available) if needs > available => Err(PayloadError::Memory {
            name: name.to_owned(),
            needs: Bytes(needs),
            available: Bytes(available),
            remedy,
        }),
        _ => Ok(()),
    }
}

/// The name of a file as text in which every two names are different.
fn shown(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text
}

fn from_input(name: &str, input: Input, load: &Load) -> Result<Payload, PayloadError> {
    let payload = from_bytes(name, &input, load);
    input.check_length()?;
    payload
}

fn from_bytes(name: &str, input: &Input, load: &Load) -> Result<Payload, PayloadError> {
    let bytes = input.bytes();
    let payload = |format: InputFormat, schema, column, tree, mut notes: Vec<String>| {
        notes.splice(0..0, input.notes.iter().cloned());
        Payload {
            name: name.to_owned(),
            format: Some(format.reader().name),
            is_unpacked: input.is_unpacked,
            file_bytes: Some(bytes.len() as u64),
            schema,
            column,
            tree,
            typed: !load.untyped,
            notes,
            pickle: None,
            own: None,
            digested: OnceLock::new(),
        }
    };
    if load.untyped {
        let document = read::read_dynamic(name, bytes, &load.options)?;
        let (schema, column) = (Arc::new(Schema::Unit), Column::Unit(1));
        return Ok(payload(document.format, schema, column, Some(document.tree), document.notes));
    }
    let document = read::read_for(name, bytes, &load.options, load.dynamic)?;
    let mut notes = document.notes;
    let tree = match load.dynamic {
        true => {
            let dynamic = read::read_dynamic(name, bytes, &load.options)?;
            let known: HashSet<String> = notes.iter().cloned().collect();
            notes.extend(dynamic.notes.into_iter().filter(|note| !known.contains(note)));
            Some(dynamic.tree)
        }
        false => None,
    };
    Ok(Payload { pickle: document.pickle, ..payload(document.format, document.schema, document.column, tree, notes) })
}

/// A type without the paths of modules, which say little: `Vec<Order>`.
fn without_modules(name: &str) -> String {
    let mut short = String::new();
    for part in name.split_inclusive(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
        short.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    short
}

/// A count with one significant digit and a suffix, as it would be typed.
fn round_down(count: u64) -> String {
    let (unit, suffix) = match count {
        0..1_000 => (1, ""),
        1_000..1_000_000 => (1_000, "k"),
        1_000_000..1_000_000_000 => (1_000_000, "M"),
        _ => (1_000_000_000, "G"),
    };
    let whole = count / unit;
    let power = 10u64.pow(whole.max(1).ilog10());
    format!("{}{suffix}", whole / power * power)
}

/// The shape (with the count that was given) or the file beside it whose name is nearest.
fn nearest_payload(text: &str) -> Option<String> {
    if let Some((name, count)) = text.split_once(':') {
        let shape = nearest(name, SHAPES.iter().map(|shape| shape.name));
        if let Some(shape) = shape {
            return Some(format!("{shape}:{count}"));
        }
    }
    let path = Path::new(text);
    let (folder, name) = (path.parent()?, path.file_name()?.to_str()?);
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let files: Vec<String> =
        folder.read_dir().ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    let found = nearest(name, files.iter().map(String::as_str))?;
    Some(path.with_file_name(found).display().to_string())
}

/// The payload's messages: itself, or its elements.
#[derive(Debug)]
pub struct Messages<'a> {
    /// The type of a message.
    pub schema: Arc<Schema>,
    /// Each row is a message.
    pub column: &'a Column,
    /// The same as trees; empty without.
    pub trees: &'a [Tree],
    /// The same in their Rust type, where there is one.
    pub native: Option<NativeStore>,
}

/// The memory that each message of a stream takes beside its bytes and its value, in the two processes together: its
/// buffer and the least block behind it, where it is sent from and where it arrived, its frame, its digest. Measured
/// with two million messages of some bytes each, as is what a compressor's output takes beside them.
const BYTES_PER_MESSAGE: u64 = 160;
const BYTES_PER_COMPRESSED_MESSAGE: u64 = 170;

impl Payload {
    /// A digest of all values, as in `xxh3:0123456789abcdef`: equal for the same values in the same types. `None` for a type
    /// of the program's own, which says nothing of itself. The first call takes the time of reading all of it.
    pub fn digest(&self) -> Option<String> {
        let digest = || match &self.tree {
            _ if self.own.is_some() => None,
            Some(tree) if !self.typed => Some(digest_tree(tree)),
            _ => Some(digest_rows(&self.column, 0..self.column.len())),
        };
        self.digested.get_or_init(|| digest().map(|digest| format!("xxh3:{digest:016x}"))).clone()
    }

    fn of_own(name: &str, messages: &Arc<dyn OwnMessages>) -> Payload {
        Payload {
            name: name.to_owned(),
            format: None,
            is_unpacked: false,
            file_bytes: None,
            schema: Arc::new(Schema::Unit),
            column: Column::Unit(messages.count()),
            tree: None,
            typed: true,
            notes: Vec::new(),
            pickle: None,
            own: Some(Arc::clone(messages)),
            digested: OnceLock::new(),
        }
    }

    /// Refuses what will not fit in `available` bytes now that the payload is there: its encoding here and in the
    /// receiving process, and the decoded value there; of a stream, for each of its messages.
    ///
    /// # Errors
    ///
    /// With what is needed, what there is, and what would fit.
    pub fn check_memory(
        &self,
        messages: Option<usize>,
        compressed: bool,
        available: Option<u64>,
    ) -> Result<(), PayloadError> {
        let column = self.column.memory_bytes();
        // Encodings are about as long as the columns, or where they are text as the document.
        let encodings = column.max(self.file_bytes.unwrap_or(0)).saturating_mul(2);
        let decoded = self.tree.as_ref().map_or(0, Tree::resident_bytes).max(column);
        let whole = encodings.saturating_add(decoded);
        let Some(messages) = messages else {
            return enough_memory(&self.name, whole, available, "take a part of it".to_owned());
        };
        let rows = match &self.column {
            Column::List { items, .. } => items.len() as u64,
            _ => 1,
        };
        let each = whole / rows.max(1) + BYTES_PER_MESSAGE + if compressed { BYTES_PER_COMPRESSED_MESSAGE } else { 0 };
        let remedy = format!("up to --many {} fits", round_down(available.unwrap_or(u64::MAX) / each));
        enough_memory(&self.name, each.saturating_mul(messages as u64), available, remedy)
    }

    /// The payload as messages: one, or (`each`) its elements; with `native` also in their Rust type, if they have one,
    /// which may take as much memory again.
    ///
    /// # Errors
    ///
    /// In words, when the elements are asked for of something that is not a list or has none.
    pub fn messages(&self, each: bool, native: bool) -> Result<Messages<'_>, String> {
        let (schema, column) = match (&*self.schema, &self.column) {
            _ if each && !self.typed => match &self.tree {
                Some(Tree::List(items)) if items.is_empty() => {
                    return Err(format!("--many: payload {} is an empty list", self.name));
                }
                Some(Tree::List(_)) => (Arc::clone(&self.schema), &self.column),
                _ => return Err(self.no_elements()),
            },
            _ if !each || self.own.is_some() => (Arc::clone(&self.schema), &self.column),
            (Schema::List(element), Column::List { items, .. }) if !items.is_empty() => {
                (Arc::new((**element).clone()), &**items)
            }
            (Schema::List(_), _) => return Err(format!("--many: payload {} is an empty list", self.name)),
            _ => return Err(self.no_elements()),
        };
        let trees = match &self.tree {
            None => &[][..],
            Some(Tree::List(items)) if each => items,
            Some(tree) => std::slice::from_ref(tree),
        };
        let failed = |reason| PayloadError::Native { name: self.name.clone(), reason }.to_string();
        let native = if native { NativeStore::new(&schema, column).map_err(failed)? } else { None };
        Ok(Messages { schema, column, trees, native })
    }

    /// The refusal of `--many`.
    fn no_elements(&self) -> String {
        let kind = if self.typed { format!("of type {}", self.schema.describe()) } else { self.description() };
        format!(
            "--many sends the elements of a list one by one, and payload {} is {kind}; take a list, or leave out --many",
            self.name
        )
    }

    /// The description of the payload, in a few words: `list of 10,000,000 i64`.
    pub fn description(&self) -> String {
        if let Some(own) = &self.own {
            let short = without_modules(own.type_name());
            return if own.count() == 1 {
                format!("a value of {short}")
            } else {
                format!("{} values of {short}", grouped(own.count() as u64))
            };
        }
        if let Some(tree) = self.tree.as_ref().filter(|_| !self.typed) {
            return match tree {
                Tree::List(items) if items.len() == 1 => "list of 1 value".to_owned(),
                Tree::List(items) => format!("list of {} values", grouped(items.len() as u64)),
                Tree::Map(entries) if entries.len() == 1 => "map of 1 entry".to_owned(),
                Tree::Map(entries) => format!("map of {} entries", grouped(entries.len() as u64)),
                other => other.kind().to_owned(),
            };
        }
        match (&*self.schema, &self.column) {
            (Schema::List(element), Column::List { items, .. }) => {
                let count = items.len() as u64;
                format!("list of {} {}", grouped(count), element.describe_many(count))
            }
            (Schema::Map(map), Column::Map { keys, .. }) => {
                format!("map of {} {} to {}", grouped(keys.len() as u64), map.key.describe(), map.value.describe())
            }
            (Schema::Bytes, Column::Bytes(bytes)) => {
                format!("{} bytes", grouped(bytes.first().map_or(0, Vec::len) as u64))
            }
            (Schema::String, Column::String(strings)) => {
                format!("string of {} bytes", grouped(strings.first().map_or(0, String::len) as u64))
            }
            (schema, _) => schema.describe(),
        }
    }

    /// The bytes that it takes in memory: those of the typed value, or of the tree where there is none.
    pub fn memory_bytes(&self) -> u64 {
        match &self.tree {
            Some(tree) if !self.typed => tree.memory_bytes(),
            _ => self.column.memory_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_payloads_are_told_what_was_meant() {
        let message = |text: &str| PayloadSpec::parse(text).expect_err("no such payload").to_string();
        assert_eq!(
            message("rnage:10M"),
            "payload \"rnage:10M\" is neither a built-in shape nor a file; did you mean \"range:10M\"? \"sercost list payloads\" shows the shapes"
        );
        assert_eq!(message("range"), "payload \"range\" needs a count, as in \"range:10M\"");
        assert!(message("range:10X").contains("\"10X\" is not a count like"), "{}", message("range:10X"));
        assert!(message("Cargo.tml").contains("did you mean \"Cargo.toml\"?"), "{}", message("Cargo.tml"));
    }

    #[test]
    fn what_does_not_fit_is_refused_before_it_is_made() {
        let spec = PayloadSpec::parse("zeros:100G").expect("a shape");
        let message = spec.check_memory(Some(24_000_000_000), false).expect_err("too large").to_string();
        assert!(message.contains("3.20 TB of memory needed") && message.contains("up to zeros:700M fits"), "{message}");
        assert!(PayloadSpec::parse("zeros:1k").expect("a shape").check_memory(Some(1 << 30), false).is_ok());
    }
}
