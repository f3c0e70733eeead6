//! Outputs never take the place of a file that a user may still want.

use crate::tools::{Directory, document, finish, run, sercost, wait_until};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

const ORDERS: &str = "[{\"id\": 1}, {\"id\": 2}]";
const SCENARIO: &str = include_str!("../../../python/scenarios/noop.py");

/// A directory with inputs of every kind, and links to them.
fn inputs() -> Directory {
    let directory = Directory::new();
    directory.file("orders.json", ORDERS);
    directory.file("task.py", SCENARIO);
    let schema = run(&format!("profile {} --show-schema json", directory.join("orders.json").display())).ok();
    directory.file("schema.json", schema);
    symlink("orders.json", directory.join("soft.json")).unwrap();
    symlink("soft.json", directory.join("softer.json")).unwrap();
    fs::hard_link(directory.join("orders.json"), directory.join("hard.json")).unwrap();
    fs::create_dir(directory.join("sub")).unwrap();
    directory
}

fn contents(directory: &Directory) -> Vec<(String, Vec<u8>)> {
    let files = directory.names().into_iter().filter(|name| name != "sub");
    files.map(|name| (name.clone(), fs::read(directory.join(&name)).unwrap())).collect()
}

#[test]
fn an_input_of_the_same_call_is_never_replaced() {
    let directory = inputs();
    let before = contents(&directory);
    for (line, flag, out, what) in [
        ("profile orders.json --out orders.json", "--out", "orders.json", "a payload"),
        ("profile orders.json --out ./sub/../orders.json", "--out", "./sub/../orders.json", "a payload"),
        ("profile orders.json --out soft.json", "--out", "soft.json", "a payload"),
        ("profile softer.json --out hard.json", "--out", "hard.json", "a payload"),
        ("profile range:10 orders.json --out softer.json", "--out", "softer.json", "a payload"),
        ("profile orders.json --schema schema.json --out schema.json", "--out", "schema.json", "the schema"),
        ("tasks ./task.py --trace-out task.py", "--trace-out", "task.py", "a scenario"),
        ("tasks task.py --out task.py", "--out", "task.py", "a scenario"),
        ("tasks noop --payload orders.json --trace-out hard.json", "--trace-out", "hard.json", "a payload"),
        (
            "tasks noop --payload orders.json --schema schema.json --out schema.json",
            "--out",
            "schema.json",
            "the schema",
        ),
    ] {
        for force in ["", " --force"] {
            let ran = finish(sercost(format!("{line}{force}").split(' ')).current_dir(directory.path()));
            let message =
                format!("error: {flag}: {out:?} is {what} of this call, which it would replace; name another file\n");
            assert_eq!(ran.error(), message, "{line}{force}");
            assert!(contents(&directory) == before, "{line}{force}");
        }
    }
}

#[test]
fn standard_input_and_output_are_files_too() {
    let directory = inputs();
    let before = contents(&directory);
    let from = || Stdio::from(fs::File::open(directory.join("hard.json")).unwrap());
    let ran = finish(sercost(["profile", "-", "--out", "orders.json"]).current_dir(directory.path()).stdin(from()));
    assert!(ran.error().contains("\"orders.json\" is a payload of this call"));
    // Results appended to the input by way of the standard output.
    let line = "\"$0\" profile orders.json --out /dev/stdout >> orders.json";
    let ran = Command::new("sh")
        .args(["-c", line, env!("CARGO_BIN_EXE_sercost")])
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("is a payload of this call"), "{ran:?}");
    assert!(contents(&directory) == before);
}

#[test]
fn an_open_file_takes_results_by_its_number() {
    let directory = inputs();
    let line = "\"$0\" profile orders.json --codec json --rounds 2 --out /dev/fd/9 9> new.json";
    let shell = |line: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", line, env!("CARGO_BIN_EXE_sercost")]).current_dir(directory.path()).output().unwrap()
    };
    let ran = shell(line);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let written = fs::read_to_string(directory.join("new.json")).unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert_eq!(parsed["payloads"][0]["name"], "orders.json");
    // An input stays an input, whatever number it has.
    let before = contents(&directory);
    let ran = shell("\"$0\" profile orders.json --codec json --rounds 2 --out /dev/fd/9 9>> orders.json");
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert!(contents(&directory) == before);
}

