//! The order in which rows are warmed up: those first that are usually fast, so that a short time is spent on rows that matter.
//!
//! It decides what is left out where the time is short, and nothing else.

use super::lane::Lane;
use super::settings::{Settings, Way};
use crate::codec::CodecSpec;

/// Codecs from fast to slow, as they are on most payloads; JSON stands before its place, since it is what most compare with.
const USUALLY: [&str; 21] = [
    "null",
    "postcard",
    "bincode-fixed",
    "wincode",
    "borsh",
    "rkyv",
    "bitcode",
    "json",
    "bincode",
    "msgpack",
    "pickle:4",
    "cbor",
    "msgpack-named",
    "pickle:5",
    "smile",
    "flexbuffers",
    "ciborium",
    "bson",
    "serde-pickle:3",
    "pickle:2",
    "serde-pickle:2",
];

/// Where rows of Python stand: behind the fast ones and JSON.
const PYTHON: usize = 8;

/// The lanes in the order of their warm-up.
pub(super) fn warm_up_order(lanes: &[Lane], settings: &Settings) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lanes.len()).collect();
    order.sort_by_key(|&at| {
        let lane = &lanes[at];
        let name = lane.name();
        let wanted = settings.reference.as_ref() == Some(&name) || settings.own_format.contains(&name);
        // Sorting is stable: transports and copies of a codec keep their order.
        (!lane.is_null(), !wanted, usual_place(&lane.way))
    });
    order
}

fn usual_place(way: &Way) -> usize {
    match way {
        Way::Python(_) => PYTHON,
        Way::Rust(trip) => {
            let CodecSpec { codec, compression } = trip.spec;
            let place = USUALLY.iter().position(|&name| name == codec.info().name).unwrap_or(USUALLY.len());
            // Compressing takes longer than most codecs.
            place + compression.map_or(0, |_| USUALLY.len() / 2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;

    #[test]
    fn every_name_is_a_codec() {
        for name in USUALLY {
            assert!(codec::find(name).is_some(), "{name}");
        }
    }
}
