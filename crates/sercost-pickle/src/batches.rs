//! The batches by which the elements of lists, dicts and sets were added, and what another CPython would make of them.
//!
//! Up to 3.14 the pickler in C adds the last of 1001 elements of a list by a batch of one, and ends a dict or set of 1000
//! in an empty batch, since only then it finds that there are no more (`batch_list_exact`, `batch_dict_exact` and
//! `save_set` of `Modules/_pickle.c`). 3.15 writes no empty batch, and APPEND or SETITEM for one element.

use super::opcode as op;
use super::write::BATCH;

/// The most values on the stack of a pickle whose batches are reported.
const MOST_VALUES: usize = 1 << 24;

/// A value on the stack, as far as batches are concerned. A full one was last given a full batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    Other,
    List { is_full: bool },
    Dict { is_full: bool },
    Set { is_full: bool },
}

/// The batches of one pickle.
#[derive(Debug, Default)]
pub(super) struct Batches {
    stack: Vec<Value>,
    marks: Vec<usize>,
    /// Bytes of batches of one and of empty ones that 3.15 does without.
    pub older: u64,
    /// Single elements behind a full batch, which 3.15 adds without a MARK: up to 3.14 each takes a byte more.
    singles: u64,
    /// Dicts and sets that end with a full batch: up to 3.14 each takes an empty batch of two bytes.
    open_ends: u64,
}

impl Batches {
    /// Follows one opcode. None where its stack cannot be followed.
    pub(super) fn see(&mut self, byte: u8) -> Option<()> {
        match byte {
            op::PROTO | op::FRAME | op::MEMOIZE | op::PUT | op::BINPUT | op::LONG_BINPUT => {}
            op::READONLY_BUFFER => {}
            op::MARK => self.marks.push(self.stack.len()),
            op::EMPTY_LIST => self.push(Value::List { is_full: false }),
            op::EMPTY_DICT => self.push(Value::Dict { is_full: false }),
            op::EMPTY_SET => self.push(Value::Set { is_full: false }),
            op::APPEND => self.single(1)?,
            op::SETITEM => self.single(2)?,
            op::APPENDS | op::SETITEMS | op::ADDITEMS => self.batch()?,
            op::TUPLE | op::LIST | op::DICT | op::FROZENSET | op::INST | op::OBJ => {
                self.pop_to_mark()?;
                self.push(Value::Other);
            }
            op::TUPLE1 | op::BINPERSID => self.replace(1)?,
            op::TUPLE2 | op::REDUCE | op::NEWOBJ | op::STACK_GLOBAL => self.replace(2)?,
            op::TUPLE3 | op::NEWOBJ_EX => self.replace(3)?,
            op::POP if self.marks.last() == Some(&self.stack.len()) => drop(self.marks.pop()),
            op::BUILD | op::POP | op::STOP => self.pop(1)?,
            op::POP_MARK => drop(self.pop_to_mark()?),
            _ => self.push(Value::Other),
        }
        (self.stack.len().max(self.marks.len()) < MOST_VALUES).then_some(())
    }

    /// Bytes that the pickler of 3.14 and earlier adds.
    pub(super) fn newer(&self) -> u64 {
        self.singles + 2 * self.open_ends
    }

    fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    fn pop(&mut self, count: usize) -> Option<()> {
        let left = self.stack.len().checked_sub(count)?;
        self.stack.truncate(left);
        Some(())
    }

    fn replace(&mut self, count: usize) -> Option<()> {
        self.pop(count)?;
        self.push(Value::Other);
        Some(())
    }

    /// Pops what is above the last mark; how much that is.
    fn pop_to_mark(&mut self) -> Option<usize> {
        let mark = self.marks.pop()?;
        let count = self.stack.len().checked_sub(mark)?;
        self.stack.truncate(mark);
        Some(count)
    }

    /// One element of so many values, without a mark.
    fn single(&mut self, values: usize) -> Option<()> {
        self.pop(values)?;
        match self.stack.last_mut()? {
            Value::List { is_full } if *is_full => {
                *is_full = false;
                self.singles += 1;
            }
            Value::Dict { is_full } if *is_full => {
                *is_full = false;
                self.open_ends -= 1;
                self.singles += 1;
            }
            _ => {}
        }
        Some(())
    }

    fn batch(&mut self) -> Option<()> {
        let values = self.pop_to_mark()?;
        match self.stack.last_mut()? {
            Value::List { is_full } => {
                self.older += u64::from(*is_full && values == 1);
                *is_full = values == BATCH;
            }
            Value::Dict { is_full } => {
                if *is_full {
                    self.open_ends -= 1;
                    self.older += match values {
                        0 => 2,
                        2 => 1,
                        _ => 0,
                    };
                }
                *is_full = values == 2 * BATCH;
                self.open_ends += u64::from(*is_full);
            }
            Value::Set { is_full } => {
                if *is_full {
                    self.open_ends -= 1;
                    self.older += if values == 0 { 2 } else { 0 };
                }
                *is_full = values == BATCH;
                self.open_ends += u64::from(*is_full);
            }
            Value::Other => {}
        }
        Some(())
    }
}
