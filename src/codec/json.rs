//! JSON by `serde_json`, with its default features: floats are parsed at best effort, without `float_roundtrip`.

use super::{CodecError, Format, Info};
use crate::payload::{Named, Sink, SinkSeed};
use serde::{Serialize, de::DeserializeSeed};

/// The codec `json`.
#[derive(Debug)]
pub(super) struct Json;

impl Format for Json {
    type Style = Named;

    fn info(&self) -> &'static Info {
        &Info {
            name: "json",
            aliases: &["serde_json", "serde-json"],
            format: "JSON",
            package: "serde_json 1.0.154",
            native: false,
            self_describing: true,
            zero_copy: true,
            maintained: true,
            untrusted: true,
            note: "bytes become lists of numbers; NaN and infinity become null; without float_roundtrip, so parsed floats may be off in the last place; at most 128 levels",
        }
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        Ok(serde_json::to_writer(out, value)?)
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        SinkSeed(sink).deserialize(&mut deserializer)?;
        Ok(deserializer.end()?)
    }
}
