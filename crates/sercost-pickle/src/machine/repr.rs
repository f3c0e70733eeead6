//! Keys as Python writes them: what `repr` says of a number, a string, a tuple, a date, as far as the pickle tells.

use super::Machine;
use super::entry::{Entry, Hold, Kind, NONE};
use super::latin::AS_TEXT;
use super::memo::Slot;
use super::node::{Child, Edge, EdgeKind};
use crate::opcode as op;
use crate::reader::{Instruction, Reader, signed, text_at};
use crate::text::unescaped_lossy;
use std::fmt::Write;

/// Keys with parts that are written out before only those of heavy values are.
const MOST_WRITTEN: u32 = 4096;
/// The values of a part of a key, the parts that it has, and their levels, that are written out.
const MOST_VALUES: usize = 24;
const MOST_PARTS: u32 = 64;
const MOST_LEVELS: usize = 4;
/// A text longer than this is shown by its head and its tail.
pub(super) const LONGEST: usize = 200;
const HEAD: usize = 100;
const TAIL: usize = 60;

/// The text of a leaf, and where it ends.
fn leaf(data: &[u8], at: u64) -> Option<(String, u64)> {
    let instruction = Instruction::at(data, usize::try_from(at).ok()?)?;
    let text = match instruction.byte() {
        op::NONE => "None".to_owned(),
        op::NEWTRUE => "True".to_owned(),
        op::NEWFALSE => "False".to_owned(),
        op::INT if instruction.content() == b"01" => "True".to_owned(),
        op::INT if instruction.content() == b"00" => "False".to_owned(),
        op::BINFLOAT => float(instruction.double()?),
        op::FLOAT => float(std::str::from_utf8(instruction.content()).ok()?.trim().parse().ok()?),
        op::BINBYTES | op::SHORT_BINBYTES | op::BINBYTES8 => bytes(instruction.content()),
        op::UNICODE => string(&unescaped_lossy(instruction.content())),
        op::SHORT_BINUNICODE | op::BINUNICODE | op::BINUNICODE8 => string(instruction.content()),
        op::STRING | op::BINSTRING | op::SHORT_BINSTRING => string(instruction.text()?),
        _ => integer_of(instruction)?,
    };
    Some((text, instruction.end() as u64))
}

/// An integer of any size that a key has.
pub(super) fn integer(data: &[u8], at: u64) -> Option<String> {
    integer_of(Instruction::at(data, usize::try_from(at).ok()?)?)
}

fn integer_of(instruction: Instruction<'_>) -> Option<String> {
    if let Some(value) = instruction.integer() {
        return Some(value.to_string());
    }
    match instruction.byte() {
        op::LONG1 => decimal(instruction.content()),
        op::LONG | op::INT => {
            let line = std::str::from_utf8(instruction.content()).ok()?;
            let digits = line.trim_end().trim_end_matches('L');
            let is_number = digits.trim_start_matches('-').bytes().all(|digit| digit.is_ascii_digit());
            (is_number && !digits.is_empty() && digits.len() <= LONGEST).then(|| digits.to_owned())
        }
        _ => None,
    }
}

/// The decimal digits of an integer in two's complement, the lowest byte first.
fn decimal(bytes: &[u8]) -> Option<String> {
    if bytes.len() > 64 {
        return None;
    }
    let is_negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let mut limbs = [0u32; 17];
    for (at, &byte) in bytes.iter().enumerate() {
        limbs[at / 4] |= u32::from(byte) << (8 * (at % 4));
    }
    if is_negative {
        for at in bytes.len()..4 * limbs.len() {
            limbs[at / 4] |= 0xff << (8 * (at % 4));
        }
        let mut carry = true;
        for limb in &mut limbs {
            (*limb, carry) = (!*limb).overflowing_add(u32::from(carry));
        }
    }
    let mut groups = Vec::new();
    while limbs.iter().any(|&limb| limb != 0) {
        let mut rest = 0u64;
        for limb in limbs.iter_mut().rev() {
            let value = rest << 32 | u64::from(*limb);
            *limb = (value / 1_000_000_000) as u32;
            rest = value % 1_000_000_000;
        }
        groups.push(rest);
    }
    let mut text = if is_negative { "-".to_owned() } else { String::new() };
    // Writing to a String cannot fail.
    let _ = write!(text, "{}", groups.pop().unwrap_or(0));
    for group in groups.iter().rev() {
        let _ = write!(text, "{group:09}");
    }
    Some(text)
}

/// A float: `1.0`, `1e-07`, `nan`.
fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    let text = format!("{value:?}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
            format!("{digits}e{sign}{exponent:0>2}")
        }
        None => text,
    }
}

