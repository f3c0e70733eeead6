//! One trip through all rounds: its samples, its errors, and the measurements that they become.

use super::python::{PYTHON_TRANSPORT, PythonTrip};
use super::session::Failure;
use super::settings::Way;
use crate::model::{Allocations, Measurement, Representation, Stage, Summary};
use crate::stats::{Samples, summarize};

/// How often each stage repeats its operation within one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeats {
    pub(super) encode: usize,
    pub(super) compress: usize,
    pub(super) decompress: usize,
    pub(super) decode: usize,
}

impl Repeats {
    pub(super) const ONCE: Repeats = Repeats { encode: 1, compress: 1, decompress: 1, decode: 1 };
}

/// Nanoseconds of one sample, for all repeats of a stage together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    pub(super) encode: Option<u64>,
    pub(super) compress: Option<u64>,
    pub(super) transfer: Option<u64>,
    pub(super) decompress: Option<u64>,
    pub(super) decode: Option<u64>,
    /// End to end, without surplus repeats.
    pub(super) total: Option<u64>,
}

impl Taken {
    pub(super) fn stage(&self, stage: Stage) -> Option<u64> {
        match stage {
            Stage::Encode => self.encode,
            Stage::Compress => self.compress,
            Stage::Transfer => self.transfer,
            Stage::Decompress => self.decompress,
            Stage::Decode => self.decode,
            Stage::Total => self.total,
        }
    }

    /// The end-to-end time less that of the repeats which only the clock needs.
    pub(super) fn without_surplus(&self, end_to_end: u64, repeats: Repeats) -> u64 {
        let surplus = |taken: Option<u64>, repeats: usize| {
            let taken = taken.unwrap_or_default();
            taken - taken / repeats as u64
        };
        end_to_end.saturating_sub(
            surplus(self.encode, repeats.encode)
                + surplus(self.compress, repeats.compress)
                + surplus(self.decompress, repeats.decompress)
                + surplus(self.decode, repeats.decode),
        )
    }

    /// The time inside measured operations.
    pub(super) fn measured(&self) -> u64 {
        Stage::STEPS.iter().filter_map(|&stage| self.stage(stage)).sum()
    }
}

/// A trip and all that is known of it.
pub(super) struct Lane {
    pub(super) way: Way,
    /// The version of what encodes, as far as it is known: that of a Python module only once it was imported.
    pub(super) version: String,
    pub(super) repeats: Repeats,
    /// Messages of one sample.
    pub(super) messages: usize,
    /// One per round; all `None` where the lane did not run.
    pub(super) rounds: Vec<Taken>,
    pub(super) encoded_bytes: Option<u64>,
    pub(super) compressed_bytes: Option<u64>,
    /// What all messages of a sample take with headers.
    pub(super) room: usize,
    pub(super) encode_allocations: Option<Allocations>,
    pub(super) decode_allocations: Option<Allocations>,
    /// The digest of what a codec that loses something gives back.
    pub(super) lossy_digest: Option<u64>,
    pub(super) lossy: Option<Vec<String>>,
    pub(super) error: Option<(Stage, String)>,
    /// The total of the last sample before the rounds, per message.
    pub(super) warm_total: Option<f64>,
    /// Why it has no samples, or fewer than others, though it did not fail.
    pub(super) left_out: Option<String>,
    /// Buffers kept between samples, where the policy is to reuse them.
    pub(super) buffers: Vec<Vec<u8>>,
}

impl Lane {
    pub(super) fn new(way: Way, messages: usize) -> Self {
        Lane {
            version: match &way {
                Way::Rust(trip) => trip.spec.codec.info().package.to_owned(),
                Way::Python(trip) => trip.version(None),
            },
            way,
            repeats: Repeats::ONCE,
            messages,
            rounds: Vec::new(),
            encoded_bytes: None,
            compressed_bytes: None,
            room: 0,
            encode_allocations: None,
            decode_allocations: None,
            lossy_digest: None,
            lossy: None,
            error: None,
            warm_total: None,
            left_out: None,
            buffers: Vec::new(),
        }
    }

    /// The same lane before anything was measured.
    pub(super) fn blank(&self) -> Self {
        Lane::new(self.way.clone(), self.messages)
    }

    /// Takes over everything but the buffers; of the rounds only those that are new.
    pub(super) fn copy_from(&mut self, other: &Lane) {
        // The last one that is there may have been made before it was filled.
        self.rounds.truncate(self.rounds.len().saturating_sub(1));
        self.rounds.extend_from_slice(other.rounds.get(self.rounds.len()..).unwrap_or_default());
        let Lane { version, repeats, encoded_bytes, compressed_bytes, room, lossy_digest, warm_total, .. } = other;
        if self.version != *version {
            self.version.clone_from(version);
        }
        (self.repeats, self.encoded_bytes, self.compressed_bytes) = (*repeats, *encoded_bytes, *compressed_bytes);
        (self.room, self.lossy_digest, self.warm_total) = (*room, *lossy_digest, *warm_total);
        self.encode_allocations = other.encode_allocations;
        self.decode_allocations = other.decode_allocations;
        self.lossy.clone_from(&other.lossy);
        self.error.clone_from(&other.error);
        self.left_out.clone_from(&other.left_out);
    }

