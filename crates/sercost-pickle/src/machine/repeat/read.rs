//! Reading values of a row, and adding up what is in them.

use super::super::Machine;
use super::super::entry::{Kind, NONE};
use super::super::memo::Slot;
use super::super::node::NOWHERE;
use super::super::template::{self, Step, Template};
use super::Row;
use crate::opcode as op;

/// The number of leaves of one kind that were seen in one place, and their bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    count: u64,
    bytes: u64,
    at: u64,
    object: u32,
}

pub(super) const NO_COUNT: Count = Count { count: 0, bytes: 0, at: NOWHERE, object: NONE };

/// The kinds of leaves that are counted, at the place of their number.
const KINDS: [Kind; 7] = [Kind::Null, Kind::Bool, Kind::Int, Kind::Float, Kind::Str, Kind::Bytes, Kind::Reference];
/// The number of counts of each sink: the last is of the opcodes that hang leaves on a list, which are the list's own.
pub(super) const COUNTS: usize = KINDS.len() + 1;

fn number(kind: Kind) -> u32 {
    // The order is that of the kinds, of which the first six come first.
    (kind as u32).min(KINDS.len() as u32 - 1)
}

/// A leaf that was seen and is not yet counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    at: u64,
    bytes: u32,
    /// The count that it belongs to.
    count: u32,
    object: u32,
}

/// Leaves that were read and are not yet counted.
#[derive(Debug)]
pub(super) struct Read {
    pub seen: Vec<Seen>,
    pub frames: u64,
    pub key_bytes: u64,
}

