//! The growth from one file to another, by path.

use super::Attribution;
use std::collections::HashMap;

/// The difference of two files, divided among paths: the differences of the rows sum to that of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// The size of the older file.
    pub old_bytes: u64,
    /// The size of the newer one.
    pub new_bytes: u64,
    /// The largest difference first.
    pub rows: Vec<Grown>,
}

/// A path whose bytes differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grown {
    /// As in the newer file, or where it is not there, in the older.
    pub path: String,
    /// The kind of value there.
    pub what: String,
    /// Its bytes in the older file, where it is there.
    pub old_bytes: Option<u64>,
    /// Its bytes in the newer file, where it is there.
    pub new_bytes: Option<u64>,
    /// Whether these are only the bytes that are none of its parts'.
    pub is_own: bool,
    /// The path that is gone and was the same, as far as kind and size say.
    pub renamed_from: Option<String>,
}

impl Grown {
    /// The bytes by which it grew; negative where it became smaller.
    pub fn difference(&self) -> i128 {
        i128::from(self.new_bytes.unwrap_or(0)) - i128::from(self.old_bytes.unwrap_or(0))
    }
}

impl Growth {
    /// The bytes by which the file grew.
    pub fn difference(&self) -> i128 {
        i128::from(self.new_bytes) - i128::from(self.old_bytes)
    }

    /// The sum of all differences without their signs.
    pub fn change(&self) -> u128 {
        self.rows.iter().map(|row| row.difference().unsigned_abs()).sum()
    }

    /// The paths that tell best what grew, down to so many levels.
    pub fn between(old: &Attribution, new: &Attribution, depth: Option<usize>) -> Self {
        let mut tree = Tree::default();
        tree.add(old, Side::Old);
        tree.add(new, Side::New);
        let mut rows = tree.rows(depth.unwrap_or(usize::MAX));
        pair_renamed(&mut rows);
        let mut rows: Vec<Grown> = rows.into_iter().map(|(_, row)| row).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.difference().unsigned_abs()));
        Growth { old_bytes: old.bytes, new_bytes: new.bytes, rows }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Old,
    New,
}

/// All parts of one path in both files.
#[derive(Debug, Default)]
struct Node {
    parent: Option<usize>,
    children: Vec<usize>,
    step: String,
    what: String,
    heaviest: u64,
    depth: usize,
    /// In the older and the newer file.
    bytes: [Option<u64>; 2],
    own: [u64; 2],
}

impl Node {
    fn difference(&self) -> i128 {
        i128::from(self.bytes[1].unwrap_or(0)) - i128::from(self.bytes[0].unwrap_or(0))
    }
}

#[derive(Debug, Default)]
struct Tree {
    nodes: Vec<Node>,
    by_step: HashMap<(usize, String), usize>,
}

impl Tree {
    fn add(&mut self, attribution: &Attribution, side: Side) {
        let mut places = Vec::with_capacity(attribution.parts.len());
        for part in &attribution.parts {
            let parent = part.parent.and_then(|parent| places.get(parent).copied());
            let node = self.node(parent, &part.step);
            places.push(node);
            let node = &mut self.nodes[node];
            *node.bytes[side as usize].get_or_insert(0) += part.bytes;
            node.own[side as usize] += part.own_bytes;
            // Its kind in the new file counts, of several kinds the heaviest.
            if side == Side::New && node.bytes[1] == Some(part.bytes) || part.bytes >= node.heaviest {
                node.heaviest = part.bytes;
                node.what.clone_from(&part.what);
            }
        }
    }

    fn node(&mut self, parent: Option<usize>, step: &str) -> usize {
        let Some(parent) = parent else {
            if self.nodes.is_empty() {
                self.nodes.push(Node::default());
            }
            return 0;
        };
        let key = (parent, same_member(step).to_owned());
        if let Some(&node) = self.by_step.get(&key) {
            step.clone_into(&mut self.nodes[node].step);
            return node;
        }
        let node = self.nodes.len();
        let depth = self.nodes[parent].depth + 1;
        self.nodes.push(Node { parent: Some(parent), step: step.to_owned(), depth, ..Node::default() });
        self.nodes[parent].children.push(node);
        self.by_step.insert(key, node);
        node
    }

    fn path(&self, node: usize) -> String {
        let above = std::iter::successors(Some(node), |&node| self.nodes[node].parent);
        let mut steps: Vec<&str> = above.map(|node| self.nodes[node].step.as_str()).collect();
        steps.reverse();
        steps.concat()
    }

