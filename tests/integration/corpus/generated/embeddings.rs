// Generated from embeddings.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub object: String,
    pub model: String,
    pub data: Vec<Data>,
    pub usage: Usage,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Data {
    pub object: String,
    pub index: u8,
    pub embedding: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    pub prompt_tokens: u8,
    pub total_tokens: u8,
}
