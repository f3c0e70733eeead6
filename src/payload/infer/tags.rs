//! Trees whose nodes are told apart by a tag: syntax trees, scenes, schemas.
//!
//! The nodes of such a tree may have nothing in common but the tag, so that their fields do not show them to be of one
//! type. That objects of some tag are found within objects of the same tag does.

use super::Node;
use super::merge::names;
use crate::payload::schema::RecordSchema;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The keys that tags have.
const TAGS: [&str; 12] = [
    "type",
    "_type",
    "kind",
    "_kind",
    "nodeType",
    "node_type",
    "node",
    "@type",
    "$type",
    "__typename",
    "_class",
    "tag",
];

/// So many times must objects be found within objects of the same tag, each tag counted by itself.
const ENOUGH: usize = 2;

/// The trees of a document.
#[derive(Debug, Default)]
pub(super) struct Trees {
    /// For each key of a tag, the tags of the nodes that hold one another.
    tags: BTreeMap<&'static str, HashSet<Box<str>>>,
    /// The names of the fields of their records, which are found as types are decided.
    records: BTreeMap<&'static str, HashSet<Vec<&'static str>>>,
    /// The number of their nodes and of the entries of these.
    counts: BTreeMap<&'static str, (u64, u64)>,
}

/// What the walk through the columns finds of one key of a tag.
#[derive(Default)]
struct Found<'n> {
    /// The tags of the objects around the current one, from the outside in.
    above: Vec<&'n [Box<str>]>,
    /// How deep objects of a tag are found within their like.
    within: HashMap<&'n str, usize>,
    /// The tags of the objects between two of one tag, and of these.
    between: HashSet<&'n str>,
    /// The tags of the objects that each key leads to.
    held: BTreeMap<&'n str, HashSet<&'n str>>,
}

impl Trees {
    /// The trees that the columns of a document show.
    pub(super) fn of(root: &Node) -> Self {
        let mut found: Vec<Found<'_>> = TAGS.iter().map(|_| Found::default()).collect();
        find(root, "", &mut found);
        let trees = TAGS.into_iter().zip(found).filter(|(_, found)| found.within.values().sum::<usize>() >= ENOUGH);
        let owned = |found: Found<'_>| found.nodes().into_iter().map(Box::from).collect();
        Trees { tags: trees.map(|(key, found)| (key, owned(found))).collect(), ..Trees::default() }
    }

    /// Whether a field and its column are the tag of nodes of a tree: the key of the tag.
    pub(super) fn tag(&self, name: &str, node: &Node) -> Option<&'static str> {
        let (key, tags) = self.tags.get_key_value(name)?;
        node.texts.symbols()?.iter().any(|tag| tags.contains(tag)).then_some(*key)
    }

    /// Takes a record into account that has such a tag, of which there are so many with so many entries.
    pub(super) fn add(&mut self, tag: &'static str, record: &RecordSchema, rows: u64, entries: u64) {
        self.records.entry(tag).or_default().insert(names(record));
        let (all_rows, all_entries) = self.counts.entry(tag).or_default();
        *all_rows += rows;
        *all_entries += entries;
    }

    /// The names of the fields of the records of each tree.
    pub(super) fn records(&self) -> Vec<HashSet<Vec<&'static str>>> {
        self.records.values().cloned().collect()
    }

    /// What the nodes of each tree are as one record: the key of the tag, their number, that of all fields, and the number
    /// of fields that they lack.
    pub(super) fn worth(&self) -> Vec<(&'static str, u64, usize, u64)> {
        let of_tree = |(&tag, records): (&&'static str, &HashSet<Vec<&'static str>>)| {
            let fields = records.iter().flatten().collect::<HashSet<_>>().len();
            let (rows, entries) = self.counts.get(tag).copied().unwrap_or_default();
            (tag, rows, fields, (rows * fields as u64).saturating_sub(entries))
        };
        self.records.iter().map(of_tree).collect()
    }
}

