//! Readers of the user's own files: which types a document gets, and how bad input is refused.

mod dates;
mod encodings;
mod lenient;
mod tables;

use sercost::payload::read::{
    Document, FloatWidth, InputFormat, IntWidth, Overrides, READERS, ReadOptions, read, read_tree,
};
use sercost::payload::show::{parse_schema, schema_text};
use sercost::payload::{Column, Compact, Named, Row, Schema, Tree};

fn read_as(name: &str, bytes: impl AsRef<[u8]>) -> Document {
    read(name, bytes.as_ref(), &ReadOptions::default()).unwrap()
}

fn json(text: &str) -> Document {
    read_as("in.json", text)
}

fn schema(text: &str) -> String {
    let document = json(text);
    schema_text(&document.schema, "$").trim_end().to_owned()
}

fn refusal(name: &str, bytes: impl AsRef<[u8]>) -> String {
    refusal_with(name, bytes, &ReadOptions::default())
}

fn refusal_with(name: &str, bytes: impl AsRef<[u8]>, options: &ReadOptions) -> String {
    match read(name, bytes.as_ref(), options) {
        Ok(document) => panic!("was read as {}", document.schema.describe()),
        Err(error) => error.to_string(),
    }
}

/// The document as JSON again, through its columns.
fn again(document: &Document) -> String {
    let tree = Tree::from_row(&document.schema, &document.column, 0);
    serde_json::to_string(&tree).expect("JSON has all of this")
}

