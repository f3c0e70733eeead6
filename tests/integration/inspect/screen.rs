//! The first screen: what it shows of a file, how long and how wide it is, and what it says could be otherwise.

use super::pythons;
use crate::tools::{Directory, finish, run, sercost};
use serde_json::Value;
use std::process::Command;

/// A file of what an expression of Python is pickled to.
#[track_caller]
fn file(directory: &Directory, name: &str, expression: &str) -> String {
    let script = format!(
        "import pickle, pickletools, random, sys, decimal
sys.stdout.buffer.write({expression})"
    );
    let output = Command::new(pythons::python3()).args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    directory.file(name, output.stdout)
}

const FILES: [(&str, &str); 8] = [
    ("decimals", "pickle.dumps([decimal.Decimal('1.%03d' % i) for i in range(1000)], 4)"),
    ("records", "pickle.dumps({'user%d' % i: {'emb': [i / 7] * 4, 'name': 'n%d' % i} for i in range(300)}, 4)"),
    ("heavy", "pickle.dumps([{'a': i, 'b': 'x' * (99_999 if i == 37 else 3)} for i in range(1000)], 4)"),
    ("names", "pickle.dumps({'layer.%d.weight' % i: bytes(500 + i) for i in range(200)}, 4)"),
    (
        "deep",
        "pickle.dumps({'a%d' % i: {'b%d' % j: {'c%d' % k: bytes(100) for k in range(9)} for j in range(9)} for i in range(9)}, 4)",
    ),
    ("chain", "pickle.dumps({'one': {'two': {'three': {'four': {'five' * 20: bytes(5000)}}}}, 'z': 1}, 4)"),
    ("shapes", "pickle.dumps([{'k%d' % (i % 40): i, 'v': [i, str(i), None, 1.5][i % 4]} for i in range(500)], 4)"),
    ("many", "b''.join(pickle.dumps({'a': i}, 4) for i in range(100))"),
];

#[test]
fn a_first_screen_has_at_most_30_lines_whatever_the_width() {
    let directory = Directory::new();
    for (name, expression) in FILES {
        let file = file(&directory, name, expression);
        let whole = run(&format!("inspect {file}")).ok();
        assert!(whole.lines().count() <= 30, "{whole}");
        for width in [60, 100, 200] {
            let text = finish(sercost(["inspect", &file]).env("COLUMNS", width.to_string())).ok();
            assert!(text.lines().count() <= 30, "{name} at {width}: {text}");
            let widest = text.lines().skip(1).map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= width, "{name} at {width}: {text}");
        }
    }
    let all: Vec<String> = FILES.iter().map(|(name, _)| directory.join(name).to_str().unwrap().to_owned()).collect();
    let text = run(&format!("inspect {}", all.join(" "))).ok();
    assert!(text.split("\n\n").all(|screen| screen.lines().count() <= 30), "{text}");
    assert_eq!(text.split("\n\n").count(), FILES.len());
}

/// Text, Markdown and JSON agree on the bytes of each path.
#[test]
fn the_bytes_beside_a_path_are_its_own_in_every_format() {
    let directory = Directory::new();
    for (name, expression) in FILES {
        let file = file(&directory, name, expression);
        let json: Value = serde_json::from_str(&run(&format!("inspect {file} --format json")).ok()).unwrap();
        let parts = json["files"][0]["parts"].as_array().unwrap();
        let has = |path: &str, bytes: &str| {
            let bytes: u64 = bytes.replace(',', "").parse().unwrap();
            parts.iter().any(|part| part["path"] == path && part["bytes"] == bytes)
        };
        for options in ["", " --depth 9 --top 3", " --min-bytes 100"] {
            let markdown = run(&format!("inspect {file} --format markdown{options}")).ok();
            let rows = markdown.lines().filter(|line| line.starts_with("| ") && line.contains(" % | \\$"));
            let mut count = 0;
            for line in rows {
                let cells: Vec<&str> = line.split(" | ").collect();
                let path = cells[2].replace('\\', "");
                assert!(has(&path, cells[0].trim_start_matches("| ")), "{name}: {line}");
                count += 1;
            }
            assert!(count > 1, "{markdown}");
        }
    }
    let decimals = directory.join("decimals");
    let text = run(&format!("inspect {}", decimals.display())).ok();
    let value = text.lines().find(|line| line.contains(".value")).unwrap();
    assert!(!value.contains(" 99."), "{text}");
}

#[test]
fn lines_go_where_the_bytes_are() {
    let directory = Directory::new();
    let expression = "pickle.dumps({'meta%d' % i: i for i in range(40)} | {'model': {'deep': [1, {'er': {'blob': \
                      bytes(90_000), 'small': 2}}]}, 'second': [bytes(3000)] * 1}, 4)";
    let text = run(&format!("inspect {}", file(&directory, "deep.pkl", expression))).ok();
    let lines: Vec<&str> = text.lines().collect();
    let place = |word: &str| lines.iter().position(|line| line.contains(word)).unwrap_or_else(|| panic!("{text}"));
    assert!(place("[\"blob\"]") < place("[\"second\"]"), "{text}");
    assert!(place("[\"second\"]") < place(" more"), "{text}");
}

