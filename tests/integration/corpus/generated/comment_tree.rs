// Generated from comment-tree.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

pub type Root = Vec<Row>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub kind: String,
    pub data: Data,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Data {
    pub id: String,
    pub author: String,
    pub body: String,
    pub ups: u16,
    pub edited: Edited,
    pub depth: u8,
    pub replies: Replies,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Edited {
    Bool(bool),
    Float(f64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Replies {
    String(String),
    Record(RepliesRecord),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepliesRecord {
    pub kind: String,
    pub data: RepliesRecordData,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepliesRecordData {
    pub children: Vec<Child>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Child {
    pub kind: String,
    pub data: Box<Data>,
}
