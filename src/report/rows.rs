//! From measurements to rows: the stages of a trip brought together, ranked, tied, and the facts drawn from them.
//!
//! Everything that more than one output format says is worked out here, once.

use super::envelope::{Candidate, Piece, envelope};
use super::style::clean;
use crate::model::{Measurement, PayloadInfo, Representation, Run, Stage, Summary, Verdict};
use crate::stats::{Samples, summarize};

/// The codec that walks the payload and writes nothing. It is no competitor: it is a part of every other row.
const WALK: &str = "null";

/// All the stages of one trip.
#[derive(Clone, Debug)]
pub(super) struct Trip<'a> {
    pub representation: Representation,
    pub transport: Option<&'a str>,
    pub modelled: bool,
    /// The codec, and the compressor after a `+`.
    pub label: String,
    codec: &'a str,
    compressor: Option<&'a str>,
    stages: Vec<&'a Measurement>,
}

/// Where a row stands among those of its section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The rank, and whether others share it.
    Ranked { rank: usize, shared: bool },
    /// It failed, or it is not measured yet.
    Unranked,
}

/// The rows that crossed the same way.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub transport: Option<&'a str>,
    pub modelled: bool,
    /// Ranked rows by median total, then the others in the order of the run.
    pub rows: Vec<(Place, Trip<'a>)>,
}

/// Everything about one payload.
#[derive(Debug)]
pub(super) struct PayloadRows<'a> {
    pub info: &'a PayloadInfo,
    pub sections: Vec<Section<'a>>,
    /// The rows of the `null` codec.
    pub walks: Vec<Trip<'a>>,
}

impl<'a> Trip<'a> {
    fn new(first: &'a Measurement) -> Self {
        let mut label = clean(&first.codec);
        if let Some(compressor) = &first.compressor {
            label.push('+');
            label.push_str(&clean(compressor));
        }
        Trip {
            representation: first.representation,
            transport: first.transport.as_deref(),
            // The part of a modelled trip that comes first may well be measured; `collect` looks at all of them.
            modelled: first.modelled,
            label,
            codec: &first.codec,
            compressor: first.compressor.as_deref(),
            stages: vec![first],
        }
    }

    fn takes(&self, other: &Measurement) -> bool {
        self.representation == other.representation
            && self.codec == other.codec
            && self.compressor == other.compressor.as_deref()
            && self.transport == other.transport.as_deref()
            && self.stage(other.stage).is_none()
    }

    /// Whether it was measured inside an interpreter.
    pub fn is_python(&self) -> bool {
        self.representation == Representation::Python
    }

    /// The measurement of one stage.
    pub fn stage(&self, stage: Stage) -> Option<&'a Measurement> {
        self.stages.iter().find(|m| m.stage == stage).copied()
    }

    /// The median of one stage in nanoseconds.
    pub fn p50(&self, stage: Stage) -> Option<f64> {
        self.stage(stage)?.summary.as_ref().map(|summary| summary.p50_ns)
    }

    /// What the whole trip comes to.
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

    /// What the round trip lost; `None` where nothing was compared.
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

    /// The interval of the ratio to the reference.
    fn interval(&self) -> Option<(f64, f64)> {
        let total = self.total()?;
        Some((total.ratio_low?, total.ratio_high?))
    }

    /// Whether it is the row that the ratios refer to: it alone has an interval of no width at 1.
    pub fn is_reference(&self) -> bool {
        self.interval() == Some((1.0, 1.0))
    }

    /// Against the reference: `None` for the reference itself and without one.
    pub fn verdict(&self) -> Option<Verdict> {
        if self.is_reference() { None } else { self.total()?.verdict() }
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
pub(super) fn collect(run: &Run) -> Vec<PayloadRows<'_>> {
    run.payloads.iter().map(|info| collect_one(info, &run.measurements)).collect()
}

