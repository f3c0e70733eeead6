//! Streams of Arrow, as polars pickles its frames: which column has how many of the bytes.
//!
//! A stream is a row of messages, each with a flatbuffer before its body: the schema, dictionaries, and batches of rows whose
//! buffers stand in the order of the fields (`format/Message.fbs` and `format/Schema.fbs` of Arrow). Nothing is read but lengths,
//! names and types, and nothing beyond what the stream itself has.

/// How a message of a stream begins.
pub(super) const MAGIC: &[u8] = b"\xff\xff\xff\xff";
/// More fields, with those in others, are not read.
const MOST_FIELDS: usize = 4096;
/// Fields in fields are as deep as that.
const MOST_LEVELS: usize = 32;
/// Fields of all messages that are looked at.
const MOST_WORK: usize = 1 << 20;

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub name: String,
    /// `int64`, `list`.
    pub kind: &'static str,
    /// The bytes of its buffers, in all batches.
    pub bytes: u64,
}

/// One field of the schema, those in it behind it.
struct Field {
    column: usize,
    form: Form,
    dictionary: Option<i64>,
}

/// Which buffers a field has itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Buffers(usize),
    /// A validity, views, and as many more as the batch says.
    Views,
}

/// The columns, if all of it is a stream.
pub(super) fn columns(data: &[u8]) -> Option<Vec<Column>> {
    let mut columns = Vec::new();
    let mut fields = Vec::new();
    let (mut at, mut work) = (0, 0);
    while at < data.len() {
        let rest = data.get(at..)?.strip_prefix(MAGIC)?;
        let length = usize::try_from(u32::from_le_bytes(*rest.first_chunk()?)).ok()?;
        if length == 0 {
            return (at + 8 == data.len() && !columns.is_empty()).then_some(columns);
        }
        let buffer = Flat(rest.get(4..4usize.checked_add(length)?)?);
        let message = buffer.root()?;
        let body = buffer.int::<8>(message, 3).unwrap_or(0);
        let header = buffer.table(message, 2)?;
        work += fields.len() + 1;
        match buffer.int::<1>(message, 1)? {
            1 if columns.is_empty() => schema(buffer, header, &mut columns, &mut fields)?,
            2 => {
                let id = buffer.int::<8>(header, 0).unwrap_or(0);
                let field = fields.iter().find(|field: &&Field| field.dictionary == Some(id))?;
                let column = &mut columns[field.column];
                column.bytes = buffers(buffer, buffer.table(header, 1)?)?.try_fold(column.bytes, u64::checked_add)?;
            }
            3 => batch(buffer, header, &mut columns, &fields)?,
            _ => return None,
        }
        at = at.checked_add(8 + length)?.checked_add(usize::try_from(body).ok()?)?;
        if work > MOST_WORK {
            return None;
        }
    }
    (at == data.len() && !columns.is_empty()).then_some(columns)
}

fn schema(buffer: Flat, schema: usize, columns: &mut Vec<Column>, fields: &mut Vec<Field>) -> Option<()> {
    for (column, field) in buffer.tables(schema, 1)?.enumerate() {
        let field = field?;
        let name = buffer.bytes(field, 0).unwrap_or(b"");
        let name = String::from_utf8_lossy(&name[..name.len().min(200)]).into_owned();
        columns.push(Column { name, kind: kind(buffer, field), bytes: 0 });
        add(buffer, field, column, 0, fields)?;
    }
    Some(())
}

/// Adds a field and those in it.
fn add(buffer: Flat, field: usize, column: usize, level: usize, fields: &mut Vec<Field>) -> Option<()> {
    // A field takes more than 16 bytes: more of them are one field that others point at.
    if level > MOST_LEVELS || fields.len() >= MOST_FIELDS.min(buffer.0.len() / 16) {
        return None;
    }
    let dictionary = buffer.table(field, 4).map(|dictionary| buffer.int::<8>(dictionary, 0).unwrap_or(0));
    let form = match buffer.int::<1>(field, 2)? {
        _ if dictionary.is_some() => Form::Buffers(2),
        1 | 22 => Form::Buffers(0),
        4 | 5 | 19 | 20 | 25 | 26 => Form::Buffers(3),
        13 | 16 => Form::Buffers(1),
        // A dense union has offsets, too.
        14 => Form::Buffers(1 + usize::from(buffer.table(field, 3).and_then(|of| buffer.int::<2>(of, 0)) == Some(1))),
        23 | 24 => Form::Views,
        _ => Form::Buffers(2),
    };
    fields.push(Field { column, form, dictionary });
    if dictionary.is_none() {
        for child in buffer.tables(field, 5).into_iter().flatten() {
            add(buffer, child?, column, level + 1, fields)?;
        }
    }
    Some(())
}

