//! The bootstrap interval of a median, without resampling.

/// The 95 % percentile-bootstrap interval of the median of `sorted`; `None` for less than two values, which say nothing
/// of how they vary.
///
/// Resampling a median thousands of times is not needed: every resample's median is one of the values, and the chance
/// that it is at most the k-th smallest is the chance that a binomial variable of n trials with probability k/n
/// reaches the median's rank (Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7,
/// 1979, section 3). So the interval is exact, costs no random numbers, and repeats. For an even count the lower end
/// uses the lower of the two middle ranks and the upper end the upper: wider by at most one value.
pub fn median_interval(sorted: &[f64]) -> Option<(f64, f64)> {
    let count = sorted.len();
    if count < 2 {
        return None;
    }
    let lower_rank = count.div_ceil(2);
    let upper_rank = count / 2 + 1;
    let low = first_rank(count, |k| at_least(count, k, lower_rank) > 0.025);
    let high = first_rank(count, |k| at_least(count, k, upper_rank) >= 0.975);
    Some((sorted[low - 1], sorted[high - 1]))
}

/// The smallest k in 1..=count for which `holds`, which is monotone and true for `count`.
fn first_rank(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (1, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The chance that at least `rank` of `count` draws with replacement are among the `k` smallest.
fn at_least(count: usize, k: usize, rank: usize) -> f64 {
    if k >= count {
        return 1.0;
    }
    let (n, p) = (count as f64, k as f64 / count as f64);
    // Term by term from ln C(n, 0) + n ln(1 - p), in logarithms, so that no factorial overflows.
    let mut log_term = n * (1.0 - p).ln();
    let mut below = 0.0;
    for successes in 0..rank {
        below += log_term.exp();
        log_term += ((n - successes as f64) / (successes as f64 + 1.0)).ln() + (p / (1.0 - p)).ln();
    }
    (1.0 - below).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_give_their_whole_range() {
        assert_eq!(median_interval(&[]), None);
        assert_eq!(median_interval(&[2.0]), None);
        assert_eq!(median_interval(&[2.0, 3.0]), Some((2.0, 3.0)));
        assert_eq!(median_interval(&[1.0, 2.0, 3.0, 4.0, 5.0]), Some((1.0, 5.0)));
    }

    #[test]
    fn many_values_give_about_the_normal_approximation() {
        // The median's rank has a standard deviation of sqrt(n) / 2, so 95 % is n/2 +- 0.98 sqrt(n).
        let values: Vec<f64> = (1..=1001).map(f64::from).collect();
        let (low, high) = median_interval(&values).expect("not empty");
        assert!((low - (501.0 - 31.0)).abs() <= 2.0, "{low}");
        assert!((high - (501.0 + 31.0)).abs() <= 2.0, "{high}");
    }

    #[test]
    fn agrees_with_resampling() {
        // A resampled check of the closed form: 21 values, 40,000 resamples by a small generator.
        let values: Vec<f64> = (0..21).map(|n| f64::from(n * n)).collect();
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % values.len()
        };
        let mut medians: Vec<f64> = (0..40_000)
            .map(|_| {
                let mut draw: Vec<f64> = (0..values.len()).map(|_| values[next()]).collect();
                draw.sort_by(f64::total_cmp);
                draw[values.len() / 2]
            })
            .collect();
        medians.sort_by(f64::total_cmp);
        let resampled = (medians[1000], medians[39_000]);
        assert_eq!(median_interval(&values), Some(resampled));
    }
}
