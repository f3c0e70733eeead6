//! `sercost profile`: what a payload costs in each format.

mod python;

use super::{EXIT_ERROR, EXIT_INTERRUPTED};
use crate::args::{Buffers, OnOff, Profile, Representations};
use crate::clock::{self, Quality};
use crate::codec::{self, CODECS, CodecSpec, Compression};
use crate::measure::{
    self, Budget, BufferPolicy, Link, Observer, Outcome, PythonTrip, Session, Settings, Subjects, Trip, Way,
};
use crate::model::{Measurement, Nanos, PayloadInfo, Representation, Run, nearest, parse_count, parse_duration};
use crate::payload::{Load, Payload, PayloadSpec, show};
use crate::store::Writer;
use crate::transport::{self, TRANSPORTS, Transport};
use crate::ui::{self, Progress};
use anyhow::{Context, bail};
use serde_json::Value;
use std::process::ExitCode;
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
    codecs: Vec<CodecSpec>,
    python: Vec<PythonTrip>,
    transports: Vec<&'static dyn Transport>,
    representations: Vec<Representation>,
    many: Option<usize>,
    load: Load,
    settings: Settings,
}

pub(super) fn run(args: &Profile) -> anyhow::Result<ExitCode> {
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
    let started = clock::now();
    let count = plan.payloads.len();
    for at in 0..count {
        let label =
            if count > 1 { format!("{} ({}/{count})", plan.payloads[at].name(), at + 1) } else { String::new() };
        match measure_payload(&plan, at, started, &label, &mut run, &mut writer, &interrupted) {
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
    super::print(&super::rendered(&run, args.format))?;
    written?;
    if stopped {
        ui::warn("interrupted: what had been measured is shown");
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
        None => Budget::Time(parse_duration(&args.time).context("--time")?),
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
    let codecs = codecs(args, &representations)?;
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
    if !python.is_empty() && !args.compress.is_empty() {
        ui::warn("--compress: rows of Python have no compressor, and are measured without");
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
            python_gc: args.python_gc == OnOff::On,
            links: args.link.iter().map(|text| Link::parse(text)).collect::<Result<_, _>>().context("--link")?,
        },
    })
}

/// The name of the codec that ratios refer to, which must be among those that are measured.
fn reference(name: &str, codecs: &[CodecSpec], python: &[PythonTrip]) -> anyhow::Result<String> {
    let name = match python::split_name(name) {
        Some((interpreter, row)) => python::full_name(interpreter, row).context("--reference")?,
        None => CodecSpec::parse(name).context("--reference")?.name(),
    };
    let mut known = codecs.iter().map(CodecSpec::name).chain(python.iter().map(PythonTrip::name));
    if !known.any(|known| known == name) {
        bail!("--reference {name}: it is not among the codecs that are measured; add it to --codec");
    }
    Ok(name)
}

/// The codecs asked for, or the usual ones; each also with every compressor asked for. The null codec is a row of every
/// typed table, so that everybody sees how much of a row is the walking.
fn codecs(args: &Profile, representations: &[Representation]) -> anyhow::Result<Vec<CodecSpec>> {
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
    let mut specs: Vec<CodecSpec> = Vec::new();
    for spec in with_null {
        let is_null = spec.codec.info().name == "null";
        let plain = spec.compression.is_none() && !is_null;
        let compressed = compressions.iter().filter(|_| plain);
        let compressed = compressed.map(|&compression| CodecSpec { codec: spec.codec, compression: Some(compression) });
        for spec in std::iter::once(spec).chain(compressed) {
            let known = specs.iter().any(|known| known.name() == spec.name());
            let squeezes_nothing = is_null && spec.compression.is_some();
            if !known && !squeezes_nothing {
                specs.push(spec);
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
fn measure_payload(
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
    let native = plan.codecs.iter().any(|spec| spec.codec.info().native);
    let messages = payload.messages(plan.many.is_some(), native).map_err(anyhow::Error::msg)?;
    let subjects = Subjects {
        schema: &messages.schema,
        column: messages.column,
        trees: messages.trees,
        native: messages.native.as_ref(),
        messages: plan.many.unwrap_or(1),
    };
    let mut settings = plan.settings.clone();
    if let Budget::Time(total) = settings.budget {
        // What earlier payloads, and the reading of this one, left of the whole call's time is shared by those to come.
        let left = total.saturating_sub(clock::now() - started);
        settings.budget = Budget::Time(left / (plan.payloads.len() - at) as u64);
    }
    let mut session = Session::new(&settings, subjects, ways(plan), interrupted);
    let before = (run.payloads.len(), run.measurements.len());
    let mut watcher = Watcher { label, payload: &payload, plan, run, writer, before, progress, write_failed: false };
    let outcome = session.run(&mut watcher);
    watcher.collect(&session);
    watcher.progress.finish();
    Ok(outcome)
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
            for &spec in &plan.codecs {
                let trip = Trip { representation, spec, transport };
                let again = trip.is_null() && trips.iter().any(Trip::is_null);
                if !(again || trip.is_null() && representation == Representation::Dynamic) {
                    trips.push(trip);
                }
            }
        }
    }
    trips
}

/// Shows how far it is, and keeps the results file up to date.
struct Watcher<'a> {
    label: &'a str,
    payload: &'a Payload,
    plan: &'a Plan,
    run: &'a mut Run,
    writer: &'a mut Option<Writer>,
    /// How much the run held before this payload.
    before: (usize, usize),
    progress: Progress,
    write_failed: bool,
}

impl Watcher<'_> {
    /// Puts what the session has so far into the run.
    fn collect(&mut self, session: &Session<'_>) {
        let rows: Vec<Measurement> = session.measurements(&self.payload.name);
        let (wall_ns, measured_ns, warmup_ns) = session.times();
        let (sender, receiver) = session.peaks();
        self.run.payloads.truncate(self.before.0);
        self.run.measurements.truncate(self.before.1);
        self.run.payloads.push(PayloadInfo {
            name: self.payload.name.clone(),
            description: self.payload.description(),
            format: self.payload.format.map(str::to_owned),
            file_bytes: self.payload.file_bytes,
            memory_bytes: self.payload.memory_bytes(),
            messages: self.plan.many.map(|count| count as u64),
            schema: if self.payload.typed { show::schema_json(&self.payload.schema) } else { Value::Null },
            notes: self.payload.notes.clone(),
            reference: session.reference_name(),
            rounds: session.rounds_begun(),
            wall_ns,
            measured_ns,
            warmup_ns,
            sender_peak_resident_bytes: sender,
            receiver_peak_resident_bytes: receiver,
        });
        self.run.measurements.extend(rows);
    }
}

impl Observer for Watcher<'_> {
    fn progress(&mut self, fraction: f64, left_ns: u64, what: &str) {
        let label = if self.label.is_empty() { String::new() } else { format!("{}: ", self.label) };
        let left = (left_ns > 0).then_some(Nanos(left_ns as f64));
        self.progress.set(fraction, left, &format!("{label}{what}"));
    }

    fn round(&mut self, session: &Session<'_>) {
        let now = clock::now();
        if self.write_failed || !self.writer.as_ref().is_some_and(|writer| writer.is_due(now)) {
            return;
        }
        self.collect(session);
        if let Some(writer) = self.writer
            && let Err(error) = writer.update(self.run, now)
        {
            // The measuring goes on, and the end of it tries again.
            self.write_failed = true;
            self.progress.suspend(|| ui::warn(&error.to_string()));
        }
    }
}
