//! The evidence that the places of one key give together.
//!
//! A key means the same wherever it is found: what `dependencies` leads to at one place tells what it leads to at
//! another, where there may be too little to tell it. Only places whose contents are of one kind have a say together;
//! a key as common as `data` leads to many things.

use super::Node;
use super::keys;
use super::likeness::likeness;
use super::list::Lists;
use super::looks::{self, LEVELS, Looks};
use super::names::is_plural;
use super::object::{MANY_ROWS, Object};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The share of keys that all places have in common, above which the keys are names.
const AGREED: f64 = 0.34;
/// Values are of one kind from this likeness on.
const ALIKE: f64 = 0.5;
/// Places that are not within one another want more of it, and more of them.
const SURELY_ALIKE: f64 = 0.8;
const MANY_PLACES: usize = 3;
/// A single object of fewer keys, all of them names, is never a map.
const LEAST_KEYS: usize = 8;
/// The number of different keys that are enough to tell names from data.
const ENOUGH_KEYS: usize = 3;

/// What is known of a key from all of its places.
#[derive(Debug, Default)]
pub(super) struct Joint {
    /// The look of the objects that it leads to.
    looks: HashMap<String, Common>,
    /// Keys that lead to lists of several lengths.
    lists: HashSet<String>,
}

/// The look that the objects of all places of a key have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Common {
    Map,
    Record,
}

/// The places of a key.
#[derive(Default)]
struct Places<'n> {
    objects: Vec<&'n Object>,
    lists: Vec<&'n Lists>,
    /// Whether one of them is within another.
    are_nested: bool,
}

impl Joint {
    /// What the columns of a document tell together.
    pub(super) fn of(root: &Node) -> Self {
        let mut places = BTreeMap::new();
        find(root, None, &mut Vec::new(), &mut places);
        let mut joint = Joint::default();
        let mut kindred: BTreeMap<String, Places<'_>> = BTreeMap::new();
        for (key, places) in places {
            if places.are_lists() {
                joint.lists.insert(key.to_owned());
            }
            if !places.objects.is_empty() {
                kindred.entry(things(key)).or_default().extend(places);
            }
        }
        let looks = kindred.into_iter().filter_map(|(key, places)| Some((key, places.looks()?)));
        joint.looks.extend(looks);
        joint
    }

    /// The look of the objects at a key; `None` where each place speaks for itself.
    pub(super) fn looks(&self, key: &str) -> Option<Common> {
        if self.looks.is_empty() { None } else { self.looks.get(&things(key)).copied() }
    }

    /// Whether a key leads to lists that differ in length from place to place, so that none is a tuple.
    pub(super) fn are_lists(&self, key: &str) -> bool {
        self.lists.contains(key)
    }
}

/// The word for the things that a key names, if they are several; else the key: `devDependencies` and `dependencies` are
/// places of the same things.
fn things(key: &str) -> String {
    let last = key.rsplit(['_', '-']).next().unwrap_or(key);
    let word = &last[last.rfind(|c: char| c.is_ascii_uppercase()).unwrap_or(0)..];
    if is_plural(word) { word.to_ascii_lowercase() } else { key.to_owned() }
}

/// Finds the places of all keys in `node`. `above` has the keys that lead to it from the outside in, `key` the last one
/// where nothing stands between.
fn find<'n>(
    node: &'n Node,
    key: Option<&'n str>,
    above: &mut Vec<&'n str>,
    places: &mut BTreeMap<&'n str, Places<'n>>,
) {
    if let Some(key) = key {
        if node.objects.is_none() && node.lists.is_none() {
            return;
        }
        let of_key = places.entry(key).or_default();
        of_key.are_nested |= above[..above.len() - 1].contains(&key);
        of_key.objects.extend(node.objects.as_deref());
        of_key.lists.extend(node.lists.as_deref());
    }
    if let Some(object) = &node.objects {
        for (name, below) in object.columns() {
            above.push(name);
            find(below, Some(name), above, places);
            above.pop();
        }
        if let Some(below) = object.further() {
            find(below, None, above, places);
        }
    }
    // Loops, since this recurses, and unoptimized iterators are heavy on the stack.
    if let Some(lists) = &node.lists {
        for below in lists.nodes() {
            find(below, None, above, places);
        }
    }
}

