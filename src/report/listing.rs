//! Tables of what there is, for `sercost list`: names and properties, and no numbers to compare.

use super::style::{columns, wrap};
use super::table::escape_markdown;
use serde_json::{Map, Value};

/// A column narrower than this is hard to read.
const LEAST_COLUMN: usize = 10;
/// Blanks before a line, and between two columns.
const GAP: usize = 2;

/// One table of names and their properties.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The name of the table, as on the command line.
    pub name: &'static str,
    /// The title over it.
    pub title: &'static str,
    /// The names of the columns. The first column holds names, which are never broken.
    pub header: &'static [&'static str],
    /// One property for each column.
    pub rows: Vec<Vec<Property>>,
    /// Remarks on single rows, with the names of the rows. Under the table in text, in a column of its own elsewhere.
    pub notes: Vec<(String, String)>,
    /// Remarks on the whole table.
    pub remarks: &'static [&'static str],
}

/// A property of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Property {
    /// In words; empty for nothing.
    Text(String),
    /// It has it, or has not.
    Mark(bool),
    /// It has it, or has not and should: shown so that it is not missed.
    Expected(bool),
}

impl Property {
    /// Some words.
    pub fn text(words: impl Into<String>) -> Self {
        Property::Text(words.into())
    }

    fn shown(&self) -> &str {
        match self {
            Property::Text(text) if text.is_empty() => "-",
            Property::Text(text) => text,
            Property::Mark(true) | Property::Expected(true) => "yes",
            Property::Mark(false) => "-",
            Property::Expected(false) => "NO",
        }
    }

    fn value(&self) -> Value {
        match self {
            Property::Text(text) => Value::String(text.clone()),
            Property::Mark(mark) | Property::Expected(mark) => Value::Bool(*mark),
        }
    }
}

impl Listing {
    fn note(&self, row: &[Property]) -> &str {
        let name = row.first().map_or("", Property::shown);
        self.notes.iter().find(|(of, _)| of == name).map_or("", |(_, note)| note)
    }

    fn text(&self, width: usize) -> String {
        let natural = |at: usize| {
            let cells = self.rows.iter().map(|row| columns(row[at].shown()));
            cells.chain([columns(self.header[at])]).max().unwrap_or(0)
        };
        // A word is not broken where a line can be.
        let least = |at: usize| {
            let cells = self.rows.iter().map(|row| row[at].shown()).chain([self.header[at]]);
            cells.flat_map(str::split_whitespace).map(columns).max().unwrap_or(0).max(LEAST_COLUMN)
        };
        let mut widths: Vec<usize> = (0..self.header.len()).map(natural).collect();
        // The widest gives way first, so that the others can be read as columns.
        let total = |widths: &[usize]| widths.iter().map(|width| GAP + width).sum::<usize>();
        while total(&widths) > width {
            let give = |at: &usize| widths[*at].saturating_sub(least(*at)).min(1) * widths[*at];
            let Some(widest) = (1..widths.len()).max_by_key(give).filter(|at| give(at) > 0) else { break };
            widths[widest] -= 1;
        }
        let mut out = String::new();
        for line in wrap(self.title, width) {
            out.push_str(&format!("{line}\n"));
        }
        out.push('\n');
        if total(&widths) > width {
            self.push_blocks(&mut out, width);
        } else {
            push_cells(&mut out, self.header, &widths);
            for row in &self.rows {
                push_cells(&mut out, &row.iter().map(Property::shown).collect::<Vec<_>>(), &widths);
            }
        }
        for paragraph in
            [&self.notes.iter().map(|(of, note)| format!("{of}: {note}")).collect::<Vec<_>>(), &remarks(self)]
        {
            if !paragraph.is_empty() {
                out.push('\n');
            }
            for sentence in paragraph {
                for (at, line) in wrap(sentence, width.saturating_sub(4)).into_iter().enumerate() {
                    out.push_str(if at == 0 { "  " } else { "    " });
                    out.push_str(&format!("{line}\n"));
                }
            }
        }
        out
    }

