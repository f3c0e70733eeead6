//! The command-line program.

use clap::Parser;
use sercost::args::Args;
use sercost::clock::CountingAllocator;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Codecs and readers recurse as deep as a document is nested; the readers' limit fits this many times.
const STACK_BYTES: usize = 256 << 20;

fn main() -> ExitCode {
    let args = Args::parse();
    // Memory of a stack counts only once it is touched.
    let work = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || sercost::command::run(&args));
    match work.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        // The panic has printed its own message.
        Ok(Err(_)) => ExitCode::from(2),
        Err(error) => {
            sercost::ui::error(&format!("cannot start a thread: {error}"));
            ExitCode::from(2)
        }
    }
}