#[test]
fn json_is_read_into_columns() {
    let document = json(r#"{"rows": [{"id": 1, "x": 0.5}, {"id": 300, "x": 2, "tags": ["a"]}]}"#);
    // Absent stays absent, and an integer beside floats one.
    assert_eq!(again(&document), r#"{"rows":[{"id":1,"x":0.5},{"id":300,"x":2,"tags":["a"]}]}"#);
    let row = Row::<Named>::new(&document.schema, &document.column, 0);
    assert_eq!(serde_json::to_string(&row).unwrap(), again(&document));
    // Where positions and types are all there is, neither can be.
    let row = Row::<Compact>::new(&document.schema, &document.column, 0);
    let compact = r#"{"rows":[{"id":1,"x":0.5,"tags":null},{"id":300,"x":2.0,"tags":["a"]}]}"#;
    assert_eq!(serde_json::to_string(&row).unwrap(), compact);
}

#[test]
fn a_typed_row_that_is_not_the_file_is_said() {
    let said = |document: &Document| document.notes.iter().filter(|note| note.contains("is not the file")).count();
    // White space is nothing, in lines neither.
    assert_eq!(said(&json("[ {\"a\": 1.5,\n \"b\": \"x y\"}, {\"a\": 2} ]")), 0);
    assert_eq!(said(&read_as("in.ndjson", "{\"a\": 1}\n\n{\"a\": 2}\n{\"a\": 3}")), 0);
    // A person's JSON has other digits and no escapes.
    let long = json("[0.10000000000000000000, 100e-2, \"\\u00e9\\u00e9\"]");
    assert_eq!(said(&long), 1, "{:?}", long.notes);
}

#[test]
fn integers_take_the_narrowest_width() {
    for (text, expected) in [
        ("[0, 255]", Schema::U8),
        ("[256]", Schema::U16),
        ("[65536]", Schema::U32),
        ("[4294967296]", Schema::U64),
        ("[18446744073709551615]", Schema::U64),
        ("[-1, 127]", Schema::I8),
        ("[-1, 128]", Schema::I16),
        ("[-129]", Schema::I16),
        ("[-1, 32768]", Schema::I32),
        ("[-1, 2147483648]", Schema::I64),
        ("[-9223372036854775808, 9223372036854775807]", Schema::I64),
    ] {
        let document = json(text);
        assert_eq!(*document.schema, Schema::list(expected), "{text}");
        assert_eq!(again(&document), text.replace(' ', ""));
    }
}

#[test]
fn floats_are_single_where_their_decimals_say_so_and_that_is_asked_for() {
    let narrow = ReadOptions {
        overrides: Overrides { floats: FloatWidth::Narrow, ..Overrides::default() },
        ..ReadOptions::default()
    };
    for (text, expected) in [
        ("[0.1, 1.5e10, 3.4028235e38]", Schema::F32),
        ("[0.1, 3.4028236e38]", Schema::F64),
        ("[0.30000000000000004]", Schema::F64),
        ("[0.123456789]", Schema::F64),
        // The exact value of 0.1f32 is not what an f32 would be printed as.
        ("[0.10000000149011612]", Schema::F64),
        ("[1, 0.5]", Schema::F32),
        ("[16777217, 0.5]", Schema::F64),
        ("[-0, 1]", Schema::F32),
        ("[1e0]", Schema::F32),
        // A tie of eight digits, which printers break either way.
        ("[0.43164062]", Schema::F32),
        ("[0.43164063]", Schema::F32),
    ] {
        assert_eq!(*read("in.json", text.as_bytes(), &narrow).unwrap().schema, Schema::list(expected), "{text}");
    }
    // Text states no width: nothing is narrowed without being asked, and what it would save is said.
    let prices = json("[1.5, 2.25, 3.75, 4.5]");
    assert_eq!(*prices.schema, Schema::list(Schema::F64));
    assert!(prices.notes.iter().any(|note| note.contains("saves 16 B: --type '$[*]=f32'")), "{:?}", prices.notes);
    // An integer beside floats stays one.
    assert_eq!(*json("[1, 0.5]").schema, Schema::list(Schema::Number));
    assert_eq!(again(&json("[1, 0.5, -0, 2.0]")), "[1,0.5,-0.0,2.0]");
    // 2^53 + 1 is not a float at all: the column is mixed.
    assert!(
        matches!(&*json("[9007199254740993, 0.5]").schema, Schema::List(item) if matches!(**item, Schema::Enum(_)))
    );
    assert_eq!(again(&json("[9007199254740993, 0.5]")), "[9007199254740993,0.5]");
    assert_eq!(again(&json("[-0, 1]")), "[-0.0,1]");
}

#[test]
fn floats_of_binary_formats_keep_their_width() {
    let doubles = rmp_serde::to_vec(&[0.1f64, 0.5]).unwrap();
    assert_eq!(*read_as("a.msgpack", &doubles).schema, Schema::list(Schema::F64));
    // Also where narrowing them would lose nothing.
    let doubles = rmp_serde::to_vec(&[0.25f64, 0.5]).unwrap();
    assert_eq!(*read_as("a.msgpack", &doubles).schema, Schema::list(Schema::F64));
    let singles = rmp_serde::to_vec(&[0.1f32, f32::NAN]).unwrap();
    let document = read_as("a.msgpack", &singles);
    assert_eq!(*document.schema, Schema::list(Schema::F32));
    let Column::List { items, .. } = &document.column else { panic!() };
    assert!(matches!(&**items, Column::F32(values) if values[0] == 0.1 && values[1].is_nan()));
}

#[test]
fn columns_get_the_types_a_person_would_write() {
    let cases = [
        "null",
        "17",
        "[]",
        "{}",
        "[[], []]",
        "[{}, {}]",
        "[null, null]",
        "[{\"a\": 1, \"b\": null}, {\"a\": 2}, {\"b\": null, \"c\": true}]",
        "[null, {\"a\": [1, null]}]",
        "[{\"user_id\": {\"x\": 1}}, {\"user_id\": {\"x\": 2, \"boxes\": [{\"w\": 1}]}}]",
        "[1, \"a\", true, null, [1], {\"k\": 1.5}]",
        "{\"a\": [true, [1]], \"b\": [1, {\"x\": \"y\"}]}",
        "{\"sizes\": {\"2024-05-01\": 1, \"2024-05-02\": 2000}}",
        "{\"files\": {\"/etc/a\": {\"mode\": 1, \"user\": \"x\"}, \"/etc/b\": {\"mode\": 2, \"user\": \"y\"}}}",
        "{\"files\": {\"/etc/a\": 1, \"/etc/b\": \"two\"}}",
        "{\"from\": {\"x\": 1, \"y\": 2, \"z\": 3}, \"to\": {\"x\": 4, \"y\": 5, \"z\": 6}}",
    ];
    let text: Vec<_> = cases.iter().map(|case| format!("{case}\n{}\n", schema(case))).collect();
    insta::assert_snapshot!(text.join("\n"));
}

/// `{"k0": value, "k1": value, ...}`
fn object(keys: impl Iterator<Item = usize>, value: impl Fn(usize) -> String) -> String {
    let entries: Vec<_> = keys.map(|key| format!("\"k{key}\":{}", value(key))).collect();
    format!("{{{}}}", entries.join(","))
}

#[test]
fn objects_with_many_keys_are_maps() {
    let number = |key: usize| key.to_string();
    // The keys of one object with many values of one kind are data.
    assert!(matches!(*json(&object(0..32, number)).schema, Schema::Record(_)));
    assert_eq!(*json(&object(0..257, number)).schema, Schema::map(Schema::String, Schema::U16));
    // One whose values differ is a record, up to a point.
    let mixed = |key: usize| if key.is_multiple_of(2) { "1".into() } else { "\"a\"".to_owned() };
    assert!(matches!(*json(&object(0..1000, mixed)).schema, Schema::Record(_)));
    assert!(matches!(*json(&object(0..5000, mixed)).schema, Schema::Map(_)));
    // Rows of a table are records, whatever their width and their kinds.
    let table = |keys: usize| format!("[{}]", vec![object(0..keys, number); 9].join(","));
    for keys in [3, 1093, 4000] {
        let schema = json(&table(keys)).schema;
        let Schema::List(row) = &*schema else { panic!("rows are a list") };
        assert!(matches!(&**row, Schema::Record(record) if record.fields.len() == keys), "{keys}");
    }
    // Sparse keys of one word and a number are data, whatever their values.
    let rows = |value: &dyn Fn(usize) -> String| {
        let rows: Vec<_> = (0..20).map(|row| object(row..row + 2, value)).collect();
        format!("[{}]", rows.join(","))
    };
    assert_eq!(*json(&rows(&number)).schema, Schema::list(Schema::map(Schema::String, Schema::U8)));
    assert!(matches!(&*json(&rows(&mixed)).schema, Schema::List(row) if matches!(**row, Schema::Map(_))));
    // A map that is found to be one late keeps what came before, and its repeated keys are still noticed.
    let rows: Vec<_> = (0..30).map(|row| object(row * 10..row * 10 + 10, number)).collect();
    let text = format!("[{}]", rows.join(","));
    assert_eq!(again(&json(&text)), text);
    let text = object((0..300).chain(3..4), number);
    assert_eq!(
        refusal("in.json", &text),
        format!(
            "in.json: line 1, column {}: $.k3: the key occurs twice in one object; drop or rename one of the two, or say \
             --lenient to take the last",
            text.rfind("\"k3\"").unwrap() + 1
        )
    );
    // Maps of objects that are maps only when taken together, the last of them of another type.
    let inner = |row: usize| object(row * 3..row * 3 + 3, |key| if key < 800 { "1".into() } else { "\"a\"".into() });
    let text = object(0..300, inner);
    assert_eq!(again(&json(&text)), text);
    // Nested maps of strange keys are decided in time that does not double with each level.
    let deep = format!("{}1{}", "{\"1\":".repeat(200), "}".repeat(200));
    assert_eq!(again(&json(&deep)), deep);
}

#[test]
fn integers_that_no_type_of_64_bits_holds_together_stand_side_by_side() {
    let largest = [0x92, 0xff, 0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let documents: [(&str, &[u8], &str); 3] = [
        ("in.json", b"[-1, 18446744073709551615, 5]", "[-1,18446744073709551615,5]"),
        ("in.csv", b"a\n-1\n18446744073709551615\n", r#"[{"a":-1},{"a":18446744073709551615}]"#),
        ("in.msgpack", &largest, "[-1,18446744073709551615]"),
    ];
    for (name, bytes, expected) in documents {
        let document = read(name, bytes, &ReadOptions::default()).unwrap();
        assert_eq!(again(&document), expected, "{name}");
        let text = schema_text(&document.schema, name);
        assert!(text.contains("| Int   i64") && text.contains("| UInt  u64"), "{text}");
        assert!(document.notes.iter().any(|note| note.contains("an enum of i64 and u64")), "{:?}", document.notes);
    }
}

#[test]
fn tables_are_read_by_column() {
    let text = "id,zip,n,x,flag,name,big,mixed,empty,limit\n\
                1,007,1,1.5,true,\"a, b\",99999999999999999999,1,,nan\n\
                2,,,2,false,é,1,x,,\n";
    let document = read_as("in.csv", text);
    insta::assert_snapshot!(schema_text(&document.schema, "in.csv"));
    let tabs = read_as("in.tsv", "a\tb\n1\tx,y\n-0\t\n9007199254740993\t\"\"\n");
    insta::assert_snapshot!("tsv", schema_text(&tabs.schema, "in.tsv"));
    assert_eq!(again(&read_as("in.csv", "a,b\n")), "[]");
    // The user's schema decides that digits are text.
    let wanted = parse_schema(
        r#"{"list": {"record": {"name": "Row", "fields": [{"name": "a", "type": "string"}, {"name": "b", "type": "f64"}]}}}"#,
        "s.json",
    );
    let options = ReadOptions { schema: Some(wanted.unwrap()), ..ReadOptions::default() };
    assert_eq!(again(&read("in.csv", b"a,b\n1,2\n", &options).unwrap()), r#"[{"a":"1","b":2.0}]"#);
}

#[test]
fn lines_are_a_list() {
    assert_eq!(again(&read_as("in.ndjson", "{\"a\":1}\n\n  {\"a\":2}\r\n")), r#"[{"a":1},{"a":2}]"#);
    assert_eq!(again(&read_as("in.jsonl", "1\n\"x\\n\"")), r#"[1,"x\n"]"#);
}

#[test]
fn formats_are_found_by_name_and_by_first_byte() {
    let format = |name: &str, bytes: &[u8]| read(name, bytes, &ReadOptions::default()).unwrap().format;
    assert_eq!(format("a.GeoJSON", b"{}"), InputFormat::Json);
    assert_eq!(format("-", b" \n[1]"), InputFormat::Json);
    assert_eq!(format("a.mpk", &[0x90]), InputFormat::MessagePack);
    // An ending that says nothing leaves it to the content.
    assert_eq!(format("data", b"{}"), InputFormat::Json);
    assert_eq!(format("-", b"a,b\n1,2"), InputFormat::Csv);
    let options = ReadOptions { format: InputFormat::parse("cbor").ok(), ..ReadOptions::default() };
    assert_eq!(read("a.json", &[0x80], &options).unwrap().format, InputFormat::Cbor);
    // A byte order mark is not part of the document.
    assert_eq!(again(&json("\u{feff}[1]")), "[1]");
    for reader in READERS {
        assert_eq!(reader.format.reader().name, reader.name);
        assert_eq!(InputFormat::parse(reader.name), Ok(reader.format));
    }
    insta::assert_snapshot!(
        [
            refusal("-", "1,2\n3,4"),
            refusal("-", ""),
            refusal("data.xml", "<a/>"),
            refusal("data", "no form"),
            refusal("model.pkl", [0x80, 0x04]),
            InputFormat::parse("jsn").unwrap_err(),
            InputFormat::parse("parquet").unwrap_err(),
        ]
        .join("\n")
    );
}

#[test]
fn bad_text_says_where_and_why() {
    let cases: &[(&str, &[u8])] = &[
        ("in.json", b""),
        ("in.json", b" \n\t"),
        ("in.json", b"\xef\xbb\xbf"),
        ("in.json", b"\xff\xfe[\0"),
        ("in.json", b"{\"a\": [1,\n 2 3]}"),
        ("in.json", "{\"é\": \"ü\" 1}".as_bytes()),
        ("in.json", b"{\"rows\": [{\"id\": 1}, {\"id\": tru}]}"),
        ("in.json", b"[1, 2"),
        ("in.json", b"[1, 2,]"),
        ("in.json", b"{\"a\": 1,}"),
        ("in.json", b"{a: 1}"),
        ("in.json", b"{\"a\" 1}"),
        ("in.json", b"{\"a\": \"x\ny\"}"),
        ("in.json", b"{\"a\": \"\\x\"}"),
        ("in.json", b"[\"ok\", \"\\ud800\"]"),
        ("in.json", b"{\"a\": [\"ok\", \"caf\xe9\"]}"),
        ("in.json", b"{\"a\": {\"caf\xe9\": 1}}"),
        ("in.json", b"\xe9"),
        ("in.json", b"[1] [2]"),
        ("in.json", b"[NaN]"),
        ("in.json", b"[1, -Infinity]"),
        ("in.json", b"[01]"),
        ("in.json", b"[1.]"),
        ("in.json", b"[+1]"),
        ("in.json", b"[-]"),
        ("in.json", b"[1e400]"),
        ("in.json", b"[1, 18446744073709551616]"),
        ("in.json", b"{\"a\": -9223372036854775809}"),
        ("in.json", b"{\"rows\": [{\"x y\": 1, \"x y\": 2}]}"),
        ("in.ndjson", b"{\"a\": 1}\n{\"a\": 1} {\"a\": 2}\n"),
        ("in.ndjson", b"{\"a\": 1}\n\n{\"a\": \n"),
        ("in.ndjson", b"{\n \"a\": 1\n}\n"),
        ("in.csv", b"a,b\n1,2\n3,4,5\n"),
        ("in.csv", b"a,b\n1\n"),
        ("in.csv", b"a;b\n1;2\n1;2\n1;2\n1;2\n1;2\n1;2\n1;2\n1;2\n1;2\n3;4;5\n"),
        ("in.csv", b"a,b\n1,2\n3,caf\xe9\n"),
        ("in.csv", b"caf\xe9\n1"),
    ];
    let messages: Vec<_> = cases.iter().map(|(name, bytes)| refusal(name, bytes)).collect();
    insta::assert_snapshot!(messages.join("\n"));
    // Thousands of digits are refused and not repeated.
    assert!(refusal("in.json", "9".repeat(5000)).len() < 300);
    assert!(refusal("in.json", format!("[{}e999]", "9".repeat(5000))).len() < 300);
}

#[test]
fn bad_binary_says_where_and_why() {
    let cases: &[(&str, &[u8])] = &[
        ("a.msgpack", b""),
        ("a.msgpack", &[0xc1]),
        ("a.msgpack", &[0x92, 0x01]),
        ("a.msgpack", &[0x81, 0xa1, b'k', 0xd9, 0x05, b'x']),
        ("a.msgpack", &[0xdb, 0xff, 0xff, 0xff, 0xff, b'x']),
        ("a.msgpack", &[0x81, 0xa1, b'k', 0xa2, b'a', 0xe9]),
        ("a.msgpack", &[0x81, 0xa1, b't', 0xc7, 0x01, 0xff, 0]),
        ("a.msgpack", &[0x91, 0xd7, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
        ("a.msgpack", &[0x91, 0xc7, 0x03, 0x05, 0x00]),
        ("a.msgpack", &[0x81, 0x90, 0x01]),
        ("a.msgpack", &[0x82, 0x01, 0x01, 0x01, 0x02]),
        ("a.msgpack", &[0x01, 0x02]),
        ("a.cbor", b""),
        ("a.cbor", &[0x82, 0x01]),
        ("a.cbor", &[0x1c]),
        ("a.cbor", &[0xff]),
        ("a.cbor", &[0x9f, 0x01]),
        ("a.cbor", &[0xa1, 0x61, b'u', 0xf7]),
        ("a.cbor", &[0x81, 0xf8, 0x20]),
        ("a.cbor", &[0x81, 0xc4, 0x82, 0x21, 0x19, 0x6a, 0xb3]),
        ("a.cbor", &[0x81, 0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ("a.cbor", &[0x81, 0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("a.cbor", &[0x81, 0xc2, 0x01]),
        ("a.cbor", &[0x62, b'a', 0xe9]),
        ("a.cbor", &[0x7f, 0x61, b'a', 0x41, b'b', 0xff]),
        ("a.cbor", &[0xbf, 0x61, b'a', 0xff]),
        ("a.cbor", &[0xa2, 0x61, b'a', 0x01, 0x61, b'a', 0x02]),
        ("a.cbor", &[0xa1, 0xf6, 0x01]),
        ("a.cbor", &[0x01, 0x01, 0x01]),
    ];
    let messages: Vec<_> = cases.iter().map(|(name, bytes)| refusal(name, bytes)).collect();
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn cbor_has_its_own_ways() {
    let cases: &[(&[u8], &str)] = &[
        // Indefinite list, object, string.
        (&[0x9f, 0x01, 0x02, 0xff], "[1,2]"),
        (&[0xbf, 0x61, b'a', 0x9f, 0xff, 0xff], r#"{"a":[]}"#),
        (&[0x7f, 0x61, b'a', 0x62, 0xc3, 0xa9, 0xff], r#""aé""#),
        // Big numbers that fit.
        (&[0xc2, 0x49, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "18446744073709551615"),
        (&[0xc3, 0x41, 0x09], "-10"),
        (&[0xc2, 0x40], "0"),
        (&[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "-9223372036854775808"),
        // Half precision: 1.5, the least subnormal, the greatest, -4.
        (&[0xf9, 0x3e, 0x00], "1.5"),
        (&[0xf9, 0x00, 0x01], "5.9604645e-8"),
        (&[0xf9, 0x7b, 0xff], "65504.0"),
        (&[0xf9, 0xc4, 0x00], "-4.0"),
        // Lengths that are longer than need be, and the tag that says CBOR.
        (&[0xd9, 0xd9, 0xf7, 0x9b, 0, 0, 0, 0, 0, 0, 0, 1, 0x18, 0x01], "[1]"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(again(&read_as("a.cbor", bytes)), *expected);
    }
    let infinity = read_tree("a.cbor", &[0xf9, 0x7c, 0x00], &ReadOptions::default());
    assert_eq!(infinity.unwrap(), Tree::Float32(f32::INFINITY));
}

#[test]
fn keys_that_are_numbers_make_maps() {
    let document = read_as("a.msgpack", [0x82, 0x01, 0xa1, b'a', 0xcd, 0x01, 0x00, 0xa1, b'b']);
    assert_eq!(*document.schema, Schema::map(Schema::U16, Schema::String));
    // A schema may want numbers of keys that JSON can only have as text.
    let wanted = parse_schema(r#"{"map": {"key": "u8", "value": "i64"}}"#, "s.json").unwrap();
    let options = ReadOptions { schema: Some(wanted), ..ReadOptions::default() };
    let document = read("in.json", br#"{"7": 1, "200": 2}"#, &options).unwrap();
    assert!(matches!(&document.column, Column::Map { keys, .. } if matches!(&**keys, Column::U8(k) if *k == [7, 200])));
    assert!(refusal_with("in.json", r#"{"07": 1}"#, &options).contains("expected u8 as a key, found \"07\""));
}

#[test]
fn widths_can_be_forced() {
    let text = r#"{"a": [0.1, 2.5], "b": [0.123456789, 1], "n": [1, 2], "m": [-1], "u": 300}"#;
    let read_with = |floats, ints| {
        let options =
            ReadOptions { overrides: Overrides { floats, ints, ..Overrides::default() }, ..ReadOptions::default() };
        read("in.json", text.as_bytes(), &options)
    };
    let options = ReadOptions {
        overrides: Overrides { floats: FloatWidth::F32, ..Overrides::default() },
        ..ReadOptions::default()
    };
    assert_eq!(
        refusal_with("in.json", "[0.5, 1e300]", &options),
        "in.json: line 1, column 7: $[1]: float 1e300 is beyond the range of f32; leave --floats f32 away, or say f64 \
         in the schema"
    );
    let wide = read_with(FloatWidth::F64, IntWidth::I64).unwrap();
    let narrow = read_with(FloatWidth::F32, IntWidth::I16).unwrap();
    insta::assert_snapshot!(
        [
            schema_text(&wide.schema, "f64, i64"),
            schema_text(&narrow.schema, "f32, i16"),
            narrow.notes.join("\n"),
            read_with(FloatWidth::Infer, IntWidth::U8).unwrap_err().to_string(),
        ]
        .join("\n")
    );
}

#[test]
fn documents_that_do_not_fit_the_schema_are_refused() {
    let record = r#"{"record": {"name": "Row", "fields": [
        {"name": "id", "type": "u8"},
        {"name": "name", "type": {"option": "string"}},
        {"name": "kind", "type": {"enum": {"name": "Kind", "fields": [
            {"name": "Number", "type": "i64"}, {"name": "Text", "type": "string"}]}}}]}}"#;
    let rows = parse_schema(&format!("{{\"list\": {record}}}"), "s.json").unwrap();
    let options = ReadOptions { schema: Some(rows), ..ReadOptions::default() };
    let document =
        read("in.json", br#"[{"kind": "a", "id": 1}, {"id": 2, "name": "x", "kind": -3}]"#, &options).unwrap();
    assert_eq!(again(&document), r#"[{"id":1,"name":null,"kind":"a"},{"id":2,"name":"x","kind":-3}]"#);
    let messages = [
        r#"[{"id": 256, "kind": 1}]"#,
        r#"[{"id": "1", "kind": 1}]"#,
        r#"[{"id": 1.0, "kind": 1}]"#,
        r#"[{"id": null, "kind": 1}]"#,
        r#"[{"kind": 1}]"#,
        r#"[{"id": 1, "kind": 1, "extra": 1}]"#,
        r#"[{"id": 1, "kind": 1.5}]"#,
        r#"[{"id": 1, "kind": 1}, {"id": 1, "kind": [true]}]"#,
        r#"{"id": 1, "kind": 1}"#,
        r#"[[]]"#,
    ]
    .map(|text| refusal_with("in.json", text, &options));
    insta::assert_snapshot!(messages.join("\n"));
}
