//! What the first screen of tasks says in words: where the time of each lane goes, which bytes are sent with every task, and
//! what to do, with what was measured beside it.

use super::ScenarioRows;
use crate::analysis::Lane;
use crate::model::{Bytes, Component, EncodedPart, Ledger, Nanos, clean};
use crate::report::Shown;
use crate::report::facts::{Fact, alarm, fact, tied};
use crate::report::style::TIE;

/// The components of a lane that are named.
const NAMED: usize = 3;
/// The share of a life that a component must have to be named.
const LEAST_NAMED: f64 = 0.01;
/// A part of a message that is worth a sentence: so many bytes, and so much of the message.
const HEAVY: u64 = 10_000;
const HEAVY_SHARE: f64 = 0.5;
/// With such a share it is all that is worth a word.
const ALL_SHARE: f64 = 0.95;
/// Below this share of the workers' lives in the user's function, tasks are too small for what they take.
const SMALL: f64 = 0.1;
/// From this share of a life on, starting workers or waiting for the iterator is what to look at.
const MUCH: f64 = 0.5;
/// By how much another way must be faster to be advised.
const FASTER: f64 = 1.5;

/// How data comes to tasks in the built-in scenarios that send it once, and what to write to have it so.
const REMEDIES: [(&str, &str); 4] = [
    ("initializer", "hand the data to each worker once, by Pool(initializer=...)"),
    ("global", "make the data a global of the module before the workers start"),
    ("default-arg", "make the data a default argument of a function of the module"),
    ("shared-memory", "put the data in shared memory, and send its name"),
];

/// The words under the overview. Where there are several scenarios, the lanes are those of the one that took longest.
pub(in crate::report) fn first_facts(all: &[ScenarioRows<'_>]) -> Vec<Fact> {
    let mut facts: Vec<Fact> = all.iter().filter_map(trouble).collect();
    let measured = all.iter().filter(|rows| rows.info.messages > 0 && rows.info.wall_ns.is_some());
    let Some(slowest) = measured.max_by_key(|rows| rows.info.wall_ns) else { return facts };
    let lanes = slowest.lanes();
    let mut lines: Vec<String> = lanes.iter().map(said).collect();
    if let Some(first) = lines.first_mut() {
        first.insert_str(0, &format!("{}: ", clean(&slowest.info.scenario)));
        facts.push(fact("time", lines));
    }
    facts.extend(bytes(slowest));
    facts.extend(advice(slowest, all, &lanes));
    facts
}

/// Where the rest is.
pub(in crate::report) fn next(shown: Shown) -> Option<Fact> {
    if shown.details {
        return None;
    }
    let flags = [
        (shown.ledgers, "--ledgers"),
        (shown.components, "--components"),
        (shown.check, "--check"),
        (shown.environment, "--environment"),
    ];
    let flags: Vec<&str> = flags.into_iter().filter(|(shown, _)| !shown).map(|(_, flag)| flag).collect();
    Some(fact("next", vec![format!("--details shows everything ({})", flags.join(", "))]))
}

/// What went wrong, and what a reader of the numbers has to know.
fn trouble(rows: &ScenarioRows<'_>) -> Option<Fact> {
    let name = clean(&rows.info.scenario);
    match &rows.info.error {
        Some(error) => Some(alarm("failed", vec![format!("{name}: {}", clean(error))])),
        None if !rows.info.complete => {
            let line = format!("{name}: {} of {} tasks came back", rows.info.done, rows.info.tasks);
            Some(alarm("incomplete", vec![line]))
        }
        None => None,
    }
}

fn lane_name(ledger: Ledger) -> &'static str {
    match ledger {
        Ledger::Dispatcher => "sender",
        Ledger::Worker => "workers",
        Ledger::Receiver => "receiver",
        Ledger::Task => "tasks",
    }
}

/// A share in percent, as a column or a sentence has it.
pub(super) fn percent(share: f64) -> String {
    match 100.0 * share {
        0.0 => "0".to_owned(),
        percent if percent < 1.0 => "<1".to_owned(),
        percent => format!("{percent:.0}"),
    }
}

/// `sender 83 % busy: encode_task 70 %, send 13 %`; what is left is waiting.
fn said(lane: &Lane) -> String {
    let share = |ns: u64| format!("{}{TIE}%", percent(lane.share(ns)));
    let parts = lane.work.iter().filter(|(_, ns)| lane.share(*ns) >= LEAST_NAMED).take(NAMED);
    let parts: Vec<String> = parts.map(|(component, ns)| format!("{component} {}", share(*ns))).collect();
    let busy = percent(lane.busy());
    let mut text = format!("{} {busy}{TIE}% busy", lane_name(lane.ledger));
    if !parts.is_empty() {
        text.push_str(&format!(": {}", parts.join(", ")));
    }
    let own = match lane.ledger {
        Ledger::Worker => "your function",
        _ => "your iterator",
    };
    for (what, ns) in [(own, lane.own_ns), ("starting", lane.start_ns)] {
        if lane.share(ns) >= LEAST_NAMED {
            text.push_str(&format!("; {what} {}", share(ns)));
        }
    }
    text
}

