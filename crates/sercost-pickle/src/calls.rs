//! The imports and calls of loading a pickle: every name of GLOBAL, STACK_GLOBAL and INST, and what REDUCE, OBJ, NEWOBJ
//! and BUILD do with it.
//!
//! A pass of its own over the opcodes, with a stack that knows of each value only what a call can be told by. It goes on where
//! an unpickler would give up, since what stands before a fault is run before the fault. Where a file can be read in two
//! ways (as one stream of a `Pickler`, or as pickles by themselves; by joblib, or by `pickle.load`), both are followed: what is
//! called in either is called. What cannot be told is said to be unknown, and never taken for harmless.

mod memo;
mod names;
mod text;

use self::memo::Memo;
use self::names::Names;
use super::harmless;
use super::opcode as op;
use super::reader::{Instruction, Reader};
use crate::model::Calls;
use std::ops::Range;

/// A value on the stack, as far as calls can be told by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// A number of values in a row that cannot be called: numbers, lists, strings that are not names.
    Data(u32),
    /// A string, whose opcode is at this place.
    Text(u64),
    /// An imported name.
    Name(u32),
    /// The result of a call of the name.
    Made(u32),
    /// A tuple whose first value is this name: the class that a function gets which makes objects.
    TupleOf(u32),
    /// The result of `persistent_load` for an id.
    Persistent,
    /// A value that cannot be told.
    Unknown,
}

/// The most values that are on the stack without being merged: more than what Python's recursion limit lets through.
const MOST_VALUES: usize = 1 << 22;
/// Above a mark, so many values are told apart beside the last two.
const WIDEST: usize = 1 << 14;
/// Functions that make an object of the class that they get first.
const MAKERS: [&str; 8] = [
    "copyreg._reconstructor",
    "copy_reg._reconstructor",
    "copyreg.__newobj__",
    "copyreg.__newobj_ex__",
    "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct",
    "pandas.core.indexes.base._new_Index",
    "torch._tensor._rebuild_from_type_v2",
];

/// How a file is read.
#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    /// One memo goes on from pickle to pickle.
    is_stream: bool,
    /// Nothing is skipped and nothing is forgiven: the first error ends it.
    is_strict: bool,
}

/// Finds what loading a file of pickles imports and calls. `between` are the places, in order, where bytes lie between
/// opcodes that are none; `read` is how far the file was understood.
pub(super) fn calls(data: &[u8], between: &[Range<usize>], read: usize) -> Calls {
    let data = &data[..read.min(data.len())];
    let mut names = Names::default();
    let mut pass = Pass::new(data, between, Reading::default(), &mut names);
    pass.run();
    let Pass { fetches_from_before, has_inner, .. } = pass;
    if fetches_from_before {
        Pass::new(data, between, Reading { is_stream: true, is_strict: false }, &mut names).run();
    }
    if !between.is_empty() || has_inner {
        // `pickle.load` knows of no arrays behind the objects that describe them.
        Pass::new(data, &[], Reading { is_stream: false, is_strict: true }, &mut names).run();
    }
    names.calls()
}

/// The calls of something that was not looked into.
pub(super) fn unseen() -> Calls {
    let mut names = Names::default();
    names.unknown("what could not be looked into", 0);
    names.calls()
}

/// An unpickler would give up here.
struct Stop;

struct Pass<'a, 'n> {
    data: &'a [u8],
    reader: Reader<'a>,
    reading: Reading,
    names: &'n mut Names,
    stack: Vec<Value>,
    /// The heights of the stack where there is a mark.
    marks: Vec<usize>,
    memo: Memo,
    /// The stacks, marks and memos outside of arrays of objects, each of which joblib writes as a pickle within the pickle.
    outer: Vec<(Vec<Value>, Vec<usize>, Memo)>,
    /// Whether the object before is one behind which joblib writes an array.
    is_behind_array: bool,
    pickles: u64,
    /// Whether a pickle fetches what is not in its own memo.
    fetches_from_before: bool,
    /// Whether there is a pickle within the pickle. A strict reading takes it for a part of the one around it, whose memo
    /// has other words under the same numbers, and believes only names of modules that there are.
    has_inner: bool,
}

