//! Compressors, which compose with every codec: `json+zstd:3`.
//!
//! Each message is compressed by one call that stands alone: no context, table or dictionary is kept from message to
//! message, since that is what a program does that sends a message now and then, and since it treats all alike.
//!
//! To add a compressor: a variant of [`Method`], its two functions, and one line in [`COMPRESSORS`].

use super::CodecError;
use std::fmt;
use std::io::{Read, Write};
use std::ops::RangeInclusive;

/// A compressor and what is known about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Compressor {
    /// The name on the command line.
    pub name: &'static str,
    /// Other names that [`Compressor::find`] knows it by.
    pub aliases: &'static [&'static str],
    /// The crate behind it and its version.
    pub package: &'static str,
    /// The levels that it has; `None` for a compressor without levels.
    pub levels: Option<RangeInclusive<i32>>,
    /// The level taken where none is given.
    pub default_level: i32,
    /// What a reader of its row should know, in one sentence; empty for nothing.
    pub note: &'static str,
    method: Method,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Zstd,
    Lz4,
    Gzip,
}

/// Every compressor, in the order of the documentation.
pub const COMPRESSORS: &[Compressor] = &[
    Compressor {
        name: "zstd",
        aliases: &["zst", "zstandard"],
        package: "zstd 0.14.4",
        levels: Some(1..=22),
        default_level: 3,
        note: "one frame for each message, with a fresh context",
        method: Method::Zstd,
    },
    Compressor {
        name: "lz4",
        aliases: &["lz4_flex", "lz4-flex"],
        package: "lz4_flex 0.14.0",
        levels: None,
        default_level: 0,
        note: "one block for each message, its size before it; the crate's default, safe code; messages up to 4 GiB",
        method: Method::Lz4,
    },
    Compressor {
        name: "gzip",
        aliases: &["gz", "flate2"],
        package: "flate2 1.1.11",
        levels: Some(0..=9),
        default_level: 6,
        note: "one member for each message, by flate2's default backend, miniz_oxide",
        method: Method::Gzip,
    },
];

impl Compressor {
    /// The compressor of that name or alias, in any case.
    pub fn find(name: &str) -> Option<&'static Compressor> {
        COMPRESSORS.iter().find(|compressor| {
            compressor.name.eq_ignore_ascii_case(name)
                || compressor.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
        })
    }

    /// It at its default level.
    pub fn at_default_level(&'static self) -> Compression {
        Compression { compressor: self, level: self.default_level }
    }

    /// It at `level`; `None` where it has no such level.
    pub fn at_level(&'static self, level: i32) -> Option<Compression> {
        self.levels.as_ref()?.contains(&level).then_some(Compression { compressor: self, level })
    }
}

/// A compressor at a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    compressor: &'static Compressor,
    level: i32,
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

impl Compression {
    /// The compressor.
    pub fn compressor(&self) -> &'static Compressor {
        self.compressor
    }

    /// The name with the level, where there are levels: `zstd:3`, `lz4`.
    pub fn name(&self) -> String {
        match self.compressor.levels {
            Some(_) => format!("{}:{}", self.compressor.name, self.level),
            None => self.compressor.name.to_owned(),
        }
    }

    /// Compresses `bytes` into `out`, which is empty and may have capacity to be used.
    pub fn compress(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), CodecError> {
        match self.compressor.method {
            Method::Zstd => {
                out.reserve(zstd::zstd_safe::compress_bound(bytes.len()));
                zstd::bulk::Compressor::new(self.level)?.compress_to_buffer(bytes, out)?;
            }
            Method::Lz4 => lz4_compress(bytes, out)?,
            Method::Gzip => {
                // The level was checked against the range when this was made.
                let level = flate2::Compression::new(self.level.unsigned_abs());
                let mut encoder = flate2::write::GzEncoder::new(out, level);
                encoder.write_all(bytes)?;
                encoder.finish()?;
            }
        }
        Ok(())
    }

    /// Decompresses `bytes`, all of them, into `out`, which is empty and may have capacity to be used.
    ///
    /// # Errors
    ///
    /// When the bytes are not whole and sound, and when they do not come to exactly `expected_len` bytes; never makes
    /// room for more than that many, whatever the bytes claim.
    pub fn decompress(&self, bytes: &[u8], expected_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        match self.compressor.method {
            Method::Zstd => {
                // To the crate, nothing is a row of no frames, and so sound; here each message is one frame.
                if bytes.is_empty() {
                    return Err("no frame to decompress".into());
                }
                out.reserve(expected_len);
                zstd::bulk::Decompressor::new()?.decompress_to_buffer(bytes, out)?;
            }
            Method::Lz4 => lz4_decompress(bytes, expected_len, out)?,
            Method::Gzip => gzip_decompress(bytes, expected_len, out)?,
        }
        if out.len() != expected_len {
            return Err(format!("decompressed to {} bytes instead of {expected_len}", out.len()).into());
        }
        Ok(())
    }
}

/// As `compress_prepend_size` does, which can only return a vector of its own, into one that has capacity.
fn lz4_compress(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), CodecError> {
    let size = u32::try_from(bytes.len())
        .map_err(|_| "the size before an lz4 block has 32 bits: a message of 4 GiB and more does not fit")?;
    if out.capacity() == 0 {
        *out = lz4_flex::block::compress_prepend_size(bytes);
        return Ok(());
    }
    out.extend_from_slice(&size.to_le_bytes());
    let start = out.len();
    out.resize(start + lz4_flex::block::get_maximum_output_size(bytes.len()), 0);
    let written = lz4_flex::block::compress_into(bytes, &mut out[start..])?;
    out.truncate(start + written);
    Ok(())
}

fn lz4_decompress(bytes: &[u8], expected_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let (size, block) = lz4_flex::block::uncompressed_size(bytes)?;
    if size != expected_len {
        return Err(format!("the block claims {size} bytes instead of {expected_len}").into());
    }
    if out.capacity() == 0 {
        *out = lz4_flex::block::decompress(block, size)?;
        return Ok(());
    }
    out.resize(size, 0);
    let written = lz4_flex::block::decompress_into(block, out)?;
    out.truncate(written);
    Ok(())
}

fn gzip_decompress(bytes: &[u8], expected_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    out.reserve(expected_len);
    let mut decoder = flate2::bufread::GzDecoder::new(bytes);
    // One byte more than expected tells too long an output from one that ends where it should, and in the second
    // case makes the decoder read and check its trailer.
    let limit = u64::try_from(expected_len)?.saturating_add(1);
    decoder.by_ref().take(limit).read_to_end(out)?;
    if !decoder.into_inner().is_empty() && out.len() <= expected_len {
        return Err("bytes left over after the compressed value".into());
    }
    Ok(())
}
