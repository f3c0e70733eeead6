//! Any number of samples in bounded memory.

use super::histogram::Histogram;
use super::reservoir::{KEPT, Reservoir};
use super::{Samples, summarize};
use crate::model::{Buckets, Summary};

/// The figures of samples: their exact count, sum, minimum and maximum; all of them while there are at most [`KEPT`],
/// and beyond that so many of them and a histogram of all.
#[derive(Clone, Debug)]
pub struct Distribution {
    count: u64,
    sum: u64,
    min: u64,
    max: u64,
    reservoir: Reservoir,
    /// Of all samples, once there are more than are kept.
    histogram: Option<Histogram>,
}

impl Distribution {
    /// One of no samples. The seed chooses the samples that are kept.
    pub fn new(seed: u64) -> Self {
        Distribution { count: 0, sum: 0, min: u64::MAX, max: 0, reservoir: Reservoir::new(seed), histogram: None }
    }

    /// Counts a sample.
    pub fn record(&mut self, ns: u64) {
        if self.count == KEPT as u64 {
            let mut histogram = Histogram::default();
            self.reservoir.samples().into_iter().for_each(|ns| histogram.record(ns));
            self.histogram = Some(histogram);
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(ns);
        self.min = self.min.min(ns);
        self.max = self.max.max(ns);
        self.reservoir.offer(ns);
        if let Some(histogram) = &mut self.histogram {
            histogram.record(ns);
        }
    }

    /// Their number.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// All of them together.
    pub fn sum(&self) -> u64 {
        self.sum
    }

    /// All samples in order, or [`KEPT`] of more.
    pub fn samples(&self) -> Vec<u64> {
        self.reservoir.samples()
    }

    /// The histogram of all; `None` where [`Distribution::samples`] has all.
    pub fn buckets(&self) -> Option<Buckets> {
        self.histogram.as_ref().map(Histogram::buckets)
    }

    /// Their summary, without ratios: percentiles and deviation are exact while all samples are kept, and from the
    /// histogram beyond that. `None` without samples.
    pub fn summary(&self) -> Option<Summary> {
        let Some(histogram) = &self.histogram else {
            let samples: Vec<Option<u64>> = self.samples().into_iter().map(Some).collect();
            return summarize(Samples { rounds: &samples, operations: 1 }, None);
        };
        let (min_ns, max_ns) = (self.min as f64, self.max as f64);
        let quantile = |share| histogram.quantile(share).clamp(min_ns, max_ns);
        let p50_ns = quantile(0.5);
        Some(Summary {
            count: self.count,
            min_ns,
            p50_ns,
            p90_ns: quantile(0.9),
            p99_ns: quantile(0.99),
            p999_ns: quantile(0.999),
            max_ns,
            mean_ns: self.sum as f64 / self.count as f64,
            mad_ns: histogram.deviation(p50_ns),
            ratio: None,
            ratio_low: None,
            ratio_high: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_the_number_of_samples_their_count_sum_and_ends_are_exact(
            seed in any::<u64>(), samples in prop::collection::vec(0u64..1 << 40, 1..2500),
        ) {
            let mut distribution = Distribution::new(seed);
            samples.iter().for_each(|&ns| distribution.record(ns));
            let summary = distribution.summary().expect("there are samples");
            prop_assert_eq!((distribution.count(), summary.count), (samples.len() as u64, samples.len() as u64));
            prop_assert_eq!(distribution.sum(), samples.iter().sum::<u64>());
            prop_assert_eq!(summary.min_ns, *samples.iter().min().expect("there are") as f64);
            prop_assert_eq!(summary.max_ns, *samples.iter().max().expect("there are") as f64);
            prop_assert!((summary.mean_ns * samples.len() as f64 / distribution.sum().max(1) as f64 - 1.0).abs() < 1e-9);
            match distribution.buckets() {
                None => prop_assert_eq!(&distribution.samples(), &samples),
                Some(buckets) => {
                    prop_assert!(samples.len() > KEPT && distribution.samples().len() == KEPT);
                    prop_assert_eq!(buckets.counts.iter().sum::<u64>(), samples.len() as u64);
                }
            }
            let rounds: Vec<_> = samples.iter().copied().map(Some).collect();
            let exact = summarize(Samples { rounds: &rounds, operations: 1 }, None).expect("there are samples");
            for (found, exact) in [
                (summary.p50_ns, exact.p50_ns),
                (summary.p90_ns, exact.p90_ns),
                (summary.p99_ns, exact.p99_ns),
                (summary.p999_ns, exact.p999_ns),
            ] {
                // The median of an even number is between two samples, which the histogram does not halve.
                prop_assert!((found / exact.max(1.0) - 1.0).abs() < 0.02 || samples.len() < 20, "{found} {exact}");
            }
        }
    }
}
