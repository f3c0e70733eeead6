//! The tables of one payload: what the trips cost, and how the totals spread.

use super::first::{bar_scale, own_rounds, rounds_cell};
use super::layouts;
use super::style::{FAINT, GOOD, PLAIN, TITLE, stage_glyph, stage_style};
use super::table::{Align, Cell, Column, Line, Segment, Table};
use super::units::{Unit, significant};
use crate::analysis::{PayloadRows, Place, Row, Section};
use crate::model::{Allocations, NO_TRANSPORT, Stage, Summary, Verdict, clean};
use anstyle::Style;

/// Stands where there is nothing to show.
pub(super) const NOTHING: &str = "-";

/// The title of the column with the intervals, which the legend asks for.
pub(super) const INTERVAL: &str = "interval";
/// The title of the column of bars, likewise.
pub(super) const BAR: &str = "stages";

/// The table of all rows: one for each trip, ranked within its transport, and the walks.
pub(super) fn main_table(rows: &PayloadRows<'_>) -> Table {
    let steps = rows.steps();
    let both = rows.both();
    let units = MainUnits::of(&steps, || rows.rows().chain(&rows.walks));
    let mut columns = vec![Column::new("", "", Align::Left, 0), Column::new("codec", "", Align::Left, 0)];
    if both {
        columns.push(Column::new("as", "", Align::Left, 0));
    }
    columns.push(Column::new("bytes", units.bytes.name, Align::Right, 0));
    columns.extend(step_columns(&steps, &units));
    columns.push(Column::new("total", units.total.name, Align::Right, 0));
    let rounds = own_rounds(rows.rows());
    columns.extend(rounds.then(|| Column::new("rounds", "", Align::Right, 6)));
    let layouts = rows.info.layouts.is_some();
    columns.extend(layouts.then(layouts::column));
    columns.push(Column::new("ratio", "", Align::Right, 0));
    columns.push(Column::new(INTERVAL, "95 %", Align::Right, 7));
    columns.push(Column::new("verdict", "", Align::Left, 9));
    columns.push(Column::new(BAR, "", Align::Left, 8));

    let painter = MainPainter { steps: &steps, units: &units, both, rounds, layouts };
    let scale = |section: &Section<'_>| bar_scale(section.rows.iter().map(|(_, row)| row));
    let mut table = Table { columns, lines: Vec::new() };
    for section in &rows.sections {
        if rows.sections.len() > 1 {
            table.lines.push(Line::Heading(section_heading(section)));
        }
        let scale = scale(section);
        for (place, row) in &section.rows {
            table.lines.push(Line::Cells(painter.row(*place, row, scale)));
        }
    }
    if !rows.walks.is_empty() {
        let whose = if rows.has_python() { " but Python's" } else { "" };
        table.lines.push(Line::Heading(format!("no codec: walking the payload, a part of every row above{whose}")));
        let scale = rows.sections.first().map_or(0.0, scale);
        for walk in &rows.walks {
            table.lines.push(Line::Cells(painter.row(Place::Unranked, walk, scale)));
        }
    }
    table
}

/// The columns of the stages.
pub(super) fn step_columns(steps: &[Stage], units: &MainUnits) -> Vec<Column> {
    let column = |(&step, unit): (&Stage, &Unit)| {
        // A trip without its own codec stages is still a comparison, one without its compression still a trip.
        let expendable = match step {
            Stage::Compress | Stage::Decompress => 5,
            Stage::Transfer => 4,
            _ => 3,
        };
        Column::new(step.name(), unit.name, Align::Right, expendable)
    };
    steps.iter().zip(&units.steps).map(column).collect()
}

pub(super) fn section_heading(section: &Section<'_>) -> String {
    let foreign = section.rows.iter().find(|(_, row)| row.key.transport != section.transport);
    let heading = plain_heading(section);
    match foreign.and_then(|(_, row)| row.key.transport) {
        Some(transport) => format!("{heading} (python over {})", clean(transport)),
        None => heading,
    }
}

fn plain_heading(section: &Section<'_>) -> String {
    match section.transport {
        None => "without a transport".to_owned(),
        Some(NO_TRANSPORT) => "in one process".to_owned(),
        Some(name) if section.modelled => format!("over {} (modelled)", clean(name)),
        Some(name) => format!("over {}", clean(name)),
    }
}

