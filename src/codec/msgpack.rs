//! MessagePack by `rmp-serde`: structs as arrays (its default) and as maps with names. Both exist in the wild.

use super::{CodecError, Format, Info, no_bytes_left};
use crate::payload::{Named, Positional, Sink, SinkSeed};
use rmp_serde::decode::Error;
use serde::Serialize;
use serde::de::{Deserialize, DeserializeSeed, IgnoredAny};

/// The codec `msgpack`: structs are arrays.
#[derive(Debug)]
pub(super) struct MsgPack;

/// The codec `msgpack-named`: structs are maps.
#[derive(Debug)]
pub(super) struct MsgPackNamed;

const INFO: Info = Info {
    name: "msgpack",
    aliases: &["messagepack", "msgpack-arrays", "rmp", "rmp-serde"],
    format: "MessagePack",
    package: "rmp-serde 1.3.1",
    native: false,
    self_describing: true,
    zero_copy: true,
    maintained: true,
    untrusted: false,
    note: "structs are arrays, so a reader needs the order of the fields, and absent fields are written as null; at most 1024 levels",
};

impl Format for MsgPack {
    type Style = Positional;

    fn info(&self) -> &'static Info {
        &INFO
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        Ok(rmp_serde::encode::write(out, value)?)
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        decode(bytes, sink)
    }
}

impl Format for MsgPackNamed {
    type Style = Named;

    fn info(&self) -> &'static Info {
        &Info {
            name: "msgpack-named",
            aliases: &["messagepack-named", "msgpack-maps", "rmp-named"],
            note: "structs are maps with the names of their fields, absent ones left out; at most 1024 levels",
            ..INFO
        }
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        Ok(rmp_serde::encode::write_named(out, value)?)
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        decode(bytes, sink)
    }
}

fn decode<'de, S: Sink<'de>>(bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes);
    SinkSeed(sink).deserialize(&mut deserializer)?;
    // The deserializer over a slice does not tell its position (the one over a reader does, and is slower). It says
    // that it has reached the end by an error that there is no marker to read.
    match IgnoredAny::deserialize(&mut deserializer) {
        Err(Error::InvalidMarkerRead(_)) => Ok(()),
        _ => no_bytes_left(1),
    }
}
