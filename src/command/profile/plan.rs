//! The study that a command line of `sercost profile` describes. All names are resolved before anything is measured.

use super::{derived, python, unused};
use crate::args::{Buffers, OnOff, Profile, Representations};
use crate::codec::{self, CodecSpec, Compression, OwnPayload};
use crate::command::read_options;
use crate::host::own_program;
use crate::measure::study::with_compressors;
use crate::measure::{Budget, BufferPolicy, Link, PythonCase, Settings, Study};
use crate::model::{Representation, parse_count, parse_duration};
use crate::payload::PayloadSpec;
use crate::transport;
use crate::ui;
use anyhow::{Context, bail};
use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// How a schema is shown.
#[derive(Clone, Copy)]
pub(super) enum ShowSchema {
    Text,
    Rust,
    Json,
}

/// The payloads, and how to show their schema: `--show-schema data.json` means the payload, and text.
pub(super) fn split_show_schema(args: &Profile) -> anyhow::Result<(Vec<OsString>, Option<ShowSchema>)> {
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

/// The study of a call that began at `started_at`; where nothing is measured, no interpreter is started.
pub(super) fn study(
    args: &Profile,
    payloads: &[OsString],
    own: &[OwnPayload],
    started_at: u64,
    measures: bool,
    interrupted: &Arc<AtomicBool>,
) -> anyhow::Result<Study> {
    let budget = match args.rounds {
        Some(rounds) => Budget::Rounds(rounds),
        None => {
            let usual = if args.quick { "3s" } else { "20s" };
            match parse_duration(args.time.as_deref().unwrap_or(usual)).context("--time")? {
                0 => bail!("--time 0: nothing can be measured in no time; --rounds 1 measures once"),
                time => Budget::Time(time),
            }
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
        // Types are shown.
        _ if !measures => vec![Representation::Typed],
        Representations::Typed => vec![Representation::Typed],
        Representations::Dynamic => vec![Representation::Dynamic],
        Representations::Both => vec![Representation::Typed, Representation::Dynamic],
    };
    derived::check(args)?;
    let codecs = codecs(args, own, &representations)?;
    let payloads = parsed(payloads, own)?;
    if !args.codec.is_empty() {
        let asked: Vec<CodecSpec> = codecs.iter().map(|(spec, _)| *spec).collect();
        codec::check_asked(&asked, own, payloads.len()).context("--codec")?;
    }
    let reading = read_options(&args.reading, &payloads, interrupted)?;
    // Last, since it takes the time of starting an interpreter.
    let python = if measures { python::trips(args, interrupted)? } else { Vec::new() };
    let unused = match measures {
        true => unused::sentences(args, &codecs, &python),
        false => unused::with_schema_shown(args),
    };
    unused.iter().for_each(|sentence| ui::warn(sentence));
    if args.derived && payloads.iter().any(|payload| matches!(payload, PayloadSpec::Own { .. })) {
        ui::warn("--derived: rows of a type of the program's own are derived code already");
    }
    let reference = args.reference.as_deref().map(|name| reference(name, &codecs, &python, own)).transpose()?;
    Ok(Study {
        payloads,
        codecs,
        python,
        own: named(args, own),
        derived: Vec::new(),
        derived_codecs: Vec::new(),
        transports: transport::find_all(&args.transport).map_err(anyhow::Error::msg).context("--transport")?,
        reading,
        representations,
        many,
        settings: settings(args, budget, reference)?,
        started_at,
    })
}

fn settings(args: &Profile, budget: Budget, reference: Option<String>) -> anyhow::Result<Settings> {
    let program = own_program().context("cannot find this program itself")?;
    Ok(Settings {
        seed: args.seed,
        buffers: match args.buffer {
            Buffers::Fresh => BufferPolicy::Fresh,
            Buffers::Reused => BufferPolicy::Reused,
            Buffers::Presized => BufferPolicy::Presized,
        },
        reference,
        quick: args.quick,
        python_gc: args.python_gc == OnOff::On,
        links: args.link.iter().map(|text| Link::parse(text)).collect::<Result<_, _>>().context("--link")?,
        ..Settings::new(program, budget)
    })
}

/// The payloads, whose names differ.
fn parsed(payloads: &[OsString], own: &[OwnPayload]) -> anyhow::Result<Vec<PayloadSpec>> {
    let parse = |given: &OsString| OwnPayload::parse_payload(given, own);
    let payloads: Vec<PayloadSpec> = payloads.iter().map(parse).collect::<Result<_, _>>()?;
    if payloads.iter().filter(|payload| matches!(payload, PayloadSpec::Stdin)).count() > 1 {
        bail!("standard input can be read only once; give \"-\" once");
    }
    let names: Vec<String> = payloads.iter().map(PayloadSpec::name).collect();
    if let Some((_, name)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        bail!("payload {name:?} is given twice; rows are told apart by the payload's name");
    }
    Ok(payloads)
}

/// The name of the codec that ratios refer to, which must be among those that are measured.
fn reference(
    name: &str,
    codecs: &[(CodecSpec, usize)],
    python: &[PythonCase],
    own: &[OwnPayload],
) -> anyhow::Result<String> {
    if own.iter().any(|own| own.brings(name)) {
        return Ok(name.to_owned());
    }

    let name = match python::split_name(name) {
        Some((interpreter, row)) => python::full_name(interpreter, row).context("--reference")?,
        None => CodecSpec::parse(name).context("--reference")?.name(),
    };
    if name == "null" || name.starts_with("null+") {
        bail!(
            "--reference {name}: the null codec writes nothing, so that it has no total to compare with; name another codec"
        );
    }
    let mut known = codecs.iter().map(|(spec, _)| spec.name()).chain(python.iter().map(PythonCase::name));
    if !known.any(|known| known == name) {
        bail!("--reference {name}: it is not among the codecs that are measured; add it to --codec");
    }
    Ok(name)
}

/// Payloads of the program's own types, with the codecs that were brought where `--codec` does not leave them out.
fn named(args: &Profile, own: &[OwnPayload]) -> Vec<OwnPayload> {
    let is_left_out = |name: &str| !args.codec.is_empty() && !args.codec.iter().any(|named| named == name);
    let mut own = own.to_vec();
    own.iter_mut().for_each(|own| own.brought.retain(|codec| !is_left_out(codec.info().name)));
    own
}

/// The codecs of Rust, with their compressors, but for those that were brought.
fn codecs(
    args: &Profile,
    own: &[OwnPayload],
    representations: &[Representation],
) -> anyhow::Result<Vec<(CodecSpec, usize)>> {
    let compressions: Vec<Compression> =
        args.compress.iter().map(|text| text.parse()).collect::<Result<_, _>>().context("--compress")?;
    let is_brought = |text: &str| own.iter().any(|own| own.brings(text)) || derived::is_only_derived(args, text);
    let of_rust = args.codec.iter().filter(|text| python::split_name(text).is_none() && !is_brought(text));
    let asked: Vec<CodecSpec> =
        of_rust.map(|text| CodecSpec::parse(text)).collect::<Result<_, _>>().context("--codec")?;
    let asked = (!args.codec.is_empty()).then_some(asked.as_slice());
    let mut codecs = with_compressors(asked, &compressions, representations);
    if let Some(of) = args.pickle_of {
        codecs.iter_mut().for_each(|(spec, _)| spec.codec = codec::pickled_as(spec.codec, of));
    }
    Ok(codecs)
}
