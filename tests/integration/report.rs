//! The report of a run as a user sees it: widths, tables, words.

mod derived;
mod layouts;
mod verdicts;

use crate::synthetic::{self, Trip, payload};
use sercost::model::{Measurement, Noise, Run, Stage};
use sercost::report::{Shown, TextOptions, csv, json, markdown, text};
use unicode_width::UnicodeWidthStr;

fn at(run: &Run, width: usize) -> String {
    text(run, &TextOptions { width, ..TextOptions::default() })
}

/// With every row and all that was counted.
fn details(run: &Run, width: usize) -> String {
    text(run, &TextOptions { width, shown: Shown::details(true), ..TextOptions::default() })
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
    insta::assert_snapshot!("crowd_100", at(&synthetic::crowd(), 100));
    insta::assert_snapshot!("crowd_60", at(&synthetic::crowd(), 60));
    insta::assert_snapshot!("ways_100", at(&synthetic::ways(), 100));
    insta::assert_snapshot!("ways_60", at(&synthetic::ways(), 60));
    insta::assert_snapshot!("compared_100", at(&synthetic::compared(), 100));
    insta::assert_snapshot!("compared_60", at(&synthetic::compared(), 60));
    insta::assert_snapshot!("plain_details_100", details(&synthetic::plain(), 100));
    insta::assert_snapshot!("rich_details_100", details(&synthetic::rich(), 100));
    insta::assert_snapshot!("rich_details_140", details(&synthetic::rich(), 140));
    insta::assert_snapshot!("python_details_100", details(&synthetic::python(), 100));
    insta::assert_snapshot!("tasks_100", at(&synthetic::tasks(), 100));
    insta::assert_snapshot!("tasks_60", at(&synthetic::tasks(), 60));
    insta::assert_snapshot!("tasks_details_100", details(&synthetic::tasks(), 100));
    insta::assert_snapshot!("python_100", at(&synthetic::python(), 100));
}

#[test]
fn markdown_and_csv() {
    insta::assert_snapshot!("plain_markdown", markdown(&synthetic::plain(), false));
    insta::assert_snapshot!("plain_details_markdown", markdown(&synthetic::plain(), true));
    insta::assert_snapshot!("rich_markdown", markdown(&synthetic::rich(), false));
    insta::assert_snapshot!("rich_details_markdown", markdown(&synthetic::rich(), true));
    insta::assert_snapshot!("hostile_markdown", markdown(&hostile(), true));
    insta::assert_snapshot!("plain_csv", csv(&synthetic::plain()));
    insta::assert_snapshot!("tasks_markdown", markdown(&synthetic::tasks(), false));
    insta::assert_snapshot!("tasks_csv", csv(&synthetic::tasks()));
}

#[test]
fn no_line_is_wider_than_asked() {
    for run in [synthetic::plain(), synthetic::rich(), synthetic::python(), synthetic::tasks(), hostile()] {
        for width in (1..60).step_by(7).chain([60, 80, 99, 100, 160]) {
            for line in at(&run, width).lines().chain(details(&run, width).lines()) {
                // A character of two columns cannot be shown in one.
                assert!(line.width() <= width.max(2), "{width}: {} columns in {line:?}", line.width());
                assert_eq!(line, line.trim_end(), "{width}");
            }
        }
    }
}

#[test]
fn at_sixty_columns_rank_codec_bytes_total_and_ratio_are_there() {
    for (run, ratio) in [(synthetic::plain(), "ratio"), (synthetic::rich(), "against json")] {
        let text = at(&run, 60);
        let head = text.lines().find(|line| line.contains("codec")).unwrap();
        for title in ["codec", "bytes", "total", ratio] {
            assert!(head.contains(title), "{title} in {head}");
        }
    }
}

