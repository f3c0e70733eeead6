//! `sercost tasks`: what a task of a process pool costs, component by component.

use super::supervise::{Desk, Results, say_interrupted};
use super::{EXIT_ERROR, EXIT_INTERRUPTED};
use crate::args::Tasks;
use crate::clock::{self, Quality};
use crate::codec::{Codec, CodecSpec};
use crate::measure;
use crate::model::{Nanos, Run, ScenarioInfo, nearest, parse_count, parse_duration};
use crate::payload::{Load, Payload, PayloadSpec};
use crate::store::{self, Input, Output, OutputKind, Writer};
use crate::task::{
    self, CALLS, Call, ComponentRow, Engine, Interpreter, Job, PayloadFile, Recording, RunDirectory, SCENARIOS,
    ScenarioSpec, Start, Watch, find_engine,
};
use crate::ui::{self, Progress};
use anyhow::{Context, bail};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a pool's watch over its workers takes is said from this share of the time of all tasks on.
const LEAST_WATCH: f64 = 0.05;
/// And from so many messages on: with fewer, it is the making of the pool that takes the time.
const MANY_MESSAGES: u64 = 100;
/// More processes than that is a slip of the hand.
const MOST_WORKERS: u64 = 1024;
/// The records of so many tasks fit into the address space that the agent reserves.
const MOST_TASKS: u64 = 1_000_000;

/// What data goes through if nothing else is said: compact, fast, and it takes everything.
const DEFAULT_CODEC: &str = "postcard";

/// Everything that the command line says, resolved before anything is measured.
struct Plan {
    scenarios: Vec<ScenarioSpec>,
    engine: &'static dyn Engine,
    /// For engines that are Python's.
    interpreter: Option<Interpreter>,
    /// For those that are not.
    codec: Option<&'static dyn Codec>,
    payload: PayloadSpec,
    load: Load,
    start: Option<Start>,
    call: Option<Call>,
    chunksize: Option<u64>,
    workers: u64,
    tasks: u64,
    call_ns: u64,
}

pub(super) fn run(args: &Tasks, desk: &Desk) -> anyhow::Result<ExitCode> {
    let interrupted = desk.heed()?;
    let plan = plan(args, &interrupted)?;
    check_outputs(args, &plan)?;
    let mut run = Run::new(super::environment(Quality::measure(), args.seed, "fresh", None));
    run.environment.interpreters.extend(plan.interpreter.iter().map(|interpreter| interpreter.about.clone()));
    let writer = match &args.out {
        Some(path) => Some(Writer::create(path, &run)?),
        None => None,
    };
    if let Some(path) = &args.trace_out {
        store::check(path).context("--trace-out")?;
    }
    let trace = args.trace_out.clone().map(|path| (path, Vec::new()));
    let results = desk.keep(Results { run, writer, format: args.format, details: false, trace });
    let progress = Progress::new();
    let payload = match plan.scenarios.iter().any(ScenarioSpec::has_payload) {
        true => match desk.reading(|| load(&plan, &progress)) {
            // No scenario follows.
            Err(_) if desk.is_interrupted() => None,
            loaded => Some(loaded?),
        },
        false => None,
    };
    for (at, scenario) in plan.scenarios.iter().enumerate() {
        if desk.is_interrupted() {
            break;
        }
        let done = at as f64 / plan.scenarios.len() as f64;
        progress.set(done, None, &format!("{} ({}/{})", scenario.name(), at + 1, plan.scenarios.len()));
        let (joined, measured) = desk
            .measuring(Some("interrupted: what the tasks have recorded is being read"), || {
                measure_scenario(&plan, args, scenario, payload.as_ref(), &interrupted)
            });
        let lanes = args.trace_out.is_some().then(|| task::lanes(&scenario.name(), &joined));
        let mut results = locked(&results);
        let Results { run, writer, trace, .. } = &mut *results;
        run.components.extend(measured.components);
        run.scenarios.push(measured.scenario);
        if let (Some((_, all)), Some(lanes)) = (trace, lanes) {
            all.push(lanes);
        }
        if let Some(writer) = writer
            && let Err(error) = writer.update(run, clock::now())
        {
            // The measuring goes on, and the end of it tries again.
            progress.suspend(|| ui::warn(&error.to_string()));
        }
    }
    progress.finish();
    let stopped = desk.is_interrupted();
    desk.conclude();
    let mut results = locked(&results);
    results.conclude(!stopped)?;
    if stopped {
        say_interrupted(&results.run);
        return Ok(ExitCode::from(EXIT_INTERRUPTED));
    }
    let failed: Vec<&ScenarioInfo> = results.run.scenarios.iter().filter(|scenario| scenario.error.is_some()).collect();
    for scenario in &failed {
        ui::error(&format!("{}: {}", scenario.scenario, scenario.error.as_deref().unwrap_or_default()));
    }
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_ERROR) })
}

