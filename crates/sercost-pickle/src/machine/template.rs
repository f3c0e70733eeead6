//! The form of one value as a list of steps, so that more values of that form are counted without building any of them.
//!
//! A template is made from a value that the machine has just put together: its opcodes are read again, and each leaf is
//! matched with the child of the tree that it became. That every byte was found again, in every node, is checked before
//! a template is used; what cannot be explained so has no template and goes the usual way.

mod text;

use self::text::{Form, Reader, Token, Value};
pub(super) use self::text::{fetched, leaves, put_end, small_leaf};
use super::Machine;
use super::edge::{Edge, EdgeKind};
use super::entry::{Kind, NONE};
use super::memo::Slot;
use super::node::{Arena, Child};
use crate::opcode as op;

/// Values with a longer text have no template.
const LONGEST_TEXT: usize = 4096;

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
    /// The length that a value adds, its leaves apart.
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

    /// Adds a state to its object: its parts, or itself.
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
        let mut reader = Reader::new(self, from, to);
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

    /// A leaf that is the same in all values still counts in each of them, where it is not a key.
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
