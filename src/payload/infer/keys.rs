//! The look of a key by itself: the name of a field, or data.

use crate::payload::source::is_name;

/// The look of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The name of a field.
    Name,
    /// A key that is neither a name as programs have it nor known to be data: a header of several words, a dotted name.
    Odd,
    /// A word with a number behind it, which is data if there are many of them: `job-3fa9`, `user_1024`.
    Numbered,
    /// Data: a number, an address, a path, a short digest.
    Data,
    /// Data that no field is ever called, so that a single one tells: a UUID, a long digest, a date.
    Identifier,
}

impl Form {
    /// Whether the key is taken for data where there are several of it.
    pub(super) fn is_data(self) -> bool {
        matches!(self, Form::Numbered | Form::Data | Form::Identifier)
    }
}

/// The length from which a text of hexadecimal digits, some of them decimal, is a digest and no word: git shortens to it.
const HEX: usize = 7;
/// The length from which it can be nothing else.
const LONG_HEX: usize = 16;
/// The length from which a word that goes from letters to digits and back, time and again, is an identifier.
const RANDOM: usize = 11;
/// How often it does so.
const TURNS: usize = 3;

/// The form of `key`.
pub(super) fn form(key: &str) -> Form {
    if is_measure(key) {
        Form::Name
    } else if is_date(key) || hex_digits(key) >= LONG_HEX {
        Form::Identifier
    } else if is_data(key) {
        Form::Data
    } else if is_numbered(key) {
        Form::Numbered
    } else if is_name(key) {
        Form::Name
    } else {
        Form::Odd
    }
}

/// Whether the key is written as no program would name a field.
pub(super) fn is_strange(key: &str) -> bool {
    !is_name(key) && !is_measure(key)
}

/// A number and a unit, which names a field as a word does: `1h`, `24h`, `720p`, `95th`.
fn is_measure(key: &str) -> bool {
    const UNITS: [&str; 45] = [
        "ns", "us", "ms", "s", "sec", "m", "min", "h", "hr", "hour", "d", "day", "w", "wk", "week", "mo", "month", "y",
        "yr", "year", "st", "nd", "rd", "th", "p", "x", "k", "px", "pt", "em", "mm", "cm", "km", "g", "kg", "b", "kb",
        "mb", "gb", "hz", "khz", "mhz", "ghz", "v", "w",
    ];
    let unit = key.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = key.len() - unit.len();
    let unit = unit.to_ascii_lowercase();
    (1..=4).contains(&digits) && UNITS.iter().any(|known| unit == *known || unit.strip_suffix('s') == Some(known))
}

fn is_data(key: &str) -> bool {
    let has_blank = key.contains(char::is_whitespace);
    let is_address = key.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    let is_path = !has_blank && (key.contains(['/', '\\', '*']) || key.contains("://"));
    let is_hex = hex_digits(key) >= HEX;
    is_path
        || (is_address && !has_blank)
        || is_number(key)
        || is_hex
        || is_colour(key)
        || is_host(key)
        || is_period(key)
        || is_random(key)
}

/// A day in the notation of ISO 8601, with or without a time.
fn is_date(key: &str) -> bool {
    let Some((day, time)) = key.split_at_checked(10) else { return false };
    let is_day = day.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    is_day && (time.is_empty() || (time.starts_with(['T', ' ']) && time[1..].starts_with(|c: char| c.is_ascii_digit())))
}

