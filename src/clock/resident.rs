//! The resident set of this process.
//!
//! `ru_maxrss` is not usable here: a child that was just spawned by a large parent reports the parent's size. The
//! high-water mark in `/proc/self/status` belongs to the process itself and can be reset.

/// The most memory this process had resident since its start or the last [`reset_peak_resident`], in bytes; `None`
/// where the system does not say.
pub fn peak_resident_bytes() -> Option<u64> {
    #[cfg(test)]
    super::fake::installed().map_or(Some(()), |_| None)?;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Sets the high-water mark to what is resident now. Returns whether the system could.
pub fn reset_peak_resident() -> bool {
    // "5" is documented in proc(5): reset the peak resident set size.
    std::fs::write("/proc/self/clear_refs", "5").is_ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_peak_follows_a_large_allocation() {
        let before = peak_resident_bytes().expect("Linux has VmHWM");
        let block = std::hint::black_box(vec![1u8; 64 << 20]);
        let after = peak_resident_bytes().expect("Linux has VmHWM");
        assert!(after >= before.max(block.len() as u64));
    }
}