/// The units of the columns that every table of trips has.
pub(super) struct MainUnits {
    pub bytes: Unit,
    pub steps: Vec<Unit>,
    pub total: Unit,
}

impl MainUnits {
    /// For the rows that are shown.
    pub(super) fn of<'t, 'a: 't, I: Iterator<Item = &'t Row<'a>>>(steps: &[Stage], trips: impl Fn() -> I) -> Self {
        MainUnits {
            bytes: Unit::of_bytes(trips().filter_map(|row| Some(row.bytes()? as f64))),
            steps: steps.iter().map(|&step| Unit::of_times(trips().filter_map(|row| row.p50(step)))).collect(),
            total: Unit::of_times(trips().filter_map(|row| row.p50(Stage::Total))),
        }
    }

    /// The bytes, the stages and the total of a row.
    pub(super) fn cells(&self, steps: &[Stage], row: &Row<'_>) -> Vec<Cell> {
        let total = row.total();
        // A row that moved nothing has no size: the null codec's zero would only look like a very good row.
        let bytes = row.bytes().filter(|&bytes| bytes > 0 || total.is_some());
        let mut cells = vec![number(bytes.map(|bytes| self.bytes.show(bytes as f64)), false)];
        for (&step, unit) in steps.iter().zip(&self.steps) {
            let modelled = row.stage(step).is_some_and(|m| m.modelled);
            cells.push(number(row.p50(step).map(|p50| unit.show(p50)), modelled));
        }
        cells.push(match total {
            None if row.error().is_some() => Cell::Text(FAINT, "failed".to_owned()),
            None if row.left_out().is_some() => Cell::Text(FAINT, "left out".to_owned()),
            _ => match number(total.map(|total| self.total.show(total.p50_ns)), row.modelled) {
                Cell::Text(PLAIN, text) => Cell::Text(TITLE, text),
                other => other,
            },
        });
        cells
    }
}

/// The rank, with a sign where others share it.
pub(super) fn rank_cell(place: Place) -> Cell {
    match place {
        Place::Ranked { rank, shared } => {
            Cell::Text(rank_style(place), format!("{rank}{}", if shared { "=" } else { "" }))
        }
        Place::Beside => Cell::plain(""),
        Place::Unranked => Cell::Text(FAINT, NOTHING.to_owned()),
    }
}

fn rank_style(place: Place) -> Style {
    match place {
        Place::Ranked { rank: 1, .. } => GOOD.bold(),
        Place::Ranked { .. } => PLAIN,
        Place::Beside | Place::Unranked => FAINT,
    }
}

/// Marks a row that gave back another value than it was sent.
pub(super) const LOSSY: &str = " ≠";

/// The name of a row, with a sign where it was measured and then failed, or loses something; where it never was measured,
/// the total says so.
pub(super) fn row_label(place: Place, row: &Row<'_>) -> Cell {
    let late = row.error().is_some() && row.total().is_some();
    let lossy = if row.total().is_some() && row.loses() { LOSSY } else { "" };
    Cell::Text(rank_style(place), format!("{}{lossy}{}", row.label, if late { " !" } else { "" }))
}

/// The bar of a row, in parts of the time that full width stands for.
pub(super) fn bar_cell(steps: &[Stage], row: &Row<'_>, scale: f64) -> Cell {
    let parts = steps.iter().filter_map(|&step| Some((step, row.p50(step)?)));
    let segments = parts.map(|(step, p50)| Segment {
        style: stage_style(step),
        glyph: stage_glyph(step),
        share: if scale > 0.0 { p50 / scale } else { 0.0 },
    });
    // A failed row's bar would show a part of a trip as if it were one.
    let drawn = row.total().is_some() || row.error().is_none();
    Cell::Bar(if drawn { segments.collect() } else { Vec::new() })
}

struct MainPainter<'a> {
    steps: &'a [Stage],
    units: &'a MainUnits,
    both: bool,
    rounds: bool,
    layouts: bool,
}

impl MainPainter<'_> {
    fn row(&self, place: Place, row: &Row<'_>, scale: f64) -> Vec<Cell> {
        let mut cells = vec![rank_cell(place), row_label(place, row)];
        if self.both {
            cells.push(Cell::plain(row.key.representation.name()));
        }
        cells.extend(self.units.cells(self.steps, row));
        cells.extend(self.rounds.then(|| rounds_cell(row)));
        cells.extend(self.layouts.then(|| layouts::cell(row)));
        cells.extend(comparison(row));
        cells.push(bar_cell(self.steps, row, scale));
        cells
    }
}

