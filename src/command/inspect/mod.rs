//! `sercost inspect`: which path of a pickle owns which of its bytes.

mod calls;
mod checks;
mod input;

use self::checks::Checks;
use self::input::Input;
use super::supervise::Desk;
use super::{EXIT_ERROR, EXIT_FAILED};
use crate::args::{Format, Inspect};
use crate::host::available_memory;
use crate::model::{Growth, Inspected, parse_bytes};
use crate::report::{
    PartsView, folded, growth_csv, growth_markdown, growth_text, parts_csv, parts_json, parts_markdown, parts_text,
};
use anyhow::{Context, anyhow, bail};
use sercost_pickle::unpack::UnpackError;
use sercost_pickle::{InspectError, Options};
use std::path::Path;
use std::process::ExitCode;

/// The advice what to do about a limit, behind the sentence that says that a file is larger.
const LARGER_LIMIT: &str = "; give --max-unpacked a larger size if it is meant to be";

pub(super) fn run(inspect: &Inspect, desk: &Desk) -> anyhow::Result<ExitCode> {
    desk.heed_ends_of_files().context("cannot prepare for files that change while they are read")?;
    let checks = Checks::new(inspect)?;
    let view = view(inspect)?;
    let options = options(inspect, &view)?;
    let mut files = Vec::new();
    let mut failed = false;
    for path in &inspect.files {
        match desk.reading(|| look_into(path, &options)) {
            Ok(mut file) => {
                if let Some(calls) = &mut file.calls {
                    calls.allow(&inspect.allow_call);
                }
                files.push(file);
            }
            Err(error) => {
                crate::ui::error(&format!("{error:#}"));
                failed = true;
            }
        }
    }
    let growth = match &files[..] {
        [old, new] if inspect.files.len() == 2 => {
            Some(Growth::between(&old.attribution, &new.attribution, inspect.depth))
        }
        _ => None,
    };
    if !files.is_empty() {
        super::print(&rendered(inspect, &files, growth.as_ref(), &view))?;
    }
    for file in &files {
        if let Some(fault) = &file.attribution.fault {
            crate::ui::error(&format!("{}: {fault}", file.name));
            failed = true;
        }
    }
    let mut hold = true;
    for file in &files {
        hold &= checks.hold(file);
        hold &= !inspect.fail_on_calls || calls::hold(file);
    }
    if let (Some(growth), [old, new]) = (&growth, &files[..]) {
        hold &= checks.hold_growth(growth, old, new);
    }
    Ok(match (failed, hold) {
        (true, _) => ExitCode::from(EXIT_ERROR),
        (false, true) => ExitCode::SUCCESS,
        (false, false) => ExitCode::from(EXIT_FAILED),
    })
}

fn view(inspect: &Inspect) -> anyhow::Result<PartsView> {
    let (color, _) = super::terminal();
    Ok(PartsView {
        depth: inspect.depth,
        least_bytes: inspect.min_bytes.as_deref().map(parse_bytes).transpose().context("--min-bytes")?,
        top: inspect.top.map(|top| usize::try_from(top).unwrap_or(usize::MAX)),
        // A path is whole in a file or a pipe.
        width: super::line_width().unwrap_or(usize::MAX),
        color,
    })
}

fn options(inspect: &Inspect, view: &PartsView) -> anyhow::Result<Options> {
    let most_unpacked = inspect.max_unpacked.as_deref().map(parse_bytes).transpose().context("--max-unpacked")?;
    Ok(Options {
        most_children: view.top.unwrap_or(0).max(Options::default().most_children),
        opcodes: inspect.opcodes,
        calls: inspect.calls || inspect.fail_on_calls,
        most_unpacked_bytes: match most_unpacked {
            Some(most) => most,
            // The findings about it take memory too.
            None => available_memory().map_or(Options::default().most_unpacked_bytes, |bytes| bytes / 4),
        },
        larger_limit: LARGER_LIMIT,
        ..Options::default()
    })
}

/// The files in the format that was asked for; of two, what grew.
fn rendered(inspect: &Inspect, files: &[Inspected], growth: Option<&Growth>, view: &PartsView) -> String {
    let is_growth = growth.filter(|_| !inspect.trees && !inspect.opcodes);
    match (inspect.format, is_growth) {
        _ if inspect.folded => folded(files, view),
        (Format::Json, _) => parts_json(files, growth, view),
        (Format::Text, Some(growth)) => growth_text(files, growth, view),
        (Format::Markdown, Some(growth)) => growth_markdown(files, growth, view),
        (Format::Csv, Some(growth)) => growth_csv(files, growth, view),
        (Format::Text, None) => parts_text(files, view),
        (Format::Markdown, None) => parts_markdown(files, view),
        (Format::Csv, None) => parts_csv(files, view),
    }
}

/// Reads a file, or what it can be mapped from.
fn look_into(path: &Path, options: &Options) -> anyhow::Result<Inspected> {
    let name = if path == Path::new("-") { "standard input".into() } else { path.display().to_string() };
    let input = Input::open(path).with_context(|| format!("cannot read {name}"))?;
    let bytes = input.as_bytes();
    if bytes.is_empty() {
        bail!("{name} is empty");
    }
    let inspected = sercost_pickle::inspect(name.clone(), bytes, options);
    input.check_length()?;
    inspected.map_err(|error| match error {
        InspectError::Unpack(UnpackError::TooLarge { .. }) => anyhow!("{name}: {error}{LARGER_LIMIT}"),
        _ => anyhow::Error::new(error).context(name),
    })
}