    /// The null codec writes nothing, so nothing travels.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.way, Way::Rust(trip) if trip.is_null())
    }

    /// The row of Python that it is, if it is one.
    pub(super) fn python(&self) -> Option<&PythonTrip> {
        match &self.way {
            Way::Python(trip) => Some(trip),
            Way::Rust(_) => None,
        }
    }

    /// The codec, with its compressor.
    pub(super) fn name(&self) -> String {
        match &self.way {
            Way::Rust(trip) => trip.name(),
            Way::Python(trip) => trip.name(),
        }
    }

    pub(super) fn representation(&self) -> Representation {
        match &self.way {
            Way::Rust(trip) => trip.representation,
            Way::Python(_) => Representation::Python,
        }
    }

    pub(super) fn transport(&self) -> &'static str {
        match &self.way {
            Way::Rust(trip) => trip.transport.info().name,
            Way::Python(_) => PYTHON_TRANSPORT,
        }
    }

    fn compressor(&self) -> Option<String> {
        match &self.way {
            Way::Rust(trip) => trip.spec.compression.as_ref().map(|compression| compression.name()),
            Way::Python(_) => None,
        }
    }

    fn stages(&self) -> Vec<Stage> {
        if self.is_null() {
            return vec![Stage::Encode];
        }
        let compressed = self.compressor().is_some();
        let mut stages: Vec<Stage> = Stage::STEPS
            .into_iter()
            .filter(|stage| compressed || !matches!(stage, Stage::Compress | Stage::Decompress))
            .collect();
        stages.push(Stage::Total);
        stages
    }

    fn operations(&self, stage: Stage) -> u64 {
        let repeats = match stage {
            Stage::Encode => self.repeats.encode,
            Stage::Compress => self.repeats.compress,
            Stage::Decompress => self.repeats.decompress,
            Stage::Decode => self.repeats.decode,
            Stage::Transfer | Stage::Total => 1,
        };
        (repeats * self.messages) as u64
    }

    pub(super) fn samples(&self, stage: Stage) -> Vec<Option<u64>> {
        self.rounds.iter().map(|round| round.stage(stage)).collect()
    }

    /// The median total, per message; `None` where there is none.
    pub(super) fn median_total(&self) -> Option<f64> {
        let rounds = self.samples(Stage::Total);
        summarize(Samples { rounds: &rounds, operations: self.operations(Stage::Total) }, None)
            .map(|summary| summary.p50_ns)
    }

    fn summary(&self, stage: Stage, reference: Option<&Lane>) -> Option<Summary> {
        let rounds = self.samples(stage);
        let theirs = reference.map(|lane| lane.samples(stage));
        let reference = reference
            .zip(theirs.as_deref())
            .map(|(lane, rounds)| Samples { rounds, operations: lane.operations(stage) });
        summarize(Samples { rounds: &rounds, operations: self.operations(stage) }, reference)
    }

    pub(super) fn bytes(&self, stage: Stage) -> Option<u64> {
        match stage {
            Stage::Encode | Stage::Decode => self.encoded_bytes,
            Stage::Decompress => self.encoded_bytes,
            Stage::Compress | Stage::Transfer | Stage::Total => self.compressed_bytes.or(self.encoded_bytes),
        }
    }

    fn measurement(&self, payload: &str, stage: Stage) -> Measurement {
        Measurement {
            payload: payload.to_owned(),
            codec: match &self.way {
                Way::Rust(trip) => trip.codec_name(),
                Way::Python(trip) => trip.name(),
            },
            codec_version: Some(self.version.clone()),
            representation: self.representation(),
            stage,
            transport: (!self.is_null()).then(|| self.transport().to_owned()),
            compressor: self.compressor(),
            modelled: false,
            bytes: self.bytes(stage),
            operations_per_sample: Some(self.operations(stage)),
            samples_ns: self.samples(stage),
            summary: None,
            allocations: match stage {
                Stage::Encode => self.encode_allocations,
                Stage::Decode => self.decode_allocations,
                _ => None,
            },
            lossy: if matches!(stage, Stage::Decode | Stage::Total) { self.lossy.clone() } else { None },
            error: None,
            left_out: self.left_out.clone(),
        }
    }

    /// The lane as rows of the results file. Stages behind one that failed have no row of their own; the total carries
    /// the error too. A lane that was left out has a row of its total, and of each stage of which something is known.
    pub(super) fn measurements(&self, payload: &str, reference: Option<&Lane>) -> Vec<Measurement> {
        let failed = self.error.as_ref().map(|(stage, _)| *stage);
        // Also where the user stopped it after the warm-up: the sizes are known, and there.
        let without_samples = failed.is_none() && self.rounds.iter().all(|round| round.encode.is_none());
        let is_known = |stage: Stage| match stage {
            Stage::Total => self.left_out.is_some() || self.encoded_bytes.is_some(),
            Stage::Encode => self.encoded_bytes.is_some(),
            Stage::Compress => self.compressed_bytes.is_some(),
            Stage::Transfer | Stage::Decompress | Stage::Decode => false,
        };
        self.stages()
            .into_iter()
            .filter_map(|stage| {
                let ran = self.rounds.iter().any(|round| round.stage(stage).is_some());
                let is_failed = failed == Some(stage) || (failed.is_some() && stage == Stage::Total);
                let error = self.error.as_ref().filter(|_| is_failed).map(|(_, reason)| reason.clone());
                if !ran && error.is_none() && !(without_samples && is_known(stage)) {
                    return None;
                }
                let mut row = self.measurement(payload, stage);
                if ran {
                    row.summary = self.summary(stage, reference);
                } else {
                    row.operations_per_sample = None;
                    row.samples_ns.clear();
                }
                row.error = error;
                Some(row)
            })
            .collect()
    }

    /// The rows of this lane as it would be over a link on which a transfer takes `transfer_ns(bytes)`.
    pub(super) fn modelled(&self, payload: &str, link: &super::Link, reference: Option<&Lane>) -> Vec<Measurement> {
        let Some(bytes) = self.bytes(Stage::Transfer).filter(|_| self.median_total().is_some()) else {
            return Vec::new();
        };
        // Messages of a stream follow one another: they pay the latency once.
        let transfer =
            |lane: &Lane| link.transfer_ns(lane.bytes(Stage::Transfer).unwrap_or_default() * lane.messages as u64);
        // The rounds as they would have been: what is computed on either side is measured, the transfer replaced.
        let totals = |lane: &Lane| -> Vec<Option<u64>> {
            let replaced = transfer(lane);
            lane.rounds.iter().map(|round| Some((round.total? - round.transfer?) + replaced as u64)).collect()
        };
        let ours = totals(self);
        let theirs = reference.map(&totals);
        let operations = self.messages as u64;
        let total = summarize(
            Samples { rounds: &ours, operations },
            theirs.as_deref().map(|rounds| Samples { rounds, operations }),
        );
        self.stages()
            .into_iter()
            .map(|stage| {
                let mut row = self.measurement(payload, stage);
                row.transport = Some(link.name());
                row.modelled = matches!(stage, Stage::Transfer | Stage::Total);
                row.allocations = None;
                row.summary = match stage {
                    Stage::Transfer => {
                        Some(exactly(link.transfer_ns(bytes * self.messages as u64) / self.messages as f64))
                    }
                    Stage::Total => total.clone(),
                    stage => self.summary(stage, reference),
                };
                // The samples stand in the measured rows already; the modelled ones follow from them.
                row.samples_ns.clear();
                row
            })
            .collect()
    }

    /// Holds the digest of what arrived against that of what was sent. False where it was not sent like that and is not
    /// known from an earlier sample: then the caller finds out what was lost.
    pub(super) fn arrived(&mut self, repeats_agree: bool, digest: u64, expected: u64) -> Result<bool, Failure> {
        let failed = |reason: &str| Err(Failure::Lane(Stage::Decode, reason.to_owned()));
        if !repeats_agree {
            return failed("decoding the same bytes twice gave different values");
        }
        match self.lossy_digest {
            _ if digest == expected => {
                self.lossy.get_or_insert_default();
                Ok(true)
            }
            Some(known) if digest == known => Ok(true),
            Some(_) => failed("the round trip gave another value than in the rounds before"),
            None => Ok(false),
        }
    }

    /// What every sample loses from here on.
    pub(super) fn lost(&mut self, digest: u64, losses: Vec<String>) {
        self.lossy_digest = Some(digest);
        self.lossy = Some(losses);
    }

    /// Whether the two are the same trip but for the transport.
    pub(super) fn same_but_transport(&self, other: &Lane) -> bool {
        self.representation() == other.representation() && self.name() == other.name()
    }

    /// What the trip is called in the progress line.
    pub(super) fn label(&self) -> String {
        match self.representation() {
            Representation::Typed | Representation::Python => self.name(),
            Representation::Dynamic => format!("{} (dynamic)", self.name()),
        }
    }
}

/// The summary of a time that is computed, and so always the same.
fn exactly(ns: f64) -> Summary {
    Summary {
        count: 0,
        min_ns: ns,
        p50_ns: ns,
        p90_ns: ns,
        p99_ns: ns,
        p999_ns: ns,
        max_ns: ns,
        mean_ns: ns,
        mad_ns: 0.0,
        ratio: None,
        ratio_low: None,
        ratio_high: None,
    }
}