/// A number, marked when it was computed and not measured.
pub(super) fn number(text: Option<String>, modelled: bool) -> Cell {
    match text {
        Some(text) => Cell::plain(format!("{}{text}", if modelled { "~" } else { "" })),
        None => Cell::Text(FAINT, NOTHING.to_owned()),
    }
}

/// The ratio, its interval and the verdict.
fn comparison(row: &Row<'_>) -> [Cell; 3] {
    let faint = || Cell::Text(FAINT, NOTHING.to_owned());
    let Some(Summary { ratio: Some(ratio), ratio_low, ratio_high, .. }) = row.total() else {
        return [faint(), faint(), faint()];
    };
    let interval = ratio_low.zip(*ratio_high);
    if row.is_reference() {
        let text = |text: &str| Cell::plain(text);
        return [text("1"), text("reference"), text("reference")];
    }
    let digits = ratio_digits(interval);
    let verdict = row.verdict();
    let style = match verdict {
        Some(Verdict::Faster) => GOOD,
        _ => PLAIN,
    };
    let mark = if matches!(verdict, Some(Verdict::Tie | Verdict::Close | Verdict::Placement)) { "≈" } else { "" };
    [
        Cell::Text(style, format!("{mark}{}", ratio_text(*ratio, digits))),
        interval.map_or_else(faint, |(low, high)| {
            Cell::plain(format!("{}–{}", ratio_text(low, digits), ratio_text(high, digits)))
        }),
        verdict.map_or_else(faint, |verdict| Cell::Text(style, verdict.name().to_owned())),
    ]
}

/// Three digits, or more where an end of the interval would show as the 1 that it is not.
fn ratio_digits(interval: Option<(f64, f64)>) -> usize {
    let Some((low, high)) = interval else { return 2 };
    let hidden = |value: f64, digits: usize| value != 1.0 && format!("{value:.digits$}") == format!("{:.digits$}", 1.0);
    (2..4).find(|&digits| !hidden(low, digits) && !hidden(high, digits)).unwrap_or(4)
}

fn ratio_text(ratio: f64, digits: usize) -> String {
    // The digits behind the point are those of a ratio about 1; a larger one has three in all.
    if digits > 2 && (0.5..9.995).contains(&ratio) {
        return format!("{ratio:.digits$}");
    }
    significant(ratio)
}

/// The second table: percentiles of the total, and what the operations took of memory.
pub(super) fn spread_table(rows: &PayloadRows<'_>) -> Table {
    let both = rows.both();
    let totals: Vec<&Summary> = rows.ranked().filter_map(Row::total).collect();
    let of = |pick: fn(&Summary) -> f64| Unit::of_times(totals.iter().map(|total| pick(total)));
    // One unit for all percentiles: they are read against each other.
    let (time, mad) = (of(|total| total.p50_ns), of(|total| total.mad_ns));
    let stages = [Stage::Encode, Stage::Decode];
    let memory: Vec<MemoryUnits> = stages.iter().map(|&stage| MemoryUnits::of(rows, stage)).collect();
    // With few rounds the far percentiles are the maximum in every row, and go first where room is short.
    let repeated = totals.iter().all(|total| total.p999_ns == total.max_ns);

    let mut columns = vec![Column::new("codec", "", Align::Left, 0)];
    if both {
        columns.push(Column::new("as", "", Align::Left, 0));
    }
    let total = |title, unit: Unit, expendable| Column::grouped("total", title, unit.name, expendable);
    columns.push(total("p50", time, 0));
    columns.push(total("p90", time, 2));
    columns.push(total("p99", time, 1));
    columns.push(total("p99.9", time, if repeated { 7 } else { 5 }));
    columns.push(total("max", time, 0));
    columns.push(total("MAD", mad, 3));
    let layouts = rows.info.layouts.is_some();
    columns.extend(layouts.then(|| layouts::interval_columns(time)).into_iter().flatten());
    let counts = stages.map(|stage| instructions(rows, stage));
    for (((stage, group), units), counts) in stages.iter().zip(["encode", "decode"]).zip(&memory).zip(&counts) {
        columns.extend(counts.map(|unit| Column::grouped(group, "instr", unit.name, 3)));
        if rows.rows().any(|row| allocations(row, *stage).is_some()) {
            columns.push(Column::grouped(group, "allocs", units.count.name, 4));
            columns.push(Column::grouped(group, "peak", units.peak.name, 4));
            columns.push(Column::grouped(group, "RSS", units.resident.name, 6));
        }
    }
    let with_memory = columns.iter().any(|column| column.title == "allocs");
    let mut table = Table { columns, lines: Vec::new() };
    // A modelled total is a measured one with another transfer: its spread is known from there.
    let sections: Vec<&Section<'_>> = rows.sections.iter().filter(|section| !section.modelled).collect();
    for section in &sections {
        let mut trips = section.rows.iter().map(|(_, row)| row).filter(|row| row.total().is_some()).peekable();
        if sections.len() > 1 && trips.peek().is_some() {
            table.lines.push(Line::Heading(section_heading(section)));
        }
        for row in trips {
            let mut cells = vec![Cell::plain(row.label.clone())];
            if both {
                cells.push(Cell::plain(row.key.representation.name()));
            }
            if let Some(total) = row.total() {
                let values = [total.p50_ns, total.p90_ns, total.p99_ns, total.p999_ns, total.max_ns];
                cells.extend(values.map(|value| number(Some(time.show(value)), row.modelled)));
                cells.push(number(Some(mad.show(total.mad_ns)), row.modelled));
                cells.extend(layouts.then(|| layouts::interval_cells(row, time)).into_iter().flatten());
            }
            for ((stage, units), counts) in stages.iter().zip(&memory).zip(&counts) {
                let count = |unit: Unit| number(counted(row, *stage).map(|count| unit.show(count)), false);
                cells.extend(counts.map(count));
                if with_memory && rows.rows().any(|row| allocations(row, *stage).is_some()) {
                    cells.extend(units.cells(allocations(row, *stage)));
                }
            }
            table.lines.push(Line::Cells(cells));
        }
    }
    table
}

