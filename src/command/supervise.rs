//! The supervision of the work: a verb works on a thread of its own, and the main thread waits for its end or for a
//! signal.
//!
//! Most of the work looks at a flag now and then, and ends in good order once Ctrl-C has set it. Not all of it can: one
//! encoding of half a gigabyte takes seconds, and so does naming the types of a large description. What is not over a
//! moment after the signal is left where it is: the main thread shows and writes what was measured until then, and the
//! process ends. Nothing wakes up meanwhile that could disturb what is measured.

use super::baseline::Baseline;
use super::sinks::Trace;
use super::{EXIT_ERROR, EXIT_INTERRUPTED};
use crate::args::{Args, Format};
use crate::codec::OwnPayload;
use crate::host::{Shutdown, deep_thread, heed_ends_of_files, remove_directories};
use crate::model::Run;
use crate::payload::PayloadError;
use crate::report::Shown;
use crate::store::Writer;
use crate::ui;
use anyhow::Context;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::time::Timespec;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;

/// How long work may go on after a signal to end in good order. With what is left to do, the user is answered within 0.2 s.
const GRACE_NS: u64 = 100_000_000;
/// The same where files are read: nothing would be shown of them.
const READING_GRACE_NS: u64 = 30_000_000;

/// The bytes that ring the main thread: the end of the work, its end without an end, a file that ended too early.
/// Everything else is a signal.
const WORK_IS_OVER: u8 = b'.';
const WORK_LEAVES: u8 = b',';
const FILE_ENDED: u8 = b'!';

/// The program: does what its command line says.
pub fn program() -> ExitCode {
    supervise(Args::of_this_process(), Vec::new())
}

/// Does what the command line says, on a thread with a stack that is deep enough.
pub(super) fn supervise(args: Args, own: Vec<OwnPayload>) -> ExitCode {
    let start = || -> io::Result<(UnixStream, Arc<Desk>)> {
        let (bell, ring) = UnixStream::pair()?;
        Ok((
            bell,
            Arc::new(Desk {
                own,
                interrupted: Arc::default(),
                reading: AtomicBool::new(false),
                measures: AtomicBool::new(false),
                said: Mutex::default(),
                code: AtomicU8::new(0),
                ring,
                state: Mutex::default(),
            }),
        ))
    };
    let (bell, desk) = match start() {
        Ok(started) => started,
        Err(error) => {
            ui::error(&format!("cannot make a socket pair: {error}"));
            return ExitCode::from(EXIT_ERROR);
        }
    };
    let of_work = Arc::clone(&desk);
    let work = deep_thread().spawn(move || {
        // Rings also where the work ends in a panic.
        let _end = End(&of_work);
        super::run(&args, &of_work)
    });
    match work {
        Ok(work) => desk.wait(&bell).unwrap_or_else(|| {
            // After a panic, which has printed its own message.
            work.join().unwrap_or_else(|_| ExitCode::from(EXIT_ERROR))
        }),
        Err(error) => {
            ui::error(&format!("cannot start a thread: {error}"));
            ExitCode::from(EXIT_ERROR)
        }
    }
}

struct End<'a>(&'a Desk);

impl Drop for End<'_> {
    fn drop(&mut self) {
        // Its other end is open as long as the main thread waits.
        let _ = (&self.0.ring).write_all(&[WORK_IS_OVER]);
    }
}

/// Where the work leaves what must not be lost.
pub(super) struct Desk {
    /// Payloads of the program's own types.
    own: Vec<OwnPayload>,
    interrupted: Arc<AtomicBool>,
    /// Whether files are being read.
    reading: AtomicBool,
    /// Whether it is being measured, which ends by itself.
    measures: AtomicBool,
    /// The words that are said while it ends.
    said: Mutex<Option<&'static str>>,
    /// The exit code to end with where the work leaves.
    code: AtomicU8,
    ring: UnixStream,
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    /// Nothing was measured yet.
    #[default]
    Nothing,
    /// The results so far.
    Some(Arc<Mutex<Results>>),
    /// The work shows it itself.
    Over,
    /// The main thread has taken it.
    Abandoned,
}

/// The measurements of a verb so far, and their outputs.
pub(super) struct Results {
    pub(super) run: Run,
    pub(super) outputs: Outputs,
}

/// The outputs of a verb.
pub(super) struct Outputs {
    pub(super) writer: Option<Writer>,
    pub(super) format: Format,
    /// Whether all there is is shown, and not only the first screen.
    pub(super) shown: Shown,
    /// The trace of all threads, where it is asked for.
    pub(super) trace: Option<Trace>,
    /// The run that this one is held against, where one is named.
    pub(super) baseline: Option<Baseline>,
}

