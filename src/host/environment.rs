//! The machine that the numbers belong to.

use crate::clock::Quality;
use crate::model::Environment;
use rustix::process::{Resource, getrlimit};
use std::fs;
use std::path::Path;

/// The memory that new allocations could have, in bytes: what the system calls available, or what is left of the limit of
/// a control group or of this process (`ulimit -v`) if that is less. `None` where the system does not say.
pub fn available_memory() -> Option<u64> {
    [meminfo("MemAvailable:"), group_memory(), address_space()].into_iter().flatten().min()
}

/// The memory that the control groups leave, of this process's own up to the outermost that is seen from here. Pages of
/// files that were read are given back when a process wants the memory.
fn group_memory() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    Path::new("/sys/fs/cgroup").join(own).ancestors().filter_map(left_of_group).min()
}

fn left_of_group(group: &Path) -> Option<u64> {
    let number = |name: &str| fs::read_to_string(group.join(name)).ok()?.trim().parse::<u64>().ok();
    let (limit, used) = number("memory.max").zip(number("memory.current"))?;
    let statistics = fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
    let files = statistics.lines().find_map(|line| line.strip_prefix("inactive_file ")?.parse::<u64>().ok());
    Some(limit.saturating_sub(used.saturating_sub(files.unwrap_or(0))))
}

/// The rest of the address space that this process may have.
fn address_space() -> Option<u64> {
    let limit = getrlimit(Resource::As).current?;
    let status = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = status.split(' ').next()?.parse().ok()?;
    Some(limit.saturating_sub(pages.saturating_mul(rustix::param::page_size() as u64)))
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
