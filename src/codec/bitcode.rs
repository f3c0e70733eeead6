//! bitcode through serde: columns of packed integers.

use super::{CodecError, Format, Info, OwnFormat};
use crate::payload::{Compact, Sink};
use serde::Serialize;

/// The codec `bitcode`.
#[derive(Debug)]
pub(super) struct Bitcode;

impl Format for Bitcode {
    type Style = Compact;

    fn info(&self) -> &'static Info {
        &Info {
            name: "bitcode",
            aliases: &["bitcode-serde"],
            format: "bitcode",
            package: "bitcode 0.6.9",
            native: false,
            self_describing: false,
            zero_copy: true,
            maintained: true,
            untrusted: true,
            note: "through serde (its own derive is faster); gathers the value into columns before it writes; not stable across major versions",
        }
    }

    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        *out = bitcode::serialize(value).map_err(|error| in_words(&error, "cannot encode this value"))?;
        Ok(())
    }

    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError> {
        Ok(sink
            .through(|| bitcode::deserialize(bytes))
            .map_err(|error| in_words(&error, "did not get the value's type out of the bytes"))?)
    }
}

/// The crate's error; optimized builds of the crate keep no reason, and then what it was doing has to do.
fn in_words(error: &bitcode::Error, what: &str) -> String {
    match error.to_string() {
        bare if bare == "bitcode error" => {
            format!("bitcode {what}; its optimized builds keep no reason, a build without --release says it")
        }
        reason => reason,
    }
}

/// The codec `bitcode-derive`: bitcode's own derive, for types that have it.
pub struct Derived;

impl Derived {
    /// The facts about it.
    pub fn info() -> &'static Info {
        let info =
            Info { name: "bitcode-derive", aliases: &[], self_describing: false, note: "", ..*Format::info(&Bitcode) };
        Box::leak(Box::new(info))
    }
}

impl<T: bitcode::Encode + bitcode::DecodeOwned + 'static> OwnFormat<T> for Derived {
    fn encode(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        // The crate has no call that appends.
        let bytes = bitcode::encode(value);
        match out.is_empty() {
            true => *out = bytes,
            false => out.extend_from_slice(&bytes),
        }
        Ok(())
    }

    fn decode(&self, bytes: &[u8], values: &mut Vec<T>) -> Result<(), CodecError> {
        values.push(bitcode::decode(bytes)?);
        Ok(())
    }
}