impl<'a, 'n> Pass<'a, 'n> {
    fn new(data: &'a [u8], between: &'a [Range<usize>], reading: Reading, names: &'n mut Names) -> Self {
        names.begin();
        Pass {
            data,
            reader: Reader::over(data, between),
            reading,
            names,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Memo::new(data.len()),
            outer: Vec::new(),
            is_behind_array: false,
            pickles: 0,
            fetches_from_before: false,
            has_inner: false,
        }
    }

    fn run(&mut self) {
        while let Some(instruction) = self.reader.next() {
            if self.step(instruction).is_err() {
                return;
            }
            if self.marks.len() > MOST_VALUES || self.stack.len() > MOST_VALUES {
                let name = "what is behind more than four million values on the stack";
                self.names.unknown(name, self.reader.position() as u64);
                return;
            }
        }
    }

    fn step(&mut self, instruction: Instruction<'_>) -> Result<(), Stop> {
        let (byte, start) = (instruction.byte(), instruction.start);
        let was_behind_array = std::mem::take(&mut self.is_behind_array);
        match byte {
            op::PROTO if was_behind_array => self.begin_inner(),
            op::PROTO | op::FRAME => {}
            op::STOP => return self.stop(),
            op::MARK => self.marks.push(self.stack.len()),
            op::POP => self.pop_or_mark()?,
            op::POP_MARK => drop(self.pop_to_mark()?),
            op::DUP => {
                let top = self.pop()?;
                self.push(top);
                self.push(top);
            }
            op::UNICODE
            | op::BINUNICODE
            | op::SHORT_BINUNICODE
            | op::BINUNICODE8
            | op::STRING
            | op::BINSTRING
            | op::SHORT_BINSTRING => self.push(Value::Text(start as u64)),
            op::GET | op::BINGET | op::LONG_BINGET => self.fetch(index(instruction))?,
            op::PUT | op::BINPUT | op::LONG_BINPUT => {
                let index = index(instruction);
                let top = self.top();
                self.memo.put(index, top);
            }
            op::MEMOIZE => {
                let top = self.top();
                self.memo.push(top);
            }
            op::TUPLE1 => self.tuple(1)?,
            op::TUPLE2 => self.tuple(2)?,
            op::TUPLE3 => self.tuple(3)?,
            op::TUPLE => {
                let first = self.pop_to_mark()?;
                self.push_tuple(first);
            }
            op::LIST | op::DICT | op::FROZENSET => {
                self.pop_to_mark()?;
                self.push(Value::Data(1));
            }
            op::APPEND => {
                self.pop()?;
                self.change();
            }
            op::SETITEM => {
                self.pop()?;
                self.pop()?;
                self.change();
            }
            op::APPENDS | op::SETITEMS | op::ADDITEMS => {
                self.pop_to_mark()?;
                self.change();
            }
            op::BINPERSID => {
                self.pop()?;
                self.persistent();
            }
            op::PERSID => self.persistent(),
            op::READONLY_BUFFER => {}
            _ => return self.call_or_push(instruction),
        }
        Ok(())
    }

