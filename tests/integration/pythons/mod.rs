//! Real interpreters, for tests that hold sercost's pickles against CPython's.
//!
//! Looked for on PATH, under pyenv, in `SERCOST_PYTHONS` (paths with colons between), and where `make test` unpacks the
//! newest (`tools/newest-pythons`). One `python3` is enough for a test to mean something; what was found is printed, and
//! so is that there was none.

use sercost_pickle::write::PickleOf;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The program of the interpreters: for each request, what `pickle.dumps` makes of what `pickle.loads` makes of it.
const ORACLE: &str = r#"
import pickle, struct, sys

def answer(kind, protocol, content):
    if kind == b"v":
        return ("%d.%d.%d" % sys.version_info[:3]).encode() + b" " + str(pickle.HIGHEST_PROTOCOL).encode()
    if kind == b"e":
        names = {}
        exec(content.decode(), names)
        return pickle.dumps(names["value"], protocol)
    if kind == b"r":
        return repr(pickle.loads(content)).encode("utf-8", "surrogatepass")
    return pickle.dumps(pickle.loads(content), protocol)

sys.setrecursionlimit(100000)
read, write = sys.stdin.buffer.read, sys.stdout.buffer.write
while True:
    header = read(10)
    if len(header) < 10:
        break
    kind, protocol, length = struct.unpack("<cBQ", header)
    try:
        failed, content = 0, answer(kind, protocol, read(length))
    except Exception as error:
        failed, content = 1, repr(error).encode()
    write(struct.pack("<BQ", failed, len(content)) + content)
    sys.stdout.buffer.flush()
"#;

/// A running interpreter.
pub struct Python {
    /// `3.11.7`
    pub version: String,
    pub highest_protocol: u8,
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl Python {
    fn start(path: &PathBuf) -> Option<Python> {
        let mut child = Command::new(path)
            .args(["-I", "-c", ORACLE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (input, output) = (child.stdin.take()?, child.stdout.take()?);
        let mut python = Python { version: String::new(), highest_protocol: 0, child, input, output };
        let about = String::from_utf8(python.ask(b'v', 0, b"").ok()?).ok()?;
        let (version, highest) = about.split_once(' ')?;
        python.highest_protocol = highest.parse().ok()?;
        python.version = version.to_owned();
        Some(python)
    }

    fn ask(&mut self, kind: u8, protocol: u8, content: &[u8]) -> Result<Vec<u8>, String> {
        let mut header = vec![kind, protocol];
        header.extend((content.len() as u64).to_le_bytes());
        let failed = |error: std::io::Error| error.to_string();
        self.input.write_all(&header).map_err(failed)?;
        self.input.write_all(content).map_err(failed)?;
        self.input.flush().map_err(failed)?;
        let mut header = [0; 9];
        self.output.read_exact(&mut header).map_err(failed)?;
        let mut content = vec![0; u64::from_le_bytes(*header.last_chunk().unwrap()) as usize];
        self.output.read_exact(&mut content).map_err(failed)?;
        if header[0] == 0 { Ok(content) } else { Err(String::from_utf8_lossy(&content).into_owned()) }
    }

    /// The pickle that CPython writes after it has unpickled `pickle`.
    pub fn again(&mut self, protocol: u8, pickle: &[u8]) -> Result<Vec<u8>, String> {
        self.ask(b'p', protocol, pickle)
    }

    /// The pickle of what `value` is after `code` ran.
    pub fn dumps(&mut self, protocol: u8, code: &str) -> Result<Vec<u8>, String> {
        self.ask(b'e', protocol, code.as_bytes())
    }

    /// The `repr` of what a pickle holds.
    pub fn repr(&mut self, pickle: &[u8]) -> String {
        self.ask(b'r', 0, pickle).map_or_else(|error| error, |text| String::from_utf8_lossy(&text).into_owned())
    }

    /// The kind of its pickler.
    pub fn pickle_of(&self) -> PickleOf {
        if self.is_at_least(15) { PickleOf::V3_15 } else { PickleOf::V3_14 }
    }

    fn is_at_least(&self, minor: u32) -> bool {
        let mut parts = self.version.split('.').map(|part| part.parse().unwrap_or(0));
        (parts.next(), parts.next()) >= (Some(3), Some(minor))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where interpreters from 3.`minor` on may be: paths, and names to be looked for on PATH. Not all of them are there.
pub fn candidates(minor: u32) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = Vec::new();
    paths.extend(std::env::var("SERCOST_PYTHONS").iter().flat_map(|paths| paths.split(':')).map(PathBuf::from));
    paths.push("python3".into());
    paths.extend((minor..20).map(|minor| format!("python3.{minor}").into()));
    let unpacked = PathBuf::from(concat!(env!("CARGO_TARGET_TMPDIR"), "/../pythons/usr/bin"));
    paths.extend((minor..20).map(|minor| unpacked.join(format!("python3.{minor}"))));
    let pyenv = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    if let Some(root) = pyenv.or_else(|| std::env::home_dir().map(|home| home.join(".pyenv")))
        && let Ok(versions) = std::fs::read_dir(root.join("versions"))
    {
        paths.extend(versions.flatten().map(|version| version.path().join("bin/python")));
    }
    paths
}

/// An interpreter of each version from 3.`minor` on that is found, oldest first.
pub fn pythons(minor: u32) -> Vec<Python> {
    let mut found: BTreeMap<Vec<u32>, Python> = BTreeMap::new();
    for python in candidates(minor).iter().filter_map(Python::start).filter(|python| python.is_at_least(minor)) {
        let key = python.version.split('.').map(|part| part.parse().unwrap_or(0)).collect();
        found.entry(key).or_insert(python);
    }
    let versions: Vec<&str> = found.values().map(|python| python.version.as_str()).collect();
    match versions.len() {
        0 => println!("no python3 of 3.{minor} or later was found: nothing was held against CPython"),
        _ => println!("held against CPython {}", versions.join(", ")),
    }
    found.into_values().collect()
}
