//! Record or map: what the objects of a column look like.
//!
//! Keys are the names of fields, or they are data. Three things tell: whether objects agree on their keys (rows of a
//! table do), whether the keys are such that no field is called so (module `keys`), and whether the values under
//! different keys are alike (module `likeness`). Objects that agree on some keys and not on others, or have data beside
//! names, are records with a map of further entries.

use super::Node;
use super::keys::{self, Form};
use super::likeness::likeness;
use super::marks;
use super::names::is_plural;
use super::object::{FieldNode, MANY_ROWS, Object};
use std::collections::{HashMap, HashSet};

/// How deep values are looked into to tell whether they are alike.
pub(super) const LEVELS: usize = 4;
/// So many keys of one word and a number are a family.
const LEAST_FAMILY: usize = 3;
/// Records of fewer fields are not worth a word, if nothing but the likeness of their values makes them doubtful.
const LEAST_DOUBTFUL: usize = 4;

/// The look of objects.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Looks {
    /// Every key is data.
    Map,
    /// Every key is the name of a field.
    Record,
    /// Some keys are the names of fields, the others data: whether each is.
    Mixed(Vec<bool>),
}

/// The keys of objects: for each field its form, and whether the objects do not agree on it.
struct Keys {
    forms: Vec<Form>,
    are_rare: Vec<bool>,
}

impl Keys {
    fn of(object: &Object) -> Self {
        let families = rare_families(object);
        let is_of_family =
            |field: &FieldNode| keys::family(&field.name).is_some_and(|family| families.contains(family));
        let forms: Vec<Form> = object.fields.iter().map(|field| keys::form(&field.name)).collect();
        let numbered = object.fields.iter().zip(&forms).filter(|(_, form)| **form == Form::Numbered);
        let stems: HashSet<&str> = numbered.filter_map(|(field, _)| keys::stem(&field.name)).collect();
        // Of many identifiers in hexadecimal digits, one or the other has letters alone.
        let has_stem = |field: &FieldNode| keys::stem(&field.name).is_some_and(|stem| stems.contains(stem));
        let form = |(field, form): (&FieldNode, Form)| match form {
            Form::Name | Form::Odd if has_stem(field) || is_of_family(field) => Form::Numbered,
            form => form,
        };
        let is_rare = |field: &FieldNode| !object.is_common(field) || is_of_family(field);
        Keys {
            are_rare: object.fields.iter().map(is_rare).collect(),
            forms: object.fields.iter().zip(forms).map(form).collect(),
        }
    }

    /// The number of keys that look like data.
    fn data(&self) -> usize {
        self.forms.iter().filter(|form| form.is_data()).count()
    }

    /// Whether any is such that no field is ever called so.
    fn has_identifier(&self) -> bool {
        self.forms.contains(&Form::Identifier)
    }

    /// Those that look like data are.
    fn all_data(self) -> Looks {
        Looks::Mixed(self.forms.into_iter().map(Form::is_data).collect())
    }

    /// Those that the objects do not agree on are data.
    fn rare(self) -> Looks {
        Looks::Mixed(self.are_rare)
    }

    /// Of those that the objects do not agree on, the ones that look like data are.
    fn rare_data(self) -> Looks {
        Looks::Mixed(self.are_rare.into_iter().zip(self.forms).map(|(rare, form)| rare && form.is_data()).collect())
    }

    /// Those that are not names are data.
    fn no_names(self) -> Looks {
        Looks::Mixed(self.forms.into_iter().map(|form| form != Form::Name).collect())
    }
}

/// Words that several keys have before a number, most of which the objects do not agree on: `task-7`, `task-12`, `task-31`.
/// Those that some happen to agree on are of the family too. In a single object, which agrees with no other, a family has
/// all keys, and a sign before each number.
fn rare_families(object: &Object) -> HashSet<&str> {
    if object.rows < 2 {
        let mut words = object.fields.iter().map(|field| keys::family(&field.name));
        let first = words.next().flatten().filter(|_| object.fields.len() >= LEAST_FAMILY);
        let is_family =
            words.all(|word| word == first) && object.fields.iter().all(|field| keys::is_set_off(&field.name));
        return first.filter(|_| is_family).into_iter().collect();
    }
    let mut families: HashMap<&str, (usize, usize)> = HashMap::new();
    for field in &object.fields {
        if let Some(family) = keys::family(&field.name) {
            let (all, rare) = families.entry(family).or_default();
            *all += 1;
            *rare += usize::from(!object.is_common(field));
        }
    }
    families.retain(|_, (all, rare)| *all >= LEAST_FAMILY && 2 * *rare > *all);
    families.into_keys().collect()
}

