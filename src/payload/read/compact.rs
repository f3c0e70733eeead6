//! How far the typed JSON row is from the file itself, for files that are JSON.

use super::InputFormat;
use crate::model::Bytes;
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
            "the typed json row is not the file: it has {}, the file as compact JSON {}, {factor:.2} times",
            Bytes(counter.0),
            Bytes(file)
        )
    })
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
    fn white_space_counts_within_strings_only() {
        assert_eq!(size(b"{\"a b\" : [1,\n 2 ] }").0, "{\"a b\":[1,2]}".len() as u64);
        // An escaped quote ends no string, and an escaped backslash escapes nothing.
        assert_eq!(size(br#"["\" ", "\\" , " "]"#).0, br#"["\" ","\\"," "]"#.len() as u64);
        assert_eq!(size(b"{}\n\n  \n[1]\r\n{}"), (7, 3));
    }
}
