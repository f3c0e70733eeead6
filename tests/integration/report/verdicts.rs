//! Verdicts in words: ties, rounds that are too few, rows that lose something.

use super::{at, details, json_row, run};
use crate::synthetic::Trip;
use sercost::model::Run;
use sercost::report::{Shown, TextOptions, text};

/// Two rows, each measured in so many rounds.
fn in_rounds(rounds: usize, postcard: f64) -> Run {
    let mut run = run(vec![
        json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0),
        Trip::new("postcard", "postcard 1.1.3", 1_000_000, postcard, 1.0, postcard).ratio(postcard / 10.0, 0.4, 0.6),
    ]);
    for m in &mut run.measurements {
        m.samples_ns.truncate(rounds);
        if let Some(summary) = m.summary.as_mut() {
            summary.count = rounds as u64;
        }
    }
    run
}

#[test]
fn six_rounds_have_no_verdict_and_seven_have_one() {
    for details in [false, true] {
        let text = |rounds| {
            text(&in_rounds(rounds, 1.0), &TextOptions { shown: Shown::details(details), ..TextOptions::default() })
        };
        let (six, seven) = (text(6), text(7));
        assert!(six.contains("too few for verdicts"), "{six}");
        assert!(!six.contains(" tie") && !six.contains("verdicts hold"), "{six}");
        assert!(seven.contains("verdicts hold at 95 %") && !seven.contains("too few"), "{seven}");
    }
    let six = at(&in_rounds(6, 1.0), 100);
    assert!(six.contains("(10.0 x faster)") && six.contains("verdicts, which begin"), "{six}");
    assert!(six.contains("--rounds 7 tells closer rows apart") || six.contains("--time 60s tells"), "{six}");
}

#[test]
fn a_tie_whose_interval_leaves_one_out_is_explained() {
    let explained = |low: f64| {
        let run = run(vec![
            json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0),
            Trip::new("postcard", "postcard 1.1.3", 4_000_000, 10.0, 1.0, 10.0).unsteady().ratio(low, low, low + 0.02),
        ]);
        let text = details(&run, 200);
        assert!(text.contains("≈ a tie"), "{text}");
        text.contains("an interval is of its row alone, a verdict of the whole table")
    };
    assert!(explained(0.95) && !explained(0.99));
}

#[test]
fn more_rounds_are_advised_only_where_they_help() {
    let next = |run: &Run| {
        let text = at(run, 200);
        text.lines().find(|line| line.starts_with("next")).unwrap_or_else(|| panic!("{text}")).to_owned()
    };
    let mut tied = run(vec![
        json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0),
        Trip::new("postcard", "postcard 1.1.3", 4_000_000, 10.0, 1.0, 10.0).unsteady().ratio(1.0, 0.9, 1.1),
    ]);
    tied.environment.time_budget_ns = Some(20_000_000_000);
    assert!(next(&tied).contains("--time 60s tells closer rows apart"), "{}", next(&tied));
    // A longer time than there was.
    tied.environment.time_budget_ns = Some(60_000_000_000);
    assert!(next(&tied).contains("--time 180s tells closer rows apart"), "{}", next(&tied));
    // A run that ended at the cap has no use for more time.
    for summary in tied.measurements.iter_mut().filter_map(|m| m.summary.as_mut()) {
        summary.count = 1000;
    }
    assert!(next(&tied).contains("--rounds 3000 tells closer rows apart"), "{}", next(&tied));
    // What the measuring itself can shift, no number of rounds tells apart.
    let close = in_rounds(10, 9.0);
    assert!(at(&close, 100).contains(" close"), "{}", at(&close, 100));
    assert!(!next(&close).contains("closer"), "{}", next(&close));
}

#[test]
fn what_loses_something_is_marked_and_leads_nothing() {
    let text = at(
        &run(vec![
            json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0),
            Trip::new("marshal", "x 1", 1_000_000, 1.0, 1.0, 1.0)
                .ratio(0.14, 0.13, 0.15)
                .lossy(&["$: ndarray became bytes"]),
            Trip::new("postcard", "postcard 1.1.3", 2_000_000, 3.0, 1.0, 3.0).ratio(0.33, 0.32, 0.34),
        ]),
        120,
    );
    assert!(text.lines().any(|line| line.starts_with("1  marshal ≠  ")), "{text}");
    assert!(text.contains("≠ loses something: no candidate"), "{text}");
    assert!(
        text.contains("fastest    postcard: 3.03 x faster than json; marshal is faster, but loses something"),
        "{text}"
    );
    assert!(
        text.contains(
            "smallest   postcard, 2.00 MB: 2.00 x smaller than json; marshal is smaller, but loses something"
        ),
        "{text}"
    );
    assert!(text.contains("postcard is the best at every bandwidth"), "{text}");
}

#[test]
fn the_speed_of_dynamic_rows_alone_is_that_of_the_file() {
    let mut run = run(vec![json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0).dynamic()]);
    let info = &mut run.payloads[0];
    (info.memory_bytes, info.file_bytes, info.schema) = (84_000_000, Some(21_042_000), serde_json::Value::Null);
    info.reference = Some("json (dynamic)".into());
    let text = at(&run, 120);
    assert!(text.contains("against json ") && !text.contains("(dynamic)"), "{text}");
    let json = text.lines().find(|line| line.starts_with('1')).unwrap();
    assert!(json.split_whitespace().any(|cell| cell == "1,000" || cell == "1.00k" || cell == "1000"), "{text}");
}
