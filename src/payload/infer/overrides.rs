//! What the user says of a document in place of the rules.

use super::Node;
use super::forced::force;
use crate::payload::schema::Schema;
use crate::payload::source::Fault;
use crate::payload::width::{FloatWidth, IntWidth};

/// How the user decides, in place of the rules.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--floats`
    pub floats: FloatWidth,
    /// `--ints`
    pub ints: IntWidth,
    /// Of single columns, by path.
    pub columns: Vec<Override>,
}

/// The kind of one column.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// The column, as notes and `--show-schema` have it: `$.rows[*].id`. Two dots stand for any steps, and for none:
    /// `$..kind` is the field `kind` of all levels of a tree.
    pub path: String,
    /// The kind that it is to have.
    pub kind: OverrideKind,
}

impl Override {
    /// Whether it speaks of every column whose path ends so.
    fn is_of_all(&self) -> bool {
        self.path.contains("..")
    }

    /// Whether it speaks of the column at `path`.
    pub(super) fn is_of(&self, path: &str) -> bool {
        let Some((head, tail)) = self.path.split_once("..") else { return self.path == path };
        let rest = path.strip_prefix(head).and_then(|below| below.strip_suffix(tail));
        // A key stands behind a dot; an index or a quoted key needs none.
        rest.is_some_and(|between| tail.starts_with('[') || between.ends_with('.'))
    }

    /// Whether the column holds what it speaks of; if not, the name of that. One that speaks of every column of a name leaves
    /// out those that it cannot be said of.
    pub(super) fn fits(&self, node: &Node) -> Result<(), &'static str> {
        let (fits, wanted) = match &self.kind {
            OverrideKind::Map | OverrideKind::Record => (node.objects.is_some(), "objects"),
            OverrideKind::Tuple | OverrideKind::List => (node.lists.is_some(), "lists"),
            OverrideKind::Enum if self.is_of_all() => (node.texts.symbols().is_some(), "strings with few values"),
            OverrideKind::Enum => (node.texts.count > 0, "strings"),
            OverrideKind::Type(schema) => (!self.is_of_all() || force(schema, node).is_ok(), "values of that type"),
        };
        if fits { Ok(()) } else { Err(wanted) }
    }

    /// Whether both speak of the same, and of the same column.
    fn contradicts(&self, other: &Override) -> bool {
        self.path == other.path && self.kind.subject() == other.kind.subject() && self.kind != other.kind
    }
}

/// The kind that a column is said to have.
#[derive(Clone, Debug, PartialEq)]
pub enum OverrideKind {
    /// Its objects are maps: `--map`.
    Map,
    /// Its objects are records: `--record`.
    Record,
    /// Its lists are tuples: `--tuple`.
    Tuple,
    /// Its lists are lists, whatever their lengths: `--list`.
    List,
    /// Its strings are an enum: `--enum`.
    Enum,
    /// Its values are of a type: `--type PATH=TYPE`.
    Type(Schema),
}

impl OverrideKind {
    /// The option that says it.
    pub(super) fn flag(&self) -> &'static str {
        match self {
            OverrideKind::Map => "--map",
            OverrideKind::Record => "--record",
            OverrideKind::Tuple => "--tuple",
            OverrideKind::List => "--list",
            OverrideKind::Enum => "--enum",
            OverrideKind::Type(_) => "--type",
        }
    }

    /// What it decides: of several that decide the same one is enough.
    fn subject(&self) -> &'static str {
        match self {
            OverrideKind::Map | OverrideKind::Record => "objects",
            OverrideKind::Tuple | OverrideKind::List => "lists",
            OverrideKind::Enum | OverrideKind::Type(_) => "scalars",
        }
    }
}

impl Overrides {
    /// Refuses overrides of one column that contradict each other.
    pub(super) fn check(&self) -> Result<(), Fault> {
        for (at, first) in self.columns.iter().enumerate() {
            if let Some(second) = self.columns[..at].iter().find(|second| second.contradicts(first)) {
                let (a, b) = (second.kind.flag(), first.kind.flag());
                let both =
                    if a == b { format!("{a} says two things") } else { format!("{a} and {b} contradict each other") };
                return Err(Fault::of_column(format!("{both} of {:?}", first.path), "leave one of them away"));
            }
        }
        Ok(())
    }
}
