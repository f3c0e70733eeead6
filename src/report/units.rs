//! One unit for a whole column, chosen from its typical value, so that a reader compares digits and not suffixes.

/// A unit, and whether its column shows whole numbers only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unit {
    /// `ms`, `MB`; empty for plain counts.
    pub name: &'static str,
    factor: f64,
    whole: bool,
}

impl Unit {
    /// For durations in nanoseconds.
    pub(super) fn of_times(nanos: impl IntoIterator<Item = f64>) -> Self {
        Self::choose(nanos, &["ns", "us", "ms", "s"], true)
    }

    /// For sizes in bytes.
    pub(super) fn of_bytes(bytes: impl IntoIterator<Item = f64>) -> Self {
        Self::choose(bytes, &["B", "kB", "MB", "GB", "TB"], false)
    }

    /// For plain counts, in thousands or millions where they are large.
    pub(super) fn of_counts(counts: impl IntoIterator<Item = f64>) -> Self {
        Self::choose(counts, &["", "k", "M", "G"], false)
    }

    fn choose(values: impl IntoIterator<Item = f64>, names: &[&'static str], fractions: bool) -> Self {
        let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite() && *v > 0.0).collect();
        values.sort_by(f64::total_cmp);
        let Some(&typical) = values.get(values.len() / 2) else {
            return Unit { name: names[0], factor: 1.0, whole: true };
        };
        let mut step = 0;
        // 999.5 would show as 1000.
        while typical / 1000f64.powi(step) >= 999.5 && (step as usize) + 1 < names.len() {
            step += 1;
        }
        Unit { name: names[step as usize], factor: 1000f64.powi(step), whole: step == 0 && !fractions }
    }

    /// The value in this unit with three significant digits, the unit not named. What is not zero does not show as zero.
    pub(super) fn show(&self, value: f64) -> String {
        let scaled = value / self.factor;
        if self.whole && scaled < 999.5 {
            return format!("{scaled:.0}");
        }
        significant(scaled)
    }
}

/// Three significant digits, without an exponent for what a column can hold.
pub(super) fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value:.0}");
    }
    if value < 0.000_999_5 {
        return "<0.001".to_owned();
    }
    if value >= 99_999.5 {
        // No column has room for three hundred digits, and no reader wants them.
        return format!("{value:.2e}");
    }
    if value >= 999.5 {
        let step = if value >= 9_995.0 { 100.0 } else { 10.0 };
        return format!("{:.0}", (value / step).round() * step);
    }
    // Rounding may carry into one digit more: 9.999 is 10.0, and not 10.00.
    let decimals = (0..=5).rev().find(|&decimals| value < 10f64.powi(3 - decimals) - 0.5 / 10f64.powi(decimals));
    format!("{value:.*}", decimals.unwrap_or(0) as usize)
}

/// A bandwidth with three digits: `3.20 Gbit/s`.
pub(super) fn bandwidth(bits_per_second: f64) -> String {
    let names = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"];
    let mut value = bits_per_second;
    let mut step = 0;
    while value >= 999.5 && step + 1 < names.len() {
        value /= 1000.0;
        step += 1;
    }
    let decimals = if value >= 99.95 {
        0
    } else if value >= 9.995 {
        1
    } else {
        2
    };
    format!("{value:.decimals$} {}", names[step])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_one_unit_and_every_cell_three_digits() {
        let unit = Unit::of_times([35e6, 412e6, 1.2e9]);
        assert_eq!((unit.name, unit.show(35e6), unit.show(1.234e9)), ("ms", "35.0".into(), "1230".into()));
        let unit = Unit::of_times([4.1e6, 41.2e6, 350e6]);
        assert_eq!((unit.name, unit.show(4.1e6), unit.show(350e6)), ("ms", "4.10".into(), "350".into()));
        let unit = Unit::of_times([1e3, 2e9, 3e9]);
        assert_eq!((unit.name, unit.show(1e3), unit.show(0.0)), ("s", "<0.001".into(), "0".into()));
    }

    #[test]
    fn three_digits_of_anything() {
        for (value, shown) in [
            (0.001, "0.00100"),
            (0.0123456, "0.0123"),
            (0.99949, "0.999"),
            (0.9996, "1.00"),
            (9.994, "9.99"),
            (9.996, "10.0"),
            (99.96, "100"),
            (999.6, "1000"),
            (1234.0, "1230"),
            (9999.0, "10000"),
            (99_940.0, "99900"),
            (123_456.0, "1.23e5"),
            (1e300, "1.00e300"),
        ] {
            assert_eq!(significant(value), shown);
        }
    }

    #[test]
    fn bytes_below_a_thousand_and_counts_are_whole() {
        assert_eq!(Unit::of_bytes([12.0, 15.0]).show(12.0), "12");
        assert_eq!(Unit::of_counts([1.0, 24.0, 2500.0]).show(2437.0), "2440");
        assert_eq!(Unit::of_counts([2_400_000.0]).name, "M");
        assert_eq!(Unit::of_counts([]).show(0.0), "0");
    }

    #[test]
    fn bandwidths_have_their_units() {
        assert_eq!(bandwidth(3.2e9), "3.20 Gbit/s");
        assert_eq!(bandwidth(999_600.0), "1.00 Mbit/s");
        assert_eq!(bandwidth(12.0), "12.0 bit/s");
    }
}
