//! Bytes that protocols before 3 write as text, each as the character of its number, and the escapes of protocol 0.

use super::Machine;
use super::node::Child;
use super::read;
use crate::opcode as op;

/// The class of bytes that were pickled as text.
pub(super) const AS_TEXT: &str = "bytes, as text";

/// The text of protocol 0, where some characters are written as `\u000a`, and those of one byte as Latin-1.
pub(super) fn unescaped(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let [first, after @ ..] = rest {
        let digits = escape_digits(rest);
        let code = after.get(1..1 + digits).filter(|_| digits > 0).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        rest = match (code, code.and_then(char::from_u32)) {
            (_, Some(c)) => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                &after[1 + digits..]
            }
            // A surrogate, in the form that UTF-8 would give it.
            (Some(code), None) if code < 0x1_0000 => {
                let parts = [0xe0 | code >> 12, 0x80 | code >> 6 & 0x3f, 0x80 | code & 0x3f];
                out.extend(parts.map(|part| part as u8));
                &after[1 + digits..]
            }
            _ => {
                out.extend_from_slice(char::from(*first).encode_utf8(&mut [0; 4]).as_bytes());
                after
            }
        };
    }
    out
}

/// The digits of the escape that a text of protocol 0 begins with.
fn escape_digits(text: &[u8]) -> usize {
    match text {
        [b'\\', b'u', ..] => 4,
        [b'\\', b'U', ..] => 8,
        _ => 0,
    }
}

/// How many bytes of a text stand for each of `parts`, that take turns with `run` bytes each, if the whole text is `all`
/// of these.
pub(super) fn widths(text: &[u8], is_line: bool, parts: usize, run: u64, all: u64) -> Option<Vec<u64>> {
    let mut widths = vec![0; parts];
    let mut at = 0;
    let (mut part, mut left) = (0, run);
    for _ in 0..all {
        let rest = text.get(at..)?;
        let width = match (rest.first()?, is_line) {
            (b'\\', true) if escape_digits(rest) > 0 => 2 + escape_digits(rest),
            (0xc0.., false) => 2,
            _ => 1,
        };
        at += width;
        if left == 0 {
            (part, left) = ((part + 1) % parts, run);
        }
        left -= 1;
        widths[part] += width as u64;
    }
    (at == text.len()).then_some(widths)
}

impl<'a> Machine<'a> {
    /// The text that an object's bytes were written as, and whether that is a line of protocol 0.
    pub(super) fn text_of_bytes(&self, node: u32) -> Option<(Child, &'a [u8], bool)> {
        if self.labels.bytes(self.arena.get(node).class) != AS_TEXT.as_bytes() {
            return None;
        }
        let child = self.attribute(node, "text")?;
        let is_line = self.data.get(usize::try_from(child.at).ok()?) == Some(&op::UNICODE);
        Some((child, read::text_at(self.data, child.at)?, is_line))
    }

    /// The first of the bytes that were written as text.
    pub(super) fn encoded(&self, node: u32, most: usize) -> Option<Vec<u8>> {
        let (_, text, is_line) = self.text_of_bytes(node)?;
        if is_line {
            let text = unescaped(&text[..text.len().min(10 * most)]);
            return latin(std::str::from_utf8(&text).ok()?, most);
        }
        let head = &text[..text.len().min(2 * most)];
        match std::str::from_utf8(head) {
            Ok(head) => latin(head, most),
            // The head may end within a character.
            Err(error) if error.error_len().is_none() && head.len() < text.len() => {
                latin(std::str::from_utf8(&head[..error.valid_up_to()]).ok()?, most)
            }
            Err(_) => None,
        }
    }
}

fn latin(text: &str, most: usize) -> Option<Vec<u8>> {
    text.chars().take(most).map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_protocol_0() {
        assert_eq!(unescaped(b"a\\u000a\\u20ac\xe4\\x\\udc80"), b"a\n\xe2\x82\xac\xc3\xa4\\x\xed\xb2\x80");
        assert_eq!(unescaped(b"\\u00\\U0001f600\\"), "\\u00\u{1f600}\\".as_bytes());
    }

    #[test]
    fn widths_are_those_of_the_text() {
        let text = "a\u{e4}b\u{ff}".as_bytes();
        assert_eq!(widths(text, false, 2, 2, 4), Some(vec![3, 3]));
        assert_eq!(widths(text, false, 2, 1, 4), Some(vec![2, 4]));
        assert_eq!(widths(b"a\\u000ab\xff", true, 2, 2, 4), Some(vec![7, 2]));
        assert_eq!(widths(b"abc", false, 2, 1, 2), None);
        assert_eq!(widths(b"abc", false, 2, 2, 4), None);
    }
}
