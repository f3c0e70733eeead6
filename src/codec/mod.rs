//! Codecs: one way each to turn a value into bytes and back, one file each, and one table of them.
//!
//! A format with a serde crate implements [`Format`], generic over what is encoded; the blanket implementation makes
//! a [`Codec`] of it, the object-safe form that the measuring works with. The loop over the operations of a sample
//! lies *inside* [`Codec::encode`] and [`Codec::decode`], where the types are known, so that a sample pays for one
//! virtual call however many operations it covers.
//!
//! To add a codec: one file, and one line in [`CODECS`].

mod json;
mod null;
mod postcard;

use crate::payload::{Column, Row, Rows, Schema, Sink, Tree};
use serde::Serialize;
use std::hint::black_box;

/// Why a codec could not take or give back a value, in its own words.
pub type CodecError = Box<dyn std::error::Error + Send + Sync>;

/// What is known about a codec, for `sercost list`, the results file and the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// The name on the command line: `json`, `bincode-fixed`.
    pub name: &'static str,
    /// The format's own name: `JSON`.
    pub format: &'static str,
    /// The crate behind it and its version: `serde_json 1.0.154`.
    pub package: &'static str,
    /// Whether the bytes can be decoded without a schema.
    pub self_describing: bool,
    /// Whether the crate can hand out borrowed views into the bytes (sercost decodes into owned values all the same).
    pub zero_copy: bool,
    /// Whether somebody keeps the crate.
    pub maintained: bool,
    /// Whether the crate claims to be safe to decode hostile bytes with.
    pub untrusted: bool,
    /// What a reader of its row should know, in one sentence; empty for nothing.
    pub note: &'static str,
}

/// A format whose crate speaks serde.
pub trait Format: Send + Sync {
    /// What is known about it.
    fn info(&self) -> &'static Info;

    /// Appends the encoding of `value` to `out`, by the call that the crate recommends for a growable buffer.
    fn encode<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), CodecError>;

    /// Decodes exactly one value, which takes all of `bytes`, into `sink`.
    fn decode<'de, S: Sink<'de>>(&self, bytes: &'de [u8], sink: &mut S) -> Result<(), CodecError>;
}

/// What is encoded: messages, of which a sample takes as many as it needs, from the first again after the last.
/// A payload that is measured whole is one message.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// Each row of a column is a message.
    Typed {
        /// The type of each message.
        schema: &'a Schema,
        /// The messages.
        column: &'a Column,
    },
    /// Each tree is a message.
    Dynamic(&'a [Tree]),
}

/// What the messages of a sample were decoded into.
#[derive(Debug)]
pub enum Decoded {
    /// Rows of the schema.
    Typed(Rows),
    /// Trees.
    Dynamic(Vec<Tree>),
}

/// A codec as the measuring sees it.
pub trait Codec: Send + Sync {
    /// What is known about it.
    fn info(&self) -> &'static Info;

    /// Encodes as many messages as there are buffers, each appended to its buffer.
    fn encode(&self, subject: Subject<'_>, buffers: &mut [Vec<u8>]) -> Result<(), CodecError>;

    /// Decodes each message and appends what it holds to `into`, which the caller made with room for them.
    fn decode(&self, messages: &[&[u8]], into: &mut Decoded) -> Result<(), CodecError>;
}

impl<F: Format> Codec for F {
    fn info(&self) -> &'static Info {
        Format::info(self)
    }

    fn encode(&self, subject: Subject<'_>, buffers: &mut [Vec<u8>]) -> Result<(), CodecError> {
        match subject {
            Subject::Typed { schema, column } => {
                let rows = column.len();
                let mut row = 0;
                for out in buffers {
                    Format::encode(self, black_box(&Row { schema, column, row }), out)?;
                    black_box(&*out);
                    row = if row + 1 == rows { 0 } else { row + 1 };
                }
            }
            Subject::Dynamic(trees) => {
                for (out, tree) in buffers.iter_mut().zip(trees.iter().cycle()) {
                    Format::encode(self, black_box(tree), out)?;
                    black_box(&*out);
                }
            }
        }
        Ok(())
    }

    fn decode(&self, messages: &[&[u8]], into: &mut Decoded) -> Result<(), CodecError> {
        match into {
            Decoded::Typed(rows) => {
                for message in messages {
                    Format::decode(self, black_box(message), rows)?;
                }
                black_box(&rows.column);
            }
            Decoded::Dynamic(trees) => {
                for message in messages {
                    Format::decode(self, black_box(message), trees)?;
                }
                black_box(trees);
            }
        }
        Ok(())
    }
}

/// Every codec, in the order of the documentation.
pub const CODECS: &[&dyn Codec] = &[&null::Null, &json::Json, &postcard::Postcard];
