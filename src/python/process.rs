//! One interpreter as a process: started with the script that sercost brings, asked and answered in frames of JSON.
//!
//! `python/sercost_rows.py` describes the protocol. The control socket is the interpreter's standard input, the script goes
//! over it, and descriptors travel beside it, so that nothing has a name that could be left behind. Standard output goes
//! nowhere; standard error to unnamed memory, for the last words of one that dies.

use super::{programs, words};
use crate::clock;
use crate::host::{
    ChildError, Registered, how_it_ended, is_readable, memory_file, read_frame, write_descriptors, write_frame,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;

/// Reads a module and then the script from standard input, and runs the script. Every Python must be able to compile this,
/// so that one which is too old can say so. Modules are not to be found in the current directory, where anything may be
/// called `json.py`.
const BOOTSTRAP: &str = "\
import sys
sys.path[:] = [path for path in sys.path if path]
if sys.version_info < (3, 8):
    sys.exit('it is Python %d.%d.%d, and sercost needs 3.8 or later' % tuple(sys.version_info[:3]))
import os
def read(size):
    data = b''
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part:
            os._exit(0)
        data += part
    return data
def program(name):
    return compile(read(int.from_bytes(read(4), 'little')), name + '.py', 'exec')
payload = sys.modules['sercost_payload'] = type(sys)('sercost_payload')
exec(program('sercost_payload'), payload.__dict__)
exec(program('sercost_rows'))
";

/// Longer than any interpreter takes to start, on a busy machine too.
const MOST_STARTING_NS: u64 = 30_000_000_000;

/// More than any frame: what was lost by path, or a message of an exception.
const MOST_BYTES: u32 = 1 << 26;

/// The hello of an interpreter about itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Hello {
    implementation: String,
    /// As in `3.11.7`.
    pub version: String,
    /// `sys.version`.
    pub build: String,
    /// `sys.executable`.
    pub executable: String,
    clock: String,
    /// The cost of a reading of the clock, in nanoseconds.
    pub clock_overhead_ns: f64,
}

/// An interpreter that is running.
#[derive(Debug)]
pub struct Process {
    process: Child,
    _registered: Registered,
    control: UnixStream,
    errors: File,
    /// The bytes of `errors` that are older than its first answer, once that came: output of sites and modules is not a
    /// last word.
    greeted: Option<u64>,
    who: &'static str,
}

impl Process {
    /// Starts `program`, which is called `who` in messages, without waiting for it.
    ///
    /// # Errors
    ///
    /// When there is no such program, or the system cannot start it.
    pub fn start(program: &OsStr, who: &'static str) -> Result<Process, ChildError> {
        let failed = ChildError::lost;
        let (control, theirs) = UnixStream::pair().map_err(failed("cannot make a socket pair"))?;
        let errors = memory_file("sercost-python-errors").map_err(failed("cannot make memory for errors"))?;
        let for_child = errors.try_clone().map_err(failed("cannot share memory for errors"))?;
        let process = Command::new(program)
            .args(["-c", BOOTSTRAP])
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::from(for_child))
            // As the receiving process: Ctrl-C is sercost's to decide on.
            .process_group(0)
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound if !program.as_bytes().contains(&b'/') => ChildError::NotFound,
                _ => ChildError::Lost(format!("it cannot be started: {error}")),
            })?;
        let _registered = Registered::new(&process);
        let mut python = Process { _registered, process, control, errors, greeted: None, who };
        let sent = [programs::PAYLOAD, programs::ROWS].iter().try_for_each(|text| {
            write_frame(&python.control, |buffer| io::Result::Ok([&buffer, text.as_bytes()].concat()))
        });
        // A program that is not Python may have ended before it read anything; the hello that is missing tells.
        if sent.is_err() && !matches!(python.process.try_wait(), Ok(Some(_))) {
            return Err(python.lost());
        }
        Ok(python)
    }

    /// Waits until it is there.
    ///
    /// # Errors
    ///
    /// When it ends before that, is not CPython, or reads another clock than sercost does.
    pub fn hello(&mut self, interrupted: &AtomicBool) -> Result<Hello, ChildError> {
        let deadline = clock::now() + MOST_STARTING_NS;
        while !is_readable(&self.control, interrupted)? {
            if clock::now() > deadline {
                let seconds = MOST_STARTING_NS / 1_000_000_000;
                return Err(ChildError::Lost(format!("it did not answer within {seconds} s; is it Python?")));
            }
        }
        let hello: Hello = self.answer(interrupted)?;
        if hello.implementation != "cpython" {
            return Err(ChildError::Refused(format!(
                "it is {} {}, and sercost measures in CPython",
                hello.implementation, hello.version
            )));
        }
        if hello.clock != "clock_gettime(CLOCK_MONOTONIC)" {
            let clock = &hello.clock;
            return Err(ChildError::Refused(format!(
                "its perf_counter reads {clock} and not CLOCK_MONOTONIC, so that stamps cannot be compared"
            )));
        }
        self.greeted = Some(self.errors.metadata().map_or(0, |metadata| metadata.len()));
        Ok(hello)
    }

    /// Sends a request, without waiting for its answer.
    ///
    /// # Errors
    ///
    /// When the interpreter is gone.
    pub fn request(&mut self, request: &impl Serialize) -> Result<(), ChildError> {
        let sent = write_frame(&self.control, |mut buffer| {
            serde_json::to_writer(&mut buffer, request)?;
            serde_json::Result::Ok(buffer)
        });
        sent.map_err(|_| self.lost())
    }

    /// Hands descriptors over, which the request before must have announced.
    ///
    /// # Errors
    ///
    /// When the interpreter is gone.
    pub fn hand_over(&mut self, descriptors: &[OwnedFd]) -> Result<(), ChildError> {
        write_descriptors(&self.control, descriptors).map_err(|_| self.lost())
    }

    /// Waits for an answer.
    ///
    /// # Errors
    ///
    /// When the interpreter is gone, says something else, or the user asked to stop.
    pub fn answer<T: DeserializeOwned>(&mut self, interrupted: &AtomicBool) -> Result<T, ChildError> {
        while !is_readable(&self.control, interrupted)? {}
        let bytes = read_frame(&self.control, MOST_BYTES).map_err(|_| self.lost())?;
        serde_json::from_slice(&bytes)
            .map_err(|error| ChildError::Refused(format!("{} answered out of turn: {error}", self.who)))
    }

    /// Says how it ended, and with which last words.
    fn lost(&mut self) -> ChildError {
        let mut reason = how_it_ended(&mut self.process, self.who);
        if let Some(words) = self.last_words() {
            reason.push_str(": ");
            reason.push_str(&words);
        }
        ChildError::Lost(reason)
    }

    /// The text that it wrote to standard error, in a line.
    fn last_words(&self) -> Option<String> {
        const MOST: u64 = 16_384;
        let size = self.errors.metadata().ok()?.len();
        let kept = size.saturating_sub(self.greeted.unwrap_or(0)).min(MOST);
        let mut bytes = vec![0; kept as usize];
        self.errors.read_exact_at(&mut bytes, size - kept).ok()?;
        // One that never answered may be any program.
        if self.greeted.is_some() { words::last_words(&bytes) } else { words::first_words(&bytes) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It ends by itself when its control socket closes, but perhaps only after a long operation.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
