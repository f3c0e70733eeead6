//! Every codec against derived types, random values, and bytes cut short.

mod compressors;
mod cut_short;
mod derived;
mod many_rows;
mod native;
mod random;

use sercost::codec::{Codec, CodecError, Decoded, Subject};
use sercost::model::Representation;
use sercost::payload::{
    Column, Compact, Encodable, EnumSchema, Field, Presence, RecordSchema, Rows, Schema, SinkSeed, Styled,
    SymbolSchema, Tree,
};
use serde::de::DeserializeSeed;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

// ---- derived types and the schemas that stand for them

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    x: f32,
    y: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    tiny: i8,
    id: u32,
    name: String,
    flag: bool,
    point: Point,
    points: Vec<Point>,
    matrix: Vec<Vec<u16>>,
    note: Option<String>,
    origin: Option<Point>,
    counts: BTreeMap<String, i64>,
    shape: Shape,
    #[serde(with = "serde_bytes")]
    raw: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Number(i64),
    Text(String),
    Place(Point),
    List(Vec<i32>),
}

/// The same as formats have it whose values say their kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum BareShape {
    Number(i64),
    Text(String),
    Place(Point),
    List(Vec<i32>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Empty {}

/// The form in which a compact format gets records whose fields may be absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Sparse {
    id: u32,
    note: Option<String>,
    grade: Option<f64>,
    origin: Option<Point>,
    others: BTreeMap<String, i64>,
}

/// The same where fields go by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct NamedSparse {
    id: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grade: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Point>,
    others: BTreeMap<String, i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Status {
    #[serde(rename = "open")]
    Open,
    #[serde(rename = "in progress")]
    InProgress,
    #[serde(rename = "done")]
    Done,
}

/// A number as formats have it whose values say their kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Number {
    Int(i64),
    Float(f64),
}

fn record(name: &str, fields: Vec<(&str, Schema)>) -> Schema {
    Schema::Record(RecordSchema::new(name, fields.into_iter().map(|(name, schema)| Field::new(name, schema)).collect()))
}

fn point() -> Schema {
    record("Point", vec![("x", Schema::F32), ("y", Schema::F64)])
}

fn shape() -> Schema {
    Schema::Enum(EnumSchema::new(
        "Shape",
        vec![
            Field::new("Number", Schema::I64),
            Field::new("Text", Schema::String),
            Field::new("Place", point()),
            Field::new("List", Schema::list(Schema::I32)),
        ],
    ))
}

fn everything() -> Schema {
    record(
        "Everything",
        vec![
            ("tiny", Schema::I8),
            ("id", Schema::U32),
            ("name", Schema::String),
            ("flag", Schema::Bool),
            ("point", point()),
            ("points", Schema::list(point())),
            ("matrix", Schema::list(Schema::list(Schema::U16))),
            ("note", Schema::option(Schema::String)),
            ("origin", Schema::option(point())),
            ("counts", Schema::map(Schema::String, Schema::I64)),
            ("shape", shape()),
            ("raw", Schema::Bytes),
        ],
    )
}

fn sparse() -> Schema {
    let optional = |name: &str, schema| Field::with_presence(name, Schema::option(schema), Presence::Optional);
    let others = Field::new("others", Schema::map(Schema::String, Schema::I64));
    let fields = vec![
        Field::new("id", Schema::U32),
        optional("note", Schema::String),
        optional("grade", Schema::F64),
        optional("origin", point()),
        others,
    ];
    Schema::Record(RecordSchema::new("Sparse", fields))
}

fn status() -> Schema {
    Schema::Symbol(SymbolSchema::new("Status", ["open", "in progress", "done"]))
}

fn some_sparse() -> Vec<Sparse> {
    let full = Sparse {
        id: 7,
        note: Some("a note".to_owned()),
        grade: Some(1.5),
        origin: Some(Point { x: 0.5, y: -2.0 }),
        others: map(&[("a", 1)]),
    };
    let bare = Sparse { id: 8, note: None, grade: None, origin: None, others: map(&[]) };
    let some = Sparse { note: None, origin: None, ..full.clone() };
    vec![full, bare, some]
}

