//! The memo of a pickle, as far as calls can be told by it.

use super::Value;
use std::collections::HashMap;

/// The most values that are kept of those that do not follow one another.
const MOST_FAR: usize = 1 << 16;

/// Values by number. Those that follow one another are kept in 8 bytes each, up to a tenth of the file and some megabytes;
/// of the others the first, and then only names and what they made.
#[derive(Debug)]
pub(super) struct Memo {
    near: Vec<u64>,
    most_near: usize,
    far: HashMap<u64, Value>,
    /// The number of values, which is the index that MEMOIZE gives.
    count: u64,
    /// Whether each new number was the next.
    is_consecutive: bool,
    /// Whether a value was not kept.
    has_dropped: bool,
    /// Whether the count can be wrong.
    is_lost: bool,
}

const DATA: u64 = 1;
const UNKNOWN: u64 = 2;
const PERSISTENT: u64 = 3;
const TEXT: u64 = 4;
const NAME: u64 = 5;
const MADE: u64 = 6;
const TUPLE: u64 = 7;

impl Memo {
    /// For a file of that size.
    pub(super) fn new(size: usize) -> Self {
        Memo {
            near: Vec::new(),
            most_near: size / 80 + (1 << 20),
            far: HashMap::new(),
            count: 0,
            is_consecutive: true,
            has_dropped: false,
            is_lost: false,
        }
    }

    /// The value of a number; none where nothing was put there.
    pub(super) fn get(&self, index: u64) -> Option<Value> {
        if self.is_lost {
            return Some(Value::Unknown);
        }
        if let Some(&kept) = usize::try_from(index).ok().and_then(|index| self.near.get(index)) {
            return Some(unpack(kept));
        }
        self.far.get(&index).copied().or(self.has_dropped.then_some(Value::Unknown))
    }

    /// PUT and its kin.
    pub(super) fn put(&mut self, index: u64, value: Value) {
        if index < self.near.len() as u64 {
            self.near[index as usize] = pack(value);
            return;
        }
        let is_next = self.is_consecutive && index == self.count;
        if index == self.near.len() as u64 && self.near.len() < self.most_near {
            self.near.push(pack(value));
            let is_new = self.far.remove(&index).is_none();
            self.is_lost |= self.has_dropped && !is_next;
            self.count += u64::from(is_new);
            self.is_consecutive &= is_next;
            return;
        }
        let is_name = matches!(value, Value::Name(_) | Value::Made(_));
        let most = if is_name { 2 * MOST_FAR } else { MOST_FAR };
        let has_room = self.far.len() < most;
        let is_new = match self.far.get_mut(&index) {
            Some(kept) => {
                *kept = value;
                false
            }
            None if has_room => {
                self.far.insert(index, value);
                // It may have been dropped before, and then it is counted already.
                self.is_lost |= self.has_dropped && !is_next && !self.is_consecutive;
                !self.is_consecutive || index >= self.count
            }
            None => {
                self.has_dropped = true;
                self.is_lost |= !self.is_consecutive || index > self.count;
                index >= self.count
            }
        };
        self.is_consecutive &= is_next || !is_new;
        self.count += u64::from(is_new);
    }

    /// MEMOIZE.
    pub(super) fn push(&mut self, value: Value) {
        self.put(self.count, value);
    }
}

fn pack(value: Value) -> u64 {
    match value {
        Value::Data(_) => DATA,
        Value::Unknown => UNKNOWN,
        Value::Persistent => PERSISTENT,
        Value::Text(at) => at << 3 | TEXT,
        Value::Name(name) => u64::from(name) << 3 | NAME,
        Value::Made(name) => u64::from(name) << 3 | MADE,
        Value::TupleOf(name) => u64::from(name) << 3 | TUPLE,
    }
}

fn unpack(kept: u64) -> Value {
    let number = kept >> 3;
    match kept & 7 {
        DATA => Value::Data(1),
        UNKNOWN => Value::Unknown,
        PERSISTENT => Value::Persistent,
        TEXT => Value::Text(number),
        NAME => Value::Name(number as u32),
        MADE => Value::Made(number as u32),
        _ => Value::TupleOf(number as u32),
    }
}
