//! The words around the tables: one key and a few sentences each, the same in every format.

use super::cautions::cautions;
use super::style::TIE;
use super::units::bandwidth;
use super::{derived, layouts};
use crate::analysis::PayloadRows;
use crate::model::{Bytes, Environment, Interpreter, NO_TRANSPORT, Nanos, Representation, Run, Stage, clean, grouped};

/// The number of losses of one codec that are spelled out.
const MOST_LOSSES: usize = 4;
/// A gap between the stages' sum and the total that is worth a warning.
const WIDE_GAP: f64 = 0.03;

/// Some sentences under one key.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fact {
    pub key: &'static str,
    /// Each on a line of its own.
    pub lines: Vec<String>,
    /// Whether a reader must not miss it.
    pub alarming: bool,
}

pub(super) fn fact(key: &'static str, lines: Vec<String>) -> Fact {
    Fact { key, lines, alarming: false }
}

pub(super) fn alarm(key: &'static str, lines: Vec<String>) -> Fact {
    Fact { key, lines, alarming: true }
}

/// The warnings to read before any number.
pub(super) fn warnings(run: &Run) -> Vec<Fact> {
    let mut facts = Vec::new();
    if !run.environment.complete {
        let line = "the run was interrupted or is still going on; this is what was measured until then";
        facts.push(alarm("incomplete", vec![line.to_owned()]));
    }
    if run.environment.build_profile == "debug" {
        let line = "this sercost was built without optimization; its times say little, build it with --release";
        facts.push(alarm("debug build", vec![line.to_owned()]));
    }
    facts
}

/// The lines under a payload's name: what it is and how it was measured.
pub(super) fn introduction(rows: &PayloadRows<'_>, environment: &Environment, details: bool) -> Vec<String> {
    let info = rows.info;
    let mut what = vec![clean(&info.description)];
    // Of a value of the program's own it is not known.
    what.extend((info.memory_bytes > 0).then(|| format!("{} in memory", tied(Bytes(info.memory_bytes)))));
    match (&info.format, info.file_bytes) {
        (Some(format), Some(bytes)) => what.push(format!("read from {} of {}", tied(Bytes(bytes)), clean(format))),
        (None, Some(bytes)) => what.push(format!("read from {}", tied(Bytes(bytes)))),
        (Some(format), None) => what.push(format!("read as {}", clean(format))),
        (None, None) => {}
    }
    let mut lines = vec![what.join(", ")];
    if let Some(messages) = info.messages {
        let messages = grouped(messages);
        lines.push(format!(
            "a stream of {messages} messages, sent one by one; times and bytes are those of one message"
        ));
    }
    let is_apart = |transport: &&str| rows.sections.iter().all(|section| section.transport != Some(*transport));
    let mut of_python = rows.rows().filter(|row| row.is_python()).filter_map(|row| row.key.transport);
    let apart = of_python.find(is_apart);
    let named = |representation: &&Representation| apart.is_none() || **representation != Representation::Python;
    let mut how: Vec<String> = vec![join(rows.representations().iter().filter(named).map(ToString::to_string))];
    let transports = join(rows.sections.iter().filter_map(|section| {
        let name = clean(section.transport?);
        Some(if section.modelled { format!("{name} (modelled)") } else { name })
    }));
    if transports == NO_TRANSPORT {
        how.push("in one process".to_owned());
    } else if !transports.is_empty() {
        how.push(format!("over {transports}"));
    }
    how.extend(apart.map(|transport| format!("{} over {}", Representation::Python, clean(transport))));
    how.push(match &info.layouts {
        Some(layouts) => {
            format!("{} in {}", count(info.rounds, "round"), count(layouts.rounds.len() as u64, "layout"))
        }
        None => count(info.rounds, "round"),
    });
    if details {
        how.push(format!("{} buffers", clean(&environment.buffer_policy)));
    }
    how.push("times are medians".to_owned());
    how.retain(|part| !part.is_empty());
    lines.push(how.join(", "));
    if details {
        lines.extend(info.notes.iter().map(|note| format!("note: {}", clean(note))));
    }
    lines
}

