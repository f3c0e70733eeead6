//! Texts of protocol 0: their escapes, and the literals of Python 2.

/// The bytes of the escape that a text begins with: `\u000a` or `\U0001f600`. 0 without one.
pub(crate) fn escape_bytes(text: &[u8]) -> usize {
    match text {
        [b'\\', b'u', ..] => 6,
        [b'\\', b'U', ..] => 10,
        _ => 0,
    }
}

/// The number in an escape; none where its digits are none.
fn escaped(escape: &[u8], bytes: usize) -> Option<u32> {
    let digits = std::str::from_utf8(escape.get(2..bytes)?).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

const SURROGATE: &str = "a lone surrogate in a string, which no text can have";

/// The text of a UNICODE: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. Otherwise what is wrong with it.
pub(crate) fn unescaped(line: &[u8]) -> Result<String, &'static str> {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    // The first half of a character that Python 2 wrote as two.
    let mut high = None;
    while let [byte, after @ ..] = rest {
        let bytes = escape_bytes(rest);
        let code = if bytes == 0 {
            rest = after;
            u32::from(*byte)
        } else {
            let code = escaped(rest, bytes).ok_or("an escape in a string is not a number")?;
            rest = &rest[bytes..];
            code
        };
        match (high.take(), code) {
            (None, 0xd800..=0xdbff) => high = Some(code),
            (Some(first), 0xdc00..=0xdfff) => {
                text.extend(char::from_u32(0x10000 + ((first & 0x3ff) << 10) + (code & 0x3ff)));
            }
            (None, code) => text.push(char::from_u32(code).ok_or(SURROGATE)?),
            _ => return Err(SURROGATE),
        }
    }
    if high.is_some() { Err(SURROGATE) } else { Ok(text) }
}

/// The same to be shown, whatever is wrong with it: a surrogate is in the form that UTF-8 would give it, and text that
/// is not an escape stays as it is.
pub(crate) fn unescaped_lossy(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let [first, after @ ..] = rest {
        let bytes = escape_bytes(rest);
        let code = escaped(rest, bytes).filter(|_| bytes > 0);
        rest = match (code, code.and_then(char::from_u32)) {
            (_, Some(c)) => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                &rest[bytes..]
            }
            (Some(code), None) if code < 0x1_0000 => {
                let parts = [0xe0 | code >> 12, 0x80 | code >> 6 & 0x3f, 0x80 | code & 0x3f];
                out.extend(parts.map(|part| part as u8));
                &rest[bytes..]
            }
            _ => {
                out.extend_from_slice(char::from(*first).encode_utf8(&mut [0; 4]).as_bytes());
                after
            }
        };
    }
    out
}

/// The bytes of a STRING: a literal of Python 2 in its quotes. None where it is none.
pub(crate) fn literal(line: &[u8]) -> Option<Vec<u8>> {
    let inner = match line.trim_ascii() {
        [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner,
        _ => return None,
    };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte != b'\\' {
            bytes.push(*byte);
            continue;
        }
        let octal = rest.iter().take(3).take_while(|digit| (b'0'..=b'7').contains(digit)).count();
        let (digits, radix, skipped) = match rest.first()? {
            b'x' => (rest.get(1..3)?, 16, 3),
            b'0'..=b'7' => (&rest[..octal], 8, octal),
            other => {
                bytes.push(match other {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    quoted @ (b'\\' | b'\'' | b'"') => *quoted,
                    _ => return None,
                });
                rest = &rest[1..];
                continue;
            }
        };
        let is_number = digits.iter().all(u8::is_ascii_hexdigit);
        let number = u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok().filter(|_| is_number)?;
        // CPython keeps the low byte of `\777`.
        bytes.push(number as u8);
        rest = &rest[skipped..];
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_protocol_0() {
        assert_eq!(unescaped_lossy(b"a\\u000a\\u20ac\xe4\\x\\udc80"), b"a\n\xe2\x82\xac\xc3\xa4\\x\xed\xb2\x80");
        assert_eq!(unescaped_lossy(b"\\u00\\U0001f600\\"), "\\u00\u{1f600}\\".as_bytes());
        assert_eq!(unescaped(b"a\\u000a\\u20ac\xe4\\x"), Ok("a\n\u{20ac}\u{e4}\\x".to_owned()));
        assert_eq!(unescaped(b"\\ud83d\\ude00"), Ok("\u{1f600}".to_owned()));
        assert_eq!(unescaped(b"\\ud83d"), Err(SURROGATE));
        assert_eq!(unescaped(b"\\u00"), Err("an escape in a string is not a number"));
    }

    #[test]
    fn literals_of_python_2() {
        for (line, bytes) in [
            (&b"'it\\'s'"[..], Some(&b"it's"[..])),
            (b"\"\\x6f\\163\\n\\\\\"", Some(b"os\n\\")),
            (b"'\\0\\08'", Some(b"\0\x008")),
            (b"'\\x+f'", None),
            (b"'\\q'", None),
            (b"'\\'", None),
            (b"'os", None),
            (b"os", None),
        ] {
            assert_eq!(literal(line).as_deref(), bytes, "{line:?}");
        }
    }
}
