//! Values of one form in a row, which is what most large pickles consist of: the first few are built and merged as any
//! value is, and the others only counted, by the template of the last that was built.
//!
//! Values that are counted go into a bag on the stack, as in [`siblings`](super::siblings). That is right only where
//! nothing takes the values from the stack one by one: between a mark and the opcode that takes all above it. An opcode
//! without a mark takes three at most, so that the last three of a row are left to be built, unless the mark's opcode
//! follows.

mod read;
#[cfg(test)]
mod tests;

use self::read::{COUNTS, NO_COUNT, Read};
use super::entry::{Entry, Hold, Kind};
use super::node::{Edge, EdgeKind, NOWHERE};
use super::template::{self, Template};
use super::{LONGEST_TUPLE, Machine};
use crate::opcode as op;
use crate::reader::length;

/// The number of values between a mark and a row before any is only counted: a tuple of fewer tells them apart.
const APART: usize = LONGEST_TUPLE as usize + 4;
/// The number of values in a row that begin alike before the last is looked at.
const ROW: u32 = 4;
/// The most that an opcode without a mark takes from the stack.
const MOST_TAKEN: usize = 3;
/// After so many attempts that counted nothing, no more are made between these marks.
const MOST_VAIN: u32 = 32;
/// The number of parts of one value that may wait for the rest of it.
const MOST_OPEN: usize = 8;
/// The number of forms that may take turns.
const MOST_FORMS: usize = 4;
/// The most values that are waited for before one is looked at.
const MOST_PATIENCE: u32 = 1 << 10;
/// Counts are written to the tree after so many leaves.
const MOST_COUNTED: usize = 1 << 12;

/// The row that may be on top of the stack, as far as it is known.
#[derive(Debug)]
pub(super) struct Watch {
    /// The height of the stack from which on it is looked at.
    pub from: usize,
    /// The height at which the last value began, and those at which another may: behind it, and so far above it that
    /// those between began in other ways.
    last: usize,
    next: usize,
    far: usize,
    /// Where the last values began, the lowest first. The last may be parts of one that is not complete: then they go when
    /// it is.
    begins: Vec<Began>,
    /// The fence below it.
    fence: usize,
    /// How often in a row nothing could be counted.
    vain: u32,
    /// The number of values to wait for before one is looked at: more after each that had no template.
    patience: u32,
    /// The forms that take turns. Among keys there is only one.
    rows: Vec<Row>,
    /// Where a value begins that no form fitted.
    odd: usize,
    #[cfg(test)]
    counted: u64,
}

/// Where a value began.
#[derive(Clone, Copy, Debug)]
struct Began {
    height: usize,
    at: usize,
    /// The number of values below it, side by side.
    row: u32,
    /// The patience before the value below it was looked at, if it was.
    patience: Option<u32>,
}

/// A template, and the entry that its values are merged into.
#[derive(Debug)]
struct Row {
    template: Template,
    place: usize,
    at: u64,
    fence: usize,
    /// Where its counts begin among those of all rows, and how many values were counted, while it is read.
    first_count: u32,
    values: u64,
    /// The kind of the keys, where the values are those of a dict. The keys are a bag behind the values.
    key: Option<Kind>,
    keys: u64,
    key_bytes: u64,
}

/// Where a value that was seen began, so that it can be taken back.
#[derive(Clone, Copy, Debug)]
struct Begin {
    at: usize,
    frames: u64,
    key_bytes: u64,
    seen: usize,
    memo: (usize, u64),
    /// The row that the value is of.
    row: usize,
}

impl Watch {
    pub(super) fn new() -> Watch {
        Watch {
            from: usize::MAX,
            last: usize::MAX,
            next: usize::MAX,
            far: usize::MAX,
            begins: Vec::new(),
            fence: 0,
            vain: 0,
            patience: ROW,
            rows: Vec::new(),
            odd: usize::MAX,
            #[cfg(test)]
            counted: 0,
        }
    }

    /// A mark was set or taken away.
    #[inline]
    pub(super) fn reset(&mut self, fence: usize, is_marked: bool) {
        self.from = if is_marked { fence + APART } else { usize::MAX };
        // Entries above a mark come and go within one value; the row is over when its own mark is gone.
        if fence < self.fence {
            self.start_over(0);
        }
    }

    fn start_over(&mut self, fence: usize) {
        self.forget();
        (self.vain, self.fence) = (0, fence);
    }

    /// Forgets where values began.
    fn forget(&mut self) {
        self.begins.clear();
        (self.last, self.next, self.far) = (usize::MAX, usize::MAX, usize::MAX);
    }

    /// Whether it is worth a look, where the next opcode is `byte`.
    #[inline]
    pub(super) fn is_due(&self, height: usize, byte: u8) -> bool {
        height >= self.from
            && (height <= self.last || ((height == self.next || height >= self.far) && BEGINS[usize::from(byte)]))
    }