#[test]
fn the_programs_that_run_are_inputs() {
    let directory = Directory::new();
    let program = directory.join("own").display().to_string();
    fs::copy(env!("CARGO_BIN_EXE_sercost"), &program).unwrap();
    let ran = finish(Command::new(&program).args(["profile", "range:10", "--force", "--out", &program]));
    assert_eq!(
        ran.error(),
        format!("error: --out: {program:?} is the program of this call, which it would replace; name another file\n")
    );
    // An interpreter of the test's own: the real one is not put at risk.
    let python = Command::new("sh").args(["-c", "command -v python3"]).output().unwrap().stdout;
    let python = String::from_utf8(python).unwrap();
    let own = directory.file("python", format!("#!/bin/sh\nexec {} \"$@\"\n", python.trim()));
    assert!(Command::new("chmod").args(["+x", &own]).status().unwrap().success());
    let before = fs::read(&own).unwrap();
    for line in [
        format!("tasks noop --tasks 2 --python {own} --force --trace-out {own}"),
        format!("profile range:10 --codec python:json --python {own} --force --out {own}"),
    ] {
        let error = run(&line).error();
        assert!(error.contains("is the Python of this call"), "{line}: {error}");
        assert!(fs::read(&own).unwrap() == before);
    }
}

#[test]
fn two_outputs_are_two_files() {
    let directory = Directory::new();
    directory.file("empty.json", "");
    fs::hard_link(directory.join("empty.json"), directory.join("other.json")).unwrap();
    symlink("new.json", directory.join("link.json")).unwrap();
    for (out, trace) in
        [("new.json", "new.json"), ("new.json", "./new.json"), ("link.json", "new.json"), ("empty.json", "other.json")]
    {
        let arguments = ["tasks", "noop", "--force", "--out", out, "--trace-out", trace];
        let ran = finish(sercost(arguments).current_dir(directory.path()));
        let message = format!("error: --trace-out: {trace:?} is the file of --out too; name two different files\n");
        assert_eq!(ran.error(), message);
    }
    assert_eq!(directory.names(), ["empty.json", "link.json", "other.json"]);
}

