//! The probable encoding of a text that is not UTF-8, and the command that makes UTF-8 of it.
//!
//! Nothing is converted here: which of the encodings of one byte a character a file is in cannot be known, only guessed,
//! and a wrong guess would read names wrongly without a word.

use crate::payload::source::{Encoding, Fault};

/// The number of bytes that are looked at.
const SAMPLE_BYTES: usize = 1 << 20;
/// Among so many bytes at the start of a text every other one is a zero in UTF-16, if it has markup or digits.
const HEAD_BYTES: usize = 64;

/// Refuses a text in an encoding that its first bytes tell.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    let (name, said) = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => ("UTF-32", "its byte order mark says"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => ("UTF-16", "its byte order mark says"),
        _ => match zeros(bytes) {
            Some(name) => (name, "the zeros between its first bytes say"),
            None => return Ok(()),
        },
    };
    Err(Fault::in_encoding(0, format!("the file is {name}, as {said}"), Encoding::Named(name)))
}

/// UTF-16 without a byte order mark: of ASCII characters one byte of two is zero.
fn zeros(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(HEAD_BYTES) & !1];
    let all = |at: usize, zero: bool| head.iter().skip(at).step_by(2).all(|&byte| (byte == 0) == zero);
    if head.len() < 4 {
        None
    } else if all(1, true) && all(0, false) {
        Some("UTF-16LE")
    } else if all(0, true) && all(1, false) {
        Some("UTF-16BE")
    } else {
        None
    }
}

/// The fault of a byte that is not part of UTF-8: the first one at or behind `start` of `text`. `offset` is where in
/// the file a byte of the text lies.
pub(super) fn invalid(text: &[u8], offset: &dyn Fn(usize) -> usize, start: usize) -> Fault {
    let valid = std::str::from_utf8(&text[start..]).map_or_else(|error| error.valid_up_to(), |_| 0);
    Fault::in_encoding(offset(start + valid), "a byte is not UTF-8", Encoding::Unknown)
}

/// The fault of the byte at `at` of the file, and what helps.
pub(super) fn explain(file: Option<&str>, bytes: &[u8], at: usize) -> (String, String) {
    if std::str::from_utf8(bytes.get(at..).unwrap_or_default()).is_err_and(|error| error.error_len().is_none()) {
        return ("the text ends inside a character of UTF-8".into(), "the file is cut short".into());
    }
    let reason = format!("byte 0x{:02x} is not UTF-8", bytes.get(at).copied().unwrap_or_default());
    match guess(bytes) {
        Guess::Western => (reason + "; the file looks like Windows-1252 or Latin-1", remedy(file, "WINDOWS-1252")),
        Guess::Damaged => (
            reason + ", though the other characters of the file that are not ASCII are",
            "that text was damaged, or comes from a file in another encoding: write it anew".into(),
        ),
        Guess::Other => (
            reason + "; the file may be Windows-1251, Shift_JIS or GB18030, among others",
            "convert it with iconv -f ENCODING -t UTF-8, where ENCODING is what wrote the file".into(),
        ),
    }
}

enum Guess {
    /// Letters with accents between letters of ASCII.
    Western,
    /// UTF-8 but for some bytes.
    Damaged,
    Other,
}

fn guess(bytes: &[u8]) -> Guess {
    /// The bytes that Windows-1252 leaves undefined.
    const UNDEFINED: [u8; 5] = [0x81, 0x8d, 0x8f, 0x90, 0x9d];
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let (mut valid, mut invalid) = (0usize, 0usize);
    for chunk in sample.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    // In text of one byte a character, two or three bytes that happen to be UTF-8 are rare.
    if valid > invalid {
        return Guess::Damaged;
    }
    let high = sample.iter().filter(|byte| !byte.is_ascii()).count();
    let lonely = (0..sample.len()).filter(|&at| {
        let ascii = |at: usize| sample.get(at).is_none_or(u8::is_ascii);
        !sample[at].is_ascii() && ascii(at + 1) && (at == 0 || ascii(at - 1))
    });
    let undefined = sample.iter().any(|byte| UNDEFINED.contains(byte));
    if !undefined && lonely.count() * 2 >= high { Guess::Western } else { Guess::Other }
}

/// The command that converts `file`, or what comes from standard input, to UTF-8.
pub(super) fn remedy(file: Option<&str>, encoding: &str) -> String {
    let Some(file) = file else { return format!("pipe it through iconv -f {encoding} -t UTF-8") };
    let (folder, name) = file.rsplit_once('/').map_or(("", file), |(folder, name)| (&file[..=folder.len()], name));
    let converted = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => format!("{folder}{stem}.utf8.{ending}"),
        _ => format!("{file}.utf8"),
    };
    format!("convert it: iconv -f {encoding} -t UTF-8 {} > {}", shell(file), shell(&converted))
}

/// `text` as a word of a shell.
fn shell(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./+@%:,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_file() {
        assert_eq!(
            remedy(Some("data/a b.csv"), "WINDOWS-1252"),
            "convert it: iconv -f WINDOWS-1252 -t UTF-8 'data/a b.csv' > 'data/a b.utf8.csv'"
        );
        assert_eq!(remedy(Some("table"), "UTF-16"), "convert it: iconv -f UTF-16 -t UTF-8 table > table.utf8");
        assert_eq!(remedy(None, "UTF-16"), "pipe it through iconv -f UTF-16 -t UTF-8");
    }

    #[test]
    fn guesses_are_made_of_the_whole_text() {
        let western = |bytes: &[u8]| matches!(guess(bytes), Guess::Western);
        assert!(western(b"name\ncaf\xe9\nM\xfcller\n"));
        assert!(western(b"price\n\x80 5\n"));
        // Russian in Windows-1251, Japanese in Shift_JIS.
        assert!(!western(b"\xcf\xf0\xe8\xe2\xe5\xf2\n"));
        assert!(!western(b"\x93\xfa\x96\x7b\x8c\xea\n"));
        assert!(matches!(guess("é, ü, ß and \u{20ac}".as_bytes()), Guess::Damaged));
    }

    #[test]
    fn utf_16_is_known_without_a_mark() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        assert_eq!(zeros(&wide("{\"a\": 1}")), Some("UTF-16LE"));
        assert_eq!(zeros("a\0b".as_bytes()), None);
        assert!(check(b"a,b\n1,2\n").is_ok());
    }
}
