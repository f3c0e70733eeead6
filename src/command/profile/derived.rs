//! Rows of derived code: a program with the payload's types is built by the user's cargo, and measures them beside those of
//! the schema. Where that cannot be had, the typed rows are measured as ever, and those of derived code say why.

use super::{instructions, job::job};
use crate::args::{Profile, Representations};
use crate::clock;
use crate::codec::{CODECS, CodecSpec};
use crate::derived::{self, Built, Cargo, Linked, Measured, Package, Programs, Refused};
use crate::host::available_memory;
use crate::measure::{Outcome, Study};
use crate::model::{Bytes, Measurement, Representation, Run, Sink, Stage};
use crate::payload::native::NativeKind;
use crate::payload::{Payload, Schema};
use anyhow::bail;
use std::path::PathBuf;

/// bitcode through its own derive, which has no typed row.
const BITCODE: &str = "bitcode-derive";

/// Whether a codec has derived code alone.
pub(super) fn is_only_derived(args: &Profile, codec: &str) -> bool {
    args.derived && codec == BITCODE
}

/// Refuses what does not go with derived code.
pub(super) fn check(args: &Profile) -> anyhow::Result<()> {
    let reason = match args {
        _ if !args.derived => return Ok(()),
        Profile { representation: Representations::Dynamic | Representations::Both, .. } => {
            "its rows stand beside typed ones; leave out --representation"
        }
        _ if !args.python.is_empty() || args.codec.iter().any(|name| super::python::split_name(name).is_some()) => {
            "rows of Python are measured by another program than derived code; measure them in a call of their own"
        }
        Profile { pickle_of: Some(_), .. } => "--pickle-of is for typed rows alone; leave one of them out",
        _ => return Ok(()),
    };
    bail!("--derived: {reason}");
}

/// The names of the codecs that derived code is wanted for: those that are measured, and those with a derive of their own.
fn wanted(args: &Profile, study: &Study) -> Vec<String> {
    let names = study.codecs.iter().map(|(spec, _)| spec.name()).filter(|name| name != "null");
    let mut wanted: Vec<String> = names.collect();
    let is_asked = args.codec.is_empty() || args.codec.iter().any(|name| name == BITCODE);
    if is_asked && crate::codec::find("bitcode").is_some() {
        wanted.push(BITCODE.to_owned());
    }
    wanted
}

/// The typed rows. A codec with a derive of its own takes few types without one.
fn typed(study: &Study, schema: &Schema) -> Vec<(CodecSpec, usize)> {
    let takes = |spec: &CodecSpec| !spec.codec.info().native || NativeKind::of(schema).is_some();
    study.codecs.iter().filter(|(spec, _)| takes(spec)).copied().collect()
}

/// Measures a payload that was read, with derived code where it can be had.
pub(super) fn measure(
    args: &Profile,
    study: &mut Study,
    at: usize,
    payload: &Payload,
    run: &mut Run,
    sink: &mut dyn Sink,
) -> anyhow::Result<Outcome> {
    let began_at = clock::now();
    let schema = payload.messages(study.many.is_some(), false).map_err(anyhow::Error::msg)?.schema;
    let wanted = wanted(args, study);
    let codecs = study.codecs.clone();
    let outcome = (|| {
        let (built, package, compiled) = build(args, study, &schema, &wanted, sink);
        // A build is no part of the time that was asked for.
        study.started_at += clock::now() - began_at;
        study.settings.own_load = compiled > 0;
        let reason = match built {
            Ok(Some(program)) => {
                study.codecs = typed(study, &schema);
                match run_program(args, study, at, payload, &package, &program, run, sink) {
                    Ok(Outcome::Finished) => {
                        let job = || job(args, study, at, payload, &package.codecs, None, run);
                        let counting = args.instructions.then(|| (program, job()));
                        return Ok(instructions::add(study, payload, counting, run, sink));
                    }
                    Ok(Outcome::Interrupted) => return Ok(Outcome::Interrupted),
                    Err(reason) => reason,
                }
            }
            Ok(None) => return Ok(Outcome::Interrupted),
            Err(reason) => reason,
        };
        study.codecs = typed(study, &schema);
        let outcome = study.measure(at, payload, run, sink)?;
        let mut refused = package.refused;
        refused.extend(package.codecs.into_iter().map(|codec| Refused { codec, reason: reason.clone() }));
        add_refused(run, study, payload, &refused);
        sink.closed(run);
        Ok(outcome)
    })();
    study.codecs = codecs;
    outcome
}

