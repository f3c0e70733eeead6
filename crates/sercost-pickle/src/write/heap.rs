//! Python objects that say themselves which of them are the same.
//!
//! A [`Heap`] holds objects, a [`Ref`] names one. Whatever is reached by the same `Ref` is the same object, so it is
//! written once; a list may well contain itself.

use super::memo::Cached;
use super::{BATCH, HIGHEST_PROTOCOL, MemoId, PickleOf, WriteError, Writer};
use crate::opcode::*;
use std::collections::HashMap;

/// An object of a [`Heap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ref(usize);

/// An object of the heap.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// An `int` of up to 64 bits.
    Int(i64),
    /// An `int` of any size: two's complement, the least byte first.
    BigInt(Vec<u8>),
    /// A `float`.
    Float(f64),
    /// A `str` without lone surrogates.
    Str(String),
    /// A `bytes`.
    Bytes(Vec<u8>),
    /// A `bytearray`.
    ByteArray(Vec<u8>),
    /// A `list`.
    List(Vec<Ref>),
    /// A `tuple`.
    Tuple(Vec<Ref>),
    /// A `dict`.
    Dict(Vec<(Ref, Ref)>),
    /// A `set`, in the order in which Python goes through it.
    Set(Vec<Ref>),
    /// A `frozenset`, in the order in which Python goes through it.
    FrozenSet(Vec<Ref>),
    /// A function or a class by name: its `__module__` and its `__qualname__`, two strings of the heap.
    Global {
        /// The module's name.
        module: Ref,
        /// The name within it.
        name: Ref,
    },
    /// A `functools.partial`.
    Partial {
        /// The function.
        func: Ref,
        /// A tuple.
        args: Ref,
        /// A dict.
        keywords: Ref,
        /// Its own attributes: a dict, or `None`.
        attributes: Ref,
    },
}

/// Objects.
#[derive(Clone, Debug, Default)]
pub struct Heap {
    nodes: Vec<Node>,
    /// Strings that CPython has one of: interned names, and the cached ones.
    interned: HashMap<String, Ref>,
    empty_bytes: Option<Ref>,
    /// Globals by module and name: a function is one object.
    globals: HashMap<(String, String), Ref>,
}

impl Heap {
    /// A new object. Strings of one character below U+0100, the empty string and the empty bytes are not new, since
    /// CPython keeps one of each.
    pub fn add(&mut self, node: Node) -> Ref {
        match &node {
            Node::Str(text) if Cached::text(text).is_some() => return self.interned(text),
            Node::Bytes(bytes) if bytes.is_empty() => {
                if let Some(known) = self.empty_bytes {
                    return known;
                }
                self.empty_bytes = Some(Ref(self.nodes.len()));
            }
            _ => {}
        }
        self.nodes.push(node);
        Ref(self.nodes.len() - 1)
    }

    /// An interned string: one object for equal texts.
    pub fn interned(&mut self, text: &str) -> Ref {
        if let Some(&known) = self.interned.get(text) {
            return known;
        }
        self.nodes.push(Node::Str(text.to_owned()));
        let new = Ref(self.nodes.len() - 1);
        self.interned.insert(text.to_owned(), new);
        new
    }

    /// A function or class of that module and name, one object for equal names; the names are interned.
    pub fn global(&mut self, module: &str, name: &str) -> Ref {
        let key = (module.to_owned(), name.to_owned());
        if let Some(&known) = self.globals.get(&key) {
            return known;
        }
        let node = Node::Global { module: self.interned(module), name: self.interned(name) };
        let new = self.add(node);
        self.globals.insert(key, new);
        new
    }

    /// The node of an object.
    pub fn get(&self, object: Ref) -> &Node {
        &self.nodes[object.0]
    }

    /// The node of an object, to fill a list after something refers to it.
    pub fn get_mut(&mut self, object: Ref) -> &mut Node {
        &mut self.nodes[object.0]
    }

    /// Appends the pickle of an object to `out`, as `pickle.dumps` of such a CPython would make it.
    ///
    /// Needs the heap to itself, since the pickle may need names that no object has asked for yet.
    pub fn write(&mut self, object: Ref, protocol: u8, of: PickleOf, out: &mut Vec<u8>) -> Result<(), WriteError> {
        if protocol > HIGHEST_PROTOCOL {
            return Err(WriteError::NoProtocol(protocol));
        }
        let names = Names {
            partial: self.global("functools", "partial"),
            set: self.global("builtins", "set"),
            frozenset: self.global("builtins", "frozenset"),
            bytearray: self.global("builtins", "bytearray"),
            bytes: self.global("builtins", "bytes"),
            codecs_encode: self.global("_codecs", "encode"),
            latin1: self.interned("latin1"),
        };
        if protocol < 3 {
            self.intern_single_bytes();
        }
        let memo = vec![None; self.nodes.len()];
        let writer = Writer::new(protocol, of, std::mem::take(out));
        let mut pickler = Pickler { heap: self, names, memo, writer, tasks: vec![Task::Save(object)] };
        let result = pickler.run();
        *out = pickler.writer.finish();
        result
    }
}

