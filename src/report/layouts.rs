//! The words on code placement: how far layouts of the same code are from one another.

use super::facts::{Fact, count, fact};
use super::style::{FAINT, TIE};
use super::table::{Align, Cell, Column};
use super::tables::{NOTHING, number};
use super::units::{Unit, significant};
use crate::analysis::{LEAST_LAYOUTS, PayloadRows, Row};
use crate::model::clean;
use crate::stats::FURTHER_LAYOUTS;

/// The column of what placement shifts.
pub(super) fn column() -> Column {
    Column::new("spread", "layouts", Align::Right, 2)
}

/// How much more a row takes in its slowest layout than in its fastest.
pub(super) fn cell(row: &Row<'_>) -> Cell {
    match row.across_layouts().filter(|across| across.count > 1) {
        Some(across) => Cell::plain(percent(across.spread)),
        None => Cell::Text(FAINT, NOTHING.to_owned()),
    }
}

/// The columns of the interval across layouts.
pub(super) fn interval_columns(unit: Unit) -> [Column; 3] {
    ["mean", "low", "high"].map(|title| Column::grouped("layouts", title, unit.name, 4))
}

/// Its cells.
pub(super) fn interval_cells(row: &Row<'_>, unit: Unit) -> [Cell; 3] {
    let across = row.across_layouts();
    let show = |ns: Option<f64>| number(ns.map(|ns| unit.show(ns)), row.modelled);
    [
        show(across.map(|across| across.mean_ns)),
        show(across.and_then(|across| across.low_ns)),
        show(across.and_then(|across| across.high_ns)),
    ]
}

fn percent(share: f64) -> String {
    format!("{}{TIE}%", significant(100.0 * share))
}

/// How far rows move, and what that means for verdicts.
pub(super) fn sentence(rows: &PayloadRows<'_>) -> Option<Fact> {
    let (spread, verdicts) = words(rows)?;
    Some(fact("layouts", vec![format!("{spread}; {verdicts}")]))
}

/// The same, and what the intervals are of.
pub(super) fn lines(rows: &PayloadRows<'_>) -> Option<Fact> {
    let (spread, verdicts) = words(rows)?;
    let intervals = format!(
        "intervals hold the mean of {FURTHER_LAYOUTS} further layouts in 95{TIE}% of all cases, by the scatter of these"
    );
    Some(fact("layouts", vec![spread, verdicts, intervals]))
}

fn words(rows: &PayloadRows<'_>) -> Option<(String, String)> {
    let layouts = rows.info.layouts.as_ref()?;
    let number = layouts.rounds.len() as u64;
    let spreads = || rows.ranked().filter_map(|row| Some((row.across_layouts()?.spread, row)));
    let (least, _) = spreads().min_by(|a, b| a.0.total_cmp(&b.0))?;
    let (most, worst) = spreads().max_by(|a, b| a.0.total_cmp(&b.0))?;
    let by = layouts.linker.as_ref().map(|linker| format!(" by {}", clean(linker))).unwrap_or_default();
    let spread = format!(
        "{} of the code{by}: the slowest takes {} to {} ({}) more than the fastest",
        count(number, "layout"),
        percent(least),
        percent(most),
        rows.name(worst)
    );
    let verdicts = match number < LEAST_LAYOUTS {
        true => format!("--layouts {LEAST_LAYOUTS} and more give verdicts that hold across them"),
        false => "verdicts of derived code hold across them".to_owned(),
    };
    Some((spread, verdicts))
}
