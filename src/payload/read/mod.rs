//! Readers: the user's own file or standard input as a payload.
//!
//! A format is a [`Source`] of events and one line of [`READERS`]. A document is read twice and is
//! never held as a tree: the first pass finds its types (module `infer`), the second decodes it into
//! columns. What is read is what is in the file: nothing is rounded, dropped or guessed without a note.

mod binary;
mod compact;
mod encoding;
mod error;
mod fill;
pub(super) mod json;
mod lenient;
#[cfg(feature = "pickle")]
mod pickle;
mod remark;
mod sniff;
#[cfg(feature = "csv")]
mod table;
mod tree;
mod watched;

pub use super::infer::{Override, OverrideKind, Overrides};
pub use super::width::{FloatWidth, IntWidth};
pub(super) use error::SCHEMA_REMEDY;
pub use error::{Place, ReadError};
#[cfg(feature = "csv")]
pub use table::parse_delimiter;

#[cfg(feature = "pickle")]
pub use self::pickle::PickleFile;
#[cfg(feature = "pickle")]
use self::pickle::{PickleSource, pickle_file};
use super::column::Column;
use super::infer;
use super::schema::Schema;
use super::tree::Tree;
use super::watch::Watch;
use crate::model::nearest;
use crate::payload::source::{Fault, Source};
#[cfg(feature = "msgpack")]
use binary::MessagePackSource;
#[cfg(feature = "cbor")]
use binary::{CborSource, CborWays};
use json::{JsonSource, Leave, LinesSource};
use lenient::{Lenient, Replaced};
#[cfg(feature = "pickle")]
use sercost_pickle::plain::Outline;
use sercost_pickle::unpack::Method;
use std::rc::Rc;
use std::sync::Arc;
#[cfg(feature = "csv")]
use table::{Layout, Table, TableSource};
use watched::{Gauge, Pass};

/// An input format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputFormat {
    /// One JSON text.
    Json,
    /// One JSON text a line.
    Ndjson,
    /// Comma-separated values with a header.
    Csv,
    /// The same with tabs.
    Tsv,
    /// MessagePack.
    MessagePack,
    /// CBOR (RFC 8949).
    Cbor,
    /// Python's pickle.
    Pickle,
}

/// The facts about an input format.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// The format.
    pub format: InputFormat,
    /// Its name for `--input-format`.
    pub name: &'static str,
    /// The endings of file names, without the dot.
    pub extensions: &'static [&'static str],
    /// Its description, in a few words.
    pub about: &'static str,
    /// Whether it is text, so that places in it are lines and columns.
    pub text: bool,
}

/// The file of a pickle: there is none where the feature `pickle` is left out.
#[cfg(not(feature = "pickle"))]
#[derive(Clone, Debug)]
pub enum PickleFile {}

