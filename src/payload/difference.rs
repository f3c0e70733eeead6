//! The losses of a round trip, by path: `$.rows[*].id: integer over 2^53 became float`.

use super::column::{Column, is_present, with_scalars};
use super::schema::{EnumSchema, MapSchema, Schema};
use super::tree::Tree;
use std::fmt::Display;

/// The number of different sentences that are kept; a codec that loses more loses it in as many places of the same
/// kinds.
const MOST_SENTENCES: usize = 20;

/// Differences, merged by path and kind, in the order in which they were met.
#[derive(Debug, Default)]
pub struct Differences {
    found: Vec<Difference>,
    more: u64,
}

#[derive(Debug)]
struct Difference {
    path: String,
    what: String,
    example: String,
    count: u64,
}

impl Differences {
    /// One sentence for each path and kind of difference; empty when the values are the same.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences: Vec<String> = self
            .found
            .iter()
            .map(|difference| {
                let Difference { path, what, example, count } = difference;
                let times = if *count > 1 { format!(", {count} times") } else { String::new() };
                if example.is_empty() {
                    format!("{path}: {what}{times}")
                } else {
                    format!("{path}: {what} ({example}{times})")
                }
            })
            .collect();
        if self.more > 0 {
            sentences.push(format!("and {} more differences", self.more));
        }
        sentences
    }

    /// Whether the values are the same.
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    fn add(&mut self, path: &Path<'_>, what: String, example: String) {
        let path = path.to_string();
        let room = self.found.len() < MOST_SENTENCES;
        match self.found.iter_mut().find(|known| known.path == path && known.what == what) {
            Some(known) => known.count += 1,
            None if room => self.found.push(Difference { path, what, example, count: 1 }),
            None => self.more += 1,
        }
    }
}

/// A place in a document, as a list that grows towards the root; list items are not told apart.
enum Path<'a> {
    Root,
    Item(&'a Path<'a>),
    Place(&'a Path<'a>, usize),
    Key(&'a Path<'a>, &'a str),
    AnyKey(&'a Path<'a>),
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Path::Root => f.write_str("$"),
            Path::Item(parent) => write!(f, "{parent}[*]"),
            Path::Place(parent, at) => write!(f, "{parent}[{at}]"),
            Path::AnyKey(parent) => write!(f, "{parent}.*"),
            Path::Key(parent, name) if is_plain(name) => write!(f, "{parent}.{name}"),
            Path::Key(parent, name) => write!(f, "{parent}[{name:?}]"),
        }
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// How a number changed, in words; `None` if it did not. NaN equals NaN.
fn float_change(before: f64, after: f64) -> Option<&'static str> {
    if before.to_bits() == after.to_bits() || (before.is_nan() && after.is_nan()) {
        return None;
    }
    Some(if before == after {
        "negative zero lost its sign"
    } else if before.is_nan() {
        "NaN became a number"
    } else if (before - after).abs() <= before.abs() * 2f64.powi(-50) {
        "float changed in its last digits"
    } else if f64::from(before as f32) == after {
        "float was rounded to f32"
    } else {
        "float changed"
    })
}

/// Adds to `differences` those of row `row` of one column and row `other_row` of another of the same schema.
///
/// # Panics
///
/// When a column was not made for the schema or lacks the row.
pub fn compare_rows(
    schema: &Schema,
    before: &Column,
    row: usize,
    after: &Column,
    other_row: usize,
    differences: &mut Differences,
) {
    columns(schema, (before, row), (after, other_row), &Path::Root, differences);
}