/// Two links, two compressors and rows of Python, with notes and a loss.
fn links() -> Run {
    let names = ["json", "cbor", "msgpack", "postcard", "bincode", "bson"];
    let mut trips = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        let row = |bytes: u64| {
            let ms = 3.0 * (at + 1) as f64;
            Trip::new(name, "x 1", bytes * 1000 * (at + 1) as u64, ms, 1.0, ms).ratio(ms / 3.0, 0.9 * ms, 1.1 * ms)
        };
        let plain = [row(900), row(300).compressed("zstd:3", 4.0, 2.0), row(400).compressed("lz4", 2.0, 1.0)];
        trips.extend(plain.clone());
        for (link, transfer) in [("1Gbit/s, 1 ms", 9.0), ("100Mbit/s, 20 ms", 90.0)] {
            trips.extend(plain.clone().map(|row| row.modelled(link, transfer)));
        }
    }
    for name in ["python:json", "python:marshal"] {
        trips.push(
            Trip::new(name, "CPython 3.12", 900_000, 2.0, 1.0, 2.0)
                .python()
                .ratio(0.7, 0.6, 0.8)
                .lossy(&["$[*].data: ndarray became bytes (2000 times)"]),
        );
    }
    let mut info = payload("orders.json", "list of 20,000 records of 12 fields");
    info.reference = Some("json".into());
    info.notes = (0..5).map(|at| format!("$.field_{at}: f64; f32 would save {at}.50 kB of the whole")).collect();
    synthetic::run(vec![(info, trips)])
}

/// Every kind of run that there is.
fn all_kinds() -> Vec<(&'static str, Run)> {
    let mut failed = synthetic::crowd();
    for m in &mut failed.measurements {
        (m.summary, m.samples_ns, m.bytes, m.lossy) = (None, vec![], None, None);
        m.error =
            Some(format!("{} cannot take it, for a reason that is told at some length and in its own words", m.codec));
    }
    let mut one = synthetic::crowd();
    one.measurements.retain(|m| m.codec == "json");
    vec![
        ("plain", synthetic::plain()),
        ("rich", synthetic::rich()),
        ("python", synthetic::python()),
        ("crowd", synthetic::crowd()),
        ("ways", synthetic::ways()),
        ("hostile", hostile()),
        ("failed", failed),
        ("links", links()),
        ("one", one),
    ]
}

#[test]
fn the_first_screen_of_a_payload_has_at_most_thirty_lines() {
    for (name, run) in all_kinds() {
        for width in [60, 80, 100, 120, 200] {
            let text = at(&run, width);
            let screens: Vec<&str> = text.split("\n━━").collect();
            for screen in screens {
                assert!(screen.lines().count() <= 30, "{name} at {width}:\n{text}");
            }
        }
    }
}

#[test]
fn every_cell_of_a_table_has_three_digits_at_most() {
    for (name, run) in all_kinds() {
        for text in [at(&run, 120), details(&run, 120)] {
            let rows =
                text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()) && line.contains("  "));
            let mut seen = 0;
            for cell in rows.flat_map(|line| line.split_whitespace().skip(2)) {
                let number = cell.trim_start_matches(['~', '≈', '(', '<']);
                if number.parse::<f64>().is_ok() {
                    seen += 1;
                    let digits: String = number.split('e').next().unwrap().replace('.', "");
                    let significant = digits.trim_start_matches('0').trim_end_matches('0').len();
                    // A ratio may need more to show that it is not 1.
                    assert!(
                        significant <= 3 || number.starts_with("1.0") || number.starts_with("0.9"),
                        "{name}: {cell}"
                    );
                }
            }
            assert!(seen > 0 || name == "failed", "{name}:\n{text}");
        }
    }
}

#[test]
fn into_a_file_nothing_is_cut() {
    let whole = TextOptions { width: 60, whole: true, ..TextOptions::default() };
    for (name, run) in all_kinds().into_iter().filter(|(name, _)| *name != "hostile") {
        for details in [false, true] {
            let text = text(&run, &TextOptions { shown: Shown::details(details), ..whole });
            assert!(!text.contains('…'), "{name}:\n{text}");
            for title in ["encode", "transfer", "decode"] {
                assert!(name == "failed" || text.contains(title), "{name}: {title}\n{text}");
            }
        }
    }
}

#[test]
fn the_rows_that_matter_are_shown_and_the_others_counted() {
    let text = at(&synthetic::crowd(), 100);
    for (row, why) in [("bincode", "the fastest"), ("json", "the reference"), ("ion", "the smallest")] {
        assert!(text.lines().any(|line| line.split_whitespace().nth(1) == Some(row)), "{row} is {why}:\n{text}");
    }
    let shown = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).count();
    assert!(text.contains(&format!("and {} others, 1.", 24 - shown)), "{shown} shown:\n{text}");
    assert!(text.contains(" times slower than the fastest; --details shows them"), "{text}");
    let details = details(&synthetic::crowd(), 100);
    assert!(!details.contains("others") && details.contains("thrift-compact"), "{details}");
}

