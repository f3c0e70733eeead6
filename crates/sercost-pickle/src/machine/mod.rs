//! The span machine: runs over a pickle once and keeps who owns how many of its bytes.
//!
//! It does what CPython's unpickler does to its stack, its marks and its memo (`Modules/_pickle.c`, `load`), but what is
//! on the stack is not a value: it is a count of bytes, a kind, and where needed a node of the tree that all ends in.
//! Every byte is added to one entry when its opcode is read, and entries only move and merge after that; that the parts
//! sum to the file follows from this and is tested.
//!
//! What makes it fast: adjacent leaves of one opcode are one entry with a count, so that a batch of a thousand integers
//! costs one entry; values of a shape are merged where they are appended; a key that comes from the memo is known by
//! number. What keeps it small: the limits of [`node`] on the tree, of [`memo`] on what is remembered, and the two
//! below on the stack.

mod dtype;
mod edge;
mod entry;
mod frame;
mod graft;
mod index;
mod label;
mod large;
mod latin;
mod leaf;
mod memo;
mod nested;
mod node;
mod pairs;
mod parts;
mod pieces;
mod raw;
mod reduce;
mod reduction;
mod repeat;
mod repr;
mod siblings;
mod storage;
mod template;
mod tidy;
mod unfinished;
mod whole;

use self::entry::{Entry, Hold, Kind, NONE};
use self::label::Labels;
use self::memo::{Memo, Slot};
use self::node::{Arena, Edge, EdgeKind, ORPHAN};
pub(super) use self::parts::{overhead, shape, shortened};
pub(super) use self::repr::{attribute_step, key, key_step};
pub(super) use self::storage::Stored;
pub use self::whole::attribute;
pub(super) use self::whole::{TORCH_MAGIC, Whole, attribute_with};
use super::duplicates::{Leaves, Value};
use super::opcode::{self as op, opcode};
use super::reader::{self, Instruction, text_at};
use crate::model::Fault;

/// The most values that wait on the stack: more than Python's own recursion limit lets through by far.
const MOST_ENTRIES: usize = 1 << 21;
/// The most marks that are open.
const MOST_MARKS: usize = 1 << 22;
/// The number of values between a mark and the next that are told apart; of more, those of one shape are merged.
const WIDEST: usize = 1 << 14;
/// Strings and byte strings from this size on have an identity, so that it can be said who else refers to them.
const LARGE: usize = 1024;
/// The most values that were popped and are still told apart, in case they are fetched again.
const MOST_ORPHANS: usize = 256;
/// Longer tuples are shown as lists are: `[*]`.
const LONGEST_TUPLE: u64 = 24;

/// Bytes that belong to no value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Overhead {
    pub protocol: u64,
    pub frames: u64,
    pub stop: u64,
}

/// A pickle within a pickle, as joblib writes arrays of objects: what is outside of it.
#[derive(Debug)]
struct Outer {
    stack: usize,
    marks: usize,
    memo: Memo,
    /// If it is in bytes that are a value.
    nested: Option<nested::Nested>,
}

/// Where bytes lie between the opcodes, from and to.
type Between = Vec<std::ops::Range<usize>>;

