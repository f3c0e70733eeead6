//! A row through all rounds: its samples, its errors, and the measurements that they become.

use super::case::Case;
use super::link::Link;
use super::sample::{Failure, Repeats, StageTimes};
use crate::model::{Allocations, Measurement, Ratio, Stage, Summary};
use crate::stats::{Samples, summarize};

/// A case and all that is known of it.
pub(super) struct Row {
    pub(super) case: Case,
    pub(super) repeats: Repeats,
    /// Messages of one sample.
    pub(super) messages: usize,
    /// One per round; all `None` where the row did not run.
    pub(super) rounds: Vec<StageTimes>,
    pub(super) encoded_bytes: Option<u64>,
    pub(super) compressed_bytes: Option<u64>,
    pub(super) encode_allocations: Option<Allocations>,
    pub(super) decode_allocations: Option<Allocations>,
    /// The digest of what a codec that loses something gives back.
    lossy_digest: Option<u64>,
    pub(super) lossy: Option<Vec<String>>,
    pub(super) error: Option<(Stage, String)>,
    /// The total of the last sample before the rounds, per message.
    pub(super) warm_total: Option<f64>,
    /// The reason that it has no samples, or fewer than others, though it did not fail.
    pub(super) left_out: Option<String>,
}

impl Row {
    pub(super) fn new(case: Case, messages: usize) -> Self {
        Row {
            case,
            repeats: Repeats::ONCE,
            messages,
            rounds: Vec::new(),
            encoded_bytes: None,
            compressed_bytes: None,
            encode_allocations: None,
            decode_allocations: None,
            lossy_digest: None,
            lossy: None,
            error: None,
            warm_total: None,
            left_out: None,
        }
    }

    /// The same row before anything was measured.
    pub(super) fn blank(&self) -> Self {
        Row::new(self.case.clone(), self.messages)
    }

    /// Takes over what is known; of the rounds only those that are new.
    pub(super) fn copy_from(&mut self, other: &Row) {
        // The last one that is there may have been made before it was filled.
        self.rounds.truncate(self.rounds.len().saturating_sub(1));
        self.rounds.extend_from_slice(other.rounds.get(self.rounds.len()..).unwrap_or_default());
        let Row { repeats, encoded_bytes, compressed_bytes, lossy_digest, warm_total, .. } = other;
        if self.case.version != other.case.version {
            self.case.version.clone_from(&other.case.version);
        }
        (self.repeats, self.encoded_bytes, self.compressed_bytes) = (*repeats, *encoded_bytes, *compressed_bytes);
        (self.lossy_digest, self.warm_total) = (*lossy_digest, *warm_total);
        self.encode_allocations = other.encode_allocations;
        self.decode_allocations = other.decode_allocations;
        self.lossy.clone_from(&other.lossy);
        self.error.clone_from(&other.error);
        self.left_out.clone_from(&other.left_out);
    }

    fn stages(&self) -> Vec<Stage> {
        if self.case.is_null {
            return vec![Stage::Encode];
        }
        let compressed = self.case.compressor.is_some();
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

    fn summary(&self, stage: Stage, reference: Option<&Row>) -> Option<Summary> {
        let rounds = self.samples(stage);
        let theirs = reference.map(|row| row.samples(stage));
        let reference =
            reference.zip(theirs.as_deref()).map(|(row, rounds)| Samples { rounds, operations: row.operations(stage) });
        summarize(Samples { rounds: &rounds, operations: self.operations(stage) }, reference)
    }

    /// The time of a stage in parts of another row's, round by round.
    pub(super) fn ratio_to(&self, other: &Row, stage: Stage) -> Option<Ratio> {
        let summary = self.summary(stage, Some(other))?;
        let (low, high) = (summary.ratio_low, summary.ratio_high);
        summary.ratio.map(|median| Ratio { median, low, high })
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
            codec: self.case.codec.clone(),
            codec_version: Some(self.case.version.clone()),
            representation: self.case.representation,
            stage,
            transport: (!self.case.is_null).then(|| self.case.transport.to_owned()),
            compressor: self.case.compressor.clone(),
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
            layouts: None,
            instructions: None,
        }
    }

    /// The measurements of the results file, one for each stage. Stages behind one that failed have none of their own; the
    /// total carries the error too. A row that was left out has one of its total, and of each stage of which something is
    /// known.
    pub(super) fn measurements(&self, payload: &str, reference: Option<&Row>) -> Vec<Measurement> {
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

    /// The measurements as they would be over a link on which a transfer takes `transfer_ns(bytes)`.
    pub(super) fn modelled(&self, payload: &str, link: &Link, reference: Option<&Row>) -> Vec<Measurement> {
        let Some(bytes) = self.bytes(Stage::Transfer).filter(|_| self.median_total().is_some()) else {
            return Vec::new();
        };
        // Messages of a stream follow one another: they pay the latency once.
        let transfer =
            |row: &Row| link.transfer_ns(row.bytes(Stage::Transfer).unwrap_or_default() * row.messages as u64);
        // The rounds as they would have been: what is computed on either side is measured, the transfer replaced.
        let totals = |row: &Row| -> Vec<Option<u64>> {
            let replaced = transfer(row);
            row.rounds.iter().map(|round| Some((round.total? - round.transfer?) + replaced as u64)).collect()
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
        let failed = |reason: &str| Err(Failure::Row(Stage::Decode, reason.to_owned()));
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

    /// Sets the losses of every sample from here on.
    pub(super) fn lost(&mut self, digest: u64, losses: Vec<String>) {
        self.lossy_digest = Some(digest);
        self.lossy = Some(losses);
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
