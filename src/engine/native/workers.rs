//! The worker processes, as the parent has them.

use super::frame::{self, Inbox};
use super::{Placement, Setup, Task, WORK_VERB};
use crate::clock;
use crate::engine::EngineError;
use crate::host::how_it_ended;
use rustix::process::{Pid, Signal, kill_process};
use sercost_record::{Entry, Exit, Stamp, Start, Terminate};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// The ends of the pipes of all workers.
#[derive(Default)]
pub(super) struct Ends {
    /// The pipes for tasks.
    pub(super) tasks: Vec<OwnedFd>,
    /// The pipes that results come from.
    pub(super) results: Vec<Inbox>,
}

/// All worker processes. They are ended with it.
#[derive(Default)]
pub(super) struct Workers {
    processes: Vec<Child>,
    /// The records of their starts and ends.
    pub(super) entries: Vec<Entry>,
}

impl Workers {
    /// Starts the workers. What they are told first is [`Briefing`].
    pub(super) fn start(task: &Task<'_>) -> io::Result<(Workers, Ends)> {
        let (mut workers, mut ends) = (Workers::default(), Ends::default());
        for worker in 0..task.job.settings.workers() {
            if task.job.settings.record {
                task.job.directory.file(&records(worker))?;
            }
            // Only the ends that a worker gets are open in it, so that each end of file means what it says.
            let (theirs, tasks) = io::pipe()?;
            let (results, their_results) = io::pipe()?;
            let began = clock::now();
            let process = Command::new(&task.job.settings.program)
                .arg(WORK_VERB)
                .stdin(Stdio::from(theirs))
                .stdout(Stdio::from(their_results))
                .current_dir(task.job.directory.path())
                // Ctrl-C reaches the parent alone, which then ends the workers.
                .process_group(0)
                .spawn()
                .map_err(|error| io::Error::new(error.kind(), format!("cannot start a worker process: {error}")))?;
            let start =
                Start { pid: process.id().into(), began, ended: clock::now(), is_worker: true, ..Start::default() };
            workers.entries.push(Entry { thread: 1, record: start.into() });
            workers.processes.push(process);
            ends.tasks.push(tasks.into());
            ends.results.push(Inbox::new(results.into()));
        }
        Ok((workers, ends))
    }

    /// The numbers of the processes, which are theirs until [`Workers::finish`].
    pub(super) fn pids(&self) -> Vec<Pid> {
        self.processes.iter().map(Pid::from_child).collect()
    }

    /// Waits for the end of all, whose pipes are closed or who were ended, and notes when each was seen to have ended.
    pub(super) fn finish(&mut self, closed: Stamp) {
        for process in &mut self.processes {
            let pid = process.id().into();
            let Ok(status) = process.wait() else { continue };
            let at = clock::now();
            let code =
                std::os::unix::process::ExitStatusExt::signal(&status).map_or(status.code(), |signal| Some(-signal));
            let exit = Exit { pid, code: code.unwrap_or(0).into(), at };
            self.entries.push(Entry { thread: 1, record: Terminate { pid, at: closed }.into() });
            self.entries.push(Entry { thread: 1, record: exit.into() });
        }
    }

    /// Says how a worker ended that ended too early.
    pub(super) fn how_it_ended(&mut self, worker: usize) -> String {
        let Some(process) = self.processes.get_mut(worker) else { return "a worker process is gone".to_owned() };
        let who = format!("worker process {}", process.id());
        how_it_ended(process, &who)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Ends all of them at once; none has been waited for.
pub(super) fn end_all(pids: &[Pid]) {
    for &pid in pids {
        let _ = kill_process(pid, Signal::KILL);
    }
}

fn records(worker: u64) -> String {
    format!("{worker}.records")
}

/// The message for each worker before its first task.
pub(super) struct Briefing {
    setup: Setup,
    data: Option<Vec<u8>>,
}

impl Briefing {
    pub(super) fn new(task: &Task<'_>) -> Result<Briefing, EngineError> {
        let job = task.job;
        let data = match (&task.source, task.placement) {
            (Some(source), Placement::Once | Placement::Result) => {
                let mut data = [Vec::new()];
                source.encode(&mut data).map_err(|reason| EngineError(task.cannot_encode(&reason)))?;
                let [data] = data;
                Some(data)
            }
            _ => None,
        };
        let setup = Setup {
            parent: std::process::id(),
            schema: (*task.schema).clone(),
            codec: task.codec.info().name.to_owned(),
            placement: task.placement,
            call_ns: job.settings.call_ns,
            digest: job.settings.digest,
            records: None,
        };
        Ok(Briefing { setup, data })
    }

    /// Tells it to all.
    pub(super) fn send(&mut self, tasks: &[OwnedFd], record: bool) -> io::Result<()> {
        for (worker, pipe) in tasks.iter().enumerate() {
            self.setup.records = record.then(|| records(worker as u64));
            let setup = postcard::to_stdvec(&self.setup).map_err(io::Error::other)?;
            frame::send(pipe, 0, &setup)?;
            if let Some(data) = &self.data {
                frame::send(pipe, 0, data)?;
            }
        }
        Ok(())
    }
}
