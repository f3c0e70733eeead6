//! CSV and TSV: a header and rows, which become a list of records.
//!
//! A table has only text, so a first look decides for each column what its text is: integers, numbers, booleans or
//! strings (module `cell`). Empty cells are absent values; empty lines are nothing. A column of nothing but empty cells
//! is one of optional strings: that is what its cells would be, and what a program that reads tables has to take them as.

mod cell;
mod delimiter;
mod header;
mod notes;
mod quotes;

pub use delimiter::parse_delimiter;

use super::encoding;
use super::{OverrideKind, ReadOptions};
use crate::payload::schema::{Field, RecordSchema, Schema};
use crate::payload::source::{Event, Fault, Key, Open, Source, Step, path_text};
use cell::{Cell, Cells, Tally, cell, parse_comma, trimmed};
use csv::{ErrorKind, ReaderBuilder, StringRecord};
use quotes::Unpadded;
use std::borrow::Cow;

/// The facts about a column.
#[derive(Clone, Debug)]
struct Column {
    name: String,
    tally: Tally,
    cells: Cells,
    /// Whether the user's schema asked for text.
    asked: bool,
}

/// How the text of a table is parted.
#[derive(Debug)]
pub(super) struct Layout<'b> {
    /// The text that is parsed.
    bytes: Cow<'b, [u8]>,
    /// The offset in the file of the text that `bytes` were made of.
    base: usize,
    unpadded: Unpadded,
    delimiter: u8,
    notes: Vec<String>,
}

/// A table that was looked at.
#[derive(Clone, Debug)]
pub(super) struct Table<'b> {
    layout: &'b Layout<'b>,
    columns: Vec<Column>,
    notes: Vec<String>,
}

/// The rows of a table as events.
pub(super) struct TableSource<'b> {
    table: Table<'b>,
    reader: csv::Reader<&'b [u8]>,
    record: StringRecord,
    /// The column of the key or value that comes next.
    column: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    Row,
    Cell,
}

impl<'b> TableSource<'b> {
    /// The rows of a table that was looked at.
    pub(super) fn new(table: Table<'b>) -> Result<Self, Fault> {
        let mut source =
            TableSource { reader: table.open(), table, record: StringRecord::new(), column: 0, state: State::Start };
        // The header.
        source.read_record()?;
        Ok(source)
    }

    fn read_record(&mut self) -> Result<bool, Fault> {
        self.reader.read_record(&mut self.record).map_err(|error| self.table.fault(&error))
    }

    fn cell(&self) -> &str {
        self.record.get(self.column).unwrap_or("")
    }
}

impl<'b> Layout<'b> {
    /// Finds the delimiter of the table in `bytes`, which begin at `base` of the file, unless one is given. `own` is what
    /// the ending of the file's name promises.
    pub(super) fn find(bytes: &'b [u8], base: usize, own: u8, given: Option<u8>) -> Self {
        let found = match given {
            Some(byte) => delimiter::given(bytes, byte),
            None => delimiter::find(bytes, own),
        };
        let mut notes = Vec::from_iter(found.note);
        let (bytes, unpadded) = Unpadded::new(&bytes[found.skip..], found.byte);
        if unpadded.cells > 0 {
            let cells = if unpadded.cells == 1 { "cell" } else { "cells" };
            notes.push(format!("blanks before the quotes of {} {cells} are dropped", unpadded.cells));
        }
        Layout { bytes, base: base + found.skip, unpadded, delimiter: found.byte, notes }
    }

    fn open(&self) -> csv::Reader<&[u8]> {
        ReaderBuilder::new().delimiter(self.delimiter).has_headers(false).from_reader(&self.bytes)
    }

    /// Where in the file a byte of the parsed text lies.
    fn offset(&self, at: usize) -> usize {
        self.base + self.unpadded.original(at)
    }
}

