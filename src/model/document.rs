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
const ONE_LINE: [&[u8]; 7] = [b"samples_ns", b"summary", b"allocations", b"schema", b"command", b"closures", b"alone"];

/// A schema nested deeper than this is serialized on a stack made for it.
const ORDINARY_DEPTH: usize = 200;

/// A stack for what recurses as deep as a document is nested. Enough for the deepest document that `store` reads, with
/// serde's frames of an unoptimized build: about a kilobyte per level.
pub const DEEP_STACK_BYTES: usize = 256 << 20;

impl Run {
    /// The results file: JSON with members in the order of the types, a newline at the end.
    pub fn to_json(&self) -> String {
        if self.payloads.iter().all(|payload| shallower(&payload.schema, ORDINARY_DEPTH)) {
            return render(self);
        }
        std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(DEEP_STACK_BYTES);
            match builder.spawn_scoped(scope, || render(self)) {
                Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                // No address space for another stack: ours may still do.
                Err(_) => render(self),
            }
        })
    }
}

fn render(run: &Run) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, Layout::default());
    // Invariant: writing to a Vec cannot fail, and every map in a Run has string keys.
    run.serialize(&mut serializer).expect("a run is always serializable");
    out.push(b'\n');
    // Invariant: serde_json writes UTF-8 only.
    String::from_utf8(out).expect("JSON is UTF-8")
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
    /// How many arrays and objects are open inside a value that stays on one line.
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
        (0..self.indent).try_for_each(|_| writer.write_all(b"  "))
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