/// The words under a payload's tables.
pub(super) fn conclusions(rows: &PayloadRows<'_>, cpus: u64) -> Vec<Fact> {
    let mut facts = Vec::new();
    let failures = rows.failures();
    if !failures.is_empty() {
        let lines = failures.into_iter().map(|(error, names)| format!("{}: {error}", names.join(", ")));
        facts.push(alarm("failed", lines.collect()));
    }
    facts.extend(cautions(rows, cpus));
    facts.extend(derived::lines(rows));
    facts.extend(layouts::lines(rows));
    facts.extend(fidelity(rows));
    facts.extend(closure(rows));
    facts.extend(break_even(rows));
    facts.extend(memory(rows));
    facts.extend(time(rows));
    facts
}

fn fidelity(rows: &PayloadRows<'_>) -> Option<Fact> {
    let fidelity = rows.fidelity();
    let silent = rows.ranked().filter(|row| !row.modelled && row.lossy().is_none()).count();
    if fidelity.compared == 0 {
        return (silent > 0).then(|| alarm("fidelity", vec!["no round trip was compared".to_owned()]));
    }
    let trips = count(fidelity.compared as u64, "round trip");
    let mut first = match fidelity.equal {
        equal if equal < fidelity.compared => format!("{equal} of {trips} gave back what was sent"),
        1 => "the one round trip was equal: what arrived is what was sent".to_owned(),
        2 => "both round trips were equal: what arrived is what was sent".to_owned(),
        _ => format!("all {trips} were equal: what arrived is what was sent"),
    };
    if silent > 0 {
        first.push_str(&format!("; {silent} more could not be compared"));
    }
    let mut lines = vec![first];
    for (losses, names) in &fidelity.losses {
        let shown = losses[..losses.len().min(MOST_LOSSES)].join("; ");
        let more = losses.len().saturating_sub(MOST_LOSSES);
        let rest = if more > 0 { format!("; and {more} more in the results file") } else { String::new() };
        lines.push(format!("{}: {shown}{rest}", names.join(", ")));
    }
    Some(Fact { key: "fidelity", alarming: !fidelity.losses.is_empty(), lines })
}

fn closure(rows: &PayloadRows<'_>) -> Option<Fact> {
    let closure = rows.closure()?;
    // Rounded up, because "within" promises.
    let percent = ((closure.gap * 1000.0 - 1e-6).ceil() / 10.0).max(0.1);
    let worst = &closure.worst;
    Some(if closure.gap <= WIDE_GAP {
        let line = format!("the stages sum to the end-to-end time within {percent:.1}{TIE}% (worst: {worst})");
        fact("stages", vec![line])
    } else {
        let line = format!(
            "the stages sum to the end-to-end time only within {percent:.1}{TIE}% (worst: {worst}); trust the total"
        );
        alarm("stages", vec![line])
    })
}

fn break_even(rows: &PayloadRows<'_>) -> Option<Fact> {
    let all = rows.break_even();
    // Where there are rows of Python, what is said of the others is not said of them, and the other way round.
    let several = all.len() > 1 || rows.has_python();
    let mut lines = Vec::new();
    for (representation, pieces) in &all {
        let prefix = if several { format!("{representation}: ") } else { String::new() };
        if let [(only, _)] = pieces.as_slice() {
            lines.push(format!("{prefix}{only} is the fastest at every bandwidth"));
            continue;
        }
        for (at, pair) in pieces.windows(2).enumerate() {
            let [(quick, _), (slim, piece)] = pair else { continue };
            let limit = tied(bandwidth(piece.below));
            if at == 0 {
                lines.push(format!(
                    "{prefix}above {limit} {quick} is the fastest, by its cpu time plus bytes / bandwidth"
                ));
            }
            lines.push(format!("{prefix}below {limit} {slim} overtakes {quick}"));
        }
    }
    (!lines.is_empty()).then(|| fact("bandwidth", lines))
}

fn memory(rows: &PayloadRows<'_>) -> Option<Fact> {
    let side = |bytes: Option<u64>, name: &str| bytes.map(|bytes| format!("{} in the {name}", tied(Bytes(bytes))));
    let sides = [
        side(rows.info.sender_peak_resident_bytes, "sender"),
        side(rows.info.receiver_peak_resident_bytes, "receiver"),
    ];
    let text = join(sides.into_iter().flatten());
    let mut lines = Vec::new();
    if !text.is_empty() {
        lines.push(format!("peak resident: {text}"));
    }
    let python = |stage| {
        let of_python = rows.rows().filter(|row| row.is_python());
        of_python.filter_map(|row| row.stage(stage)?.allocations?.peak_resident_bytes).max()
    };
    let sides =
        [side(python(Stage::Encode), "sending interpreter"), side(python(Stage::Decode), "receiving interpreter")];
    let text = join(sides.into_iter().flatten());
    if !text.is_empty() {
        lines.push(format!("peak resident, of the largest row: {text}"));
    }
    (!lines.is_empty()).then(|| fact("memory", lines))
}

