//! The data of `rust_serialization_benchmark` as user code, and the sizes that its pages publish.

#[path = "../../benches/support/rsb/mod.rs"]
mod data;

use data::STUDIES;
use data::published::{KINDS, PUBLISHED};

/// Holds the sizes of a kind of data, of all codecs, to the byte.
fn hold(kind: usize) {
    let run = STUDIES[kind](1).unwrap();
    let mut wrong = Vec::new();
    for published in &PUBLISHED {
        let row = run.row(KINDS[kind], published.codec);
        assert_eq!(row.losses(), Some(Vec::new()), "{}: {:?}", published.codec, row.error());
        let is_apart = published.apart.is_some_and(|(apart, _)| apart == kind);
        if (row.bytes() == published.sizes[kind]) == is_apart {
            wrong.push(format!("{}: {} and not {}", published.codec, row.bytes(), published.sizes[kind]));
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "{}", KINDS[kind]);
}

#[test]
fn logs_have_the_published_sizes() {
    hold(0);
}

#[test]
fn the_mesh_has_the_published_sizes() {
    hold(1);
}

#[test]
fn players_have_the_published_sizes() {
    hold(2);
}

#[test]
fn updates_have_the_published_sizes() {
    hold(3);
}

#[test]
fn updates_of_2024_have_the_size_that_was_published_for_bson() {
    let bson = PUBLISHED.iter().find(|published| published.codec == "bson").unwrap();
    let (kind, _) = bson.apart.unwrap();
    assert_eq!(data::mk48_of_2024(1).unwrap().row(KINDS[kind], "bson").bytes(), bson.sizes[kind]);
}
