//! speedy: fixed-width integers in the order of the fields, lengths of 32 bits.

use super::native::derived;
use super::{CodecError, Info, no_bytes_left};
use crate::payload::native::SpeedyType;
use speedy::LittleEndian;

/// The codec `speedy`.
#[derive(Debug)]
pub struct Speedy;

derived! {
    Speedy: SpeedyType,
    Info {
        name: "speedy",
        aliases: &[],
        format: "speedy",
        package: "speedy 0.8.7",
        native: true,
        self_describing: false,
        zero_copy: true,
        maintained: true,
        untrusted: false,
        note: "lengths have 32 bits; its decoder trusts them and makes room for so much, as its author says",
    }
}

fn encode<T: SpeedyType>(value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
    // `write_to_vec` asks for the size first and allocates once, which is what the crate recommends where there is no
    // buffer yet.
    if out.capacity() == 0 {
        *out = value.write_to_vec_with_ctx(LittleEndian {})?;
    } else {
        value.write_to_stream_with_ctx(LittleEndian {}, out)?;
    }
    Ok(())
}

fn decode<T: SpeedyType>(bytes: &[u8]) -> Result<T, CodecError> {
    let (value, read) = T::read_with_length_from_buffer_with_ctx(LittleEndian {}, bytes);
    let value = value?;
    no_bytes_left(bytes.len() - read)?;
    Ok(value)
}
