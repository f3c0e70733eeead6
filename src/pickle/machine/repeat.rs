//! Values of one form in a row, which is what most large pickles consist of: the first few are built and merged as any
//! value is, and the others only counted, by the template of the last that was built.
//!
//! What is counted so goes into a bag on the stack, as in [`siblings`](super::siblings). That is right only where nothing
//! takes the values from the stack one by one: between a mark and the opcode that takes all above it. An opcode without
//! a mark takes three at most, so that the last three of a row are left to be built, unless the mark's opcode follows.

use super::entry::{Entry, Hold, Kind, NONE};
use super::memo::Slot;
use super::node::{Edge, EdgeKind, NOWHERE};
use super::template::{self, Step, Template};
use super::{LONGEST_TUPLE, Machine};
use crate::pickle::opcode as op;

/// So many values are between a mark and a row before any is only counted: a tuple of fewer tells them apart.
const APART: usize = LONGEST_TUPLE as usize + 4;
/// So many values that begin alike are seen in a row before the last is looked at.
const ROW: u32 = 4;
/// The most that an opcode without a mark takes from the stack.
const MOST_TAKEN: usize = 3;
/// After so many attempts that counted nothing, no more are made between these marks.
const MOST_VAIN: u32 = 8;
/// So many parts of one value may wait for the rest of it.
const MOST_OPEN: usize = 8;
/// The most values that are waited for before one is looked at.
const MOST_PATIENCE: u32 = 1 << 10;
/// What is counted is written to the tree after so many leaves.
const MOST_COUNTED: usize = 1 << 12;

/// What is known about the row that may be on top of the stack.
#[derive(Debug)]
pub(super) struct Watch {
    /// From this height of the stack on it is looked at.
    pub from: usize,
    /// How high the stack was where the last value began, and where that was.
    height: usize,
    at: usize,
    first: u8,
    row: u32,
    /// The fence below it.
    fence: usize,
    /// How often in a row nothing could be counted.
    vain: u32,
    /// How many values are waited for before one is looked at: more after each that had no template.
    patience: u32,
    template: Option<Box<Row>>,
    #[cfg(test)]
    counted: u64,
}

/// A template, and the entry that its values are merged into.
#[derive(Debug)]
struct Row {
    template: Template,
    place: usize,
    at: u64,
    fence: usize,
    counts: Vec<Count>,
    /// The kind of the keys, where the values are those of a dict. The keys are a bag behind the values.
    key: Option<Kind>,
    keys: u64,
    key_bytes: u64,
}

/// How many leaves of one kind were seen in one place, and their bytes.
#[derive(Clone, Copy, Debug)]
struct Count {
    count: u64,
    bytes: u64,
    at: u64,
    object: u32,
}

const NO_COUNT: Count = Count { count: 0, bytes: 0, at: NOWHERE, object: NONE };

/// The kinds of leaves that are counted, at the place of their number.
const KINDS: [Kind; 7] = [Kind::Null, Kind::Bool, Kind::Int, Kind::Float, Kind::Str, Kind::Bytes, Kind::Reference];
/// So many counts has each sink: the last is of the opcodes that hang leaves on a list, which are the list's own.
const COUNTS: usize = KINDS.len() + 1;

fn number(kind: Kind) -> u32 {
    KINDS.iter().position(|other| *other == kind).unwrap_or(KINDS.len() - 1) as u32
}

/// A leaf that was seen and is not yet counted.
#[derive(Clone, Copy, Debug)]
struct Seen {
    at: u64,
    bytes: u32,
    /// The count that it belongs to.
    count: u32,
    object: u32,
}

/// Where a value that was seen began, so that it can be taken back.
#[derive(Clone, Copy, Debug)]
struct Begin {
    at: usize,
    frames: u64,
    key_bytes: u64,
    seen: usize,
    memo: (usize, u64),
}

