//! The code that the benches which run the program share.

use sercost::model::{Measurement, Run, Stage};
use std::process::{Command, Stdio};

/// Runs `sercost profile` and returns its results.
#[allow(dead_code, reason = "each bench uses its part of this module")]
pub(crate) fn profile(arguments: &[&str]) -> Run {
    results("profile", arguments)
}

/// Runs `sercost tasks` and returns its results.
#[allow(dead_code, reason = "each bench uses its part of this module")]
pub(crate) fn tasks(arguments: &[&str]) -> Run {
    results("tasks", arguments)
}

/// Runs the real program and returns its results.
fn results(verb: &str, arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_sercost"))
        .arg(verb)
        .args(arguments)
        .args(["--format", "json"])
        .stderr(Stdio::inherit())
        .output()
        .expect("the program was built for this bench");
    assert!(output.status.success(), "sercost {verb} {arguments:?} ended with {}", output.status);
    serde_json::from_slice(&output.stdout).expect("it prints a results file")
}

/// The measurement of one stage of one codec over one transport.
#[allow(dead_code, reason = "each bench uses its part of this module")]
pub(crate) fn row<'a>(run: &'a Run, codec: &str, transport: &str, stage: Stage) -> &'a Measurement {
    run.measurements
        .iter()
        .find(|row| row.codec == codec && row.transport.as_deref() == Some(transport) && row.stage == stage)
        .unwrap_or_else(|| panic!("there is no row for {codec} over {transport}, {stage}"))
}

/// The median of a row, in nanoseconds.
#[allow(dead_code, reason = "each bench uses its part of this module")]
pub(crate) fn p50(row: &Measurement) -> f64 {
    row.summary.as_ref().unwrap_or_else(|| panic!("{}: {:?}", row.codec, row.error)).p50_ns
}

/// Whether this is a real run and not `cargo test --benches`, which only sees whether it works.
pub(crate) fn in_earnest() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// The names on the command line; none stands for all.
#[allow(dead_code, reason = "each bench uses its part of this module")]
pub(crate) fn asked() -> Vec<String> {
    std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect()
}
