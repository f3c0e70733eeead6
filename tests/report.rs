//! What a user sees of a run: widths, tables, words.

mod synthetic;

use sercost::model::{Measurement, Run, Stage};
use sercost::report::{TextOptions, csv, json, markdown, text};
use synthetic::{Trip, payload};
use unicode_width::UnicodeWidthStr;

fn at(run: &Run, width: usize) -> String {
    text(run, &TextOptions { width, color: false })
}

/// A run of one payload.
fn run(trips: Vec<Trip>) -> Run {
    let mut info = payload("ints:1k", "list of 1,000 i64");
    info.reference = Some("json".into());
    synthetic::run(vec![(info, trips)])
}

fn json_row(encode: f64, decode: f64) -> Trip {
    Trip::new("json", "serde_json 1.0.154", 4_000_000, encode, 1.0, decode)
}

/// Names and errors that would break a table, a line or a terminal.
fn hostile() -> Run {
    let mut info = payload("\u{1b}[31m日本語\n../a|b*c_d`<e>.json", "a record\twith | bars and\u{202e} reversed text");
    info.notes = vec!["x".repeat(500), "日本語".repeat(80)];
    info.reference = Some("json".into());
    let why = "at $[\"\u{7}a|b\"]:\nexpected `u64`, found <nothing>";
    let trips = vec![
        json_row(1e-9, 1e9).ratio(1.0, 1.0, 1.0).lossy(&[why]),
        Trip::new("a-codec-with-a-name-that-nobody-would-type-twice", "x 1", u64::MAX, 1.0, 1.0, 1.0)
            .compressed("a-compressor-of-the-same-kind:22", 0.0, 0.0)
            .ratio(1e12, 0.0, 1e300),
        Trip::new("bad", "y 2", 1, 1.0, 1.0, 1.0).fails(Stage::Decode, why).over("unix\u{8}"),
    ];
    synthetic::run(vec![(info, trips)])
}

#[test]
fn text_at_three_widths() {
    insta::assert_snapshot!("plain_100", at(&synthetic::plain(), 100));
    insta::assert_snapshot!("plain_80", at(&synthetic::plain(), 80));
    insta::assert_snapshot!("plain_60", at(&synthetic::plain(), 60));
    insta::assert_snapshot!("rich_140", at(&synthetic::rich(), 140));
    insta::assert_snapshot!("rich_100", at(&synthetic::rich(), 100));
    insta::assert_snapshot!("rich_60", at(&synthetic::rich(), 60));
    insta::assert_snapshot!("tasks_100", at(&synthetic::tasks(), 100));
    insta::assert_snapshot!("tasks_60", at(&synthetic::tasks(), 60));
    insta::assert_snapshot!("python_100", at(&synthetic::python(), 100));
}

#[test]
fn markdown_and_csv() {
    insta::assert_snapshot!("plain_markdown", markdown(&synthetic::plain()));
    insta::assert_snapshot!("rich_markdown", markdown(&synthetic::rich()));
    insta::assert_snapshot!("hostile_markdown", markdown(&hostile()));
    insta::assert_snapshot!("plain_csv", csv(&synthetic::plain()));
    insta::assert_snapshot!("tasks_markdown", markdown(&synthetic::tasks()));
    insta::assert_snapshot!("tasks_csv", csv(&synthetic::tasks()));
}

#[test]
fn no_line_is_wider_than_asked() {
    for run in [synthetic::plain(), synthetic::rich(), synthetic::tasks(), hostile()] {
        for width in 1..=160 {
            for line in at(&run, width).lines() {
                // A character of two columns cannot be shown in one.
                assert!(line.width() <= width.max(2), "{width}: {} columns in {line:?}", line.width());
                assert_eq!(line, line.trim_end(), "{width}");
            }
        }
    }
}

#[test]
fn at_sixty_columns_rank_codec_bytes_total_and_ratio_are_there() {
    for run in [synthetic::plain(), synthetic::rich()] {
        let text = at(&run, 60);
        let head = text.lines().find(|line| line.contains("codec")).unwrap();
        for title in ["codec", "bytes", "total", "ratio"] {
            assert!(head.contains(title), "{title} in {head}");
        }
    }
}

#[test]
fn color_changes_nothing_but_the_color() {
    let run = synthetic::plain();
    let colored = text(&run, &TextOptions { width: 100, color: true });
    assert!(colored.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), at(&run, 100));
}

#[test]
fn data_brings_no_control_characters() {
    for output in [at(&hostile(), 100), markdown(&hostile())] {
        let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!output.contains(harmful), "{output:?}");
    }
}

#[test]
fn a_row_joins_the_group_of_the_leader_that_it_is_not_surely_slower_than() {
    let row = |name, total: f64, low, high| Trip::new(name, "x 1", 10, total, 0.0, 0.0).ratio(total, low, high);
    let run = run(vec![
        row("a", 1.0, 1.0, 1.0),
        row("b", 1.3, 1.2, 1.4).unsteady(),
        // Not surely slower than b, but than a, which leads: beyond chance, and beyond what the measuring can shift.
        row("c", 1.7, 1.6, 1.8),
        row("d", 2.2, 2.1, 2.3).unsteady(),
        row("e", 4.0, 3.9, 4.1),
    ]);
    let text = at(&run, 100);
    let places: Vec<_> = text
        .lines()
        .skip(7)
        .take(5)
        .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(places, ["1= a", "1= b", "3= c", "3= d", "5 e"]);
}

