//! `--baseline`: what changed since an earlier run, what is refused, and that the earlier file is safe.

use crate::tools::{self, Directory, document, finish, run};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

const LINE: &str = "profile records:50 --rounds 3 --codec json,postcard,msgpack";

/// The results of [`LINE`] in a file of the directory.
fn before(directory: &Directory) -> String {
    let path = directory.join("before.json").to_str().unwrap().to_owned();
    run(&format!("{LINE} --out {path}")).ok();
    path
}

/// A results file with something changed.
fn edited(directory: &Directory, path: &str, edit: impl FnOnce(&mut Value)) -> String {
    let mut document: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    edit(&mut document);
    directory.file("edited.json", document.to_string())
}

fn row<'a>(document: &'a Value, codec: &str) -> &'a Value {
    let rows = document["comparison"]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["codec"] == codec).unwrap_or_else(|| panic!("there is no row {codec}"))
}

#[test]
fn the_same_run_again_has_the_same_counts() {
    let directory = Directory::new();
    let path = before(&directory);
    let found = run(&format!("{LINE} --baseline {path} --format json")).document();
    let comparison = &found["comparison"];
    assert_eq!((&comparison["baseline"], &comparison["sercost_version"]), (&json!(path), &json!("0.1.0")));
    assert_eq!(comparison["rows"].as_array().unwrap().len(), 3, "the null row is no row of it");
    for codec in ["json", "postcard", "msgpack"] {
        let row = row(&found, codec);
        let counts = row["counts"].as_array().unwrap();
        assert_eq!((counts.len(), &row["only_in"], &row["version_before"]), (7, &Value::Null, &Value::Null), "{row}");
        assert!(counts.iter().all(|count| count["before"] == count["now"]), "{row}");
        let times = row["times"].as_array().unwrap();
        assert!(times.iter().all(|time| time["before_ns"].is_f64() && time["now_ns"].is_f64()), "{row}");
        assert_eq!(times.len(), 4, "{row}");
    }
    let text = run(&format!("{LINE} --baseline {path}")).ok();
    for words in ["since ", "3 rows with the same bytes and allocations as before", "are no verdict"] {
        assert!(text.replace('\u{a0}', " ").contains(words), "{words} in {text}");
    }
    let markdown = run(&format!("{LINE} --baseline {path} --format markdown")).ok();
    assert!(markdown.contains("### since ") && markdown.contains("| codec | encode before ("), "{markdown}");
    // Without one nothing is said of it.
    assert!(run(&format!("{LINE} --format json")).document().get("comparison").is_none());
}

#[test]
fn every_change_of_a_count_is_shown_exactly() {
    let directory = Directory::new();
    let path = before(&directory);
    let path = edited(&directory, &path, |document| {
        for measurement in document["measurements"].as_array_mut().unwrap() {
            if measurement["codec"] == "json" && measurement["bytes"].is_u64() {
                measurement["bytes"] = json!(4000);
            }
            if measurement["codec"] == "postcard" && measurement["stage"] == "decode" {
                let count = measurement["allocations"]["count"].as_u64().unwrap();
                measurement["allocations"]["count"] = json!(count - 1);
                measurement["codec_version"] = json!("postcard 1.0.0");
            }
            if measurement["codec"] == "postcard" {
                measurement["codec_version"] = json!("postcard 1.0.0");
            }
            if measurement["codec"] == "msgpack" {
                measurement["codec"] = json!("cbor");
            }
        }
    });
    let ran = run(&format!("{LINE} --baseline {path} --format json"));
    let found = document(&ran.ok());
    let now = found["measurements"].as_array().unwrap().iter().find(|row| row["codec"] == "json").unwrap();
    let bytes = now["bytes"].as_u64().unwrap();
    assert_eq!(row(&found, "json")["counts"][0], json!({"what": "bytes", "before": 4000, "now": bytes}));
    assert_eq!(
        (&row(&found, "msgpack")["only_in"], &row(&found, "cbor")["only_in"]),
        (&json!("now"), &json!("baseline"))
    );
    assert_eq!(row(&found, "postcard")["version_before"], "postcard 1.0.0");
    let decode = &row(&found, "postcard")["counts"][4];
    assert_eq!(decode["what"], "decode_allocations");
    assert_eq!(decode["now"].as_u64(), decode["before"].as_u64().map(|before| before + 1));
    let text = run(&format!("{LINE} --baseline {path}")).ok();
    let percent = (bytes as f64 - 4000.0) / 4000.0 * 100.0;
    let difference = sercost::model::grouped(bytes - 4000);
    let change =
        |words: &str| text.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{words} in {text}"));
    assert!(bytes > 4000 && change("  4,000  ").ends_with(&format!("+{difference} (+{percent:.2} %)")), "{text}");
    assert!(change("decode: allocations").contains("+1 (+"), "{text}");
    assert!(change("only now").ends_with("msgpack") && change("only before").ends_with("cbor"), "{text}");
    assert!(change("versions").ends_with("postcard was postcard 1.0.0 before"), "{text}");
    // Neither of the rows that changed is said to be equal.
    assert!(!text.contains("same bytes and allocations"), "{text}");
}

