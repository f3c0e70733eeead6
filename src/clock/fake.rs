//! A clock that moves by itself: each reading is a microsecond after the one before, in all threads that share it. For tests that
//! hold two runs against each other byte for byte.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The time of the next reading.
pub(crate) type FakeClock = Arc<AtomicU64>;

thread_local! {
    static CLOCK: RefCell<Option<FakeClock>> = const { RefCell::new(None) };
}

/// From here on this thread reads `clock`; the system's without one.
pub(crate) fn install(clock: Option<FakeClock>) {
    CLOCK.set(clock);
}

/// The clock that this thread reads, for another thread to read it too.
pub(crate) fn installed() -> Option<FakeClock> {
    CLOCK.with_borrow(Clone::clone)
}

pub(super) fn now() -> Option<u64> {
    CLOCK.with_borrow(|clock| Some(clock.as_ref()?.fetch_add(1000, Ordering::Relaxed)))
}
