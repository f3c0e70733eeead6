//! The text of one value, read again: which values it makes of which opcodes.

use super::super::entry::{Kind, NONE};
use super::super::memo::Slot;
use super::super::reduction::{self, Shown};
use super::super::{LARGE, LONGEST_TUPLE, Machine};
use crate::opcode::{self as op, Argument};
use crate::reader::{counted_length, length, memo_index};

/// Values of more opcodes have no template, leaves of lists apart.
const MOST_TOKENS: usize = 256;

#[derive(Debug)]
pub(super) enum Form {
    /// A leaf, or a reference to one or to an object. Whether only the same bytes will do, or only the same kind.
    Leaf { kind: Kind, is_same: bool, is_fixed: bool },
    /// A class or function by name.
    Global(u32),
    /// An empty tuple, which is a leaf.
    Empty,
    /// A list or a set of leaves only: their kinds and bytes, and the bytes of the opcodes that hang them there.
    Leaves { kind: Kind, closing: u8, items: Vec<(Kind, u64)>, opcodes: u64 },
    /// A container of the values given, keys and values in turn in a dict.
    Parts { kind: Kind, parts: Vec<usize> },
    /// An object: the arguments of its call, and the state it was given.
    Object { arguments: Vec<usize>, state: Option<usize>, is_named: bool },
    /// The arguments of an object, which it took over.
    Taken(usize),
}

/// A value of the text. Its bytes are its own, without those of its parts.
#[derive(Debug)]
pub(super) struct Value {
    pub form: Form,
    pub bytes: u64,
    /// The place of the node that it became, once that is known.
    pub place: u32,
    pub sink: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Token {
    Same,
    Leaf(usize),
    Items(usize),
    Put(usize),
}

/// The text of one value, read.
pub(super) struct Reader<'m, 'a> {
    machine: &'m Machine<'a>,
    at: usize,
    end: usize,
    pub values: Vec<Value>,
    stack: Vec<usize>,
    marks: Vec<usize>,
    pub tokens: Vec<(Token, usize, usize)>,
}

/// The kind and the end of a leaf that begins at `at`, if there is one that is small. What gives it a place in the memo
/// is not part of it.
#[inline]
pub(in super::super) fn small_leaf(data: &[u8], at: usize) -> Option<(Kind, usize)> {
    let rest = data.get(at..)?;
    let (kind, size) = match *rest.first()? {
        op::BININT1 => (Kind::Int, 2),
        op::BININT2 => (Kind::Int, 3),
        op::BININT => (Kind::Int, 5),
        op::BINFLOAT => (Kind::Float, 9),
        op::SHORT_BINUNICODE => (Kind::Str, counted_length(Argument::Counted1, rest)?),
        op::NONE => (Kind::Null, 1),
        op::NEWTRUE | op::NEWFALSE => (Kind::Bool, 1),
        op::SHORT_BINBYTES => (Kind::Bytes, counted_length(Argument::Counted1, rest)?),
        op::LONG1 => (Kind::Int, counted_length(Argument::Counted1, rest)?),
        op::BINUNICODE => (Kind::Str, counted_length(Argument::Counted4, rest)?),
        op::BINBYTES => (Kind::Bytes, counted_length(Argument::Counted4, rest)?),
        _ => return None,
    };
    (size + 5 < LARGE && size <= rest.len()).then_some((kind, at + size))
}

/// The memo index that is fetched at `at`, and the end of the opcode.
#[inline]
pub(in super::super) fn fetched(data: &[u8], at: usize) -> Option<(u64, usize)> {
    match *data.get(at)? {
        op::BINGET => Some((memo_index(data, at)?, at + 2)),
        op::LONG_BINGET => Some((memo_index(data, at)?, at + 5)),
        _ => None,
    }
}

/// The end of an opcode at `at` that gives the index `next` to the top of the stack.
#[inline]
pub(in super::super) fn put_end(data: &[u8], at: usize, next: u64) -> Option<usize> {
    match *data.get(at)? {
        op::MEMOIZE => Some(at + 1),
        op::BINPUT if memo_index(data, at)? == next => Some(at + 2),
        op::LONG_BINPUT if memo_index(data, at)? == next => Some(at + 5),
        _ => None,
    }
}

impl<'m, 'a> Reader<'m, 'a> {
    /// A reader of the text between two places.
    pub(super) fn new(machine: &'m Machine<'a>, from: usize, to: usize) -> Self {
        let (values, stack, marks, tokens) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Reader { machine, at: from, end: to, values, stack, marks, tokens }
    }

    fn push(&mut self, form: Form, bytes: usize) -> usize {
        self.values.push(Value { form, bytes: bytes as u64, place: NONE, sink: NONE });
        self.stack.push(self.values.len() - 1);
        self.values.len() - 1
    }