#[test]
fn a_row_faster_than_the_reference_leads_and_says_so() {
    let run = run(vec![
        json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0),
        Trip::new("postcard", "postcard 1.1.3", 1_000_000, 1.0, 1.0, 1.0).ratio(0.143, 0.14, 0.15),
    ]);
    let text = at(&run, 120);
    let rows: Vec<_> = text.lines().skip(7).take(2).collect();
    assert!(rows[0].starts_with("1  postcard") && rows[0].contains("faster"), "{text}");
    assert!(rows[1].starts_with("2  json") && rows[1].contains("reference"), "{text}");
    assert!(text.contains("postcard is the fastest at every bandwidth"), "{text}");
}

#[test]
fn an_interval_that_excludes_one_never_shows_as_one() {
    let run = run(vec![
        json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0),
        Trip::new("postcard", "postcard 1.1.3", 1_000_000, 10.0, 1.0, 10.1).ratio(1.004, 1.002, 1.006),
    ]);
    assert!(at(&run, 100).contains("1.004  1.002–1.006"), "{}", at(&run, 100));
}

#[test]
fn a_gap_between_the_stages_and_the_total_is_said() {
    let mut row = json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0);
    row.unnamed = 0.08;
    let text = at(&run(vec![row]), 100);
    assert!(text.contains("end-to-end time only within 7.5 % (worst: json); trust the total"), "{text}");
}

#[test]
fn rounds_in_which_a_row_did_not_run_are_left_out_of_the_closure() {
    let mut run = run(vec![json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0)]);
    for m in &mut run.measurements {
        m.samples_ns[0] = None;
        if m.stage == Stage::Total {
            m.samples_ns[1] = Some(1);
        }
    }
    let text = at(&run, 100);
    assert!(text.contains("the stages sum to the end-to-end time within 0.2 % (worst: json)"), "{text}");
}

#[test]
fn a_run_with_nothing_in_it_says_so() {
    let mut run = synthetic::plain();
    run.measurements.clear();
    assert!(at(&run, 100).contains("\nnothing was measured\n"));
    assert!(markdown(&run).contains("\nNothing was measured.\n"));
    run.payloads.clear();
    assert!(at(&run, 100).starts_with("nothing was measured\n"));
    assert_eq!(csv(&run).lines().count(), 1);
}

#[test]
fn a_run_in_which_everything_failed_shows_why() {
    let text = at(&run(vec![json_row(1.0, 1.0).fails(Stage::Encode, "no such thing")]), 100);
    assert!(text.contains("failed     json: no such thing") || text.contains("failed  json: no such thing"), "{text}");
    assert!(!text.contains("percentiles"), "{text}");
}

#[test]
fn a_row_that_failed_after_it_was_measured_keeps_its_rank_and_is_marked() {
    let mut run = run(vec![json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0)]);
    let last = run.measurements.iter_mut().find(|m| m.stage == Stage::Total).unwrap();
    last.error = Some("the receiving process was killed in round 4".into());
    let text = at(&run, 100);
    assert!(text.contains("1  json !"), "{text}");
    assert!(text.contains("! measured, then failed: see below"), "{text}");
}

#[test]
fn a_debug_build_is_said_before_any_number() {
    let mut run = synthetic::plain();
    run.environment.build_profile = "debug".into();
    assert!(at(&run, 100).starts_with("debug build  "));
}

#[test]
fn csv_names_its_columns_as_the_results_file_does() {
    let output = csv(&synthetic::plain());
    let mut reader = csv_reader(&output);
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = serde_json::to_value(&synthetic::plain().measurements[0]).unwrap();
    for name in &header {
        let (owner, member) = match name.split_once('.') {
            Some((owner, member)) => (&row[owner], member),
            None if row.get(name).is_some() => (&row, name.as_str()),
            None => (&row["summary"], name.as_str()),
        };
        assert!(owner.get(member).is_some(), "{name}");
    }
    let members: usize =
        [&row, &row["summary"], &row["allocations"]].iter().map(|v| v.as_object().unwrap().len()).sum();
    // All of them but the samples and the two objects themselves.
    assert_eq!(header.len(), members - 3);
    assert_eq!(reader.records().count(), synthetic::plain().measurements.len());
}

fn csv_reader(text: &str) -> ::csv::Reader<&[u8]> {
    ::csv::ReaderBuilder::new().from_reader(text.as_bytes())
}

#[test]
fn csv_has_base_units_and_every_digit() {
    let mut run = synthetic::plain();
    run.measurements.truncate(1);
    let summary = run.measurements[0].summary.as_mut().unwrap();
    (summary.p50_ns, summary.ratio) = (0.1 + 0.2, Some(1.0 / 3.0));
    let line = csv(&run).lines().nth(1).unwrap().to_owned();
    assert!(line.contains(",0.30000000000000004,") && line.contains(",0.3333333333333333,"), "{line}");
}

#[test]
fn json_is_the_run() {
    for run in [synthetic::plain(), synthetic::rich(), synthetic::tasks(), hostile()] {
        assert_eq!(serde_json::from_str::<Run>(&json(&run)).unwrap(), run);
    }
}

#[test]
fn markdown_tables_have_as_many_cells_in_every_line() {
    for run in [synthetic::plain(), synthetic::rich(), synthetic::tasks(), hostile()] {
        let mut cells = None;
        for line in markdown(&run).lines() {
            let count = line.starts_with('|').then(|| line.replace("\\|", "").matches('|').count());
            if let (Some(before), Some(now)) = (cells, count) {
                assert_eq!(before, now, "{line}");
            }
            cells = count;
        }
    }
}

#[test]
fn rows_are_found_whatever_the_order_of_measurements() {
    let mut run = synthetic::plain();
    let before = at(&run, 100);
    // By stage and not by trip: as a schedule might write them.
    run.measurements.sort_by_key(|m: &Measurement| m.stage);
    assert_eq!(at(&run, 100).lines().take(20).collect::<Vec<_>>(), before.lines().take(20).collect::<Vec<_>>());
}
