//! Signals that end a program, heeded without losing what it has.

use rustix::event::poll;
use rustix::time::Timespec;
use signal_hook::consts::{SIGBUS, SIGHUP, SIGINT, SIGTERM};
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What the signals do by which a user stops a program.
#[derive(Debug)]
pub struct Shutdown<'a> {
    /// Is set by the first signal.
    pub flag: &'a Arc<AtomicBool>,
    /// Is written to by each.
    pub ring: &'a UnixStream,
    /// What the second one ends the program with, at once.
    pub code: u8,
}

impl Shutdown<'_> {
    /// From now on Ctrl-C, SIGTERM and SIGHUP do this.
    ///
    /// # Errors
    ///
    /// When the system refuses a handler.
    pub fn heed(&self) -> io::Result<()> {
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // What nohup started is not to end with its terminal.
            if signal == SIGHUP && is_ignored(signal) {
                continue;
            }
            // In this order: the handler that ends the program looks at what was set before.
            signal_hook::flag::register_conditional_shutdown(signal, self.code.into(), Arc::clone(self.flag))?;
            signal_hook::flag::register(signal, Arc::clone(self.flag))?;
            signal_hook::low_level::pipe::register(signal, self.ring.try_clone()?)?;
        }
        Ok(())
    }
}

/// A mapped file that another process cuts short raises SIGBUS where it ended. Nothing can go on there: from now on `word`
/// is written to `ring` instead, and whoever listens has to end the process.
///
/// # Errors
///
/// When the system refuses a handler.
pub fn heed_ends_of_files(ring: &UnixStream, word: u8) -> io::Result<()> {
    let ring = ring.try_clone()?;
    let end = move || {
        // By a system call each, on whatever thread. One that meets the end of a file comes back here when it tries
        // again, until the main thread, which maps no file, has ended the process.
        let _ = rustix::io::write(&ring, &[word]);
        let _ = poll(&mut [], Some(&Timespec { tv_sec: 0, tv_nsec: 10_000_000 }));
    };
    // SAFETY: the action makes two system calls, write and poll, both of which may be made in a signal's handler, and
    // nothing is allocated or locked.
    unsafe { signal_hook::low_level::register(SIGBUS, end) }?;
    Ok(())
}

/// Whether the process was started with this signal ignored.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
