//! The machine and its processes: how a process ends, what it is told by signals, where it finds itself and its memory,
//! and the directories that belong to one run.

mod descriptors;
mod directory;
mod environment;
mod process;
mod signal;

pub use descriptors::{read_descriptors, write_descriptors};
pub use directory::{RunDirectory, open_shared, remove_directories, remove_own};
pub use environment::{available_memory, environment};
pub use process::{ChildError, Registered, end_children, how_it_ended, is_readable, killed_by, own_program};
pub use signal::{Shutdown, heed_ends_of_files};

use crate::model::DEEP_STACK_BYTES;
use std::thread;

/// A thread for work that recurses as deep as a document is nested: codecs and readers do, and the readers' limit fits
/// this stack many times. Memory of a stack counts only once it is touched.
pub fn deep_thread() -> thread::Builder {
    thread::Builder::new().stack_size(DEEP_STACK_BYTES)
}
