//! The hidden verb `work`: a worker process of another sercost, with tasks on standard input and results on standard
//! output.

use crate::engine;
use anyhow::{Context, bail};
use rustix::fs::{FileType, fstat};
use std::io;
use std::os::fd::AsFd;
use std::process::ExitCode;

pub(super) fn run() -> anyhow::Result<ExitCode> {
    let tasks = io::stdin().as_fd().try_clone_to_owned().context("cannot take over standard input")?;
    let results = io::stdout().as_fd().try_clone_to_owned().context("cannot take over standard output")?;
    for end in [&tasks, &results] {
        if !fstat(end).is_ok_and(|found| FileType::from_raw_mode(found.st_mode) == FileType::Fifo) {
            bail!(
                "standard input and output are not pipes: \"work\" is started by sercost itself, and of no use by hand"
            );
        }
    }
    engine::work(tasks, results).context("the worker process lost its parent")?;
    Ok(ExitCode::SUCCESS)
}
