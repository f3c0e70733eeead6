//! Python's pickle by `serde-pickle`, in the two protocols that it writes.
//!
//! Its bytes are not those of CPython (for these see `pickle`): it has no memo, no frames and no batches of a thousand,
//! and writes every integer of 32 bits in five bytes. A Rust program that sends to Python would use it.

use super::{CodecError, Format, Info};
use crate::payload::{Named, Sink, SinkSeed};
use serde::{Serialize, de::DeserializeSeed};
use serde_pickle::{DeOptions, Deserializer, SerOptions};

/// The codecs `serde-pickle:2` and `serde-pickle:3`.
#[derive(Debug)]
pub(super) struct Pickle {
    info: &'static Info,
    protocol_2: bool,
}

/// The codec `serde-pickle:2`.
pub(super) const PROTOCOL_2: Pickle = Pickle {
    info: &Info {
        name: "serde-pickle:2",
        aliases: &["pickle-serde:2", "serde-pickle-2"],
        format: "pickle 2",
        note: "not the bytes of Python, as serde-pickle:3; bytes are text that a call encodes back, since protocol 2 has none",
        ..INFO
    },
    protocol_2: true,
};

/// The codec `serde-pickle:3`.
pub(super) const PROTOCOL_3: Pickle = Pickle { info: &INFO, protocol_2: false };

const INFO: Info = Info {
    name: "serde-pickle:3",
    aliases: &["serde-pickle", "pickle-serde", "pickle-serde:3", "serde-pickle-3"],
    format: "pickle 3",
    package: "serde-pickle 1.2.0",
    native: false,
    self_describing: true,
    zero_copy: false,
    maintained: true,
    untrusted: false,
    note: "not the bytes of Python (see pickle:4): every key is written again, every integer of 32 bits takes 5 bytes, protocols 2 and 3 only, no frames, lengths of 4 GiB and more are cut; integers over 2^63 cannot be read back; decoding goes through a tree of its own",
};

impl Format for Pickle {
    type Style = Named;

    fn info(&self) -> &'static Info {
        self.info
    }

    // It decodes through a tree of its own: 6 times the columns at most, measured on range, nested and strings.
    fn copies(&self) -> u64 {
        6
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        let options = SerOptions::new();
        let options = if self.protocol_2 { options.proto_v2() } else { options };
        Ok(serde_pickle::to_writer(out, &value, options)?)
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        // As `serde_pickle::from_slice`, with a seed.
        let mut deserializer = Deserializer::new(bytes, DeOptions::new());
        SinkSeed(sink).deserialize(&mut deserializer)?;
        Ok(deserializer.end()?)
    }
}
