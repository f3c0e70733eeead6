//! Lists longer than 65,536 elements, of every kind of element, through every codec in both representations.
//!
//! Some crates bound how many elements without memory of their own they decode (`bitcode`: 2^16), so the length matters and not
//! only the type.

use super::{decode_dynamic, decode_typed, encode_one, fingerprint, record};
use sercost::codec::{CODECS, Subject};
use sercost::model::Representation;
use sercost::payload::native::NativeStore;
use sercost::payload::{Column, Encodable, EnumSchema, Field, Schema, Shape, Tree};
use std::sync::Arc;

/// More than 2^16.
const MANY: usize = 66_000;

/// A list of `MANY` elements of each kind, all small.
fn lists() -> Vec<(&'static str, Schema, Column)> {
    let index = || (0..MANY as u32).collect::<Vec<u32>>();
    let numbers = || Column::U16((0..MANY).map(|at| at as u16).collect());
    let texts = || Column::String((0..MANY).map(|at| format!("{at:x}")).collect());
    let pair = || record("Pair", vec![("a", Schema::U16), ("b", Schema::Bool)]);
    let pairs = || Column::Record { rows: MANY, fields: vec![numbers(), Column::Bool(vec![true; MANY])] };
    let choice = Schema::Enum(EnumSchema::new(
        "Choice",
        vec![Field::new("Number", Schema::U16), Field::new("Text", Schema::String)],
    ));
    let chosen =
        Column::Enum { tags: vec![0; MANY], index: index(), variants: vec![numbers(), Column::String(Vec::new())] };
    let entry_ends: Vec<usize> = (1..=MANY).collect();
    let maps = Column::Map { ends: entry_ends.clone(), keys: Box::new(texts()), values: Box::new(numbers()) };
    vec![
        ("u16", Schema::U16, numbers()),
        ("string", Schema::String, texts()),
        ("unit", Schema::Unit, Column::Unit(MANY)),
        ("record", pair(), pairs()),
        ("option of record", Schema::option(pair()), Column::Option { index: index(), values: Box::new(pairs()) }),
        ("list", Schema::list(Schema::U16), Column::List { ends: entry_ends, items: Box::new(numbers()) }),
        ("map", Schema::map(Schema::String, Schema::U16), maps),
        ("enum", choice, chosen),
    ]
}

/// The list as a payload of its own, and as a field of a record, and a map of as many entries.
fn payloads() -> Vec<(String, Arc<Schema>, Column)> {
    let mut all = Vec::new();
    for (name, element, items) in lists() {
        let list = Column::List { ends: vec![MANY], items: Box::new(items.clone()) };
        all.push((format!("list of {name}"), Schema::list(element.clone()), list.clone()));
        if name == "record" {
            let field = record("Page", vec![("rows", Schema::list(element.clone()))]);
            all.push((format!("field with a list of {name}"), field, Column::Record { rows: 1, fields: vec![list] }));
            let keys = Column::String((0..MANY).map(|at| format!("{at:05}")).collect());
            let map = Column::Map { ends: vec![MANY], keys: Box::new(keys), values: Box::new(items) };
            all.push((format!("map of {name}"), Schema::map(Schema::String, element), map));
        }
    }
    all.into_iter().map(|(name, schema, column)| (name, Arc::new(schema), column)).collect()
}

#[test]
fn every_serde_codec_takes_long_lists_of_every_kind() {
    for (name, schema, column) in payloads() {
        let tree = Tree::from_row(&schema, &column, 0);
        let expected = fingerprint(&schema, &column);
        let encodable = Encodable::new(&schema, &column);
        for codec in CODECS.iter().filter(|codec| codec.decodes() && !codec.info().native) {
            let codec_name = codec.info().name;
            let bytes = encode_one(*codec, Subject::Typed(&encodable))
                .unwrap_or_else(|error| panic!("{codec_name}, {name}: {error}"));
            // A unit is an empty array to ciborium and minicbor, which is what a derived type has too.
            let decoded = decode_typed(*codec, &schema, &bytes)
                .unwrap_or_else(|error| panic!("{codec_name}, {name}, typed: {error}"));
            assert!(fingerprint(&schema, &decoded) == expected, "{codec_name}, {name}: another value came back");
            // Trees are decoded by one type, whatever they hold.
            if name.ends_with("record") && codec.refuses(Representation::Dynamic, &schema).is_none() {
                let bytes = encode_one(*codec, Subject::Dynamic(std::slice::from_ref(&tree)))
                    .unwrap_or_else(|error| panic!("{codec_name}, {name}, dynamic: {error}"));
                let found = decode_dynamic(*codec, &bytes)
                    .unwrap_or_else(|error| panic!("{codec_name}, {name}, dynamic: {error}"));
                assert_eq!(longest(&found), MANY, "{codec_name}, {name}");
            }
        }
    }
}

/// The length of the longest list or map down the first of each.
fn longest(tree: &Tree) -> usize {
    match tree {
        Tree::List(items) => items.len(),
        Tree::Map(entries) => entries.first().map_or(0, |(_, value)| longest(value)).max(entries.len()),
        _ => 0,
    }
}

/// The natively derived codecs, and everything else, on the shapes as the program makes them.
#[test]
fn every_codec_takes_every_shape_beyond_65536_elements() {
    for shape in ["zeros", "strings"] {
        let (schema, column) = Shape::new(shape, 66_000).expect("it is a shape").make(1);
        let native =
            NativeStore::new(&schema, &column).expect("postcard takes every shape").expect("every shape has a type");
        let expected = fingerprint(&schema, &column);
        let encodable = Encodable::new(&schema, &column);
        for codec in CODECS.iter().filter(|codec| codec.decodes()) {
            let name = codec.info().name;
            let subject = match codec.info().native {
                true => Subject::Native(native.messages(&column)),
                false => Subject::Typed(&encodable),
            };
            let bytes = encode_one(*codec, subject).unwrap_or_else(|error| panic!("{name}, {shape}: {error}"));
            let decoded =
                decode_typed(*codec, &schema, &bytes).unwrap_or_else(|error| panic!("{name}, {shape}: {error}"));
            assert!(fingerprint(&schema, &decoded) == expected, "{name}, {shape}: another value came back");
        }
    }
}
