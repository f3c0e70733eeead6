//! The build of a generated program by the user's cargo, in the user's cache.

use super::package::Package;
use crate::host::{CacheDirectory, Registered, end_group, is_readable};
use crate::payload::show::RustFor;
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

/// How to build.
#[derive(Clone, Copy, Debug)]
pub struct Cargo<'a> {
    /// Whether nothing may be fetched.
    pub offline: bool,
    /// Set when the user wants to stop.
    pub interrupted: &'a AtomicBool,
}

/// The end of a build.
#[derive(Clone, Debug)]
pub enum Built {
    /// The program is there.
    Program(PathBuf),
    /// Some types do not compile, each with the first error: the others may.
    Without(Vec<(RustFor, String)>),
    /// There is no program, and why.
    Failed(String),
    /// The user wants to stop.
    Interrupted,
}

/// The target directory of all generated programs, so that the library is compiled once for a set of codecs.
const TARGET: &str = "derived/target";

/// The words of the last build, beside the sources.
const LOG: &str = "build.log";

/// Builds the program of a package, and says in short what is being compiled. Cargo finds out what is there already.
pub fn build(package: &Package, cargo: Cargo<'_>, tell: &mut dyn FnMut(&str)) -> Built {
    let prepared = (|| {
        let directory = CacheDirectory::open(format!("derived/{}", package.name))?;
        for (name, text) in &package.files {
            // Cargo leaves in a lock file what it needs, and its copy is the one to keep.
            if name != "Cargo.lock" || !directory.path().join(name).exists() {
                directory.write(name, text.as_bytes())?;
            }
        }
        // Two processes may build the same at once: cargo lets one wait.
        let messages = format!("build-{}.json", std::process::id());
        Ok((CacheDirectory::open(TARGET)?, directory.file(&messages)?, directory.path().join(messages), directory))
    })();
    let (target, messages, programs, directory) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return Built::Failed(cannot_write(&error)),
    };
    let command = command_in("build", &directory, &target, cargo);
    let ran = run(command, messages, cargo.interrupted, tell);
    let program = program_of(&programs);
    let _ = std::fs::remove_file(programs);
    let path = directory.path().join(LOG);
    if let Ran::Ended(_, words) = &ran
        && let Err(error) = directory.write(LOG, (words.join("\n") + "\n").as_bytes())
    {
        return Built::Failed(cannot_write(&error));
    }
    match ran {
        Ran::Ended(true, _) => match program {
            Some(program) => Built::Program(program),
            None => Built::Failed(format!("cargo built no program; {} has its words", path.display())),
        },
        Ran::Ended(false, words) => {
            let faulty = faulty_modules(package, &words);
            match faulty.is_empty() {
                true => Built::Failed(format!("{}; {} has the rest", first_error(&words), path.display())),
                false => Built::Without(faulty),
            }
        }
        Ran::NotStarted(reason) => Built::Failed(reason),
        Ran::Interrupted => Built::Interrupted,
    }
}

/// A call of cargo for a package that was built.
pub(super) fn cargo_command(verb: &str, package: &Package, cargo: Cargo<'_>) -> std::io::Result<Command> {
    let directory = CacheDirectory::open(format!("derived/{}", package.name))?;
    Ok(command_in(verb, &directory, &CacheDirectory::open(TARGET)?, cargo))
}

fn command_in(verb: &str, directory: &CacheDirectory, target: &CacheDirectory, cargo: Cargo<'_>) -> Command {
    let mut command = Command::new("cargo");
    command.args([verb, "--release", "--message-format", "json-render-diagnostics", "--color", "never"]);
    command.arg("--manifest-path").arg(directory.path().join("Cargo.toml")).arg("--target-dir").arg(target.path());
    if cargo.offline {
        command.arg("--offline");
    }
    command
}

pub(super) fn cannot_write(error: &std::io::Error) -> String {
    format!("the cache for derived code cannot be written: {error}")
}

/// How cargo ended.
pub(super) enum Ran {
    /// Whether it succeeded, and its words.
    Ended(bool, Vec<String>),
    NotStarted(String),
    Interrupted,
}

