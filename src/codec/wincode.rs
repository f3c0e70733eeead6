//! wincode: bincode's fixed-width bytes, written and read in place.

use super::native::derived;
use super::{CodecError, Info};
use crate::payload::native::{WincodeConfig, WincodeType};

/// The codec `wincode`.
#[derive(Debug)]
pub struct Wincode;

derived! {
    Wincode: WincodeType,
    Info {
        name: "wincode",
        aliases: &[],
        format: "bincode",
        package: "wincode 0.6.3",
        native: true,
        self_describing: false,
        zero_copy: true,
        maintained: true,
        untrusted: false,
        note: "its limit of 4 MiB for one allocation, which guards against hostile bytes, is off, since it would refuse most payloads",
    }
}

fn encode<T: WincodeType>(value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
    // `serialize` asks for the size first and allocates once, which is what the crate recommends where there is
    // no buffer yet.
    if out.capacity() == 0 {
        *out = wincode::config::serialize(value, WincodeConfig::new())?;
    } else {
        wincode::config::serialize_into(out, value, WincodeConfig::new())?;
    }
    Ok(())
}

fn decode<T: WincodeType>(bytes: &[u8]) -> Result<T, CodecError> {
    Ok(wincode::config::deserialize_exact(bytes, WincodeConfig::new())?)
}