fn collect_one<'a>(info: &'a PayloadInfo, measurements: &'a [Measurement]) -> PayloadRows<'a> {
    let mut trips: Vec<Trip<'a>> = Vec::new();
    for measurement in measurements.iter().filter(|m| m.payload == info.name) {
        // Stages of a trip stand together in the file; looking from the end finds theirs at once.
        match trips.iter_mut().rev().find(|trip| trip.takes(measurement)) {
            Some(trip) => {
                trip.modelled |= measurement.modelled;
                trip.stages.push(measurement);
            }
            None => trips.push(Trip::new(measurement)),
        }
    }
    let (walks, trips): (Vec<_>, Vec<_>) = trips.into_iter().partition(|trip| trip.codec == WALK);
    let mut sections: Vec<Section<'a>> = Vec::new();
    for trip in trips {
        let row = (Place::Unranked, trip);
        let (transport, modelled) = (row.1.transport, row.1.modelled);
        // Python's own transport is a pipe too, and its rows are measured once, whatever the others are sent over: they
        // stand among those of the first transport, to be ranked with them.
        let joins = row.1.is_python();
        let mut places = sections.iter_mut().filter(|section| section.modelled == modelled);
        match places.find(|section| section.transport == transport || (joins && !modelled)) {
            Some(section) => section.rows.push(row),
            None => sections.push(Section { transport, modelled, rows: vec![row] }),
        }
    }
    for section in &mut sections {
        rank(&mut section.rows);
    }
    PayloadRows { info, sections, walks }
}

/// Sorts the rows by median total and gives each its place. The first row leads a group; a row that cannot be told apart
/// from the leader shares the leader's rank, the first that can leads the next group.
fn rank(rows: &mut [(Place, Trip<'_>)]) {
    let key = |trip: &Trip<'_>| trip.total().map_or(f64::INFINITY, |total| total.p50_ns);
    rows.sort_by(|(_, a), (_, b)| key(a).total_cmp(&key(b)));
    let ranked = rows.iter().take_while(|(_, trip)| trip.total().is_some()).count();
    let mut leader = 0;
    while leader < ranked {
        let members = 1 + rows[leader + 1..ranked].iter().take_while(|(_, trip)| tied(&rows[leader].1, trip)).count();
        for (place, _) in &mut rows[leader..leader + members] {
            *place = Place::Ranked { rank: leader + 1, shared: members > 1 };
        }
        leader += members;
    }
}

/// Whether two rows cannot be told apart: the interval of their ratio, round by round, holds 1. A modelled row has no
/// rounds of its own; there the intervals of both against the reference have to overlap.
fn tied(leader: &Trip<'_>, other: &Trip<'_>) -> bool {
    let samples = |trip: &Trip<'_>| {
        let total = trip.stage(Stage::Total)?;
        let operations = total.operations_per_sample.unwrap_or(1);
        (!total.samples_ns.is_empty()).then_some((total.samples_ns.clone(), operations))
    };
    match (samples(leader), samples(other)) {
        (Some((theirs, their_operations)), Some((ours, operations))) => {
            let reference = Samples { rounds: &theirs, operations: their_operations };
            let compared = summarize(Samples { rounds: &ours, operations }, Some(reference));
            compared.is_some_and(|compared| compared.verdict() == Some(Verdict::Tie))
        }
        _ => overlap(leader.interval(), other.interval()),
    }
}

fn overlap(a: Option<(f64, f64)>, b: Option<(f64, f64)>) -> bool {
    matches!((a, b), (Some((a_low, a_high)), Some((b_low, b_high))) if a_low <= b_high && b_low <= a_high)
}

/// How far the sums of stages are from the totals.
#[derive(Debug, PartialEq)]
pub(super) struct Closure {
    /// The largest distance of a row's median ratio from 1.
    pub gap: f64,
    /// The row with that distance.
    pub worst: String,
}

/// What happened to the comparisons after the round trips.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Fidelity {
    /// Round trips that were compared.
    pub compared: usize,
    /// Those that gave back what was sent.
    pub equal: usize,
    /// What was lost, and by which codecs, in the order of the run.
    pub losses: Vec<(Vec<String>, Vec<String>)>,
}