/// Runs cargo, and gathers its words.
pub(super) fn run(
    mut command: Command,
    messages: std::fs::File,
    interrupted: &AtomicBool,
    tell: &mut dyn FnMut(&str),
) -> Ran {
    let failed = |error: std::io::Error| {
        Ran::NotStarted(match error.kind() {
            std::io::ErrorKind::NotFound => "there is no cargo on the path, which builds derived code".to_owned(),
            _ => format!("cargo cannot be started: {error}"),
        })
    };
    // Its compilers and linkers end with it.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let started = UnixStream::pair().and_then(|(words, end)| {
        let process = command.stdin(Stdio::null()).stdout(messages).stderr(OwnedFd::from(end)).spawn()?;
        Ok((words, process))
    });
    // The command holds a copy of the end that cargo writes to.
    drop(command);
    let (words, mut process) = match started {
        Ok(started) => started,
        Err(error) => return failed(error),
    };
    let _registered = Registered::new(&process);
    let mut reader = BufReader::new(&words);
    let mut all = Vec::new();
    loop {
        let ready = !reader.buffer().is_empty()
            || match is_readable(&words, interrupted) {
                Ok(ready) => ready,
                Err(_) => {
                    end_group(&mut process);
                    return Ran::Interrupted;
                }
            };
        let mut line = String::new();
        match ready.then(|| reader.read_line(&mut line)) {
            None => {}
            Some(Ok(0) | Err(_)) => break,
            Some(Ok(_)) => {
                let line = line.trim_end().to_owned();
                if let Some(what) = line.trim_start().strip_prefix("Compiling ") {
                    tell(what.split(" (").next().unwrap_or(what));
                }
                all.push(line);
            }
        }
    }
    match process.wait() {
        Ok(status) => Ran::Ended(status.success(), all),
        Err(error) => failed(error),
    }
}

/// The program that cargo's messages name.
pub(super) fn program_of(messages: &Path) -> Option<PathBuf> {
    let text = std::fs::read_to_string(messages).ok()?;
    let messages = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut programs = messages.filter_map(|message| Some(PathBuf::from(message.get("executable")?.as_str()?)));
    programs.next_back()
}

/// The line that says best what is wrong.
pub(super) fn first_error(words: &[String]) -> String {
    let error = words.iter().find(|line| line.starts_with("error"));
    let last = words.iter().rev().find(|line| !line.trim().is_empty());
    error.or(last).map_or_else(|| "cargo failed without a word".to_owned(), |line| format!("cargo: {line}"))
}

/// The types that rustc complains about, each with the first complaint.
fn faulty_modules(package: &Package, words: &[String]) -> Vec<(RustFor, String)> {
    let mut faulty: Vec<(RustFor, String)> = Vec::new();
    let mut error = "";
    for line in words {
        if line.starts_with("error") {
            error = line;
            continue;
        }
        if line.starts_with("warning") {
            error = "";
        }
        let Some(place) = line.trim_start().strip_prefix("--> ").filter(|_| !error.is_empty()) else { continue };
        let file = place.split(':').next().unwrap_or(place);
        for (of, module) in &package.modules {
            if file.ends_with(module.as_str()) && !faulty.iter().any(|(known, _)| known == of) {
                faulty.push((*of, format!("its types do not compile: {error}")));
            }
        }
    }
    faulty
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{Field, RecordSchema, Schema};

    fn words(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_first_error_is_the_reason() {
        let text = "   Compiling a v1\nerror: no matching package named `a` found\n\nerror: could not compile `b`";
        assert_eq!(first_error(&words(text)), "cargo: error: no matching package named `a` found");
        assert_eq!(first_error(&words("Killed\n")), "cargo: Killed");
        assert_eq!(first_error(&[]), "cargo failed without a word");
    }

    #[test]
    fn types_that_do_not_compile_are_known_by_their_file() {
        let codecs = ["json", "postcard", "borsh"].map(str::to_owned);
        let schema = Schema::Record(RecordSchema::new("Row", vec![Field::new("id", Schema::I64)]));
        let package = Package::of(&schema, &codecs, &[]);
        let text =
            "error[E0277]: A: Borsh is not satisfied\n --> src/borsh.rs:7:3\n  |\nwarning: x\n --> src/named.rs:1:1";
        let faulty = faulty_modules(&package, &words(text));
        let reason = "its types do not compile: error[E0277]: A: Borsh is not satisfied".to_owned();
        assert_eq!(faulty, [(RustFor::Borsh, reason)]);
        // The forms for serde are one module.
        let text = "error: x\n --> src/named.rs:1:1";
        assert_eq!(faulty_modules(&package, &words(text)).len(), 2);
        assert!(faulty_modules(&package, &words("error: could not compile `x`")).is_empty());
    }
}
