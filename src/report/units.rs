//! One unit for a whole column, chosen from its typical value, so that a reader compares digits and not suffixes.

/// A unit, and how many decimals its column shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unit {
    /// `ms`, `MB`; empty for plain counts.
    pub name: &'static str,
    factor: f64,
    decimals: usize,
}

impl Unit {
    /// For durations in nanoseconds.
    pub fn of_times(nanos: impl IntoIterator<Item = f64>) -> Self {
        Self::choose(nanos, &["ns", "us", "ms", "s"], true)
    }

    /// For sizes in bytes.
    pub fn of_bytes(bytes: impl IntoIterator<Item = f64>) -> Self {
        Self::choose(bytes, &["B", "kB", "MB", "GB", "TB"], false)
    }

    /// For plain counts, in thousands or millions where they are large.
    pub fn of_counts(counts: impl IntoIterator<Item = f64>) -> Self {
        let mut unit = Self::choose(counts, &["", "k", "M", "G"], false);
        // A count of a few thousand is easier to read whole.
        if unit.name == "k" && unit.decimals > 0 {
            unit = Unit { name: "", factor: 1.0, decimals: 0 };
        }
        unit
    }

    fn choose(values: impl IntoIterator<Item = f64>, names: &[&'static str], fractions: bool) -> Self {
        let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite() && *v > 0.0).collect();
        values.sort_by(f64::total_cmp);
        let (Some(&smallest), Some(&typical)) = (values.first(), values.get(values.len() / 2)) else {
            return Unit { name: names[0], factor: 1.0, decimals: 0 };
        };
        let mut step = 0;
        // 999.5 would show as 1000.
        while typical / 1000f64.powi(step) >= 999.5 && (step as usize) + 1 < names.len() {
            step += 1;
        }
        let factor = 1000f64.powi(step);
        // The typical value has three digits and the smallest, which is often the interesting one, at least two.
        let decimals = if step == 0 && !fractions {
            0
        } else {
            let least = match smallest / factor {
                small if small < 1.0 => 2,
                small if small < 100.0 => 1,
                _ => 0,
            };
            if typical / factor < 10.0 { 2 } else { least }
        };
        Unit { name: names[step as usize], factor, decimals }
    }

    /// The value in this unit, the unit not named. What is not zero does not show as zero.
    pub fn show(&self, value: f64) -> String {
        let scaled = value / self.factor;
        let least = 0.5 / 10f64.powi(self.decimals as i32);
        if scaled > 0.0 && scaled < least {
            return format!("<{:.*}", self.decimals, least * 2.0);
        }
        format!("{scaled:.*}", self.decimals)
    }
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

/// A whole number with separators: `10,000,000`.
pub(super) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_one_unit_and_aligned_decimals() {
        let unit = Unit::of_times([35e6, 412e6, 1.2e9]);
        assert_eq!((unit.name, unit.show(35e6), unit.show(1.2e9)), ("ms", "35.0".into(), "1200.0".into()));
        let unit = Unit::of_times([4.1e6, 41.2e6, 350e6]);
        assert_eq!((unit.name, unit.show(4.1e6), unit.show(350e6)), ("ms", "4.1".into(), "350.0".into()));
        let unit = Unit::of_times([1e3, 2e9, 3e9]);
        assert_eq!((unit.name, unit.show(1e3), unit.show(0.0)), ("s", "<0.01".into(), "0.00".into()));
    }

    #[test]
    fn bytes_below_a_thousand_and_counts_are_whole() {
        assert_eq!(Unit::of_bytes([12.0, 15.0]).show(12.0), "12");
        assert_eq!(Unit::of_counts([1.0, 2400.0, 2500.0]).show(2400.0), "2400");
        assert_eq!(Unit::of_counts([2_400_000.0]).name, "M");
        assert_eq!(Unit::of_counts([]).show(0.0), "0");
    }

    #[test]
    fn bandwidths_and_grouped_numbers() {
        assert_eq!(bandwidth(3.2e9), "3.20 Gbit/s");
        assert_eq!(bandwidth(999_600.0), "1.00 Mbit/s");
        assert_eq!(bandwidth(12.0), "12.0 bit/s");
        assert_eq!(grouped(10_000_000), "10,000,000");
        assert_eq!(grouped(100), "100");
    }
}
