//! How quiet the machine is while something is measured.

use crate::model::Noise;
use std::fs;

/// Looks at the machine before and after.
#[derive(Debug)]
pub(super) struct NoiseWatch {
    load_average: Option<f64>,
    /// All processors' time and the part of it that the host gave to others, in ticks, at the start.
    ticks: Option<(u64, u64)>,
    /// Nanoseconds inside operations, and those that their thread was on a processor.
    wall_ns: u64,
    cpu_ns: u64,
}

impl NoiseWatch {
    /// Begins. The load of the minute before says nothing where this call has made it itself.
    pub(super) fn start(own_load: bool) -> Self {
        let load = system("/proc/loadavg").filter(|_| !own_load);
        NoiseWatch {
            load_average: load.and_then(|text| text.split_whitespace().next()?.parse().ok()),
            ticks: system("/proc/stat").and_then(|text| ticks(&text)),
            wall_ns: 0,
            cpu_ns: 0,
        }
    }

    /// An operation took so long, and was on a processor for so much of it.
    pub(super) fn operation(&mut self, wall_ns: u64, cpu_ns: u64) {
        self.wall_ns += wall_ns;
        // The two clocks are not read at the same moment.
        self.cpu_ns += cpu_ns.min(wall_ns);
    }

    /// Puts what was seen into `noise`.
    pub(super) fn end(&self, noise: &mut Noise) {
        noise.load_average = self.load_average;
        noise.cpu_share = (self.wall_ns > 0).then(|| self.cpu_ns as f64 / self.wall_ns as f64);
        let now = system("/proc/stat").and_then(|text| ticks(&text));
        noise.stolen_share = self.ticks.zip(now).and_then(|((all_before, before), (all, stolen))| {
            let all = all.checked_sub(all_before).filter(|&all| all > 0)?;
            Some(stolen.saturating_sub(before) as f64 / all as f64)
        });
    }
}

fn system(path: &str) -> Option<String> {
    // A test whose time is made up makes up the machine too.
    #[cfg(test)]
    crate::clock::fake::installed().map_or(Some(()), |_| None)?;
    fs::read_to_string(path).ok()
}

/// All ticks and the stolen ones, from the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal.
/// The two columns behind those are parts of the first.
fn ticks(text: &str) -> Option<(u64, u64)> {
    let line = text.lines().next()?.strip_prefix("cpu ")?;
    let columns: Vec<u64> = line.split_whitespace().take(8).filter_map(|column| column.parse().ok()).collect();
    let stolen = *columns.get(7)?;
    Some((columns.iter().sum(), stolen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_those_of_the_first_eight_columns() {
        let text = "cpu  10 1 5 80 2 0 1 1 7 0\ncpu0 5 0 0 0 0 0 0 0 0 0\n";
        assert_eq!(ticks(text), Some((100, 1)));
        assert_eq!(ticks("cpu  10 1 5 80"), None);
        assert_eq!(ticks(""), None);
    }

    #[test]
    fn the_share_of_a_processor_is_that_of_all_operations_together() {
        let mut watch = NoiseWatch { load_average: None, ticks: None, wall_ns: 0, cpu_ns: 0 };
        let mut noise = Noise::default();
        watch.end(&mut noise);
        assert_eq!(noise.cpu_share, None);
        watch.operation(100, 90);
        watch.operation(300, 310);
        watch.end(&mut noise);
        assert_eq!(noise.cpu_share, Some(390.0 / 400.0));
    }
}
