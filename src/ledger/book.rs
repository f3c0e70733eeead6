//! The rows of the ledgers under construction: each component's samples, bytes and CPU time.

use super::timeline::Interval;
use crate::model::{Closure, Component, ComponentRow, Ledger};
use crate::stats::Distribution;
use std::collections::BTreeMap;

/// The outcome of the ledgers of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// In the order of ledgers, and within each of a task's way.
    pub rows: Vec<Row>,
    /// One for each ledger that has a timeline.
    pub closures: Vec<Closure>,
    /// Messages that were followed from end to end.
    pub messages: u64,
    /// Messages of which a part is known.
    pub partial: u64,
    /// Tasks that were sent, as far as it is known how many are in a message.
    pub sent: u64,
    /// Tasks whose result came back.
    pub received: u64,
}

/// A component before it is told where it belongs.
#[derive(Clone, Debug)]
pub struct Row {
    /// The timeline that it is a part of.
    pub ledger: Ledger,
    /// Its name.
    pub component: Component,
    /// The component that it is a part of, if not of the ledger itself.
    pub part_of: Option<Component>,
    /// Its intervals' lengths, in nanoseconds.
    pub samples: Distribution,
    /// The CPU time in those of them where it was read, and the wall time of those.
    pub cpu: Option<(u64, u64)>,
    /// Bytes that it made or moved.
    pub bytes: Option<u64>,
}

impl Row {
    fn new(seed: u64, ledger: Ledger, component: Component, part_of: Option<Component>) -> Self {
        debug_assert!(component.is_in(ledger), "{component} is in no table as one of {ledger}");
        Row { ledger, component, part_of, samples: Distribution::new(seed), cpu: None, bytes: None }
    }

    /// The row as it stands in the results file.
    pub fn named(&self, engine: &str, scenario: &str, payload: Option<&str>) -> ComponentRow {
        let wall_ns = self.samples.sum();
        ComponentRow {
            engine: engine.to_owned(),
            scenario: scenario.to_owned(),
            payload: payload.map(str::to_owned),
            ledger: self.ledger,
            component: self.component,
            part_of: self.part_of,
            wall_ns,
            cpu_ns: self.cpu.map(|(cpu, wall)| on_cpu(cpu, wall, wall_ns)),
            bytes: self.bytes,
            samples_ns: self.samples.samples(),
            histogram: self.samples.buckets(),
            summary: self.samples.summary(),
        }
    }

    /// Counts the CPU time of an interval of this length, where it was read.
    pub(super) fn cpu(&mut self, time: Option<u64>, wall: u64) -> &mut Row {
        if let Some(time) = time {
            let (cpu, of) = self.cpu.get_or_insert((0, 0));
            *cpu = cpu.saturating_add(time);
            *of = of.saturating_add(wall);
        }
        self
    }

    pub(super) fn bytes(&mut self, bytes: u64) -> &mut Row {
        self.bytes = Some(self.bytes.unwrap_or(0).saturating_add(bytes));
        self
    }
}

/// The part of `all` nanoseconds that was on a CPU, when `cpu` of `wall` of them were. The two clocks are not read in
/// the same moment, so for a short interval more than all can come out, which cannot be.
fn on_cpu(cpu: u64, wall: u64, all: u64) -> u64 {
    // In wide numbers, since they come from a file.
    let part = u128::from(cpu) * u128::from(all) / u128::from(wall.max(1));
    part.min(u128::from(all)) as u64
}

/// The rows under construction.
pub(super) struct Book {
    seed: u64,
    /// By ledger and component.
    rows: [Vec<Option<Row>>; Ledger::ALL.len()],
    /// Garbage collections by the component in which they happened.
    collections: BTreeMap<(Ledger, Component), Row>,
    totals: BTreeMap<Ledger, Closure>,
}

impl Book {
    /// An empty one. The seed chooses the samples that are kept.
    pub(super) fn new(seed: u64) -> Self {
        let empty = || vec![None; Component::ALL.len()];
        Book { seed, rows: std::array::from_fn(|_| empty()), collections: BTreeMap::new(), totals: BTreeMap::new() }
    }

    pub(super) fn row(&mut self, ledger: Ledger, component: Component) -> &mut Row {
        let seed = self.seed;
        self.rows[ledger as usize][component as usize]
            .get_or_insert_with(|| Row::new(seed, ledger, component, component.part_of(ledger)))
    }

    pub(super) fn add(&mut self, ledger: Ledger, component: Component, length: u64) {
        self.row(ledger, component).samples.record(length);
    }

    /// A garbage collection, or a part of one, within a component.
    pub(super) fn collect(&mut self, ledger: Ledger, within: Component, length: u64) {
        let seed = self.seed;
        let row = self.collections.entry((ledger, within));
        row.or_insert_with(|| Row::new(seed, ledger, Component::Gc, Some(within))).samples.record(length);
    }

    /// Counts a timeline of which named components leave `rest`, with that as a row.
    pub(super) fn close(&mut self, ledger: Ledger, span: Interval, rest: Interval) {
        let total = self.total(ledger);
        total.count += 1;
        total.wall_ns = total.wall_ns.saturating_add(span.length());
        total.named_ns = total.named_ns.saturating_add(span.length() - rest.length());
        self.add(ledger, Component::Other, rest.length());
    }

    /// Counts the CPU time of a thread, and how long its components say that it worked meanwhile.
    pub(super) fn check(&mut self, ledger: Ledger, cpu: u64, worked: u64) {
        let total = self.total(ledger);
        total.cpu_ns = Some(total.cpu_ns.unwrap_or(0).saturating_add(cpu));
        total.worked_ns = Some(total.worked_ns.unwrap_or(0).saturating_add(worked));
    }

    fn total(&mut self, ledger: Ledger) -> &mut Closure {
        let none = Closure { ledger, count: 0, wall_ns: 0, named_ns: 0, cpu_ns: None, worked_ns: None };
        self.totals.entry(ledger).or_insert(none)
    }

    /// All rows that are not nothing throughout.
    pub(super) fn into_outcome(self, messages: u64, partial: u64) -> Outcome {
        let closures = self.totals.into_values().collect();
        let rows = self.rows.into_iter().flatten().flatten().chain(self.collections.into_values());
        let mut rows: Vec<Row> = rows.filter(|row| row.samples.sum() > 0).collect();
        rows.sort_by_key(|row| (row.ledger, row.component, row.part_of));
        Outcome { rows, closures, messages, partial, sent: 0, received: 0 }
    }
}
