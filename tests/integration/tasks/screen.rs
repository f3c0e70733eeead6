//! The first screen of tasks, and what it is made of.

use super::{adds_up, measured, run, tasks, wall};
use crate::tools::{self, Directory, finish, sercost};
use std::fs;

#[test]
fn the_first_screen_says_where_the_time_goes_and_what_to_do() {
    let text = run("partial initializer default-arg global noop --payload range:200k").ok();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let body = text.lines().skip_while(|line| !line.starts_with("━━")).count();
    assert!(body <= 25, "{body} lines: {text}");
    for words in [
        "all tasks a task sent back sender workers function receiver",
        "partial: ",
        " busy: ",
        "keywords[\"data\"]: list of 200,000 int, bound to the function, the same in all 8 tasks",
        " times as long",
        "--details shows everything",
    ] {
        assert!(flat.contains(words), "{words} in {text}");
    }
    for (flag, words) in [
        ("--ledgers", "latency of 8 messages"),
        ("--ledgers", "life of the thread that takes results"),
        ("--components", "queue_wait"),
        ("--check", "explained"),
        ("--environment", "versions"),
    ] {
        let more = run(&format!("noop {flag}")).ok();
        assert!(more.contains(words) && !run("noop").ok().contains(words), "{flag}: {more}");
    }
}

#[test]
fn who_takes_the_results_has_a_ledger() {
    for engine in ["pool", "executor", "native"] {
        let document = measured(&format!("return --payload range:200k --engine {engine}"));
        adds_up(&document);
        let closures = document["scenarios"][0]["closures"].as_array().unwrap();
        let own = closures.iter().find(|closure| closure["ledger"] == "receiver").unwrap();
        assert_eq!(own["count"], 1, "{engine}: {own}");
        for component in ["idle", "result_transfer", "decode_result"] {
            let wall = wall(&document, "return", "receiver", component);
            assert!(wall > 0 && wall < own["wall_ns"].as_u64().unwrap(), "{engine}: {component}");
        }
        // What a result takes there is what it takes on its task's way.
        for component in ["result_transfer", "decode_result"] {
            let (lane, task) =
                (wall(&document, "return", "receiver", component), wall(&document, "return", "task", component));
            // The pool ends it by a message of its own.
            assert!(lane >= task && lane - task < task / 10 + 1_000_000, "{engine}: {component}: {lane}, {task}");
        }
    }
}

#[test]
fn the_parts_of_a_message_are_told_apart_whatever_its_size() {
    let document = measured("args partial --payload range:700k --chunksize 2 --tasks 4");
    for (at, (part, path)) in [("task arguments", "items[0]"), ("bound arguments", "keywords")].into_iter().enumerate()
    {
        let encoded = document["scenarios"][at]["encoded"].as_array().unwrap();
        let heaviest = encoded.iter().max_by_key(|part| part["bytes"].as_u64()).unwrap();
        assert_eq!(heaviest["part"], part, "{encoded:?}");
        assert!(heaviest["path"].as_str().unwrap().starts_with(path), "{encoded:?}");
        assert!(heaviest["bytes"].as_u64().unwrap() > 2_000_000, "{encoded:?}");
    }
}

#[test]
fn every_format_shows_the_components() {
    assert!(run("noop --format markdown").ok().contains("| encode\\_task |"));
    let csv = run("noop --format csv").ok();
    assert!(
        csv.starts_with("engine,scenario,payload,ledger,component,part_of,count,wall_ns,cpu_ns,bytes,min_ns,"),
        "{csv}"
    );
    assert!(csv.contains("\npool,noop,,task,encode_task,,8,"), "{csv}");
    // The bars and the key to them, where there is room.
    let wide = finish(tasks("noop", &Directory::new()).env("COLUMNS", "120")).ok();
    assert!(wide.contains("██ encode") && wide.contains("░░ drop  waits are no part of it"), "{wide}");
    let narrow = finish(tasks("noop", &Directory::new()).env("COLUMNS", "60")).ok();
    assert!(!narrow.contains("██") && narrow.lines().all(|line| line.chars().count() <= 60), "{narrow}");
    let directory = Directory::new();
    let out = directory.join("run.json");
    let text = finish(sercost(["tasks", "noop", "--out"]).arg(&out)).ok();
    assert!(text.contains("2 workers, 8 tasks"), "{text}");
    tools::document(&fs::read_to_string(out).unwrap());
}
