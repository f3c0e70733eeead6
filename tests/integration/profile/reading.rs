//! The notes about how a file was read, and files that only one representation takes.

use crate::tools::{Directory, profile, rows_with, run};
use serde_json::{Value, json};

#[test]
fn dynamic_rows_need_no_types() {
    let directory = Directory::new();
    // No type of 64 bits holds both, and the third is beyond either.
    let path =
        directory.file("ids.json", "[{\"id\": -1}, {\"id\": 18446744073709551615}, {\"id\": 99999999999999999999}]");
    let found = profile(&format!("{path} --representation dynamic --codec json,cbor,postcard"));
    let payload = &found["payloads"][0];
    assert_eq!(payload["description"], "list of 3 values");
    assert_eq!(payload["schema"], Value::Null);
    assert_eq!(payload["notes"], json!(["1 integer of more than 64 bits, read as a float, which has 53, at $[2].id"]));
    assert!(payload["memory_bytes"].as_u64().unwrap() > 100, "{payload}");
    let json = rows_with(&found, &[("codec", "json"), ("stage", "total")])[0];
    let expected = "[{\"id\":-1},{\"id\":18446744073709551615},{\"id\":1e+20}]";
    assert_eq!((&json["bytes"], &json["lossy"]), (&json!(expected.len()), &json!([])));
    // Its elements, too.
    let found = profile(&format!("{path} --representation dynamic --codec json --many 3"));
    // {"id":-1}, {"id":18446744073709551615} and {"id":1e+20}: 16 bytes on average.
    assert_eq!(rows_with(&found, &[("codec", "json"), ("stage", "total")])[0]["bytes"], 16);
    // Types refuse it, and say what takes it.
    for representation in ["typed", "both"] {
        let error = run(&format!("profile {path} --representation {representation} --codec json --rounds 2")).error();
        assert!(error.contains("99999999999999999999 does not fit in 64 bits"), "{error}");
        assert!(error.contains("--lenient or --representation dynamic"), "{error}");
    }
}

#[test]
fn elements_of_no_list_are_refused_without_types_too() {
    let directory = Directory::new();
    let object = directory.file("object.json", "{\"a\": 1}");
    let empty = directory.file("empty.json", "[]");
    let error = |path: &str| run(&format!("profile {path} --representation dynamic --codec json --many 3")).error();
    assert!(error(&object).contains("is map of 1 entry; take a list, or leave out --many"), "{}", error(&object));
    assert!(error(&empty).contains("it holds nothing to measure (list of 0 values)"), "{}", error(&empty));
}

#[test]
fn both_representations_say_once_how_the_file_was_read() {
    let directory = Directory::new();
    let path = directory.file("table.csv", "a;flag\n1;True\n2;False\n");
    let found = profile(&format!("{path} --representation both --codec json"));
    let notes = found["payloads"][0]["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 2, "{notes:?}");
    let options = "--delimiter , --codec json --rounds 2 --format json";
    let found = run(&format!("profile {path} {options}")).document();
    assert_eq!(found["payloads"][0]["notes"], json!([]));
}

#[test]
fn lenient_reading_is_a_flag_of_both_verbs() {
    let directory = Directory::new();
    let path = directory.file("python.json", "{\"a\": NaN, \"b\": 1, \"b\": 2}");
    let found = profile(&format!("{path} --lenient --codec cbor"));
    assert_eq!(
        found["payloads"][0]["notes"],
        json!([
            "1 number that JSON does not have (NaN, Infinity), at $.a",
            "1 key that its object had before: the last value counts, at $.b"
        ])
    );
    let tasks = |flags: &str| run(&format!("tasks args --engine native --tasks 2 --payload {path} {flags}"));
    assert!(tasks("").error().contains("--lenient"));
    tasks("--lenient").ok();
}

#[test]
fn small_integers_of_trees_are_small_in_bson() {
    let directory = Directory::new();
    let rows: Vec<_> = (0..100).map(|row| format!("{{\"x\": {row}, \"y\": {}}}", 2 * row)).collect();
    let path = directory.file("small.json", format!("{{\"a\": [{}]}}", rows.join(", ")));
    let found = profile(&format!("{path} --representation dynamic --codec bson"));
    // Each number has four bytes behind its type and its key of two: what pymongo writes.
    assert_eq!(rows_with(&found, &[("codec", "bson"), ("stage", "total")])[0]["bytes"], 2303);
}
