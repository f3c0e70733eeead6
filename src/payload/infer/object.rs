//! The objects of a column: what they hold, and the columns of the record or the map that they are.

use super::looks::Looks;
use super::{Node, keys, observe};
use crate::payload::schema::Presence;
use crate::payload::source::{Fault, Key, Open, OwnedKey, Source, Step};
use std::collections::{HashMap, HashSet};

/// More distinct keys than this, and objects that do not agree on them are maps: nothing more is kept of each.
const MANY_KEYS: usize = 4096;
/// A record never has more fields: their names are kept for the life of the process.
const MOST_FIELDS: usize = 1 << 16;
/// The number of objects from which on they are rows of a table, if they agree.
pub(super) const MANY_ROWS: u64 = 8;
/// The share of objects that have a field all objects are thought to agree on.
const COMMON: f64 = 0.4;
/// The number of names of fields that few objects have which are believed to be names.
const MOST_RARE_NAMES: usize = 256;

/// The contents of the objects of a column, as far as they were seen.
#[derive(Debug, Default)]
pub(super) struct Object {
    pub rows: u64,
    /// The number of entries of all objects.
    entries: u64,
    pub(super) fields: Vec<FieldNode>,
    lookup: HashMap<Box<str>, usize>,
    /// Key and value of the entries whose keys are not fields, once they are too many.
    rest: Option<Box<(Node, Node)>>,
    /// Whether they are the rows of a table, whose keys are its header.
    is_table: bool,
}

/// The values that the objects have under one key.
#[derive(Debug)]
pub(super) struct FieldNode {
    pub name: String,
    pub node: Node,
    /// The number of objects that have it.
    pub seen: u64,
    /// The number of the last object that had the field.
    last: u64,
}

/// The type of the objects of a column.
pub(super) enum Decided {
    /// Of a key and a value.
    Map(MapParts),
    /// Of fields, and of a map of further entries where there is one.
    Record(Vec<(String, Box<Node>, Presence)>, Option<MapParts>),
}

/// The columns of a map.
pub(super) struct MapParts {
    pub key: Box<Node>,
    pub value: Box<Node>,
}

/// Takes one object into account.
pub(super) fn observe_object<S: Source>(
    source: &mut S,
    object: &mut Object,
    mut open: Open,
    depth: usize,
) -> Result<(), Fault> {
    object.rows += 1;
    object.is_table |= open.row;
    // The field that followed the last one in the objects before is tried first.
    let mut next = 0;
    let mut keys = HashSet::new();
    while let Some(key) = source.next_key(&mut open)? {
        object.entries += 1;
        match object.field(key, next) {
            Some(at) => {
                next = at + 1;
                let field = &mut object.fields[at];
                if field.last == object.rows {
                    let name = field.name.clone();
                    return Err(duplicate(source.offset(), Step::Key(name)));
                }
                field.last = object.rows;
                field.seen += 1;
                source
                    .value()
                    .and_then(|event| observe(source, &mut field.node, event, depth + 1))
                    .map_err(|fault| fault.inside(Step::Key(field.name.clone())))?;
                continue;
            }
            None if object.rest.is_none() => keys = object.collapse(),
            None => {}
        }
        let step = key.step();
        // Set by `collapse` or by an object before.
        let Some(rest) = &mut object.rest else { continue };
        rest.0.observe_key(key);
        if !keys.insert(OwnedKey::from(key)) {
            return Err(duplicate(source.offset(), step));
        }
        source
            .value()
            .and_then(|event| observe(source, &mut rest.1, event, depth + 1))
            .map_err(|fault| fault.inside(step))?;
    }
    Ok(())
}

fn duplicate(offset: usize, step: Step) -> Fault {
    Fault::repeated_key(offset).inside(step)
}

impl Node {
    fn observe_key(&mut self, key: Key<'_>) {
        match key {
            Key::Text(text) => self.texts.add(text),
            Key::Int(value) => self.ints.add(value.into(), None),
            Key::UInt(value) => self.ints.add(value.into(), None),
            Key::Bool(_) => self.bools += 1,
            Key::Bytes(_) => self.byte_strings += 1,
        }
    }
}

impl Object {
    /// The field of that key, which is made if need be; none if the key is data.
    fn field(&mut self, key: Key<'_>, next: usize) -> Option<usize> {
        let Key::Text(text) = key else { return None };
        if self.fields.get(next).is_some_and(|field| field.name == text) {
            return Some(next);
        }
        if let Some(&at) = self.lookup.get(text) {
            return Some(at);
        }
        let at = self.fields.len();
        // Asked at powers of two only, since asking takes time in proportion to the fields.
        let full = at >= MANY_KEYS && at.is_power_of_two() && !self.agrees();
        if self.rest.is_some() || at == MOST_FIELDS || full {
            return None;
        }
        self.lookup.insert(text.into(), at);
        self.fields.push(FieldNode { name: text.to_owned(), node: Node::default(), seen: 0, last: 0 });
        Some(at)
    }

    /// The share of its fields that the average object has.
    pub(super) fn fill(&self) -> f64 {
        self.entries as f64 / (self.rows as f64 * self.fields.len() as f64)
    }

    /// Whether so many objects have so many of the fields that they are rows of a table.
    fn agrees(&self) -> bool {
        self.is_table || (self.rows >= MANY_ROWS && self.fill() >= 0.5)
    }

