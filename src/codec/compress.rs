//! Compressors, which compose with every codec: `json+zstd:3`.
//!
//! Each message is compressed by one call that stands alone: no context, table or dictionary is kept from message to
//! message, since that is what a program does that sends a message now and then, and since it treats all alike.
//!
//! To add a compressor: one file with its two functions, and one line in the table that makes [`COMPRESSORS`].

#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "lz4")]
mod lz4;
#[cfg(feature = "zstd")]
mod zstd;

use super::CodecError;
use std::fmt;
use std::ops::RangeInclusive;

/// Compresses the bytes at a level into an empty vector.
type Compress = fn(&[u8], i32, &mut Vec<u8>) -> Result<(), CodecError>;

/// Decompresses the bytes into an empty vector, whose length is to be the one given.
type Decompress = fn(&[u8], usize, &mut Vec<u8>) -> Result<(), CodecError>;

/// A compressor and what is known about it.
#[derive(Debug)]
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
    /// A note for readers of its row, in one sentence; empty for nothing.
    pub note: &'static str,
    compress: Compress,
    decompress: Decompress,
}

/// No two compressors have one name.
impl PartialEq for Compressor {
    fn eq(&self, other: &Compressor) -> bool {
        self.name == other.name
    }
}

impl Eq for Compressor {}

/// Makes the table.
macro_rules! compressors {
    ($($feature:literal => $compressor:expr,)*) => {
        /// Every compressor that this build has, in the order of the documentation.
        pub const COMPRESSORS: &[Compressor] = &[$(#[cfg(feature = $feature)] $compressor,)*];

        /// The features of the crate that would add a compressor to this build.
        pub(super) const LEFT_OUT: &[&str] = &[$(#[cfg(not(feature = $feature))] $feature,)*];
    };
}

compressors! {
    "zstd" => Compressor {
        name: "zstd",
        aliases: &["zst", "zstandard"],
        package: "zstd 0.14.4",
        levels: Some(1..=22),
        default_level: 3,
        note: "one frame for each message, with a fresh context",
        compress: zstd::compress,
        decompress: zstd::decompress,
    },
    "lz4" => Compressor {
        name: "lz4",
        aliases: &["lz4_flex", "lz4-flex"],
        package: "lz4_flex 0.14.2",
        levels: None,
        default_level: 0,
        note: "one block for each message, its size before it; the crate's default, safe code; messages up to 4 GiB",
        compress: lz4::compress,
        decompress: lz4::decompress,
    },
    "gzip" => Compressor {
        name: "gzip",
        aliases: &["gz", "flate2"],
        package: "flate2 1.1.11",
        levels: Some(0..=9),
        default_level: 6,
        note: "one member for each message, by flate2's default backend, miniz_oxide",
        compress: gzip::compress,
        decompress: gzip::decompress,
    },
}

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

    /// The compressor at `level`; `None` where it has no such level.
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
    #[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
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
        (self.compressor.compress)(bytes, self.level, out)
    }

    /// Decompresses `bytes`, all of them, into `out`, which is empty and may have capacity to be used.
    ///
    /// # Errors
    ///
    /// When the bytes are not whole and sound, and when they do not come to exactly `expected_len` bytes; never makes
    /// room for more than that many, whatever the bytes claim.
    pub fn decompress(&self, bytes: &[u8], expected_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        (self.compressor.decompress)(bytes, expected_len, out)?;
        if out.len() != expected_len {
            return Err(format!("decompressed to {} bytes instead of {expected_len}", out.len()).into());
        }
        Ok(())
    }
}