fn locked(results: &Mutex<Results>) -> MutexGuard<'_, Results> {
    // What a panic left is as it was before it.
    results.lock().unwrap_or_else(PoisonError::into_inner)
}

fn check_outputs(args: &Tasks, plan: &Plan) -> anyhow::Result<()> {
    let outputs: Vec<Output<'_>> = [
        args.out.as_deref().map(|path| Output { flag: "--out", path, kind: OutputKind::Results }),
        args.trace_out.as_deref().map(|path| Output { flag: "--trace-out", path, kind: OutputKind::Trace }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut inputs = super::inputs_of_reading([&plan.payload], args.schema.as_deref());
    inputs.extend(plan.scenarios.iter().filter_map(|scenario| match scenario {
        ScenarioSpec::File(path) => Some(Input { what: "a scenario", path: path.clone() }),
        ScenarioSpec::BuiltIn(_) => None,
    }));
    inputs.extend(plan.interpreter.iter().flat_map(|interpreter| super::inputs_of_interpreter(&interpreter.about)));
    super::check_outputs(&outputs, inputs, args.force)
}

fn plan(args: &Tasks, interrupted: &Arc<AtomicBool>) -> anyhow::Result<Plan> {
    let engine = find_engine(&args.engine).context("--engine")?;
    let scenarios: Vec<ScenarioSpec> = if args.scenarios.is_empty() {
        let all = SCENARIOS.iter().map(ScenarioSpec::BuiltIn);
        all.filter(|scenario| engine.refuses(scenario).is_none()).collect()
    } else {
        args.scenarios.iter().map(ScenarioSpec::parse).collect::<Result<_, _>>()?
    };
    let names: Vec<String> = scenarios.iter().map(ScenarioSpec::name).collect();
    if let Some((_, name)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        bail!("scenario {name:?} is given twice; rows are told apart by the scenario's name");
    }
    let call = call(args, engine)?;
    let chunksize = match &args.chunksize {
        None => None,
        Some(_) if call.is_some_and(|call| !call.chunks()) => {
            bail!("--chunksize: {} sends each task by itself; leave it out", call.map_or("", Call::name))
        }
        Some(_) if !engine.is_python() => {
            bail!("--chunksize: the engine {} sends each task by itself; leave it out", engine.info().name)
        }
        Some(text) => Some(within("--chunksize", text, MOST_TASKS)?),
    };
    let payload = PayloadSpec::parse(&args.payload)?;
    let reading = super::Reading {
        input_format: args.input_format.as_deref(),
        delimiter: args.delimiter.as_deref(),
        lenient: args.lenient,
        schema: args.schema.as_deref(),
        floats: args.floats,
        ints: args.ints,
        columns: &args.columns,
        max_unpacked: args.max_unpacked.as_deref(),
        interrupted,
    };
    super::refuse_for_shapes(&reading, std::slice::from_ref(&payload))?;
    Ok(Plan {
        scenarios,
        engine,
        payload,
        load: Load { options: super::read_options(&reading)?, seed: args.seed, dynamic: false, untyped: false },
        start: start(args, engine)?,
        call,
        chunksize,
        workers: within("--workers", &args.workers, MOST_WORKERS)?,
        tasks: within("--tasks", &args.tasks, MOST_TASKS)?,
        call_ns: parse_duration(&args.call_time).context("--call-time")?,
        codec: codec(args, engine)?,
        interpreter: if engine.is_python() { Some(Interpreter::find(args.python.as_deref())?) } else { None },
    })
}

/// What the data goes through, where that is not Python's to say.
fn codec(args: &Tasks, engine: &dyn Engine) -> anyhow::Result<Option<&'static dyn Codec>> {
    let name = engine.info().name;
    if engine.is_python() {
        if args.codec.is_some() {
            bail!("--codec: the engine {name} pickles; codecs are for --engine native");
        }
        return Ok(None);
    }
    if args.python.is_some() {
        bail!("--python: the engine {name} runs no Python; leave it out");
    }
    let spec = CodecSpec::parse(args.codec.as_deref().unwrap_or(DEFAULT_CODEC)).context("--codec")?;
    if let Some(compression) = spec.compression {
        bail!("--codec: {compression} is a compressor, which tasks do not go through; sercost profile measures them");
    }
    if !spec.codec.decodes() {
        bail!("--codec: {} writes nothing that could be sent; take another", spec.codec.info().name);
    }
    Ok(Some(spec.codec))
}

