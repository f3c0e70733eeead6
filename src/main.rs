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
    let (end, ended) = std::sync::mpsc::channel();
    let work = move || {
        let early = end.clone();
        // Nobody listens any more once the program has ended.
        let leave = move |code| _ = early.send(code);
        let _ = end.send(sercost::command::run(&args, &leave));
    };
    // Memory of a stack counts only once it is touched.
    match std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work) {
        // The thread is not waited for: it may be in an operation that the user did not want to wait for. A panic there has printed
        // its own message.
        Ok(_) => ended.recv().unwrap_or(ExitCode::from(2)),
        Err(error) => {
            sercost::ui::error(&format!("cannot start a thread: {error}"));
            ExitCode::from(2)
        }
    }
}
