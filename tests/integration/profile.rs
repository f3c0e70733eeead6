//! `sercost profile` from end to end, as a user runs it.

mod baseline;
mod reading;
mod study;

use crate::tools::{Directory, Ran, document, finish, profile, rows, rows_with, run, sercost, texts};
use sercost::codec::CODECS;
use sercost::payload::SHAPES;
use sercost::transport::TRANSPORTS;
use serde_json::Value;
use std::fs::{self, File};
use std::process::Stdio;
use unicode_width::UnicodeWidthStr;

fn shapes(count: &str) -> String {
    SHAPES.iter().map(|shape| format!("{}:{count}", shape.name)).collect::<Vec<_>>().join(" ")
}

/// The distinct errors of a results file, as `codec: error`.
fn errors(document: &Value) -> Vec<String> {
    let mut errors: Vec<String> = rows(document)
        .iter()
        .filter_map(|row| Some(format!("{}: {}", row["codec"].as_str()?, row["error"].as_str()?)))
        .collect();
    errors.sort();
    errors.dedup();
    errors
}

/// All codecs for `--codec`, also those that must be asked for.
fn every_codec() -> String {
    CODECS.iter().map(|codec| codec.info().name).collect::<Vec<_>>().join(",")
}

/// The median of a row, in nanoseconds.
fn median(row: &Value) -> f64 {
    row["summary"]["p50_ns"].as_f64().unwrap()
}

#[test]
fn every_shape_goes_through_every_codec() {
    let found = profile(&format!("{} --codec {}", shapes("20"), every_codec()));
    assert_eq!(errors(&found), [""; 0]);
    for shape in SHAPES {
        let payload = format!("{}:20", shape.name);
        for codec in CODECS.iter().map(|codec| codec.info()) {
            let totals = rows_with(&found, &[("payload", &payload), ("codec", codec.name), ("stage", "total")]);
            let encodes = rows_with(&found, &[("payload", &payload), ("codec", codec.name), ("stage", "encode")]);
            assert_eq!(totals.len(), usize::from(codec.name != "null"), "{payload} {}", codec.name);
            assert_eq!(encodes.len(), 1, "{payload} {}", codec.name);
            for row in totals {
                assert_eq!(row["samples_ns"].as_array().unwrap().len(), 3);
                assert!(median(row) > 0.0 && row["bytes"].as_u64().unwrap() > 0, "{row}");
            }
        }
    }
}

#[test]
fn every_transport_carries_every_codec() {
    let found = profile(&format!("records:50 bytes:70k --transport all --codec {}", every_codec()));
    assert_eq!(errors(&found), [""; 0]);
    let names: Vec<&str> = TRANSPORTS.iter().map(|transport| transport.info().name).collect();
    assert_eq!(texts(&found, "transport"), names);
    for payload in ["records:50", "bytes:70k"] {
        let sizes = |transport| -> Vec<&Value> {
            let wanted = [("payload", payload), ("stage", "transfer"), ("transport", transport)];
            rows_with(&found, &wanted).iter().map(|row| &row["bytes"]).collect()
        };
        assert_eq!(sizes("pipe").len(), CODECS.len() - 1);
        for name in &names {
            assert_eq!(sizes(name), sizes("pipe"), "{name}");
        }
    }
}

#[test]
fn one_transport_named_twice_is_measured_once() {
    let found = profile("range:10 --codec json --transport unix,unix");
    assert_eq!(rows_with(&found, &[("stage", "total")]).len(), 1);
}

#[test]
fn both_representations_stand_side_by_side() {
    let found = profile(&format!("{} --representation both --codec {}", shapes("5"), every_codec()));
    for codec in CODECS.iter().map(|codec| codec.info()) {
        let rows = rows_with(&found, &[("codec", codec.name), ("representation", "dynamic"), ("stage", "total")]);
        let measured = rows.iter().filter(|row| row["error"].is_null()).count();
        let refused = rows.iter().filter(|row| row["error"].is_string()).count();
        let expected = match (codec.name, codec.self_describing) {
            ("null", _) => (0, 0),
            (_, true) => (SHAPES.len(), 0),
            (_, false) => (0, SHAPES.len()),
        };
        assert_eq!((measured, refused), expected, "{}", codec.name);
    }
    let found = profile("range:10 --representation dynamic --codec json,postcard");
    assert_eq!(texts(&found, "representation"), ["dynamic"]);
    assert_eq!(errors(&found), ["postcard: not self-describing: cannot decode a value without knowing its type"]);
}

