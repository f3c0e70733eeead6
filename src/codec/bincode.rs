//! bincode 2 through serde, with variable-length and with fixed-width integers.

use super::{CodecError, Format, Info, no_bytes_left};
use crate::payload::{Compact, Sink, SinkSeed};
use bincode::config::{Config, Configuration, Fixint, LittleEndian, legacy, standard};
use bincode::enc::write::Writer;
use bincode::error::EncodeError;
use serde::Serialize;

/// bincode with one of its configurations: codec `bincode` or `bincode-fixed`.
#[derive(Debug)]
pub(super) struct Bincode<C> {
    info: &'static Info,
    config: C,
}

/// The codec `bincode`: the standard configuration of version 2, integers of variable length.
pub(super) const VARINT: Bincode<Configuration> = Bincode {
    info: &Info {
        name: "bincode",
        aliases: &["bincode-varint", "bincode2"],
        note: "unmaintained (RUSTSEC-2025-0141); standard configuration: integers of variable length, no size limit",
        ..INFO
    },
    config: standard(),
};

/// The codec `bincode-fixed`: integers at their full width, as bincode 1 wrote them.
pub(super) const FIXED: Bincode<Configuration<LittleEndian, Fixint>> = Bincode {
    info: &Info {
        name: "bincode-fixed",
        aliases: &["bincode-fixint", "bincode-legacy"],
        note: "unmaintained (RUSTSEC-2025-0141); legacy configuration: integers of full width, no size limit",
        ..INFO
    },
    config: legacy(),
};

const INFO: Info = Info {
    name: "",
    aliases: &[],
    format: "bincode",
    package: "bincode 2.0.1",
    native: false,
    self_describing: false,
    zero_copy: true,
    maintained: false,
    untrusted: false,
    note: "",
};

/// The writer of `encode_to_vec`, around a buffer of the caller's: the crate's own is private, and its
/// `encode_into_std_write` would count the bytes besides.
struct Buffer<'a>(&'a mut Vec<u8>);

impl Writer for Buffer<'_> {
    #[inline(always)]
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

impl<C: Config + Send + Sync> Format for Bincode<C> {
    type Style = Compact;

    fn info(&self) -> &'static Info {
        self.info
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        Ok(bincode::serde::encode_into_writer(value, Buffer(out), self.config)?)
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        let ((), read) = bincode::serde::seed_decode_from_slice(SinkSeed(sink), bytes, self.config)?;
        no_bytes_left(bytes.len() - read)
    }
}
