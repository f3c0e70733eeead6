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
    pub data: ChildData,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildData {
    pub id: String,
    pub author: String,
    pub body: String,
    pub ups: u16,
    pub edited: f64,
    pub depth: u8,
    pub replies: ChildDataReplies,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ChildDataReplies {
    String(String),
    Record(ChildDataRepliesRepliesRecord),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildDataRepliesRepliesRecord {
    pub kind: String,
    pub data: ChildDataRepliesRepliesRecordData,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildDataRepliesRepliesRecordData {
    pub children: Vec<ChildDataRepliesRepliesRecordDataChild>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildDataRepliesRepliesRecordDataChild {
    pub kind: String,
    pub data: ChildDataRepliesRepliesRecordDataChildData,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildDataRepliesRepliesRecordDataChildData {
    pub id: String,
    pub author: String,
    pub body: String,
    pub ups: u8,
    pub edited: bool,
    pub depth: u8,
    pub replies: ChildDataRepliesRepliesRecordDataChildDataReplies,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildDataRepliesRepliesRecordDataChildDataReplies {
    pub kind: String,
    pub data: ChildDataRepliesRepliesRecordDataChildDataRepliesData,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildDataRepliesRepliesRecordDataChildDataRepliesData {
    pub children: Vec<ChildDataRepliesRepliesRecordDataChildDataRepliesDataChild>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildDataRepliesRepliesRecordDataChildDataRepliesDataChild {
    pub kind: String,
    pub data: ChildDataRepliesRepliesRecordDataChildDataRepliesDataChildData,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildDataRepliesRepliesRecordDataChildDataRepliesDataChildData {
    pub id: String,
    pub author: String,
    pub body: String,
    pub ups: u16,
    pub edited: Edited,
    pub depth: u8,
    pub replies: ChildDataRepliesRepliesRecordDataChildDataRepliesDataChildDataReplies,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ChildDataRepliesRepliesRecordDataChildDataRepliesDataChildDataReplies {
    String(String),
    Record(ChildDataRepliesRepliesRecordDataChildDataRepliesDataChildDataRepliesRepliesRecord),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildDataRepliesRepliesRecordDataChildDataRepliesDataChildDataRepliesRepliesRecord {
    pub kind: String,
    pub data: ChildDataRepliesRepliesRecordDataChildDataRepliesDataChildDataRepliesRepliesRecordData,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildDataRepliesRepliesRecordDataChildDataRepliesDataChildDataRepliesRepliesRecordData {
    pub children: Vec<ChildDataRepliesRepliesRecordDataChildDataRepliesDataChildDataRepliesRepliesRecordDataChild>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildDataRepliesRepliesRecordDataChildDataRepliesDataChildDataRepliesRepliesRecordDataChild {
    pub kind: String,
    pub data: ChildDataRepliesRepliesRecordDataChildDataRepliesDataChildDataRepliesRepliesRecordDataChildData,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildDataRepliesRepliesRecordDataChildDataRepliesDataChildDataRepliesRepliesRecordDataChildData {
    pub id: String,
    pub author: String,
    pub body: String,
    pub ups: u8,
    pub edited: f64,
    pub depth: u8,
    pub replies: String,
}
