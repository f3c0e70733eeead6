//! The run of generated programs: they are given their job, say how far they are, and leave a results file each. Several, which are
//! layouts of the same code, measure in turns.

use super::job::{Event, Job};
use super::link::Programs;
use super::merge::merged;
use super::package::Refused;
use crate::host::{Registered, RunDirectory, how_it_ended, is_readable};
use crate::model::{Layouts, Nanos, Run, Sink};
use crate::store;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;

/// What generated programs have measured.
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
pub fn run(program: &Path, job: Job, sink: &mut dyn Sink, interrupted: &AtomicBool) -> Result<Measured, String> {
    let mut turns = Turns::new(sink, interrupted, 1);
    turns.start(program, job)?;
    turns.finish(|mut runs| runs.pop())
}

/// Runs programs that differ in the layout of their code alone, each shuffled by the seed beside it, in turns: a round of one,
/// then a round of another, in an order that is shuffled anew each time. Their rows become one.
///
/// # Errors
///
/// In words, when one cannot be started or does not come to its end.
pub fn run_layouts(
    programs: &Programs,
    job: &Job,
    sink: &mut dyn Sink,
    interrupted: &AtomicBool,
) -> Result<Measured, String> {
    let mut random = fastrand::Rng::with_seed(job.plan.seed);
    let mut turns = Turns::new(sink, interrupted, programs.seeded.len());
    for (_, program) in &programs.seeded {
        turns.start(program, job.clone())?;
    }
    while turns.processes.iter().any(|process| process.waits) && !turns.measured.interrupted {
        let mut order: Vec<usize> = (0..turns.processes.len()).filter(|&at| turns.processes[at].waits).collect();
        random.shuffle(&mut order);
        for at in order {
            turns.give(at)?;
        }
    }
    let seeds = programs.seeded.iter().map(|(seed, _)| *seed).collect();
    let layouts = Layouts { rounds: Vec::new(), seeds, linker: programs.linker.clone() };
    turns.finish(|runs| merged(runs, layouts))
}

/// A process that measures, and ends with this.
struct Process {
    child: Child,
    control: BufReader<UnixStream>,
    directory: RunDirectory,
    /// Whether its next turn has not begun.
    waits: bool,
    fraction: f64,
    left_ns: Option<f64>,
    _registered: Registered,
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has nothing more to do, or what it does is wanted no longer.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The name of the results file in a process's directory.
const RESULTS: &str = "results.json";

/// All processes.
struct Turns<'s> {
    processes: Vec<Process>,
    /// How many there will be.
    count: usize,
    sink: &'s mut dyn Sink,
    interrupted: &'s AtomicBool,
    measured: Measured,
    /// The warnings so far, each of which is said once.
    warned: Vec<String>,
}

impl<'s> Turns<'s> {
    fn new(sink: &'s mut dyn Sink, interrupted: &'s AtomicBool, count: usize) -> Self {
        let measured = Measured { run: None, refused: Vec::new(), interrupted: false };
        Turns { processes: Vec::new(), count, sink, interrupted, measured, warned: Vec::new() }
    }

    /// Starts a program, and follows it until its turn ends or it does.
    fn start(&mut self, program: &Path, mut job: Job) -> Result<(), String> {
        if self.measured.interrupted {
            return Ok(());
        }
        let failed = |error: std::io::Error| format!("the program of derived code cannot be started: {error}");
        let directory = RunDirectory::create(0).map_err(failed)?;
        job.plan.results = directory.path().join(RESULTS);
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
        let child = started.map_err(failed)?;
        let _registered = Registered::new(&child);
        let control = BufReader::new(control);
        let process = Process { child, control, directory, waits: false, fraction: 0.0, left_ns: None, _registered };
        self.processes.push(process);
        self.follow(self.processes.len() - 1)
    }

    /// Gives a process its turn, and follows it until that ends.
    fn give(&mut self, at: usize) -> Result<(), String> {
        if self.measured.interrupted {
            return Ok(());
        }
        self.processes[at].waits = false;
        // Where it is gone, following it says so.
        let _ = self.processes[at].control.get_mut().write_all(b"\n");
        self.follow(at)
    }

    fn follow(&mut self, at: usize) -> Result<(), String> {
        let mut line = String::new();
        loop {
            let process = &mut self.processes[at];
            if process.control.buffer().is_empty() {
                match is_readable(process.control.get_ref(), self.interrupted) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(_) => {
                        self.measured.interrupted = true;
                        return Ok(());
                    }
                }
            }
            line.clear();
            let read = process.control.read_line(&mut line).ok().filter(|&bytes| bytes > 0);
            let lost = || how_it_ended(&mut process.child, "the program of derived code");
            match Event::parse(read.map(|_| line.trim_end()).ok_or_else(lost)?) {
                Err(error) => return Err(format!("the program of derived code said something else: {error}")),
                Ok(Event::Turn) => {
                    process.waits = true;
                    return Ok(());
                }
                Ok(Event::Finished) => {
                    (process.fraction, process.left_ns) = (1.0, None);
                    return Ok(());
                }
                Ok(Event::Failed(reason)) => return Err(reason),
                Ok(event) => self.tell(at, event),
            }
        }
    }

    /// Tells the sink what a process says. The first speaks for all where they say the same.
    fn tell(&mut self, at: usize, event: Event) {
        match event {
            Event::Progress(fraction, left, what) => {
                (self.processes[at].fraction, self.processes[at].left_ns) = (fraction, left);
                let all = || self.processes.iter();
                let whole = all().map(|process| process.fraction).sum::<f64>() / self.count as f64;
                // Those that have not begun need about as long as those that have.
                let scale = self.count as f64 / self.processes.len() as f64;
                let left = left.map(|_| Nanos(scale * all().filter_map(|process| process.left_ns).sum::<f64>()));
                let of = if self.count > 1 { format!("layout {}/{}, ", at + 1, self.count) } else { String::new() };
                self.sink.progress(whole, left, &format!("{of}{what}"));
            }
            Event::Note(text) if at == 0 => self.sink.note(&text),
            Event::Refused(codec, reason) if at == 0 => self.measured.refused.push(Refused { codec, reason }),
            Event::Warn(text) if !self.warned.contains(&text) => {
                self.sink.warn(&text);
                self.warned.push(text);
            }
            _ => {}
        }
    }

    /// Ends all processes, and makes one run of theirs.
    fn finish(mut self, make: impl FnOnce(Vec<Run>) -> Option<Run>) -> Result<Measured, String> {
        let directories: Vec<PathBuf> =
            self.processes.iter().map(|process| process.directory.path().join(RESULTS)).collect();
        for process in &mut self.processes {
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
        let mut runs = Vec::new();
        for results in directories {
            match store::read(&results) {
                Ok(run) => runs.push(run),
                // One that had no turn yet has none.
                Err(_) if self.measured.interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        self.measured.run = make(runs);
        Ok(self.measured)
    }
}