fn columns(
    schema: &Schema,
    before: (&Column, usize),
    after: (&Column, usize),
    path: &Path<'_>,
    differences: &mut Differences,
) {
    let ((a, i), (b, j)) = (before, after);
    match (schema, a, b) {
        (_, Column::F64(a), Column::F64(b)) => floats(a[i], b[j], path, differences),
        (_, Column::F32(a), Column::F32(b)) => floats(a[i].into(), b[j].into(), path, differences),
        (_, Column::String(a), Column::String(b)) => {
            if a[i] != b[j] {
                differences.add(path, "string changed".into(), shown(&a[i], &b[j]));
            }
        }
        (_, Column::Bytes(a), Column::Bytes(b)) => {
            if a[i] != b[j] {
                differences.add(path, "bytes changed".into(), String::new());
            }
        }
        (_, Column::Unit(_), Column::Unit(_)) => {}
        (_, Column::Number(a), Column::Number(b)) => floats(a[i].to_f64(), b[j].to_f64(), path, differences),
        (Schema::Symbol(symbol), Column::Symbol(a), Column::Symbol(b)) => {
            if a[i] != b[j] {
                let text = |at: u32| symbol.values[at as usize];
                differences.add(path, "string changed".into(), shown(text(a[i]), text(b[j])));
            }
        }
        (Schema::Array(array), Column::Array { length, items: from }, Column::Array { items: to, .. }) => {
            for at in 0..*length {
                let (from, to) = ((&**from, i * length + at), (&**to, j * length + at));
                columns(&array.element, from, to, &Path::Item(path), differences);
            }
        }
        (Schema::Tuple(schema), Column::Tuple { places: a, .. }, Column::Tuple { places: b, .. }) => {
            for (at, ((schema, a), b)) in schema.iter().zip(a).zip(b).enumerate() {
                columns(schema, (a, i), (b, j), &Path::Place(path, at), differences);
            }
        }
        (Schema::Option(inner), Column::Option { index: a, values: from }, Column::Option { index: b, values: to }) => {
            match (is_present(a[i]), is_present(b[j])) {
                (false, false) => {}
                (false, true) => differences.add(path, "absent value became present".into(), String::new()),
                (true, false) => differences.add(path, "value was lost".into(), String::new()),
                (true, true) => columns(inner, (from, a[i] as usize), (to, b[j] as usize), path, differences),
            }
        }
        (Schema::List(element), Column::List { ends: a, items: from }, Column::List { ends: b, items: to }) => {
            let (a, b) = (Column::span(a, i), Column::span(b, j));
            if a.len() != b.len() {
                differences.add(path, "list changed its length".into(), shown(a.len(), b.len()));
            }
            for (i, j) in a.zip(b) {
                columns(element, (from, i), (to, j), &Path::Item(path), differences);
            }
        }
        (Schema::Map(map), Column::Map { .. }, Column::Map { .. }) => entries(map, before, after, path, differences),
        (Schema::Record(record), Column::Record { fields: a, .. }, Column::Record { fields: b, .. }) => {
            for ((field, a), b) in record.fields.iter().zip(a).zip(b) {
                columns(&field.schema, (a, i), (b, j), &Path::Key(path, &field.name), differences);
            }
        }
        (Schema::Enum(choice), Column::Enum { .. }, Column::Enum { .. }) => {
            variants(choice, before, after, path, differences);
        }
        (schema, a, b) => {
            let value = |column: &Column, row: usize| with_scalars!(column, vector => vector[row].to_string(), _ => unreachable!("handled above"));
            let (a, b) = (value(a, i), value(b, j));
            if a != b {
                differences.add(path, format!("{} changed", schema.describe()), shown(a, b));
            }
        }
    }
}

/// Compares two maps: value by value where they have the same keys in the same order.
fn entries(
    map: &MapSchema,
    (before, i): (&Column, usize),
    (after, j): (&Column, usize),
    path: &Path<'_>,
    differences: &mut Differences,
) {
    let (Column::Map { ends: a, keys: keys_from, values: from }, Column::Map { ends: b, keys: keys_to, values: to }) =
        (before, after)
    else {
        return;
    };
    let (a, b) = (Column::span(a, i), Column::span(b, j));
    let key = |column: &Column, at: usize| Tree::from_row(&map.key, column, at);
    if a.len() == b.len() && a.clone().zip(b.clone()).all(|(i, j)| key(keys_from, i) == key(keys_to, j)) {
        for (i, j) in a.zip(b) {
            columns(&map.value, (from, i), (to, j), &Path::AnyKey(path), differences);
        }
    } else {
        let pairs = |span: std::ops::Range<usize>, keys: &Column, values: &Column| -> Vec<(Tree, Tree)> {
            span.map(|at| (key(keys, at), Tree::from_row(&map.value, values, at))).collect()
        };
        maps(&pairs(a, keys_from, from), &pairs(b, keys_to, to), path, differences);
    }
}

/// Compares two values of an enum.
fn variants(
    choice: &EnumSchema,
    (before, i): (&Column, usize),
    (after, j): (&Column, usize),
    path: &Path<'_>,
    differences: &mut Differences,
) {
    let (Column::Enum { tags: a, index: at, variants: from }, Column::Enum { tags: b, index: to_at, variants: to }) =
        (before, after)
    else {
        return;
    };
    let (tag, other) = (a[i] as usize, b[j] as usize);
    if tag == other {
        let schema = &choice.variants[tag].schema;
        columns(schema, (&from[tag], at[i] as usize), (&to[tag], to_at[j] as usize), path, differences);
    } else {
        let names = (&choice.variants[tag].name, &choice.variants[other].name);
        differences.add(path, format!("variant {} became {}", names.0, names.1), String::new());
    }
}

