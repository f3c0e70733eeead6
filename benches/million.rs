//! The cost of sercost itself for a million tasks.
//!
//! `cargo bench --bench million` runs 1,000,000 empty tasks with the engine `native` and prints it. What it must show: at
//! most 200 MB of resident memory, a results file of at most 5 MB, at most 2 s from the last task to the report. The same
//! with `--trace-out`, whose file is larger.

mod support;

use sercost::clock::now;
use sercost::model::{Bytes, Nanos};
use sercost::store;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const MOST_BYTES_RESIDENT: u64 = 200_000_000;
const MOST_BYTES_OF_RESULTS: u64 = 5_000_000;
const MOST_NS_FOR_REPORT: u64 = 2_000_000_000;

fn main() {
    let earnest = support::in_earnest();
    let tasks = if earnest { "1M" } else { "3k" };
    let place = |name: &str| Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let (results, trace) = (place("million.json"), place("million-trace.json"));
    for with_trace in [false, true] {
        run(tasks, &results, with_trace.then_some(&trace), earnest);
    }
    for file in [results, trace] {
        let _ = fs::remove_file(file);
    }
}

/// Runs the program as a user does, and holds what it took against what it may take.
fn run(tasks: &str, results: &Path, trace: Option<&PathBuf>, earnest: bool) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sercost"));
    command.args(["tasks", "noop", "--engine", "native", "--force", "--tasks", tasks, "--out"]).arg(results);
    if let Some(trace) = trace {
        command.arg("--trace-out").arg(trace);
    }
    let began = now();
    let mut program = command.stdout(Stdio::null()).spawn().expect("the program was built for this bench");
    let peak = peak_resident(&mut program);
    let wall = now() - began;
    assert!(program.wait().expect("it is a child").success(), "it came to its end");

    let began = now();
    let run = store::read(results).expect("it wrote its results");
    let reading = now() - began;
    let info = &run.scenarios[0];
    assert_eq!((info.messages, info.complete), (info.tasks, true));
    let of_tasks = info.wall_ns.expect("it came to its end");
    let report = wall - of_tasks;
    let size = |path: &Path| fs::metadata(path).map_or(0, |found| found.len());
    println!("{} tasks{}", info.tasks, if trace.is_some() { " with a trace" } else { "" });
    println!("  wall           {}, of which the tasks {}", Nanos(wall as f64), Nanos(of_tasks as f64));
    println!("  peak memory    {} (allowed {})", Bytes(peak), Bytes(MOST_BYTES_RESIDENT));
    println!("  results file   {} (allowed {})", Bytes(size(results)), Bytes(MOST_BYTES_OF_RESULTS));
    println!("  start, report  {} (allowed {})", Nanos(report as f64), Nanos(MOST_NS_FOR_REPORT as f64));
    println!("  reading it     {}", Nanos(reading as f64));
    if let Some(trace) = trace {
        println!("  trace          {}", Bytes(size(trace)));
    }
    assert!(peak <= MOST_BYTES_RESIDENT && size(results) <= MOST_BYTES_OF_RESULTS);
    // Drawing takes its own time.
    if earnest && trace.is_none() && report > MOST_NS_FOR_REPORT {
        println!("  the report took longer than allowed: is the machine busy?");
    }
}

/// The most memory that the process had resident until it ended, as the kernel counts it.
fn peak_resident(program: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", program.id());
    let mut peak = 0;
    while program.try_wait().expect("it is a child").is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) * 1024);
        std::thread::sleep(Duration::from_millis(5));
    }
    peak
}
