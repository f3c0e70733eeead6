//! Smile, Jackson's binary JSON.

use super::{CodecError, Format, Info};
use crate::payload::{Named, Sink, SinkSeed};
use serde::{Serialize, de::DeserializeSeed};

/// The codec `smile`.
#[derive(Debug)]
pub(super) struct Smile;

impl Format for Smile {
    type Style = Named;

    fn info(&self) -> &'static Info {
        &Info {
            name: "smile",
            aliases: &["serde-smile"],
            format: "Smile",
            package: "serde-smile 0.3.1",
            native: false,
            self_describing: true,
            zero_copy: true,
            maintained: true,
            untrusted: false,
            note: "default settings: repeated keys are shared, repeated strings are not, bytes are packed seven bits to a byte; at most 128 levels",
        }
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        Ok(serde_smile::to_writer(out, value)?)
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        let mut deserializer = serde_smile::Deserializer::from_slice(bytes);
        SinkSeed(sink).deserialize(&mut deserializer)?;
        Ok(deserializer.end()?)
    }
}
