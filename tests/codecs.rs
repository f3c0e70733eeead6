//! Every codec against derived types, random values, and bytes cut short.

use proptest::prelude::*;
use sercost::codec::{CODECS, COMPRESSORS, Codec, CodecError, Decoded, Format, FormatVisitor, Subject, find};
use sercost::codec::{Compression, visit_formats};
use sercost::model::Representation;
use sercost::payload::native::{HasSchema, Line, NativeKind, NativeStore, NativeValues, Order, Record};
use sercost::payload::{ABSENT, Column, EnumSchema, Field, RecordSchema, Row, Rows, Schema, SinkSeed, Tree};
use serde::de::{DeserializeOwned, DeserializeSeed};
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Empty {}

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
    let mut rows = Rows::with_capacity(Arc::clone(schema), values.len());
    for value in values {
        let bytes = postcard::to_stdvec(value).expect("postcard takes every value of these tests");
        let mut deserializer = postcard::Deserializer::from_bytes(&bytes);
        SinkSeed(&mut rows).deserialize(&mut deserializer).expect("the schema is that of the type");
        assert!(deserializer.finalize().expect("a slice has an end").is_empty(), "the schema is that of the type");
    }
    rows
}

/// What two columns of a schema are compared by: NaN equals itself, and 0.0 is not -0.0.
fn fingerprint(schema: &Schema, column: &Column) -> Vec<u8> {
    (0..column.len())
        .flat_map(|row| postcard::to_stdvec(&Row { schema, column, row }).expect("postcard takes every column"))
        .collect()
}

fn typed(rows: &Rows) -> Subject<'_> {
    Subject::Typed { schema: &rows.schema, column: &rows.column }
}

fn encode_one(codec: &dyn Codec, subject: Subject<'_>) -> Result<Vec<u8>, CodecError> {
    let mut buffer = [Vec::new()];
    codec.encode(subject, &mut buffer)?;
    let [bytes] = buffer;
    Ok(bytes)
}

fn decode_typed(codec: &dyn Codec, schema: &Arc<Schema>, bytes: &[u8]) -> Result<Column, CodecError> {
    let mut into = Decoded::with_capacity(codec, Representation::Typed, schema, 1);
    codec.decode(&[bytes], &mut into)?;
    match into {
        Decoded::Typed(rows) => Ok(rows.column),
        Decoded::Native(values) => Ok(values.into_column(schema)?),
        Decoded::Dynamic(_) => unreachable!("typed was asked for"),
    }
}

