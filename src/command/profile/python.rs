//! Which rows of Python are measured, and in which interpreters.

use crate::args::{OnOff, Profile};
use crate::codec::{PYTHON_PREFIX, PYTHON_ROWS, PythonRow};
use crate::measure::PythonCase;
use crate::payload::PayloadSpec;
use crate::python::{self, Interpreter};
use anyhow::{Context, bail};
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A name of `--codec` that is one of Python's: what stands before the colon, and behind it.
pub(super) fn split_name(text: &str) -> Option<(&str, &str)> {
    let (interpreter, row) = text.split_once(':')?;
    let version = interpreter.get(..PYTHON_PREFIX.len()).filter(|start| start.eq_ignore_ascii_case(PYTHON_PREFIX));
    let is_version = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || ".-".contains(c));
    (version.is_some() && is_version(&interpreter[PYTHON_PREFIX.len()..])).then_some((interpreter, row))
}

/// The interpreters that `--python` names, and the payloads that it was followed by: `--python range:10k` means the
/// payload, and the default.
pub(super) fn split_flag(args: &Profile) -> (Vec<OsString>, Vec<OsString>) {
    let is_payload = |given: &OsStr| match PayloadSpec::parse(given) {
        Ok(PayloadSpec::File(path)) => !is_program(&path),
        Ok(_) => true,
        Err(_) => given.to_str().and_then(|text| text.split_once(':')).is_some_and(|(name, _)| !name.contains('/')),
    };
    let (payloads, mut interpreters): (Vec<OsString>, Vec<OsString>) =
        args.python.iter().cloned().partition(|given| is_payload(given));
    if !payloads.is_empty() {
        interpreters.push(crate::python::DEFAULT.into());
    }
    (interpreters, payloads)
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// The rows of Python that are asked for: those that `--codec` names, or all where `--python` is given and `--codec` names
/// none of them. Starts every interpreter once, to see that it is there.
pub(super) fn trips(args: &Profile, interrupted: &AtomicBool) -> anyhow::Result<Vec<PythonCase>> {
    let named: Vec<(&str, &str)> = args.codec.iter().filter_map(|text| split_name(text)).collect();
    let (mut interpreters, _) = split_flag(args);
    if interpreters.is_empty() {
        if named.is_empty() {
            return Ok(Vec::new());
        }
        interpreters.push(crate::python::DEFAULT.into());
    }
    // Names of rows are looked at first: that takes no time.
    let named: Vec<(&str, &'static PythonRow)> = named
        .into_iter()
        .map(|(interpreter, row)| Ok((interpreter, find_row(row)?)))
        .collect::<anyhow::Result<_>>()
        .context("--codec")?;
    let found = python::find(&interpreters, args.python_gc == OnOff::On, interrupted)?;
    if named.is_empty() {
        let all = found.iter().flat_map(|interpreter| PYTHON_ROWS.iter().map(|row| trip(row, interpreter)));
        return Ok(all.collect());
    }
    for (name, row) in &named {
        if !found.iter().any(|interpreter| is_named(interpreter, name)) {
            let known: Vec<&str> = found.iter().map(|interpreter| interpreter.about.name.as_str()).collect();
            bail!(
                "--codec {name}:{}: no interpreter of this call is {name}; there is {}; --python names more",
                row.name,
                known.join(", ")
            );
        }
    }
    let mut trips: Vec<PythonCase> = Vec::new();
    for interpreter in &found {
        for (name, row) in &named {
            let known = trips
                .iter()
                .any(|known| known.row.name == row.name && known.interpreter.about.name == interpreter.about.name);
            if is_named(interpreter, name) && !known {
                trips.push(trip(row, interpreter));
            }
        }
    }
    Ok(trips)
}

/// `python` alone names every interpreter.
fn is_named(interpreter: &Interpreter, name: &str) -> bool {
    name.eq_ignore_ascii_case(PYTHON_PREFIX) || name.eq_ignore_ascii_case(&interpreter.about.name)
}

fn trip(row: &'static PythonRow, interpreter: &Arc<Interpreter>) -> PythonCase {
    PythonCase { row, interpreter: Arc::clone(interpreter) }
}

/// The name in tables of a row that is named in any case or by an alias.
pub(super) fn full_name(interpreter: &str, row: &str) -> anyhow::Result<String> {
    Ok(format!("{}:{}", interpreter.to_lowercase(), find_row(row)?.name))
}

fn find_row(name: &str) -> anyhow::Result<&'static PythonRow> {
    if let Some((codec, compressor)) = name.split_once('+') {
        bail!(
            "{PYTHON_PREFIX}:{name}: rows of Python have no compressor; leave out \"+{compressor}\", and see what it does to \
             another codec, as in \"json+{compressor}\" beside \"{PYTHON_PREFIX}:{codec}\""
        );
    }
    PythonRow::find(name).with_context(|| {
        let near = PythonRow::nearest(name).map(|near| format!("did you mean {near:?}? ")).unwrap_or_default();
        format!("unknown row \"{PYTHON_PREFIX}:{name}\"; {near}\"sercost list python\" shows all")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_python_are_told_from_others() {
        assert_eq!(split_name("python:json"), Some(("python", "json")));
        assert_eq!(split_name("Python3.8:pickle5"), Some(("Python3.8", "pickle5")));
        assert_eq!(split_name("python3.11-2:json"), Some(("python3.11-2", "json")));
        for other in ["json", "serde-pickle:2", "pythonic:json", "pyth:json", "json+zstd:3", "python", "pyt\u{e9}:x"] {
            assert_eq!(split_name(other), None, "{other}");
        }
    }
}