/// A decision that a person might have made otherwise.
#[derive(Debug)]
pub(super) struct Doubt {
    /// The number of objects that it is about.
    pub rows: u64,
    /// The number of different keys in doubt, and of those that are not.
    pub keys: usize,
    pub names: usize,
    /// The bytes that the entries take more as data than as fields, where the types are known beforehand: those of the keys,
    /// one for the length of each and for the number of them, less those that say of an optional field whether it is there;
    /// and what has to be said of the values where they are of one column.
    pub worth: i64,
}

/// Whether so many objects have all of several keys that these are a header, whatever it says.
pub(super) fn is_header(object: &Object) -> bool {
    object.rows >= MANY_ROWS && object.fields.len() >= 2 && object.fill() == 1.0
}

/// The look of the objects: where the fields end and the data begins. `of_field` if a key leads to them, so that they are
/// no rows.
pub(super) fn looks(object: &Object, of_field: bool) -> Looks {
    let distinct = object.fields.len();
    match object.further() {
        Some(_) if distinct == 0 => return Looks::Map,
        Some(_) if object.is_table() => return Looks::Map,
        Some(_) => return Looks::Mixed(vec![false; distinct]),
        None if object.is_table() || distinct == 0 => return Looks::Record,
        None if object.rows == 1 => return looks_alone(object),
        None if of_field && is_one_of_data(&object.fields) => return Looks::Map,
        None => {}
    }
    let keys = match looks_by_keys(object, Keys::of(object)) {
        // Where nothing is left for a record there is none.
        Ok(Looks::Mixed(are_data)) if are_data.iter().all(|is_data| *is_data) => return Looks::Map,
        Ok(looks) => return looks,
        Err(keys) => keys,
    };
    let rare = object.fields.iter().zip(&keys.are_rare);
    let rare: Vec<&FieldNode> = rare.filter(|(_, is_rare)| **is_rare).map(|(field, _)| field).collect();
    let has_few_rows = object.rows < MANY_ROWS;
    if object.fill() >= 0.5 && (has_few_rows || rare.len() < 8) {
        // A few large objects with the same keys may be dictionaries of the same things.
        let is_map = has_few_rows && distinct > 64 && likeness(&nodes(object), LEVELS) >= 0.9;
        return if is_map { Looks::Map } else { Looks::Record };
    }
    let values: Vec<&Node> = rare.iter().map(|field| &field.node).collect();
    let likeness = likeness(&values, LEVELS);
    let strange = rare.iter().filter(|field| keys::is_strange(&field.name)).count();
    let grows = || grows(object, &rare.iter().map(|field| field.seen).collect::<Vec<_>>());
    let is_data = match () {
        _ if rare.len() < 2 => false,
        _ if distinct <= 8 => strange * 2 > rare.len() && likeness >= 0.9,
        _ if likeness >= 0.9 => object.fill() < 0.3 || grows(),
        _ if likeness >= 0.5 => strange * 2 > rare.len() || (rare.len() >= 32 && grows()),
        _ => likeness >= 0.25 && rare.len() > 256,
    };
    match is_data {
        false => Looks::Record,
        true if rare.len() == distinct => Looks::Map,
        true => keys.rare(),
    }
}

/// Whether there is one key, and that is data.
fn is_one_of_data(fields: &[FieldNode]) -> bool {
    matches!(fields, [field] if matches!(keys::form(&field.name), Form::Data | Form::Identifier))
}

/// The look of several objects whose keys tell, whatever their values; the keys again where they do not.
fn looks_by_keys(object: &Object, keys: Keys) -> Result<Looks, Keys> {
    let distinct = object.fields.len();
    let data = keys.data();
    // Many rows that agree have a header, whatever it says; so have a few, if there is a name in it.
    let is_header = object.rows >= MANY_ROWS && (object.fill() == 1.0 || likeness(&nodes(object), LEVELS) < 0.9);
    if (distinct >= 2 || keys.has_identifier()) && data == distinct && !is_header {
        return Ok(Looks::Map);
    }
    let rare = object.fields.iter().zip(&keys.forms).zip(&keys.are_rare);
    let rare = rare.filter(|(_, is_rare)| **is_rare).map(|(field, _)| field);
    let (rare_data, rare_names): (Vec<_>, Vec<_>) = rare.partition(|(_, form)| form.is_data());
    let are_sure = rare_data.iter().all(|(_, form)| **form != Form::Numbered);
    let are_enough = rare_data.len() >= 2 || rare_data.iter().any(|(_, form)| **form == Form::Identifier);
    let fields = |found: &[(&FieldNode, &Form)]| found.iter().map(|(field, _)| field.seen).collect::<Vec<_>>();
    // Where more such keys are agreed on, the others are columns that came later.
    if !are_enough || 2 * rare_data.len() <= data || !(are_sure || grows(object, &fields(&rare_data))) {
        return Err(keys);
    }
    let all_rare = rare_data.len() + rare_names.len() == distinct;
    if all_rare && rare_names.len() < rare_data.len() && (rare_names.is_empty() || object.rows >= MANY_ROWS) {
        return Ok(Looks::Map);
    }
    let all_values: Vec<&Node> = rare_data.iter().chain(&rare_names).map(|(field, _)| &field.node).collect();
    // Many names that are like the data are data too.
    let are_data =
        rare_names.len() >= 8 && (grows(object, &fields(&rare_names)) || likeness(&all_values, LEVELS) >= 0.9);
    Ok(if are_data { keys.rare() } else { keys.rare_data() })
}