/// Makes the table. Behind a feature of the crate stands what it adds; JSON is always there, since schemas are JSON.
macro_rules! readers {
    (always { $($always:expr,)* } $($feature:literal => $reader:expr,)*) => {
        /// Every input format that this build reads, in the order of the documentation.
        pub const READERS: &[Reader] = &[$($always,)* $(#[cfg(feature = $feature)] $reader,)*];

        /// Those that it does not, each with the feature of the crate that would add it.
        const LEFT_OUT: &[(&str, Reader)] = &[$(#[cfg(not(feature = $feature))] ($feature, $reader),)*];
    };
}

readers! {
    always {
        Reader { format: InputFormat::Json, name: "json", extensions: &["json", "geojson"], about: "JSON", text: true },
        Reader {
            format: InputFormat::Ndjson,
            name: "ndjson",
            extensions: &["ndjson", "jsonl"],
            about: "JSON, one document a line",
            text: true,
        },
    }
    "csv" => Reader {
        format: InputFormat::Csv,
        name: "csv",
        extensions: &["csv"],
        about: "comma-separated values, the first row being the names",
        text: true,
    },
    "csv" => Reader {
        format: InputFormat::Tsv,
        name: "tsv",
        extensions: &["tsv"],
        about: "tab-separated values, the first row being the names",
        text: true,
    },
    "msgpack" => Reader {
        format: InputFormat::MessagePack,
        name: "msgpack",
        extensions: &["msgpack", "mpk"],
        about: "MessagePack",
        text: false,
    },
    "cbor" => Reader { format: InputFormat::Cbor, name: "cbor", extensions: &["cbor"], about: "CBOR", text: false },
    "pickle" => Reader {
        format: InputFormat::Pickle,
        name: "pickle",
        extensions: &["pkl", "pickle", "p"],
        about: "Python's pickle: plain data, arrays of numpy and array.array",
        text: false,
    },
}

impl InputFormat {
    /// The facts about it.
    pub fn reader(self) -> &'static Reader {
        // The table has a line for each variant (a test holds it to that).
        known().find(|reader| reader.format == self).unwrap_or(&READERS[0])
    }

    /// The format called `name`, as `--input-format` has it; otherwise what to say.
    pub fn parse(name: &str) -> Result<InputFormat, String> {
        if let Some(reader) = known().find(|reader| reader.name == name || reader.extensions.contains(&name)) {
            return Ok(reader.format);
        }
        let known = names();
        Err(match nearest(name, READERS.iter().map(|reader| reader.name)) {
            Some(near) => format!("unknown input format {name:?}; did you mean {near:?}? There are {known}"),
            None => format!("unknown input format {name:?}; there are {known}"),
        })
    }

    /// The format of a file by the ending of its name; that of a compressor is left out first.
    pub fn of_name(name: &str) -> Option<InputFormat> {
        let name = Method::of_name(name).map_or(name, |(_, stem)| stem);
        let extension = std::path::Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
        known().find(|reader| reader.extensions.contains(&&*extension)).map(|reader| reader.format)
    }
}

/// Every input format, whether this build reads it or not.
fn known() -> impl Iterator<Item = &'static Reader> {
    READERS.iter().chain(LEFT_OUT.iter().map(|(_, reader)| reader))
}

fn names() -> String {
    READERS.iter().map(|reader| reader.name).collect::<Vec<_>>().join(", ")
}

/// How to read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// `--input-format`; otherwise the name of the file decides.
    pub format: Option<InputFormat>,
    /// `--schema`; otherwise it is inferred.
    pub schema: Option<Schema>,
    /// The user's decisions about an inferred schema.
    pub overrides: Overrides,
    /// `--delimiter`, for tables; otherwise it is found.
    pub delimiter: Option<u8>,
    /// `--lenient`: whether keys may be given twice, the last of which counts, and numbers be NaN or infinite.
    pub lenient: bool,
    /// Whether the file of a pickle is kept for rows of Python, where they can load it.
    pub keep_pickle: bool,
    /// The watch over the reading.
    pub watch: Watch,
}

/// A document that was read.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its type.
    pub schema: Arc<Schema>,
    /// Itself: a column of one row.
    pub column: Column,
    /// The notes about it, by path.
    pub notes: Vec<String>,
    /// The format that it was read as.
    pub format: InputFormat,
    /// The file itself, where it was to be kept.
    pub pickle: Option<PickleFile>,
}

