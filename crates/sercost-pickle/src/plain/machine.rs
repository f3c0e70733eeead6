//! The first pass: the stack machine, over spans.

use super::memo::{Known, Memo};
use super::{Kind, Place};
use crate::model::{Bytes, Fault};
use crate::opcode::*;
use crate::reader::{Reader, fault, length, memo_index};

/// References to shared objects may make a pickle's data this many times as large as its bytes, and 8 MiB larger
/// besides: a few dozen bytes that refer to one another can stand for more than fits in any memory.
pub const MOST_EXPANDED: u64 = 16;
/// The bytes that references may add to any pickle, however short.
const FREELY_EXPANDED: u64 = 8 << 20;
/// References to strings up to this length are free: two bytes, at best, stand for one.
const SHORT_TEXT: usize = 255;
/// Containers and marks that may be open at a time. CPython cannot write as many, since it recurses.
const MOST_OPEN: usize = 100_000;
/// Values that one entry of the stack stands for at most, since those of a run are found by going through it.
const MOST_IN_RUN: u32 = 64;
/// No segment, or no container.
pub(super) const NOTHING: u32 = u32::MAX;

/// A pickle's containers and memo.
#[derive(Debug)]
pub struct Outline<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) containers: Vec<Container>,
    pub(super) segments: Vec<Segment>,
    pub(super) children: Vec<u32>,
    pub(super) memo: Memo,
    /// The one value of the pickle, as a segment; those of the other pickles of a stream follow it.
    pub(super) root: Segment,
    /// The length of the pickles, their STOPs included.
    pub(super) length: usize,
    /// The number of pickles.
    pickles: usize,
    /// How the pickles of a stream remember objects.
    memory: Memory,
    /// For each pickle of a stream with memories of their own: where it begins, and the number in the memo of what is
    /// number 0 for it.
    bases: Vec<(usize, u64)>,
}

/// How the pickles of a stream remember objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Each for itself, as `pickle.dump` writes them and `pickle.load` reads them.
    Own,
    /// As one pickler wrote them, and one `pickle.Unpickler` reads them: they refer to objects of those before.
    Shared,
}

/// A value that is more than an opcode with its argument.
#[derive(Clone, Copy, Debug)]
pub(super) struct Container {
    pub kind: Kind,
    pub start: usize,
    /// Past the last opcode that made it or added to it.
    pub end: usize,
    pub first: u32,
    last: u32,
    /// Containers within containers.
    depth: u32,
    /// The bytes that references add to its own.
    pub extra: u64,
}

/// Elements that lie one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub start: usize,
    pub end: usize,
    /// Those of the elements that are containers: a range of `children`.
    pub children: (u32, u32),
    pub next: u32,
}

/// Values on the stack that lie one after the other: one container, or up to [`MOST_IN_RUN`] scalars.
#[derive(Clone, Copy, Debug)]
struct Entry {
    start: usize,
    /// Where the last of them begins.
    last: usize,
    count: u32,
    container: u32,
    extra: u64,
}

/// Values taken from the stack.
struct Taken {
    start: usize,
    count: u64,
    /// Of the deepest.
    depth: u32,
    extra: u64,
    children: (u32, u32),
}

pub(super) struct Machine<'b> {
    outline: Outline<'b>,
    stack: Vec<Entry>,
    /// For each mark that is open, the height of the stack and the place of the MARK.
    marks: Vec<(usize, usize)>,
    position: usize,
    /// The number in the memo of what is number 0 for this pickle, and how many objects were in the memo before it.
    base: u64,
    before: u64,
    /// The segment of the pickle before, and the bytes that references add to all so far.
    last_root: u32,
    extra: u64,
}

