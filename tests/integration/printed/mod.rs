//! The Rust that is printed for a document, compiled as a module of the tests: that it is what is printed now, and means
//! the same as our columns.

use sercost::payload::read::Document;
use sercost::payload::show::schema_rust;
use sercost::payload::{Column, Compact, Named, Row, RowSeed};
use serde::Serialize;
use serde::de::{DeserializeOwned, DeserializeSeed};
use std::path::Path;

/// Checks the module generated for a document against what is printed now; or writes it, when the environment asks for
/// that, and returns false: the types that are compiled are not those then. `module` is the module of tests that does.
#[track_caller]
pub fn check<T: DeserializeOwned + Serialize>(name: &str, document: &Document, directory: &Path, module: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).replace('-', "_");
    let path = directory.join(format!("{stem}.rs"));
    let printed = schema_rust(&document.schema);
    let text = format!(
        "// Generated from {name} by `UPDATE_GENERATED=1 cargo test --test integration {module}`; do not edit.\n\n{printed}"
    );
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&path, text).unwrap();
        return false;
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(committed == text, "{} is not what is printed now", path.display());

    // CBOR carries the value from our columns into the derived structs: it has names, tags, bytes and NaN.
    let row = Row::<Named>::new(&document.schema, &document.column, 0);
    let mut carried = Vec::new();
    ciborium::into_writer(&row, &mut carried).unwrap();
    let derived: T = ciborium::from_reader(carried.as_slice()).unwrap();
    let (theirs, ours) = (serde_json::to_vec(&derived).unwrap(), serde_json::to_vec(&row).unwrap());
    assert_eq!(theirs.len(), ours.len(), "{name}: the sizes in JSON");
    // A BTreeMap sorts the keys of maps, and the text says so.
    let is_in_order = theirs == ours;
    assert!(is_in_order || text.contains("BTreeMap"), "{name}: JSON differs");

    let row = Row::<Compact>::new(&document.schema, &document.column, 0);
    let ours = postcard::to_stdvec(&row).unwrap();
    // Where the printed types are the same for all formats.
    if !["skip_serializing_if", "untagged", "flatten"].iter().any(|attribute| text.contains(attribute)) {
        let theirs = postcard::to_stdvec(&derived).unwrap();
        assert_eq!(theirs.len(), ours.len(), "{name}: the sizes in postcard");
        assert!(theirs == ours || !is_in_order, "{name}: postcard differs from that of derived structs");
    }
    let mut column = Column::new(&document.schema);
    let mut deserializer = postcard::Deserializer::from_bytes(&ours);
    RowSeed::<Compact>::new(&document.schema, &mut column).deserialize(&mut deserializer).unwrap();
    let again = Row::<Compact>::new(&document.schema, &column, 0);
    assert!(postcard::to_stdvec(&again).unwrap() == ours, "{name}: does not come back from postcard");
    true
}
