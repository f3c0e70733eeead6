//! The tables of `sercost tasks`: what a task of each scenario costs, side by side, and each scenario's ledgers.

mod advice;
mod screen;

pub(super) use screen::{first_facts, next};

use super::facts::{Fact, alarm, count, fact, join, tied};
use super::style::{FAINT, PLAIN, TIE, TITLE};
use super::table::{Align, Cell, Column, Line, Segment, Table};
use super::units::Unit;
use crate::analysis::{Calls, Lane, lanes};
use crate::model::{Bytes, Closure, Component, ComponentRow, Ledger, Nanos, ScenarioInfo, clean, grouped};
use crate::stats::median;
use anstyle::{AnsiColor, Style};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Stands where there is nothing to show.
const NOTHING: &str = "-";
/// The number of scenarios that stand side by side in 100 columns.
const SIDE_BY_SIDE: usize = 3;
/// The share of a ledger below which a component is left out of text for a terminal.
const LEAST_SHARE: f64 = 0.000_5;
/// The number of parts of an encoded task that are shown.
const MOST_PARTS: usize = 12;
/// How far encoding by itself may lie from `encode_task` without a word.
const NEAR: f64 = 0.1;

/// Said where there are components of so many samples.
const HISTOGRAM_NOTE: &str =
    "p50 and p99 of more than 1,000 samples are from a histogram of three digits; all other numbers are exact";

/// A shorter time is too short for its CPU time to be told.
const LONG_NS: f64 = 1e6;

/// The title of the column of bars.
pub(super) const BAR: &str = "work";

/// The parts of a bar: their name, their look, and the components of a task that they have together. Waits are no part, nor is
/// the user's iterator. Dropping the arguments is not on the task's path, but the worker's next task waits for it.
const GROUPS: [(&str, char, AnsiColor, &[Component]); 6] = [
    ("encode", '█', AnsiColor::Blue, &[Component::Dispatch, Component::EncodeTask]),
    ("transfer", '─', AnsiColor::Yellow, &[Component::Transfer]),
    ("decode", '▒', AnsiColor::Green, &[Component::ReceiveCopy, Component::DecodeTask, Component::FreeBuffer]),
    ("call", '▓', AnsiColor::Cyan, &[Component::Call]),
    (
        "result",
        '▚',
        AnsiColor::Magenta,
        &[
            Component::EncodeResult,
            Component::ResultTransfer,
            Component::ResultCopy,
            Component::DecodeResult,
            Component::Deliver,
        ],
    ),
    ("drop", '░', AnsiColor::Red, &[Component::DropArguments]),
];

/// One scenario, or what its calls come to together, with its components.
pub(super) struct ScenarioRows<'a> {
    pub info: &'a ScenarioInfo,
    rows: Vec<&'a ComponentRow>,
    /// How many calls it stands for.
    count: u64,
    /// The name in tables and sentences.
    label: String,
}

/// All scenarios, in the order of the run.
pub(super) fn scenarios<'a>(calls: &'a Calls<'_>) -> Vec<ScenarioRows<'a>> {
    let programs: BTreeSet<&str> = calls.scenarios.iter().map(|(info, _)| info.program()).collect();
    let of = |(info, count): &'a (Cow<'_, ScenarioInfo>, u64)| {
        let own = |row: &&ComponentRow| row.scenario == info.scenario && row.engine == info.engine;
        ScenarioRows {
            info,
            rows: calls.components.iter().filter(own).collect(),
            count: *count,
            label: label(info, *count, &programs),
        }
    };
    calls.scenarios.iter().map(of).collect()
}

/// The name of a scenario: of a program its file, with what it called where there are several calls.
fn label(info: &ScenarioInfo, count: u64, programs: &BTreeSet<&str>) -> String {
    fn file(path: &str) -> &str {
        path.rsplit('/').next().unwrap_or(path)
    }
    let program = info.program();
    let is_alone = programs.iter().filter(|other| file(other) == file(program)).count() == 1;
    let name = clean(if is_alone { file(program) } else { program });
    let Some(number) = info.number else { return name };
    let what = match (&info.call, &info.function) {
        (Some(call), Some(function)) => format!("{}({})", clean(call), clean(function)),
        (call, function) => clean(call.as_deref().or(function.as_deref()).unwrap_or_default()),
    };
    let which = if count > 1 { format!("{count} times {what}") } else { format!("{number}: {what}") };
    if programs.len() > 1 { format!("{name} {which}") } else { which }
}

