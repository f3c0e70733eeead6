//! Instructions of operations, counted by callgrind: the same number again and again, where times scatter.

use super::job::Job;
use crate::host::{Registered, RunDirectory, how_it_ended};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What is counted, and where.
#[derive(Clone, Debug)]
pub struct Tool<'t> {
    /// The program that makes the operations.
    pub program: PathBuf,
    /// Its first argument.
    pub verb: &'t str,
    /// The name of the function that is counted.
    pub function: &'t str,
    /// Set when the user wants to stop.
    pub interrupted: &'t AtomicBool,
}

/// Why there are no counts.
#[derive(Debug, thiserror::Error)]
pub enum CountError {
    /// In words.
    #[error("{0}")]
    Failed(String),
    /// The user wants to stop.
    #[error("interrupted")]
    Interrupted,
}

/// How often it is looked whether the user wants to stop.
const LOOK: Duration = Duration::from_millis(50);

/// Makes the operations of a job under callgrind: the line that the program wrote for each, and its instructions.
///
/// # Errors
///
/// In words, when there is no valgrind, or it counts nothing.
pub fn count(tool: &Tool<'_>, job: &Job) -> Result<Vec<(String, u64)>, CountError> {
    let failed = |error: std::io::Error| CountError::Failed(format!("callgrind cannot be started: {error}"));
    let directory = RunDirectory::create(0).map_err(failed)?;
    directory.write("job", &job.to_bytes().map_err(CountError::Failed)?).map_err(failed)?;
    let dumps = directory.path().join("counts");
    let mut command = Command::new("valgrind");
    command.args(["-q", "--tool=callgrind"]).arg(format!("--callgrind-out-file={}", dumps.display()));
    // Nothing is collected but within the function, and each call has a file.
    command.arg(format!("--toggle-collect={}", tool.function)).arg(format!("--dump-after={}", tool.function));
    command.arg(&tool.program).arg(tool.verb).arg(directory.path().join("job"));
    command.stdin(Stdio::null()).stdout(directory.file("lines").map_err(failed)?);
    command.stderr(directory.file("errors").map_err(failed)?);
    let mut process = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => CountError::Failed(
            "there is no valgrind on the path, which counts instructions; install the package valgrind".to_owned(),
        ),
        _ => failed(error),
    })?;
    let registered = Registered::new(&process);
    let status = loop {
        if tool.interrupted.load(Ordering::Relaxed) {
            let _ = process.kill();
            let _ = process.wait();
            return Err(CountError::Interrupted);
        }
        match process.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => std::thread::sleep(LOOK),
            Err(error) => return Err(failed(error)),
        }
    };
    let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap_or_default();
    if !status.success() {
        let words = read("errors");
        let last = words.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        let ended = how_it_ended(&mut process, "callgrind");
        return Err(CountError::Failed(format!("{ended}: {last}")));
    }
    drop(registered);
    let lines = read("lines");
    let numbered = lines.lines().enumerate();
    let counts: Option<Vec<(String, u64)>> =
        numbered.map(|(at, line)| Some((line.to_owned(), instructions(&dumps, at + 1)?))).collect();
    counts.filter(|counts| counts.iter().any(|(_, count)| *count > 0)).ok_or_else(|| {
        let program = tool.program.display();
        CountError::Failed(format!("callgrind knows no functions of {program}; build it without stripping symbols"))
    })
}

/// The instructions of a file of callgrind.
fn instructions(dumps: &Path, number: usize) -> Option<u64> {
    let text = std::fs::read_to_string(format!("{}.{number}", dumps.display())).ok()?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "))?;
    total.split_whitespace().next()?.parse().ok()
}