impl<'n> Places<'n> {
    /// Takes the places of another key for the same things into account.
    fn extend(&mut self, other: Places<'n>) {
        self.objects.extend(other.objects);
        self.are_nested |= other.are_nested;
    }

    fn looks(&self) -> Option<Common> {
        let known: Vec<&Object> = self.objects.iter().copied().filter(|object| object.columns().count() > 0).collect();
        if known.len() < 2 || known.iter().any(|object| object.is_table()) {
            return None;
        }
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let keys = known.iter().flat_map(|object| object.columns().map(|(name, _)| name));
        keys.for_each(|name| *seen.entry(name).or_default() += 1);
        // The average share of keys that come again at most of the other places.
        let comes_again = |name: &str| seen[name] > 1 && 5 * seen[name] >= 2 * known.len();
        let share = |object: &Object| {
            let (again, all) = object
                .columns()
                .fold((0, 0), |(again, all), (name, _)| (again + usize::from(comes_again(name)), all + 1));
            again as f64 / f64::from(all)
        };
        let agreed = known.iter().map(|object| share(object)).sum::<f64>() / known.len() as f64;
        let data: HashSet<&str> = seen.keys().copied().filter(|key| keys::form(key).is_data()).collect();
        let are_all_data = |object: &&Object| object.columns().all(|(name, _)| data.contains(name));
        // Most keys lead to the same few names everywhere, and need no closer look.
        let are_few = data.is_empty() && seen.len() < LEAST_KEYS && !seen.keys().any(|key| keys::is_strange(key));
        if are_few && agreed >= SURELY_ALIKE {
            return None;
        }
        let looks: Vec<Looks> = known.iter().map(|object| looks::looks(object, true)).collect();
        let maps = looks.iter().filter(|looks| **looks == Looks::Map).count();
        // What is large enough for a map is none if it has the keys that smaller ones have as fields.
        let are_names = |(object, looks): (&&Object, &Looks)| *looks != Looks::Map || share(object) >= SURELY_ALIKE;
        if maps > 0 && maps < known.len() && known.iter().zip(&looks).all(are_names) && !known.iter().any(are_all_data)
        {
            return Some(Common::Record);
        }
        // Rows that agree are a table's, whatever stands elsewhere.
        let is_firm = |(object, looks): (&&Object, &Looks)| {
            matches!(looks, Looks::Mixed(_))
                || (*looks == Looks::Record && object.rows >= MANY_ROWS && object.fill() > 0.5)
        };
        let all_forms_data = known.iter().all(are_all_data);
        if maps == known.len() {
            return Some(Common::Map);
        }
        if known.iter().zip(&looks).any(|pair| is_firm(pair) && !all_forms_data) {
            return None;
        }
        let values: Vec<&Node> = known.iter().flat_map(|object| object.columns().map(|(_, node)| node)).collect();
        let hold_objects = values.iter().all(|node| node.kinds() == 0 || node.is_object());
        let alike = || likeness(&values, LEVELS);
        let have_names =
            maps > 0 && known.iter().zip(&looks).all(|(object, looks)| *looks != Looks::Map || !are_all_data(object));
        let is_of_such_keys = |(object, looks): (&&Object, &Looks)| {
            *looks == Looks::Map || are_all_data(object) || (have_names && agreed < AGREED)
        };
        let is_map = match maps {
            // Scalars are alike everywhere: only the keys tell.
            _ if !hold_objects => maps > 0 && known.iter().zip(&looks).all(is_of_such_keys) && alike() == 1.0,
            0 => {
                let are_places = if self.are_nested { known.len() >= 2 } else { known.len() >= MANY_PLACES };
                let least = if self.are_nested || known.len() >= MANY_ROWS as usize { ALIKE } else { SURELY_ALIKE };
                let enough = if self.are_nested { ENOUGH_KEYS } else { 2 * ENOUGH_KEYS };
                are_places && seen.len() >= enough && agreed < AGREED && alike() >= least
            }
            _ => all_forms_data || (agreed < 2.0 * AGREED && alike() >= ALIKE),
        };
        is_map.then_some(Common::Map)
    }

    /// Whether the lists have values of several kinds and differ in length, or are of any length at one place.
    fn are_lists(&self) -> bool {
        let known: Vec<&&Lists> = self.lists.iter().filter(|lists| lists.count > 0).collect();
        let first = known.first().and_then(|lists| lists.length());
        known.len() > 1 && (first.is_none() || known.iter().any(|lists| lists.length() != first))
    }
}

