//! Objects: what was called or made with which arguments, and the state that they were given.

use super::entry::{Entry, Hold, Kind, NONE};
use super::memo::Slot;
use super::node::{Child, Edge, EdgeKind};
use super::reduction::{self, Reduction, Shown};
use super::{Fault, Machine};
use crate::dtypes;
use crate::opcode as op;
use crate::reader::text_at;

/// The argument that stands for all of them, where they are not a tuple of their own.
pub(super) const ALL_ARGUMENTS: u32 = NONE;

impl Machine<'_> {
    /// The opcodes that make an object or give it its state.
    pub(super) fn object(&mut self, byte: u8) -> Result<(), Fault> {
        match byte {
            op::REDUCE => {
                let start = self.need(2, "REDUCE")?;
                self.at += 1;
                if self.data.get(self.at) == Some(&op::POP) && self.set_state(start) {
                    return Ok(());
                }
                let made = self.call(start, 1);
                self.stack.truncate(start);
                self.stack.push(made);
            }
            op::NEWOBJ => {
                let start = self.need(2, "NEWOBJ")?;
                self.at += 1;
                let made = self.call(start, 1);
                self.stack.truncate(start);
                self.stack.push(made);
            }
            op::NEWOBJ_EX => {
                let start = self.need(3, "NEWOBJ_EX")?;
                self.at += 1;
                let made = self.call(start, 1);
                let keywords = self.stack[start + 2];
                self.take_named(made.id, &keywords);
                self.stack.truncate(start);
                self.stack.push(made);
            }
            op::BUILD => {
                let start = self.need(2, "BUILD")?;
                self.at += 1;
                let (node, through) = self.target(start);
                let state = self.stack[start + 1];
                self.arena.own(node, 1);
                self.build(node, through, &state);
                self.stack.truncate(start + 1);
                if self.has_tables {
                    self.name_columns(node);
                }
                self.name_function(node);
                self.read_raw_array(node)?;
            }
            op::INST => {
                let instruction = self.instruction()?;
                let [module, name] = instruction.lines().unwrap_or_default();
                let label = self.dotted(module, name);
                let base = self.marked()?;
                let (end, bytes) = (instruction.end(), instruction.code.len() as u64 + 1);
                let node = self.arena.make(Kind::Object, label, self.at as u64, bytes);
                self.at = end;
                self.take_into(node, base, |index| Edge::new(EdgeKind::Argument, index));
                self.stack.push(Entry::node(Kind::Object, node, self.at as u64));
            }
            _ => {
                let base = self.marked()?;
                if base == self.stack.len() {
                    return Err(self.fault("OBJ finds no class above its mark"));
                }
                let class = self.stack[base];
                let label = self.class_of(&class);
                let node = self.arena.make(Kind::Object, label, self.start_of(base), 2);
                self.at += 1;
                self.take_callable(node, &class);
                let arguments = self.stack.split_off(base + 1);
                self.stack.truncate(base);
                self.stack.extend(arguments);
                self.take_into(node, base, |index| Edge::new(EdgeKind::Argument, index));
                self.stack.push(Entry::node(Kind::Object, node, self.at as u64));
            }
        }
        Ok(())
    }

    /// The label of what is called, which may have been made in the pickle and come from the memo.
    fn class_of(&mut self, callable: &Entry) -> u32 {
        if let (Hold::Reference, Some(Slot::Object(object))) = (callable.hold, Slot::unpack(callable.at)) {
            let class = self.arena.find_node(object).map_or(NONE, |node| self.arena.get(node).class);
            let name = self.labels.bytes(class);
            return if name.starts_with(b"types ") || name.ends_with(b" by value") { class } else { NONE };
        }
        self.callable_label(callable)
    }

    /// The label of what is called if it lies on the stack itself: of a partial object, what it calls.
    pub(super) fn callable_label(&self, callable: &Entry) -> u32 {
        match callable.hold {
            Hold::Node => match self.arena.get(callable.id).class {
                class if self.labels.bytes(class) == b"functools.partial" => {
                    let func = self.attribute(callable.id, "func").filter(|func| func.kind == Kind::Global);
                    func.map_or(class, |func| func.id)
                }
                class => class,
            },
            _ if callable.kind == Kind::Global => callable.id,
            _ => NONE,
        }
    }

    fn known(&mut self, label: u32) -> Option<&'static Reduction> {
        if label == NONE {
            return None;
        }
        let place = label as usize;
        if self.known.len() <= place {
            self.known.resize(place + 1, None);
        }
        *self.known[place].get_or_insert_with(|| reduction::find(self.labels.bytes(label)))
    }

    /// The bytes of what was called belong to what it made.
    fn take_callable(&mut self, node: u32, callable: &Entry) {
        match callable.hold {
            Hold::Node | Hold::BagNode | Hold::Object => self.arena.add(node, Edge::CALLABLE, callable, 0),
            _ => self.arena.own(node, callable.bytes),
        }
    }

    /// The result of calling the value at `start` with those at `start + 1`.
    fn call(&mut self, start: usize, own: u64) -> Entry {
        let at = self.start_of(start);
        let (callable, arguments) = (self.stack[start], self.stack[start + 1]);
        let label = self.class_of(&callable);
        let known = self.known(label);
        let node = match arguments.hold {
            Hold::Node if arguments.kind == Kind::Tuple => arguments.id,
            Hold::Object => {
                let node = self.arena.node_of_object(arguments.id, Kind::Object, at);
                self.arena.own(node, arguments.bytes);
                node
            }
            Hold::Single if arguments.kind == Kind::Tuple => self.arena.make(Kind::Object, NONE, at, arguments.bytes),
            _ => {
                let node = self.arena.make(Kind::Object, NONE, at, 0);
                self.arena.add(node, Edge::new(EdgeKind::Argument, ALL_ARGUMENTS), &arguments, 0);
                node
            }
        };
        let children = std::mem::take(&mut self.arena.get_mut(node).children);
        let class = self.shown_class(label, known, &children);
        let count = children.len();
        let names = match known {
            Some(row) => row.arguments,
            None if is_code(self.labels.bytes(label)) => {
                self.arena.get_mut(node).class = label;
                reduction::code_arguments(count)
            }
            None => &[],
        };
        let place = self.arena.get_mut(node);
        (place.kind, place.class, place.at, place.length) = (Kind::Object, class, at, 0);
        place.total = place.own;
        let is_state = known.is_some_and(|row| row.shown == Shown::FirstArgument);
        for child in children {
            self.take_argument(node, child, names, is_state, known.map_or(&[], |row| row.state));
        }
        self.arena.own(node, own);
        self.take_callable(node, &callable);
        match known.map(|row| row.shown) {
            Some(Shown::Array) => self.name_array(node),
            Some(Shown::Tensor) => self.note_view(node),
            _ => {}
        }
        // dill's functions and classes may have no state that their name follows from.
        if known.is_some_and(|row| matches!(row.shown, Shown::As("function by value" | "class by value"))) {
            self.name_function(node);
        }
        if self.has_tables
            && known.is_some_and(|row| matches!(row.shown, Shown::As("pyarrow.Table" | "pyarrow.RecordBatch")))
        {
            self.name_columns(node);
        }
        Entry::node(Kind::Object, node, at)
    }

    /// Hangs one argument on the object, under its name if that is known.
    fn take_argument(
        &mut self,
        node: u32,
        child: Child,
        names: &[&'static str],
        is_state: bool,
        members: &[&'static str],
    ) {
        let index = child.edge.id();
        let edge = match (child.edge.kind(), names.get(index as usize)) {
            (EdgeKind::Index, Some(&"*")) => {
                if let Some(spread) = child.node() {
                    self.arena.own(node, child.bytes);
                    let is_pairs = child.kind == Kind::Tuple;
                    let labels: Vec<u32> = members.iter().map(|name| self.labels.intern_own(name)).collect();
                    self.arena.hoist(node, spread, |edge| match edge.kind() {
                        EdgeKind::Index if is_pairs && (edge.id() as usize) < labels.len() => {
                            Edge::new(EdgeKind::Attribute, labels[edge.id() as usize])
                        }
                        EdgeKind::Index if is_pairs => Edge::ITEM,
                        _ if is_state => as_attribute(edge),
                        _ => edge,
                    });
                    return;
                }
                Edge::new(EdgeKind::Argument, index)
            }
            (EdgeKind::Index, Some(name)) => Edge::new(EdgeKind::Attribute, self.labels.intern_own(name)),
            (EdgeKind::Index, None) => Edge::new(EdgeKind::Argument, index),
            _ => child.edge,
        };
        match child.node() {
            Some(below) => self.arena.add_node(node, edge, below, child.bytes),
            None => self.arena.add_leaf(node, edge, child.kind, child.id, child.count, child.bytes, child.at),
        }
    }

    /// The label under which an object is shown.
    fn shown_class(&mut self, label: u32, known: Option<&'static Reduction>, children: &[Child]) -> u32 {
        let first = children.iter().find(|child| child.edge == Edge::new(EdgeKind::Index, 0));
        let word = |child: Option<&Child>| -> Option<String> {
            let child = child.filter(|child| matches!(child.kind, Kind::Str | Kind::Bytes | Kind::Reference))?;
            let text = text_at(self.data, child.at)?;
            (text.len() < 100).then(|| String::from_utf8_lossy(text).into_owned())
        };
        let Some(row) = known else {
            return match self.labels.bytes(label) {
                name if is_code(name) => self.labels.intern_own("code"),
                name => match name.strip_prefix(b"class ").and_then(|name| name.strip_suffix(b" by value")) {
                    Some(name) => {
                        let text = format!("instance of {}", String::from_utf8_lossy(name));
                        self.labels.intern_own(&text)
                    }
                    None => label,
                },
            };
        };
        match row.shown {
            Shown::Callable => label,
            Shown::Tensor => self.labels.intern_own("torch.Tensor"),
            Shown::As(name) => self.labels.intern_own(name),
            Shown::Array => self.labels.intern_own("numpy.ndarray"),
            Shown::FirstArgument => match first {
                Some(class) if class.kind == Kind::Global => class.id,
                _ => label,
            },
            Shown::Word(prefix) => match word(first) {
                Some(word) => self.labels.intern_own(&format!("{prefix} {word}")),
                None => label,
            },
            Shown::Attribute => {
                let second = children.iter().find(|child| child.edge == Edge::new(EdgeKind::Index, 1));
                match (first, word(second)) {
                    (Some(class), Some(word)) if class.kind == Kind::Global => {
                        let class = self.labels.text(class.id).into_owned();
                        self.labels.intern_own(&format!("{class}.{word}"))
                    }
                    (_, Some(word)) => self.labels.intern_own(&format!("bound method {word}")),
                    _ => label,
                }
            }
        }
    }

    /// A function called for what it does to an object that exists: `setter(obj, state)`, REDUCE, POP. The state is the
    /// object's. CPython writes this for a reduction of six parts, of which cloudpickle makes use.
    fn set_state(&mut self, start: usize) -> bool {
        let (setter, arguments) = (self.stack[start], self.stack[start + 1]);
        if arguments.hold != Hold::Node || arguments.kind != Kind::Tuple {
            return false;
        }
        let tuple = arguments.id;
        if self.arena.get(tuple).children.len() == 3 {
            return self.set_attribute(start, tuple);
        }
        let &[object, state] = self.arena.get(tuple).children.as_slice() else { return false };
        if object.edge != Edge::new(EdgeKind::Index, 0) || object.kind != Kind::Reference || object.id == NONE {
            return false;
        }
        let Some(node) = self.arena.find_node(object.id).filter(|node| *node != tuple) else { return false };
        if matches!(setter.hold, Hold::Node | Hold::BagNode) || self.arena.may_be_below(node, tuple) {
            return false;
        }
        self.stack.truncate(start);
        // The opcode of this call and of the POP.
        self.at += 1;
        self.arena.own(node, setter.bytes + object.bytes + 2);
        self.arena.get_mut(node).references = self.arena.get(node).references.saturating_sub(1);
        self.arena.get_mut(tuple).children.remove(0);
        match state.node() {
            Some(below) => {
                self.arena.get_mut(tuple).children.clear();
                self.arena.hoist(node, tuple, |edge| edge);
                self.arena.get_mut(below).parent = NONE;
                let entry = Entry::node(state.kind, below, state.at);
                self.build(node, true, &entry);
            }
            None => self.arena.hoist(node, tuple, |_| Edge::STATE),
        }
        self.name_function(node);
        true
    }

    /// `setattr(obj, name, value)`, REDUCE, POP: dill fills the cells of a closure so, which may contain themselves.
    fn set_attribute(&mut self, start: usize, tuple: u32) -> bool {
        let setter = self.stack[start];
        let name = match (setter.hold, Slot::unpack(setter.at)) {
            (Hold::Reference, Some(Slot::Object(object))) => {
                let node = self.arena.find_node(object);
                node.map_or(NONE, |node| self.arena.get(node).class)
            }
            _ => self.class_of(&setter),
        };
        if !self.labels.bytes(name).ends_with(b"setattr") {
            return false;
        }
        let &[object, key, value] = self.arena.get(tuple).children.as_slice() else { return false };
        if object.kind != Kind::Reference || object.id == NONE {
            return false;
        }
        let Some(text) = self.text_at_child(&key).filter(|text| text.len() < 100) else { return false };
        let Some(node) = self.arena.find_node(object.id).filter(|node| *node != tuple) else { return false };
        if self.arena.may_be_below(node, tuple) || matches!(setter.hold, Hold::BagNode) {
            return false;
        }
        let edge = Edge::new(EdgeKind::Attribute, self.labels.intern_own(&String::from_utf8_lossy(text)));
        self.stack.truncate(start);
        // The opcode of this call and of the POP.
        self.at += 1;
        self.arena.own(node, object.bytes + key.bytes + key.node().map_or(0, |key| self.arena.get(key).total) + 2);
        self.arena.get_mut(node).references = self.arena.get(node).references.saturating_sub(1);
        self.take_callable(node, &setter);
        self.drop_empty(node, edge);
        self.arena.get_mut(tuple).children.clear();
        self.arena.hoist(node, tuple, |edge| edge);
        match value.node() {
            Some(below) => self.arena.add_node(node, edge, below, value.bytes),
            None => self.arena.add_leaf(node, edge, value.kind, value.id, value.count, value.bytes, value.at),
        }
        true
    }

    /// What an attribute was before it was set, if that was nothing, is the object's.
    fn drop_empty(&mut self, node: u32, edge: Edge) {
        let place = self.arena.get_mut(node);
        let is_it = |child: &Child| child.edge == edge && child.kind == Kind::Null;
        if let Some(at) = place.children.iter().position(is_it) {
            let child = place.children.remove(at);
            place.own += child.bytes;
            place.hint = 0;
        }
    }

    /// A state becomes the attributes of an object, where it is of the usual form.
    pub(super) fn build(&mut self, node: u32, through: bool, state: &Entry) {
        let is_free = state.hold == Hold::Node && !(through && self.arena.may_be_below(node, state.id));
        if !is_free {
            self.hang(node, through, Edge::STATE, state, 0);
            return;
        }
        match state.kind {
            Kind::Dict => self.arena.hoist(node, state.id, as_attribute),
            Kind::Tuple => self.build_of_tuple(node, state),
            _ => self.arena.add(node, Edge::STATE, state, 0),
        }
    }

    fn build_of_tuple(&mut self, node: u32, state: &Entry) {
        let callable = self.arena.get(node).class;
        let names = match self.known(callable) {
            Some(row) => row.state,
            None if self.labels.bytes(callable).starts_with(b"numpy.ndarray") => reduction::array_state(),
            None if self.labels.bytes(callable).starts_with(b"numpy.dtype") => reduction::dtype_state(),
            None => &[],
        };
        if !names.is_empty() {
            self.name_state(node, state.id, names);
            return;
        }
        let children = &self.arena.get(state.id).children;
        // Without __getstate__, an object with slots has its attributes in two dicts, of which the first may be missing.
        let is_slots = children.len() == 2
            && self.arena.get(state.id).length == 2
            && matches!(children[0].kind, Kind::Null | Kind::Dict)
            && children[1].kind == Kind::Dict;
        if !is_slots {
            self.arena.add(node, Edge::STATE, state, 0);
            return;
        }
        let children = std::mem::take(&mut self.arena.get_mut(state.id).children);
        self.arena.hoist(node, state.id, |edge| edge);
        for child in children {
            match child.node() {
                Some(dict) => {
                    self.arena.own(node, child.bytes);
                    self.arena.hoist(node, dict, as_attribute);
                }
                None => self.arena.own(node, child.bytes),
            }
        }
    }

    /// The members of a state that is a tuple, by name. What is there already keeps its place.
    fn name_state(&mut self, node: u32, tuple: u32, names: &[&'static str]) {
        let children = std::mem::take(&mut self.arena.get_mut(tuple).children);
        self.arena.hoist(node, tuple, |edge| edge);
        for child in children {
            let edge = match names.get(child.edge.id() as usize) {
                Some(name) if child.edge.kind() == EdgeKind::Index => {
                    Edge::new(EdgeKind::Attribute, self.labels.intern_own(name))
                }
                _ => child.edge,
            };
            let refers = matches!(child.kind, Kind::Global | Kind::Reference);
            let place = self.arena.get_mut(node).children.iter_mut().find(|other| refers && other.edge == edge);
            match (place, child.node()) {
                // The same value again, from the memo.
                (Some(place), _) => {
                    place.bytes += child.bytes;
                    self.arena.get_mut(node).total += child.bytes;
                }
                (None, Some(below)) => self.arena.add_node(node, edge, below, child.bytes),
                (None, None) => {
                    self.arena.add_leaf(node, edge, child.kind, child.id, child.count, child.bytes, child.at);
                }
            }
        }
        self.name_array(node);
        self.name_fields_of(node);
    }

    /// The keyword arguments of a call.
    fn take_named(&mut self, node: u32, keywords: &Entry) {
        if keywords.hold == Hold::Node && keywords.kind == Kind::Dict {
            self.arena.hoist(node, keywords.id, as_attribute);
        } else {
            self.arena.add(node, Edge::STATE, keywords, 0);
        }
    }

    /// The child under an attribute.
    pub(super) fn attribute(&self, node: u32, name: &str) -> Option<Child> {
        let label = self.labels.find(name.as_bytes())?;
        let edge = Edge::new(EdgeKind::Attribute, label);
        self.arena.get(node).children.iter().find(|child| child.edge == edge).copied()
    }

    /// An array is shown with its dtype, once that is known.
    fn name_array(&mut self, node: u32) {
        if !self.labels.bytes(self.arena.get(node).class).starts_with(b"numpy.ndarray") {
            return;
        }
        let Some(dtype) = self.attribute(node, "dtype").and_then(|child| self.dtype_of(&child)) else { return };
        let class = self.labels.intern_own(&format!("numpy.ndarray of {}", dtypes::of_numpy(&dtype)));
        self.arena.get_mut(node).class = class;
        self.size_buffer(node, &dtype);
    }

    /// The word that a dtype was made from: `f8`.
    pub(super) fn dtype_of(&mut self, child: &Child) -> Option<String> {
        let node = match child.node() {
            Some(node) => node,
            None if child.kind == Kind::Reference && child.id != NONE => self.arena.find_node(child.id)?,
            None => return None,
        };
        let text = self.labels.text(self.arena.get(node).class).into_owned();
        text.strip_prefix("numpy.dtype ").map(str::to_owned)
    }

    /// A function or class that was pickled by value is shown under its own name.
    fn name_function(&mut self, node: u32) {
        let class = self.labels.bytes(self.arena.get(node).class);
        let Some(word) = ["function", "class"].into_iter().find(|word| class.starts_with(word.as_bytes())) else {
            return;
        };
        if !class.ends_with(b" by value") {
            return;
        }
        let Some(name) = self.attribute(node, "__qualname__").or_else(|| self.attribute(node, "__name__")) else {
            return;
        };
        let Some(text) = text_at(self.data, name.at).filter(|text| text.len() < 100) else { return };
        let text = String::from_utf8_lossy(text).into_owned();
        let class = self.labels.intern_own(&format!("{word} {text} by value"));
        self.arena.get_mut(node).class = class;
    }

    /// A pickle within a pickle is done: what it made hangs on the object that it stands behind.
    pub(super) fn end_inner(&mut self, base: usize, top: usize) {
        let value = self.stack[top];
        self.stack.truncate(top);
        self.discard(base, 0);
        let mut nested = None;
        if let Some(outer) = self.outer.pop() {
            nested = outer.nested;
            let open = self.marks.len() - outer.marks;
            self.marks.truncate(outer.marks);
            self.arena.own(self.file, open as u64);
            self.memo = outer.memo;
        }
        self.set_fence();
        let (node, through) = self.target(base - 1);
        let edge = self.edge_of_inner(nested);
        self.hang(node, through, edge, &value, 0);
        if let Some(nested) = nested {
            self.leave_nested(node, nested);
        }
    }
}

/// Whether it makes code, from arguments by their number.
fn is_code(name: &[u8]) -> bool {
    matches!(name, b"types CodeType" | b"types.CodeType" | b"dill._dill._create_code" | b"dill.dill._create_code")
}

/// A key of a state as the attribute that it becomes.
fn as_attribute(edge: Edge) -> Edge {
    match edge.kind() {
        EdgeKind::Key => Edge::new(EdgeKind::Attribute, edge.id()),
        EdgeKind::AnyKey => Edge::ANY_ATTRIBUTE,
        _ => edge,
    }
}
