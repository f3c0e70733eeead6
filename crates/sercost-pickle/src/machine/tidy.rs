//! The names that are kept in the end: of items and keys those that outweigh the others, and one part for each path and
//! kind.
//!
//! While the pickle is read, every item and key that is heavy keeps a name of its own, since what the others weigh is not
//! known yet. Here it is, and names that say nothing are taken away: values that are alike become one part with a count.

use super::edge::{Edge, EdgeKind};
use super::entry::{Kind, NONE};
use super::node::{Arena, Child};
use super::{Machine, repr};
use crate::Options;
use std::collections::HashMap;

/// The most keys with records of one shape that are all named; of more, only those that outweigh the others are.
const MOST_ALIKE: usize = 100;
/// The number of keys that have to be named before names are taken from those that came first.
const FEW: usize = 16;
/// A lighter item is not worth a name: the first of a few owns what all of them share, as the name of their class.
const LEAST_ITEM: u64 = 256;
/// The number of names of classes and functions that are told apart under one path.
const MOST_NAMES: usize = 8;
/// How deep a value is searched for one whose bytes lie elsewhere.
const OUTSIDE_LEVELS: usize = 4;

impl Machine<'_> {
    /// Goes through the tree from the top, when all of it is known.
    pub(super) fn tidy(&mut self, options: &Options) {
        let totals = self.totals();
        for (node, total) in self.arena.nodes.iter_mut().zip(totals) {
            node.total = total;
        }
        let mut work = vec![self.file];
        while let Some(node) = work.pop() {
            self.fold_places(node);
            self.fold_keys(node, options.most_children);
            self.fold_attributes(node, options.most_children);
            self.arena.join_leaves(node);
            work.extend(self.arena.get(node).children.iter().filter_map(Child::node));
        }
    }

    /// The bytes of a child with all below it.
    fn weight_of(&self, child: &Child) -> u64 {
        child.bytes + child.node().map_or(0, |node| self.arena.get(node).total)
    }

    /// Items that are not much heavier than the others lose their place.
    fn fold_places(&mut self, node: u32) {
        let children = &self.arena.get(node).children;
        // Many pickles in a row are as the items of a list.
        let are_many = self.pickles > FEW as u64;
        let is_place = |child: &Child| match child.edge.kind() {
            EdgeKind::Place => true,
            EdgeKind::Pickle => are_many,
            _ => false,
        };
        if !children.iter().any(is_place) {
            return;
        }
        let is_item =
            |child: &&Child| is_place(child) || matches!(child.edge.kind(), EdgeKind::Item | EdgeKind::Deeper);
        let least = (3 * self.median(children.iter().filter(is_item)) + 1).max(LEAST_ITEM);
        self.arena.rename(
            node,
            |child, bytes| {
                if is_place(child) && bytes < least { child.edge.crowd() } else { child.edge }
            },
        );
    }

    /// Keys of values that are like others lose their names where they are many.
    fn fold_keys(&mut self, node: u32, most: usize) {
        self.join_long_keys(node);
        let is_named = |edge: Edge| matches!(edge.kind(), EdgeKind::Key | EdgeKind::KeyInt | EdgeKind::KeyText);
        let children = &self.arena.get(node).children;
        let named = children.iter().filter(|child| is_named(child.edge)).count();
        if named < FEW.min(most + 1) {
            return;
        }
        let place = self.arena.get(node);
        let is_full = place.children.iter().any(|child| child.edge.kind() == EdgeKind::AnyKey);
        let alike = self.alike(node);
        if !is_full && alike.is_empty() && named <= most {
            return;
        }
        let keyed = place.children.iter().filter(|child| is_named(child.edge) || child.edge == Edge::ANY_KEY);
        let (median, small) = (self.median(keyed), place.total / 64);
        let is_light =
            |arena: &Arena, bytes: u64| !(arena.is_heavy_item(bytes) || bytes >= small.max(1)) || bytes <= 2 * median;
        let mut left = Vec::new();
        let mut folded = Vec::new();
        for child in place.children.iter().filter(|child| is_named(child.edge)) {
            let bytes = self.weight_of(child);
            let shape = child.node().map(|node| (child.kind, self.arena.get(node).class));
            let is_many = is_full || shape.is_some_and(|shape| alike.contains(&shape));
            if is_many && is_light(&self.arena, bytes) && !self.is_outside(child) {
                folded.push(child.edge);
            } else {
                left.push((bytes, child.edge));
            }
        }
        if left.len() > most {
            left.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
            folded.extend(left.split_off(most).into_iter().map(|(_, edge)| edge));
        }
        let folded: std::collections::HashSet<Edge> = folded.into_iter().collect();
        self.arena.rename(node, |child, _| if folded.contains(&child.edge) { child.edge.crowd() } else { child.edge });
    }

    /// The shapes of records that many keys of a dict lead to: values that have fields and are not arrays, whose fields
    /// say little.
    fn alike(&self, node: u32) -> Vec<(Kind, u32)> {
        let mut counts: HashMap<(Kind, u32), usize> = HashMap::new();
        for child in &self.arena.get(node).children {
            let Some(below) = child.node().filter(|_| child.edge != Edge::ANY_KEY) else { continue };
            let place = self.arena.get(below);
            let is_field = |child: &Child| {
                matches!(child.edge.kind(), EdgeKind::Key | EdgeKind::KeyInt | EdgeKind::Attribute | EdgeKind::Index)
            };
            let is_array = self.labels.bytes(place.class).starts_with(b"numpy.ndarray");
            if !is_array && place.children.iter().filter(|child| is_field(child)).count() > 1 && !self.is_outside(child)
            {
                *counts.entry((child.kind, place.class)).or_default() += 1;
            }
        }
        counts.into_iter().filter(|(_, count)| *count > MOST_ALIKE).map(|(shape, _)| shape).collect()
    }

    /// Attributes that came first lose their names where there are more than are named, and the lightest beyond the most.
    fn fold_attributes(&mut self, node: u32, most: usize) {
        let place = self.arena.get(node);
        let is_named = |child: &&Child| child.edge.kind() == EdgeKind::Attribute;
        let mut weights: Vec<u64> = place.children.iter().filter(is_named).map(|child| self.weight_of(child)).collect();
        let is_full = place.children.iter().any(|child| child.edge == Edge::ANY_ATTRIBUTE);
        if !is_full && weights.len() <= most {
            return;
        }
        weights.sort_unstable();
        let beyond = weights.len().checked_sub(most + 1).map_or(0, |last| weights[last] + 1);
        let least = beyond.max(if is_full { place.total / 64 } else { 0 });
        self.arena.rename(node, |child, bytes| {
            if child.edge.kind() == EdgeKind::Attribute && bytes < least { child.edge.crowd() } else { child.edge }
        });
    }

    /// Long keys that are shown alike are one.
    fn join_long_keys(&mut self, node: u32) {
        let mut first: HashMap<String, Edge> = HashMap::new();
        let mut others: HashMap<Edge, Edge> = HashMap::new();
        for child in &self.arena.get(node).children {
            if child.edge.kind() == EdgeKind::Key && self.labels.bytes(child.edge.id()).len() > repr::LONGEST {
                let shown = *first.entry(repr::key(self.labels.bytes(child.edge.id()))).or_insert(child.edge);
                if shown != child.edge {
                    others.insert(child.edge, shown);
                }
            }
        }
        if !others.is_empty() {
            self.arena.rename(node, |child, _| others.get(&child.edge).copied().unwrap_or(child.edge));
        }
    }

    /// The weight that half of these values do not exceed; of two, the lighter.
    fn median<'b>(&self, children: impl Iterator<Item = &'b Child>) -> u64 {
        let mut weights: Vec<(u64, u64)> =
            children.map(|child| (self.weight_of(child) / child.count.max(1), child.count)).collect();
        weights.sort_unstable();
        let count = weights.iter().map(|(_, count)| count).sum::<u64>();
        let half = if count == 2 { 0 } else { count / 2 };
        let mut seen = 0;
        let middle = weights.iter().find(|(_, count)| {
            seen += count;
            seen > half
        });
        middle.map_or(0, |(bytes, _)| *bytes)
    }

    /// Whether the bytes of a value, or of a part of it, lie outside of the pickle, so that it is heavier than it seems.
    fn is_outside(&self, child: &Child) -> bool {
        let mut level: Vec<Child> = vec![*child];
        for _ in 0..OUTSIDE_LEVELS {
            if level.iter().any(|child| matches!(child.kind, Kind::Persistent | Kind::Buffer)) {
                return true;
            }
            let below = level.iter().filter_map(Child::node);
            level = below.flat_map(|node| self.arena.get(node).children.iter().take(FEW)).take(64).copied().collect();
        }
        false
    }
}