impl<'b> Table<'b> {
    /// Looks at a table: finds the names and the kinds of the columns and whatever is wrong. What the user says of types
    /// decides which columns are text.
    pub(super) fn look(layout: &'b Layout<'b>, options: &ReadOptions) -> Result<Self, Fault> {
        let mut table = Table { layout, columns: Vec::new(), notes: layout.notes.clone() };
        let mut reader = layout.open();
        let mut record = StringRecord::new();
        reader.read_record(&mut record).map_err(|error| table.fault(&error))?;
        let (names, notes) = header::name_columns(&record);
        table.notes.extend(notes);
        let column = |name| Column { name, tally: Tally::default(), cells: Cells::Empty, asked: false };
        table.columns = names.into_iter().map(column).collect();
        let mut row = 0;
        let mut last = 0;
        while reader.read_record(&mut record).map_err(|error| table.fault(&error).inside(Step::Index(row)))? {
            row += 1;
            last = record.position().map_or(0, |position| position.byte() as usize);
            for (column, text) in table.columns.iter_mut().zip(&record) {
                column.tally.add(text);
            }
        }
        if let Some(fault) = table.open_quote(last) {
            return Err(if row > 0 { fault.inside(Step::Index(row - 1)) } else { fault });
        }
        for column in &mut table.columns {
            column.cells = column.tally.decide(layout.delimiter != b',');
            if wants_text(options, &column.name) {
                column.cells = Cells::Texts;
                column.asked = true;
            }
        }
        // Where commas are decimal, points part thousands.
        if table.columns.iter().any(|column| column.cells == Cells::Commas) {
            let floats = table.columns.iter_mut().filter(|column| column.cells == Cells::Floats);
            floats.filter(|column| column.tally.has_only_groups()).for_each(|column| column.cells = Cells::Texts);
        }
        table.notes.extend(header::suspicion(&table.columns));
        table.notes.extend(notes::of_columns(&table.columns));
        Ok(table)
    }

    fn open(&self) -> csv::Reader<&'b [u8]> {
        self.layout.open()
    }

    /// The fault of a quote that the row at a place in the text opens, and that is not closed.
    fn open_quote(&self, row: usize) -> Option<Fault> {
        let at = row + quotes::open_quote(self.layout.bytes.get(row..)?, self.layout.delimiter)?;
        let reason = "a quote is opened in this row and never closed: all that follows it would be one cell";
        Some(Fault::at(self.layout.offset(at), reason, "close it, or write it twice within quotes"))
    }

    fn fault(&self, error: &csv::Error) -> Fault {
        let at = error.position().map_or(0, |position| position.byte() as usize);
        if let (ErrorKind::UnequalLengths { .. }, Some(fault)) = (error.kind(), self.open_quote(at)) {
            return fault;
        }
        let offset = self.layout.offset(at);
        match error.kind() {
            ErrorKind::UnequalLengths { expected_len, len, .. } => {
                let cells = if *len == 1 { "cell" } else { "cells" };
                let reason = format!("the row has {len} {cells}, the header {expected_len}");
                let commented = self.columns.first().is_some_and(|column| column.name.starts_with('#'));
                let remedy = match commented {
                    true => {
                        "the first row gives the names, and begins with #: leave out the lines above the header".into()
                    }
                    false => format!(
                        "a delimiter too many or too few, or a cell that wants quotes? The delimiter is taken to be {}; \
                         --delimiter says another",
                        delimiter::shown(self.layout.delimiter)
                    ),
                };
                Fault::at(offset, reason, remedy)
            }
            ErrorKind::Utf8 { err, .. } => {
                let fault = encoding::invalid(&self.layout.bytes, &|at| self.layout.offset(at), at);
                match self.columns.get(err.field()) {
                    Some(column) => fault.inside(Step::Key(column.name.clone())),
                    None => fault,
                }
            }
            _ => Fault::at(offset, error.to_string(), ""),
        }
    }
}

