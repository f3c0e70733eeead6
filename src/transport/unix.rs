//! A pair of Unix stream sockets.

use super::stream::{StreamReceiver, StreamSender};
use super::{Info, Receiver, Sender, Transport};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

pub(super) struct Unix;

impl Transport for Unix {
    fn info(&self) -> &'static Info {
        &Info { name: "unix", about: "a Unix stream socket pair with the kernel's default buffers", in_place: false }
    }

    fn open(&self) -> io::Result<(Box<dyn Sender>, Vec<OwnedFd>)> {
        let (here, there) = UnixStream::pair()?;
        Ok((Box::new(StreamSender(here.into())), vec![there.into()]))
    }

    fn receiver(&self, descriptors: Vec<OwnedFd>) -> io::Result<Box<dyn Receiver>> {
        let [socket] = super::exactly(descriptors)?;
        Ok(Box::new(StreamReceiver::new(socket)))
    }
}
