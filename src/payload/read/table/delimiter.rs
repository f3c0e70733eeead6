//! The delimiter of a table, by the agreement of its records.
//!
//! A delimiter is plausible where it parts the header and every record that is looked at into the same number of
//! cells, at least two. That of the file's ending is taken if it is plausible; if it is not, another that is. Excel's
//! own first line, `sep=;`, has the last word, and `--delimiter` before it.

use super::cell::{Cell, cell, trimmed};
use super::quotes::Unpadded;
use csv::{ByteRecord, ReaderBuilder};

/// The delimiters of tables, in the order in which they are tried.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
/// The part of a table that is looked at.
const SAMPLE_BYTES: usize = 1 << 18;
const SAMPLE_RECORDS: usize = 1000;
/// Where no delimiter is plausible, one that this share of the records agrees on is nearly so.
const MOST: f64 = 0.9;

/// The delimiter of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delimiter {
    pub byte: u8,
    /// The number of bytes of the file before the header.
    pub skip: usize,
    /// The note about it.
    pub note: Option<String>,
}

/// How a delimiter parts the sample.
struct Split {
    byte: u8,
    /// The cells of the header.
    width: usize,
    records: usize,
    /// The records that have as many.
    agreeing: usize,
    /// The records that it parts at all.
    parted: usize,
    /// Whether there are cells with a comma, all of them numbers.
    decimal_commas: bool,
}

impl Split {
    fn is_plausible(&self) -> bool {
        self.width > 1 && self.agreeing == self.records
    }

    fn agreement(&self) -> f64 {
        if self.width > 1 { self.agreeing as f64 / self.records.max(1) as f64 } else { 0.0 }
    }
}

/// Finds the delimiter of the table in `bytes`, whose ending promises `own`.
pub(super) fn find(bytes: &[u8], own: u8) -> Delimiter {
    if let Some((byte, skip)) = stated(bytes) {
        let note = format!("the first line says that the delimiter is {}, and is not part of the table", shown(byte));
        return Delimiter { byte, skip, note: Some(note) };
    }
    let mut splits: Vec<Split> = CANDIDATES.iter().map(|&byte| split(bytes, byte)).collect();
    // The ending's delimiter comes first, and wins where all else is equal.
    splits.sort_by_key(|split| split.byte != own);
    let mine = &splits[0];
    // `1,5;2,3` is parted by commas as well as by semicolons, into `1`, `5;2` and `3`.
    let torn = |other: &Split| own == b',' && other.is_plausible() && other.decimal_commas;
    let chosen = match splits[1..].iter().find(|other| torn(other)) {
        Some(other) => other,
        None if mine.is_plausible() => mine,
        None => {
            let plausible = splits[1..].iter().filter(|split| split.is_plausible()).max_by_key(|split| split.width);
            let nearly = || splits.iter().find(|split| split.agreement() >= MOST);
            plausible.or_else(nearly).unwrap_or(mine)
        }
    };
    let byte = chosen.byte;
    let note = if byte != own {
        let lines = match (chosen.agreeing == chosen.records, chosen.records) {
            (true, 0) => "the header".to_owned(),
            (true, records) => format!("all of {} lines looked at", records + 1),
            (false, records) => format!("{} of {} lines looked at", chosen.agreeing + 1, records + 1),
        };
        Some(format!(
            "the delimiter is {} and not {}: {} columns in {lines}; --delimiter says another",
            shown(byte),
            shown(own),
            chosen.width
        ))
    } else {
        // Blanks part words as well as cells, and are only asked about.
        splits.extend(Some(split(bytes, b' ')).filter(Split::is_plausible));
        suspicion(&splits)
    };
    Delimiter { byte, skip: 0, note }
}

/// The delimiter that the user gives. A first line that states one is not part of the table all the same.
pub(super) fn given(bytes: &[u8], byte: u8) -> Delimiter {
    let skip = stated(bytes).map_or(0, |(_, skip)| skip);
    let note = (skip > 0).then(|| "the first line states a delimiter, and is not part of the table".to_owned());
    Delimiter { byte, skip, note }
}

/// The note about a table of one column which another delimiter would part.
fn suspicion(splits: &[Split]) -> Option<String> {
    let (mine, others) = splits.split_first()?;
    if mine.width > 1 {
        return None;
    }
    // The delimiter that the header has most of.
    let other = others
        .iter()
        .filter(|other| other.width > 1 && other.parted as f64 >= MOST * other.records as f64)
        .max_by_key(|other| other.width)?;
    Some(format!(
        "one column, with {} in {} of {} lines looked at; if that is the delimiter, say --delimiter {}",
        shown(other.byte),
        other.parted + 1,
        other.records + 1,
        argument(other.byte)
    ))
}

/// The delimiter that a first line such as `sep=;` states, and the length of that line.
fn stated(bytes: &[u8]) -> Option<(u8, usize)> {
    let end = bytes.iter().take(16).position(|&byte| byte == b'\n')?;
    let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [s, e, p, b'=', byte] if [s, e, p].map(u8::to_ascii_lowercase) == *b"sep" && byte.is_ascii() => {
            Some((*byte, end + 1))
        }
        _ => None,
    }
}

