//! What the first screen of tasks says in words: where the time of each lane goes, which bytes are sent with every task, and
//! what to do, with what was measured beside it.

use super::ScenarioRows;
use super::advice::View;
use crate::analysis::Lane;
use crate::model::{Component, Ledger, Nanos, clean};
use crate::report::Shown;
use crate::report::facts::{Fact, alarm, fact, tied};
use crate::report::style::TIE;

/// The components of a lane that are named.
const NAMED: usize = 3;
/// The share of a life that a component must have to be named.
const LEAST_NAMED: f64 = 0.01;

/// The words under the overview. Where there are several scenarios, the lanes are those of the one that took longest.
pub(in crate::report) fn first_facts(all: &[ScenarioRows<'_>]) -> Vec<Fact> {
    let mut facts: Vec<Fact> = all.iter().filter_map(trouble).collect();
    facts.extend(all.iter().filter_map(off));
    let measured = all.iter().filter(|rows| rows.info.messages > 0);
    let Some(slowest) = measured.max_by_key(|rows| rows.info.wall_ns) else { return facts };
    let lanes = slowest.lanes();
    let mut lines: Vec<String> = lanes.iter().map(said).collect();
    if let Some((own, wall)) = slowest.info.iterated_ns.zip(slowest.info.wall_ns)
        && own as f64 >= LEAST_NAMED * wall as f64
    {
        let share = percent(own as f64 / wall as f64);
        lines.push(format!("your iterator took {share}{TIE}% of all the time, in the program's own thread"));
    }
    if let Some(first) = lines.first_mut() {
        first.insert_str(0, &subject(slowest, all));
        facts.push(fact("time", lines));
    }
    let view = View::new(slowest, &lanes);
    for (name, mut lines) in [("bytes", view.bytes()), ("start", view.start()), ("memory", view.memory())] {
        if let Some(first) = lines.first_mut() {
            first.insert_str(0, &subject(slowest, all));
            facts.push(fact(name, lines));
        }
    }
    let advice = view.advice(all);
    if !advice.is_empty() {
        facts.push(fact("to do", advice));
    }
    facts
}

/// The scenario that a sentence is about, where there are several.
fn subject(rows: &ScenarioRows<'_>, all: &[ScenarioRows<'_>]) -> String {
    if all.len() > 1 { format!("{}: ", rows.label) } else { String::new() }
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

/// By how much two ways to know the same may differ, and the time for each call in which sercost may not have had a CPU.
const OFF: f64 = 0.01;
const LEAST_OFF_NS: f64 = 3e7;

/// What does not add up: a call by two clocks, and threads that used more of a CPU than there is time in their ledger.
fn off(rows: &ScenarioRows<'_>) -> Option<Fact> {
    let far = |more: u64, less: u64| {
        let by = more as f64 - less as f64;
        by > LEAST_OFF_NS * rows.count as f64 && by > OFF * less as f64
    };
    let mut lines = Vec::new();
    if let Some((own, outside)) = rows.info.wall_ns.zip(rows.info.outside_ns)
        && (far(own, outside) || far(outside, own))
    {
        let (own, outside) = (tied(Nanos(own as f64)), tied(Nanos(outside as f64)));
        lines.push(format!("{}: {own} by the clock of the program, {outside} by that of sercost", rows.label));
    }
    for closure in &rows.info.closures {
        let polling = rows.row(closure.ledger, Component::Polling).map_or(0, |row| row.wall_ns);
        if let Some((cpu, worked)) = closure.cpu_ns.zip(closure.worked_ns)
            && far(cpu, worked.saturating_add(polling))
        {
            let (cpu, life) = (tied(Nanos(cpu as f64)), tied(Nanos(closure.wall_ns as f64)));
            let lane = lane_name(closure.ledger);
            lines.push(format!("{}: {lane} used {cpu} of a CPU in a life of {life}", rows.label));
        }
    }
    (!lines.is_empty()).then(|| alarm("off", lines))
}

/// What went wrong, and what a reader of the numbers has to know.
fn trouble(rows: &ScenarioRows<'_>) -> Option<Fact> {
    let whole = rows.info.error.as_ref().is_some_and(|error| error.starts_with("the scenario "));
    // The program's own error is not that of its last call.
    let name = if whole { clean(rows.info.program()) } else { rows.label.clone() };
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