fn time(rows: &PayloadRows<'_>) -> Option<Fact> {
    let info = rows.info;
    let wall = (info.wall_ns > 0).then_some(info.wall_ns as f64)?;
    let percent = |part: u64| format!("{:.1}{TIE}%", 100.0 * part as f64 / wall);
    let (measured, warmup) = (percent(info.measured_ns), percent(info.warmup_ns));
    let wall = tied(Nanos(wall));
    let line =
        format!("{measured} of {wall} inside the measured operations ({warmup} warm-up and allocation counting)");
    Some(fact("time", vec![line]))
}

/// The machine, the settings and the versions: once, at the end.
pub(super) fn environment(run: &Run) -> Vec<Fact> {
    let e = &run.environment;
    let mut machine = vec![e.cpu_model.as_deref().map_or("processor unknown".to_owned(), clean), count(e.cpus, "cpu")];
    machine.extend(e.cpu_governor.as_deref().map(|governor| format!("governor {}", clean(governor))));
    machine.extend(e.memory_bytes.map(|bytes| format!("{} of memory", tied(Bytes(bytes)))));
    machine.push(clean(&e.system));
    let clock =
        format!("precision {}, {} for a reading", tied(Nanos(e.clock_precision_ns)), tied(Nanos(e.clock_overhead_ns)));
    let mut settings = vec![format!("seed {}", e.seed)];
    settings.extend(e.time_budget_ns.map(|budget| format!("time budget {}", tied(Nanos(budget as f64)))));
    settings.push(format!("started {}", clean(&e.started_at)));
    let lock = e.lock_digest.as_deref().map_or(String::new(), |digest| format!(", lock file {}", clean(digest)));
    let tool = format!(
        "sercost {} ({}){lock}, {}",
        clean(&e.sercost_version),
        clean(&e.build_profile),
        clean(&e.rustc_version)
    );
    let mut packages: Vec<String> = Vec::new();
    for versions in run.measurements.iter().filter_map(|m| m.codec_version.as_deref()) {
        // The version of a module has the interpreter's behind it.
        for package in versions.split(", ").map(clean) {
            if !packages.contains(&package) {
                packages.push(package);
            }
        }
    }
    let mut facts = vec![
        fact("machine", vec![machine.join(", ")]),
        fact("clock", vec![clock]),
        fact("settings", vec![settings.join(", ")]),
        fact("versions", vec![tool]),
    ];
    if !packages.is_empty() {
        facts.push(fact("codecs", vec![packages.join(", ")]));
    }
    if !e.interpreters.is_empty() {
        let lines = e.interpreters.iter().map(|interpreter| {
            let Interpreter { name, version, executable, gc, .. } = interpreter;
            let gc = if *gc { "on" } else { "off" };
            format!("{}: CPython {}, {}, cyclic gc {gc}", clean(name), clean(version), clean(executable))
        });
        facts.push(fact("python", lines.collect()));
    }
    let mut command = "sercost".to_owned();
    for argument in &e.command {
        command.push(' ');
        command.push_str(&quoted(argument));
    }
    facts.push(fact("command", vec![command]));
    facts
}

/// A quantity that is not broken between its number and its unit.
pub(super) fn tied(quantity: impl ToString) -> String {
    quantity.to_string().replace(' ', &TIE.to_string())
}

/// An argument as a shell would read it.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,+%@~".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    format!("'{}'", clean(argument).replace('\'', "'\\''"))
}

pub(super) fn count(number: u64, noun: &str) -> String {
    format!("{}{TIE}{noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `a, b and c`.
pub(super) fn join(items: impl IntoIterator<Item = String>) -> String {
    let mut items: Vec<String> = items.into_iter().collect();
    match items.pop() {
        None => String::new(),
        Some(last) if items.is_empty() => last,
        Some(last) => format!("{} and {last}", items.join(", ")),
    }
}