impl Outputs {
    /// Writes and prints what there is. What cannot be written is still printed.
    ///
    /// # Errors
    ///
    /// When something could not be written or printed.
    pub(super) fn conclude(&mut self, run: &mut Run, complete: bool) -> anyhow::Result<()> {
        run.environment.complete = complete;
        run.comparison = self.baseline.as_ref().map(|baseline| baseline.comparison(run));
        let written = self.writer.take().map_or(Ok(()), |writer| writer.finish(run));
        let drawn = self.trace.take().map_or(Ok(()), Trace::finish);
        super::print(&super::rendered(run, self.format, self.shown))?;
        written?;
        drawn.context("--trace-out")
    }

    /// The same after the user has stopped the measuring. Returns the exit code.
    pub(super) fn conclude_interrupted(&mut self, run: &mut Run) -> u8 {
        let shown = self.conclude(run, false);
        if let Err(error) = &shown {
            ui::error(&format!("{error:#}"));
        }
        say_interrupted(run);
        if shown.is_ok() { EXIT_INTERRUPTED } else { EXIT_ERROR }
    }
}

/// The lock on the results.
pub(super) fn locked(results: &Mutex<Results>) -> MutexGuard<'_, Results> {
    // A panic leaves the results as they were before it.
    results.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says that the user has stopped it.
fn say_interrupted(run: &Run) {
    ui::warn(if has_rows(run) { SHOWN } else { NOTHING_MEASURED });
}

fn has_rows(run: &Run) -> bool {
    !run.measurements.is_empty() || !run.components.is_empty()
}

const SHOWN: &str = "interrupted: what had been measured is shown";
const NOTHING_MEASURED: &str = "interrupted: nothing had been measured";

/// Why the work is given up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Interrupted,
    FileEnded,
}

impl Desk {
    /// The payloads of the program's own types.
    pub(super) fn own(&self) -> &[OwnPayload] {
        &self.own
    }

    /// From now on signals set the flag that is returned, and a mapped file that is cut short is a message. A second
    /// signal, a second and more later, ends the program at once.
    pub(super) fn heed(&self) -> anyhow::Result<Arc<AtomicBool>> {
        let shutdown = Shutdown { flag: &self.interrupted, ring: &self.ring, code: EXIT_INTERRUPTED };
        shutdown.heed().context("cannot watch for Ctrl-C")?;
        self.heed_ends_of_files().context("cannot prepare for files that change while they are read")?;
        Ok(Arc::clone(&self.interrupted))
    }

    /// A mapped file that is cut short while it is read is a message, and no crash.
    pub(super) fn heed_ends_of_files(&self) -> io::Result<()> {
        heed_ends_of_files(&self.ring, FILE_ENDED)
    }

    /// Whether the user has had enough.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Does something that reads files.
    pub(super) fn reading<R>(&self, read: impl FnOnce() -> R) -> R {
        self.reading.store(true, Ordering::Relaxed);
        let result = read();
        self.reading.store(false, Ordering::Relaxed);
        result
    }

    /// Measures, which ends by itself soon after a signal and then has something to show. `said` is said where that takes
    /// more than a moment.
    pub(super) fn measuring<R>(&self, said: Option<&'static str>, measure: impl FnOnce() -> R) -> R {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = said;
        self.measures.store(true, Ordering::Relaxed);
        let result = measure();
        self.measures.store(false, Ordering::Relaxed);
        result
    }

    /// Ends the program with this code while something of the work still goes on.
    pub(super) fn leave(&self, code: u8) -> ! {
        self.code.store(code, Ordering::Relaxed);
        let _ = (&self.ring).write_all(&[WORK_LEAVES]);
        loop {
            thread::park();
        }
    }

    /// From now on there are results to show, whatever happens.
    pub(super) fn keep(&self, run: Run, outputs: Outputs) -> Arc<Mutex<Results>> {
        let results = Arc::new(Mutex::new(Results { run, outputs }));
        *self.state() = State::Some(Arc::clone(&results));
        results
    }

    /// From now on the work shows them itself. Does not return where they were taken already.
    pub(super) fn conclude(&self) {
        {
            let mut state = self.state();
            if !matches!(*state, State::Abandoned) {
                *state = State::Over;
                return;
            }
        }
        loop {
            thread::park();
        }
    }

