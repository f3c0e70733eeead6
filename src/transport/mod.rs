//! Transports: how bytes cross to another process, one file each and one table.
//!
//! A transport is opened in the sending process, which hands the receiving end's descriptors over to the other
//! process (by SCM_RIGHTS; nothing is found by name, so nothing is left behind and no other process can connect).
//!
//! Every message is framed by a header of 16 bytes: its length and the length it has when decompressed. The transfer
//! of a sample runs from the stamp before the sender's first byte to the stamp after the receiver's last byte.
//!
//! To add a transport: one file, and one line in [`TRANSPORTS`].

mod file;
mod frame;
mod pipe;
mod shared;
mod stream;
mod tcp;
mod unix;

pub use frame::{Buffer, Frame, HEADER_BYTES, Header, framed_bytes, header_at};
pub use stream::{read_once, write_framed};

use crate::model::nearest;
use std::io;
use std::os::fd::OwnedFd;

/// The facts about a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// The name on the command line.
    pub name: &'static str,
    /// Its description and what its transfer stage covers, in one sentence.
    pub about: &'static str,
    /// Whether the receiver decodes from the memory that the sender wrote, without a copy of its own.
    pub in_place: bool,
}

/// A way for bytes to cross to another process.
pub trait Transport: Send + Sync {
    /// The facts about it.
    fn info(&self) -> &'static Info;

    /// The sending end, and the descriptors from which [`Transport::receiver`] makes the receiving end in the other
    /// process.
    fn open(&self) -> io::Result<(Box<dyn Sender>, Vec<OwnedFd>)>;

    /// The receiving end, from the descriptors that [`Transport::open`] gave, in their order.
    fn receiver(&self, descriptors: Vec<OwnedFd>) -> io::Result<Box<dyn Receiver>>;
}

/// A message to be sent: its bytes, and the length that they have when decompressed (the same for uncompressed bytes).
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The bytes that are sent.
    pub bytes: &'a [u8],
    /// The length before compression.
    pub original_bytes: u64,
}

/// The sending end of a transport.
pub trait Sender {
    /// Makes room for `bytes` (headers included), outside of anything timed.
    fn prepare(&mut self, bytes: usize) -> io::Result<()>;

    /// Sends each message on its own, and returns the stamp taken before the first byte.
    fn send(&mut self, messages: &[Message<'_>]) -> io::Result<u64>;
}

/// The receiving end of a transport.
pub trait Receiver {
    /// Makes room for `bytes` (headers included), outside of anything timed.
    fn prepare(&mut self, bytes: usize) -> io::Result<()>;

    /// Gives back the memory of earlier samples, so that the next finds no more resident than its own bytes need.
    fn release(&mut self);

    /// Receives exactly `messages` messages, and returns the stamp taken after the last byte.
    ///
    /// # Errors
    ///
    /// `UnexpectedEof` when the sender is gone; `InvalidData` when the headers make no sense.
    fn receive(&mut self, messages: usize) -> io::Result<u64>;

    /// The messages of the last [`Receiver::receive`], in their order.
    fn frames(&self) -> Vec<Frame<'_>>;
}

/// Every transport, in the order of the documentation; the first is the default.
pub const TRANSPORTS: &[&dyn Transport] =
    &[&pipe::Pipe, &unix::Unix, &tcp::Tcp, &shared::Shm, &shared::ShmInPlace, &file::File];

/// The transport of that name.
pub fn find(name: &str) -> Option<&'static dyn Transport> {
    TRANSPORTS.iter().copied().find(|transport| transport.info().name == name)
}

/// The transports of these names, each once; `all` names every one.
///
/// # Errors
///
/// In words, with the name that was probably meant.
pub fn find_all(names: &[String]) -> Result<Vec<&'static dyn Transport>, String> {
    let mut found: Vec<&'static dyn Transport> = Vec::new();
    for name in names {
        let named = match find(name) {
            Some(transport) => vec![transport],
            None if name == "all" => TRANSPORTS.to_vec(),
            None => {
                let known = TRANSPORTS.iter().map(|transport| transport.info().name).chain(["all"]);
                let meant = nearest(name, known).map(|near| format!("did you mean {near:?}? ")).unwrap_or_default();
                return Err(format!("unknown transport {name:?}; {meant}\"sercost list transports\" shows all"));
            }
        };
        for transport in named {
            if !found.iter().any(|known| known.info().name == transport.info().name) {
                found.push(transport);
            }
        }
    }
    Ok(found)
}

/// The descriptors as an array, when there are as many as the transport's own `open` gives.
fn exactly<const N: usize>(descriptors: Vec<OwnedFd>) -> io::Result<[OwnedFd; N]> {
    let count = descriptors.len();
    descriptors.try_into().map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{count} descriptors arrived where {N} were sent"))
    })
}
