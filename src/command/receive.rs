//! The hidden verb `receive`: the receiving process of another sercost, whose control socket is standard input.

use crate::measure::receive_on_stdin;
use anyhow::{Context, bail};
use std::process::ExitCode;

pub(super) fn run() -> anyhow::Result<ExitCode> {
    match receive_on_stdin(&[]) {
        Some(served) => served.context("the receiving process lost its sender")?,
        None => {
            bail!("standard input is not a socket: \"receive\" is started by sercost itself and cannot be used by hand")
        }
    }
    Ok(ExitCode::SUCCESS)
}
