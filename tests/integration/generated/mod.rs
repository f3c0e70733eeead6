//! The Rust types that `--show-schema rust` prints for the fixtures, compiled: what users paste must work.

#![allow(dead_code, reason = "the tests decode and compare whole values")]

pub mod access_log;
pub mod config;
pub mod mesh;
pub mod odd_names;
pub mod orders;
pub mod places;
pub mod stations;
pub mod telemetry;
