//! The Python that runs a scenario.

use crate::model;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The oldest version whose pools the agent knows.
const OLDEST: (u64, u64) = (3, 8);

/// Understood by every Python there ever was: which one it is, and which modules it lacks.
const PROBE: &str = "import sys
missing = []
for name in ['multiprocessing.pool', 'multiprocessing.shared_memory', 'concurrent.futures.process', 'mmap', 'fcntl', '_posixshmem']:
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
implementation = getattr(getattr(sys, 'implementation', None), 'name', 'cpython')
print('%d.%d.%d %s %s' % (tuple(sys.version_info[:3]) + (implementation, ','.join(missing))))
print(' '.join(sys.version.split()))
print(sys.executable)
";

/// An interpreter that can run scenarios.
#[derive(Clone, Debug)]
pub struct Interpreter {
    /// The program.
    pub program: OsString,
    /// What the results file holds of it.
    pub about: model::Interpreter,
    /// Modules that it was built without.
    pub missing: Vec<String>,
}

/// Why there is no interpreter.
#[derive(Debug, thiserror::Error)]
pub enum InterpreterError {
    /// None was named, and there is none.
    #[error(
        "no Python found: there is no python3 on the path; install CPython 3.8 or later, or name one with --python"
    )]
    None,
    /// It cannot be started.
    #[error("cannot start the Python {program:?}: {reason}; name another with --python")]
    Start {
        /// As it was named.
        program: PathBuf,
        /// Why not.
        reason: std::io::Error,
    },
    /// It does not answer as a Python would.
    #[error("{program:?} is no Python: {said}; name another with --python")]
    Foreign {
        /// As it was named.
        program: PathBuf,
        /// What it said instead.
        said: String,
    },
    /// It is not one that the agent knows.
    #[error("{program:?} is {found}, and the scenarios need CPython 3.8 or later; name another with --python")]
    Version {
        /// As it was named.
        program: PathBuf,
        /// What it is.
        found: String,
    },
    /// It was built without what every scenario needs.
    #[error("{program:?} has no module {modules}, which pools of processes need; name another Python with --python")]
    Module {
        /// As it was named.
        program: PathBuf,
        /// Which.
        modules: String,
    },
}

impl Interpreter {
    /// The interpreter that was named, or `python3` on the path.
    ///
    /// # Errors
    ///
    /// When there is none, or it is too old or incomplete.
    pub fn find(named: Option<&std::path::Path>) -> Result<Interpreter, InterpreterError> {
        let program = named.map_or_else(|| OsString::from("python3"), |path| path.as_os_str().to_owned());
        let path = PathBuf::from(&program);
        let output =
            Command::new(&program).args(["-c", PROBE]).stdin(Stdio::null()).output().map_err(|reason| match named {
                None if reason.kind() == std::io::ErrorKind::NotFound => InterpreterError::None,
                _ => InterpreterError::Start { program: path.clone(), reason },
            })?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let foreign = || {
            let error = String::from_utf8_lossy(&output.stderr);
            let last = error.lines().last().filter(|line| !line.is_empty());
            let said = last.map_or_else(|| format!("it ended with {}", output.status), shortened);
            InterpreterError::Foreign { program: path.clone(), said }
        };
        let mut lines = said.lines();
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(version), Some(implementation)) = (words.next(), words.next()) else { return Err(foreign()) };
        let numbers: Vec<u64> = version.split('.').filter_map(|number| number.parse().ok()).collect();
        let &[major, minor, _] = &numbers[..] else { return Err(foreign()) };
        if implementation != "cpython" || (major, minor) < OLDEST {
            let name = if implementation == "cpython" { "Python" } else { implementation };
            return Err(InterpreterError::Version { program: path, found: format!("{name} {version}") });
        }
        let missing: Vec<String> =
            words.next().unwrap_or("").split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        // Shared memory is needed by the scenario of that name only.
        let needed: Vec<&str> = missing
            .iter()
            .map(String::as_str)
            .filter(|name| !name.contains("shared_memory") && !name.contains("shmem"))
            .collect();
        if !needed.is_empty() {
            return Err(InterpreterError::Module { program: path, modules: needed.join(", ") });
        }
        let mut line = || lines.next().unwrap_or_default().to_owned();
        let about = model::Interpreter {
            name: "python".to_owned(),
            given: program.to_string_lossy().into_owned(),
            version: version.to_owned(),
            build: line(),
            executable: line(),
            // As in the user's own programs.
            gc: true,
        };
        Ok(Interpreter { program, about, missing })
    }
}

/// As much of a line as an error message can quote.
fn shortened(line: &str) -> String {
    const MOST: usize = 120;
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
