// Generated from metrics-range.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

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
    pub values: Vec<(u32, String)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    #[serde(rename = "__name__")]
    pub _name: String,
    pub instance: String,
    pub job: String,
}