#[test]
fn a_file_that_sercost_has_not_written_is_replaced_only_by_force() {
    let directory = Directory::new();
    let quick = "profile range:10 --codec json --rounds 2";
    for (name, content) in [
        ("notes.txt", "what I think\n"),
        ("object.json", "{\"schema\": \"https://json-schema.org/draft\"}"),
        ("near.json", "{\"schema\": \"sercost.resultsheet/1\"}"),
        ("blank", "\n"),
    ] {
        let path = directory.file(name, content);
        let error = run(&format!("{quick} --out {path}")).error();
        assert!(error.contains("is there already and is not a results file of sercost"), "{error}");
        assert!(error.contains("give --force to replace it"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
        run(&format!("{quick} --out {path} --force")).ok();
        document(&fs::read_to_string(&path).unwrap());
    }
    // A file that sercost wrote is replaced without a word: also one of another version, cut off, sorted, or not there
    // at all yet.
    let whole = fs::read_to_string(directory.join("notes.txt")).unwrap();
    let sorted: serde_json::Value = serde_json::from_str(&whole).unwrap();
    let sorted: std::collections::BTreeMap<String, serde_json::Value> = serde_json::from_value(sorted).unwrap();
    for (name, content) in [
        ("own.json", whole.clone()),
        ("cut.json", whole[..whole.len() / 2].to_owned()),
        ("older.json", "{ \"schema\" : \"sercost.results/0\", \"runs\": []}".to_owned()),
        ("sorted.json", serde_json::to_string_pretty(&sorted).unwrap()),
        ("empty.json", String::new()),
    ] {
        let path = directory.file(name, content);
        run(&format!("{quick} --out {path}")).ok();
        document(&fs::read_to_string(&path).unwrap());
    }
}

#[test]
fn a_timeline_takes_the_place_of_a_timeline() {
    let directory = Directory::new();
    let path = directory.join("t.json");
    let line = format!("tasks noop --engine native --tasks 2 --trace-out {}", path.display());
    run(&line).ok();
    let first = fs::read(&path).unwrap();
    run(&line).ok();
    assert!(fs::read(&path).unwrap() != first);
    // But not of anything else, and results not of a timeline.
    fs::write(&path, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[]}").unwrap();
    assert!(run(&line).error().contains("neither a timeline nor a results file of sercost"));
    run(&format!("{line} --force")).ok();
    let line = format!("profile range:10 --codec json --rounds 2 --out {}", path.display());
    assert!(run(&line).error().contains("is not a results file of sercost"));
}

#[test]
fn streams_may_be_named_as_often_as_one_likes() {
    run("profile range:10 --codec json --rounds 2 --out /dev/null").ok();
    run("tasks noop --engine native --tasks 2 --out /dev/null --trace-out /dev/null").ok();
    let directory = Directory::new();
    let path = directory.join("fifo");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let reader = std::thread::spawn({
        let path = path.clone();
        move || fs::read_to_string(path).unwrap()
    });
    run(&format!("profile range:10 --codec json --rounds 2 --out {}", path.display())).ok();
    document(&reader.join().unwrap());
}

#[test]
fn earlier_results_stay_until_there_are_new_ones() {
    let directory = Directory::new();
    let bad = directory.file("bad.json", "[1, 2");
    let path = directory.join("run.json");
    run(&format!("profile range:10 --codec json --rounds 2 --out {}", path.display())).ok();
    let before = fs::read(&path).unwrap();
    run(&format!("profile {bad} --out {}", path.display())).error();
    assert!(fs::read(&path).unwrap() == before);
    assert_eq!(directory.names(), ["bad.json", "run.json"]);
}

#[test]
fn a_place_that_takes_no_files_is_said_to_take_none() {
    let error = run("profile range:10 --codec json --rounds 2 --out /proc/x.json").error();
    assert_eq!(error, "error: cannot write results to \"/proc/x.json\": a file cannot be made in \"/proc\"\n");
}

#[test]
fn a_document_that_cannot_be_written_any_more_costs_neither_the_old_one_nor_what_is_shown() {
    let directory = Directory::new();
    let inner = directory.join("inner");
    fs::create_dir(&inner).unwrap();
    let path = inner.join("run.json");
    run(&format!("profile range:10 --codec json --rounds 2 --out {}", path.display())).ok();
    let before = fs::read(&path).unwrap();
    let line = format!("profile range:100k --codec json --rounds 300 --format json --out {}", path.display());
    let running = super::Running::start(&mut sercost(line.split(' ')));
    running.receiver();
    // From here on nothing can be made in the directory: what is there is a file of its name.
    let moved = directory.join("moved");
    fs::rename(&inner, &moved).unwrap();
    directory.file("inner", "");
    let ran = running.wait();
    assert_eq!(ran.status.code(), Some(2), "{}", ran.err);
    assert!(ran.err.contains("cannot write results to"), "{}", ran.err);
    assert_eq!(ran.document()["environment"]["complete"], true);
    let after = fs::read_to_string(moved.join("run.json")).unwrap();
    // Whole, be it the old one or one of the new run's before.
    document(&after);
    wait_until("there is nothing beside it", || fs::read_dir(&moved).unwrap().count() == 1);
    assert!(!before.is_empty());
}

#[test]
fn stdout_never_writes_over_a_payload() {
    let directory = inputs();
    let before = contents(&directory);
    for line in ["profile orders.json --format json", "profile softer.json", "tasks noop --payload hard.json"] {
        let own = fs::OpenOptions::new().read(true).write(true).open(directory.join("orders.json")).unwrap();
        let ran = sercost(line.split(' ')).current_dir(directory.path()).stdout(own).output().unwrap();
        let err = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{line}: {err}");
        assert!(err.contains(" is a payload of this call, which it would overwrite"), "{line}: {err}");
        assert!(contents(&directory) == before, "{line}");
    }
}
