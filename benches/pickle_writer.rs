//! The writer against CPython: the codec `pickle:4` against `pickle.dumps`, the same payloads in the same rounds.
//!
//! `cargo bench --bench pickle_writer` runs `sercost profile` with the rows of Python, which hold the same values as Python
//! objects and are encoded in turns with ours, and prints for each payload the ratio of the medians, the bytes (which
//! must be the same), and the peak memory of either. What it must show: at least twice the speed on each payload.

mod support;

use sercost::model::{Bytes, Measurement, Run, Stage};
use support::{in_earnest, p50, profile};

/// The payloads, and the least speed of each as a multiple of CPython's; `None` where it is only of interest.
const PAYLOADS: [(&str, u64, Option<f64>); 8] = [
    ("zeros", 10_000_000, Some(2.0)),
    ("range", 10_000_000, Some(2.0)),
    ("floats", 1_000_000, Some(2.0)),
    ("strings", 1_000_000, Some(2.0)),
    ("dicts", 100_000, Some(2.0)),
    ("records", 100_000, None),
    ("nested", 10_000, None),
    ("bytes", 50_000_000, None),
];

fn main() {
    let rounds = if in_earnest() { "11" } else { "1" };
    println!("payload              bytes    CPython    sercost  ratio  heap beside the payload");
    let mut missed = Vec::new();
    for (shape, count, least) in PAYLOADS {
        let payload = format!("{shape}:{}", if in_earnest() { count } else { 100 });
        let run = profile(&[&payload, "--codec", "pickle:4,python:pickle4", "--rounds", rounds]);
        let (ours, theirs) = (encode(&run, "pickle:4"), encode(&run, "python:pickle4"));
        assert_eq!(ours.bytes, theirs.bytes, "{payload}: not the bytes of CPython");
        let ratio = p50(theirs) / p50(ours);
        let heap = ours.allocations.and_then(|allocations| allocations.peak_bytes).unwrap_or(0);
        println!(
            "{payload:<16} {:>9} {:>7.1} ms {:>7.1} ms {ratio:>6.2}  {}",
            ours.bytes.unwrap_or(0),
            p50(theirs) / 1e6,
            p50(ours) / 1e6,
            Bytes(heap),
        );
        if least.is_some_and(|least| ratio < least) {
            missed.push(payload);
        }
    }
    if in_earnest() && !missed.is_empty() {
        println!("less than twice the speed of CPython: {}", missed.join(", "));
        std::process::exit(1);
    }
}

/// The encoding of a codec.
fn encode<'a>(run: &'a Run, codec: &str) -> &'a Measurement {
    run.measurements
        .iter()
        .find(|row| row.codec == codec && row.stage == Stage::Encode)
        .unwrap_or_else(|| panic!("there is no row for {codec}: is there a python3 on the path?"))
}