impl Machine<'_> {
    /// Reads one value of the form, and its key; where it ends.
    #[inline]
    pub(super) fn read(&mut self, row: &Row, read: &mut Read) -> Option<usize> {
        let Read { seen, frames, key_bytes } = read;
        let data = self.data;
        let mut at = self.at;
        if data.get(at) == Some(&op::FRAME) {
            at = self.frame(at, frames)?;
        }
        let start = at;
        if let Some(kind) = row.key {
            let (found, leaf_end) = template::small_leaf(data, at)?;
            if found != kind {
                return None;
            }
            at = leaf_end;
            if kind == Kind::Str && matches!(data.get(at), Some(&(op::MEMOIZE | op::BINPUT | op::LONG_BINPUT))) {
                at = template::put_end(data, at, self.memo.next())?;
                self.memo.push_packed(Slot::Leaf(Kind::Str, start as u64).pack());
            }
            *key_bytes += (at - start) as u64;
        }
        let template = &row.template;
        for step in &template.steps {
            if data.get(at) == Some(&op::FRAME) {
                at = self.frame(at, frames)?;
            }
            match *step {
                Step::Same { at: from, length } => {
                    if is_same(&data[from..from + length], data.get(at..at + length)?) {
                        at += length;
                    } else {
                        at = self.same_with_frame(template, at, from, length, frames)?;
                    }
                }
                Step::Leaf { sink, only } => {
                    if only.is_some() && template::small_leaf(data, at).map(|(kind, _)| kind) != only {
                        return None;
                    }
                    at = self.leaf_of(row.first_count + sink * COUNTS as u32, at, seen)?;
                }
                Step::Puts { from, count } => {
                    for &slot in &template.puts[from as usize..(from + count) as usize] {
                        self.memo.push_packed(slot);
                    }
                }
                Step::Put { slot, length } => {
                    let end = template::put_end(data, at, self.memo.next())?;
                    if end - at != length {
                        return None;
                    }
                    at = end;
                    self.memo.push_packed(template.puts[slot as usize]);
                }
                Step::Items { sink, closing } => {
                    let Some(end) = template::leaves(data, at, closing, |_, _, _, _| {}) else { continue };
                    let bytes = 1 + u32::from(data[at] == op::MARK);
                    let counts = row.first_count + sink * COUNTS as u32;
                    let count = counts + KINDS.len() as u32;
                    seen.push(Seen { at: NOWHERE, bytes, count, object: NONE });
                    at += bytes as usize - 1;
                    while at < end - 1 {
                        at = self.leaf_of(counts, at, seen)?;
                    }
                    at = end;
                }
            }
        }
        (!self.arena.is_heavy((at - start) as u64)).then_some(at)
    }

    /// Steps over the header of a frame.
    #[cold]
    fn frame(&self, at: usize, frames: &mut u64) -> Option<usize> {
        *frames += 9;
        (at + 9 <= self.data.len()).then_some(at + 9)
    }

    /// The end of bytes that are the same but for a frame that begins between two of their opcodes.
    #[cold]
    fn same_with_frame(
        &self,
        template: &Template,
        at: usize,
        from: usize,
        length: usize,
        frames: &mut u64,
    ) -> Option<usize> {
        let here = &self.data[at..];
        let differs = (0..length).find(|&offset| here.get(offset) != self.data.get(from + offset))?;
        if here.get(differs) != Some(&op::FRAME) || !template.starts.contains(&(from + differs)) {
            return None;
        }
        let rest = self.frame(at + differs, frames)?;
        let left = length - differs;
        (self.data.get(rest..rest + left)? == &self.data[from + differs..from + length]).then_some(rest + left)
    }

    /// Reads one leaf, to be counted among these; where it ends.
    #[inline]
    fn leaf_of(&mut self, counts: u32, at: usize, seen: &mut Vec<Seen>) -> Option<usize> {
        let Some((kind, leaf_end)) = template::small_leaf(self.data, at) else {
            return self.reference_of(counts, at, seen);
        };
        let mut end = leaf_end;
        if matches!(kind, Kind::Str | Kind::Bytes)
            && matches!(self.data.get(end), Some(&(op::MEMOIZE | op::BINPUT | op::LONG_BINPUT)))
        {
            end = template::put_end(self.data, end, self.memo.next())?;
            self.memo.push_packed(Slot::Leaf(kind, at as u64).pack());
        }
        let count = counts + number(kind);
        seen.push(Seen { at: at as u64, bytes: (end - at) as u32, count, object: NONE });
        Some(end)
    }

    /// Reads one reference to a value that lies elsewhere.
    fn reference_of(&mut self, counts: u32, at: usize, seen: &mut Vec<Seen>) -> Option<usize> {
        let (index, end) = template::fetched(self.data, at)?;
        let (object, place) = match self.memo.get(index)? {
            // The name is its kind.
            Slot::Global(_) => return None,
            Slot::Leaf(_, place) => (NONE, place),
            Slot::Object(object) => {
                // It may be one that was popped, which is fetched back.
                if !self.orphans.is_empty() || self.arena.find_node(object).is_none() {
                    return None;
                }
                (object, NOWHERE)
            }
            _ => (NONE, NOWHERE),
        };
        let count = counts + number(Kind::Reference);
        seen.push(Seen { at: place, bytes: (end - at) as u32, count, object });
        Some(end)
    }

    /// Adds what was seen up.
    pub(super) fn count(&mut self, counts: &mut [Count], seen: &[Seen]) {
        for seen in seen {
            let place = &mut counts[seen.count as usize];
            if place.count == 0 {
                (place.at, place.object) = (seen.at, seen.object);
            } else if place.object != seen.object {
                place.object = NONE;
            }
            place.count += 1;
            place.bytes += u64::from(seen.bytes);
            if seen.object != NONE
                && let Some(node) = self.arena.find_node(seen.object)
            {
                self.arena.get_mut(node).references += 1;
            }
        }
    }

    /// Writes to the tree what the values of a row added to it.
    pub(super) fn write(&mut self, row: &Row, counts: &[Count]) {
        let &Row { ref template, values, .. } = row;
        let before: Vec<u64> = template.places.iter().map(|place| self.arena.get(place.node).total).collect();
        for constant in &template.constants {
            let node = template.places[constant.place as usize].node;
            let child = constant.child;
            self.arena.add_leaf(node, child.edge, child.kind, child.id, values, values * child.bytes, child.at);
            if child.kind == Kind::Reference
                && child.id != NONE
                && let Some(node) = self.arena.find_node(child.id)
            {
                self.arena.get_mut(node).references += values;
            }
        }
        let own = &counts[row.first_count as usize..][..template.sinks.len() * COUNTS];
        for (at, &Count { count, bytes, at: first, object }) in own.iter().enumerate() {
            if count == 0 {
                continue;
            }
            let sink = &template.sinks[at / COUNTS];
            let node = template.places[sink.place as usize].node;
            let Some(&kind) = KINDS.get(at % COUNTS) else {
                self.arena.own(node, bytes);
                continue;
            };
            self.arena.add_leaf(node, sink.edge, kind, object, count, bytes + count * sink.key, first);
        }
        // From below: what is added to a node is added to those above it.
        for (at, place) in template.places.iter().enumerate().rev() {
            let node = self.arena.get_mut(place.node);
            node.count += values;
            node.length += values * place.length;
            node.own += values * place.own;
            node.total += values * place.own;
            let added = node.total - before[at];
            let Some(above) = template.places.get(place.above as usize) else { continue };
            let above = self.arena.get_mut(above.node);
            above.total += added + values * place.key;
            if let Some(child) = above.children.iter_mut().find(|child| child.node() == Some(place.node)) {
                child.count += values;
                child.bytes += values * place.key;
            }
        }
    }
}

/// Whether bytes are the same: mostly a few, for which a call costs more than the comparison.
#[inline]
fn is_same(these: &[u8], those: &[u8]) -> bool {
    if these.len() <= 8 { these.iter().zip(those).all(|(this, that)| this == that) } else { these == those }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_at_their_numbers() {
        for (at, kind) in KINDS.into_iter().enumerate() {
            assert_eq!(number(kind) as usize, at);
        }
    }
}
