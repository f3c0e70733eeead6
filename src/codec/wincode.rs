//! wincode: bincode's fixed-width bytes, written and read in place.

use super::{CodecError, Info, NativeFormat, OwnFormat};
use crate::payload::native::{NativeType, WincodeConfig, WincodeType};

/// The codec `wincode`.
#[derive(Debug)]
pub struct Wincode;

impl NativeFormat for Wincode {
    fn info(&self) -> &'static Info {
        &Info {
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

    fn encode<T: NativeType>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError> {
        encode(value, out)
    }

    fn decode<T: NativeType>(&self, bytes: &[u8]) -> Result<T, CodecError> {
        decode(bytes)
    }
}

impl<T: WincodeType + 'static> OwnFormat<T> for Wincode {
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
