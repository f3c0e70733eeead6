//! Readers on unexpected input: never a panic, never a wrong number.

use proptest::prelude::*;
use sercost::payload::read::{ReadOptions, read, read_tree};
use sercost::payload::{Column, Compact, Row, RowSeed, Tree};
use serde::de::DeserializeSeed;

const NAMES: &[&str] = &["a.json", "a.ndjson", "a.csv", "a.tsv", "a.msgpack", "a.cbor"];

/// Small documents of every format, to be damaged.
const SEEDS: &[&[u8]] = &[
    br#"{"rows": [{"id": 1, "x": -0.5e-3, "s": "a\u00e9\n"}, {"id": 18446744073709551615, "t": [null, true]}]}"#,
    b"{\"a\": 1}\n{\"a\": \"x\"}\n",
    b"a,b\n1,\"x \"\"y\"\"\"\n,2.5\n",
    b"a\tb\n1\tnan\n",
    b"\x82\xa1a\x93\x01\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a\xc0\xa1b\x81\xcc\xff\xc4\x02xy",
    b"\xa2\x61a\x9f\x01\xfb\x3f\xb9\x99\x99\x99\x99\x99\x9a\xf9\x3e\x00\xff\x61b\xa1\x18\xff\xc2\x42xy",
];

/// Reads in every way; what is read must also be written and read back.
fn exercise(name: &str, bytes: &[u8]) {
    let options = ReadOptions::default();
    let tree = read_tree(name, bytes, &options);
    let Ok(document) = read(name, bytes, &options) else { return };
    let tree = tree.expect("what has columns has a tree");
    assert!(same(&Tree::from_row(&document.schema, &document.column, 0), &tree), "{tree:?}");
    let row = Row::<Compact>::new(&document.schema, &document.column, 0);
    let encoded = postcard::to_stdvec(&row).unwrap();
    let mut column = Column::new(&document.schema);
    let mut deserializer = postcard::Deserializer::from_bytes(&encoded);
    RowSeed::<Compact>::new(&document.schema, &mut column).deserialize(&mut deserializer).unwrap();
}

/// Whether the columns hold what the tree does: numbers are compared as numbers, and an absent key may be null.
fn same(columns: &Tree, tree: &Tree) -> bool {
    match (columns, tree) {
        (Tree::Map(ours), Tree::Map(theirs)) => {
            let theirs_at = |key: &Tree| theirs.iter().find(|(other, _)| other == key).map(|(_, value)| value);
            ours.iter().all(|(key, value)| theirs_at(key).map_or(*value == Tree::Null, |other| same(value, other)))
                && theirs.iter().all(|(key, _)| ours.iter().any(|(other, _)| other == key))
        }
        (Tree::List(ours), Tree::List(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Tree::Float(ours), Tree::Int(theirs)) => *ours as i128 == i128::from(*theirs),
        (Tree::Float(ours), Tree::UInt(theirs)) => *ours as i128 == i128::from(*theirs),
        (Tree::Float(ours), Tree::Float(theirs)) => {
            // Doubles of binary formats that are exact as singles come back as the decimal of the single.
            ours.to_bits() == theirs.to_bits()
                || (ours.is_nan() && theirs.is_nan())
                || f64::from(*ours as f32).to_bits() == theirs.to_bits()
        }
        (Tree::Float(ours), Tree::Float32(theirs)) => {
            (*ours as f32).to_bits() == theirs.to_bits() || (ours.is_nan() && theirs.is_nan())
        }
        (Tree::Float32(ours), Tree::Float32(theirs)) => {
            ours.to_bits() == theirs.to_bits() || (ours.is_nan() && theirs.is_nan())
        }
        (Tree::Float32(_), Tree::Float(_)) => same(tree, columns),
        (ours, theirs) => ours == theirs,
    }
}

fn scalar() -> impl Strategy<Value = Tree> {
    prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::Bool),
        any::<i64>().prop_map(Tree::Int),
        (-3i64..300).prop_map(Tree::Int),
        (1u64 << 63..).prop_map(Tree::UInt),
        any::<f64>().prop_filter("JSON has finite numbers only", |value| value.is_finite()).prop_map(Tree::Float),
        any::<f32>()
            .prop_filter("JSON has finite numbers only", |value| value.is_finite())
            .prop_map(|value| Tree::Float(value.to_string().parse().unwrap())),
        "\\PC{0,6}".prop_map(Tree::String),
        any::<String>().prop_map(Tree::String),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    scalar().prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Tree::List),
            prop::collection::btree_map("[a-d1/]{0,2}", inner, 0..12).prop_map(|entries| {
                Tree::Map(entries.into_iter().map(|(key, value)| (Tree::String(key), value)).collect())
            }),
        ]
    })
}