/// A count of at least one.
fn within(flag: &str, text: &str, most: u64) -> anyhow::Result<u64> {
    let count = parse_count(text).with_context(|| flag.to_owned())?;
    if !(1..=most).contains(&count) {
        bail!("{flag} {text}: it has to be between 1 and {most}");
    }
    Ok(count)
}

fn call(args: &Tasks, engine: &dyn Engine) -> anyhow::Result<Option<Call>> {
    let own = engine.info().calls;
    let Some(name) = &args.call else { return Ok(own.first().copied()) };
    // As on a command line, too.
    let wanted = name.to_lowercase().replace('-', "_");
    if let Some(call) = own.iter().find(|call| call.name() == wanted) {
        return Ok(Some(*call));
    }
    let names: Vec<&str> = own.iter().map(|call| call.name()).collect();
    if CALLS.iter().any(|call| call.name() == wanted) {
        bail!("--call {name}: the engine {} has no such method; it has {}", engine.info().name, names.join(", "));
    }
    let meant = nearest(&wanted, names.iter().copied()).map(|near| format!("did you mean {near:?}? "));
    bail!("unknown method {name:?}; {}--call takes {}", meant.unwrap_or_default(), names.join(", "))
}

fn start(args: &Tasks, engine: &dyn Engine) -> anyhow::Result<Option<Start>> {
    let own = engine.info().starts;
    let Some(name) = &args.start else { return Ok(own.first().copied()) };
    if let Some(start) = own.iter().find(|start| start.name().eq_ignore_ascii_case(name)) {
        return Ok(Some(*start));
    }
    if own.is_empty() {
        bail!("--start: the engine {} has one way to start its workers; leave it out", engine.info().name);
    }
    let names: Vec<&str> = own.iter().map(|start| start.name()).collect();
    let meant = nearest(name, names.iter().copied()).map(|near| format!("did you mean {near:?}? "));
    bail!("unknown start method {name:?}; {}--start takes {}", meant.unwrap_or_default(), names.join(", "))
}

/// The payload, and its form for Python where that is needed.
type Data = (Payload, Option<PayloadFile>);

/// Makes the payload.
fn load(plan: &Plan, progress: &Progress) -> anyhow::Result<Data> {
    plan.payload.check_memory(measure::available_memory(), false)?;
    progress.set(0.0, None, &format!("making {}", plan.payload.name()));
    let mut load = plan.load.clone();
    load.options.watch.progress = Some(super::reading_progress(progress, plan.payload.name()));
    let payload = plan.payload.load(&load)?;
    payload.check_memory(None, false, measure::available_memory())?;
    for note in &payload.notes {
        progress.suspend(|| ui::warn(&format!("{}: {note}", payload.name)));
    }
    let file = match plan.interpreter {
        Some(_) => Some(PayloadFile::prepare(&payload).map_err(anyhow::Error::msg)?),
        None => None,
    };
    Ok((payload, file))
}

/// What a scenario came to.
struct Measured {
    components: Vec<ComponentRow>,
    scenario: ScenarioInfo,
}

