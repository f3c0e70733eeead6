//! Strings that name modules and what is in them.

use crate::opcode as op;
use std::borrow::Cow;

/// A longer string names nothing that anybody imports.
const LONGEST: usize = 1 << 12;

/// The string whose opcode is at a place, as Python would have it; none where that cannot be told.
pub(super) fn text(data: &[u8], at: usize) -> Option<Cow<'_, str>> {
    let end = at + op::length(data, at)?;
    let skipped = match data[at] {
        op::SHORT_BINUNICODE | op::SHORT_BINSTRING => 2,
        op::BINUNICODE | op::BINSTRING => 5,
        op::BINUNICODE8 => 9,
        op::UNICODE | op::STRING => 1,
        _ => return None,
    };
    let bytes = data.get(at + skipped..end).filter(|bytes| bytes.len() <= LONGEST)?;
    match data[at] {
        op::UNICODE => unescape(std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?, false),
        op::STRING => {
            let quoted = std::str::from_utf8(bytes).ok()?.trim();
            let quote = quoted.chars().next().filter(|&quote| quote == '\'' || quote == '"')?;
            unescape(quoted.strip_prefix(quote)?.strip_suffix(quote)?, true)
        }
        _ => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    }
}

/// The text behind `\u006f`, and with `bytes` behind `\x6f` and `\157` too. Other escapes stand for no letters.
fn unescape(text: &str, bytes: bool) -> Option<Cow<'_, str>> {
    if !text.is_ascii() {
        // The bytes of another encoding.
        return None;
    }
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let (digits, radix, skipped) = match (escape.chars().next()?, bytes) {
            ('u', false) => (4, 16, 1),
            ('U', false) => (8, 16, 1),
            ('x', true) => (2, 16, 1),
            ('0'..='7', true) => (escape.bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count(), 8, 0),
            _ => return None,
        };
        let digits = escape.get(skipped..skipped + digits)?;
        out.push(char::from_u32(u32::from_str_radix(digits, radix).ok()?)?);
        rest = &escape[skipped + digits.len()..];
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_hide_no_names() {
        let cases: [(&[u8], Option<&str>); 10] = [
            (b"V\\u006fs\n", Some("os")),
            (b"V\\U0000006fs\n", Some("os")),
            (b"V\\x6fs\n", None),
            (b"S'\\x6fs'\n", Some("os")),
            (b"S\"\\157\\163\"\n", Some("os")),
            (b"S'os'\n", Some("os")),
            (b"Sos\n", None),
            (b"\x8c\x02os", Some("os")),
            (b"U\x02os", Some("os")),
            (b"C\x02os", None),
        ];
        for (data, expected) in cases {
            assert_eq!(text(data, 0).as_deref(), expected, "{data:?}");
        }
    }
}
