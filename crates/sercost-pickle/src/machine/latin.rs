//! Bytes that protocols before 3 write as text, each as the character of its number, and the escapes of protocol 0.

use super::Machine;
use super::node::Child;
use crate::opcode as op;
use crate::reader::text_at;
use crate::text::{escape_bytes, unescaped_lossy};

/// The class of bytes that were pickled as text.
pub(super) const AS_TEXT: &str = "bytes, as text";

/// The number of bytes of a text that stand for each of `parts`, which take turns with `run` bytes each, if the whole
/// text is `all` of these.
pub(super) fn widths(text: &[u8], is_line: bool, parts: usize, run: u64, all: u64) -> Option<Vec<u64>> {
    let mut widths = vec![0; parts];
    let mut at = 0;
    let (mut part, mut left) = (0, run);
    for _ in 0..all {
        let rest = text.get(at..)?;
        let width = match (rest.first()?, is_line) {
            (b'\\', true) if escape_bytes(rest) > 0 => escape_bytes(rest),
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
        Some((child, text_at(self.data, child.at)?, is_line))
    }

    /// The first of the bytes that were written as text.
    pub(super) fn encoded(&self, node: u32, most: usize) -> Option<Vec<u8>> {
        let (_, text, is_line) = self.text_of_bytes(node)?;
        if is_line {
            let text = unescaped_lossy(&text[..text.len().min(10 * most)]);
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
    fn widths_are_those_of_the_text() {
        let text = "a\u{e4}b\u{ff}".as_bytes();
        assert_eq!(widths(text, false, 2, 2, 4), Some(vec![3, 3]));
        assert_eq!(widths(text, false, 2, 1, 4), Some(vec![2, 4]));
        assert_eq!(widths(b"a\\u000ab\xff", true, 2, 2, 4), Some(vec![7, 2]));
        assert_eq!(widths(b"abc", false, 2, 1, 2), None);
        assert_eq!(widths(b"abc", false, 2, 2, 4), None);
    }
}