impl<'a> ScenarioRows<'a> {
    fn row(&self, ledger: Ledger, component: Component) -> Option<&'a ComponentRow> {
        self.rows.iter().find(|row| row.ledger == ledger && row.component == component).copied()
    }

    /// A row of the task's ledger; what is dropped afterwards is in the worker's.
    fn of_task(&self, component: Component) -> Option<&'a ComponentRow> {
        let ledger = if component == Component::DropArguments { Ledger::Worker } else { Ledger::Task };
        self.row(ledger, component)
    }

    /// The average cost of a component for a message, in nanoseconds.
    fn mean(&self, component: Component) -> Option<f64> {
        let row = self.of_task(component)?;
        (self.info.messages > 0).then(|| row.wall_ns as f64 / self.info.messages as f64)
    }

    /// Its CPU time, on average.
    fn mean_cpu(&self, component: Component) -> Option<f64> {
        let cpu = self.of_task(component)?.cpu_ns?;
        (self.info.messages > 0).then(|| cpu as f64 / self.info.messages as f64)
    }

    /// How its threads spent their lives.
    fn lanes(&self) -> Vec<Lane> {
        lanes(self.info, &self.rows)
    }

    /// A sum over all tasks for one of those that came back.
    fn per_task(&self, sum: u64) -> Option<f64> {
        (self.info.done > 0).then(|| sum as f64 / self.info.done as f64)
    }

    /// The bytes of a component for a task.
    fn bytes_per_task(&self, component: Component) -> Option<f64> {
        self.per_task(self.of_task(component)?.bytes.unwrap_or(0))
    }

    /// The mean of what a bar shows.
    fn cost(&self) -> Option<f64> {
        let parts = GROUPS.iter().flat_map(|(_, _, _, components)| *components);
        (self.info.messages > 0).then(|| parts.filter_map(|&component| self.mean(component)).sum())
    }

    fn closure(&self, ledger: Ledger) -> Option<&'a Closure> {
        self.info.closures.iter().find(|closure| closure.ledger == ledger)
    }

    /// Its name, with a mark where it did not come to its end.
    fn label(&self) -> String {
        format!("{}{}", self.label, if self.info.complete { "" } else { " !" })
    }
}

/// The sentence over all tables: what was run, as far as the scenarios have it in common.
pub(super) fn introduction(all: &[ScenarioRows<'_>]) -> Option<String> {
    let first = all.first()?.info;
    let payload = all.iter().find_map(|rows| rows.info.payload.as_ref().zip(rows.info.payload_description.as_ref()));
    let what = payload.map(|(name, description)| format!("{}: {}; ", clean(name), clean(description)));
    let calls: u64 = all.iter().map(|rows| rows.count).sum();
    let program = (calls > 1 && all.iter().all(|rows| rows.info.program() == first.program()))
        .then(|| format!("{}: {}; ", clean(first.program()), count(calls, "call")));
    let runtime = all.iter().find_map(|rows| rows.info.runtime.as_deref()).map(clean);
    let mut how = vec![each(all, |info| Some(info.engine.as_str()))];
    how.push(each(all, |info| info.call.as_deref()));
    how.push(each(all, |info| info.start.as_deref()));
    how.extend(runtime);
    how.extend(same(all, |info| info.chunksize).flatten().map(|size| format!("chunks of {size}")));
    how.push(match range(all.iter().map(|rows| rows.info.workers)) {
        (least, most) if least < most => format!("{least} to {most} workers"),
        (_, most) => count(most, "worker"),
    });
    how.push(match same(all, |info| info.tasks).filter(|_| program.is_none()) {
        Some(tasks) => count(tasks, "task"),
        None => format!("{} in all", count(all.iter().map(|rows| rows.info.tasks).sum(), "task")),
    });
    how.retain(|word| !word.is_empty());
    if first.call_ns > 0 {
        how.push(format!("each of {}", tied(Nanos(first.call_ns as f64))));
    }
    Some(format!("{}{}{}", program.unwrap_or_default(), what.unwrap_or_default(), how.join(", ")))
}

/// The words that the scenarios have, each once.
fn each<'a>(all: &'a [ScenarioRows<'_>], of: impl Fn(&'a ScenarioInfo) -> Option<&'a str>) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in all.iter().filter_map(|rows| of(rows.info)).map(clean) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(" and ")
}

