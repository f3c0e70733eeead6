//! The report as CSV: one line for each measurement, base units (nanoseconds, bytes), names as in the results file.

use crate::model::{Allocations, ComponentRow, Measurement, Run, Summary};

/// The columns. Members of `summary` go by their own names; those of `allocations`, two of which would clash, are
/// prefixed. The samples are left to the results file.
const HEADER: [&str; 37] = [
    "payload",
    "codec",
    "codec_version",
    "representation",
    "stage",
    "transport",
    "compressor",
    "modelled",
    "bytes",
    "operations_per_sample",
    "count",
    "min_ns",
    "p50_ns",
    "p90_ns",
    "p99_ns",
    "p999_ns",
    "max_ns",
    "mean_ns",
    "mad_ns",
    "ratio",
    "ratio_low",
    "ratio_high",
    "allocations.count",
    "allocations.bytes",
    "allocations.peak_bytes",
    "allocations.peak_resident_bytes",
    "allocations.grows",
    "allocations.shrinks",
    "lossy",
    "error",
    "left_out",
    "layouts.count",
    "layouts.spread",
    "layouts.mean_ns",
    "layouts.low_ns",
    "layouts.high_ns",
    "instructions",
];

/// The columns of `sercost tasks`: a line for each component of each ledger.
const TASKS_HEADER: [&str; 18] = [
    "engine",
    "scenario",
    "payload",
    "ledger",
    "component",
    "part_of",
    "count",
    "wall_ns",
    "cpu_ns",
    "bytes",
    "min_ns",
    "p50_ns",
    "p90_ns",
    "p99_ns",
    "p999_ns",
    "max_ns",
    "mean_ns",
    "mad_ns",
];

/// The run as CSV with a header line; what is null is empty. Losses are joined by `; `. A run of tasks has a line for
/// each component.
pub fn csv(run: &Run) -> String {
    if !run.scenarios.is_empty() {
        return written(std::iter::once(TASKS_HEADER.map(str::to_owned)).chain(run.components.iter().map(task_line)));
    }
    written(std::iter::once(HEADER.map(str::to_owned)).chain(run.measurements.iter().map(line)))
}

fn written<const N: usize>(lines: impl Iterator<Item = [String; N]>) -> String {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for line in lines {
        // Invariant: every record has as many fields as the header, and writing to a Vec cannot fail.
        writer.write_record(&line).expect("a record of the header's length");
    }
    // Invariants: as above, and the csv crate writes what it was given, which was UTF-8.
    String::from_utf8(writer.into_inner().expect("a Vec takes everything")).expect("UTF-8 in, UTF-8 out")
}

fn task_line(row: &ComponentRow) -> [String; 18] {
    let number = |pick: fn(&Summary) -> f64| row.summary.as_ref().map(pick).map_or(String::new(), |v| v.to_string());
    [
        row.engine.clone(),
        row.scenario.clone(),
        text(row.payload.clone()),
        row.ledger.to_string(),
        row.component.to_string(),
        text(row.part_of),
        row.count().to_string(),
        row.wall_ns.to_string(),
        text(row.cpu_ns),
        text(row.bytes),
        number(|s| s.min_ns),
        number(|s| s.p50_ns),
        number(|s| s.p90_ns),
        number(|s| s.p99_ns),
        number(|s| s.p999_ns),
        number(|s| s.max_ns),
        number(|s| s.mean_ns),
        number(|s| s.mad_ns),
    ]
}

fn line(m: &Measurement) -> [String; 37] {
    let number = |pick: fn(&Summary) -> f64| m.summary.as_ref().map(pick).map_or(String::new(), |v| v.to_string());
    let ratio = |pick: fn(&Summary) -> Option<f64>| text(m.summary.as_ref().and_then(pick));
    let allocated = |pick: fn(&Allocations) -> Option<u64>| text(m.allocations.as_ref().and_then(pick));
    [
        m.payload.clone(),
        m.codec.clone(),
        text(m.codec_version.clone()),
        m.representation.to_string(),
        m.stage.to_string(),
        text(m.transport.clone()),
        text(m.compressor.clone()),
        m.modelled.to_string(),
        text(m.bytes),
        text(m.operations_per_sample),
        text(m.summary.as_ref().map(|summary| summary.count)),
        number(|s| s.min_ns),
        number(|s| s.p50_ns),
        number(|s| s.p90_ns),
        number(|s| s.p99_ns),
        number(|s| s.p999_ns),
        number(|s| s.max_ns),
        number(|s| s.mean_ns),
        number(|s| s.mad_ns),
        ratio(|s| s.ratio),
        ratio(|s| s.ratio_low),
        ratio(|s| s.ratio_high),
        allocated(|a| a.count),
        allocated(|a| a.bytes),
        allocated(|a| a.peak_bytes),
        allocated(|a| a.peak_resident_bytes),
        allocated(|a| a.grows),
        allocated(|a| a.shrinks),
        m.lossy.as_ref().map_or(String::new(), |lossy| lossy.join("; ")),
        text(m.error.clone()),
        text(m.left_out.clone()),
        text(m.layouts.map(|across| across.count)),
        text(m.layouts.map(|across| across.spread)),
        text(m.layouts.map(|across| across.mean_ns)),
        text(m.layouts.and_then(|across| across.low_ns)),
        text(m.layouts.and_then(|across| across.high_ns)),
        text(m.instructions),
    ]
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}