#[test]
fn the_null_codec_is_a_row_of_every_typed_table() {
    let null = |found: &Value| rows_with(found, &[("codec", "null")]).len();
    assert_eq!(null(&profile("range:10 records:5 --codec json")), 2);
    assert_eq!(null(&profile("range:10 --codec json --representation both --transport all")), 1);
    assert_eq!(null(&profile("range:10 --codec json,null,null")), 1);
    assert_eq!(null(&profile("range:10 --codec json --representation dynamic")), 0);
    let text = run("profile range:10 --rounds 3 --codec json --details").ok();
    assert!(text.lines().any(|line| line.trim_start().starts_with("-  null ")), "{text}");
}

#[test]
fn what_is_printed_is_what_is_written() {
    let directory = Directory::new();
    let path = directory.join("run.json");
    let out = path.to_str().unwrap();
    let ran = finish(&mut sercost(["profile", "records:20", "--rounds", "3", "--format", "json", "--out", out]));
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(ran.ok(), written);
    let found = document(&written);
    assert_eq!(found["environment"]["complete"], true);
    assert_eq!(found["environment"]["command"][1], "records:20");
    assert_eq!(found["payloads"][0]["rounds"], 3);
    assert_eq!(directory.names(), ["run.json"]);
}

#[test]
fn several_payloads_have_a_table_each() {
    let directory = Directory::new();
    let first = directory.file("a.json", r#"[{"id": 1, "name": "x"}, {"id": 2, "name": null}]"#);
    let second = directory.file("b.ndjson", "{\"id\": 1}\n{\"id\": 2}\n{\"id\": 3}\n");
    let found = profile(&format!("{first} range:10 {second} --codec json,postcard"));
    assert_eq!(texts(&found, "payload"), [first.as_str(), "range:10", second.as_str()]);
    let payloads = found["payloads"].as_array().unwrap();
    assert_eq!(
        payloads.iter().map(|payload| payload["format"].as_str()).collect::<Vec<_>>(),
        [Some("json"), None, Some("ndjson")]
    );
    let text = run(&format!("profile {first} range:10 {second} --codec json,postcard --rounds 3")).ok();
    assert_eq!(text.lines().filter(|line| line.starts_with("━━")).count(), 3, "{text}");
}

#[test]
fn a_payload_that_fails_leaves_the_others() {
    let directory = Directory::new();
    let broken = directory.file("broken.json", "[1, 2");
    let ran = run(&format!("profile {broken} range:10 --codec json --rounds 3 --format json"));
    assert_eq!(ran.status.code(), Some(2), "{ran:#?}");
    assert!(ran.err.contains("broken.json: line 1, column 6"), "{}", ran.err);
    assert_eq!(texts(&ran.document(), "payload"), ["range:10"]);
}

fn with_input(line: &str, content: &[u8]) -> Ran {
    let directory = Directory::new();
    let path = directory.file("input", content);
    finish(sercost(line.split_whitespace()).stdin(Stdio::from(File::open(path).unwrap())))
}

#[test]
fn standard_input_is_a_payload() {
    let found = with_input("profile - --rounds 3 --format json --codec json", b"[1, 2, 300]").document();
    assert_eq!(found["payloads"][0]["name"], "-");
    assert_eq!(found["payloads"][0]["format"], "json");
    assert_eq!(found["payloads"][0]["schema"]["list"], "u16");
    let found =
        with_input("profile - --input-format csv --rounds 3 --format json --codec json", b"a,b\n1,x\n2,y\n").document();
    assert_eq!(found["payloads"][0]["format"], "csv");
    assert_eq!(found["payloads"][0]["description"], "list of 2 records of 2 fields");
}

#[test]
fn compressors_follow_codecs() {
    let found = profile("records:200 --codec json,postcard --compress zstd,lz4,gzip");
    assert_eq!(texts(&found, "compressor"), ["zstd:3", "lz4", "gzip:6"]);
    // Two codecs, each alone and with three compressors.
    assert_eq!(rows_with(&found, &[("stage", "total")]).len(), 8);
    for codec in ["json", "postcard"] {
        let bytes = |compressor: Option<&str>, stage| {
            let rows = rows_with(&found, &[("codec", codec), ("stage", stage)]);
            rows.iter().find(|row| row["compressor"].as_str() == compressor).map(|row| row["bytes"].as_u64().unwrap())
        };
        for compressor in ["zstd:3", "lz4", "gzip:6"] {
            assert_eq!(bytes(Some(compressor), "encode"), bytes(None, "encode"));
            assert!(bytes(Some(compressor), "transfer") < bytes(None, "transfer"), "{codec}+{compressor}");
            assert_eq!(bytes(Some(compressor), "compress"), bytes(Some(compressor), "total"));
        }
        assert_eq!(bytes(None, "compress"), None);
    }
}

#[test]
fn a_compressor_can_be_named_with_its_codec() {
    let found = profile("records:200 --codec json,json+zstd:19,postcard+lz4");
    let names: Vec<(&str, Option<&str>)> = rows_with(&found, &[("stage", "total")])
        .iter()
        .map(|row| (row["codec"].as_str().unwrap(), row["compressor"].as_str()))
        .collect();
    assert_eq!(names, [("json", None), ("json", Some("zstd:19")), ("postcard", Some("lz4"))]);
    // A codec that is named already is not measured twice.
    let found = profile("records:20 --codec json,json+zstd --compress zstd:3");
    assert_eq!(rows_with(&found, &[("stage", "total")]).len(), 2);
}

#[test]
fn a_modelled_link_follows_from_latency_and_bandwidth() {
    let found = profile("range:1k --codec json,postcard --link 8Mbit,1ms --link 1Gbit");
    assert_eq!(texts(&found, "transport"), ["pipe", "link:8Mbit,1ms", "link:1Gbit"]);
    for row in rows(&found) {
        let on_link = row["transport"].as_str().is_some_and(|name| name.starts_with("link:"));
        let replaced = on_link && (row["stage"] == "transfer" || row["stage"] == "total");
        assert_eq!(row["modelled"], replaced, "{row}");
    }
    for row in rows_with(&found, &[("transport", "link:8Mbit,1ms"), ("stage", "transfer")]) {
        // A byte a microsecond.
        assert_eq!(median(row), 1e6 + 1e3 * row["bytes"].as_f64().unwrap());
    }
}

#[test]
fn many_sends_the_elements_one_by_one() {
    let whole = profile("records:50 --codec json,postcard");
    let found = profile("records:50 --codec json,postcard --many 120");
    assert_eq!(found["payloads"][0]["messages"], 120);
    for codec in ["json", "postcard"] {
        for stage in ["encode", "transfer", "decode", "total"] {
            let row = rows_with(&found, &[("codec", codec), ("stage", stage)])[0];
            assert_eq!(row["operations_per_sample"], 120, "{row}");
        }
        let bytes = |found| rows_with(found, &[("codec", codec), ("stage", "total")])[0]["bytes"].as_u64().unwrap();
        // A record's share of the whole, give or take the brackets around the list.
        assert!(bytes(&found) * 50 < bytes(&whole) * 2 && bytes(&found) * 100 > bytes(&whole), "{codec}");
    }
    assert_eq!(errors(&profile("records:5 strings:5 nested:3 --many 10")), [""; 0]);
    assert_eq!(errors(&profile("records:5 --many 10 --transport all --compress lz4 --codec json,bitcode")), [""; 0]);
}

#[test]
fn ratios_are_taken_against_the_reference() {
    let found = profile("range:1k --codec json,postcard,cbor --reference cbor --transport pipe,unix");
    assert_eq!(found["payloads"][0]["reference"], "cbor");
    for row in rows_with(&found, &[("codec", "cbor"), ("stage", "total")]) {
        assert_eq!(row["summary"]["ratio"], 1.0);
    }
    let text = run("profile range:1k --codec json,cbor --reference cbor --rounds 3").ok();
    assert!(text.contains("  against cbor  "), "{text}");
    let error = run("profile range:1k --codec json --reference cbor --rounds 3").error();
    assert_eq!(error, "error: --reference cbor: it is not among the codecs that are measured; add it to --codec\n");
}

#[test]
fn a_schema_is_shown_and_read_back() {
    let directory = Directory::new();
    let path =
        directory.file("in.json", r#"{"rows": [{"id": 1, "x": 0.5, "tag": null}, {"id": 300, "x": 2, "tag": "a"}]}"#);
    let text = run(&format!("profile {path} --show-schema")).ok();
    insta::assert_snapshot!("schema_text", directory.hide(&text));
    assert_eq!(text, run(&format!("profile {path} --show-schema text")).ok());
    insta::assert_snapshot!("schema_rust", run(&format!("profile {path} --show-schema rust")).ok());
    let json = run(&format!("profile {path} --show-schema json")).ok();
    insta::assert_snapshot!("schema_json", json);

    // The printed schema can be read, and is printed again as it was.
    let schema = directory.file("schema.json", &json);
    assert_eq!(run(&format!("profile {path} --schema {schema} --show-schema json")).ok(), json);
    // A wider type is taken as told.
    let wider = directory.file("wider.json", json.replace("u16", "i64"));
    let found = profile(&format!("{path} --schema {wider} --codec bincode-fixed,json"));
    assert_eq!(errors(&found), [""; 0]);
    let bytes = |found: &Value| rows_with(found, &[("codec", "bincode-fixed"), ("stage", "total")])[0]["bytes"].clone();
    let narrow = bytes(&profile(&format!("{path} --codec bincode-fixed")));
    assert_eq!(bytes(&found).as_u64().unwrap(), narrow.as_u64().unwrap() + 2 * (8 - 2));
    // One that does not fit is refused with the path.
    let tighter = directory.file("tighter.json", json.replace("u16", "u8"));
    let error = run(&format!("profile {path} --schema {tighter}")).error();
    assert!(error.contains("$.rows[1].id") && error.contains("300"), "{error}");
}

#[test]
fn widths_can_be_told() {
    let directory = Directory::new();
    let path = directory.file("in.json", r#"[{"i": 1, "x": 0.5}]"#);
    let schema = |flags: &str| run(&format!("profile {path} --show-schema json {flags}")).ok();
    assert!(schema("").contains("u8") && schema("").contains("f64"));
    assert!(schema("--ints i64").contains("i64"));
    for narrower in ["--floats narrow", "--floats f32", "--type $[*].x=f32", "--type [*].x=f32"] {
        assert!(schema(narrower).contains("f32"), "{narrower}");
    }
    // An override of a column that is not there would have no effect.
    let error = run(&format!("profile {path} --show-schema --type $[*].y=f32")).error();
    assert!(error.contains("the document has no such path; did you mean \"$[*].i\"?"), "{error}");
}

#[test]
fn buffers_are_the_same_for_all_and_stated() {
    for policy in ["fresh", "reused", "presized"] {
        let found = profile(&format!("records:20 strings:20 --buffer {policy} --compress lz4"));
        assert_eq!(found["environment"]["buffer_policy"], policy);
        assert_eq!(errors(&found), [""; 0], "{policy}");
        let text = run(&format!("profile records:20 --buffer {policy} --codec json --rounds 3 --details")).ok();
        assert!(text.contains(&format!("{policy} buffers")), "{text}");
    }
}

#[test]
fn the_same_seed_makes_the_same_payload() {
    let sizes = |seed| -> Vec<Value> {
        let line =
            format!("ints:200 strings:200 records:200 dicts:50 nested:20 --codec json,postcard+zstd --seed {seed}");
        rows(&profile(&line)).iter().map(|row| row["bytes"].clone()).collect()
    };
    assert_eq!(sizes(7), sizes(7));
    assert_ne!(sizes(7), sizes(8));
}

#[test]
fn the_stages_sum_to_the_total() {
    for line in
        ["range:300k --codec json,postcard,bincode --transport pipe,shm", "records:10k --codec json+zstd:1,cbor+lz4"]
    {
        let found = run(&format!("profile {line} --rounds 7 --format json")).document();
        let totals = rows_with(&found, &[("stage", "total")]);
        assert!(!totals.is_empty());
        for total in totals {
            let member = |name: &str| total[name].as_str().unwrap_or_default().to_owned();
            let stages: Vec<&Value> = rows(&found)
                .iter()
                .filter(|row| ["codec", "compressor", "transport"].iter().all(|member| row[member] == total[member]))
                .filter(|row| row["stage"] != "total")
                .collect();
            assert_eq!(stages.len(), if total["compressor"].is_null() { 3 } else { 5 });
            // Round by round: a pause of the machine that falls between two stages is one round's, and not the median's.
            let mut shares: Vec<f64> = (0..7)
                .map(|round| {
                    let sample = |row: &Value| row["samples_ns"][round].as_f64().unwrap();
                    let operations = |row: &Value| row["operations_per_sample"].as_f64().unwrap();
                    stages.iter().map(|row| sample(row) / operations(row)).sum::<f64>() / sample(total)
                })
                .collect();
            shares.sort_by(f64::total_cmp);
            assert!((shares[3] - 1.0).abs() < 0.03, "{} {}: {shares:?}", member("codec"), member("transport"));
        }
    }
}

#[test]
fn what_a_codec_loses_is_said_by_path() {
    let directory = Directory::new();
    // 0.1, NaN and infinity, as doubles in a list of three.
    let mut cbor = vec![0x83];
    for value in [0.1, f64::NAN, f64::INFINITY] {
        cbor.push(0xfb);
        cbor.extend(value.to_be_bytes());
    }
    let path = directory.file("values.cbor", cbor);
    let found = profile(&format!("{path} --codec json,cbor,postcard,borsh"));
    let total = |codec| rows_with(&found, &[("codec", codec), ("stage", "total")])[0];
    assert_eq!(total("json")["lossy"], serde_json::json!(["$[*]: NaN became null", "$[*]: inf became null"]));
    assert!(total("json")["error"].as_str().unwrap().contains("null"), "{}", total("json"));
    for codec in ["cbor", "postcard"] {
        assert_eq!(total(codec)["lossy"], serde_json::json!([]), "{codec}");
        assert_eq!(total(codec)["error"], Value::Null);
    }
    assert!(total("borsh")["error"].as_str().unwrap().contains("NaN"), "{}", total("borsh"));
    let text = run(&format!("profile {path} --codec json,cbor --rounds 3")).ok();
    assert!(text.contains("json: $[*]: NaN became null"), "{text}");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for (columns, widest) in [("60", 60), ("80", 80), ("100", 100), ("200", 120)] {
        let arguments =
            ["profile", "records:20", "ints:5", "--rounds", "3", "--representation", "both", "--compress", "zstd"];
        let text = finish(sercost(arguments).env("COLUMNS", columns)).ok();
        for line in text.lines() {
            assert!(line.width() <= widest, "{columns}: {line}");
        }
    }
    // Without a terminal and without COLUMNS, 100.
    assert!(run("profile range:5 --rounds 3").ok().lines().all(|line| line.width() <= 100));
}

#[test]
fn formats_for_machines_have_no_colour_and_text_has_it_when_asked() {
    for format in ["csv", "json", "markdown"] {
        let out = run(&format!("profile range:5 --rounds 3 --codec json --color always --format {format}")).ok();
        assert!(!out.contains('\x1b'), "{format}");
    }
    let line = "profile range:5 --rounds 3 --codec json";
    assert!(run(&format!("{line} --color always")).ok().contains('\x1b'));
    assert!(!run(line).ok().contains('\x1b'));
}

#[test]
fn a_csv_line_is_a_measurement() {
    let text = run("profile range:5 records:5 --rounds 3 --format csv").ok();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().unwrap().clone();
    for wanted in ["payload", "codec", "stage", "bytes", "p50_ns", "error"] {
        assert!(columns.iter().any(|column| column == wanted), "{wanted} in {columns:?}");
    }
    let lines: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap();
    let usual = CODECS.iter().filter(|codec| codec.by_default()).count();
    let rows = 2 * ((usual - 1) * 4 + 1);
    assert_eq!(lines.len(), rows);
}

#[test]
fn a_tiny_payload_gets_the_least_rounds_in_any_budget() {
    let ran = run("profile range:10 --codec json --time 1ms --format json");
    let found = ran.document();
    assert_eq!(found["payloads"][0]["rounds"], 7);
    assert_eq!(found["environment"]["time_budget_ns"], 1_000_000);
}

#[test]
fn what_the_time_does_not_reach_for_is_left_out_and_said() {
    let ran = run("profile records:30k --time 1ms --format json");
    let found = ran.document();
    let left_out = rows(&found).iter().filter(|row| row["stage"] == "total" && !row["left_out"].is_null()).count();
    assert!(left_out > 10, "{left_out} rows are left out");
    for row in rows(&found).iter().filter(|row| !row["left_out"].is_null()) {
        assert_eq!((&row["summary"], &row["error"]), (&Value::Null, &Value::Null), "{row}");
        assert!(row["left_out"].as_str().unwrap().contains("--time"), "{row}");
    }
    // Some rows were measured, and both the words and the number say how long the rounds would have taken.
    assert!(rows(&found).iter().any(|row| row["stage"] == "total" && !row["summary"].is_null()));
    assert!(found["payloads"][0]["five_rounds_ns"].as_u64().unwrap() > 1_000_000);
    assert!(ran.err.contains("7 rounds of the rows that were tried take about"), "{}", ran.err);
    let text = run("profile records:30k --time 1ms").ok();
    assert!(text.contains("left out"), "{text}");
}

#[test]
fn a_quick_run_names_the_rows_that_it_gave_up() {
    // Compression that takes several times as long as the others, however quiet the machine is.
    let found =
        run("profile range:3k --quick --codec json,postcard,bincode,msgpack,json+zstd:19 --format json").document();
    let slow = rows_with(&found, &[("compressor", "zstd:19"), ("stage", "total")])[0];
    assert_eq!(slow["summary"]["count"], 7, "{slow}");
    assert!(slow["left_out"].as_str().unwrap().starts_with("given up after 7 rounds"), "{slow}");
    let most = rows(&found).iter().filter_map(|row| row["summary"]["count"].as_u64()).max();
    assert!(most.is_some_and(|most| (8..=31).contains(&most)), "{most:?}");
}

#[test]
fn the_same_codec_twice_is_two_rows() {
    let found = profile("range:200 --codec json,postcard,json,json --compress lz4");
    let names: Vec<(&str, Option<&str>)> = rows_with(&found, &[("stage", "total")])
        .iter()
        .map(|row| (row["codec"].as_str().unwrap(), row["compressor"].as_str()))
        .collect();
    let lz4 = Some("lz4");
    let expected =
        [("json", None), ("json", lz4), ("postcard", None), ("postcard", lz4), ("json#2", None), ("json#3", None)];
    assert_eq!(names, expected);
    let found = profile("range:200 --codec json+lz4,json+lz4,null,null");
    assert_eq!(texts(&found, "codec"), ["null", "json", "json#2"]);
    assert_eq!(errors(&found), [""; 0]);
}

#[test]
fn the_reference_is_the_format_of_the_file() {
    let directory = Directory::new();
    let document = directory.file("in.json", r#"[{"id": 1, "name": "x"}, {"id": 2, "name": "y"}]"#);
    let reference = |line: &str| profile(line)["payloads"][0]["reference"].clone();
    assert_eq!(reference(&document), "json");
    assert_eq!(reference(&format!("{document} --codec postcard,cbor,json")), "json");
    assert_eq!(reference(&format!("{document} --codec json,cbor --reference cbor")), "cbor");
    // Where the usual reference is not measured, or there is none, it is one of the measured rows.
    assert_eq!(reference(&format!("{document} --codec postcard")), "postcard");
    let table = directory.file("in.csv", "a,b\n1,x\n2,y\n");
    assert_eq!(reference(&format!("{table} --codec cbor")), "cbor");
    let cbor = directory.file("in.cbor", [0x83, 1, 2, 3]);
    assert_eq!(reference(&format!("{cbor} --codec json,cbor,postcard")), "cbor");
}

#[test]
fn allocations_do_not_depend_on_which_codec_comes_first() {
    let counts = |line: &str, codec: &str| {
        let found = run(&format!("profile range:3k --rounds 1 --format json --codec {line}")).document();
        let row = rows_with(&found, &[("codec", codec), ("stage", "decode")])[0].clone();
        (row["allocations"]["count"].clone(), row["allocations"]["bytes"].clone())
    };
    for codec in ["json", "postcard"] {
        assert_eq!(counts("json,postcard", codec), counts("postcard,json", codec), "{codec}");
    }
    let found = run("profile range:3k --rounds 1 --format json --codec json").document();
    let encode = rows_with(&found, &[("codec", "json"), ("stage", "encode")])[0];
    // A vector that grows from nothing: one call obtains it, the others grow it, and none shrinks it.
    let number = |name: &str| encode["allocations"][name].as_u64().unwrap();
    assert_eq!((number("grows") + 1, number("shrinks")), (number("count"), 0), "{encode}");
    let null = rows_with(&found, &[("codec", "null"), ("stage", "encode")])[0];
    assert_eq!(null["allocations"]["count"], 0, "{null}");
}

#[test]
fn options_without_effect_warn() {
    let ran = run("profile range:5 --codec json --rounds 2 --python-gc off");
    assert!(ran.err.contains("warning: --python-gc: no row of Python is measured"), "{}", ran.err);
    let ran = run("profile range:5 --codec bitcode --rounds 2 --buffer reused");
    assert!(ran.err.contains("warning: --buffer: bitcode always write"), "{}", ran.err);
    let ran = run("profile range:5 --codec null --rounds 2 --link 1Gbit");
    assert!(ran.err.contains("warning: --link: the null codec sends nothing"), "{}", ran.err);
    assert_eq!(run("profile range:5 --codec bitcode,json --rounds 2 --buffer presized --link 1Gbit").err, "");
    assert_eq!(run("profile range:5 --codec json --rounds 2 --buffer reused").err, "");
}

#[test]
fn seven_rounds_give_verdicts_and_five_do_not() {
    let verdicts =
        |rounds: u32| run(&format!("profile range:20k --codec postcard,serde-pickle:2 --rounds {rounds}")).ok();
    let few = verdicts(5);
    assert!(few.contains("too few for verdicts"), "{few}");
    for codec in ["postcard", "serde-pickle:2"] {
        assert!(few.contains(&format!("1=  {codec}")), "{few}");
    }
    let found = profile("range:20 --codec json,postcard --transport pipe,unix");
    assert!(found["payloads"][0]["noise"].is_object());
    let text = run("profile range:20 --codec json,postcard --transport pipe,unix --rounds 7 --details").ok();
    assert!(text.contains("of 4 ways the fastest"), "{text}");
}

#[test]
fn what_contradicts_itself_or_measures_nothing_is_refused() {
    let directory = Directory::new();
    directory.file("orders.json", "[{\"id\": 1}, {\"id\": 2}]");
    let file = directory.join("orders.json").display().to_string();
    for (line, expected) in [
        ("--time 0s", "--time 0: nothing can be measured in no time"),
        ("--map $[*] --record $[*]", "--map $[*]: --record says the contrary of the same path"),
        ("--tuple $ --list $", "--tuple $: --list says the contrary of the same path"),
        ("--type $[*].id=f16", "unknown type \"f16\"; the narrowest float is \"f32\""),
    ] {
        let error = run(&format!("profile {file} {line}")).error();
        assert!(error.contains(expected), "{line}: {error}");
    }
    let shown = run(&format!("profile {file} --show-schema --out {file}.run.json"));
    assert!(
        shown.err.contains("--out: --show-schema measures nothing, and no results file is written"),
        "{}",
        shown.err
    );
    assert_eq!(directory.names(), ["orders.json"]);
    let plain = run(&format!("profile {file} --show-schema --max-unpacked 1MB"));
    assert!(plain.err.contains("orders.json is not compressed, so that nothing is unpacked"), "{}", plain.err);
}

#[test]
fn the_null_codec_alone_has_a_row() {
    let text = run("profile range:1k --codec null --rounds 2").ok();
    assert!(text.lines().any(|line| line.split_whitespace().nth(1) == Some("null")), "{text}");
}
