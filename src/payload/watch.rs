//! The watch over the reading of a payload: whether it is still wanted, whether there is memory for it, how far it is.

use crate::model::Bytes;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Minds one reading. The default minds nothing.
#[derive(Clone, Default)]
pub struct Watch {
    /// Set when the payload is no longer wanted.
    pub interrupted: Arc<AtomicBool>,
    /// Tells what memory there is, in bytes, each time it is called.
    pub memory: Option<fn() -> Option<u64>>,
    /// `--max-unpacked`: what a compressed file may become; without it what fits in memory.
    pub most_unpacked: Option<u64>,
    /// Is told how far it is.
    pub progress: Option<Tell>,
}

/// Is told how far a reading is.
pub type Tell = Arc<dyn Fn(&ReadProgress) + Send + Sync>;

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadProgress {
    /// The present activity, as in `reading the values`.
    pub what: &'static str,
    /// The number of this pass over the file, from 0.
    pub pass: u32,
    /// The number of passes that there will be.
    pub passes: u32,
    /// The bytes of it that are done.
    pub done: u64,
    /// All of its bytes, where that is known.
    pub whole: Option<u64>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("most_unpacked", &self.most_unpacked).finish_non_exhaustive()
    }
}

/// Why a reading is not to go on, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stopped {
    /// In words.
    pub reason: String,
    /// The advice what to do about it.
    pub remedy: String,
}

/// The memory that a value takes until it was measured, as a multiple of itself: the value here, its encoding here and
/// in the receiving process, the decoded value there.
pub(super) const COPIES: u64 = 4;

impl Watch {
    /// Whether it is still wanted.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Says that it is not wanted any more.
    pub(super) fn go_on(&self) -> Result<(), Stopped> {
        match self.is_interrupted() {
            false => Ok(()),
            true => Err(Stopped { reason: "interrupted".into(), remedy: String::new() }),
        }
    }

    /// The memory that is available now.
    pub(super) fn available(&self) -> Option<u64> {
        self.memory.and_then(|memory| memory())
    }

    /// Says that `needs` more bytes are more than there are.
    pub(super) fn make_room(&self, needs: u64, whose: &str, remedy: &str) -> Result<(), Stopped> {
        match self.available() {
            Some(available) if needs > available => Err(Stopped {
                reason: format!("{} of memory needed ({whose}), {} available", Bytes(needs), Bytes(available)),
                remedy: remedy.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    pub(super) fn tell(&self, progress: &ReadProgress) {
        if let Some(tell) = &self.progress {
            tell(progress);
        }
    }
}
