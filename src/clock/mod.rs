//! Time and memory as they are measured: one clock for all processes, what reading it costs, a counting allocator,
//! and the resident set.
//!
//! Every stamp of sercost is CLOCK_MONOTONIC in nanoseconds, so that stamps of two processes of one machine can be
//! subtracted from one another. No other module reads a clock.

mod allocator;
#[cfg(test)]
pub(crate) mod fake;
mod resident;

pub use allocator::{CountingAllocator, count_allocations};
pub use resident::{peak_resident_bytes, reset_peak_resident};

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds of CLOCK_MONOTONIC.
#[inline]
pub fn now() -> u64 {
    #[cfg(test)]
    if let Some(time) = fake::now() {
        return time;
    }
    let time = clock_gettime(ClockId::Monotonic);
    // The clock starts near boot and is never negative.
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Nanoseconds that this thread was on a CPU. A system call, so some hundred nanoseconds dearer than [`now`].
pub fn thread_cpu() -> u64 {
    #[cfg(test)]
    if let Some(time) = fake::now() {
        return time;
    }
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The resolution of the clock, and the cost of reading it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// The smallest step seen between two different readings, in nanoseconds.
    pub precision_ns: f64,
    /// The median cost of one reading, in nanoseconds.
    pub overhead_ns: f64,
}

impl Quality {
    /// Measures the clock; takes some two milliseconds.
    pub fn measure() -> Quality {
        let mut precision = u64::MAX;
        for _ in 0..1000 {
            let start = now();
            let mut end = now();
            while end == start {
                end = now();
            }
            precision = precision.min(end - start);
        }
        const READINGS: u32 = 100;
        let mut costs: Vec<f64> = (0..101)
            .map(|_| {
                let start = now();
                for _ in 0..READINGS {
                    std::hint::black_box(now());
                }
                (now() - start) as f64 / f64::from(READINGS + 1)
            })
            .collect();
        costs.sort_by(f64::total_cmp);
        Quality { precision_ns: precision as f64, overhead_ns: costs[costs.len() / 2] }
    }

    /// How long a sample has to be, in nanoseconds, for the clock to err by at most a fifth of a percent.
    pub fn shortest_sample_ns(&self) -> f64 {
        500.0 * (self.precision_ns + self.overhead_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_forward_and_its_quality_is_finite() {
        let (first, second) = (now(), now());
        assert!(second >= first);
        let quality = Quality::measure();
        assert!(quality.precision_ns >= 1.0);
        assert!(quality.overhead_ns > 0.0);
        assert!(quality.shortest_sample_ns().is_finite());
    }
}
