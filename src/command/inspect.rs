//! `sercost inspect`: which path of a pickle owns which of its bytes.

use super::supervise::Desk;
use super::{EXIT_ERROR, EXIT_FAILED};
use crate::args::{Format, Inspect};
use crate::measure;
use crate::model::{Bytes, Inspected, parse_bytes};
use crate::pickle::{self, Options};
use crate::report::{PartsView, folded, parts_csv, parts_json, parts_markdown, parts_text};
use anyhow::{Context, bail};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(inspect: &Inspect, desk: &Desk) -> anyhow::Result<ExitCode> {
    desk.heed_ends_of_files().context("cannot prepare for files that change while they are read")?;
    let checks = Checks::new(inspect)?;
    let size = |text: &Option<String>| text.as_deref().map(parse_bytes).transpose();
    let (color, _) = super::terminal();
    let view = PartsView {
        depth: inspect.depth,
        least_bytes: size(&inspect.min_bytes).context("--min-bytes")?,
        top: inspect.top.map(|top| usize::try_from(top).unwrap_or(usize::MAX)),
        // A path is whole in a file or a pipe.
        width: super::line_width().unwrap_or(usize::MAX),
        color,
    };
    let options = Options {
        most_children: view.top.unwrap_or(0).max(Options::default().most_children),
        opcodes: inspect.opcodes,
        most_unpacked_bytes: match size(&inspect.max_unpacked).context("--max-unpacked")? {
            Some(most) => most,
            // What is found out about it takes memory too.
            None => measure::available_memory().map_or(Options::default().most_unpacked_bytes, |bytes| bytes / 4),
        },
        ..Options::default()
    };
    let mut files = Vec::new();
    let mut failed = false;
    for path in &inspect.files {
        match desk.reading(|| look_into(path, &options)) {
            Ok(file) => files.push(file),
            Err(error) => {
                crate::ui::error(&format!("{error:#}"));
                failed = true;
            }
        }
    }
    let text = match inspect.format {
        _ if inspect.folded => folded(&files, &view),
        Format::Text => parts_text(&files, &view),
        Format::Markdown => parts_markdown(&files, &view),
        Format::Csv => parts_csv(&files, &view),
        Format::Json => parts_json(&files, &view),
    };
    if !files.is_empty() {
        super::print(&text)?;
    }
    for file in &files {
        if let Some(fault) = &file.attribution.fault {
            crate::ui::error(&format!("{}: {fault}", file.name));
            failed = true;
        }
    }
    let exceeded = files.iter().filter(|file| !checks.hold(file)).count();
    Ok(match (failed, exceeded) {
        (true, _) => ExitCode::from(EXIT_ERROR),
        (false, 0) => ExitCode::SUCCESS,
        (false, _) => ExitCode::from(EXIT_FAILED),
    })
}

/// Reads a file, or what it can be mapped from.
fn look_into(path: &Path, options: &Options) -> anyhow::Result<Inspected> {
    let name = if path == Path::new("-") { "standard input".into() } else { path.display().to_string() };
    let bytes = Input::open(path).with_context(|| format!("cannot read {name}"))?;
    let bytes = bytes.as_bytes();
    if bytes.is_empty() {
        bail!("{name} is empty");
    }
    pickle::inspect(name.clone(), bytes, options).with_context(|| name)
}

/// A file in memory. What can be mapped is, so that memory is not needed for it.
enum Input {
    Mapped(memmap2::Mmap),
    Read(Vec<u8>),
}

impl Input {
    fn open(path: &Path) -> io::Result<Input> {
        if path == Path::new("-") {
            return Ok(Input::Read(slurp(io::stdin().lock())?));
        }
        let file = File::open(path)?;
        let kind = file.metadata()?;
        if kind.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
        }
        if kind.is_file() && kind.len() > 0 {
            // SAFETY: the mapping is private and read-only, and nothing is taken from it but bytes. Another process may
            // change the file meanwhile: then bytes change that memory safety does not depend on, since all are checked
            // where they are used and nothing is checked once and used later without. If it cuts the file short, what is
            // behind the end raises SIGBUS, which the desk heeds.
            if let Ok(map) = unsafe { memmap2::Mmap::map(&file) } {
                return Ok(Input::Mapped(map));
            }
        }
        Ok(Input::Read(slurp(file)?))
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Input::Mapped(map) => map,
            Input::Read(bytes) => bytes,
        }
    }
}

/// Reads to the end, as long as there is memory for what is found out about it.
fn slurp(mut from: impl Read) -> io::Result<Vec<u8>> {
    const CHUNK: u64 = 64 << 20;
    let mut bytes = Vec::new();
    loop {
        if (&mut from).take(CHUNK).read_to_end(&mut bytes)? == 0 {
            return Ok(bytes);
        }
        let (so_far, available) = (bytes.len() as u64, measure::available_memory());
        if let Some(available) = available.filter(|&available| available < so_far) {
            return Err(io::Error::other(format!(
                "it has no end after {}, and {} of memory are available; take a part of it",
                Bytes(so_far),
                Bytes(available)
            )));
        }
    }
}

/// What must hold of every file.
struct Checks {
    most_bytes: Option<u64>,
    /// A path, and its most share in percent.
    most_shares: Vec<(String, f64)>,
}

impl Checks {
    fn new(inspect: &Inspect) -> anyhow::Result<Self> {
        let most_bytes = inspect.max_bytes.as_deref().map(parse_bytes).transpose().context("--max-bytes")?;
        let most_shares = inspect.max_share.iter().map(|text| share(text)).collect::<anyhow::Result<_>>()?;
        Ok(Checks { most_bytes, most_shares })
    }

    /// Says what does not hold, and of which path.
    fn hold(&self, file: &Inspected) -> bool {
        let attribution = &file.attribution;
        let mut hold = true;
        if let Some(most) = self.most_bytes.filter(|&most| attribution.bytes > most) {
            let heaviest = attribution.heaviest();
            let share = percent(attribution.parts[heaviest].bytes, attribution.bytes);
            crate::ui::error(&format!(
                "{}: {} is more than the {} allowed; {share:.2} % of it is {}, {}",
                file.name,
                Bytes(attribution.bytes),
                Bytes(most),
                attribution.path(heaviest),
                attribution.parts[heaviest].what,
            ));
            hold = false;
        }
        for (path, most) in &self.most_shares {
            let parts = (0..attribution.parts.len()).filter(|&part| attribution.path(part) == *path);
            let bytes: Vec<u64> = parts.map(|part| attribution.parts[part].bytes).collect();
            if bytes.is_empty() {
                crate::ui::warn(&format!("{}: there is no {path}, which --max-share names", file.name));
            }
            let share = percent(bytes.iter().sum(), attribution.bytes);
            if share > *most {
                crate::ui::error(&format!(
                    "{}: {path} has {share:.2} % of the bytes, which is more than the {most} % allowed",
                    file.name
                ));
                hold = false;
            }
        }
        hold
    }
}

fn percent(bytes: u64, whole: u64) -> f64 {
    bytes as f64 / whole.max(1) as f64 * 100.0
}

/// Reads `$.path=50%`.
fn share(text: &str) -> anyhow::Result<(String, f64)> {
    let parts = text.rsplit_once('=').and_then(|(path, share)| {
        let share: f64 = share.trim().strip_suffix('%')?.trim().parse().ok()?;
        (!path.is_empty() && (0.0..=100.0).contains(&share)).then(|| (path.to_owned(), share))
    });
    parts.with_context(|| format!("--max-share {text:?} is not a path and a share, as in '$.keywords[\"data\"]=50%'"))
}
