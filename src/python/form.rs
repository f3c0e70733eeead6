//! The payload in the form in which interpreters read it: columns, bottom up, each entry behind the parts that it is
//! made of, so that neither side recurses and Python fills lists at the speed of C.
//!
//! An entry is a tag, the number of rows as a 64-bit integer, and its content, all in the byte order of the machine:
//!
//! | tag | content |
//! | --- | --- |
//! | `N` | nothing: that many `None` |
//! | `?` | a byte each |
//! | `b` `B` `h` `H` `i` `I` `q` `Q` `d` | numbers, named as Python's `array` names them |
//! | `s` `y` | the ends of strings or byte strings (64 bits each), then all their bytes |
//! | `n` | for each row a byte, 1 for an integer and 0 for a float, then 64 bits for each |
//! | `O` | for each row its index (32 bits) among the values of the entry before, or [`NULL`], or [`ABSENT`] |
//! | `L` | the ends of lists of the entry before |
//! | `M` | the ends of maps of the two entries before: keys, values |
//! | `T` | the number of places (32 bits), whose columns are the entries before |
//! | `t` | nothing: the document calls the lists of the entry before tuples |
//! | `R` | the number of fields (32 bits), 1 if the last one is flattened into the others, else 0 (32 bits), their names with their lengths (32 bits); their columns are the entries before |
//! | `E` | the number of variants, then for each row its variant and its index there (32 bits each) |
//! | `.` | the end |
//!
//! `f32`s go as doubles of the same value, which is what every reader of Python makes of them.

use crate::payload::{ABSENT, Column, NULL, Number, Presence, Schema, is_present};
use std::io::{self, Write};

/// Plain numbers as the bytes that they are in memory.
macro_rules! numbers {
    ($out:expr, $tag:expr, $values:expr) => {{
        entry($out, $tag, $values.len())?;
        for value in $values {
            $out.write_all(&value.to_ne_bytes())?;
        }
    }};
}

/// A step that is still to be written: a column, or the entry behind its parts.
enum Step<'a> {
    Column(&'a Schema, &'a Column, Presence),
    Entry(&'a Schema, &'a Column, Presence),
}

/// Writes all rows of `column`.
///
/// # Errors
///
/// When there is no room for it.
///
/// # Panics
///
/// When the column was not made for the schema.
pub fn write(schema: &Schema, column: &Column, out: &mut impl Write) -> io::Result<()> {
    let part = |schema, column| Step::Column(schema, column, Presence::Required);
    let mut todo = vec![part(schema, column)];
    while let Some(step) = todo.pop() {
        match step {
            Step::Entry(schema, column, presence) => behind_parts(schema, column, presence, out)?,
            Step::Column(schema, column, presence) => {
                if leaf(schema, column, out)? {
                    continue;
                }
                todo.push(Step::Entry(schema, column, presence));
                // The last one pushed is the first one written.
                match (schema, column) {
                    (Schema::Option(inner), Column::Option { values, .. }) => todo.push(part(inner, values)),
                    (Schema::List(element), Column::List { items, .. }) => todo.push(part(element, items)),
                    (Schema::Array(array), Column::Array { items, .. }) => todo.push(part(&array.element, items)),
                    (Schema::Tuple(schema), Column::Tuple { places, .. }) => {
                        todo.extend(schema.iter().zip(places).rev().map(|(schema, place)| part(schema, place)));
                    }
                    (Schema::Map(map), Column::Map { keys, values, .. }) => {
                        todo.push(part(&map.value, values));
                        todo.push(part(&map.key, keys));
                    }
                    (Schema::Record(record), Column::Record { fields, .. }) => {
                        let parts = record.fields.iter().zip(fields).rev();
                        todo.extend(parts.map(|(field, column)| Step::Column(&field.schema, column, field.presence)));
                    }
                    (Schema::Enum(choice), Column::Enum { variants, .. }) => {
                        let parts = choice.variants.iter().zip(variants).rev();
                        todo.extend(parts.map(|(variant, column)| part(&variant.schema, column)));
                    }
                    _ => unreachable!("the column was made for the schema"),
                }
            }
        }
    }
    entry(out, b'.', 0)
}

fn entry(out: &mut impl Write, tag: u8, rows: usize) -> io::Result<()> {
    out.write_all(&[tag])?;
    out.write_all(&(rows as u64).to_ne_bytes())
}

