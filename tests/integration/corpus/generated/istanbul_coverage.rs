// Generated from istanbul-coverage.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub type Root = BTreeMap<String, Entry>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub path: String,
    #[serde(rename = "statementMap")]
    pub statement_map: StatementMap,
    #[serde(rename = "fnMap")]
    pub fn_map: FnMap,
    pub s: S,
    pub f: F,
    pub b: B,
    #[serde(rename = "branchMap")]
    pub branch_map: BranchMap,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatementMap {
    #[serde(rename = "0")]
    pub _0: N0,
    #[serde(rename = "1")]
    pub _1: N0,
    #[serde(rename = "2")]
    pub _2: N0,
    #[serde(rename = "3")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _3: Option<N0>,
    #[serde(rename = "4")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _4: Option<N0>,
    #[serde(rename = "5")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _5: Option<N0>,
    #[serde(rename = "6")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _6: Option<N0>,
    #[serde(rename = "7")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _7: Option<N0>,
    #[serde(rename = "8")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _8: Option<N0>,
    #[serde(rename = "9")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _9: Option<N0>,
    #[serde(rename = "10")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _10: Option<N0>,
    #[serde(rename = "11")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _11: Option<N0>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct N0 {
    pub start: Start,
    pub end: Start,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    pub line: u8,
    pub column: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FnMap {
    #[serde(rename = "0")]
    pub _0: FnMapN0,
    #[serde(rename = "1")]
    pub _1: FnMapN0,
    #[serde(rename = "2")]
    pub _2: FnMapN0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FnMapN0 {
    pub name: String,
    pub decl: N0,
    pub line: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct S {
    #[serde(rename = "0")]
    pub _0: u8,
    #[serde(rename = "1")]
    pub _1: u8,
    #[serde(rename = "2")]
    pub _2: u8,
    #[serde(rename = "3")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _3: Option<u8>,
    #[serde(rename = "4")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _4: Option<u8>,
    #[serde(rename = "5")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _5: Option<u8>,
    #[serde(rename = "6")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _6: Option<u8>,
    #[serde(rename = "7")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _7: Option<u8>,
    #[serde(rename = "8")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _8: Option<u8>,
    #[serde(rename = "9")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _9: Option<u8>,
    #[serde(rename = "10")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _10: Option<u8>,
    #[serde(rename = "11")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub _11: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct F {
    #[serde(rename = "0")]
    pub _0: u8,
    #[serde(rename = "1")]
    pub _1: u8,
    #[serde(rename = "2")]
    pub _2: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct B {
    #[serde(rename = "0")]
    pub _0: [u8; 2],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BranchMap {
    #[serde(rename = "0")]
    pub _0: BranchMapN0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BranchMapN0 {
    pub loc: N0,
    pub r#type: String,
    pub locations: Vec<N0>,
}