impl<'b> Outline<'b> {
    /// Reads the first pickle of `bytes`.
    pub fn read(bytes: &'b [u8]) -> Result<Outline<'b>, Fault> {
        Outline::machine(bytes, Memory::Own).read(1)
    }

    /// Reads all pickles of a file. Where no object is referred to that the same pickle does not have, each has a memory
    /// of its own: that is how most files are written, and the others cannot be told from them then.
    ///
    /// Bytes behind the first pickle that are not a pickle are left unread ([`Outline::length`]).
    pub fn read_stream(bytes: &'b [u8]) -> Result<Outline<'b>, Fault> {
        let first = Outline::read(bytes)?;
        if !begins_as_pickle(&bytes[first.length..]) {
            return Ok(first);
        }
        drop(first);
        let own = Outline::machine(bytes, Memory::Own).read(usize::MAX);
        own.or_else(|fault| Outline::machine(bytes, Memory::Shared).read(usize::MAX).map_err(|_| fault))
    }

    fn machine(bytes: &'b [u8], memory: Memory) -> Machine<'b> {
        let root = Segment { start: 0, end: 0, children: (0, 0), next: NOTHING };
        let outline = Outline {
            bytes,
            containers: Vec::new(),
            segments: Vec::new(),
            children: Vec::new(),
            memo: Memo::default(),
            root,
            length: 0,
            pickles: 0,
            memory,
            bases: Vec::new(),
        };
        let (stack, marks) = (Vec::new(), Vec::new());
        Machine { outline, stack, marks, position: 0, base: 0, before: 0, last_root: NOTHING, extra: 0 }
    }

    /// The bytes of the pickles, up to and with their STOPs.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The number of pickles, and how they remember objects.
    pub fn pickles(&self) -> (usize, Memory) {
        (self.pickles, self.memory)
    }

    /// The object that the GET at an offset refers to.
    #[inline]
    pub(super) fn known(&self, at: usize) -> Option<Known> {
        let id = memo_index(self.bytes, at)?;
        self.memo.get(self.base(at).checked_add(id)?)
    }

    /// The number in the memo of what is number 0 for the pickle that has an offset.
    #[inline]
    pub(super) fn base(&self, at: usize) -> u64 {
        if self.bases.is_empty() {
            return 0;
        }
        match self.bases.partition_point(|&(start, _)| start <= at) {
            0 => 0,
            after => self.bases[after - 1].1,
        }
    }
}

/// Whether what follows a pickle is to be taken for another: it names a protocol, or is one of protocol 0 or 1, which
/// name none, and that is seen by reading it.
fn begins_as_pickle(bytes: &[u8]) -> bool {
    match bytes {
        [] => false,
        [PROTO, 2..=5, ..] => true,
        _ => Outline::read(bytes).is_ok(),
    }
}

impl<'b> Machine<'b> {
    /// Reads up to `most` pickles.
    fn read(mut self, most: usize) -> Result<Outline<'b>, Fault> {
        loop {
            self.run()?;
            let left = &self.outline.bytes[self.position..];
            if self.outline.pickles == most || !(left.first() == Some(&PROTO) || begins_as_pickle(left)) {
                return Ok(self.outline);
            }
            if self.outline.memory == Memory::Own {
                self.base = self.outline.memo.next;
                self.before = self.outline.memo.len();
                self.outline.bases.push((self.position, self.base));
            }
        }
    }

    fn run(&mut self) -> Result<(), Fault> {
        let bytes = self.outline.bytes;
        loop {
            let at = self.position;
            let Some(length) = length(bytes, at) else { return Err(fault(bytes, at)) };
            self.position = at + length;
            if self.step(bytes[at], at)? {
                return self.stop(at);
            }
        }
    }

    /// Takes one opcode; whether it was the last.
    #[inline]
    fn step(&mut self, byte: u8, at: usize) -> Result<bool, Fault> {
        match byte {
            BININT1 | BININT2 | BININT | BINFLOAT | NONE | NEWTRUE | NEWFALSE | INT | LONG | LONG1 | LONG4 | FLOAT
            | SHORT_BINUNICODE | BINUNICODE | BINUNICODE8 | UNICODE | SHORT_BINBYTES | BINBYTES | BINBYTES8
            | BYTEARRAY8 | STRING | BINSTRING | SHORT_BINSTRING | EMPTY_TUPLE => self.scalar(at, 0),
            MEMOIZE => {
                let known = self.top(at)?;
                self.put(self.outline.memo.len() - self.before, known, at)?;
            }
            BINPUT | LONG_BINPUT | PUT => {
                let (id, known) = (self.argument(at)?, self.top(at)?);
                self.put(id, known, at)?;
            }
            BINGET | LONG_BINGET | GET => self.get(at)?,
            MARK if self.marks.len() < MOST_OPEN => self.marks.push((self.stack.len(), at)),
            MARK => return Err(too_deep(at)),
            EMPTY_LIST => self.push_container(Kind::List, at, None)?,
            EMPTY_DICT => self.push_container(Kind::Dict, at, None)?,
            EMPTY_SET => self.push_container(Kind::Set, at, None)?,
            APPEND => self.extend(1, at)?,
            SETITEM => self.extend(2, at)?,
            APPENDS | ADDITEMS | SETITEMS => {
                let taken = self.take_marked(at)?;
                self.append(taken, at)?;
            }
            TUPLE1 => self.collect(Kind::Tuple, 1, at)?,
            TUPLE2 => self.collect(Kind::Tuple, 2, at)?,
            TUPLE3 => self.collect(Kind::Tuple, 3, at)?,
            TUPLE => self.collect_marked(Kind::Tuple, at)?,
            LIST => self.collect_marked(Kind::List, at)?,
            DICT => self.collect_marked(Kind::Dict, at)?,
            FROZENSET => self.collect_marked(Kind::FrozenSet, at)?,
            PROTO | FRAME => {}
            STOP => return Ok(true),
            other => self.object(other, at)?,
        }
        Ok(false)
    }

    /// Takes an opcode that makes something by name or by a call.
    fn object(&mut self, byte: u8, at: usize) -> Result<(), Fault> {
        match byte {
            GLOBAL => self.push_container(Kind::Global, at, None)?,
            STACK_GLOBAL => self.collect(Kind::Global, 2, at)?,
            REDUCE | NEWOBJ => self.collect(Kind::Object, 2, at)?,
            NEWOBJ_EX => self.collect(Kind::Object, 3, at)?,
            INST | OBJ => self.collect_marked(Kind::Object, at)?,
            BUILD => self.extend(1, at)?,
            PERSID | EXT1 | EXT2 | EXT4 | NEXT_BUFFER => self.push_container(Kind::Foreign, at, None)?,
            BINPERSID => self.collect(Kind::Foreign, 1, at)?,
            READONLY_BUFFER => {}
            POP | POP_MARK | DUP => {
                return Err(Fault::new(at, "values are dropped or doubled here, which no plain data needs"));
            }
            _ => return Err(fault(self.outline.bytes, at)),
        }
        Ok(())
    }

    fn stop(&mut self, at: usize) -> Result<(), Fault> {
        let values: u64 = self.stack.iter().map(|entry| u64::from(entry.count)).sum();
        if values != 1 || !self.marks.is_empty() {
            let marks = self.marks.len();
            return Err(Fault::new(
                at,
                format!("the pickle stops with {values} values and {marks} marks on its stack"),
            ));
        }
        let taken = self.take(1, at)?;
        let root = Segment { start: taken.start, end: at, children: taken.children, next: NOTHING };
        if self.outline.pickles == 0 {
            self.outline.root = root;
        } else {
            let segment = self.next_index(self.outline.segments.len(), at)?;
            self.outline.segments.push(root);
            match self.last_root {
                NOTHING => self.outline.root.next = segment,
                before => self.outline.segments[before as usize].next = segment,
            }
            self.last_root = segment;
        }
        self.outline.length = at + 1;
        self.outline.pickles += 1;
        self.extra = self.extra.saturating_add(taken.extra);
        let allowed = self.position as u64 * MOST_EXPANDED + FREELY_EXPANDED;
        if self.extra > allowed {
            return Err(Fault::new(
                at,
                format!("objects that are referred to many times would come to over {}", Bytes(self.extra)),
            ));
        }
        Ok(())
    }

    #[inline]
    fn scalar(&mut self, at: usize, extra: u64) {
        let above_mark = self.marks.last().is_none_or(|&(height, _)| height < self.stack.len());
        match self.stack.last_mut() {
            Some(run) if run.container == NOTHING && run.count < MOST_IN_RUN && above_mark => {
                run.last = at;
                run.count += 1;
                run.extra = run.extra.saturating_add(extra);
            }
            _ => self.stack.push(Entry { start: at, last: at, count: 1, container: NOTHING, extra }),
        }
    }

    /// The value on top of the stack, for the memo.
    #[inline]
    fn top(&self, at: usize) -> Result<Known, Fault> {
        match self.stack.last() {
            Some(entry) if self.marks.last().is_none_or(|&(height, _)| height < self.stack.len()) => {
                Ok(match entry.container {
                    NOTHING => Known::Scalar(entry.last),
                    container => Known::Container(container),
                })
            }
            _ => Err(underflow(at)),
        }
    }

    #[inline]
    fn put(&mut self, id: u64, known: Known, at: usize) -> Result<(), Fault> {
        // A value that was itself fetched from the memo is the object that it was then.
        let known = match known {
            Known::Scalar(start) if matches!(self.outline.bytes[start], BINGET | LONG_BINGET | GET) => {
                self.outline.known(start).unwrap_or(known)
            }
            known => known,
        };
        if self.outline.memo.put(self.base.saturating_add(id), known) {
            return Ok(());
        }
        Err(Fault::new(at, format!("two objects have the number {id}")))
    }

    fn get(&mut self, at: usize) -> Result<(), Fault> {
        let id = self.argument(at)?;
        let Some(known) = self.base.checked_add(id).and_then(|id| self.outline.memo.get(id)) else {
            return Err(Fault::new(at, format!("object {id} is referred to, and nothing has that number")));
        };
        let extra = match known {
            Known::Scalar(start) => {
                let length = length(self.outline.bytes, start).unwrap_or(0);
                if length <= SHORT_TEXT { 0 } else { length as u64 }
            }
            Known::Container(container) => {
                let container = self.outline.containers[container as usize];
                // One that is not complete contains this reference, and no walk of it ends.
                let own = container.end.saturating_sub(container.start) as u64;
                container.extra.saturating_add(own)
            }
        };
        self.scalar(at, extra);
        Ok(())
    }

    /// The number in the argument of a GET or PUT.
    fn argument(&self, at: usize) -> Result<u64, Fault> {
        memo_index(self.outline.bytes, at)
            .ok_or_else(|| Fault::new(at, "the number of an object is not one that a memo can have"))
    }

    /// Pushes a container that begins at an opcode or, with what was taken, at its first element.
    fn push_container(&mut self, kind: Kind, at: usize, taken: Option<Taken>) -> Result<(), Fault> {
        // Where no mark is open, the stack holds the containers of this value, and a key or two for each.
        if self.marks.is_empty() && self.stack.len() > 3 * MOST_OPEN {
            return Err(too_deep(at));
        }
        let start = taken.as_ref().map_or(at, |taken| taken.start);
        let index = self.next_index(self.outline.containers.len(), at)?;
        self.outline.containers.push(Container {
            kind,
            start,
            end: self.position,
            first: NOTHING,
            last: NOTHING,
            depth: 1,
            extra: 0,
        });
        if let Some(taken) = taken {
            self.add_segment(index, taken, at)?;
        }
        self.stack.push(Entry { start, last: start, count: 1, container: index, extra: 0 });
        Ok(())
    }

    /// The index of what comes next in a vector of that length.
    fn next_index(&self, length: usize, at: usize) -> Result<u32, Fault> {
        u32::try_from(length)
            .ok()
            .filter(|&index| index != NOTHING)
            .ok_or_else(|| Fault::new(at, "more than 4,294,967,294 containers"))
    }

    /// Elements that end at `end` become part of a container.
    fn add_segment(&mut self, container: u32, taken: Taken, end: usize) -> Result<(), Fault> {
        let segment = self.next_index(self.outline.segments.len(), end)?;
        self.outline.segments.push(Segment { start: taken.start, end, children: taken.children, next: NOTHING });
        let container = &mut self.outline.containers[container as usize];
        container.extra = container.extra.saturating_add(taken.extra);
        container.depth = container.depth.max(taken.depth + 1);
        if container.depth as usize > MOST_OPEN {
            return Err(too_deep(end));
        }
        container.end = self.position;
        let before = std::mem::replace(&mut container.last, segment);
        match before {
            NOTHING => container.first = segment,
            before => self.outline.segments[before as usize].next = segment,
        }
        Ok(())
    }

    /// Takes the values above the last mark.
    fn take_marked(&mut self, at: usize) -> Result<Taken, Fault> {
        let Some((height, mark)) = self.marks.pop() else {
            return Err(Fault::new(at, "a MARK is missing"));
        };
        Ok(self.fold(height, mark + 1))
    }

    /// Takes the entries from a height of the stack on.
    fn fold(&mut self, height: usize, start: usize) -> Taken {
        let from = self.outline.children.len() as u32;
        let (mut count, mut depth, mut extra) = (0, 0, 0u64);
        for entry in &self.stack[height..] {
            count += u64::from(entry.count);
            extra = extra.saturating_add(entry.extra);
            if entry.container != NOTHING {
                let container = &self.outline.containers[entry.container as usize];
                self.outline.children.push(entry.container);
                extra = extra.saturating_add(container.extra);
                depth = depth.max(container.depth);
            }
        }
        self.stack.truncate(height);
        Taken { start, count, depth, extra, children: (from, self.outline.children.len() as u32) }
    }

    /// Takes the `wanted` values on top of the stack.
    fn take(&mut self, wanted: u32, at: usize) -> Result<Taken, Fault> {
        let floor = self.marks.last().map_or(0, |&(height, _)| height);
        let (mut height, mut left) = (self.stack.len(), wanted);
        while left > 0 {
            if height == floor {
                return Err(underflow(at));
            }
            height -= 1;
            let entry = self.stack[height];
            if entry.count > left {
                self.split(height, entry.count - left);
                height += 1;
                left = 0;
            } else {
                left -= entry.count;
            }
        }
        let start = self.stack[height].start;
        Ok(self.fold(height, start))
    }

    /// Makes two entries of one: the first `keep` values, and the rest. What references add stays with the second.
    fn split(&mut self, height: usize, keep: u32) {
        let run = self.stack[height];
        let (mut position, mut before, mut seen) = (run.start, run.start, 0);
        // Every opcode of the run was read before.
        for instruction in Reader::from(self.outline.bytes, run.start) {
            position = instruction.start;
            if is_value(instruction.byte()) {
                if seen == keep {
                    break;
                }
                before = position;
                seen += 1;
            }
        }
        self.stack[height] = Entry { last: before, count: keep, extra: 0, ..run };
        self.stack.insert(height + 1, Entry { start: position, count: run.count - keep, ..run });
    }

    /// A container of the values on top of the stack.
    fn collect(&mut self, kind: Kind, count: u32, at: usize) -> Result<(), Fault> {
        let taken = self.take(count, at)?;
        self.push_container(kind, at, Some(taken))
    }

    /// A container of the values above the last mark. It begins with the mark.
    fn collect_marked(&mut self, kind: Kind, at: usize) -> Result<(), Fault> {
        let taken = self.take_marked(at)?;
        if kind == Kind::Dict && !taken.count.is_multiple_of(2) {
            return Err(Fault::new(at, "a dict has a key without a value"));
        }
        let start = taken.start - 1;
        self.push_container(kind, at, Some(taken))?;
        let (Some(entry), Some(container)) = (self.stack.last_mut(), self.outline.containers.last_mut()) else {
            return Ok(());
        };
        entry.start = start;
        container.start = start;
        Ok(())
    }

    /// Adds the values on top of the stack to the container below them.
    fn extend(&mut self, count: u32, at: usize) -> Result<(), Fault> {
        let taken = self.take(count, at)?;
        self.append(taken, at)
    }

    /// Adds values to the container that is now on top of the stack.
    fn append(&mut self, taken: Taken, at: usize) -> Result<(), Fault> {
        self.top(at)?;
        let Some(&Entry { container, .. }) = self.stack.last() else { return Err(underflow(at)) };
        let Some(target) = self.outline.containers.get(container as usize) else {
            return Err(Fault::new(at, "something is added to a value that takes nothing, or was added elsewhere"));
        };
        let fits = match (self.outline.bytes[at], target.kind) {
            (APPEND | APPENDS, Kind::List) | (ADDITEMS, Kind::Set) => true,
            (SETITEM | SETITEMS, Kind::Dict) => taken.count.is_multiple_of(2),
            (_, Kind::Object) => true,
            _ => false,
        };
        if !fits {
            return Err(Fault::new(at, "something is added to a value that does not take it"));
        }
        self.add_segment(container, taken, at)
    }
}

fn too_deep(at: usize) -> Fault {
    Fault::new(at, format!("it is nested more than {MOST_OPEN} levels deep"))
}

fn underflow(at: usize) -> Fault {
    Fault::new(at, "the stack has fewer values than the opcode takes")
}

/// Whether an opcode within a run pushes a value: the others put one into the memo, or begin a frame.
fn is_value(byte: u8) -> bool {
    !matches!(byte, MEMOIZE | BINPUT | LONG_BINPUT | PUT | FRAME | PROTO)
}

impl Place {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) fn new(index: u32) -> Place {
        Place(index)
    }
}
