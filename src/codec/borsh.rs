//! borsh: fixed-width integers, one encoding for each value.

use super::native::derived;
use super::{CodecError, Info};
use crate::payload::native::BorshType;

/// The codec `borsh`.
#[derive(Debug)]
pub struct Borsh;

derived! {
    Borsh: BorshType,
    Info {
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

fn encode<T: BorshType>(value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
    Ok(borsh::to_writer(out, value)?)
}

fn decode<T: BorshType>(bytes: &[u8]) -> Result<T, CodecError> {
    Ok(borsh::from_slice(bytes)?)
}
