//! postcard: variable-length integers, no field names.

use super::{CodecError, Format, Info, no_bytes_left};
use crate::payload::{Compact, Sink, SinkSeed};
use serde::{Serialize, de::DeserializeSeed};

/// The codec `postcard`.
#[derive(Debug)]
pub(super) struct Postcard;

impl Format for Postcard {
    type Style = Compact;

    fn info(&self) -> &'static Info {
        &Info {
            name: "postcard",
            aliases: &[],
            format: "postcard",
            package: "postcard 1.2.0",
            native: false,
            self_describing: false,
            zero_copy: true,
            maintained: true,
            untrusted: false,
            note: "",
        }
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        *out = postcard::to_extend(value, std::mem::take(out))?;
        Ok(())
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        let mut deserializer = postcard::Deserializer::from_bytes(bytes);
        SinkSeed(sink).deserialize(&mut deserializer)?;
        no_bytes_left(deserializer.finalize()?.len())
    }
}
