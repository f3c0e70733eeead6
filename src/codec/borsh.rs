//! borsh: fixed-width integers, one encoding for each value.

use super::{CodecError, Info, NativeFormat};
use crate::payload::native::NativeType;

/// The codec `borsh`.
#[derive(Debug)]
pub(super) struct Borsh;

impl NativeFormat for Borsh {
    fn info(&self) -> &'static Info {
        &Info {
            name: "borsh",
            aliases: &[],
            format: "borsh",
            package: "borsh 1.8.1",
            native: true,
            self_describing: false,
            zero_copy: false,
            maintained: true,
            untrusted: true,
            note: "refuses NaN; lengths have 32 bits",
        }
    }

    fn encode<T: NativeType>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        Ok(borsh::to_writer(out, value)?)
    }

    fn decode<T: NativeType>(&self, bytes: &[u8]) -> Result<T, CodecError> {
        Ok(borsh::from_slice(bytes)?)
    }
}
