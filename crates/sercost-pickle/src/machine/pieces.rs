//! Taking values from the stack and hanging them on others: runs that must be told apart, references that are written
//! through, keys that become names.

use super::entry::{Entry, Hold, Kind, NONE};
use super::memo::Slot;
use super::node::{self, Edge, EdgeKind, ORPHAN};
use super::{LARGE, LONGEST_TUPLE, Machine};
use crate::model::Fault;
use crate::opcode as op;
use crate::reader::Reader;

impl<'a> Machine<'a> {
    /// The place of the first of the top `count` values, each of which is an entry of its own then.
    #[inline]
    pub(super) fn need(&mut self, count: usize, name: &str) -> Result<usize, Fault> {
        let length = self.stack.len();
        if length >= self.fence + count && self.stack[length - count..].iter().all(is_single) {
            return Ok(length - count);
        }
        self.separate(count, name)
    }

    #[cold]
    fn separate(&mut self, count: usize, name: &str) -> Result<usize, Fault> {
        let mut taken = Vec::with_capacity(count);
        let mut fault = None;
        while taken.len() < count && fault.is_none() {
            match self.take(name) {
                Ok(Some(entry)) => taken.push(entry),
                // The one entry is several now.
                Ok(None) => {}
                Err(error) => fault = Some(error),
            }
        }
        self.stack.extend(taken.iter().rev());
        match fault {
            Some(fault) => Err(fault),
            None => Ok(self.stack.len() - count),
        }
    }

    /// The top value alone. None if it had to be told apart from others first, which is done now.
    fn take(&mut self, name: &str) -> Result<Option<Entry>, Fault> {
        if self.stack.len() <= self.fence {
            return Err(self.fault(format!("{name} finds too few values on the stack")));
        }
        let at = self.stack.len() - 1;
        let top = self.stack[at];
        match top.hold {
            Hold::Run if top.id > 1 && is_of_any_size(top.kind) => {
                if self.stack.len() + top.id as usize > super::MOST_ENTRIES {
                    return Err(self.fault(format!("more than {} values wait on the stack", super::MOST_ENTRIES)));
                }
                self.stack.pop();
                each(self.data, &top, |single| self.stack.push(single));
                return Ok(None);
            }
            Hold::Run if top.id > 1 => {
                let size = top.bytes / u64::from(top.id);
                let rest = Entry { id: top.id - 1, bytes: top.bytes - size, ..top };
                self.stack[at] = rest;
                return Ok(Some(Entry { id: NONE, bytes: size, at: top.at + rest.bytes, hold: Hold::Single, ..top }));
            }
            // Merged values cannot be told apart: the last to leave takes the bytes.
            Hold::Bag if top.id > 1 => {
                self.stack[at].id -= 1;
                return Ok(Some(Entry::single(Kind::Rest, 0, top.at as usize, 0)));
            }
            Hold::BagNode if top.bytes > 1 => {
                self.stack[at].bytes -= 1;
                self.took_merged |= top.kind == Kind::Dict;
                return Ok(Some(Entry::single(Kind::Rest, 0, top.at as usize, 0)));
            }
            _ => {}
        }
        let single = self.stack.pop().unwrap_or(top);
        Ok(Some(match single.hold {
            Hold::BagNode => Entry::node(single.kind, single.id, single.at),
            Hold::Run | Hold::Bag => Entry { id: NONE, hold: Hold::Single, ..single },
            _ => single,
        }))
    }

