//! The columns of a decided schema by path, and which of them are fields of the nodes of a tree.

use super::unify::is_unified;
use crate::payload::schema::{Name, Presence, Schema};
use crate::payload::source::{Step, path_text};
use std::collections::{HashMap, HashSet};

/// The columns of a schema.
#[derive(Debug, Default)]
pub(super) struct Columns<'s> {
    /// The type at each path that was asked for.
    asked: HashMap<String, &'s Schema>,
    /// The paths of the fields of trees, at all their levels.
    of_trees: HashSet<String>,
}

impl<'s> Columns<'s> {
    /// The columns of a schema whose records carry the marks of module `unify`; their types at the paths `asked`.
    pub(super) fn of(schema: &'s Schema, asked: &HashSet<&str>) -> Self {
        let mut nodes = HashSet::new();
        find_nodes(schema, &mut Vec::new(), &mut nodes);
        let mut columns = Columns::default();
        // Most documents have no tree, and their paths need not be written down.
        if !nodes.is_empty() || !asked.is_empty() {
            columns.walk(schema, &mut Vec::new(), false, &nodes, asked);
        }
        columns
    }

    /// The type at a path that was asked for.
    pub(super) fn at(&self, path: &str) -> Option<&'s Schema> {
        self.asked.get(path).copied()
    }

    /// Whether the column is a field of a tree, which has it at other levels too.
    pub(super) fn is_of_tree(&self, path: &str) -> bool {
        self.of_trees.contains(path)
    }

    fn walk(
        &mut self,
        schema: &'s Schema,
        path: &mut Vec<Step>,
        in_node: bool,
        nodes: &HashSet<Name>,
        asked: &HashSet<&str>,
    ) {
        if in_node || !asked.is_empty() {
            let text = path_text(path.iter());
            if asked.contains(&*text) {
                self.asked.entry(text.clone()).or_insert(schema);
            }
            if in_node {
                self.of_trees.insert(text);
            }
        }
        let mut below = |step: Option<Step>, part: &'s Schema, in_node: bool| {
            let depth = path.len();
            path.extend(step);
            self.walk(part, path, in_node, nodes, asked);
            path.truncate(depth);
        };
        match schema {
            Schema::Option(inner) => below(None, inner, in_node),
            Schema::List(element) => below(Some(Step::Any), element, false),
            Schema::Array(array) => below(Some(Step::Any), &array.element, false),
            Schema::Map(map) => below(Some(Step::Any), &map.value, false),
            Schema::Tuple(places) => {
                places.iter().enumerate().for_each(|(at, place)| below(Some(Step::Index(at)), place, false));
            }
            Schema::Enum(choice) => {
                choice.variants.iter().for_each(|variant| below(None, &variant.schema, in_node));
            }
            Schema::Record(record) => {
                let is_node = nodes.contains(&record.name);
                for field in &record.fields {
                    let is_own = field.presence != Presence::Flattened;
                    below(is_own.then(|| Step::Key((*field.name).to_owned())), &field.schema, is_node && is_own);
                }
            }
            _ => {}
        }
    }
}

/// The marks of the records that hold their own like.
fn find_nodes(schema: &Schema, above: &mut Vec<Name>, found: &mut HashSet<Name>) {
    let mut below = |part: &Schema| find_nodes(part, above, found);
    match schema {
        Schema::Option(inner) | Schema::List(inner) => below(inner),
        Schema::Array(array) => below(&array.element),
        Schema::Map(map) => below(&map.value),
        Schema::Tuple(places) => places.iter().for_each(below),
        Schema::Enum(choice) => choice.variants.iter().for_each(|variant| below(&variant.schema)),
        Schema::Record(record) => {
            let is_marked = is_unified(&record.name);
            if is_marked && above.contains(&record.name) {
                found.insert(record.name);
            }
            above.extend(is_marked.then_some(record.name));
            record.fields.iter().for_each(|field| find_nodes(&field.schema, above, found));
            if is_marked {
                above.pop();
            }
        }
        _ => {}
    }
}