fn decode_dynamic(codec: &dyn Codec, bytes: &[u8]) -> Result<Tree, CodecError> {
    let mut into = Decoded::Dynamic(Vec::new());
    codec.decode(&[bytes], &mut into)?;
    match into {
        Decoded::Dynamic(mut trees) => Ok(trees.pop().expect("one message is one tree")),
        _ => unreachable!("dynamic was given"),
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// What `operation` returns; `None` where it panicked, of which nothing is printed.
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

// ---- (a) the bytes of rows are those of derived types, and decode to the same

/// What a codec makes of a case that it cannot take as it is.
enum Trouble {
    /// Encoding ends in an error that says this.
    Encode(&'static str),
    /// Decoding what was encoded ends in an error that says this.
    Decode(&'static str),
    /// Another value comes back.
    Lossy,
}

fn trouble(codec: &str, case: &str) -> Option<Trouble> {
    match (codec, case) {
        // JSON has no such numbers: serde_json writes null, and reads none where a float should be.
        ("json", "f32 infinity" | "f64 infinity" | "NaN") => Some(Trouble::Decode("invalid type: null, expected f")),
        // It writes them as long integers and reads back those that fit in an i64.
        ("serde-pickle:2" | "serde-pickle:3", "u64 over i64") => Some(Trouble::Decode("integer too large")),
        ("bson", "u64 over i64") => Some(Trouble::Encode("cannot fit into BSON")),
        ("bson", "map of numbers") => Some(Trouble::Encode("invalid document key type: u32")),
        ("flexbuffers", "map of numbers") => Some(Trouble::Encode("KeyMustBeString")),
        // Where unit and an absent value are both null, one cannot be told from the other. minicbor-serde writes unit
        // as an empty array.
        (
            "json" | "msgpack" | "msgpack-named" | "ciborium" | "serde-pickle:2" | "serde-pickle:3" | "bson"
            | "flexbuffers" | "smile",
            "some of unit",
        ) => Some(Trouble::Lossy),
        _ => None,
    }
}

/// Runs every case and gathers what was wrong, so that one run tells all.
#[derive(Default)]
struct AgainstDerived {
    wrong: Vec<String>,
}

impl FormatVisitor for AgainstDerived {
    fn visit<F: Format>(&mut self, format: &F) {
        let mut cases = Cases { format, name: Format::info(format).name, wrong: &mut self.wrong };
        cases.scalars();
        cases.compounds();
    }
}

struct Cases<'a, F> {
    format: &'a F,
    name: &'static str,
    wrong: &'a mut Vec<String>,
}

impl<F: Format> Cases<'_, F> {
    /// Integers of each width at their ends, floats, strings, bytes; alone and in lists.
    fn scalars(&mut self) {
        self.both("bool", Schema::Bool, vec![false, true]);
        self.both("i8", Schema::I8, vec![i8::MIN, -33, -32, -1, 0, 1, i8::MAX]);
        self.both("i16", Schema::I16, vec![i16::MIN, -129, 0, 256, i16::MAX]);
        self.both("i32", Schema::I32, vec![i32::MIN, -40_000, 0, 70_000, i32::MAX]);
        self.both("i64", Schema::I64, vec![i64::MIN, -1, 0, 1 << 31, 1 << 53, (1 << 53) + 1, i64::MAX]);
        self.both("u8", Schema::U8, vec![0u8, 127, 128, 255]);
        self.both("u16", Schema::U16, vec![0u16, 128, 255, 256, u16::MAX]);
        self.both("u32", Schema::U32, vec![0u32, 1 << 16, 1 << 31, u32::MAX]);
        self.both("u64", Schema::U64, vec![0u64, 1 << 32, i64::MAX as u64]);
        self.both("u64 over i64", Schema::U64, vec![1u64 << 63, u64::MAX]);
        self.both("f32", Schema::F32, vec![0.0f32, -0.0, 0.1, 1.5, f32::MIN_POSITIVE, f32::MAX, f32::MIN]);
        self.both("f64", Schema::F64, vec![0.0f64, -0.0, 0.1, 1.5, 1e-5, 123_456.789, f64::MAX]);
        self.both("f32 infinity", Schema::F32, vec![f32::INFINITY, f32::NEG_INFINITY]);
        self.both("f64 infinity", Schema::F64, vec![f64::INFINITY, f64::NEG_INFINITY]);
        self.both("NaN", Schema::F64, vec![f64::NAN]);
        let strings = ["", "a", "naïve \"quoted\" \\ \u{1F980}\u{0}\n", &"long ".repeat(60)].map(str::to_owned);
        self.both("string", Schema::String, strings.to_vec());
        let bytes = [vec![], vec![0, 1, 127, 128, 255], vec![7; 300]].map(serde_bytes::ByteBuf::from);
        self.both("bytes", Schema::Bytes, bytes.to_vec());
        self.both("unit", Schema::Unit, vec![(), ()]);
    }

    /// Options, lists, records, maps and enums, one in the other.
    fn compounds(&mut self) {
        self.both("option", Schema::option(Schema::I32), vec![Some(-5), None, Some(0)]);
        self.both("option of string", Schema::option(Schema::String), vec![None, Some("x".to_owned())]);
        self.both("none of unit", Schema::option(Schema::Unit), vec![None::<()>]);
        self.both("some of unit", Schema::option(Schema::Unit), vec![Some(())]);
        self.both("empty list", Schema::list(Schema::I64), vec![Vec::<i64>::new()]);
        self.both("empty list of records", Schema::list(point()), vec![Vec::<Point>::new()]);
        self.both("list of lists", Schema::list(Schema::list(Schema::U32)), vec![vec![vec![], vec![1u32, 2]], vec![]]);
        self.both("list of options", Schema::list(Schema::option(Schema::F32)), vec![vec![None, Some(0.5f32)]]);
        self.both("record", point(), vec![Point { x: 0.1, y: 0.1 }, Point { x: -0.0, y: 2.0 }]);
        self.both("record without fields", record("Empty", vec![]), vec![Empty {}, Empty {}]);
        self.both("record in record", everything(), some_of_everything());
        let maps = vec![map(&[]), map(&[("", 0), ("$value", 1), ("key", -1)]), map(&[("$value", 1)])];
        self.both("map", Schema::map(Schema::String, Schema::I64), maps);
        let numbered: BTreeMap<u32, String> = [(0, "zero".to_owned()), (4_000_000_000, "four".to_owned())].into();
        self.both("map of numbers", Schema::map(Schema::U32, Schema::String), vec![numbered]);
        let deep: BTreeMap<String, Vec<Point>> = [("p".to_owned(), vec![Point { x: 1.0, y: 2.0 }])].into();
        self.both("map of lists", Schema::map(Schema::String, Schema::list(point())), vec![deep]);
        let place = Shape::Place(Point { x: 1.0, y: 2.0 });
        let shapes = vec![Shape::Number(i64::MIN), Shape::Text("t".to_owned()), Shape::List(vec![1, 2]), place];
        self.both("enum", shape(), shapes);
    }

    /// Each value alone, and all of them as a list.
    fn both<T: Serialize + DeserializeOwned>(&mut self, case: &str, schema: Schema, values: Vec<T>) {
        let list = Arc::new(Schema::list(schema.clone()));
        let schema = Arc::new(schema);
        let alone: Result<(), String> = values.iter().try_for_each(|value| self.one(case, &schema, value));
        for result in [alone, self.one(case, &list, &values)] {
            self.wrong.extend(result.err().map(|wrong| format!("{} on {case}: {wrong}", self.name)));
        }
    }

    fn one<T: Serialize + DeserializeOwned>(&self, case: &str, schema: &Arc<Schema>, value: &T) -> Result<(), String> {
        let rows = rows_of(schema, &[value]);
        let (mut bytes, mut of_derived) = (Vec::new(), Vec::new());
        let encoded = self.format.encode(&Row { schema, column: &rows.column, row: 0 }, &mut bytes);
        let encoded_derived = self.format.encode(value, &mut of_derived);
        if !Format::decodes(self.format) {
            return encoded.and(encoded_derived).map_err(|error| error.to_string());
        }
        let trouble = trouble(self.name, case);
        match (encoded, encoded_derived, &trouble) {
            (Ok(()), Ok(()), None | Some(Trouble::Decode(_) | Trouble::Lossy)) => {}
            (Err(error), Err(of_derived), Some(Trouble::Encode(expected))) => {
                let alike = error.to_string() == of_derived.to_string() && error.to_string().contains(expected);
                return if alike { Ok(()) } else { Err(format!("encoding: {error}, derived {of_derived}")) };
            }
            (row, derived, _) => return Err(format!("encoding: {row:?}, derived {derived:?}")),
        }
        if bytes != of_derived {
            return Err("not the bytes of the derived type".to_owned());
        }

        let (mut decoded, mut plain) = (Rows::with_capacity(Arc::clone(schema), 1), Vec::<T>::new());
        let result = self.format.decode(&bytes, &mut decoded);
        match (result, self.format.decode(&bytes, &mut plain), &trouble) {
            (Ok(()), Ok(()), None | Some(Trouble::Lossy)) => {}
            (Err(error), Err(_), Some(Trouble::Decode(expected))) if error.to_string().contains(expected) => {
                return Ok(());
            }
            (row, derived, _) => return Err(format!("decoding: {row:?}, derived {derived:?}")),
        }
        let (before, after) = (fingerprint(schema, &rows.column), fingerprint(schema, &decoded.column));
        if after != fingerprint(schema, &rows_of(schema, &plain).column) {
            return Err("not what the derived type decodes to".to_owned());
        }
        match (trouble, before == after) {
            (None, true) | (Some(_), false) => Ok(()),
            (None, false) => Err("another value came back".to_owned()),
            (Some(_), true) => Err("the same value came back, which was thought to be lost".to_owned()),
        }
    }
}

#[test]
fn rows_are_encoded_and_decoded_as_derived_types_are() {
    let mut visitor = AgainstDerived::default();
    visit_formats(&mut visitor);
    assert!(visitor.wrong.is_empty(), "{}", visitor.wrong.join("\n"));
}

// ---- native codecs

fn orders() -> Vec<Order> {
    use sercost::payload::native::{Address, Customer};
    let address = Address {
        street: "High Street 1".to_owned(),
        city: "Oxford".to_owned(),
        zip: "00123".to_owned(),
        country: "GB".to_owned(),
    };
    let order = Order {
        id: u64::MAX,
        customer: Customer { name: "Ada".to_owned(), address },
        lines: vec![
            Line { sku: "a-1".to_owned(), quantity: 65535, price: 0.1, discounts: vec![0.5, 0.1] },
            Line { sku: String::new(), quantity: 0, price: -1e300, discounts: vec![] },
        ],
        comment: None,
        paid: true,
    };
    vec![order.clone(), Order { id: 0, lines: vec![], comment: Some("leave at the door".to_owned()), ..order }]
}

fn records() -> Vec<Record> {
    let record = Record {
        id: 7,
        name: "Grace Hopper".to_owned(),
        email: "grace@example.org".to_owned(),
        score: 0.1,
        active: true,
        tags: vec!["navy".to_owned(), String::new()],
        note: Some("nanoseconds".to_owned()),
        age: 85,
    };
    vec![record.clone(), Record { id: u32::MAX, tags: vec![], note: None, ..record }]
}

/// Rows of every native kind: lists first, then their elements one by one.
fn native_rows() -> Vec<(NativeKind, Rows)> {
    fn rows<T: Serialize>(kind: NativeKind, values: &[T]) -> (NativeKind, Rows) {
        (kind, rows_of(&Arc::new(kind.schema().clone()), values))
    }
    let (ints, floats) = (vec![i64::MIN, -1, 0, i64::MAX], vec![0.1, -0.0, f64::INFINITY, f64::MIN_POSITIVE]);
    let strings = vec![String::new(), "naïve \u{1F980}".to_owned()];
    let dicts = vec![map(&[("a", 1), ("b", i64::MIN)]), map(&[])];
    let bytes = serde_bytes::ByteBuf::from(vec![0, 1, 255]);
    vec![
        rows(NativeKind::I64s, &[ints.clone()]),
        // Of more than one list a column cannot lend the vectors.
        rows(NativeKind::I64s, &[ints.clone(), vec![]]),
        rows(NativeKind::F64s, &[floats.clone()]),
        rows(NativeKind::Strings, &[strings.clone()]),
        rows(NativeKind::Bytes, &[bytes]),
        rows(NativeKind::Records, &[records()]),
        rows(NativeKind::Dicts, &[dicts.clone()]),
        rows(NativeKind::Orders, &[orders()]),
        rows(NativeKind::I64, &ints),
        rows(NativeKind::F64, &floats),
        rows(NativeKind::String, &strings),
        rows(NativeKind::Record, &records()),
        rows(NativeKind::Dict, &dicts),
        rows(NativeKind::Order, &orders()),
    ]
}

#[test]
fn native_codecs_take_every_native_kind_and_give_it_back() {
    let rows = native_rows();
    for kind in NativeKind::ALL {
        assert!(rows.iter().any(|(known, _)| known == kind), "{kind:?} is not tested");
    }
    for (kind, rows) in rows {
        assert_eq!(NativeKind::of(&rows.schema), Some(kind));
        let store = NativeStore::new(&rows.schema, &rows.column).expect("postcard takes it").expect("it has a kind");
        let messages = store.messages(&rows.column);
        assert_eq!((messages.kind(), messages.len()), (kind, rows.column.len()));
        for codec in CODECS.iter().filter(|codec| codec.info().native) {
            let name = codec.info().name;
            assert_eq!(codec.refuses(Representation::Typed, &rows.schema), None);
            // With and without capacity: the buffer policies.
            for capacity in [0, 4096] {
                let mut buffers = vec![Vec::with_capacity(capacity); messages.len()];
                codec.encode(Subject::Native(messages), &mut buffers).expect("native kinds are taken");
                let slices: Vec<&[u8]> = buffers.iter().map(Vec::as_slice).collect();
                let mut into = Decoded::with_capacity(*codec, Representation::Typed, &rows.schema, slices.len());
                codec.decode(&slices, &mut into).expect("what was encoded decodes");
                let Decoded::Native(values) = into else { panic!("{name} decodes native values") };
                let column = values.into_column(&rows.schema).expect("values become a column");
                let (before, after) = (fingerprint(&rows.schema, &rows.column), fingerprint(&rows.schema, &column));
                assert!(before == after, "{name} on {kind:?}");
            }
        }
    }
}

#[test]
fn wincode_writes_the_bytes_of_fixed_width_bincode() {
    let (wincode, bincode) =
        (find("wincode").expect("is in the table"), find("bincode-fixed").expect("is in the table"));
    for (kind, rows) in native_rows() {
        let store = NativeStore::new(&rows.schema, &rows.column).expect("postcard takes it").expect("it has a kind");
        let by_wincode = encode_one(wincode, Subject::Native(store.messages(&rows.column))).expect("is taken");
        assert_eq!(by_wincode, encode_one(bincode, typed(&rows)).expect("is taken"), "{kind:?}");
    }
}

#[test]
fn rkyv_decodes_bytes_that_are_not_aligned() {
    let rkyv = find("rkyv").expect("is in the table");
    for (kind, rows) in native_rows() {
        let store = NativeStore::new(&rows.schema, &rows.column).expect("postcard takes it").expect("it has a kind");
        let bytes = encode_one(rkyv, Subject::Native(store.messages(&rows.column))).expect("is taken");
        for shift in 1..8 {
            let shifted = [vec![0; shift], bytes.clone()].concat();
            assert!(decode_typed(rkyv, &rows.schema, &shifted[shift..]).is_ok(), "{kind:?} off by {shift}");
        }
    }
}

#[test]
fn borsh_refuses_not_a_number() {
    let rows = rows_of(&Arc::new(Schema::list(Schema::F64)), &[vec![f64::NAN]]);
    let store = NativeStore::new(&rows.schema, &rows.column).expect("postcard takes it").expect("it has a kind");
    let borsh = find("borsh").expect("is in the table");
    let error = encode_one(borsh, Subject::Native(store.messages(&rows.column))).expect_err("NaN is refused");
    assert!(error.to_string().contains("NaN"), "{error}");
}

#[test]
fn what_a_codec_refuses_it_says_before_and_when_it_is_tried() {
    let schema = Arc::new(everything());
    let rows = rows_of(&schema, &some_of_everything());
    let tree = [Tree::from_row(&schema, &rows.column, 0)];
    for codec in CODECS.iter().filter(|codec| codec.decodes()) {
        let info = codec.info();
        let (dynamic, typed_reason) =
            (codec.refuses(Representation::Dynamic, &schema), codec.refuses(Representation::Typed, &schema));
        assert_eq!(dynamic.is_some(), info.native || !info.self_describing, "{}", info.name);
        assert_eq!(typed_reason.is_some(), info.native, "{}", info.name);
        for reason in dynamic.iter().chain(&typed_reason) {
            assert!(reason.starts_with(info.name), "{reason}");
        }
        if info.native {
            assert!(encode_one(*codec, typed(&rows)).is_err());
            assert!(encode_one(*codec, Subject::Dynamic(&tree)).is_err());
        } else {
            let mut values = Decoded::Native(NativeValues::with_capacity(NativeKind::I64, 1));
            assert!(codec.decode(&[&[0]], &mut values).is_err());
        }
        if dynamic.is_some() {
            // bitcode panics where the elements of a list are of different types, as those of a tree are.
            let tried = quietly(|| {
                encode_one(*codec, Subject::Dynamic(&tree)).and_then(|bytes| decode_dynamic(*codec, &bytes))
            });
            assert!(!matches!(tried, Some(Ok(_))), "{}", info.name);
        }
    }
}

// ---- messages cycle

#[test]
fn a_sample_takes_the_messages_round_and_round() {
    let rows = rows_of(&Arc::new(Schema::String), &["a".to_owned(), "b".to_owned(), "c".to_owned()]);
    for codec in CODECS.iter().filter(|codec| codec.decodes() && !codec.info().native) {
        let mut buffers = vec![Vec::new(); 7];
        codec.encode(typed(&rows), &mut buffers).expect("strings are taken");
        assert_eq!(buffers[0], buffers[3], "{}", codec.info().name);
        assert_eq!(buffers[2], buffers[5], "{}", codec.info().name);
        assert_ne!(buffers[0], buffers[1], "{}", codec.info().name);
        let slices: Vec<&[u8]> = buffers.iter().map(Vec::as_slice).collect();
        let mut into = Decoded::with_capacity(*codec, Representation::Typed, &rows.schema, 7);
        codec.decode(&slices, &mut into).expect("what was encoded decodes");
        let Decoded::Typed(Rows { column: Column::String(strings), .. }) = into else {
            panic!("strings were asked for")
        };
        assert_eq!(strings.concat(), "abcabca");
    }
}

// ---- (b) random values

/// What a codec can represent without loss, as far as it concerns the random values below.
#[derive(Clone, Copy)]
struct Limits {
    /// Floats of any value, and not only a few binary digits.
    any_float: bool,
    /// Integers of 2^63 and more.
    over_i64: bool,
    /// Keys of maps that are numbers.
    numeric_keys: bool,
    /// Byte strings that a dynamic value tells from lists and strings.
    dynamic_bytes: bool,
}

fn limits(codec: &str) -> Limits {
    let all = Limits { any_float: true, over_i64: true, numeric_keys: true, dynamic_bytes: true };
    match codec {
        // Its default parser of floats may be off in the last place.
        "json" => Limits { any_float: false, dynamic_bytes: false, ..all },
        "serde-pickle:2" | "serde-pickle:3" => Limits { over_i64: false, ..all },
        "bson" => Limits { over_i64: false, numeric_keys: false, ..all },
        "flexbuffers" => Limits { numeric_keys: false, ..all },
        _ => all,
    }
}

/// A generator of values from a seed that proptest picks and prints (SplitMix64).
struct Random {
    state: u64,
    limits: Limits,
}

impl Random {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// An integer of any magnitude: every number of bits is as likely.
    fn bits(&mut self) -> u64 {
        let shift = self.below(64);
        self.next() >> shift
    }

    fn float(&mut self) -> f64 {
        if self.limits.any_float && self.below(2) == 0 {
            let float = f64::from_bits(self.next());
            return if float.is_nan() { f64::INFINITY } else { float };
        }
        (self.below(20_000) as f64 - 10_000.0) / 8.0
    }

    fn text(&mut self) -> String {
        let len = self.below(12);
        (0..len).map(|_| ['a', 'z', '0', ' ', '"', '\\', 'ß', '√', '🦀', '\n'][self.below(10) as usize]).collect()
    }

    /// Appends a random row.
    fn fill(&mut self, schema: &Schema, column: &mut Column) {
        match (schema, column) {
            (_, Column::Unit(rows)) => *rows += 1,
            (_, Column::Bool(values)) => values.push(self.below(2) == 0),
            (_, Column::I8(values)) => values.push(self.bits() as i8),
            (_, Column::I16(values)) => values.push(self.bits() as i16),
            (_, Column::I32(values)) => values.push(self.bits() as i32),
            (_, Column::I64(values)) => values.push(self.bits() as i64),
            (_, Column::U8(values)) => values.push(self.bits() as u8),
            (_, Column::U16(values)) => values.push(self.bits() as u16),
            (_, Column::U32(values)) => values.push(self.bits() as u32),
            (_, Column::U64(values)) => {
                let value = self.bits();
                values.push(if self.limits.over_i64 { value } else { value >> 1 });
            }
            (_, Column::F32(values)) => values.push(self.float() as f32),
            (_, Column::F64(values)) => values.push(self.float()),
            (_, Column::String(values)) => values.push(self.text()),
            (_, Column::Bytes(values)) => values.push(self.text().into_bytes()),
            (Schema::Option(inner), Column::Option { index, values }) => {
                if self.below(3) == 0 {
                    index.push(ABSENT);
                } else {
                    index.push(values.len() as u32);
                    self.fill(inner, values);
                }
            }
            (Schema::List(element), Column::List { ends, items }) => {
                for _ in 0..self.below(5) {
                    self.fill(element, items);
                }
                ends.push(items.len());
            }
            (Schema::Map(map), Column::Map { ends, keys, values }) => {
                self.fill_keys(keys);
                while values.len() < keys.len() {
                    self.fill(&map.value, values);
                }
                ends.push(keys.len());
            }
            (Schema::Record(record), Column::Record { rows, fields }) => {
                for (field, column) in record.fields.iter().zip(fields) {
                    self.fill(&field.schema, column);
                }
                *rows += 1;
            }
            (Schema::Enum(choice), Column::Enum { tags, index, variants }) => {
                let tag = self.below(variants.len() as u64) as usize;
                tags.push(tag as u32);
                index.push(variants[tag].len() as u32);
                self.fill(&choice.variants[tag].schema, &mut variants[tag]);
            }
            _ => unreachable!("the column was made for the schema"),
        }
    }

    /// Distinct keys in order, since FlexBuffers sorts them.
    fn fill_keys(&mut self, keys: &mut Column) {
        let count = self.below(4);
        match keys {
            Column::String(keys) => {
                let mut new: Vec<_> = (0..count).map(|_| self.text()).collect();
                new.sort_unstable();
                new.dedup();
                keys.append(&mut new);
            }
            Column::I32(keys) => {
                let mut new: Vec<_> = (0..count).map(|_| self.bits() as i32).collect();
                new.sort_unstable();
                new.dedup();
                keys.append(&mut new);
            }
            _ => unreachable!("the schemas below have keys of these types"),
        }
    }
}

fn random_rows(schema: &Schema, seed: u64, limits: Limits) -> Rows {
    let mut rows = Rows::with_capacity(Arc::new(schema.clone()), 1);
    Random { state: seed, limits }.fill(schema, &mut rows.column);
    rows
}

fn schemas() -> impl Strategy<Value = Schema> {
    use Schema::*;
    let leaf = prop::sample::select(vec![Unit, Bool, I8, I16, I32, I64, U8, U16, U32, U64, F32, F64, String, Bytes]);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let fields = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            inner.clone().prop_map(Schema::list),
            // An absent value cannot be told from one that is null itself.
            inner.clone().prop_map(|inner| if matches!(inner, Unit | Option(_)) {
                inner
            } else {
                Schema::option(inner)
            }),
            (any::<bool>(), inner).prop_map(|(text, value)| Schema::map(if text { String } else { I32 }, value)),
            fields.clone().prop_map(|fields| Record(RecordSchema::new("Record", named(fields)))),
            fields.prop_filter_map("an enum has a variant", |fields| {
                (!fields.is_empty()).then(|| Enum(EnumSchema::new("Enum", named(fields))))
            }),
        ]
    })
}

