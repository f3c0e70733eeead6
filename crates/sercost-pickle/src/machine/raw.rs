//! joblib's files: the bytes of an array stand between the opcodes, behind the object that describes it.
//!
//! `joblib.numpy_pickle.NumpyArrayWrapper.write_array` writes them when the wrapper was pickled; where it aligns them for
//! memory mapping (from version 1.2 on), a byte that says how much comes before the padding. An array of objects is a
//! pickle of its own in that place.

use super::entry::{Kind, NONE};
use super::memo::Memo;
use super::node::{Edge, EdgeKind};
use super::{Fault, Machine, Outer};
use crate::dtypes;
use crate::opcode as op;
use crate::reader::integer_at;

/// Pickles in pickles are as deep as arrays of objects are: hardly ever two.
const MOST_INNER: usize = 1000;

impl Machine<'_> {
    /// Reads the array behind the object that was just built, if it is one that describes an array.
    pub(super) fn read_raw_array(&mut self, node: u32) -> Result<(), Fault> {
        if self.labels.bytes(self.arena.get(node).class) != b"joblib.numpy_pickle.NumpyArrayWrapper" {
            return Ok(());
        }
        let Some(dtype) = self.attribute(node, "dtype").and_then(|child| self.dtype_of(&child)) else { return Ok(()) };
        let Some(items) = self.items_of(node) else { return Ok(()) };
        let shown = format!("numpy.ndarray of {}", dtypes::of_numpy(&dtype));
        self.arena.get_mut(node).class = self.labels.intern_own(&shown);
        if dtype.starts_with('O') {
            if self.data.get(self.at) == Some(&op::PROTO) {
                if self.outer.len() >= MOST_INNER {
                    return Err(self.fault(format!("more than {MOST_INNER} pickles are one in the other")));
                }
                let memo = std::mem::replace(&mut self.memo, Memo::new(self.most_memo));
                self.outer.push(Outer { stack: self.stack.len(), marks: self.marks.len(), memo, nested: None });
                self.set_fence();
            }
            return Ok(());
        }
        let Some(bytes) = self.size_of(&dtype).and_then(|size| size.checked_mul(items)) else {
            return Err(self.fault(format!("an array of {items} items of {dtype:?} follows, whose size is not known")));
        };
        let padding = match self.attribute(node, "numpy_array_alignment_bytes") {
            Some(alignment) if alignment.kind == Kind::Int => match self.data.get(self.at) {
                Some(&padding) => 1 + u64::from(padding),
                None => return Err(self.fault("the file ends before the array")),
            },
            _ => 0,
        };
        let left = (self.data.len() - self.at) as u64;
        if bytes.saturating_add(padding) > left {
            let needed = bytes.saturating_add(padding);
            return Err(self.fault(format!("an array of {needed} bytes follows, and the file has {left} left")));
        }
        let data = Edge::new(EdgeKind::Attribute, self.labels.intern_own("data"));
        self.arena.add_leaf(node, data, Kind::Raw, NONE, 1, bytes, self.at as u64 + padding);
        self.arena.own(node, padding);
        let end = self.at + (bytes + padding) as usize;
        self.note_large(node, end - bytes as usize..end);
        self.between.push(self.at..end);
        self.at = end;
        Ok(())
    }

    /// The number of items that the array has by its shape.
    fn items_of(&self, node: u32) -> Option<u64> {
        let shape = self.attribute(node, "shape")?;
        if shape.kind != Kind::Tuple {
            return None;
        }
        let Some(tuple) = shape.node() else { return Some(1) };
        let mut items = 1u64;
        for side in &self.arena.get(tuple).children {
            let side = (side.kind == Kind::Int).then(|| integer_at(self.data, side.at))??;
            items = items.checked_mul(u64::try_from(side).ok()?)?;
        }
        Some(items)
    }
}

/// The bytes of one item of a dtype, from the word that numpy pickles it by.
pub(super) fn item_bytes(word: &str) -> Option<u64> {
    let word = word.trim_start_matches(['<', '>', '|', '=']);
    let kind = word.chars().next()?;
    let size: u64 = word[kind.len_utf8()..].parse().ok()?;
    match kind {
        'U' => size.checked_mul(4),
        'b' | 'i' | 'u' | 'f' | 'c' | 'S' | 'V' | 'M' | 'm' | 'a' => Some(size),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_items() {
        let sizes: Vec<_> = ["f8", "<i4", "b1", "U10", "S5", "V24", "M8", "x", "f", "U99999999999999999999"]
            .map(item_bytes)
            .into_iter()
            .collect();
        assert_eq!(sizes, [Some(8), Some(4), Some(1), Some(40), Some(5), Some(24), Some(8), None, None, None]);
    }
}