/// What all scenarios have, if it is the same.
fn same<T: PartialEq>(all: &[ScenarioRows<'_>], of: impl Fn(&ScenarioInfo) -> T) -> Option<T> {
    let first = of(all.first()?.info);
    all.iter().all(|rows| of(rows.info) == first).then_some(first)
}

fn range(values: impl Iterator<Item = u64>) -> (u64, u64) {
    values.fold((u64::MAX, 0), |(least, most), value| (least.min(value), most.max(value)))
}

/// A scenario in each line: what all tasks and one of them take, what is sent, and how busy each lane is.
pub(super) fn overview(all: &[ScenarioRows<'_>]) -> Table {
    let bytes = |rows: &ScenarioRows<'_>, component| {
        rows.bytes_per_task(component).map(|mean| Bytes(mean.round() as u64).to_string())
    };
    // Each cell with a unit of its own: from scenario to scenario it may be bytes or megabytes, and that is the point.
    let columns = vec![
        Column::new("scenario", "", Align::Left, 0),
        Column::new("all tasks", "", Align::Right, 0),
        Column::new("a task", "", Align::Right, 0),
        Column::new("sent", "a task", Align::Right, 0),
        Column::new("back", "a task", Align::Right, 5),
        Column::new("sender", "busy %", Align::Right, 2),
        Column::new("workers", "busy %", Align::Right, 1),
        Column::new("function", "%", Align::Right, 3),
        Column::new("receiver", "busy %", Align::Right, 4),
        Column::new(BAR, "", Align::Left, 6),
    ];
    let longest = all.iter().filter_map(ScenarioRows::cost).fold(0.0, f64::max);
    let number = |text: Option<String>| text.map_or(Cell::Text(FAINT, NOTHING.to_owned()), Cell::plain);
    let line = |rows: &ScenarioRows<'_>| {
        let segments = GROUPS.iter().map(|(_, glyph, color, components)| {
            let cost: f64 = components.iter().filter_map(|&component| rows.mean(component)).sum();
            Segment {
                style: color.on_default(),
                glyph: *glyph,
                share: if longest > 0.0 { cost / longest } else { 0.0 },
            }
        });
        let failed = rows.info.messages == 0 && rows.info.error.is_some();
        let lanes = rows.lanes();
        let share = |ledger: Ledger, of: &dyn Fn(&Lane) -> f64| {
            let lane = lanes.iter().find(|lane| lane.ledger == ledger).filter(|_| !failed)?;
            Some(screen::percent(of(lane)))
        };
        Line::Cells(vec![
            Cell::Text(TITLE, rows.label()),
            if failed {
                Cell::Text(FAINT, "failed".to_owned())
            } else {
                number(rows.info.wall_ns.map(|ns| Nanos(ns as f64).to_string()))
            },
            number(rows.info.wall_ns.and_then(|ns| rows.per_task(ns)).map(|ns| Nanos(ns).to_string())),
            number(bytes(rows, Component::EncodeTask)),
            number(bytes(rows, Component::EncodeResult)),
            number(share(Ledger::Dispatcher, &Lane::busy)),
            number(share(Ledger::Worker, &Lane::busy)),
            number(share(Ledger::Worker, &|lane| lane.share(lane.own_ns))),
            number(share(Ledger::Receiver, &Lane::busy)),
            Cell::Bar(if failed { Vec::new() } else { segments.collect() }),
        ])
    };
    Table { columns, lines: all.iter().map(line).collect() }
}

/// The parts of the bars, as a legend.
pub(super) fn legend() -> impl Iterator<Item = (Style, char, &'static str)> {
    GROUPS.iter().map(|(name, glyph, color, _)| (color.on_default(), *glyph, *name))
}

/// The meaning of the columns of the overview.
pub(super) const OVERVIEW_NOTE: &str = "waits are no part of it";

