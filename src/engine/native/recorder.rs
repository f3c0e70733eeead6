//! The files of records of the parent's threads: one for each, as a file is written by one thread.

use super::Task;
use crate::clock;
use sercost_record::{About, Record, Writer};

/// Writes the records of one thread. Nothing where nothing is recorded, or there is no room for a file.
pub(super) struct Recorder(Option<Writer>);

impl Recorder {
    /// A file of this name in the job's directory. Where there is no room for it, it stays empty, which is seen later.
    pub(super) fn new(task: &Task<'_>, name: &str) -> Self {
        let parent = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
        let file = task.job.settings.record.then(|| task.job.directory.mappable(&format!("{name}.records")));
        Recorder(file.and_then(|file| Writer::create(file.ok()?, &about(parent.into())).ok()))
    }

    /// Writes a record.
    pub(super) fn write(&mut self, thread: u64, record: impl Into<Record>) {
        if let Some(writer) = &mut self.0 {
            writer.write(thread, record);
        }
    }
}

/// The header of its records, about this process.
pub(super) fn about(parent: i64) -> About {
    About {
        pid: std::process::id().into(),
        parent,
        made: clock::now(),
        agent: env!("CARGO_PKG_VERSION").to_owned(),
        host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        arguments: std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect(),
    }
}