    /// The top of the stack gets the memo index; `self.at` is behind the opcode of `bytes` bytes.
    pub(super) fn memoize(&mut self, index: u64, bytes: u64) -> Result<(), Fault> {
        let start = self.at as u64 - bytes;
        // An empty container, as most values with a place in the memo are.
        if self.stack.len() > self.fence
            && let Some(top) = self.stack.last_mut()
            && top.hold == Hold::Single
            && top.kind.has_parts()
            && !self.memo.is_full()
        {
            let object = self.arena.new_object(top.kind);
            (top.hold, top.id, top.bytes) = (Hold::Object, object, top.bytes + bytes);
            self.memo.set(index, Slot::Object(object));
            return Ok(());
        }
        if self.stack.len() <= self.fence {
            self.at = start as usize;
            return Err(self.fault("there is nothing on the stack to be memoized"));
        }
        let last = self.stack.len() - 1;
        let top = self.stack[last];
        if top.hold == Hold::Run {
            let place = match (top.id, self.last_leaf) {
                (1, _) => Some(top.at),
                (_, (leaf, end)) if is_of_any_size(top.kind) && end as u64 == start => Some(leaf as u64),
                _ => None,
            };
            if let Some(place) = place {
                self.stack[last].bytes += bytes;
                self.memo.set(index, Slot::Leaf(top.kind, place));
                return Ok(());
            }
        }
        let top = self.need(1, "MEMOIZE")?;
        let slot = self.identify(top, bytes);
        self.memo.set(index, slot);
        Ok(())
    }

    /// Adds bytes to an entry and gives it an identity.
    fn identify(&mut self, place: usize, bytes: u64) -> Slot {
        self.grow(place, bytes);
        let entry = self.stack[place];
        match entry.hold {
            Hold::Reference => Slot::unpack(entry.at).unwrap_or(Slot::Forgotten),
            _ if self.memo.is_full() => Slot::Forgotten,
            Hold::Object => Slot::Object(entry.id),
            Hold::Node => Slot::Object(self.arena.object_of(entry.id)),
            Hold::Bag | Hold::BagNode => Slot::Forgotten,
            Hold::Single | Hold::Run if entry.kind == Kind::Global => Slot::Global(entry.id),
            Hold::Single if entry.kind.has_parts() => {
                let object = self.arena.new_object(entry.kind);
                self.stack[place].id = object;
                self.stack[place].hold = Hold::Object;
                Slot::Object(object)
            }
            Hold::Single | Hold::Run if is_large(&entry) => {
                let node = self.arena.make(entry.kind, NONE, entry.at, entry.bytes);
                self.stack[place] = Entry::node(entry.kind, node, entry.at);
                Slot::Object(self.arena.object_of(node))
            }
            Hold::Single | Hold::Run => Slot::Leaf(entry.kind, entry.at),
        }
    }

    /// Bytes that belong to a value on the stack.
    pub(super) fn grow(&mut self, place: usize, bytes: u64) {
        match self.stack[place].hold {
            Hold::Node | Hold::BagNode => self.arena.own(self.stack[place].id, bytes),
            _ => self.stack[place].bytes += bytes,
        }
    }

    /// Pushes what the memo has, by an opcode of `bytes` bytes.
    #[inline]
    pub(super) fn fetch(&mut self, index: u64, bytes: usize) -> Result<(), Fault> {
        if let Some(packed) = self.memo.key(index) {
            self.at += bytes;
            let entry = Entry {
                bytes: bytes as u64,
                at: packed,
                id: index as u32,
                kind: Kind::Reference,
                hold: Hold::Reference,
                op: op::BINGET,
            };
            self.stack.push(entry);
            return Ok(());
        }
        self.fetch_other(index, bytes)
    }

    fn fetch_other(&mut self, index: u64, bytes: usize) -> Result<(), Fault> {
        let Some(slot) = self.memo.get(index) else {
            return Err(self.fault(format!("memo index {index} is fetched and was never set")));
        };
        let start = self.at;
        self.at += bytes;
        let entry = match slot {
            Slot::Global(label) => Entry { id: label, ..Entry::single(Kind::Global, op::BINGET, start, bytes) },
            Slot::Object(object) => self.refer(object, bytes, u32::try_from(index).unwrap_or(NONE)),
            _ => reference(slot, bytes, u32::try_from(index).unwrap_or(NONE)),
        };
        self.stack.push(entry);
        Ok(())
    }

