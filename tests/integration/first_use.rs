//! The first minutes with the program: a file without a verb, examples, numbers as people write them.

use crate::tools::{Directory, finish, run, sercost};
use std::fs;

#[test]
fn a_document_or_a_shape_without_a_verb_is_measured() {
    let directory = Directory::new();
    fs::write(directory.join("orders.json"), "[{\"id\": 1}, {\"id\": 2}]").unwrap();
    for payload in ["orders.json", "range:10"] {
        let mut command = sercost([payload, "--rounds", "3", "-c", "json,postcard"]);
        let ran = finish(command.current_dir(directory.path()));
        assert_eq!(ran.status.code(), Some(0), "{ran:#?}");
        assert!(ran.out.contains("fastest"), "{ran:#?}");
        assert!(ran.err.contains(&format!("\"sercost profile {payload}\"")), "{ran:#?}");
    }
}

#[test]
fn a_pickle_without_a_verb_is_looked_into_and_both_verbs_are_named() {
    let directory = Directory::new();
    // Whatever it is called, a pickle begins with its protocol.
    let pickle = include_bytes!("../../fixtures/laboratory.pkl");
    for name in ["task.pkl", "task.bin"] {
        fs::write(directory.join(name), pickle).unwrap();
        let ran = finish(sercost([name, "--depth", "1"]).current_dir(directory.path()));
        assert_eq!(ran.status.code(), Some(0), "{ran:#?}");
        assert!(ran.out.contains("of pickle, protocol 5"), "{ran:#?}");
        for verb in ["inspect", "profile"] {
            assert!(ran.err.contains(&format!("\"sercost {verb} {name}\"")), "{ran:#?}");
        }
    }
}

#[test]
fn what_is_neither_is_refused_with_what_to_type() {
    let directory = Directory::new();
    fs::write(directory.join("work.py"), "raise SystemExit('it ran')").unwrap();
    let error = |word: &str| finish(sercost([word]).current_dir(directory.path())).error();
    assert!(error("profil").contains("did you mean \"profile\"?"), "{}", error("profil"));
    assert!(error("insp").contains("did you mean \"inspect\"?"), "{}", error("insp"));
    assert!(error("no-such.json").contains("neither a verb nor a file"), "{}", error("no-such.json"));
    assert!(error("range:1x").contains("a count like"), "{}", error("range:1x"));
    assert!(error(".").contains("a directory"), "{}", error("."));
    let program = error("work.py");
    assert!(program.contains("\"sercost tasks work.py\"") && !program.contains("it ran"), "{program}");
}

#[test]
fn every_example_is_written_and_works_and_nothing_is_replaced() {
    let directory = Directory::new();
    let listed = run("example").ok();
    let names: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   ") && !line.starts_with("  name"))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() > 10, "{listed}");
    for name in &names {
        let ran = finish(sercost(["example", name]).current_dir(directory.path()));
        assert_eq!((ran.status.code(), ran.out.as_str()), (Some(0), ""), "{ran:#?}");
        assert!(ran.err.contains(&format!("wrote {name}; try: sercost ")), "{ran:#?}");
        let before = fs::read(directory.join(name)).unwrap();
        let again = finish(sercost(["example", name]).current_dir(directory.path())).error();
        assert!(again.contains("is not replaced") && again.contains("--out FILE"), "{again}");
        assert_eq!(fs::read(directory.join(name)).unwrap(), before);
    }
    let kept = fs::read_to_string("fixtures/orders.json").unwrap();
    assert_eq!(fs::read_to_string(directory.join("orders.json")).unwrap(), kept);
    let elsewhere = directory.join("mine.py");
    finish(sercost(["example", "partial", "-o", elsewhere.to_str().unwrap()]).current_dir(directory.path())).ok();
    assert!(fs::read_to_string(&elsewhere).unwrap().contains("from functools import partial"));
    assert!(run("example ordrs.json").error().contains("did you mean \"orders.json\"?"));
}

#[test]
fn counts_are_read_as_people_write_them() {
    for count in ["1e3", "1_000", "1,000", "1k"] {
        let out = run(&format!("profile range:{count} -c json --rounds 3 -f json")).ok();
        assert!(out.contains("list of 1,000 i64"), "{count}: {out}");
    }
    assert!(run("profile range:1,5 -c json").error().contains("1,000,000"));
}

#[test]
fn short_options_mean_what_the_long_ones_do() {
    let directory = Directory::new();
    let path = directory.join("run.json");
    let mut command = sercost(["profile", "range:10", "-c", "json,postcard", "-t", "100ms", "-f", "csv", "-o"]);
    let out = finish(command.arg(&path)).ok();
    assert!(out.starts_with("payload,codec,"), "{out}");
    let written = fs::read_to_string(&path).unwrap();
    assert!(written.contains("\"lock_digest\": \"xxh3:"), "{written}");
}
