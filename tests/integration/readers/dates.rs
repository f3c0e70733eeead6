//! Dates and extension types of MessagePack and CBOR.

use super::tables::said;
use super::{again, read_as};
use sercost::payload::read::{ReadOptions, read_tree};
use sercost::payload::{Schema, Tree};

/// A list of MessagePack values.
fn list(values: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![0x90 | values.len() as u8];
    values.iter().for_each(|value| bytes.extend_from_slice(value));
    bytes
}

fn timestamp_64(seconds: u64, nanoseconds: u64) -> Vec<u8> {
    [&[0xd7, 0xff][..], &(nanoseconds << 34 | seconds).to_be_bytes()].concat()
}

fn timestamp_96(seconds: i64, nanoseconds: u32) -> Vec<u8> {
    [&[0xc7, 12, 0xff][..], &nanoseconds.to_be_bytes(), &seconds.to_be_bytes()].concat()
}

#[test]
fn timestamps_of_all_widths_are_seconds() {
    let short = [0xd6, 0xff, 0x5a, 0x4a, 0xf6, 0xa5];
    let document = read_as("a.msgpack", [&[0x81, 0xa2, b'a', b't'][..], &short].concat());
    assert_eq!(again(&document), r#"{"at":1514862245}"#);
    assert_eq!(said(&document), ["1 timestamp (extension type -1) read as seconds since 1970, at $.at"]);
    let whole = list(&[&short, &timestamp_64(1 << 33, 0), &timestamp_96(-1, 0)]);
    let document = read_as("a.msgpack", whole);
    assert_eq!(again(&document), "[1514862245,8589934592,-1]");
    assert_eq!(*document.schema, Schema::list(Schema::I64));
    assert_eq!(said(&document), ["3 timestamps (extension type -1) read as seconds since 1970, the first at $[0]"]);
}

#[test]
fn timestamps_with_fractions_make_all_of_them_floats() {
    let short = [0xd6, 0xff, 0, 0, 0, 7];
    let document = read_as(
        "a.msgpack",
        list(&[&short, &timestamp_64(1_700_000_000, 250_000_000), &timestamp_96(-1, 500_000_000)]),
    );
    assert_eq!(*document.schema, Schema::list(Schema::F64));
    assert_eq!(again(&document), "[7.0,1700000000.25,-0.5]");
    let fine = list(&[&short, &timestamp_64(1_700_000_000, 123_456_789)]);
    let document = read_as("a.msgpack", &fine);
    assert_eq!(
        said(&document),
        [
            "2 timestamps (extension type -1) read as seconds since 1970, 1 of them with nanoseconds that a float of 64 bits does not keep, the first at $[0]"
        ]
    );
    let tree = read_tree("a.msgpack", &fine, &ReadOptions::default()).unwrap();
    assert_eq!(tree, Tree::List(vec![Tree::Float(7.0), Tree::Float(1_700_000_000.123_456_8)]));
    // Bytes that look like a timestamp and are text change nothing.
    let text = read_as("a.msgpack", list(&[&short, &[0xc4, 2, 0xd7, 0xff]]));
    assert!(again(&text).starts_with("[7,"), "{}", again(&text));
}

#[test]
fn other_extension_types_are_bytes() {
    let document = read_as("a.msgpack", list(&[&[0xd4, 5, 1], &[0xc7, 2, 5, 1, 2], &[0xc8, 0, 1, 0x80, 9]]));
    assert_eq!(*document.schema, Schema::list(Schema::Bytes));
    assert_eq!(again(&document), "[[1],[1,2],[9]]");
    assert_eq!(
        said(&document),
        [
            "1 value of extension type -128 read as bytes, without the type, at $[2]",
            "2 values of extension type 5 read as bytes, without the type, the first at $[0]",
        ]
    );
    let many: Vec<[u8; 3]> = (10..15).map(|kind| [0xd4, kind, 0]).collect();
    let many: Vec<&[u8]> = many.iter().map(|value| &value[..]).collect();
    let notes = read_as("a.msgpack", list(&many)).notes;
    assert_eq!(notes[3], "2 values of 2 more extension types read as bytes, the first at $[3]");
}

#[test]
fn tags_of_cbor_are_dropped_with_a_note() {
    let tagged = read_as("a.cbor", [0x82, 0xc1, 0x01, 0xc1, 0x02]);
    assert_eq!(said(&tagged), ["CBOR tag 1 (seconds since 1970) dropped from 2 values, the first at $[0]"]);
    let dates = [
        &[0xa3, 0x61, b'a', 0xc0, 0x64][..],
        b"2024",
        &[0x61, b'b', 0xd8, 100, 0x19, 0x4d, 0x1f, 0x61, b'c', 0xd9, 0x03, 0xec, 0x6a],
        b"2024-01-01",
    ]
    .concat();
    let document = read_as("a.cbor", dates);
    assert_eq!(again(&document), r#"{"a":"2024","b":19743,"c":"2024-01-01"}"#);
    assert_eq!(
        said(&document),
        [
            "CBOR tag 0 (date and time as text) dropped from 1 value, at $.a",
            "CBOR tag 100 (days since 1970) dropped from 1 value, at $.b",
            "CBOR tag 1004 (date as text) dropped from 1 value, at $.c",
        ]
    );
    // A date of whole seconds beside one with a fraction is a float as well.
    let mixed = read_as("a.cbor", [0x82, 0xc1, 0x07, 0xc1, 0xfb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]);
    assert_eq!(again(&mixed), "[7.0,1.5]");
}
