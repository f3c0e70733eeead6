//! Strings that name modules and what is in them.

use crate::opcode as op;
use crate::reader::Instruction;
use crate::text::{literal, unescaped};
use std::borrow::Cow;

/// A longer string is not a name that can be imported.
const LONGEST: usize = 1 << 12;

/// The string whose opcode is at a place, as Python would have it; none where that cannot be told, or names nothing.
pub(super) fn text(data: &[u8], at: usize) -> Option<Cow<'_, str>> {
    let instruction = Instruction::at(data, at)?;
    let content = Some(instruction.content()).filter(|content| content.len() <= LONGEST)?;
    match instruction.byte() {
        // No name has what escapes stand for but letters.
        op::UNICODE => unescaped(content).ok().filter(|text| !text.contains('\\')).map(Cow::Owned),
        op::STRING => String::from_utf8(literal(content)?).ok().map(Cow::Owned),
        op::SHORT_BINUNICODE | op::BINUNICODE | op::BINUNICODE8 | op::SHORT_BINSTRING | op::BINSTRING => {
            std::str::from_utf8(content).ok().map(Cow::Borrowed)
        }
        _ => None,
    }
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