/// Reads a document into columns. `name` is the file's, for its ending and for messages, or `-`.
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
pub fn read(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Document, ReadError> {
    read_for(name, bytes, options, false)
}

/// As [`read`]; where `trees` are to follow, that there will be memory for them is checked as early as it can be.
pub(super) fn read_for(name: &str, bytes: &[u8], options: &ReadOptions, trees: bool) -> Result<Document, ReadError> {
    struct Columns<'a>(&'a ReadOptions);
    impl Purpose for Columns<'_> {
        type Output = (Schema, Column, Vec<String>);
        const DYNAMIC: bool = false;
        fn read<S: Source>(&self, open: &dyn Fn() -> Result<S, Fault>) -> Result<Self::Output, Fault> {
            let (schema, notes) = types(open, self.0, false)?;
            match fill::fill(&mut open()?, &schema) {
                Ok(column) => Ok((schema, column, notes)),
                Err(fault) if self.0.schema.is_some() => Err(fault),
                // One type for several records that does not hold one of them: each has its own.
                Err(fault) => types(open, self.0, true)
                    .and_then(|(schema, notes)| Ok((fill::fill(&mut open()?, &schema)?, schema, notes)))
                    .map(|(column, schema, notes)| (schema, column, notes))
                    .map_err(|_| fault),
            }
        }
    }
    let passes = if trees { &[Pass::Look, Pass::Columns, Pass::Trees][..] } else { &[Pass::Look, Pass::Columns] };
    let gauge = Gauge::new(options, bytes.len(), passes);
    let (format, guess, (schema, column, mut notes)) = with_source(name, bytes, options, &gauge, &Columns(options))?;
    notes.extend(guess);
    notes.extend(unused(format, options));
    // A note of its own says what --lenient leaves out of the file.
    if !options.lenient {
        notes.extend(compact::note(format, bytes, &schema, &column));
    }
    let pickle = if options.keep_pickle && format == InputFormat::Pickle { kept(bytes, &mut notes) } else { None };
    Ok(Document { schema: Arc::new(schema), column, notes, format, pickle })
}

/// The file of a pickle for rows of Python, where they can load it; the notes say what they do.
#[cfg(feature = "pickle")]
fn kept(bytes: &[u8], notes: &mut Vec<String>) -> Option<PickleFile> {
    // A fault would have been found before.
    match pickle_file(bytes).ok()? {
        Ok(file) => {
            notes.push("rows of Python load the file: they encode its own objects, and what these share".to_owned());
            Some(file)
        }
        Err(reason) => {
            notes.push(format!("rows of Python encode plain values and not the objects of the file: {reason}"));
            None
        }
    }
}

#[cfg(not(feature = "pickle"))]
fn kept(_bytes: &[u8], _notes: &mut Vec<String>) -> Option<PickleFile> {
    None
}

/// Infers the types of a document, and decodes nothing: the schema that `--schema` gives or that was inferred, with the
/// notes about it.
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
pub fn read_schema(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<(Schema, Vec<String>), ReadError> {
    struct Types<'a>(&'a ReadOptions);
    impl Purpose for Types<'_> {
        type Output = (Schema, Vec<String>);
        const DYNAMIC: bool = false;
        fn read<S: Source>(&self, open: &dyn Fn() -> Result<S, Fault>) -> Result<Self::Output, Fault> {
            types(open, self.0, false)
        }
    }
    let gauge = Gauge::new(options, bytes.len(), &[Pass::Look]);
    let (format, guess, (schema, mut notes)) = with_source(name, bytes, options, &gauge, &Types(options))?;
    notes.extend(guess);
    notes.extend(unused(format, options));
    Ok((schema, notes))
}

/// The first pass over a document. Where `apart`, records that could be of one type stay as they are found.
fn types<S: Source>(
    open: &dyn Fn() -> Result<S, Fault>,
    options: &ReadOptions,
    apart: bool,
) -> Result<(Schema, Vec<String>), Fault> {
    let mut source = open()?;
    let (schema, mut notes) = match &options.schema {
        Some(schema) => {
            infer::scan(&mut source)?;
            (schema.clone(), Vec::new())
        }
        None => {
            let inferred = infer::infer(&mut source, &options.overrides, apart)?;
            (source.complete(inferred.schema), inferred.notes)
        }
    };
    notes.extend(remark::told(&source, open)?);
    Ok((schema, notes))
}

/// A document that was read as it is.
#[derive(Clone, Debug)]
pub struct DynamicDocument {
    /// Itself.
    pub tree: Tree,
    /// The notes about it, by path.
    pub notes: Vec<String>,
    /// The format that it was read as.
    pub format: InputFormat,
}

