//! `sercost profile`: what a payload costs in each format.

mod measuring;
mod python;
mod unused;

use super::supervise::{Desk, Results, say_interrupted};
use super::{EXIT_ERROR, EXIT_INTERRUPTED};
use crate::args::{Buffers, OnOff, Profile, Representations};
use crate::clock::{self, Quality};
use crate::codec::{self, CODECS, CodecSpec, Compression};
use crate::measure::{self, Budget, BufferPolicy, Link, Outcome, PythonTrip, Session, Settings, Subjects, Trip, Way};
use crate::model::{Measurement, Representation, Run, nearest, parse_count, parse_duration};
use crate::payload::read::ReadOptions;
use crate::payload::{Column, Encodable, Load, Payload, PayloadSpec, Schema, Tree, show};
use crate::store::{Output, OutputKind, Writer};
use crate::transport::{self, TRANSPORTS, Transport};
use crate::ui::{self, Progress};
use anyhow::{Context, bail};
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// How a schema is shown.
#[derive(Clone, Copy)]
enum ShowSchema {
    Text,
    Rust,
    Json,
}

/// Everything that the command line says, resolved before anything is measured.
struct Plan {
    payloads: Vec<PayloadSpec>,
    /// Each with its number among the rows of the same codec, from 0.
    codecs: Vec<(CodecSpec, usize)>,
    python: Vec<PythonTrip>,
    transports: Vec<&'static dyn Transport>,
    representations: Vec<Representation>,
    many: Option<usize>,
    load: Load,
    settings: Settings,
}

