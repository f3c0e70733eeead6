//! One type for records that a person would have written as one: those that differ only in the widths of their fields
//! or in which of them may be absent, and those that hold their own like (the nodes of a tree).
//!
//! A schema is a tree without references, so a recursive type is unrolled as deep as the document goes: every level has
//! the same fields of the same types, and the same name; in the last one the lists that would hold the next are empty.

mod kin;
mod link;
mod widen;

use super::merge::{Join, Merge, is_stub, names, stub};
use crate::payload::schema::{EnumSchema, Field, RecordSchema, Schema};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

pub(super) use widen::is_unified;

/// The schema with records of one type made equal. `trees` has the names of the fields of records that tags show to be
/// nodes of one tree; also returns whether they became one type.
pub(super) fn unify(schema: Schema, trees: &[HashSet<Vec<&'static str>>]) -> (Schema, bool) {
    let mut groups = Groups::found(&schema, trees, true);
    let are_one = trees.is_empty() || !groups.has_failed(&schema);
    if !are_one {
        groups = Groups::found(&schema, &[], true);
    }
    if groups.has_failed(&schema) {
        groups = Groups::found(&schema, &[], false);
    }
    (groups.widened(&[&schema], &schema, false), are_one)
}

/// The schema with each record by itself.
pub(super) fn settled(schema: Schema) -> Schema {
    Groups::default().widened(&[&schema], &schema, false)
}

/// Records by the names of their fields.
#[derive(Default)]
struct Groups {
    /// The group of each set of names.
    of_names: HashMap<Vec<&'static str>, usize>,
    /// The group that each group was joined with; its own index for none.
    joined: Vec<usize>,
    /// The groups whose records hold their own like.
    recursive: HashSet<usize>,
    /// The groups whose records stand between those, and are a part of each level.
    between: HashSet<usize>,
    /// Whether the nodes of a tree may be of many kinds.
    of_many_kinds: bool,
    /// Groups of which the one has records that hold records of the other.
    held: HashSet<(usize, usize)>,
    /// Those of them whose records have most names in common. In order, so that the same are joined in each run.
    alike: BTreeSet<(usize, usize)>,
    /// The groups of both, as they are joined.
    trees: HashSet<usize>,
    /// The record that stands for the nodes of each tree.
    stubs: HashMap<usize, RecordSchema>,
    /// The trees whose nodes are of no one type.
    failed: HashSet<usize>,
    /// Records that are found where a node of a tree is, by their names.
    joins: Vec<Join>,
    /// The type that the records of a group have in common; `None` where they are different types after all. In order,
    /// so that fields have the same order in each run.
    merged: BTreeMap<usize, Option<RecordSchema>>,
}

/// Nodes of a tree that have, on average, a smaller share of the fields of all kinds of node are of one type only if these
/// are few.
const LEAST_FILL: f64 = 0.3;
const LEAST_WIDE: usize = 12;

/// The number of rounds in which the records of a group become what all of them have in common.
const MOST_ROUNDS: usize = 8;

/// The types that a type is made of.
fn parts(schema: &Schema) -> Vec<&Schema> {
    match schema {
        Schema::Option(inner) | Schema::List(inner) => vec![inner],
        Schema::Array(array) => vec![&array.element],
        Schema::Tuple(places) => places.iter().collect(),
        Schema::Map(map) => vec![&map.key, &map.value],
        Schema::Record(record) => record.fields.iter().map(|field| &field.schema).collect(),
        Schema::Enum(choice) => choice.variants.iter().map(|variant| &variant.schema).collect(),
        _ => Vec::new(),
    }
}

impl Groups {
    /// The groups of a schema. Nodes of a tree may be of many kinds if `of_many_kinds`.
    fn found(schema: &Schema, trees: &[HashSet<Vec<&'static str>>], of_many_kinds: bool) -> Self {
        let mut groups = Groups { of_many_kinds, ..Groups::default() };
        groups.collect(schema);
        groups.link(schema, &mut Vec::new());
        groups.link_tagged(trees);
        if of_many_kinds {
            groups.link_circles();
        }
        groups.merge_all(schema);
        groups
    }

    /// Whether the nodes of a tree are of no one type, or are so unlike that their type would be mostly marks of what each
    /// of them lacks: where types are known beforehand, that would be another payload.
    fn has_failed(&self, schema: &Schema) -> bool {
        let mut counts = HashMap::new();
        self.count(schema, &mut counts);
        let is_sparse = |tree: &usize| {
            let Some(Some(node)) = self.merged.get(tree) else { return false };
            let (records, fields) = counts.get(tree).copied().unwrap_or_default();
            node.fields.len() >= LEAST_WIDE && (fields as f64) < LEAST_FILL * (records * node.fields.len()) as f64
        };
        !self.failed.is_empty() || self.stubs.keys().any(is_sparse)
    }

    /// Counts the records of each group, and their fields.
    fn count(&self, schema: &Schema, counts: &mut HashMap<usize, (usize, usize)>) {
        if let Schema::Record(record) = schema
            && let Some(group) = self.of(record)
        {
            let (records, fields) = counts.entry(group).or_default();
            *records += 1;
            *fields += record.fields.len();
        }
        parts(schema).into_iter().for_each(|part| self.count(part, counts));
    }

    fn collect(&mut self, schema: &Schema) {
        if let Schema::Record(record) = schema {
            let next = self.joined.len();
            let group = *self.of_names.entry(names(record)).or_insert(next);
            if group == next {
                self.joined.push(next);
            }
        }
        parts(schema).into_iter().for_each(|part| self.collect(part));
    }

    fn find(&self, mut group: usize) -> usize {
        while self.joined[group] != group {
            group = self.joined[group];
        }
        group
    }

    /// The group of a record; `None` for one that stays as it is.
    fn of(&self, record: &RecordSchema) -> Option<usize> {
        self.of_names.get(&names(record)).map(|&group| self.find(group))
    }

    /// Whether the records of a group are nodes of a tree, which are one type whatever the fields hold; other records of
    /// the same names are different types if their fields are.
    fn is_tree(&self, group: usize) -> bool {
        self.trees.contains(&group)
    }

    /// Finds the type that the records of each group have in common.
    fn merge_all(&mut self, schema: &Schema) {
        loop {
            self.write_stubs();
            self.merged.clear();
            self.merge(schema);
            self.settle();
            let joins = std::mem::take(&mut self.joins);
            // Nodes that are of no one type are of those of their places, which stubs do not tell.
            let failed = self.stubs.keys().filter(|tree| self.merged.get(tree).is_some_and(Option::is_none));
            let failed: Vec<usize> = failed.copied().collect();
            if failed.is_empty() && joins.is_empty() {
                return;
            }
            if !failed.is_empty() {
                self.failed.extend(failed);
                continue;
            }
            // What stands where a node stands is one.
            for (group, names) in joins {
                let next = self.joined.len();
                let other = *self.of_names.entry(names).or_insert(next);
                if other == next {
                    self.joined.push(next);
                }
                let (a, b) = (self.find(group), self.find(other));
                self.joined[b] = a;
            }
        }
    }

    /// Makes the stubs of all trees, each with the names of all fields that its nodes have.
    fn write_stubs(&mut self) {
        self.trees = self.recursive.iter().chain(&self.between).map(|&group| self.find(group)).collect();
        let trees: HashSet<usize> = self.recursive.iter().map(|&group| self.find(group)).collect();
        let mut names: BTreeMap<usize, BTreeSet<&'static str>> = BTreeMap::new();
        for (of_one, &group) in &self.of_names {
            let group = self.find(group);
            if trees.contains(&group) && !self.failed.contains(&group) {
                names.entry(group).or_default().extend(of_one);
            }
        }
        self.stubs.clear();
        for (group, names) in names {
            let names: Vec<&'static str> = names.into_iter().collect();
            let known = self.of_names.insert(names.clone(), group).map(|known| self.find(known));
            // Records of the same names are of one group.
            if let Some(known) = known.filter(|&known| known != group) {
                self.joined[known] = group;
                return self.write_stubs();
            }
            self.stubs.insert(group, stub(&names));
        }
    }

    /// The type with a stub for each node of a tree.
    fn stubbed(&self, schema: &Schema) -> Schema {
        // A function for each, and loops: this recurses, and unoptimized code keeps a place on the stack for everything.
        match schema {
            Schema::Option(inner) => Schema::option(self.stubbed(inner)),
            Schema::List(element) => Schema::list(self.stubbed(element)),
            Schema::Map(map) => Schema::map(map.key.clone(), self.stubbed(&map.value)),
            Schema::Array(array) => Schema::array(self.stubbed(&array.element), array.length, array.is_tuple),
            Schema::Tuple(_) | Schema::Enum(_) | Schema::Record(_) => self.stubbed_parts(schema),
            scalar => scalar.clone(),
        }
    }

    #[inline(never)]
    fn stubbed_parts(&self, schema: &Schema) -> Schema {
        match schema {
            Schema::Record(record) => match self.of(record).and_then(|group| self.stubs.get(&group)) {
                Some(stub) => Schema::Record(stub.clone()),
                None => Schema::Record(self.stubbed_record(record)),
            },
            Schema::Enum(choice) => {
                let mut variants = Vec::with_capacity(choice.variants.len());
                for variant in &choice.variants {
                    variants.push(Field::new(&variant.name, self.stubbed(&variant.schema)));
                }
                Schema::Enum(EnumSchema::new(&choice.name, variants))
            }
            Schema::Tuple(tuple) => {
                let mut places = Vec::with_capacity(tuple.places.len());
                for place in &tuple.places {
                    places.push(self.stubbed(place));
                }
                Schema::tuple(places, tuple.is_tuple)
            }
            other => other.clone(),
        }
    }

    fn stubbed_record(&self, record: &RecordSchema) -> RecordSchema {
        if self.stubs.is_empty() {
            return record.clone();
        }
        let mut fields = Vec::with_capacity(record.fields.len());
        for field in &record.fields {
            fields.push(Field::with_presence(&field.name, self.stubbed(&field.schema), field.presence));
        }
        RecordSchema::new("", fields)
    }

    fn merge(&mut self, schema: &Schema) {
        if let Schema::Record(record) = schema
            && let Some(group) = self.of(record)
        {
            if is_stub(record) {
                return;
            }
            let record = self.stubbed_record(record);
            let merged = match self.merged.remove(&group) {
                None => Some(record),
                Some(known) => known.and_then(|known| {
                    let group_of = |names: &[&'static str]| self.of_names.get(names).map(|&group| self.find(group));
                    let merge =
                        Merge::new(self.is_tree(group) && !self.failed.contains(&group), self.of_many_kinds, group_of);
                    let merged = merge.of_group(&known, &record);
                    let joins = merge.into_joins();
                    self.joins.extend(joins);
                    merged
                }),
            };
            self.merged.insert(group, merged);
        }
        parts(schema).into_iter().for_each(|part| self.merge(part));
    }

    /// Merges the records within merged ones too: of fields that some may lack, these are wider than any of the document.
    /// Groups that still change after [`MOST_ROUNDS`] are left as they are in each place, which is right too.
    fn settle(&mut self) {
        let mut changed: Vec<usize> = self.merged.keys().copied().collect();
        for _ in 0..MOST_ROUNDS {
            let before = self.merged.clone();
            for group in std::mem::take(&mut changed) {
                let Some(Some(record)) = before.get(&group) else { continue };
                record.fields.iter().for_each(|field| self.merge(&field.schema));
            }
            changed =
                self.merged.iter().filter(|(group, now)| before[group] != **now).map(|(group, _)| *group).collect();
            if changed.is_empty() {
                return;
            }
        }
        self.merged.extend(changed.into_iter().map(|group| (group, None)));
    }
}

#[cfg(test)]
mod tests {
    use super::parts;
    use crate::payload::read::{ReadOptions, read, read_schema};
    use crate::payload::schema::{EnumSchema, RecordSchema, Schema};
    use crate::payload::show::{schema_rust, schema_text};
    use std::collections::HashMap;

    fn shown(json: &str) -> String {
        schema_text(&read_schema("t.json", json.as_bytes(), &ReadOptions::default()).unwrap().0, "t.json")
    }

    #[test]
    fn a_tree_whose_levels_differ_is_one_type_of_all_that_they_hold() {
        let text = shown(
            r#"{"name": "a", "value": 1, "children": [{"name": "b", "value": "x", "children": []},
                {"name": "c", "value": "y", "children": [{"name": "d", "value": true, "children": []}]}]}"#,
        );
        assert_eq!(
            text,
            "t.json: Root\n  name      string\n  value     Value\n    | Bool    bool\n    | Int     u8\n    | String  string\n  \
             children  list of Root\n"
        );
    }

    #[test]
    fn a_type_is_shown_with_what_another_level_has() {
        let text = shown(
            r#"{"name": "a", "size": 1, "children": [{"name": "b", "size": 2, "link": {"to": "c"}, "children": []}]}"#,
        );
        assert!(text.contains("optional Link\n") && text.contains("to  string"), "{text}");
    }

    #[test]
    fn levels_whose_integers_fit_no_common_type_are_types_of_their_own() {
        let text = shown(
            r#"{"name": "a", "size": -1, "children": [{"name": "b", "size": 18446744073709551615, "children": []}]}"#,
        );
        assert!(text.contains("i8") && text.contains("u64"), "{text}");
    }

    #[test]
    fn records_with_little_in_common_are_no_level_of_a_tree() {
        let json = r#"{"kind": "List", "version": "v1", "metadata": {"page": ""}, "items": [{"kind": "Pod", "version": "v1",
            "metadata": {"name": "x", "uid": "y"}, "spec": {"node": "n"}}]}"#;
        let schema = read_schema("t.json", json.as_bytes(), &ReadOptions::default()).unwrap().0;
        let rust = schema_rust(&schema);
        assert!(rust.contains("pub items: Vec<Item>") && rust.contains("pub page: String"), "{rust}");
    }

    #[test]
    fn records_that_share_names_are_no_tree_unless_the_key_that_leads_on_comes_again() {
        for (json, expected) in [
            (
                r#"[{"id": 1, "name": "s", "album": {"id": 2, "name": "l", "artist": {"id": 3, "name": "r"}}}]"#,
                "list of Row\n  id     u8\n  name   string\n  album  Album\n    id      u8\n    name    string\n    artist  \
                 Artist\n      id    u8\n      name  string\n",
            ),
            (
                r#"{"user": {"user": "bob", "id": 1}, "id": 5}"#,
                "Root\n  user  User\n    user  string\n    id    u8\n  id    u8\n",
            ),
            (
                r#"{"matrix": {"cat": {"cat": 50, "dog": 3, "bird": 1}, "dog": {"cat": 4, "dog": 45, "bird": 0},
                    "bird": {"cat": 0, "dog": 2, "bird": 60}}}"#,
                "Root\n  matrix  Matrix\n    cat   Cat\n      cat   u8\n      dog   u8\n      bird  u8\n    dog   Cat\n    bird  Cat\n",
            ),
        ] {
            assert_eq!(shown(json), format!("t.json: {expected}"), "{json}");
        }
    }

    #[test]
    fn keys_of_a_tree_are_data_at_all_levels_if_they_are_at_one() {
        let leaf = r#"{"version": "1", "size": 5}"#;
        let package = |name: &str, below: &str| {
            format!(r#""{name}": {{"version": "2", "size": 6, "dependencies": {{{below}}}}}"#)
        };
        let few = format!(r#""left": {leaf}, "right": {leaf}"#);
        let many: Vec<String> = (0..12).map(|at| package(&format!("pack{at}"), &few)).collect();
        let text = shown(&format!(r#"{{"name": "r", "version": "0", "dependencies": {{{}}}}}"#, many.join(", ")));
        assert!(text.contains("dependencies  optional map of string to Root\n"), "{text}");
        assert_eq!(text.lines().count(), 5, "{text}");
        // The level that has no more is a map without entries.
        let keys = ["550e8400-e29b-41d4-a716-446655440000", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"];
        let node = |below: &str| format!(r#"{{"name": "n", "children": {{{below}}}}}"#);
        let level = |below: &str| keys.map(|key| format!(r#""{key}": {}"#, node(below))).join(", ");
        let text = shown(&node(&level(&level(""))));
        assert_eq!(text, "t.json: Root\n  name      string\n  children  map of string to Root\n");
    }

    #[test]
    fn keys_that_are_data_at_one_level_and_fields_at_another_have_an_end() {
        for json in [
            r#"{"deps":{"1":{"v":1,"deps":{"i-j":{"deps":{"m-n":{},"i-j":{"v":1},"k-l":{"deps":{}}}},"m-n":{}}},"2":{"v":1}}}"#,
            r#"{"deps":{"c-d":{"v":1,"deps":{"i-j":{"deps":{"m-n":{},"i-j":{"v":1},"k-l":{"deps":{}}}},"m-n":{}}}}}"#,
            // Two trees whose nodes have the same fields in all.
            r#"{"children":[{"children":[{"children":{"react":{}}},{"v":1,"children":{"a-b":{"v":1,"children":[{"children":[]},{"deps":{"0":{}}}]}}}]},{"v":null,"children":{"react":{"deps":[{"v":1,"deps":{"c-d":{"v":"x","children":{}},"e-f":{"v":"x","deps":[]}}}]}}}]}"#,
        ] {
            let document = read("t.json", json.as_bytes(), &ReadOptions::default());
            assert!(document.is_ok(), "{:?}", document.err().map(|error| error.to_string()));
        }
    }

    proptest::proptest! {
        #[test]
        fn trees_are_read_by_the_types_that_are_decided_for_them(seed: u64) {
            let mut random = fastrand::Rng::with_seed(seed);
            let json = tree(&mut random, 5);
            let document = read("t.json", json.as_bytes(), &ReadOptions::default());
            proptest::prop_assert!(document.is_ok(), "{:?}: {json}", document.err().map(|error| error.to_string()));
            let mut fields = HashMap::new();
            let other = document.ok().and_then(|document| another(&document.schema, &mut fields));
            proptest::prop_assert!(other.is_none(), "{other:?}: {json}");
        }
    }

    /// A type that has not the fields that another one of its name has.
    fn another(schema: &Schema, fields: &mut HashMap<String, &'static [&'static str]>) -> Option<String> {
        let (Schema::Record(RecordSchema { name, names, .. }) | Schema::Enum(EnumSchema { name, names, .. })) = schema
        else {
            return parts(schema).into_iter().find_map(|part| another(part, fields));
        };
        let known = fields.entry(name.to_string()).or_insert(names);
        if known != names {
            return Some(name.to_string());
        }
        parts(schema).into_iter().find_map(|part| another(part, fields))
    }

    /// A node whose children are in maps, in records or in lists, under keys of several kinds.
    fn tree(random: &mut fastrand::Rng, levels: usize) -> String {
        const KEYS: [&[&str]; 3] = [&["a-b", "c-d", "e-f", "i-j"], &["0", "1", "2"], &["react", "glob", "axios"]];
        let mut fields = Vec::new();
        if random.u8(..5) > 0 {
            fields.push(format!(r#""v": {}"#, random.choice(["1", "300", "-5", r#""x""#, "null"]).unwrap_or("1")));
        }
        if levels > 0 && random.u8(..10) > 0 {
            let key = random.choice(["deps", "children"]).unwrap_or("deps");
            let children = random.usize(..4);
            let keys = KEYS[random.usize(..KEYS.len())];
            let below: Vec<String> = (0..children).map(|_| tree(random, levels - 1)).collect();
            fields.push(match random.bool() {
                true => format!(r#""{key}": [{}]"#, below.join(", ")),
                false => {
                    let below = keys.iter().zip(below).map(|(key, below)| format!(r#""{key}": {below}"#));
                    format!(r#""{key}": {{{}}}"#, below.collect::<Vec<_>>().join(", "))
                }
            });
        }
        format!("{{{}}}", fields.join(", "))
    }

    #[test]
    fn nodes_that_hold_their_like_by_way_of_other_records_are_one_type() {
        for json in [
            r#"[{"id": 1, "replies": {"items": [{"id": 2, "replies": ""}, {"id": 3, "replies": {"items": [{"id": 4,
                "replies": ""}]}}]}}, {"id": 5, "replies": ""}]"#,
            r#"{"id": 1, "replies": {"edges": [{"node": {"id": 2, "replies": {"edges": [{"node": {"id": 3, "replies":
                {"edges": []}}}]}}}]}}"#,
            r#"{"blocks": [{"type": "p", "inlines": [{"t": "n", "blocks": [{"type": "p", "inlines": []}]}]}]}"#,
        ] {
            let text = shown(json);
            let ids = text
                .lines()
                .filter(|line| line.trim_start().starts_with(if json.contains("type") { "type " } else { "id " }));
            assert_eq!(ids.count(), 1, "{text}");
        }
    }

    #[test]
    fn nodes_of_many_kinds_under_a_key_that_comes_again_are_one_type() {
        let circle = r#"{"id": 3, "name": "c", "shape": "circle", "radius": 2.5, "fill": {"r": 1, "g": 2, "b": 3}}"#;
        let label = r#"{"id": 4, "name": "t", "shape": "label", "text": "x", "font": {"face": "f", "size": 12}}"#;
        let group = format!(r#"{{"id": 5, "name": "g", "shape": "group", "children": [{circle}, {label}]}}"#);
        let page =
            format!(r#"{{"id": 2, "name": "p", "shape": "page", "colour": "red", "children": [{group}, {circle}]}}"#);
        let text = shown(&format!(r#"{{"id": 1, "name": "d", "shape": "document", "children": [{page}]}}"#));
        assert!(text.contains("children  optional list of Root\n"), "{text}");
        assert_eq!(text.matches(" radius ").count(), 1, "{text}");
    }

    #[test]
    fn records_that_are_alike_and_hold_each_other_are_one_type() {
        let test = |name: &str| format!(r#"{{"column": "{name}", "is": "above", "limit": 5}}"#);
        let (a, b) = (test("a"), test("b"));
        let text = shown(&format!(
            r#"{{"where": {{"all": [{{"any": [{a}, {b}, {{"not": {a}}}]}}, {b}, {{"all": [{a}, {{"any": [{b}, {a}]}}]}}]}}}}"#
        ));
        assert!(text.contains("any     optional list of All\n") && text.contains("not     optional All\n"), "{text}");
        // Each of these holds another, and none is held by its like.
        let text = shown(
            r#"{"id": 1, "name": "t", "url": "u", "album": {"id": 2, "name": "a", "url": "v", "artist": {"id": 3, "name": "r",
                "url": "w"}}}"#,
        );
        assert!(text.contains("album  Album\n") && text.contains("artist  Artist\n"), "{text}");
    }

    #[test]
    fn nodes_without_children_may_have_no_list_of_them() {
        let text = shown(
            r#"[{"name": "A", "line": 1, "inner": [{"name": "f", "line": 2}, {"name": "g", "line": 300}]}, {"name": "B",
                "line": 9}]"#,
        );
        assert_eq!(text, "t.json: list of Row\n  name   string\n  line   u16\n  inner  optional list of Row\n");
        // An owner is none of the things it owns.
        let text = shown(r#"[{"name": "A", "id": 1, "owner": {"name": "f", "id": 2}}, {"name": "B", "id": 9}]"#);
        assert!(text.contains("optional Owner"), "{text}");
    }

    #[test]
    fn what_the_nodes_of_a_tree_hold_is_of_one_type_at_all_levels() {
        let item = |name: &str, values: &str| format!(r#"{{"name": "{name}", "kind": "k", "values": {{{values}}}}}"#);
        let (a, b) = (item("a", r#""id": "1", "range": "r""#), item("b", r#""id": "2", "image": "i", "count": 3"#));
        let json = format!(
            r#"{{"items": [{a}], "modules": [{{"at": "x", "items": [{b}], "modules": [{{"at": "y", "items": [{a}]}}]}}]}}"#
        );
        let text = shown(&json);
        assert!(text.contains("range  optional string\n") && text.contains("image  optional string\n"), "{text}");
        assert!(text.contains("modules  optional list of Root\n"), "{text}");
    }

    #[test]
    fn records_of_two_fields_are_one_type_whatever_their_widths() {
        let text = shown(r#"{"home": {"lat": 1.5, "count": 3}, "work": {"lat": 2.5, "count": 300}}"#);
        assert!(text.contains("count  u16\n") && text.contains("work  Home\n"), "{text}");
        // Those that hold records with little in common are not.
        let text = shown(
            r#"{"users": {"byId": {"1": {"id": 1, "name": "a"}, "2": {"id": 2, "name": "b"}}, "all": [1, 2]},
                "posts": {"byId": {"10": {"id": 10, "title": "t", "by": 1}}, "all": [10]}}"#,
        );
        assert!(text.contains("posts  Posts\n") && !text.contains("optional"), "{text}");
    }
}
