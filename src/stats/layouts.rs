//! Times across layouts of one program's code.
//!
//! A layout is a level of its own above the rounds: all rounds of a layout share where its functions lie, and more rounds of the
//! same layout say nothing about another. So each layout counts as one value, the median of its rounds, and what is said about
//! code follows from the scatter of these values, which holds the scatter of rounds too (T. Kalibera and R. Jones, "Rigorous
//! Benchmarking in Reasonable Time", ISMM 2013, on levels of repetition; T. Mytkowicz and others, "Producing Wrong Data Without
//! Doing Anything Obviously Wrong!", ASPLOS 2009, on the order of linking).
//!
//! Logarithms of times are taken as normal: placement makes code slower by factors.

use crate::model::AcrossLayouts;

/// The layouts that an interval is to hold for, beside those that were measured.
pub const FURTHER_LAYOUTS: u64 = 16;

/// The summary of the medians of layouts; `None` without any above zero.
pub fn across_layouts(medians: &[f64]) -> Option<AcrossLayouts> {
    let logs: Vec<f64> = medians.iter().filter(|ns| **ns > 0.0 && ns.is_finite()).map(|ns| ns.ln()).collect();
    let least = logs.iter().copied().fold(f64::INFINITY, f64::min);
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (mean, half) = mean_and_half(&logs)?;
    Some(AcrossLayouts {
        count: logs.len() as u64,
        spread: (most - least).exp_m1(),
        mean_ns: mean.exp(),
        low_ns: half.map(|half| (mean - half).exp()),
        high_ns: half.map(|half| (mean + half).exp()),
    })
}

/// The mean of `values`, and how far that of [`FURTHER_LAYOUTS`] more lies from it in at most 5 % of all cases, which one value
/// does not say: Student's t times the standard deviation times the root of 1/n + 1/m (G. J. Hahn, W. Q. Meeker and L. A.
/// Escobar, "Statistical Intervals", second edition, section 4.7).
fn mean_and_half(values: &[f64]) -> Option<(f64, Option<f64>)> {
    let count = values.len() as f64;
    if values.is_empty() {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let half = (values.len() > 1).then(|| {
        let deviation = (squares / (count - 1.0)).sqrt();
        student(values.len() - 1) * deviation * (1.0 / count + 1.0 / FURTHER_LAYOUTS as f64).sqrt()
    });
    Some((mean, half))
}

/// The value that Student's t exceeds in 2.5 % of all cases.
fn student(degrees: usize) -> f64 {
    const FIRST: [f64; 15] =
        [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131];
    match degrees {
        0 => f64::INFINITY,
        1..=15 => FIRST[degrees - 1],
        // The expansion of G. W. Hill about the normal value, which is off by less than a thousandth here.
        _ => {
            let (z, n) = (1.959964_f64, degrees as f64);
            z + (z.powi(3) + z) / (4.0 * n) + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * n * n)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastrand::Rng;

    #[test]
    fn a_spread_is_of_the_fastest() {
        let found = across_layouts(&[100.0, 110.0, 105.0]).expect("three values");
        assert_eq!(found.count, 3);
        assert!((found.spread - 0.1).abs() < 1e-12, "{found:?}");
        assert!((found.mean_ns - (100.0f64 * 110.0 * 105.0).cbrt()).abs() < 1e-9, "{found:?}");
        assert!(found.low_ns < Some(found.mean_ns) && found.high_ns > Some(found.mean_ns), "{found:?}");
    }

    #[test]
    fn one_layout_has_no_interval_and_none_has_nothing() {
        let one = across_layouts(&[7.0]).expect("one value");
        assert_eq!((one.spread, one.low_ns, one.high_ns), (0.0, None, None));
        assert!((one.mean_ns - 7.0).abs() < 1e-12);
        assert_eq!(across_layouts(&[]), None);
        assert_eq!(across_layouts(&[0.0]), None);
    }

    #[test]
    fn student_meets_the_tables() {
        assert_eq!(student(7), 2.365);
        for (degrees, value) in [(16, 2.120), (20, 2.086), (30, 2.042), (60, 2.000), (1000, 1.962)] {
            assert!((student(degrees) - value).abs() < 0.001, "{degrees}: {}", student(degrees));
        }
    }

    #[test]
    fn the_interval_holds_the_mean_of_further_layouts() {
        let mut random = Rng::with_seed(14);
        // Twelve uniform values add up to a nearly normal one.
        let mut normal = move || (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
        let mut layout = move || (0.04 * normal()).exp() * 1e6;
        for count in [2, 4, 8, 24] {
            let held = (0..4000).filter(|_| {
                let seen: Vec<f64> = (0..count).map(|_| layout()).collect();
                let further: Vec<f64> = (0..FURTHER_LAYOUTS).map(|_| layout()).collect();
                let mean = across_layouts(&further).expect("sixteen values").mean_ns;
                let found = across_layouts(&seen).expect("some values");
                found.low_ns < Some(mean) && Some(mean) < found.high_ns
            });
            let share = held.count() as f64 / 4000.0;
            assert!((0.935..=0.965).contains(&share), "{count}: {share}");
        }
    }
}