    /// An entry that refers to an object; or the object itself, if it was popped and nothing else holds it.
    fn refer(&mut self, object: u32, bytes: usize, index: u32) -> Entry {
        let node = match self.arena.find_node(object) {
            Some(node) => node,
            None => {
                let kind = self.arena.kind_of(object);
                self.arena.node_of_object(object, kind, self.at as u64)
            }
        };
        if self.orphans.is_empty() {
            self.arena.get_mut(node).references += 1;
            return reference(Slot::Object(object), bytes, index);
        }
        let above = self.arena.get(node).parent;
        if above != NONE && above != ORPHAN && self.arena.get(above).parent == ORPHAN {
            self.arena.turn(above, node);
        }
        if self.arena.get(node).parent == ORPHAN {
            self.orphans.retain(|orphan| *orphan != node && *orphan != above);
            self.arena.get_mut(node).parent = NONE;
            self.arena.own(node, bytes as u64);
            return Entry::node(self.arena.get(node).kind, node, self.arena.get(node).at);
        }
        self.arena.get_mut(node).references += 1;
        reference(Slot::Object(object), bytes, index)
    }

    pub(super) fn pop(&mut self) -> Result<(), Fault> {
        let marks = self.outer.last().map_or(0, |outer| outer.marks);
        if self.marks.len() > marks && self.fence == self.stack.len() {
            self.marks.pop();
            self.set_fence();
            self.at += 1;
            self.arena.own(self.file, 2);
            return Ok(());
        }
        let top = self.need(1, "POP")?;
        self.at += 1;
        self.discard(top, 1);
        Ok(())
    }

    pub(super) fn duplicate(&mut self) -> Result<(), Fault> {
        let top = self.need(1, "DUP")?;
        self.at += 1;
        if self.stack[top].hold == Hold::Single && self.stack[top].kind.has_parts() {
            self.identify(top, 0);
        }
        let entry = self.stack[top];
        let copy = match entry.hold {
            Hold::Object => self.refer(entry.id, 1, NONE),
            Hold::Node => {
                let object = self.arena.object_of(entry.id);
                self.refer(object, 1, NONE)
            }
            Hold::Reference => Entry { bytes: 1, ..entry },
            Hold::Single | Hold::Run => Entry {
                bytes: 1,
                hold: Hold::Single,
                id: if entry.kind == Kind::Global { entry.id } else { NONE },
                ..entry
            },
            Hold::Bag | Hold::BagNode => Entry::single(Kind::Rest, op::DUP, self.at - 1, 1),
        };
        self.stack.push(copy);
        Ok(())
    }

    pub(super) fn short_tuple(&mut self, count: usize) -> Result<(), Fault> {
        let start = self.need(count, "TUPLE")?;
        let at = self.start_of(start);
        let node = self.arena.make(Kind::Tuple, NONE, at, 1);
        self.at += 1;
        self.take_into(node, start, |index| Edge::new(EdgeKind::Index, index));
        self.stack.push(Entry::node(Kind::Tuple, node, at));
        Ok(())
    }

    /// Where an entry begins in the stream.
    pub(super) fn start_of(&self, place: usize) -> u64 {
        match self.stack.get(place) {
            Some(entry) if entry.hold != Hold::Reference => entry.at,
            _ => self.at as u64,
        }
    }

    /// A container whose items lie above a mark.
    pub(super) fn marked_value(&mut self, kind: Kind) -> Result<(), Fault> {
        let base = self.marked()?;
        let at = self.start_of(base);
        self.at += 1;
        if base == self.stack.len() {
            self.stack.push(Entry::single(kind, 0, self.at - 2, 2));
            return Ok(());
        }
        let node = self.arena.make(kind, NONE, at, 2);
        let length: u64 = self.stack[base..].iter().map(Entry::values).sum();
        if kind == Kind::Tuple && self.has_tables && self.keeps_places(base, self.marks.len()) {
            self.append_by_place(node, base, false);
            self.stack.truncate(base);
        } else if kind == Kind::Tuple && length <= LONGEST_TUPLE {
            self.take_into(node, base, |index| Edge::new(EdgeKind::Index, index));
        } else {
            self.take_into(node, base, |_| Edge::ITEM);
        }
        self.stack.push(Entry::node(kind, node, at));
        Ok(())
    }