fn floats(a: f64, b: f64, path: &Path<'_>, differences: &mut Differences) {
    if let Some(what) = float_change(a, b) {
        differences.add(path, what.into(), shown(a, b));
    }
}

fn shown(a: impl Display, b: impl Display) -> String {
    let cut = |text: String| {
        if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text }
    };
    format!("{} became {}", cut(a.to_string()), cut(b.to_string()))
}

/// Adds to `differences` those of two trees. What the two hold in different kinds is named by kind: `bytes became list`.
pub fn compare_trees(before: &Tree, after: &Tree, differences: &mut Differences) {
    trees(before, after, &Path::Root, differences);
}

fn trees(a: &Tree, b: &Tree, path: &Path<'_>, differences: &mut Differences) {
    match (a, b) {
        (Tree::Null, Tree::Null) => {}
        (Tree::Bool(a), Tree::Bool(b)) if a == b => {}
        (Tree::Int(a), Tree::Int(b)) if a == b => {}
        (Tree::UInt(a), Tree::UInt(b)) if a == b => {}
        (Tree::Float(a), Tree::Float(b)) => floats(*a, *b, path, differences),
        (Tree::Float32(a), Tree::Float32(b)) => floats((*a).into(), (*b).into(), path, differences),
        // A format that stores a double as a shorter float when nothing is lost has lost nothing.
        (Tree::Float(a), Tree::Float32(b)) => floats(*a, (*b).into(), path, differences),
        (Tree::Float32(a), Tree::Float(b)) => floats((*a).into(), *b, path, differences),
        (Tree::String(a), Tree::String(b)) => {
            if a != b {
                differences.add(path, "string changed".into(), shown(a, b));
            }
        }
        (Tree::Bytes(a), Tree::Bytes(b)) if a == b => {}
        (Tree::List(a), Tree::List(b)) => {
            if a.len() != b.len() {
                differences.add(path, "list changed its length".into(), shown(a.len(), b.len()));
            }
            for (a, b) in a.iter().zip(b) {
                trees(a, b, &Path::Item(path), differences);
            }
        }
        (Tree::Map(a), Tree::Map(b)) => maps(a, b, path, differences),
        (Tree::Int(_) | Tree::UInt(_), Tree::Float(_) | Tree::Float32(_)) => {
            let over = matches!(a, Tree::UInt(_)) || matches!(a, Tree::Int(value) if value.unsigned_abs() > 1 << 53);
            let what = if over { "integer over 2^53 became float" } else { "integer became float" };
            differences.add(path, what.into(), String::new());
        }
        (Tree::Float(value), _) if !value.is_finite() => {
            differences.add(path, format!("{value} became {}", b.kind()), String::new());
        }
        (a, b) if a.kind() == b.kind() => differences.add(path, format!("{} changed", a.kind()), String::new()),
        (a, b) => differences.add(path, format!("{} became {}", a.kind(), b.kind()), String::new()),
    }
}

