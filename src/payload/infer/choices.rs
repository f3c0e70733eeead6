//! The choices that a person might have made otherwise: said as notes with what the other choice is worth, and settled
//! by path.

use super::Node;
use super::columns::Columns;
use super::list::Fixed;
use super::looks::{Doubt, Looks};
use super::overrides::{Override, OverrideKind, Overrides};
use super::scalar::{Floats, Texts};
use crate::model::{Bytes, grouped, nearest};
use crate::payload::schema::Schema;
use crate::payload::source::{Fault, Step, path_text};
use crate::payload::width::FloatWidth;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The settled facts about a column.
#[derive(Debug, Default)]
pub(super) struct Forced {
    pub looks: Option<Looks>,
    pub is_tuple: Option<bool>,
    pub is_enum: bool,
    pub scalar: Option<Schema>,
}

/// A choice that a note tells of.
#[derive(Debug)]
struct Choice {
    kind: Kind,
    path: String,
    /// The number of values that it is about.
    count: u64,
    /// In bytes; negative where the other choice is the worse in the way that its note speaks of.
    worth: i64,
}

/// The choice that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    /// `f64`, and not `f32`, in a column that holds other values too or none.
    Wide { are_all: bool },
    /// Strings, and not an enum, of so many different ones.
    Strings(usize),
    /// Arrays or tuples, and not lists.
    Fixed,
    /// Lists, and not arrays or tuples.
    Lists,
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
            (Wide { .. }, Wide { .. })
                | (Strings(_), Strings(_))
                | (Fixed, Fixed)
                | (Lists, Lists)
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
    /// How often a field is absent from an object of its record.
    absent: u64,
    /// All paths in order, where there are overrides that might want one: of two equally near ones always the same is meant.
    paths: BTreeSet<String>,
    used: HashSet<usize>,
    /// Overrides of a column that does not hold such values: the path of it, and which.
    misfits: HashMap<usize, (String, &'static str)>,
    /// The columns of few different strings.
    texts: Vec<FewTexts>,
}

/// A column of few different strings, which may be one level of a tree.
#[derive(Debug)]
struct FewTexts {
    path: String,
    values: Vec<Box<str>>,
    count: u64,
    bytes: u64,
}

/// The step to the keys of a map, in a path.
const KEY: &str = "[\"(key)\"]";

/// A choice that is worth less is not worth a line.
const LEAST_WORTH: u64 = 16;
/// A column of more different strings gets no note that it could be an enum.
const MOST_NOTED: usize = 32;

impl<'a> Choices<'a> {
    pub(super) fn new(overrides: &'a Overrides) -> Self {
        let (made, losses) = (Vec::new(), Vec::new());
        Choices {
            overrides,
            made,
            losses,
            absent: 0,
            paths: BTreeSet::new(),
            used: HashSet::new(),
            misfits: HashMap::new(),
            texts: Vec::new(),
        }
    }

