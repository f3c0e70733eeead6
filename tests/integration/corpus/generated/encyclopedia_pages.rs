// Generated from encyclopedia-pages.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub batchcomplete: String,
    pub query: Query,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Query {
    pub pages: BTreeMap<String, Page>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    pub pageid: u32,
    pub ns: u8,
    pub title: String,
    pub extract: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Thumbnail>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thumbnail {
    pub source: String,
    pub width: u8,
    pub height: u8,
}
