//! `sercost tasks`: what a task of a process pool costs, component by component.

mod plan;

use super::EXIT_ERROR;
use super::sinks::{Bar, Keeper, Trace};
use super::supervise::{Desk, Outputs, Results, locked};
use crate::args::{self, Tasks};
use crate::engine::{ScenarioSpec, Study};
use crate::model::{ScenarioInfo, Sink, Tracks};
use crate::payload::Payload;
use crate::report::Shown;
use crate::store::{Input, Output, OutputKind, Writer};
use crate::ui::{self, Progress};
use anyhow::Context;
use std::process::ExitCode;
use std::sync::Mutex;

pub(super) fn run(args: &Tasks, desk: &Desk) -> anyhow::Result<ExitCode> {
    let interrupted = desk.heed()?;
    let study = plan::study(args, &interrupted)?;
    check_outputs(args, &study)?;
    let (command, date) = super::call();
    let run = study.empty_run(command, date);
    let writer = args.out.as_ref().map(|path| Writer::create(path, &run)).transpose()?;
    let trace = args.trace_out.as_deref().map(Trace::create).transpose().context("--trace-out")?;
    let args::Parts { details, components, ledgers, check, environment } = args.shown;
    let shown = Shown { details, components, ledgers, check, environment };
    let results = desk.keep(run, Outputs { writer, format: args.format, shown, trace, baseline: None });
    let progress = Progress::new();
    let mut bar = Bar::new(&progress);
    let data = match study.needs_data() {
        true => match desk.reading(|| read(&study, &progress, &mut bar)) {
            // No scenario follows.
            Err(_) if desk.is_interrupted() => None,
            read => Some(read?),
        },
        false => None,
    };
    for at in 0..study.scenarios.len() {
        if desk.is_interrupted() {
            break;
        }
        let said = Some("interrupted: what the tasks have recorded is being read");
        let measured = desk.measuring(said, || {
            let mut measured = study.measure(at, data.as_ref(), &mut bar);
            for tracks in measured.iter_mut().filter_map(|own| own.tracks.take()) {
                draw(&results, &tracks);
            }
            measured
        });
        let mut results = locked(&results);
        let Results { run, outputs } = &mut *results;
        for own in measured {
            own.keep(run, &mut Keeper::new(outputs, desk, &progress));
        }
    }
    progress.finish();
    if let Some(code) = desk.end(&results)? {
        return Ok(code);
    }
    let results = locked(&results);
    let failed: Vec<&ScenarioInfo> = results.run.scenarios.iter().filter(|scenario| scenario.error.is_some()).collect();
    for scenario in &failed {
        ui::error(&format!("{}: {}", scenario.scenario, scenario.error.as_deref().unwrap_or_default()));
    }
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_ERROR) })
}

/// Writes the tracks of a scenario without the lock: who gives up meanwhile shows the results without them.
fn draw(results: &Mutex<Results>, tracks: &Tracks) {
    let trace = locked(results).outputs.trace.take();
    if let Some(mut trace) = trace {
        trace.scenario(tracks);
        locked(results).outputs.trace = Some(trace);
    }
}

fn check_outputs(args: &Tasks, study: &Study) -> anyhow::Result<()> {
    let out = args.out.as_deref().map(|path| Output { flag: "--out", path, kind: OutputKind::Results });
    let trace = args.trace_out.as_deref().map(|path| Output { flag: "--trace-out", path, kind: OutputKind::Trace });
    let outputs: Vec<Output<'_>> = out.into_iter().chain(trace).collect();
    let mut inputs = super::inputs_of_reading([&study.payload], args.reading.schema.as_deref());
    inputs.extend(study.scenarios.iter().filter_map(|scenario| match scenario {
        ScenarioSpec::File(path) => Some(Input { what: "a scenario", path: path.clone() }),
        ScenarioSpec::BuiltIn(_) => None,
    }));
    inputs.extend(
        study.settings.interpreter.iter().flat_map(|interpreter| super::inputs_of_interpreter(&interpreter.about)),
    );
    super::check_outputs(&outputs, inputs, args.force)
}

/// Reads or makes the data, and shows how far it is.
fn read(study: &Study, progress: &Progress, bar: &mut Bar<'_>) -> anyhow::Result<Payload> {
    let name = study.payload.name();
    progress.set(0.0, None, &format!("making {name}"));
    let data = study.read(Some(super::reading_progress(progress, name)))?;
    for note in &data.notes {
        bar.warn(&format!("{}: {note}", data.name));
    }
    Ok(data)
}
