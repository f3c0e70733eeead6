//! From measurements to rows: the stages of a row brought together, ranked, tied, and the facts drawn from them.
//!
//! Everything that more than one output format says is worked out here, once.

use super::envelope::{Candidate, Piece, envelope};
use super::ranking::{self, Contender, LEAST_LAYOUTS, Shift};
use super::turned::{self, Turned};
use crate::model::{
    AcrossLayouts, Layouts, Measurement, PayloadInfo, Representation, RowKey, Run, Stage, Summary, Verdict, clean,
};
use crate::stats::{RowSamples, Samples, median, summarize};

/// The codec that walks the payload and writes nothing. It is not a competitor but a part of every other row.
const WALK: &str = "null";

/// The codecs that run the derived code of real structs, and so do not walk the schema.
const NATIVE: [&str; 4] = ["rkyv", "borsh", "wincode", "speedy"];

/// A row: all the stages of one trip.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Its identity.
    pub key: RowKey<'a>,
    /// Whether a part of it is modelled and not measured.
    pub modelled: bool,
    /// The codec, and the compressor after a `+`.
    pub label: String,
    stages: Vec<&'a Measurement>,
    /// Whether it is the row that the ratios refer to.
    reference: bool,
    verdict: Option<Verdict>,
}

/// The place of a row among those of its section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Among the best.
    Ranked {
        /// From 1 on.
        rank: usize,
        /// Whether others have the same.
        shared: bool,
    },
    /// It goes by way of the schema, and the same codec has derived code, which stands for it: it follows that row.
    Beside,
    /// It failed, or it is not measured yet.
    Unranked,
}

/// The rows that crossed the same way.
#[derive(Debug)]
pub struct Section<'a> {
    /// The transport; `None` where all rows of the run crossed by one.
    pub transport: Option<&'a str>,
    /// Whether the transfer is computed for a link, and not measured.
    pub modelled: bool,
    /// Ranked rows by rank and median total, then the others in the order of the run.
    pub rows: Vec<(Place, Row<'a>)>,
}

/// Everything about one payload.
#[derive(Debug)]
pub struct PayloadRows<'a> {
    /// The payload.
    pub info: &'a PayloadInfo,
    /// Its rows, by the way that they crossed.
    pub sections: Vec<Section<'a>>,
    /// The rows of the `null` codec.
    pub walks: Vec<Row<'a>>,
    /// With several transports: the measured rows of all of them in one order.
    pub ways: Vec<(Place, Row<'a>)>,
    /// The codecs that stand in another order in derived code than by way of the schema, over the first transport.
    pub turned: Vec<Turned>,
}

impl<'a> Row<'a> {
    fn new(first: &'a Measurement) -> Self {
        let mut label = clean(&first.codec);
        if let Some(compressor) = &first.compressor {
            label.push('+');
            label.push_str(&clean(compressor));
        }
        Row {
            key: first.key(),
            // The part of a modelled row that comes first may well be measured; `collect` looks at all of them.
            modelled: first.modelled,
            label,
            stages: vec![first],
            reference: false,
            verdict: None,
        }
    }

    fn takes(&self, other: &Measurement) -> bool {
        self.key == other.key() && self.stage(other.stage).is_none()
    }

    /// Whether it was measured inside an interpreter.
    pub fn is_python(&self) -> bool {
        self.key.representation == Representation::Python
    }

    /// Whether it is the row that goes by way of the schema where the other is derived code, with all else the same.
    pub fn is_typed_twin_of(&self, derived: &Row<'_>) -> bool {
        let RowKey { representation, .. } = derived.key;
        let of_schema = RowKey { representation: Representation::Typed, ..derived.key };
        representation == Representation::Derived && self.key == of_schema && self.modelled == derived.modelled
    }