/// Which quotes a text gets.
fn quote_of(text: &[u8]) -> char {
    if text.contains(&b'\'') && !text.contains(&b'"') { '"' } else { '\'' }
}

fn bytes(content: &[u8]) -> String {
    let quote = quote_of(content);
    let shown = |bytes: &[u8]| {
        let mut out = String::new();
        for &byte in bytes {
            match byte {
                b'\\' => out.push_str("\\\\"),
                b'\n' => out.push_str("\\n"),
                b'\r' => out.push_str("\\r"),
                b'\t' => out.push_str("\\t"),
                _ if char::from(byte) == quote => out.extend(['\\', quote]),
                0x20..=0x7e => out.push(char::from(byte)),
                _ => {
                    let _ = write!(out, "\\x{byte:02x}");
                }
            }
        }
        out
    };
    match content.len() {
        0..=LONGEST => format!("b{quote}{}{quote}", shown(content)),
        length => format!("b{quote}{}…{}{quote}", shown(&content[..HEAD]), shown(&content[length - TAIL..])),
    }
}

/// A string within a key, in the quotes that Python gives it.
fn string(text: &[u8]) -> String {
    quoted(text, quote_of(text))
}

/// A string that is a key, always in the same quotes.
pub(crate) fn key(text: &[u8]) -> String {
    quoted(text, '"')
}

fn quoted(text: &[u8], quote: char) -> String {
    format!("{quote}{}{quote}", escaped(text, Some(quote)))
}

/// A name without quotes; a character that cannot stand in a name is escaped.
pub(super) fn name(text: &[u8]) -> String {
    escaped(text, None)
}

/// A text that was made of a key, no longer than a path can bear.
pub(super) fn cut(text: &str) -> String {
    let count = text.chars().count();
    if count <= 2 * LONGEST {
        return text.to_owned();
    }
    let head: String = text.chars().take(HEAD).collect();
    let tail: String = text.chars().skip(count - TAIL).collect();
    format!("{head}…{tail}")
}

/// The step to what is under a key that is a string: `["name"]`.
pub(crate) fn key_step(text: &[u8]) -> String {
    format!("[{}]", key(text))
}

/// The step to an attribute: `.name`, or `.__dict__["a name"]` where it cannot be written behind a point.
pub(crate) fn attribute_step(text: &[u8]) -> String {
    if is_identifier(text) { format!(".{}", name(text)) } else { format!(".__dict__{}", key_step(text)) }
}

/// Whether an attribute can be written behind a point.
pub(super) fn is_identifier(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let mut chars = text.chars();
    let begins = chars.next().is_some_and(|first| first == '_' || first.is_alphabetic());
    begins && chars.all(|c| c == '_' || c.is_alphanumeric())
}

fn escaped(text: &[u8], quote: Option<char>) -> String {
    let mut shown = Vec::new();
    // More than is shown is not looked at, but for the end.
    let (head, tail) = match text.len() {
        length if length > 8 * LONGEST => (&text[..4 * HEAD], Some(&text[length - 4 * TAIL..])),
        _ => (text, None),
    };
    units(head, quote, &mut shown);
    let is_long = tail.is_some() || shown.len() > LONGEST;
    if !is_long {
        return shown.concat();
    }
    let mut end = Vec::new();
    match tail {
        Some(tail) => units(tail, quote, &mut end),
        None => end.clone_from(&shown),
    }
    format!("{}…{}", shown[..HEAD.min(shown.len())].concat(), end[end.len().saturating_sub(TAIL)..].concat())
}

/// The characters of a text as Python shows them, one by one. Its encoding is UTF-8, with surrogates where a string had
/// them.
fn units(text: &[u8], quote: Option<char>, out: &mut Vec<String>) {
    let mut rest = text;
    while !rest.is_empty() {
        let (valid, bad) = match std::str::from_utf8(rest) {
            Ok(text) => (text, &[][..]),
            Err(error) => {
                let (valid, bad) = rest.split_at(error.valid_up_to());
                (std::str::from_utf8(valid).unwrap_or(""), bad)
            }
        };
        out.extend(valid.chars().map(|c| unit(c, quote)));
        rest = match bad {
            [] => &[],
            [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, left @ ..] => {
                let code = 0xd000 | u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f);
                out.push(format!("\\u{code:04x}"));
                left
            }
            [byte, left @ ..] => {
                out.push(format!("\\x{byte:02x}"));
                left
            }
        };
    }
}

