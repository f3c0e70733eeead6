//! The promises of the program about itself on `range:10M`: how much of the wall time is measuring, how much memory
//! each process takes, how soon `--help` is there.
//!
//! `cargo bench --bench claims` prints it. What it must show: at least 85 % of the wall time inside the measured
//! operations; the memory of each process at most the payload, its encoding and its decoded copy, plus 64 MB; `--help`
//! in under 10 ms.

mod support;

use sercost::clock;
use sercost::model::{Bytes, Nanos, Stage};
use sercost::stats::median;
use std::process::{Command, Stdio};

fn main() {
    let payload = if support::in_earnest() { "range:10M" } else { "range:1k" };
    let run = support::profile(&[payload]);
    let info = &run.payloads[0];
    let share = info.measured_ns as f64 / info.wall_ns as f64;
    println!("{payload}: {:.1} % of {} inside the measured operations", share * 100.0, Nanos(info.wall_ns as f64));

    println!("\npeak resident memory while encoding (sender) and decoding (receiver), and the most that is allowed");
    for row in run.measurements.iter().filter(|row| row.transport.is_some()) {
        let (Some(allocations), Some(bytes)) = (row.allocations, row.bytes) else { continue };
        let Some(resident) = allocations.peak_resident_bytes else { continue };
        let allowed = 2 * info.memory_bytes + bytes + 64_000_000;
        let verdict = if resident <= allowed { "" } else { "   MORE, of the codec's own" };
        println!(
            "  {:<16} {:<8} {:>8} of {:>8}   allocated at once {:>8}{verdict}",
            row.codec,
            row.stage,
            Bytes(resident),
            Bytes(allowed),
            Bytes(allocations.peak_bytes.unwrap_or(0))
        );
        assert!(matches!(row.stage, Stage::Encode | Stage::Decode));
    }

    let mut times = Vec::new();
    for _ in 0..if support::in_earnest() { 100 } else { 3 } {
        let start = clock::now();
        let status = Command::new(env!("CARGO_BIN_EXE_sercost"))
            .arg("--help")
            .stdout(Stdio::null())
            .status()
            .expect("the program was built for this bench");
        times.push((clock::now() - start) as f64);
        assert!(status.success());
    }
    println!(
        "\n--help: {} (median of {}, start of the process included)",
        Nanos(median(&times).unwrap_or(0.0)),
        times.len()
    );
}
