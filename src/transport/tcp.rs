//! TCP over the loopback interface, with TCP_NODELAY.

use super::stream::{StreamReceiver, StreamSender};
use super::{Info, Receiver, Sender, Transport};
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;

pub(super) struct Tcp;

impl Transport for Tcp {
    fn info(&self) -> &'static Info {
        &Info {
            name: "tcp",
            about: "TCP over the loopback interface with TCP_NODELAY and the kernel's default buffers",
            in_place: false,
        }
    }

    fn open(&self) -> io::Result<(Box<dyn Sender>, Vec<OwnedFd>)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let here = TcpStream::connect(listener.local_addr()?)?;
        here.set_nodelay(true)?;
        let address = here.local_addr()?;
        // Some other local process may have connected first: take our own connection and no other.
        loop {
            let (there, peer) = listener.accept()?;
            if peer == address {
                return Ok((Box::new(StreamSender(here.into())), vec![there.into()]));
            }
        }
    }

    fn receiver(&self, descriptors: Vec<OwnedFd>) -> io::Result<Box<dyn Receiver>> {
        let [socket] = super::exactly(descriptors)?;
        Ok(Box::new(StreamReceiver::new(socket)))
    }
}
