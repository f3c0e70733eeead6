//! Results files: what is written, what is kept when writing fails, and what is said about files that are not ours.

mod samples;

use crate::results_schema::ResultsSchema;
use crate::synthetic;

use sercost::model::Run;
use sercost::report;
use sercost::store::{self, StoreError, Writer};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// An empty directory of the test's own, gone when the test is.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("store-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An error's text without the directory of the test.
fn said<T: std::fmt::Debug>(result: Result<T, StoreError>, directory: &Directory) -> String {
    result.unwrap_err().to_string().replace(directory.0.to_str().unwrap(), "DIR")
}

fn check(run: &Run) {
    let document: Value = serde_json::from_str(&report::json(run)).unwrap();
    ResultsSchema::new().check(&document).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_document_follows_the_schema() {
    check(&synthetic::plain());
    check(&synthetic::rich());
    check(&synthetic::tasks());
    check(&synthetic::python());
    check(&synthetic::in_layouts(8));
    check(&Run { payloads: vec![], measurements: vec![], ..synthetic::plain() });
}

/// Members that files of the first layout did not always have.
const LATER: &[(&str, &str)] = &[
    ("/$defs/environment", "interpreters"),
    ("/$defs/environment", "lock_digest"),
    ("/$defs/payload", "five_rounds_ns"),
    ("/$defs/payload", "noise"),
    ("/$defs/payload", "digest"),
    ("/$defs/payload", "derived"),
    ("/$defs/payload", "layouts"),
    ("/$defs/measurement", "left_out"),
    ("/$defs/measurement", "layouts"),
    ("/$defs/measurement", "instructions"),
    ("/$defs/allocations", "grows"),
    ("/$defs/allocations", "shrinks"),
];

/// All objects of a document that a definition of the schema describes.
fn objects<'a>(document: &'a mut Value, place: &str) -> Vec<&'a mut serde_json::Map<String, Value>> {
    let all = |list: &'a mut Value| list.as_array_mut().unwrap().iter_mut();
    let found: Vec<&mut Value> = match place {
        "/$defs/environment" => vec![&mut document["environment"]],
        "/$defs/payload" => all(&mut document["payloads"]).collect(),
        "/$defs/measurement" => all(&mut document["measurements"]).collect(),
        "/$defs/allocations" => all(&mut document["measurements"]).map(|row| &mut row["allocations"]).collect(),
        other => panic!("where is {other} in a document?"),
    };
    found.into_iter().filter_map(Value::as_object_mut).collect()
}

#[test]
fn documents_from_before_a_member_came_are_still_good() {
    let mut now = synthetic::plain();
    // Members that such a file does not have are not known.
    for payload in &mut now.payloads {
        (payload.noise, payload.five_rounds_ns, payload.digest) = (None, None, None);
    }
    now.environment.lock_digest = None;
    for allocations in now.measurements.iter_mut().filter_map(|row| row.allocations.as_mut()) {
        (allocations.grows, allocations.shrinks) = (None, None);
    }
    let mut before = serde_json::to_value(&now).unwrap();
    for (place, member) in LATER {
        for object in objects(&mut before, place) {
            object.remove(*member).unwrap();
        }
    }
    before["schema"] = "sercost.results/1".into();
    ResultsSchema::first().check(&before).unwrap_or_else(|error| panic!("{error}"));
    let directory = Directory::new("before");
    let path = directory.join("run.json");
    fs::write(&path, before.to_string()).unwrap();
    assert_eq!(store::read(&path).unwrap(), now);
}