/// Builds the program, without the types that do not compile; `None` where the user has had enough. Then the package, and
/// how many crates were compiled.
fn build(
    args: &Profile,
    study: &Study,
    schema: &Schema,
    wanted: &[String],
    sink: &mut dyn Sink,
) -> (Result<Option<PathBuf>, String>, Package, usize) {
    let cargo = Cargo { offline: args.offline, interrupted: &study.reading.watch.interrupted };
    let (mut without, mut compiled) = (Vec::new(), 0);
    loop {
        let package = Package::of(schema, wanted, &without);
        if package.codecs.is_empty() {
            return (Err("no codec has derived code".to_owned()), package, compiled);
        }
        sink.progress(0.0, None, "building derived code");
        let mut tell = |what: &str| {
            compiled += 1;
            sink.progress(0.0, None, &format!("building derived code, which is kept: {compiled} crates, {what}"));
        };
        match derived::build(&package, cargo, &mut tell) {
            Built::Program(program) => return (Ok(Some(program)), package, compiled),
            Built::Interrupted => return (Ok(None), package, compiled),
            Built::Failed(reason) => return (Err(reason), package, compiled),
            Built::Without(faulty) => without.extend(faulty),
        }
    }
}

/// The memory that a process of derived code may take for a payload, in parts of it: as it was read, as columns, as values of
/// several types, as bytes, and decoded.
const COPIES: u64 = 6;

/// Links the layouts that were asked for. Where they cannot be had, the user is told why, and there is the one program.
fn layouts(
    args: &Profile,
    study: &Study,
    payload: &Payload,
    package: &Package,
    sink: &mut dyn Sink,
) -> Option<Programs> {
    let count = args.layouts?;
    let needs = count.saturating_mul(COPIES).saturating_mul(payload.memory_bytes());
    if let Some(available) = available_memory().filter(|available| needs > *available) {
        let (needs, available) = (Bytes(needs), Bytes(available));
        sink.warn(&format!(
            "--layouts {count}: as many processes hold the payload, and may take {needs} of memory, where {available} are \
             available; measured in one layout"
        ));
        return None;
    }
    let first = study.settings.seed.saturating_sub(1) % 1_000_000 * 1000;
    let seeds: Vec<u64> = (1..=count).map(|number| first + number).collect();
    let cargo = Cargo { offline: args.offline, interrupted: &study.reading.watch.interrupted };
    let mut tell = |at: usize| sink.progress(0.0, None, &format!("linking layout {}/{count}", at + 1));
    match derived::link(package, cargo, &seeds, &mut tell) {
        Linked::Programs(programs) => Some(programs),
        // The measuring ends at once too.
        Linked::Interrupted => None,
        Linked::Failed(reason) => {
            sink.warn(&format!("--layouts: {reason}; measured in one layout"));
            None
        }
    }
}

/// Measures by the program, and adds its rows to the run.
#[allow(clippy::too_many_arguments)]
fn run_program(
    args: &Profile,
    study: &mut Study,
    at: usize,
    payload: &Payload,
    package: &Package,
    program: &std::path::Path,
    run: &mut Run,
    sink: &mut dyn Sink,
) -> Result<Outcome, String> {
    let began_at = clock::now();
    let layouts = layouts(args, study, payload, package, sink);
    study.started_at += clock::now() - began_at;
    let count = layouts.as_ref().map(|programs| programs.seeded.len() as u64);
    let job = job(args, study, at, payload, &package.codecs, count, run);
    let interrupted = &study.reading.watch.interrupted;
    let Measured { run: measured, mut refused, interrupted } = match layouts {
        Some(programs) => derived::run_layouts(&programs, &job, sink, interrupted)?,
        None => derived::run(program, job, sink, interrupted)?,
    };
    if let Some(measured) = measured {
        run.payloads.extend(measured.payloads);
        run.measurements.extend(measured.measurements);
        refused.extend(package.refused.iter().cloned());
        add_refused(run, study, payload, &refused);
        sink.closed(run);
    }
    Ok(if interrupted { Outcome::Interrupted } else { Outcome::Finished })
}

/// Adds rows of derived code that say why there is none.
fn add_refused(run: &mut Run, study: &Study, payload: &Payload, refused: &[Refused]) {
    for Refused { codec, reason } in refused {
        let (name, compressor) = match codec.split_once('+') {
            Some((name, compressor)) => (name, Some(compressor.to_owned())),
            None => (codec.as_str(), None),
        };
        let of = if name == BITCODE { "bitcode" } else { name };
        let version =
            CODECS.iter().map(|codec| codec.info()).find(|info| info.name == of).map(|info| info.package.to_owned());
        for transport in &study.transports {
            for stage in [Stage::Encode, Stage::Total] {
                run.measurements.push(Measurement {
                    payload: payload.name.clone(),
                    codec: name.to_owned(),
                    codec_version: version.clone(),
                    representation: Representation::Derived,
                    stage,
                    transport: Some(transport.info().name.to_owned()),
                    compressor: compressor.clone(),
                    modelled: false,
                    bytes: None,
                    operations_per_sample: None,
                    samples_ns: Vec::new(),
                    summary: None,
                    allocations: None,
                    lossy: None,
                    error: Some(reason.clone()),
                    left_out: None,
                    layouts: None,
                    instructions: None,
                });
            }
        }
    }
}