/// Names of fields come again; data grows with the rows. `rare` has how many objects have each key.
fn grows(object: &Object, rare: &[u64]) -> bool {
    let seen: u64 = rare.iter().sum();
    rare.len() >= 64 || rare.len() as u64 * 4 >= object.rows || seen <= 2 * rare.len() as u64
}

/// The look of a single object: nothing but its keys and the likeness of its values can tell.
fn looks_alone(object: &Object) -> Looks {
    let distinct = object.fields.len();
    let keys = Keys::of(object);
    let data = keys.data();
    if (2 * data > distinct && distinct >= 2) || is_one_of_data(&object.fields) {
        return looks_of_data(object, keys);
    }
    let likeness = likeness(&nodes(object), LEVELS);
    if data >= 1 && 2 * data == distinct && likeness >= 0.8 {
        return Looks::Map;
    }
    if keys.has_identifier() {
        return keys.all_data();
    }
    let strange = object.fields.iter().filter(|field| keys::is_strange(&field.name)).count();
    let strangeness = strange as f64 / distinct as f64;
    let containers = |field: &&FieldNode| field.node.lists.is_some() || field.node.objects.is_some();
    let are_scalars = object.fields.iter().filter(containers).count() * 2 < distinct;
    let is_map = match distinct {
        1 => false,
        _ if strangeness > 0.5 => likeness >= if are_scalars { 1.0 } else { 0.3 },
        2..8 => false,
        // Scalars of one kind have nothing but their number to tell that they are alike.
        _ if are_scalars => likeness >= 0.95 && (distinct > 32 || strangeness >= 0.1),
        8..=16 => likeness >= 0.8,
        17..=64 => likeness >= 0.6,
        _ => likeness >= 0.25,
    };
    if is_map { Looks::Map } else { Looks::Record }
}

/// The look of a single object most of whose keys are data: a map, and a record beside it where names have values of
/// other kinds.
fn looks_of_data(object: &Object, keys: Keys) -> Looks {
    let kinds = object.fields.iter().map(|field| field.node.kinds()).zip(&keys.forms);
    let (names, data): (Vec<_>, Vec<_>) = kinds.partition(|(_, form)| **form == Form::Name);
    let of_data = data.iter().fold(0, |all, (kinds, _)| all | kinds);
    let differ = !names.is_empty() && names.iter().all(|&(kinds, _)| kinds != 0 && kinds & of_data == 0);
    if differ { keys.no_names() } else { Looks::Map }
}

/// The doubt that a reader might have about the decision; `key` leads to the objects.
pub(super) fn doubt(object: &Object, looks: &Looks, key: Option<&str>) -> Option<Doubt> {
    let distinct = object.fields.len();
    if object.is_table() || object.further().is_some() || (distinct < 2 && *looks != Looks::Map) {
        return None;
    }
    let is_doubtful = match looks {
        Looks::Map | Looks::Mixed(_) => true,
        Looks::Record => {
            // Several objects that do not agree need fewer keys to be doubted.
            let least = if object.rows == 1 { LEAST_DOUBTFUL } else { 2 };
            let are_things = || {
                let nodes = nodes(object);
                key.is_some_and(is_plural)
                    && nodes.iter().all(|node| node.is_object())
                    && likeness(&nodes, LEVELS) >= 0.5
            };
            (object.rows == 1 || object.fill() <= 0.5)
                && (like_data(object) >= 2
                    || are_things()
                    || (distinct >= least && likeness(&nodes(object), LEVELS) >= 0.8))
        }
    };
    let is_in_doubt = |at: usize| match looks {
        Looks::Mixed(are_data) => are_data[at],
        Looks::Map | Looks::Record => true,
    };
    is_doubtful.then(|| {
        let columns: Vec<&Node> =
            nodes(object).into_iter().enumerate().filter(|(at, _)| is_in_doubt(*at)).map(|(_, node)| node).collect();
        let fields = object.fields.iter().enumerate().filter(|(at, _)| is_in_doubt(*at));
        let rows = object.rows.cast_signed();
        let bytes = |field: &FieldNode| {
            let key = field.name.len() as i64 + 1;
            let option = if field.seen < object.rows { rows } else { 0 };
            field.seen.cast_signed().saturating_mul(key) - option
        };
        let sum = |(keys, worth): (usize, i64), (_, field)| (keys + 1, worth.saturating_add(bytes(field)));
        let of_values = marks::of_joining(&columns, LEVELS);
        let (keys, worth) = fields.fold((0, rows.saturating_add(of_values)), sum);
        Doubt { rows: object.rows, keys, names: distinct - keys, worth }
    })
}

