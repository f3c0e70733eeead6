//! rkyv: the bytes are the value's memory, with relative pointers.

use super::native::derived;
use super::{CodecError, Info};
use crate::payload::native::{RkyvBuffer, RkyvType};
use rkyv::rancor::Error;
use rkyv::util::AlignedVec;

/// The codec `rkyv`.
#[derive(Debug)]
pub struct Rkyv;

/// The strictest alignment among the archived native types: that of their `u64`, `i64` and `f64`.
const ALIGNMENT: usize = 8;

derived! {
    Rkyv: RkyvType,
    Info {
        name: "rkyv",
        aliases: &[],
        format: "rkyv",
        package: "rkyv 0.8.18",
        native: true,
        self_describing: false,
        zero_copy: true,
        maintained: true,
        untrusted: true,
        note: "decoding validates and then makes the owned value, though rkyv is made to be read in place; 32-bit pointers, so at most 2 GiB, and 1 GiB in one string",
    }
}

fn encode<T: RkyvType>(value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let buffer = RkyvBuffer(std::mem::take(out));
    // The error has no text in an optimized build, and there is no other way for these values to fail.
    let written = rkyv::api::high::to_bytes_in::<_, Error>(value, buffer);
    *out = written.map_err(|_| "larger than rkyv's 32-bit pointers reach: 2 GiB, and 1 GiB in one string")?.0;
    Ok(())
}

fn decode<T: RkyvType>(bytes: &[u8]) -> Result<T, CodecError> {
    if bytes.as_ptr().addr().is_multiple_of(ALIGNMENT) {
        return Ok(rkyv::from_bytes::<T, Error>(bytes)?);
    }
    let mut aligned = AlignedVec::<ALIGNMENT>::with_capacity(bytes.len());
    aligned.extend_from_slice(bytes);
    Ok(rkyv::from_bytes::<T, Error>(&aligned)?)
}
