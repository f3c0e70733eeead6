//! What changed since an earlier run, beneath a payload's table: counts exactly, times side by side.

use super::facts::{Fact, count, fact, join};
use super::style::FAINT;
use super::table::{Align, Cell, Column, Line, Table};
use super::tables::NOTHING;
use super::units::Unit;
use crate::model::{Comparison, CountChange, Representation, RowChange, Run, Side, Stage, TimeChange, clean, grouped};

/// The stages whose times stand side by side.
const STAGES: [Stage; 3] = [Stage::Encode, Stage::Decode, Stage::Total];

/// The changes of one payload.
pub(super) struct Changes<'a> {
    comparison: &'a Comparison,
    rows: Vec<&'a RowChange>,
}

impl<'a> Changes<'a> {
    /// Those of a payload; `None` where the run is held against no other.
    pub(super) fn of(run: &'a Run, payload: &str) -> Option<Self> {
        let comparison = run.comparison.as_ref()?;
        Some(Changes { comparison, rows: comparison.rows.iter().filter(|row| row.payload == payload).collect() })
    }

    /// The heading.
    pub(super) fn title(&self) -> String {
        let Comparison { baseline, started_at, sercost_version, .. } = self.comparison;
        // To the minute.
        let began = match (started_at.get(..10), started_at.get(11..16)) {
            (Some(date), Some(time)) => format!("{} {} UTC", clean(date), clean(time)),
            _ => clean(started_at),
        };
        format!("since {} ({began}, sercost {})", clean(baseline), clean(sercost_version))
    }

    fn shared(&self) -> impl Iterator<Item = &'a RowChange> {
        self.rows.iter().copied().filter(|row| row.only_in.is_none())
    }

    /// The counts that differ; without lines where none does.
    pub(super) fn counts(&self) -> Table {
        let right = |title: &str| Column::new(title, "", Align::Right, 0);
        let mut columns = vec![Column::new("codec", "", Align::Left, 0), Column::new("changed", "", Align::Left, 0)];
        columns.extend([right("before"), right("now"), right("change")]);
        let mut table = Table { columns, lines: Vec::new() };
        for row in self.shared() {
            let mut name = self.name(row);
            for change in row.changed_counts() {
                let cells = [
                    std::mem::take(&mut name),
                    change.what.name().to_owned(),
                    known(change.before),
                    known(change.now),
                    difference(change),
                ];
                table.lines.push(Line::Cells(cells.into_iter().map(Cell::plain).collect()));
            }
        }
        table
    }

    /// The median times of both runs.
    pub(super) fn times(&self) -> Table {
        let both = |time: TimeChange| [time.before_ns, time.now_ns].into_iter().flatten();
        let unit = |stage| Unit::of_times(self.shared().filter_map(move |row| row.time(stage)).flat_map(both));
        let units = STAGES.map(unit);
        let mut columns = vec![Column::new("codec", "", Align::Left, 0)];
        for (stage, unit) in STAGES.iter().zip(&units) {
            let expendable = if *stage == Stage::Total { 0 } else { 1 };
            columns.extend(["before", "now"].map(|title| Column::grouped(stage.name(), title, unit.name, expendable)));
        }
        let mut table = Table { columns, lines: Vec::new() };
        for row in self.shared().filter(|row| !row.times.is_empty()) {
            let mut cells = vec![Cell::plain(self.name(row))];
            for (stage, unit) in STAGES.iter().zip(&units) {
                let time = row.time(*stage);
                let cell = |ns: Option<f64>| match ns {
                    Some(ns) => Cell::plain(unit.show(ns)),
                    None => Cell::Text(FAINT, NOTHING.to_owned()),
                };
                cells.push(cell(time.and_then(|time| time.before_ns)));
                cells.push(cell(time.and_then(|time| time.now_ns)));
            }
            table.lines.push(Line::Cells(cells));
        }
        table
    }

    /// The words under the tables.
    pub(super) fn facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        let same = self.shared().filter(|row| !row.counts.is_empty() && row.changed_counts().next().is_none()).count();
        if same > 0 {
            let line = format!("{} with the same bytes and allocations as before", count(same as u64, "row"));
            facts.push(fact("equal", vec![line]));
        }
        let only = |side| -> Vec<String> {
            self.rows.iter().filter(|row| row.only_in == Some(side)).map(|row| self.name(row)).collect()
        };
        for (key, names) in [("only now", only(Side::Now)), ("only before", only(Side::Baseline))] {
            if !names.is_empty() {
                facts.push(fact(key, vec![join(names)]));
            }
        }
        let versions = self
            .shared()
            .filter_map(|row| Some(format!("{} was {} before", self.name(row), clean(row.version_before.as_deref()?))));
        let versions: Vec<String> = versions.collect();
        if !versions.is_empty() {
            facts.push(fact("versions", versions));
        }
        if !self.times().lines.is_empty() {
            let line =
                "times of two runs on a shared machine are no verdict; rows of one run are compared round by round";
            facts.push(fact("times", vec![line.to_owned()]));
        }
        facts
    }

    /// The name of a row, with what tells it from another of the same codec.
    fn name(&self, row: &RowChange) -> String {
        let mut name = clean(&row.codec);
        if let Some(compressor) = &row.compressor {
            name.push_str(&format!("+{}", clean(compressor)));
        }
        if row.representation == Representation::Python {
            return name;
        }
        let others = || self.rows.iter().filter(|other| other.representation != Representation::Python);
        if others().any(|other| other.representation != row.representation) {
            name.push_str(&format!(" ({})", row.representation));
        }
        if others().any(|other| other.transport != row.transport) {
            name.push_str(&format!(" over {}", row.transport.as_deref().map_or("nothing".to_owned(), clean)));
        }
        name
    }
}

fn known(count: Option<u64>) -> String {
    count.map_or(NOTHING.to_owned(), grouped)
}

/// The change with its sign, and in percent of what was before.
fn difference(change: CountChange) -> String {
    let Some(difference) = change.difference() else { return NOTHING.to_owned() };
    let sign = if difference < 0 { '-' } else { '+' };
    let digits = grouped(u64::try_from(difference.unsigned_abs()).unwrap_or(u64::MAX));
    match change.before {
        Some(before) if before > 0 => {
            let percent = difference as f64 / before as f64 * 100.0;
            format!("{sign}{digits} ({percent:+.2} %)")
        }
        _ => format!("{sign}{digits}"),
    }
}
