//! The choices that a person might have made otherwise: said as notes with what the other choice is worth, and settled
//! by path.

use super::Node;
use super::list::Fixed;
use super::looks::{Doubt, Looks};
use super::scalar::{Floats, Texts};
use crate::model::{Bytes, nearest};
use crate::payload::schema::Schema;
use crate::payload::source::{Fault, Step, path_text};
use crate::payload::width::{FloatWidth, IntWidth};
use std::collections::{BTreeSet, HashSet};

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
    /// The column, as notes and `--show-schema` have it: `$.rows[*].id`.
    pub path: String,
    /// The kind that it is to have.
    pub kind: OverrideKind,
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
    fn flag(&self) -> &'static str {
        match self {
            OverrideKind::Map => "--map",
            OverrideKind::Record => "--record",
            OverrideKind::Tuple => "--tuple",
            OverrideKind::List => "--list",
            OverrideKind::Enum => "--enum",
            OverrideKind::Type(_) => "--type",
        }
    }
}

/// The settled facts about a column.
#[derive(Debug, Default)]
pub(super) struct Forced {
    pub looks: Option<Looks>,
    pub is_tuple: Option<bool>,
    pub is_enum: bool,
    pub scalar: Option<Schema>,
}

impl Forced {
    /// Refuses what says nothing of what the column holds.
    pub(super) fn check(&self, node: &Node) -> Result<(), Fault> {
        let said = match self.looks {
            Some(Looks::Map) => "--map",
            _ => "--record",
        };
        let (flag, wanted) = match () {
            _ if self.looks.is_some() && node.objects.is_none() => (said, "objects"),
            _ if self.is_tuple == Some(true) && node.lists.is_none() => ("--tuple", "lists"),
            _ if self.is_tuple == Some(false) && node.lists.is_none() => ("--list", "lists"),
            _ if self.is_enum && node.texts.count == 0 => ("--enum", "strings"),
            _ => return Ok(()),
        };
        Err(Fault::of_column(format!("{flag}: the column holds no {wanted}"), format!("leave {flag} away for it")))
    }
}

/// A choice that a note tells of.
#[derive(Debug)]
struct Choice {
    kind: Kind,
    path: String,
    /// The number of values that it is about.
    count: u64,
    /// In bytes.
    worth: u64,
}

/// The choice that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    /// `f64`, and not `f32`.
    Wide,
    /// Strings, and not an enum, of so many different ones.
    Strings(usize),
    /// Arrays or tuples, and not lists.
    Fixed,
    /// A map, and not a record of so many fields.
    Map(usize),
    /// A record of so many fields, and not a map.
    Record(usize),
    /// A record of so many fields with a map of so many keys, and not of the fields alone.
    Mixed(usize, usize),
}

impl Kind {
    /// Whether a note tells of both choices at once.
    fn goes_with(self, other: Kind) -> bool {
        use Kind::*;
        matches!(
            (self, other),
            (Wide, Wide)
                | (Strings(_), Strings(_))
                | (Fixed, Fixed)
                | (Map(_), Map(_))
                | (Record(_), Record(_))
                | (Mixed(..), Mixed(..))
        )
    }
}

/// Gathers the choices that were made.
#[derive(Debug)]
pub(super) struct Choices<'a> {
    overrides: &'a Overrides,
    made: Vec<Choice>,
    /// The cost of overrides, and of what had no choice.
    losses: Vec<String>,
    /// All paths in order, where there are overrides that might want one: of two equally near ones always the same is meant.
    paths: BTreeSet<String>,
    used: HashSet<usize>,
}

/// A choice that is worth less is not worth a line.
const LEAST_WORTH: u64 = 16;

impl<'a> Choices<'a> {
    pub(super) fn new(overrides: &'a Overrides) -> Self {
        let (made, losses) = (Vec::new(), Vec::new());
        Choices { overrides, made, losses, paths: BTreeSet::new(), used: HashSet::new() }
    }

