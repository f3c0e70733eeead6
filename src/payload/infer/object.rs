//! Record or map: what the objects of a column are.

use super::{Node, observe};
use crate::payload::read::source::{Fault, Key, Open, Source, Step, is_name};
use std::collections::{HashMap, HashSet};

/// More distinct keys than this, and a record must earn being one.
const MANY_KEYS: usize = 256;
/// A record never has more fields: their names are kept for the life of the process, and nested objects multiply.
const MOST_FIELDS: usize = 1024;

/// What the objects of a column were seen to hold.
#[derive(Debug, Default)]
pub struct Object {
    rows: u64,
    /// The number of entries of all objects.
    entries: u64,
    fields: Vec<FieldNode>,
    lookup: HashMap<Box<str>, usize>,
    /// Key and value, once it is settled that this is a map; the fields are empty then.
    map: Option<Box<(Node, Node)>>,
}

#[derive(Debug)]
struct FieldNode {
    name: String,
    node: Node,
    seen: u64,
    /// The number of the last object that had the field.
    last: u64,
}

/// What the objects of a column are.
pub enum Decided {
    /// Of a key and a value.
    Map(Node, Node),
    /// Of fields: name, values, whether it may be absent.
    Record(Vec<(String, Node, bool)>),
}

/// A key as the set of an object's keys keeps it.
#[derive(Debug, PartialEq, Eq, Hash)]
enum OwnedKey {
    Text(Box<str>),
    Int(i128),
    Bool(bool),
    Bytes(Box<[u8]>),
}

impl From<Key<'_>> for OwnedKey {
    fn from(key: Key<'_>) -> Self {
        match key {
            Key::Text(text) => OwnedKey::Text(text.into()),
            Key::Int(value) => OwnedKey::Int(value.into()),
            Key::UInt(value) => OwnedKey::Int(value.into()),
            Key::Bool(value) => OwnedKey::Bool(value),
            Key::Bytes(bytes) => OwnedKey::Bytes(bytes.into()),
        }
    }
}

/// Takes one object into account.
pub fn observe_object<S: Source>(
    source: &mut S,
    object: &mut Object,
    mut open: Open,
    depth: usize,
) -> Result<(), Fault> {
    object.rows += 1;
    // The field that followed the last one in the objects before is tried first.
    let mut next = 0;
    let mut keys = HashSet::new();
    while let Some(key) = source.next_key(&mut open)? {
        object.entries += 1;
        if object.map.is_none() {
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
                None => keys = object.collapse(),
            }
        }
        let step = key.step();
        // Set by `collapse` or by an object before.
        let Some(map) = &mut object.map else { continue };
        map.0.observe_key(key);
        if !keys.insert(OwnedKey::from(key)) {
            return Err(duplicate(source.offset(), step));
        }
        source
            .value()
            .and_then(|event| observe(source, &mut map.1, event, depth + 1))
            .map_err(|fault| fault.inside(step))?;
    }
    Ok(())
}

fn duplicate(offset: usize, step: Step) -> Fault {
    Fault::at(offset, "the key occurs twice in one object", "drop or rename one of the two").inside(step)
}

impl Node {
    fn observe_key(&mut self, key: Key<'_>) {
        match key {
            Key::Text(_) => self.texts += 1,
            Key::Int(value) => self.ints.add(value.into()),
            Key::UInt(value) => self.ints.add(value.into()),
            Key::Bool(_) => self.bools += 1,
            Key::Bytes(_) => self.byte_strings += 1,
        }
    }
}

impl Object {
    /// The field of that key, which is made if need be; none if the object cannot be a record any more.
    fn field(&mut self, key: Key<'_>, next: usize) -> Option<usize> {
        let Key::Text(text) = key else { return None };
        if self.fields.get(next).is_some_and(|field| field.name == text) {
            return Some(next);
        }
        if let Some(&at) = self.lookup.get(text) {
            return Some(at);
        }
        let at = self.fields.len();
        // Asked a few times only, since asking takes time in proportion to the fields.
        if at == MOST_FIELDS || (matches!(at, MANY_KEYS | 512) && !self.is_wide_record()) {
            return None;
        }
        self.lookup.insert(text.into(), at);
        self.fields.push(FieldNode { name: text.to_owned(), node: Node::default(), seen: 0, last: 0 });
        Some(at)
    }

    /// The share of its fields that the average object has.
    fn fill(&self) -> f64 {
        self.entries as f64 / (self.rows as f64 * self.fields.len() as f64)
    }

