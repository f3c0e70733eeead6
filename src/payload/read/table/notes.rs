//! The notes of a table's reader: one line for each way of reading that is more than the plain one, with its columns
//! and how many of their cells it was needed for.

use super::Column;
use super::cell::{Cells, HINTS, Hint};
use crate::payload::source::{is_name, quoted};

/// The number of columns that are named in one line.
const NAMED: usize = 3;

/// The names as they stand in a sentence, no more of them than it can bear.
pub(super) fn columns(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(NAMED).map(|name| shown(name)).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn shown(name: &str) -> String {
    if is_name(name) && name.len() <= 60 { name.to_owned() } else { quoted(name) }
}

/// `column a (50 cells)`, `columns a (50 cells), b (1 cell) and 3 more (70 cells)`; none without columns.
fn counted<'t>(found: impl Iterator<Item = (&'t Column, u64)>) -> Option<String> {
    let found: Vec<_> = found.filter(|(_, count)| *count > 0).collect();
    let (named, others) = found.split_at(found.len().min(NAMED));
    let cells = |count: u64| format!("({count} {})", if count == 1 { "cell" } else { "cells" });
    let texts: Vec<_> =
        named.iter().map(|(column, count)| format!("{} {}", shown(&column.name), cells(*count))).collect();
    let word = if found.len() == 1 { "column" } else { "columns" };
    match others {
        [] if texts.is_empty() => None,
        [] => Some(format!("{word} {}", texts.join(", "))),
        others => {
            let rest = others.iter().map(|(_, count)| count).sum();
            Some(format!("{word} {} and {} more {}", texts.join(", "), others.len(), cells(rest)))
        }
    }
}

/// The notes about the columns of a table, except those whose text the user's schema asked for.
pub(super) fn of_columns(table: &[Column]) -> Vec<String> {
    let numbers = |cells: Cells| matches!(cells, Cells::Ints | Cells::Floats | Cells::Commas);
    let typed = |cells: Cells| numbers(cells) || cells == Cells::Bools;
    let of = |count: &dyn Fn(&Column) -> u64, kind: &dyn Fn(Cells) -> bool| {
        counted(table.iter().filter(|column| !column.asked && kind(column.cells)).map(|column| (column, count(column))))
    };
    let mut notes = Vec::new();
    let mut note =
        |columns: Option<String>, text: &str| notes.extend(columns.map(|columns| format!("{columns}: {text}")));

    words(table, &mut note);
    note(
        of(&|column| column.tally.bare_points, &numbers),
        "numbers without a digit before or after the point, as .5 or 5., read as floats",
    );
    note(of(&|column| column.tally.plus, &numbers), "numbers with a plus sign, which is dropped");
    note(of(&|column| column.tally.commas, &|cells| cells == Cells::Commas), "decimal commas, as 1,5, read as floats");
    note(
        of(&|column| if column.tally.texts == 0 { column.tally.commas } else { 0 }, &|cells| cells == Cells::Texts),
        "numbers with a comma, as 1,234 or 1,5, which may stand for thousands or decimals: kept as text",
    );
    note(
        of(&|column| if column.tally.texts == 0 { column.tally.groups } else { 0 }, &|cells| cells == Cells::Texts),
        "numbers with a point before three digits, as 1.234, which may stand for thousands beside decimal commas: kept as text",
    );
    for hint in HINTS {
        let text = match hint {
            Hint::Thousands => "numbers with commas between thousands, as 1,234,567.50: kept as text",
            Hint::Unit => "numbers with a percent or currency sign: kept as text",
            Hint::Switch => "words such as y and n, t and f, on and off, which may mean true and false: kept as text",
        };
        note(of(&|column| column.tally.hinted(hint), &|cells| cells == Cells::Texts), text);
    }
    note(of(&|column| column.tally.padded, &typed), "blanks around numbers and booleans are dropped");
    note(of(&|column| column.tally.padded_texts, &|cells| cells == Cells::Texts), "blanks around text are kept");
    let missing = marks(table, &typed, &|column, mark| {
        !is_nan(mark) || column.tally.nan_is_missing() || column.cells == Cells::Bools
    });
    if let Some((marks, columns)) = missing {
        note(Some(columns), &format!("{marks} read as a missing value, as an empty cell is"));
    }
    note(of(&|column| column.tally.blank, &typed), "cells of blanks alone are missing values");
    let kept = marks(table, &|cells| cells == Cells::Texts, &|_, mark| mark.len() > 1 && mark != "--");
    if let Some((marks, columns)) = kept {
        note(Some(columns), &format!("{marks} kept as text, since not every other cell is a number or boolean"));
    }
    notes
}

/// Columns of booleans that are not called as in JSON, a line for each pair of words.
fn words(table: &[Column], note: &mut impl FnMut(Option<String>, &str)) {
    let mut pairs = Vec::new();
    for column in table.iter().filter(|column| !column.asked && column.cells == Cells::Bools) {
        if let Some((pair, _)) = column.tally.other_words()
            && !pairs.contains(&pair)
        {
            pairs.push(pair);
        }
    }
    for pair in pairs {
        let columns = table.iter().filter_map(|column| match column.tally.other_words() {
            Some((other, count)) if other == pair && column.cells == Cells::Bools && !column.asked => {
                Some((column, count))
            }
            _ => None,
        });
        note(counted(columns), &format!("{} and {} read as booleans", pair.0, pair.1));
    }
    let mixed = table.iter().filter(|column| !column.asked && column.cells == Cells::Texts && column.tally.texts == 0);
    let mixed = mixed.map(|column| (column, column.tally.word_cells()));
    note(counted(mixed), "words for true and false of several spellings, or beside numbers: kept as text");
}

fn is_nan(mark: &str) -> bool {
    mark.to_ascii_lowercase().ends_with("nan")
}

/// The marks of the columns of some kind, and the columns.
fn marks(
    table: &[Column],
    kind: &dyn Fn(Cells) -> bool,
    counts: &dyn Fn(&Column, &str) -> bool,
) -> Option<(String, String)> {
    let mut names: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for column in table.iter().filter(|column| !column.asked && kind(column.cells)) {
        let mut cells = 0;
        for (mark, count) in column.tally.marks().filter(|(mark, _)| counts(column, mark)) {
            cells += count;
            if !names.contains(&mark) {
                names.push(mark);
            }
        }
        found.push((column, cells));
    }
    let columns = counted(found.into_iter())?;
    let shown: Vec<_> = names.iter().take(NAMED).map(|mark| quoted(mark)).collect();
    let more = if names.len() > NAMED { format!(" and {} more marks", names.len() - NAMED) } else { String::new() };
    Some((format!("{}{more}", shown.join(", ")), columns))
}
