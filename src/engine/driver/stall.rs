//! Noticing that a scenario has come to a stop: no task ends, and no process of it computes.

use crate::ledger::Records;
use std::fs;
use std::path::Path;

/// How often it is looked at.
const PAUSE_NS: u64 = 1_000_000_000;
/// The share of the time in which processes that compute do more than wake up now and then.
const COMPUTES: f64 = 0.01;

/// The last sign of life of a scenario.
pub(super) struct Stall {
    /// The group of its processes.
    group: i32,
    /// How long there may be none.
    limit_ns: u64,
    looked: u64,
    /// When there was one, and the CPU time of the group then.
    alive: u64,
    cpu_ns: u64,
    /// The latest stamp of its records.
    stamp: u64,
}

impl Stall {
    pub(super) fn new(group: i32, limit_ns: u64) -> Stall {
        Stall { group, limit_ns, looked: 0, alive: 0, cpu_ns: 0, stamp: 0 }
    }

    /// Whether a call that began at `since` has shown no sign of life for too long. Its records are in `directory`.
    pub(super) fn is_over(&mut self, now: u64, since: u64, directory: &Path) -> bool {
        if now - self.looked < PAUSE_NS.min(self.limit_ns / 4) {
            return false;
        }
        self.looked = now;
        let stamp = Records::find(directory).map_or(0, |records| records.last_stamp());
        let cpu_ns = cpu_time(self.group);
        let computed = cpu_ns.saturating_sub(self.cpu_ns) as f64;
        if self.alive < since || stamp != self.stamp || computed > COMPUTES * self.limit_ns as f64 {
            (self.alive, self.stamp, self.cpu_ns) = (now, stamp, cpu_ns);
        }
        now - self.alive > self.limit_ns
    }
}

/// The CPU time of all processes of a group, in nanoseconds.
fn cpu_time(group: i32) -> u64 {
    let ticks: u64 = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            name.to_str()?.parse::<u32>().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // Behind the name, which may have anything in it.
            let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split_whitespace().collect();
            let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
            (number(2)? == group as u64).then_some(number(11)? + number(12)?)
        })
        .sum();
    ticks.saturating_mul(1_000_000_000 / rustix::param::clock_ticks_per_second().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A group of no process: the threads of the kernel are in group 0.
    const NOBODY: i32 = i32::MAX;

    #[test]
    fn a_process_that_computes_has_not_come_to_a_stop() {
        let own = rustix::process::getpgrp().as_raw_nonzero().get();
        let before = cpu_time(own);
        let mut sum = 0u64;
        while cpu_time(own) < before + 50_000_000 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert_eq!(cpu_time(NOBODY), 0);
    }

    #[test]
    fn silence_is_counted_from_the_last_sign_of_life() {
        let nowhere = Path::new("/nowhere");
        let mut stall = Stall::new(NOBODY, 40);
        assert!(!stall.is_over(1000, 990, nowhere));
        assert!(!stall.is_over(1030, 990, nowhere));
        assert!(stall.is_over(1050, 990, nowhere));
        // Another call has begun.
        assert!(!stall.is_over(1070, 1060, nowhere));
    }
}
