//! Nesting: whatever the readers accept, everything that walks it must survive on the stack of a thread.

use sercost::codec::{self, Decoded};
use sercost::payload::read::{ReadOptions, read, read_tree};
use sercost::payload::source::MAX_DEPTH;
use sercost::payload::{Compact, Named, Row, RowSeed, Tree, show};
use serde::Deserialize;
use serde::de::DeserializeSeed;

/// Runs on the stack that Rust gives a thread, whatever `RUST_MIN_STACK` says.
fn on_a_small_stack(body: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(body).unwrap().join().unwrap();
}

fn walk(text: &str) {
    let options = ReadOptions::default();
    let document = read("deep.json", text.as_bytes(), &options).unwrap();
    let row = Row::<Compact>::new(&document.schema, &document.column, 0);
    let mut decoded = sercost::payload::Column::new(&document.schema);

    let named = Row::<Named>::new(&document.schema, &document.column, 0);
    let json = serde_json::to_vec(&named).unwrap();
    let mut deserializer = serde_json::Deserializer::from_slice(&json);
    deserializer.disable_recursion_limit();
    RowSeed::<Named>::new(&document.schema, &mut decoded).deserialize(&mut deserializer).unwrap();

    let bytes = postcard::to_stdvec(&row).unwrap();
    let mut deserializer = postcard::Deserializer::from_bytes(&bytes);
    RowSeed::<Compact>::new(&document.schema, &mut decoded).deserialize(&mut deserializer).unwrap();
    let again = Row::<Compact>::new(&document.schema, &decoded, 1);
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

/// A pickle of lists in lists, for a codec, which has to take more than the readers do.
fn nested_pickle(levels: usize) -> Vec<u8> {
    [&b"]".repeat(levels)[..], &b"a".repeat(levels - 1), b"."].concat()
}

fn decoded(pickle: &[u8]) -> Result<Tree, String> {
    let mut trees = Decoded::Dynamic(Vec::new());
    codec::find("pickle:5").unwrap().decode(&[pickle], 1, &mut trees).map_err(|error| error.to_string())?;
    match trees {
        Decoded::Dynamic(mut trees) => Ok(trees.pop().unwrap()),
        _ => unreachable!("trees were asked for"),
    }
}

#[test]
fn pickles_are_decoded_as_deep_as_they_may_be_and_no_deeper() {
    on_a_small_stack(|| {
        assert!(decoded(&nested_pickle(MAX_DEPTH)).is_ok());
        assert!(decoded(&nested_pickle(500)).is_ok());
        assert!(decoded(&nested_pickle(501)).unwrap_err().contains("nested more than 500"));
        assert!(decoded(&nested_pickle(1_000_000)).unwrap_err().contains("nested more than 100000"));
        let endless = b"]\x94h\x00a.";
        assert!(decoded(endless).unwrap_err().contains("nested more than 500"));
    });
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
        ("a.pkl", [&b"]".repeat(deep)[..], &b"a".repeat(deep - 1), b"."].concat()),
        ("a.pkl", [&b"](".repeat(deep)[..], &b"e".repeat(deep), b"."].concat()),
        ("a.pkl", [&b"(".repeat(90_000)[..], b"K\x01", &b"t".repeat(90_000), b"."].concat()),
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
