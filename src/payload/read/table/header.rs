//! The names of a table's columns: the first record, with names for those that have none or another's.

use super::Column;
use super::cell::{Cell, Cells, cell};
use super::notes::columns;
use crate::payload::source::quoted;
use csv::StringRecord;
use std::collections::HashSet;

/// The names, and what was changed about them.
pub(super) fn name_columns(record: &StringRecord) -> (Vec<String>, Vec<String>) {
    let mut names: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
    let mut notes = Vec::new();
    let padded: Vec<_> = record.iter().zip(&names).filter(|(text, name)| text.len() > name.len()).collect();
    if let Some((_, name)) = padded.first() {
        let count = padded.len();
        let others = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
        notes.push(format!("blanks around the name of column {}{others} in the header are dropped", quoted(name)));
    }
    let mut known: HashSet<String> = names.iter().filter(|name| !name.is_empty()).cloned().collect();
    let (mut blank, mut twice) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for (at, name) in names.iter_mut().enumerate() {
        if name.is_empty() {
            *name = unused(&format!("column_{}", at + 1), &known);
            blank.push(name.clone());
        } else if !seen.insert(name.clone()) {
            let first = name.clone();
            *name = unused(&first, &known);
            twice.push((first, name.clone()));
        }
        known.insert(name.clone());
    }
    if !blank.is_empty() {
        notes.push(format!("columns without a name in the header are called by their number: {}", columns(&blank)));
    }
    if let Some((first, name)) = twice.first() {
        let others = if twice.len() > 1 { format!("; so are {} more", twice.len() - 1) } else { String::new() };
        notes.push(format!(
            "the header has the name {} more than once: the second is called {}{others}",
            quoted(first),
            quoted(name)
        ));
    }
    (names, notes)
}

/// The note about a header that looks like a row.
pub(super) fn suspicion(table: &[Column]) -> Option<String> {
    let number = |column: &Column| matches!(cell(&column.name), Cell::Int(_) | Cell::Float(_));
    let numbers = table.iter().filter(|column| number(column));
    let above_numbers = numbers.clone().all(|column| matches!(column.cells, Cells::Ints | Cells::Floats));
    // Years and other numbers may well be names: but not of all columns.
    (table.len() > 1 && above_numbers && numbers.count() == table.len()).then(|| {
        "the first row has nothing but numbers, and is taken for the names: give the table a header".to_owned()
    })
}

/// `name`, or with the next free number behind it.
fn unused(name: &str, known: &HashSet<String>) -> String {
    if !known.contains(name) {
        return name.to_owned();
    }
    let mut number = 2;
    loop {
        let candidate = format!("{name}_{number}");
        if !known.contains(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_name_of_its_own() {
        let record = StringRecord::from(vec!["", "a", " a", "a_2", "", "column_5"]);
        let (names, notes) = name_columns(&record);
        assert_eq!(names, ["column_1", "a", "a_3", "a_2", "column_5_2", "column_5"]);
        assert_eq!(
            notes,
            [
                "blanks around the name of column \"a\" in the header are dropped",
                "columns without a name in the header are called by their number: column_1, column_5_2",
                "the header has the name \"a\" more than once: the second is called \"a_3\"",
            ]
        );
    }
}
