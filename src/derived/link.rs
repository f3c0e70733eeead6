//! Layouts of a generated program: the same compiled code, linked again with its functions in another order.

use super::build::{Cargo, Ran, cannot_write, cargo_command, first_error, program_of, run};
use super::package::Package;
use crate::host::CacheDirectory;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs of the same code.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The seed by which each was shuffled, and its file.
    pub seeded: Vec<(u64, PathBuf)>,
    /// The linker, as it calls itself.
    pub linker: Option<String>,
}

/// The end of linking.
#[derive(Clone, Debug)]
pub enum Linked {
    /// A program for each seed.
    Programs(Programs),
    /// There are no layouts, and why.
    Failed(String),
    /// The user wants to stop.
    Interrupted,
}

/// The options by which linkers shuffle. What is moved are functions and read-only data, which each have a section of their own;
/// tables that are in a certain order stay so.
const SHUFFLED: [&str; 2] = [".text*", ".rodata*"];

/// The directory of the programs, in that of the package.
const LAYOUTS: &str = "layouts";

/// Links a package that was built once for each seed. The code is not compiled again: only the call of it is.
pub fn link(package: &Package, cargo: Cargo<'_>, seeds: &[u64], tell: &mut dyn FnMut(usize)) -> Linked {
    let directory = match CacheDirectory::open(format!("derived/{}/{LAYOUTS}", package.name)) {
        Ok(directory) => directory,
        Err(error) => return Linked::Failed(cannot_write(&error)),
    };
    let mut seeded = Vec::new();
    // Where the usual linker cannot shuffle, the one that comes with the compiler can.
    let mut linkers = vec![Vec::new(), own_linker()].into_iter();
    let mut linker = linkers.next().unwrap_or_default();
    let mut fault: Option<String> = None;
    for (at, &seed) in seeds.iter().enumerate() {
        tell(at);
        loop {
            match link_one(package, cargo, seed, &linker, &directory) {
                One::Program(program) => break seeded.push((seed, program)),
                One::Interrupted => return Linked::Interrupted,
                One::Failed(reason) => return Linked::Failed(reason),
                One::CannotShuffle(reason) => {
                    let fault = fault.get_or_insert(reason);
                    match linkers.next() {
                        Some(next) => linker = next,
                        None => return Linked::Failed(cannot_shuffle(fault)),
                    }
                }
            }
        }
    }
    let linker = seeded.first().and_then(|(_, program)| linker_of(program));
    Linked::Programs(Programs { seeded, linker })
}

fn cannot_shuffle(words: &str) -> String {
    let remedy = if cfg!(target_os = "linux") {
        "install lld (the package lld of most distributions)"
    } else {
        "--layouts needs lld, and Linux"
    };
    format!("the linker cannot shuffle functions ({words}); {remedy}")
}

/// The end of one link.
enum One {
    Program(PathBuf),
    /// The linker's own words.
    CannotShuffle(String),
    Failed(String),
    Interrupted,
}

fn link_one(package: &Package, cargo: Cargo<'_>, seed: u64, linker: &[String], directory: &CacheDirectory) -> One {
    let name = format!("{seed}-{}.json", std::process::id());
    let messages = match directory.file(&name) {
        Ok(messages) => messages,
        Err(error) => return One::Failed(cannot_write(&error)),
    };
    let mut command = match cargo_command("rustc", package, cargo) {
        Ok(command) => command,
        Err(error) => return One::Failed(cannot_write(&error)),
    };
    // Arguments of the last crate alone: those in the environment would compile all of them again.
    command.args(["--bin", &package.name, "--"]).args(linker);
    command.args(SHUFFLED.map(|sections| format!("-Clink-arg=-Wl,--shuffle-sections={sections}={seed}")));
    let ran = run(command, messages, cargo.interrupted, &mut |_| {});
    let messages = directory.path().join(name);
    let program = program_of(&messages);
    let _ = std::fs::remove_file(messages);
    match (ran, program) {
        (Ran::Ended(true, _), Some(program)) => {
            // The next link has the same place.
            match directory.copy(&program, &seed.to_string()) {
                Ok(own) => One::Program(own),
                Err(error) => One::Failed(cannot_write(&error)),
            }
        }
        (Ran::Ended(true, _), None) => One::Failed("cargo linked no program".to_owned()),
        (Ran::Ended(false, words), _) => match complaint(&words) {
            Some(complaint) => One::CannotShuffle(complaint),
            None => One::Failed(first_error(&words)),
        },
        (Ran::NotStarted(reason), _) => One::Failed(reason),
        (Ran::Interrupted, _) => One::Interrupted,
    }
}