    /// Whether the field is one that the objects agree on.
    pub(super) fn is_common(&self, field: &FieldNode) -> bool {
        match self.rows {
            0 | 1 => false,
            2 => field.seen == 2,
            rows => field.seen as f64 / rows as f64 >= COMMON,
        }
    }

    /// Key and value of each field.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.fields.iter().map(|field| (field.name.as_str(), &field.node))
    }

    /// The different strings under a key that all objects have, and that leads to nothing else.
    pub(super) fn tags(&self, key: &str) -> Option<&[Box<str>]> {
        let field = &self.fields[*self.lookup.get(key)?];
        let is_tag = field.seen == self.rows && field.node.is_text();
        is_tag.then(|| field.node.texts.symbols()).flatten()
    }

    /// The values of the entries whose keys are not fields.
    pub(super) fn further(&self) -> Option<&Node> {
        self.rest.as_deref().map(|(_, value)| value)
    }

    /// Makes a map of the fields that the objects do not agree on; returns those of their keys that the current object
    /// has had.
    fn collapse(&mut self) -> HashSet<OwnedKey> {
        // Where keys that are data tell, the other rare ones are fields that most objects leave out, if they are few.
        let told = |field: &FieldNode| (self.is_common(field), keys::form(&field.name).is_data());
        let told: Vec<(bool, bool)> = self.fields.iter().map(told).collect();
        let rare = told.iter().filter(|(is_common, _)| !is_common).count();
        let names = told.iter().filter(|(is_common, is_data)| !is_common && !is_data).count();
        let are_few = names <= MOST_RARE_NAMES && 2 * names < rare;
        let kept = told.into_iter().map(|(is_common, is_data)| is_common || (are_few && !is_data)).collect();
        self.make_map(kept)
    }

    /// Makes a map of the fields that are not `kept`, which has an answer for each; returns those of their keys that
    /// the current object has had.
    fn make_map(&mut self, kept: Vec<bool>) -> HashSet<OwnedKey> {
        let mut rest = self.rest.take().unwrap_or_default();
        let mut keys = HashSet::new();
        let (fields, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.fields).into_iter().zip(kept).partition(|(_, kept)| *kept);
        for (field, _) in others {
            rest.0.texts.add(&field.name);
            if field.last == self.rows {
                keys.insert(OwnedKey::Text(field.name.into_boxed_str()));
            }
            rest.1.merge(field.node);
        }
        self.fields = fields.into_iter().map(|(field, _)| field).collect();
        self.lookup = self.fields.iter().enumerate().map(|(at, field)| (field.name.as_str().into(), at)).collect();
        self.rest = Some(rest);
        keys
    }

    /// Takes the objects of another column into this one.
    pub(super) fn merge(&mut self, mut other: Object) {
        self.is_table |= other.is_table;
        if other.rest.is_some() && self.rest.is_none() {
            self.collapse();
        }
        self.rows += other.rows;
        self.entries += other.entries;
        for field in other.fields {
            match self.field(Key::Text(&field.name), usize::MAX) {
                Some(at) => {
                    self.fields[at].node.merge(field.node);
                    self.fields[at].seen += field.seen;
                }
                None => {
                    if self.rest.is_none() {
                        self.collapse();
                    }
                    // Set by `collapse`, now or before.
                    if let Some(rest) = &mut self.rest {
                        rest.0.texts.add(&field.name);
                        rest.1.merge(field.node);
                    }
                }
            }
        }
        if let (Some(mine), Some(theirs)) = (&mut self.rest, other.rest.take()) {
            mine.0.merge(theirs.0);
            mine.1.merge(theirs.1);
        }
    }

    /// The columns of what they are said to look like.
    #[allow(clippy::boxed_local, reason = "the caller recurses, and has no room for it on the stack")]
    pub(super) fn decide(mut self: Box<Self>, looks: Looks) -> Decided {
        match looks {
            Looks::Map => drop(self.make_map(vec![false; self.fields.len()])),
            Looks::Mixed(are_data) if self.rest.is_none() => {
                let kept = are_data.into_iter().map(|is_data| !is_data).collect();
                drop(self.make_map(kept));
            }
            Looks::Mixed(_) | Looks::Record => {}
        }
        let rest = self.rest.take().map(|rest| MapParts { key: Box::new(rest.0), value: Box::new(rest.1) });
        match rest {
            Some(parts) if self.fields.is_empty() => Decided::Map(parts),
            rest => {
                let rows = self.rows;
                let presence = |field: &FieldNode| match (field.seen < rows, field.node.nulls > 0) {
                    (false, _) => Presence::Required,
                    (true, false) => Presence::Optional,
                    (true, true) => Presence::OptionalOrNull,
                };
                let fields = self.fields.into_iter().map(|field| {
                    let presence = presence(&field);
                    (field.name, Box::new(field.node), presence)
                });
                Decided::Record(fields.collect(), rest)
            }
        }
    }

    /// How often a field is absent from an object.
    pub(super) fn absent(&self, looks: &Looks) -> u64 {
        let is_field = |at: usize| match looks {
            Looks::Map => false,
            Looks::Record => true,
            Looks::Mixed(are_data) => !are_data[at],
        };
        let fields = self.fields.iter().enumerate().filter(|(at, _)| is_field(*at));
        fields.map(|(_, field)| self.rows.saturating_sub(field.seen)).sum()
    }

    /// Whether they are the rows of a table.
    pub(super) fn is_table(&self) -> bool {
        self.is_table
    }
}
