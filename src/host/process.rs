//! Child processes: the list of those that run, and how they answer and end.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::io;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The processes that this one has started for measuring and not yet waited for.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A place among the processes that [`end_children`] ends, until the process was waited for.
#[derive(Debug)]
pub struct Registered(u32);

impl Registered {
    /// Registers a process that was just started.
    pub fn new(process: &Child) -> Self {
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
            // One that has just ended by itself needs no ending, and most lead no group.
            let _ = kill_process_group(process, Signal::KILL);
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

/// Ends a process that leads a group, with all that it has started in that group.
pub fn end_group(process: &mut Child) {
    if let Some(leader) = i32::try_from(process.id()).ok().and_then(Pid::from_raw) {
        // It may have ended by itself.
        let _ = kill_process_group(leader, Signal::KILL);
    }
    let _ = process.wait();
}

/// Why a process did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// It is gone; the text says how it ended.
    #[error("{0}")]
    Lost(String),
    /// There is no program of that name.
    #[error("there is no such program on the path")]
    NotFound,
    /// It answered that it could not.
    #[error("{0}")]
    Refused(String),
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl ChildError {
    /// Converts an error of the system, with the action that failed.
    pub fn lost(what: &str) -> impl Fn(io::Error) -> ChildError {
        move |error| ChildError::Lost(format!("{what}: {error}"))
    }
}

/// Waits a moment for the other end of `control` to say something, or to close; false if it did neither.
///
/// # Errors
///
/// When it did neither and the user asked to stop.
pub fn is_readable(control: &UnixStream, interrupted: &AtomicBool) -> Result<bool, ChildError> {
    let timeout = rustix::time::Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    match poll(&mut [PollFd::new(control, PollFlags::IN)], Some(&timeout)) {
        Ok(0) | Err(rustix::io::Errno::INTR) if interrupted.load(Ordering::Relaxed) => Err(ChildError::Interrupted),
        Ok(0) | Err(rustix::io::Errno::INTR) => Ok(false),
        _ => Ok(true),
    }
}

/// Says how a process ended that is called `who`; it is ended if it has not.
pub fn how_it_ended(process: &mut Child, who: &str) -> String {
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
            (Some(signal), _) => format!("{who} {}", killed_by(signal)),
            (None, code) => format!("{who} ended with exit code {}", code.unwrap_or(-1)),
        },
    }
}

/// The sentence about a process that a signal ended, without its subject.
pub fn killed_by(signal: i32) -> String {
    let name = match signal {
        4 => " (SIGILL)",
        6 => " (SIGABRT: it aborted, as a stack overflow or a failed allocation does)",
        7 => " (SIGBUS)",
        9 => " (SIGKILL), by the kernel when memory ran out or by another process",
        11 => " (SIGSEGV)",
        15 => " (SIGTERM)",
        _ => "",
    };
    format!("was killed by signal {signal}{name}")
}

/// The path of this program, for starting it again.
///
/// # Errors
///
/// When the system does not say where the running program is.
pub fn own_program() -> io::Result<PathBuf> {
    // Through /proc the running binary is found even after it was replaced or removed.
    let running = Path::new("/proc/self/exe");
    if running.exists() { Ok(running.to_owned()) } else { std::env::current_exe() }
}