/// The line in which a linker refuses to shuffle, or a compiler knows no such linker.
fn complaint(words: &[String]) -> Option<String> {
    // The command itself is one of the lines, and names all options.
    let says = |line: &&String| {
        let line = line.trim_start().trim_start_matches("= note: ");
        let refuses = ["unrecognized", "unknown", "unsupported", "cannot find 'ld'", "cannot find ld"];
        line.len() < 300 && refuses.iter().any(|word| line.contains(word))
    };
    let line = words.iter().find(says)?.trim_start().trim_start_matches("= note: ");
    Some(line.split("; use the --help").next().unwrap_or(line).to_owned())
}

/// The options for the linker that comes with the compiler, or another of that name.
fn own_linker() -> Vec<String> {
    let mut options = vec!["-Clink-arg=-fuse-ld=lld".to_owned()];
    let said = |arguments: &[&str]| {
        let output = Command::new("rustc").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    if let (Some(root), Some(version)) = (said(&["--print", "sysroot"]), said(&["-vV"]))
        && let Some(host) = version.lines().find_map(|line| line.strip_prefix("host: "))
    {
        let directory = Path::new(root.trim()).join("lib/rustlib").join(host).join("bin/gcc-ld");
        if directory.is_dir() {
            options.push(format!("-Clink-arg=-B{}", directory.display()));
        }
    }
    options
}

/// The name that a linker leaves in what it links, as in `LLD 21.1.8`.
fn linker_of(program: &Path) -> Option<String> {
    const BEFORE: &[u8] = b"Linker: ";
    let bytes = std::fs::read(program).ok()?;
    let mut all = bytes.windows(BEFORE.len()).enumerate().filter(|(_, window)| *window == BEFORE);
    all.find_map(|(at, _)| {
        let name = bytes[at + BEFORE.len()..].split(|&byte| byte == 0 || byte == b'(').next()?;
        let name = std::str::from_utf8(name).ok()?.trim();
        (name.len() < 40 && !name.is_empty() && name.is_ascii()).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linker_that_cannot_shuffle_is_known_by_its_words() {
        let words = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let gnu = "error: linking with `cc` failed: exit status: 1\n  = note:  \"cc\" \"-Wl,--shuffle-sections=.text*=1\"\n  \
                   = note: /usr/bin/ld.bfd: unrecognized option '--shuffle-sections=.text*=1'\n          \
                   /usr/bin/ld.bfd: use the --help option for usage information";
        let found = complaint(&words(gnu)).expect("it refuses");
        assert_eq!(found, "/usr/bin/ld.bfd: unrecognized option '--shuffle-sections=.text*=1'");
        let none = "  = note: collect2: fatal error: cannot find 'ld'";
        assert_eq!(complaint(&words(none)).expect("there is none"), "collect2: fatal error: cannot find 'ld'");
        assert_eq!(complaint(&words("error: linking with `cc` failed\n  = note: undefined symbol: f")), None);
        let message = cannot_shuffle(&found);
        assert!(message.starts_with("the linker cannot shuffle functions (/usr/bin/ld.bfd: unrec"), "{message}");
    }
}