fn named(schemas: Vec<Schema>) -> Vec<Field> {
    let names = ["second", "first", "third", "a b"];
    names.into_iter().zip(schemas).map(|(name, schema)| Field::new(name, schema)).collect()
}

fn has_numeric_keys(schema: &Schema) -> bool {
    match schema {
        Schema::Map(map) => map.key != Schema::String || has_numeric_keys(&map.value),
        Schema::Option(inner) | Schema::List(inner) => has_numeric_keys(inner),
        Schema::Record(record) => record.fields.iter().any(|field| has_numeric_keys(&field.schema)),
        Schema::Enum(choice) => choice.variants.iter().any(|variant| has_numeric_keys(&variant.schema)),
        _ => false,
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::Bool),
        any::<i64>().prop_map(Tree::Int),
        (-40i64..40).prop_map(Tree::Int),
        (1u64 << 63..).prop_map(Tree::UInt),
        // Exact in a JSON parser that may be off in the last place.
        (-9999..9999).prop_map(|eighths| Tree::Float(f64::from(eighths) / 8.0)),
        ".{0,8}".prop_map(Tree::String),
        prop::collection::vec(any::<u8>(), 0..8).prop_map(Tree::Bytes),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Tree::List),
            prop::collection::btree_map("[^\\x00]{0,6}", inner, 0..5).prop_map(|entries| {
                Tree::Map(entries.into_iter().map(|(key, value)| (Tree::String(key), value)).collect())
            }),
        ]
    })
}

