//! One run out of those of several layouts of the same code.
//!
//! The samples of a row are those of its layouts, one after the other, each with as many places as its layout has rounds: so the
//! samples of one place are still those of one round, in all rows. What is said about a row follows from the medians of its
//! layouts.

use crate::model::{
    DerivedRatio, Layouts, Measurement, Noise, PayloadInfo, Ratio, Representation, Run, Stage, Summary,
};
use crate::stats::{Samples, across_layouts, median, summarize};

/// The run of one payload in all layouts; `layouts` gets its rounds. Nothing where none has begun.
pub(super) fn merged(mut runs: Vec<Run>, mut layouts: Layouts) -> Option<Run> {
    runs.retain(|run| !run.payloads.is_empty());
    layouts.rounds = runs.iter().map(|run| run.payloads[0].rounds).collect();
    layouts.seeds.truncate(runs.len());
    let names = names(&runs);
    let rows: Vec<Row> = names.iter().filter_map(|name| row(&runs, &layouts, name)).collect();
    let reference = runs.first()?.payloads[0].reference.clone();
    let mut measurements: Vec<Measurement> = Vec::with_capacity(rows.len());
    for row in &rows {
        let is_reference = |other: &&Row| {
            let (one, other) = (&row.measurement, &other.measurement);
            // The walk has no transport, and stands against the first.
            let same_way = one.transport == other.transport || one.transport.is_none();
            let same_way = same_way && one.modelled == other.modelled;
            same_way && one.stage == other.stage && Some(label(other)) == reference
        };
        measurements.push(summarized(row, rows.iter().find(is_reference), &layouts));
    }
    let ratios = derived_ratios(&rows, &layouts);
    let info = payload(&runs, layouts, ratios);
    let mut run = runs.swap_remove(0);
    (run.payloads, run.measurements) = (vec![info], measurements);
    Some(run)
}

/// A stage of a row.
struct Row {
    measurement: Measurement,
    /// Its samples; those of a modelled one follow from the measured ones, and are not written.
    samples: Vec<Option<u64>>,
    operations: u64,
}

/// The measurements that occur in any run, in the order of the first that has them.
fn names(runs: &[Run]) -> Vec<&Measurement> {
    let mut names: Vec<&Measurement> = Vec::new();
    for measurement in runs.iter().flat_map(|run| &run.measurements) {
        if !names.iter().any(|known| is_same(known, measurement)) {
            // Stages of a row stand together.
            let row = names.iter().rposition(|known| known.key() == measurement.key());
            names.insert(row.map_or(names.len(), |at| at + 1), measurement);
        }
    }
    names
}

fn is_same(one: &Measurement, other: &Measurement) -> bool {
    one.stage == other.stage && one.modelled == other.modelled && one.key() == other.key()
}

/// The name by which a reference goes.
fn label(row: &Measurement) -> String {
    let compressor = row.compressor.as_ref().map(|name| format!("+{name}")).unwrap_or_default();
    match row.representation {
        Representation::Derived => format!("{}{compressor} ({})", row.codec, row.representation),
        _ => format!("{}{compressor}", row.codec),
    }
}

/// Whether it is of a row over a modelled link, which alone has a summary without samples.
fn is_of_link(row: &Measurement) -> bool {
    row.samples_ns.is_empty() && row.summary.is_some()
}

fn find(run: &Run, stage: Stage, is_it: impl Fn(&Measurement) -> bool) -> Option<&Measurement> {
    run.measurements.iter().find(|row| row.stage == stage && is_it(row))
}

/// The row of all runs.
fn row(runs: &[Run], layouts: &Layouts, name: &Measurement) -> Option<Row> {
    let found: Vec<Option<&Measurement>> =
        runs.iter().map(|run| run.measurements.iter().find(|row| is_same(row, name))).collect();
    let known = || found.iter().flatten();
    let operations = known().filter_map(|row| row.operations_per_sample).max();
    let mut samples = Vec::new();
    for ((run, row), &rounds) in runs.iter().zip(&found).zip(&layouts.rounds) {
        let own = row.map(|row| samples_of(run, row)).unwrap_or_default();
        let of = row.and_then(|row| row.operations_per_sample).unwrap_or(1).max(1);
        // Layouts may have found that samples need more or fewer operations.
        let scaled = |ns: u64| (u128::from(ns) * u128::from(operations.unwrap_or(1)) / u128::from(of)) as u64;
        samples.extend(own.iter().map(|sample| sample.map(scaled)));
        samples.resize(samples.len() + (rounds as usize).saturating_sub(own.len()), None);
    }
    if samples.iter().all(Option::is_none) {
        samples.clear();
    }
    let mut measurement = (*known().next()?).clone();
    let first = |of: fn(&Measurement) -> Option<String>| known().find_map(|row| of(row));
    measurement.error = first(|row| row.error.clone());
    measurement.left_out = first(|row| row.left_out.clone());
    measurement.lossy = known().find_map(|row| row.lossy.clone().filter(|lost| !lost.is_empty()));
    measurement.lossy = measurement.lossy.or_else(|| known().find_map(|row| row.lossy.clone()));
    measurement.allocations = known().find_map(|row| row.allocations);
    measurement.operations_per_sample = operations.filter(|_| !samples.is_empty() || is_of_link(&measurement));
    Some(Row { measurement, samples, operations: operations.unwrap_or(1) })
}