impl Arena {
    /// Gives the children of a node other edges; those of one edge and shape become one.
    fn rename(&mut self, node: u32, edge: impl Fn(&Child, u64) -> Edge) {
        let (length, total) = (self.get(node).length, self.get(node).total);
        let children = std::mem::take(&mut self.get_mut(node).children);
        let edges: Vec<Edge> = children
            .iter()
            .map(|child| edge(child, child.bytes + child.node().map_or(0, |below| self.get(below).total)))
            .collect();
        let renamed = edges.iter().zip(&children).filter(|(to, child)| **to != child.edge);
        let targets: std::collections::HashSet<Edge> = renamed.map(|(to, _)| *to).collect();
        // First, since a node with many children takes no light ones any more.
        for (child, &edge) in children.iter().zip(&edges).filter(|(_, edge)| targets.contains(edge)) {
            match child.node() {
                Some(below) => self.add_node(node, edge, below, child.bytes),
                None => self.add_leaf(node, edge, child.kind, child.id, child.count, child.bytes, child.at),
            }
        }
        let kept = children.iter().zip(&edges).filter(|(_, edge)| !targets.contains(edge)).map(|(child, _)| *child);
        self.get_mut(node).children.extend(kept);
        // Nothing was added.
        let place = self.get_mut(node);
        (place.length, place.total) = (length, total);
    }