#[test]
fn the_notes_that_are_worth_most_stand_first() {
    let text = at(&synthetic::crowd(), 120);
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}:\n{text}"));
    assert!(at("save 7.50 kB") < at("save 6.50 kB"), "{text}");
    assert!(!text.contains("save 1.50 kB"), "{text}");
    assert!(details(&synthetic::crowd(), 120).contains("save 1.50 kB"));
}

#[test]
fn ways_are_ranked_together_and_each_is_there() {
    let text = at(&synthetic::ways(), 100);
    for way in ["pipe", "unix", "tcp", "shm", "shm-in-place", "file"] {
        assert!(text.lines().any(|line| line.split_whitespace().nth(2) == Some(way)), "{way}:\n{text}");
    }
    let first = text.lines().find(|line| line.starts_with('1')).unwrap();
    assert!(first.contains("postcard") && first.contains("shm-in-place"), "{text}");
    assert!(text.contains("than json over pipe"), "{text}");
}

#[test]
fn words_claim_no_more_than_the_rounds_support() {
    let with = |rounds: usize, postcard: f64| {
        let mut run = run(vec![
            json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0),
            Trip::new("postcard", "postcard 1.1.3", 1_000_000, postcard, 1.0, postcard).ratio(
                postcard / 10.0,
                0.4,
                0.6,
            ),
        ]);
        for m in &mut run.measurements {
            m.samples_ns.truncate(rounds);
            if let Some(summary) = m.summary.as_mut().filter(|_| rounds < 6) {
                (summary.count, summary.ratio_low, summary.ratio_high) = (rounds as u64, None, None);
            }
        }
        at(&run, 100)
    };
    let supported = with(10, 5.0);
    assert!(
        supported.contains("postcard: 1.91 x faster than json") || supported.contains("2.00 x faster than json"),
        "{supported}"
    );
    assert!(supported.contains("verdicts hold at 95 %"), "{supported}");
    // Too few rounds for an interval: the ratio is there, the verdict is not.
    let unsupported = with(4, 5.0);
    assert!(unsupported.contains("(2.00 x faster)") && unsupported.contains("by the medians only"), "{unsupported}");
    assert!(unsupported.contains("too few for verdicts"), "{unsupported}");
    // Less than what the measuring itself can shift, in however many rounds.
    let close = with(10, 9.0);
    assert!(close.contains(" close") && !close.contains("faster than json"), "{close}");
    assert!(close.contains("in a tie with json"), "{close}");
}

#[test]
fn a_noisy_machine_is_said() {
    let mut run = synthetic::plain();
    assert!(!at(&run, 100).contains("noise"));
    run.payloads[0].noise = Some(Noise { load_average: Some(7.5), ..Noise::default() });
    let text = at(&run, 100);
    assert!(text.contains("noise      the machine was not quiet: the load average was 7.5 on 2"), "{text}");
    // A file from before that was known has the rounds themselves.
    run.payloads[0].noise = None;
    for summary in run.measurements.iter_mut().filter_map(|m| m.summary.as_mut()) {
        summary.mad_ns = summary.p50_ns * 0.12;
    }
    let text = at(&run, 100);
    assert!(text.contains("noise      the same row differs by 12.0 % from round to round"), "{text}");
}

#[test]
fn rows_with_their_own_numbers_of_rounds_show_them() {
    let mut run = synthetic::plain();
    assert!(!at(&run, 120).contains(" rounds  "));
    let slow = run.measurements.iter_mut().filter(|m| m.codec == "json");
    slow.filter_map(|m| m.summary.as_mut()).for_each(|summary| summary.count = 2);
    let text = at(&run, 120);
    assert!(text.contains(" rounds  ") && text.contains("2 to 10 rounds"), "{text}");
}

#[test]
fn color_changes_nothing_but_the_color() {
    let run = synthetic::plain();
    let colored = text(&run, &TextOptions { color: true, ..TextOptions::default() });
    assert!(colored.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), at(&run, 100));
}

