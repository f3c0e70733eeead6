//! Record or map: what the objects of a column are.
//!
//! Keys are the names of fields, or they are data. Three things tell: whether objects agree on their keys (rows of a
//! table do), whether the values under different keys are alike (those of a map are), and whether the keys could be
//! names at all. Objects that agree on some keys and not on others, whose values are alike, are records with a map of
//! further entries.

use super::{Node, observe};
use crate::payload::schema::Presence;
use crate::payload::source::{Fault, Key, Open, OwnedKey, Source, Step, is_name};
use std::collections::{HashMap, HashSet};

/// More distinct keys than this, and objects that do not agree on them are maps: nothing more is kept of each.
const MANY_KEYS: usize = 4096;
/// A record never has more fields: their names are kept for the life of the process.
const MOST_FIELDS: usize = 1 << 16;
/// So many objects are rows of a table, if they agree.
const MANY_ROWS: u64 = 8;
/// The share of objects that have a field all objects are thought to agree on.
const COMMON: f64 = 0.4;
/// How deep values are looked into to tell whether they are alike.
const LEVELS: usize = 4;

/// What the objects of a column were seen to hold.
#[derive(Debug, Default)]
pub struct Object {
    pub rows: u64,
    /// The number of entries of all objects.
    entries: u64,
    fields: Vec<FieldNode>,
    lookup: HashMap<Box<str>, usize>,
    /// Key and value of the entries whose keys are no fields, once they are too many.
    rest: Option<Box<(Node, Node)>>,
    /// Whether they are the rows of a table, whose keys are its header.
    is_table: bool,
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
    Map(MapParts),
    /// Of fields, and of a map of further entries where there is one.
    Record(Vec<(String, Box<Node>, Presence)>, Option<MapParts>),
}

/// The columns of a map.
pub struct MapParts {
    pub key: Box<Node>,
    pub value: Box<Node>,
}