/// The way that `byte` parts the start of the table.
fn split(bytes: &[u8], byte: u8) -> Split {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let cut = sample.len() < bytes.len();
    let (sample, _) = Unpadded::new(sample, byte);
    let mut reader = ReaderBuilder::new().delimiter(byte).has_headers(false).flexible(true).from_reader(&*sample);
    let mut split = Split { byte, width: 0, records: 0, agreeing: 0, parted: 0, decimal_commas: false };
    let mut record = ByteRecord::new();
    let (mut with_comma, mut numbers) = (0u64, 0u64);
    let mut first = true;
    while split.records < SAMPLE_RECORDS && reader.read_byte_record(&mut record).unwrap_or(false) {
        // The last record of a sample may be cut.
        if cut && reader.position().byte() as usize >= sample.len() {
            break;
        }
        for text in record.iter().filter(|text| byte != b',' && text.contains(&b',')) {
            with_comma += 1;
            let number = std::str::from_utf8(text).map(|text| cell(trimmed(text)));
            numbers += u64::from(matches!(number, Ok(Cell::Comma { .. })));
        }
        if first {
            split.width = record.len();
            first = false;
            continue;
        }
        split.records += 1;
        split.agreeing += usize::from(record.len() == split.width);
        split.parted += usize::from(record.len() > 1);
    }
    split.decimal_commas = with_comma > 0 && numbers == with_comma;
    split
}

/// The delimiter as a message names it.
pub(super) fn shown(byte: u8) -> String {
    if byte == b'\t' { "a tab".into() } else { format!("{:?}", char::from(byte)).replace('\'', "\"") }
}

/// The delimiter as a shell takes it.
fn argument(byte: u8) -> String {
    if byte == b'\t' {
        "tab".into()
    } else if byte == b' ' {
        "space".into()
    } else {
        format!("'{}'", char::from(byte))
    }
}

/// The delimiter that `--delimiter` names: one character of ASCII, or a word for one; otherwise what to say.
pub fn parse_delimiter(text: &str) -> Result<u8, String> {
    let named = match text {
        "tab" | "\\t" => Some(b'\t'),
        "comma" => Some(b','),
        "semicolon" => Some(b';'),
        "pipe" => Some(b'|'),
        "space" => Some(b' '),
        _ => None,
    };
    match (named, text.as_bytes()) {
        (Some(byte), _) => Ok(byte),
        (None, [b'"' | b'\r' | b'\n']) => {
            Err(format!("{text:?} cannot part cells: it has a meaning of its own in tables"))
        }
        (None, [byte]) if byte.is_ascii() => Ok(*byte),
        _ => {
            Err(format!("{text:?} is not a delimiter: give one ASCII character, or tab, comma, semicolon, pipe, space"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, own: u8) -> char {
        find(text.as_bytes(), own).byte.into()
    }

    #[test]
    fn the_delimiter_is_what_all_records_agree_on() {
        for (text, expected) in [
            ("a,b\n1,2\n", ','),
            ("a;b\n1;2\n", ';'),
            ("a|b\n1|2\n", '|'),
            ("a\tb\n1\t2\n", '\t'),
            // Decimal commas are torn apart by the comma, in the header or not.
            ("a;b\n1;1,5\n2;2,5\n", ';'),
            ("1,5;2,5\n1,5;2,5\n", ';'),
            // Lists within cells are not columns.
            ("id,tags\n1,a;b\n2,c;d\n", ','),
            ("a,b;c,d\n1,2;3,4\n", ','),
            // Quotes are respected.
            ("name;n\n\"a;b\";1\n\"c\"\"d;e\";2\n", ';'),
            ("name, first;n\nDoe, John;1\nX;2\n", ';'),
            // One column.
            ("text\nhello; world\nfoo\n", ','),
            ("text\n", ','),
            // Nothing is plausible.
            ("a,b\n1,2,3\n", ','),
        ] {
            assert_eq!(found(text, b','), expected, "{text}");
        }
        assert_eq!(found("a,b\n1,2\n", b'\t'), ',');
        assert_eq!(found("a\tb\n1,5\t2,5\n", b'\t'), '\t');
        // Nearly all records agree; the reader will name the one that does not.
        let rows: String = (0..40).map(|row| format!("{row};x\n")).collect();
        assert_eq!(found(&format!("a;b\n{rows}1;2;3\n"), b','), ';');
    }

    #[test]
    fn a_first_line_can_state_it() {
        let table = find(b"sep=;\r\na,b;c\n1,2;3\n", b',');
        assert_eq!((table.byte, table.skip), (b';', 7));
        assert_eq!(find(b"\"sep=|\"\na|c\n", b',').byte, b'|');
        assert_eq!(given(b"sep=;\na,b\n", b',').skip, 6);
        assert_eq!(given(b"a;b\n", b',').skip, 0);
    }

    #[test]
    fn records_at_the_end_of_the_sample_do_not_count() {
        let text = format!("a;b\n{}", "1;\"quoted text; with its delimiter\"\n".repeat(20_000));
        assert_eq!(found(&text, b','), ';');
    }

    #[test]
    fn delimiters_have_names() {
        assert_eq!(parse_delimiter("tab"), Ok(b'\t'));
        assert_eq!(parse_delimiter(";"), Ok(b';'));
        for bad in ["", ";;", "é", "\"", "colon"] {
            assert!(parse_delimiter(bad).is_err(), "{bad}");
        }
    }
}
