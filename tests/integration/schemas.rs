//! Schemas of the fixtures: what is inferred, how it is shown, and that the Rust which is printed compiles and means
//! the same.

use crate::generated;
use crate::printed;
use sercost::payload::read::{Document, ReadOptions, read, read_tree};
use sercost::payload::show::{parse_schema, schema_json, schema_text};
use sercost::payload::{Compact, Named, Row, Tree};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Keys that are not names in Rust, or the same name, or a keyword.
const ODD_NAMES: &str = r#"{
    "type": 1, "self": 2, "Self": 3, "": 4, "1st": 5, "user-id": 6, "user_id": 7, "userId": 8, "HTTPServer": 9,
    "größe": 10, "日本": 11, "\"quoted\\\n\"": 12, "_id": 13, "__proto__": 14, "async": {"fn": true}, "option": {"a": 1},
    "vec": [{"b": 1}], "string": {"c": 1}, "root": {"d": 1}, "nothing": null, "bytes": [1, 2], "Option": [1, "x"]
}"#;

const FIXTURES: &[&str] = &[
    "access-log.ndjson",
    "config.json",
    "laboratory-2.pickle",
    "laboratory.pkl",
    "mesh.cbor",
    "orders.json",
    "places.geojson",
    "stations.csv",
    "telemetry.msgpack",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(root().join("fixtures").join(name)).unwrap()
}

fn fixture(name: &str) -> Document {
    read(name, &bytes(name), &ReadOptions::default()).unwrap()
}

#[test]
fn fixtures_have_the_types_a_person_would_write() {
    for name in FIXTURES {
        let document = fixture(name);
        let text = schema_text(&document.schema, name) + &document.notes.join("\n");
        insta::assert_snapshot!(*name, text);
    }
}

/// Checks one generated module, or writes it when asked to by the environment.
#[track_caller]
fn check_generated<T: DeserializeOwned + Serialize>(name: &str, document: &Document) {
    printed::check::<T>(name, document, &root().join("tests/integration/generated"), "schemas");
}

#[test]
fn printed_rust_compiles_and_encodes_to_the_same_bytes() {
    check_generated::<generated::access_log::Root>("access-log.ndjson", &fixture("access-log.ndjson"));
    check_generated::<generated::config::Root>("config.json", &fixture("config.json"));
    check_generated::<generated::mesh::Root>("mesh.cbor", &fixture("mesh.cbor"));
    check_generated::<generated::orders::Root>("orders.json", &fixture("orders.json"));
    check_generated::<generated::places::Root>("places.geojson", &fixture("places.geojson"));
    check_generated::<generated::stations::Root>("stations.csv", &fixture("stations.csv"));
    check_generated::<generated::telemetry::Root>("telemetry.msgpack", &fixture("telemetry.msgpack"));
    let odd = read("odd_names.json", ODD_NAMES.as_bytes(), &ReadOptions::default()).unwrap();
    check_generated::<generated::odd_names::Root>("odd_names.json", &odd);
}

/// The printed types decode the very file, by serde_json alone, to what the reader made of it.
fn check_direct<T: DeserializeOwned + Serialize>(name: &str, values: impl IntoIterator<Item = T>) {
    let document = fixture(name);
    let row = Row::<Named>::new(&document.schema, &document.column, 0);
    let values: Vec<T> = values.into_iter().collect();
    let derived = match &values[..] {
        [whole] => serde_json::to_vec(whole),
        rows => serde_json::to_vec(rows),
    };
    assert!(derived.unwrap() == serde_json::to_vec(&row).unwrap(), "{name}");
}

#[test]
fn printed_rust_decodes_the_file_itself() {
    let orders: generated::orders::Root = serde_json::from_slice(&bytes("orders.json")).unwrap();
    check_direct("orders.json", [orders]);
    let places: generated::places::Root = serde_json::from_slice(&bytes("places.geojson")).unwrap();
    check_direct("places.geojson", [places]);
    let log = bytes("access-log.ndjson");
    let lines = serde_json::Deserializer::from_slice(&log).into_iter::<generated::access_log::Row>();
    check_direct("access-log.ndjson", lines.map(Result::unwrap));
    let telemetry: generated::telemetry::Root = rmp_serde::from_slice(&bytes("telemetry.msgpack")).unwrap();
    check_direct("telemetry.msgpack", [telemetry]);
    let mesh: generated::mesh::Root = ciborium::from_reader(&*bytes("mesh.cbor")).unwrap();
    check_direct("mesh.cbor", [mesh]);
}

#[test]
fn trees_are_the_document_as_it_is() {
    for name in ["orders.json", "places.geojson", "config.json"] {
        let tree = read_tree(name, &bytes(name), &ReadOptions::default()).unwrap();
        let theirs: Tree = Tree::deserialize(&mut serde_json::Deserializer::from_slice(&bytes(name))).unwrap();
        assert!(tree == theirs, "{name}");
    }
    let tree = read_tree("telemetry.msgpack", &bytes("telemetry.msgpack"), &ReadOptions::default()).unwrap();
    assert!(tree == rmp_serde::from_slice(&bytes("telemetry.msgpack")).unwrap());
}

#[test]
fn schemas_survive_their_file() {
    for name in FIXTURES {
        let document = fixture(name);
        let file = serde_json::to_string_pretty(&schema_json(&document.schema)).unwrap();
        let schema = parse_schema(&file, "schema.json").unwrap();
        assert_eq!(schema, *document.schema);
        // The inferred schema fits when it is given back.
        let options = ReadOptions { schema: Some(schema), ..ReadOptions::default() };
        let again = read(name, &bytes(name), &options).unwrap();
        let bytes_of = |document: &Document| {
            postcard::to_stdvec(&Row::<Compact>::new(&document.schema, &document.column, 0)).unwrap()
        };
        assert!(bytes_of(&again) == bytes_of(&document), "{name}");
    }
}

#[test]
fn bad_schema_files_say_where_and_why() {
    let messages = [
        "",
        "{",
        "\"strng\"",
        "{\"list\": \"sometype\"}",
        "{\"record\": {\"name\": \"A\", \"fields\": [{\"name\": \"x\"}]}}",
        "{\"record\": {\"name\": \"A\", \"fields\": [{\"name\":\"x\",\"type\":\"u8\"}, {\"name\":\"x\",\"type\":\"u8\"}]}}",
        "{\"map\": {\"key\": {\"list\": \"u8\"}, \"value\": \"u8\"}}",
        "{\"enum\": {\"name\": \"E\", \"fields\": []}}",
        "{\"list\": \"u8\"} x",
        "17",
    ]
    .map(|text| parse_schema(text, "s.json").unwrap_err().to_string());
    insta::assert_snapshot!(messages.join("\n"));
    let deep = format!("{}\"u8\"{}", "{\"list\":".repeat(100_000), "}".repeat(100_000));
    assert!(parse_schema(&deep, "s.json").is_err());
    let deep = format!("{}\"u8\"{}", "{\"list\":".repeat(200), "}".repeat(200));
    assert!(parse_schema(&deep, "s.json").is_ok());
}

#[test]
fn fixtures_are_what_their_script_makes() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures");
    std::fs::create_dir_all(&directory).unwrap();
    let made = std::process::Command::new("python3").arg(root().join("fixtures/make.py")).arg(&directory).status();
    // Without Python there is nothing to compare with.
    let Ok(status) = made else { return };
    assert!(status.success());
    for name in FIXTURES {
        assert!(std::fs::read(directory.join(name)).unwrap() == bytes(name), "{name} differs from what make.py makes");
    }
}