/// Takes one object into account.
pub fn observe_object<S: Source>(
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
    fn fill(&self) -> f64 {
        self.entries as f64 / (self.rows as f64 * self.fields.len() as f64)
    }

    /// Whether so many objects have so many of the fields that they are rows of a table.
    fn agrees(&self) -> bool {
        self.is_table || (self.rows >= MANY_ROWS && self.fill() >= 0.5)
    }

    fn share(&self, field: &FieldNode) -> f64 {
        field.seen as f64 / self.rows as f64
    }

    /// Whether the field is one that the objects agree on.
    fn is_common(&self, field: &FieldNode) -> bool {
        self.rows >= 3 && self.share(field) >= COMMON
    }

    fn nodes(&self) -> Vec<&Node> {
        self.fields.iter().map(|field| &field.node).collect()
    }

    /// Makes a map of the fields that the objects do not agree on; returns those of their keys that the current object
    /// has had.
    fn collapse(&mut self) -> HashSet<OwnedKey> {
        let mut rest = self.rest.take().unwrap_or_default();
        let mut keys = HashSet::new();
        let (kept, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.fields).into_iter().partition(|field| self.is_common(field));
        for field in others {
            rest.0.texts.add(&field.name);
            if field.last == self.rows {
                keys.insert(OwnedKey::Text(field.name.into_boxed_str()));
            }
            rest.1.merge(field.node);
        }
        self.lookup = kept.iter().enumerate().map(|(at, field)| (field.name.as_str().into(), at)).collect();
        self.fields = kept;
        self.rest = Some(rest);
        keys
    }

    /// Takes the objects of another column into this one.
    pub fn merge(&mut self, mut other: Object) {
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

    /// The share of the keys that could not be the names of fields.
    fn strangeness(&self) -> f64 {
        let strange = self.fields.iter().filter(|field| !is_name(&field.name)).count();
        strange as f64 / self.fields.len().max(1) as f64
    }

    /// What the objects look like: where the fields end and the data begins.
    fn looks(&self) -> Looks {
        let distinct = self.fields.len();
        if self.is_table || distinct == 0 {
            return if self.rest.is_some() { Looks::Map } else { Looks::Record };
        }
        if self.rest.is_some() {
            return if self.fields.is_empty() { Looks::Map } else { Looks::Mixed };
        }
        if self.rows == 1 {
            return self.looks_alone();
        }
        let rare: Vec<&FieldNode> = self.fields.iter().filter(|field| !self.is_common(field)).collect();
        let alike = || likeness(&self.nodes(), LEVELS);
        if self.fill() >= 0.5 && (self.rows < MANY_ROWS || rare.len() < 8) {
            // A few large objects with the same keys may be dictionaries of the same things.
            let many_scalars = self.rows < MANY_ROWS && distinct > 64 && alike() >= 0.9;
            return if many_scalars { Looks::Map } else { Looks::Record };
        }
        let nodes: Vec<&Node> = rare.iter().map(|field| &field.node).collect();
        let likeness = likeness(&nodes, LEVELS);
        let seen: u64 = rare.iter().map(|field| field.seen).sum();
        let strange = rare.iter().filter(|field| !is_name(&field.name)).count();
        // Names of fields come again; data grows with the rows.
        let grows = rare.len() >= 64 || rare.len() as u64 * 4 >= self.rows || seen <= 2 * rare.len() as u64;
        let is_data = match () {
            _ if rare.len() < 2 => false,
            _ if distinct <= 8 => strange * 2 > rare.len() && likeness >= 0.9,
            _ if likeness >= 0.9 => self.fill() < 0.3 || grows,
            _ if likeness >= 0.5 => strange * 2 > rare.len() || (rare.len() >= 32 && grows),
            _ => likeness >= 0.25 && rare.len() > 256,
        };
        match is_data {
            false => Looks::Record,
            true if rare.len() == distinct => Looks::Map,
            true => Looks::Mixed,
        }
    }

    /// What a single object looks like: nothing but its keys and the likeness of its values can tell.
    fn looks_alone(&self) -> Looks {
        let distinct = self.fields.len();
        let strangeness = self.strangeness();
        let likeness = likeness(&self.nodes(), LEVELS);
        let containers = |field: &&FieldNode| field.node.lists.is_some() || field.node.objects.is_some();
        let are_scalars = self.fields.iter().filter(containers).count() * 2 < distinct;
        let is_map = match distinct {
            0 => false,
            _ if strangeness > 0.5 => likeness >= if are_scalars { 1.0 } else { 0.3 },
            1..8 => false,
            // Scalars of one kind have nothing but their number to tell that they are alike.
            _ if are_scalars => likeness >= 0.95 && (distinct > 32 || strangeness >= 0.1),
            8..=16 => likeness >= 0.8,
            17..=64 => likeness >= 0.6,
            _ => likeness >= 0.25,
        };
        if is_map { Looks::Map } else { Looks::Record }
    }

    /// What they are; `forced` overrules what they look like.
    #[allow(clippy::boxed_local, reason = "the caller recurses, and has no room for it on the stack")]
    pub fn decide(mut self: Box<Self>, forced: Option<Looks>) -> Decided {
        let looks = forced.unwrap_or_else(|| self.looks());
        match looks {
            Looks::Map => {
                let rows = std::mem::replace(&mut self.rows, 0);
                // With no rows no field is common, and all become entries.
                self.collapse();
                self.rows = rows;
            }
            Looks::Mixed if self.rest.is_none() => drop(self.collapse()),
            Looks::Mixed | Looks::Record => {}
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

    /// Whether they are the rows of a table.
    pub fn is_table(&self) -> bool {
        self.is_table
    }

    /// How much a reader might doubt the decision: a single object of many alike values could be either.
    pub fn is_doubtful(&self) -> bool {
        !self.is_table
            && self.rest.is_none()
            && self.fields.len() >= 8
            && (self.rows == 1 || self.fill() < 0.5)
            && likeness(&self.nodes(), LEVELS) >= 0.8
    }

    /// What the keys would take as data: their bytes, and one for the length of each.
    pub fn key_bytes(&self) -> u64 {
        self.fields.iter().map(|field| field.seen * (field.name.len() as u64 + 1)).sum()
    }

    /// The keys of all fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name.as_str())
    }
}

/// What objects look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// Every key is data.
    Map,
    /// Every key is the name of a field.
    Record,
    /// Those that the objects agree on are the names of fields, and the others data.
    Mixed,
}

/// How much of columns would survive if they were made one, from 0 to 1: the share of the columns that are of the
/// commonest kind, times what of their insides is shared.
fn likeness(nodes: &[&Node], levels: usize) -> f64 {
    let mut by_kind: HashMap<u8, Vec<&Node>> = HashMap::new();
    let mut known = 0;
    for node in nodes.iter().filter(|node| node.kinds() != 0) {
        known += 1;
        by_kind.entry(node.kinds()).or_default().push(node);
    }
    let Some(same) = by_kind.into_values().max_by_key(Vec::len) else { return 1.0 };
    let share = same.len() as f64 / known as f64;
    if levels == 0 {
        return share;
    }
    let lists: Vec<&Node> =
        same.iter().filter_map(|node| node.lists.as_ref()).flat_map(|lists| lists.nodes()).collect();
    let objects: Vec<&Object> = same.iter().filter_map(|node| node.objects.as_deref()).collect();
    if !objects.is_empty() {
        return share * likeness_of_objects(&objects, levels - 1);
    }
    if lists.is_empty() { share } else { share * likeness(&lists, levels - 1) }
}

/// The average over objects of the share of their entries that other objects have too.
fn likeness_of_objects(objects: &[&Object], levels: usize) -> f64 {
    let mut columns: HashMap<&str, (u64, Vec<&Node>)> = HashMap::new();
    let mut rest = Vec::new();
    for object in objects {
        for field in &object.fields {
            let column = columns.entry(&field.name).or_default();
            column.0 += 1;
            column.1.push(&field.node);
        }
        rest.extend(object.rest.as_deref().map(|(_, value)| value));
    }
    // What only few objects have survives as data, if it is alike.
    let few = |seen: u64| seen < 2 || (seen as f64) < 0.05 * objects.len() as f64;
    rest.extend(columns.values().filter(|(seen, _)| few(*seen)).flat_map(|(_, nodes)| nodes.iter().copied()));
    let as_data = if rest.len() >= 16 { likeness(&rest, levels.min(2)) } else { 0.0 };
    let survives: HashMap<&str, f64> = columns
        .iter()
        .map(|(&name, (seen, nodes))| {
            // A field that a tenth of the objects have is an optional one, and survives.
            let kept = (10.0 * *seen as f64 / objects.len() as f64).min(1.0);
            let kept = if objects.len() > 1 && *seen < 2 { 0.0 } else { kept };
            (name, (kept * likeness(nodes, levels.min(1))).max(if few(*seen) { as_data } else { 0.0 }))
        })
        .collect();
    let of_object = |object: &&Object| match object.fields.len() {
        0 => as_data.max(f64::from(u8::from(object.rest.is_none()))),
        fields => object.fields.iter().map(|field| survives[field.name.as_str()]).sum::<f64>() / fields as f64,
    };
    objects.iter().map(of_object).sum::<f64>() / objects.len() as f64
}