#[derive(Debug)]
struct Machine<'a> {
    data: &'a [u8],
    at: usize,
    stack: Vec<Entry>,
    marks: Vec<u32>,
    /// Nothing below this place of the stack may be popped: the last mark's.
    fence: usize,
    /// When the stack is this high, values are merged.
    crowded: usize,
    memo: Memo,
    most_memo: usize,
    /// Whether the pickles of a file have one memo, as those of one `Pickler` do.
    keeps_memo: bool,
    /// Whether rows are merged as soon as they end, see [`Self::merge_row`].
    merges_rows: bool,
    /// Whether an opcode took dicts one by one that were merged before.
    took_merged: bool,
    outer: Vec<Outer>,
    arena: Arena,
    labels: Labels<'a>,
    orphans: Vec<u32>,
    /// Whether bytes are looked into that are pickles themselves.
    looks_within: bool,
    /// Whether tables may be among the objects.
    has_tables: bool,
    /// The names of axes by their object, for frames that share them.
    axes: std::collections::HashMap<u32, Vec<index::Name>>,
    /// Large leaves by their object, to be compared with each other.
    leaves: Leaves,
    /// The same with the parts that they went to, once there are parts.
    found: Vec<Value>,
    /// The storages by key: the parts that have them, and their bytes.
    storages_found: Vec<(String, usize, u64)>,
    /// Where the last leaf begins and ends, for the memo opcode behind it.
    last_leaf: (usize, usize),
    /// Where bytes lie between the opcodes.
    between: Between,
    /// The node on which the pickles hang.
    file: u32,
    pub overhead: Overhead,
    /// The bytes that lie outside of the pickle and belong to its tensors.
    storages: storage::Storages,
    /// The findings about the storages, from when the parts were made.
    findings: Vec<crate::model::Finding>,
    /// Values of one form in a row.
    watch: repeat::Watch,
    /// The sizes of structured dtypes by their labels.
    item_sizes: std::collections::HashMap<u32, u64>,
    /// Buffers that travel beside the pickle.
    pub buffers: u64,
    /// The number of them whose size is known, and all their bytes.
    pub sized_buffers: (u64, u64),
    pub protocol: u8,
    pub pickles: u64,
    /// The number of keys with parts that were written out.
    written_keys: u32,
    /// The number of parts of the last of them.
    key_parts: u32,
    /// The number of byte strings that were looked at to see what they are.
    looks: std::cell::Cell<u32>,
    /// The values that [`siblings`] has merged.
    merged: siblings::Merged,
    /// The rows of [`reduction::REDUCTIONS`] by label, as they were looked up.
    known: Vec<Option<Option<&'static reduction::Reduction>>>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        let size = data.len() as u64;
        let mut arena = Arena::new(size / 2048);
        let file = arena.make(Kind::Object, NONE, 0, 0);
        // Together with the identities, which take half as much: a tenth of the file and some megabytes.
        let most_memo = data.len() / 12 / 8 + (1 << 20);
        Machine {
            data,
            at: 0,
            stack: Vec::new(),
            marks: Vec::new(),
            fence: 0,
            crowded: MOST_ENTRIES,
            memo: Memo::new(most_memo),
            most_memo,
            keeps_memo: false,
            merges_rows: true,
            took_merged: false,
            outer: Vec::new(),
            arena,
            labels: Labels::new(),
            orphans: Vec::new(),
            looks_within: true,
            has_tables: false,
            axes: std::collections::HashMap::new(),
            leaves: Leaves::new(),
            found: Vec::new(),
            storages_found: Vec::new(),
            last_leaf: (0, 0),
            between: Vec::new(),
            file,
            overhead: Overhead::default(),
            storages: storage::Storages::default(),
            findings: Vec::new(),
            item_sizes: std::collections::HashMap::new(),
            buffers: 0,
            sized_buffers: (0, 0),
            protocol: 0,
            pickles: 0,
            written_keys: 0,
            key_parts: 0,
            looks: std::cell::Cell::new(0),
            merged: siblings::Merged::default(),
            watch: repeat::Watch::new(),
            known: Vec::new(),
        }
    }

    /// Reads one pickle, from where the last one ended to its STOP.
    pub(super) fn pickle(&mut self) -> Result<(), Fault> {
        if !self.keeps_memo {
            self.memo = Memo::new(self.most_memo);
            self.axes.clear();
        }
        self.set_fence();
        loop {
            let start = self.at;
            let Some(&byte) = self.data.get(start) else { return Err(reader::fault(self.data, start)) };
            if self.watch.is_due(self.stack.len(), byte) && !self.is_in_table() && self.repeat(byte) {
                continue;
            }
            match byte {
                op::BININT => self.fixed::<5>(byte, Kind::Int)?,
                op::BININT1 => self.fixed::<2>(byte, Kind::Int)?,
                op::BININT2 => self.fixed::<3>(byte, Kind::Int)?,
                op::BINFLOAT => self.fixed::<9>(byte, Kind::Float)?,
                op::NONE => self.fixed::<1>(byte, Kind::Null)?,
                op::NEWTRUE | op::NEWFALSE => self.fixed::<1>(byte, Kind::Bool)?,
                op::SHORT_BINUNICODE => self.short_strings()?,
                op::BINGET => {
                    if !self.keys_and_numbers() {
                        let index = self.index()?;
                        self.fetch(index, 2)?;
                    }
                }
                op::LONG_BINGET => {
                    let index = self.index()?;
                    self.fetch(index, 5)?;
                }
                op::MARK => self.mark()?,
                op::MEMOIZE => {
                    self.at += 1;
                    self.memoize(self.memo.next(), 1)?;
                }
                op::EMPTY_DICT | op::EMPTY_LIST => {
                    self.push(if byte == op::EMPTY_DICT { Kind::Dict } else { Kind::List }, byte, 1)?;
                    if self.data.get(self.at) == Some(&op::MEMOIZE) {
                        self.at += 1;
                        self.memoize(self.memo.next(), 1)?;
                    }
                    if self.data.get(self.at) == Some(&op::MARK) {
                        self.mark()?;
                    }
                }
                op::SETITEMS => {
                    let base = self.marked()?;
                    self.at += 1;
                    if !self.merge_row(base) {
                        self.set_items(base, 2)?;
                    }
                }
                op::APPENDS | op::ADDITEMS => {
                    let base = self.marked()?;
                    self.at += 1;
                    self.append_items(base, 2)?;
                }
                op::STOP => {
                    if self.stop()? {
                        return Ok(());
                    }
                }
                _ => self.rarer(byte)?,
            }
            if self.stack.len() >= self.crowded {
                self.merge_siblings()?;
            }
        }
    }

    /// The opcodes that a large pickle is not full of.
    fn rarer(&mut self, byte: u8) -> Result<(), Fault> {
        match byte {
            op::PROTO => {
                let protocol = self.instruction()?.code[1];
                if protocol > 5 {
                    return Err(self.fault(format!("protocol {protocol} is not known; the highest is 5")));
                }
                self.protocol = self.protocol.max(protocol);
                self.at += 2;
                self.overhead.protocol += 2;
            }
            op::FRAME => {
                self.at = self.instruction()?.end();
                self.overhead.frames += 9;
            }
            op::EMPTY_TUPLE => self.push(Kind::Tuple, byte, 1)?,
            op::EMPTY_SET => self.push(Kind::Set, byte, 1)?,
            op::TUPLE1 => self.short_tuple(1)?,
            op::TUPLE2 => self.short_tuple(2)?,
            op::TUPLE3 => self.short_tuple(3)?,
            op::TUPLE => self.marked_value(Kind::Tuple)?,
            op::LIST => self.marked_value(Kind::List)?,
            op::FROZENSET => self.marked_value(Kind::FrozenSet)?,
            op::DICT => {
                let base = self.marked()?;
                let node = self.arena.make(Kind::Dict, NONE, self.at as u64, 2);
                self.at += 1;
                let result = self.set_pairs(node, base, false);
                self.stack.truncate(base);
                self.stack.push(Entry::node(Kind::Dict, node, self.at as u64 - 1));
                result?;
            }
            op::APPEND => {
                let base = self.need(2, "APPEND")?;
                self.at += 1;
                self.append_items(base + 1, 1)?;
            }
            op::SETITEM => {
                let base = self.need(3, "SETITEM")?;
                self.at += 1;
                self.set_items(base + 1, 1)?;
            }
            op::BINPUT | op::LONG_BINPUT | op::PUT => {
                let (index, end) = (self.index()?, self.instruction()?.end());
                let bytes = (end - self.at) as u64;
                self.at = end;
                self.memoize(index, bytes)?;
            }
            op::GET => {
                let (index, end) = (self.index()?, self.instruction()?.end());
                self.fetch(index, end - self.at)?;
            }
            _ => self.rarest(byte)?,
        }
        Ok(())
    }

    /// The opcodes that name, call, refer to what lies elsewhere, or throw away; and leaves.
    fn rarest(&mut self, byte: u8) -> Result<(), Fault> {
        match byte {
            op::POP => self.pop()?,
            op::POP_MARK => {
                let base = self.marked()?;
                self.at += 1;
                self.discard(base, 2);
            }
            op::DUP => self.duplicate()?,
            op::GLOBAL => {
                let instruction = self.instruction()?;
                let [module, name] = instruction.lines().unwrap_or_default();
                let label = self.dotted(module, name);
                let entry = Entry { id: label, ..Entry::single(Kind::Global, byte, self.at, instruction.code.len()) };
                self.at = instruction.end();
                self.stack.push(entry);
            }
            op::STACK_GLOBAL => self.stack_global()?,
            op::REDUCE | op::NEWOBJ | op::NEWOBJ_EX | op::BUILD | op::INST | op::OBJ => self.object(byte)?,
            op::BINPERSID => {
                let start = self.need(1, "BINPERSID")?;
                let at = self.start_of(start);
                self.at += 1;
                self.persistent(start, at);
            }
            op::NEXT_BUFFER => {
                self.buffers += 1;
                self.push(Kind::Buffer, byte, 1)?;
            }
            op::READONLY_BUFFER => {
                let top = self.need(1, "READONLY_BUFFER")?;
                self.at += 1;
                self.grow(top, 1);
            }
            _ => self.leaf(byte)?,
        }
        Ok(())
    }

    fn fault(&self, reason: impl Into<String>) -> Fault {
        Fault::new(self.at, reason)
    }

    /// The opcode that is next, with its argument.
    #[inline]
    fn instruction(&self) -> Result<Instruction<'a>, Fault> {
        Instruction::at(self.data, self.at).ok_or_else(|| reader::fault(self.data, self.at))
    }

    /// The memo index that the next opcode names.
    #[inline(always)]
    fn index(&self) -> Result<u64, Fault> {
        match reader::memo_index(self.data, self.at) {
            Some(index) => Ok(index),
            None => Err(self.no_index()),
        }
    }

    #[cold]
    fn no_index(&self) -> Fault {
        match self.instruction() {
            Ok(_) => self.fault("the memo index is not a number"),
            Err(cut_off) => cut_off,
        }
    }

    #[inline]
    fn mark(&mut self) -> Result<(), Fault> {
        if self.marks.len() >= MOST_MARKS {
            return Err(self.fault(format!("more than {MOST_MARKS} marks are open at once")));
        }
        self.marks.push(self.stack.len() as u32);
        self.at += 1;
        self.set_fence();
        Ok(())
    }

    /// Closes the last mark; the place of the first value above it.
    #[inline]
    fn marked(&mut self) -> Result<usize, Fault> {
        let marks = self.outer.last().map_or(0, |outer| outer.marks);
        if self.marks.len() <= marks {
            let name = opcode(self.data[self.at]).map_or("", |known| known.name);
            return Err(self.fault(format!("{name} finds no mark on the stack")));
        }
        let base = self.marks.pop().unwrap_or(0) as usize;
        self.set_fence();
        Ok(base)
    }

    #[inline]
    fn set_fence(&mut self) {
        let (stack, marks) = self.outer.last().map_or((0, 0), |outer| (outer.stack, outer.marks));
        if self.marks.len() > marks {
            self.fence = self.marks[self.marks.len() - 1] as usize;
            self.crowded = (self.fence + WIDEST).min(MOST_ENTRIES);
            self.watch.reset(self.fence, true);
        } else {
            // Without a mark, what lies there are mostly lists in lists that are still open.
            self.fence = stack;
            self.crowded = MOST_ENTRIES;
            self.watch.reset(stack, false);
        }
    }

    /// The value of the pickle is done. False if it was a pickle within a pickle.
    fn stop(&mut self) -> Result<bool, Fault> {
        let top = self.need(1, "STOP")?;
        self.at += 1;
        self.overhead.stop += 1;
        if let Some(outer) = self.outer.last() {
            let base = outer.stack;
            self.end_inner(base, top);
            return Ok(false);
        }
        let value = self.stack[top];
        self.stack.truncate(top);
        self.arena.add(self.file, Edge::new(EdgeKind::Pickle, self.pickles as u32), &value, 0);
        self.pickles += 1;
        self.marks_to_overhead();
        self.discard(0, 0);
        self.flush_orphans();
        Ok(true)
    }

    fn marks_to_overhead(&mut self) {
        let open = self.marks.drain(..).count() as u64;
        self.arena.own(self.file, open);
        self.set_fence();
    }

    /// Hangs values that were popped and are no longer fetched on the file.
    fn flush_orphans(&mut self) {
        for node in std::mem::take(&mut self.orphans) {
            self.arena.get_mut(node).parent = NONE;
            self.arena.add_node(self.file, Edge::DISCARDED, node, 0);
        }
    }

    /// Pops the values from `base` on and counts them as made in vain, with `bytes` of the opcodes that did.
    fn discard(&mut self, base: usize, bytes: u64) {
        self.arena.own(self.file, bytes);
        for at in base..self.stack.len() {
            self.orphan(self.stack[at]);
        }
        self.stack.truncate(base);
    }

    /// A value that nothing holds any more. While the memo can still give it back it is kept apart.
    fn orphan(&mut self, entry: Entry) {
        let node = match entry.hold {
            Hold::Node if self.arena.get(entry.id).object != NONE => entry.id,
            Hold::Object => {
                let node = self.arena.node_of_object(entry.id, entry.kind, entry.at);
                self.arena.own(node, entry.bytes);
                node
            }
            _ => {
                self.arena.add(self.file, Edge::DISCARDED, &entry, 0);
                return;
            }
        };
        self.arena.get_mut(node).parent = ORPHAN;
        self.orphans.push(node);
        if self.orphans.len() > MOST_ORPHANS {
            self.flush_orphans();
        }
    }

    /// The label of `module.name`.
    fn dotted(&mut self, module: &[u8], name: &[u8]) -> u32 {
        self.has_tables |= frame::announces(name);
        let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
        self.labels.intern_own(&format!("{}.{}", text(module), text(name)))
    }

    fn stack_global(&mut self) -> Result<(), Fault> {
        let start = self.need(2, "STACK_GLOBAL")?;
        let (module, name) = (self.stack[start], self.stack[start + 1]);
        let (Some(module_text), Some(name_text)) = (self.text_of(&module), self.text_of(&name)) else {
            return Err(self.fault("STACK_GLOBAL finds no two strings on the stack"));
        };
        let label = self.dotted(module_text, name_text);
        let bytes = module.bytes + name.bytes + 1;
        let at = if module.hold == Hold::Reference { self.at as u64 } else { module.at };
        self.stack.truncate(start);
        let entry = Entry { bytes, at, id: label, kind: Kind::Global, hold: Hold::Single, op: op::STACK_GLOBAL };
        self.stack.push(entry);
        self.at += 1;
        Ok(())
    }

    /// The text of a string on the stack.
    fn text_of(&self, entry: &Entry) -> Option<&'a [u8]> {
        match entry.hold {
            Hold::Single | Hold::Run if entry.kind == Kind::Str => text_at(self.data, entry.at),
            Hold::Node if entry.kind == Kind::Str => text_at(self.data, entry.at),
            Hold::Reference => match Slot::unpack(entry.at)? {
                Slot::Leaf(Kind::Str, at) => text_at(self.data, at),
                Slot::Label(label) => {
                    // A label of a string is a slice of the input, but its lifetime says less.
                    let bytes = self.labels.input(label)?;
                    Some(bytes)
                }
                _ => None,
            },
            _ => None,
        }
    }
}
