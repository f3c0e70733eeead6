// Generated from telemetry.msgpack by `UPDATE_GENERATED=1 cargo test --test integration schemas`; do not edit.

// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub site: String,
    pub readings: Vec<Reading>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub device: String,
    pub at: u64,
    pub celsius: f32,
    pub volts: f32,
    pub position: [f64; 2],
    pub counters: BTreeMap<u8, u32>,
    #[serde(with = "serde_bytes")]
    pub frame: Vec<u8>,
    pub ok: bool,
    pub fault: Option<i8>,
}
