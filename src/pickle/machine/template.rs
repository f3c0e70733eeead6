//! The form of one value as a list of steps, so that more values of that form are counted without building any of them.
//!
//! A template is made from a value that the machine has just put together: its opcodes are read again, and each leaf is
//! matched with the child of the tree that it became. That every byte was found again, in every node, is checked before
//! a template is used; what cannot be explained so has no template and goes the usual way.

use super::edge::{Edge, EdgeKind};
use super::entry::{Kind, NONE};
use super::memo::Slot;
use super::node::{Arena, Child};
use super::reduction::Shown;
use super::{LARGE, LONGEST_TUPLE, Machine};
use crate::pickle::opcode as op;

/// Values with a longer text have no template.
const LONGEST_TEXT: usize = 4096;
/// Nor have those of more opcodes, leaves of lists apart.
const MOST_TOKENS: usize = 256;

/// One step through the text of a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The same bytes as in the first value, from here on.
    Same { at: usize, length: usize },
    /// One leaf, of any kind if none is given.
    Leaf { sink: u32, only: Option<Kind> },
    /// The leaves of a list or a set, none or more, up to the opcode that hangs them there.
    Items { sink: u32, closing: u8 },
    /// Slots of [`Template::puts`] that go into the memo, whose opcodes were among the same bytes.
    Puts { from: u32, count: u32 },
    /// An opcode with the index that the memo gives out next, for one slot.
    Put { slot: u32, length: usize },
}

/// A node of the tree that the values are merged into, and what each value adds to it.
#[derive(Debug)]
pub(super) struct Place {
    pub node: u32,
    /// The place of the node above it; `NONE` for the root, which comes first.
    pub above: u32,
    /// The bytes of the key that leads to it.
    pub key: u64,
    pub own: u64,
    /// What a value adds to the length, its leaves apart.
    pub length: u64,
}

/// Where the leaves of one place of the value are counted.
#[derive(Debug)]
pub(super) struct Sink {
    pub place: u32,
    pub edge: Edge,
    /// The bytes of the key that leads to it.
    pub key: u64,
}

/// A leaf that is the same in every value.
#[derive(Debug)]
pub(super) struct Constant {
    pub place: u32,
    pub child: Child,
}

/// How values of one form are read.
#[derive(Debug, Default)]
pub(super) struct Template {
    pub steps: Vec<Step>,
    pub puts: Vec<u64>,
    pub places: Vec<Place>,
    pub sinks: Vec<Sink>,
    pub constants: Vec<Constant>,
    /// Where opcodes begin in the first value.
    pub starts: Vec<usize>,
}

impl Template {
    /// Whether all its nodes still hang where they did.
    pub(super) fn is_alive(&self, arena: &Arena) -> bool {
        self.places.iter().all(|place| match self.places.get(place.above as usize) {
            Some(above) => arena.get(above.node).children.iter().any(|child| child.node() == Some(place.node)),
            None => true,
        })
    }
}

