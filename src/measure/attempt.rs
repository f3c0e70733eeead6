//! The samples of one row, and its warm-up.

use super::rig::Rig;
use super::row::Row;
use super::runner::Runner;
use super::sample::{Failure, PerOperation, Phase, Repeats, StageTimes};
use crate::clock;
use std::sync::atomic::Ordering;

/// How often a short operation is tried for its repeats before the rounds.
const MOST_WARMUPS: usize = 6;

/// The user asked to stop.
pub(super) struct Interrupted;

/// The duration of a row's warm-up, and the expected duration of a sample.
#[derive(Clone, Copy)]
pub(super) struct WarmUp {
    pub(super) ns: f64,
    pub(super) cost_ns: f64,
}

/// A row with its runner and the rig.
pub(super) struct Attempt<'t, 'a> {
    pub(super) rig: &'t mut Rig<'a>,
    pub(super) runner: &'t mut dyn Runner,
    pub(super) row: &'t mut Row,
}

impl Attempt<'_, '_> {
    /// Takes one sample. `None` where the row failed, which it then says.
    pub(super) fn sample(&mut self, phase: Phase) -> Result<Option<StageTimes>, Interrupted> {
        self.begin()?;
        let taken = self.runner.sample(self.rig, self.row, phase);
        self.kept(taken)
    }

    /// Encodes once to find the size alone. Returns whether there is one; a failure goes to the row.
    pub(super) fn find_size(&mut self) -> Result<bool, Interrupted> {
        self.begin()?;
        let found = self.runner.find_size(self.rig, self.row);
        Ok(self.kept(found)?.unwrap_or(false))
    }

    /// Takes the samples before the rounds: the first counts allocations; where operations are short others follow, until
    /// each stage has the repeats that the clock needs. `None` where the row failed.
    pub(super) fn warm_up(&mut self) -> Result<Option<WarmUp>, Interrupted> {
        let start = clock::now();
        let Some(mut taken) = self.sample(Phase::Calibrate)? else { return Ok(None) };
        let mut sampled_at = clock::now();
        let mut cost = sampled_at - start;
        let mut warmups = 0;
        let mut best = PerOperation::default();
        best.learn(&taken, Repeats::ONCE);
        let shortest = self.runner.clock(self.rig.settings.clock).shortest_sample_ns();
        // The first sample is cold and counts allocations, and it or the next may have been disturbed: an operation that
        // is anywhere near the bound is tried again, at least once, until its repeats stand, and the shortest that was seen
        // decides. Streams have as many operations as messages, and no more.
        while warmups < MOST_WARMUPS && self.row.messages == 1 && is_short(&taken, shortest) {
            let before = self.row.repeats;
            let repeats = best.repeats_for(shortest);
            self.row.repeats = repeats;
            let Some(again) = self.sample(Phase::Warmup)? else { return Ok(None) };
            best.learn(&again, repeats);
            taken = again;
            let now = clock::now();
            cost = now - sampled_at;
            sampled_at = now;
            warmups += 1;
            let needed = best.repeats_for(shortest);
            self.row.repeats = needed;
            if needed == repeats && before == repeats {
                break;
            }
        }
        self.row.warm_total = taken.total.map(|total| total as f64 / self.row.messages as f64);
        // A sample that is cold and counts takes 1.5 to 2 times as long as the next.
        let warmth = if warmups == 0 { 0.65 } else { 1.0 };
        Ok(Some(WarmUp { ns: (sampled_at - start) as f64, cost_ns: warmth * cost as f64 }))
    }

    fn begin(&self) -> Result<(), Interrupted> {
        if self.rig.interrupted.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
    }

    fn kept<T>(&mut self, taken: Result<T, Failure>) -> Result<Option<T>, Interrupted> {
        match taken {
            Ok(taken) => Ok(Some(taken)),
            Err(Failure::Interrupted) => Err(Interrupted),
            Err(Failure::Row(stage, reason)) => {
                self.row.error = Some((stage, reason));
                Ok(None)
            }
        }
    }
}

/// Whether any stage with repeats is so short that a sample of it could have to be batched, if this one was disturbed.
fn is_short(taken: &StageTimes, shortest_ns: f64) -> bool {
    /// A disturbance of a busy machine takes some milliseconds, several of them up to this many times what the clock needs.
    const DISTURBED: f64 = 1000.0;
    let stages = [taken.encode, taken.compress, taken.decompress, taken.decode];
    stages.into_iter().flatten().any(|taken| (taken as f64) < DISTURBED * shortest_ns)
}
