// Generated from metrics-vector.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub status: String,
    pub data: Data,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Data {
    #[serde(rename = "resultType")]
    pub result_type: String,
    pub result: Vec<ResultValue>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultValue {
    pub metric: Metric,
    pub value: (f64, String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    #[serde(rename = "__name__")]
    pub _name: String,
    pub job: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
}
