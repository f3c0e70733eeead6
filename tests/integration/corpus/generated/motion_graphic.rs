// Generated from motion-graphic.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub v: String,
    pub fr: u8,
    pub ip: u8,
    pub op: u8,
    pub w: u16,
    pub h: u16,
    pub nm: String,
    pub ddd: u8,
    pub assets: Vec<()>,
    pub layers: Vec<Layer>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    pub ddd: u8,
    pub ind: u8,
    pub ty: u8,
    pub nm: String,
    pub sr: u8,
    pub ks: Ks,
    pub ao: u8,
    pub ip: u8,
    pub op: u8,
    pub st: u8,
    pub bm: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ks {
    pub o: O,
    pub r: O,
    pub p: O,
    pub a: O,
    pub s: O,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct O {
    pub a: u8,
    pub k: K,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum K {
    Int(u8),
    List(Vec<KItem>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KItem {
    Int(u16),
    Record(KItemRecord),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KItemRecord {
    pub t: u8,
    pub s: Vec<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub i: Option<I>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct I {
    pub x: Vec<f64>,
    pub y: Vec<u8>,
}
