//! Readers of the user's own files: what is read, which types it gets, and how bad input is refused.

use sercost::payload::read::{Document, ReadError, ReadOptions, read, read_tree};
use sercost::payload::{Row, Tree};

fn json(text: &str) -> Result<Document, ReadError> {
    read("in.json", text.as_bytes(), &ReadOptions::default())
}

fn refusal(name: &str, bytes: &[u8]) -> String {
    match read(name, bytes, &ReadOptions::default()) {
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
    let document = json(r#"{"rows": [{"id": 1, "x": 0.5}, {"id": 300, "x": 2, "tags": ["a"]}]}"#).unwrap();
    assert_eq!(again(&document), r#"{"rows":[{"id":1,"x":0.5,"tags":null},{"id":300,"x":2.0,"tags":["a"]}]}"#);
    let row = Row { schema: &document.schema, column: &document.column, row: 0 };
    assert_eq!(serde_json::to_string(&row).unwrap(), again(&document));
}

#[test]
fn bad_json_says_where_and_why() {
    for (text, message) in [
        ("", "in.json: the file is empty; a document has at least one value"),
        ("{\"a\": [1,\n 2 3]}", "in.json: line 2, column 4: $.a[2]: expected `,` or `]`, found \"3\""),
        (
            "{\"a\": 1, \"a\": 2}",
            "in.json: line 1, column 10: $.a: the key occurs twice in one object; drop or rename one of the two",
        ),
        (
            "[1, 99999999999999999999]",
            "in.json: line 1, column 5: $[1]: integer 99999999999999999999 does not fit in 64 bits; quote it as a \
             string, or write it as a float (with .0) if it may lose digits",
        ),
        (
            "{\"r\": [{\"id\": -1}, {\"id\": 18446744073709551615}]}",
            "in.json: $.r[*].id: both -1 and 18446744073709551615 occur, and no integer of 64 bits can be either; \
             quote them as strings, or write the large ones as floats (with .0) if they may lose digits",
        ),
        (
            "[NaN]",
            "in.json: line 1, column 2: $[0]: NaN is not JSON; write null, or use CBOR or MessagePack, which have it",
        ),
        (
            "[1] [2]",
            "in.json: line 1, column 5: expected the end of the document, found \"[\"; if every line is a document \
             of its own, use --input-format ndjson",
        ),
    ] {
        assert_eq!(refusal("in.json", text.as_bytes()), message);
    }
    assert!(matches!(read_tree("in.json", b"{\"a\":null}", &ReadOptions::default()), Ok(Tree::Map(_))));
}
