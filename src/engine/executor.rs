//! `concurrent.futures.ProcessPoolExecutor` of a real CPython.

use super::{Call, Engine, EngineError, EngineInfo, Job, Recording, Start, driver};

/// The engine `executor`.
#[derive(Debug)]
pub(super) struct Executor;

impl Engine for Executor {
    fn info(&self) -> &'static EngineInfo {
        &EngineInfo {
            name: "executor",
            what: "concurrent.futures.ProcessPoolExecutor of CPython",
            calls: &[Call::Submit, Call::Map],
            starts: &[Start::Fork, Start::Spawn, Start::Forkserver],
        }
    }

    fn run(&self, job: &Job<'_>) -> Result<Recording, EngineError> {
        driver::run(job, self.info())
    }
}