/// A colour as pages write it.
fn is_colour(key: &str) -> bool {
    key.strip_prefix('#').is_some_and(|digits| {
        matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// The name of a host: labels with dots between them, the last of which is known to be one of the internet.
fn is_host(key: &str) -> bool {
    const LAST: [&str; 10] = ["com", "org", "net", "edu", "gov", "info", "dev", "app", "local", "internal"];
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    key.rsplit_once('.').is_some_and(|(labels, last)| LAST.contains(&last) && labels.split('.').all(is_label))
}

/// A month or a quarter of a year: `Jan 2024`, `2024-Q1`.
fn is_period(key: &str) -> bool {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let is_year = |part: &str| matches!(part.len(), 2 | 4) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_part = |part: &str| {
        let part = part.to_ascii_lowercase();
        let is_month = part.get(..3).is_some_and(|head| MONTHS.contains(&head)) && part.len() <= "september".len();
        is_month || matches!(&*part, "q1" | "q2" | "q3" | "q4" | "h1" | "h2")
    };
    key.split_once([' ', '-', '/']).is_some_and(|(a, b)| (is_part(a) && is_year(b)) || (is_year(a) && is_part(b)))
}

/// A number, a date, a time, a version, an address of the internet: most of it digits, and the first a digit.
fn is_number(key: &str) -> bool {
    let body = key.strip_prefix(['-', '+', 'v']).unwrap_or(key);
    if !body.starts_with(|c: char| c.is_ascii_digit()) || (key.starts_with('v') && !body.contains('.')) {
        return false;
    }
    let count = |of: fn(char) -> bool| body.chars().filter(|&c| of(c)).count();
    2 * count(|c| c.is_ascii_digit()) > count(char::is_alphanumeric)
}

/// The number of digits of what is written in hexadecimal digits alone, some of them decimal, with or without dashes.
fn hex_digits(key: &str) -> usize {
    let body = key.strip_prefix("0x").unwrap_or(key);
    let is_hex = body.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && body.bytes().any(|byte| byte.is_ascii_digit());
    if is_hex { body.bytes().filter(|byte| *byte != b'-').count() } else { 0 }
}

/// An identifier of letters and digits in no order.
fn is_random(key: &str) -> bool {
    let bytes = key.as_bytes();
    let turns = bytes
        .windows(2)
        .filter(|two| two.iter().all(u8::is_ascii_alphanumeric))
        .filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit());
    bytes.len() >= RANDOM
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && turns.count() >= TURNS
}

/// The characters that stand before a number.
const BEFORE: [char; 6] = ['-', '_', ':', '.', '#', '|'];

/// The word before the last part of a key; none where there is one part.
pub(super) fn stem(key: &str) -> Option<&str> {
    key.rsplit_once(BEFORE).map(|(word, _)| word)
}

/// The word before a number, however short that is; none without.
pub(crate) fn family(key: &str) -> Option<&str> {
    let word = key.trim_end_matches(|c: char| c.is_ascii_digit());
    (word.len() < key.len() && !word.is_empty()).then(|| word.strip_suffix(BEFORE).unwrap_or(word))
}

/// Whether the number of a key stands behind a sign that no name of a field has: `item-1`, `row:7`.
pub(super) fn is_set_off(key: &str) -> bool {
    let word = key.trim_end_matches(|c: char| c.is_ascii_digit());
    word.len() < key.len() && word.len() > 1 && word.ends_with(['-', ':', '#', '|', '.', ' '])
}

/// A word and a number, three digits or more, or an identifier in hexadecimal digits.
fn is_numbered(key: &str) -> bool {
    let Some((word, number)) = key.rsplit_once(BEFORE) else { return false };
    let all = |of: fn(&u8) -> bool| number.bytes().all(|byte| of(&byte));
    let has_digit = number.bytes().any(|byte| byte.is_ascii_digit());
    !word.is_empty()
        && ((number.len() >= 3 && all(u8::is_ascii_digit))
            || (number.len() >= 4 && has_digit && all(u8::is_ascii_hexdigit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(keys: &[&str], expected: Form) {
        for key in keys {
            assert_eq!(form(key), expected, "{key}");
        }
    }

    #[test]
    fn names_of_fields_are_names_whatever_digits_they_have() {
        all(
            &[
                "id",
                "user_profile",
                "userProfile",
                "Content-Type",
                "$ref",
                "ipv4",
                "sha256",
                "md5",
                "base64",
                "x1",
                "line2",
                "address-1",
                "utf-8",
                "p99",
                "oauth2",
                "x86_64",
                "covid19",
                "vertex",
                "größe",
                "_id",
                "deadbeef",
                "h264",
                "1h",
                "24h",
                "7d",
                "30days",
                "1080p",
                "99th",
            ],
            Form::Name,
        );
    }

    #[test]
    fn headers_and_dotted_names_may_be_either() {
        all(
            &["First Name", "log.level", "@timestamp", "og:title", "How old are you?", "", "2nd floor", "3d_model"],
            Form::Odd,
        );
    }

    #[test]
    fn what_no_field_is_called_is_data() {
        all(
            &[
                "0",
                "2019",
                "-1",
                "-1.5",
                "200",
                "1.2.3",
                "v1.2.3",
                "10:30",
                "192.168.0.1",
                "1a2b3c4",
                "0xdeadbeef01",
                "#ff0000",
                "www.example.org",
                "Jan 2024",
                "2024-Q1",
                "https://example.org/a",
                "/users/{id}",
                "node_modules/x",
                "@types/node",
                "text/html",
                "src/**",
                "C:\\temp",
                "someone@example.org",
                "dQw4w9WgXcQ",
                "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            ],
            Form::Data,
        );
    }

    #[test]
    fn what_no_field_is_ever_called_is_an_identifier() {
        all(
            &[
                "2024-01-31",
                "2024-01-31T10:20:30Z",
                "550e8400-e29b-41d4-a716-446655440000",
                "9f86d081884c7d65",
                "507f1f77bcf86cd799439011",
            ],
            Form::Identifier,
        );
    }

    #[test]
    fn a_word_with_a_number_is_data_if_there_are_many() {
        all(
            &["job-3fa9", "user_1024", "user:42000", "PROJ-123", "CVE-2021-44228", "T1059.001", "score_2019"],
            Form::Numbered,
        );
    }
}