    /// The overrides of the user for the column at `path`.
    pub(super) fn forced(&mut self, path: &[Step]) -> Forced {
        let mut forced = Forced::default();
        if self.overrides.columns.is_empty() {
            return forced;
        }
        let path = path_text(path.iter());
        for (at, Override { path: wanted, kind }) in self.overrides.columns.iter().enumerate() {
            if *wanted != path {
                continue;
            }
            self.used.insert(at);
            match kind {
                OverrideKind::Map => forced.looks = Some(Looks::Map),
                OverrideKind::Record => forced.looks = Some(Looks::Record),
                OverrideKind::Tuple => forced.is_tuple = Some(true),
                OverrideKind::List => forced.is_tuple = Some(false),
                OverrideKind::Enum => forced.is_enum = true,
                OverrideKind::Type(schema) => forced.scalar = Some(schema.clone()),
            }
        }
        self.paths.insert(path);
        forced
    }

    fn add(&mut self, path: &[Step], kind: Kind, count: u64, worth: u64) {
        if worth >= LEAST_WORTH {
            self.made.push(Choice { kind, path: path_text(path.iter()), count, worth });
        }
    }

    /// Floats that were held as `f64` and could have been `f32`, or the other way round.
    pub(super) fn floats(&mut self, path: &[Step], floats: &Floats) {
        let count = floats.count();
        match self.overrides.floats {
            FloatWidth::F32 => {
                if let Some(value) = floats.wide {
                    let path = path_text(path.iter());
                    self.losses.push(format!("{path}: floats lose digits as f32: {value} becomes {}", value as f32));
                }
            }
            FloatWidth::Infer if floats.decimals == count && floats.wide.is_none() => {
                self.add(path, Kind::Wide, count, 4 * count);
            }
            _ => {}
        }
    }

    /// Integers that no type of 64 bits holds together.
    pub(super) fn both_signs(&mut self, path: &[Step]) {
        let path = path_text(path.iter());
        let reason = "no integer of 64 bits holds both the negative and the largest";
        self.losses.push(format!("{path}: {reason}: an enum of i64 and u64"));
    }

    /// Strings that could be an enum.
    pub(super) fn texts(&mut self, path: &[Step], texts: &Texts) {
        let Some(symbols) = texts.symbols() else { return };
        let distinct = symbols.len() as u64;
        if (2..=32).contains(&distinct) && texts.count >= (4 * distinct).max(16) {
            // A length and the text, against a variant of one byte.
            self.add(path, Kind::Strings(symbols.len()), texts.count, texts.bytes);
        }
    }

    /// Lists that are arrays or tuples; where the document calls them so, nothing was chosen.
    pub(super) fn fixed_length(&mut self, path: &[Step], Fixed { count, is_tuple }: Fixed) {
        if !is_tuple {
            self.add(path, Kind::Fixed, count, count);
        }
    }

    /// Objects that could be maps, records, or both in one.
    pub(super) fn keys(&mut self, path: &[Step], looks: &Looks, doubt: Doubt) {
        let kind = match looks {
            Looks::Map => Kind::Map(doubt.keys),
            Looks::Record => Kind::Record(doubt.keys),
            Looks::Mixed(_) => Kind::Mixed(doubt.names, doubt.keys),
        };
        self.add(path, kind, doubt.rows, doubt.worth);
    }

    /// The notes, those that are worth most first; an override that fits nowhere is a fault.
    pub(super) fn into_notes(mut self) -> Result<Vec<String>, Fault> {
        let unused = self.overrides.columns.iter().enumerate().find(|(at, _)| !self.used.contains(at));
        if let Some((_, Override { path, kind })) = unused {
            let near = nearest(path, self.paths.iter().map(String::as_str));
            let meant = near.map(|near| format!("did you mean {near:?}? ")).unwrap_or_default();
            return Err(Fault::of_column(
                format!("{} {path:?}: the document has no such path", kind.flag()),
                format!("{meant}--show-schema shows what there is"),
            ));
        }
        // A stable order, whatever the order in which equal choices were made.
        self.made.sort_by(|a, b| b.worth.cmp(&a.worth).then_with(|| a.path.cmp(&b.path)));
        let mut groups: Vec<Vec<Choice>> = Vec::new();
        for choice in self.made {
            match groups.iter_mut().find(|group| group[0].kind.goes_with(choice.kind)) {
                Some(group) => group.push(choice),
                None => groups.push(vec![choice]),
            }
        }
        groups.sort_by_key(|group| std::cmp::Reverse(group.iter().map(|choice| choice.worth).sum::<u64>()));
        let mut notes = self.losses;
        notes.extend(groups.iter().map(|group| note(group)));
        Ok(notes)
    }
}

