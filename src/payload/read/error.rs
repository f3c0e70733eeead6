//! Why a document was refused: the file, the place, the path, the reason and the remedy.

use super::InputFormat;
use crate::payload::source::{Encoding, Fault};
use std::fmt;

/// The remedy for any schema file.
pub(in crate::payload) const SCHEMA_REMEDY: &str = "--show-schema json prints a schema to begin with";

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In text: both counted from 1, columns in characters.
    Line {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// In binary formats: the offset in bytes.
    Byte(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line { line, column } => write!(f, "line {line}, column {column}"),
            Place::Byte(offset) => write!(f, "byte {offset}"),
        }
    }
}

/// A document that was refused.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message())]
pub struct ReadError(Box<Parts>);

#[derive(Debug)]
struct Parts {
    file: String,
    place: Option<Place>,
    path: String,
    reason: String,
    remedy: String,
}

impl ReadError {
    pub(super) fn new(name: &str, format: InputFormat, bytes: &[u8], fault: Fault) -> ReadError {
        let encoding = fault.encoding();
        let (offset, path, mut reason, mut remedy) = fault.into_parts();
        let known_file = (name != "-").then_some(name);
        match encoding {
            None => {}
            Some(Encoding::Named(encoding)) => remedy = super::encoding::remedy(known_file, encoding),
            Some(Encoding::Unknown) => {
                (reason, remedy) = super::encoding::explain(known_file, bytes, offset.unwrap_or_default());
            }
        }
        let place = offset.map(|offset| match format.reader().text {
            true => line_and_column(bytes, offset),
            false => Place::Byte(offset),
        });
        let file = if name == "-" { "standard input" } else { name }.to_owned();
        ReadError(Box::new(Parts { file, place, path, reason, remedy }))
    }

    /// The error of a text that is not a payload: a schema file.
    pub(in crate::payload) fn of_text(file: &str, bytes: &[u8], fault: Fault) -> ReadError {
        ReadError::new(file, InputFormat::Json, bytes, fault.with_remedy(SCHEMA_REMEDY))
    }

    /// The error of no value in particular: a file of an unknown format, a schema file that is JSON but not a schema.
    pub(in crate::payload) fn of_whole(file: &str, place: Option<Place>, reason: &str, remedy: &str) -> ReadError {
        ReadError(Box::new(Parts {
            file: file.to_owned(),
            place,
            path: "$".into(),
            reason: reason.to_owned(),
            remedy: remedy.to_owned(),
        }))
    }

    /// Where in the file, if at one place.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn place(&self) -> Option<Place> {
        self.0.place
    }

    /// The path of the value: `$.rows[17].name`; `$` for the whole document.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Why.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    fn message(&self) -> String {
        let Parts { file, place, path, reason, remedy } = &*self.0;
        let mut message = format!("{file}: ");
        if let Some(place) = place {
            message += &format!("{place}: ");
        }
        // The whole document is what is talked of anyway.
        if path != "$" {
            message += &format!("{path}: ");
        }
        message += reason;
        if !remedy.is_empty() {
            message += if reason.ends_with('?') { " " } else { "; " };
            message += remedy;
        }
        message
    }
}

/// The place of a byte in a text.
fn line_and_column(bytes: &[u8], offset: usize) -> Place {
    let before = &bytes[..offset.min(bytes.len())];
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    // The bytes that continue a character of UTF-8 are not counted.
    let column = 1 + before[start..].iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
    Place::Line { line, column }
}