    /// The opcodes that import and call, and those that push what is data.
    fn call_or_push(&mut self, instruction: Instruction<'_>) -> Result<(), Stop> {
        let (byte, start) = (instruction.byte(), instruction.start);
        match byte {
            op::GLOBAL | op::INST => {
                let name = self.line_name(instruction);
                if byte == op::GLOBAL {
                    self.push(name);
                } else {
                    self.pop_to_mark()?;
                    self.call(name, start, true, None)?;
                }
            }
            op::STACK_GLOBAL => {
                let name = self.pop()?;
                let module = self.pop()?;
                let value = self.stack_name(module, name, start)?;
                self.push(value);
            }
            op::EXT1 | op::EXT2 | op::EXT4 => {
                let code = instruction.argument().iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
                let name = format!("the extension {code}, which copyreg has a name for");
                let value = Value::Name(self.names.unknown(&name, start as u64));
                self.push(value);
            }
            op::REDUCE | op::NEWOBJ => {
                let arguments = self.pop()?;
                let callable = self.pop()?;
                self.call(callable, start, byte == op::REDUCE, Some(arguments))?;
            }
            op::NEWOBJ_EX => {
                self.pop()?;
                self.pop()?;
                let class = self.pop()?;
                self.call(class, start, false, None)?;
            }
            op::OBJ => {
                let class = self.pop_to_mark()?;
                self.call(class.unwrap_or(Value::Unknown), start, true, None)?;
            }
            op::BUILD => {
                self.pop()?;
                self.build(start);
            }
            _ => self.push(Value::Data(1)),
        }
        Ok(())
    }