impl Heap {
    /// Makes the cached strings that single bytes are written by.
    fn intern_single_bytes(&mut self) {
        let singles = self.nodes.iter().filter_map(|node| match node {
            Node::Bytes(bytes) | Node::ByteArray(bytes) if bytes.len() == 1 => Some(bytes[0].into()),
            _ => None,
        });
        for char in singles.collect::<Vec<char>>() {
            self.interned(char.encode_utf8(&mut [0; 4]));
        }
    }
}

/// The names that pickles of other objects refer to.
struct Names {
    partial: Ref,
    set: Ref,
    frozenset: Ref,
    bytearray: Ref,
    bytes: Ref,
    codecs_encode: Ref,
    latin1: Ref,
}

/// Writes one pickle. What is still to be done is a stack of its own, so that no depth of objects is one of calls.
struct Pickler<'h> {
    heap: &'h Heap,
    names: Names,
    memo: Vec<Option<MemoId>>,
    writer: Writer,
    tasks: Vec<Task>,
}

/// A step that is left to do.
enum Task {
    /// Pickle an object.
    Save(Ref),
    /// Write an opcode.
    Op(u8),
    /// Put an object into the memo.
    Memoize(Ref),
    /// The elements of an object, from one of them on, in batches that end in such an opcode.
    Batches {
        of: Ref,
        from: usize,
        many: u8,
    },
    /// The elements from one to another, each followed by such an opcode.
    Elements {
        of: Ref,
        from: usize,
        to: usize,
        one: Option<u8>,
    },
    /// The end of a tuple, or a reference to it if its items contained it.
    EndTuple(Ref),
    /// The end of a frozenset, likewise.
    EndFrozenSet(Ref),
    /// The end of an object made by a call, likewise.
    EndReduce(Ref),
    /// The end of an object made by a call that nothing else can refer to.
    EndTemporaryReduce,
    /// The empty tuple.
    EmptyTuple,
    /// A new list of an object's elements.
    ListOf(Ref),
    /// A new tuple begins, or ends.
    BeginTuple(usize),
    EndTemporaryTuple(usize),
    /// New bytes of a bytearray's content.
    BytesOf(Ref),
    /// New text of such bytes.
    TextOf(Ref),
}