    /// The overrides of the user for the column at `path`, which `node` holds.
    pub(super) fn forced(&mut self, path: &[Step], node: &Node) -> Forced {
        let mut forced = Forced::default();
        if self.overrides.columns.is_empty() {
            return forced;
        }
        let path = path_text(path.iter());
        for (at, said) in self.overrides.columns.iter().enumerate() {
            if !said.is_of(&path) {
                continue;
            }
            // A path may lead to several columns, one in lists and one in maps.
            if let Err(wanted) = said.fits(node) {
                self.misfits.entry(at).or_insert_with(|| (path.clone(), wanted));
                continue;
            }
            self.used.insert(at);
            match &said.kind {
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

    fn add(&mut self, path: &[Step], kind: Kind, count: u64, worth: i64) {
        if worth.unsigned_abs() >= LEAST_WORTH {
            self.made.push(Choice { kind, path: path_text(path.iter()), count, worth });
        }
    }

    /// Floats that were held as `f64` and could have been `f32`, or the other way round; `are_all` if the column holds nothing
    /// else, so that it can be said of it alone.
    pub(super) fn floats(&mut self, path: &[Step], floats: &Floats, are_all: bool) {
        let count = floats.count();
        match self.overrides.floats {
            FloatWidth::F32 => {
                if let Some(value) = floats.wide {
                    let path = path_text(path.iter());
                    self.losses.push(format!("{path}: floats lose digits as f32: {value} becomes {}", value as f32));
                }
            }
            FloatWidth::Infer if floats.decimals == count && floats.wide.is_none() => {
                self.add(path, Kind::Wide { are_all }, count, bytes(count.saturating_mul(4)));
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
        if let Some(symbols) = texts.symbols().filter(|symbols| symbols.len() <= MOST_NOTED) {
            let (path, values) = (path_text(path.iter()), symbols.to_vec());
            self.texts.push(FewTexts { path, values, count: texts.count, bytes: texts.bytes });
        }
    }

    /// Lists that are arrays or tuples; where the document calls them so, nothing was chosen.
    pub(super) fn fixed_length(&mut self, path: &[Step], Fixed { count, is_tuple, marks }: Fixed) {
        if !is_tuple {
            self.add(path, Kind::Fixed, count, bytes(count.saturating_add(marks)));
        }
    }

    /// Fields that objects lack, so many in all.
    pub(super) fn absent(&mut self, count: u64) {
        self.absent += count;
    }

    /// Nodes of trees that are of different types in different places: the key of their tag, their number, that of the fields of
    /// all of them, and how many of these they lack.
    pub(super) fn unlike_nodes(&mut self, trees: Vec<(&str, u64, usize, u64)>) {
        for (tag, nodes, fields, lacking) in trees.into_iter().filter(|(.., lacking)| *lacking >= LEAST_WORTH) {
            let path = path_text([Step::Key(tag.to_owned())].iter()).replacen('$', "$.", 1);
            self.losses.push(format!(
                "{path}: {} nodes of a tree differ by this field, and are read as a record for each place, which takes about \
                 what an enum takes; as one record of all {fields} fields they take {} more where the types are known \
                 beforehand: --schema takes types of your own",
                grouped(nodes),
                Bytes(lacking),
            ));
        }
    }

    /// Lists that are all of one length, and could be arrays or tuples.
    pub(super) fn lists(&mut self, path: &[Step], count: u64) {
        self.add(path, Kind::Lists, count, bytes(count));
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

    /// The fault of an override that no column took.
    fn useless(&self, at: usize) -> Fault {
        let Override { path, kind } = &self.overrides.columns[at];
        let flag = kind.flag();
        if let Some((path, wanted)) = self.misfits.get(&at) {
            let reason = format!("{path}: {flag}: the column holds no {wanted}");
            return Fault::of_column(reason, format!("leave {flag} away for it"));
        }
        // The keys of a map are shown as a column, and are none that an option can speak of.
        let columns = self.paths.iter().map(String::as_str).filter(|path| !path.contains(KEY));
        let meant = nearest(path, columns).map(|near| format!("did you mean {near:?}? ")).unwrap_or_default();
        Fault::of_column(
            format!("{flag} {path:?}: the document has no such path"),
            format!("{meant}--show-schema shows what there is"),
        )
    }

    /// Refuses the type of one level of a tree, whose levels are of one type.
    fn check_levels(&self, columns: &Columns<'_>) -> Result<(), Fault> {
        for said in &self.overrides.columns {
            let wanted = |found: &Schema| match (&said.kind, found) {
                (OverrideKind::Enum, Schema::String) => Some("strings".to_owned()),
                (OverrideKind::Record, Schema::Map(_)) => Some("maps".to_owned()),
                (OverrideKind::Type(wanted), found) if found != wanted => Some(found.describe()),
                _ => None,
            };
            let found =
                columns.at(&said.path).map(|found| if let Schema::Option(found) = found { found } else { found });
            if let Some(held) = found.filter(|_| columns.is_of_tree(&said.path)).and_then(wanted) {
                let flag = said.kind.flag();
                return Err(Fault::of_column(
                    format!("{flag} {:?}: the column is one level of a tree, and other levels hold {held}", said.path),
                    format!("{flag} '{}' speaks of all levels", of_all_levels(&said.path)),
                ));
            }
        }
        Ok(())
    }

    /// Makes one choice of those that are about the same field at several levels of a tree.
    fn join_levels(&mut self, columns: &Columns<'_>) {
        let place = |path: String| if columns.is_of_tree(&path) { of_all_levels(&path) } else { path };
        let mut joined: Vec<FewTexts> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for FewTexts { path, values, count, bytes } in std::mem::take(&mut self.texts) {
            let path = place(path);
            let Some(known) = places.get(&path).map(|&at| &mut joined[at]) else {
                places.insert(path.clone(), joined.len());
                joined.push(FewTexts { path, values, count, bytes });
                continue;
            };
            known.count += count;
            known.bytes += bytes;
            let others = values.into_iter().filter(|value| !known.values.contains(value)).collect::<Vec<_>>();
            known.values.extend(others);
        }
        for FewTexts { path, values, count, bytes: all } in joined {
            let distinct = values.len();
            if (2..=MOST_NOTED).contains(&distinct) && count >= (4 * distinct as u64).max(16) && all >= LEAST_WORTH {
                // A length and the text, against a variant of one byte.
                self.made.push(Choice { kind: Kind::Strings(distinct), path, count, worth: bytes(all) });
            }
        }
        // The levels of a tree have lists of any length, whatever those of one have.
        self.made
            .retain(|choice| !matches!(choice.kind, Kind::Lists | Kind::Fixed) || !columns.is_of_tree(&choice.path));
        for choice in &mut self.made {
            choice.path = place(std::mem::take(&mut choice.path));
        }
    }

    /// The notes, those that are worth most first; an override that fits nowhere is a fault. `schema` is what was decided.
    pub(super) fn into_notes(mut self, schema: &Schema) -> Result<Vec<String>, Fault> {
        if let Some(at) = (0..self.overrides.columns.len()).find(|at| !self.used.contains(at)) {
            return Err(self.useless(at));
        }
        let asked = self.overrides.columns.iter().map(|said| &*said.path).collect();
        let columns = Columns::of(schema, &asked);
        self.check_levels(&columns)?;
        self.join_levels(&columns);
        // A stable order, whatever the order in which equal choices were made.
        let weight = |choice: &Choice| choice.worth.unsigned_abs();
        self.made.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| a.path.cmp(&b.path)));
        let mut groups: Vec<Vec<Choice>> = Vec::new();
        for choice in self.made {
            match groups.iter_mut().find(|group| group[0].kind.goes_with(choice.kind)) {
                Some(group) => group.push(choice),
                None => groups.push(vec![choice]),
            }
        }
        groups.sort_by_key(|group| std::cmp::Reverse(group.iter().map(weight).sum::<u64>()));
        let mut notes = self.losses;
        notes.extend(groups.iter().map(|group| note(group)));
        if self.absent >= LEAST_WORTH {
            notes.push(format!(
                "fields are absent {} times: formats with names leave them out, msgpack as arrays writes a null for \
                 each, and formats that know the types beforehand a byte or a bit",
                grouped(self.absent)
            ));
        }
        Ok(notes)
    }
}

/// The field at all levels of the tree that has it at `path`.
fn of_all_levels(path: &str) -> String {
    // A key in quotes may have dots and brackets in it.
    let quoted = path.strip_suffix("\"]").and_then(|_| path.rfind("[\""));
    let at = quoted.or_else(|| path.rfind(['.', '['])).unwrap_or(0);
    let field = &path[at..];
    let dots = if field.starts_with('[') { ".." } else { "." };
    format!("${dots}{field}")
}

/// A number of bytes as something that may be negative.
fn bytes(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The note of a choice, with the worth of the other and how to choose it. The choice worth most comes first.
fn note(group: &[Choice]) -> String {
    let Choice { kind, path, count, .. } = &group[0];
    let sum: i64 = group.iter().map(|choice| choice.worth).sum();
    let total = Bytes(sum.unsigned_abs());
    let (less, more) = if sum < 0 { ("more", "less") } else { ("less", "more") };
    let others = match group.len() - 1 {
        0 => String::new(),
        others if matches!(kind, Kind::Map(_) | Kind::Record(_) | Kind::Mixed(..)) => {
            format!(" and {}", counted(others as u64, "other place", "other places"))
        }
        others => format!(" and {}", counted(others as u64, "other column", "other columns")),
    };
    // An option speaks of one place.
    let alone = match group.len() {
        1 => String::new(),
        _ => format!(" for the first, which has {} of that", Bytes(group[0].worth.unsigned_abs())),
    };
    match kind {
        Kind::Wide { are_all } => {
            let all = if group.len() == 1 && *are_all {
                format!("--type '{path}=f32'")
            } else {
                "--floats narrow".to_owned()
            };
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
        Kind::Lists => format!(
            "{path}{others}: lists of one length, here {count}, are read as lists; as arrays they take {total} less where lengths are written: --tuple '{path}'"
        ),
        Kind::Map(keys) => format!(
            "{path}{others}: keys are the data of a map, here {}; as the fields of a record they take {total} {less} where the types are known beforehand: --record '{path}'{alone}",
            of_objects(*keys, *count),
        ),
        Kind::Record(keys) => format!(
            "{path}{others}: keys are the fields of a record, here {}; as the data of a map they take {total} {more} where the types are known beforehand: --map '{path}'{alone}",
            of_objects(*keys, *count),
        ),
        Kind::Mixed(names, keys) => format!(
            "{path}{others}: {} of a record and the others the data of a map, here {}; as fields too they take {total} {less} where the types are known beforehand: --record '{path}'{alone}",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::read::{ReadOptions, read};
    use crate::payload::show::schema_text;

    /// The schema and the notes of a document under overrides, or the message that refuses them.
    fn shown(json: &str, overrides: &[(&str, OverrideKind)]) -> Result<(String, String), String> {
        let column = |(path, kind): &(&str, OverrideKind)| Override { path: (*path).to_owned(), kind: kind.clone() };
        let mut options = ReadOptions::default();
        options.overrides.columns = overrides.iter().map(column).collect();
        let document = read("t.json", json.as_bytes(), &options).map_err(|error| error.to_string())?;
        Ok((schema_text(&document.schema, "t.json"), document.notes.join("\n")))
    }

    /// A tree of four levels, each of whose nodes is of one of two kinds.
    fn tree() -> String {
        fn node(level: usize, at: usize) -> String {
            let kind = if at == 0 { "directory" } else { "file" };
            let below: Vec<String> = (0..3).filter(|_| level < 4).map(|at| node(level + 1, at)).collect();
            format!(r#"{{"kind": "{kind}", "name": "{level}", "children": [{}]}}"#, below.join(", "))
        }
        node(0, 0)
    }

    #[test]
    fn two_dots_speak_of_all_levels_of_a_tree() {
        let (text, notes) = shown(&tree(), &[]).unwrap();
        assert!(text.ends_with("children  list of Root\n"), "{text}");
        assert!(notes.contains("--enum '$..kind'") && !notes.contains("--tuple"), "{notes}");
        let (text, _) = shown(&tree(), &[("$..kind", OverrideKind::Enum)]).unwrap();
        assert!(text.contains("= \"directory\" | \"file\"\n") && text.ends_with("children  list of Root\n"), "{text}");
        for path in ["$.kind", "$.children[*].kind"] {
            let refused = shown(&tree(), &[(path, OverrideKind::Enum)]).unwrap_err();
            assert!(refused.contains("is one level of a tree") && refused.contains("--enum '$..kind'"), "{refused}");
        }
        let refused = shown(&tree(), &[("$..knd", OverrideKind::Enum)]).unwrap_err();
        assert!(refused.contains("no such path"), "{refused}");
    }

    #[test]
    fn overrides_that_contradict_each_other_are_refused() {
        let json = r#"{"a": [1, 2], "b": {"x": 1}, "c": 5}"#;
        for (pair, message) in [
            ([("$.a", OverrideKind::Tuple), ("$.a", OverrideKind::List)], "--tuple and --list contradict"),
            ([("$.b", OverrideKind::Map), ("$.b", OverrideKind::Record)], "--map and --record contradict"),
            (
                [("$.c", OverrideKind::Type(Schema::U8)), ("$.c", OverrideKind::Type(Schema::I8))],
                "--type says two things",
            ),
        ] {
            let refused = shown(json, &pair).unwrap_err();
            assert!(refused.contains(message), "{refused}");
        }
        let refused = shown("[[], []]", &[("$[*]", OverrideKind::Tuple)]).unwrap_err();
        assert!(refused.contains("the lists are empty"), "{refused}");
    }

    #[test]
    fn notes_say_what_the_other_choice_is_worth() {
        // Keys of their own as fields: a byte for each option of each row.
        let rows: Vec<String> =
            (0..50).map(|at| format!(r#"{{"level": "info", "msg": "m", "job-{at:04}": {at}}}"#)).collect();
        let (_, notes) = shown(&format!("[{}]", rows.join(", ")), &[]).unwrap();
        // Of each row a byte for the map, nine for the key, and fifty for the options.
        assert!(notes.contains(&format!("as fields too they take {} more", Bytes(50 * (50 - 10)))), "{notes}");
        let rows: Vec<&str> = vec![r#"[1700000000000, "1.5", "2.5", 0]"#; 20];
        let (_, notes) = shown(&format!("[{}]", rows.join(", ")), &[]).unwrap();
        assert!(notes.contains("as lists they take 100 B more"), "{notes}");
    }

    #[test]
    fn notes_count_what_changes_in_the_values() {
        // As a map the values are of one type: two options each, and floats for the integers.
        let json = r#"{"north": {"mean": 1.5, "rate": 5}, "south": {"mean": 2, "least": 7}, "east": {"mean": 3, "rate": 6},
            "west": {"mean": 4, "rate": 9}}"#;
        let (_, notes) = shown(json, &[("$", OverrideKind::Record)]).unwrap();
        assert!(!notes.contains("--map '$'"), "{notes}");
        let (_, notes) = shown(json, &[]).unwrap();
        // 1 for their number, 22 for the keys, 8 for what may be absent, 21 for the integers.
        assert!(notes.contains("as the data of a map they take 52 B more"), "{notes}");
    }

    #[test]
    fn of_a_column_with_other_values_no_float_is_said_to_be_narrow() {
        let rows: Vec<&str> = (0..9).flat_map(|_| [r#"{"v": 1.5}"#, r#"{"v": "x"}"#]).collect();
        let (_, notes) = shown(&format!("[{}]", rows.join(", ")), &[]).unwrap();
        assert!(notes.contains("--floats narrow") && !notes.contains("--type"), "{notes}");
    }

    #[test]
    fn one_level_of_a_tree_need_not_have_all_the_strings_of_an_enum() {
        let leaf = r#"{"type": "text", "content": []}"#;
        let paragraph = format!(r#"{{"type": "paragraph", "content": [{leaf}, {leaf}]}}"#);
        let (_, notes) =
            shown(&format!(r#"{{"type": "doc", "content": [{}]}}"#, [&*paragraph; 9].join(", ")), &[]).unwrap();
        assert!(notes.contains("$..type: strings with few different values, here 3 in 28"), "{notes}");
    }

    #[test]
    fn fields_of_all_levels_are_named_whatever_their_names() {
        for (path, all) in [("$.a[*].kind", "$..kind"), ("$.a[*][\"x.y[0]\"]", "$..[\"x.y[0]\"]"), ("$[*]", "$..[*]")] {
            assert_eq!(of_all_levels(path), all);
        }
    }

    #[test]
    fn a_path_in_a_map_is_no_key_of_it() {
        let json = r#"{"m": {"2024-01-01": 1, "2024-01-02": 2}}"#;
        let refused = shown(json, &[("$.m.x", OverrideKind::Map)]).unwrap_err();
        assert!(!refused.contains("(key)"), "{refused}");
    }

    #[test]
    fn lists_of_one_length_and_absent_fields_are_told_of() {
        let rows: Vec<String> = (0..20).map(|at| format!("[{at}, {at}, {at}, {at}, {at}]")).collect();
        let (_, notes) = shown(&format!("[{}]", rows.join(", ")), &[]).unwrap();
        assert!(notes.contains("are read as lists") && notes.contains("--tuple '$[*]'"), "{notes}");
        let rows: Vec<&str> = (0..20).flat_map(|_| [r#"{"a": 1, "b": 2}"#, r#"{"a": 1}"#]).collect();
        let (_, notes) = shown(&format!("[{}]", rows.join(", ")), &[]).unwrap();
        assert!(notes.contains("fields are absent 20 times"), "{notes}");
    }
}