#[test]
fn paths_are_whole_in_a_pipe_and_cut_in_the_middle_on_a_terminal() {
    let directory = Directory::new();
    let name = format!("module.{}.attention.output.dense.weight", "encoder.layer".repeat(12));
    let expression = format!("pickle.dumps({{'{name}': bytes(5000), 'b': bytes(3000)}}, 4)");
    let file = file(&directory, "named.pkl", &expression);
    assert!(run(&format!("inspect {file}")).ok().contains(&name));
    for width in ["60", "100"] {
        let text = finish(sercost(["inspect", &file]).env("COLUMNS", width)).ok();
        let line = text.lines().find(|line| line.contains("[\"module")).unwrap_or_else(|| panic!("{text}"));
        assert!(line.contains("dense.weight\"]") && line.contains('…'), "{text}");
    }
}

#[test]
fn the_sum_is_shown_without_any_level() {
    let directory = Directory::new();
    let file = file(&directory, "sum.pkl", "pickle.dumps(bytes(5000), 4)");
    for format in ["text", "markdown"] {
        let text = run(&format!("inspect {file} --depth 0 --format {format}")).ok();
        assert!(text.contains("100.00 %") && text.contains("(file)"), "{text}");
        assert!(!text.contains(" $"), "{text}");
    }
    assert_eq!(run(&format!("inspect {file} --depth 0 --format csv")).ok().lines().count(), 2);
}

/// The findings of a file, by kind: what they would save.
fn savings(file: &str) -> Vec<(String, u64)> {
    let json: Value = serde_json::from_str(&run(&format!("inspect {file} --format json")).ok()).unwrap();
    let findings = json["files"][0]["findings"].as_array().cloned().unwrap_or_default();
    let saving = |finding: &Value| {
        let kind = finding["kind"].as_str().unwrap().to_owned();
        (kind, finding["saves_bytes"].as_u64().unwrap())
    };
    findings.iter().map(saving).collect()
}

#[test]
fn unused_memo_entries_are_what_optimize_drops() {
    let directory = Directory::new();
    let value = "[str(i) for i in range(200)]";
    for protocol in 0..6 {
        let plain = format!("pickle.dumps({value}, {protocol})");
        let before = file(&directory, "before.pkl", &plain);
        let after = file(&directory, "after.pkl", &format!("pickletools.optimize({plain})"));
        let size = |path: &str| std::fs::metadata(path).unwrap().len();
        let said = savings(&before);
        assert!(said.contains(&("memo".to_owned(), size(&before) - size(&after))), "{protocol}: {said:?}");
        assert!(savings(&after).iter().all(|(kind, _)| kind != "memo"), "{protocol}");
        assert!(run(&format!("inspect {before}")).ok().contains("pickletools.optimize"), "{protocol}");
    }
    // Objects that many others refer to are stored once, and all of the memo is used.
    let shared = file(&directory, "shared.pkl", "(lambda x: pickle.dumps([x] * 1000, 4))(bytes(3000))");
    assert_eq!(savings(&shared), []);
}

#[test]
fn a_newer_protocol_saves_at_least_what_is_said() {
    let directory = Directory::new();
    for value in [
        "[str(i) for i in range(500)]",
        "[{'id': i, 'x': i / 3, 'on': i % 2 == 0, 'n': None, 't': (i, 'a')} for i in range(300)]",
        "[10**i for i in range(100)]",
        "[1.0, 2.5, 1e300] * 100",
        "['\\u20ac\\n%d' % i for i in range(100)]",
    ] {
        let newest = file(&directory, "newest.pkl", &format!("pickle.dumps({value}, 5)"));
        let size = |path: &str| std::fs::metadata(path).unwrap().len();
        for protocol in 0..4 {
            let old = file(&directory, "old.pkl", &format!("pickle.dumps({value}, {protocol})"));
            let said = savings(&old).into_iter().find(|(kind, _)| kind == "protocol");
            let real = size(&old).saturating_sub(size(&newest));
            if let Some((_, said)) = &said {
                assert!(*said <= real, "{said} of {real} for {value} in protocol {protocol}");
            }
            if value.starts_with("[str") {
                let said = said.unwrap_or_else(|| panic!("nothing is said of {real} in protocol {protocol}")).1;
                assert!(said * 10 >= real * 6, "{said} of {real} in protocol {protocol}");
            }
        }
        assert!(savings(&newest).iter().all(|(kind, _)| kind != "protocol"), "{value}");
    }
}