/// Reads a document into a tree, the dynamic representation. No types are inferred: what only they would refuse passes.
pub fn read_dynamic(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<DynamicDocument, ReadError> {
    struct Dynamic;
    impl Purpose for Dynamic {
        type Output = (Tree, Vec<String>);
        const DYNAMIC: bool = true;
        fn read<S: Source>(&self, open: &dyn Fn() -> Result<S, Fault>) -> Result<Self::Output, Fault> {
            let mut source = open()?;
            let tree = tree::plant(&mut source)?;
            Ok((tree, remark::told(&source, open)?))
        }
    }
    let gauge = Gauge::new(options, bytes.len(), &[Pass::Trees]);
    let (format, guess, (tree, mut notes)) = with_source(name, bytes, options, &gauge, &Dynamic)?;
    notes.extend(guess);
    notes.extend(unused(format, options));
    Ok(DynamicDocument { tree, notes, format })
}

/// [`read_dynamic`] without what there is to say.
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
pub fn read_tree(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Tree, ReadError> {
    read_dynamic(name, bytes, options).map(|document| document.tree)
}

/// The options that have no meaning for a format.
fn unused(format: InputFormat, options: &ReadOptions) -> Vec<String> {
    let table = matches!(format, InputFormat::Csv | InputFormat::Tsv);
    let flags = [
        (options.delimiter.is_some() && !table, "--delimiter"),
        (options.lenient && (table || format == InputFormat::Pickle), "--lenient"),
    ];
    let given = flags.iter().filter(|(given, _)| *given);
    given.map(|(_, flag)| format!("{flag} has no meaning for {}", format.reader().name)).collect()
}

/// A use of the events of a document, whatever the type of their source. `open` begins from the start.
trait Purpose {
    type Output;
    /// Whether it is for the dynamic representation.
    const DYNAMIC: bool;
    fn read<S: Source>(&self, open: &dyn Fn() -> Result<S, Fault>) -> Result<Self::Output, Fault>;
}

const BOM: &[u8] = b"\xef\xbb\xbf";

fn with_source<P: Purpose>(
    name: &str,
    bytes: &[u8],
    options: &ReadOptions,
    gauge: &Gauge<'_>,
    purpose: &P,
) -> Result<(InputFormat, Option<String>, P::Output), ReadError> {
    let (format, guess) = format_of(name, bytes, options)?;
    let refuse = |fault: Fault| ReadError::new(name, format, bytes, fault);
    let text = format.reader().text;
    if text {
        encoding::check(bytes).map_err(refuse)?;
    }
    // A byte order mark is not part of the document. Offsets count it all the same.
    let start = if text && bytes.starts_with(BOM) { BOM.len() } else { 0 };
    if bytes.len() == start || (text && bytes[start..].iter().all(u8::is_ascii_whitespace)) {
        return Err(refuse(Fault::of_column("it is empty", "a document has at least one value")));
    }
    let leave = Leave { not_finite: options.lenient, big: options.lenient || P::DYNAMIC };
    let output = match format {
        InputFormat::Json => {
            leniently(options, purpose, &|| Ok(gauge.watched(JsonSource::new(&bytes[start..], start, leave))))
        }
        InputFormat::Ndjson => {
            leniently(options, purpose, &|| Ok(gauge.watched(LinesSource::new(bytes, start, leave))))
        }
        #[cfg(feature = "csv")]
        InputFormat::Csv | InputFormat::Tsv => {
            let own = if format == InputFormat::Csv { b',' } else { b'\t' };
            let layout = Layout::find(&bytes[start..], start, own, options.delimiter);
            Table::look(&layout, options)
                .and_then(|table| purpose.read(&|| Ok(gauge.watched(TableSource::new(table.clone())?))))
        }
        #[cfg(feature = "msgpack")]
        InputFormat::MessagePack => {
            let float_dates = MessagePackSource::float_dates(bytes);
            leniently(options, purpose, &|| Ok(gauge.watched(MessagePackSource::new(bytes, float_dates))))
        }
        #[cfg(feature = "cbor")]
        InputFormat::Cbor => {
            let ways = CborWays { big: leave.big, float_dates: CborSource::float_dates(bytes) };
            leniently(options, purpose, &|| Ok(gauge.watched(CborSource::new(bytes, ways))))
        }
        #[cfg(feature = "pickle")]
        InputFormat::Pickle => Outline::read_stream(bytes)
            .map_err(pickle::fault)
            .and_then(|outline| purpose.read(&|| Ok(gauge.watched(PickleSource::new(&outline, bytes.len()))))),
        #[cfg(not(all(feature = "csv", feature = "msgpack", feature = "cbor", feature = "pickle")))]
        _ => return Err(left_out(name, format)),
    };
    output.map(|output| (format, guess, output)).map_err(refuse)
}

/// The error about a document that this build cannot read.
#[cfg(not(all(feature = "csv", feature = "msgpack", feature = "cbor", feature = "pickle")))]
fn left_out(name: &str, format: InputFormat) -> ReadError {
    let feature = LEFT_OUT.iter().find(|(_, reader)| reader.format == format).map_or("", |(feature, _)| feature);
    let reason = format!("{} is left out of this build of sercost", format.reader().about);
    ReadError::of_whole(name, None, &reason, &format!("the feature {feature:?} of the crate adds it"))
}

/// Reads; with `--lenient` without the entries that later ones replace.
fn leniently<P: Purpose, S: Source>(
    options: &ReadOptions,
    purpose: &P,
    open: &dyn Fn() -> Result<S, Fault>,
) -> Result<P::Output, Fault> {
    if options.lenient {
        let replaced = Rc::new(Replaced::find(&mut open()?)?);
        if !replaced.is_empty() {
            return purpose.read(&|| Ok(Lenient::new(open()?, &replaced)));
        }
    }
    purpose.read(open)
}

/// The format, and what there is to say about how it was found out.
fn format_of(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<sniff::Sniffed, ReadError> {
    if let Some(format) = options.format.or_else(|| InputFormat::of_name(name)) {
        return Ok((format, None));
    }
    let shown = if name == "-" { "standard input" } else { name };
    let refuse = |reason: &str, remedy: &str| Err(ReadError::of_whole(shown, None, reason, remedy));
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return refuse("it is empty", "a document has at least one value");
    }
    match sniff::sniff(bytes) {
        Some(sniffed) => Ok(sniffed),
        None => {
            let reason = match name {
                "-" => "its format cannot be told",
                _ => "its format cannot be told, neither by the ending of its name nor by its content",
            };
            refuse(reason, &format!("say which with --input-format ({})", names()))
        }
    }
}

#[cfg(all(test, not(feature = "csv"), not(feature = "pickle")))]
mod tests_of_a_part {
    use super::*;

    #[test]
    fn a_document_whose_reader_is_left_out_is_told_the_feature_that_adds_it() {
        for (name, bytes, feature) in
            [("data.csv", &b"a,b\n1,2\n"[..], "csv"), ("-", b"\x80\x04]\x94(K\x01K\x02e.", "pickle")]
        {
            let error = read(name, bytes, &ReadOptions::default()).expect_err("is left out").to_string();
            assert!(error.contains("is left out of this build of sercost"), "{error}");
            assert!(error.contains(&format!("the feature {feature:?} of the crate adds it")), "{error}");
        }
        let read = read("data.json", b"[1, 2]", &ReadOptions::default()).expect("JSON is always read");
        assert_eq!(read.column.len(), 1);
    }
}

#[cfg(test)]
mod tests {
    use super::json::JsonSource;
    use super::*;

    #[test]
    fn records_that_stay_as_they_are_found_hold_every_document() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/corpus");
        let mut read = 0;
        for entry in std::fs::read_dir(folder).expect("it is there").flatten() {
            if entry.path().extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            let bytes = std::fs::read(entry.path()).expect("it can be read");
            let open = || Ok(JsonSource::new(&bytes, 0, Leave::default()));
            let (schema, _) = types(&open, &ReadOptions::default(), true).expect("it is JSON");
            let filled = open().and_then(|mut source| fill::fill(&mut source, &schema));
            assert!(filled.is_ok_and(|column| column.len() == 1), "{}", entry.path().display());
            read += 1;
        }
        assert!(read > 20, "{read}");
    }
}