    fn token(&mut self, token: Token, end: usize) {
        self.tokens.push((token, self.at, end));
        self.at = end;
    }

    /// Reads all of the text, which must be one value.
    pub(super) fn read(&mut self) -> Option<usize> {
        while self.at < self.end {
            if self.tokens.len() > MOST_TOKENS {
                return None;
            }
            self.step()?;
        }
        let &[root] = self.stack.as_slice() else { return None };
        (self.at == self.end && self.marks.is_empty()).then_some(root)
    }

    fn step(&mut self) -> Option<()> {
        let data = self.machine.data;
        if let Some((kind, end)) = small_leaf(data, self.at) {
            let value = self.push(Form::Leaf { kind, is_same: false, is_fixed: false }, end - self.at);
            self.token(Token::Leaf(value), end);
            return Some(());
        }
        if let Some((index, end)) = fetched(data, self.at) {
            let form = match self.machine.memo.get(index)? {
                Slot::Global(label) => Form::Global(label),
                _ => Form::Leaf { kind: Kind::Reference, is_same: false, is_fixed: false },
            };
            let is_leaf = matches!(form, Form::Leaf { .. });
            let value = self.push(form, end - self.at);
            self.token(if is_leaf { Token::Leaf(value) } else { Token::Same }, end);
            return Some(());
        }
        let byte = data[self.at];
        match byte {
            op::MARK => self.marks.push(self.stack.len()),
            op::MEMOIZE | op::BINPUT | op::LONG_BINPUT => {
                let end = length(data, self.at)? + self.at;
                let top = *self.stack.last()?;
                self.values[top].bytes += (end - self.at) as u64;
                // The memo opcode of a leaf is read together with it.
                match self.values[top].form {
                    Form::Leaf { kind: Kind::Str | Kind::Bytes, .. } => {
                        let (Token::Leaf(leaf), _, leaf_end) = self.tokens.last_mut()? else { return None };
                        if *leaf != top {
                            return None;
                        }
                        *leaf_end = end;
                        self.at = end;
                    }
                    Form::Leaf { .. } | Form::Global(_) | Form::Empty => return None,
                    _ => self.token(Token::Put(top), end),
                }
                return Some(());
            }
            op::EMPTY_TUPLE => drop(self.push(Form::Empty, 1)),
            op::EMPTY_DICT => drop(self.push(Form::Parts { kind: Kind::Dict, parts: Vec::new() }, 1)),
            op::EMPTY_LIST => return self.list(Kind::List, op::APPENDS),
            op::EMPTY_SET => return self.list(Kind::Set, op::ADDITEMS),
            op::TUPLE1 => self.tuple(self.stack.len().checked_sub(1)?, 1)?,
            op::TUPLE2 => self.tuple(self.stack.len().checked_sub(2)?, 1)?,
            op::TUPLE3 => self.tuple(self.stack.len().checked_sub(3)?, 1)?,
            op::TUPLE => {
                let base = self.marks.pop()?;
                self.tuple(base, 2)?;
            }
            op::SETITEMS => {
                let base = self.marks.pop()?;
                self.set_items(base, 2)?;
            }
            op::SETITEM => self.set_items(self.stack.len().checked_sub(2)?, 1)?,
            op::REDUCE | op::NEWOBJ => self.call()?,
            op::BUILD => self.build()?,
            _ => return None,
        }
        self.token(Token::Same, self.at + 1);
        Some(())
    }

    /// A list or a set with all that is hung on it at once, if these are leaves.
    fn list(&mut self, kind: Kind, closing: u8) -> Option<()> {
        let data = self.machine.data;
        let value = self.push(Form::Leaves { kind, closing, items: Vec::new(), opcodes: 0 }, 1);
        self.token(Token::Same, self.at + 1);
        let is_put = matches!(data.get(self.at), Some(&(op::MEMOIZE | op::BINPUT | op::LONG_BINPUT)));
        if is_put {
            self.step()?;
        } else {
            // Without an identity it is a leaf while it is empty, and a node else.
            return None;
        }
        let mut items = Vec::new();
        let end = leaves(data, self.at, closing, |kind, _, end, at| items.push((kind, (end - at) as u64)));
        let opcodes = match end {
            Some(_) if data[self.at] == op::MARK => 2,
            Some(_) => 1,
            // It is empty, or more than leaves are in it, which has no template.
            None => {
                items.clear();
                0
            }
        };
        self.values[value].form = Form::Leaves { kind, closing, items, opcodes };
        self.token(Token::Items(value), end.unwrap_or(self.at));
        Some(())
    }

    fn take(&mut self, base: usize) -> Option<Vec<usize>> {
        (base <= self.stack.len() && self.marks.last().is_none_or(|mark| *mark <= base))
            .then(|| self.stack.split_off(base))
    }

