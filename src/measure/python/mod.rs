//! Rows measured inside CPython: encoded in one interpreter, carried by `multiprocessing.connection`, decoded in another.
//!
//! They take part in the same rounds as the rows of Rust. For a turn of such a row sercost tells the receiving
//! interpreter what comes, waits until it is about to read, and then asks the sending one for a sample. Both read the clock
//! that sercost reads. What runs inside, and what they say to one another, is in `python/sercost_rows.py`.

mod form;
mod pair;
mod process;
mod turn;

pub(super) use pair::Pairs;

use crate::codec::{PYTHON_PREFIX, PythonRow};
use crate::host::ChildError;
use crate::model;
use process::Process;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The transport of all rows of Python, which is not among those that can be chosen.
pub const PYTHON_TRANSPORT: &str = "multiprocessing";

/// An interpreter that was found to be there.
#[derive(Clone, Debug)]
pub struct Interpreter {
    /// What the results file holds of it.
    pub about: model::Interpreter,
    /// What a reading of the clock costs in it, in nanoseconds.
    pub clock_overhead_ns: f64,
}

/// A row in an interpreter.
#[derive(Clone, Debug)]
pub struct PythonTrip {
    /// The row.
    pub row: &'static PythonRow,
    /// Where it runs.
    pub interpreter: Arc<Interpreter>,
}

impl PythonTrip {
    /// The name in tables and results: `python:pickle5`, or `python3.8:pickle5` where there are several interpreters.
    pub fn name(&self) -> String {
        format!("{}:{}", self.interpreter.about.name, self.row.name)
    }

    /// The interpreter's version, and before it that of the module where it is known and not the interpreter's own.
    pub(super) fn version(&self, module: Option<&str>) -> String {
        let interpreter = format!("CPython {}", self.interpreter.about.version);
        module.map_or(interpreter.clone(), |module| format!("{module}, {interpreter}"))
    }
}

/// Finds the interpreters of these names, each a program on the path or a path, by starting them. Those that are the same
/// program are taken once.
///
/// # Errors
///
/// In words, when one cannot be started, is not CPython, or is older than 3.8; `None` when the user stopped it.
pub fn find_interpreters(
    names: &[String],
    gc: bool,
    interrupted: &AtomicBool,
) -> Result<Vec<Arc<Interpreter>>, Option<String>> {
    let mut found: Vec<Interpreter> = Vec::new();
    for given in names {
        let hello = Process::start(given, "the program").and_then(|mut process| process.hello(interrupted));
        let hello = hello.map_err(|error| match error {
            ChildError::Interrupted => None,
            ChildError::Lost(reason) | ChildError::Refused(reason) => Some(format!(
                "{given} cannot be used: {reason}; name a CPython 3.8 or later, as in --python /usr/bin/python3"
            )),
        })?;
        let known = |known: &Interpreter| {
            known.about.given == *given
                || (!hello.executable.is_empty()
                    && known.about.executable == hello.executable
                    && known.about.build == hello.build)
        };
        if found.iter().any(known) {
            continue;
        }
        found.push(Interpreter {
            about: model::Interpreter {
                name: PYTHON_PREFIX.to_owned(),
                given: given.clone(),
                version: hello.version,
                build: hello.build,
                executable: hello.executable,
                gc,
            },
            clock_overhead_ns: hello.clock_overhead_ns,
        });
    }
    let versions: Vec<String> = found.iter().map(|interpreter| interpreter.about.version.clone()).collect();
    for (interpreter, name) in found.iter_mut().zip(told_apart(&versions)) {
        interpreter.about.name = name;
    }
    Ok(found.into_iter().map(Arc::new).collect())
}

/// A name for each version: `python` for a single one, else with as much of the version as tells them apart, and a number
/// behind those that have the same one.
fn told_apart(versions: &[String]) -> Vec<String> {
    if versions.len() == 1 {
        return vec![PYTHON_PREFIX.to_owned()];
    }
    let minor = |version: &str| version.rsplit_once('.').map_or(version.to_owned(), |(minor, _)| minor.to_owned());
    let by_minor = versions.iter().all(|a| versions.iter().all(|b| a == b || minor(a) != minor(b)));
    let mut names: Vec<String> = Vec::new();
    for (at, version) in versions.iter().enumerate() {
        let name = format!("{PYTHON_PREFIX}{}", if by_minor { minor(version) } else { version.clone() });
        names.push(match versions[..at].iter().filter(|before| *before == version).count() {
            0 => name,
            before => format!("{name}-{}", before + 1),
        });
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_are_told_apart_by_as_little_as_does() {
        let names = |versions: &[&str]| told_apart(&versions.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&["3.11.7"]), ["python"]);
        assert_eq!(names(&["3.8.18", "3.13.0"]), ["python3.8", "python3.13"]);
        assert_eq!(names(&["3.11.7", "3.11.9", "3.8.1"]), ["python3.11.7", "python3.11.9", "python3.8.1"]);
        assert_eq!(names(&["3.11.7", "3.11.7", "3.9.1"]), ["python3.11", "python3.11-2", "python3.9"]);
    }
}
