//! Small readers of what stands at a place of the pickle: texts for names, integers for keys and shapes.

use crate::opcode::{self, Argument, opcode};

/// The bytes of the string or byte string whose opcode is at `at`.
pub(crate) fn text_at(data: &[u8], at: u64) -> Option<&[u8]> {
    let rest = data.get(usize::try_from(at).ok()?..)?;
    let (&op, rest) = rest.split_first()?;
    let known = opcode(op)?;
    let line = || rest.iter().position(|&byte| byte == b'\n').map(|end| &rest[..end]);
    match known.argument {
        Argument::Line if op == opcode::STRING => {
            let line = line()?;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match line {
                [quote @ (b'\'' | b'"'), inner @ .., end] if quote == end => Some(inner),
                _ => Some(line),
            }
        }
        Argument::Line => line(),
        argument => {
            let (length, field) = counted(argument, rest)?;
            rest.get(field..)?.get(..usize::try_from(length).ok()?)
        }
    }
}

/// The bytes of the opcode at `at` before its text.
pub(super) fn header_at(data: &[u8], at: u64) -> Option<u64> {
    let known = opcode(*data.get(usize::try_from(at).ok()?)?)?;
    Some(1 + known.argument.fixed_bytes() as u64)
}

/// The length that a counted argument begins with, and the bytes of the length itself.
pub(super) fn counted(argument: Argument, rest: &[u8]) -> Option<(u64, usize)> {
    let field = argument.fixed_bytes();
    let bytes = rest.get(..field)?;
    let length = match argument {
        Argument::Counted1 => u64::from(bytes[0]),
        Argument::Counted4 | Argument::CountedI4 => u64::from(u32::from_le_bytes(bytes.try_into().ok()?)),
        Argument::Counted8 => u64::from_le_bytes(bytes.try_into().ok()?),
        _ => return None,
    };
    Some((length, field))
}

/// The integer whose opcode is at `at`, if it fits.
pub(super) fn int_at(data: &[u8], at: u64) -> Option<i64> {
    let rest = data.get(usize::try_from(at).ok()?..)?;
    let (&op, rest) = rest.split_first()?;
    match op {
        opcode::BININT1 => Some(i64::from(*rest.first()?)),
        opcode::BININT2 => Some(i64::from(u16::from_le_bytes(rest.get(..2)?.try_into().ok()?))),
        opcode::BININT => Some(i64::from(i32::from_le_bytes(rest.get(..4)?.try_into().ok()?))),
        opcode::LONG1 => {
            let digits = rest.get(1..1 + usize::from(*rest.first()?))?;
            if digits.len() > 8 {
                return None;
            }
            let fill = if digits.last().is_some_and(|last| last & 0x80 != 0) { 0xff } else { 0 };
            let mut bytes = [fill; 8];
            bytes[..digits.len()].copy_from_slice(digits);
            Some(i64::from_le_bytes(bytes))
        }
        opcode::INT | opcode::LONG => {
            let line = rest.get(..rest.iter().take(24).position(|&byte| byte == b'\n')?)?;
            std::str::from_utf8(line).ok()?.trim_end_matches(['L', '\r']).parse().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_every_opcode() {
        for (bytes, value) in [
            (&b"K\x07"[..], Some(7)),
            (b"M\x00\x01", Some(256)),
            (b"J\xff\xff\xff\xff", Some(-1)),
            (b"\x8a\x00", Some(0)),
            (b"\x8a\x01\xff", Some(-1)),
            (b"\x8a\x02\xff\x00", Some(255)),
            (b"I-12\n", Some(-12)),
            (b"L99L\n", Some(99)),
            (b"L9", None),
            (b"J\xff", None),
            (b"\x8a\x09123456789", None),
        ] {
            assert_eq!(int_at(bytes, 0), value, "{bytes:?}");
        }
    }

    #[test]
    fn texts_of_every_opcode() {
        for (bytes, text) in [
            (&b"\x8c\x02ab"[..], Some(&b"ab"[..])),
            (b"X\x01\x00\x00\x00a", Some(b"a")),
            (b"\x8d\x01\x00\x00\x00\x00\x00\x00\x00a", Some(b"a")),
            (b"S'it'\n", Some(b"it")),
            (b"Vit\n", Some(b"it")),
            (b"\x8c\x05ab", None),
            (b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffa", None),
            (b"N", None),
        ] {
            assert_eq!(text_at(bytes, 0), text, "{bytes:?}");
        }
    }
}
