//! The heaviest paths of files of pickles, and what loading them calls: `cargo run --example inspect -- FILE...`.

use sercost_pickle::model::{Bytes, Inspected};
use sercost_pickle::{Options, inspect};
use std::io::{self, Write};
use std::process::ExitCode;

/// The number of paths of a file that are shown.
const MOST: usize = 10;

fn main() -> ExitCode {
    let mut failed = false;
    for path in std::env::args().skip(1) {
        let shown = std::fs::read(&path).map_err(|error| error.to_string()).and_then(|data| {
            let options = Options { calls: true, ..Options::default() };
            let inspected = inspect(path.clone(), &data, &options).map_err(|error| error.to_string())?;
            show(&inspected).map_err(|error| error.to_string())
        });
        if let Err(error) = shown {
            eprintln!("{path}: {error}");
            failed = true;
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn show(file: &Inspected) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let attribution = &file.attribution;
    writeln!(out, "{}: {}, {}", file.name, file.format, Bytes(attribution.bytes))?;
    let mut parts: Vec<usize> = (1..attribution.parts.len()).collect();
    parts.sort_by_key(|&part| std::cmp::Reverse(attribution.parts[part].own_bytes));
    for part in parts.into_iter().take(MOST) {
        let size = Bytes(attribution.parts[part].own_bytes).to_string();
        writeln!(out, "{size:>8}  {}  {}", attribution.path(part), attribution.parts[part].what)?;
    }
    for finding in &attribution.findings {
        let path = finding.part.map_or(String::new(), |part| format!("{}: ", attribution.path(part)));
        writeln!(out, "finding: {path}{}", finding.text)?;
    }
    for name in file.calls.iter().flat_map(|calls| calls.refused()) {
        writeln!(out, "loading it uses {}, {} times called", name.name, name.calls)?;
    }
    if let Some(fault) = &attribution.fault {
        writeln!(out, "it cannot be read to its end: {fault}")?;
    }
    Ok(())
}