fn unit(c: char, quote: Option<char>) -> String {
    match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '\\' if quote.is_some() => "\\\\".to_owned(),
        _ if Some(c) == quote => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        // Behind a letter, what combines with it is shown as it is.
        _ if !c.is_control() && format!("a{c}").escape_debug().count() == 2 => c.to_string(),
        _ => match u32::from(c) {
            code @ ..=0xff => format!("\\x{code:02x}"),
            code @ ..=0xffff => format!("\\u{code:04x}"),
            code => format!("\\U{code:08x}"),
        },
    }
}

impl Machine<'_> {
    /// The text of a key that is one value, or was one when it was put into the memo.
    pub(super) fn key_text(&mut self, key: &Entry) -> Option<String> {
        self.key_parts = 0;
        match key.hold {
            Hold::Single if key.kind == Kind::Tuple => Some("()".to_owned()),
            Hold::Single if key.kind == Kind::FrozenSet => Some("frozenset()".to_owned()),
            Hold::Single | Hold::Run => leaf(self.data, key.at).map(|(text, _)| text),
            Hold::Node => self.written(key.id, 0),
            Hold::Reference => match Slot::unpack(key.at)? {
                Slot::Leaf(_, at) => leaf(self.data, at).map(|(text, _)| text),
                Slot::Object(object) => {
                    let node = self.arena.find_node(object)?;
                    (self.arena.get(node).count == 1).then(|| self.written(node, 0))?
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// How the value under a key with parts hangs on its dict: under the key's text, if the value is heavy or few such
    /// keys were met yet.
    pub(super) fn key_with_parts(&mut self, node: u32, key: &Entry, bytes: u64) -> Edge {
        let edge = Edge::new(EdgeKind::KeyText, 0);
        let is_heavy = self.arena.is_heavy_item(bytes);
        if !is_heavy && (self.written_keys >= MOST_WRITTEN || !self.arena.admits(node, edge, bytes)) {
            return Edge::ANY_KEY;
        }
        self.written_keys += 1;
        let text = self.key_text(key);
        self.made_key(text, bytes)
    }

    /// The edge of a key by a text that was made for it.
    pub(super) fn made_key(&mut self, text: Option<String>, bytes: u64) -> Edge {
        let is_heavy = self.arena.is_heavy(bytes);
        match text.and_then(|text| self.labels.intern_made(&text, is_heavy)) {
            Some(label) => Edge::new(EdgeKind::KeyText, label),
            None => Edge::ANY_KEY,
        }
    }

    /// The text of a value with parts that waits on the stack, if all of it can be told.
    fn written(&mut self, node: u32, level: usize) -> Option<String> {
        // A few tuples that refer to each other often are a long text.
        self.key_parts += 1;
        if level > MOST_LEVELS || self.key_parts > MOST_PARTS {
            return None;
        }
        let children = self.arena.get(node).children.clone();
        match self.arena.get(node).kind {
            Kind::Tuple => {
                let values = self.values_of(&children, level)?;
                Some(match values.as_slice() {
                    [only] => format!("({only},)"),
                    _ => format!("({})", values.join(", ")),
                })
            }
            Kind::FrozenSet => Some(format!("frozenset({{{}}})", self.values_of(&children, level)?.join(", "))),
            Kind::Object => self.written_object(node, &children, level),
            Kind::Str | Kind::Bytes => leaf(self.data, self.arena.get(node).at).map(|(text, _)| text),
            _ => None,
        }
    }

    fn written_object(&mut self, node: u32, children: &[Child], level: usize) -> Option<String> {
        let class = self.labels.text(self.arena.get(node).class).into_owned();
        let raw = |name: &str| self.attribute(node, name).and_then(|child| self.content_of(&child));
        match class.as_str() {
            "datetime.date" | "datetime.datetime" | "datetime.time" if children.len() == 1 => {
                return moment(&class, &raw("state")?);
            }
            "frozenset" => return Some(format!("frozenset({{{}}})", self.values_of(children, level)?.join(", "))),
            AS_TEXT => return self.encoded(node, usize::MAX / 16).map(|content| bytes(&content)),
            "uuid.UUID" => {
                let number = self.attribute(node, "int")?;
                let value: u128 = match self.data.get(usize::try_from(number.at).ok()?..)? {
                    [op::LONG1, length @ ..=17, digits @ ..] => {
                        let digits = digits.get(..usize::from(*length))?;
                        digits.iter().rev().fold(0, |sum, &byte| sum << 8 | u128::from(byte))
                    }
                    _ => integer(self.data, number.at)?.parse().ok()?,
                };
                let hex = format!("{value:032x}");
                let groups = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
                return Some(format!("UUID('{}')", groups.join("-")));
            }
            "numpy scalar" => {
                let dtype = self.attribute(node, "dtype").and_then(|child| self.dtype_of(&child))?;
                let content = self.attribute(node, "data").and_then(|child| self.content_of(&child))?;
                return numpy_scalar(&dtype, &content);
            }
            _ => {}
        }
        // A member of an enumeration by its name, as `getattr` fetches it.
        let names: Vec<String> = children.iter().map(|child| self.step_name(child.edge)).collect::<Option<_>>()?;
        if names == ["__self__", "__name__"] {
            return Some(class.rsplit('.').take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("."));
        }
        let values = self.values_of(children, level)?;
        let is_argument = |edge: Edge| edge.kind() == EdgeKind::Argument;
        // A class that is known has its arguments by name, which its `repr` does not show.
        let is_plain = ["decimal.Decimal", "complex"].contains(&class.as_str()) || class.starts_with("datetime.");
        let arguments: Vec<String> = std::iter::zip(children, names.iter().zip(values))
            .map(
                |(child, (name, value))| {
                    if is_argument(child.edge) || is_plain { value } else { format!("{name}={value}") }
                },
            )
            .collect();
        let short = if class.starts_with("datetime.") { class.as_str() } else { class.rsplit('.').next()? };
        (!short.is_empty()).then(|| format!("{short}({})", arguments.join(", ")))
    }

    /// The bytes that a child is, in the form of any protocol.
    fn content_of(&self, child: &Child) -> Option<Vec<u8>> {
        match child.node() {
            Some(node) => self.encoded(node, usize::MAX / 16),
            None => text_at(self.data, child.at).map(<[u8]>::to_vec),
        }
    }

    /// The text of a key of protocol 0 that has escapes.
    pub(super) fn escaped_key(&self, key: &Entry, text: &[u8]) -> Option<String> {
        let at = match key.hold {
            Hold::Reference => match Slot::unpack(key.at)? {
                Slot::Leaf(_, at) => at,
                _ => return None,
            },
            _ => key.at,
        };
        let is_line = self.data.get(usize::try_from(at).ok()?) == Some(&op::UNICODE);
        (is_line && !text.iter().all(|&byte| byte.is_ascii() && byte != b'\\'))
            .then(|| String::from_utf8(unescaped_lossy(text)).ok())?
    }

    fn step_name(&self, edge: Edge) -> Option<String> {
        match edge.kind() {
            EdgeKind::Argument if edge.id() != NONE => Some(String::new()),
            EdgeKind::Attribute => Some(name(self.labels.bytes(edge.id()))),
            _ => None,
        }
    }

    /// The texts of children, in their order.
    fn values_of(&mut self, children: &[Child], level: usize) -> Option<Vec<String>> {
        let mut values = Vec::new();
        for child in children {
            if values.len() as u64 + child.count > MOST_VALUES as u64 {
                return None;
            }
            match (child.node(), child.kind) {
                (Some(node), _) if child.count == 1 => values.push(self.written(node, level + 1)?),
                (None, Kind::Global) if child.id != NONE && child.count == 1 => {
                    values.push(self.labels.text(child.id).into_owned());
                }
                (None, Kind::Tuple) if child.count == 1 => values.push("()".to_owned()),
                (None, Kind::Reference) if child.count == 1 && child.id != NONE => {
                    let node = self.arena.find_node(child.id)?;
                    values.push((self.arena.get(node).count == 1).then(|| self.written(node, level + 1))??);
                }
                (None, Kind::Reference) if child.count == 1 => values.push(leaf(self.data, child.at)?.0),
                (None, kind) if !kind.has_parts() && kind != Kind::Reference => {
                    values.extend(self.adjacent(child)?);
                }
                _ => return None,
            }
        }
        Some(values)
    }

    /// Leaves that lie side by side in the pickle.
    fn adjacent(&self, child: &Child) -> Option<Vec<String>> {
        let mut at = child.at;
        let mut values = Vec::new();
        for _ in 0..child.count {
            let (text, end) = leaf(self.data, at)?;
            values.push(text);
            at = Reader::from(self.data, end as usize).behind_puts()? as u64;
        }
        // Values that were merged from several places cannot be told apart.
        (child.count == 1 || at - child.at == child.bytes).then_some(values)
    }
}

/// A date or a time from the bytes of its state.
fn moment(class: &str, state: &[u8]) -> Option<String> {
    let micros = |bytes: &[u8]| bytes.iter().fold(0u32, |sum, &byte| sum << 8 | u32::from(byte));
    let clock = |bytes: &[u8]| {
        let mut parts = vec![u32::from(bytes[0] & 0x7f), u32::from(bytes[1]), u32::from(bytes[2]), micros(&bytes[3..])];
        while parts.len() > 2 && parts.last() == Some(&0) {
            parts.pop();
        }
        parts
    };
    let day = |bytes: &[u8]| vec![micros(&bytes[..2]), u32::from(bytes[2] & 0x7f), u32::from(bytes[3])];
    let parts = match (class, state.len()) {
        ("datetime.date", 4) => day(state),
        ("datetime.datetime", 10) => [day(state), clock(&state[4..])].concat(),
        ("datetime.time", 6) => clock(state),
        _ => return None,
    };
    let parts: Vec<String> = parts.iter().map(u32::to_string).collect();
    Some(format!("{class}({})", parts.join(", ")))
}

/// A scalar of numpy, as its version 2 shows it.
fn numpy_scalar(dtype: &str, data: &[u8]) -> Option<String> {
    // Of a byte order that is not this one's nothing is said in the word; the usual one is taken.
    let dtype = dtype.trim_start_matches(['<', '|', '=']);
    let whole = || signed(data);
    let bits = 8 * data.len();
    let has_size = dtype.get(1..)?.parse() == Ok(data.len());
    match dtype.chars().next()? {
        'b' if data.len() == 1 => Some(format!("np.{}", if data[0] == 0 { "False_" } else { "True_" })),
        'i' if has_size => Some(format!("np.int{bits}({})", whole()?)),
        'u' if has_size && data.len() <= 8 => {
            let value = data.iter().rev().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte));
            Some(format!("np.uint{bits}({value})"))
        }
        'f' if has_size && data.len() == 8 => {
            Some(format!("np.float64({})", float(f64::from_le_bytes(*data.first_chunk()?))))
        }
        'f' if has_size && data.len() == 4 => {
            let value = f32::from_le_bytes(*data.first_chunk()?);
            let text = if value.is_nan() { "nan".to_owned() } else { format!("{value:?}") };
            Some(format!("np.float32({text})"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_any_size() {
        for (bytes, text) in [
            (&b"\x8a\x09\0\0\0\0\0\0\0\0\x01."[..], Some("18446744073709551616")),
            (b"\x8a\x09\0\0\0\0\0\0\0\0\xff.", Some("-18446744073709551616")),
            (b"\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\xff.", Some("-1")),
            (b"\x8a\x0d\0\0\0\0\0\0\0\0\0\0\0\0\x01.", Some("79228162514264337593543950336")),
            (b"L100000000000000000000000000L\n", Some("100000000000000000000000000")),
            (b"L1x0000000000000000000000000L\n", None),
            (b"\x8a\x09\0", None),
        ] {
            assert_eq!(integer(bytes, 0).as_deref(), text, "{bytes:?}");
        }
    }

    #[test]
    fn floats_are_those_of_python() {
        let shown = [1.0, 0.1, 1e16, 1e15, 1.5e300, 1e-5, 1e-4, f64::INFINITY, f64::NAN, -0.0].map(float);
        assert_eq!(
            shown,
            ["1.0", "0.1", "1e+16", "1000000000000000.0", "1.5e+300", "1e-05", "0.0001", "inf", "nan", "-0.0"]
        );
    }

    #[test]
    fn attributes_are_written_behind_a_point_where_they_can_be() {
        for (name, step) in
            [("name", ".name"), ("n\u{e4}", ".n\u{e4}"), ("a b", ".__dict__[\"a b\"]"), ("1", ".__dict__[\"1\"]")]
        {
            assert_eq!(attribute_step(name.as_bytes()), step);
        }
    }

    #[test]
    fn texts_are_those_of_python() {
        assert_eq!(string(b"it's"), "\"it's\"");
        assert_eq!(string(b"say \"it's\"\n\x1b"), "'say \"it\\'s\"\\n\\x1b'");
        assert_eq!(key(b"say \"it's\""), "\"say \\\"it's\\\"\"");
        assert_eq!(key("n\u{e4}\u{2028}\u{200b}\u{301}\u{e000}".as_bytes()), "\"n\u{e4}\\u2028\\u200b\u{301}\\ue000\"");
        assert_eq!(key(b"\xed\xb2\x80\xff"), "\"\\udc80\\xff\"");
        assert_eq!(bytes(b"a'\x00\xff"), "b\"a'\\x00\\xff\"");
        let long = key(&[b"x".repeat(5000), b"the.end".to_vec()].concat());
        assert!(long.len() < 300 && long.ends_with("the.end\""), "{long}");
    }
}
