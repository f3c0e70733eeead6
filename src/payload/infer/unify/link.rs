//! Which records are nodes of one tree, so that their groups are joined.

use super::kin::{goes_on, is_leaf, is_like, is_within, leads_on};
use super::{Groups, parts};
use crate::payload::infer::merge::shared;
use crate::payload::schema::{Field, RecordSchema, Schema};
use std::collections::HashSet;

/// Records that share so many names are of one type even where the key that leads on does not come again.
const CERTAIN: usize = 6;

/// Records that share fewer names are not one type for holding each other.
const ENOUGH: usize = 3;

/// So many records may stand between a node of a tree and the next.
const MOST_BETWEEN: usize = 3;

impl Groups {
    /// Joins the groups of records that hold their own like, themselves or by way of others. `above` has the records around
    /// `schema` from the outside in, each with the field that leads on.
    pub(super) fn link<'s>(&mut self, schema: &'s Schema, above: &mut Vec<(&'s RecordSchema, &'s Field)>) {
        let Schema::Record(record) = schema else {
            return parts(schema).into_iter().for_each(|part| self.link(part, above));
        };
        // The nearest that it is like: others around it are like that one.
        let near = above.len().saturating_sub(MOST_BETWEEN + 1);
        let outer = (near..above.len()).rev().find(|&at| {
            let (outer, by) = above[at];
            let by_again = at.checked_sub(1).is_some_and(|before| above[before].1.name == by.name);
            match is_like(outer, record) {
                true => {
                    by_again || shared(record, outer) >= CERTAIN || leads_on(record, by) || is_leaf(outer, record, by)
                }
                false if self.of_many_kinds && by_again && at + 1 == above.len() && is_within(outer, record, by) => {
                    true
                }
                false => goes_on(outer, record, by) && leads_on(record, by),
            }
        });
        for &(outer, _) in &above[near..] {
            if let (Some(a), Some(b)) = (self.of(outer), self.of(record)) {
                self.held.insert((a, b));
                if shared(record, outer) >= ENOUGH && is_like(outer, record) {
                    self.alike.insert((a, b));
                }
            }
        }
        if let Some(at) = outer {
            if let (Some(a), Some(b)) = (self.of(above[at].0), self.of(record)) {
                self.joined[b] = a;
                self.recursive.extend([a, b]);
            }
            // What stands between is a part of each level.
            for &(between, _) in &above[at + 1..] {
                self.between.extend(self.of(between));
            }
        }
        for field in &record.fields {
            above.push((record, field));
            self.link(&field.schema, above);
            above.pop();
        }
    }

    /// Joins the groups of records that are alike and hold each other, whatever the keys: `and` and `or` of a condition.
    pub(super) fn link_circles(&mut self) {
        loop {
            let held: HashSet<(usize, usize)> = self.held.iter().map(|&(a, b)| (self.find(a), self.find(b))).collect();
            let circle = self.alike.iter().map(|&(a, b)| (self.find(a), self.find(b)));
            let Some((a, b)) = circle.filter(|&(a, b)| a != b).find(|&(a, b)| held.contains(&(b, a))) else { return };
            self.joined[b] = a;
            self.recursive.extend([a, b]);
        }
    }

    /// Joins the groups of records that are the nodes of one tree by their tags.
    pub(super) fn link_tagged(&mut self, trees: &[HashSet<Vec<&'static str>>]) {
        for tree in trees {
            let mut groups: Vec<usize> = tree.iter().filter_map(|names| self.of_names.get(names).copied()).collect();
            groups.sort_unstable();
            let Some((&first, others)) = groups.split_first() else { continue };
            self.recursive.insert(first);
            for &other in others {
                let (a, b) = (self.find(first), self.find(other));
                self.joined[b] = a;
            }
        }
    }
}