    /// The measurement of one stage.
    pub fn stage(&self, stage: Stage) -> Option<&'a Measurement> {
        self.stages.iter().find(|m| m.stage == stage).copied()
    }

    /// The median of one stage in nanoseconds.
    pub fn p50(&self, stage: Stage) -> Option<f64> {
        self.stage(stage)?.summary.as_ref().map(|summary| summary.p50_ns)
    }

    /// The summary of the whole trip.
    pub fn total(&self) -> Option<&'a Summary> {
        self.stage(Stage::Total)?.summary.as_ref()
    }

    /// The bytes that cross: those of the last stage before the receiver that says so.
    pub fn bytes(&self) -> Option<u64> {
        [Stage::Transfer, Stage::Compress, Stage::Encode, Stage::Total]
            .into_iter()
            .find_map(|stage| self.stage(stage)?.bytes)
    }

    /// Why it failed.
    pub fn error(&self) -> Option<String> {
        self.stages.iter().find_map(|m| m.error.as_deref()).map(clean)
    }

    /// The losses of the round trip; `None` where nothing was compared.
    pub fn lossy(&self) -> Option<Vec<String>> {
        let mut all: Option<Vec<String>> = None;
        for loss in self.stages.iter().filter_map(|m| m.lossy.as_ref()) {
            let all = all.get_or_insert_default();
            for sentence in loss.iter().map(|sentence| clean(sentence)) {
                if !all.contains(&sentence) {
                    all.push(sentence);
                }
            }
        }
        all
    }

    /// Whether what arrived is not what was sent.
    pub fn loses(&self) -> bool {
        self.stages.iter().any(|m| m.lossy.as_ref().is_some_and(|losses| !losses.is_empty()))
    }

    /// Why it was not measured like the others, where nothing is wrong with it.
    pub fn left_out(&self) -> Option<String> {
        self.stages.iter().find_map(|m| m.left_out.as_deref()).map(clean)
    }

    /// The rounds that it was measured in.
    pub fn rounds(&self) -> u64 {
        self.total().map_or(0, |total| total.count)
    }

    /// The time of the whole trip across layouts of the code; `None` where there was one alone.
    pub fn across_layouts(&self) -> Option<&'a AcrossLayouts> {
        self.stage(Stage::Total)?.layouts.as_ref()
    }

    /// The layouts that it was measured in.
    pub fn layouts(&self) -> u64 {
        self.across_layouts().map_or(1, |across| across.count)
    }

    /// Whether it is the row that the ratios refer to.
    pub fn is_reference(&self) -> bool {
        self.reference
    }

    /// Against the reference, with the error controlled for the table and the margin of the measuring itself: `None` for the
    /// reference, without one, and where fewer than [`crate::stats::LEAST_ROUNDS`] are shared.
    pub fn verdict(&self) -> Option<Verdict> {
        self.verdict
    }

    /// Whether it runs derived code of its crate.
    pub fn is_native(&self) -> bool {
        NATIVE.contains(&self.key.code())
    }

    /// The name of the reference of a payload.
    fn reference_name(&self) -> String {
        match self.key.representation {
            Representation::Dynamic | Representation::Derived => {
                format!("{} ({})", self.label, self.key.representation)
            }
            Representation::Typed | Representation::Python => self.label.clone(),
        }
    }

    /// Everything but the transfer, and the bytes: what decides at which bandwidth the codec is the best.
    fn candidate(&self) -> Option<Candidate> {
        let bytes = self.bytes()? as f64;
        let steps = [Stage::Encode, Stage::Compress, Stage::Decompress, Stage::Decode];
        // A stage that is there without a summary failed; the sum would be too small.
        if steps.iter().any(|&step| self.stage(step).is_some_and(|m| m.summary.is_none())) {
            return None;
        }
        Some(Candidate { cpu_ns: steps.iter().filter_map(|&step| self.p50(step)).sum(), bytes })
    }

    /// The median over rounds of the stages' sum divided by the total.
    fn closure(&self) -> Option<f64> {
        let total = self.stage(Stage::Total)?;
        let per_operation = |m: &Measurement, round: usize| -> Option<f64> {
            Some((*m.samples_ns.get(round)?)? as f64 / m.operations_per_sample.unwrap_or(1).max(1) as f64)
        };
        let steps: Vec<_> = self.stages.iter().filter(|m| m.stage != Stage::Total).collect();
        let mut ratios: Vec<f64> = (0..total.samples_ns.len())
            .filter_map(|round| {
                let whole = per_operation(total, round).filter(|whole| *whole > 0.0)?;
                let sum = steps.iter().map(|m| per_operation(m, round)).sum::<Option<f64>>()?;
                Some(sum / whole)
            })
            .collect();
        if steps.is_empty() || ratios.is_empty() {
            return None;
        }
        ratios.sort_by(f64::total_cmp);
        Some((ratios[(ratios.len() - 1) / 2] + ratios[ratios.len() / 2]) / 2.0)
    }
}

