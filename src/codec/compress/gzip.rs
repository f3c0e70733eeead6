//! Gzip by `flate2` with its default backend: one member for each message.

use crate::codec::CodecError;
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{Read, Write};

pub(super) fn compress(bytes: &[u8], level: i32, out: &mut Vec<u8>) -> Result<(), CodecError> {
    // The level was checked against the range when the compression was made.
    let mut encoder = GzEncoder::new(out, Compression::new(level.unsigned_abs()));
    encoder.write_all(bytes)?;
    encoder.finish()?;
    Ok(())
}

pub(super) fn decompress(bytes: &[u8], expected_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    out.reserve(expected_len);
    let mut decoder = GzDecoder::new(bytes);
    // One byte more than expected tells too long an output from one that ends where it should, and in the second
    // case makes the decoder read and check its trailer.
    let limit = u64::try_from(expected_len)?.saturating_add(1);
    decoder.by_ref().take(limit).read_to_end(out)?;
    if !decoder.into_inner().is_empty() && out.len() <= expected_len {
        return Err("bytes left over after the compressed value".into());
    }
    Ok(())
}
