//! An allocator that counts while it is asked to, and otherwise only hands through to another, usually the system's.

use crate::model::Allocations;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

/// An allocator with counters, to be installed as the global allocator of a binary.
///
/// While nobody counts, the cost is one relaxed load and a predicted branch per call.
#[derive(Debug)]
pub struct CountingAllocator<A = System>(A);

impl CountingAllocator {
    /// The system's allocator with counters.
    #[must_use]
    pub const fn new() -> Self {
        CountingAllocator(System)
    }
}

impl Default for CountingAllocator {
    fn default() -> Self {
        CountingAllocator::new()
    }
}

impl<A> CountingAllocator<A> {
    /// Counters over the allocator that the program has.
    pub const fn over(inner: A) -> Self {
        CountingAllocator(inner)
    }
}

static COUNTING: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static GROWS: AtomicU64 = AtomicU64::new(0);
static SHRINKS: AtomicU64 = AtomicU64::new(0);
static LIVE: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);

#[cold]
fn obtained(bytes: usize) {
    COUNT.fetch_add(1, Relaxed);
    BYTES.fetch_add(bytes as u64, Relaxed);
    lives(bytes as i64);
}

#[cold]
fn gave_back(bytes: usize) {
    LIVE.fetch_sub(bytes as i64, Relaxed);
}

/// A block that grows asks for memory of its new size, since it may have to move; one that shrinks asks for none.
#[cold]
fn resized(before: usize, after: usize) {
    if after > before {
        COUNT.fetch_add(1, Relaxed);
        BYTES.fetch_add(after as u64, Relaxed);
        GROWS.fetch_add(1, Relaxed);
    } else if after < before {
        SHRINKS.fetch_add(1, Relaxed);
    }
    lives(after as i64 - before as i64);
}

fn lives(more: i64) {
    let now = LIVE.fetch_add(more, Relaxed) + more;
    PEAK.fetch_max(now, Relaxed);
}

// SAFETY: every method hands its arguments unchanged to the inner allocator and returns what that returned; the counters
// are atomics that allocate nothing.
unsafe impl<A: GlobalAlloc> GlobalAlloc for CountingAllocator<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTING.load(Relaxed) {
            obtained(layout.size());
        }
        // SAFETY: the caller upholds `GlobalAlloc::alloc`'s contract, which is the inner allocator's.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if COUNTING.load(Relaxed) {
            obtained(layout.size());
        }
        // SAFETY: as in `alloc`.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if COUNTING.load(Relaxed) {
            gave_back(layout.size());
        }
        // SAFETY: as in `alloc`; `block` came from the inner allocator by way of this one.
        unsafe { self.0.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if COUNTING.load(Relaxed) {
            resized(layout.size(), size);
        }
        // SAFETY: as in `dealloc`.
        unsafe { self.0.realloc(block, layout, size) }
    }
}

/// Runs `operation` and counts what it allocates, in all threads of the process.
///
/// The result is `None` where [`CountingAllocator`] is not the global allocator (nothing at all was counted although
/// this function itself allocates once for the check). `peak_resident_bytes` is left `None`.
pub fn count_allocations<T>(operation: impl FnOnce() -> T) -> (T, Option<Allocations>) {
    for counter in [&COUNT, &BYTES, &GROWS, &SHRINKS] {
        counter.store(0, Relaxed);
    }
    COUNTING.store(true, Relaxed);
    drop(std::hint::black_box(Box::new(0u8)));
    let installed = COUNT.swap(0, Relaxed) == 1;
    BYTES.store(0, Relaxed);
    LIVE.store(0, Relaxed);
    PEAK.store(0, Relaxed);
    let stop = StopOnDrop;
    let value = operation();
    drop(stop);
    let counted = Allocations {
        count: Some(COUNT.load(Relaxed)),
        bytes: Some(BYTES.load(Relaxed)),
        peak_bytes: Some(PEAK.load(Relaxed).max(0) as u64),
        peak_resident_bytes: None,
        grows: Some(GROWS.load(Relaxed)),
        shrinks: Some(SHRINKS.load(Relaxed)),
    };
    (value, installed.then_some(counted))
}

/// Stops the counting also when the operation panics.
struct StopOnDrop;

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        COUNTING.store(false, Relaxed);
    }
}
