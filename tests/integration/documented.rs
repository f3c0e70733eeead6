//! Every command in README.md and docs/ runs on a fresh clone.
//!
//! A command is a line of a block of `sh`, or one that begins with `$ ` where its output is shown too. The commands of a
//! document run one after the other in one directory that has nothing but `fixtures/`, so that what one writes another may
//! read. Counts and times are made small before; nothing else is changed.

use crate::tools::{Directory, finish};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Commands that are not sercost's but belong to a developer's work.
const FOREIGN: [&str; 5] = ["make ", "cargo install", "cargo bench", "flamegraph.pl", "cargo clippy"];

/// Tools that not every machine has.
const OPTIONAL: [&str; 2] = ["jq", "column"];

/// One command, and whether the document shows that it ends in an error.
#[derive(Debug, PartialEq)]
struct Documented {
    command: String,
    fails: bool,
}

/// The commands of a document.
fn commands(text: &str) -> Vec<Documented> {
    let mut commands: Vec<Documented> = Vec::new();
    let mut block: Option<&str> = None;
    let mut document = None;
    for line in text.lines() {
        let bare = line.trim_start();
        if let Some(fence) = bare.strip_prefix("```") {
            block = if block.is_some() { None } else { Some(fence) };
            document = None;
            continue;
        }
        if let Some(end) = document.clone() {
            let last: &mut Documented = commands.last_mut().unwrap();
            last.command.push_str(&format!("\n{line}"));
            if line == end {
                document = None;
            }
            continue;
        }
        let command = match block {
            Some("sh") => Some(bare),
            _ => bare.strip_prefix("$ ").filter(|_| block.is_some() || line.starts_with("    ")),
        };
        if let Some(command) = command.filter(|command| !command.is_empty() && !command.starts_with('#')) {
            document = command.split_once("<<'").map(|(_, end)| end.trim_end_matches('\'').to_owned());
            commands.push(Documented { command: command.to_owned(), fails: false });
        } else if bare.starts_with("error: ")
            && let Some(last) = commands.last_mut()
        {
            last.fails = true;
        }
    }
    commands
}

/// The options that docs/REFERENCE.md offers in a table.
fn offered(text: &str) -> Vec<String> {
    let rows = text.lines().skip_while(|line| !line.starts_with("| to see | say |")).skip(2);
    let cells = rows.take_while(|line| line.starts_with('|')).filter_map(|row| row.split('|').nth(2));
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter(|code| code.starts_with("--"))
        .map(str::to_owned)
        .collect()
}

/// The same work in small.
fn small(command: &str) -> String {
    let mut command = command.replace("cargo run --release --locked --", "sercost");
    for (large, less) in
        [("10_000_000", "1_000"), ("10M", "1k"), ("1M", "1k"), ("100k", "100"), ("10k", "100"), ("50MB", "5kB")]
    {
        command = command.replace(large, less);
    }
    let mut words: Vec<&str> = command.split(' ').collect();
    let mut limited = false;
    for at in 0..words.len() {
        let value = at + 1 < words.len();
        if matches!(words[at], "--time" | "-t") && value {
            (words[at], words[at + 1], limited) = ("--rounds", "2", true);
        } else if words[at] == "--rounds" && value {
            (words[at + 1], limited) = ("2", true);
        } else if words[at] == "--quick" {
            limited = true;
        }
    }
    let command = words.join(" ");
    // `sercost orders.json` measures, and has its options behind the file.
    let bare = command.strip_prefix("sercost ").and_then(|rest| rest.split(' ').next());
    if let Some(payload) = bare.filter(|payload| !limited && (payload.ends_with(".json") || payload.contains(':'))) {
        return command.replacen(payload, &format!("{payload} --rounds 2"), 1);
    }
    let measures = command.contains("sercost profile") && !command.contains("--show-schema");
    if limited || !measures {
        return command;
    }
    command.replace("sercost profile", "sercost profile --rounds 2")
}

/// A directory as a fresh clone is, and the program on the path.
struct Clone {
    directory: Directory,
}