/// Component by component, a few scenarios side by side: mean wall time and CPU time of a message.
pub(super) fn side_by_side(all: &[ScenarioRows<'_>]) -> Vec<Table> {
    all.chunks(SIDE_BY_SIDE).map(side_by_side_of).filter(|table| !table.lines.is_empty()).collect()
}

fn side_by_side_of(all: &[ScenarioRows<'_>]) -> Table {
    let units: Vec<Unit> = all
        .iter()
        .map(|rows| {
            let parts = GROUPS.iter().flat_map(|(_, _, _, components)| *components);
            // By the larger ones: a column of milliseconds is not read in nanoseconds.
            let cost = rows.cost().unwrap_or(0.0);
            Unit::of_times(parts.filter_map(|&component| rows.mean(component)).filter(|&mean| mean > cost / 20.0))
        })
        .collect();
    let mut columns = vec![Column::new("component", "", Align::Left, 0)];
    for (rows, unit) in all.iter().zip(&units) {
        let label = rows.label();
        columns.push(Column::grouped(&label, "wall", unit.name, 0));
        columns.push(Column::grouped(&label, "CPU", unit.name, 0));
    }
    let mut table = Table { columns, lines: Vec::new() };
    let wholes = Component::ALL.iter().filter(|component| component.part_of(Ledger::Task).is_none());
    let ordered = wholes.flat_map(|&whole| {
        let parts = Component::ALL.iter().copied();
        std::iter::once(whole).chain(parts.filter(move |part| part.part_of(Ledger::Task) == Some(whole)))
    });
    for component in ordered.filter(|&component| all.iter().any(|rows| rows.of_task(component).is_some())) {
        let indented = component.part_of(Ledger::Task).is_some();
        let mut cells = vec![name_cell(component, indented)];
        for (rows, unit) in all.iter().zip(&units) {
            let show = |value: Option<f64>| match value {
                Some(value) => Cell::Text(if indented { FAINT } else { PLAIN }, unit.show(value)),
                None => Cell::Text(FAINT, NOTHING.to_owned()),
            };
            cells.push(show(rows.mean(component)));
            cells.push(show(rows.mean_cpu(component)));
        }
        table.lines.push(Line::Cells(cells));
    }
    table
}

fn name_cell(component: Component, indented: bool) -> Cell {
    let (style, indent) = if indented { (FAINT, "  ") } else { (PLAIN, "") };
    Cell::Text(style, format!("{indent}{}", component.name()))
}

/// The ledgers of one scenario: all components that explain each, and what they explain.
pub(super) fn ledgers(rows: &ScenarioRows<'_>, everything: bool) -> (Table, usize) {
    let all = || rows.rows.iter();
    // Units of the larger ones: a column of milliseconds is not read in nanoseconds.
    let large = |row: &&&ComponentRow| share(rows, row) > 0.01;
    let time = Unit::of_times(all().filter(large).filter_map(|row| Some(row.summary.as_ref()?.p50_ns)));
    let total = Unit::of_times(all().filter(large).map(|row| row.wall_ns as f64));
    let size = Unit::of_bytes(all().filter_map(|row| Some(row.bytes? as f64)));
    let columns = vec![
        Column::new("component", "", Align::Left, 0),
        Column::new("count", "", Align::Right, 2),
        Column::new("p50", time.name, Align::Right, 0),
        Column::new("p99", time.name, Align::Right, 1),
        Column::new("total", total.name, Align::Right, 0),
        Column::new("share", "%", Align::Right, 0),
        Column::new("CPU", total.name, Align::Right, 0),
        Column::new("bytes", size.name, Align::Right, 1),
    ];
    let mut table = Table { columns, lines: Vec::new() };
    let mut left_out = 0;
    for ledger in Ledger::ALL {
        let Some(closure) = rows.closure(ledger) else { continue };
        table.lines.push(Line::Heading(heading(closure)));
        for row in in_order(rows, ledger) {
            if !everything && share(rows, row) < LEAST_SHARE && row.component != Component::Other {
                left_out += 1;
                continue;
            }
            let plain = |text: String| Cell::Text(if row.part_of.is_some() { FAINT } else { PLAIN }, text);
            let number = |text: Option<String>| text.map_or(Cell::Text(FAINT, NOTHING.to_owned()), plain);
            let name = match row.component {
                Component::Gc => format!("  gc in {}", row.part_of.map_or("", Component::name)),
                component => format!("{}{}", if row.part_of.is_some() { "  " } else { "" }, component.name()),
            };
            table.lines.push(Line::Cells(vec![
                plain(name),
                plain(row.count().to_string()),
                number(row.summary.as_ref().map(|summary| time.show(summary.p50_ns))),
                number(row.summary.as_ref().map(|summary| time.show(summary.p99_ns))),
                plain(total.show(row.wall_ns as f64)),
                plain(format!("{:.1}", 100.0 * share(rows, row))),
                number(row.cpu_ns.map(|cpu| total.show(cpu as f64))),
                number(row.bytes.map(|bytes| size.show(bytes as f64))),
            ]));
        }
    }
    (table, left_out)
}

/// Each part behind what it is a part of.
fn in_order<'a>(rows: &ScenarioRows<'a>, ledger: Ledger) -> Vec<&'a ComponentRow> {
    let own = || rows.rows.iter().filter(|row| row.ledger == ledger).copied();
    own()
        .filter(|row| row.part_of.is_none())
        .flat_map(|whole| {
            let parts = own().filter(|part| part.part_of == Some(whole.component));
            std::iter::once(whole).chain(parts)
        })
        .collect()
}

