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
    if let Ok(lock) = std::fs::read(LOCK) {
        println!("cargo::rustc-env=SERCOST_LOCK=xxh3:{:016x}", xxh3_64(&lock));
        println!("cargo::rerun-if-changed={LOCK}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
