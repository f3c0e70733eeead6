//! The `null` codec: walks the payload through the same serde path and writes nothing.
//!
//! Its encode time is the harness's own share of every typed row.

use super::{CodecError, Format, Info};
use crate::payload::Sink;
use serde::Serialize;

/// The codec `null`.
#[derive(Debug)]
pub struct Null;

impl Format for Null {
    fn info(&self) -> &'static Info {
        &Info {
            name: "null",
            format: "nothing",
            package: concat!("sercost ", env!("CARGO_PKG_VERSION")),
            self_describing: false,
            zero_copy: false,
            maintained: true,
            untrusted: true,
            note: "walks the payload and writes nothing: the share of walking in every typed row",
        }
    }

    fn encode<T: Serialize + ?Sized>(&self, _value: &T, _out: &mut Vec<u8>) -> Result<(), CodecError> {
        todo!("a serializer that black_boxes each scalar")
    }

    fn decode<'de, S: Sink<'de>>(&self, _bytes: &'de [u8], _sink: &mut S) -> Result<(), CodecError> {
        Err("the null codec writes nothing that could be decoded".into())
    }
}
