//! `sercost list` and the help texts: what there is follows from the tables.

mod tools;

use sercost::codec::{CODECS, COMPRESSORS, PYTHON_ROWS};
use sercost::payload::SHAPES;
use sercost::payload::read::READERS;
use sercost::task::{ENGINES, SCENARIOS};
use sercost::transport::TRANSPORTS;
use tools::{profile, run};

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
    // What is indented more goes on with the line before.
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

#[test]
fn the_version_is_the_packages() {
    assert_eq!(run("--version").ok(), format!("sercost {}\n", env!("CARGO_PKG_VERSION")));
}
