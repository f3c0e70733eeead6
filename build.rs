//! Tells the program which compiler built it, and from which versions of its dependencies, for the environment in
//! results files.

use std::process::Command;
use xxhash_rust::xxh3::xxh3_64;

/// The versions of everything that is measured.
const LOCK: &str = "Cargo.lock";

fn main() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .unwrap_or_else(|| "unknown".into());
    println!("cargo::rustc-env=SERCOST_RUSTC_VERSION={}", version.trim());
    // Not the commit: each one would compile the whole program anew, and most of them change no number.
    let lock = std::fs::read(LOCK);
    // The programs that are generated for types of a payload are built with the versions of this one.
    let kept = std::env::var_os("OUT_DIR").map(|folder| std::path::Path::new(&folder).join(LOCK));
    if let Some(Err(error)) = kept.map(|kept| std::fs::write(kept, lock.as_deref().unwrap_or_default())) {
        println!("cargo::error=cannot keep {LOCK}: {error}");
    }
    if let Ok(lock) = lock {
        println!("cargo::rustc-env=SERCOST_LOCK=xxh3:{:016x}", xxh3_64(&lock));
        println!("cargo::rerun-if-changed={LOCK}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
