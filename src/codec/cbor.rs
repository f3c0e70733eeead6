//! CBOR by `minicbor-serde`.
//!
//! cbor4ii was the other candidate. Both keep float64 and write the same bytes; minicbor-serde takes a seed, tells
//! its position, and writes straight into the caller's `Vec`.

use super::{CodecError, Format, Info, no_bytes_left};
use crate::payload::{Named, Sink, SinkSeed};
use serde::Serialize;
use serde::de::DeserializeSeed;

/// The codec `cbor`.
#[derive(Debug)]
pub(super) struct Cbor;

impl Format for Cbor {
    type Style = Named;

    fn info(&self) -> &'static Info {
        &Info {
            name: "cbor",
            aliases: &["cbor-minicbor", "minicbor", "minicbor-serde"],
            format: "CBOR",
            package: "minicbor-serde 0.7.2",
            native: false,
            self_describing: true,
            zero_copy: true,
            maintained: true,
            untrusted: false,
            note: "floats keep their width; unit is an empty array; nesting is not limited, so hostile bytes can exhaust the stack",
        }
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        // A buffer that the compiler knows to be unshared, as in the crate's own `to_vec`: a fifth faster.
        let mut buffer = std::mem::take(out);
        let encoded = value.serialize(&mut minicbor_serde::Serializer::new(&mut buffer));
        *out = buffer;
        Ok(encoded?)
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        let mut deserializer = minicbor_serde::Deserializer::new(bytes);
        SinkSeed(sink).deserialize(&mut deserializer)?;
        no_bytes_left(bytes.len() - deserializer.decoder().position())
    }
}