pub(super) fn run(args: &Profile, desk: &Desk) -> anyhow::Result<ExitCode> {
    // Everything counts: whoever gives a call 20 s means all of it.
    let started = clock::now();
    let interrupted = desk.heed()?;
    let (payloads, show) = split_show_schema(args)?;
    let plan = plan(args, &payloads, show.is_none(), &interrupted)?;
    if let Some(how) = show {
        return desk.reading(|| show_schema(&plan, how));
    }
    check_outputs(args, &plan)?;
    let run = empty_run(args, &plan);
    let writer = match &args.out {
        Some(path) => Some(Writer::create(path, &run)?),
        None => None,
    };
    let results = desk.keep(Results { run, writer, format: args.format, details: args.details, trace: None });
    let mut failed = false;
    let count = plan.payloads.len();
    for at in 0..count {
        let label =
            if count > 1 { format!("{} ({}/{count})", plan.payloads[at].name(), at + 1) } else { String::new() };
        let call = Call { plan: &plan, started, desk, results: &results, interrupted: &interrupted };
        match measure_payload(&call, at, &label) {
            Ok(Outcome::Finished) => {}
            Ok(Outcome::Interrupted) => break,
            Err(_) if desk.is_interrupted() => break,
            // The other payloads may be fine: they are measured, and the command still ends in an error.
            Err(error) if count > 1 => {
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
    let stopped = desk.is_interrupted();
    desk.conclude();
    let mut results = locked(&results);
    results.conclude(!stopped)?;
    if stopped {
        say_interrupted(&results.run);
        return Ok(ExitCode::from(EXIT_INTERRUPTED));
    }
    // The null row shows what measuring costs; whoever asked for nothing else has what was asked for.
    let asked_for_null = plan.python.is_empty() && plan.codecs.iter().all(|(spec, _)| spec.codec.info().name == NULL);
    let is_something = |row: &Measurement| row.summary.is_some() && (asked_for_null || row.codec != NULL);
    let nothing = !results.run.measurements.iter().any(is_something);
    if failed || nothing {
        if nothing && !failed {
            ui::error("nothing could be measured; the rows say why");
        }
        return Ok(ExitCode::from(EXIT_ERROR));
    }
    Ok(ExitCode::SUCCESS)
}

/// The codec that writes nothing.
const NULL: &str = "null";

fn locked(results: &Mutex<Results>) -> MutexGuard<'_, Results> {
    // What a panic left is as it was before it.
    results.lock().unwrap_or_else(PoisonError::into_inner)
}

fn check_outputs(args: &Profile, plan: &Plan) -> anyhow::Result<()> {
    let Some(path) = &args.out else { return Ok(()) };
    let mut inputs = super::inputs_of_reading(&plan.payloads, args.schema.as_deref());
    inputs.extend(plan.python.iter().flat_map(|trip| super::inputs_of_interpreter(&trip.interpreter.about)));
    super::check_outputs(&[Output { flag: "--out", path, kind: OutputKind::Results }], inputs, args.force)
}

/// The payloads, and how to show their schema: `--show-schema data.json` means the payload, and text.
fn split_show_schema(args: &Profile) -> anyhow::Result<(Vec<OsString>, Option<ShowSchema>)> {
    let mut payloads = python::split_flag(args).1;
    payloads.extend(args.payloads.iter().cloned());
    let show = match args.show_schema.as_deref() {
        None => None,
        Some(how) if how == "text" => Some(ShowSchema::Text),
        Some(how) if how == "rust" => Some(ShowSchema::Rust),
        Some(how) if how == "json" => Some(ShowSchema::Json),
        Some(payload) => {
            if PayloadSpec::parse(payload).is_err() {
                let payload = payload.display();
                bail!("--show-schema {payload}: neither one of text, rust, json nor a payload");
            }
            payloads.insert(0, payload.to_owned());
            Some(ShowSchema::Text)
        }
    };
    if payloads.is_empty() {
        let (flag, example) = match show {
            Some(_) => ("--show-schema", "data.json --show-schema rust"),
            None => ("--python", "data.json --python"),
        };
        bail!("{flag}: of which payload? As in \"sercost profile {example}\"");
    }
    Ok((payloads, show))
}

fn plan(args: &Profile, payloads: &[OsString], measures: bool, interrupted: &Arc<AtomicBool>) -> anyhow::Result<Plan> {
    let budget = match args.rounds {
        Some(rounds) => Budget::Rounds(rounds),
        None => {
            let usual = if args.quick { "3s" } else { "20s" };
            Budget::Time(parse_duration(args.time.as_deref().unwrap_or(usual)).context("--time")?)
        }
    };
    let many = match &args.many {
        None => None,
        Some(text) => match parse_count(text).context("--many")? {
            0 => bail!("--many: a stream needs at least one message"),
            count => Some(usize::try_from(count).context("--many")?),
        },
    };
    let representations = match args.representation {
        Representations::Typed => vec![Representation::Typed],
        Representations::Dynamic => vec![Representation::Dynamic],
        Representations::Both => vec![Representation::Typed, Representation::Dynamic],
    };
    let mut codecs = codecs(args, &representations)?;
    if let Some(of) = args.pickle_of {
        codecs.iter_mut().for_each(|(spec, _)| spec.codec = codec::pickled_as(spec.codec, of));
    }
    let payloads: Vec<PayloadSpec> = payloads.iter().map(PayloadSpec::parse).collect::<Result<_, _>>()?;
    if payloads.iter().filter(|payload| matches!(payload, PayloadSpec::Stdin)).count() > 1 {
        bail!("standard input can be read only once; give \"-\" once");
    }
    let names: Vec<String> = payloads.iter().map(PayloadSpec::name).collect();
    if let Some((_, name)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        bail!("payload {name:?} is given twice; rows are told apart by the payload's name");
    }
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
    super::refuse_for_shapes(&reading, &payloads)?;
    // Last, since it takes the time of starting an interpreter.
    let python = if measures { python::trips(args, interrupted)? } else { Vec::new() };
    if measures {
        for sentence in unused::sentences(args, &codecs, &python) {
            ui::warn(&sentence);
        }
    }
    let reference = args.reference.as_deref().map(|name| reference(name, &codecs, &python)).transpose()?;
    // Rows of Python are made from columns, and a schema that is given is held against the document.
    let untyped =
        measures && python.is_empty() && args.schema.is_none() && representations == [Representation::Dynamic];
    let keep_pickle = !python.is_empty();
    Ok(Plan {
        payloads,
        codecs,
        python,
        transports: transports(&args.transport).context("--transport")?,
        load: Load {
            options: ReadOptions { keep_pickle, ..super::read_options(&reading)? },
            seed: args.seed,
            dynamic: representations.contains(&Representation::Dynamic),
            untyped,
        },
        representations,
        many,
        settings: Settings {
            program: measure::own_program().context("cannot find this program itself")?,
            seed: args.seed,
            budget,
            asked_ns: match budget {
                Budget::Time(asked) => Some(asked),
                Budget::Rounds(_) => None,
            },
            buffers: match args.buffer {
                Buffers::Fresh => BufferPolicy::Fresh,
                Buffers::Reused => BufferPolicy::Reused,
                Buffers::Presized => BufferPolicy::Presized,
            },
            clock: Quality::measure(),
            reference,
            own_format: Vec::new(),
            quick: args.quick,
            python_gc: args.python_gc == OnOff::On,
            links: args.link.iter().map(|text| Link::parse(text)).collect::<Result<_, _>>().context("--link")?,
        },
    })
}

/// The name of the codec that ratios refer to, which must be among those that are measured.
fn reference(name: &str, codecs: &[(CodecSpec, usize)], python: &[PythonTrip]) -> anyhow::Result<String> {
    let name = match python::split_name(name) {
        Some((interpreter, row)) => python::full_name(interpreter, row).context("--reference")?,
        None => CodecSpec::parse(name).context("--reference")?.name(),
    };
    if name == "null" || name.starts_with("null+") {
        bail!(
            "--reference {name}: the null codec writes nothing, so that it has no total to compare with; name another codec"
        );
    }
    let mut known = codecs.iter().map(|(spec, _)| spec.name()).chain(python.iter().map(PythonTrip::name));
    if !known.any(|known| known == name) {
        bail!("--reference {name}: it is not among the codecs that are measured; add it to --codec");
    }
    Ok(name)
}

/// The codecs asked for, or the usual ones; each also with every compressor asked for. The null codec is a row of every
/// typed table, so that everybody sees how much of a row is the walking.
fn codecs(args: &Profile, representations: &[Representation]) -> anyhow::Result<Vec<(CodecSpec, usize)>> {
    let compressions: Vec<Compression> =
        args.compress.iter().map(|text| text.parse()).collect::<Result<_, _>>().context("--compress")?;
    let asked: Vec<CodecSpec> = if args.codec.is_empty() {
        let usual = CODECS.iter().filter(|codec| codec.by_default());
        usual.map(|&codec| CodecSpec { codec, compression: None }).collect()
    } else {
        let of_rust = args.codec.iter().filter(|text| python::split_name(text).is_none());
        of_rust.map(|text| CodecSpec::parse(text)).collect::<Result<_, _>>().context("--codec")?
    };
    if asked.is_empty() {
        // Rows of Python alone do not walk anything of ours.
        return Ok(Vec::new());
    }
    let null = codec::find("null").map(|codec| CodecSpec { codec, compression: None });
    let with_null = null.filter(|_| representations.contains(&Representation::Typed)).into_iter().chain(asked);
    let mut specs: Vec<(CodecSpec, usize)> = Vec::new();
    for spec in with_null {
        let is_null = spec.codec.info().name == "null";
        let squeezes_nothing = is_null && spec.compression.is_some();
        let before = specs.iter().filter(|(known, _)| known.name() == spec.name()).count();
        // What was named twice is two rows, to see how far two rows of the same lie apart.
        let is_second_null = is_null && before > 0;
        if !squeezes_nothing && !is_second_null {
            specs.push((spec, before));
        }
        if spec.compression.is_some() || is_null {
            continue;
        }
        for &compression in &compressions {
            let spec = CodecSpec { codec: spec.codec, compression: Some(compression) };
            let named = args
                .codec
                .iter()
                .filter_map(|text| CodecSpec::parse(text).ok())
                .any(|named| named.name() == spec.name());
            if !named && !specs.iter().any(|(known, _)| known.name() == spec.name()) {
                specs.push((spec, 0));
            }
        }
    }
    Ok(specs)
}

fn transports(asked: &[String]) -> anyhow::Result<Vec<&'static dyn Transport>> {
    let mut found: Vec<&'static dyn Transport> = Vec::new();
    for name in asked {
        let named: Vec<&'static dyn Transport> = if name == "all" {
            TRANSPORTS.to_vec()
        } else if let Some(transport) = transport::find(name) {
            vec![transport]
        } else {
            let known = TRANSPORTS.iter().map(|transport| transport.info().name).chain(["all"]);
            let meant = nearest(name, known).map(|near| format!("did you mean {near:?}? ")).unwrap_or_default();
            bail!("unknown transport {name:?}; {meant}\"sercost list transports\" shows all");
        };
        for transport in named {
            if !found.iter().any(|known| known.info().name == transport.info().name) {
                found.push(transport);
            }
        }
    }
    Ok(found)
}

