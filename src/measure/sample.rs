//! A sample: its phase, the times of its stages, and its failure.

use crate::host::ChildError;
use crate::model::Stage;

/// The purpose of a sample.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The first: counts allocations, finds out sizes and durations, warms everything up.
    Calibrate,
    /// With repeats, timed only to find the right number of them.
    Warmup,
    /// One that is kept.
    Measure,
}

/// The reason for which there is no sample.
pub(super) enum Failure {
    /// The row ends here, with the stage and the reason.
    Row(Stage, String),
    /// The user stopped it.
    Interrupted,
}

impl From<ChildError> for Failure {
    fn from(error: ChildError) -> Self {
        match error {
            ChildError::Interrupted => Failure::Interrupted,
            // The stage in which it was lost is unknown; the transfer is where it was noticed.
            error => Failure::Row(Stage::Transfer, error.to_string()),
        }
    }
}

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
pub(super) struct StageTimes {
    pub(super) encode: Option<u64>,
    pub(super) compress: Option<u64>,
    pub(super) transfer: Option<u64>,
    pub(super) decompress: Option<u64>,
    pub(super) decode: Option<u64>,
    /// End to end, without surplus repeats.
    pub(super) total: Option<u64>,
}

impl StageTimes {
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

    /// Sets the total from the time between the first and the last stamp. Subtracts one reading of the clock for each
    /// boundary between stages, which is in no stage, and the repeats that only the clock's precision needs.
    pub(super) fn end_to_end(&mut self, ns: u64, repeats: Repeats, reading_ns: f64) {
        let stages = Stage::STEPS.iter().filter(|&&stage| self.stage(stage).is_some()).count();
        let readings = (stages.saturating_sub(1) as f64 * reading_ns) as u64;
        let surplus = |taken: Option<u64>, repeats: usize| {
            let taken = taken.unwrap_or_default();
            taken - taken / repeats as u64
        };
        let surplus = surplus(self.encode, repeats.encode)
            + surplus(self.compress, repeats.compress)
            + surplus(self.decompress, repeats.decompress)
            + surplus(self.decode, repeats.decode);
        self.total = Some(ns.saturating_sub(readings).saturating_sub(surplus));
    }

    /// The time inside measured operations.
    pub(super) fn measured(&self) -> u64 {
        Stage::STEPS.iter().filter_map(|&stage| self.stage(stage)).sum()
    }
}

/// The shortest that an operation of each stage was seen to take, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PerOperation {
    encode: Option<f64>,
    compress: Option<f64>,
    decompress: Option<f64>,
    decode: Option<f64>,
}

impl PerOperation {
    pub(super) fn learn(&mut self, times: &StageTimes, repeats: Repeats) {
        let shorter = |known: &mut Option<f64>, taken: Option<u64>, repeats: usize| {
            if let Some(taken) = taken {
                let one = taken as f64 / repeats as f64;
                *known = Some(known.map_or(one, |known| known.min(one)));
            }
        };
        shorter(&mut self.encode, times.encode, repeats.encode);
        shorter(&mut self.compress, times.compress, repeats.compress);
        shorter(&mut self.decompress, times.decompress, repeats.decompress);
        shorter(&mut self.decode, times.decode, repeats.decode);
    }

    /// The repeats with which a sample of each stage takes at least so long.
    pub(super) fn repeats_for(&self, shortest_ns: f64) -> Repeats {
        /// More repeats than this would need an operation below the cost of a loop.
        const MOST: f64 = 100_000.0;
        let enough = |one: Option<f64>| match one {
            // A fifth more, since not every sample is as slow as the one that this was learned from.
            Some(one) if one < shortest_ns => (shortest_ns * 1.2 / one.max(0.1)).ceil().min(MOST) as usize,
            _ => 1,
        };
        Repeats {
            encode: enough(self.encode),
            compress: enough(self.compress),
            decompress: enough(self.decompress),
            decode: enough(self.decode),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_has_neither_readings_of_the_clock_nor_surplus_repeats() {
        let mut times = StageTimes { encode: Some(1000), transfer: Some(500), decode: Some(600), ..Default::default() };
        times.end_to_end(2200, Repeats { encode: 10, decode: 3, ..Repeats::ONCE }, 25.0);
        // Two boundaries, nine of ten encodings, two of three decodings.
        assert_eq!(times.total, Some(2200 - 50 - 900 - 400));
        assert_eq!(times.measured(), 2100);
    }

    #[test]
    fn repeats_are_enough_for_the_shortest_that_was_seen() {
        let mut best = PerOperation::default();
        best.learn(&StageTimes { encode: Some(1000), decode: Some(90), ..Default::default() }, Repeats::ONCE);
        best.learn(
            &StageTimes { encode: Some(4000), decode: Some(900), ..Default::default() },
            Repeats { encode: 8, decode: 9, ..Repeats::ONCE },
        );
        // 500 ns and 90 ns an operation; what was never seen is not repeated.
        assert_eq!(best.repeats_for(600.0), Repeats { encode: 2, decode: 8, ..Repeats::ONCE });
        assert_eq!(best.repeats_for(50.0), Repeats::ONCE);
    }
}
