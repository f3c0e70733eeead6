// Generated from journal.ndjson by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

pub type Root = Vec<Row>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    #[serde(rename = "__CURSOR")]
    pub _cursor: String,
    #[serde(rename = "__REALTIME_TIMESTAMP")]
    pub _realtime_timestamp: String,
    #[serde(rename = "_PID")]
    pub _pid: String,
    #[serde(rename = "PRIORITY")]
    pub priority: String,
    #[serde(rename = "MESSAGE")]
    pub message: MESSAGE,
    #[serde(rename = "_SYSTEMD_UNIT")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _systemd_unit: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MESSAGE {
    String(String),
    List(Vec<u8>),
}
