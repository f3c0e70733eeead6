//! Statistics of samples: percentiles, median absolute deviation, ratios round by round with their intervals, and which rows
//! of a table differ. Pure functions; `docs/METHODOLOGY.md` argues for each choice.

mod distribution;
mod histogram;
mod interval;
mod layouts;
mod reservoir;
mod table;

pub use distribution::Distribution;
pub use histogram::{Histogram, SIGNIFICANT_DIGITS};
pub use interval::median_interval;
pub use layouts::{FURTHER_LAYOUTS, across_layouts};
pub use reservoir::{KEPT, Reservoir};
pub use table::{Apart, ERROR, LEAST_ROUNDS, MOST_ROUNDS, Pivot, RowSamples, Side, told_apart};

use crate::model::Summary;

/// The median of unsorted values; for an even count the mean of the two in the middle. `None` for no values.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    median_of_sorted(&sorted)
}

fn median_of_sorted(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    Some(match sorted.len() {
        0 => return None,
        count if count % 2 == 1 => sorted[middle],
        _ => (sorted[middle - 1] + sorted[middle]) / 2.0,
    })
}

/// The median absolute deviation from the median, unscaled. `None` for no values.
pub fn median_absolute_deviation(values: &[f64]) -> Option<f64> {
    let center = median(values)?;
    median(&values.iter().map(|value| (value - center).abs()).collect::<Vec<_>>())
}

/// One row's samples: for each round the nanoseconds of `operations` operations, or `None` where it did not run.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// In the order of rounds.
    pub rounds: &'a [Option<u64>],
    /// Operations that each sample covers.
    pub operations: u64,
}

impl Samples<'_> {
    /// Nanoseconds per operation, round by round.
    fn per_operation(&self) -> impl Iterator<Item = Option<f64>> + '_ {
        let operations = self.operations.max(1) as f64;
        self.rounds.iter().map(move |round| round.map(|sample| sample as f64 / operations))
    }
}

/// The summary of `samples`, per operation, with the ratio to `reference` where there is one. `None` without samples.
///
/// The ratio is the median of the quotients of the same round; see [`median_interval`] for its interval.
pub fn summarize(samples: Samples<'_>, reference: Option<Samples<'_>>) -> Option<Summary> {
    let mut sorted: Vec<f64> = samples.per_operation().flatten().collect();
    if sorted.is_empty() {
        return None;
    }
    sorted.sort_by(f64::total_cmp);
    let percentiles = percentiles(&sorted);
    let p50_ns = median_of_sorted(&sorted)?;
    let mut ratios: Vec<f64> = reference
        .iter()
        .flat_map(|reference| samples.per_operation().zip(reference.per_operation()))
        .filter_map(|(sample, reference)| Some(sample? / reference?))
        .filter(|ratio| ratio.is_finite())
        .collect();
    ratios.sort_by(f64::total_cmp);
    let interval = median_interval(&ratios);
    Some(Summary {
        count: sorted.len() as u64,
        min_ns: sorted[0],
        p50_ns,
        p90_ns: percentiles[0],
        p99_ns: percentiles[1],
        p999_ns: percentiles[2],
        max_ns: sorted[sorted.len() - 1],
        mean_ns: sorted.iter().sum::<f64>() / sorted.len() as f64,
        mad_ns: median_absolute_deviation(&sorted).unwrap_or_default(),
        ratio: median_of_sorted(&ratios),
        ratio_low: interval.map(|(low, _)| low),
        ratio_high: interval.map(|(_, high)| high),
    })
}

/// The 90th, 99th and 99.9th percentile: the smallest sample that this share of all does not exceed.
fn percentiles(sorted: &[f64]) -> [f64; 3] {
    // A product such as 0.9 * 10 is not to be rounded up.
    let rank = |share: f64| (share * sorted.len() as f64 - 1e-9).ceil().max(1.0) as usize;
    [0.9, 0.99, 0.999].map(|share| sorted[rank(share) - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_deviations_are_exact() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median_absolute_deviation(&[1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0]), Some(1.0));
    }

    #[test]
    fn a_summary_counts_per_operation_and_pairs_rounds() {
        let rounds = [Some(200), Some(400), None, Some(600)];
        let reference = [Some(100), Some(100), Some(1), Some(100)];
        let samples = Samples { rounds: &rounds, operations: 2 };
        let summary = summarize(samples, Some(Samples { rounds: &reference, operations: 1 })).expect("has samples");
        assert_eq!(summary.count, 3);
        assert_eq!((summary.min_ns, summary.max_ns, summary.mean_ns), (100.0, 300.0, 200.0));
        assert_eq!(summary.mad_ns, 100.0);
        // Three rounds have a ratio, and no interval.
        assert_eq!((summary.ratio, summary.ratio_low, summary.ratio_high), (Some(2.0), None, None));
        assert!((summary.p50_ns - 200.0).abs() <= 0.2, "{}", summary.p50_ns);
    }

    #[test]
    fn percentiles_are_samples() {
        let rounds: Vec<_> = (1..=1000).map(|n| Some(n * 1_000_000)).collect();
        let summary = summarize(Samples { rounds: &rounds, operations: 1 }, None).expect("has samples");
        assert_eq!((summary.p50_ns, summary.p90_ns, summary.p99_ns), (500.5e6, 900e6, 990e6));
        assert_eq!((summary.p999_ns, summary.max_ns, summary.ratio), (999e6, 1000e6, None));
        let summary = summarize(Samples { rounds: &rounds[..9], operations: 1 }, None).expect("has samples");
        assert_eq!((summary.p50_ns, summary.p90_ns, summary.p999_ns), (5e6, 9e6, 9e6));
    }

    #[test]
    fn of_two_samples_the_median_lies_between() {
        let summary = summarize(Samples { rounds: &[Some(100), Some(300)], operations: 1 }, None).expect("has samples");
        assert_eq!((summary.min_ns, summary.p50_ns, summary.max_ns), (100.0, 200.0, 300.0));
    }

    #[test]
    fn a_sample_of_zero_nanoseconds_is_kept() {
        let summary = summarize(Samples { rounds: &[Some(0), Some(0)], operations: 1 }, None).expect("has samples");
        assert_eq!((summary.min_ns, summary.p50_ns, summary.max_ns), (0.0, 0.0, 0.0));
    }
}
