//! `sercost list` and the help texts: what there is follows from the tables.

use crate::tools::{finish, profile, run, sercost};
use sercost::codec::{CODECS, COMPRESSORS, PYTHON_ROWS};
use sercost::engine::{ENGINES, SCENARIOS};
use sercost::payload::SHAPES;
use sercost::payload::read::READERS;
use sercost::transport::TRANSPORTS;
use std::collections::BTreeMap;

#[test]
fn everything_there_is_is_listed() {
    insta::assert_snapshot!("list", run("list").ok());
}

#[test]
fn one_table_can_be_asked_for() {
    let all = run("list").ok();
    let mut parts = String::new();
    for what in ["payloads", "codecs", "python", "compressors", "transports", "formats", "engines", "scenarios"] {
        let part = run(&format!("list {what}")).ok();
        assert!(all.contains(&part), "{what}");
        parts = if parts.is_empty() { part } else { format!("{parts}\n{part}") };
    }
    assert_eq!(parts, all);
}

/// The first words of the lines of a table.
fn names(what: &str) -> Vec<String> {
    let text = run(&format!("list {what}")).ok();
    // A line that is indented more continues the line before.
    let lines = text.lines().skip(3).take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    lines.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

#[test]
fn every_table_is_listed_whole_and_in_its_order() {
    assert_eq!(names("payloads"), SHAPES.iter().map(|shape| shape.example).collect::<Vec<_>>());
    assert_eq!(names("codecs"), CODECS.iter().map(|codec| codec.info().name).collect::<Vec<_>>());
    assert_eq!(names("python"), PYTHON_ROWS.iter().map(|row| format!("python:{}", row.name)).collect::<Vec<_>>());
    assert_eq!(names("compressors"), COMPRESSORS.iter().map(|compressor| compressor.name).collect::<Vec<_>>());
    assert_eq!(names("transports"), TRANSPORTS.iter().map(|transport| transport.info().name).collect::<Vec<_>>());
    assert_eq!(names("formats"), READERS.iter().map(|reader| reader.name).collect::<Vec<_>>());
    assert_eq!(names("engines"), ENGINES.iter().map(|engine| engine.info().name).collect::<Vec<_>>());
    assert_eq!(names("scenarios"), SCENARIOS.iter().map(|scenario| scenario.name).collect::<Vec<_>>());
}

#[test]
fn what_is_listed_can_be_used() {
    for codec in names("codecs") {
        profile(&format!("range:5 --codec {codec}"));
    }
    for compressor in names("compressors") {
        profile(&format!("range:5 --codec json --compress {compressor}"));
    }
    for transport in names("transports") {
        profile(&format!("range:5 --codec json --transport {transport}"));
    }
}

#[test]
fn help_says_what_there_is() {
    insta::assert_snapshot!("help", run("--help").ok());
    let help = run("profile --help").ok();
    insta::assert_snapshot!("help_profile", help);
    for transport in TRANSPORTS.iter().map(|transport| transport.info().name) {
        assert!(help.contains(transport), "{transport}");
    }
    for compressor in COMPRESSORS {
        assert!(help.contains(compressor.name), "{}", compressor.name);
    }
    let help = run("tasks --help").ok();
    for name in SCENARIOS.iter().map(|s| s.name).chain(ENGINES.iter().map(|e| e.info().name)) {
        assert!(help.contains(name), "{name}");
    }
    for engine in ENGINES {
        for name in engine.info().calls.iter().map(|c| c.name()).chain(engine.info().starts.iter().map(|s| s.name())) {
            assert!(help.contains(name), "{name}");
        }
    }
    insta::assert_snapshot!("help_tasks", help);
    let help = run("profile --help").ok();
    assert!(!help.contains("receive"), "the hidden verb is no user's business");
}

/// The options of a verb's help with what is said of each.
fn options(verb: &str) -> BTreeMap<String, String> {
    let help = run(&format!("{verb} --help")).ok();
    let mut options: BTreeMap<String, String> = BTreeMap::new();
    let mut last = None;
    for line in help.lines() {
        let bare = line.trim_start();
        if bare.starts_with("--") || bare.starts_with('-') && bare.contains(", --") {
            let name = bare.split("--").nth(1).unwrap().split([' ', '=']).next().unwrap();
            last = Some(name.to_owned());
            options.insert(name.to_owned(), String::new());
        } else if let Some(name) = last.as_ref().filter(|_| line.starts_with("          ")) {
            let text = options.get_mut(name).unwrap();
            text.push_str(bare);
            text.push(' ');
        } else if !bare.is_empty() {
            last = None;
        }
    }
    options
}

#[test]
fn what_several_verbs_have_is_said_in_the_same_words() {
    let verbs = ["profile", "tasks", "inspect", "list", "example"];
    let all: Vec<_> = verbs.map(options).into_iter().collect();
    // These mean another thing in each verb, and say so.
    let own = ["codec", "python", "schema", "seed", "out", "details"];
    let mut shared = 0;
    for (at, options) in all.iter().enumerate() {
        assert!(options.contains_key("help"), "{}: {options:?}", verbs[at]);
        for (name, text) in options {
            for (other, options) in all.iter().enumerate().skip(at + 1) {
                if let Some(theirs) = options.get(name).filter(|_| !own.contains(&name.as_str())) {
                    assert_eq!(text, theirs, "--{name} of {} and {}", verbs[at], verbs[other]);
                    shared += 1;
                }
            }
        }
    }
    assert!(shared > 10, "{shared} options are shared");
}

#[test]
fn a_short_help_is_shorter_and_help_is_a_verb_too() {
    for verb in ["profile", "tasks", "inspect", "list", "example"] {
        let (long, short) = (run(&format!("{verb} --help")).ok(), run(&format!("{verb} -h")).ok());
        assert!(short.lines().count() < long.lines().count(), "{verb}");
        assert_eq!(run(&format!("help {verb}")).ok(), long, "{verb}");
    }
    assert_eq!(run("help").ok(), run("--help").ok());
    let short = run("profile -h").ok();
    assert!(short.lines().count() <= 64, "{short}");
}

#[test]
fn lists_have_every_format_and_fit_the_width() {
    for width in [40, 60, 100] {
        let text = finish(sercost(["list"]).env("COLUMNS", width.to_string())).ok();
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
    let json: serde_json::Value = serde_json::from_str(&run("list --format json").ok()).unwrap();
    assert_eq!(json["codecs"].as_array().unwrap().len(), CODECS.len());
    assert_eq!(json["codecs"][1]["codec"], "json");
    assert_eq!(json["codecs"][1]["self-describing"], true);
    let csv = run("list codecs -f csv").ok();
    assert_eq!(csv.lines().count(), CODECS.len() + 1, "{csv}");
    assert!(run("list -f csv").error().contains("say which"));
    let markdown = run("list -f markdown").ok();
    assert_eq!(markdown.matches("\n| --- |").count(), 8, "{markdown}");
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(run("--version").ok(), format!("sercost {}\n", env!("CARGO_PKG_VERSION")));
}