/// Writes a column that has no parts; false for others.
fn leaf(schema: &Schema, column: &Column, out: &mut impl Write) -> io::Result<bool> {
    match column {
        Column::Unit(rows) => entry(out, b'N', *rows)?,
        Column::Bool(values) => {
            entry(out, b'?', values.len())?;
            for &value in values {
                out.write_all(&[u8::from(value)])?;
            }
        }
        Column::I8(values) => numbers!(out, b'b', values),
        Column::U8(values) => numbers!(out, b'B', values),
        Column::I16(values) => numbers!(out, b'h', values),
        Column::U16(values) => numbers!(out, b'H', values),
        Column::I32(values) => numbers!(out, b'i', values),
        Column::U32(values) => numbers!(out, b'I', values),
        Column::I64(values) => numbers!(out, b'q', values),
        Column::U64(values) => numbers!(out, b'Q', values),
        Column::F64(values) => numbers!(out, b'd', values),
        Column::F32(values) => {
            entry(out, b'd', values.len())?;
            for &value in values {
                out.write_all(&f64::from(value).to_ne_bytes())?;
            }
        }
        Column::Number(values) => {
            entry(out, b'n', values.len())?;
            for value in values {
                out.write_all(&[u8::from(matches!(value, Number::Int(_)))])?;
            }
            for value in values {
                out.write_all(&match value {
                    Number::Int(value) => value.to_ne_bytes(),
                    Number::Float(value) => value.to_ne_bytes(),
                })?;
            }
        }
        Column::Symbol(values) => {
            let Schema::Symbol(symbol) = schema else { unreachable!("the column was made for the schema") };
            strings(out, b's', values.iter().map(|&at| symbol.values[at as usize].as_bytes()))?;
        }
        Column::String(values) => strings(out, b's', values.iter().map(String::as_bytes))?,
        Column::Bytes(values) => strings(out, b'y', values.iter().map(Vec::as_slice))?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn strings<'a>(
    out: &mut impl Write,
    tag: u8,
    values: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
) -> io::Result<()> {
    entry(out, tag, values.len())?;
    let mut end = 0u64;
    for value in values.clone() {
        end += value.len() as u64;
        out.write_all(&end.to_ne_bytes())?;
    }
    for value in values {
        out.write_all(value)?;
    }
    Ok(())
}

fn behind_parts(schema: &Schema, column: &Column, presence: Presence, out: &mut impl Write) -> io::Result<()> {
    fn lists(out: &mut impl Write, tag: u8, ends: impl ExactSizeIterator<Item = usize>) -> io::Result<()> {
        entry(out, tag, ends.len())?;
        for end in ends {
            out.write_all(&(end as u64).to_ne_bytes())?;
        }
        Ok(())
    }
    match (schema, column) {
        (_, Column::Option { index, .. }) => {
            entry(out, b'O', index.len())?;
            for &at in index {
                // A missing value is absent or null by what the field may be, wherever the value came from.
                let at = match presence {
                    _ if is_present(at) => at,
                    Presence::Optional => ABSENT,
                    Presence::OptionalOrNull => at,
                    Presence::Required | Presence::Flattened => NULL,
                };
                out.write_all(&at.to_ne_bytes())?;
            }
        }
        (_, Column::List { ends, .. }) => lists(out, b'L', ends.iter().copied())?,
        (_, Column::Array { length, .. }) => lists(out, b'L', (0..column.len()).map(|row| (row + 1) * length))?,
        (_, Column::Tuple { rows, places }) => {
            entry(out, b'T', *rows)?;
            out.write_all(&(places.len() as u32).to_ne_bytes())?;
        }
        (_, Column::Map { ends, .. }) => lists(out, b'M', ends.iter().copied())?,
        (Schema::Record(record), Column::Record { rows, .. }) => {
            entry(out, b'R', *rows)?;
            out.write_all(&(record.fields.len() as u32).to_ne_bytes())?;
            out.write_all(&u32::from(record.flattened().is_some()).to_ne_bytes())?;
            for field in &record.fields {
                out.write_all(&(field.name.len() as u32).to_ne_bytes())?;
                out.write_all(field.name.as_bytes())?;
            }
        }
        (_, Column::Enum { tags, index, variants }) => {
            entry(out, b'E', tags.len())?;
            out.write_all(&(variants.len() as u32).to_ne_bytes())?;
            for value in tags.iter().chain(index) {
                out.write_all(&value.to_ne_bytes())?;
            }
        }
        _ => unreachable!("the column was made for the schema"),
    }
    match schema {
        Schema::Array(array) if array.is_tuple => entry(out, b't', column.len()),
        Schema::Tuple(tuple) if tuple.is_tuple => entry(out, b't', column.len()),
        _ => Ok(()),
    }
}

/// The rough number of bytes of the rows of a column as Python objects: enough to say beforehand that they do not fit.
pub fn python_bytes(column: &Column) -> u64 {
    /// A pointer in a list, and the object of a number behind it.
    const NUMBER: u64 = 8 + 32;
    /// A pointer, and the head of a string.
    const STRING: u64 = 8 + 57;
    const LIST: u64 = 8 + 72;
    /// A pointer, a dict of some entries, and each entry beyond them.
    const DICT: u64 = 8 + 184;
    const ENTRY: u64 = 24;
    let mut todo = vec![column];
    let mut bytes = 0u64;
    while let Some(column) = todo.pop() {
        let rows = column.len() as u64;
        bytes += match column {
            Column::Unit(_) | Column::Bool(_) => 8 * rows,
            Column::String(values) => values.iter().map(|value| STRING + value.len() as u64).sum(),
            Column::Bytes(values) => values.iter().map(|value| STRING + value.len() as u64).sum(),
            Column::Option { values, .. } => {
                todo.push(values);
                8 * rows
            }
            Column::List { items, .. } | Column::Array { items, .. } => {
                todo.push(items);
                LIST * rows
            }
            Column::Tuple { places, .. } => {
                todo.extend(places);
                LIST * rows
            }
            Column::Symbol(_) => STRING * rows,
            Column::Map { keys, values, .. } => {
                todo.extend([&**keys, &**values]);
                DICT * rows + ENTRY * keys.len() as u64
            }
            Column::Record { fields, .. } => {
                todo.extend(fields);
                (DICT + ENTRY * fields.len() as u64) * rows
            }
            Column::Enum { variants, .. } => {
                todo.extend(variants);
                8 * rows
            }
            _ => NUMBER * rows,
        };
    }
    bytes
}
