//! The command-line program.

use clap::Parser;
use sercost::args::Args;
use sercost::clock::CountingAllocator;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

fn main() -> ExitCode {
    sercost::command::supervise(Args::parse())
}