    /// Hangs what lies above `base` on a node that nothing else knows yet.
    pub(super) fn take_into(&mut self, node: u32, base: usize, edge: impl Fn(u32) -> Edge) {
        if edge(0) == Edge::ITEM && self.arena.get(node).kind != Kind::Persistent {
            for place in base..self.stack.len() {
                let entry = self.stack[place];
                self.hang_item(node, false, &entry);
            }
            self.stack.truncate(base);
            return;
        }
        let mut index = 0;
        for place in base..self.stack.len() {
            let entry = self.stack[place];
            if is_single(&entry) || edge(0) == Edge::ITEM {
                self.arena.add(node, edge(index), &entry, 0);
                index = index.saturating_add(1);
            } else {
                each(self.data, &entry, |single| {
                    self.arena.add(node, edge(index), &single, 0);
                    index = index.saturating_add(1);
                });
            }
        }
        self.stack.truncate(base);
    }

    /// The node of what is written to, and whether that is through a reference to it.
    pub(super) fn target(&mut self, place: usize) -> (u32, bool) {
        let entry = self.stack[place];
        match entry.hold {
            Hold::Node | Hold::BagNode => (entry.id, false),
            Hold::Reference => {
                if let Some(Slot::Object(object)) = Slot::unpack(entry.at)
                    && let Some(node) = self.arena.find_node(object)
                {
                    return (node, true);
                }
                self.own_node(place, Kind::Object, NONE, entry.bytes)
            }
            Hold::Object => {
                let node = self.arena.node_of_object(entry.id, entry.kind, entry.at);
                self.arena.own(node, entry.bytes);
                self.stack[place] = Entry::node(entry.kind, node, entry.at);
                (node, false)
            }
            Hold::Single | Hold::Run | Hold::Bag => {
                let kind = if entry.kind.has_parts() { entry.kind } else { Kind::Object };
                let class = if entry.kind == Kind::Global { entry.id } else { NONE };
                self.own_node(place, kind, class, entry.bytes)
            }
        }
    }

    fn own_node(&mut self, place: usize, kind: Kind, class: u32, bytes: u64) -> (u32, bool) {
        let at = self.start_of(place);
        let node = self.arena.make(kind, class, at, bytes);
        self.stack[place] = Entry::node(kind, node, at);
        (node, false)
    }

    /// Where a target lies: below `base`, and not below a mark.
    pub(super) fn below(&self, base: usize, name: &str) -> Result<usize, Fault> {
        if base == 0 || base - 1 < self.fence {
            return Err(self.fault(format!("{name} finds nothing below its mark to write to")));
        }
        Ok(base - 1)
    }

    /// Hangs what lies above `base` as items on what lies below.
    #[inline]
    pub(super) fn append_items(&mut self, base: usize, own: u64) -> Result<(), Fault> {
        let place = self.below(base, "APPENDS")?;
        let (node, through) = self.target(place);
        self.arena.own(node, own);
        if self.has_tables && self.append_to_table(place, node, base, through) {
            self.stack.truncate(base);
            return Ok(());
        }
        for at in base..self.stack.len() {
            let entry = self.stack[at];
            self.hang_item(node, through, &entry);
        }
        self.stack.truncate(base);
        Ok(())
    }

    /// Hangs an item on a node, or several; a heavy one under its place.
    #[inline]
    pub(super) fn hang_item(&mut self, node: u32, through: bool, entry: &Entry) {
        if !self.arena.is_heavy_item(self.weight(entry)) {
            self.hang(node, through, Edge::ITEM, entry, 0);
        } else {
            self.hang_heavy(node, through, entry);
        }
    }

