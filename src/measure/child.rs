//! The receiving process, as the sending process sees it: started once, used for every sample, replaced when it dies.

use super::receive::RECEIVE_VERB;
use super::wire::{self, Report, Request, Response, SampleRequest};
#[cfg(test)]
use crate::clock;
use crate::host::{ChildError, Registered, how_it_ended, is_readable, write_descriptors};
use crate::payload::Schema;
use crate::transport::{Sender, Transport};
use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

/// A receiving process that is running.
pub(super) struct Child {
    process: std::process::Child,
    _registered: Registered,
    control: UnixStream,
    senders: HashMap<&'static str, Box<dyn Sender>>,
}

impl Child {
    /// Starts `program` as a receiving process for messages of `schema`.
    pub(super) fn start(
        program: &Path,
        schema: &Schema,
        own: Option<&str>,
        interrupted: &AtomicBool,
    ) -> Result<Child, ChildError> {
        #[cfg_attr(not(test), allow(unused_mut))]
        let (mut control, theirs) = UnixStream::pair().map_err(ChildError::lost("cannot make a socket pair"))?;
        let theirs = Stdio::from(OwnedFd::from(theirs));
        // With a made-up clock the receiver is a thread that shares it, and the process a stand-in.
        #[cfg(test)]
        let (program, theirs) = match clock::fake::installed() {
            Some(clock) => {
                let (ours, thread) = UnixStream::pair().map_err(ChildError::lost("cannot make a socket pair"))?;
                std::thread::spawn(move || {
                    clock::fake::install(Some(clock));
                    super::receive(thread, &[])
                });
                drop(std::mem::replace(&mut control, ours));
                (Path::new("true"), Stdio::null())
            }
            None => (program, theirs),
        };
        let process = Command::new(program)
            .arg(RECEIVE_VERB)
            .stdin(theirs)
            .stdout(Stdio::null())
            // A process group of its own, so that Ctrl-C reaches the sending process alone, which then decides.
            .process_group(0)
            .spawn()
            .map_err(|error| {
                ChildError::Lost(format!("cannot start the receiving process {}: {error}", program.display()))
            })?;
        let mut child = Child { _registered: Registered::new(&process), process, control, senders: HashMap::new() };
        child.ask(&Request::Payload { schema: schema.clone(), own: own.map(str::to_owned) }, interrupted)?;
        Ok(child)
    }

    /// Opens `transport` if it is not open, with room for `bytes`.
    pub(super) fn open(
        &mut self,
        transport: &'static dyn Transport,
        bytes: usize,
        interrupted: &AtomicBool,
    ) -> Result<(), ChildError> {
        let name = transport.info().name;
        if !self.senders.contains_key(name) {
            let refused = |error: io::Error| ChildError::Refused(format!("cannot open the transport {name}: {error}"));
            let (sender, descriptors) = transport.open().map_err(refused)?;
            let request = Request::Open { transport: name.into(), descriptors: descriptors.len() as u8 };
            let handed_over =
                wire::write(&self.control, &request).and_then(|()| write_descriptors(&self.control, &descriptors));
            // Our copies of the receiving end are closed here: otherwise a write to a dead process would wait forever.
            drop(descriptors);
            handed_over.map_err(|_| self.lost())?;
            self.expect_ready(interrupted)?;
            self.senders.insert(name, sender);
        }
        if let Some(sender) = self.senders.get_mut(name) {
            sender.prepare(bytes).map_err(|error| {
                ChildError::Refused(format!("the transport {name} has no room for {bytes} bytes: {error}"))
            })?;
        }
        Ok(())
    }

    /// Announces a sample; when this returns the receiving process is about to wait for its bytes.
    pub(super) fn announce(&mut self, request: SampleRequest, interrupted: &AtomicBool) -> Result<(), ChildError> {
        self.ask(&Request::Sample(request), interrupted)
    }

    /// The sending end of a transport that is open, looked up before anything is timed.
    pub(super) fn lend_sender(&mut self, transport: &str) -> Result<Box<dyn Sender>, ChildError> {
        self.senders
            .remove(transport)
            .ok_or_else(|| ChildError::Refused(format!("the transport {transport} is not open")))
    }

    /// Takes back what [`Child::lend_sender`] lent.
    pub(super) fn return_sender(&mut self, transport: &'static str, sender: Box<dyn Sender>) {
        self.senders.insert(transport, sender);
    }

    /// Why sending failed.
    pub(super) fn sending_failed(&mut self, transport: &str, error: &io::Error) -> ChildError {
        match error.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => self.lost(),
            _ => ChildError::Refused(format!("cannot send over {transport}: {error}")),
        }
    }

    /// Waits for the report of the sample that was sent.
    pub(super) fn report(&mut self, interrupted: &AtomicBool) -> Result<Report, ChildError> {
        match self.response(interrupted)? {
            Response::Sample(report) => Ok(report),
            Response::Failed(reason) => Err(ChildError::Refused(reason)),
            Response::Ready => Err(ChildError::Refused("the receiving process answered out of turn".into())),
        }
    }

    fn ask(&mut self, request: &Request, interrupted: &AtomicBool) -> Result<(), ChildError> {
        wire::write(&self.control, request).map_err(|_| self.lost())?;
        self.expect_ready(interrupted)
    }

    fn expect_ready(&mut self, interrupted: &AtomicBool) -> Result<(), ChildError> {
        match self.response(interrupted)? {
            Response::Ready => Ok(()),
            Response::Failed(reason) => Err(ChildError::Refused(reason)),
            Response::Sample(_) => Err(ChildError::Refused("the receiving process answered out of turn".into())),
        }
    }

    fn response(&mut self, interrupted: &AtomicBool) -> Result<Response, ChildError> {
        while !is_readable(&self.control, interrupted)? {}
        wire::read(&self.control).map_err(|_| self.lost())
    }

    fn lost(&mut self) -> ChildError {
        ChildError::Lost(how_it_ended(&mut self.process, "the receiving process"))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It ends by itself when its control socket closes, but perhaps only after a long decoding.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
