//! Quotes: blanks before them, and whether the last one is closed.
//!
//! `1, "a, b"` has a quote behind a blank. To the letter it is text, which its comma parts; what was meant is a quoted
//! cell. So such blanks are dropped before the table is parsed, where the quote is closed at the end of a cell of the same
//! line.

use std::borrow::Cow;

/// A table without blanks before quotes.
#[derive(Clone, Debug, Default)]
pub(super) struct Unpadded {
    /// The places in the new text behind which bytes are left out, and how many were up to there.
    left_out: Vec<(usize, usize)>,
    /// The number of cells that had them.
    pub cells: usize,
}

impl Unpadded {
    /// Drops the blanks before quotes that open a cell.
    pub(super) fn new(bytes: &[u8], delimiter: u8) -> (Cow<'_, [u8]>, Unpadded) {
        let mut unpadded = Unpadded::default();
        if !has_padded_quote(bytes, delimiter) {
            return (Cow::Borrowed(bytes), unpadded);
        }
        let mut text = Vec::with_capacity(bytes.len());
        let (mut at, mut dropped) = (0, 0);
        // Each round takes one cell with its delimiter.
        while at < bytes.len() {
            let start = at + blanks(&bytes[at..], delimiter);
            let end = match bytes.get(start) {
                Some(b'"') if start == at => quoted_end(bytes, start).unwrap_or(bytes.len()),
                Some(b'"') => match quoted_end(bytes, start).filter(|&end| ends_cell(bytes, end, delimiter)) {
                    Some(end) if !bytes[start..end].contains(&b'\n') => {
                        dropped += start - at;
                        unpadded.left_out.push((text.len(), dropped));
                        unpadded.cells += 1;
                        at = start;
                        end
                    }
                    _ => at,
                },
                _ => at,
            };
            let rest = bytes[end..].iter().position(|&byte| byte == delimiter || byte == b'\n');
            let next = rest.map_or(bytes.len(), |rest| end + rest + 1);
            text.extend_from_slice(&bytes[at..next]);
            at = next;
        }
        (Cow::Owned(text), unpadded)
    }

    /// Where a byte of the new text lies in the old one.
    pub(super) fn original(&self, at: usize) -> usize {
        let before = self.left_out.partition_point(|(place, _)| *place <= at);
        at + before.checked_sub(1).map_or(0, |last| self.left_out[last].1)
    }
}

/// Whether a delimiter, blanks and a quote follow one another anywhere.
fn has_padded_quote(bytes: &[u8], delimiter: u8) -> bool {
    bytes.windows(2).enumerate().any(|(at, pair)| {
        let blank = |byte: u8| byte == b' ' || byte == b'\t';
        pair[1] == b'"' && blank(pair[0]) && pair[0] != delimiter && {
            let before = bytes[..at].iter().rposition(|&byte| !blank(byte) || byte == delimiter);
            before.is_some_and(|before| bytes[before] == delimiter)
        }
    })
}

/// The number of blanks that `bytes` begin with.
fn blanks(bytes: &[u8], delimiter: u8) -> usize {
    bytes.iter().take_while(|&&byte| matches!(byte, b' ' | b'\t') && byte != delimiter).count()
}

/// Where the quoted text that begins at `start` ends, behind its last quote.
fn quoted_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == b'"')? + 1;
        if bytes.get(at) != Some(&b'"') {
            return Some(at);
        }
        at += 1;
    }
}

fn ends_cell(bytes: &[u8], at: usize, delimiter: u8) -> bool {
    bytes.get(at).is_none_or(|&byte| byte == delimiter || matches!(byte, b'\n' | b'\r'))
}

/// Where the first record of `rows` opens a quote that is not closed: to the end of the text, or over lines and then within
/// a cell, where another quote was meant to open.
pub(super) fn open_quote(rows: &[u8], delimiter: u8) -> Option<usize> {
    let mut at = rows.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    while at < rows.len() {
        if rows[at] == b'"' {
            let end =
                quoted_end(rows, at).filter(|&end| ends_cell(rows, end, delimiter) || !rows[at..end].contains(&b'\n'));
            match end {
                Some(end) => at = end,
                None => return Some(at),
            }
        }
        at += rows[at..].iter().position(|&byte| byte == delimiter || byte == b'\n')?;
        if rows[at] == b'\n' {
            return None;
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dropped(text: &str) -> String {
        let (bytes, unpadded) = Unpadded::new(text.as_bytes(), b',');
        for at in 0..=bytes.len() {
            let original = unpadded.original(at);
            assert_eq!(bytes.get(at), text.as_bytes().get(original), "{at} of {text:?}");
        }
        String::from_utf8(bytes.into_owned()).expect("blanks were dropped")
    }

    #[test]
    fn blanks_before_quotes_go() {
        assert_eq!(dropped("a, \"b\"\n1,  \"x, y\"\n"), "a,\"b\"\n1,\"x, y\"\n");
        assert_eq!(dropped("a,b\n 1, \"x \"\"y\"\"\"\n"), "a,b\n 1,\"x \"\"y\"\"\"\n");
        assert_eq!(dropped("a, \"b\", \"c\""), "a,\"b\",\"c\"");
        // Within quotes, and where the quote is none.
        for text in
            ["a,\"b, \"\"c\"\"\"\n", "a, b\n1, 5\" nails\n", "a, \"b\" c\n", "a, \"b\n", "a,b\n", "a, \"b\nc\"\n"]
        {
            assert_eq!(dropped(text), text);
        }
    }

    #[test]
    fn an_open_quote_is_seen() {
        for (text, at) in [
            ("1,\"x\n2,y\n", 2),
            ("1,\"x\"\"", 2),
            ("\"1,x\n2,y\n", 0),
            ("\n\"1,x\n2,y\n", 1),
            // The quote that closes it is one that was meant to open.
            ("\"1,x\n2,\"y\"\n", 0),
        ] {
            assert_eq!(open_quote(text.as_bytes(), b','), Some(at), "{text}");
        }
        for closed in
            ["1,\"x\"\n", "1,x\"y\n", "", "1,\"x\"\"\"", "\"a\",\"b\"", "\"a\nb\",c\n", "1,2\n\"3,4\n", "\"x\"y,1\n"]
        {
            assert_eq!(open_quote(closed.as_bytes(), b','), None, "{closed}");
        }
    }
}
