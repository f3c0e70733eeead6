//! Nesting: whatever the readers accept, everything that walks it must survive on the stack of a thread.

use sercost::payload::read::source::MAX_DEPTH;
use sercost::payload::read::{ReadOptions, read, read_tree};
use sercost::payload::{Row, RowSeed, Tree, show};
use serde::Deserialize;
use serde::de::DeserializeSeed;

/// Runs on the stack that Rust gives a thread, whatever `RUST_MIN_STACK` says.
fn on_a_small_stack(body: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(body).unwrap().join().unwrap();
}

fn walk(text: &str) {
    let options = ReadOptions::default();
    let document = read("deep.json", text.as_bytes(), &options).unwrap();
    let row = Row { schema: &document.schema, column: &document.column, row: 0 };
    let mut decoded = sercost::payload::Column::new(&document.schema);

    let json = serde_json::to_vec(&row).unwrap();
    let mut deserializer = serde_json::Deserializer::from_slice(&json);
    deserializer.disable_recursion_limit();
    RowSeed { schema: &document.schema, column: &mut decoded }.deserialize(&mut deserializer).unwrap();

    let bytes = postcard::to_stdvec(&row).unwrap();
    let mut deserializer = postcard::Deserializer::from_bytes(&bytes);
    RowSeed { schema: &document.schema, column: &mut decoded }.deserialize(&mut deserializer).unwrap();
    let again = Row { schema: &document.schema, column: &decoded, row: 1 };
    assert_eq!(postcard::to_stdvec(&again).unwrap(), bytes);

    let tree = read_tree("deep.json", text.as_bytes(), &options).unwrap();
    let json = serde_json::to_vec(&tree).unwrap();
    let mut deserializer = serde_json::Deserializer::from_slice(&json);
    deserializer.disable_recursion_limit();
    assert_eq!(Tree::deserialize(&mut deserializer).unwrap(), tree);

    assert!(!show::schema_text(&document.schema, "deep").is_empty());
    assert!(!show::schema_rust(&document.schema).is_empty());
    show::schema_json(&document.schema);
}

#[test]
fn lists_as_deep_as_allowed_are_walked() {
    on_a_small_stack(|| walk(&format!("{}1{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))));
}

#[test]
fn records_as_deep_as_allowed_are_walked() {
    on_a_small_stack(|| walk(&format!("{}1{}", "{\"a\":".repeat(MAX_DEPTH), "}".repeat(MAX_DEPTH))));
}

#[test]
fn maps_as_deep_as_allowed_are_walked() {
    on_a_small_stack(|| walk(&format!("{}1{}", "{\"1\":".repeat(MAX_DEPTH), "}".repeat(MAX_DEPTH))));
}

#[test]
fn enums_as_deep_as_allowed_are_walked() {
    on_a_small_stack(|| walk(&format!("{}1{}", "[true,".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))));
}

#[test]
fn deeper_nesting_is_refused_in_every_format() {
    let deep = MAX_DEPTH + 1;
    let mut cbor = vec![0x81; deep];
    cbor.push(0x01);
    let mut indefinite = vec![0x9f; 100_000];
    indefinite.extend(vec![0xff; 100_000]);
    let documents = [
        ("a.json", format!("{}1{}", "[".repeat(deep), "]".repeat(deep)).into_bytes()),
        ("a.json", "[".repeat(1_000_000).into_bytes()),
        ("a.json", "{\"k\":".repeat(1_000_000).into_bytes()),
        ("a.ndjson", "[".repeat(1_000_000).into_bytes()),
        ("a.msgpack", vec![0x91; 1_000_000]),
        ("a.cbor", cbor),
        ("a.cbor", indefinite),
    ];
    on_a_small_stack(move || {
        for (name, bytes) in documents {
            let error = read(name, &bytes, &ReadOptions::default()).unwrap_err();
            assert!(error.reason().contains("nested more than"), "{error}");
            assert!(error.path().starts_with("$[0][0]") || error.path().starts_with("$.k.k"), "{error}");
            assert!(error.to_string().len() < 500, "{error}");
        }
    });
}