fn maps(a: &[(Tree, Tree)], b: &[(Tree, Tree)], path: &Path<'_>, differences: &mut Differences) {
    let name = |key: &Tree| match key {
        Tree::String(text) => text.clone(),
        other => format!("{other:?}"),
    };
    let in_order = a.len() == b.len() && a.iter().zip(b).all(|((a, _), (b, _))| name(a) == name(b));
    if in_order {
        for ((key, from), (other, to)) in a.iter().zip(b) {
            let name = name(key);
            let path = Path::Key(path, &name);
            if key.kind() != other.kind() {
                differences.add(&path, format!("{} key became {}", key.kind(), other.kind()), String::new());
            }
            trees(from, to, &path, differences);
        }
        return;
    }
    let mut found = std::collections::HashMap::new();
    for (at, (key, value)) in b.iter().enumerate() {
        found.insert(name(key), (at, key, value));
    }
    let (mut last, mut reordered) = (0, false);
    for (key, from) in a {
        // A key that is not text comes back as its text in formats that only have text.
        let plain = match key {
            Tree::Int(value) => value.to_string(),
            Tree::UInt(value) => value.to_string(),
            Tree::Bool(value) => value.to_string(),
            key => name(key),
        };
        match found.remove(&name(key)).or_else(|| found.remove(&plain)) {
            None => differences.add(&Path::Key(path, &name(key)), "key was lost".into(), String::new()),
            Some((at, other, to)) => {
                if key.kind() != other.kind() {
                    let what = format!("{} keys became {}", key.kind(), other.kind());
                    differences.add(&Path::AnyKey(path), what, String::new());
                }
                reordered |= at < last;
                last = at;
                trees(from, to, &Path::Key(path, &plain), differences);
            }
        }
    }
    // In the order of the document: that of a hash map is another in each process.
    for (key, _) in b {
        if found.remove(&name(key)).is_some() {
            differences.add(&Path::Key(path, &name(key)), "key appeared".into(), String::new());
        }
    }
    if reordered {
        differences.add(path, "order of keys changed".into(), String::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{ABSENT, digest_rows, digest_tree};

    fn map(entries: &[(&str, Tree)]) -> Tree {
        Tree::Map(entries.iter().map(|(key, value)| (Tree::String((*key).into()), value.clone())).collect())
    }

    fn trees_compared(before: &Tree, after: &Tree) -> Differences {
        let mut differences = Differences::default();
        compare_trees(before, after, &mut differences);
        differences
    }

    fn rows_compared(schema: &Schema, before: &Column, row: usize, after: &Column, other: usize) -> Differences {
        let mut differences = Differences::default();
        compare_rows(schema, before, row, after, other, &mut differences);
        differences
    }

    #[test]
    fn losses_are_named_by_path() {
        let row = |id: Tree, data: Tree| map(&[("id", id), ("data", data)]);
        let before = map(&[(
            "rows",
            Tree::List(vec![
                row(Tree::Int(1 << 60), Tree::Bytes(vec![1])),
                row(Tree::Int((1 << 60) + 1), Tree::Bytes(vec![2])),
            ]),
        )]);
        let after = map(&[(
            "rows",
            Tree::List(vec![
                row(Tree::Float(1e18), Tree::List(vec![Tree::Int(1)])),
                row(Tree::Float(1e18), Tree::List(vec![Tree::Int(2)])),
            ]),
        )]);
        assert_eq!(
            trees_compared(&before, &after).sentences(),
            ["$.rows[*].id: integer over 2^53 became float, 2 times", "$.rows[*].data: bytes became list, 2 times"]
        );
        assert!(trees_compared(&before, &before).is_empty());
        assert_ne!(digest_tree(&before), digest_tree(&after));
    }

    #[test]
    fn keys_that_move_vanish_or_become_text_are_named() {
        let before = Tree::Map(vec![(Tree::Int(1), Tree::Null), (Tree::Int(0), Tree::Null)]);
        let after = map(&[("0", Tree::Null), ("1", Tree::Null)]);
        assert_eq!(
            trees_compared(&before, &after).sentences(),
            ["$.*: integer keys became string, 2 times", "$: order of keys changed"]
        );
        let after = map(&[("2", Tree::Null)]);
        assert_eq!(trees_compared(&before, &after).sentences().len(), 3);
    }

    #[test]
    fn columns_differ_by_value_and_nan_is_itself() {
        let schema = Schema::list(Schema::option(Schema::F64));
        let column = |values: Vec<f64>, index: Vec<u32>| Column::List {
            ends: vec![index.len()],
            items: Box::new(Column::Option { index, values: Box::new(Column::F64(values)) }),
        };
        let before = column(vec![0.1, f64::NAN, -0.0], vec![0, ABSENT, 1, 2]);
        let after = column(vec![0.1f64.next_up(), f64::NAN, 0.0], vec![0, ABSENT, 1, 2]);
        assert_eq!(
            rows_compared(&schema, &before, 0, &after, 0).sentences(),
            [
                "$[*]: float changed in its last digits (0.1 became 0.10000000000000002)",
                "$[*]: negative zero lost its sign (-0 became 0)"
            ]
        );
        assert!(rows_compared(&schema, &before, 0, &before, 0).is_empty());
        assert_ne!(digest_rows(&before, 0..1), digest_rows(&after, 0..1));
    }

    #[test]
    fn a_digest_does_not_depend_on_where_the_rows_lie() {
        let lists = Column::List {
            ends: vec![2, 2, 4],
            items: Box::new(Column::Option {
                index: vec![0, ABSENT, 1, ABSENT],
                values: Box::new(Column::I8(vec![7, 7])),
            }),
        };
        assert_eq!(digest_rows(&lists, 0..1), digest_rows(&lists, 2..3));
        assert_ne!(digest_rows(&lists, 0..1), digest_rows(&lists, 1..2));
    }
}