    /// Each name on a line, with its properties below, where there is no room for columns.
    fn push_blocks(&self, out: &mut String, width: usize) {
        for row in &self.rows {
            let said = self.header.iter().zip(row).skip(1).filter_map(|(name, cell)| match cell {
                Property::Text(text) if text.is_empty() => None,
                Property::Text(text) => Some(format!("{name} {text}")),
                Property::Mark(false) => None,
                Property::Expected(false) => Some(format!("NOT {name}")),
                Property::Mark(true) | Property::Expected(true) => Some((*name).to_owned()),
            });
            let name = row.first().map_or("", Property::shown);
            out.push_str(&format!("{}{name}\n", " ".repeat(GAP)));
            for line in wrap(&said.collect::<Vec<_>>().join(", "), width.saturating_sub(2 * GAP)) {
                out.push_str(&format!("{}{line}\n", " ".repeat(2 * GAP)));
            }
        }
    }

    fn markdown(&self) -> String {
        let noted = !self.notes.is_empty();
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut out = format!("## {}\n\n", escape_markdown(self.title));
        let header = self.header.iter().copied().chain(noted.then_some("note"));
        out.push_str(&line(header.clone().map(escape_markdown).collect()));
        out.push_str(&line(header.map(|_| "---".to_owned()).collect()));
        for row in &self.rows {
            let note = noted.then(|| escape_markdown(self.note(row)));
            out.push_str(&line(row.iter().map(|cell| escape_markdown(cell.shown())).chain(note).collect()));
        }
        for remark in remarks(self) {
            out.push_str(&format!("\n{}\n", escape_markdown(&remark)));
        }
        out
    }

    fn csv(&self) -> String {
        let noted = !self.notes.is_empty();
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        let header = self.header.iter().copied().chain(noted.then_some("note"));
        // Invariant: every record has as many fields as the header, and writing to a Vec cannot fail.
        writer.write_record(header).expect("writing to a Vec");
        for row in &self.rows {
            let cell = |property: &Property| match property {
                Property::Text(text) => text.clone(),
                Property::Mark(mark) | Property::Expected(mark) => mark.to_string(),
            };
            let note = noted.then(|| self.note(row).to_owned());
            writer.write_record(row.iter().map(cell).chain(note)).expect("a record of the header's length");
        }
        // Invariants: as above, and the csv crate writes what it was given, which was UTF-8.
        String::from_utf8(writer.into_inner().expect("a Vec takes everything")).expect("UTF-8 in, UTF-8 out")
    }

    fn json(&self) -> Value {
        let object = |row: &Vec<Property>| {
            let mut object: Map<String, Value> =
                self.header.iter().zip(row).map(|(name, cell)| ((*name).to_owned(), cell.value())).collect();
            if !self.notes.is_empty() {
                object.insert("note".to_owned(), Value::String(self.note(row).to_owned()));
            }
            Value::Object(object)
        };
        Value::Array(self.rows.iter().map(object).collect())
    }
}

fn remarks(listing: &Listing) -> Vec<String> {
    listing.remarks.iter().map(|remark| (*remark).to_owned()).collect()
}

/// One row, in as many lines as its longest cell takes.
fn push_cells(out: &mut String, cells: &[&str], widths: &[usize]) {
    let wrapped: Vec<Vec<String>> = cells.iter().zip(widths).map(|(cell, &width)| wrap(cell, width)).collect();
    for at in 0..wrapped.iter().map(Vec::len).max().unwrap_or(0) {
        let mut line = String::new();
        for (cell, &width) in wrapped.iter().zip(widths) {
            let text = cell.get(at).map_or("", String::as_str);
            line.push_str(&" ".repeat(GAP));
            line.push_str(text);
            line.push_str(&" ".repeat(width.saturating_sub(columns(text))));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// The tables for a terminal of this width.
pub fn listing_text(listings: &[Listing], width: usize) -> String {
    listings.iter().map(|listing| listing.text(width)).collect::<Vec<_>>().join("\n")
}

/// The tables for GitHub.
pub fn listing_markdown(listings: &[Listing]) -> String {
    listings.iter().map(Listing::markdown).collect::<Vec<_>>().join("\n")
}

/// One table as CSV.
pub fn listing_csv(listing: &Listing) -> String {
    listing.csv()
}

/// The tables as one JSON object: for each its rows, as objects.
pub fn listing_json(listings: &[Listing]) -> String {
    let all: Map<String, Value> = listings.iter().map(|listing| (listing.name.to_owned(), listing.json())).collect();
    format!("{:#}\n", Value::Object(all))
}