/// Whether a tree is within the limits.
fn representable(tree: &Tree, limits: Limits) -> bool {
    match tree {
        Tree::UInt(_) => limits.over_i64,
        Tree::Bytes(_) => limits.dynamic_bytes,
        Tree::List(items) => items.iter().all(|item| representable(item, limits)),
        Tree::Map(entries) => entries.iter().all(|(_, value)| representable(value, limits)),
        _ => true,
    }
}

/// Some formats keep a double that is a single as such; the number is the same.
fn widened(tree: Tree) -> Tree {
    match tree {
        Tree::Float32(value) => Tree::Float(value.into()),
        Tree::List(items) => Tree::List(items.into_iter().map(widened).collect()),
        Tree::Map(entries) => Tree::Map(entries.into_iter().map(|(key, value)| (key, widened(value))).collect()),
        tree => tree,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_typed_values_come_back(schema in schemas(), seed in any::<u64>()) {
        for codec in CODECS.iter().filter(|codec| codec.decodes() && !codec.info().native) {
            let (name, limits) = (codec.info().name, limits(codec.info().name));
            if has_numeric_keys(&schema) && !limits.numeric_keys {
                continue;
            }
            let rows = random_rows(&schema, seed, limits);
            let bytes = encode_one(*codec, typed(&rows)).map_err(|error| TestCaseError::fail(format!("{name}: {error}")))?;
            let column = decode_typed(*codec, &rows.schema, &bytes)
                .map_err(|error| TestCaseError::fail(format!("{name} decoding: {error}; {:?}", rows.column)))?;
            let same = fingerprint(&schema, &rows.column) == fingerprint(&schema, &column);
            prop_assert!(same, "{name}: {:?} became {column:?}", rows.column);
        }
    }

    #[test]
    fn random_trees_come_back(tree in trees()) {
        for codec in CODECS.iter().filter(|codec| codec.refuses(Representation::Dynamic, &Schema::Unit).is_none()) {
            let name = codec.info().name;
            if !codec.decodes() || !representable(&tree, limits(name)) {
                continue;
            }
            let bytes = encode_one(*codec, Subject::Dynamic(std::slice::from_ref(&tree)))
                .map_err(|error| TestCaseError::fail(format!("{name}: {error}")))?;
            let back = decode_dynamic(*codec, &bytes)
                .map_err(|error| TestCaseError::fail(format!("{name} decoding: {error}")))?;
            prop_assert_eq!(&widened(back), &tree, "{}", name);
        }
    }
}

#[test]
fn maps_keep_the_order_of_the_document_but_in_flexbuffers() {
    let schema = Arc::new(Schema::map(Schema::String, Schema::I64));
    let keys = ["b", "a", "c"].map(str::to_owned).to_vec();
    let column = Column::Map {
        ends: vec![3],
        keys: Box::new(Column::String(keys)),
        values: Box::new(Column::I64(vec![1, 2, 3])),
    };
    let rows = Rows { schema, column };
    for codec in CODECS.iter().filter(|codec| codec.decodes() && !codec.info().native) {
        let bytes = encode_one(*codec, typed(&rows)).expect("maps are taken");
        let column = decode_typed(*codec, &rows.schema, &bytes).expect("what was encoded decodes");
        let kept = fingerprint(&rows.schema, &column) == fingerprint(&rows.schema, &rows.column);
        assert_eq!(kept, codec.info().name != "flexbuffers", "{}", codec.info().name);
    }
}

#[test]
fn a_codec_that_limits_nesting_says_so() {
    let nested = |levels: usize| (0..levels).fold(Tree::Int(1), |tree, _| Tree::List(vec![tree]));
    for codec in CODECS.iter().filter(|codec| codec.decodes() && codec.info().self_describing) {
        let name = codec.info().name;
        for levels in [100, 200, 300] {
            let tree = nested(levels);
            let bytes =
                encode_one(*codec, Subject::Dynamic(std::slice::from_ref(&tree))).expect("any depth is written");
            let expected = match (name, levels) {
                ("json" | "smile", 200..) => "recursion limit exceeded",
                ("ciborium", 300..) => "RecursionLimitExceeded",
                _ => "",
            };
            match decode_dynamic(*codec, &bytes) {
                Ok(back) => assert!(expected.is_empty() && back == tree, "{name}: {levels} levels"),
                Err(error) => assert!(
                    !expected.is_empty() && error.to_string().contains(expected),
                    "{name}: {levels} levels: {error}"
                ),
            }
        }
    }
}

// ---- (c) compressors

fn compressions() -> Vec<Compression> {
    COMPRESSORS
        .iter()
        .flat_map(|compressor| {
            let levels = compressor.levels.iter().flat_map(|levels| [*levels.start(), 9]);
            levels.filter_map(|level| compressor.at_level(level)).chain([compressor.at_default_level()])
        })
        .collect()
}

fn compressed(compression: Compression, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    compression.compress(bytes, &mut out).expect("anything can be compressed");
    out
}

fn messages() -> Vec<Vec<u8>> {
    let mut random = Random { state: 1, limits: limits("null") };
    let noise: Vec<u8> = (0..2000).map(|_| random.next() as u8).collect();
    vec![vec![], vec![7], b"the same words, the same words, the same words".to_vec(), vec![0; 300_000], noise]
}

#[test]
fn what_is_compressed_decompresses_whatever_the_buffers() {
    for compression in compressions() {
        for bytes in messages() {
            for capacity in [0, 1, bytes.len() + 1000] {
                let (mut small, mut back) = (Vec::with_capacity(capacity), Vec::with_capacity(capacity));
                compression.compress(&bytes, &mut small).expect("anything can be compressed");
                compression.decompress(&small, bytes.len(), &mut back).expect("what was compressed decompresses");
                assert!(back == bytes, "{compression}: {} bytes", bytes.len());
                assert!(small.len() < 300_000 / 10 || bytes.len() < 300_000 || compression.name() == "gzip:0");
            }
        }
    }
}

#[test]
fn compressed_bytes_cut_short_or_of_the_wrong_length_are_errors() {
    for compression in compressions() {
        for bytes in messages() {
            let small = compressed(compression, &bytes);
            let step = (small.len() / 100).max(1);
            for len in (0..small.len()).step_by(step) {
                for capacity in [0, bytes.len() + 64] {
                    let mut out = Vec::with_capacity(capacity);
                    let result = quietly(|| compression.decompress(&small[..len], bytes.len(), &mut out));
                    assert!(matches!(result, Some(Err(_))), "{compression}: {len} of {} bytes", small.len());
                }
            }
            for wrong in [bytes.len() + 1, bytes.len().wrapping_sub(1)] {
                if wrong == usize::MAX {
                    continue;
                }
                for capacity in [0, bytes.len() + 64] {
                    let mut out = Vec::with_capacity(capacity);
                    assert!(compression.decompress(&small, wrong, &mut out).is_err(), "{compression} of {wrong}");
                }
            }
            let trailing = [small.as_slice(), &[0]].concat();
            assert!(compression.decompress(&trailing, bytes.len(), &mut Vec::new()).is_err(), "{compression}");
        }
    }
}

#[test]
fn corrupt_compressed_bytes_make_no_panic_and_no_room_beyond_what_is_expected() {
    for compression in compressions() {
        for bytes in messages() {
            let small = compressed(compression, &bytes);
            for at in 0..small.len().min(60) {
                for flip in [1, 0x80, 0xFF] {
                    let mut corrupt = small.clone();
                    corrupt[at] ^= flip;
                    let mut out = Vec::new();
                    let result = quietly(|| compression.decompress(&corrupt, bytes.len(), &mut out));
                    assert!(result.is_some(), "{compression} panicked on byte {at}");
                    // Twice: a `Vec` that had to grow doubles.
                    assert!(out.capacity() <= 2 * bytes.len() + 64, "{compression} made room for {}", out.capacity());
                }
            }
        }
    }
}

// ---- (d) bytes cut short

/// Codecs that take some prefix of a message for a whole one, and why that is not ours to mend.
const TAKES_A_PREFIX: &[(&str, &str)] =
    &[("rkyv", "the root is found from the end: zeros that end a shorter message are an empty list")];

/// Codecs that take some bytes after a message for a part of it, and why that is not ours to mend.
const TAKES_TRAILING_BYTES: &[(&str, &str)] = &[
    ("flexbuffers", "the root is found from the end"),
    ("smile", "a byte 0xff is the format's own mark of the end, and what follows it is no part of the message"),
    ("rkyv", "the root is found from the end"),
];

/// Codecs whose crates panic on some prefixes.
const PANICS: &[(&str, &str)] = &[];

/// One message, how to decode it, and what the whole of it comes to.
struct Message<'a> {
    codec: &'a dyn Codec,
    bytes: Vec<u8>,
    schema: Arc<Schema>,
    whole: Vec<u8>,
}

