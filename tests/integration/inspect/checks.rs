//! Checks of paths: how people write them, and what is not there.

use super::pythons;
use crate::tools::{Directory, Ran, finish, sercost};
use std::process::Command;

/// A model and its optimizer, and 300 records.
fn checkpoint(directory: &Directory) -> String {
    let script = "import pickle, sys
value = {'optim': {'state': list(range(5000))}, 'my model': {'w': b'x' * 20_000}, 'a.b': 1, \"it's\": 2,
    'rows': [{'x': i, 'name': 'n%d' % i} for i in range(300)]}
sys.stdout.buffer.write(pickle.dumps(value, 4))";
    let output = Command::new(pythons::python3()).args(["-c", script]).output().unwrap();
    directory.file("checkpoint.pkl", output.stdout)
}

fn check(file: &str, options: &[&str]) -> Ran {
    finish(&mut sercost(["inspect", file].iter().chain(options)))
}

#[test]
fn paths_are_taken_as_people_write_them() {
    let directory = Directory::new();
    let file = checkpoint(&directory);
    for path in ["$[\"optim\"]", "$['optim']", "$.optim", " $ [ 'optim' ] ", "[\"optim\"]", ".optim"] {
        let ran = check(&file, &["--max-share", &format!("{path}=90%")]);
        assert_eq!(ran.status.code(), Some(0), "{path}: {}", ran.err);
        for (option, most) in [("--max-share", "1%"), ("--max-bytes", "1kB")] {
            let ran = check(&file, &[option, &format!("{path} = {most}")]);
            assert_eq!(ran.status.code(), Some(1), "{path}: {}", ran.err);
            assert!(ran.err.contains("more than the 1"), "{path}: {}", ran.err);
        }
    }
    for path in
        ["$['my model'].w", "$[\"my model\"][\"w\"]", "$['a.b']", "$[\"it's\"]", "$['it\\'s']", "$.rows[*].name"]
    {
        let ran = check(&file, &["--max-share", &format!("{path}=100%")]);
        assert_eq!(ran.status.code(), Some(0), "{path}: {}", ran.err);
    }
    for bad in ["$['optim=5%", "$[=5%", "=5%", "optim=5%", "$.x=half", "$.x=500%", "$.x=-1%", "$.x", "$.x=nan%"] {
        assert!(check(&file, &["--max-share", bad]).error().contains("--max-share"), "{bad}");
    }
    for bad in ["$['optim=5MB", "optim=5MB", "$.x=half", "$.x"] {
        assert!(check(&file, &["--max-bytes", bad]).error().contains("--max-bytes"), "{bad}");
    }
}

#[test]
fn a_size_is_of_the_file_or_of_a_path() {
    let directory = Directory::new();
    let file = checkpoint(&directory);
    check(&file, &["--max-bytes", "1MB", "--max-bytes", "$.optim=20kB", "--max-bytes", "$['my model']=30kB"]).ok();
    let ran = check(&file, &["--max-bytes", "1MB", "--max-bytes", "$.optim=2kB", "--max-bytes", "$['my model']=3kB"]);
    assert_eq!(ran.status.code(), Some(1));
    // Each that does not hold is said.
    assert!(ran.err.contains("$.optim has") && ran.err.contains("$['my model'] has"), "{}", ran.err);
}

#[test]
fn a_path_that_is_not_there_fails_and_the_nearest_is_named() {
    let directory = Directory::new();
    let file = checkpoint(&directory);
    for (path, nearest) in [("$.optm", "$[\"optim\"]"), ("$['my modle'].w", "[\"w\"]"), ("$.rows[*].nam", "[\"name\"]")]
    {
        for (option, most) in [("--max-share", "90%"), ("--max-bytes", "1GB")] {
            let check_it = |more: &[&str]| check(&file, &[&[option, &format!("{path}={most}")], more].concat());
            let ran = check_it(&[]);
            assert_eq!(ran.status.code(), Some(1), "{path}: {}", ran.err);
            let (said, meant) = (format!("there is no {path}"), ran.err.replace('\'', "\""));
            assert!(ran.err.contains(&said) && meant.contains("did you mean"), "{}", ran.err);
            assert!(meant.contains(nearest) || path.contains('['), "{}", ran.err);
            assert_eq!(check_it(&["--if-present"]).status.code(), Some(0));
        }
    }
    let ran = check(&file, &["--max-share", "$.nothing_like_this_at_all=9%"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.err.contains("--if-present"), "{}", ran.err);
}

#[test]
fn what_is_merged_is_held_against_what_stands_for_it() {
    let directory = Directory::new();
    let file = checkpoint(&directory);
    // All records together have no more.
    check(&file, &["--max-bytes", "$.rows[7].x=20kB"]).ok();
    let ran = check(&file, &["--max-bytes", "$.rows[7].x=10"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.err.contains("not told apart") && ran.err.contains("[*]"), "{}", ran.err);
    // The list is not as long.
    let ran = check(&file, &["--max-bytes", "$.rows[300].x=20kB"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.err.contains("there is no $.rows[300].x"), "{}", ran.err);
    check(&file, &["--max-bytes", "$.rows[300].x=20kB", "--if-present"]).ok();
}
