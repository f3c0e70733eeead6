// Generated from mixed-column.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

pub type Root = Vec<Row>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub key: String,
    pub value: Option<Value>,
}

/// An integer stays one. Where the types must be known beforehand, use `f64`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Number {
    Int(i64),
    Float(f64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Bool(bool),
    Float(Number),
    String(String),
    List([u8; 2]),
    Record(ValueRecord),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueRecord {
    pub a: u8,
}