/// A column of one type of Rust: the same scalar everywhere.
fn column() -> impl Strategy<Value = Tree> {
    prop_oneof![
        prop::collection::vec(any::<i64>().prop_map(Tree::Int), 0..20),
        prop::collection::vec(
            (0u64..).prop_map(|value| i64::try_from(value).map_or(Tree::UInt(value), Tree::Int)),
            0..20
        ),
        prop::collection::vec((-70000i64..70000).prop_map(Tree::Int), 0..20),
        prop::collection::vec((-1e6f64..1e6).prop_map(Tree::Float), 0..20),
        prop::collection::vec((-1000i32..1000).prop_map(|value| Tree::Float(f64::from(value) / 8.0)), 0..20),
        prop::collection::vec(any::<String>().prop_map(Tree::String), 0..20),
    ]
    .prop_map(Tree::List)
}

/// Whether a refusal is one that valid documents may get.
fn is_fair(reason: &str) -> bool {
    reason.contains("no integer of 64 bits can be either")
}

fn holds_null(tree: &Tree) -> bool {
    match tree {
        Tree::Null => true,
        Tree::List(items) => items.iter().any(holds_null),
        Tree::Map(entries) => entries.iter().any(|(_, value)| holds_null(value)),
        _ => false,
    }
}

fn check(name: &str, bytes: &[u8], tree: &Tree) -> Result<(), TestCaseError> {
    let options = ReadOptions::default();
    let planted = read_tree(name, bytes, &options).unwrap();
    prop_assert!(same(&planted, tree) && same(tree, &planted), "{:?}", planted);
    match read(name, bytes, &options) {
        Ok(_) => exercise(name, bytes),
        Err(error) => prop_assert!(is_fair(error.reason()), "{error}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for name in NAMES {
            exercise(name, &bytes);
        }
    }

    #[test]
    fn text_that_is_nearly_json_is_read_or_refused(text in "[\\[\\]{}\",:0-9.eE+\\-ntfalsruINy\\\\ \n\u{e9}]{0,60}") {
        for name in &NAMES[..4] {
            exercise(name, text.as_bytes());
        }
    }

    #[test]
    fn damaged_documents_are_read_or_refused(
        seed in 0..SEEDS.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = SEEDS[seed].to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        exercise(NAMES[seed], &bytes);
        bytes.truncate(cut.index(bytes.len()));
        exercise(NAMES[seed], &bytes);
    }

    #[test]
    fn json_comes_back_as_it_was(tree in tree()) {
        check("a.json", &serde_json::to_vec(&tree).unwrap(), &tree)?;
    }

    #[test]
    fn columns_of_json_come_back_as_they_were(tree in column()) {
        check("a.json", &serde_json::to_vec(&tree).unwrap(), &tree)?;
    }

    #[test]
    fn messagepack_and_cbor_of_other_crates_come_back_as_they_were(tree in tree()) {
        check("a.msgpack", &rmp_serde::to_vec(&tree).unwrap(), &tree)?;
        // minicbor-serde writes a unit as an empty list.
        if !holds_null(&tree) {
            check("a.cbor", &minicbor_serde::to_vec(&tree).unwrap(), &tree)?;
        }
        let mut bytes = Vec::new();
        ciborium::into_writer(&tree, &mut bytes).unwrap();
        check("a.cbor", &bytes, &tree)?;
    }

    #[test]
    fn tables_of_text_come_back_as_they_were(
        rows in prop::collection::vec(prop::collection::vec("[a-z0-9,\"'\n é.+-]{0,6}", 3), 0..10)
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        exercise("a.csv", &bytes);
        let Tree::List(read) = read_tree("a.csv", &bytes, &ReadOptions::default()).unwrap() else { panic!() };
        prop_assert_eq!(read.len(), rows.len());
        for (row, read) in rows.iter().zip(&read) {
            let Tree::Map(cells) = read else { panic!() };
            for (text, (_, cell)) in row.iter().zip(cells) {
                // Of numbers the blanks around them are dropped, and their plus sign.
                let bare = text.trim_matches(' ');
                match cell {
                    Tree::Null => prop_assert!(["", "-", "--", ".", "na", "nan", "-nan"].contains(&bare), "{}", text),
                    Tree::String(cell) => prop_assert_eq!(text, cell),
                    Tree::Int(value) => prop_assert_eq!(bare.strip_prefix('+').unwrap_or(bare), &value.to_string()),
                    Tree::Float(value) => {
                        let number = bare.parse::<f64>().unwrap();
                        prop_assert!(number == *value || (number.is_nan() && value.is_nan()), "{}", text);
                    }
                    Tree::Bool(value) => prop_assert_eq!(bare, if *value { "yes" } else { "no" }),
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_fixtures_are_read_or_refused(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..3),
    ) {
        for name in ["orders.json", "access-log.ndjson", "stations.csv", "telemetry.msgpack", "mesh.cbor"] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
            let mut bytes = std::fs::read(path).unwrap();
            for (at, byte) in &damage {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            exercise(name, &bytes);
        }
    }
}
