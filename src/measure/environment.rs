//! The machine that the numbers belong to.

use crate::clock::Quality;
use crate::model::Environment;
use std::fs;

/// The memory that a new allocation could have, in bytes: what the system calls available, or what is left of the
/// control group's limit if that is less. `None` where the system does not say.
pub fn available_memory() -> Option<u64> {
    let system = meminfo("MemAvailable:");
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let group = number("/sys/fs/cgroup/memory.max")
        .zip(number("/sys/fs/cgroup/memory.current"))
        .map(|(limit, used)| limit.saturating_sub(used));
    match (system, group) {
        (Some(system), Some(group)) => Some(system.min(group)),
        (system, group) => system.or(group),
    }
}

fn meminfo(member: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(member))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Everything about the machine and this program that the results file keeps.
pub fn environment(
    clock: Quality,
    command: Vec<String>,
    started_at: String,
    seed: u64,
    buffer_policy: &str,
    time_budget_ns: Option<u64>,
) -> Environment {
    let system = rustix::system::uname();
    let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    Environment {
        sercost_version: env!("CARGO_PKG_VERSION").to_owned(),
        lock_digest: option_env!("SERCOST_LOCK").map(str::to_owned),
        rustc_version: env!("SERCOST_RUSTC_VERSION").to_owned(),
        build_profile: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
        started_at,
        command,
        system: format!("{} {} {}", text(system.sysname()), text(system.release()), text(system.machine())),
        cpu_model: cpu_model(),
        cpus: std::thread::available_parallelism().map_or(1, |cpus| cpus.get() as u64),
        cpu_governor: fs::read_to_string("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
            .ok()
            .map(|governor| governor.trim().to_owned()),
        memory_bytes: meminfo("MemTotal:"),
        clock_precision_ns: clock.precision_ns,
        clock_overhead_ns: clock.overhead_ns,
        seed,
        buffer_policy: buffer_policy.to_owned(),
        time_budget_ns,
        complete: false,
        interpreters: Vec::new(),
    }
}

fn cpu_model() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name") || line.starts_with("Model"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
