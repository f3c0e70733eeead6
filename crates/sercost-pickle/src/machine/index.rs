//! The names that a pandas index holds: what its columns are called.

use super::Machine;
use super::entry::Kind;
use super::memo::Slot;
use super::node::{Child, Edge, EdgeKind};
use crate::dtypes;
use crate::opcode as op;
use crate::reader::{Reader, integer_at, text_at};
use crate::text::unescaped_lossy;
use std::borrow::Cow;

/// One label of an index.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Name {
    Text(Vec<u8>),
    Int(i64),
    /// As Python shows it.
    Other(String),
}

/// More names are not read.
const MOST: usize = 4096;
/// Longer names are cut here.
const LONGEST: usize = 200;
/// The number of indexes that are remembered for the frames that share them.
const MOST_AXES: usize = 1024;

impl Name {
    fn text(text: &[u8]) -> Name {
        Name::Text(text[..text.len().min(LONGEST)].to_vec())
    }

    fn shown(&self) -> String {
        match self {
            Name::Text(text) => format!("'{}'", String::from_utf8_lossy(text).escape_debug()),
            Name::Int(value) => value.to_string(),
            Name::Other(text) => text.clone(),
        }
    }
}

impl<'a> Machine<'a> {
    /// The names of an axis. One that is shared is remembered, since it may be merged with others before it is seen again.
    pub(super) fn axis_names(&mut self, axis: &Child) -> Option<Vec<Name>> {
        let Some(node) = axis.node() else {
            return match axis.kind {
                Kind::Reference => self.axes.get(&axis.id).cloned(),
                _ => None,
            };
        };
        let names = self.index_names(node)?;
        let object = self.arena.get(node).object;
        if self.axes.len() < MOST_AXES {
            self.axes.insert(object, names.clone());
        }
        Some(names)
    }

    fn index_names(&mut self, node: u32) -> Option<Vec<Name>> {
        if self.arena.get(node).count != 1 {
            return None;
        }
        let class = self.labels.bytes(self.arena.get(node).class);
        if class.ends_with(b"MultiIndex") {
            return self.tuples(node);
        }
        if class.ends_with(b"RangeIndex") {
            let number = |name| integer_at(self.data, self.state_of(node, name)?.at);
            let (start, stop, step) = (number("start")?, number("stop")?, number("step")?);
            let count = (stop.checked_sub(start)? / if step == 0 { 1 } else { step }).clamp(0, MOST as i64);
            return Some(
                (0..=count).filter_map(|at| Some(Name::Int(start.checked_add(at.checked_mul(step)?)?))).collect(),
            );
        }
        let data = self.state_of(node, "data")?;
        let array = data.node()?;
        self.array_names(array)
    }

    /// A member of the dict that an index is made from.
    fn state_of(&self, node: u32, name: &str) -> Option<Child> {
        self.attribute(node, name).or_else(|| Some(self.find(node, &[self.keyed(name)])?.child))
    }

    fn array_names(&mut self, array: u32) -> Option<Vec<Name>> {
        let place = self.arena.get(array);
        let class = self.labels.bytes(place.class);
        if class.starts_with(b"numpy.ndarray of object") {
            let list = self.attribute(array, "data")?;
            let at = list.node().map_or(list.at, |node| self.arena.get(node).at);
            return self.list_names(at);
        }
        if class.starts_with(b"numpy.ndarray") {
            return Some(self.integers(array)?.into_iter().map(Name::Int).collect());
        }
        if class.ends_with(b"StringArray") || class.ends_with(b"StringArrayNumpySemantics") {
            let at = place.at;
            return match self.chain_to_array(array) {
                Some(chain) => self.array_names(chain[chain.len() - 1]),
                None => self.arrow_names(at),
            };
        }
        None
    }

    /// The tuples of an index with levels.
    fn tuples(&mut self, node: u32) -> Option<Vec<Name>> {
        let (levels, codes) = (self.state_of(node, "levels")?.node()?, self.state_of(node, "codes")?.node()?);
        let count = self.arena.get(levels).children.len();
        if count > 16 {
            return None;
        }
        let mut columns: Vec<(Vec<Name>, Vec<i64>)> = Vec::new();
        for level in 0..count {
            let place = Edge::new(EdgeKind::Index, level as u32);
            let names = self.find(levels, &[place])?.child.node()?;
            let codes = self.find(codes, &[place])?.child.node()?;
            columns.push((self.index_names(names)?, self.integers(codes)?));
        }
        let length = columns.iter().map(|(_, codes)| codes.len()).min()?;
        let tuple = |at: usize| -> Name {
            let parts = columns.iter().map(|(names, codes)| {
                usize::try_from(codes[at]).ok().and_then(|code| names.get(code)).map_or("nan".to_owned(), Name::shown)
            });
            let parts: Vec<String> = parts.collect();
            Name::Other(format!("({})", parts.join(", ")))
        };
        Some((0..length.min(MOST)).map(tuple).collect())
    }

