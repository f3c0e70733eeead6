//! `sercost profile`: what a payload costs in each format.

mod derived;
mod instructions;
mod job;
mod plan;
mod python;
mod unused;

use super::EXIT_ERROR;
use super::baseline::Baseline;
use super::sinks::{Bar, Keeper};
use super::supervise::{Desk, Outputs, Results, locked};
use crate::args::Profile;
use crate::clock;
use crate::host::own_program;
use crate::measure::{Outcome, Study};
use crate::model::{Run, Sink, clean};
use crate::payload::{Payload, show};
use crate::report::Shown;
use crate::store::{Input, Output, OutputKind, Writer};
use crate::ui::{self, Progress};
use anyhow::Context;
use instructions::Withheld;
use plan::ShowSchema;
use std::fs;
use std::process::ExitCode;
use std::sync::Mutex;

pub(super) fn run(args: &Profile, desk: &Desk) -> anyhow::Result<ExitCode> {
    // Everything counts: a user who gives a call 20 s means all of it.
    let started_at = clock::now();
    let interrupted = desk.heed()?;
    let (payloads, show) = plan::split_show_schema(args)?;
    let mut study = plan::study(args, &payloads, desk.own(), started_at, show.is_none(), &interrupted)?;
    if let Some(how) = show {
        return desk.reading(|| show_schema(&study, how));
    }
    check_outputs(args, &study)?;
    let (command, date) = super::call();
    let run = study.empty_run(command, date);
    let baseline = Baseline::read(args, &run)?;
    let writer = args.out.as_ref().map(|path| Writer::create(path, &run)).transpose()?;
    let shown = Shown::details(args.details);
    let outputs = Outputs { writer, format: args.format, shown, trace: None, baseline };
    let results = desk.keep(run, outputs);
    let mut failed = false;
    for at in 0..study.payloads.len() {
        match measure(args, &mut study, at, desk, &results) {
            Ok(Outcome::Finished) => {}
            Ok(Outcome::Interrupted) => break,
            Err(_) if desk.is_interrupted() => break,
            // The other payloads may be fine: they are measured, and the command still ends in an error.
            Err(error) if study.payloads.len() > 1 => {
                failed = true;
                ui::take_progress_away();
                ui::error(&format!("{error:#}"));
            }
            Err(error) => return Err(error),
        }
        if desk.is_interrupted() {
            break;
        }
    }
    if let Some(code) = desk.end(&results)? {
        return Ok(code);
    }
    let results = locked(&results);
    let nothing = !study.has_measured(&results.run);
    if nothing && !failed {
        ui::error("nothing could be measured; the rows say why");
    }
    Ok(if failed || nothing { ExitCode::from(EXIT_ERROR) } else { ExitCode::SUCCESS })
}

fn check_outputs(args: &Profile, study: &Study) -> anyhow::Result<()> {
    let Some(path) = &args.out else { return Ok(()) };
    let mut inputs = super::inputs_of_reading(&study.payloads, args.reading.schema.as_deref());
    let baseline = args.baseline.iter();
    inputs.extend(baseline.map(|path| Input { what: "the --baseline", path: path.clone() }));
    inputs.extend(study.python.iter().flat_map(|trip| super::inputs_of_interpreter(&trip.interpreter.about)));
    super::check_outputs(&[Output { flag: "--out", path, kind: OutputKind::Results }], inputs, args.force)
}

/// Makes one payload and measures it; the run gets its rows also when it is interrupted.
fn measure(
    args: &Profile,
    study: &mut Study,
    at: usize,
    desk: &Desk,
    results: &Mutex<Results>,
) -> anyhow::Result<Outcome> {
    let progress = Progress::new();
    let payload = desk.reading(|| read(study, at, &progress))?;
    progress.finish();
    let mut results = locked(results);
    let Results { run, outputs } = &mut *results;
    if let Some(baseline) = &outputs.baseline {
        baseline.check(&study.describe(&payload), study.payloads.len())?;
    }
    let progress = Progress::new();
    let mut sinks = (Bar::new(&progress), Keeper::new(outputs, desk, &progress));
    let outcome = desk.measuring(None, || {
        if !args.instructions {
            return rows(args, study, at, &payload, run, &mut sinks);
        }
        let outcome = rows(args, study, at, &payload, run, &mut Withheld(&mut sinks));
        sinks.closed(run);
        outcome
    });
    progress.clear();
    outcome
}

/// Measures the rows of a payload that was read.
fn rows(
    args: &Profile,
    study: &mut Study,
    at: usize,
    payload: &Payload,
    run: &mut Run,
    sink: &mut dyn Sink,
) -> anyhow::Result<Outcome> {
    if args.layouts.is_some() && payload.own.is_some() {
        let name = clean(&payload.name);
        sink.warn(&format!(
            "--layouts: {name} is of a type of this program, and is measured in the layout that it has"
        ));
    }
    if args.derived && payload.own.is_none() {
        return derived::measure(args, study, at, payload, run, sink);
    }
    let outcome = study.measure(at, payload, run, sink)?;
    if outcome == Outcome::Interrupted || !args.instructions {
        return Ok(outcome);
    }
    let program = own_program().and_then(fs::read_link).context("--instructions")?;
    let counting = Some((program, job::job(args, study, at, payload, &[], None, run)));
    Ok(instructions::add(study, payload, counting, run, sink))
}

/// Makes or reads a payload, and shows how far it is.
fn read(study: &Study, at: usize, progress: &Progress) -> anyhow::Result<Payload> {
    let name = study.payloads[at].name();
    progress.set(0.0, None, &format!("making {name}"));
    let payload = study.read(at, Some(super::reading_progress(progress, name)))?;
    if study.reading.watch.most_unpacked.is_some() && !payload.is_unpacked {
        ui::warn(&format!("--max-unpacked: {} is not compressed, so that nothing is unpacked", payload.name));
    }
    Ok(payload)
}

fn show_schema(study: &Study, how: ShowSchema) -> anyhow::Result<ExitCode> {
    for at in 0..study.payloads.len() {
        let payload = read(study, at, &Progress::new())?;
        let text = match how {
            ShowSchema::Text => show::schema_text(&payload.schema, &clean(&payload.name)),
            ShowSchema::Rust => show::schema_rust(&payload.schema),
            ShowSchema::Json => format!("{:#}\n", show::schema_json(&payload.schema)),
        };
        super::print(&text)?;
        for note in &payload.notes {
            ui::warn(&format!("{}: {note}", payload.name));
        }
    }
    Ok(ExitCode::SUCCESS)
}
