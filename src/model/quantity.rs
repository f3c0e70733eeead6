//! Quantities with units: how they are read from the command line and how they are shown.

use sercost_pickle::model::scaled;
use std::fmt;

/// A duration in nanoseconds; fractions occur where a sample covers several operations. Shown as `12.3 ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Nanos(pub f64);

impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 >= 99.95e9 {
            return f.pad(&format!("{:.0} s", self.0 / 1e9));
        }
        f.pad(&scaled(self.0, &["ns", "us", "ms", "s"]))
    }
}

/// Why a quantity on the command line was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct ParseQuantityError {
    text: String,
    expected: &'static str,
}

impl ParseQuantityError {
    /// `text` is not what was expected, which reads on from "is not".
    pub fn new(text: &str, expected: &'static str) -> Self {
        ParseQuantityError { text: text.to_owned(), expected }
    }
}

/// Splits `1.5GB` into its number and its suffix. The number is non-negative and finite, and may be written as programs
/// and people do: `1e6`, `1_000_000`, `1,000,000`.
fn split(text: &str, expected: &'static str) -> Result<(f64, String), ParseQuantityError> {
    let error = || ParseQuantityError { text: text.to_owned(), expected };
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == '_' || c == ',';
    let mut end = text.find(|c: char| !is_part(c)).unwrap_or(text.len());
    // An exponent has digits behind it; `5EB` has none.
    if let Some(exponent) = text[end..].strip_prefix(['e', 'E']) {
        let digits = exponent.strip_prefix('+').unwrap_or(exponent);
        let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        if length > 0 {
            end = text.len() - digits.len() + length;
        }
    }
    let number = &text[..end];
    if number.contains(',') && !is_grouped(number) {
        return Err(error());
    }
    let number: f64 = number.replace(['_', ','], "").parse().map_err(|_| error())?;
    if !number.is_finite() {
        return Err(error());
    }
    Ok((number, text[end..].trim().to_owned()))
}

/// Whether commas stand where they divide thousands, and nowhere else: `1,5` may be meant as a fraction.
fn is_grouped(number: &str) -> bool {
    let whole = number.split(['.', 'e', 'E']).next().unwrap_or(number);
    let mut groups = whole.split(',');
    let first = groups.next().is_some_and(|first| (1..=3).contains(&first.len()));
    first && groups.all(|group| group.len() == 3) && number.matches(',').count() == whole.matches(',').count()
}

/// `number * factor` as a whole number, exact where both are.
fn whole(text: &str, expected: &'static str, factors: impl Fn(&str) -> Option<f64>) -> Result<u64, ParseQuantityError> {
    let (number, suffix) = split(text, expected)?;
    let error = || ParseQuantityError { text: text.to_owned(), expected };
    let value = number * factors(&suffix).ok_or_else(error)?;
    if value.fract() != 0.0 || value >= 2f64.powi(63) {
        return Err(error());
    }
    Ok(value as u64)
}

/// Reads a count: `10000000`, `10M`, `1.5k`, `1e6`, `1,000,000`; `k`, `M`, `G` are powers of ten.
pub fn parse_count(text: &str) -> Result<u64, ParseQuantityError> {
    whole(text, "a count like 1000, 100k, 10M, 1e6 or 1,000,000", |suffix| match suffix {
        "" => Some(1.0),
        "k" | "K" => Some(1e3),
        "m" | "M" => Some(1e6),
        "g" | "G" => Some(1e9),
        _ => None,
    })
}

/// Reads a size in bytes: `512`, `50MB` (powers of ten), `64KiB` (powers of two).
pub fn parse_bytes(text: &str) -> Result<u64, ParseQuantityError> {
    whole(text, "a size like 512, 100kB, 50MB, 1GB or 64KiB", |suffix| {
        Some(match suffix.to_ascii_lowercase().as_str() {
            "" | "b" => 1.0,
            "k" | "kb" => 1e3,
            "m" | "mb" => 1e6,
            "g" | "gb" => 1e9,
            "kib" => 1024.0,
            "mib" => 1024.0 * 1024.0,
            "gib" => 1024.0 * 1024.0 * 1024.0,
            _ => return None,
        })
    })
}

/// Reads a duration, in nanoseconds: `20s`, `1.5ms`, `2m`; a bare number is seconds.
pub fn parse_duration(text: &str) -> Result<u64, ParseQuantityError> {
    let expected = "a duration like 20s, 500ms, 50us or 2m";
    let (number, suffix) = split(text, expected)?;
    let factor = match suffix.as_str() {
        "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "" | "s" => 1e9,
        "m" | "min" => 60e9,
        _ => return Err(ParseQuantityError { text: text.to_owned(), expected }),
    };
    Ok((number * factor).round() as u64)
}

/// Reads a bandwidth, in bits per second: `1Gbit`, `100Mbit`, `125MB` (bytes, times eight).
pub fn parse_bandwidth(text: &str) -> Result<f64, ParseQuantityError> {
    let expected = "a bandwidth like 1Gbit, 100Mbit or 125MB (per second)";
    let (number, suffix) = split(text, expected)?;
    let error = || ParseQuantityError { text: text.to_owned(), expected };
    let unit = suffix.strip_suffix("/s").or_else(|| suffix.strip_suffix("ps")).unwrap_or(&suffix);
    let (prefix, bits) = if let Some(prefix) = unit.strip_suffix("bit") {
        (prefix, 1.0)
    } else if let Some(prefix) = unit.strip_suffix('B') {
        (prefix, 8.0)
    } else {
        return Err(error());
    };
    let factor = match prefix {
        "" => 1.0,
        "k" | "K" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        _ => return Err(error()),
    };
    let value = number * factor * bits;
    if value > 0.0 { Ok(value) } else { Err(error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_show_three_digits() {
        assert_eq!(Nanos(12.3).to_string(), "12.3 ns");
        assert_eq!(Nanos(999.6).to_string(), "1.00 us");
        assert_eq!(Nanos(1.5e9).to_string(), "1.50 s");
        assert_eq!(Nanos(250e9).to_string(), "250 s");
    }

    #[test]
    fn quantities_are_read_in_powers_of_ten() {
        assert_eq!(parse_count("10M"), Ok(10_000_000));
        assert_eq!(parse_count("1.5k"), Ok(1500));
        assert_eq!(parse_bytes("50MB"), Ok(50_000_000));
        assert_eq!(parse_bytes("64KiB"), Ok(65_536));
        assert_eq!(parse_duration("1.5ms"), Ok(1_500_000));
        assert_eq!(parse_bandwidth("1Gbit"), Ok(1e9));
        assert_eq!(parse_bandwidth("125MB"), Ok(1e9));
        for (text, count) in [("1e6", 1_000_000), ("1_000_000", 1_000_000), ("1,000,000", 1_000_000), ("2.5e3", 2500)] {
            assert_eq!(parse_count(text), Ok(count), "{text}");
        }
        assert_eq!(parse_count("1E+3k"), Ok(1_000_000));
        assert_eq!(parse_bytes("5e7B"), Ok(50_000_000));
        for bad in
            ["", "x", "1.0000001k", "10X", "-3", "1e400", "1e-3", "1,5", "1,0000", ",100", "1.5,000", "1e", "1e3,000"]
        {
            assert!(parse_count(bad).is_err(), "{bad}");
        }
    }
}
