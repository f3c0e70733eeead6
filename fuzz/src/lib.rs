//! The rooms that are fuzzed, taken from sercost's source: without the rest, and without the rest's dependencies.

#![allow(dead_code, reason = "only a part of each room is reached from here")]

#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/pickle/mod.rs"]
pub mod pickle;
#[path = "../../src/unpack.rs"]
pub mod unpack;

use model::Attribution;

/// What must hold of every attribution, whatever the bytes: each belongs to one part, and parts contain what they
/// consist of.
pub fn check(attribution: &Attribution) {
    let own: u64 = attribution.parts.iter().map(|part| part.own_bytes).sum();
    assert_eq!(own, attribution.bytes, "the parts do not sum to the file");
    let mut below: Vec<u64> = attribution.parts.iter().map(|part| part.own_bytes).collect();
    for (at, part) in attribution.parts.iter().enumerate().rev() {
        assert_eq!(below[at], part.bytes, "a part is not the sum of its parts");
        if let Some(parent) = part.parent {
            assert!(parent < at, "a part comes before what it is a part of");
            below[parent] += below[at];
        }
    }
}