/// Whether the user's schema has strings for a column, or an option of the command line.
fn wants_text(options: &ReadOptions, name: &str) -> bool {
    let is_text = |schema: &Schema| match schema {
        Schema::Option(inner) => matches!(**inner, Schema::String | Schema::Symbol(_)),
        schema => matches!(schema, Schema::String | Schema::Symbol(_)),
    };
    let path = path_text([Step::Any, Step::Key(name.to_owned())].iter());
    let of_column = options.overrides.columns.iter().filter(|column| column.path == path);
    let mut said = of_column.map(|column| match &column.kind {
        OverrideKind::Enum => true,
        OverrideKind::Type(schema) => is_text(schema),
        _ => false,
    });
    if said.any(|text| text) {
        return true;
    }
    let Some(Schema::List(row)) = &options.schema else { return false };
    let Schema::Record(record) = &**row else { return false };
    record.fields.iter().any(|field| &*field.name == name && is_text(&field.schema))
}

impl Column {
    /// The value of a cell of a column of numbers.
    fn number(&self, text: &str) -> Event {
        let text = trimmed(text);
        // Integers among floats are given as what they are, so that one that is not exact as a float is noticed.
        if let Ok(value) = text.parse::<i64>()
            && text != "-0"
        {
            return Event::Int(value);
        }
        if text.is_empty() {
            return Event::Null;
        }
        if let Ok(value) = text.parse::<u64>() {
            return Event::UInt(value);
        }
        if self.cells == Cells::Commas
            && let Some(value) = parse_comma(text)
        {
            return Event::Decimal(value);
        }
        match text.parse::<f64>() {
            Ok(value) if !value.is_nan() || !self.tally.nan_is_missing() => Event::Decimal(value),
            // A mark: text that is neither a number nor a mark would have made the column text.
            _ => Event::Null,
        }
    }

    fn boolean(text: &str) -> Event {
        match cell(trimmed(text)) {
            Cell::Word(_, value) => Event::Bool(value),
            _ => Event::Null,
        }
    }
}

impl Source for TableSource<'_> {
    fn value(&mut self) -> Result<Event, Fault> {
        match self.state {
            State::Start => return Ok(Event::List(Open { top: true, ..Open::default() })),
            State::Row => return Ok(Event::Map(Open { row: true, ..Open::default() })),
            State::Cell => {}
        }
        let text = self.cell();
        let column = &self.table.columns[self.column];
        Ok(match column.cells {
            _ if text.is_empty() => Event::Null,
            Cells::Ints | Cells::Floats | Cells::Commas => column.number(text),
            Cells::Bools => Column::boolean(text),
            Cells::Texts | Cells::Empty => Event::Text,
        })
    }

    fn text(&mut self) -> Result<&str, Fault> {
        Ok(self.cell())
    }

    fn bytes(&mut self) -> Result<&[u8], Fault> {
        Err(Fault::at(self.offset(), "a table has no bytes", ""))
    }

    fn next_item(&mut self, _list: &mut Open) -> Result<bool, Fault> {
        self.state = State::Row;
        self.read_record()
    }

    fn next_key(&mut self, map: &mut Open) -> Result<Option<Key<'_>>, Fault> {
        self.state = State::Cell;
        self.column = if map.started { self.column + 1 } else { 0 };
        map.started = true;
        Ok(self.table.columns.get(self.column).map(|column| Key::Text(&column.name)))
    }

    fn finish(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    fn offset(&self) -> usize {
        self.table.layout.offset(self.record.position().map_or(0, |position| position.byte() as usize))
    }

    fn notes(&self) -> Vec<String> {
        self.table.notes.clone()
    }

    fn complete(&self, schema: Schema) -> Schema {
        let Schema::List(row) = schema else { return schema };
        let text = || Schema::option(Schema::String);
        Schema::list(match *row {
            Schema::Record(record) => {
                let settled = |field: Field| match field.schema {
                    Schema::Unit => Field { schema: text(), ..field },
                    _ => field,
                };
                Schema::Record(RecordSchema::new(&record.name, record.fields.into_iter().map(settled).collect()))
            }
            // A header without rows.
            Schema::Unit => {
                let fields = self.table.columns.iter().map(|column| Field::new(&column.name, text()));
                Schema::Record(RecordSchema::new("Row", fields.collect()))
            }
            other => other,
        })
    }
}
