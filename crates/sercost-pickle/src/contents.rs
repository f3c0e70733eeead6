//! The contents of strings and byte strings that are not pickles: documents, images, archives, compressed bytes,
//! pickles as text.

use super::archive::kind_of;
use super::arrow;
use super::opcode as op;
use crate::model::Bytes;
use crate::unpack::Method;

/// Shorter values are not looked at.
pub(super) const LEAST: usize = 64;
/// The bytes of compressed contents that are unpacked to see what they are.
const MOST_UNPACKED: u64 = 1 << 20;

/// The contents of bytes, in words: `gzip of JSON, 40 kB unpacked`.
pub(super) fn of_bytes(data: &[u8]) -> Option<String> {
    if let Some(method) = Method::of_pickle(data) {
        let Some((unpacked, is_all)) = method.head(data, MOST_UNPACKED) else {
            return Method::of_any_file(data).map(|method| method.name.to_owned());
        };
        let of = document(&unpacked).map_or(String::new(), |word| format!(" of {word}"));
        let more = if is_all { "" } else { "more than " };
        let size = Bytes(unpacked.len() as u64 - u64::from(!is_all));
        return Some(format!("{}{of}, {more}{size} unpacked", method.name));
    }
    if data.starts_with(arrow::MAGIC) {
        let columns = arrow::columns(data)?.len();
        return Some(format!("Arrow stream of {columns} {}", if columns == 1 { "column" } else { "columns" }));
    }
    kind_of(data).or_else(|| json(data)).map(str::to_owned)
}

/// The contents of text, which may be other bytes as text.
pub(super) fn of_text(text: &[u8]) -> Option<String> {
    let is_pickle = |first: &[u8], last: u8| matches!(first, [op::PROTO, 2..=5, ..]) && last == op::STOP;
    match text {
        // U+0080 and the number of a protocol; in protocol 0 it is one byte.
        [0xc2, op::PROTO, 2..=5, .., op::STOP] | [op::PROTO, 2..=5, .., op::STOP] => {
            return Some("a pickle as Latin-1".to_owned());
        }
        [b'8', b'0', b'0', b'2'..=b'5', .., b'2', b'e' | b'E'] if text.iter().all(u8::is_ascii_hexdigit) => {
            return Some("a pickle as hex".to_owned());
        }
        [b'g', b'A', b'I'..=b'W', ..] | [b'H', b'4', b's', b'I', ..] | [b'e', b'J', ..] => {
            let end = text.trim_ascii_end();
            let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=\n".contains(byte);
            let tail = end.len().checked_sub(4).and_then(|at| base64(&end[at..]));
            // The first block of zlib can have a header of a hundred bytes.
            let head = base64(&text[..text.len().min(1024) & !3])?;
            return match (tail.as_deref(), Method::of_pickle(&head)) {
                _ if !end.iter().all(is_base64) => None,
                (Some([.., last]), None) if is_pickle(&head, *last) => Some("a pickle as base64".to_owned()),
                (_, Some(method)) if method.head(&head, 8).is_some() => Some(format!("{} as base64", method.name)),
                _ => None,
            };
        }
        _ => {}
    }
    json(text).map(str::to_owned)
}

/// The word for contents that are recognized as a whole or from their start.
fn document(data: &[u8]) -> Option<&'static str> {
    if op::begins_pickle(data) {
        return Some("a pickle");
    }
    kind_of(data).or_else(|| begins_json(data).then_some("JSON"))
}

/// JSON, by how it begins and ends.
fn json(text: &[u8]) -> Option<&'static str> {
    let ends = match text.trim_ascii_end().last()? {
        b'}' => b'{',
        b']' => b'[',
        _ => return None,
    };
    (text.trim_ascii_start().first() == Some(&ends) && begins_json(text)).then_some("JSON")
}

fn begins_json(text: &[u8]) -> bool {
    let [first, rest @ ..] = text.trim_ascii_start() else { return false };
    let next = rest.trim_ascii_start().first();
    match first {
        b'{' => next == Some(&b'"'),
        b'[' => next.is_some_and(|next| b"[{\"-tfn0123456789".contains(next)),
        _ => false,
    }
}

/// The bytes of groups of four characters.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for group in text.chunks_exact(4) {
        let (mut sum, mut count) = (0u32, 0);
        for &byte in group {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                b'=' => {
                    sum <<= 6;
                    continue;
                }
                _ => return None,
            };
            sum = sum << 6 | u32::from(value);
            count += 1;
        }
        let whole = &sum.to_be_bytes()[1..];
        bytes.extend_from_slice(&whole[..usize::min(3, count * 6 / 8)]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_it_is_beyond_doubt() {
        assert_eq!(base64(b"gASVAQ==").as_deref(), Some(&b"\x80\x04\x95\x01"[..]));
        assert_eq!(base64(b"gA*V"), None);
        for (text, word) in [
            ("[1, 2]", Some("JSON")),
            (" {\"a\": 1}\n", Some("JSON")),
            ("[INFO] it began [now]", None),
            ("{name} is {age}", None),
            ("[1, 2", None),
            ("gallery", None),
        ] {
            assert_eq!(of_text(text.as_bytes()).as_deref(), word, "{text}");
        }
    }
}