    fn is_wide_record(&self) -> bool {
        self.fill() >= 0.9 && !alike(&self.nodes())
    }

    fn nodes(&self) -> Vec<&Node> {
        self.fields.iter().map(|field| &field.node).collect()
    }

    /// Makes a map of the fields; returns those keys that the current object has had.
    fn collapse(&mut self) -> HashSet<OwnedKey> {
        let mut map = Box::<(Node, Node)>::default();
        let mut keys = HashSet::new();
        self.lookup = HashMap::new();
        for field in std::mem::take(&mut self.fields) {
            map.0.texts += 1;
            if field.last == self.rows {
                keys.insert(OwnedKey::Text(field.name.into_boxed_str()));
            }
            map.1.merge(field.node);
        }
        self.map = Some(map);
        keys
    }

    /// Takes the objects of another column into this one.
    pub fn merge(&mut self, mut other: Object) {
        if self.map.is_some() || other.map.is_some() {
            for object in [&mut *self, &mut other] {
                if object.map.is_none() {
                    object.collapse();
                }
            }
        }
        self.rows += other.rows;
        self.entries += other.entries;
        if let (Some(mine), Some(theirs)) = (&mut self.map, other.map) {
            mine.0.merge(theirs.0);
            mine.1.merge(theirs.1);
            return;
        }
        for field in other.fields {
            if self.map.is_none() {
                if let Some(at) = self.field(Key::Text(&field.name), usize::MAX) {
                    self.fields[at].node.merge(field.node);
                    self.fields[at].seen += field.seen;
                    continue;
                }
                self.collapse();
            }
            // Set by `collapse`, now or in a round before.
            let Some(map) = &mut self.map else { continue };
            map.0.texts += 1;
            map.1.merge(field.node);
        }
    }

    /// Whether the objects are maps, by the rules of the module.
    fn is_map(&self) -> bool {
        let distinct = self.fields.len();
        if self.map.is_some() {
            return true;
        }
        if distinct > MANY_KEYS {
            return !self.is_wide_record();
        }
        self.looks_like_map() && alike(&self.nodes())
    }

    /// Whether the keys are those of a map, whatever the values.
    fn looks_like_map(&self) -> bool {
        let distinct = self.fields.len();
        let strange = self.fields.iter().filter(|field| !is_name(&field.name)).count();
        self.map.is_some() || (distinct > 8 && self.fill() < 0.3) || strange * 2 > distinct
    }

    /// What they are.
    pub fn decide(mut self) -> Decided {
        if self.is_map() && self.map.is_none() {
            self.collapse();
        }
        let rows = self.rows;
        match self.map {
            Some(map) => Decided::Map(map.0, map.1),
            None => Decided::Record(
                self.fields.into_iter().map(|field| (field.name, field.node, field.seen < rows)).collect(),
            ),
        }
    }
}

/// Whether columns can be made one without an enum, and without a record most of whose fields are absent.
fn alike(nodes: &[&Node]) -> bool {
    if nodes.iter().fold(0, |kinds, node| kinds | node.kinds()).count_ones() > 1 {
        return false;
    }
    let lists: Vec<&Node> = nodes.iter().filter_map(|node| node.lists.as_deref()).collect();
    if !lists.is_empty() {
        return alike(&lists);
    }
    let objects: Vec<&Object> = nodes.iter().filter_map(|node| node.objects.as_deref()).collect();
    if objects.is_empty() {
        return true;
    }
    // By the keys alone: asking `is_map` would ask this function again, twice for each level.
    if objects.iter().all(|object| object.looks_like_map()) {
        return alike(&objects.iter().flat_map(|object| object.values()).collect::<Vec<_>>());
    }
    let mut columns: HashMap<&str, Vec<&Node>> = HashMap::new();
    for field in objects.iter().flat_map(|object| &object.fields) {
        columns.entry(&field.name).or_default().push(&field.node);
    }
    let entries: u64 = objects.iter().map(|object| object.entries).sum();
    let rows: u64 = objects.iter().map(|object| object.rows).sum();
    entries as f64 >= 0.5 * rows as f64 * columns.len() as f64 && columns.values().all(|column| alike(column))
}

impl Object {
    fn values(&self) -> Vec<&Node> {
        match &self.map {
            Some(map) => vec![&map.1],
            None => self.nodes(),
        }
    }
}