/// The type of a field.
fn kind(buffer: Flat, field: usize) -> &'static str {
    let number = |slot| buffer.table(field, 3).and_then(|of| buffer.int::<2>(of, slot)).unwrap_or(0);
    let is_signed = || buffer.table(field, 3).and_then(|of| buffer.int::<1>(of, 1)) == Some(1);
    if buffer.table(field, 4).is_some() {
        return "categories";
    }
    match buffer.int::<1>(field, 2).unwrap_or(0) {
        1 => "null",
        2 => match (number(0), is_signed()) {
            (8, true) => "int8",
            (16, true) => "int16",
            (32, true) => "int32",
            (64, true) => "int64",
            (8, false) => "uint8",
            (16, false) => "uint16",
            (32, false) => "uint32",
            (64, false) => "uint64",
            _ => "integers",
        },
        3 => ["float16", "float32", "float64"].get(number(0) as usize).copied().unwrap_or("floats"),
        4 | 15 | 19 | 23 => "bytes",
        5 | 20 | 24 => "str",
        6 => "bool",
        7 => "decimal",
        8 => "date",
        9 => "time",
        10 => "datetime",
        11 | 18 => "duration",
        12 | 16 | 21 | 25 | 26 => "list",
        13 => "struct",
        17 => "map",
        _ => "values",
    }
}

/// The lengths of the buffers of a batch.
fn buffers(buffer: Flat<'_>, batch: usize) -> Option<impl Iterator<Item = u64>> {
    let (start, count) = buffer.vector(batch, 2)?;
    let bytes = buffer.0.get(start..start.checked_add(count.checked_mul(16)?)?)?;
    // The place of each stands before its length.
    Some(bytes.chunks_exact(16).map(|place| u64::from_le_bytes(*place[8..].first_chunk().unwrap_or(&[0; 8]))))
}

fn batch(buffer: Flat, batch: usize, columns: &mut [Column], fields: &[Field]) -> Option<()> {
    let mut lengths = buffers(buffer, batch)?;
    let mut variadic = match buffer.vector(batch, 4) {
        Some((start, count)) => buffer.0.get(start..start.checked_add(count.checked_mul(8)?)?)?.chunks_exact(8),
        None => [].chunks_exact(8),
    };
    for field in fields {
        let count = match field.form {
            Form::Buffers(count) => count,
            Form::Views => {
                usize::try_from(u64::from_le_bytes(variadic.next()?.try_into().ok()?)).ok()?.checked_add(2)?
            }
        };
        for _ in 0..count {
            let column = &mut columns[field.column];
            column.bytes = column.bytes.checked_add(lengths.next()?)?;
        }
    }
    lengths.next().is_none().then_some(())
}

/// A flatbuffer, of which any place may lie anywhere.
#[derive(Clone, Copy)]
struct Flat<'a>(&'a [u8]);

impl<'a> Flat<'a> {
    /// A number at a place.
    fn at<const N: usize>(self, place: usize) -> Option<u64> {
        let bytes: &[u8; N] = self.0.get(place..)?.first_chunk()?;
        Some(bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
    }

    /// The place that the offset at `place` leads to.
    fn follow(self, place: usize) -> Option<usize> {
        place.checked_add(usize::try_from(self.at::<4>(place)?).ok()?).filter(|&to| to < self.0.len())
    }

    fn root(self) -> Option<usize> {
        self.follow(0)
    }

    /// The place of a table's field.
    fn field(self, table: usize, slot: usize) -> Option<usize> {
        let back = i64::from((self.at::<4>(table)? as u32).cast_signed());
        let vtable = usize::try_from(i64::try_from(table).ok()?.checked_sub(back)?).ok()?;
        let place = 4 + 2 * slot;
        let length = usize::try_from(self.at::<2>(vtable)?).ok()?;
        let offset = usize::try_from(self.at::<2>(vtable.checked_add(place)?)?).ok()?;
        (place < length && offset > 0).then_some(table + offset)
    }

    fn int<const N: usize>(self, table: usize, slot: usize) -> Option<i64> {
        self.at::<N>(self.field(table, slot)?).map(u64::cast_signed)
    }

    fn table(self, table: usize, slot: usize) -> Option<usize> {
        self.follow(self.field(table, slot)?)
    }

    /// Where the items of a vector begin, and how many there are.
    fn vector(self, table: usize, slot: usize) -> Option<(usize, usize)> {
        let start = self.table(table, slot)?;
        Some((start + 4, usize::try_from(self.at::<4>(start)?).ok()?))
    }

    fn bytes(self, table: usize, slot: usize) -> Option<&'a [u8]> {
        let (start, count) = self.vector(table, slot)?;
        self.0.get(start..start.checked_add(count)?)
    }

    /// The tables of a vector.
    fn tables(self, table: usize, slot: usize) -> Option<impl Iterator<Item = Option<usize>>> {
        let (start, count) = self.vector(table, slot)?;
        self.0.get(start..start.checked_add(count.checked_mul(4)?)?)?;
        Some((0..count).map(move |at| self.follow(start + 4 * at)))
    }
}