/// Runs one scenario. Returns its records, and what it came to, whatever that is.
fn measure_scenario(
    plan: &Plan,
    args: &Tasks,
    scenario: &ScenarioSpec,
    payload: Option<&Data>,
    interrupted: &AtomicBool,
) -> (task::Joined, Measured) {
    let payload = payload.filter(|_| scenario.has_payload());
    let recording = record(plan, args, scenario, payload, interrupted);
    let (recording, error) = match recording {
        Ok(recording) => (recording, None),
        Err(error) => (Recording::default(), Some(format!("{error:#}"))),
    };
    let joined = task::join(&recording.records);
    let outcome = task::rows(&joined);
    let engine = plan.engine.info().name;
    let name = scenario.name();
    let payload_name = payload.map(|(payload, _)| payload.name.as_str());
    let components = outcome.rows.iter().map(|row| row.named(engine, &name, payload_name)).collect();
    let mut notes = recording.notes;
    if outcome.partial > 0 {
        notes.push(format!("the way of {} more messages is known in part only, and is not counted", outcome.partial));
    }
    notes.extend(watch_note(joined.watch, outcome.messages, recording.wall_ns));
    if let Some(digest) = recording.digest {
        notes.push(format!("results: {digest}"));
    }
    let scenario = ScenarioInfo {
        engine: engine.to_owned(),
        scenario: name,
        description: scenario.what().to_owned(),
        payload: payload_name.map(str::to_owned),
        payload_description: payload.map(|(payload, _)| payload.description()),
        runtime: recording.runtime,
        start: plan.start.map(|start| start.name().to_owned()),
        call: plan.call.map(|call| call.name().to_owned()),
        chunksize: plan.chunksize,
        workers: plan.workers,
        call_ns: plan.call_ns,
        tasks: plan.tasks,
        done: recording.done,
        failed: recording.failed,
        messages: outcome.messages,
        wall_ns: recording.wall_ns,
        closures: outcome.closures,
        encoded: recording.encoded.as_deref().map(task::encoded_parts).unwrap_or_default(),
        alone: recording.alone,
        complete: recording.finished && !joined.holes,
        notes,
        error: error.or(recording.error),
    };
    (joined, Measured { components, scenario })
}

/// What is said of a pool's watch over its workers, where it had a part in what the tasks took.
fn watch_note(watch: Watch, messages: u64, wall_ns: Option<u64>) -> Option<String> {
    let share = watch.cpu_ns as f64 / wall_ns.filter(|&ns| ns > 0)? as f64;
    (messages >= MANY_MESSAGES && share >= LEAST_WATCH).then(|| {
        format!(
            "the pool's thread that watches over its workers woke {} times and took {} on a CPU, {:.0} % of the time of \
             all tasks, mostly with the interpreter lock that the parent's other threads need; it wakes whenever a result \
             waits, so larger chunks wake it less often",
            watch.wakes,
            Nanos(watch.cpu_ns as f64),
            100.0 * share,
        )
    })
}

fn record(
    plan: &Plan,
    args: &Tasks,
    scenario: &ScenarioSpec,
    payload: Option<&Data>,
    interrupted: &AtomicBool,
) -> anyhow::Result<Recording> {
    if let Some(reason) = plan.engine.refuses(scenario) {
        bail!(reason);
    }
    let data = payload.map(|(payload, _)| payload);
    let file = payload.and_then(|(payload, file)| Some((payload, file.as_ref()?)));
    let bytes = file.map_or(0, |(payload, file)| file.bytes(payload));
    let directory = RunDirectory::create(bytes).context("cannot make a directory for temporary files; set TMPDIR")?;
    if let Some((payload, file)) = file {
        file.write(payload, &directory)
            .with_context(|| format!("cannot write the payload to {}; set TMPDIR", directory.path().display()))?;
    }
    let job = Job {
        scenario,
        payload: file.map(|(_, file)| file),
        data,
        codec: plan.codec,
        interpreter: plan.interpreter.as_ref(),
        directory: &directory,
        start: plan.start,
        call: plan.call,
        chunksize: plan.chunksize,
        workers: plan.workers,
        tasks: plan.tasks,
        call_ns: plan.call_ns,
        record: !args.untraced,
        digest: args.digest,
        interrupted,
    };
    Ok(plan.engine.run(&job)?)
}
