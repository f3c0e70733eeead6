//! Running the real program, for tests that see what a user sees.

use crate::results_schema::ResultsSchema;
use serde::Deserialize;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine: what is waited for longer than this will not come.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// The program with `arguments`, not run yet. It sees no terminal, no standard input and no settings of a user.
pub fn sercost<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sercost"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE");
    command
}

/// The outcome of a run.
#[derive(Debug)]
pub struct Ran {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Stdout of a run that must have worked.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.status.code(), Some(0), "{self:#?}");
        self.out
    }

    /// Stderr of a run that must have ended in an error, and printed nothing else.
    #[track_caller]
    pub fn error(self) -> String {
        assert_eq!(self.status.code(), Some(2), "{self:#?}");
        assert_eq!(self.out, "", "{self:#?}");
        self.err
    }

    /// Stdout as a results file of the published layout.
    #[track_caller]
    pub fn document(&self) -> Value {
        document(&self.out)
    }
}

/// Runs the program with arguments divided by spaces.
#[track_caller]
pub fn run(line: &str) -> Ran {
    finish(&mut sercost(line.split_whitespace()))
}

/// Runs `sercost profile` with arguments divided by spaces, few rounds and JSON as output, and checks the layout.
#[track_caller]
pub fn profile(line: &str) -> Value {
    let ran = run(&format!("profile --rounds 3 --format json {line}"));
    assert_eq!(ran.status.code(), Some(0), "{line}: {}", ran.err);
    ran.document()
}

/// Runs `command` to its end.
#[track_caller]
pub fn finish(command: &mut Command) -> Ran {
    Running::start(command).wait()
}

/// A program that runs. Its output goes to files, so that it never waits for a reader, and it is ended with the test.
pub struct Running {
    pub process: Child,
    directory: Directory,
}

impl Running {
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        let directory = Directory::new();
        let file = |name| File::create(directory.join(name)).unwrap();
        let process = command.stdout(file("out")).stderr(file("err")).spawn().unwrap();
        Running { process, directory }
    }

    /// Waits for the end of the program.
    #[track_caller]
    pub fn wait(mut self) -> Ran {
        let mut status = None;
        wait_until("the program ends", || {
            status = self.process.try_wait().unwrap();
            status.is_some()
        });
        Ran { status: status.unwrap(), out: self.text("out"), err: self.text("err") }
    }

    /// The interpreters that run rows of Python, in the order in which they were started.
    pub fn interpreters(&self) -> Vec<Process> {
        let mut found = children(self.process.id());
        found.retain(|child| child.arguments().get(1).is_some_and(|a| a == "-c"));
        found.sort_by_key(|child| child.id);
        found
    }

    /// The worker processes of the engine native.
    pub fn workers(&self) -> Vec<Process> {
        let mut found = children(self.process.id());
        found.retain(|child| child.arguments().get(1).is_some_and(|a| a == "work"));
        found
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(fs::read(self.directory.join(name)).unwrap()).unwrap()
    }

    /// The receiving process, once there is one.
    #[track_caller]
    pub fn receiver(&self) -> Process {
        let mut found = None;
        wait_until("there is a receiving process", || {
            found = children(self.process.id())
                .into_iter()
                .find(|child| child.arguments().get(1).is_some_and(|a| a == "receive"));
            found.is_some()
        });
        found.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Another process, as /proc shows it. Numbers of processes are used again, the moment of their start is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub id: u32,
    started: String,
}

impl Process {
    pub fn find(id: u32) -> Option<Self> {
        Some(Process { id, started: stat(id)?.get(19)?.clone() })
    }

    /// Whether it is there. One that has ended and was not waited for yet is not.
    pub fn runs(&self) -> bool {
        stat(self.id).is_some_and(|stat| stat[19] == self.started && stat[0] != "Z")
    }

    /// The letter of its state: `R`, `S`, `T`.
    pub fn state(&self) -> String {
        stat(self.id).map_or(String::new(), |stat| stat[0].clone())
    }

    fn arguments(&self) -> Vec<String> {
        let bytes = fs::read(format!("/proc/{}/cmdline", self.id)).unwrap_or_default();
        bytes.split(|&byte| byte == 0).map(|part| String::from_utf8_lossy(part).into_owned()).collect()
    }

    /// Sends it a signal, if it is still there.
    pub fn signal(&self, signal: rustix::process::Signal) {
        if self.runs() {
            signal_to(self.id, signal);
        }
    }
}

pub fn signal_to(id: u32, signal: rustix::process::Signal) {
    let id = rustix::process::Pid::from_raw(id.cast_signed()).unwrap();
    rustix::process::kill_process(id, signal).unwrap();
}

/// The fields of /proc/ID/stat behind the name: state, parent, ...
fn stat(id: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    Some(text.rsplit_once(") ")?.1.split_whitespace().map(str::to_owned).collect())
}

fn children(parent: u32) -> Vec<Process> {
    let ids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(|&id: &u32| stat(id).is_some_and(|stat| stat[1] == parent.to_string()))
        .filter_map(Process::find)
        .collect()
}

/// Looks again and again, and gives up only when something must be broken.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A directory of the test's own, gone with it.
pub struct Directory(PathBuf);

impl Directory {
    pub fn new() -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("run-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A file of this content.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        File::create(self.join(name)).unwrap().write_all(content.as_ref()).unwrap();
        self.join(name).to_str().unwrap().to_owned()
    }

    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// `text` with the directory's own name left out.
    pub fn hide(&self, text: &str) -> String {
        text.replace(self.0.to_str().unwrap(), "DIR")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A results file, held against the published schema.
#[track_caller]
pub fn document(text: &str) -> Value {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // Schemas of deep payloads are deep.
    deserializer.disable_recursion_limit();
    let document = Value::deserialize(&mut deserializer).unwrap_or_else(|error| panic!("{error} in {text:?}"));
    deserializer.end().unwrap();
    ResultsSchema::new().check(&document).unwrap_or_else(|error| panic!("{error}"));
    document
}

/// The measurements of a results file.
pub fn rows(document: &Value) -> &Vec<Value> {
    document["measurements"].as_array().unwrap()
}

/// The measurements whose members have these values.
pub fn rows_with<'a>(document: &'a Value, wanted: &[(&str, &str)]) -> Vec<&'a Value> {
    rows(document).iter().filter(|row| wanted.iter().all(|(member, value)| row[member] == *value)).collect()
}

/// The different texts of a member of all measurements, in order of appearance.
pub fn texts<'a>(document: &'a Value, member: &str) -> Vec<&'a str> {
    let mut texts: Vec<&str> = Vec::new();
    for text in rows(document).iter().filter_map(|row| row[member].as_str()) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}