    /// A value begins at this height: what began there or above it was within one that is complete now. The one before it.
    fn begin(&mut self, height: usize, at: usize, stride: usize) -> Option<Began> {
        while let Some(last) = self.begins.pop_if(|last| last.height >= height) {
            // It was not the row's.
            self.patience = last.patience.unwrap_or(self.patience);
        }
        let below = self.begins.last().copied().filter(|below| below.height + stride == height);
        if below.is_none() {
            self.begins.clear();
        } else if self.begins.len() > MOST_OPEN {
            self.begins.remove(0);
        }
        let row = below.map_or(0, |below| below.row + 1);
        self.begins.push(Began { height, at, row, patience: None });
        (self.last, self.next, self.far) = (height, height + stride, height + MOST_OPEN);
        below
    }
}

impl Machine<'_> {
    /// Counts the values that follow, if they are of the forms of those on the stack. False if there is none.
    #[inline(never)]
    pub(super) fn repeat(&mut self, byte: u8) -> bool {
        if self.watch.vain >= MOST_VAIN {
            self.watch.from = usize::MAX;
            return false;
        }
        let is_closed = self.stack.last().is_some_and(|top| matches!(top.hold, Hold::Node | Hold::BagNode));
        if !is_closed || !BEGINS[usize::from(byte)] {
            // Deeper than where the last value began, another begins later.
            return false;
        }
        if self.watch.fence != self.fence {
            self.watch.start_over(self.fence);
        }
        let Some(stride) = self.stride() else { return false };
        let before = self.watch.begin(self.stack.len(), self.at, stride);
        // Values that no form fitted take turns with the others from now on.
        let is_odd = stride == 1
            && self.watch.rows.len() < MOST_FORMS
            && before.is_some_and(|before| before.at == self.watch.odd);
        if !is_odd && self.resume() {
            return true;
        }
        // Dicts in a row are merged as they come, which needs no template.
        let is_row_of_dicts = stride == 1 && self.stack.last().is_some_and(|top| top.kind == Kind::Dict);
        let Some(before) = before.filter(|_| !is_row_of_dicts) else { return is_odd && self.resume() };
        if is_odd {
            self.look(&before, stride == 2);
            return self.resume();
        }
        before.row + 1 >= self.watch.patience && self.look(&before, stride == 2) && self.resume()
    }

    /// Makes a form of the value on top of the stack, or of a key and that. False if it has none.
    fn look(&mut self, began: &Began, is_pair: bool) -> bool {
        let patience = self.watch.patience;
        self.watch.patience = (2 * patience).min(MOST_PATIENCE);
        if let Some(last) = self.watch.begins.last_mut() {
            last.patience = Some(patience);
        }
        if !self.memo.is_in_order() || self.arena.is_heavy((self.at - began.at) as u64) {
            return false;
        }
        let Some(row) = self.row(began.at, is_pair) else { return false };
        let rows = &mut self.watch.rows;
        // What was looked at before it was complete.
        rows.retain(|other| other.place != row.place);
        if is_pair || rows.first().is_some_and(|row| row.key.is_some()) {
            rows.clear();
        } else if rows.len() >= MOST_FORMS {
            rows.remove(0);
        } else {
            // The next value may be of a form that takes turns with this one.
            self.watch.patience = patience;
        }
        rows.push(row);
        true
    }

    /// How much higher than a value the next one begins: by two where these are keys and values, as far as can be told. A
    /// tuple may stand behind a dict. None where it cannot be told: an object takes both items and pairs.
    fn stride(&self) -> Option<usize> {
        let below = self.fence.checked_sub(1).and_then(|below| self.stack.get(below));
        match below.filter(|below| below.hold == Hold::Node) {
            Some(below) if below.kind == Kind::Dict => Some(2),
            Some(below) if below.kind == Kind::Object => None,
            _ => Some(1),
        }
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
        let (place, fence) = (self.stack.len() - 1, self.fence);
        Some(Row { template, place, at, fence, first_count: 0, values: 0, key, keys: 0, key_bytes: 0 })
    }

    /// The kind of a key, and where it ends together with what puts it into the memo. A string is a slot more there.
    #[inline]
    fn key_of(&self, at: usize) -> Option<(Kind, usize)> {
        let (kind, end) = template::small_leaf(self.data, at)?;
        match kind {
            Kind::Int => Some((kind, end)),
            Kind::Str => match self.data.get(end) {
                Some(&(op::MEMOIZE | op::BINPUT | op::LONG_BINPUT)) => Some((kind, end + length(self.data, end)?)),
                _ => Some((kind, end)),
            },
            _ => None,
        }
    }

    /// Goes on with the forms that there are.
    fn resume(&mut self) -> bool {
        let mut rows = std::mem::take(&mut self.watch.rows);
        rows.retain(|row| self.is_there(row));
        if rows.is_empty() {
            return false;
        }
        let start = self.at;
        self.run(&mut rows);
        self.watch.rows = rows;
        let is_any = self.at > start;
        if is_any {
            self.watch.forget();
            (self.watch.vain, self.watch.patience) = (0, ROW);
        } else {
            self.watch.vain += 1;
        }
        is_any
    }

    /// Whether a row can go on: what its values are merged into is still on the stack.
    fn is_there(&self, row: &Row) -> bool {
        let entry = self.stack.get(row.place);
        row.fence == self.fence
            && self.memo.is_in_order()
            && entry.is_some_and(|entry| {
                matches!(entry.hold, Hold::Node | Hold::BagNode)
                    && entry.at == row.at
                    && entry.id == row.template.places[0].node
            })
            && (row.key.is_none() || self.takes_more_keys(row))
            && row.template.is_alive(&self.arena)
    }

    /// Whether a key of the row has no name in its dict any more, and the keys counted so far are where they were left.
    fn takes_more_keys(&self, row: &Row) -> bool {
        let edge = if row.key == Some(Kind::Int) { EdgeKind::KeyInt } else { EdgeKind::Key };
        let bag = self.stack.get(row.place + 1);
        let is_left = row.keys == 0
            || bag
                .is_some_and(|bag| bag.hold == Hold::Bag && Some(bag.kind) == row.key && u64::from(bag.id) == row.keys);
        is_left && self.stride() == Some(2) && !self.arena.admits(self.stack[row.fence - 1].id, Edge::new(edge, 0), 0)
    }

    /// Counts values as long as they have one of the forms.
    fn run(&mut self, rows: &mut [Row]) {
        let mut counts = Vec::new();
        for row in &mut *rows {
            (row.first_count, row.values) = (counts.len() as u32, 0);
            counts.resize(counts.len() + row.template.sinks.len() * COUNTS, NO_COUNT);
        }
        let mut read = Read { seen: Vec::new(), frames: 0, key_bytes: 0 };
        let mut begin = Begin { at: self.at, frames: 0, key_bytes: 0, seen: 0, memo: self.memo.mark(), row: 0 };
        // Where the last values began that may have to be taken back, the oldest first.
        let mut begins = [begin; MOST_TAKEN];
        let mut waiting = 0;
        let mut left = u64::from(u32::MAX) - rows[0].keys - MOST_TAKEN as u64;
        while left > 0 {
            left -= 1;
            let Read { ref seen, frames, key_bytes } = read;
            begin = Begin { at: self.at, frames, key_bytes, seen: seen.len(), memo: self.memo.mark(), row: begin.row };
            let Some(end) = self.read_any(rows, &mut begin, &mut read) else {
                self.watch.odd = begin.at;
                break;
            };
            self.at = end;
            if waiting == MOST_TAKEN {
                rows[begins[0].row].values += 1;
                begins.rotate_left(1);
                waiting -= 1;
            }
            begins[waiting] = begin;
            waiting += 1;
            let done = begins[0].seen;
            if done >= MOST_COUNTED {
                self.count(&mut counts, &read.seen[..done]);
                read.seen.drain(..done);
                begins[..waiting].iter_mut().for_each(|begin| begin.seen -= done);
            }
        }
        if takes_all(self.data.get(self.at).copied()) {
            begins[..waiting].iter().for_each(|begin| rows[begin.row].values += 1);
        } else if waiting > 0 {
            self.take_back(&begins[0], &mut read);
            self.at = begins[0].at;
        }
        self.count(&mut counts, &read.seen);
        self.overhead.frames += read.frames;
        for row in rows.iter_mut().filter(|row| row.values > 0) {
            #[cfg(test)]
            (self.watch.counted += row.values);
            self.write(row, &counts);
            self.bag_up(row, read.key_bytes);
        }
    }

    /// Reads one value of any of the forms, that of the last first; where it ends.
    #[inline]
    fn read_any(&mut self, rows: &[Row], begin: &mut Begin, read: &mut Read) -> Option<usize> {
        for _ in rows {
            if let Some(end) = self.read(&rows[begin.row], read) {
                return Some(end);
            }
            self.take_back(begin, read);
            begin.row = if begin.row + 1 == rows.len() { 0 } else { begin.row + 1 };
        }
        None
    }

    /// Takes back what was read from a value on.
    fn take_back(&mut self, begin: &Begin, read: &mut Read) {
        read.seen.truncate(begin.seen);
        (read.frames, read.key_bytes) = (begin.frames, begin.key_bytes);
        self.memo.rewind(begin.memo);
    }

    /// Puts the values that were counted, and their keys if they have any, where they wait for the opcode of the mark.
    fn bag_up(&mut self, row: &mut Row, key_bytes: u64) {
        let values = row.values;
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
}

/// Whether this opcode takes all above the last mark.
fn takes_all(byte: Option<u8>) -> bool {
    matches!(byte, Some(op::APPENDS | op::SETITEMS | op::ADDITEMS | op::TUPLE | op::LIST | op::FROZENSET))
}

/// Whether a value can begin with an opcode.
const BEGINS: [bool; 256] = {
    let opcodes = [
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
        op::BINGET,
        op::LONG_BINGET,
        op::MARK,
        op::EMPTY_LIST,
        op::EMPTY_DICT,
        op::EMPTY_SET,
        op::EMPTY_TUPLE,
    ];
    let mut begins = [false; 256];
    let mut at = 0;
    while at < opcodes.len() {
        begins[opcodes[at] as usize] = true;
        at += 1;
    }
    begins
};
