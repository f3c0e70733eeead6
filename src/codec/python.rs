//! The rows that are measured inside a real CPython: one for each module and way of using it, and one table of them.
//!
//! A row is made of the expressions that a Python program would write. They are compiled into the loops that are timed, in
//! the interpreter (`python/sercost_rows.py`), so that a call costs there what it costs in a program. Nothing here runs
//! Python: `measure` does.
//!
//! To add a row: one entry in [`PYTHON_ROWS`].

use crate::model::nearest;
use crate::payload::Schema;

/// A way to encode in Python, and what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct PythonRow {
    /// The name behind `python:` on the command line.
    pub name: &'static str,
    /// Other names that [`PythonRow::find`] knows it by.
    pub aliases: &'static [&'static str],
    /// The format's own name.
    pub format: &'static str,
    /// The package that `pip install` brings; `None` for the standard library.
    pub package: Option<&'static str>,
    /// The modules that the expressions name.
    pub imports: &'static [&'static str],
    /// Statements that define what the expressions call besides; often empty.
    pub setup: &'static str,
    /// Makes of the Python `value` what the program would hold instead, before anything is timed; `None` for the value
    /// itself.
    pub hold: Option<&'static str>,
    /// Bytes (or a list of [`PythonRow::parts`] buffers) of `value`.
    pub encode: &'static str,
    /// The value of `data`, which is what arrived of one message: bytes, or a list of them where there are several parts.
    pub decode: &'static str,
    /// An expression of plain Python that stands for a `value` of another kind when it is compared; `None` for plain
    /// values.
    pub token: Option<&'static str>,
    /// The number of buffers that a message is sent as.
    pub parts: usize,
    /// The payloads that it can take.
    pub takes: Takes,
    /// Whether the bytes can be decoded without a schema.
    pub self_describing: bool,
    /// Whether what is decoded looks into the bytes that arrived.
    pub zero_copy: bool,
    /// Whether its authors claim that hostile bytes can do no worse than end in an error or a wrong value.
    pub untrusted: bool,
    /// A note for readers of its row, in one sentence; empty for nothing.
    pub note: &'static str,
}

/// The payloads that a row can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any value; what the module cannot encode it says itself.
    Anything,
    /// Lists of numbers.
    Numbers,
    /// Lists of numbers, strings or records.
    Columns,
}

const PICKLE: PythonRow = PythonRow {
    name: "",
    aliases: &[],
    format: "pickle",
    package: None,
    imports: &["pickle"],
    setup: "",
    hold: None,
    encode: "",
    decode: "pickle.loads(data)",
    token: None,
    parts: 1,
    takes: Takes::Anything,
    self_describing: true,
    zero_copy: false,
    untrusted: false,
    note: "",
};

const JSON: PythonRow = PythonRow {
    name: "json",
    aliases: &[],
    format: "JSON",
    imports: &["json"],
    encode: "json.dumps(value).encode()",
    decode: "json.loads(data)",
    untrusted: true,
    note: "the defaults: a space behind every comma and colon, and escapes for all that is not ASCII",
    ..PICKLE
};

const NUMPY: PythonRow = PythonRow {
    package: Some("numpy"),
    imports: &["numpy", "pickle"],
    hold: Some("numpy.array(value)"),
    token: Some("(value.dtype.str, value.shape, value.tobytes())"),
    takes: Takes::Numbers,
    ..PICKLE
};

