// Generated from file-tree.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

pub type Root = Vec<Row>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub r#type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contents: Option<Vec<Row>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directories: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
}