#[test]
fn the_schema_names_the_members_of_the_types_and_no_others() {
    let schema: Value = serde_json::from_str(include_str!("../../schema/sercost.results-2.json")).unwrap();
    let run = serde_json::to_value(synthetic::plain()).unwrap();
    let tasks = serde_json::to_value(synthetic::tasks()).unwrap();
    let measurement = &run["measurements"][0];
    let scenario = &tasks["scenarios"][1];
    // Members that only a run of tasks has are not required, so that files from before stay valid.
    let mut whole = run.clone();
    let compared = serde_json::to_value(synthetic::compared()).unwrap();
    let change = &compared["comparison"]["rows"][0];
    for (optional, run_with) in [("scenarios", &tasks), ("components", &tasks), ("comparison", &compared)] {
        whole[optional] = run_with[optional].clone();
        assert!(!run.as_object().unwrap().contains_key(optional));
        assert!(!schema["required"].as_array().unwrap().contains(&optional.into()));
    }
    let python = serde_json::to_value(synthetic::python()).unwrap();
    let laid_out = serde_json::to_value(synthetic::in_layouts(8)).unwrap();
    let cases = [
        ("/$defs/interpreter", &python["environment"]["interpreters"][0]),
        ("", &whole),
        ("/$defs/scenario", scenario),
        ("/$defs/closure", &scenario["closures"][0]),
        ("/$defs/encoded_part", &scenario["encoded"][0]),
        ("/$defs/alone", &scenario["alone"]),
        ("/$defs/component_row", &tasks["components"][0]),
        ("/$defs/histogram", &tasks["components"][0]["histogram"]),
        ("/$defs/environment", &run["environment"]),
        ("/$defs/payload", &run["payloads"][0]),
        ("/$defs/noise", &run["payloads"][0]["noise"]),
        ("/$defs/layouts", &laid_out["payloads"][0]["layouts"]),
        ("/$defs/across_layouts", &laid_out["measurements"][0]["layouts"]),
        ("/$defs/measurement", measurement),
        ("/$defs/summary", &measurement["summary"]),
        ("/$defs/allocations", &measurement["allocations"]),
        ("/$defs/comparison", &compared["comparison"]),
        ("/$defs/row_change", change),
        ("/$defs/count_change", &change["counts"][0]),
        ("/$defs/time_change", &change["times"][0]),
    ];
    for (place, value) in cases {
        let definition = schema.pointer(place).unwrap();
        let mut members: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        let mut properties: Vec<_> = definition["properties"].as_object().unwrap().keys().cloned().collect();
        let mut required: Vec<_> =
            definition["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
        members.sort();
        properties.sort();
        required.sort();
        assert_eq!(members, properties, "{place}");
        if place.is_empty() {
            members.retain(|name| !["scenarios", "components", "comparison"].contains(&name.as_str()));
        }
        assert_eq!(members, required, "{place}");
        assert_eq!(definition["additionalProperties"], false, "{place}");
    }
}

#[test]
fn null_is_allowed_exactly_where_the_types_allow_it() {
    let schema: Value = serde_json::from_str(include_str!("../../schema/sercost.results-2.json")).unwrap();
    let validator = ResultsSchema::new();
    let mut run = serde_json::to_value(synthetic::plain()).unwrap();
    let tasks = serde_json::to_value(synthetic::tasks()).unwrap();
    run["scenarios"] = serde_json::json!([tasks["scenarios"][1]]);
    run["components"] = tasks["components"].clone();
    run["comparison"] = serde_json::to_value(synthetic::compared()).unwrap()["comparison"].clone();
    let objects = [
        "/comparison",
        "/comparison/rows/0",
        "/comparison/rows/0/counts/0",
        "/comparison/rows/0/times/0",
        "/scenarios/0",
        "/scenarios/0/closures/0",
        "/scenarios/0/encoded/0",
        "/scenarios/0/alone",
        "/components/0",
        "/components/0/histogram",
        "/environment",
        "/payloads/0",
        "/payloads/0/noise",
        "/measurements/0",
        "/measurements/0/summary",
        "/measurements/0/allocations",
    ];
    let mut nullable = 0;
    for object in objects {
        for name in run.pointer(object).unwrap().as_object().unwrap().keys() {
            let mut changed = run.clone();
            changed.pointer_mut(object).unwrap()[name] = Value::Null;
            let read = serde_json::from_value::<Run>(changed.clone());
            assert_eq!(validator.check(&changed).is_ok(), read.is_ok(), "{object}/{name} as null");
            nullable += usize::from(read.is_ok());
        }
    }
    assert!(nullable > 15, "{nullable}");
    assert!(
        schema["$defs"]["stage"]["enum"]
            .as_array()
            .unwrap()
            .iter()
            .all(|name| { serde_json::from_value::<sercost::model::Stage>(name.clone()).is_ok() })
    );
}

#[test]
fn what_is_written_is_read_back() {
    let directory = Directory::new("round");
    let path = directory.join("run.json");
    for run in [synthetic::plain(), synthetic::rich(), synthetic::tasks()] {
        store::write(&path, &run).unwrap();
        assert_eq!(store::read(&path).unwrap(), run);
        assert_eq!(fs::read_to_string(&path).unwrap(), report::json(&run));
    }
    assert_eq!(directory.names(), ["run.json"]);
}

#[test]
fn a_document_can_be_read_line_by_line() {
    let text = report::json(&synthetic::plain());
    assert!(text.ends_with("}\n"));
    assert!(text.starts_with("{\n  \"schema\": \"sercost.results/2\",\n  \"environment\": {\n"));
    assert!(
        text.contains(
            "\n      \"samples_ns\": [61400000, 62628000, 60786000, 60172000, 67540000, 61400000, 62628000, "
        )
    );
    assert!(text.contains("\n      \"schema\": {\"list\": \"i64\"},\n"));
    assert!(text.contains("\n      \"allocations\": null,\n"));
    // The element after one that ends in a one-line member is not on one line itself.
    assert_eq!(text.matches("\n    {\n").count(), 1 + synthetic::plain().measurements.len());
}

#[test]
fn the_mode_of_a_file_and_the_link_to_it_are_kept() {
    let directory = Directory::new("links");
    let (file, link, dangling) = (directory.join("file"), directory.join("link"), directory.join("dangling"));
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("file", &link).unwrap();
    symlink("made", &dangling).unwrap();
    let run = synthetic::plain();
    store::write(&link, &run).unwrap();
    store::write(&dangling, &run).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(store::read(&file).unwrap(), run);
    assert_eq!(directory.names(), ["dangling", "file", "link", "made"]);
}

#[test]
fn places_that_cannot_be_written_are_named_with_the_reason() {
    let directory = Directory::new("places");
    let run = synthetic::plain();
    let create = |path: PathBuf| said(Writer::create(&path, &run), &directory);
    fs::write(directory.join("file"), "").unwrap();
    symlink("loop", directory.join("loop")).unwrap();
    insta::assert_snapshot!(create(directory.join("no/such/run.json")), @r#"cannot write results to "DIR/no/such/run.json": the directory "DIR/no/such" does not exist; make it first"#);
    insta::assert_snapshot!(create(directory.0.clone()), @r#"cannot write results to "DIR": it is a directory; name a file in it, such as "DIR/results.json""#);
    insta::assert_snapshot!(create(directory.join("file/run.json")), @r#"cannot write results to "DIR/file/run.json": not a directory"#);
    insta::assert_snapshot!(create(directory.join("loop")), @r#"cannot write results to "DIR/loop": too many symbolic links, one behind the other"#);
    insta::assert_snapshot!(create(PathBuf::new()), @r#"cannot write results to "": the path is empty"#);
    insta::assert_snapshot!(said(store::write(Path::new("/dev/full"), &run), &directory), @r#"cannot write results to "/dev/full": no space left on device"#);
    let long = directory.join(&"x".repeat(300));
    assert!(create(long).ends_with("file name too long"));
    assert_eq!(directory.names(), ["file", "loop"]);
}

#[test]
fn streams_are_written_once_and_to_the_end() {
    store::write(Path::new("/dev/null"), &synthetic::plain()).unwrap();
    let directory = Directory::new("fifo");
    let path = directory.join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let reader = std::thread::spawn({
        let path = path.clone();
        move || fs::read_to_string(path).unwrap()
    });
    let run = synthetic::plain();
    let mut writer = Writer::create(&path, &run).unwrap();
    assert!(!writer.is_due(u64::MAX));
    writer.update(&run, 0).unwrap();
    writer.flush(&run).unwrap();
    writer.finish(&run).unwrap();
    assert_eq!(reader.join().unwrap(), report::json(&run));
}

#[test]
fn a_writer_writes_at_once_then_once_a_second_then_at_the_end() {
    let directory = Directory::new("writer");
    let path = directory.join("run.json");
    let mut run = synthetic::plain();
    let rounds = |path: &Path| store::read(path).unwrap().payloads[0].rounds;
    run.payloads[0].rounds = 0;
    let mut writer = Writer::create(&path, &run).unwrap();
    assert_eq!(rounds(&path), 0);
    for (round, now, shown) in
        [(1, 5_000_000_000, 1), (2, 5_999_999_999, 1), (3, 6_000_000_000, 3), (4, 6_000_000_001, 3)]
    {
        run.payloads[0].rounds = round;
        writer.update(&run, now).unwrap();
        assert_eq!(rounds(&path), shown, "at {now}");
    }
    writer.flush(&run).unwrap();
    assert_eq!(rounds(&path), 4);
    run.payloads[0].rounds = 5;
    writer.finish(&run).unwrap();
    assert_eq!(rounds(&path), 5);
    assert_eq!(directory.names(), ["run.json"]);
}

#[test]
fn a_directory_that_vanishes_is_an_error_that_says_so() {
    let directory = Directory::new("vanish");
    let inner = directory.join("inner");
    fs::create_dir(&inner).unwrap();
    let run = synthetic::plain();
    let writer = Writer::create(&inner.join("run.json"), &run).unwrap();
    fs::remove_dir_all(&inner).unwrap();
    insta::assert_snapshot!(said(writer.finish(&run), &directory), @r#"cannot write results to "DIR/inner/run.json": the directory "DIR/inner" does not exist any more"#);
}

/// A disk that is full in the middle of the document, by a limit on the size of files: in a process of its own,
/// since the limit cannot be lifted again.
#[test]
fn a_full_disk_keeps_the_previous_document_and_leaves_nothing_behind() {
    const PATH: &str = "SERCOST_TEST_FULL_DISK";
    if let Some(path) = std::env::var_os(PATH) {
        println!("said: {}", store::write(Path::new(&path), &synthetic::rich()).unwrap_err());
        return;
    }
    let directory = Directory::new("full");
    let path = directory.join("run.json");
    store::write(&path, &synthetic::plain()).unwrap();
    let output = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 2; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "store::a_full_disk_keeps_the_previous_document_and_leaves_nothing_behind", "--nocapture"])
        .env(PATH, &path)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("run.json\": file too large"), "{stdout}");
    assert_eq!(store::read(&path).unwrap(), synthetic::plain());
    assert_eq!(directory.names(), ["run.json"]);
}

#[test]
fn files_that_are_not_results_are_told_apart() {
    let directory = Directory::new("read");
    let path = directory.join("x.json");
    let read = |content: &str| {
        fs::write(&path, content).unwrap();
        said(store::read(&path), &directory)
    };
    insta::assert_snapshot!(said(store::read(&directory.join("no.json")), &directory), @r#"cannot read results from "DIR/no.json": no such file or directory"#);
    insta::assert_snapshot!(said(store::read(&directory.0), &directory), @r#"cannot read results from "DIR": is a directory"#);
    insta::assert_snapshot!(read(""), @r#""DIR/x.json" is not a results file: it is empty; `sercost profile ... --out FILE` writes one"#);
    insta::assert_snapshot!(read("hello"), @r#""DIR/x.json" is not a results file: it is not valid JSON: expected value at line 1 column 1; `sercost profile ... --out FILE` writes one"#);
    insta::assert_snapshot!(read("[1]"), @r#""DIR/x.json" is not a results file: it is JSON, but not an object with a member "schema"; `sercost profile ... --out FILE` writes one"#);
    insta::assert_snapshot!(read("{}"), @r#""DIR/x.json" is not a results file: it has no member "schema"; `sercost profile ... --out FILE` writes one"#);
    insta::assert_snapshot!(read(r#"{"schema": 7}"#), @r#""DIR/x.json" is not a results file: its member "schema" is not a string; `sercost profile ... --out FILE` writes one"#);
    insta::assert_snapshot!(read(r#"{"schema": "vega/5"}"#), @r#""DIR/x.json" is not a results file: its member "schema" is "vega/5"; `sercost profile ... --out FILE` writes one"#);
    insta::assert_snapshot!(read(r#"{"new": [], "schema": "sercost.results/3"}"#), @r#""DIR/x.json" has the layout "sercost.results/3", and this sercost reads up to "sercost.results/2"; it was written by a newer version: update sercost"#);
    insta::assert_snapshot!(read(r#"{"schema": "sercost.results/0"}"#), @r#""DIR/x.json" has the layout "sercost.results/0", and this sercost reads up to "sercost.results/2"; no version of sercost wrote it"#);
    insta::assert_snapshot!(read(r#"{"schema": "sercost.results/1"}"#), @r#""DIR/x.json" is not a results file: missing field `environment` at line 1 column 31; `sercost profile ... --out FILE` writes one"#);
}

#[test]
fn a_document_cut_anywhere_is_an_error_and_no_panic() {
    let directory = Directory::new("cut");
    let path = directory.join("run.json");
    let text = report::json(&synthetic::plain());
    for end in (0..text.len() - 2).step_by(97) {
        fs::write(&path, &text[..end]).unwrap();
        assert!(store::read(&path).is_err(), "{end}");
    }
    fs::write(&path, format!("{text}{{}}")).unwrap();
    assert!(store::read(&path).is_err());
}

#[test]
fn deep_schemas_are_kept_and_hostile_depth_is_refused() {
    let directory = Directory::new("deep");
    let path = directory.join("run.json");
    let mut run = synthetic::plain();
    let mut schema = serde_json::json!("i64");
    // The document, the list of payloads and the payload are three levels more.
    for _ in 0..3997 {
        schema = Value::Array(vec![schema]);
    }
    run.payloads[0].schema = schema;
    store::write(&path, &run).unwrap();
    let read = store::read(&path).unwrap();
    assert_eq!(report::json(&read), report::json(&run));

    run.payloads[0].schema = Value::Array(vec![run.payloads[0].schema.take()]);
    store::write(&path, &run).unwrap();
    insta::assert_snapshot!(said(store::read(&path), &directory), @r#""DIR/run.json" is not a results file: it is nested 4001 levels deep, over the limit of 4000; `sercost profile ... --out FILE` writes one"#);
    fs::write(&path, "[".repeat(10_000_000)).unwrap();
    assert!(store::read(&path).is_err());
    fs::write(&path, format!("{{\"schema\": {}", "{\"a\":".repeat(3_000))).unwrap();
    assert!(store::read(&path).is_err());
}