    /// Leaves become part of a node of their kind under the same edge: what a long string and a short one are, or a list
    /// and an empty one. Names that are many become one too.
    fn join_leaves(&mut self, node: u32) {
        let mut children = std::mem::take(&mut self.get_mut(node).children);
        if children.len() > 1 {
            let is_class = |child: &Child| matches!(child.kind, Kind::Object | Kind::Persistent);
            let mut nodes: HashMap<(Edge, Kind), usize> = HashMap::new();
            let mut names: HashMap<Edge, usize> = HashMap::new();
            for (at, child) in children.iter().enumerate() {
                if child.kind == Kind::Global {
                    *names.entry(child.edge).or_default() += 1;
                } else if child.node().is_some_and(|below| self.get(below).class == NONE) && !is_class(child) {
                    nodes.entry((child.edge, child.kind)).or_insert(at);
                }
            }
            let mut kept: Vec<Child> = Vec::with_capacity(children.len());
            let mut moved: HashMap<usize, usize> = HashMap::new();
            let mut late = Vec::new();
            let mut all_names: HashMap<Edge, usize> = HashMap::new();
            for (place, child) in children.drain(..).enumerate() {
                if child.kind == Kind::Global && names[&child.edge] > MOST_NAMES {
                    if let Some(&first) = all_names.get(&child.edge) {
                        kept[first].count += child.count;
                        kept[first].bytes += child.bytes;
                        continue;
                    }
                    all_names.insert(child.edge, kept.len());
                    kept.push(Child { id: NONE, ..child });
                } else if let Some(&target) = nodes.get(&(child.edge, child.kind))
                    && child.node().is_none()
                    && child.kind != Kind::Reference
                {
                    late.push((target, child));
                } else {
                    moved.insert(place, kept.len());
                    kept.push(child);
                }
            }
            for (target, leaf) in late {
                let Some(&place) = moved.get(&target) else { continue };
                kept[place].count += leaf.count;
                let Some(below) = kept[place].node() else { continue };
                let below = self.get_mut(below);
                below.count += leaf.count;
                below.own += leaf.bytes;
                below.total += leaf.bytes;
                below.at = below.at.min(leaf.at);
            }
            children = kept;
        }
        self.get_mut(node).children = children;
    }
}
