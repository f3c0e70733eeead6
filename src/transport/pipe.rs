//! An anonymous pipe with the kernel's default capacity: what `multiprocessing` uses.

use super::stream::{StreamReceiver, StreamSender};
use super::{Info, Receiver, Sender, Transport};
use std::io;
use std::os::fd::OwnedFd;

pub(super) struct Pipe;

impl Transport for Pipe {
    fn info(&self) -> &'static Info {
        &Info {
            name: "pipe",
            about: "an anonymous pipe of the kernel's default capacity, blocking writes and reads",
            in_place: false,
        }
    }

    fn open(&self) -> io::Result<(Box<dyn Sender>, Vec<OwnedFd>)> {
        let (reader, writer) = io::pipe()?;
        Ok((Box::new(StreamSender(writer.into())), vec![reader.into()]))
    }

    fn receiver(&self, descriptors: Vec<OwnedFd>) -> io::Result<Box<dyn Receiver>> {
        let [reader] = super::exactly(descriptors)?;
        Ok(Box::new(StreamReceiver::new(reader)))
    }
}
