//! Values with parts that are written more than once: each has a hash of what it holds, however long it is and wherever its
//! strings were written.
//!
//! A pass over the opcodes that does with the stack what the unpickler does, with hashes for values. A string that comes from the
//! memo has the hash that it had where it was written, so that a copy that shares its keys with the first is found too. Frame
//! headers and places in the memo are not a part of any value.

use super::duplicates::{HERE, LEAST, Value};
use super::machine::{Whole, attribute_step, key_step};
use super::opcode as op;
use super::reader::{Instruction, Met, Reader, text_at};
use crate::model::{Attribution, Part, PartKind};
use std::collections::HashMap;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64;

/// Larger files are not read a second time.
const MOST_BYTES: usize = 256 << 20;
/// The number of values that are kept.
const MOST_SPANS: usize = 1 << 18;
/// A value under a longer key is found by where it begins only.
const LONGEST_KEY: usize = 4096;
/// Files whose values are shorter than this on average, and are many, are not read a second time.
const LEAST_AVERAGE: u64 = 512;

/// An entry of the stack.
#[derive(Clone, Copy)]
struct Entry {
    hash: u64,
    start: u32,
    end: u32,
    /// The last of the long values in it.
    last: u32,
    /// If it is a key from the memo, where that was written.
    origin: u32,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Leaf,
    /// A value with parts that may change after it was put into the memo.
    Open,
    /// A tuple or frozenset.
    Closed,
    Reference,
}

/// How a value hangs on what holds it.
#[derive(Clone, Copy)]
enum Place {
    Item,
    /// The value under the key that is written there.
    Key(u32),
    State,
    Other,
}

/// A long value with parts.
struct Span {
    hash: u64,
    start: u32,
    end: u32,
    place: Place,
    /// The one before in the same value, and the value that it is in once that is known.
    before: u32,
    above: u32,
}

const NONE: u32 = u32::MAX;

struct Pass<'a> {
    data: &'a [u8],
    stack: Vec<Entry>,
    marks: Vec<(usize, usize)>,
    /// Hashes, and where leaves were written.
    memo: Vec<(u64, u32)>,
    most_memo: usize,
    spans: Vec<Span>,
    /// The long values of the file itself.
    top: Vec<u32>,
    pickle: u64,
    /// Whether the memo goes on from pickle to pickle.
    shares_memo: bool,
}

/// The long values with parts, where it is worth looking for equal ones; each with the part that it went to.
/// `has_others` says that they are compared with those of other files too.
pub(super) fn values(data: &[u8], whole: &Whole, has_others: bool) -> Vec<Value> {
    let Whole { attribution, between, read, shares_memo, .. } = whole;
    let is_read = attribution.fault.is_none() && attribution.bytes == data.len() as u64;
    if data.len() > MOST_BYTES || !is_read || !(has_others || is_worth(&attribution.parts)) {
        return Vec::new();
    }
    let mut pass = Pass {
        data,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Vec::new(),
        most_memo: data.len() / 12 / 16 + (1 << 19),
        spans: Vec::new(),
        top: Vec::new(),
        pickle: 0,
        shares_memo: *shares_memo,
    };
    match pass.run(between, data.len().min(*read)) {
        Some(()) => pass.located(attribution),
        None => Vec::new(),
    }
}

/// Whether there are two values with parts beside each other that can be long and equal.
fn is_worth(parts: &[Part]) -> bool {
    let has_parts: Vec<bool> = {
        let mut has_parts = vec![false; parts.len()];
        parts.iter().filter_map(|part| part.parent).for_each(|parent| has_parts[parent] = true);
        has_parts
    };
    let mut beside: HashMap<usize, u64> = HashMap::new();
    for (part, _) in parts.iter().zip(has_parts).filter(|(_, has_parts)| *has_parts) {
        if part.count > 1 && part.bytes / part.count >= LEAST_AVERAGE {
            return true;
        }
        if let Some(parent) = part.parent
            && part.count == 1
            && part.bytes >= LEAST as u64
        {
            // Of values in one another, one is long for each of the others; of those beside each other, each.
            *beside.entry(parent).or_default() += 1;
        }
    }
    beside.values().any(|&count| count > 1) || beside.len() > 8
}