#[test]
fn what_is_no_run_of_the_same_data_is_refused_unless_it_is_wanted() {
    let directory = Directory::new();
    let path = before(&directory);
    let nothing = directory.file("nothing.json", "{}");
    let tasks = directory.join("tasks.json").to_str().unwrap().to_owned();
    run(&format!("tasks noop --engine native --tasks 5 --out {tasks}")).ok();
    let rest = "--rounds 3 --codec json";
    for (line, reason) in [
        (
            format!("profile records:50 {rest} --baseline {nothing}"),
            "is not a results file: it has no member \"schema\"",
        ),
        (format!("profile records:50 {rest} --baseline {}/no.json", directory.path().display()), "no such file"),
        (format!("profile records:50 {rest} --baseline {tasks}"), "it has no rows of \"sercost profile\""),
        (format!("profile records:50 {rest} --seed 7 --baseline {path}"), "its seed is 1, and that of this run 7"),
        (format!("profile records:50 {rest} --buffer reused --baseline {path}"), "it was measured with fresh buffers"),
        (
            format!("profile records:51 {rest} --baseline {path}"),
            "its payload records:50 is list of 50 records of 8 fields, and here it is list of 51 records of 8 fields",
        ),
        (
            format!("profile records:50 {rest} --many 10 --baseline {path}"),
            "and here it is list of 50 records of 8 fields in 10 messages",
        ),
        (format!("profile records:50 {rest} --any-baseline"), "--baseline <RESULTS>"),
    ] {
        let error = run(&line).error();
        assert!(error.contains(reason), "{line}: {error}");
        let remedy = !["schema", "no such file", "it has no rows", "<RESULTS>"].iter().any(|own| reason.contains(own));
        assert_eq!(error.contains("--any-baseline compares with it all the same"), remedy, "{error}");
    }
    for line in ["records:50 --seed 7", "records:51", "records:50 --buffer reused"] {
        let found = run(&format!("profile {line} {rest} --baseline {path} --any-baseline --format json")).document();
        assert_eq!(row(&found, "json")["only_in"], Value::Null, "{line}");
    }
}

#[test]
fn a_payload_is_known_by_its_values_and_not_by_its_name() {
    let directory = Directory::new();
    let (one, other) = (directory.file("a.json", "[1, 2, 3]"), directory.file("b.json", "[1, 2, 4]"));
    let same = directory.file("c.json", "[1,2,3]");
    let path = directory.join("before.json").to_str().unwrap().to_owned();
    let rest = "--rounds 3 --codec json";
    run(&format!("profile {one} {rest} --out {path}")).ok();
    let found = run(&format!("profile {same} {rest} --baseline {path} --format json")).document();
    assert_eq!(row(&found, "json")["payload"], json!(same));
    assert_eq!(row(&found, "json")["only_in"], Value::Null);
    let error = run(&format!("profile {other} {rest} --baseline {path}")).error();
    assert!(error.contains("a.json has other values or types than here: both are list of 3 u8"), "{error}");
    // Files from before have no digest.
    let older = edited(&directory, &path, |document| {
        document["payloads"][0].as_object_mut().unwrap().remove("digest").unwrap();
    });
    run(&format!("profile {one} {rest} --baseline {older}")).ok();
}

#[test]
fn the_earlier_file_is_never_replaced() {
    let directory = Directory::new();
    let path = before(&directory);
    let link = directory.join("link.json");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let content = fs::read(&path).unwrap();
    for (out, force) in [(path.as_str(), ""), (path.as_str(), "--force"), (link.to_str().unwrap(), "--force")] {
        let error = run(&format!("{LINE} --baseline {path} --out {out} {force}")).error();
        assert!(error.contains("is the --baseline of this call, which it would replace"), "{error}");
    }
    assert_eq!(fs::read(&path).unwrap(), content);
}

#[test]
fn a_program_for_own_types_has_it_too() {
    let directory = Directory::new();
    let path = directory.join("before.json").to_str().unwrap().to_owned();
    let program = |more: &[&str]| {
        let mut command = Command::new(crate::face::example("orders"));
        command.args(["orders", "--codec", "json,postcard", "--rounds", "3"]).args(more);
        finish(&mut command)
    };
    program(&["--out", &path]).ok();
    let found = tools::document(&program(&["--baseline", &path, "--format", "json"]).ok());
    // The allocator of that program does not count.
    let counts = row(&found, "postcard")["counts"].as_array().unwrap();
    assert!(counts.len() == 1 && counts[0]["what"] == "bytes", "{counts:?}");
    assert!(counts[0]["before"].as_u64() > Some(50_000) && counts[0]["before"] == counts[0]["now"], "{counts:?}");
    let error = program(&["--baseline", &path, "--buffer", "presized"]).error();
    assert!(error.contains("it was measured with fresh buffers"), "{error}");
}
