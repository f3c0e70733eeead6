//! `sercost profile`: what a payload costs in each format.

mod measuring;
mod python;
mod unused;

use super::{EXIT_ERROR, EXIT_INTERRUPTED};
use crate::args::{Buffers, OnOff, Profile, Representations};
use crate::clock::{self, Quality};
use crate::codec::{self, CODECS, CodecSpec, Compression};
use crate::measure::{self, Budget, BufferPolicy, Link, Outcome, PythonTrip, Session, Settings, Subjects, Trip, Way};
use crate::model::{Representation, Run, nearest, parse_count, parse_duration};
use crate::payload::{Column, Load, Payload, PayloadSpec, Schema, show};
use crate::store::Writer;
use crate::transport::{self, TRANSPORTS, Transport};
use crate::ui::{self, Progress};
use anyhow::{Context, bail};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// What is said after the user stopped it.
const INTERRUPTED: &str = "interrupted: what had been measured is shown";

pub(super) fn run(args: &Profile) -> anyhow::Result<ExitCode> {
    // The time that was promised begins here, with all that comes before the measuring.
    let started = clock::now();
    let (payloads, show) = split_show_schema(args)?;
    let plan = plan(args, &payloads, show.is_none())?;
    if let Some(how) = show {
        return show_schema(&plan, how);
    }
    let interrupted = super::interrupt_flag().context("cannot watch for Ctrl-C")?;
    let mut run = empty_run(args, &plan);
    let mut writer = match &args.out {
        Some(path) => Some(Writer::create(path, &run)?),
        None => None,
    };
    let mut failed = false;
    let count = plan.payloads.len();
    for at in 0..count {
        let label =
            if count > 1 { format!("{} ({}/{count})", plan.payloads[at].name(), at + 1) } else { String::new() };
        match measure_payload(args, &plan, at, started, &label, &mut run, &mut writer, &interrupted) {
            Ok(Outcome::Finished) => {}
            Ok(Outcome::Interrupted) => break,
            // The other payloads may be fine: they are measured, and the command still ends in an error.
            Err(error) if count > 1 => {
                failed = true;
                ui::error(&format!("{error:#}"));
            }
            Err(error) => return Err(error),
        }
        if interrupted.load(Ordering::Relaxed) {
            break;
        }
    }
    let stopped = interrupted.load(Ordering::Relaxed);
    run.environment.complete = !stopped;
    let written = writer.map_or(Ok(()), |writer| writer.finish(&run));
    super::print(&super::rendered(&run, args.format, args.details))?;
    written?;
    if stopped {
        ui::warn(INTERRUPTED);
        return Ok(ExitCode::from(EXIT_INTERRUPTED));
    }
    let nothing = !run.measurements.iter().any(|row| row.summary.is_some());
    if failed || nothing {
        if nothing && !failed {
            ui::error("nothing could be measured; the rows say why");
        }
        return Ok(ExitCode::from(EXIT_ERROR));
    }
    Ok(ExitCode::SUCCESS)
}

/// The payloads, and how to show their schema: `--show-schema data.json` means the payload, and text.
fn split_show_schema(args: &Profile) -> anyhow::Result<(Vec<String>, Option<ShowSchema>)> {
    let mut payloads = python::split_flag(args).1;
    payloads.extend(args.payloads.iter().cloned());
    let show = match args.show_schema.as_deref() {
        None => None,
        Some("text") => Some(ShowSchema::Text),
        Some("rust") => Some(ShowSchema::Rust),
        Some("json") => Some(ShowSchema::Json),
        Some(payload) => {
            if PayloadSpec::parse(payload).is_err() {
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

fn plan(args: &Profile, payloads: &[String], measures: bool) -> anyhow::Result<Plan> {
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
        if !codecs.iter().any(|(spec, _)| spec.codec.info().name.starts_with("pickle:")) {
            ui::warn("--pickle-of: none of the codecs measured is one of pickle:*, and no other heeds it");
        }
    }
    let payloads: Vec<PayloadSpec> = payloads.iter().map(|text| PayloadSpec::parse(text)).collect::<Result<_, _>>()?;
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
    };
    super::refuse_for_shapes(&reading, &payloads)?;
    // Last, since it takes the time of starting an interpreter.
    let python = if measures { python::trips(args)? } else { Vec::new() };
    if measures {
        for sentence in unused::sentences(args, &codecs, &python) {
            ui::warn(&sentence);
        }
    }
    let reference = args.reference.as_deref().map(|name| reference(name, &codecs, &python)).transpose()?;
    // Rows of Python are made from columns, and a schema that is given is held against the document.
    let untyped =
        measures && python.is_empty() && args.schema.is_none() && representations == [Representation::Dynamic];
    Ok(Plan {
        payloads,
        codecs,
        python,
        transports: transports(&args.transport).context("--transport")?,
        load: Load {
            options: super::read_options(&reading)?,
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
        if !squeezes_nothing && !(is_null && before > 0) {
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
        spec.check_memory(measure::available_memory())?;
        let payload = spec.load(&plan.load)?;
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

/// Makes one payload and measures it; the run gets its rows also when it is interrupted.
#[allow(clippy::too_many_arguments, reason = "all that a call has")]
fn measure_payload(
    args: &Profile,
    plan: &Plan,
    at: usize,
    started: u64,
    label: &str,
    run: &mut Run,
    writer: &mut Option<Writer>,
    interrupted: &AtomicBool,
) -> anyhow::Result<Outcome> {
    let spec = &plan.payloads[at];
    spec.check_memory(measure::available_memory())?;
    let progress = Progress::new();
    progress.set(0.0, None, &format!("making {}", spec.name()));
    let payload = spec.load(&plan.load)?;
    progress.finish();
    if holds_nothing(&payload) {
        bail!("payload {}: it is {}, and holds nothing to measure", payload.name, payload.description());
    }
    let native = plan.codecs.iter().any(|(spec, _)| spec.codec.info().native);
    let recorder = measuring::Recorder::new(run, writer, plan, &payload);
    // Made on the thread that measures, and kept beyond it.
    let held = OnceLock::new();
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
            trees: messages.trees,
            native: messages.native.as_ref(),
            messages: plan.many.unwrap_or(1),
        };
        Ok(Session::new(settings, subjects, ways(plan), interrupted))
    };
    let stopped = |recorder: &mut measuring::Recorder<'_>| {
        recorder.run.environment.complete = false;
        let written = recorder.writer.take().map_or(Ok(()), |writer| writer.finish(recorder.run));
        let printed = super::rendered(recorder.run, args.format, args.details);
        let code = match super::print(&printed) {
            Ok(()) => EXIT_INTERRUPTED,
            Err(_) => EXIT_ERROR,
        };
        if let Err(error) = written {
            ui::error(&error.to_string());
        }
        ui::warn(INTERRUPTED);
        std::process::exit(code.into());
    };
    measuring::measure(recorder, label, interrupted, make, stopped)
}

/// Whether there is nothing in a payload that could be encoded: an empty list, map, text or record.
fn holds_nothing(payload: &Payload) -> bool {
    match (&*payload.schema, &payload.column) {
        (_, Column::List { items, .. }) => items.is_empty(),
        (_, Column::Map { keys, .. }) => keys.is_empty(),
        (_, Column::String(texts)) => texts.iter().all(String::is_empty),
        (_, Column::Bytes(texts)) => texts.iter().all(Vec::is_empty),
        (Schema::Record(record), _) => record.fields.is_empty(),
        (schema, _) => matches!(schema, Schema::Unit),
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