/// Every row, in the order of the documentation.
pub const PYTHON_ROWS: &[PythonRow] = &[
    PythonRow {
        name: "pickle2",
        encode: "pickle.dumps(value, 2)",
        note: "protocol 2 has no bytes: they go as text with a call that encodes it",
        ..PICKLE
    },
    PythonRow { name: "pickle3", encode: "pickle.dumps(value, 3)", ..PICKLE },
    PythonRow {
        name: "pickle4",
        encode: "pickle.dumps(value, 4)",
        note: "the default of pickle from 3.8 to 3.13",
        ..PICKLE
    },
    PythonRow {
        name: "pickle5",
        encode: "pickle.dumps(value, 5)",
        note: "the default of pickle from 3.14, and the highest that there is",
        ..PICKLE
    },
    PythonRow {
        name: "marshal",
        format: "marshal",
        imports: &["marshal"],
        encode: "marshal.dumps(value)",
        decode: "marshal.loads(data)",
        note: "the format of .pyc files: it may change with any version of Python, and hostile bytes can crash it",
        ..PICKLE
    },
    JSON,
    PythonRow {
        name: "cloudpickle",
        package: Some("cloudpickle"),
        imports: &["cloudpickle", "pickle"],
        encode: "cloudpickle.dumps(value)",
        note: "for plain data the bytes of pickle 5, by a pickler with hooks for functions and classes",
        ..PICKLE
    },
    PythonRow {
        name: "orjson",
        package: Some("orjson"),
        imports: &["orjson"],
        encode: "orjson.dumps(value)",
        decode: "orjson.loads(data)",
        note: "NaN and the infinities become null; keys must be strings",
        ..JSON
    },
    PythonRow {
        name: "msgspec-json",
        package: Some("msgspec"),
        imports: &["msgspec"],
        encode: "msgspec.json.encode(value)",
        decode: "msgspec.json.decode(data)",
        note: "without a type to decode to; bytes become base64 text",
        ..JSON
    },
    PythonRow {
        name: "msgspec-msgpack",
        format: "MessagePack",
        package: Some("msgspec"),
        imports: &["msgspec"],
        encode: "msgspec.msgpack.encode(value)",
        decode: "msgspec.msgpack.decode(data)",
        note: "without a type to decode to",
        ..JSON
    },
    PythonRow {
        name: "msgpack",
        format: "MessagePack",
        package: Some("msgpack"),
        imports: &["msgpack"],
        encode: "msgpack.packb(value)",
        decode: "msgpack.unpackb(data)",
        note: "the defaults: decoding refuses keys that are neither text nor bytes",
        ..JSON
    },
    PythonRow {
        name: "cbor2",
        format: "CBOR",
        package: Some("cbor2"),
        imports: &["cbor2"],
        encode: "cbor2.dumps(value)",
        decode: "cbor2.loads(data)",
        untrusted: false,
        note: "",
        ..JSON
    },
    PythonRow {
        name: "numpy-pickle",
        encode: "pickle.dumps(value, 5)",
        note: "an array made of the list beforehand, in band: int64 or float64 as numpy chooses",
        ..NUMPY
    },
    PythonRow {
        name: "numpy-oob",
        aliases: &["numpy-pickle-oob", "numpy-out-of-band"],
        setup: "
def out_of_band(value):
    buffers = []
    data = pickle.dumps(value, 5, buffer_callback=buffers.append)
    return [data] + [buffer.raw() for buffer in buffers]
",
        encode: "out_of_band(value)",
        decode: "pickle.loads(data[0], buffers=data[1:])",
        parts: 2,
        zero_copy: true,
        note: "the same array out of band: the buffer is sent as it lies and not copied into a pickle; bytes are those of both",
        ..NUMPY
    },
    PythonRow {
        name: "pyarrow-ipc",
        aliases: &["pyarrow"],
        format: "Arrow IPC stream",
        package: Some("pyarrow"),
        imports: &["pyarrow", "pyarrow.ipc"],
        setup: "
def table(value):
    if len(value) and isinstance(value[0], dict):
        return pyarrow.Table.from_pylist(value)
    return pyarrow.table({'value': pyarrow.array(value)})

def stream(value):
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, value.schema) as writer:
        writer.write_table(value)
    return sink.getvalue()
",
        hold: Some("table(value)"),
        encode: "stream(value)",
        decode: "pyarrow.ipc.open_stream(data).read_all()",
        token: Some("memoryview(stream(value)).tobytes()"),
        takes: Takes::Columns,
        zero_copy: true,
        note: "an Arrow table made of the payload beforehand; what is decoded is a view, and no Python value is made of it",
        ..PICKLE
    },
];

/// The prefix of all names of Python rows.
pub const PYTHON_PREFIX: &str = "python";

impl PythonRow {
    /// The row of that name or alias, in any case; without what stands before the colon.
    pub fn find(name: &str) -> Option<&'static PythonRow> {
        PYTHON_ROWS.iter().find(|row| {
            row.name.eq_ignore_ascii_case(name) || row.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
        })
    }

    /// The name nearest to one that is not known, as it is given on the command line.
    pub fn nearest(name: &str) -> Option<String> {
        let known = PYTHON_ROWS.iter().flat_map(|row| std::iter::once(row.name).chain(row.aliases.iter().copied()));
        nearest(name, known).map(|near| format!("{PYTHON_PREFIX}:{near}"))
    }

    /// Why it cannot take messages of `schema`; `None` where it can, as far as can be told without trying.
    pub fn refuses(&self, schema: &Schema) -> Option<&'static str> {
        let element = match schema {
            Schema::List(element) => Some(&**element),
            _ => None,
        };
        match self.takes {
            Takes::Anything => None,
            Takes::Numbers => {
                (!element.is_some_and(is_number)).then_some("takes lists of numbers, which alone become arrays")
            }
            Takes::Columns => {
                let fits = |element: &Schema| {
                    let element = if let Schema::Option(inner) = element { inner } else { element };
                    is_number(element) || matches!(element, Schema::Bool | Schema::String | Schema::Record(_))
                };
                (!element.is_some_and(fits))
                    .then_some("takes lists of numbers, strings or records, which become tables")
            }
        }
    }
}

fn is_number(schema: &Schema) -> bool {
    matches!(
        schema,
        Schema::I8
            | Schema::I16
            | Schema::I32
            | Schema::I64
            | Schema::U8
            | Schema::U16
            | Schema::U32
            | Schema::U64
            | Schema::F32
            | Schema::F64
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_name_and_alias_finds_its_row_and_no_other() {
        let mut seen = HashSet::new();
        for row in PYTHON_ROWS {
            for name in [row.name].into_iter().chain(row.aliases.iter().copied()) {
                assert!(seen.insert(name.to_lowercase()), "{name} is taken twice");
                assert!(!name.contains(['+', ':', ',']), "{name} would be read as more than a name");
                assert_eq!(PythonRow::find(&name.to_uppercase()).map(|found| found.name), Some(row.name));
            }
        }
        assert_eq!(PythonRow::nearest("pikcle5").as_deref(), Some("python:pickle5"));
    }

    #[test]
    fn rows_say_what_they_need() {
        for row in PYTHON_ROWS {
            assert!(row.encode.contains("value") && row.decode.contains("data"), "{}", row.name);
            assert!(!row.imports.is_empty() && row.parts > 0, "{}", row.name);
            assert_eq!(row.hold.is_some(), row.token.is_some(), "{}: what is held is compared by a token", row.name);
            assert!(!row.note.ends_with('.') && !row.note.contains('\n'), "{}: {:?}", row.name, row.note);
        }
    }
}