    fn tuple(&mut self, base: usize, bytes: usize) -> Option<()> {
        let parts = self.take(base)?;
        if parts.is_empty() || parts.len() as u64 > LONGEST_TUPLE {
            return None;
        }
        self.push(Form::Parts { kind: Kind::Tuple, parts }, bytes);
        Some(())
    }

    fn set_items(&mut self, base: usize, bytes: u64) -> Option<()> {
        let pairs = self.take(base)?;
        for &key in pairs.iter().step_by(2) {
            // A key makes a name: it is the same in all.
            let Form::Leaf { is_same, .. } = &mut self.values[key].form else { return None };
            *is_same = true;
        }
        let dict = *self.stack.last()?;
        self.values[dict].bytes += bytes;
        match &mut self.values[dict].form {
            Form::Parts { kind: Kind::Dict, parts } if parts.is_empty() && pairs.len().is_multiple_of(2) => {
                *parts = pairs
            }
            _ => return None,
        }
        Some(())
    }

    fn call(&mut self) -> Option<()> {
        let (arguments, callable) = (self.stack.pop()?, self.stack.pop()?);
        let Form::Global(label) = self.values[callable].form else { return None };
        let name = self.machine.labels.bytes(label);
        if name.starts_with(b"joblib.") || name == b"types CodeType" {
            return None;
        }
        let known = reduction::find(name);
        let parts = match &self.values[arguments].form {
            Form::Empty => Vec::new(),
            Form::Parts { kind: Kind::Tuple, parts } => parts.clone(),
            _ => return None,
        };
        let is_plain = known.is_none_or(|row| matches!(row.shown, Shown::Callable) || row.is_of_values());
        if known.is_some() {
            let with_data = known.is_some_and(|row| matches!(row.shown, Shown::Array | Shown::As(_)));
            self.keep(&parts, !is_plain, with_data);
        }
        let bytes = self.values[callable].bytes + self.values[arguments].bytes + 1;
        let made = self.push(Form::Object { arguments: parts, state: None, is_named: !is_plain }, bytes as usize);
        self.values[arguments].form = Form::Taken(made);
        Some(())
    }

    /// Arguments by which an object may be named must be the same.
    fn keep(&mut self, parts: &[usize], with_texts: bool, with_data: bool) {
        for &part in parts {
            if let Form::Leaf { kind, is_same, is_fixed } = &mut self.values[part].form {
                // The data of an array, which may be a reference: empty bytes are one object.
                *is_fixed = *kind != Kind::Bytes || !with_data;
                let is_text = *kind == Kind::Str || (*kind == Kind::Bytes && !with_data);
                *is_same |= *kind == Kind::Reference || (with_texts && is_text);
            }
        }
    }

    fn build(&mut self) -> Option<()> {
        let (given, object) = (self.stack.pop()?, *self.stack.last()?);
        let Form::Object { is_named, state: None, .. } = self.values[object].form else { return None };
        let Form::Parts { kind, parts } = &self.values[given].form else { return None };
        if *kind == Kind::Tuple && is_named {
            let parts = parts.clone();
            self.keep(&parts, true, true);
        } else if *kind == Kind::Tuple
            && let &[first, _] = &parts[..]
            && let Form::Leaf { is_fixed, .. } = &mut self.values[first].form
        {
            // None before a dict is the state of an object with slots.
            *is_fixed = true;
        }
        if let Form::Object { state, .. } = &mut self.values[object].form {
            *state = Some(given);
        }
        self.values[object].bytes += 1;
        Some(())
    }
}

/// The end of the leaves that are hung on a list from `at` on, with the opcode that does; none if there are others, or
/// no such opcode. Each is given with its own end and that of what puts it into the memo.
#[inline]
pub(in super::super) fn leaves(
    data: &[u8],
    at: usize,
    closing: u8,
    mut take: impl FnMut(Kind, usize, usize, usize),
) -> Option<usize> {
    let is_many = data.get(at) == Some(&op::MARK);
    let mut at = at + usize::from(is_many);
    loop {
        let (kind, end) = match small_leaf(data, at) {
            Some(leaf) => leaf,
            None => match fetched(data, at) {
                Some((_, end)) => (Kind::Reference, end),
                None => return (is_many && data.get(at) == Some(&closing)).then_some(at + 1),
            },
        };
        let whole = match data.get(end) {
            Some(&(op::MEMOIZE | op::BINPUT | op::LONG_BINPUT)) => end + length(data, end)?,
            _ => end,
        };
        take(kind, end, whole, at);
        at = whole;
        if !is_many {
            return (closing == op::APPENDS && data.get(at) == Some(&op::APPEND)).then_some(at + 1);
        }
    }
}