/// The samples of a row in one run. A row over a modelled link has those of the first measured one like it, its transfer replaced.
fn samples_of(run: &Run, row: &Measurement) -> Vec<Option<u64>> {
    let is_source = |other: &Measurement| {
        !other.samples_ns.is_empty()
            && (&other.codec, &other.compressor, other.representation)
                == (&row.codec, &row.compressor, row.representation)
    };
    let source = |stage| find(run, stage, is_source).map(|row| row.samples_ns.clone()).unwrap_or_default();
    match row.stage {
        _ if !is_of_link(row) => row.samples_ns.clone(),
        Stage::Transfer => Vec::new(),
        Stage::Total => {
            let link = find(run, Stage::Transfer, |other| other.modelled && other.key() == row.key());
            let operations = row.operations_per_sample.unwrap_or(1) as f64;
            let ns = link.and_then(|link| Some(link.summary.as_ref()?.p50_ns * operations)).unwrap_or_default();
            let pairs = source(Stage::Total).into_iter().zip(source(Stage::Transfer));
            pairs.map(|(total, transfer)| Some(total?.saturating_sub(transfer?) + ns as u64)).collect()
        }
        stage => source(stage),
    }
}

/// The nanoseconds of an operation, round by round.
fn per_operation(row: &Row) -> Vec<Option<f64>> {
    row.samples.iter().map(|sample| sample.map(|ns| ns as f64 / row.operations.max(1) as f64)).collect()
}

/// One value of each layout: the median of what its rounds have.
fn medians(layouts: &Layouts, rounds: &[Option<f64>]) -> Vec<f64> {
    let known = |rounds: &[Option<f64>]| median(&rounds.iter().flatten().copied().collect::<Vec<_>>());
    layouts.cut(rounds).into_iter().filter_map(known).collect()
}

/// The ratio of two rows across layouts, and its interval.
fn ratio(row: &Row, against: &Row, layouts: &Layouts) -> Option<Ratio> {
    let pairs = per_operation(row).into_iter().zip(per_operation(against));
    let quotients: Vec<Option<f64>> =
        pairs.map(|(one, other)| Some(one? / other?).filter(|ratio| ratio.is_finite())).collect();
    let across = across_layouts(&medians(layouts, &quotients))?;
    Some(Ratio { median: across.mean_ns, low: across.low_ns, high: across.high_ns })
}

/// The row with its summary.
fn summarized(row: &Row, reference: Option<&Row>, layouts: &Layouts) -> Measurement {
    let mut measurement = row.measurement.clone();
    measurement.layouts = across_layouts(&medians(layouts, &per_operation(row)));
    if !row.samples.is_empty() {
        let samples = Samples { rounds: &row.samples, operations: row.operations };
        let ratio = reference.and_then(|reference| ratio(row, reference, layouts));
        measurement.summary = summarize(samples, None).map(|summary| Summary {
            ratio: ratio.map(|ratio| ratio.median),
            ratio_low: ratio.and_then(|ratio| ratio.low),
            ratio_high: ratio.and_then(|ratio| ratio.high),
            ..summary
        });
    }
    // The samples of a row over a link stand in the measured rows already.
    measurement.samples_ns = if is_of_link(&row.measurement) { Vec::new() } else { row.samples.clone() };
    measurement
}

/// Derived code in parts of typed rows, over the first transport.
fn derived_ratios(rows: &[Row], layouts: &Layouts) -> Vec<DerivedRatio> {
    let measured = || rows.iter().filter(|row| !row.measurement.samples_ns.is_empty() && !row.samples.is_empty());
    let first = measured().find_map(|row| row.measurement.transport.clone());
    let of = |derived: &Row, stage: Stage| {
        let name = |row: &&Row, representation| {
            let (row, of) = (&row.measurement, &derived.measurement);
            row.stage == stage
                && row.representation == representation
                && (&row.codec, &row.compressor, &row.transport) == (&of.codec, &of.compressor, &of.transport)
        };
        let own = measured().find(|row| name(row, Representation::Derived))?;
        ratio(own, measured().find(|row| name(row, Representation::Typed))?, layouts)
    };
    let of_first = |row: &&Row| {
        let Measurement { stage, representation, transport, .. } = &row.measurement;
        *stage == Stage::Encode && *representation == Representation::Derived && *transport == first
    };
    let one = |row: &Row| {
        let (encode, decode) = (of(row, Stage::Encode), of(row, Stage::Decode));
        let (codec, compressor) = (row.measurement.codec.clone(), row.measurement.compressor.clone());
        (encode.is_some() || decode.is_some()).then_some(DerivedRatio { codec, compressor, encode, decode })
    };
    measured().filter(of_first).filter_map(one).collect()
}

/// The payload of all runs.
fn payload(runs: &[Run], layouts: Layouts, ratios: Vec<DerivedRatio>) -> PayloadInfo {
    let infos = || runs.iter().map(|run| &run.payloads[0]);
    let mean = |of: fn(&Noise) -> Option<f64>| {
        let values: Vec<f64> = infos().filter_map(|info| of(info.noise.as_ref()?)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let mut info = runs[0].payloads[0].clone();
    info.rounds = infos().map(|info| info.rounds).sum();
    info.wall_ns = infos().map(|info| info.wall_ns).sum();
    info.measured_ns = infos().map(|info| info.measured_ns).sum();
    info.warmup_ns = infos().map(|info| info.warmup_ns).sum();
    info.sender_peak_resident_bytes = infos().filter_map(|info| info.sender_peak_resident_bytes).max();
    info.receiver_peak_resident_bytes = infos().filter_map(|info| info.receiver_peak_resident_bytes).max();
    info.noise = Some(Noise {
        // The processes of other layouts are a load too; the first had the fewest beside it.
        load_average: info.noise.as_ref().and_then(|noise| noise.load_average),
        stolen_share: mean(|noise| noise.stolen_share),
        cpu_share: mean(|noise| noise.cpu_share),
        spread: mean(|noise| noise.spread),
    });
    if let Some(derived) = &mut info.derived {
        derived.ratios = ratios;
    }
    info.layouts = Some(layouts);
    info
}
