//! Known delays and known bytes, put into each component of a pool's tasks, against what `sercost tasks` says of it.
//!
//! `cargo bench --bench calibration` prints a table for the oldest and the newest CPython that it finds (those that `make test`
//! unpacks, pyenv's, and `python3`), or for those that are named behind `--`. A delay is a loop in `benches/calibration.py`
//! that ends when its time is over; what comes out is the median of the component's intervals less the median with no delay.
//! It must be within 2 % or 1 us, and the bytes to the byte.

mod support;

use sercost::model::{Component, Ledger, Nanos, Run};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The components in which a program can spend time, and how a worker has to be started for it.
const PLACES: [(Component, Ledger, &str); 10] = [
    (Component::Iterate, Ledger::Task, "fork"),
    (Component::EncodeTask, Ledger::Task, "fork"),
    (Component::DecodeTask, Ledger::Task, "fork"),
    (Component::Call, Ledger::Task, "fork"),
    (Component::EncodeResult, Ledger::Task, "fork"),
    (Component::DecodeResult, Ledger::Task, "fork"),
    (Component::DropArguments, Ledger::Worker, "fork"),
    (Component::Initializer, Ledger::Worker, "fork"),
    (Component::BootEncode, Ledger::Worker, "spawn"),
    (Component::BootDecode, Ledger::Worker, "spawn"),
];
/// Delays in nanoseconds, and of how many tasks the median is taken.
const DELAYS: [(u64, u64); 6] =
    [(1_000, 1000), (10_000, 1000), (100_000, 500), (1_000_000, 200), (10_000_000, 60), (100_000_000, 15)];
/// The shortest delay that is looked for in the start of a worker.
const LEAST_AT_START: u64 = 10_000_000;
/// The bytes of an item and of a result.
const BYTES: [u64; 2] = [1_000, 50_000];

fn main() {
    let earnest = support::in_earnest();
    let delays = if earnest { &DELAYS[..] } else { &[(1_000_000, 20)] };
    let mut pythons = support::asked();
    if pythons.is_empty() {
        pythons = if earnest { oldest_and_newest() } else { vec!["python3".to_owned()] };
    }
    let (mut off, mut all) = (0, 0);
    for python in &pythons {
        let about = run(python, "none", 0, BYTES[0], 4, "fork");
        println!("\n{}: what comes out for a delay\n", about.scenarios[0].runtime.as_deref().unwrap_or(python));
        println!("| component | {} |", delays.iter().map(|(ns, _)| shown(*ns as f64)).collect::<Vec<_>>().join(" | "));
        println!("| --- |{}", " ---: |".repeat(delays.len()));
        for (component, ledger, start) in PLACES {
            let mut cells = Vec::new();
            for &(delay, tasks) in delays {
                // The start of a worker varies by more than that from one to the next.
                if ledger == Ledger::Worker && start == "spawn" && delay < LEAST_AT_START {
                    cells.push("-".to_owned());
                    continue;
                }
                let of = |ns| median(&run(python, component.name(), ns, BYTES[0], tasks, start), component, ledger);
                let came = of(delay) - of(0);
                let by = came - delay as f64;
                let is_off = by.abs() > 1_000.0 && by.abs() > 0.02 * delay as f64;
                (off, all) = (off + usize::from(is_off), all + 1);
                cells.push(format!("{}{}", shown(came), if is_off { " (!)" } else { "" }));
            }
            println!("| `{component}` | {} |", cells.join(" | "));
        }
        bytes(python);
    }
    println!("\n{} of {all} within 2 % or 1 us", all - off);
}

/// More bytes in an item, a result and what a worker is given are so many more in the component.
fn bytes(python: &str) {
    let [less, more] = BYTES.map(|bytes| run(python, "none", 0, bytes, 50, "spawn"));
    for (component, ledger) in [
        (Component::EncodeTask, Ledger::Task),
        (Component::Transfer, Ledger::Task),
        (Component::EncodeResult, Ledger::Task),
        (Component::DecodeResult, Ledger::Task),
        (Component::BootEncode, Ledger::Worker),
    ] {
        let each = |run: &Run| {
            let row = find(run, component, ledger);
            (row.bytes.unwrap_or(0), row.count())
        };
        let ((before, count), (after, _)) = (each(&less), each(&more));
        assert_eq!(after - before, count * (BYTES[1] - BYTES[0]), "{python}: {component}");
    }
    println!("\nbytes: {} more in each are {0} more in each, to the byte", BYTES[1] - BYTES[0]);
}

fn shown(ns: f64) -> String {
    Nanos(ns.max(0.0)).to_string()
}

fn find(run: &Run, component: Component, ledger: Ledger) -> &sercost::model::ComponentRow {
    run.components
        .iter()
        .find(|row| row.component == component && row.ledger == ledger)
        .unwrap_or_else(|| panic!("there is no {component}"))
}

fn median(run: &Run, component: Component, ledger: Ledger) -> f64 {
    find(run, component, ledger).summary.as_ref().map_or(0.0, |summary| summary.p50_ns)
}

/// A run of the program with a delay in this place.
fn run(python: &str, place: &str, ns: u64, bytes: u64, tasks: u64, start: &str) -> Run {
    // What happens once for each worker is measured in many of them.
    let many = ["initializer", "boot_encode", "boot_decode"].contains(&place);
    let workers = if many { tasks.clamp(2, 9) } else { 1 };
    let output = Command::new(env!("CARGO_BIN_EXE_sercost"))
        .args(["tasks", concat!(env!("CARGO_MANIFEST_DIR"), "/benches/calibration.py"), "--format", "json"])
        .args(["--start", start, "--python", python, "--tasks", &tasks.to_string(), "--workers", &workers.to_string()])
        .env("CALIBRATION_PLACE", place)
        .env("CALIBRATION_NS", ns.to_string())
        .env("CALIBRATION_BYTES", bytes.to_string())
        .stderr(Stdio::inherit())
        .output()
        .expect("the program was built for this bench");
    assert!(output.status.success(), "{python}: sercost tasks ended with {}", output.status);
    serde_json::from_slice(&output.stdout).expect("it prints a results file")
}

/// The oldest and the newest CPython from 3.8 on that there are.
fn oldest_and_newest() -> Vec<String> {
    let mut found = BTreeMap::new();
    let unpacked = [14, 15].map(|minor| {
        PathBuf::from(format!(concat!(env!("CARGO_MANIFEST_DIR"), "/target/pythons/usr/bin/python3.{}"), minor))
    });
    let pyenv = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv/versions"));
    let pyenv = pyenv.and_then(|versions| std::fs::read_dir(versions).ok()).into_iter().flatten().flatten();
    let all = unpacked.into_iter().chain(pyenv.map(|entry| entry.path().join("bin/python3")));
    for python in all.chain([PathBuf::from("python3")]) {
        let program = "import sys; print(sys.version_info[1] if sys.version_info[0] == 3 else 0)";
        let Ok(output) = Command::new(&python).args(["-c", program]).output() else { continue };
        let minor: u32 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or(0);
        if minor >= 8 {
            found.insert(minor, python.display().to_string());
        }
    }
    let (first, last) = (found.first_key_value(), found.last_key_value());
    let mut both: Vec<String> = first.into_iter().chain(last).map(|(_, python)| python.clone()).collect();
    both.dedup();
    both
}