/// Looks for objects that are within objects of the same tag. `key` leads to `node`, by way of lists or none.
fn find<'n>(node: &'n Node, key: &'n str, found: &mut [Found<'n>]) {
    if let Some(object) = &node.objects {
        let mut tagged = Vec::new();
        for (at, tag) in TAGS.iter().enumerate() {
            let Some(tags) = object.tags(tag) else { continue };
            found[at].enter(key, tags);
            tagged.push(at);
        }
        // Loops, since this recurses, and unoptimized iterators are heavy on the stack.
        for (key, below) in object.columns() {
            find(below, key, found);
        }
        if let Some(below) = object.further() {
            find(below, key, found);
        }
        for at in tagged {
            found[at].above.pop();
        }
    }
    if let Some(lists) = &node.lists {
        for below in lists.nodes() {
            find(below, key, found);
        }
    }
}

impl<'n> Found<'n> {
    fn enter(&mut self, key: &'n str, tags: &'n [Box<str>]) {
        self.held.entry(key).or_default().extend(tags.iter().map(|tag| &**tag));
        for tag in tags {
            let Some(outer) = self.above.iter().position(|around| around.contains(tag)) else { continue };
            let depth = self.above[outer..].iter().filter(|around| around.contains(tag)).count();
            let known = self.within.entry(tag).or_default();
            *known = depth.max(*known);
            self.between.insert(tag);
            self.between.extend(self.above[outer..].iter().flat_map(|around| around.iter().map(|tag| &**tag)));
        }
        self.above.push(tags);
    }

    /// The tags of the nodes: what stands where a node may stand is one.
    fn nodes(self) -> HashSet<&'n str> {
        let mut nodes = self.between;
        loop {
            let before = nodes.len();
            for tags in self.held.values().filter(|tags| !tags.is_disjoint(&nodes)).collect::<Vec<_>>() {
                nodes.extend(tags);
            }
            if nodes.len() == before {
                return nodes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::payload::read::{ReadOptions, read, read_schema};
    use crate::payload::show::schema_text;

    fn shown(json: &str) -> String {
        schema_text(&read_schema("t.json", json.as_bytes(), &ReadOptions::default()).unwrap().0, "t.json")
    }

    /// A sum of products of names and numbers, so deep.
    fn expression(depth: usize) -> String {
        let (below, name) = (depth.saturating_sub(1), r#"{"type": "Name", "name": "x"}"#);
        match depth {
            0 => r#"{"type": "Number", "value": 5}"#.to_owned(),
            _ if depth.is_multiple_of(2) => {
                format!(r#"{{"type": "Sum", "left": {}, "right": {}}}"#, expression(below), name)
            }
            _ => format!(r#"{{"type": "Product", "left": {}, "right": {}}}"#, name, expression(below)),
        }
    }

    #[test]
    fn nodes_that_share_a_tag_alone_are_one_type() {
        let text = shown(&format!(r#"{{"file": "a", "tree": {}}}"#, expression(6)));
        assert_eq!(
            text,
            "t.json: Root\n  file  string\n  tree  Tree\n    type   string\n    left   optional Tree\n    right  optional \
             Tree\n    name   optional string\n    value  optional u8\n"
        );
    }

    #[test]
    fn records_with_a_tag_within_one_another_are_no_tree_unless_tags_come_again() {
        let json = r#"{"type": "Collection", "items": [{"type": "Item", "at": 5, "shape": {"type": "Point", "to": [1, 2]}},
            {"type": "Item", "at": 6, "shape": {"type": "Line", "to": [3, 4]}}]}"#;
        let text = shown(json);
        assert!(text.contains("items  list of Item") && text.contains("shape  Shape"), "{text}");
    }

    #[test]
    fn nodes_with_too_little_in_common_stay_apart_and_a_note_says_so() {
        // Each kind of node has three fields of its own, and there are twelve kinds.
        fn node(kind: usize, depth: usize) -> String {
            let below = if depth == 0 {
                String::new()
            } else {
                format!(r#", "next{kind}": {}"#, node((kind + 1) % 12, depth - 1))
            };
            format!(r#"{{"type": "kind{kind}", "a{kind}": 1, "b{kind}": 2{below}}}"#)
        }
        let document = read("t.json", node(0, 30).as_bytes(), &ReadOptions::default()).unwrap();
        let notes = document.notes.join("\n");
        assert!(notes.contains("$..type: 31 nodes of a tree differ by this field"), "{notes}");
        assert!(notes.contains("as one record of all 37 fields they take 1.02 kB more"), "{notes}");
    }
}