impl Watch {
    pub(super) fn new() -> Watch {
        Watch {
            from: usize::MAX,
            height: usize::MAX,
            at: 0,
            first: u8::MAX,
            row: 0,
            fence: 0,
            vain: 0,
            patience: ROW,
            template: None,
            #[cfg(test)]
            counted: 0,
        }
    }

    /// A mark was set or taken away.
    #[inline]
    pub(super) fn reset(&mut self, fence: usize, is_marked: bool) {
        self.from = if is_marked { fence + APART } else { usize::MAX };
        // What is above a mark comes and goes within one value; the row is over when its own mark is gone.
        if fence < self.fence {
            (self.height, self.row, self.vain, self.fence) = (usize::MAX, 0, 0, 0);
        }
    }

    /// Whether it is worth a look, where the next opcode is `byte`.
    #[inline]
    pub(super) fn is_due(&self, height: usize, byte: u8) -> bool {
        height >= self.from && (height <= self.height || BEGINS[usize::from(byte)] == self.first)
    }
}

impl Machine<'_> {
    /// Counts the values that follow, if they are of the form of those on the stack. False if there is none.
    #[inline(never)]
    pub(super) fn repeat(&mut self, byte: u8) -> bool {
        let height = self.stack.len();
        if height < self.watch.height {
            // Something took what lay below: it was within a value.
            (self.watch.height, self.watch.row) = (usize::MAX, 0);
        }
        let is_closed = self.stack.last().is_some_and(|top| matches!(top.hold, Hold::Node | Hold::BagNode));
        let byte = BEGINS[usize::from(byte)];
        if self.watch.vain >= MOST_VAIN {
            self.watch.from = usize::MAX;
            return false;
        }
        if !is_closed || byte == 0 {
            // Deeper than where the last value began, another begins later.
            return false;
        }
        if self.watch.fence != self.fence {
            (self.watch.fence, self.watch.height, self.watch.vain) = (self.fence, usize::MAX, 0);
        }
        let stride = if self.is_in_dict() { 2 } else { 1 };
        let is_next = self.watch.height.checked_add(stride) == Some(height) && self.watch.first == byte;
        if !is_next {
            // What lies a little higher is within a value. What lies much higher are values that began in other ways.
            if height > self.watch.height && height < self.watch.height.saturating_add(MOST_OPEN) {
                return false;
            }
            self.begin(height, byte, 0);
            return self.resume();
        }
        let from = self.watch.at;
        let row = self.watch.row + 1;
        self.begin(height, byte, row);
        if self.resume() {
            return true;
        }
        if row < self.watch.patience {
            return false;
        }
        self.watch.patience = (2 * self.watch.patience).min(MOST_PATIENCE);
        if !self.memo.is_in_order() || self.arena.is_heavy((self.at - from) as u64) {
            return false;
        }
        let Some(row) = self.row(from, stride == 2) else { return false };
        self.watch.template = Some(Box::new(row));
        self.resume()
    }

    /// Whether what is above the mark are keys and values, as far as can be told: a tuple may stand behind a dict.
    fn is_in_dict(&self) -> bool {
        let below = self.fence.checked_sub(1).and_then(|below| self.stack.get(below));
        below.is_some_and(|below| below.kind == Kind::Dict && below.hold == Hold::Node)
    }

    /// A row that begins with the value on top of the stack, whose text begins at `from`; or with its key.
    fn row(&mut self, from: usize, is_pair: bool) -> Option<Row> {
        let &Entry { hold: Hold::Node, id, at, .. } = self.stack.last()? else { return None };
        let (key, start) = if is_pair {
            let (kind, end) = self.key_of(from)?;
            (Some(kind), end)
        } else {
            (None, from)
        };
        // The first may not have been built in one go.
        let template = self.template(start, self.at, id)?;
        let counts = vec![NO_COUNT; template.sinks.len() * COUNTS];
        let place = self.stack.len() - 1;
        Some(Row { template, place, at, fence: self.fence, counts, key, keys: 0, key_bytes: 0 })
    }

    /// The kind of a key, and where it ends together with what puts it into the memo. A string is a slot more there.
    #[inline]
    fn key_of(&self, at: usize) -> Option<(Kind, usize)> {
        let (kind, end) = template::small_leaf(self.data, at)?;
        match kind {
            Kind::Int => Some((kind, end)),
            Kind::Str => match self.data.get(end) {
                Some(&(op::MEMOIZE | op::BINPUT | op::LONG_BINPUT)) => Some((kind, end + op::length(self.data, end)?)),
                _ => Some((kind, end)),
            },
            _ => None,
        }
    }

    fn begin(&mut self, height: usize, first: u8, row: u32) {
        let watch = &mut self.watch;
        (watch.height, watch.at, watch.first, watch.row) = (height, self.at, first, row);
    }

    /// Goes on with the template that there is.
    fn resume(&mut self) -> bool {
        let Some(mut row) = self.watch.template.take() else { return false };
        let entry = self.stack.get(row.place).copied();
        let is_there = row.fence == self.fence
            && self.memo.is_in_order()
            && entry.is_some_and(|entry| {
                matches!(entry.hold, Hold::Node | Hold::BagNode)
                    && entry.at == row.at
                    && entry.id == row.template.places[0].node
            })
            && (row.key.is_none() || self.takes_more_keys(&row))
            && row.template.is_alive(&self.arena);
        if !is_there {
            return false;
        }
        let start = self.at;
        self.run(&mut row);
        self.watch.template = Some(row);
        let is_any = self.at > start;
        if is_any {
            (self.watch.vain, self.watch.patience) = (0, ROW);
            self.watch.at = self.at;
            self.watch.height = usize::MAX;
        } else {
            self.watch.vain += 1;
        }
        is_any
    }

    /// Whether a key of the row has no name in its dict any more, and the keys counted so far are where they were left.
    fn takes_more_keys(&self, row: &Row) -> bool {
        let edge = if row.key == Some(Kind::Int) { EdgeKind::KeyInt } else { EdgeKind::Key };
        let bag = self.stack.get(row.place + 1);
        let is_left = row.keys == 0
            || bag
                .is_some_and(|bag| bag.hold == Hold::Bag && Some(bag.kind) == row.key && u64::from(bag.id) == row.keys);
        is_left && self.is_in_dict() && !self.arena.admits(self.stack[row.fence - 1].id, Edge::new(edge, 0), 0)
    }

    /// Counts values as long as they have the form.
    fn run(&mut self, row: &mut Row) {
        let mut seen = Vec::new();
        let mut begin = Begin { at: self.at, frames: 0, key_bytes: 0, seen: 0, memo: self.memo.mark() };
        // Where the last values began that may have to be taken back, the oldest first.
        let mut begins = [begin; MOST_TAKEN];
        let (mut counted, mut waiting) = (0u64, 0usize);
        let mut frames = 0;
        let mut key_bytes = 0;
        let most = u64::from(u32::MAX) - row.keys - MOST_TAKEN as u64;
        while counted < most {
            begin = Begin { at: self.at, frames, key_bytes, seen: seen.len(), memo: self.memo.mark() };
            let Some(end) = self.read(row, &mut seen, &mut frames, &mut key_bytes) else {
                seen.truncate(begin.seen);
                self.memo.rewind(begin.memo);
                (frames, key_bytes) = (begin.frames, begin.key_bytes);
                break;
            };
            self.at = end;
            if waiting == MOST_TAKEN {
                counted += 1;
                begins.rotate_left(1);
                waiting -= 1;
            }
            begins[waiting] = begin;
            waiting += 1;
            let done = begins[0].seen;
            if done >= MOST_COUNTED {
                self.count(row, &seen[..done]);
                seen.drain(..done);
                begins[..waiting].iter_mut().for_each(|begin| begin.seen -= done);
            }
        }
        if takes_all(self.data.get(self.at).copied()) {
            counted += waiting as u64;
        } else if waiting > 0 {
            let begin = begins[0];
            seen.truncate(begin.seen);
            self.memo.rewind(begin.memo);
            self.at = begin.at;
            (frames, key_bytes) = (begin.frames, begin.key_bytes);
        }
        self.count(row, &seen);
        self.overhead.frames += frames;
        if counted > 0 {
            #[cfg(test)]
            (self.watch.counted += counted);
            self.write(row, counted);
            self.bag_up(row, counted, key_bytes);
        }
    }

    /// Puts the values that were counted, and their keys if they have any, where they wait for the opcode of the mark.
    fn bag_up(&mut self, row: &mut Row, values: u64, key_bytes: u64) {
        if row.key.is_none() {
            self.note_places(row.fence);
        }
        let entry = &mut self.stack[row.place];
        let own = if entry.hold == Hold::BagNode { entry.bytes } else { 1 };
        *entry = Entry { bytes: own + values, hold: Hold::BagNode, ..*entry };
        let Some(kind) = row.key else { return };
        (row.keys, row.key_bytes) = (row.keys + values, row.key_bytes + key_bytes);
        let bag = Entry { bytes: row.key_bytes, at: NOWHERE, id: row.keys as u32, kind, hold: Hold::Bag, op: 0 };
        if row.keys == values {
            self.stack.insert(row.place + 1, bag);
        } else {
            self.stack[row.place + 1] = bag;
        }
    }

    /// Reads one value of the form, and its key; where it ends.
    #[inline]
    fn read(&mut self, row: &Row, seen: &mut Vec<Seen>, frames: &mut u64, key_bytes: &mut u64) -> Option<usize> {
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
                    let same = &data[from..from + length];
                    if data.get(at..at + length)? == same {
                        at += length;
                    } else {
                        at = self.same_with_frame(template, at, from, length, frames)?;
                    }
                }
                Step::Leaf { sink, only } => {
                    if only.is_some() && template::small_leaf(data, at).map(|(kind, _)| kind) != only {
                        return None;
                    }
                    at = self.leaf_of(sink, at, seen)?;
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
                    let count = sink * COUNTS as u32 + KINDS.len() as u32;
                    seen.push(Seen { at: NOWHERE, bytes, count, object: NONE });
                    at += bytes as usize - 1;
                    while at < end - 1 {
                        at = self.leaf_of(sink, at, seen)?;
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

    /// Reads one leaf; where it ends.
    #[inline]
    fn leaf_of(&mut self, sink: u32, at: usize, seen: &mut Vec<Seen>) -> Option<usize> {
        let Some((kind, leaf_end)) = template::small_leaf(self.data, at) else {
            return self.reference_of(sink, at, seen);
        };
        let mut end = leaf_end;
        if matches!(kind, Kind::Str | Kind::Bytes)
            && matches!(self.data.get(end), Some(&(op::MEMOIZE | op::BINPUT | op::LONG_BINPUT)))
        {
            end = template::put_end(self.data, end, self.memo.next())?;
            self.memo.push_packed(Slot::Leaf(kind, at as u64).pack());
        }
        let count = sink * COUNTS as u32 + number(kind);
        seen.push(Seen { at: at as u64, bytes: (end - at) as u32, count, object: NONE });
        Some(end)
    }

    /// Reads one reference to a value that lies elsewhere.
    fn reference_of(&mut self, sink: u32, at: usize, seen: &mut Vec<Seen>) -> Option<usize> {
        let (index, end) = template::fetched(self.data, at)?;
        let (object, place) = match self.memo.get(index)? {
            // What it names is its kind.
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
        let count = sink * COUNTS as u32 + number(Kind::Reference);
        seen.push(Seen { at: place, bytes: (end - at) as u32, count, object });
        Some(end)
    }

    /// Adds what was seen up.
    fn count(&mut self, row: &mut Row, seen: &[Seen]) {
        for seen in seen {
            let place = &mut row.counts[seen.count as usize];
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

    /// Writes to the tree what `values` values added to it.
    fn write(&mut self, row: &mut Row, values: u64) {
        let template = &row.template;
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
        for (at, place) in row.counts.iter_mut().enumerate() {
            let Count { count, bytes, at: first, object } = std::mem::replace(place, NO_COUNT);
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

/// Whether this opcode takes all above the last mark.
fn takes_all(byte: Option<u8>) -> bool {
    matches!(byte, Some(op::APPENDS | op::SETITEMS | op::ADDITEMS | op::TUPLE | op::LIST | op::FROZENSET))
}

/// What a value can begin with, by opcode: all leaves are alike, and 0 is for what no value begins with.
const BEGINS: [u8; 256] = {
    let mut begins = [0; 256];
    let leaves = [
        op::BININT,
        op::BININT1,
        op::BININT2,
        op::BINFLOAT,
        op::LONG1,
        op::NONE,
        op::NEWTRUE,
        op::NEWFALSE,
        op::SHORT_BINUNICODE,
        op::BINUNICODE,
        op::SHORT_BINBYTES,
        op::BINBYTES,
    ];
    let others =
        [op::BINGET, op::LONG_BINGET, op::MARK, op::EMPTY_LIST, op::EMPTY_DICT, op::EMPTY_SET, op::EMPTY_TUPLE];
    let mut at = 0;
    while at < leaves.len() {
        begins[leaves[at] as usize] = op::BININT;
        at += 1;
    }
    at = 0;
    while at < others.len() {
        begins[others[at] as usize] = others[at];
        at += 1;
    }
    begins
};

#[cfg(test)]
mod tests {
    use super::super::node::Arena;
    use super::*;
    use crate::model::Part;
    use crate::pickle::Options;
    use proptest::prelude::*;

    /// A form of values, as Python writes them.
    #[derive(Clone, Debug)]
    enum Form {
        Leaf,
        Tuple(Vec<Form>),
        Leaves(bool),
        Dict(Vec<Form>),
        Object(Vec<Form>, Option<Box<Form>>),
    }

    fn form() -> impl Strategy<Value = Form> {
        let leaf = prop_oneof![3 => Just(Form::Leaf), 1 => any::<bool>().prop_map(Form::Leaves)];
        leaf.prop_recursive(3, 12, 4, |inner| {
            let some = || prop::collection::vec(inner.clone(), 1..5);
            prop_oneof![
                some().prop_map(Form::Tuple),
                some().prop_map(Form::Dict),
                (prop::collection::vec(inner.clone(), 0..4), prop::option::of(some()), any::<bool>()).prop_map(
                    |(arguments, state, is_dict)| {
                        let state = state.map(|parts| if is_dict { Form::Dict(parts) } else { Form::Tuple(parts) });
                        Form::Object(arguments, state.map(Box::new))
                    }
                ),
            ]
        })
    }

    /// A pickle that grows, with choices from a seed.
    struct Pickle {
        bytes: Vec<u8>,
        memo: u64,
        state: u64,
        protocol: u8,
    }

    impl Pickle {
        fn choose(&mut self, below: u64) -> u64 {
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.state >> 33) % below
        }

        fn push(&mut self, bytes: &[u8]) {
            if self.protocol >= 4 && self.choose(200) == 0 {
                self.bytes.extend(b"\x95\x01\0\0\0\0\0\0\0");
            }
            self.bytes.extend(bytes);
        }

        fn put(&mut self) {
            let index = self.memo;
            self.memo += 1;
            match (self.protocol, u8::try_from(index)) {
                (4.., _) => self.push(b"\x94"),
                (_, Ok(index)) => self.push(&[op::BINPUT, index]),
                _ => self.push(&[&[op::LONG_BINPUT][..], &(index as u32).to_le_bytes()].concat()),
            }
        }

        fn get(&mut self, index: u64) {
            match u8::try_from(index) {
                Ok(index) => self.push(&[op::BINGET, index]),
                _ => self.push(&[&[op::LONG_BINGET][..], &(index as u32).to_le_bytes()].concat()),
            }
        }

        fn leaf(&mut self) {
            match self.choose(24) {
                0 => self.push(b"N"),
                1 => self.push(b"\x88"),
                2 => self.push(b"M\0\x01"),
                3 => self.push(b"J\0\0\x01\0"),
                4 => self.push(b"\x8a\x01\x07"),
                5..8 => self.push(b"G\0\0\0\0\0\0\0\0"),
                8..12 => {
                    let length = self.choose(12) as usize;
                    self.push(&[&[op::BINUNICODE, length as u8, 0, 0, 0], &b"abcdefghijkl"[..length]].concat());
                    self.put();
                }
                12 => {
                    self.push(b"C\x02ab");
                    self.put();
                }
                13 => {
                    let index = self.choose(self.memo);
                    self.get(index);
                }
                14 => self.push(b"X\x01\0\0\0z"),
                _ => self.push(b"K\x05"),
            }
        }

        fn value(&mut self, form: &Form) {
            match form {
                Form::Leaf => self.leaf(),
                Form::Tuple(parts) => self.tuple(parts),
                Form::Leaves(is_set) => {
                    let (empty, closing) =
                        if *is_set { (op::EMPTY_SET, op::ADDITEMS) } else { (op::EMPTY_LIST, op::APPENDS) };
                    self.push(&[empty]);
                    self.put();
                    match self.choose(4) {
                        0 => {}
                        1 if !is_set => {
                            self.leaf();
                            self.push(&[op::APPEND]);
                        }
                        count => {
                            self.push(b"(");
                            (0..=count).for_each(|_| self.leaf());
                            self.push(&[closing]);
                        }
                    }
                }
                Form::Dict(parts) => {
                    self.push(b"}");
                    self.put();
                    self.push(b"(");
                    for (index, part) in parts.iter().enumerate() {
                        self.get(index as u64);
                        self.value(part);
                    }
                    self.push(b"u");
                }
                Form::Object(arguments, state) => {
                    let class = 5 + self.choose(40) / 39;
                    self.get(class);
                    self.tuple(arguments);
                    self.push(if self.protocol == 2 { b"\x81" } else { b"R" });
                    self.put();
                    if let Some(state) = state {
                        self.value(state);
                        self.push(b"b");
                    }
                }
            }
        }

        fn tuple(&mut self, parts: &[Form]) {
            if parts.is_empty() {
                return self.push(b")");
            }
            if parts.len() > 3 {
                self.push(b"(");
            }
            parts.iter().for_each(|part| self.value(part));
            self.push(&[[op::TUPLE1, op::TUPLE2, op::TUPLE3, op::TUPLE][parts.len().min(4) - 1]]);
            self.put();
        }
    }

    /// Values of a form in a row, with some of another among them, in a container or in none.
    fn pickle(form: &Form, other: &Form, count: u64, odd: u64, seed: u64) -> Vec<u8> {
        let mut pickle = Pickle { bytes: Vec::new(), memo: 0, state: seed, protocol: [2, 4][seed as usize % 2] };
        pickle.bytes.extend([op::PROTO, pickle.protocol]);
        // Names of keys, and classes: those with names of their own in the table too.
        pickle.push(b"(");
        for key in [b'a', b'b', b'c', b'd', b'e'] {
            pickle.push(&[op::BINUNICODE, 1, 0, 0, 0, key]);
            pickle.put();
        }
        let class: &[u8] =
            [&b"cm\nC\n"[..], b"cdatetime\ndate\n", b"cnumpy\ndtype\n", b"c__builtin__\nset\n"][seed as usize / 2 % 4];
        pickle.push(class);
        pickle.put();
        pickle.push(b"cm\nD\n");
        pickle.put();
        let closing =
            [op::APPENDS, op::SETITEMS, op::TUPLE, op::ADDITEMS, op::POP, op::FROZENSET][seed as usize / 8 % 6];
        let is_dict = closing == op::SETITEMS;
        match closing {
            op::APPENDS => pickle.push(b"]"),
            op::SETITEMS => {
                pickle.push(b"}");
                pickle.put();
                pickle.push(b"(");
                for key in 0..300u32 {
                    pickle.push(&[&[op::BINUNICODE, 4, 0, 0, 0], &format!("k{key:03}").into_bytes()[..]].concat());
                    pickle.value(form);
                }
                pickle.push(b"u");
            }
            op::ADDITEMS => pickle.push(b"\x8f"),
            _ => {}
        }
        pickle.push(b"(");
        for item in 0..count {
            if is_dict {
                pickle.push(&[&[op::BINUNICODE, 5, 0, 0, 0], &format!("n{item:04}").into_bytes()[..]].concat());
                pickle.put();
            }
            let is_odd = odd > 0 && pickle.choose(odd) == 0;
            pickle.value(if is_odd { other } else { form });
        }
        match closing {
            // What takes the last values from the stack one by one.
            op::POP => pickle.push(b"\x87t"),
            _ => pickle.push(&[closing]),
        }
        pickle.push(b"t.");
        pickle.bytes
    }

    /// The parts of a pickle, and how many values were not built.
    fn parts(data: &[u8], is_watched: bool) -> (String, u64) {
        let mut machine = Machine::new(data);
        // As if the file were large, so that no value is heavy.
        machine.arena = Arena::new(1 << 20);
        machine.file = machine.arena.make(Kind::Object, NONE, 0, 0);
        if !is_watched {
            machine.watch.patience = u32::MAX;
        }
        let fault = machine.pickle().err();
        if fault.is_some() {
            machine.close();
        }
        let counted = machine.watch.counted;
        let parts = machine.parts(&Options::default());
        assert_eq!(machine.attributed() as usize, if fault.is_some() { machine.at } else { data.len() });
        // Where the first of several leaves lies is not kept where some were counted before others; nor is, then, their
        // order, if they have as many bytes.
        let mut lines: Vec<String> = Vec::new();
        let mut paths: Vec<String> = Vec::new();
        for part in &parts {
            let above = part.parent.map_or("", |parent| paths[parent].as_str());
            paths.push(format!("{above}{} {};", part.step, part.what));
            let Part { bytes, own_bytes, count, references, .. } = part;
            lines.push(format!("{} {bytes} {own_bytes} {count} {references}", paths[paths.len() - 1]));
        }
        lines.sort();
        (format!("{}\n{fault:?}", lines.join("\n")), counted)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_counted_in_a_row_is_what_would_be_built(
            form in form(), other in form(), count in 30u64..150, odd in 0u64..40, seed in any::<u64>()
        ) {
            let data = pickle(&form, &other, count, odd, seed);
            let (built, _) = parts(&data, false);
            let (counted, _) = parts(&data, true);
            let differ = counted.lines().zip(built.lines()).enumerate().find(|(_, (one, other))| one != other);
            prop_assert!(counted == built, "{:?} of {}", differ, data.escape_ascii());
        }
    }

    #[test]
    fn rows_are_counted_at_all() {
        let tuple = Form::Tuple(vec![Form::Leaf, Form::Tuple(vec![Form::Leaf]), Form::Leaves(false)]);
        let dict = Form::Dict(vec![Form::Leaf, tuple.clone(), Form::Leaf]);
        let object = Form::Object(vec![Form::Leaf], Some(Box::new(dict.clone())));
        // Dicts in a row are merged as they come, which needs no template.
        for form in [tuple, Form::Tuple(vec![dict]), object] {
            // Where a leaf names its object, few rows are long: some of each form is all that holds for every seed.
            let counted: u64 =
                (1..48).step_by(2).map(|seed| parts(&pickle(&form, &Form::Leaf, 600, 0, seed), true).1).sum();
            assert!(counted > 1000, "{counted} of {form:?}");
        }
    }
}
