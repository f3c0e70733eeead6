//! The messages between the sending and the receiving process besides the measured bytes: frames of postcard over a
//! Unix socket, with descriptors beside them where a transport is opened.

use crate::host::{read_frame, write_frame};
use crate::model::{Allocations, Representation, Stage};
use crate::payload::Schema;
use serde::{Serialize, de::DeserializeOwned};
use std::io;
use std::os::unix::net::UnixStream;

/// From the sending process.
#[derive(Debug, Serialize, serde::Deserialize)]
pub(super) enum Request {
    /// The payload that the following samples are of.
    Payload {
        /// The schema of one message.
        schema: Schema,
        /// The name of the payload, where its type is the program's own.
        own: Option<String>,
    },
    /// A transport's receiving end; its descriptors follow in a message of their own.
    Open {
        /// The transport's name.
        transport: String,
        /// The number of descriptors that follow.
        descriptors: u8,
    },
    /// Receive and decode one sample.
    Sample(SampleRequest),
}

/// The properties of the next sample.
#[derive(Clone, Debug, Serialize, serde::Deserialize)]
pub(super) struct SampleRequest {
    /// Codec and compressor as on the command line: `json+zstd:3`.
    pub(super) codec: String,
    pub(super) representation: Representation,
    pub(super) transport: String,
    /// The number of messages that will come.
    pub(super) messages: usize,
    /// The bytes they will probably take, headers included.
    pub(super) capacity: usize,
    /// How often to decompress and to decode each message (more than once near the clock's precision).
    pub(super) decompress_repeats: usize,
    pub(super) decode_repeats: usize,
    /// Whether this is the round that counts allocations.
    pub(super) count_allocations: bool,
}

/// From the receiving process.
#[derive(Debug, Serialize, serde::Deserialize)]
pub(super) enum Response {
    /// The request was carried out, or the sample may begin.
    Ready,
    /// The request could not be carried out.
    Failed(String),
    /// The sample that was announced, received and decoded.
    Sample(Report),
}

/// The measurements of the receiving process.
#[derive(Clone, Debug, Default, Serialize, serde::Deserialize)]
pub(super) struct Report {
    /// The stamp after the last byte; 0 if it never came.
    pub(super) received_at: u64,
    /// How long decompressing took, all repeats together.
    pub(super) decompress_ns: Option<u64>,
    /// How long decoding took, all repeats together.
    pub(super) decode_ns: Option<u64>,
    /// The stamp after decoding.
    pub(super) decoded_at: u64,
    /// The digest of what the messages held, in order.
    pub(super) digest: u64,
    /// Whether every repeat decoded to the same.
    pub(super) repeats_agree: bool,
    /// The stage that failed, and why.
    pub(super) error: Option<(Stage, String)>,
    /// The allocations of decoding one message, in the round that counts them.
    pub(super) allocations: Option<Allocations>,
    /// The most memory that was resident since the round that counts began, or the process started.
    pub(super) peak_resident_bytes: Option<u64>,
}

/// A control message is small: schemas and reports. More than this is a fault.
const MOST_BYTES: u32 = 1 << 28;

pub(super) fn write<T: Serialize>(to: &UnixStream, value: &T) -> io::Result<()> {
    write_frame(to, |buffer| postcard::to_extend(value, buffer))
}

pub(super) fn read<T: DeserializeOwned>(from: &UnixStream) -> io::Result<T> {
    let bytes = read_frame(from, MOST_BYTES)?;
    postcard::from_bytes(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
