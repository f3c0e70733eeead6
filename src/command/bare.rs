//! A call without a verb: `sercost orders.json`. What is wanted follows from the file, where one verb is the obvious and
//! harmless one.

use crate::args::{Args, Verb};
use crate::model::nearest;
use crate::payload::PayloadSpec;
use crate::ui;
use anyhow::bail;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The endings of files whose pickles are looked into rather than measured.
const PICKLES: [&str; 7] = ["pkl", "pickle", "p", "joblib", "pt", "pth", "ckpt"];
/// The opcode PROTO, with which every pickle of protocol 2 or later begins.
const PROTO: u8 = 0x80;

/// The call with the verb that it lacks.
pub(super) fn meant(words: &[OsString]) -> anyhow::Result<Verb> {
    let Some(first) = words.first() else {
        bail!("nothing to do; \"sercost help\" shows the verbs");
    };
    let name = first.to_string_lossy();
    let path = Path::new(first);
    if has_ending(path, &["py"]) && path.exists() {
        bail!(
            "{name} is a program, and programs run only where that is asked for: \"sercost tasks {name}\" runs it as a scenario"
        );
    }
    if path.is_dir() {
        bail!("{name} is a directory; give a file, as in \"sercost profile data.json\"");
    }
    let verb = if path.is_file() && is_pickle(path) {
        ui::note(&format!("\"sercost inspect {name}\"; \"sercost profile {name}\" measures it in each format"));
        "inspect"
    } else if path.exists() || PayloadSpec::parse(first).is_ok() || is_shape(&name) {
        ui::note(&format!("\"sercost profile {name}\"; \"sercost help\" shows the other verbs"));
        "profile"
    } else {
        let verbs = Args::verbs();
        let verbs = || verbs.iter().map(String::as_str);
        let begun = verbs().find(|verb| name.len() > 1 && verb.starts_with(&*name));
        let meant = begun.or_else(|| nearest(&name, verbs()));
        let meant = meant.map(|near| format!("did you mean {near:?}? ")).unwrap_or_default();
        bail!("{name:?} is neither a verb nor a file nor a built-in shape; {meant}\"sercost help\" shows the verbs");
    };
    let line = [OsString::from("sercost"), OsString::from(verb)].into_iter().chain(words.iter().cloned());
    Ok(Args::parse_line(line).verb)
}

/// Whether it begins as a shape does, so that the error is about its count.
fn is_shape(name: &str) -> bool {
    name.split_once(':').is_some_and(|(shape, _)| crate::payload::SHAPES.iter().any(|known| known.name == shape))
}

fn is_pickle(path: &Path) -> bool {
    if has_ending(path, &PICKLES) {
        return true;
    }
    let mut start = [0; 2];
    // The verb reports a file that cannot be read.
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start[0] == PROTO && (2..=5).contains(&start[1])
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| endings.contains(&ending.as_str()))
}
