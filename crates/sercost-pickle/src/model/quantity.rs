//! Quantities as they are shown.

use std::fmt;

/// A count of bytes. Shown in powers of a thousand: `49.9 MB`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// A whole number with separators: `10,000,000`.
pub fn grouped(value: u64) -> String {
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

/// Three significant digits of a value below 1000, without trailing noise.
fn three_digits(value: f64) -> String {
    // The thresholds are where rounding would show a fourth digit.
    if value >= 99.95 {
        format!("{value:.0}")
    } else if value >= 9.995 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1000 {
            return f.pad(&format!("{} B", self.0));
        }
        f.pad(&scaled(self.0 as f64, &["B", "kB", "MB", "GB", "TB", "PB", "EB"]))
    }
}

/// `value` in the largest unit (each a thousand of the one before) that keeps it at 1 or above, with three digits: `12.3 ms`.
pub fn scaled(mut value: f64, units: &[&str]) -> String {
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{} {}", three_digits(value), units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_separators() {
        for (value, shown) in
            [(0, "0"), (100, "100"), (1234, "1,234"), (1_234_567, "1,234,567"), (10_000_000, "10,000,000")]
        {
            assert_eq!(grouped(value), shown);
        }
    }

    #[test]
    fn sizes_show_three_digits() {
        assert_eq!(Bytes(999).to_string(), "999 B");
        assert_eq!(Bytes(1000).to_string(), "1.00 kB");
        assert_eq!(Bytes(49_895_535).to_string(), "49.9 MB");
        assert_eq!(Bytes(999_960).to_string(), "1.00 MB");
    }
}
