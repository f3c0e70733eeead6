//! How far the typed JSON row is from the file itself, for files that are JSON.

use super::InputFormat;
use crate::model::{Bytes, grouped};
use crate::payload::column::Column;
use crate::payload::encode::Row;
use crate::payload::schema::Schema;
use crate::payload::style::Named;
use std::io::{self, Write};

/// A smaller difference is not worth a line.
const LEAST: f64 = 0.02;

/// The note where the document, encoded through its schema, has another size than the file without its white
/// space: numbers and characters that the file writes in a longer form, or types that the user has given.
pub(super) fn note(format: InputFormat, bytes: &[u8], schema: &Schema, column: &Column) -> Option<String> {
    let file = match format {
        InputFormat::Json => size(bytes).0,
        // Commas and brackets in place of the ends of lines.
        InputFormat::Ndjson => {
            let (size, lines) = size(bytes);
            size + lines + 1
        }
        _ => return None,
    };
    let mut counter = Counter(0);
    // A value that cannot be encoded becomes a row with its reason.
    serde_json::to_writer(&mut counter, &Row::<Named>::new(schema, column, 0)).ok()?;
    let factor = counter.0 as f64 / file as f64;
    ((factor - 1.0).abs() > LEAST).then(|| {
        format!(
            "the typed json row is not the file: it has {}, the file as compact JSON {}, {factor:.2} times{}",
            Bytes(counter.0),
            Bytes(file),
            reasons(bytes)
        )
    })
}

/// What the file writes in another form than the row does, as far as its text tells.
fn reasons(bytes: &[u8]) -> String {
    let (mut escapes, mut numbers) = (0u64, 0u64);
    let mut example = None;
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => {
                let mut end = 0;
                while rest.get(end).is_some_and(|&byte| byte != b'"') {
                    let is_escape = rest[end] == b'\\';
                    // Others are written as they are.
                    escapes += u64::from(is_escape && matches!(rest.get(end + 1), Some(b'u' | b'/')));
                    end += 1 + usize::from(is_escape);
                }
                rest = rest.get(end + 1..).unwrap_or_default();
            }
            b'-' | b'0'..=b'9' => {
                let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
                let length = rest.iter().take_while(|byte| is_digit(byte)).count();
                let text = std::str::from_utf8(&bytes[bytes.len() - rest.len() - 1..][..=length]).unwrap_or_default();
                rest = &rest[length..];
                if (text.contains(['.', 'e', 'E']) || text == "-0")
                    && let Ok(number) = text.parse::<f64>()
                    && let Ok(written) = serde_json::to_string(&number)
                    && written.len() != text.len()
                {
                    numbers += 1;
                    example.get_or_insert_with(|| format!("{text} as {written}"));
                }
            }
            _ => {}
        }
    }
    let counted = |count: u64, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{} {many}", grouped(count))),
    };
    let example = example.map(|example| format!(" ({example})")).unwrap_or_default();
    let all = [
        counted(escapes, "escape that it writes as a character", "escapes that it writes as characters"),
        counted(numbers, "number that it writes otherwise", "numbers that it writes otherwise")
            .map(|text| text + &example),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { String::new() } else { format!("; the file has {}", all.join(" and ")) }
}

/// The bytes of a JSON text without the white space between its parts, and the number of its lines that are not blank.
fn size(bytes: &[u8]) -> (u64, u64) {
    let (mut size, mut lines, mut is_empty) = (0, 0, true);
    let (mut in_string, mut escaped) = (false, false);
    for &byte in bytes.strip_prefix(super::BOM).unwrap_or(bytes) {
        match byte {
            b'\n' if !in_string => {
                lines += u64::from(!is_empty);
                is_empty = true;
            }
            b' ' | b'\t' | b'\r' if !in_string => {}
            _ => {
                size += 1;
                is_empty = false;
                in_string ^= byte == b'"' && !escaped;
                escaped = in_string && byte == b'\\' && !escaped;
            }
        }
    }
    (size, lines + u64::from(!is_empty))
}

/// Counts what is written.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_file_writes_otherwise_is_named() {
        assert_eq!(reasons(br#"{"a": "x\n\"y", "b": [1, -2.5, "1e2", "\\u0041"]}"#), "");
        assert_eq!(
            reasons(br#"["\u00e9\/", 1.50, 1e2, 2]"#),
            "; the file has 2 escapes that it writes as characters and 2 numbers that it writes otherwise (1.50 as 1.5)"
        );
        assert_eq!(reasons(b"[\"open"), "");
    }

    #[test]
    fn white_space_counts_within_strings_only() {
        assert_eq!(size(b"{\"a b\" : [1,\n 2 ] }").0, "{\"a b\":[1,2]}".len() as u64);
        // An escaped quote ends no string, and an escaped backslash escapes nothing.
        assert_eq!(size(br#"["\" ", "\\" , " "]"#).0, br#"["\" ","\\"," "]"#.len() as u64);
        assert_eq!(size(b"{}\n\n  \n[1]\r\n{}"), (7, 3));
    }
}