/// The instructions of an operation.
fn counted(row: &Row<'_>, stage: Stage) -> Option<f64> {
    Some(row.stage(stage)?.instructions? as f64)
}

/// The unit of instructions, where any were counted.
fn instructions(rows: &PayloadRows<'_>, stage: Stage) -> Option<Unit> {
    let all = || rows.ranked().filter_map(move |row| counted(row, stage));
    all().next().map(|_| Unit::of_counts(all()))
}

struct MemoryUnits {
    count: Unit,
    peak: Unit,
    resident: Unit,
}

impl MemoryUnits {
    fn of(rows: &PayloadRows<'_>, stage: Stage) -> Self {
        let all = || rows.ranked().filter_map(move |row| allocations(row, stage));
        MemoryUnits {
            count: Unit::of_counts(all().filter_map(|a| Some(a.count? as f64))),
            peak: Unit::of_bytes(all().filter_map(|a| Some(a.peak_bytes? as f64))),
            resident: Unit::of_bytes(all().filter_map(|a| Some(a.peak_resident_bytes? as f64))),
        }
    }

    fn cells(&self, allocations: Option<&Allocations>) -> [Cell; 3] {
        [
            number(allocations.and_then(|a| Some(self.count.show(a.count? as f64))), false),
            number(allocations.and_then(|a| Some(self.peak.show(a.peak_bytes? as f64))), false),
            number(allocations.and_then(|a| Some(self.resident.show(a.peak_resident_bytes? as f64))), false),
        ]
    }
}

fn allocations<'a>(row: &Row<'a>, stage: Stage) -> Option<&'a Allocations> {
    row.stage(stage)?.allocations.as_ref()
}

/// Said under the percentiles when the rounds are too few for all of them.
pub(super) fn percentile_note(rows: &PayloadRows<'_>) -> Option<String> {
    let rounds = rows.fewest_rounds().filter(|&rounds| (1..1000).contains(&rounds))?;
    if rounds == 1 {
        return Some("1 round: every percentile is the one sample".to_owned());
    }
    // The p-th of n ordered samples is the one at ceil(p n / 100): the last one above 100 (n - 1) / n.
    let above = 100.0 * (rounds - 1) as f64 / rounds as f64;
    let digits = if above.fract() == 0.0 { 0 } else { 1 };
    Some(format!("{rounds} rounds: percentiles above p{above:.digits$} are the maximum"))
}

/// How the legend explains a stage of the bars.
pub(super) fn legend_entry(stage: Stage) -> (Style, char, &'static str) {
    (stage_style(stage), stage_glyph(stage), stage.name())
}
