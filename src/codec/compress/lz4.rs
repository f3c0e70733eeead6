//! LZ4 by `lz4_flex`: one block for each message, its size before it.

use crate::codec::CodecError;
use lz4_flex::block;

/// As `compress_prepend_size` does, which can only return a vector of its own, into one that has capacity.
pub(super) fn compress(bytes: &[u8], _level: i32, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let size = u32::try_from(bytes.len())
        .map_err(|_| "the size before an lz4 block has 32 bits: a message of 4 GiB and more does not fit")?;
    if out.capacity() == 0 {
        *out = block::compress_prepend_size(bytes);
        return Ok(());
    }
    out.extend_from_slice(&size.to_le_bytes());
    let start = out.len();
    out.resize(start + block::get_maximum_output_size(bytes.len()), 0);
    let written = block::compress_into(bytes, &mut out[start..])?;
    out.truncate(start + written);
    Ok(())
}

pub(super) fn decompress(bytes: &[u8], expected_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let (size, compressed) = block::uncompressed_size(bytes)?;
    if size != expected_len {
        return Err(format!("the block claims {size} bytes instead of {expected_len}").into());
    }
    if out.capacity() == 0 {
        *out = block::decompress(compressed, size)?;
        return Ok(());
    }
    out.resize(size, 0);
    let written = block::decompress_into(compressed, out)?;
    out.truncate(written);
    Ok(())
}