impl Message<'_> {
    /// What `bytes` decode to; `None` for a panic.
    fn decoded(&self, bytes: &[u8]) -> Option<Result<Vec<u8>, CodecError>> {
        quietly(|| decode_typed(self.codec, &self.schema, bytes).map(|column| fingerprint(&self.schema, &column)))
    }
}

fn small_messages(codec: &dyn Codec) -> Vec<Message<'_>> {
    let mut rows: Vec<Rows> = Vec::new();
    if codec.info().native {
        rows.extend(native_rows().into_iter().map(|(_, rows)| rows));
        rows.push(rows_of(&Arc::new(Schema::list(Schema::I64)), &[vec![0i64; 4]]));
    } else {
        let everything = Arc::new(everything());
        rows.extend(some_of_everything().iter().map(|value| rows_of(&everything, &[value])));
        rows.push(rows_of(&Arc::new(Schema::list(Schema::I64)), &[vec![0i64, 0, -1, i64::MAX]]));
        rows.push(rows_of(&Arc::new(Schema::list(Schema::String)), &[["", "a", "word"].map(str::to_owned).to_vec()]));
    }
    rows.into_iter()
        .map(|rows| {
            let store = NativeStore::new(&rows.schema, &rows.column).expect("postcard takes it");
            let subject = match &store {
                Some(store) if codec.info().native => Subject::Native(store.messages(&rows.column)),
                _ => typed(&rows),
            };
            let bytes = encode_one(codec, subject).expect("these values are taken");
            let whole = fingerprint(&rows.schema, &decode_typed(codec, &rows.schema, &bytes).expect("is whole"));
            Message { codec, bytes, schema: rows.schema, whole }
        })
        .collect()
}