#[test]
fn data_brings_no_control_characters() {
    for output in [at(&hostile(), 100), markdown(&hostile(), true)] {
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
    assert!(text.contains("fastest    postcard: 6.99 x faster than json"), "{text}");
    assert!(text.contains("postcard is the best at every bandwidth"), "{text}");
}

#[test]
fn an_interval_that_excludes_one_never_shows_as_one() {
    let run = run(vec![
        json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0),
        Trip::new("postcard", "postcard 1.1.3", 1_000_000, 10.0, 1.0, 10.1).ratio(1.004, 1.002, 1.006),
    ]);
    assert!(details(&run, 100).contains("1.004  1.002–1.006"), "{}", details(&run, 100));
}

#[test]
fn a_gap_between_the_stages_and_the_total_is_said() {
    let mut row = json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0);
    row.unnamed = 0.08;
    let text = details(&run(vec![row]), 100);
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
    let text = details(&run, 100);
    assert!(text.contains("the stages sum to the end-to-end time within 0.2 % (worst: json)"), "{text}");
}

#[test]
fn a_run_with_nothing_in_it_says_so() {
    let mut run = synthetic::plain();
    run.measurements.clear();
    assert!(at(&run, 100).contains("\nnothing was measured\n"));
    assert!(markdown(&run, false).contains("\nNothing was measured.\n"));
    run.payloads.clear();
    assert!(at(&run, 100).starts_with("nothing was measured\n"));
    assert_eq!(csv(&run).lines().count(), 1);
}

#[test]
fn a_run_in_which_everything_failed_shows_why() {
    let text = at(&run(vec![json_row(1.0, 1.0).fails(Stage::Encode, "no such thing")]), 100);
    assert!(text.contains("failed  json: no such thing"), "{text}");
    assert!(!text.contains("fastest") && !text.contains("codec"), "{text}");
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
    let mut row = serde_json::to_value(&synthetic::plain().measurements[0]).unwrap();
    row["layouts"] = serde_json::to_value(synthetic::in_layouts(8).measurements[0].layouts).unwrap();
    for name in &header {
        let (owner, member) = match name.split_once('.') {
            Some((owner, member)) => (&row[owner], member),
            None if row.get(name).is_some() => (&row, name.as_str()),
            None => (&row["summary"], name.as_str()),
        };
        assert!(owner.get(member).is_some(), "{name}");
    }
    let objects = [&row, &row["summary"], &row["allocations"], &row["layouts"]];
    let members: usize = objects.iter().map(|v| v.as_object().unwrap().len()).sum();
    // All of them but the samples and the three objects themselves.
    assert_eq!(header.len(), members - 4);
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
        for line in markdown(&run, false).lines() {
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

#[test]
fn rows_whose_size_alone_is_known_are_shown_and_not_ranked() {
    let mut run = run(vec![
        json_row(10.0, 10.0).ratio(1.0, 1.0, 1.0),
        Trip::new("postcard", "postcard 1.1.3", 1_000_000, 5.0, 1.0, 5.0),
    ]);
    let unmeasured = |run: &mut Run, codec: &str| {
        run.measurements.retain(|m| m.codec != codec || matches!(m.stage, Stage::Encode | Stage::Total));
        for m in run.measurements.iter_mut().filter(|m| m.codec == codec) {
            (m.summary, m.samples_ns, m.lossy) = (None, vec![], None);
        }
    };
    run.environment.complete = false;
    unmeasured(&mut run, "postcard");
    let words = |text: &str, codec: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.split_whitespace().nth(1) == Some(codec));
        line.unwrap_or_else(|| panic!("{codec}:\n{text}")).split_whitespace().take(4).map(str::to_owned).collect()
    };
    let text = at(&run, 100);
    assert_eq!(words(&text, "postcard"), ["-", "postcard", "1.00", "-"], "{text}");
    assert_eq!(words(&text, "json")[0], "1", "{text}");
    assert!(text.contains("- not ranked: it ended before the first round of this row"), "{text}");
    assert!(markdown(&run, false).contains("| - | postcard | 1.00 |"), "{}", markdown(&run, false));
    // Nothing was measured at all.
    run.payloads[0].reference = None;
    unmeasured(&mut run, "json");
    let text = at(&run, 100);
    assert_eq!(words(&text, "postcard"), ["-", "postcard", "1.00"], "{text}");
    assert_eq!(words(&text, "json"), ["-", "json", "4.00"], "{text}");
    assert!(!text.contains("total"), "{text}");
}
