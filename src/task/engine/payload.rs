//! A payload as a Python process can load it.

use crate::codec::{self, Subject};
use crate::host::RunDirectory;
use crate::payload::{Column, Encodable, Payload, Schema};
use std::io::{self, BufWriter, Write};

/// The payload's file in a run's directory.
#[derive(Clone, Debug)]
pub struct PayloadFile {
    /// How to read it: a type code of Python's `array`, `bytes`, or `pickle`.
    pub form: &'static str,
    /// The numbers in it.
    pub count: u64,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// The elements of the payload's list, as they lie in memory.
    Numbers,
    /// The payload's one byte string.
    Bytes,
    /// Encoded.
    Pickle(Vec<u8>),
}

impl PayloadFile {
    /// Prepares `payload` for Python: lists of numbers and byte strings as they are, everything else pickled.
    ///
    /// # Errors
    ///
    /// In words, when it cannot be pickled.
    pub fn prepare(payload: &Payload) -> Result<PayloadFile, String> {
        if let (Schema::List(_), Column::List { items, .. }) = (&*payload.schema, &payload.column)
            && let Some(form) = type_code(items)
        {
            return Ok(PayloadFile { form, count: items.len() as u64, content: Content::Numbers });
        }
        if let Column::Bytes(_) = payload.column {
            return Ok(PayloadFile { form: "bytes", count: 1, content: Content::Bytes });
        }
        let refused = |reason: &dyn std::fmt::Display| {
            format!("payload {}: cannot be pickled for Python: {reason}; take another payload", payload.name)
        };
        let codec = codec::find("pickle:5").ok_or_else(|| refused(&"there is no codec for it"))?;
        let mut encoded = [Vec::new()];
        codec
            .encode(Subject::Typed(&Encodable::new(&payload.schema, &payload.column)), &mut encoded)
            .map_err(|reason| refused(&reason))?;
        let [encoded] = encoded;
        Ok(PayloadFile { form: "pickle", count: 1, content: Content::Pickle(encoded) })
    }

    /// How large its file is, in bytes.
    pub fn bytes(&self, payload: &Payload) -> u64 {
        match &self.content {
            Content::Pickle(encoded) => encoded.len() as u64,
            _ => payload.column.memory_bytes(),
        }
    }

    /// Writes the file `payload` into `directory`.
    ///
    /// # Errors
    ///
    /// When there is no room for it.
    pub fn write(&self, payload: &Payload, directory: &RunDirectory) -> io::Result<()> {
        let mut file = BufWriter::with_capacity(1 << 20, directory.file("payload")?);
        match (&self.content, &payload.column) {
            (Content::Pickle(encoded), _) => file.write_all(encoded)?,
            (Content::Bytes, Column::Bytes(bytes)) => bytes.iter().try_for_each(|bytes| file.write_all(bytes))?,
            (Content::Numbers, Column::List { items, .. }) => write_numbers(items, &mut file)?,
            _ => return Err(io::Error::other("the payload is not the one that was prepared")),
        }
        file.flush()
    }
}

/// What Python's `array` calls the elements of a column; `None` where it has none of them.
fn type_code(column: &Column) -> Option<&'static str> {
    Some(match column {
        Column::I8(_) => "b",
        Column::I16(_) => "h",
        Column::I32(_) => "i",
        Column::I64(_) => "q",
        Column::U8(_) => "B",
        Column::U16(_) => "H",
        Column::U32(_) => "I",
        Column::U64(_) => "Q",
        Column::F32(_) => "f",
        Column::F64(_) => "d",
        _ => return None,
    })
}

fn write_numbers(column: &Column, file: &mut impl Write) -> io::Result<()> {
    macro_rules! write_each {
        ($($variant:ident)*) => {
            match column {
                $(Column::$variant(numbers) => numbers.iter().try_for_each(|n| file.write_all(&n.to_ne_bytes())),)*
                _ => Ok(()),
            }
        };
    }
    write_each!(I8 I16 I32 I64 U8 U16 U32 U64 F32 F64)
}
