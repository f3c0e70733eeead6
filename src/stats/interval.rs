//! Intervals of a median by order statistics: what they cover follows from a binomial alone, whatever the distribution.

/// The 95 % interval of the median of `sorted`: the innermost pair of order statistics that covers the true median with a
/// probability of at least 95 %. `None` where even the whole range of the values covers less, which is so of five and fewer.
///
/// Each value lies below the true median with probability one half, so the number of those that do is binomial, and the
/// interval from the l-th smallest to the l-th largest misses it with twice the probability of fewer than l (H. A. David and
/// H. N. Nagaraja, "Order Statistics", third edition, section 7.1). A percentile bootstrap of so few values is narrower and does
/// not keep what it says: at seven values it takes ranks 2 to 6, which cover 87.5 %.
pub fn median_interval(sorted: &[f64]) -> Option<(f64, f64)> {
    let rank = interval_rank(sorted.len(), 0.05)?;
    Some((sorted[rank - 1], sorted[sorted.len() - rank]))
}

/// The largest rank l, counted from 1, so that the l-th smallest and the l-th largest of `count` values miss the median with a
/// probability of at most `missed`. `None` where the smallest and the largest miss it more often.
pub(crate) fn interval_rank(count: usize, missed: f64) -> Option<usize> {
    // Term by term from ln C(n, 0) - n ln 2, in logarithms, so that no factorial overflows.
    let n = count as f64;
    let mut log_term = -n * std::f64::consts::LN_2;
    let mut below = 0.0;
    let mut rank = None;
    for successes in 0..count / 2 {
        below += log_term.exp();
        if 2.0 * below > missed {
            break;
        }
        rank = Some(successes + 1);
        log_term += ((n - successes as f64) / (successes as f64 + 1.0)).ln();
    }
    rank
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ranks of the interval of so many values.
    fn ranks(count: usize) -> Option<(usize, usize)> {
        let values: Vec<f64> = (1..=count).map(|value| value as f64).collect();
        median_interval(&values).map(|(low, high)| (low as usize, high as usize))
    }

    /// The probability that the median lies from the `low`-th to the `high`-th of `count` values, exactly, in integers.
    fn coverage(count: u32, low: u32, high: u32) -> f64 {
        let mut binomial = 1u128;
        let mut inside = 0u128;
        for successes in 0..=count {
            // The median is above the low-th value and below the high-th when low to high - 1 values lie below it.
            if (low..high).contains(&successes) {
                inside += binomial;
            }
            binomial = binomial * u128::from(count - successes) / u128::from(successes + 1);
        }
        inside as f64 / 2f64.powi(count as i32)
    }

    #[test]
    fn five_values_and_fewer_have_no_interval() {
        for count in 0..=5 {
            assert_eq!(ranks(count), None, "{count}");
        }
        assert_eq!(ranks(6), Some((1, 6)));
    }

    #[test]
    fn the_ranks_are_those_that_cover_95_percent() {
        for (count, expected) in [(7, (1, 7)), (13, (3, 11)), (21, (6, 16)), (31, (10, 22))] {
            assert_eq!(ranks(count), Some(expected), "{count}");
        }
    }

    #[test]
    fn each_covers_at_least_95_percent_and_the_next_narrower_does_not() {
        for count in 6..=120u32 {
            let (low, high) = ranks(count as usize).expect("six and more have one");
            let (low, high) = (low as u32, high as u32);
            assert_eq!(low + high, count + 1, "{count}: it is symmetrical");
            assert!(coverage(count, low, high) >= 0.95, "{count}: {}", coverage(count, low, high));
            if low + 1 < high - 1 {
                assert!(coverage(count, low + 1, high - 1) < 0.95, "{count} could be narrower");
            }
        }
    }

    #[test]
    fn many_values_give_about_the_normal_approximation() {
        // The median's rank has a standard deviation of sqrt(n) / 2, so 95 % is n/2 +- 0.98 sqrt(n).
        let (low, high) = ranks(1001).expect("many have one");
        assert!((low as f64 - (501.0 - 31.0)).abs() <= 2.0, "{low}");
        assert!((high as f64 - (501.0 + 31.0)).abs() <= 2.0, "{high}");
    }
}