impl Pass<'_> {
    fn run(&mut self, between: &[Range<usize>], read: usize) -> Option<()> {
        let mut reader = Reader::over(self.data, between);
        while reader.position() < read {
            match reader.meet()? {
                Met::Instruction(instruction) => self.step(instruction)?,
                Met::Between(bytes) => {
                    let top = self.stack.last_mut()?;
                    top.hash = mix(top.hash, xxh3_64(&self.data[bytes.clone()]));
                    top.end = bytes.end as u32;
                }
            }
        }
        Some(())
    }

    /// One opcode. None where it does what is not followed here.
    #[inline]
    fn step(&mut self, instruction: Instruction<'_>) -> Option<()> {
        let (at, end) = (instruction.start, instruction.end());
        match instruction.byte() {
            op::PROTO if !self.stack.is_empty() => return None,
            op::PROTO | op::FRAME | op::READONLY_BUFFER => {}
            op::MARK => self.marks.push((self.stack.len(), at)),
            op::EMPTY_LIST | op::EMPTY_DICT | op::EMPTY_SET | op::EMPTY_TUPLE => {
                let form = if instruction.byte() == op::EMPTY_TUPLE { Form::Closed } else { Form::Open };
                self.push(at, end, u64::from(instruction.byte()), form);
            }
            op::MEMOIZE => self.put(self.memo.len())?,
            op::BINPUT | op::LONG_BINPUT | op::PUT => self.put(index(instruction)?)?,
            op::BINGET | op::LONG_BINGET | op::GET => {
                let index = index(instruction)?;
                // Where each pickle seems to have a memo of its own, one that goes on may still be meant.
                let known = self.memo.get(index).copied().filter(|_| self.pickle == 0 || self.shares_memo);
                let (hash, origin) = known.unwrap_or((mix(self.pickle, !(index as u64)), NONE));
                self.push(at, end, hash, Form::Reference);
                self.stack.last_mut()?.origin = origin;
            }
            op::APPEND => self.add_items(self.stack.len().checked_sub(1)?, end)?,
            op::APPENDS | op::ADDITEMS => {
                let base = self.marks.pop()?.0;
                self.add_items(base, end)?;
            }
            op::SETITEM => self.add_pairs(self.stack.len().checked_sub(2)?, end)?,
            op::SETITEMS => {
                let base = self.marks.pop()?.0;
                self.add_pairs(base, end)?;
            }
            op::TUPLE1 => self.make(self.stack.len().checked_sub(1)?, None, end, Form::Closed)?,
            op::TUPLE2 => self.make(self.stack.len().checked_sub(2)?, None, end, Form::Closed)?,
            op::TUPLE3 => self.make(self.stack.len().checked_sub(3)?, None, end, Form::Closed)?,
            op::TUPLE | op::FROZENSET => {
                let (base, mark) = self.marks.pop()?;
                self.make(base, Some(mark), end, Form::Closed)?;
            }
            op::LIST | op::INST | op::OBJ => {
                let (base, mark) = self.marks.pop()?;
                self.make(base, Some(mark), end, Form::Open)?;
            }
            op::DICT => {
                let (base, mark) = self.marks.pop().filter(|(base, _)| *base <= self.stack.len())?;
                let start = mark as u32;
                let entry =
                    Entry { hash: u64::from(op::DICT), start, end: start, last: NONE, origin: NONE, form: Form::Open };
                self.stack.insert(base, entry);
                self.add_pairs(base + 1, end)?;
            }
            op::REDUCE | op::NEWOBJ => self.apply(2, end, Form::Open)?,
            op::NEWOBJ_EX => self.apply(3, end, Form::Open)?,
            op::STACK_GLOBAL => self.apply(2, end, Form::Leaf)?,
            op::BINPERSID => self.apply(1, end, Form::Leaf)?,
            op::BUILD => {
                let target = self.stack.len().checked_sub(2)?;
                self.hang(target, target + 1, |_| Place::State, end)?;
                self.stack.truncate(target + 1);
            }
            op::NEXT_BUFFER => self.push(at, end, mix(self.pickle, at as u64), Form::Leaf),
            op::STOP => {
                let value = self.stack.pop().filter(|_| self.stack.is_empty() && self.marks.is_empty())?;
                let last = self.keep(&value, Place::Other);
                self.top.extend((last != NONE).then_some(last));
                if !self.shares_memo {
                    self.memo.clear();
                }
                self.pickle += 1;
            }
            // A popped value may have been changed where it is held elsewhere.
            op::POP | op::POP_MARK | op::DUP => return None,
            _ => self.push(at, end, xxh3_64(instruction.code), Form::Leaf),
        }
        Some(())
    }

    fn push(&mut self, at: usize, end: usize, hash: u64, form: Form) {
        self.stack.push(Entry { hash, start: at as u32, end: end as u32, last: NONE, origin: NONE, form });
    }

    fn put(&mut self, index: usize) -> Option<()> {
        let top = self.stack.last()?;
        let slot = match top.form {
            Form::Leaf => (top.hash, top.start),
            Form::Closed => (top.hash, NONE),
            Form::Reference => (top.hash, top.origin),
            Form::Open => (mix(mix(self.pickle, 1), u64::from(top.start)), NONE),
        };
        if index < self.memo.len() {
            self.memo[index] = slot;
        } else if index < self.most_memo {
            // Python 2 begins with 1.
            if index > self.memo.len() + 16 {
                return None;
            }
            self.memo.resize(index, (0, NONE));
            self.memo.push(slot);
        }
        Some(())
    }

    /// A value with parts goes where its place says. The one that was kept last in the same value follows.
    fn keep(&mut self, value: &Entry, place: Place) -> u32 {
        let has_parts = matches!(value.form, Form::Open | Form::Closed);
        if !has_parts || ((value.end - value.start) as usize) < LEAST || self.spans.len() >= MOST_SPANS {
            // Values in a value that is not kept have no place.
            return NONE;
        }
        let at = self.spans.len() as u32;
        let mut below = value.last;
        while let Some(span) = self.spans.get_mut(below as usize) {
            span.above = at;
            below = span.before;
        }
        let Entry { hash, start, end, .. } = *value;
        self.spans.push(Span { hash, start, end, place, before: NONE, above: NONE });
        at
    }

    /// Adds what lies from `base` on to the hash of the entry at `target`, each at the place that its number says.
    #[inline]
    fn hang(&mut self, target: usize, base: usize, place: impl Fn(&[Entry]) -> Place, end: usize) -> Option<()> {
        if self.stack.get(target)?.form == Form::Reference || base > self.stack.len() {
            return None;
        }
        for at in base..self.stack.len() {
            let item = self.stack[at];
            let hash = mix(self.stack[target].hash, item.hash);
            self.stack[target].hash = hash;
            if (item.end - item.start) as usize >= LEAST {
                let place = place(&self.stack[base..=at]);
                let kept = self.keep(&item, place);
                if let Some(span) = self.spans.get_mut(kept as usize) {
                    span.before = self.stack[target].last;
                    self.stack[target].last = kept;
                }
            }
        }
        self.stack[target].end = end as u32;
        Some(())
    }

    fn add_items(&mut self, base: usize, end: usize) -> Option<()> {
        self.hang(base.checked_sub(1)?, base, |_| Place::Item, end)?;
        self.stack.truncate(base);
        Some(())
    }

    fn add_pairs(&mut self, base: usize, end: usize) -> Option<()> {
        let place = |pairs: &[Entry]| match pairs {
            [.., key, _] if pairs.len().is_multiple_of(2) => match key.form {
                Form::Leaf => Place::Key(key.start),
                Form::Reference if key.origin != NONE => Place::Key(key.origin),
                _ => Place::Other,
            },
            _ => Place::Other,
        };
        self.hang(base.checked_sub(1)?, base, place, end)?;
        self.stack.truncate(base);
        Some(())
    }

    /// Makes one value of those from `base` on.
    fn make(&mut self, base: usize, mark: Option<usize>, end: usize, form: Form) -> Option<()> {
        let start = mark.or_else(|| Some(self.stack.get(base)?.start as usize))? as u32;
        let count = self.stack.len().checked_sub(base)? as u64;
        let hash = mix(u64::from(self.data[end - 1]), count);
        self.stack.insert(base, Entry { hash, start, end: start, last: NONE, origin: NONE, form });
        self.hang(base, base + 1, |_| Place::Item, end)?;
        self.stack.truncate(base + 1);
        Some(())
    }

    /// Makes one value of the last few, which are not items of it.
    fn apply(&mut self, count: usize, end: usize, form: Form) -> Option<()> {
        let base = self.stack.len().checked_sub(count)?;
        let start = self.stack[base].start;
        let hash = u64::from(self.data[end - 1]);
        self.stack.insert(base, Entry { hash, start, end: start, last: NONE, origin: NONE, form });
        self.hang(base, base + 1, |_| Place::Other, end)?;
        self.stack.truncate(base + 1);
        Some(())
    }

    /// The values whose part is beyond doubt: those that begin where a part does, and those that hang by a step on such.
    fn located(&self, whole: &Attribution) -> Vec<Value> {
        let parts = &whole.parts;
        let mut begin: HashMap<u64, usize> = HashMap::new();
        let mut below: HashMap<(usize, &str), Vec<usize>> = HashMap::new();
        for (at, part) in parts.iter().enumerate().skip(1) {
            if let Some(offset) = part.offset.filter(|_| part.count == 1) {
                // Of several, the longest: the others are the first of what it consists of.
                begin.entry(offset).or_insert(at);
            }
            below.entry((part.parent.unwrap_or(0), part.step.as_str())).or_default().push(at);
        }
        // The part, and whether the value is the state of that.
        let mut found: Vec<Option<(usize, bool)>> = vec![None; self.spans.len()];
        let mut values = Vec::new();
        for at in (0..self.spans.len()).rev() {
            let span = &self.spans[at];
            let above = found.get(span.above as usize).copied().flatten();
            let by_place = || {
                let (above, is_state) = above?;
                let step = match span.place {
                    Place::State => return Some((above, true)),
                    Place::Key(key) => self.step_of(key, is_state)?,
                    Place::Item if !is_state => "[*]".to_owned(),
                    _ => return None,
                };
                let any = if is_state { ".*" } else { "[*]" };
                let named = [step.as_str(), any].into_iter().find_map(|step| below.get(&(above, step)))?;
                Some((self.fitting(named, parts, span)?, false))
            };
            // A value that begins with a mark may be said to begin behind it.
            let exact = [0, 1].into_iter().find_map(|after| begin.get(&(u64::from(span.start) + after)));
            let exact = exact.filter(|&&part| self.fits(&parts[part], span));
            found[at] = exact.map(|&part| (part, false)).or_else(by_place);
            if let Some((part, false)) = found[at] {
                let bytes = span.start as usize..span.end as usize;
                values.push(Value { bytes, buffer: HERE, part, hash: Some(span.hash) });
            }
        }
        values.reverse();
        values
    }

    /// The step to what is under the key at a place, or in a state under that name.
    fn step_of(&self, key_at: u32, is_state: bool) -> Option<String> {
        // A key of megabytes can be that of many values.
        let text = text_at(self.data, u64::from(key_at)).filter(|text| text.len() <= LONGEST_KEY)?;
        Some(if is_state { attribute_step(text) } else { key_step(text) })
    }

    /// Whether a part is as long as the value that begins where it does.
    fn fits(&self, part: &Part, span: &Span) -> bool {
        let bytes = u64::from(span.end - span.start);
        part.bytes <= bytes + 16 && part.bytes + 64 + 9 * (2 + (bytes >> 15)) >= bytes
    }

    /// The part of the value's kind, of several parts of one path.
    fn fitting(&self, named: &[usize], parts: &[Part], span: &Span) -> Option<usize> {
        let kind = match self.data[span.start as usize] {
            op::EMPTY_LIST => Some(PartKind::List),
            op::EMPTY_DICT => Some(PartKind::Dict),
            op::EMPTY_SET => Some(PartKind::Set),
            _ => None,
        };
        let has_parts = |at: usize| parts.get(at + 1).is_some_and(|next| next.parent == Some(at));
        let is_of_kind = |at: usize| kind.is_none_or(|kind| parts[at].kind == kind);
        let mut fitting = named.iter().copied().filter(|&at| has_parts(at) && is_of_kind(at));
        fitting.next().filter(|_| fitting.next().is_none())
    }
}

/// The memo index that an opcode names.
#[inline]
fn index(instruction: Instruction<'_>) -> Option<usize> {
    instruction.memo_index()?.try_into().ok()
}

/// Adds to a hash. The order counts.
#[inline]
fn mix(hash: u64, next: u64) -> u64 {
    let product = u128::from(hash.rotate_left(29) ^ next ^ 0x8ebc_6af0_9c88_c6e3) * 0x9e37_79b9_7f4a_7c15;
    (product >> 64) as u64 ^ product as u64
}
