//! The face of the library, as another program uses it.

use crate::tools::{Directory, finish};
use std::path::PathBuf;
use std::process::Command;

/// The example that cargo has built beside this binary.
fn example(name: &str) -> PathBuf {
    let binary = std::env::current_exe().unwrap();
    let example = binary.parent().unwrap().parent().unwrap().join("examples").join(name);
    assert!(example.exists(), "{} is not there: cargo build --examples makes it", example.display());
    example
}

#[test]
fn a_program_measures_with_itself_as_the_receiving_process() {
    let directory = Directory::new();
    let path = directory.file("rows.json", br#"[{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]"#);
    let out = finish(Command::new(example("choose")).arg(&path)).ok();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 4, "{out}");
    // Two records of a byte and a string of one.
    assert!(lines[0].starts_with("postcard") && lines[0].contains(" 7 bytes, total "), "{out}");
    assert!(!lines[0].contains(" 0 allocations"), "{out}");
    assert!(lines[2].starts_with("json"), "{out}");
    assert_eq!(lines[3], format!("{path}: postcard is the smallest without a loss"));
}

#[test]
fn what_a_study_cannot_do_is_an_error() {
    let error = |study: sercost::Study| study.run().unwrap_err().to_string();
    let records = || sercost::Study::new().payload("records:2").rounds(2);
    // This binary does not answer when it is started again.
    assert!(error(records()).contains("begin its main function with sercost::answer()"));
    let out = finish(Command::new(example("choose")).arg("recrods:1k"));
    assert!(out.err.contains("did you mean \"records:1k\"?"), "{out:#?}");
}
