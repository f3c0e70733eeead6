//! The bytes of rows are those of derived types, and decode to the same.

use super::{
    BareShape, Empty, NamedSparse, Number, Point, Shape, Sparse, Status, encodable, everything, fingerprint, map,
    point, record, rows_of, shape, some_of_everything, some_sparse, sparse, status,
};
use sercost::codec::{CODECS, Decoded, Format, FormatVisitor, Subject, visit_formats};
use sercost::model::Representation;
use sercost::payload::{Column, Row, Rows, Schema, Style, Styled};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The outcome of a case that a codec cannot take as it is.
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
        (_, "some of unit") if codec.starts_with("pickle:") => Some(Trouble::Lossy),
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
        cases.styles();
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
        let maps = vec![map(&[]), map(&[("", 0), ("$value", 1), ("key", -1)]), map(&[("$value", 1)])];
        self.both("map", Schema::map(Schema::String, Schema::I64), maps);
        let numbered: BTreeMap<u32, String> = [(0, "zero".to_owned()), (4_000_000_000, "four".to_owned())].into();
        self.both("map of numbers", Schema::map(Schema::U32, Schema::String), vec![numbered]);
        let deep: BTreeMap<String, Vec<Point>> = [("p".to_owned(), vec![Point { x: 1.0, y: 2.0 }])].into();
        self.both("map of lists", Schema::map(Schema::String, Schema::list(point())), vec![deep]);
        let place = Shape::Place(Point { x: 1.0, y: 2.0 });
        let shapes = vec![Shape::Number(i64::MIN), Shape::Text("t".to_owned()), Shape::List(vec![1, 2, 3]), place];
        let bare = |shape: &Shape| match shape.clone() {
            Shape::Number(value) => BareShape::Number(value),
            Shape::Text(text) => BareShape::Text(text),
            Shape::Place(place) => BareShape::Place(place),
            Shape::List(list) => BareShape::List(list),
        };
        let bare: Vec<BareShape> = shapes.iter().map(bare).collect();
        // Where records are sequences too, they are told from lists by their variant.
        self.both_as("enum", shape(), shapes, bare, <F::Style as Style>::NAMED);
        if !<F::Style as Style>::SELF_DESCRIBING {
            self.both("record in record", everything(), some_of_everything());
        }
    }

    /// Checks what depends on whether fields go by name, and on whether values say their kind.
    fn styles(&mut self) {
        self.both(
            "tuple",
            Schema::tuple(vec![Schema::U8, Schema::String, Schema::F64], true),
            vec![(1u8, "one".to_owned(), 1.5f64), (2, String::new(), -0.0)],
        );
        self.both("array", Schema::array(Schema::F64, 2, true), vec![[0.5f64, -1.0], [1e300, 0.1]]);
        self.both("array of strings", Schema::array(Schema::String, 2, true), vec![["a".to_owned(), String::new()]]);
        self.both("symbol", status(), vec![Status::Open, Status::InProgress, Status::Done]);
        let named = |sparse: &Sparse| {
            let Sparse { id, note, grade, origin, others } = sparse.clone();
            NamedSparse { id, note, grade, origin, others }
        };
        let named: Vec<NamedSparse> = some_sparse().iter().map(named).collect();
        self.both_as("absent fields", sparse(), some_sparse(), named, <F::Style as Style>::NAMED);
        let floats = vec![1.0f64, 2.5, -3.0];
        let mixed = vec![Number::Float(1.0), Number::Float(2.5), Number::Float(-3.0)];
        self.both_as("number", Schema::Number, floats, mixed, <F::Style as Style>::SELF_DESCRIBING);
    }

    /// Each value alone, and all of them as a list.
    fn both<T: Serialize + DeserializeOwned + Clone>(&mut self, case: &str, schema: Schema, values: Vec<T>) {
        self.both_as(case, schema, values.clone(), values, false);
    }

    /// The same where the format wants other derived types, which hold the same values.
    fn both_as<T: Serialize + DeserializeOwned, U: Serialize + DeserializeOwned>(
        &mut self,
        case: &str,
        schema: Schema,
        values: Vec<T>,
        others: Vec<U>,
        wants_others: bool,
    ) {
        let list = Arc::new(Schema::list(schema.clone()));
        let schema = Arc::new(schema);
        let mut results = Vec::new();
        for (value, other) in values.iter().zip(&others) {
            let rows = rows_of(&schema, &[value]);
            let of_other = || self.one(case, &schema, &rows, other);
            results.push(if wants_others { of_other() } else { self.one(case, &schema, &rows, value) });
        }
        let rows = rows_of(&list, &[&values]);
        let of_others = || self.one(case, &list, &rows, &others);
        results.push(if wants_others { of_others() } else { self.one(case, &list, &rows, &values) });
        for result in results {
            self.wrong.extend(result.err().map(|wrong| format!("{} on {case}: {wrong}", self.name)));
        }
    }

    /// The first row, which holds what `value` holds.
    fn one<T: Serialize + DeserializeOwned>(
        &self,
        case: &str,
        schema: &Arc<Schema>,
        rows: &Rows,
        value: &T,
    ) -> Result<(), String> {
        let (mut bytes, mut of_derived) = (Vec::new(), Vec::new());
        let encoded = self.format.encode(&Row::<F::Style>::new(schema, &rows.column, 0), &mut bytes);
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
        let result = self.format.decode(&bytes, &mut Styled::<F::Style>::new(&mut decoded));
        match (result, self.format.decode(&bytes, &mut plain), &trouble) {
            (Ok(()), Ok(()), None | Some(Trouble::Lossy)) => {}
            (Err(error), Err(_), Some(Trouble::Decode(expected))) if error.to_string().contains(expected) => {
                return Ok(());
            }
            (row, derived, _) => return Err(format!("decoding: {row:?}, derived {derived:?}")),
        }
        let decoded = Rows { schema: Arc::clone(schema), column: decoded.into_column() };
        let (before, after) = (fingerprint(schema, &rows.column), fingerprint(schema, &decoded.column));
        // Derived types of the same style encode again to the same bytes.
        let mut again = Vec::new();
        if let [plain] = &plain[..] {
            self.format.encode(plain, &mut again).map_err(|error| error.to_string())?;
        }
        let mut ours = Vec::new();
        let row = Row::<F::Style>::new(schema, &decoded.column, 0);
        self.format.encode(&row, &mut ours).map_err(|error| error.to_string())?;
        if again != ours {
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

#[test]
fn a_sample_takes_the_messages_round_and_round() {
    let rows = rows_of(&Arc::new(Schema::String), &["a".to_owned(), "b".to_owned(), "c".to_owned()]);
    for codec in CODECS.iter().filter(|codec| codec.decodes() && !codec.info().native) {
        let mut buffers = vec![Vec::new(); 7];
        codec.encode(Subject::Typed(&encodable(&rows)), &mut buffers).expect("strings are taken");
        assert_eq!(buffers[0], buffers[3], "{}", codec.info().name);
        assert_eq!(buffers[2], buffers[5], "{}", codec.info().name);
        assert_ne!(buffers[0], buffers[1], "{}", codec.info().name);
        let slices: Vec<&[u8]> = buffers.iter().map(Vec::as_slice).collect();
        let mut into = Decoded::with_capacity(*codec, Representation::Typed, &rows.schema, 7);
        codec.decode(&slices, 1, &mut into).expect("what was encoded decodes");
        let Decoded::Typed(Rows { column: Column::String(strings), .. }) = into else {
            panic!("strings were asked for")
        };
        assert_eq!(strings.concat(), "abcabca");
    }
}