fn show_schema(plan: &Plan, how: ShowSchema) -> anyhow::Result<ExitCode> {
    for spec in &plan.payloads {
        let payload = read(spec, plan, &Progress::new())?;
        let text = match how {
            ShowSchema::Text => show::schema_text(&payload.schema, &payload.name),
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

fn empty_run(args: &Profile, plan: &Plan) -> Run {
    let budget = match plan.settings.budget {
        Budget::Time(budget) => Some(budget),
        Budget::Rounds(_) => None,
    };
    let policy = plan.settings.buffers.name();
    let mut environment = super::environment(plan.settings.clock, args.seed, policy, budget);
    for trip in &plan.python {
        if !environment.interpreters.contains(&trip.interpreter.about) {
            environment.interpreters.push(trip.interpreter.about.clone());
        }
    }
    Run::new(environment)
}

/// What measuring a payload needs of the call.
struct Call<'a> {
    plan: &'a Plan,
    started: u64,
    desk: &'a Desk,
    results: &'a Mutex<Results>,
    interrupted: &'a AtomicBool,
}

/// Makes or reads a payload, and shows how far it is.
fn read(spec: &PayloadSpec, plan: &Plan, progress: &Progress) -> anyhow::Result<Payload> {
    spec.check_memory(measure::available_memory(), plan.load.dynamic)?;
    progress.set(0.0, None, &format!("making {}", spec.name()));
    let mut load = plan.load.clone();
    load.options.watch.progress = Some(super::reading_progress(progress, spec.name()));
    Ok(spec.load(&load)?)
}

/// Makes one payload and measures it; the run gets its rows also when it is interrupted.
fn measure_payload(call: &Call<'_>, at: usize, label: &str) -> anyhow::Result<Outcome> {
    let Call { plan, started, desk, results, interrupted } = *call;
    let progress = Progress::new();
    let payload = desk.reading(|| read(&plan.payloads[at], plan, &progress))?;
    progress.finish();
    if holds_nothing(&payload) {
        bail!("payload {}: it is {}, and holds nothing to measure", payload.name, payload.description());
    }
    let compressed = plan.codecs.iter().any(|(spec, _)| spec.compression.is_some());
    payload.check_memory(plan.many, compressed, measure::available_memory())?;
    let native = plan.codecs.iter().any(|(spec, _)| spec.codec.info().native);
    let mut results = locked(results);
    let Results { run, writer, format, details, .. } = &mut *results;
    let (format, details) = (*format, *details);
    let recorder = measuring::Recorder::new(run, writer, plan, &payload);
    // Made on the thread that measures, and kept beyond it.
    let (held, encodable) = (OnceLock::new(), OnceLock::new());
    let make = || {
        let messages = payload.messages(plan.many.is_some(), native).map_err(anyhow::Error::msg)?;
        let mut settings = plan.settings.clone();
        settings.own_format = own_format(payload.format);
        if let Budget::Time(total) = settings.budget {
            // What earlier payloads, and the reading of this one, left of the whole call's time is shared by those to come.
            let left = total.saturating_sub(clock::now() - started);
            settings.budget = Budget::Time(left / (plan.payloads.len() - at) as u64);
        }
        let (messages, settings) = held.get_or_init(|| (messages, settings));
        let subjects = Subjects {
            schema: &messages.schema,
            column: messages.column,
            encodable: encodable.get_or_init(|| Encodable::new(&messages.schema, messages.column)),
            trees: messages.trees,
            native: messages.native.as_ref(),
            messages: plan.many.unwrap_or(1),
            pickle: payload.pickle.as_ref().map(|file| (file, plan.many.is_some())),
        };
        Ok(Session::new(settings, subjects, ways(plan), interrupted))
    };
    let stopped = |recorder: &mut measuring::Recorder<'_>| {
        desk.conclude();
        recorder.run.environment.complete = false;
        let written = recorder.writer.take().map_or(Ok(()), |writer| writer.finish(recorder.run));
        let code = match super::print(&super::rendered(recorder.run, format, details)) {
            Ok(()) => EXIT_INTERRUPTED,
            Err(_) => EXIT_ERROR,
        };
        if let Err(error) = written {
            ui::error(&error.to_string());
        }
        say_interrupted(recorder.run);
        desk.leave(code)
    };
    desk.measuring(None, || measuring::measure(recorder, label, interrupted, make, stopped))
}

/// Whether there is nothing in a payload that could be encoded: an empty list, map, text or record.
fn holds_nothing(payload: &Payload) -> bool {
    if let Some(tree) = payload.tree.as_ref().filter(|_| !payload.typed) {
        return match tree {
            Tree::List(items) => items.is_empty(),
            Tree::Map(entries) => entries.is_empty(),
            Tree::String(text) => text.is_empty(),
            Tree::Bytes(bytes) => bytes.is_empty(),
            _ => false,
        };
    }
    match (&*payload.schema, &payload.column) {
        (_, Column::List { items, .. }) => items.is_empty(),
        (_, Column::Map { keys, .. }) => keys.is_empty(),
        (_, Column::String(texts)) => texts.iter().all(String::is_empty),
        (_, Column::Bytes(texts)) => texts.iter().all(Vec::is_empty),
        (Schema::Record(record), _) => record.fields.is_empty(),
        _ => false,
    }
}

/// The codecs that write the format that a payload was read from, the first that is measured being the reference.
fn own_format(format: Option<&str>) -> Vec<String> {
    let names: &[&str] = match format {
        Some("json" | "ndjson") => &["json"],
        Some("msgpack") => &["msgpack", "msgpack-named"],
        Some("cbor") => &["cbor", "ciborium"],
        Some("pickle") => &["pickle:4", "pickle:5", "pickle:2"],
        _ => &[],
    };
    names.iter().map(|&name| name.to_owned()).collect()
}

/// Every combination, transports outermost, so that a report can take them table by table. The null codec has no
/// transport and one representation, so it is there once. Rows of Python, which have their own of both, come last.
fn ways(plan: &Plan) -> Vec<Way> {
    let rust = trips(plan).into_iter().map(Way::Rust);
    rust.chain(plan.python.iter().cloned().map(Way::Python)).collect()
}

fn trips(plan: &Plan) -> Vec<Trip> {
    let mut trips: Vec<Trip> = Vec::new();
    for &transport in &plan.transports {
        for &representation in &plan.representations {
            for &(spec, copy) in &plan.codecs {
                let trip = Trip { representation, spec, transport, copy };
                let again = trip.is_null() && trips.iter().any(Trip::is_null);
                if !(again || trip.is_null() && representation == Representation::Dynamic) {
                    trips.push(trip);
                }
            }
        }
    }
    trips
}
