//! The rules of what an output may replace: nothing that a user would miss.
//!
//! Files are told apart by device and inode, so that a link to a file is that file. Whatever takes a stream of bytes (a
//! terminal, a pipe, `/dev/null`) loses nothing and may be named as often as one likes.

use super::StoreError;
use super::place::{parent, resolve_links};
use crate::model::RESULTS_SCHEMA;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, BufReader, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// A file that the call reads.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its role in the call, for messages: `the payload`.
    pub what: &'static str,
    /// Its path; `-` is standard input.
    pub path: PathBuf,
}

/// A file that the call writes.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// The flag that names it.
    pub flag: &'static str,
    /// Its path.
    pub path: &'a Path,
    /// The kind of what is written there.
    pub kind: OutputKind,
}

/// The kind of an output, which says what it may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputKind {
    /// Results, of any version.
    Results,
    /// A timeline.
    Trace,
}

/// Refuses outputs that would destroy something: an input of the same call and another output of it whatever is said
/// (the results could not be told from what they are the results of), a file that sercost did not write unless `force`.
///
/// # Errors
///
/// For the first output that is refused. What cannot be looked at is left to the writing, which says why.
pub fn check_outputs(outputs: &[Output<'_>], inputs: &[Input], force: bool) -> Result<(), StoreError> {
    let read: Vec<(&'static str, Identity)> =
        inputs.iter().filter_map(|input| Some((input.what, Identity::of_input(&input.path)?))).collect();
    let mut written: Vec<(&'static str, Identity)> = Vec::new();
    for output in outputs {
        let Output { flag, path, kind } = *output;
        let Some(identity) = Identity::of_output(path) else { continue };
        if let Some((what, _)) = read.iter().find(|(_, input)| *input == identity) {
            return Err(StoreError::Input { flag, path: path.to_owned(), what });
        }
        if let Some((other, _)) = written.iter().find(|(_, known)| *known == identity) {
            return Err(StoreError::SameOutput { flag, path: path.to_owned(), other });
        }
        if !force && let Some((found, act)) = foreign(path, kind) {
            return Err(StoreError::Foreign { flag, path: path.to_owned(), found, act });
        }
        written.push((flag, identity));
    }
    Ok(())
}

/// Refuses inputs that stdout writes into: `1<>data.json`, or `>> data.json`.
///
/// # Errors
///
/// For the first of them.
pub fn check_stdout(inputs: &[Input]) -> Result<(), StoreError> {
    let Some(stdout) = described(io::stdout()).and_then(|found| Identity::of_file(&found)) else { return Ok(()) };
    match inputs.iter().find(|input| Identity::of_input(&input.path).as_ref() == Some(&stdout)) {
        Some(Input { what, path }) => Err(StoreError::Stdout { path: path.clone(), what }),
        None => Ok(()),
    }
}

/// The identity that tells one file from another.
#[derive(Debug, PartialEq, Eq)]
enum Identity {
    /// One that is there: its device and its number on it.
    Known(u64, u64),
    /// One that is not: the directory that it would be in, and its name there.
    New(u64, u64, OsString),
}

impl Identity {
    fn of_input(path: &Path) -> Option<Identity> {
        let found = if path == Path::new("-") { described(io::stdin()) } else { fs::metadata(path).ok() };
        found.as_ref().and_then(Identity::of_file)
    }

    /// `None` for what is not a regular file.
    fn of_file(found: &Metadata) -> Option<Identity> {
        found.is_file().then(|| Identity::Known(found.dev(), found.ino()))
    }

    /// `None` for what can be written to without a loss, and for what cannot be found.
    fn of_output(path: &Path) -> Option<Identity> {
        match fs::metadata(path) {
            // A stream behind /dev/stdout may be a file all the same.
            Ok(found) => Identity::of_file(&found),
            Err(_) => {
                let target = resolve_links(path).ok()?;
                let folder = fs::metadata(parent(&target)).ok()?;
                Some(Identity::New(folder.dev(), folder.ino(), target.file_name()?.to_owned()))
            }
        }
    }
}

fn described(stream: impl AsFd) -> Option<Metadata> {
    File::from(stream.as_fd().try_clone_to_owned().ok()?).metadata().ok()
}

/// A description of a file that sercost did not write, and of what `--force` would do to it.
fn foreign(path: &Path, kind: OutputKind) -> Option<(&'static str, &'static str)> {
    let found = fs::metadata(path).ok()?;
    if found.file_type().is_block_device() {
        return Some(("is a disk", "overwrite it"));
    }
    // Output to stdout goes where the shell has sent it.
    if !found.is_file() || found.len() == 0 || is_standard_stream(path) {
        return None;
    }
    let own = is_results(path) || kind == OutputKind::Trace && is_trace(path);
    let what = match kind {
        OutputKind::Results => "is there already and is not a results file of sercost",
        OutputKind::Trace => "is there already and is neither a timeline nor a results file of sercost",
    };
    (!own).then_some((what, "replace it"))
}

fn is_standard_stream(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/self/fd/"].iter().any(|start| {
        path.to_str().is_some_and(|path| path == *start || start.ends_with('/') && path.starts_with(start))
    })
}

/// The part of a file that tells what it is.
fn head(path: &Path) -> io::Result<Vec<u8>> {
    const ENOUGH: u64 = 4096;
    let mut head = Vec::new();
    File::open(path)?.take(ENOUGH).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether the file is one of results, of whatever version, also where its end is missing or its members were sorted.
fn is_results(path: &Path) -> bool {
    let family = RESULTS_SCHEMA.split_once('/').map_or(RESULTS_SCHEMA, |(family, _)| family);
    let Ok(head) = head(path) else { return false };
    let compact: Vec<u8> = head.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(64).collect();
    if compact.starts_with(format!("{{\"schema\":\"{family}/").as_bytes()) {
        return true;
    }
    #[derive(Deserialize)]
    struct Sorted {
        schema: String,
        #[serde(rename = "environment")]
        _environment: IgnoredAny,
    }
    // The schemas of deep payloads are too deep for this: such a file takes --force.
    compact.starts_with(b"{")
        && File::open(path).is_ok_and(|file| {
            serde_json::from_reader::<_, Sorted>(BufReader::new(file))
                .is_ok_and(|sorted| sorted.schema.split_once('/').is_some_and(|(found, _)| found == family))
        })
}

/// Whether the file is a timeline that sercost has written.
fn is_trace(path: &Path) -> bool {
    // Before results/2 the last member stood first.
    let written_by = b"\"written_by\":\"sercost ";
    head(path).is_ok_and(|head| {
        head.starts_with(b"{\"displayTimeUnit\":\"ns\",\"producer\":\"sercost ")
            || head.starts_with(b"{\"displayTimeUnit\":\"ns\",\"otherData\":{")
                && head.windows(written_by.len()).any(|window| window == written_by)
    })
}
