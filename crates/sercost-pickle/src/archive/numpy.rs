//! NumPy's files of one array: a header that is a Python dict, and the bytes (`numpy/lib/format.py`).

use crate::dtypes;
use crate::machine::{shape as shape_of, shortened};

/// How such a file begins.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// The contents of the header.
pub(super) struct Array {
    /// Where the header ends.
    pub start: usize,
    /// Whether a pickle of the items follows.
    pub is_object: bool,
    /// `numpy.ndarray of float64, 3 × 4`.
    pub what: String,
}

impl Array {
    /// The array, if the file begins as NumPy writes it.
    pub(super) fn of(data: &[u8]) -> Option<Array> {
        let version = *data.strip_prefix(MAGIC)?.first()?;
        let (length, begin) = match version {
            1 => (usize::from(u16::from_le_bytes(data.get(8..10)?.try_into().ok()?)), 10),
            _ => (u32::from_le_bytes(data.get(8..12)?.try_into().ok()?) as usize, 12),
        };
        let start = begin + length;
        let header = String::from_utf8_lossy(data.get(begin..start)?);
        let (dtype, shape) = (value(&header, "descr")?, value(&header, "shape")?);
        let sides: Vec<&str> = shape.trim_matches(['(', ')']).split(',').map(str::trim).collect();
        let sides: Vec<&str> = sides.into_iter().filter(|side| !side.is_empty()).take(64).collect();
        let word = dtype.trim_matches('\'');
        let is_object = word.trim_start_matches('|') == "O";
        let name = match word.trim_start_matches(['<', '>', '|', '=']) {
            _ if word.starts_with('[') => shortened(word),
            word => dtypes::of_numpy(word).to_owned(),
        };
        Some(Array { start, is_object, what: format!("numpy.ndarray of {name}{}", shape_of(&sides)) })
    }
}

/// The text of a value of the dict, up to the comma or brace that ends it.
fn value<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(&format!("'{key}':"))?;
    let rest = rest.trim_start();
    let (mut depth, mut in_text) = (0u32, false);
    for (at, letter) in rest.char_indices() {
        match letter {
            '\'' => in_text = !in_text,
            '(' | '[' | '{' if !in_text => depth += 1,
            ',' if !in_text && depth == 0 => return Some(&rest[..at]),
            '}' if !in_text && depth == 0 => return Some(rest[..at].trim_end()),
            ')' | ']' | '}' if !in_text => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes
    }

    #[test]
    fn headers_say_types_and_shapes() {
        let what = |text: &str| Array::of(&header(text)).map(|array| array.what);
        let of = |text: &str| what(text).unwrap();
        assert_eq!(
            of("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }"),
            "numpy.ndarray of float64, 3 × 4"
        );
        assert_eq!(of("{'descr': '|b1', 'fortran_order': False, 'shape': (), }"), "numpy.ndarray of bool");
        let fields = "{'descr': [('a', '<f4'), ('b, c', '<i8', (2,))], 'fortran_order': False, 'shape': (9,), }";
        assert_eq!(of(fields), "numpy.ndarray of [('a', '<f4'), ('b, c', '<i8', (2,))], 9");
        assert!(what("{'descr': '<f8'").is_none());
        assert!(Array::of(b"\x93NUMPY\x01\x00\xff\xff").is_none());
    }
}