/// The rows of every payload, in the order of the command line.
pub fn collect(run: &Run) -> Vec<PayloadRows<'_>> {
    run.payloads.iter().map(|info| collect_one(info, &run.measurements)).collect()
}

fn collect_one<'a>(info: &'a PayloadInfo, measurements: &'a [Measurement]) -> PayloadRows<'a> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    for measurement in measurements.iter().filter(|m| m.payload == info.name) {
        // Stages of a row stand together in the file; looking from the end finds theirs at once.
        match rows.iter_mut().rev().find(|row| row.takes(measurement)) {
            Some(row) => {
                row.modelled |= measurement.modelled;
                row.stages.push(measurement);
            }
            None => rows.push(Row::new(measurement)),
        }
    }
    let (walks, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.key.codec == WALK);
    let mut sections: Vec<Section<'a>> = Vec::new();
    for row in rows {
        let (transport, modelled) = (row.key.transport, row.modelled);
        // Python's own transport is a pipe too, and its rows are measured once, whatever the others are sent over: they
        // stand among those of the first transport, to be ranked with them.
        let joins = row.is_python();
        let mut places = sections.iter_mut().filter(|section| section.modelled == modelled);
        match places.find(|section| section.transport == transport || (joins && !modelled)) {
            Some(section) => section.rows.push((Place::Unranked, row)),
            None => sections.push(Section { transport, modelled, rows: vec![(Place::Unranked, row)] }),
        }
    }
    let about = About { info, walk_ns: walk_ns(info, &walks) };
    // The stages that a modelled row has no samples for stand in the measured row of the first transport.
    let measured: Vec<Row<'a>> = sections
        .iter()
        .filter(|section| !section.modelled)
        .flat_map(|section| section.rows.iter().map(|(_, row)| row.clone()))
        .collect();
    for section in &mut sections {
        compare(&mut section.rows, &measured, about);
    }
    let ways = ways(&sections, about);
    let first = sections.iter().find(|section| !section.modelled).filter(|_| info.derived.is_some());
    let turned = first.map(|first| turned::turned(&first.rows, &contenders(&first.rows, &measured, about)));
    PayloadRows { info, sections, walks, ways, turned: turned.unwrap_or_default() }
}

/// What the rows of a payload are compared by, beside their samples.
#[derive(Clone, Copy)]
struct About<'a> {
    info: &'a PayloadInfo,
    walk_ns: Option<f64>,
}

/// The encode time of the `null` row, where payloads are walked by way of the schema: lists of plain values are the vectors that
/// derived code has.
fn walk_ns(info: &PayloadInfo, walks: &[Row<'_>]) -> Option<f64> {
    let plain = |element: &serde_json::Value| element.as_str().is_some_and(|name| name != "bytes" && name != "unit");
    if info.schema.get("list").is_some_and(plain) {
        return None;
    }
    walks.iter().find_map(|walk| walk.p50(Stage::Encode))
}

/// The totals of a row, round by round: those of a modelled one are the measured ones with another transfer.
fn totals(row: &Row<'_>, measured: &[Row<'_>]) -> RowSamples {
    let Some(total) = row.stage(Stage::Total) else { return RowSamples::new() };
    if !total.samples_ns.is_empty() {
        return ranking::samples(total);
    }
    let source = measured.iter().find(|other| other.key.without_transport() == row.key.without_transport());
    let stages = source.and_then(|source| Some((source.stage(Stage::Total)?, source.stage(Stage::Transfer)?)));
    let (Some((total, transfer)), Some(modelled)) = (stages, row.p50(Stage::Transfer)) else {
        return RowSamples::new();
    };
    let pairs = ranking::samples(total).into_iter().zip(ranking::samples(transfer));
    pairs.map(|(total, transfer)| Some(total? - transfer? + modelled)).collect()
}

