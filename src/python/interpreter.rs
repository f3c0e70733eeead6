//! The search for interpreters, which starts each of them. All verbs share its errors.

use super::Process;
use crate::codec::PYTHON_PREFIX;
use crate::host::ChildError;
use crate::model;
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The interpreter if none is named.
pub const DEFAULT: &str = "python3";

/// Modules that a Python may have been built without, and that pools of processes need.
const POOL_MODULES: &[&str] = &["multiprocessing.pool", "concurrent.futures.process", "mmap", "fcntl"];
/// The same, needed by shared memory only.
const SHARED_MEMORY_MODULES: &[&str] = &["multiprocessing.shared_memory", "_posixshmem"];

/// A usable interpreter.
#[derive(Clone, Debug)]
pub struct Interpreter {
    /// The program.
    pub program: OsString,
    /// Its entry in the results file.
    pub about: model::Interpreter,
    /// The cost of reading the clock in it, in nanoseconds.
    pub clock_overhead_ns: f64,
    /// Missing modules for shared memory; filled by [`find_for_pools`].
    pub missing: Vec<String>,
}

/// The reason that there is no interpreter.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// None was named, and there is none.
    #[error(
        "no Python found: there is no python3 on the path; install CPython 3.8 or later, or name one with --python"
    )]
    None,
    /// It cannot be started, is not CPython, is older than 3.8, or lacks something.
    #[error("--python {given} cannot be used: {reason}; name a CPython 3.8 or later, as in --python /usr/bin/python3")]
    Unusable {
        /// As it was named.
        given: String,
        /// Why not.
        reason: String,
    },
    /// The user stopped it.
    #[error("--python: interrupted")]
    Interrupted,
}

impl FindError {
    fn of(given: &OsStr, error: ChildError) -> Self {
        match error {
            ChildError::Interrupted => FindError::Interrupted,
            ChildError::NotFound if given == DEFAULT => FindError::None,
            error => FindError::Unusable { given: given.to_string_lossy().into_owned(), reason: error.to_string() },
        }
    }
}

/// Finds the interpreters of these names, each a program on the path or a path. Those that are the same program are taken
/// once. `gc` says whether their garbage collector will be on.
///
/// # Errors
///
/// When one cannot be used, or the user stopped it.
pub fn find(names: &[OsString], gc: bool, interrupted: &AtomicBool) -> Result<Vec<Arc<Interpreter>>, FindError> {
    let mut found: Vec<Interpreter> = Vec::new();
    for given in names {
        let new = started(given, gc, interrupted).map_err(|error| FindError::of(given, error))?.1;
        let is_same = |known: &Interpreter| {
            known.program == *given
                || (!new.about.executable.is_empty()
                    && known.about.executable == new.about.executable
                    && known.about.build == new.about.build)
        };
        if !found.iter().any(is_same) {
            found.push(new);
        }
    }
    let versions: Vec<String> = found.iter().map(|interpreter| interpreter.about.version.clone()).collect();
    for (interpreter, name) in found.iter_mut().zip(told_apart(&versions)) {
        interpreter.about.name = name;
    }
    Ok(found.into_iter().map(Arc::new).collect())
}

/// Finds the interpreter of that name, or `python3` on the path, and looks whether it has what pools need.
///
/// # Errors
///
/// When it cannot be used, or the user stopped it.
pub fn find_for_pools(name: Option<&OsStr>, interrupted: &AtomicBool) -> Result<Interpreter, FindError> {
    let given = name.unwrap_or(OsStr::new(DEFAULT));
    let found = || -> Result<Interpreter, ChildError> {
        let (mut process, mut interpreter) = started(given, true, interrupted)?;
        let missing = missing(&mut process, POOL_MODULES, interrupted)?;
        if !missing.is_empty() {
            let missing = missing.join(", ");
            return Err(ChildError::Refused(format!("it has no module {missing}, which pools of processes need")));
        }
        interpreter.missing = self::missing(&mut process, SHARED_MEMORY_MODULES, interrupted)?;
        Ok(interpreter)
    };
    found().map_err(|error| FindError::of(given, error))
}

/// Starts an interpreter and takes its hello.
fn started(given: &OsStr, gc: bool, interrupted: &AtomicBool) -> Result<(Process, Interpreter), ChildError> {
    let mut process = Process::start(given, "the program")?;
    let hello = process.hello(interrupted)?;
    let about = model::Interpreter {
        name: PYTHON_PREFIX.to_owned(),
        given: given.to_string_lossy().into_owned(),
        version: hello.version,
        build: hello.build.split_whitespace().collect::<Vec<_>>().join(" "),
        executable: hello.executable,
        gc,
    };
    let program = given.to_owned();
    Ok((process, Interpreter { program, about, clock_overhead_ns: hello.clock_overhead_ns, missing: Vec::new() }))
}

/// The modules that cannot be imported.
fn missing(process: &mut Process, modules: &[&str], interrupted: &AtomicBool) -> Result<Vec<String>, ChildError> {
    #[derive(Serialize)]
    #[serde(tag = "do", rename_all = "snake_case")]
    enum Request<'a> {
        Modules { names: &'a [&'a str] },
    }
    #[derive(Deserialize)]
    struct Answer {
        missing: Vec<String>,
    }
    process.request(&Request::Modules { names: modules })?;
    Ok(process.answer::<Answer>(interrupted)?.missing)
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
