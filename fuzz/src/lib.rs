//! What must hold of every attribution, whatever the bytes.

use sercost_pickle::model::Attribution;

/// Each byte belongs to one part, and parts contain what they consist of.
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