/// The totals by which a row is compared: of each layout of the code the median counts as one round, where there are enough of
/// them.
fn compared_totals(row: &Row<'_>, measured: &[Row<'_>], layouts: Option<&Layouts>) -> RowSamples {
    let rounds = totals(row, measured);
    match layouts.filter(|layouts| layouts.rounds.len() as u64 >= LEAST_LAYOUTS) {
        None => rounds,
        Some(layouts) => {
            let known = |rounds: &[Option<f64>]| median(&rounds.iter().flatten().copied().collect::<Vec<_>>());
            layouts.cut(&rounds).into_iter().map(known).collect()
        }
    }
}

/// The rows that have a total, ready to be compared.
fn contenders<'a>(rows: &[(Place, Row<'a>)], measured: &[Row<'a>], about: About<'a>) -> Vec<(usize, Contender<'a>)> {
    let contender = |row: &Row<'a>| {
        let shift = Shift::of(row, about.walk_ns)?;
        let samples = compared_totals(row, measured, about.info.layouts.as_ref());
        Some(Contender { code: (row.key.code(), row.key.representation), samples, shift })
    };
    rows.iter().enumerate().filter_map(|(at, (_, row))| Some((at, contender(row)?))).collect()
}

/// Gives the rows of a section their verdicts and places, and puts them in their order; rows without a total come last.
fn compare<'a>(rows: &mut Vec<(Place, Row<'a>)>, measured: &[Row<'a>], about: About<'a>) {
    let (at, contenders): (Vec<usize>, Vec<Contender<'a>>) = contenders(rows, measured, about).into_iter().unzip();
    let name = about.info.reference.as_deref().map(clean);
    let is_reference = |row: &Row<'_>| Some(row.reference_name()) == name;
    let verdicts = match at.iter().position(|&at| is_reference(&rows[at].1)) {
        Some(reference) => {
            rows[at[reference]].1.reference = true;
            ranking::verdicts(&contenders, reference)
        }
        // A row of Python is measured on its own transport alone, and is the reference of all.
        None => measured
            .iter()
            .find(|row| row.is_python() && is_reference(row))
            .map(|row| (Place::Unranked, row.clone()))
            .and_then(|row| self::contenders(&[row], measured, about).pop())
            .map_or_else(Vec::new, |(_, reference)| {
                let mut all = contenders.clone();
                all.push(reference);
                ranking::verdicts(&all, contenders.len())
            }),
    };
    for (&at, verdict) in at.iter().zip(verdicts) {
        rows[at].1.verdict = verdict;
    }
    let mut left: Vec<Option<Row<'a>>> = rows.drain(..).map(|(_, row)| Some(row)).collect();
    let timed: Vec<&Row<'a>> = at.iter().filter_map(|&at| left[at].as_ref()).collect();
    let order = ordered(&timed, &contenders);
    rows.extend(order.into_iter().filter_map(|(contender, place)| Some((place, left[at[contender]].take()?))));
    rows.extend(left.into_iter().flatten().map(|row| (Place::Unranked, row)));
}

/// The places of rows that have a total, in their order. Those for which derived code stands are not ranked.
fn ordered(rows: &[&Row<'_>], contenders: &[Contender<'_>]) -> Vec<(usize, Place)> {
    let twin = |row: &Row<'_>| rows.iter().position(|other| other.is_typed_twin_of(row));
    let twins: Vec<Option<usize>> = rows.iter().map(|row| twin(row)).collect();
    let ranks: Vec<usize> = (0..rows.len()).filter(|at| !twins.contains(&Some(*at))).collect();
    let ranked: Vec<Contender<'_>> = ranks.iter().map(|&at| contenders[at].clone()).collect();
    let places = ranking::ranked(&ranked).into_iter().map(|(at, place)| (ranks[at], place));
    places.flat_map(|(at, place)| [Some((at, place)), twins[at].map(|twin| (twin, Place::Beside))]).flatten().collect()
}

/// With several transports: every codec over every one of them, measured ones only, in one order.
fn ways<'a>(sections: &[Section<'a>], about: About<'a>) -> Vec<(Place, Row<'a>)> {
    let measured: Vec<_> = sections.iter().filter(|section| !section.modelled).collect();
    if measured.len() < 2 {
        return Vec::new();
    }
    let all: Vec<(Place, Row<'a>)> = measured.into_iter().flat_map(|section| section.rows.iter().cloned()).collect();
    let (at, contenders): (Vec<usize>, Vec<Contender<'a>>) = contenders(&all, &[], about).into_iter().unzip();
    let timed: Vec<&Row<'a>> = at.iter().map(|&at| &all[at].1).collect();
    ordered(&timed, &contenders).into_iter().map(|(row, place)| (place, timed[row].clone())).collect()
}

/// The totals of one row, with the ratio to those of another, round by round; `None` where one has no rounds of its own.
pub fn compared(row: &Row<'_>, against: &Row<'_>) -> Option<Summary> {
    fn samples<'a>(row: &Row<'a>) -> Option<Samples<'a>> {
        let total = row.stage(Stage::Total).filter(|total| !total.samples_ns.is_empty())?;
        Some(Samples { rounds: &total.samples_ns, operations: total.operations_per_sample.unwrap_or(1) })
    }
    summarize(samples(row)?, Some(samples(against)?))
}

