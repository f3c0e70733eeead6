//! CSV and TSV: a header and rows, which become a list of records.
//!
//! A table has only text, so a first look decides for each column what its text is: integers, if every cell is one
//! (without a plus sign or leading zeros, which belong to phone numbers and postal codes), numbers, `true`/`false`,
//! or strings. Integers over 64 bits make a column of strings, since that is what such identifiers are. Empty cells
//! are absent values; empty lines are nothing.

use super::source::{Event, Fault, Key, Open, Source, Step, quoted};
use crate::payload::schema::Schema;
use csv::{ErrorKind, ReaderBuilder, StringRecord};
use std::collections::HashSet;

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cells {
    /// Nothing yet.
    Empty,
    Ints,
    Floats,
    Bools,
    Texts,
}

/// A table that was looked at.
#[derive(Clone, Debug)]
pub struct Table<'b> {
    bytes: &'b [u8],
    /// The offset of `bytes` in the file.
    base: usize,
    delimiter: u8,
    header: Vec<String>,
    cells: Vec<Cells>,
}

/// The rows of a table as events.
pub struct TableSource<'b> {
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
    pub fn new(table: Table<'b>) -> Result<Self, Fault> {
        let mut source =
            TableSource { reader: table.open(), table, record: StringRecord::new(), column: 0, state: State::Start };
        // The header.
        source.read_record()?;
        Ok(source)
    }

    fn read_record(&mut self) -> Result<bool, Fault> {
        self.reader.read_record(&mut self.record).map_err(|error| fault(&error, self.table.base))
    }

    fn cell(&self) -> &str {
        self.record.get(self.column).unwrap_or("")
    }
}

impl<'b> Table<'b> {
    /// Looks at the table in `bytes`, which begin at `base` of the file: finds the names and the kinds of the columns
    /// and whatever is wrong. A schema of the user's decides which columns are text.
    pub fn look(bytes: &'b [u8], base: usize, delimiter: u8, schema: Option<&Schema>) -> Result<Self, Fault> {
        let mut table = Table { bytes, base, delimiter, header: Vec::new(), cells: Vec::new() };
        let mut reader = table.open();
        let mut record = StringRecord::new();
        reader.read_record(&mut record).map_err(|error| fault(&error, base))?;
        table.name_columns(&record)?;
        let mut row = 0;
        while reader.read_record(&mut record).map_err(|error| fault(&error, base).inside(Step::Index(row)))? {
            row += 1;
            for (cells, text) in table.cells.iter_mut().zip(&record) {
                cells.add(text);
            }
        }
        for (name, cells) in table.header.iter().zip(&mut table.cells) {
            *cells = schema.and_then(|schema| wanted(schema, name)).unwrap_or(*cells);
        }
        Ok(table)
    }

    fn open(&self) -> csv::Reader<&'b [u8]> {
        ReaderBuilder::new().delimiter(self.delimiter).has_headers(false).from_reader(self.bytes)
    }

    fn name_columns(&mut self, record: &StringRecord) -> Result<(), Fault> {
        self.header = record.iter().map(str::to_owned).collect();
        self.cells = vec![Cells::Empty; self.header.len()];
        let mut known = HashSet::new();
        match self.header.iter().find(|name| !known.insert(name.as_str())) {
            None => Ok(()),
            Some(twice) => {
                let reason = format!("the header names column {} twice", quoted(twice));
                Err(Fault::at(self.base, reason, "rename one of the two"))
            }
        }
    }
}

impl Cells {
    fn add(&mut self, text: &str) {
        // Once a column is text, the question need not be asked again.
        if *self != Cells::Texts && !text.is_empty() {
            *self = match (*self, kind(text)) {
                (Cells::Empty, kind) => kind,
                (before, kind) if before == kind => kind,
                (Cells::Ints, Cells::Floats) | (Cells::Floats, Cells::Ints) => Cells::Floats,
                _ => Cells::Texts,
            };
        }
    }
}

/// What the text of one cell is.
fn kind(text: &str) -> Cells {
    if text == "true" || text == "false" {
        return Cells::Bools;
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if ["nan", "inf", "infinity"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return Cells::Floats;
    }
    let whole = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    // `007` and `.5` and `5.` are no numbers as JSON has them.
    if whole == 0 || (whole > 1 && unsigned.starts_with('0')) {
        return Cells::Texts;
    }
    if whole == unsigned.len() {
        let fits = text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
        // An integer has no negative zero.
        return if text == "-0" {
            Cells::Floats
        } else if fits {
            Cells::Ints
        } else {
            Cells::Texts
        };
    }
    let digits_after = |rest: &str| rest.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = &unsigned[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = digits_after(fraction);
        if digits == 0 {
            return Cells::Texts;
        }
        rest = &fraction[digits..];
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || digits_after(exponent) != exponent.len() {
            return Cells::Texts;
        }
        rest = "";
    }
    let finite = text.parse().is_ok_and(f64::is_finite);
    if rest.is_empty() && finite { Cells::Floats } else { Cells::Texts }
}

/// What the cells of a column must be for the user's schema; none if it has no say.
fn wanted(schema: &Schema, name: &str) -> Option<Cells> {
    let Schema::List(row) = schema else { return None };
    let Schema::Record(record) = &**row else { return None };
    let field = record.fields.iter().find(|field| &*field.name == name)?;
    let schema = match &field.schema {
        Schema::Option(inner) => inner,
        schema => schema,
    };
    matches!(schema, Schema::String).then_some(Cells::Texts)
}

fn fault(error: &csv::Error, base: usize) -> Fault {
    let offset = base + error.position().map_or(0, |position| position.byte() as usize);
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => Fault::at(
            offset,
            format!("the row has {len} cells, the header {expected_len}"),
            "a delimiter too many or too few, or a cell that wants quotes?",
        ),
        ErrorKind::Utf8 { err, .. } => Fault::at(
            offset,
            format!("invalid UTF-8 in cell {} of the row", err.field() + 1),
            "convert the file to UTF-8",
        ),
        _ => Fault::at(offset, error.to_string(), ""),
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
        Ok(match self.table.cells[self.column] {
            _ if text.is_empty() => Event::Null,
            // Integers among floats are given as what they are, so that one that is not exact as a float is noticed.
            Cells::Ints | Cells::Floats => match (text.parse(), text.parse()) {
                (Ok(value), _) if text != "-0" => Event::Int(value),
                (Err(_), Ok(value)) => Event::UInt(value),
                _ => text.parse().map_or(Event::Text, Event::Decimal),
            },
            Cells::Bools => Event::Bool(text == "true"),
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
        Ok(self.table.header.get(self.column).map(|name| Key::Text(name)))
    }

    fn finish(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    fn offset(&self) -> usize {
        self.table.base + self.record.position().map_or(0, |position| position.byte() as usize)
    }
}
