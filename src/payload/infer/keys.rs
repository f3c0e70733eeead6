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
    /// Data: a number, a date, an address, a path, a digest.
    Data,
}

impl Form {
    /// Whether the key is taken for data where there are several of it.
    pub(super) fn is_data(self) -> bool {
        matches!(self, Form::Numbered | Form::Data)
    }
}

/// The length from which a text of hexadecimal digits, some of them decimal, is a digest and no word.
const HEX: usize = 8;
/// The length from which a word that goes from letters to digits and back, time and again, is an identifier.
const RANDOM: usize = 11;
/// How often it does so.
const TURNS: usize = 3;

/// The form of `key`.
pub(super) fn form(key: &str) -> Form {
    if is_data(key) {
        Form::Data
    } else if is_numbered(key) {
        Form::Numbered
    } else if is_name(key) {
        Form::Name
    } else {
        Form::Odd
    }
}

fn is_data(key: &str) -> bool {
    let has_blank = key.contains(char::is_whitespace);
    let is_address = key.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    let is_path = !has_blank && (key.contains(['/', '\\', '*']) || key.contains("://"));
    is_path || (is_address && !has_blank) || is_number(key) || is_hex(key) || is_random(key)
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

/// A digest or an identifier in hexadecimal digits, with or without dashes.
fn is_hex(key: &str) -> bool {
    let body = key.strip_prefix("0x").unwrap_or(key);
    let digits = body.bytes().filter(|byte| *byte != b'-').count();
    digits >= HEX
        && body.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && body.bytes().any(|byte| byte.is_ascii_digit())
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
                "2024-01-31",
                "2024-01-31T10:20:30Z",
                "10:30",
                "192.168.0.1",
                "550e8400-e29b-41d4-a716-446655440000",
                "9f86d081884c7d65",
                "0xdeadbeef01",
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
    fn a_word_with_a_number_is_data_if_there_are_many() {
        all(
            &["job-3fa9", "user_1024", "user:42000", "PROJ-123", "CVE-2021-44228", "T1059.001", "score_2019"],
            Form::Numbered,
        );
    }
}