impl<'a> PayloadRows<'a> {
    /// All rows but the walks, in the order of the table.
    pub fn trips(&self) -> impl Iterator<Item = &Trip<'a>> {
        self.sections.iter().flat_map(|section| section.rows.iter().map(|(_, trip)| trip))
    }

    /// The rows that have a total.
    pub fn ranked(&self) -> impl Iterator<Item = &Trip<'a>> {
        self.trips().filter(|trip| trip.total().is_some())
    }

    /// The representations that occur.
    pub fn representations(&self) -> Vec<Representation> {
        let mut all: Vec<_> = self.trips().chain(&self.walks).map(|trip| trip.representation).collect();
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
        self.trips().any(Trip::is_python)
    }

    /// The steps that occur in any row, in the order of the trip.
    pub fn steps(&self) -> Vec<Stage> {
        let occurs = |step| self.trips().chain(&self.walks).any(|trip| trip.stage(step).is_some());
        Stage::STEPS.into_iter().filter(|&step| occurs(step)).collect()
    }

    /// Whether a row has to be told apart by its transport or its representation, where the table's place does not.
    pub fn name(&self, trip: &Trip<'_>) -> String {
        let mut name = self.codec_name(trip);
        let measured = self.sections.iter().filter(|section| !section.modelled).count();
        if (measured > 1 && !trip.is_python()) || trip.modelled {
            name.push_str(&format!(" over {}", trip.transport.map_or("nothing".to_owned(), clean)));
        }
        name
    }

    fn codec_name(&self, trip: &Trip<'_>) -> String {
        let mut name = trip.label.clone();
        if self.both() && !trip.is_python() {
            name.push_str(&format!(" ({})", trip.representation));
        }
        name
    }

    /// The fewest rounds of a ranked row.
    pub fn fewest_rounds(&self) -> Option<u64> {
        self.ranked().filter(|trip| !trip.modelled).filter_map(|trip| Some(trip.total()?.count)).min()
    }

    /// The worst of the rows, leaving out those whose transfer was not measured.
    pub fn closure(&self) -> Option<Closure> {
        self.ranked()
            .filter(|trip| !trip.modelled)
            .filter_map(|trip| Some(((trip.closure()? - 1.0).abs(), trip)))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(gap, trip)| Closure { gap, worst: self.name(trip) })
    }

    /// What each codec lost; one entry for codecs that lost the same.
    pub fn fidelity(&self) -> Fidelity {
        let mut fidelity = Fidelity::default();
        // A modelled row is the measured one over another link: its round trip is counted already.
        for trip in self.trips().filter(|trip| !trip.modelled) {
            let Some(loss) = trip.lossy() else { continue };
            fidelity.compared += 1;
            if loss.is_empty() {
                fidelity.equal += 1;
                continue;
            }
            let name = self.codec_name(trip);
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
        for trip in self.trips().chain(&self.walks) {
            let Some(error) = trip.error() else { continue };
            let whole = self.name(trip);
            match failures.iter_mut().find(|(known, _)| *known == error) {
                Some((_, names)) if names.contains(&whole) => {}
                Some((_, names)) => names.push(whole),
                None => failures.push((error, vec![whole])),
            }
        }
        failures
    }

    /// For each representation the codecs on the envelope, from infinite bandwidth down.
    pub fn break_even(&self) -> Vec<(Representation, Vec<(String, Piece)>)> {
        let mut all = Vec::new();
        for representation in self.representations() {
            let mut labels: Vec<String> = Vec::new();
            let mut candidates = Vec::new();
            for trip in self.ranked().filter(|trip| trip.representation == representation) {
                // The same codec over another transport costs the same cpu; the first section is the one that counts.
                let Some(candidate) = trip.candidate() else { continue };
                if !labels.contains(&trip.label) {
                    labels.push(trip.label.clone());
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
