// Generated from istanbul-coverage.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub type Root = BTreeMap<String, Entry>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub path: String,
    #[serde(rename = "statementMap")]
    pub statement_map: BTreeMap<String, StatementMap>,
    #[serde(rename = "fnMap")]
    pub fn_map: FnMap,
    pub s: BTreeMap<String, u8>,
    pub f: F,
    pub b: BTreeMap<String, [u8; 2]>,
    #[serde(rename = "branchMap")]
    pub branch_map: BTreeMap<String, BranchMap>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatementMap {
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
    pub _0: N0,
    #[serde(rename = "1")]
    pub _1: N0,
    #[serde(rename = "2")]
    pub _2: N0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct N0 {
    pub name: String,
    pub decl: StatementMap,
    pub line: u8,
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
pub struct BranchMap {
    pub loc: StatementMap,
    pub r#type: String,
    pub locations: Vec<StatementMap>,
}
