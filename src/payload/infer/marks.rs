//! The bytes that columns take more as one than each by itself, where the types are known beforehand.
//!
//! The values stay what they are, but more has to be said of them: which of several kinds each is, whether it is there
//! at all. Integers beside floats become floats.

use super::Node;
use super::object::Object;
use std::collections::BTreeMap;

/// The bytes of a float, less those of most integers.
const WIDENED: u64 = 7;

/// The bytes that `columns` take more as one column, which is looked into `levels` deep.
pub(super) fn of_joining(columns: &[&Node], levels: usize) -> i64 {
    let apart: u64 = columns.iter().map(|column| marks(&[column], levels)).sum();
    marks(columns, levels).cast_signed().saturating_sub(apart.cast_signed())
}

/// The bytes that are written beside the values of one column that has all these.
fn marks(columns: &[&Node], levels: usize) -> u64 {
    let sum = |of: fn(&Node) -> u64| columns.iter().map(|column| of(column)).sum::<u64>();
    let (nulls, ints, floats) = (sum(|node| node.nulls), sum(|node| node.ints.count), sum(|node| node.floats.count()));
    let values = sum(Node::values);
    let kinds = columns.iter().fold(0, |kinds, column| kinds | column.kinds());
    let mut bytes = if nulls > 0 { nulls + values } else { 0 };
    bytes += if kinds.count_ones() > 1 { values } else { 0 };
    bytes += if floats > 0 { ints.saturating_mul(WIDENED) } else { 0 };
    if levels == 0 {
        return bytes;
    }
    let lists: Vec<&Node> =
        columns.iter().filter_map(|column| column.lists.as_ref()).flat_map(|lists| lists.nodes()).collect();
    if !lists.is_empty() {
        bytes += marks(&lists, levels - 1);
    }
    let objects: Vec<&Object> = columns.iter().filter_map(|column| column.objects.as_deref()).collect();
    if objects.is_empty() { bytes } else { bytes + marks_of_objects(&objects, levels - 1) }
}

/// The same of objects as records: for each that may lack a field, a mark of whether it has it.
fn marks_of_objects(objects: &[&Object], levels: usize) -> u64 {
    let rows: u64 = objects.iter().map(|object| object.rows).sum();
    let mut fields: BTreeMap<&str, (u64, Vec<&Node>)> = BTreeMap::new();
    for object in objects {
        for field in &object.fields {
            let (seen, columns) = fields.entry(&field.name).or_default();
            *seen += field.seen;
            columns.push(&field.node);
        }
    }
    let of_field = |(seen, columns): (u64, Vec<&Node>)| {
        let has_null = columns.iter().any(|column| column.nulls > 0);
        marks(&columns, levels) + if seen < rows && !has_null { rows } else { 0 }
    };
    fields.into_values().map(of_field).sum()
}

impl Node {
    /// The number of its values, without nulls.
    pub(super) fn values(&self) -> u64 {
        let (lists, objects) = (self.lists.as_ref(), self.objects.as_ref());
        let scalars = self.bools + self.ints.count + self.floats.count() + self.texts.count + self.byte_strings;
        scalars + lists.map_or(0, |lists| lists.count) + objects.map_or(0, |objects| objects.rows)
    }
}
