//! FlexBuffers, the schemaless sibling of FlatBuffers.

use super::{CodecError, Format, Info};
use crate::payload::{Named, Sink, SinkSeed};
use serde::{Serialize, de::DeserializeSeed};

/// The codec `flexbuffers`.
#[derive(Debug)]
pub(super) struct FlexBuffers;

impl Format for FlexBuffers {
    type Style = Named;

    fn info(&self) -> &'static Info {
        &Info {
            name: "flexbuffers",
            aliases: &["flexbuffer"],
            format: "FlexBuffers",
            package: "flexbuffers 25.12.19",
            native: false,
            self_describing: true,
            zero_copy: true,
            maintained: true,
            untrusted: false,
            note: "maps are sorted by key, so their order is lost; keys end at a zero byte; bytes past the value are not noticed",
        }
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        *out = flexbuffers::to_vec(value)?;
        Ok(())
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        // The root stands at the end and the value before it, so no bytes can be left over.
        Ok(SinkSeed(sink).deserialize(flexbuffers::Reader::get_root(bytes)?)?)
    }
}