#[test]
fn a_message_cut_short_is_an_error_or_the_same_value() {
    let (mut prefixes, mut panics) = (Vec::new(), Vec::new());
    for codec in CODECS.iter().filter(|codec| codec.decodes()) {
        let name = codec.info().name;
        for message in small_messages(*codec) {
            for len in 0..message.bytes.len() {
                match message.decoded(&message.bytes[..len]) {
                    None => panics.push(name),
                    Some(Ok(value)) if value != message.whole => prefixes.push(name),
                    Some(_) => {}
                }
            }
        }
    }
    prefixes.dedup();
    panics.dedup();
    assert_eq!(prefixes, TAKES_A_PREFIX.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    assert_eq!(panics, PANICS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

#[test]
fn bytes_after_a_message_are_an_error() {
    let mut taken = Vec::new();
    for codec in CODECS.iter().filter(|codec| codec.decodes()) {
        for message in small_messages(*codec) {
            for trailing in [&[0][..], &[1], &[0xff, 0xff], &message.bytes] {
                let bytes = [&message.bytes, trailing].concat();
                if let Some(Ok(_)) = message.decoded(&bytes) {
                    taken.push(codec.info().name);
                }
            }
        }
    }
    taken.dedup();
    assert_eq!(taken, TAKES_TRAILING_BYTES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}
