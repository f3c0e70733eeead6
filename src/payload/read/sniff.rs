//! The format of a document by its content, for standard input and for names whose ending says nothing.
//!
//! Either there is no doubt, or the guess is said in a note, or nothing is guessed.

#[cfg(all(feature = "msgpack", feature = "cbor"))]
use super::binary::{CborSource, CborWays, MessagePackSource};
use super::{BOM, InputFormat};
#[cfg(all(feature = "msgpack", feature = "cbor"))]
use sercost_pickle::packed;
#[cfg(feature = "pickle")]
use sercost_pickle::plain::Outline;
use serde::de::IgnoredAny;

/// A format, and what there is to say about how it was found out.
pub(super) type Sniffed = (InputFormat, Option<String>);

/// The format of a document; none where its content does not tell.
pub(super) fn sniff(bytes: &[u8]) -> Option<Sniffed> {
    if let Some(format) = json(bytes).or_else(|| pickle(bytes)) {
        return Some((format, None));
    }
    #[cfg(all(feature = "msgpack", feature = "cbor"))]
    if let Some(sniffed) = binary(bytes) {
        return Some(sniffed);
    }
    table(bytes)
}

/// No other text begins with `{` or `[`, and what does and is whole on its first line, with another such line behind it,
/// is not a single document.
fn json(bytes: &[u8]) -> Option<InputFormat> {
    let text = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let opens = |text: &[u8]| text.iter().find(|byte| !byte.is_ascii_whitespace()).copied();
    if !matches!(opens(text), Some(b'{' | b'[')) {
        return None;
    }
    // A byte of MessagePack or of an old pickle may look like a bracket; what follows then does not look like JSON.
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let after = opens(&text[start + 1..]);
    let begins = match (text[start], after) {
        (b'{', Some(byte)) => matches!(byte, b'"' | b'}'),
        (_, Some(byte)) => {
            matches!(byte, b'"' | b'[' | b']' | b'{' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' | b'I')
        }
        // Only the bracket: a document that was cut off.
        (_, None) => true,
    };
    if !begins {
        return None;
    }
    let mut lines = text[start..].splitn(2, |&byte| byte == b'\n');
    let (first, rest) = (lines.next()?, lines.next().unwrap_or_default());
    let several = matches!(opens(rest), Some(b'{' | b'[')) && serde_json::from_slice::<IgnoredAny>(first).is_ok();
    Some(if several { InputFormat::Ndjson } else { InputFormat::Json })
}

/// Protocols from 2 on say so, and what else begins like that is an empty list or map in other formats with something
/// behind it. Older ones begin with an opcode that makes something, and all that follows has to be a pickle.
fn pickle(bytes: &[u8]) -> Option<InputFormat> {
    if let [0x80, 2..=5, ..] = bytes {
        return Some(InputFormat::Pickle);
    }
    let ends = bytes.last() == Some(&b'.');
    let begins = matches!(bytes.first(), Some(b'(' | b']' | b'}' | b'c'));
    (begins && ends && is_whole_pickle(bytes)).then_some(InputFormat::Pickle)
}

#[cfg(feature = "pickle")]
fn is_whole_pickle(bytes: &[u8]) -> bool {
    Outline::read_stream(bytes).is_ok()
}

/// Without the reader, it is not told.
#[cfg(not(feature = "pickle"))]
fn is_whole_pickle(_bytes: &[u8]) -> bool {
    false
}

/// MessagePack or CBOR, of which neither can be told without the reader of the other: what is a whole list or map in one of them, and nothing in the other.
#[cfg(all(feature = "msgpack", feature = "cbor"))]
fn binary(bytes: &[u8]) -> Option<Sniffed> {
    /// Shorter documents may be one by chance.
    const LEAST_BYTES: usize = 8;
    // A tag that means nothing but that what follows is CBOR (RFC 8949, 3.4.6).
    if bytes.starts_with(b"\xd9\xd9\xf7") {
        return Some((InputFormat::Cbor, None));
    }
    let first = *bytes.first()?;
    let is_container = matches!(first, 0x80..=0xbf | 0xdc..=0xdf);
    if bytes.len() < LEAST_BYTES || !is_container || std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let mut found = (packed::is_message_pack(bytes), packed::is_cbor(bytes));
    if found == (true, true) {
        // The bytes are values of both, and the readers refuse what means nothing in one of them.
        let ways = CborWays { big: true, float_dates: CborSource::float_dates(bytes) };
        let float_dates = MessagePackSource::float_dates(bytes);
        found = (is_read(MessagePackSource::new(bytes, float_dates)), is_read(CborSource::new(bytes, ways)));
    }
    let (format, name) = match found {
        (true, false) => (InputFormat::MessagePack, "MessagePack"),
        (false, true) => (InputFormat::Cbor, "CBOR"),
        _ => return None,
    };
    Some((
        format,
        Some(format!("read as {name}, which its bytes are from the first to the last; --input-format says otherwise")),
    ))
}

#[cfg(all(feature = "msgpack", feature = "cbor"))]
fn is_read(mut source: impl crate::payload::source::Source) -> bool {
    super::infer::scan(&mut source).is_ok()
}

/// Without the reader, it is not told.
#[cfg(not(feature = "csv"))]
fn table(_bytes: &[u8]) -> Option<Sniffed> {
    None
}

/// A table: text in which a line of names is followed by lines that have as many cells.
#[cfg(feature = "csv")]
fn table(bytes: &[u8]) -> Option<Sniffed> {
    /// The number of lines that are enough to tell; the reader checks the others.
    const MOST_LINES: usize = 1000;
    /// A name longer than this is a sentence.
    const LONGEST_NAME: usize = 80;
    let text = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let head = &text[..text.len().min(1 << 20)];
    // A character may have been cut in two.
    let is_text = match std::str::from_utf8(head) {
        Ok(text) => !text.contains('\0'),
        Err(error) => error.error_len().is_none() && head.len() < text.len(),
    };
    if !is_text {
        return None;
    }
    let agrees = |delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(true).from_reader(text);
        let names = reader.byte_headers().ok()?.clone();
        let is_name = |name: &[u8]| {
            let name = std::str::from_utf8(name).unwrap_or_default().trim();
            !name.is_empty() && name.chars().count() <= LONGEST_NAME && name.parse::<f64>().is_err()
        };
        let distinct = names.iter().enumerate().all(|(at, name)| names.iter().take(at).all(|other| other != name));
        if names.len() < 2 || !distinct || !names.iter().all(is_name) {
            return None;
        }
        let rows = reader.byte_records().take(MOST_LINES).map(|record| record.is_ok()).collect::<Vec<_>>();
        (!rows.is_empty() && rows.iter().all(|&agrees| agrees)).then_some(names.len())
    };
    let delimiters = [
        (b',', InputFormat::Csv, "comma-separated values"),
        (b'\t', InputFormat::Tsv, "tab-separated values"),
        (b';', InputFormat::Csv, "values separated by semicolons"),
        (b'|', InputFormat::Csv, "values separated by |"),
    ];
    let mut found =
        delimiters.into_iter().filter_map(|(delimiter, format, name)| Some((format, name, agrees(delimiter)?)));
    let (Some((format, name, columns)), None) = (found.next(), found.next()) else { return None };
    Some((
        format,
        Some(format!(
            "read as {name}, since every line has {columns} cells and the first has names; --input-format says otherwise"
        )),
    ))
}

