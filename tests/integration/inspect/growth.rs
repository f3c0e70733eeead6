//! The growth from one file to another.

use super::pythons;
use crate::tools::{Directory, Ran, finish, sercost};
use serde_json::Value;
use std::process::Command;

fn pickled(directory: &Directory, name: &str, value: &str) -> String {
    let script = format!("import pickle, sys\nsys.stdout.buffer.write(pickle.dumps({value}, 4))");
    let output = Command::new(pythons::python3()).args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    directory.file(name, output.stdout)
}

fn two(directory: &Directory) -> (String, String) {
    let old = "{'optim': list(range(1000)), 'model': {'w': b'x' * 5000, 'before': b'y' * 3000}, 'gone': 'z' * 100}";
    let new = "{'optim': list(range(3000)), 'model': {'w': b'x' * 5000, 'after': b'y' * 3000}, 'fresh': 'a' * 40}";
    (pickled(directory, "old.pkl", old), pickled(directory, "new.pkl", new))
}

fn inspect(old: &str, new: &str, options: &[&str]) -> Ran {
    finish(&mut sercost(["inspect", old, new].iter().chain(options)))
}

/// The path with quotes of one kind.
fn plain(path: &str) -> String {
    path.replace('\'', "\"")
}

#[test]
fn what_grew_is_said_by_path_and_adds_up() {
    let directory = Directory::new();
    let (old, new) = two(&directory);
    let json: Value = serde_json::from_str(&inspect(&old, &new, &["-f", "json"]).ok()).unwrap();
    super::command::check_schema(&json);
    assert_eq!(json["files"].as_array().unwrap().len(), 2);
    let growth = &json["growth"];
    let paths = growth["paths"].as_array().unwrap();
    let sum: i64 = paths.iter().map(|path| path["grown_bytes"].as_i64().unwrap()).sum();
    assert_eq!(sum, growth["new_bytes"].as_i64().unwrap() - growth["old_bytes"].as_i64().unwrap());
    let of = |wanted: &str| paths.iter().find(|path| plain(path["path"].as_str().unwrap()) == wanted).unwrap();
    assert_eq!(plain(paths[0]["path"].as_str().unwrap()), "$[\"optim\"]");
    let optim = of("$[\"optim\"]");
    let difference = optim["new_bytes"].as_i64().unwrap() - optim["old_bytes"].as_i64().unwrap();
    assert_eq!(optim["grown_bytes"], difference);
    assert!(of("$[\"fresh\"]").get("old_bytes").is_none());
    assert!(of("$[\"gone\"]").get("new_bytes").is_none());
    let renamed = of("$[\"model\"][\"after\"]")["renamed_from"].as_str().unwrap();
    assert_eq!(plain(renamed), "$[\"model\"][\"before\"]");
}

#[test]
fn text_markdown_and_csv_say_the_same() {
    let directory = Directory::new();
    let (old, new) = two(&directory);
    for width in ["60", "100"] {
        let ran = finish(sercost(["inspect", &old, &new]).env("COLUMNS", width));
        let text = ran.ok();
        assert!(text.lines().count() <= 30, "{text}");
        assert!(text.lines().skip(1).all(|line| line.chars().count() <= width.parse().unwrap()), "{text}");
        if width == "100" {
            let line = text.lines().find(|line| plain(line).contains("$[\"optim\"]")).unwrap();
            assert!(line.contains("+6.00 kB") && line.contains("list of 3,000 int"), "{line}");
            assert!(text.contains("gone") && text.contains("new"), "{text}");
        }
    }
    let markdown = inspect(&old, &new, &["-f", "markdown"]).ok();
    assert!(markdown.contains("| +6,00") && markdown.contains("| grown |"), "{markdown}");
    let csv = inspect(&old, &new, &["-f", "csv"]).ok();
    assert!(csv.starts_with("old,new,path,what,old_bytes,new_bytes,grown_bytes,renamed_from\n"), "{csv}");
    let rows = inspect(&old, &new, &["-f", "csv", "--top", "2"]).ok();
    assert_eq!(rows.lines().count(), 3, "{rows}");
}

#[test]
fn the_trees_can_be_seen_and_three_files_have_no_growth() {
    let directory = Directory::new();
    let (old, new) = two(&directory);
    let trees = inspect(&old, &new, &["--trees"]).ok();
    assert!(trees.contains("list of 1,000 int") && trees.contains("list of 3,000 int"), "{trees}");
    let three = inspect(&old, &new, &[&old]).ok();
    assert!(three.contains("list of 1,000 int") && !three.contains("grown"), "{three}");
    let same = inspect(&old, &old, &[]).ok();
    assert!(same.contains("no path has other bytes"), "{same}");
}

#[test]
fn growth_beyond_a_limit_fails_and_names_the_path() {
    let directory = Directory::new();
    let (old, new) = two(&directory);
    for holds in ["100%", "10kB", "$.optim=300%", "$.optim=7kB", "$.model=1%", "$.gone=0%", "$.model.w=0"] {
        let ran = inspect(&old, &new, &["--max-growth", holds]);
        assert_eq!(ran.status.code(), Some(0), "{holds}: {}", ran.err);
    }
    for (fails, said) in [
        ("5%", "$[\"optim\"], list of 3,000 int"),
        ("1kB", "$[\"optim\"], list of 3,000 int"),
        ("$.optim=5%", "$.optim"),
        ("$['optim']=1kB", "$[\"optim\"]"),
        ("$.fresh=50%", "$.fresh is new"),
        ("$.optimm=50%", "did you mean $[\"optim\"]?"),
    ] {
        let ran = inspect(&old, &new, &["--max-growth", fails]);
        assert_eq!(ran.status.code(), Some(1), "{fails}: {}", ran.err);
        assert!(plain(&ran.err).contains(said), "{fails}: {}", ran.err);
        assert!(ran.out.contains("more ("), "the report is printed all the same: {}", ran.out);
    }
    assert_eq!(inspect(&old, &new, &["--max-growth", "$.optimm=5%", "--if-present"]).status.code(), Some(0));
    // A path that became smaller never grew.
    assert_eq!(inspect(&new, &old, &["--max-growth", "0%", "--max-growth", "$.optim=0"]).status.code(), Some(0));
    let one = finish(&mut sercost(["inspect", &old, "--max-growth", "5%"])).error();
    assert!(one.contains("--max-growth compares two files"), "{one}");
    for bad in ["much", "$.x=much", "optim=5%", "-5%"] {
        let ran = finish(&mut sercost(["inspect", &old, &new, &format!("--max-growth={bad}")]));
        assert!(ran.error().contains("--max-growth"), "{bad}");
    }
}

#[test]
fn the_directory_of_an_archive_is_no_difference() {
    let state = "fixtures/pickles/torch-1.12.1-state.pt";
    let text = inspect(state, state, &[]).ok();
    assert!(text.contains("no path has other bytes"), "{text}");
    let text = inspect(state, "fixtures/pickles/torch-1.12.1-model.pth", &[]).ok();
    assert!(text.lines().count() <= 30, "{text}");
}
