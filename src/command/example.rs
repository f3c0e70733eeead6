//! `sercost example`: files to try sercost with, where there is no source at hand.

use crate::args::Example;
use crate::engine::SCENARIOS;
use crate::model::nearest;
use crate::report::{Listing, Property, listing_text};
use crate::{store, ui};
use anyhow::bail;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A file to write.
struct File {
    name: String,
    bytes: &'static [u8],
    what: String,
    /// The command to give it to.
    then: String,
}

/// Inputs of `profile` and `inspect`: the name, the content, what it is, and the verb to try.
const INPUTS: &[(&str, &[u8], &str, &str)] = &[
    (
        "orders.json",
        include_bytes!("../../fixtures/orders.json"),
        "a shop's orders: records in lists in records",
        "profile",
    ),
    (
        "access-log.ndjson",
        include_bytes!("../../fixtures/access-log.ndjson"),
        "a web server's log, one object a line",
        "profile",
    ),
    ("stations.csv", include_bytes!("../../fixtures/stations.csv"), "a table of measurements with gaps", "profile"),
    ("laboratory.pkl", include_bytes!("../../fixtures/laboratory.pkl"), "a pickle with arrays of numpy", "inspect"),
];

fn files() -> Vec<File> {
    let inputs = INPUTS.iter().map(|&(name, bytes, what, verb)| File {
        name: name.to_owned(),
        bytes,
        what: what.to_owned(),
        then: format!("sercost {verb} {name}"),
    });
    let scenarios = SCENARIOS.iter().map(|scenario| {
        let name = format!("{}.py", scenario.name.replace('-', "_"));
        let then = format!("sercost tasks {name}");
        File { name, bytes: scenario.source.as_bytes(), what: format!("a scenario: {}", scenario.what), then }
    });
    inputs.chain(scenarios).collect()
}

pub(super) fn run(example: &Example) -> anyhow::Result<ExitCode> {
    let files = files();
    let Some(name) = &example.name else {
        let row = |file: &File| [&file.name, &file.what, &file.then].map(|text| Property::text(text.as_str())).to_vec();
        let listing = Listing {
            name: "examples",
            title: "Examples: \"sercost example NAME\" writes one here",
            header: &["name", "what", "then"],
            rows: files.iter().map(row).collect(),
            notes: Vec::new(),
            remarks: &[],
        };
        super::print(&listing_text(&[listing], super::terminal().1))?;
        return Ok(ExitCode::SUCCESS);
    };
    let stem = |file: &File| Path::new(&file.name).file_stem().is_some_and(|stem| stem == name.as_str());
    let Some(file) = files.iter().find(|file| file.name == *name || stem(file)) else {
        let known = files.iter().map(|file| file.name.as_str());
        let meant = nearest(name, known).map(|near| format!("did you mean {near:?}? ")).unwrap_or_default();
        bail!("there is no example {name:?}; {meant}\"sercost example\" shows all");
    };
    let path = example.out.clone().unwrap_or_else(|| PathBuf::from(&file.name));
    if let Err(error) = store::write_new(&path, file.bytes) {
        let reason = match error.kind() {
            io::ErrorKind::AlreadyExists => "it is there already, and is not replaced".to_owned(),
            _ => error.to_string(),
        };
        bail!("cannot write {path:?}: {reason}; --out FILE writes the example elsewhere");
    }
    let then = file.then.replace(&file.name, &path.display().to_string());
    ui::note(&format!("wrote {}; try: {then}", path.display()));
    Ok(ExitCode::SUCCESS)
}