#[derive(Debug)]
enum Form {
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
struct Value {
    form: Form,
    bytes: u64,
    /// What it became: its place, once that is known.
    place: u32,
    sink: u32,
}

#[derive(Clone, Copy, Debug)]
enum Token {
    Same,
    Leaf(usize),
    Items(usize),
    Put(usize),
}

/// The text of one value, read.
struct Reader<'m, 'a> {
    machine: &'m Machine<'a>,
    at: usize,
    end: usize,
    values: Vec<Value>,
    stack: Vec<usize>,
    marks: Vec<usize>,
    tokens: Vec<(Token, usize, usize)>,
}

/// The kind and the end of a leaf that begins at `at`, if there is one that is small. What gives it a place in the memo
/// is not part of it.
#[inline]
pub(super) fn small_leaf(data: &[u8], at: usize) -> Option<(Kind, usize)> {
    let rest = data.get(at..)?;
    let (kind, size) = match *rest.first()? {
        op::BININT1 => (Kind::Int, 2),
        op::BININT2 => (Kind::Int, 3),
        op::BININT => (Kind::Int, 5),
        op::BINFLOAT => (Kind::Float, 9),
        op::SHORT_BINUNICODE => (Kind::Str, 2 + usize::from(*rest.get(1)?)),
        op::NONE => (Kind::Null, 1),
        op::NEWTRUE | op::NEWFALSE => (Kind::Bool, 1),
        op::SHORT_BINBYTES => (Kind::Bytes, 2 + usize::from(*rest.get(1)?)),
        op::LONG1 => (Kind::Int, 2 + usize::from(*rest.get(1)?)),
        op::BINUNICODE | op::BINBYTES => {
            let length = u32::from_le_bytes(*rest.get(1..)?.first_chunk()?) as usize;
            let kind = if rest[0] == op::BINUNICODE { Kind::Str } else { Kind::Bytes };
            (kind, 5usize.checked_add(length)?)
        }
        _ => return None,
    };
    (size + 5 < LARGE && size <= rest.len()).then_some((kind, at + size))
}

/// The memo index that is fetched at `at`, and the end of the opcode.
#[inline]
pub(super) fn fetched(data: &[u8], at: usize) -> Option<(u64, usize)> {
    match *data.get(at..)? {
        [op::BINGET, index, ..] => Some((u64::from(index), at + 2)),
        [op::LONG_BINGET, a, b, c, d, ..] => Some((u64::from(u32::from_le_bytes([a, b, c, d])), at + 5)),
        _ => None,
    }
}

/// The end of an opcode at `at` that gives the index `next` to the top of the stack.
#[inline]
pub(super) fn put_end(data: &[u8], at: usize, next: u64) -> Option<usize> {
    match *data.get(at..)? {
        [op::MEMOIZE, ..] => Some(at + 1),
        [op::BINPUT, index, ..] if u64::from(index) == next => Some(at + 2),
        [op::LONG_BINPUT, a, b, c, d, ..] if u64::from(u32::from_le_bytes([a, b, c, d])) == next => Some(at + 5),
        _ => None,
    }
}

impl<'m, 'a> Reader<'m, 'a> {
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
    fn read(&mut self) -> Option<usize> {
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
                let end = op::length(data, self.at)? + self.at;
                let top = *self.stack.last()?;
                self.values[top].bytes += (end - self.at) as u64;
                // That of a leaf is read together with it.
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
        let known = super::reduction::find(name);
        let parts = match &self.values[arguments].form {
            Form::Empty => Vec::new(),
            Form::Parts { kind: Kind::Tuple, parts } => parts.clone(),
            _ => return None,
        };
        let is_plain = known.is_none_or(|row| row.shown == Shown::Callable);
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
pub(super) fn leaves(
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
            Some(&(op::MEMOIZE | op::BINPUT | op::LONG_BINPUT)) => end + op::length(data, end)?,
            _ => end,
        };
        take(kind, end, whole, at);
        at = whole;
        if !is_many {
            return (closing == op::APPENDS && data.get(at) == Some(&op::APPEND)).then_some(at + 1);
        }
    }
}

/// A value and the node that it became, part by part.
struct Matcher<'m> {
    arena: &'m Arena,
    values: &'m mut [Value],
    template: Template,
}

