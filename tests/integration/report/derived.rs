//! Rows of derived code beside typed ones: what is ranked, and what is said of the two.

use super::{at, details, run};
use crate::synthetic::Trip;
use sercost::analysis::{Place, Turned, collect};
use sercost::model::{DerivedCode, DerivedRatio, Ratio, Representation, Run};

fn trip(codec: &'static str, derived: bool, encode: f64) -> Trip {
    let trip = Trip::new(codec, "1.0", 1_000_000, encode, 1.0, encode);
    Trip { representation: if derived { Representation::Derived } else { Representation::Typed }, ..trip }
}

/// msgpack and cbor stand one way as typed rows and, by a factor, the other way in derived code.
fn turned(typed_cbor: f64) -> Run {
    let mut run = run(vec![
        trip("msgpack", false, 10.0),
        trip("cbor", false, typed_cbor),
        trip("bson", false, 90.0),
        trip("msgpack", true, 30.0),
        trip("cbor", true, 8.0),
    ]);
    let ratio = |median: f64| Some(Ratio { median, low: Some(0.9 * median), high: Some(1.1 * median) });
    let of = |codec: &str, median: f64| DerivedRatio {
        codec: codec.into(),
        compressor: None,
        encode: ratio(median),
        decode: ratio(median / 2.0),
    };
    run.payloads[0].reference = Some("msgpack (derived)".into());
    run.payloads[0].derived =
        Some(DerivedCode { rustc_version: "rustc 1.95.0".into(), ratios: vec![of("msgpack", 3.0), of("cbor", 0.64)] });
    run
}

#[test]
fn derived_rows_are_ranked_and_typed_ones_stand_below_them() {
    let run = turned(12.5);
    let payload = &collect(&run)[0];
    let places: Vec<(&str, Representation, Option<usize>)> = payload.sections[0]
        .rows
        .iter()
        .map(|(place, row)| {
            let rank = match place {
                Place::Ranked { rank, .. } => Some(*rank),
                Place::Beside | Place::Unranked => None,
            };
            (row.label.as_str(), row.key.representation, rank)
        })
        .collect();
    let expected = [
        ("cbor", Representation::Derived, Some(1)),
        ("cbor", Representation::Typed, None),
        ("msgpack", Representation::Derived, Some(2)),
        ("msgpack", Representation::Typed, None),
        // Without derived code, the typed row stands for itself.
        ("bson", Representation::Typed, Some(3)),
    ];
    assert_eq!(places, expected);
    let text = at(&run, 200);
    assert!(text.contains("fastest    cbor (derived): 3.59 x faster than the next, msgpack (derived)"), "{text}");
}

#[test]
fn an_order_that_differs_is_said_and_whether_a_verdict_is_contradicted() {
    let found = |typed_cbor| collect(&turned(typed_cbor))[0].turned.clone();
    let pair = |contradicts| vec![Turned { faster: "cbor".into(), slower: "msgpack".into(), contradicts }];
    assert_eq!(found(12.5), pair(false));
    assert_eq!(found(60.0), pair(true));
    assert_eq!(found(9.0), []);

    let text = at(&turned(12.5), 200);
    let range =
        "derived code takes this much of the typed rows' time: 0.640 to 3.00 to encode, 0.320 to 1.50 to decode";
    assert!(text.contains(range), "{text}");
    let order = "the order differs: in derived code cbor is faster than msgpack (slower as typed, within the margin)";
    assert!(text.contains(order), "{text}");
    assert!(at(&turned(60.0), 200).contains("cbor is faster than msgpack (surely slower as typed)"));
    assert!(at(&turned(9.0), 200).contains("; the order of no two codecs differs"));

    let text = details(&turned(12.5), 200);
    assert!(text.contains("both compiled by rustc 1.95.0"), "{text}");
    assert!(text.contains("cbor: encode 0.640 (0.576 to 0.704), decode 0.320 (0.288 to 0.352)"), "{text}");
}
