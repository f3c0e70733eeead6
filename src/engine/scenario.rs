//! The scenarios: ways in which data comes to a task, each a few lines of Python as people write them.

use crate::model::nearest;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// A built-in scenario.
#[derive(Debug)]
pub struct Scenario {
    /// The name on the command line.
    pub name: &'static str,
    /// The place of the data, in a sentence.
    pub what: &'static str,
    /// The program.
    pub source: &'static str,
    /// Whether there is data at all.
    pub has_payload: bool,
}

macro_rules! scenario {
    ($name:literal, $file:literal, $has_payload:literal, $what:literal) => {
        Scenario {
            name: $name,
            what: $what,
            source: include_str!(concat!("../../python/scenarios/", $file)),
            has_payload: $has_payload,
        }
    };
}

/// All of them, in the order of the documentation.
pub const SCENARIOS: &[Scenario] = &[
    scenario!("default-arg", "default_arg.py", true, "the data is the default value of an argument of the function"),
    scenario!("partial", "partial.py", true, "the data is bound to the function by functools.partial"),
    scenario!("args", "args.py", true, "the data is the argument of every task"),
    scenario!("return", "return.py", true, "the data is what every task returns"),
    scenario!("initializer", "initializer.py", true, "the data is given to each worker once, by its initializer"),
    scenario!("global", "global.py", true, "the data is a global of the module"),
    scenario!(
        "shared-memory",
        "shared_memory.py",
        true,
        "the data lies in multiprocessing.shared_memory, and workers look at it through a view"
    ),
    scenario!("bound-method", "bound_method.py", true, "the task is a method of an object that holds the data"),
    scenario!("noop", "noop.py", false, "no data at all"),
];

/// The name of the function of `sercost_tasks` that gives the data.
const PAYLOAD: &[u8] = b"payload";

/// A scenario as it is given on the command line.
#[derive(Clone, Debug)]
pub enum ScenarioSpec {
    /// A built-in one.
    BuiltIn(&'static Scenario),
    /// The user's own program, which ends in `run(...)` as the built-in ones do.
    File(PathBuf),
}

/// The reason that there is no such scenario.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// It is neither built in nor a file.
    #[error(
        "unknown scenario {name:?}; {}there are {}, or a Python file with a path or the ending .py",
        .nearest.map(|name| format!("did you mean {name:?}? ")).unwrap_or_default(),
        SCENARIOS.iter().map(|scenario| scenario.name).collect::<Vec<_>>().join(", ")
    )]
    Unknown {
        /// The given name.
        name: String,
        /// The name that was probably meant.
        nearest: Option<&'static str>,
    },
    /// The file cannot be read.
    #[error("cannot read the scenario {path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: std::io::Error,
    },
}

impl ScenarioSpec {
    /// The scenario of that name, or in that file.
    ///
    /// # Errors
    ///
    /// When there is no such scenario, or the file cannot be read.
    pub fn parse(given: impl AsRef<OsStr>) -> Result<ScenarioSpec, ScenarioError> {
        let given = given.as_ref();
        let text = given.to_string_lossy();
        if text.ends_with(".py") || text.contains('/') {
            let path = Path::new(given).to_owned();
            return match std::fs::metadata(&path).and_then(|_| std::fs::File::open(&path)) {
                Ok(_) => Ok(ScenarioSpec::File(path)),
                Err(reason) => Err(ScenarioError::File { path, reason }),
            };
        }
        // As Python would spell it, too.
        let name = text.replace('_', "-").to_lowercase();
        if let Some(scenario) = SCENARIOS.iter().find(|scenario| scenario.name == name) {
            return Ok(ScenarioSpec::BuiltIn(scenario));
        }
        let nearest = nearest(&name, SCENARIOS.iter().map(|scenario| scenario.name));
        Err(ScenarioError::Unknown { name: text.into_owned(), nearest })
    }

    /// The name in the results.
    pub fn name(&self) -> String {
        match self {
            ScenarioSpec::BuiltIn(scenario) => scenario.name.to_owned(),
            ScenarioSpec::File(path) => path.display().to_string(),
        }
    }

    /// Its description in a sentence.
    pub fn what(&self) -> &'static str {
        match self {
            ScenarioSpec::BuiltIn(scenario) => scenario.what,
            ScenarioSpec::File(_) => "a program of your own",
        }
    }

    /// Whether it may ask for the payload. A program of the user's own does so by the name of a function, which is looked for
    /// where it can be read twice.
    pub fn has_payload(&self) -> bool {
        match self {
            ScenarioSpec::BuiltIn(scenario) => scenario.has_payload,
            ScenarioSpec::File(path) => {
                let is_regular = std::fs::metadata(path).is_ok_and(|about| about.is_file());
                let source = is_regular.then(|| std::fs::read(path).ok()).flatten();
                source.is_none_or(|source| source.windows(PAYLOAD.len()).any(|own| own == PAYLOAD))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_they_are_written_in_either_language() {
        for scenario in SCENARIOS {
            for name in [scenario.name.to_owned(), scenario.name.replace('-', "_").to_uppercase()] {
                assert_eq!(ScenarioSpec::parse(&name).expect("is known").name(), scenario.name);
            }
        }
        let error = ScenarioSpec::parse("partail").expect_err("is not known").to_string();
        assert!(error.contains("did you mean \"partial\"?"), "{error}");
        assert!(ScenarioSpec::parse("no/such.py").is_err());
    }

    #[test]
    fn every_scenario_ends_in_a_run_under_the_guard_that_spawn_needs() {
        for scenario in SCENARIOS {
            let (_, main) = scenario.source.split_once("\nif __name__ == \"__main__\":\n").expect(scenario.name);
            assert!(main.contains("run("), "{}", scenario.name);
        }
    }
}
