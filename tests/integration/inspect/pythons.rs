//! The Python interpreters of this machine, those of Python 2 too.

use crate::pythons::candidates;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The interpreters that run, one of each version. What was found is printed.
pub fn all() -> Vec<PathBuf> {
    let mut candidates = candidates(0);
    candidates.push("python2".into());
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for python in candidates {
        let Some(version) = version(&python) else { continue };
        if !seen.contains(&version) {
            println!("found: {version} at {}", python.display());
            seen.push(version);
            found.push(python);
        }
    }
    assert!(!found.is_empty(), "these tests need a python3 on the path");
    found
}

/// The interpreter that is there for sure.
pub fn python3() -> PathBuf {
    "python3".into()
}

fn version(python: &Path) -> Option<String> {
    let output = Command::new(python).args(["-c", "import sys; print(sys.version.split()[0])"]).output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !version.is_empty()).then_some(version)
}

/// Runs a script of the source with arguments; what it prints.
#[track_caller]
pub fn run(python: &Path, script: &str, arguments: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let output = Command::new(python).arg("-B").arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{python:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
