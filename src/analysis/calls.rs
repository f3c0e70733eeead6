//! The calls of one program that are alike, added up: a pool that is made in a loop is one line and not hundreds.

use crate::model::{Closure, Component, ComponentRow, Ledger, ScenarioInfo};
use crate::stats::Distribution;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A program with more calls than that has those together that are alike.
const MOST_APART: u64 = 6;

/// What makes calls alike: the program, the engine, the method, the way to start workers, the function.
type Kind<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// The calls as they are told apart, each with how many it stands for, and their components.
#[derive(Clone, Debug)]
pub struct Calls<'a> {
    /// One for each, with its number of calls.
    pub scenarios: Vec<(Cow<'a, ScenarioInfo>, u64)>,
    /// The components of all.
    pub components: Cow<'a, [ComponentRow]>,
}

/// Adds up what is alike, where one program has many calls.
pub fn calls<'a>(scenarios: &'a [ScenarioInfo], components: &'a [ComponentRow]) -> Calls<'a> {
    let many = |info: &ScenarioInfo| {
        let of_program = scenarios.iter().filter(|own| own.program() == info.program()).count() as u64;
        info.number.is_some() && of_program > MOST_APART
    };
    if !scenarios.iter().any(many) {
        let apart = scenarios.iter().map(|info| (Cow::Borrowed(info), 1)).collect();
        return Calls { scenarios: apart, components: Cow::Borrowed(components) };
    }
    let mut order: Vec<Vec<&ScenarioInfo>> = Vec::new();
    let mut places: BTreeMap<Kind<'_>, usize> = BTreeMap::new();
    for info in scenarios {
        match many(info).then(|| places.get(&kind(info)).copied()).flatten() {
            Some(at) => order[at].push(info),
            None => {
                if many(info) {
                    places.insert(kind(info), order.len());
                }
                order.push(vec![info]);
            }
        }
    }
    let mut summed = Vec::new();
    let mut rows = Vec::new();
    for alike in order {
        let own = |info: &ScenarioInfo| {
            let (name, engine) = (info.scenario.clone(), info.engine.clone());
            components.iter().filter(move |row| row.scenario == name && row.engine == engine)
        };
        match alike[..] {
            [one] => {
                summed.push((Cow::Borrowed(one), 1));
                rows.extend(own(one).cloned());
            }
            _ => {
                let whole = sum(&alike);
                rows.extend(sum_rows(&whole, alike.iter().flat_map(|info| own(info))));
                summed.push((Cow::Owned(whole), alike.len() as u64));
            }
        }
    }
    Calls { scenarios: summed, components: Cow::Owned(rows) }
}

fn kind(info: &ScenarioInfo) -> Kind<'_> {
    (info.program(), &info.engine, info.call.as_deref(), info.start.as_deref(), info.function.as_deref())
}

fn sum(alike: &[&ScenarioInfo]) -> ScenarioInfo {
    let mut whole = alike[0].clone();
    for info in &alike[1..] {
        whole.tasks += info.tasks;
        whole.done += info.done;
        whole.failed += info.failed;
        whole.messages += info.messages;
        whole.wall_ns = whole.wall_ns.zip(info.wall_ns).map(|(a, b)| a.saturating_add(b));
        whole.outside_ns = whole.outside_ns.zip(info.outside_ns).map(|(a, b)| a.saturating_add(b));
        whole.iterated_ns = some(whole.iterated_ns, info.iterated_ns);
        whole.complete &= info.complete;
        whole.error = whole.error.or_else(|| info.error.clone());
        if whole.workers != info.workers {
            whole.workers = whole.workers.max(info.workers);
        }
        for note in &info.notes {
            if !whole.notes.contains(note) {
                whole.notes.push(note.clone());
            }
        }
        for closure in &info.closures {
            match whole.closures.iter_mut().find(|own| own.ledger == closure.ledger) {
                Some(own) => add(own, closure),
                None => whole.closures.push(closure.clone()),
            }
        }
    }
    whole.alone = None;
    whole
}

fn add(whole: &mut Closure, own: &Closure) {
    whole.count += own.count;
    whole.wall_ns = whole.wall_ns.saturating_add(own.wall_ns);
    whole.named_ns = whole.named_ns.saturating_add(own.named_ns);
    (whole.cpu_ns, whole.worked_ns) = (some(whole.cpu_ns, own.cpu_ns), some(whole.worked_ns, own.worked_ns));
}

/// The sum of what is known.
fn some(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a.map_or(b, |a| Some(a.saturating_add(b.unwrap_or(0))))
}

/// The rows of calls that are alike, as rows of their sum.
fn sum_rows<'a>(whole: &ScenarioInfo, rows: impl Iterator<Item = &'a ComponentRow>) -> Vec<ComponentRow> {
    let mut sums: BTreeMap<(Ledger, Component, Option<Component>), ComponentRow> = BTreeMap::new();
    for row in rows {
        match sums.entry((row.ledger, row.component, row.part_of)) {
            std::collections::btree_map::Entry::Vacant(place) => {
                let mut row = row.clone();
                row.scenario.clone_from(&whole.scenario);
                place.insert(row);
            }
            std::collections::btree_map::Entry::Occupied(mut own) => {
                let own = own.get_mut();
                own.wall_ns = own.wall_ns.saturating_add(row.wall_ns);
                own.cpu_ns = some(own.cpu_ns, row.cpu_ns);
                own.bytes = some(own.bytes, row.bytes);
                own.samples_ns.extend(&row.samples_ns);
            }
        }
    }
    sums.into_values()
        .map(|mut row| {
            let mut samples = Distribution::new(1);
            row.samples_ns.iter().for_each(|&ns| samples.record(ns));
            (row.summary, row.histogram) = (samples.summary(), samples.buckets());
            row
        })
        .collect()
}
