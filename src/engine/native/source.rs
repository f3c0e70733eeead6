//! The data of a scenario as a codec takes it, and back.

use crate::codec::{Codec, Decoded, Subject, flatten, guard};
use crate::model::Representation;
use crate::payload::{Column, Encodable, NativeStore, Schema, digest_rows};
use std::sync::Arc;

/// The data: a column of one row, with the codec that it goes through.
pub(super) struct Source<'a> {
    codec: &'static dyn Codec,
    column: &'a Column,
    encodable: Encodable<'a>,
    /// The same in the Rust types of natively derived codecs, for those.
    native: Option<NativeStore>,
}

impl<'a> Source<'a> {
    /// Prepares the data for the codec.
    ///
    /// # Errors
    ///
    /// In words, where it cannot be had in the codec's own types.
    pub(super) fn new(codec: &'static dyn Codec, schema: &'a Arc<Schema>, column: &'a Column) -> Result<Self, String> {
        let native = match codec.info().native {
            true => NativeStore::new(schema, column).map_err(|error| error.to_string())?,
            false => None,
        };
        Ok(Source { codec, column, encodable: Encodable::new(schema, column), native })
    }

    /// Appends the encoded data to the buffer.
    ///
    /// # Errors
    ///
    /// In the codec's words, also where it panicked.
    pub(super) fn encode(&self, buffer: &mut [Vec<u8>; 1]) -> Result<(), String> {
        let subject = match &self.native {
            Some(native) => Subject::Native(native.messages(self.column)),
            None => Subject::Typed(&self.encodable),
        };
        flatten(guard(|| self.codec.encode(subject, buffer)))
    }
}

/// Decodes what [`Source::encode`] made.
///
/// # Errors
///
/// In the codec's words, also where it panicked.
pub(super) fn decode(codec: &dyn Codec, schema: &Arc<Schema>, bytes: &[u8]) -> Result<Decoded, String> {
    let mut decoded = Decoded::with_capacity(codec, Representation::Typed, schema, 1);
    flatten(guard(|| codec.decode(&[bytes], 1, &mut decoded)))?;
    Ok(decoded)
}

/// The data as a column, whatever it was decoded into.
///
/// # Errors
///
/// In words, where it is not a value of the schema.
pub(super) fn into_column(decoded: Decoded, schema: &Schema) -> Result<Column, String> {
    match decoded {
        Decoded::Typed(rows) => Ok(rows.into_column()),
        Decoded::Native(values) => values.into_column(schema).map_err(|error| error.to_string()),
        Decoded::Dynamic(_) | Decoded::Own(_) => Err("the data has no columns".to_owned()),
    }
}

/// The digest that tells one column from another.
pub(super) fn digest(column: &Column) -> u64 {
    digest_rows(column, 0..column.len())
}
