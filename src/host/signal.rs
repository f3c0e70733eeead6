//! Handlers of the signals that would otherwise end the program with its results.

use crate::clock;
use rustix::event::poll;
use rustix::time::Timespec;
use signal_hook::consts::{SIGBUS, SIGHUP, SIGINT, SIGTERM};
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The effect of Ctrl-C, SIGTERM and SIGHUP.
#[derive(Debug)]
pub struct Shutdown<'a> {
    /// Set by the first signal.
    pub flag: &'a Arc<AtomicBool>,
    /// Written to by each signal.
    pub ring: &'a UnixStream,
    /// The exit code with which a second signal ends the program at once, if it comes a second and more after the first.
    pub code: u8,
}

/// A signal so soon after the first one says the same: `timeout` sends one to the process and one to its group.
const SAME_NS: u64 = 1_000_000_000;

impl Shutdown<'_> {
    /// Installs the handlers.
    ///
    /// # Errors
    ///
    /// When the system refuses a handler.
    pub fn heed(&self) -> io::Result<()> {
        let first = Arc::new(AtomicU64::new(0));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // A process that nohup started is not to end with its terminal.
            if signal == SIGHUP && is_ignored(signal) {
                continue;
            }
            let (flag, first, code) = (Arc::clone(self.flag), Arc::clone(&first), i32::from(self.code));
            let heed = move || {
                let now = clock::now();
                match first.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed) {
                    Err(before) if now.saturating_sub(before) > SAME_NS => signal_hook::low_level::exit(code),
                    _ => flag.store(true, Ordering::Relaxed),
                }
            };
            // SAFETY: the action reads a clock, which POSIX allows in a handler, and atomics; it ends the process by _exit,
            // and nothing is allocated or locked.
            unsafe { signal_hook::low_level::register(signal, heed) }?;
            signal_hook::low_level::pipe::register(signal, self.ring.try_clone()?)?;
        }
        Ok(())
    }
}

/// Installs a handler of SIGBUS, which a mapped file raises that another process cuts short. The handler writes `word` to
/// `ring`; the thread that hit the end cannot continue, so the reader of `ring` has to end the process.
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
