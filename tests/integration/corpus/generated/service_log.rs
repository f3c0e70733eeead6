// Generated from service-log.ndjson by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

pub type Root = Vec<Row>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    #[serde(rename = "@timestamp")]
    pub timestamp: String,
    #[serde(rename = "log.level")]
    pub log_level: String,
    pub message: String,
    #[serde(rename = "service.name")]
    pub service_name: String,
    #[serde(rename = "trace.id")]
    pub trace_id: String,
    #[serde(rename = "error.type")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    #[serde(rename = "error.stack_trace")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_stack_trace: Option<String>,
}