fn share(rows: &ScenarioRows<'_>, row: &ComponentRow) -> f64 {
    let wall = rows.closure(row.ledger).map_or(0, |closure| closure.wall_ns);
    if wall > 0 { row.wall_ns as f64 / wall as f64 } else { 0.0 }
}

fn heading(closure: &Closure) -> String {
    let count = closure.count;
    let what = match closure.ledger {
        Ledger::Task => format!("latency of {} message{}", grouped(count), s(count)),
        Ledger::Worker => {
            format!("li{} of {} worker{}", if count == 1 { "fe" } else { "ves" }, grouped(count), s(count))
        }
        Ledger::Dispatcher => "life of the sending thread".to_owned(),
        Ledger::Receiver => "life of the thread that takes results".to_owned(),
    };
    format!("{what}: {}, {} explained", Nanos(closure.wall_ns as f64), percent(closure))
}

fn s(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Rounded down, so that only what is all explained is 100 %.
fn percent(closure: &Closure) -> String {
    let share = if closure.wall_ns > 0 { closure.named_ns as f64 / closure.wall_ns as f64 } else { 1.0 };
    format!("{:.1} %", (share * 1000.0).floor() / 10.0)
}

/// The words under a scenario's ledgers.
pub(super) fn conclusions(rows: &ScenarioRows<'_>) -> Vec<Fact> {
    let info = rows.info;
    let mut facts = Vec::new();
    if let Some(error) = &info.error {
        facts.push(alarm("failed", vec![clean(error)]));
    }
    if !info.complete {
        let line = format!(
            "{} of {} tasks came back, {} messages were followed from end to end; this is what was measured",
            grouped(info.done),
            grouped(info.tasks),
            grouped(info.messages)
        );
        facts.push(alarm("incomplete", vec![line]));
    }
    let closures: Vec<String> =
        info.closures.iter().map(|closure| format!("{} of the {} ledger", percent(closure), closure.ledger)).collect();
    if !closures.is_empty() {
        facts.push(fact("explained", vec![join(closures).replace(" %", &format!("{TIE}%"))]));
    }
    if rows.rows.iter().any(|row| row.histogram.is_some()) {
        facts.push(fact("percentiles", vec![HISTOGRAM_NOTE.to_owned()]));
    }
    facts.extend(check(rows));
    if !info.encoded.is_empty() {
        let mut lines: Vec<String> = info
            .encoded
            .iter()
            .take(MOST_PARTS)
            .map(|part| format!("{}: {} {}", clean(&part.part), tied(Bytes(part.bytes)), clean(&part.path)))
            .collect();
        let more = info.encoded.len().saturating_sub(MOST_PARTS);
        if more > 0 {
            lines.push(format!("and {more} more in the results file"));
        }
        facts.push(fact("message", lines));
    }
    if !info.notes.is_empty() {
        facts.push(fact("note", info.notes.iter().map(|note| clean(note)).collect()));
    }
    facts
}

/// `encode_task` against encoding the same tasks by themselves.
fn check(rows: &ScenarioRows<'_>) -> Option<Fact> {
    let alone = rows.info.alone.as_ref()?;
    let row = rows.of_task(Component::EncodeTask)?;
    let values = |times: &[u64]| times.iter().map(|&time| time as f64).collect::<Vec<_>>();
    let (by_itself, summary) = (median(&values(&alone.times_ns))?, row.summary.as_ref()?);
    let against = |own: f64, other: f64| {
        format!("{} against {} ({:+.1}{TIE}%)", tied(Nanos(own)), tied(Nanos(other)), 100.0 * (own / other - 1.0))
    };
    let mut line =
        format!("encode_task against the same by itself: a median of {}", against(summary.p50_ns, by_itself));
    let cpu = median(&values(&alone.cpu_ns)).zip(rows.mean_cpu(Component::EncodeTask)).filter(|_| by_itself > LONG_NS);
    let mut ratio = summary.p50_ns / by_itself;
    if let Some((by_itself, own)) = cpu {
        line.push_str(&format!("; on a CPU a mean of {}", against(own, by_itself)));
        ratio = own / by_itself;
    }
    let mean = alone.bytes.iter().sum::<u64>() as f64 / alone.bytes.len().max(1) as f64;
    line.push_str(&format!("; {} each", tied(Bytes(mean.round() as u64))));
    let far = (ratio - 1.0).abs() > NEAR && by_itself > LONG_NS;
    Some(if far { alarm("check", vec![line]) } else { fact("check", vec![line]) })
}