impl Pickler<'_> {
    fn run(&mut self) -> Result<(), WriteError> {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Save(object) => self.save(object)?,
                Task::Op(opcode) => self.writer.op(opcode),
                Task::Memoize(object) => self.memoize(object)?,
                Task::Batches { of, from, many } => self.batch(of, from, many),
                Task::Elements { of, from, to, one } => self.element(of, from, to, one),
                Task::EndTuple(object) => self.end_tuple(object)?,
                Task::EndFrozenSet(object) => match self.memo[object.0] {
                    None => {
                        self.writer.op(FROZENSET);
                        self.memoize(object)?;
                    }
                    Some(id) => {
                        self.writer.op(POP_MARK);
                        self.writer.get(id)?;
                    }
                },
                Task::EndReduce(object) => {
                    self.writer.op(REDUCE);
                    match self.memo[object.0] {
                        None => self.memoize(object)?,
                        Some(id) => {
                            self.writer.op(POP);
                            self.writer.get(id)?;
                        }
                    }
                }
                Task::EndTemporaryReduce => {
                    self.writer.op(REDUCE);
                    self.writer.memoize()?;
                }
                Task::EmptyTuple => {
                    self.writer.boundary();
                    self.writer.empty_tuple();
                }
                Task::ListOf(object) => {
                    self.writer.boundary();
                    self.writer.container(EMPTY_LIST, LIST);
                    self.writer.memoize()?;
                    self.elements(object, APPEND, APPENDS);
                }
                Task::BeginTuple(length) => {
                    self.writer.boundary();
                    self.writer.begin_tuple(length);
                }
                Task::EndTemporaryTuple(length) => {
                    self.writer.end_tuple(length);
                    self.writer.memoize()?;
                }
                Task::BytesOf(object) => self.bytes_of(object)?,
                Task::TextOf(object) => self.text_of(object)?,
            }
        }
        Ok(())
    }

    /// Schedules tasks in the order given.
    fn then<const N: usize>(&mut self, tasks: [Task; N]) {
        self.tasks.extend(tasks.into_iter().rev());
    }

    fn memoize(&mut self, object: Ref) -> Result<(), WriteError> {
        self.memo[object.0] = Some(self.writer.memoize()?);
        Ok(())
    }

    fn save(&mut self, object: Ref) -> Result<(), WriteError> {
        self.writer.boundary();
        if let Some(id) = self.memo[object.0] {
            return self.writer.get(id);
        }
        let heap = self.heap;
        match heap.get(object) {
            Node::None => self.writer.none(),
            Node::Bool(value) => self.writer.bool(*value),
            Node::Int(value) => self.writer.int(*value),
            Node::BigInt(bytes) => self.writer.big_int(bytes)?,
            Node::Float(value) => self.writer.float(*value),
            Node::Str(text) => {
                self.writer.text(text)?;
                self.memoize(object)?;
            }
            Node::Bytes(bytes) => self.save_bytes(object, bytes)?,
            Node::ByteArray(bytes) => self.save_byte_array(object, bytes)?,
            Node::List(_) => {
                self.writer.container(EMPTY_LIST, LIST);
                self.memoize(object)?;
                self.elements(object, APPEND, APPENDS);
            }
            Node::Dict(_) => {
                self.writer.container(EMPTY_DICT, DICT);
                self.memoize(object)?;
                self.elements(object, SETITEM, SETITEMS);
            }
            Node::Tuple(items) if items.is_empty() => self.writer.empty_tuple(),
            Node::Tuple(items) => {
                self.writer.begin_tuple(items.len());
                self.then([Task::Elements { of: object, from: 0, to: items.len(), one: None }, Task::EndTuple(object)]);
            }
            Node::Set(_) if self.writer.protocol >= 4 => {
                self.writer.op(EMPTY_SET);
                self.memoize(object)?;
                self.elements(object, ADDITEMS, ADDITEMS);
            }
            Node::FrozenSet(items) if self.writer.protocol >= 4 => {
                self.writer.op(MARK);
                let items = Task::Elements { of: object, from: 0, to: items.len(), one: None };
                self.then([items, Task::EndFrozenSet(object)]);
            }
            Node::Set(_) => self.save_by_list(self.names.set, object),
            Node::FrozenSet(_) => self.save_by_list(self.names.frozenset, object),
            Node::Global { module, name } => self.save_global(object, *module, *name)?,
            Node::Partial { func, args, keywords, attributes } => {
                let class = self.names.partial;
                self.then([
                    Task::Save(class),
                    Task::BeginTuple(1),
                    Task::Save(*func),
                    Task::EndTemporaryTuple(1),
                    Task::EndReduce(object),
                    Task::BeginTuple(4),
                    Task::Save(*func),
                    Task::Save(*args),
                    Task::Save(*keywords),
                    Task::Save(*attributes),
                    Task::EndTemporaryTuple(4),
                    Task::Op(BUILD),
                ]);
            }
        }
        Ok(())
    }

    /// The names as objects, or as a line in protocols that have no opcode for the former.
    fn save_global(&mut self, object: Ref, module: Ref, name: Ref) -> Result<(), WriteError> {
        if self.writer.protocol >= 4 {
            self.then([Task::Save(module), Task::Save(name), Task::Op(STACK_GLOBAL), Task::Memoize(object)]);
            return Ok(());
        }
        let text = |object| match self.heap.get(object) {
            Node::Str(text) => Ok(text.as_str()),
            other => Err(WriteError::Refused(format!("the name of a function is {other:?}"))),
        };
        self.writer.global_line(text(module)?, text(name)?)?;
        self.memoize(object)
    }

    fn save_bytes(&mut self, object: Ref, bytes: &[u8]) -> Result<(), WriteError> {
        if self.writer.protocol >= 3 {
            self.writer.bytes(bytes)?;
            return self.memoize(object);
        }
        self.call_for_bytes(object, bytes, Task::EndReduce(object));
        Ok(())
    }

    /// The call that makes bytes where there is no opcode for them; the class or function is the next object.
    fn call_for_bytes(&mut self, object: Ref, bytes: &[u8], end: Task) {
        let Names { bytes: class, codecs_encode, latin1, .. } = self.names;
        if bytes.is_empty() {
            self.then([Task::Save(class), Task::EmptyTuple, end]);
        } else {
            let arguments = [Task::BeginTuple(2), Task::TextOf(object), Task::Save(latin1), Task::EndTemporaryTuple(2)];
            self.then([end]);
            self.then(arguments);
            self.then([Task::Save(codecs_encode)]);
        }
    }

    fn save_byte_array(&mut self, object: Ref, bytes: &[u8]) -> Result<(), WriteError> {
        if self.writer.protocol >= 5 {
            self.writer.byte_array(bytes);
            return self.memoize(object);
        }
        self.then([Task::EndReduce(object)]);
        if bytes.is_empty() {
            self.then([Task::EmptyTuple]);
        } else {
            self.then([Task::BeginTuple(1), Task::BytesOf(object), Task::EndTemporaryTuple(1)]);
        }
        self.then([Task::Save(self.names.bytearray)]);
        Ok(())
    }

    /// Bytes that CPython makes of a bytearray on the way.
    fn bytes_of(&mut self, object: Ref) -> Result<(), WriteError> {
        self.writer.boundary();
        let Node::ByteArray(bytes) = self.heap.get(object) else { return Ok(()) };
        if self.writer.protocol >= 3 {
            self.writer.bytes(bytes)?;
            self.writer.memoize()?;
        } else {
            self.call_for_bytes(object, bytes, Task::EndTemporaryReduce);
        }
        Ok(())
    }

    /// Text that CPython makes of bytes on the way: new, but for a single character.
    fn text_of(&mut self, object: Ref) -> Result<(), WriteError> {
        let (Node::Bytes(bytes) | Node::ByteArray(bytes)) = self.heap.get(object) else { return Ok(()) };
        let text: String = bytes.iter().copied().map(char::from).collect();
        match self.heap.interned.get(&text) {
            Some(&cached) if Cached::text(&text).is_some() => self.save(cached),
            _ => {
                self.writer.boundary();
                self.writer.text(&text)?;
                self.writer.memoize().map(drop)
            }
        }
    }

    /// A set where there is no opcode for it: its class, called with a list.
    fn save_by_list(&mut self, class: Ref, object: Ref) {
        self.then([
            Task::Save(class),
            Task::BeginTuple(1),
            Task::ListOf(object),
            Task::EndTemporaryTuple(1),
            Task::EndReduce(object),
        ]);
    }

    fn end_tuple(&mut self, object: Ref) -> Result<(), WriteError> {
        let length = self.length(object);
        let Some(id) = self.memo[object.0] else {
            self.writer.end_tuple(length);
            return self.memoize(object);
        };
        // The tuple was pickled as a part of itself: what is on the stack is dropped, its mark too.
        if self.writer.has_short_tuple(length) {
            (0..length).for_each(|_| self.writer.op(POP));
        } else if self.writer.is_binary() {
            self.writer.op(POP_MARK);
        } else {
            (0..=length).for_each(|_| self.writer.op(POP));
        }
        self.writer.get(id)
    }

    /// The number of elements.
    fn length(&self, object: Ref) -> usize {
        match self.heap.get(object) {
            Node::List(items) | Node::Tuple(items) | Node::Set(items) | Node::FrozenSet(items) => items.len(),
            Node::Dict(entries) => entries.len(),
            _ => 0,
        }
    }

    /// Schedules the elements of an object that is written, for such opcodes.
    fn elements(&mut self, of: Ref, one: u8, many: u8) {
        let length = self.length(of);
        let singly = !self.writer.is_binary() || (length == 1 && one != many);
        if singly {
            self.tasks.push(Task::Elements { of, from: 0, to: length, one: Some(one) });
        } else if length > 0 {
            self.tasks.push(Task::Batches { of, from: 0, many });
        }
    }

    fn batch(&mut self, of: Ref, from: usize, many: u8) {
        let length = self.length(of);
        let to = length.min(from + BATCH);
        let newest = self.writer.of == PickleOf::V3_15;
        if newest && many != ADDITEMS && from + 1 == length {
            let one = if many == APPENDS { APPEND } else { SETITEM };
            self.tasks.push(Task::Elements { of, from, to, one: Some(one) });
            return;
        }
        // Of a dict or set CPython only finds out that there are no more when it has begun the next batch.
        let more = if many == APPENDS || newest { to < length } else { to - from == BATCH };
        if more {
            self.tasks.push(Task::Batches { of, from: to, many });
        }
        self.writer.op(MARK);
        self.then([Task::Elements { of, from, to, one: None }, Task::Op(many)]);
    }

    fn element(&mut self, of: Ref, from: usize, to: usize, one: Option<u8>) {
        if from == to {
            return;
        }
        self.tasks.push(Task::Elements { of, from: from + 1, to, one });
        self.tasks.extend(one.map(Task::Op));
        match self.heap.get(of) {
            Node::List(items) | Node::Tuple(items) | Node::Set(items) | Node::FrozenSet(items) => {
                self.then([Task::Save(items[from])]);
            }
            Node::Dict(entries) => {
                let (key, value) = entries[from];
                self.then([Task::Save(key), Task::Save(value)]);
            }
            _ => {}
        }
    }
}