impl Matcher<'_> {
    fn node(&mut self, value: usize, node: u32, above: u32, key: u64) -> Option<()> {
        let place = self.template.places.len() as u32;
        let found = self.arena.get(node);
        if found.count != 1 {
            return None;
        }
        self.template.places.push(Place { node, above, key, own: self.values[value].bytes, length: found.length });
        self.values[value].place = place;
        let parts = match &self.values[value].form {
            Form::Leaves { kind, items, opcodes, .. } => {
                let (items, opcodes) = (items.clone(), *opcodes);
                return (found.kind == *kind).then(|| self.leaves(value, place, &items, opcodes))?;
            }
            Form::Parts { kind: Kind::Dict, parts } if found.kind == Kind::Dict => self.pairs(&parts.clone())?,
            Form::Parts { kind: Kind::Tuple, parts } if found.kind == Kind::Tuple => {
                parts.iter().map(|part| (*part, 0)).collect()
            }
            Form::Object { arguments, state, .. } if found.kind == Kind::Object => {
                let mut parts: Vec<_> = arguments.iter().map(|part| (*part, 0)).collect();
                let count = parts.len();
                if let Some(state) = *state {
                    self.state(state, place, found.children.len().checked_sub(count)?, &mut parts)?;
                }
                parts
            }
            _ => return None,
        };
        let children = &self.arena.get(node).children;
        if parts.len() != children.len() {
            return None;
        }
        for ((part, key), child) in parts.into_iter().zip(children) {
            self.child(part, key, *child, place)?;
        }
        let own = self.template.places[place as usize].own;
        (own == self.arena.get(node).own).then_some(())
    }

    /// What a state adds to its object: its parts, or itself.
    fn state(&mut self, state: usize, place: u32, children: usize, parts: &mut Vec<(usize, u64)>) -> Option<()> {
        let Form::Parts { kind, parts: given } = &self.values[state].form else { return None };
        let given = given.clone();
        let is_dict = *kind == Kind::Dict;
        let mut taken = vec![state];
        if is_dict {
            parts.extend(self.pairs(&given)?);
        } else if let &[first, second] = given.as_slice()
            && let Form::Leaf { kind: Kind::Null, .. } = self.values[first].form
            && let Form::Parts { kind: Kind::Dict, parts: pairs } = &self.values[second].form
        {
            // An object with slots. The None is the object's own, and always there.
            let pairs = pairs.clone();
            parts.extend(self.pairs(&pairs)?);
            if let Form::Leaf { is_same, .. } = &mut self.values[first].form {
                *is_same = true;
            }
            taken.extend([first, second]);
        } else if given.len() == children {
            parts.extend(given.iter().map(|part| (*part, 0)));
        } else {
            parts.push((state, 0));
            return Some(());
        }
        for value in taken {
            self.values[value].place = place;
            self.template.places[place as usize].own += self.values[value].bytes;
        }
        Some(())
    }

    /// The values of a dict with the bytes of their keys.
    fn pairs(&self, parts: &[usize]) -> Option<Vec<(usize, u64)>> {
        Some(parts.chunks_exact(2).map(|pair| (pair[1], self.values[pair[0]].bytes)).collect())
    }

    fn child(&mut self, value: usize, key: u64, child: Child, place: u32) -> Option<()> {
        let bytes = self.values[value].bytes;
        let is_named = matches!(
            child.edge.kind(),
            EdgeKind::Index
                | EdgeKind::Key
                | EdgeKind::KeyInt
                | EdgeKind::KeyText
                | EdgeKind::Attribute
                | EdgeKind::Argument
                | EdgeKind::State
        );
        if !is_named || child.count != 1 {
            return None;
        }
        if let Some(node) = child.node() {
            return (child.bytes == key).then(|| self.node(value, node, place, key))?;
        }
        if child.bytes != bytes + key {
            return None;
        }
        let length = &mut self.template.places[place as usize].length;
        *length = length.checked_sub(1)?;
        match self.values[value].form {
            Form::Leaf { kind, .. } if kind == child.kind => {
                self.values[value].sink = self.template.sinks.len() as u32;
                self.template.sinks.push(Sink { place, edge: child.edge, key });
            }
            Form::Global(_) if child.kind == Kind::Global => self.template.constants.push(Constant { place, child }),
            Form::Empty if child.kind == Kind::Tuple => self.template.constants.push(Constant { place, child }),
            _ => return None,
        }
        Some(())
    }

    /// The leaves of a list.
    fn leaves(&mut self, value: usize, place: u32, items: &[(Kind, u64)], opcodes: u64) -> Option<()> {
        let children = &self.arena.get(self.template.places[place as usize].node).children;
        for child in children {
            let of_kind = items.iter().filter(|(kind, _)| *kind == child.kind);
            let bytes: u64 = of_kind.clone().map(|(_, bytes)| bytes).sum();
            if child.edge != Edge::ITEM
                || child.node().is_some()
                || (child.count, child.bytes) != (of_kind.count() as u64, bytes)
            {
                return None;
            }
        }
        if !items.iter().all(|(kind, _)| children.iter().any(|child| child.kind == *kind)) {
            return None;
        }
        let length = &mut self.template.places[place as usize].length;
        *length = length.checked_sub(items.len() as u64)?;
        self.values[value].sink = self.template.sinks.len() as u32;
        self.template.sinks.push(Sink { place, edge: Edge::ITEM, key: 0 });
        let Place { own, node, .. } = self.template.places[place as usize];
        (own + opcodes == self.arena.get(node).own).then_some(())
    }
}

