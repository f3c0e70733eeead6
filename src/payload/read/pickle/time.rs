//! Dates, times and durations as text: from the bytes in which Python's `datetime` pickles them to what its `isoformat()`
//! makes of them, which is RFC 3339 where there is an offset from UTC.

/// A timedelta, in microseconds.
pub(super) fn microseconds(days: i64, seconds: i64, microseconds: i64) -> Option<i128> {
    // The bounds of Python's own type.
    let in_range =
        days.abs() < 1_000_000_000 && (0..86_400).contains(&seconds) && (0..1_000_000).contains(&microseconds);
    in_range.then(|| (i128::from(days) * 86_400 + i128::from(seconds)) * 1_000_000 + i128::from(microseconds))
}

/// An ISO 8601 duration: `P1DT2H3M4.5S`, and `PT0S` for none.
pub(super) fn duration(microseconds: i128) -> String {
    let sign = if microseconds < 0 { "-" } else { "" };
    let total = microseconds.unsigned_abs();
    let (seconds, fraction) = (total / 1_000_000, total % 1_000_000);
    let (days, hours, minutes, seconds) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{sign}P");
    if days > 0 {
        text.push_str(&format!("{days}D"));
    }
    let mut time = String::new();
    for (count, unit) in [(hours, 'H'), (minutes, 'M')] {
        if count > 0 {
            time.push_str(&format!("{count}{unit}"));
        }
    }
    if fraction > 0 {
        let digits = format!("{fraction:06}");
        time.push_str(&format!("{seconds}.{}S", digits.trim_end_matches('0')));
    } else if seconds > 0 || (days == 0 && time.is_empty()) {
        time.push_str(&format!("{seconds}S"));
    }
    if !time.is_empty() {
        text.push('T');
        text.push_str(&time);
    }
    text
}

/// The offset from UTC that a time is followed by: `+02:00`, with seconds where it has any.
pub(super) fn offset(microseconds: i128) -> Option<String> {
    // Python's bounds: less than a day either way.
    if microseconds.abs() >= 86_400_000_000 {
        return None;
    }
    let sign = if microseconds < 0 { '-' } else { '+' };
    let total = microseconds.unsigned_abs();
    let (seconds, fraction) = (total / 1_000_000, total % 1_000_000);
    let mut text = format!("{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
    if seconds % 60 > 0 || fraction > 0 {
        text.push_str(&format!(":{:02}", seconds % 60));
    }
    if fraction > 0 {
        text.push_str(&format!(".{fraction:06}"));
    }
    Some(text)
}

/// The four bytes of a date.
pub(super) fn date(bytes: &[u8]) -> Option<String> {
    let &[high, low, month, day] = bytes else { return None };
    let year = u16::from_be_bytes([high, low]);
    let fits = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    fits.then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// The six bytes of a time. The first may be marked as the second of an hour that comes twice, which no text says.
pub(super) fn time(bytes: &[u8]) -> Option<String> {
    let &[hour, minute, second, a, b, c] = bytes else { return None };
    let hour = hour & 0x7f;
    let microsecond = u32::from_be_bytes([0, a, b, c]);
    if hour > 23 || minute > 59 || second > 59 || microsecond > 999_999 {
        return None;
    }
    let text = format!("{hour:02}:{minute:02}:{second:02}");
    Some(if microsecond > 0 { format!("{text}.{microsecond:06}") } else { text })
}

/// The ten bytes of a date and time, of which the month may be marked likewise.
pub(super) fn datetime(bytes: &[u8]) -> Option<String> {
    let (day, clock) = bytes.split_at_checked(4)?;
    let &[high, low, month, day] = day else { return None };
    Some(format!("{}T{}", date(&[high, low, month & 0x7f, day])?, time(clock)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_in_their_largest_units() {
        let cases = [
            (0, "PT0S"),
            (1, "PT0.000001S"),
            (1_500_000, "PT1.5S"),
            (60_000_000, "PT1M"),
            (86_400_000_000, "P1D"),
            (93_784_000_000, "P1DT2H3M4S"),
            (-5_400_000_000, "-PT1H30M"),
            (90_000_000_000_500, "P1041DT16H0.0005S"),
        ];
        for (microseconds, text) in cases {
            assert_eq!(duration(microseconds), text);
        }
    }

    #[test]
    fn bytes_that_are_no_time_are_not_taken_for_one() {
        assert_eq!(datetime(&[7, 0xe8, 2, 29, 12, 0, 1, 0, 0, 5]).as_deref(), Some("2024-02-29T12:00:01.000005"));
        // The second of two hours, and no fraction.
        assert_eq!(datetime(&[7, 0xe8, 0x8a, 27, 2, 30, 0, 0, 0, 0]).as_deref(), Some("2024-10-27T02:30:00"));
        assert_eq!(time(&[0x82, 30, 0, 0, 0, 0]).as_deref(), Some("02:30:00"));
        for bytes in [&[0; 10][..], &[7, 0xe8, 13, 1, 0, 0, 0, 0, 0, 0], &[7, 0xe8, 1, 1, 24, 0, 0, 0, 0, 0], &[1; 9]] {
            assert_eq!(datetime(bytes), None, "{bytes:?}");
        }
        assert_eq!(offset(7_200_000_000).as_deref(), Some("+02:00"));
        assert_eq!(offset(-12_600_000_000).as_deref(), Some("-03:30"));
        assert_eq!(offset(30_000_001).as_deref(), Some("+00:00:30.000001"));
        assert_eq!(offset(86_400_000_000), None);
        assert_eq!(microseconds(-1, 86_399, 999_999), Some(-1));
        assert_eq!(microseconds(0, 86_400, 0), None);
    }
}