    /// Shows the results at the end of a verb. Returns the exit code if the user has stopped it.
    ///
    /// # Errors
    ///
    /// When something could not be written or printed.
    pub(super) fn end(&self, results: &Mutex<Results>) -> anyhow::Result<Option<ExitCode>> {
        let stopped = self.is_interrupted();
        // Before the lock, so that the main thread never finds the results held by work that it has given up.
        self.conclude();
        let mut results = locked(results);
        let Results { run, outputs } = &mut *results;
        outputs.conclude(run, !stopped)?;
        if stopped {
            say_interrupted(run);
        }
        Ok(stopped.then(|| ExitCode::from(EXIT_INTERRUPTED)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic leaves the state as it was before it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the work is over; `None` when it has ended by itself.
    fn wait(&self, mut bell: &UnixStream) -> Option<ExitCode> {
        let mut rung = [0];
        loop {
            match bell.read(&mut rung) {
                Ok(0) => return None,
                Ok(_) if rung[0] == WORK_IS_OVER => return None,
                Ok(_) if rung[0] == WORK_LEAVES => return Some(self.left()),
                Ok(_) if rung[0] == FILE_ENDED => return Some(self.give_up(Why::FileEnded)),
                Ok(_) if self.is_interrupted() => {
                    let is_reading = self.reading.load(Ordering::Relaxed);
                    match ends_soon(bell, if is_reading { READING_GRACE_NS } else { GRACE_NS }) {
                        Some(WORK_LEAVES) => return Some(self.left()),
                        Some(_) => return None,
                        None => {}
                    }
                    // Where it shows its results itself, that is waited for.
                    let itself = self.measures.load(Ordering::Relaxed) || matches!(*self.state(), State::Over);
                    match self.said.lock().unwrap_or_else(PoisonError::into_inner).take() {
                        _ if !itself => return Some(self.give_up(Why::Interrupted)),
                        Some(said) => ui::note(said),
                        None => {}
                    }
                }
                Ok(_) | Err(_) => {}
            }
        }
    }

    fn left(&self) -> ExitCode {
        ExitCode::from(self.code.load(Ordering::Relaxed))
    }

    /// Shows what there is, and leaves the work where it is.
    fn give_up(&self, why: Why) -> ExitCode {
        let results = match std::mem::replace(&mut *self.state(), State::Abandoned) {
            State::Some(results) => Some(results),
            _ => None,
        };
        ui::take_progress_away();
        remove_directories();
        let mut shown = Ok(());
        let mut any = false;
        if let Some(results) = results {
            // The thread that measures holds it, and the end of a file has stopped that for good.
            let Some(mut results) = taken(&results) else { return self.say_why(why, false, Ok(())) };
            any = has_rows(&results.run);
            if any || why == Why::Interrupted {
                let Results { run, outputs } = &mut *results;
                shown = outputs.conclude(run, false);
            }
        }
        self.say_why(why, any, shown)
    }

    fn say_why(&self, why: Why, any: bool, shown: anyhow::Result<()>) -> ExitCode {
        match (why, any) {
            (Why::Interrupted, true) => ui::warn(SHOWN),
            (Why::Interrupted, false) => ui::warn(NOTHING_MEASURED),
            (Why::FileEnded, _) if self.reading.load(Ordering::Relaxed) => {
                ui::error(&PayloadError::Shortened.to_string());
            }
            (Why::FileEnded, _) => ui::error(
                "memory that a file stands for is gone (SIGBUS): is there room in /dev/shm and in the directory for temporary files?",
            ),
        }
        if let Err(error) = shown {
            ui::error(&format!("{error:#}"));
        }
        ExitCode::from(if why == Why::Interrupted { EXIT_INTERRUPTED } else { EXIT_ERROR })
    }
}

/// The results, unless another thread holds them.
fn taken(results: &Mutex<Results>) -> Option<MutexGuard<'_, Results>> {
    match results.try_lock() {
        Ok(results) => Some(results),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Waits for the work to end within the time that it has for that; how it rang, if it has.
fn ends_soon(mut bell: &UnixStream, grace_ns: u64) -> Option<u8> {
    let deadline = crate::clock::now() + grace_ns;
    loop {
        let left = deadline.saturating_sub(crate::clock::now());
        let timeout = Timespec { tv_sec: 0, tv_nsec: left as i64 };
        match poll(&mut [PollFd::new(bell, PollFlags::IN)], Some(&timeout)) {
            Ok(0) => return None,
            Err(_) if left == 0 => return None,
            Err(_) => {}
            Ok(_) => {
                let mut rung = [0];
                if !matches!(bell.read(&mut rung), Ok(1)) || [WORK_IS_OVER, WORK_LEAVES].contains(&rung[0]) {
                    return Some(rung[0]);
                }
            }
        }
    }
}