    /// The parts of a path that say more than the path does.
    fn telling(&self, node: usize, depth: usize) -> Vec<usize> {
        let at = &self.nodes[node];
        let changed: Vec<usize> =
            at.children.iter().copied().filter(|&child| self.nodes[child].difference() != 0).collect();
        let is_both = at.bytes.iter().all(Option::is_some);
        let largest = changed.iter().map(|&child| self.nodes[child].difference().unsigned_abs()).max().unwrap_or(0);
        let is_leaf = |child: usize| self.nodes[child].children.is_empty();
        // A list of integers is said by the list, and so is one of which each item grew a little.
        let is_list = changed.iter().all(|&child| self.nodes[child].step.starts_with("[*]") && is_leaf(child));
        let is_spread = 10 * largest < at.difference().unsigned_abs();
        if !is_both || at.depth >= depth || node > 0 && (is_list || is_spread) {
            return Vec::new();
        }
        changed
    }

    /// With the node above each.
    fn rows(&self, depth: usize) -> Vec<(usize, Grown)> {
        let mut rows = Vec::new();
        let mut waiting = if self.nodes.is_empty() { Vec::new() } else { vec![0] };
        while let Some(node) = waiting.pop() {
            let at = &self.nodes[node];
            let telling = self.telling(node, depth);
            let bytes = if telling.is_empty() { at.bytes } else { at.own.map(Some) };
            waiting.extend(&telling);
            let row = Grown {
                path: self.path(node),
                what: at.what.clone(),
                old_bytes: bytes[0],
                new_bytes: bytes[1],
                is_own: !telling.is_empty(),
                renamed_from: None,
            };
            if row.difference() != 0 {
                rows.push((at.parent.unwrap_or(0), row));
            }
        }
        rows
    }
}

/// torch puts all members of an archive into a directory that has the file's name.
fn same_member(step: &str) -> &str {
    match step.split_once('/') {
        Some((_, member)) if step.ends_with(':') => member,
        _ => step,
    }
}

/// Says of what is new which path beside it is gone, if that was of the same kind and size.
fn pair_renamed(rows: &mut [(usize, Grown)]) {
    /// The most paths on either side that are compared.
    const MOST: usize = 500;
    let is_gone = |row: &Grown| row.new_bytes.is_none();
    let mut gone: Vec<usize> = (0..rows.len()).filter(|&at| is_gone(&rows[at].1)).take(MOST).collect();
    let new: Vec<usize> = (0..rows.len()).filter(|&at| rows[at].1.old_bytes.is_none()).take(MOST).collect();
    for at in new {
        let (parent, row) = &rows[at];
        let bytes = row.new_bytes.unwrap_or(0);
        let is_same = |&other: &usize| {
            let (beside, old) = &rows[other];
            let old_bytes = old.old_bytes.unwrap_or(0);
            beside == parent && old.what == row.what && bytes.abs_diff(old_bytes) <= (bytes / 50).max(64)
        };
        if let Some(place) = gone.iter().position(is_same) {
            let other = gone.remove(place);
            rows[at].1.renamed_from = Some(rows[other].1.path.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Part;

    fn attribution(parts: &[(Option<usize>, &str, u64, u64)]) -> Attribution {
        let row = |&(parent, step, bytes, own_bytes): &(Option<usize>, &str, u64, u64)| Part {
            parent,
            step: step.to_owned(),
            what: "dict".to_owned(),
            bytes,
            own_bytes,
            ..Part::default()
        };
        Attribution {
            bytes: parts[0].2,
            pickles: 1,
            protocol: 4,
            out_of_band_buffers: 0,
            parts: parts.iter().map(row).collect(),
            fault: None,
            notes: Vec::new(),
            findings: Vec::new(),
        }
    }

    #[test]
    fn differences_of_paths_sum_to_that_of_the_files() {
        let old = attribution(&[
            (None, "", 1000, 0),
            (Some(0), "$", 1000, 100),
            (Some(1), "[\"a\"]", 400, 400),
            (Some(1), "[\"b\"]", 500, 500),
        ]);
        let new = attribution(&[
            (None, "", 3000, 0),
            (Some(0), "$", 3000, 110),
            (Some(1), "[\"a\"]", 2390, 2390),
            (Some(1), "[\"c\"]", 500, 500),
        ]);
        let growth = Growth::between(&old, &new, None);
        assert_eq!(growth.rows.iter().map(Grown::difference).sum::<i128>(), growth.difference());
        let rows: Vec<(&str, i128)> = growth.rows.iter().map(|row| (row.path.as_str(), row.difference())).collect();
        assert_eq!(rows[0], ("$[\"a\"]", 1990));
        assert!(rows.contains(&("$", 10)), "{rows:?}");
        let renamed = growth.rows.iter().find(|row| row.path == "$[\"c\"]").unwrap();
        assert_eq!(renamed.renamed_from.as_deref(), Some("$[\"b\"]"));
        assert_eq!(Growth::between(&old, &old, None).rows, []);
        let flat = Growth::between(&old, &new, Some(1));
        assert_eq!(flat.rows.len(), 1);
    }
}
