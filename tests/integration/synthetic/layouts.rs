//! A run in several layouts of derived code.

use super::{Trip, payload, run};
use sercost::model::{Layouts, Representation, Run, Stage};
use sercost::stats::across_layouts;

/// How layouts shift the codecs: all alike, so that the order holds in each.
const SHIFTS: [f64; 8] = [1.0, 1.08, 1.02, 1.05, 0.98, 1.01, 1.11, 1.03];

/// The rounds of each layout, about its median.
const ROUNDS: [f64; 3] = [1.0, 1.004, 0.995];

/// postcard and bincode a tenth apart in each layout, cbor and msgpack as far from one another but in the fourth layout, where
/// they change places; json far behind.
pub fn in_layouts(count: usize) -> Run {
    let trip = |codec, ms: f64| {
        let ratio = (2.0 * ms + 0.1) / (2.0 * 11.0 + 0.1);
        let trip = Trip::new(codec, "1.0", 1_000_000, ms, 0.1, ms).ratio(ratio, 0.96 * ratio, 1.04 * ratio);
        Trip { representation: Representation::Derived, ..trip }
    };
    let trips = vec![
        trip("json", 90.0),
        trip("postcard", 10.0),
        trip("bincode", 11.0),
        trip("cbor", 30.0),
        trip("msgpack", 33.0),
    ];
    let mut info = payload("orders.json", "list of 1,000 records");
    info.reference = Some("bincode (derived)".into());
    info.rounds = (ROUNDS.len() * count) as u64;
    info.layouts = Some(Layouts {
        rounds: vec![ROUNDS.len() as u64; count],
        seeds: (1..=count as u64).collect(),
        linker: Some("LLD 22.1.2".into()),
    });
    let mut run = run(vec![(info, trips)]);
    for row in &mut run.measurements {
        let summary = row.summary.as_mut().unwrap();
        let shift = |layout: usize| match (row.codec.as_str(), row.stage, layout) {
            (_, Stage::Transfer, _) => 1.0,
            ("msgpack", _, 3) => SHIFTS[layout] / 1.25,
            (_, _, layout) => SHIFTS[layout],
        };
        let of = |layout: usize| {
            let median = summary.p50_ns * shift(layout);
            ROUNDS.map(|round| Some((median * round).round() as u64))
        };
        row.samples_ns = (0..count).flat_map(of).collect();
        row.layouts = across_layouts(&(0..count).map(|layout| summary.p50_ns * shift(layout)).collect::<Vec<_>>());
        summary.count = row.samples_ns.len() as u64;
        row.instructions = matches!(row.stage, Stage::Encode | Stage::Decode).then_some(4 * summary.p50_ns as u64);
    }
    run
}
