//! The reasons that there is no payload.

use super::read::ReadError;
use crate::model::{Bytes, ParseQuantityError};
use std::io;

/// The reason that there is no payload.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// It is neither a shape nor a file.
    #[error(
        "payload {text:?} is neither a built-in shape nor a file; {}\"sercost list payloads\" shows the shapes",
        .nearest.as_ref().map(|name| format!("did you mean {name:?}? ")).unwrap_or_default()
    )]
    Unknown {
        /// The given text.
        text: String,
        /// The text that was probably meant.
        nearest: Option<String>,
    },
    /// The count of a shape makes no sense.
    #[error("payload {text:?}: the count {reason}")]
    Count {
        /// The given text.
        text: String,
        /// The fault of the count. No `source`, since the message has it already.
        reason: ParseQuantityError,
    },
    /// A shape without a count.
    #[error("payload {name:?} needs a count, as in {example:?}")]
    NoCount {
        /// The given name.
        name: String,
        /// How it could look.
        example: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        reason: io::Error,
    },
    /// The file was cut while it was read.
    #[error("a file became shorter while it was read; run again when nothing writes to it")]
    Shortened,
    /// The file is compressed, and cannot be unpacked.
    #[error("{path}: {reason}")]
    Unpack {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// The file's content is not what it should be.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It would not fit.
    #[error(
        "payload {name}: {needs} of memory needed (the payload, its encoding, and the decoded copy in another process), {available} available; {remedy}"
    )]
    Memory {
        /// The given name.
        name: String,
        /// The memory that it takes.
        needs: Bytes,
        /// The memory that there is.
        available: Bytes,
        /// The advice what to do.
        remedy: String,
    },
    /// The Rust type of a native codec could not be made.
    #[error("payload {name}: {reason}")]
    Native {
        /// The given name.
        name: String,
        /// postcard's reason.
        reason: postcard::Error,
    },
}