// They are of every format.
#[cfg(all(test, feature = "default"))]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Option<(InputFormat, bool)> {
        sniff(bytes).map(|(format, note)| (format, note.is_some()))
    }

    #[test]
    fn what_is_beyond_doubt_is_found_without_a_note() {
        for (bytes, format) in [
            (&b"[1, 2]"[..], InputFormat::Json),
            (b"\xef\xbb\xbf {\"a\": 1}", InputFormat::Json),
            (b"{\n  \"a\": [\n    1\n  ]\n}\n", InputFormat::Json),
            (b"[\n[1],\n[2]\n]", InputFormat::Json),
            (b"{\"a\": 1}\n", InputFormat::Json),
            (b"{\"a\": 1}\n{\"a\": 2}\n", InputFormat::Ndjson),
            (b"[1]\r\n\r\n[2]\r\n", InputFormat::Ndjson),
            (b"\x80\x04]\x94(K\x01K\x02e.", InputFormat::Pickle),
            (b"\x80\x02]q\x00(K\x01K\x02e.", InputFormat::Pickle),
            (b"(lp0\nI1\naI2\na.", InputFormat::Pickle),
            (b"]q\x00(K\x01K\x02e.", InputFormat::Pickle),
            (b"}q\x00X\x01\x00\x00\x00aq\x01K\x01s.", InputFormat::Pickle),
            (b"\xd9\xd9\xf7\x01", InputFormat::Cbor),
        ] {
            assert_eq!(found(bytes), Some((format, false)), "{:?}", bytes.escape_ascii().to_string());
        }
    }

    #[test]
    fn what_is_likely_is_found_with_a_note() {
        for (bytes, format) in [
            (&b"id,name\n1,Ada\n2,\"B, C\"\n"[..], InputFormat::Csv),
            (b"id\tname\n1\tAda\n", InputFormat::Tsv),
            (b"id;weight\n1;1,5\n2;0,25\n", InputFormat::Csv),
            (b"id|name\n1|Ada\n", InputFormat::Csv),
            (b"\x82\xa2id\xcd\x03\xe8\xa4name\xa3Ada", InputFormat::MessagePack),
            (b"\xa2\x62id\x19\x03\xe8\x64name\x63Ada", InputFormat::Cbor),
        ] {
            assert_eq!(found(bytes), Some((format, true)), "{:?}", bytes.escape_ascii().to_string());
        }
    }

    #[test]
    fn what_cannot_be_told_is_not_guessed() {
        for bytes in [
            &b""[..],
            b"3.14",
            b"\"text\"",
            b"name\nAda\n",
            b"1,2\n3,4\n",
            b"id,name\n",
            b"id,name\n1,2,3\n",
            b"a,b\tc\n1,2\t3\n",
            b"Dear all, I am late\nand sorry\n",
            b"\x93\x01\x02\x03",
            b"\x00\x00\x00\x00\x00\x00\x00\x00\x00",
            b"[section]\nkey = 1\n",
            b"(not a pickle).",
            b"\x7fELF\x02\x01\x01\x00\x00\x00",
        ] {
            assert_eq!(found(bytes), None, "{:?}", bytes.escape_ascii().to_string());
        }
    }
}
