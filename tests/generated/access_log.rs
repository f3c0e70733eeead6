// Generated from access-log.ndjson by `UPDATE_GENERATED=1 cargo test --test schemas`; do not edit.

use serde::{Deserialize, Serialize};

pub type Root = Vec<Row>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub time: String,
    pub client: String,
    pub method: String,
    pub path: String,
    pub status: u16,
    pub bytes: u32,
    pub millis: f32,
    pub agent: String,
    pub user: Option<String>,
    pub referer: Option<String>,
    pub error: Option<Error>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Error {
    pub code: u8,
    pub message: String,
    pub retried: bool,
}
