//! The documents that `--lenient` takes, and those that the dynamic representation takes and types cannot.

use super::tables::said;
use super::{again, refusal, refusal_with};
use sercost::payload::read::{Document, ReadOptions, read, read_dynamic};
use sercost::payload::{Column, Tree};

fn options() -> ReadOptions {
    ReadOptions { lenient: true, ..ReadOptions::default() }
}

fn lenient(name: &str, bytes: impl AsRef<[u8]>) -> Document {
    read(name, bytes.as_ref(), &options()).unwrap()
}

#[test]
fn what_json_does_not_have_is_refused_with_the_flag_that_takes_it() {
    for text in ["[NaN]", "[1, -Infinity]", "[Infinity]", "[1e400]", "{\"a\": 1, \"a\": 2}", "[18446744073709551616]"] {
        assert!(refusal("in.json", text).contains("--lenient"), "{text}");
    }
}

#[test]
fn the_last_of_two_keys_counts() {
    let document = lenient("in.json", r#"{"a": 1, "b": [{"x": 1, "x": "two"}], "a": {"y": null}}"#);
    assert_eq!(again(&document), r#"{"b":[{"x":"two"}],"a":{"y":null}}"#);
    assert_eq!(said(&document), ["2 keys that their objects had before: the last value counts, the first at $.b[0].x"]);
    // Thrice, within what is replaced itself, and in maps.
    let document = lenient("in.json", r#"{"a": {"b": 1, "b": 2}, "a": 3, "a": [4], "c": 5}"#);
    assert_eq!(again(&document), r#"{"a":[4],"c":5}"#);
    let entries: Vec<_> = (0..300).chain(0..300).map(|key| format!("\"/{key}\": {key}")).collect();
    let document = lenient("in.json", format!("{{{}}}", entries.join(",")));
    assert!(matches!(&document.column, Column::Map { keys, .. } if keys.len() == 300));
    let document = lenient("in.ndjson", "{\"a\": 1}\n{\"a\": 1, \"a\": 2}\n{\"a\": NaN}\n");
    assert_eq!(
        said(&document),
        [
            "1 number that JSON does not have (NaN, Infinity), at $[2].a",
            "1 key that its object had before: the last value counts, at $[1].a",
        ]
    );
    // The other formats have keys twice, too.
    assert_eq!(again(&lenient("a.msgpack", [0x82, 0xa1, b'k', 0x01, 0xa1, b'k', 0x02])), r#"{"k":2}"#);
    assert_eq!(again(&lenient("a.cbor", [0xa2, 0x61, b'a', 0x81, 0x01, 0x61, b'a', 0x02])), r#"{"a":2}"#);
    // All else is refused as without it, at its place.
    for text in ["{\"a\": 1,\n \"b\": [1, {\"a\": tru}]}", "{\"a\": 1, \"a\": [1, 2", "[1, 2]]"] {
        assert_eq!(
            refusal_with("in.json", text, &options()),
            refusal("in.json", text.replace("\"a\": [", "\"c\": [")).replace(".c", ".a")
        );
    }
    let deep = format!("{{\"a\": {}1{}, \"a\": 2}}", "[".repeat(2000), "]".repeat(2000));
    assert!(refusal_with("in.json", deep, &options()).contains("nested more than"));
}

#[test]
fn numbers_that_are_none_are_floats() {
    let document = lenient("in.json", "{\"x\": [NaN, Infinity, -Infinity, 1.5], \"y\": 1e999}");
    let Column::Record { fields, .. } = &document.column else { panic!() };
    let Column::List { items, .. } = &fields[0] else { panic!() };
    let values: Vec<f64> = match &**items {
        Column::F64(values) => values.clone(),
        Column::F32(values) => values.iter().map(|&value| value.into()).collect(),
        other => panic!("{other:?}"),
    };
    assert!(values[0].is_nan() && values[1..] == [f64::INFINITY, f64::NEG_INFINITY, 1.5], "{values:?}");
    assert_eq!(
        said(&document),
        [
            "3 numbers that JSON does not have (NaN, Infinity), the first at $.x[0]",
            "1 number beyond the range of a 64-bit float, read as infinite, at $.y",
        ]
    );
    assert_eq!(again(&lenient("in.json", "[18446744073709551616, 0.5]")), "[1.8446744073709552e+19,0.5]");
    let options = options();
    assert_eq!(read("in.csv", b"a\n1\n", &options).unwrap().notes, ["--lenient has no meaning for csv"]);
}

#[test]
fn trees_take_what_no_type_holds() {
    let dynamic = |name: &str, bytes: &[u8]| read_dynamic(name, bytes, &ReadOptions::default()).unwrap();
    let document = dynamic("in.json", b"{\"ids\": [-1, 18446744073709551615, 123456789012345678901234567890]}");
    let Tree::Map(entries) = &document.tree else { panic!() };
    assert_eq!(
        entries[0].1,
        Tree::List(vec![Tree::Int(-1), Tree::UInt(u64::MAX), Tree::Float(123456789012345678901234567890f64)])
    );
    assert_eq!(document.notes, ["1 integer of more than 64 bits, read as a float, which has 53, at $.ids[2]"]);
    let cbor = dynamic(
        "a.cbor",
        &[0x82, 0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    );
    assert_eq!(cbor.tree, Tree::List(vec![Tree::Float(-18446744073709551616.0), Tree::Float(18446744073709551616.0)]));
    assert_eq!(cbor.notes, ["2 integers of more than 64 bits, read as floats, which have 53, the first at $[0]"]);
    // An integer that no float comes near is refused in both.
    let huge = format!("[{}]", "9".repeat(400));
    let refused = read_dynamic("in.json", huge.as_bytes(), &ReadOptions::default()).unwrap_err().to_string();
    assert!(refused.contains("beyond the range of a 64-bit float") && refused.len() < 200, "{refused}");
}

#[test]
fn trees_are_refused_as_columns_are() {
    let wide: String = (0..40).map(|key| format!("\"k{key}\": 1, ")).collect();
    for (name, text) in [
        ("in.json", "{\"a\": [1, {\"b\": 1, \"b\": 2}]}".to_owned()),
        ("in.json", format!("{{{wide}\"k39\": 2}}")),
        ("in.json", "[1, {\"a\": tru}]".to_owned()),
        ("in.json", "[1, 2".to_owned()),
        ("in.ndjson", "{\"a\": 1}\n{\"a\": 1} {}\n".to_owned()),
        ("in.json", format!("{}1{}", "[".repeat(300), "]".repeat(300))),
    ] {
        let tree = read_dynamic(name, text.as_bytes(), &ReadOptions::default()).unwrap_err();
        assert_eq!(tree.to_string(), refusal(name, &text), "{text}");
    }
}