/// How far the sums of stages are from the totals.
#[derive(Debug, PartialEq)]
pub struct Closure {
    /// The largest distance of a row's median ratio from 1.
    pub gap: f64,
    /// The row with that distance.
    pub worst: String,
}

/// The outcome of the comparisons after the round trips.
#[derive(Debug, Default, PartialEq)]
pub struct Fidelity {
    /// Round trips that were compared.
    pub compared: usize,
    /// Those that gave back what was sent.
    pub equal: usize,
    /// The losses, and the codecs that have them, in the order of the run.
    pub losses: Vec<(Vec<String>, Vec<String>)>,
}

impl<'a> PayloadRows<'a> {
    /// All rows but the walks, in the order of the table.
    pub fn rows(&self) -> impl Iterator<Item = &Row<'a>> {
        self.sections.iter().flat_map(|section| section.rows.iter().map(|(_, row)| row))
    }

    /// The rows that have a total.
    pub fn ranked(&self) -> impl Iterator<Item = &Row<'a>> {
        self.rows().filter(|row| row.total().is_some())
    }

    /// The representations that occur.
    pub fn representations(&self) -> Vec<Representation> {
        let mut all: Vec<_> = self.rows().chain(&self.walks).map(|row| row.key.representation).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Whether a codec can occur in more than one representation, so that its name does not tell them apart. Rows of Python
    /// have names of their own.
    pub fn both(&self) -> bool {
        self.representations().iter().filter(|&&representation| representation != Representation::Python).count() > 1
    }

    /// Whether there are rows of Python.
    pub fn has_python(&self) -> bool {
        self.rows().any(Row::is_python)
    }

    /// The steps that occur in any row, in the order of the trip.
    pub fn steps(&self) -> Vec<Stage> {
        let occurs = |step| self.rows().chain(&self.walks).any(|row| row.stage(step).is_some());
        Stage::STEPS.into_iter().filter(|&step| occurs(step)).collect()
    }

    /// Whether a row has to be told apart by its transport or its representation, where the table's place does not.
    pub fn name(&self, row: &Row<'_>) -> String {
        let mut name = self.codec_name(row);
        let measured = self.sections.iter().filter(|section| !section.modelled).count();
        if (measured > 1 && !row.is_python()) || row.modelled {
            name.push_str(&format!(" over {}", row.key.transport.map_or("nothing".to_owned(), clean)));
        }
        name
    }

    /// The codec, and its representation where there are several.
    pub fn codec_name(&self, row: &Row<'_>) -> String {
        let mut name = row.label.clone();
        if self.both() && !row.is_python() {
            name.push_str(&format!(" ({})", row.key.representation));
        }
        name
    }

    /// The fewest rounds of a ranked row.
    pub fn fewest_rounds(&self) -> Option<u64> {
        self.ranked().filter(|row| !row.modelled).filter_map(|row| Some(row.total()?.count)).min()
    }

    /// The worst of the rows, leaving out those whose transfer was not measured.
    pub fn closure(&self) -> Option<Closure> {
        self.ranked()
            .filter(|row| !row.modelled)
            .filter_map(|row| Some(((row.closure()? - 1.0).abs(), row)))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(gap, row)| Closure { gap, worst: self.name(row) })
    }

    /// The losses of each codec; one entry for codecs that lost the same.
    pub fn fidelity(&self) -> Fidelity {
        let mut fidelity = Fidelity::default();
        // A modelled row is the measured one over another link: its round trip is counted already.
        for row in self.rows().filter(|row| !row.modelled) {
            let Some(loss) = row.lossy() else { continue };
            fidelity.compared += 1;
            if loss.is_empty() {
                fidelity.equal += 1;
                continue;
            }
            let name = self.codec_name(row);
            match fidelity.losses.iter_mut().find(|(known, _)| *known == loss) {
                Some((_, names)) if names.contains(&name) => {}
                Some((_, names)) => names.push(name),
                None => fidelity.losses.push((loss, vec![name])),
            }
        }
        fidelity
    }

    /// Why rows failed, and which; one entry for codecs that failed alike.
    pub fn failures(&self) -> Vec<(String, Vec<String>)> {
        let mut failures: Vec<(String, Vec<String>)> = Vec::new();
        for row in self.rows().chain(&self.walks) {
            let Some(error) = row.error() else { continue };
            let whole = self.name(row);
            match failures.iter_mut().find(|(known, _)| *known == error) {
                Some((_, names)) if names.contains(&whole) => {}
                Some((_, names)) => names.push(whole),
                None => failures.push((error, vec![whole])),
            }
        }
        failures
    }

    /// For each representation the codecs on the envelope, from infinite bandwidth down: of those that lose nothing, where
    /// there are any.
    pub fn break_even(&self) -> Vec<(Representation, Vec<(String, Piece)>)> {
        let mut all = Vec::new();
        for representation in self.representations() {
            let mut labels: Vec<String> = Vec::new();
            let mut candidates = Vec::new();
            let competes = |(place, row): &&(Place, Row<'a>)| *place != Place::Beside && row.total().is_some();
            let all_rows = || self.sections.iter().flat_map(|section| &section.rows).filter(competes);
            let of_it = || all_rows().map(|(_, row)| row).filter(|row| row.key.representation == representation);
            let all_lose = of_it().all(Row::loses);
            for row in of_it().filter(|row| all_lose || !row.loses()) {
                // The same codec over another transport costs the same cpu; the first section is the one that counts.
                let Some(candidate) = row.candidate() else { continue };
                if !labels.contains(&row.label) {
                    labels.push(row.label.clone());
                    candidates.push(candidate);
                }
            }
            let pieces = envelope(&candidates);
            if candidates.len() > 1 {
                all.push((
                    representation,
                    pieces.into_iter().map(|piece| (labels[piece.candidate].clone(), piece)).collect(),
                ));
            }
        }
        all
    }
}