#[cfg(test)]
mod tests {
    use crate::payload::read::{ReadOptions, read_schema};
    use crate::payload::show::schema_text;

    fn shown(json: &str) -> String {
        schema_text(&read_schema("t.json", json.as_bytes(), &ReadOptions::default()).unwrap().0, "t.json")
    }

    #[test]
    fn a_key_that_leads_to_other_keys_at_each_level_of_a_tree_leads_to_maps() {
        let text = shown(
            r#"{"calls": {"parse": {"ms": 5, "calls": {"lex": {"ms": 2, "calls": {}}}}, "draw": {"ms": 700, "calls": {
                "text": {"ms": 9, "calls": {}}, "line": {"ms": 3, "calls": {}}}}}, "ms": 900}"#,
        );
        assert_eq!(text, "t.json: Root\n  calls  map of string to Root\n  ms     u16\n");
        // A leaf may lack the key.
        let text = shown(
            r#"{"parts": {"frame": {"mass": 5, "parts": {"tube": {"mass": 1}, "fork": {"mass": 2}}}, "wheel": {"mass": 3,
                "parts": {"rim": {"mass": 1}, "hub": {"mass": 1}}}}}"#,
        );
        assert_eq!(
            text,
            "t.json: Root\n  parts  map of string to Part\n    mass   u8\n    parts  optional map of string to Part\n"
        );
    }

    #[test]
    fn a_key_is_read_one_way_wherever_it_is() {
        let answer = |types: &str| format!(r#"{{"text": "t", "body": {{{types}}}}}"#);
        let one = r#""text/plain": {"max": 5}"#;
        let two = r#""text/plain": {"max": 5}, "image/png": {"max": 70}"#;
        let text = shown(&format!(r#"{{"get": [{0}, {0}], "put": {1}, "sizes": [1]}}"#, answer(one), answer(two)));
        assert_eq!(text.matches("map of string to Body").count(), 1, "{text}");
        assert!(text.contains("get    list of Get\n") && text.contains("put    Get\n"), "{text}");
        // The small ones have the keys as fields that a larger one could have as data.
        let names = ["width", "height", "depth", "left", "right", "top", "bottom", "front"];
        let box_of = |count: usize| {
            let sides = names[..count].iter().map(|name| format!(r#""{name}": {{"mm": 5, "inch": 0.2}}"#));
            sides.collect::<Vec<_>>().join(", ")
        };
        let text = shown(&format!(r#"{{"a": {{"sides": {{{}}}}}, "b": {{"sides": {{{}}}}}}}"#, box_of(8), box_of(7)));
        assert!(!text.contains("map of") && text.contains("width"), "{text}");
    }

    #[test]
    fn other_things_under_the_same_key_are_not_read_as_one() {
        let text = shown(
            r#"{"a": {"data": {"2024-01-01": 5, "2024-01-02": 6}}, "b": {"data": {"name": "x", "size": 5}},
                "c": {"data": {"width": 5, "height": 6}}}"#,
        );
        assert!(text.contains("data  map of string to u8") && text.contains("name  string"), "{text}");
        assert!(text.contains("width   u8"), "{text}");
        // Sections of settings differ in their keys, and hold no records.
        let text = shown(r#"{"a": {"set": {"x": 1, "y": 2}}, "b": {"set": {"z": 1}}, "c": {"set": {"v": 5, "w": 6}}}"#);
        assert!(!text.contains("map of"), "{text}");
    }

    #[test]
    fn lists_of_several_lengths_under_one_key_are_no_tuples() {
        let text = shown(
            r#"{"tag": "p", "body": ["a", {"tag": "b", "body": ["c"]}, {"tag": "i", "body": ["d", {"tag": "u", "body": []}]}]}"#,
        );
        assert_eq!(
            text,
            "t.json: Root\n  tag   string\n  body  list of Body\n    | String  string\n    | Record  Root\n"
        );
        // Of one length they are.
        let text = shown(r#"{"a": {"at": ["x", 1]}, "b": {"at": ["y", 2]}}"#);
        assert!(text.contains("(string, u8)"), "{text}");
    }
}
