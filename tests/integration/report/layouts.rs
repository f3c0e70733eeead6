//! Rows in several layouts of their code: verdicts that hold in all of them, and what is said of the others.

use super::{at, details};
use crate::synthetic;
use sercost::analysis::collect;
use sercost::model::{Run, Verdict};
use sercost::report::csv;

/// The verdict of a codec against another.
fn verdict(mut run: Run, codec: &str, reference: &str) -> Option<Verdict> {
    run.payloads[0].reference = Some(format!("{reference} (derived)"));
    let payloads = collect(&run);
    payloads[0].rows().find(|row| row.label == codec).unwrap().verdict()
}

#[test]
fn a_verdict_is_what_holds_in_all_layouts() {
    let eight = || synthetic::in_layouts(8);
    assert_eq!(verdict(eight(), "postcard", "bincode"), Some(Verdict::Faster));
    assert_eq!(verdict(eight(), "json", "cbor"), Some(Verdict::Slower));
    // Twenty-one of twenty-four rounds say so, and one layout of eight does not.
    assert_eq!(verdict(eight(), "cbor", "msgpack"), Some(Verdict::Tie));
    let text = at(&eight(), 100);
    assert!(text.contains("24 rounds in 8 layouts"), "{text}");
    assert!(text.contains("verdicts of derived code hold across them"), "{text}");
}

#[test]
fn few_layouts_show_their_spread_and_leave_the_margin() {
    let four = || synthetic::in_layouts(4);
    assert_eq!(verdict(four(), "postcard", "bincode"), Some(Verdict::Placement));
    assert_eq!(verdict(four(), "json", "cbor"), Some(Verdict::Slower));
    let text = at(&four(), 100);
    assert!(text.contains("within code placement: no more than code shifts that lies elsewhere"), "{text}");
    assert!(text.contains("--layouts 7 and more give verdicts that hold across them"), "{text}");
}

#[test]
fn spreads_intervals_and_instructions_are_columns() {
    let run = synthetic::in_layouts(8);
    insta::assert_snapshot!("layouts_100", at(&run, 100));
    insta::assert_snapshot!("layouts_60", at(&run, 60));
    insta::assert_snapshot!("layouts_details_200", details(&run, 200));
    let table = csv(&run);
    let header = table.lines().next().unwrap();
    assert!(header.ends_with(
        "left_out,layouts.count,layouts.spread,layouts.mean_ns,layouts.low_ns,layouts.high_ns,instructions"
    ));
    assert!(table.lines().nth(1).unwrap().ends_with(",360000000"), "{table}");
}
