//! A histogram of nanoseconds that takes little memory for any number of samples, and that adds up with others.

use crate::model::Buckets;
use hdrhistogram::Histogram as Hdr;

/// The significant digits that a value keeps: it is off by less than a thousandth of itself, and exact below 2,048 ns.
pub const SIGNIFICANT_DIGITS: u8 = 3;

/// Longer times than 292 years are counted as that long, since other readers of the format have signed numbers.
const LONGEST_NS: u64 = i64::MAX as u64;

/// An HDR histogram of [`SIGNIFICANT_DIGITS`]. It takes 8 KiB for each power of two up to its largest value, half a
/// megabyte at most.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram(Hdr<u64>);

impl Default for Histogram {
    fn default() -> Self {
        // Invariant: an HDR histogram takes 0 to 5 digits.
        Histogram(Hdr::new(SIGNIFICANT_DIGITS).expect("three is a number of digits that there is"))
    }
}

impl Histogram {
    /// Counts a sample.
    pub fn record(&mut self, ns: u64) {
        self.record_many(ns, 1);
    }

    /// Counts a sample so many times.
    pub fn record_many(&mut self, ns: u64, times: u64) {
        // It grows as far as it has to, which is for any value.
        let recorded = self.0.record_n(ns.min(LONGEST_NS), times);
        debug_assert!(recorded.is_ok(), "{ns} ns cannot be recorded: {recorded:?}");
    }

    /// Adds the samples of another, with the same outcome as recording them here.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn merge(&mut self, other: &Histogram) {
        let added = self.0.add(&other.0);
        debug_assert!(added.is_ok(), "two histograms of the same digits add up: {added:?}");
    }

    /// Samples so far.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The smallest value, to its digits, that this share of the samples does not exceed. Zero without samples.
    pub fn quantile(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64
    }

    /// The median absolute deviation from `center`, as exact as the values are.
    pub fn deviation(&self, center: f64) -> f64 {
        let mut distances: Vec<(f64, u64)> = self
            .0
            .iter_recorded()
            .map(|bucket| {
                let value = self.0.median_equivalent(bucket.value_iterated_to()) as f64;
                ((value - center).abs(), bucket.count_at_value())
            })
            .collect();
        distances.sort_by(|a, b| a.0.total_cmp(&b.0));
        let half = self.count().div_ceil(2);
        let mut reached = 0u64;
        let middle = distances.iter().find(|(_, count)| {
            reached = reached.saturating_add(*count);
            reached >= half
        });
        middle.map_or(0.0, |(distance, _)| *distance)
    }

    /// The buckets that have samples, from which an equal histogram can be made.
    pub fn buckets(&self) -> Buckets {
        let (values_ns, counts) = self
            .0
            .iter_recorded()
            .map(|bucket| (self.0.lowest_equivalent(bucket.value_iterated_to()), bucket.count_at_value()))
            .unzip();
        Buckets { significant_digits: SIGNIFICANT_DIGITS, values_ns, counts }
    }
}

/// The histogram that the buckets are of. Whatever they hold, it takes no more memory than any other.
impl From<&Buckets> for Histogram {
    fn from(buckets: &Buckets) -> Self {
        let mut histogram = Histogram::default();
        for (&ns, &count) in buckets.values_ns.iter().zip(&buckets.counts) {
            histogram.record_many(ns, count);
        }
        histogram
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(samples: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        samples.iter().for_each(|&ns| histogram.record(ns));
        histogram
    }

    /// Samples of every order of magnitude.
    fn samples() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec((any::<u64>(), 0u32..64).prop_map(|(ns, shift)| ns >> shift), 0..300)
    }

    proptest! {
        #[test]
        fn merged_histograms_are_the_histogram_of_all(first in samples(), second in samples()) {
            let mut merged = of(&first);
            merged.merge(&of(&second));
            let all = of(&[first, second].concat());
            prop_assert_eq!(merged.buckets(), all.buckets());
            prop_assert_eq!(merged.count(), all.count());
            for share in [0.0, 0.5, 0.9, 0.999, 1.0] {
                prop_assert_eq!(merged.quantile(share), all.quantile(share));
            }
        }

        #[test]
        fn a_histogram_comes_back_from_its_buckets(samples in samples()) {
            let histogram = of(&samples);
            let back = Histogram::from(&histogram.buckets());
            prop_assert_eq!(back.buckets(), histogram.buckets());
            prop_assert_eq!(back.count(), samples.len() as u64);
        }

        #[test]
        fn quantiles_and_deviations_are_within_a_thousandth(mut samples in samples(), share in 0.0f64..1.0) {
            prop_assume!(!samples.is_empty());
            let histogram = of(&samples);
            samples.sort_unstable();
            let rank = ((share * samples.len() as f64).ceil() as usize).max(1);
            let exact = samples[rank - 1].min(LONGEST_NS) as f64;
            let found = histogram.quantile(share);
            prop_assert!((found - exact).abs() <= exact / 1000.0, "{found} against {exact}");

            let center = samples[samples.len() / 2] as f64;
            let mut distances: Vec<f64> = samples.iter().map(|&ns| (ns as f64 - center).abs()).collect();
            distances.sort_by(f64::total_cmp);
            let exact = distances[samples.len().div_ceil(2) - 1];
            // By as much as the values may be off, and not as the distances.
            let allowed = (center + exact) / 1000.0;
            prop_assume!(samples[samples.len() - 1] <= LONGEST_NS);
            let found = histogram.deviation(center);
            prop_assert!((found - exact).abs() <= allowed, "{found} against {exact}, {allowed} allowed");
        }
    }

    #[test]
    fn buckets_of_any_numbers_are_read_in_bounded_memory() {
        let buckets = Buckets {
            significant_digits: 200,
            values_ns: (0..64).map(|shift| u64::MAX >> shift).collect(),
            counts: vec![u64::MAX; 70],
        };
        let histogram = Histogram::from(&buckets);
        assert!(histogram.0.distinct_values() <= 64 * 1024);
        assert_eq!(histogram.count(), u64::MAX);
        assert!(histogram.deviation(0.0) > 0.0);
    }
}