    #[cold]
    fn hang_heavy(&mut self, node: u32, through: bool, entry: &Entry) {
        match entry.hold {
            // Of short strings, one can be heavy where the file is small.
            Hold::Run if entry.id > 1 => {
                let mut values = Vec::new();
                if is_of_any_size(entry.kind) && self.arena.is_heavy_item(LARGE as u64) {
                    each(self.data, entry, |single| values.push(single));
                }
                if values.iter().any(|single| self.arena.is_heavy_item(single.bytes)) {
                    values.iter().for_each(|single| self.hang_item(node, through, single));
                } else {
                    self.hang(node, through, Edge::ITEM, entry, 0);
                }
            }
            Hold::Bag | Hold::BagNode => self.hang(node, through, Edge::ITEM, entry, 0),
            _ => {
                let is_item = |edge: Edge| matches!(edge.kind(), EdgeKind::Item | EdgeKind::Place | EdgeKind::Deeper);
                let items = self.arena.get(node).children.iter().filter(|child| is_item(child.edge));
                let place = self.merged.place_of(entry).unwrap_or_else(|| items.map(|child| child.count).sum());
                let edge = match u32::try_from(place) {
                    Ok(place) => Edge::new(EdgeKind::Place, place),
                    Err(_) => Edge::ITEM,
                };
                self.hang(node, through, edge, entry, 0);
            }
        }
    }

    /// The bytes of an entry with all below it.
    #[inline]
    pub(super) fn weight(&self, entry: &Entry) -> u64 {
        match entry.hold {
            Hold::Node => self.arena.get(entry.id).total,
            Hold::BagNode => 0,
            _ => entry.bytes,
        }
    }

    /// Hangs a value on a node, unless that would make a ring, which a tree cannot have.
    pub(super) fn hang(&mut self, node: u32, through: bool, edge: Edge, entry: &Entry, key: u64) {
        if through && matches!(entry.hold, Hold::Node | Hold::BagNode) && self.arena.may_be_below(node, entry.id) {
            self.arena.own(self.file, key);
            self.orphan(*entry);
            return;
        }
        self.arena.add(node, edge, entry, key);
    }
}

fn reference(slot: Slot, bytes: usize, index: u32) -> Entry {
    Entry {
        bytes: bytes as u64,
        at: slot.pack(),
        id: index,
        kind: Kind::Reference,
        hold: Hold::Reference,
        op: op::BINGET,
    }
}

#[inline]
pub(super) fn is_single(entry: &Entry) -> bool {
    match entry.hold {
        Hold::Run => entry.id == 1,
        Hold::Bag | Hold::BagNode => false,
        _ => true,
    }
}

/// Whether values of this kind differ in size even where their opcodes are one.
pub(super) fn is_of_any_size(kind: Kind) -> bool {
    matches!(kind, Kind::Str | Kind::Bytes)
}

fn is_large(entry: &Entry) -> bool {
    entry.bytes >= LARGE as u64 && matches!(entry.kind, Kind::Str | Kind::Bytes | Kind::ByteArray)
}

/// The values of an entry, one by one, with their own bytes and places.
pub(super) fn each(data: &[u8], entry: &Entry, mut take: impl FnMut(Entry)) {
    let count = entry.values();
    match entry.hold {
        Hold::Run if is_of_any_size(entry.kind) => {
            let mut at = entry.at;
            for left in (0..count).rev() {
                let end = if left == 0 { entry.at + entry.bytes } else { end_of(data, at, entry.at + entry.bytes) };
                take(Entry { bytes: end - at, at, id: NONE, hold: Hold::Single, ..*entry });
                at = end;
            }
        }
        Hold::Run => {
            let size = entry.bytes / count;
            for index in 0..count {
                take(Entry { bytes: size, at: entry.at + index * size, id: NONE, hold: Hold::Single, ..*entry });
            }
        }
        Hold::Bag => {
            for index in 0..count {
                let bytes = if index == 0 { entry.bytes } else { 0 };
                take(Entry { bytes, at: node::NOWHERE, id: NONE, hold: Hold::Single, ..*entry });
            }
        }
        Hold::BagNode => take(Entry::node(entry.kind, entry.id, entry.at)),
        _ => take(*entry),
    }
}

/// Where the string at `at` ends, what gives it a place in the memo included.
fn end_of(data: &[u8], at: u64, most: u64) -> u64 {
    // Every opcode was read before.
    let mut reader = Reader::from(&data[..most as usize], at as usize);
    reader.next();
    reader.behind_puts().map_or(most, |end| end as u64)
}
