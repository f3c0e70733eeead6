//! The run of a generated program: it is given its job, says how far it is, and leaves a results file.

use super::job::{Event, Job};
use super::package::Refused;
use crate::host::{Registered, RunDirectory, how_it_ended, is_readable};
use crate::model::{Nanos, Run, Sink};
use crate::store;
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

/// What a generated program has measured.
#[derive(Debug)]
pub struct Measured {
    /// The rows, as far as they were written.
    pub run: Option<Run>,
    /// The codecs that had no values in types with derives.
    pub refused: Vec<Refused>,
    /// Whether the user has stopped it.
    pub interrupted: bool,
}

/// Runs the program, and tells `sink` what it says.
///
/// # Errors
///
/// In words, when it cannot be started or does not come to its end.
pub fn run(program: &Path, mut job: Job, sink: &mut dyn Sink, interrupted: &AtomicBool) -> Result<Measured, String> {
    let failed = |error: std::io::Error| format!("the program of derived code cannot be started: {error}");
    let directory = RunDirectory::create(0).map_err(failed)?;
    job.plan.results = directory.path().join("results.json");
    let results = job.plan.results.clone();
    directory.write("job", &job.to_bytes()?).map_err(failed)?;
    // The payload is there twice already.
    drop(job);
    let (control, end) = UnixStream::pair().map_err(failed)?;
    let mut command = Command::new(program);
    command.arg(directory.path().join("job")).stdin(OwnedFd::from(end)).stdout(Stdio::null());
    // A signal of the terminal is for this process, which shows what was measured until then.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let started = command.spawn();
    drop(command);
    let mut process = started.map_err(failed)?;
    let _registered = Registered::new(&process);
    let mut measured = Measured { run: None, refused: Vec::new(), interrupted: false };
    let mut reader = BufReader::new(&control);
    let mut line = String::new();
    let ended = loop {
        if reader.buffer().is_empty() {
            match is_readable(&control, interrupted) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(_) => {
                    measured.interrupted = true;
                    break Ok(());
                }
            }
        }
        line.clear();
        match reader.read_line(&mut line).ok().filter(|&bytes| bytes > 0).map(|_| Event::parse(line.trim_end())) {
            None => break Err(how_it_ended(&mut process, "the program of derived code")),
            Some(Err(error)) => break Err(format!("the program of derived code said something else: {error}")),
            Some(Ok(Event::Progress(fraction, left, what))) => sink.progress(fraction, left.map(Nanos), &what),
            Some(Ok(Event::Note(text))) => sink.note(&text),
            Some(Ok(Event::Warn(text))) => sink.warn(&text),
            Some(Ok(Event::Refused(codec, reason))) => measured.refused.push(Refused { codec, reason }),
            Some(Ok(Event::Failed(reason))) => break Err(reason),
            Some(Ok(Event::Finished)) => break Ok(()),
        }
    };
    // It has nothing more to do, or what it does is wanted no longer.
    let _ = process.kill();
    let _ = process.wait();
    ended?;
    measured.run = match store::read(&results) {
        Ok(run) => Some(run),
        Err(_) if measured.interrupted => None,
        Err(error) => return Err(error.to_string()),
    };
    Ok(measured)
}
