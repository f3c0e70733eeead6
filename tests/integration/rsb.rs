//! The data of `rust_serialization_benchmark` as user code, and the sizes that its pages publish. `cargo test --bench rsb`
//! holds the others: in code that is not optimized, the slower codecs take a minute for them.

#[allow(dead_code, reason = "the bench uses all of it")]
#[path = "../../benches/support/rsb/mod.rs"]
mod data;

use data::published::{KINDS, PUBLISHED};
use data::{BY_SERDE, STUDIES};

/// Holds the sizes of a kind of data to the byte: in these codecs that speak serde, and in all others.
fn hold(kind: usize, formats: &[&str]) {
    let run = STUDIES[kind](formats, 1).unwrap();
    let held = |codec| formats.contains(codec) || !BY_SERDE.contains(codec);
    let mut wrong = Vec::new();
    for published in PUBLISHED.iter().filter(|published| held(&published.codec)) {
        let row = run.row(KINDS[kind], published.codec);
        let losses = row.losses().unwrap_or_else(|| panic!("{}: {:?}", published.codec, row.error()));
        // The last bit of some `f64`, which only players have: RSB builds serde_json with `float_roundtrip`.
        let is_lossy = published.codec == "json" && KINDS[kind] == "minecraft_savedata";
        assert_eq!(!losses.is_empty(), is_lossy, "{}: {losses:?}", published.codec);
        if row.bytes() != published.sizes[kind] {
            wrong.push(format!("{}: {} and not {}", published.codec, row.bytes(), published.sizes[kind]));
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "{}", KINDS[kind]);
}

#[test]
fn logs_have_the_published_sizes() {
    hold(0, &BY_SERDE);
}

#[test]
fn the_mesh_has_the_published_sizes() {
    hold(1, &["bincode"]);
}

#[test]
fn players_have_the_published_sizes() {
    hold(2, &BY_SERDE);
}

#[test]
fn updates_have_the_published_sizes() {
    hold(3, &["bincode"]);
}