/// The note of a choice, with the worth of the other and how to choose it. The choice worth most comes first.
fn note(group: &[Choice]) -> String {
    let Choice { kind, path, count, .. } = &group[0];
    let total = Bytes(group.iter().map(|choice| choice.worth).sum());
    let others = match group.len() - 1 {
        0 => String::new(),
        others if matches!(kind, Kind::Map(_) | Kind::Record(_) | Kind::Mixed(..)) => {
            format!(" and {}", counted(others as u64, "other place", "other places"))
        }
        others => format!(" and {}", counted(others as u64, "other column", "other columns")),
    };
    match kind {
        Kind::Wide => {
            let all = if group.len() == 1 { format!("--type '{path}=f32'") } else { "--floats narrow".to_owned() };
            format!(
                "{path}{others}: floats are held as f64, and all are exact decimals of an f32 too, which saves {total}: {all}"
            )
        }
        Kind::Strings(distinct) => format!(
            "{path}{others}: strings with few different values, here {distinct} in {count}; as enums they take {total} less where the types are known beforehand: --enum '{path}'"
        ),
        Kind::Fixed => format!(
            "{path}{others}: lists of one length, here {count}, are read as arrays or tuples; as lists they take {total} more where lengths are written: --list '{path}'"
        ),
        Kind::Map(keys) => format!(
            "{path}{others}: keys are the data of a map, here {}; as the fields of a record they take {total} less where the types are known beforehand: --record '{path}'",
            of_objects(*keys, *count),
        ),
        Kind::Record(keys) => format!(
            "{path}{others}: keys are the fields of a record, here {}; as the data of a map they take {total} more where the types are known beforehand: --map '{path}'",
            of_objects(*keys, *count),
        ),
        Kind::Mixed(names, keys) => format!(
            "{path}{others}: {} of a record and the others the data of a map, here {}; as fields too they take {total} less where the types are known beforehand: --record '{path}'",
            counted(*names as u64, "key is the field", "keys are the fields"),
            of_objects(*keys, *count),
        ),
    }
}

/// `12 keys in 300 objects`
fn of_objects(keys: usize, objects: u64) -> String {
    format!("{} in {}", counted(keys as u64, "key", "keys"), counted(objects, "object", "objects"))
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Holds a column against the type that it is said to be of: the name of the variant that it makes.
pub(super) fn force(schema: &Schema, node: &Node) -> Result<&'static str, Fault> {
    let misfit = |found: &str| {
        Err(Fault::of_column(
            format!("--type says {}, and the column holds {found}", schema.describe()),
            "leave --type away for it, or name a type that holds them",
        ))
    };
    let others = node.bools + node.byte_strings > 0 || node.lists.is_some() || node.objects.is_some();
    match schema {
        schema if schema.is_integer() => {
            if others || node.texts.count > 0 || node.floats.count() > 0 {
                return misfit("other values than integers");
            }
            let width = IntWidth::of(schema);
            node.ints.schema(width).map(|_| "Int")
        }
        Schema::F32 | Schema::F64 | Schema::Number => match others || node.texts.count > 0 {
            true => misfit("other values than numbers"),
            false if *schema == Schema::F32 && node.ints.inexact_f32 => misfit("integers that are not exact as f32"),
            false if node.ints.inexact_f64 => misfit("integers that are not exact as f64"),
            false => Ok("Float"),
        },
        Schema::String => match others || node.ints.count + node.floats.count() > 0 {
            true => misfit("other values than strings"),
            false => Ok("String"),
        },
        _ => misfit("values that it is not for"),
    }
}
