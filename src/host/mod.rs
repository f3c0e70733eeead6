//! The machine and its processes: starting and ending them, how they talk, signals, the program's own path, free memory, and the private
//! directory of a run.

#[cfg(feature = "cli")]
mod cache;
mod descriptors;
mod directory;
mod environment;
mod frame;
mod process;
#[cfg(feature = "cli")]
mod signal;
mod unnamed;

#[cfg(feature = "cli")]
pub use cache::CacheDirectory;
pub use descriptors::{read_descriptors, write_descriptors};
pub use directory::{RunDirectory, open_shared, remove_directories, remove_own};
pub use environment::{available_memory, environment};
pub use frame::{read_frame, write_frame};
pub use process::{ChildError, Registered, end_children, end_group, how_it_ended, is_readable, killed_by, own_program};
#[cfg(feature = "cli")]
pub use signal::{Shutdown, heed_ends_of_files};
pub use unnamed::{memory_file, unnamed_file};

use crate::model::DEEP_STACK_BYTES;
use std::thread;

/// A builder of threads for codecs and readers, which recurse as deep as a document is nested. The readers' limit fits the
/// stack many times; its memory counts only once it is touched.
pub fn deep_thread() -> thread::Builder {
    thread::Builder::new().stack_size(DEEP_STACK_BYTES)
}
