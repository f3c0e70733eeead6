//! From the machine's tree to the parts of the file, with paths to read.

use super::Machine;
use super::entry::{Kind, NONE};
use super::node::{Child, Edge, EdgeKind, NOWHERE};
use super::reduce::ALL_ARGUMENTS;
use super::repr;
use crate::Options;
use crate::contents::{self, LEAST};
use crate::model::{Part, PartKind, grouped};
use crate::reader::{integer_at, text_at};
use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt::Write;

/// The number of byte strings that are looked at to see what they are.
const MOST_LOOKS: u32 = 256;
/// The number of bytes that are looked at of those that were written as text.
const MOST_DECODED: usize = 1 << 20;

/// The number of places that are named of those that refer to a part.
const NAMED_REFERENCES: usize = 3;

/// So few children are never folded.
const FEW_CHILDREN: usize = 8;

/// A node's children that were not made parts of yet.
struct Open {
    part: usize,
    /// In reverse, so that the heaviest is at the end.
    children: Vec<(u64, Child)>,
}

impl Machine<'_> {
    /// The file as parts, without what is behind the last pickle.
    pub(super) fn parts(&mut self, options: &Options) -> Vec<Part> {
        self.tidy(options);
        let totals = self.totals();
        let mut parts = vec![Part { what: "file".to_owned(), count: 1, offset: Some(0), ..Part::default() }];
        let mut part_of_node = HashMap::new();
        let mut referring = Vec::new();
        let mut open = vec![self.open(0, self.file, &totals, options, &mut parts)];
        while let Some(top) = open.last_mut() {
            let Some((bytes, child)) = top.children.pop() else {
                open.pop();
                continue;
            };
            let parent = top.part;
            let place = parts.len();
            parts.push(self.part(parent, &child, bytes));
            if let Some(node) = child.node() {
                part_of_node.insert(node, place);
                open.push(self.open(place, node, &totals, options, &mut parts));
            } else if child.kind == Kind::Reference && child.id != NONE {
                referring.push((place, child.id));
            }
        }
        for (place, object) in referring {
            let Some(&target) = self.arena.find_node(object).and_then(|node| part_of_node.get(&node)) else { continue };
            parts[place].related.push(target);
            if parts[target].related.len() < NAMED_REFERENCES {
                parts[target].related.push(place);
            }
        }
        self.findings = self.unused(&part_of_node);
        self.add_overhead(&mut parts);
        self.found = self.large_leaves(&part_of_node);
        self.storages_found = self.parts_of_storages(&part_of_node);
        parts
    }

    /// The bytes of every node with all below it.
    pub(super) fn totals(&self) -> Vec<u64> {
        let mut totals = vec![0; self.arena.nodes.len()];
        let mut order = vec![self.file];
        let mut at = 0;
        while at < order.len() {
            order.extend(self.arena.get(order[at]).children.iter().filter_map(Child::node));
            at += 1;
        }
        for &node in order.iter().rev() {
            let place = self.arena.get(node);
            let below =
                place.children.iter().map(|child| child.bytes + child.node().map_or(0, |id| totals[id as usize]));
            totals[node as usize] = place.own + below.sum::<u64>();
        }
        totals
    }

    /// All bytes that were attributed: what must be the size of the file.
    pub(super) fn attributed(&self) -> u64 {
        let Overheads { sum, .. } = self.overheads();
        self.totals()[self.file as usize] + sum
    }

    /// A node whose children are to become parts. Those too light or too many become one.
    fn open(&self, part: usize, node: u32, totals: &[u64], options: &Options, parts: &mut [Part]) -> Open {
        let place = self.arena.get(node);
        // Beside the bytes of the keys. What is the file's own belongs to no value, and is a part with a name.
        parts[part].own_bytes += if part == 0 { 0 } else { place.own };
        let weight = |child: &Child| child.bytes + child.node().map_or(0, |id| totals[id as usize]);
        let mut children: Vec<(u64, Child)> = place.children.iter().map(|child| (weight(child), *child)).collect();
        children.sort_by_key(|(bytes, child)| (*bytes, std::cmp::Reverse(child.at)));
        // They are in ascending order: the light ones come first.
        let light = match children.len() {
            // The fields of a message are told apart, however small some are beside the others.
            ..=FEW_CHILDREN => 0,
            _ => children.iter().take_while(|(bytes, _)| *bytes < options.least_bytes).count(),
        };
        let cut = light.max(children.len().saturating_sub(options.most_children));
        if cut > 1 {
            let rest: Vec<_> = children.drain(..cut).collect();
            let bytes = rest.iter().map(|(bytes, _)| bytes).sum();
            let count = rest.iter().map(|(_, child)| child.count).sum();
            let what = Child { edge: Edge::DEEPER, kind: Kind::Rest, id: NONE, count, bytes, at: NOWHERE };
            let at = children.partition_point(|(other, _)| *other <= bytes);
            children.insert(at, (bytes, what));
        }
        Open { part, children }
    }

    fn part(&self, parent: usize, child: &Child, bytes: u64) -> Part {
        let node = child.node().map(|node| self.arena.get(node));
        let at = node.map_or(child.at, |node| node.at);
        let is_place = at != NOWHERE && child.kind != Kind::Reference;
        let kind = node.map_or(child.kind, |node| if node.class == NONE { node.kind } else { Kind::Object });
        let content = self.content(child);
        Part {
            parent: Some(parent),
            kind: match kind {
                Kind::List => PartKind::List,
                Kind::Dict => PartKind::Dict,
                Kind::Set => PartKind::Set,
                _ => PartKind::Other,
            },
            tells_content: content.is_some(),
            step: match child.edge.kind() {
                EdgeKind::Item if parent == 0 => "$*".to_owned(),
                _ => self.step(child.edge, child.kind),
            },
            what: self.what(child, content),
            bytes,
            own_bytes: child.bytes,
            count: child.count,
            offset: is_place.then_some(at),
            references: node.map_or(0, |node| node.references),
            related: Vec::new(),
        }
    }

    fn step(&self, edge: Edge, kind: Kind) -> String {
        match edge.kind() {
            EdgeKind::Item | EdgeKind::AnyKey => "[*]".to_owned(),
            EdgeKind::Key => repr::key_step(self.labels.bytes(edge.id())),
            EdgeKind::KeyInt => format!("[{}]", edge.id().cast_signed()),
            EdgeKind::KeyText => format!("[{}]", repr::cut(&self.labels.text(edge.id()))),
            EdgeKind::KeyParts => ".keys()[*]".to_owned(),
            EdgeKind::Attribute => repr::attribute_step(self.labels.bytes(edge.id())),
            EdgeKind::AnyAttribute => ".*".to_owned(),
            EdgeKind::Index | EdgeKind::Place => format!("[{}]", edge.id()),
            EdgeKind::Argument if edge.id() == ALL_ARGUMENTS => "(*)".to_owned(),
            EdgeKind::Argument => format!("({})", edge.id()),
            EdgeKind::State => ".__state__".to_owned(),
            EdgeKind::Callable => ".__callable__".to_owned(),
            EdgeKind::Pickle if self.pickles <= 1 && edge.id() == 0 => "$".to_owned(),
            EdgeKind::Pickle => format!("${}", edge.id() + 1),
            EdgeKind::Discarded => format!("(discarded {})", kind.word()),
            EdgeKind::Deeper => ".…".to_owned(),
            EdgeKind::Unpickled => "(pickle)".to_owned(),
        }
    }

    /// The words for the values, with their number.
    fn what(&self, child: &Child, content: Option<String>) -> String {
        let base = match child.node() {
            Some(node) => self.node_word(node, child.count),
            None => match child.kind {
                Kind::Global if child.id != NONE => shortened(&self.labels.text(child.id)),
                kind if kind.has_parts() => format!("empty {}", kind.word()),
                Kind::Buffer => "out-of-band buffer, size unknown".to_owned(),
                kind => kind.word().to_owned(),
            },
        };
        let content = content.map_or(String::new(), |word| match child.count {
            1 => format!(": {word}"),
            _ => format!(", the first {word}"),
        });
        match (child.count, child.kind) {
            (0 | 1, _) => base + &content,
            (count, Kind::Reference) => format!("{} references", grouped(count)),
            (count, Kind::Rest) => format!("{} {base}", grouped(count)),
            (count, Kind::Global) if child.id == NONE => format!("{} names", grouped(count)),
            (count, kind) if kind != Kind::Global && !kind.has_parts() => {
                format!("{} {base}{content}", grouped(count))
            }
            (count, _) => format!("{} × {base}", grouped(count)),
        }
    }

    /// The contents of a string or byte string, of several the first.
    fn content(&self, child: &Child) -> Option<String> {
        let node = child.node().map(|node| self.arena.get(node));
        let bytes = child.bytes + node.map_or(0, |node| node.total);
        if bytes / child.count.max(1) < LEAST as u64 {
            return None;
        }
        if let Some(text) = child
            .node()
            .filter(|_| child.count == 1)
            .filter(|_| self.looks.get() < MOST_LOOKS)
            .and_then(|node| self.encoded(node, MOST_DECODED))
        {
            return self.look_at(&text);
        }
        let is_it = matches!(child.kind, Kind::Bytes | Kind::ByteArray | Kind::Str);
        // A pickle that is looked into has a child.
        if !is_it || node.is_some_and(|node| !node.children.is_empty()) {
            return None;
        }
        let data = text_at(self.data, node.map_or(child.at, |node| node.at)).filter(|data| data.len() >= LEAST)?;
        if child.kind == Kind::Str {
            return contents::of_text(data);
        }
        self.look_at(data)
    }

    fn look_at(&self, data: &[u8]) -> Option<String> {
        let looks = self.looks.get();
        self.looks.set(looks + 1);
        (looks < MOST_LOOKS && data.len() >= LEAST).then(|| contents::of_bytes(data))?
    }

    fn node_word(&self, node: u32, count: u64) -> String {
        let place = self.arena.get(node);
        let mut word =
            if place.class == NONE { place.kind.word().to_owned() } else { shortened(&self.labels.text(place.class)) };
        if count == 1 && word.starts_with("numpy.ndarray") {
            word.push_str(&self.shape_of(node, "shape"));
        }
        if count == 1 && word.starts_with("torch.Tensor") {
            word.push_str(&self.shape_of(node, "size"));
        }
        if place.kind == Kind::Buffer {
            // How large they are together is the length of their node.
            let all = if count == 1 { "" } else { " together" };
            return format!("{word} of {}{all}", crate::model::Bytes(place.length));
        }
        let is_sized = !matches!(place.kind, Kind::Object | Kind::Persistent) && place.kind.has_parts();
        let is_list = matches!(place.kind, Kind::List | Kind::Set | Kind::FrozenSet);
        if is_sized && place.children.is_empty() && place.length == 0 {
            return format!("empty {word}");
        }
        if is_sized && (count == 1 || is_list) {
            let joint = if count == 1 { " of" } else { " with" };
            // Writing to a String cannot fail.
            let _ = write!(word, "{joint} {}", grouped(place.length));
            if let Some(items) = self.items_word(node) {
                let _ = write!(word, " {items}");
            }
        }
        word
    }

    /// The word for all items, if they are all of one kind.
    fn items_word(&self, node: u32) -> Option<String> {
        let place = self.arena.get(node);
        let word = |child: &Child| match child.node() {
            _ if !matches!(child.edge.kind(), EdgeKind::Item | EdgeKind::AnyKey | EdgeKind::Place) => None,
            Some(below) if self.arena.get(below).class != NONE => Some((Kind::Object, self.arena.get(below).class)),
            None if child.kind == Kind::Global => Some((child.kind, child.id)),
            _ => Some((child.kind, NONE)),
        };
        let (first, others) = place.children.split_first()?;
        let (kind, label) = word(first)?;
        if others.iter().any(|other| word(other) != Some((kind, label))) {
            return None;
        }
        Some(if label == NONE { kind.word().to_owned() } else { shortened(&self.labels.text(label)) })
    }

    /// `, 1000 × 10` for an array whose shape stands in the pickle.
    fn shape_of(&self, node: u32, name: &str) -> String {
        let Some(tuple) = self.attribute(node, name).and_then(|child| child.node()) else { return String::new() };
        let sides: Option<Vec<String>> = self
            .arena
            .get(tuple)
            .children
            .iter()
            .map(|side| match side.kind {
                Kind::Int => integer_at(self.data, side.at).map(|side| side.to_string()),
                _ => None,
            })
            .collect();
        sides.map_or(String::new(), |sides| shape(&sides))
    }

    fn overheads(&self) -> Overheads {
        let parts = [
            ("(protocol)", "protocol markers", self.overhead.protocol),
            ("(frames)", "frame headers", self.overhead.frames),
            ("(stop)", "STOP opcodes", self.overhead.stop),
        ];
        Overheads { parts, sum: parts.iter().map(|(.., bytes)| bytes).sum() }
    }

    /// Adds the bytes that belong to no value, at the end.
    fn add_overhead(&self, parts: &mut Vec<Part>) {
        let Overheads { parts: named, .. } = self.overheads();
        let stack = ("(stack)", "opcodes that only move the stack", self.arena.get(self.file).own);
        for (step, what, bytes) in named.into_iter().chain([stack]) {
            if bytes > 0 {
                parts.push(overhead(step, what, bytes));
            }
        }
        parts[0].bytes = self.attributed();
    }
}

struct Overheads {
    parts: [(&'static str, &'static str, u64); 3],
    sum: u64,
}

/// A part of the file that is not a value.
pub(crate) fn overhead(step: &str, what: &str, bytes: u64) -> Part {
    Part {
        parent: Some(0),
        step: step.to_owned(),
        what: what.to_owned(),
        kind: PartKind::Overhead,
        bytes,
        own_bytes: bytes,
        count: 1,
        ..Part::default()
    }
}

/// The shape of an array, to follow the type of its elements: `, 1000 × 10`. Nothing for a scalar.
pub(crate) fn shape(sides: &[impl Borrow<str>]) -> String {
    if sides.is_empty() { String::new() } else { format!(", {}", sides.join(" × ")) }
}

/// A name as it is, without what no name has.
pub(crate) fn shortened(text: &str) -> String {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut chars = text.chars();
    let head: String = chars.by_ref().take(100).map(clean).collect();
    if chars.next().is_some() { head + "…" } else { head }
}