fn map(entries: &[(&str, i64)]) -> BTreeMap<String, i64> {
    entries.iter().map(|&(key, value)| (key.to_owned(), value)).collect()
}

fn some_of_everything() -> Vec<Everything> {
    let full = Everything {
        tiny: -128,
        id: 4_000_000_000,
        name: "naïve \"quoted\" \u{1F980}\n".to_owned(),
        flag: true,
        point: Point { x: 0.1, y: -0.5 },
        points: vec![Point { x: 1.5, y: 2.5 }, Point { x: -0.25, y: 1e300 }],
        matrix: vec![vec![], vec![1, 2, 65535], vec![3]],
        note: Some(String::new()),
        origin: Some(Point { x: 0.0, y: 0.125 }),
        counts: map(&[("a", 1), ("b", -2), ("long key with spaces", i64::MAX)]),
        shape: Shape::Place(Point { x: 3.0, y: 4.0 }),
        raw: vec![0, 255, 128],
    };
    let bare = Everything {
        name: String::new(),
        points: vec![],
        matrix: vec![],
        note: None,
        origin: None,
        counts: BTreeMap::new(),
        shape: Shape::Number(-7),
        raw: vec![],
        ..full.clone()
    };
    vec![full, bare]
}

// ---- helpers

/// The rows of `values`, by way of postcard.
fn rows_of<T: Serialize>(schema: &Arc<Schema>, values: &[T]) -> Rows {
    let mut rows = Rows { schema: Arc::clone(schema), column: Column::with_capacity(schema, values.len()) };
    for value in values {
        let bytes = postcard::to_stdvec(value).expect("postcard takes every value of these tests");
        let mut deserializer = postcard::Deserializer::from_bytes(&bytes);
        SinkSeed(&mut Styled::<Compact>::new(&mut rows))
            .deserialize(&mut deserializer)
            .expect("the schema is that of the type");
        assert!(deserializer.finalize().expect("a slice has an end").is_empty(), "the schema is that of the type");
    }
    rows
}

/// The fingerprint that two columns of a schema are compared by: NaN equals itself, and 0.0 is not -0.0.
fn fingerprint(schema: &Schema, column: &Column) -> Vec<u8> {
    let encodable = Encodable::new(schema, column);
    (0..column.len())
        .flat_map(|row| postcard::to_stdvec(&encodable.row::<Compact>(row)).expect("postcard takes every column"))
        .collect()
}

fn encodable(rows: &Rows) -> Encodable<'_> {
    Encodable::new(&rows.schema, &rows.column)
}

fn encode_one(codec: &dyn Codec, subject: Subject<'_>) -> Result<Vec<u8>, CodecError> {
    let mut buffer = [Vec::new()];
    codec.encode(subject, &mut buffer)?;
    let [bytes] = buffer;
    Ok(bytes)
}

fn decode_typed(codec: &dyn Codec, schema: &Arc<Schema>, bytes: &[u8]) -> Result<Column, CodecError> {
    let mut into = Decoded::with_capacity(codec, Representation::Typed, schema, 1);
    codec.decode(&[bytes], 1, &mut into)?;
    match into {
        Decoded::Own(_) => panic!("there is no type of its own here"),
        Decoded::Typed(rows) => Ok(rows.into_column()),
        Decoded::Native(values) => Ok(values.into_column(schema)?),
        Decoded::Dynamic(_) => unreachable!("typed was asked for"),
    }
}

fn decode_dynamic(codec: &dyn Codec, bytes: &[u8]) -> Result<Tree, CodecError> {
    let mut into = Decoded::Dynamic(Vec::new());
    codec.decode(&[bytes], 1, &mut into)?;
    match into {
        Decoded::Dynamic(mut trees) => Ok(trees.pop().expect("one message is one tree")),
        _ => unreachable!("dynamic was given"),
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// The result of `operation`; `None` where it panicked, of which nothing is printed.
fn quietly<R>(operation: impl FnOnce() -> R) -> Option<R> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                loud(info);
            }
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(operation));
    QUIET.set(false);
    result.ok()
}