    /// The height of the stack at the last mark. Values below it belong to what is outside.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn push(&mut self, value: Value) {
        let floor = self.floor();
        let is_above = self.stack.len() > floor;
        match (value, self.stack.last_mut()) {
            (Value::Data(1), Some(Value::Data(count))) if is_above && *count < u32::MAX => *count += 1,
            _ => self.stack.push(value),
        }
        // The two on top can be names; those below, in a long row of values, are items of something.
        if self.stack.len() - floor > WIDEST {
            let at = self.stack.len() - 3;
            if let Value::Data(below) = self.stack[at - 1]
                && at > floor
            {
                let merged = match self.stack[at] {
                    Value::Data(count) => count,
                    _ => 1,
                };
                self.stack[at - 1] = Value::Data(below.saturating_add(merged));
                self.stack.remove(at);
            } else if !matches!(self.stack[at], Value::Data(_)) {
                self.stack[at] = Value::Data(1);
            }
        }
    }

    fn top(&self) -> Value {
        match self.stack.last() {
            Some(Value::Data(_)) => Value::Data(1),
            Some(value) => *value,
            None => Value::Unknown,
        }
    }

    fn pop(&mut self) -> Result<Value, Stop> {
        if self.stack.len() <= self.floor() {
            return if self.reading.is_strict { Err(Stop) } else { Ok(Value::Unknown) };
        }
        Ok(match self.stack.last_mut() {
            Some(Value::Data(count)) if *count > 1 => {
                *count -= 1;
                Value::Data(1)
            }
            _ => self.stack.pop().unwrap_or(Value::Unknown),
        })
    }

    fn pop_or_mark(&mut self) -> Result<(), Stop> {
        if self.marks.last() == Some(&self.stack.len()) {
            self.marks.pop();
            return Ok(());
        }
        self.pop().map(drop)
    }

    /// Takes all above the last mark away, and gives the first of them.
    fn pop_to_mark(&mut self) -> Result<Option<Value>, Stop> {
        match self.marks.pop() {
            Some(mark) => {
                let first = self.stack.get(mark).copied();
                self.stack.truncate(mark);
                Ok(first)
            }
            None if self.reading.is_strict => Err(Stop),
            None => Ok(self.stack.drain(..).next()),
        }
    }

    fn tuple(&mut self, count: usize) -> Result<(), Stop> {
        let mut first = None;
        for _ in 0..count {
            first = Some(self.pop()?);
        }
        self.push_tuple(first);
        Ok(())
    }

    fn push_tuple(&mut self, first: Option<Value>) {
        self.push(match first {
            Some(Value::Name(name)) => Value::TupleOf(name),
            _ => Value::Data(1),
        });
    }

    fn fetch(&mut self, index: u64) -> Result<(), Stop> {
        let value = self.memo.get(index);
        if value.is_none() {
            if self.pickles > 0 && !self.reading.is_stream {
                self.fetches_from_before = true;
                // By itself, this pickle ends here with an error.
                return Err(Stop);
            }
            if self.reading.is_strict {
                return Err(Stop);
            }
        }
        self.push(value.unwrap_or(Value::Unknown));
        Ok(())
    }

    /// The pickle within the pickle begins.
    fn begin_inner(&mut self) {
        self.has_inner = true;
        if self.reading.is_strict {
            return;
        }
        let (stack, marks) = (std::mem::take(&mut self.stack), std::mem::take(&mut self.marks));
        let memo = std::mem::replace(&mut self.memo, Memo::new(self.data.len()));
        self.outer.push((stack, marks, memo));
    }

    fn stop(&mut self) -> Result<(), Stop> {
        if let Some((stack, marks, memo)) = self.outer.pop() {
            (self.stack, self.marks, self.memo) = (stack, marks, memo);
            return Ok(());
        }
        self.stack.clear();
        self.marks.clear();
        self.pickles += 1;
        if !self.reading.is_stream {
            self.memo = Memo::new(self.data.len());
        }
        Ok(())
    }

    fn persistent(&mut self) {
        self.names.persistent_ids();
        self.push(Value::Persistent);
    }

    /// The name that the two lines of GLOBAL and INST import.
    fn line_name(&mut self, instruction: Instruction<'_>) -> Value {
        let at = instruction.start as u64;
        let name = match instruction.lines().map(|lines| lines.map(std::str::from_utf8)) {
            Some([Ok(module), Ok(name)]) => self.names.import(module, name, at),
            _ => self.names.unknown("a name that is not text", at),
        };
        Value::Name(name)
    }

    /// The name that two strings of the stack import.
    fn stack_name(&mut self, module: Value, name: Value, start: usize) -> Result<Value, Stop> {
        let text = |value| match value {
            Value::Text(at) => text::text(self.data, at as usize),
            _ => None,
        };
        let name = match (text(module), text(name)) {
            (Some(module), _) if self.reading.is_strict && self.has_inner && !harmless::is_library(&module) => {
                return Err(Stop);
            }
            (Some(module), Some(name)) => self.names.import(&module, &name, start as u64),
            _ if self.reading.is_strict => return Err(Stop),
            _ => self.names.unknown("a name that is made when it is loaded", start as u64),
        };
        Ok(Value::Name(name))
    }

    /// Calls what may be a name; `is_free` is whether it can be any callable, and not only a class.
    fn call(&mut self, callable: Value, start: usize, is_free: bool, arguments: Option<Value>) -> Result<(), Stop> {
        let at = start as u64;
        let called = match callable {
            Value::Name(name) => {
                self.names.call(name, is_free);
                match arguments {
                    Some(Value::TupleOf(class)) if MAKERS.contains(&self.names.name(name)) => {
                        self.names.call(class, false);
                        class
                    }
                    _ => name,
                }
            }
            Value::Made(name) => self.names.call_result(name, at),
            _ if self.reading.is_strict => return Err(Stop),
            Value::Persistent => self.names.call_unknown("what persistent_load gives for an id", at),
            Value::Data(_) | Value::Text(_) | Value::TupleOf(_) => {
                self.names.call_unknown("a value of the pickle that is not a name", at)
            }
            Value::Unknown => self.names.call_unknown("what cannot be told from the pickle", at),
        };
        self.push(Value::Made(called));
        Ok(())
    }

    /// Gives the value on top its state.
    fn build(&mut self, start: usize) {
        match self.top() {
            Value::Made(name) => {
                self.names.state(name);
                self.is_behind_array = self.names.name(name) == "joblib.numpy_pickle.NumpyArrayWrapper";
            }
            Value::Unknown => {
                self.names.call_unknown("the __setstate__ of what cannot be told from the pickle", start as u64);
            }
            _ => self.change(),
        }
    }

    /// Sets an item or an attribute of the value on top.
    fn change(&mut self) {
        if let Value::Name(name) = self.top() {
            self.names.change(name);
        }
    }
}

/// The memo index that an opcode names. Text that is not a number gives an index that nothing has.
fn index(instruction: Instruction<'_>) -> u64 {
    instruction.memo_index().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