/// The number of keys that might be data, whatever was decided.
fn like_data(object: &Object) -> usize {
    let mut of_family: HashMap<&str, usize> = HashMap::new();
    let families = object.fields.iter().filter_map(|field| keys::family(&field.name));
    families.for_each(|family| *of_family.entry(family).or_default() += 1);
    let is_of_many = |key: &str| {
        let least = if keys::is_set_off(key) { 2 } else { LEAST_FAMILY };
        keys::family(key).is_some_and(|family| of_family[family] >= least)
    };
    let fields = object.fields.iter().map(|field| &*field.name);
    fields.filter(|key| keys::form(key).is_data() || is_of_many(key)).count()
}

fn nodes(object: &Object) -> Vec<&Node> {
    object.columns().map(|(_, node)| node).collect()
}

#[cfg(test)]
mod tests {
    use crate::payload::read::{Document, ReadOptions, read};
    use crate::payload::show::schema_text;

    fn document(json: &str) -> Document {
        read("t.json", json.as_bytes(), &ReadOptions::default()).unwrap()
    }

    fn shown(json: &str) -> String {
        schema_text(&document(json).schema, "t.json")
    }

    /// An object of these keys, its values in turn.
    fn object(keys: &[&str], values: &[&str]) -> String {
        let entries = keys.iter().zip(values.iter().cycle()).map(|(key, value)| format!("{key:?}: {value}"));
        format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn keys_that_are_data_make_a_map_whatever_their_values() {
        let kinds: [&[&str]; 11] = [
            &["550e8400-e29b-41d4-a716-446655440000", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
            &["https://example.org/a", "https://example.org/b", "https://example.org/c"],
            &["2024-01-01", "2024-01-02"],
            &["src/main.rs", "src/lib.rs", "README.md"],
            &["9f86d081884c7d65", "60303ae22b998861", "fd61a03af4f77d87"],
            &["job-3fa9", "job-77b1", "job-abcd"],
            &["item-1", "item-2", "item-3"],
            &["1a2b3c4", "9f0e1d2"],
            &["#ff0000", "#00ff00"],
            &["www.example.org", "example.com"],
            &["Jan 2024", "Feb 2024"],
        ];
        for keys in kinds {
            for values in [&["1", "2"][..], &["1", "\"a\""], &["{\"a\": 1}", "[1]"], &["null", "true", "1.5"]] {
                let text = shown(&object(keys, values));
                assert!(text.starts_with("t.json: map of string to "), "{keys:?} {values:?}: {text}");
            }
        }
    }

    #[test]
    fn names_beside_keys_that_are_data_are_fields() {
        let text = shown(r#"{"version": 1, "2024-01-01": {"a": 1}, "2024-01-02": {"a": 2}}"#);
        assert!(text.contains("version  u8") && text.contains("others   flattened map of string to Other"), "{text}");
        // One is enough where no field is ever called so.
        let uuid = "550e8400-e29b-41d4-a716-446655440000";
        let text = shown(&format!(r#"{{"ts": 1, "msg": "a", "{uuid}": 5}}"#));
        assert!(text.contains("msg     string") && text.contains("others  flattened map of string to u8"), "{text}");
        let text = shown(&format!(r#"[{{"id": 1, "m": {{}}}}, {{"id": 2, "m": {{"{uuid}": 7}}}}]"#));
        assert!(text.contains("m   map of string to u8"), "{text}");
        // Of the same kind they are data too.
        let text = shown(r#"{"react": "1", "@types/node": "2", "@babel/core": "3"}"#);
        assert!(text.starts_with("t.json: map of string to string"), "{text}");
    }

    #[test]
    fn a_single_key_is_data_within_rows_too_if_no_field_is_called_so() {
        let row = |key: &str| format!(r#"{{"id": 1, "hits": {{"{key}": 5}}}}"#);
        for rows in [1, 2, 9] {
            let text = shown(&format!("[{}]", vec![row("404"); rows].join(", ")));
            assert!(text.contains("hits  map of string to u8"), "{rows}: {text}");
            // A unit is a name, and so are several words.
            for name in ["1h", "Total hits"] {
                let text = shown(&format!("[{}]", vec![row(name); rows].join(", ")));
                assert!(text.contains("hits  Hits\n"), "{name} {rows}: {text}");
            }
        }
        let text = shown(r#"{"change": {"1h": 0.5, "24h": 1.5, "7d": -3.5}}"#);
        assert!(text.contains("24h  f64"), "{text}");
    }

    #[test]
    fn log_lines_with_identifiers_as_keys_keep_their_fields() {
        let line = |at: usize| {
            let error = if at.is_multiple_of(9) { ", \"error\": \"e\"" } else { "" };
            let value = ["1", "\"x\"", "null"][at % 3];
            // Now and then one has no decimal digit.
            let job = if at == 7 { "job-abcdef".to_owned() } else { format!("job-{:06x}", at * 7919) };
            format!(r#"{{"level": "info", "ts": {at}, "{job}": {value}{error}}}"#)
        };
        for lines in [2, 3, 8, 300] {
            let text = shown(&format!("[{}]", (0..lines).map(line).collect::<Vec<_>>().join(", ")));
            let fields: Vec<_> = text.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
            assert_eq!(&fields[..4], ["level", "ts", "error", "others"], "{lines}: {text}");
        }
    }

    #[test]
    fn keys_of_one_word_and_a_number_are_fields_or_data_together() {
        let text = shown(
            r#"[{"ts": 1, "msg": "a", "task-77": 3, "task-17": "ok"}, {"ts": 2, "msg": "b", "task-5": "ok", "task-9": 4},
                {"ts": 3, "msg": "c", "task-12": "ok", "task-99": 4}]"#,
        );
        let fields: Vec<_> = text.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(&fields[..3], ["ts", "msg", "others"], "{text}");
        // One that many happen to have is no field for that.
        let row = |at: usize| object(&[&format!("f{}", at % 20), &format!("f{}", 20 + at % 7), "f39"], &["1"]);
        let text = shown(&format!("[{}]", (0..50).map(row).collect::<Vec<_>>().join(", ")));
        assert_eq!(text, "t.json: list of map of string to u8\n");
        // Where all objects have them they are fields.
        let row = object(&["q1", "q2", "q3", "q4"], &["1"]);
        let text = shown(&format!("[{}]", vec![row; 9].join(", ")));
        assert!(text.contains("q1  u8"), "{text}");
    }

    #[test]
    fn rows_that_agree_have_a_header_whatever_it_says() {
        let row = |name: &str| format!(r#"{{"country": "{name}", "2019": 1, "2020": 2}}"#);
        for rows in [2, 3, 9] {
            let text = shown(&format!("[{}]", vec![row("x"); rows].join(", ")));
            assert_eq!(text, "t.json: list of Row\n  country  string\n  2019     u8\n  2020     u8\n", "{rows}");
        }
    }

    #[test]
    fn where_a_person_could_decide_otherwise_both_sides_of_the_line_are_said() {
        let dependencies = |count: usize| {
            let names = ["react", "lodash", "vue", "axios", "chalk", "yargs", "jest", "zod"];
            format!("{{\"dependencies\": {}}}", object(&names[..count], &["\"^1.0\""]))
        };
        for count in [7, 8] {
            let notes = document(&dependencies(count)).notes.join("\n");
            assert!(notes.contains("$.dependencies: keys are the fields of a record"), "{count}: {notes}");
            assert!(notes.contains("--map '$.dependencies'"), "{count}: {notes}");
        }
        let notes = document(r#"{"2024-01-01": 1, "2024-01-02": "x"}"#).notes.join("\n");
        assert!(notes.contains("$: keys are the data of a map, here 2 keys in 1 object"), "{notes}");
        // An override is not doubted.
        let mut options = ReadOptions::default();
        options.overrides.columns.push(crate::payload::infer::Override {
            path: "$.dependencies".into(),
            kind: crate::payload::infer::OverrideKind::Map,
        });
        let notes = read("t.json", dependencies(8).as_bytes(), &options).unwrap().notes;
        assert!(!notes.iter().any(|note| note.contains("dependencies")), "{notes:?}");
    }
}
