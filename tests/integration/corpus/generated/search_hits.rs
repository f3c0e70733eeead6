// Generated from search-hits.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub took: u8,
    pub timed_out: bool,
    pub _shards: Shards,
    pub hits: Hits,
    pub aggregations: Aggregations,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shards {
    pub total: u8,
    pub successful: u8,
    pub skipped: u8,
    pub failed: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hits {
    pub total: Total,
    pub max_score: f64,
    pub hits: Vec<Hit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    pub value: u16,
    pub relation: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    pub _index: String,
    pub _id: String,
    pub _score: f64,
    pub _source: Source,
    pub sort: (u64, String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    #[serde(rename = "@timestamp")]
    pub timestamp: String,
    pub message: String,
    #[serde(rename = "host.name")]
    pub host_name: String,
    #[serde(rename = "http.status")]
    pub http_status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aggregations {
    pub by_host: ByHost,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ByHost {
    pub buckets: Vec<Bucket>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    pub key: String,
    pub doc_count: u16,
}
