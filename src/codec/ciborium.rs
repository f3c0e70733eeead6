//! CBOR by `ciborium`: a second row, since much code uses it.

use super::{CodecError, Format, Info, no_bytes_left};
use crate::payload::{Named, Sink};
use serde::Serialize;

/// The codec `ciborium`.
#[derive(Debug)]
pub(super) struct Ciborium;

impl Format for Ciborium {
    type Style = Named;

    fn info(&self) -> &'static Info {
        &Info {
            name: "ciborium",
            aliases: &["cbor-ciborium"],
            format: "CBOR",
            package: "ciborium 0.2.2",
            native: false,
            self_describing: true,
            zero_copy: false,
            maintained: true,
            untrusted: false,
            note: "writes each float at the narrowest width that keeps its value, down to 16 bits; at most 256 levels",
        }
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        Ok(ciborium::into_writer(value, out)?)
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        let mut rest = bytes;
        sink.through(|| ciborium::from_reader(&mut rest))?;
        no_bytes_left(rest.len())
    }
}