impl Clone {
    fn new() -> Self {
        let directory = Directory::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::os::unix::fs::symlink(root.join("fixtures"), directory.join("fixtures")).unwrap();
        fs::create_dir(directory.join("bin")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_sercost"), directory.join("bin/sercost")).unwrap();
        Clone { directory }
    }

    /// Runs it, and says what is wrong.
    fn run(&self, command: &str, fails: bool) -> Result<(), String> {
        let path = format!("{}:{}", self.directory.join("bin").display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("bash");
        shell.args(["-o", "pipefail", "-c", command]).current_dir(self.directory.path()).env("PATH", path);
        shell.stdin(std::process::Stdio::null()).env_remove("COLUMNS").envs(crate::derived::build_environment());
        let ran = finish(&mut shell);
        match (ran.status.success(), fails) {
            (true, false) | (false, true) => Ok(()),
            (true, true) => Err(format!("{command}\nends well, and the document shows an error\n{}", ran.err)),
            (false, false) => Err(format!("{command}\n{}: {}{}", ran.status, ran.err, ran.out)),
        }
    }
}

fn is_there(tool: &str) -> bool {
    Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().is_ok_and(|output| output.status.success())
}

/// Runs the commands of a document; how many there were, and what was wrong.
fn run_all(document: &Path, missing: &[&str]) -> (usize, Vec<String>) {
    let clone = Clone::new();
    let (mut ran, mut wrong) = (0, Vec::new());
    for documented in commands(&fs::read_to_string(document).unwrap()) {
        let foreign = FOREIGN.iter().any(|foreign| documented.command.contains(foreign));
        let lacks = |tool: &&str| documented.command.split_whitespace().any(|word| word == *tool || word == "best.sh");
        if foreign || missing.iter().any(lacks) && !documented.command.contains("<<'") {
            continue;
        }
        ran += 1;
        if let Err(why) = clone.run(&small(&documented.command), documented.fails) {
            wrong.push(format!("{}: {why}", document.file_name().unwrap().display()));
        }
    }
    (ran, wrong)
}

#[test]
fn every_command_of_the_documents_runs_on_a_fresh_clone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents: Vec<_> = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    documents.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    documents.push(root.join("README.md"));
    documents.sort();
    let missing: Vec<&str> = OPTIONAL.into_iter().filter(|tool| !is_there(tool)).collect();
    // A document at a time on each processor: each has a directory of its own.
    let results: Vec<(usize, Vec<String>)> = std::thread::scope(|scope| {
        let missing = &missing;
        let threads: Vec<_> =
            documents.iter().map(|document| scope.spawn(move || run_all(document, missing))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let ran: usize = results.iter().map(|(ran, _)| ran).sum();
    let wrong: Vec<String> = results.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(ran > 40, "{ran} commands were found");
}

/// The programs of a document: its blocks of `python`.
fn programs(text: &str) -> Vec<String> {
    let blocks = text.split("\n```python\n").skip(1);
    blocks.filter_map(|rest| Some(rest.split_once("\n```")?.0.to_owned() + "\n")).collect()
}

#[test]
fn every_program_of_the_founding_page_runs_under_every_start_method() {
    let clone = Clone::new();
    let programs = programs(include_str!("../../docs/pool-imap-partial.md"));
    assert_eq!(programs.len(), 3);
    for program in programs {
        for method in ["fork", "spawn", "forkserver"] {
            let chosen = format!("    multiprocessing.set_start_method({method:?})\n    with Pool(");
            let text = small(&program).replace("    with Pool(", &chosen);
            assert!(text.contains(&chosen), "{text}");
            fs::write(clone.directory.join("program.py"), format!("import multiprocessing\n{text}")).unwrap();
            // The sum of 0 to 7, which each worker looked up in its own list.
            clone
                .run("test \"$(python3 program.py)\" = 28", false)
                .unwrap_or_else(|why| panic!("{method}: {why}\n{text}"));
        }
    }
}

#[test]
fn every_option_that_the_reference_offers_is_taken() {
    let clone = Clone::new();
    let options = offered(include_str!("../../docs/REFERENCE.md"));
    assert!(options.len() > 10, "{options:?}");
    let wrong: Vec<String> = options
        .iter()
        .filter_map(|options| {
            // Interpreters that this machine may not have are named where they are an example.
            let options = options.replace("python3.8,python3.13", "python3");
            let codecs = if options.contains("--codec") { "" } else { " --codec json,postcard" };
            clone.run(&small(&format!("sercost profile records:100{codecs} {options}")), false).err()
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn commands_are_found_and_made_small() {
    let text = "```sh\nsercost list   # all\ncat > a.py <<'END'\nx = 1\nEND\n```\n```text\n$ sercost x\nerror: no\n```\n    $ ls\n";
    let found = |command: &str, fails| Documented { command: command.into(), fails };
    let expected = [
        found("sercost list   # all", false),
        found("cat > a.py <<'END'\nx = 1\nEND", false),
        found("sercost x", true),
        found("ls", false),
    ];
    assert_eq!(commands(text), expected);
    assert_eq!(
        small("cargo run --release --locked -- profile range:10M --time 8s"),
        "sercost profile range:1k --rounds 2"
    );
    assert_eq!(small("sercost profile a.json --show-schema rust"), "sercost profile a.json --show-schema rust");
    assert_eq!(small("cat a | sercost profile -"), "cat a | sercost profile --rounds 2 -");
}
