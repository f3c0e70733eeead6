//! The receiving process, as the sending process sees it: started once, used for every sample, replaced when it dies.

use super::wire::{self, Report, Request, Response, SampleRequest};
#[cfg(test)]
use crate::clock;
use crate::payload::Schema;
use crate::transport::{Sender, Transport};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The argument with which a sercost binary becomes a receiving process.
pub const RECEIVE_VERB: &str = "receive";

/// The processes that this one has started for measuring and not yet waited for.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A place in [`RUNNING`], until the process was waited for.
pub(super) struct Registered(u32);

impl Registered {
    pub(super) fn new(process: &std::process::Child) -> Self {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).push(process.id());
        Registered(process.id())
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|&id| id != self.0);
    }
}

/// Ends all processes that measure for this one: for a program that is about to end while an operation still runs.
pub fn end_children() {
    for &id in RUNNING.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        if let Some(process) = i32::try_from(id).ok().and_then(Pid::from_raw) {
            // One that has just ended by itself needs no ending.
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

/// Why the receiving process did not answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChildError {
    /// It is gone; the text says how it ended.
    #[error("{0}")]
    Lost(String),
    /// It answered that it could not.
    #[error("{0}")]
    Refused(String),
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// A receiving process that is running.
pub(super) struct Child {
    process: std::process::Child,
    _registered: Registered,
    control: UnixStream,
    senders: HashMap<&'static str, Box<dyn Sender>>,
}

impl Child {
    /// Starts `program` as a receiving process for messages of `schema`.
    pub(super) fn start(program: &Path, schema: &Schema, interrupted: &AtomicBool) -> Result<Child, ChildError> {
        #[cfg_attr(not(test), allow(unused_mut))]
        let (mut control, theirs) = UnixStream::pair().map_err(lost("cannot make a socket pair"))?;
        let theirs = Stdio::from(OwnedFd::from(theirs));
        // With a made-up clock the receiver is a thread that shares it, and the process a stand-in.
        #[cfg(test)]
        let (program, theirs) = match clock::fake::installed() {
            Some(clock) => {
                let (ours, thread) = UnixStream::pair().map_err(lost("cannot make a socket pair"))?;
                std::thread::spawn(move || {
                    clock::fake::install(Some(clock));
                    super::receive(thread)
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
        child.ask(&Request::Payload { schema: schema.clone() }, interrupted)?;
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
            let handed_over = wire::write(&self.control, &request)
                .and_then(|()| wire::write_descriptors(&self.control, &descriptors));
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

/// Waits a moment for the other end of `control` to say something, or to close; false if it did neither.
pub(super) fn is_readable(control: &UnixStream, interrupted: &AtomicBool) -> Result<bool, ChildError> {
    let timeout = rustix::time::Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    match poll(&mut [PollFd::new(control, PollFlags::IN)], Some(&timeout)) {
        Ok(0) | Err(rustix::io::Errno::INTR) if interrupted.load(Ordering::Relaxed) => Err(ChildError::Interrupted),
        Ok(0) | Err(rustix::io::Errno::INTR) => Ok(false),
        _ => Ok(true),
    }
}

/// Says how a process ended that is called `who`; it is ended if it has not.
pub(crate) fn how_it_ended(process: &mut std::process::Child, who: &str) -> String {
    // It may be about to end; give it the moment that takes before it is ended by force.
    for _ in 0..50 {
        if let Ok(Some(_)) = process.try_wait() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let running = matches!(process.try_wait(), Ok(None));
    if running {
        let _ = process.kill();
    }
    match process.wait() {
        _ if running => format!("{who} stopped answering and was ended"),
        Err(error) => format!("{who} is gone: {error}"),
        Ok(status) => match (status.signal(), status.code()) {
            (Some(9), _) => {
                format!("{who} was killed by signal 9 (SIGKILL): by the system for want of memory, or by somebody")
            }
            (Some(signal), _) => format!("{who} was killed by signal {signal}{}", signal_name(signal)),
            (None, code) => format!("{who} ended with exit code {}", code.unwrap_or(-1)),
        },
    }
}

fn signal_name(signal: i32) -> &'static str {
    match signal {
        4 => " (SIGILL)",
        6 => " (SIGABRT: it aborted, as a stack overflow or a failed allocation does)",
        7 => " (SIGBUS)",
        11 => " (SIGSEGV)",
        15 => " (SIGTERM)",
        _ => "",
    }
}

fn lost(what: &'static str) -> impl Fn(io::Error) -> ChildError {
    move |error| ChildError::Lost(format!("{what}: {error}"))
}

impl Drop for Child {
    fn drop(&mut self) {
        // It ends by itself when its control socket closes, but perhaps only after a long decoding.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program to start as the receiving process: this one.
///
/// # Errors
///
/// When the system does not say where the running program is.
pub fn own_program() -> io::Result<PathBuf> {
    // Through /proc the running binary is found even after it was replaced or removed.
    let running = Path::new("/proc/self/exe");
    if running.exists() { Ok(running.to_owned()) } else { std::env::current_exe() }
}
