//! The results file as text: the layout that `store` writes and `report` prints.
//!
//! A plain pretty-printer would give every sample a line of its own; here the lists and small objects that are read
//! as one thing stay on one line, so that a file can be read and compared line by line.

use super::Run;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};
use std::io::{self, Write};

/// The members whose value is written on one line.
const ONE_LINE: [&[u8]; 10] = [
    b"samples_ns",
    b"histogram",
    b"summary",
    b"allocations",
    b"schema",
    b"command",
    b"closures",
    b"alone",
    b"counts",
    b"times",
];

/// A schema nested deeper than this is serialized on a stack made for it.
const ORDINARY_DEPTH: usize = 200;

/// A stack for what recurses as deep as a document is nested. Enough for the deepest document that `store` reads, with
/// serde's frames of an unoptimized build: about a kilobyte per level.
pub const DEEP_STACK_BYTES: usize = 256 << 20;

impl Run {
    /// The results file: JSON with members in the order of the types, a newline at the end.
    pub fn to_json(&self) -> String {
        Document::default().to_json(self)
    }
}

/// A results file that is composed again and again while a run goes on. Rows that are closed are serialized once.
#[derive(Clone, Debug, Default)]
pub struct Document {
    payloads: Closed,
    measurements: Closed,
    scenarios: Closed,
    components: Closed,
}

/// The closed rows of a list as text, from the start of the list on.
#[derive(Clone, Debug, Default)]
struct Closed {
    count: usize,
    text: Vec<u8>,
}

impl Document {
    /// All rows that the run has now are closed: they do not change any more, and no other comes before them.
    pub fn close(&mut self, run: &Run) {
        on_enough_stack(run, || {
            self.payloads.close(&run.payloads);
            self.measurements.close(&run.measurements);
            self.scenarios.close(&run.scenarios);
            self.components.close(&run.components);
        });
    }

    /// The document of the run.
    pub fn to_json(&self, run: &Run) -> String {
        on_enough_stack(run, || self.compose(run))
    }

    fn compose(&self, run: &Run) -> String {
        let mut out = b"{".to_vec();
        let name = |out: &mut Vec<u8>, name: &str| {
            let comma = if out.len() > 1 { "," } else { "" };
            out.extend_from_slice(format!("{comma}\n{INDENT}\"{name}\": ").as_bytes());
        };
        name(&mut out, "schema");
        write(&mut out, &run.schema, 1);
        name(&mut out, "environment");
        write(&mut out, &run.environment, 1);
        name(&mut out, "payloads");
        self.payloads.list(&run.payloads, &mut out);
        name(&mut out, "measurements");
        self.measurements.list(&run.measurements, &mut out);
        if !run.scenarios.is_empty() {
            name(&mut out, "scenarios");
            self.scenarios.list(&run.scenarios, &mut out);
        }
        if !run.components.is_empty() {
            name(&mut out, "components");
            self.components.list(&run.components, &mut out);
        }
        if let Some(comparison) = &run.comparison {
            name(&mut out, "comparison");
            write(&mut out, comparison, 1);
        }
        out.extend_from_slice(b"\n}\n");
        // Invariant: serde_json writes UTF-8 only.
        String::from_utf8(out).expect("JSON is UTF-8")
    }
}

impl Closed {
    fn close<T: Serialize>(&mut self, rows: &[T]) {
        write_rows(&mut self.text, self.count > 0, rows.get(self.count..).unwrap_or_default());
        self.count = self.count.max(rows.len());
    }

    /// The whole list.
    fn list<T: Serialize>(&self, rows: &[T], out: &mut Vec<u8>) {
        // A run that lost closed rows is another one.
        let (text, open) = rows.get(self.count..).map_or((&[][..], rows), |open| (&self.text, open));
        out.push(b'[');
        let start = out.len();
        out.extend_from_slice(text);
        write_rows(out, !text.is_empty(), open);
        if out.len() > start {
            out.extend_from_slice(format!("\n{INDENT}").as_bytes());
        }
        out.push(b']');
    }
}

/// Appends rows of a list of the document, behind others or as the first.
fn write_rows<T: Serialize>(out: &mut Vec<u8>, behind: bool, rows: &[T]) {
    for (at, row) in rows.iter().enumerate() {
        let comma = if behind || at > 0 { "," } else { "" };
        out.extend_from_slice(format!("{comma}\n{INDENT}{INDENT}").as_bytes());
        write(out, row, 2);
    }
}

/// The indentation of each level of the document.
const INDENT: &str = "  ";

/// Appends a value that lies so deep in the document.
fn write<T: Serialize>(out: &mut Vec<u8>, value: &T, indent: usize) {
    let mut serializer = Serializer::with_formatter(out, Layout { indent, ..Layout::default() });
    // Invariant: writing to a Vec cannot fail, and every map in a Run has string keys.
    value.serialize(&mut serializer).expect("a run is always serializable");
}

/// Does something that recurses as deep as the schemas of the run are nested.
fn on_enough_stack<R: Send>(run: &Run, mut work: impl FnMut() -> R + Send) -> R {
    if run.payloads.iter().all(|payload| shallower(&payload.schema, ORDINARY_DEPTH)) {
        return work();
    }
    let done = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(DEEP_STACK_BYTES);
        let thread = builder.spawn_scoped(scope, &mut work).ok()?;
        Some(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    // No address space for another stack: ours may still do.
    done.unwrap_or_else(work)
}

/// Whether no path in the value is longer than `limit`, found without recursion.
fn shallower(value: &Value, limit: usize) -> bool {
    let mut open = vec![(value, 0)];
    while let Some((value, depth)) = open.pop() {
        if depth > limit {
            return false;
        }
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => open.extend(members.values().map(|item| (item, depth + 1))),
            _ => {}
        }
    }
    true
}

/// Indents by two, but for the members named in [`ONE_LINE`].
#[derive(Default)]
struct Layout {
    indent: usize,
    /// The number of arrays and objects that are open inside a value that stays on one line.
    inline: usize,
    /// The name of the member whose value comes next.
    key: Vec<u8>,
    in_key: bool,
    has_value: bool,
}

impl Layout {
    fn open<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        if self.inline > 0 || ONE_LINE.contains(&self.key.as_slice()) {
            self.inline += 1;
        } else {
            self.indent += 1;
        }
        self.key.clear();
        self.has_value = false;
        writer.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        if self.inline > 0 {
            self.inline -= 1;
        } else {
            self.indent -= 1;
            if self.has_value {
                self.line(writer)?;
            }
        }
        writer.write_all(bracket)
    }

    fn separate<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if self.inline > 0 {
            return writer.write_all(if first { b"" } else { b", " });
        }
        if !first {
            writer.write_all(b",")?;
        }
        self.line(writer)
    }

    fn line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        (0..self.indent).try_for_each(|_| writer.write_all(INDENT.as_bytes()))
    }
}

impl Formatter for Layout {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        // An element has no name, least of all that of the last member of the element before.
        self.key.clear();
        self.separate(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.key.clear();
        self.in_key = true;
        self.separate(writer, first)
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.in_key = false;
        Ok(())
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if self.in_key {
            self.key.extend_from_slice(fragment.as_bytes());
        }
        writer.write_all(fragment.as_bytes())
    }
}
