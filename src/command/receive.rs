//! The hidden verb `receive`: the receiving process of another sercost, whose control socket is standard input.

use crate::measure;
use anyhow::{Context, bail};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

pub(super) fn run() -> anyhow::Result<ExitCode> {
    let control = std::io::stdin().as_fd().try_clone_to_owned().context("cannot take over standard input")?;
    let control = UnixStream::from(control);
    if control.peer_addr().is_err() {
        bail!("standard input is no socket: \"receive\" is started by sercost itself, and of no use by hand");
    }
    // A long decoding would go on for nobody when the sender is gone. Where this cannot be had, it ends after that.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    measure::receive(control).context("the receiving process lost its sender")?;
    Ok(ExitCode::SUCCESS)
}