/// The heaviest part of a message, and whether every task takes it along.
fn heaviest<'a>(rows: &ScenarioRows<'a>) -> Option<(&'a EncodedPart, u64)> {
    let whole: u64 = rows.info.encoded.iter().map(|part| part.bytes).sum();
    let part = rows.info.encoded.iter().max_by_key(|part| part.bytes)?;
    (part.bytes >= HEAVY && part.bytes as f64 >= HEAVY_SHARE * whole as f64).then_some((part, whole))
}

/// Whether a part belongs to the function, which is one for all tasks of a call.
fn is_of_function(part: &EncodedPart) -> bool {
    part.part == "bound arguments" || part.part == "function"
}

fn bytes(rows: &ScenarioRows<'_>) -> Option<Fact> {
    let (part, whole) = heaviest(rows)?;
    let again = match is_of_function(part) {
        true => "bound to the function and sent again with every message",
        false => "which the task is given",
    };
    let of = if part.bytes as f64 >= ALL_SHARE * whole as f64 {
        "of each message".to_owned()
    } else {
        format!("of the {} of a message", tied(Bytes(whole)))
    };
    let line =
        format!("{}: {} {of} are {}, {again}", clean(&rows.info.scenario), tied(Bytes(part.bytes)), clean(&part.path));
    Some(fact("bytes", vec![line]))
}

/// What to do about the slowest scenario.
fn advice(slowest: &ScenarioRows<'_>, all: &[ScenarioRows<'_>], lanes: &[Lane]) -> Option<Fact> {
    let name = clean(&slowest.info.scenario);
    let wall = slowest.info.wall_ns? as f64;
    let share = |ledger: Ledger, of: fn(&Lane) -> u64| {
        lanes.iter().find(|lane| lane.ledger == ledger).map_or(0.0, |lane| lane.share(of(lane)))
    };
    let other = |rows: &&ScenarioRows<'_>| {
        let is_same = rows.info.payload == slowest.info.payload && rows.info.tasks == slowest.info.tasks;
        is_same && rows.info.complete && rows.info.error.is_none()
    };
    let remedy = all.iter().filter(other).filter_map(|rows| {
        let (_, what) = REMEDIES.iter().find(|(name, _)| *name == rows.info.scenario)?;
        Some((rows.info.wall_ns? as f64, rows, *what)).filter(|(own, ..)| wall > FASTER * own)
    });
    let remedy = remedy.min_by(|a, b| a.0.total_cmp(&b.0));
    let heavy = heaviest(slowest);
    let bytes = |component| slowest.bytes_per_task(component).unwrap_or(0.0);
    let (sent, returned) = (bytes(Component::EncodeTask), bytes(Component::EncodeResult));
    let line = match (heavy, remedy) {
        (Some(_), Some((own, rows, what))) => format!(
            "{what}: {} took {} here, {name} {:.1} times as long",
            clean(&rows.info.scenario),
            tied(Nanos(own)),
            wall / own
        ),
        (Some((part, _)), None) if is_of_function(part) => {
            let names: Vec<&str> = REMEDIES.iter().map(|(name, _)| *name).collect();
            let call = format!("sercost tasks {name} {}", names.join(" "));
            format!("send that data once, and not with every task; `{call}` measures the ways")
        }
        _ if returned >= HEAVY as f64 && returned > sent => {
            "the results take the time: return less, or put them in shared memory".to_owned()
        }
        _ if share(Ledger::Dispatcher, |lane| lane.own_ns) > MUCH => {
            "the pool waits for the iterator that makes the tasks: let the tasks do that work".to_owned()
        }
        _ if share(Ledger::Worker, |lane| lane.start_ns) > MUCH => {
            "the workers spend most of their lives starting: keep one pool, and give it more tasks".to_owned()
        }
        (None, _)
            if share(Ledger::Worker, |lane| lane.own_ns) < SMALL
                && sent < HEAVY as f64
                && slowest.info.messages >= slowest.info.done
                && slowest.mean(Component::Call).is_some() =>
        {
            "a task does less than its message costs: send several tasks in one message (--chunksize measures it)"
                .to_owned()
        }
        _ => return None,
    };
    Some(fact("to do", vec![line]))
}
