//! `multiprocessing.Pool` of a real CPython.

use super::{Call, Engine, EngineError, EngineInfo, Job, Recording, Start, driver};

/// The engine `pool`.
#[derive(Debug)]
pub(super) struct Pool;

impl Engine for Pool {
    fn info(&self) -> &'static EngineInfo {
        &EngineInfo {
            name: "pool",
            what: "multiprocessing.Pool of CPython",
            calls: &[Call::Imap, Call::ImapUnordered, Call::Map, Call::Starmap, Call::Apply, Call::ApplyAsync],
            starts: &[Start::Fork, Start::Spawn, Start::Forkserver],
        }
    }

    fn run(&self, job: &Job<'_>) -> Result<Recording, EngineError> {
        driver::run(job, self.info())
    }
}
