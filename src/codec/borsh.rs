//! borsh: fixed-width integers, one encoding for each value.

use super::{CodecError, Info, NativeFormat, OwnFormat};
use crate::payload::native::{BorshType, NativeType};

/// The codec `borsh`.
#[derive(Debug)]
pub struct Borsh;

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
        encode(value, out)
    }

    fn decode<T: NativeType>(&self, bytes: &[u8]) -> Result<T, CodecError> {
        decode(bytes)
    }
}

impl<T: BorshType + 'static> OwnFormat<T> for Borsh {
    fn name(&self) -> String {
        NativeFormat::info(self).name.to_owned()
    }

    fn package(&self) -> String {
        NativeFormat::info(self).package.to_owned()
    }

    fn encode(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        encode(value, out)
    }

    fn decode(&self, bytes: &[u8]) -> Result<T, CodecError> {
        decode(bytes)
    }
}

fn encode<T: BorshType>(value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
    Ok(borsh::to_writer(out, value)?)
}

fn decode<T: BorshType>(bytes: &[u8]) -> Result<T, CodecError> {
    Ok(borsh::from_slice(bytes)?)
}