impl<'a> Machine<'a> {
    /// The template of the value whose text lies between two places, and which became a node.
    pub(super) fn template(&mut self, from: usize, to: usize, node: u32) -> Option<Template> {
        if to - from > LONGEST_TEXT {
            return None;
        }
        let mut reader = Reader {
            machine: self,
            at: from,
            end: to,
            values: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            tokens: Vec::new(),
        };
        let root = reader.read()?;
        let Reader { mut values, tokens, .. } = reader;
        let mut matcher = Matcher { arena: &self.arena, values: &mut values, template: Template::default() };
        matcher.node(root, node, NONE, 0)?;
        let mut template = matcher.template;
        template.starts = tokens.iter().map(|(_, start, _)| *start).collect();
        self.steps(&mut template, &values, &tokens)?;
        Some(template)
    }

    /// The steps that read the text.
    fn steps(&mut self, template: &mut Template, values: &[Value], tokens: &[(Token, usize, usize)]) -> Option<()> {
        // Bytes that must be the same, and the slots that they put into the memo.
        let (mut same, mut puts) = (None::<(usize, usize)>, Vec::new());
        let flush = |template: &mut Template, same: &mut Option<(usize, usize)>, puts: &mut Vec<u64>| {
            if let Some((at, end)) = same.take() {
                template.steps.push(Step::Same { at, length: end - at });
            }
            if !puts.is_empty() {
                let from = template.puts.len() as u32;
                template.steps.push(Step::Puts { from, count: puts.len() as u32 });
                template.puts.append(puts);
            }
        };
        for &(token, start, end) in tokens {
            let extended = (same.map_or(start, |(at, _)| at), end);
            match token {
                Token::Same => same = Some(extended),
                Token::Put(value) => {
                    let slot = self.slot_of(template, values, value)?;
                    if self.data[start] == op::MEMOIZE {
                        same = Some(extended);
                        puts.push(slot);
                    } else {
                        flush(template, &mut same, &mut puts);
                        let place = template.puts.len() as u32;
                        template.steps.push(Step::Put { slot: place, length: end - start });
                        template.puts.push(slot);
                    }
                }
                Token::Leaf(value) => match values[value].form {
                    Form::Leaf { kind: Kind::Str | Kind::Bytes, is_same: true, .. } if values[value].bytes > 0 => {
                        // With a place in the memo it is one more slot each time.
                        let (_, leaf_end) = small_leaf(self.data, start)?;
                        if leaf_end != end {
                            return None;
                        }
                        same = Some(extended);
                        self.count_same(template, &values[value]);
                    }
                    Form::Leaf { is_same: true, .. } => {
                        same = Some(extended);
                        self.count_same(template, &values[value]);
                    }
                    _ => {
                        flush(template, &mut same, &mut puts);
                        let only = match values[value].form {
                            Form::Leaf { kind, is_fixed: true, .. } => Some(kind),
                            _ => None,
                        };
                        template.steps.push(Step::Leaf { sink: values[value].sink, only });
                    }
                },
                Token::Items(value) => {
                    flush(template, &mut same, &mut puts);
                    let Form::Leaves { closing, .. } = values[value].form else { return None };
                    template.steps.push(Step::Items { sink: values[value].sink, closing });
                }
            }
        }
        flush(template, &mut same, &mut puts);
        Some(())
    }

    /// A leaf that is the same in all values still counts in each of them, where it is no key.
    fn count_same(&self, template: &mut Template, value: &Value) {
        let Some(sink) = template.sinks.get(value.sink as usize) else { return };
        let node = self.arena.get(template.places[sink.place as usize].node);
        let kind = match value.form {
            Form::Leaf { kind, .. } => kind,
            _ => return,
        };
        let child = node.children.iter().find(|child| child.edge == sink.edge && child.kind == kind);
        if let Some(child) = child {
            template.constants.push(Constant { place: sink.place, child: *child });
        }
    }

    fn slot_of(&mut self, template: &Template, values: &[Value], value: usize) -> Option<u64> {
        let place = match values[value].form {
            Form::Taken(object) => values[object].place,
            _ => values[value].place,
        };
        let node = template.places.get(place as usize)?.node;
        Some(Slot::Object(self.arena.object_of(node)).pack())
    }
}
