//! Choices by what their notes say, and by what overrides make of them.

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
        ([("$.c", OverrideKind::Type(Schema::U8)), ("$.c", OverrideKind::Type(Schema::I8))], "--type says two things"),
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
fn one_level_of_a_tree_need_not_have_all_the_strings_of_an_enum() {
    let leaf = r#"{"type": "text", "content": []}"#;
    let paragraph = format!(r#"{{"type": "paragraph", "content": [{leaf}, {leaf}]}}"#);
    let (_, notes) =
        shown(&format!(r#"{{"type": "doc", "content": [{}]}}"#, vec![&*paragraph; 9].join(", ")), &[]).unwrap();
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
