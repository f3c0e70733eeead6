//! Zstandard by the C library that the `zstd` crate compiles: one frame for each message.

use crate::codec::CodecError;
use zstd::bulk;
use zstd::zstd_safe::compress_bound;

pub(super) fn compress(bytes: &[u8], level: i32, out: &mut Vec<u8>) -> Result<(), CodecError> {
    out.reserve(compress_bound(bytes.len()));
    bulk::Compressor::new(level)?.compress_to_buffer(bytes, out)?;
    Ok(())
}

pub(super) fn decompress(bytes: &[u8], expected_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    // To the crate, nothing is a row of no frames, and so sound; here each message is one frame.
    if bytes.is_empty() {
        return Err("no frame to decompress".into());
    }
    out.reserve(expected_len);
    bulk::Decompressor::new()?.decompress_to_buffer(bytes, out)?;
    Ok(())
}