    /// The integers that an array of integers holds.
    pub(super) fn integers(&self, array: u32) -> Option<Vec<i64>> {
        let data = self.attribute(array, "data").filter(|data| data.count == 1)?;
        let at = data.node().map_or(data.at, |node| self.arena.get(node).at);
        let bytes = match data.kind {
            Kind::Bytes | Kind::ByteArray => Cow::Borrowed(text_at(self.data, at)?),
            _ => Cow::Owned(self.encoded(data.node()?, 8 * MOST)?),
        };
        let class = String::from_utf8_lossy(self.labels.bytes(self.arena.get(array).class)).into_owned();
        let dtype = class.strip_prefix("numpy.ndarray of ")?;
        let is_known = matches!(dtype, "int8" | "uint8" | "int16" | "int32" | "int64");
        let size = dtypes::bytes_of(dtype).filter(|_| is_known)? as usize;
        let number = |item: &[u8]| {
            let fill = if dtype != "uint8" && item[size - 1] & 0x80 != 0 { 0xff } else { 0 };
            let mut wide = [fill; 8];
            wide[..size].copy_from_slice(item);
            i64::from_le_bytes(wide)
        };
        Some(bytes.chunks_exact(size).take(MOST).map(number).collect())
    }

    /// The strings and numbers of the list at `at`, if it has nothing else.
    fn list_names(&self, at: u64) -> Option<Vec<Name>> {
        let mut names = Vec::new();
        let mut reader = Reader::from(self.data, usize::try_from(at).ok()?);
        while names.len() < MOST {
            let instruction = reader.next()?;
            match instruction.byte() {
                op::EMPTY_LIST | op::LIST | op::MARK | op::MEMOIZE => {}
                op::BINPUT | op::LONG_BINPUT | op::PUT | op::FRAME => {}
                // Another batch follows, or the list is done. In protocol 0, each item is one.
                op::APPENDS if self.data.get(instruction.end()) != Some(&op::MARK) => return Some(names),
                op::APPENDS | op::APPEND => {}
                op::TUPLE => return Some(names),
                op::GET | op::BINGET | op::LONG_BINGET => {
                    names.push(self.memo_name(instruction.memo_index()?)?);
                }
                op::UNICODE => names.push(Name::text(&unescaped_lossy(instruction.content()))),
                op::SHORT_BINUNICODE | op::BINUNICODE | op::BINUNICODE8 => {
                    names.push(Name::text(instruction.content()));
                }
                op::NONE => names.push(Name::Other("None".to_owned())),
                op::NEWTRUE => names.push(Name::Other("True".to_owned())),
                op::NEWFALSE => names.push(Name::Other("False".to_owned())),
                op::BINFLOAT => names.push(Name::Other(format!("{:?}", instruction.double()?))),
                _ => names.push(Name::Int(instruction.integer()?)),
            }
        }
        Some(names)
    }

    /// The string that is in the memo.
    fn memo_name(&self, index: u64) -> Option<Name> {
        Some(match self.memo.get(index)? {
            Slot::Leaf(Kind::Str, at) if self.data.get(usize::try_from(at).ok()?) == Some(&op::UNICODE) => {
                Name::text(&unescaped_lossy(text_at(self.data, at)?))
            }
            Slot::Leaf(Kind::Str, at) => Name::text(text_at(self.data, at)?),
            Slot::Label(label) => Name::text(self.labels.bytes(label)),
            _ => return None,
        })
    }

    /// The strings of the Arrow array that is written from `at` on: offsets, and the characters behind each other.
    fn arrow_names(&self, at: u64) -> Option<Vec<Name>> {
        let mut reader = Reader::from(self.data, usize::try_from(at).ok()?);
        let mut buffers: Vec<&'a [u8]> = Vec::new();
        for _ in 0..200 {
            let instruction = reader.next()?;
            match instruction.byte() {
                op::SHORT_BINBYTES | op::BINBYTES | op::BINBYTES8 | op::BYTEARRAY8 => {
                    buffers.push(instruction.content());
                }
                op::APPENDS => break,
                _ => {}
            }
        }
        let [.., offsets, text] = buffers[..] else { return None };
        [8, 4].into_iter().find_map(|width| {
            let offsets: Vec<usize> = offsets
                .chunks_exact(width)
                .take(MOST)
                .map(|bytes| bytes.iter().rev().fold(0usize, |sum, &byte| sum.wrapping_shl(8) | usize::from(byte)))
                .collect();
            let names = offsets.windows(2).map(|pair| text.get(pair[0]..pair[1]).map(Name::text));
            (offsets.first() == Some(&0)).then(|| names.collect::<Option<Vec<_>>>())?
        })
    }

    /// The text of a child that is a string, or refers to one.
    pub(super) fn text_at_child(&self, child: &Child) -> Option<&'a [u8]> {
        let at = child.node().map_or(child.at, |node| self.arena.get(node).at);
        matches!(child.kind, Kind::Str | Kind::Reference).then(|| text_at(self.data, at))?
    }
}
