// Generated from config.json by `UPDATE_GENERATED=1 cargo test --test integration schemas`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub version: u8,
    pub service: Service,
    pub settings: Vec<Setting>,
    pub routes: BTreeMap<String, Route>,
    pub rules: Vec<Rule>,
    pub limits: Limits,
    pub r#type: String,
    #[serde(rename = "self")]
    pub self_: bool,
    #[serde(rename = "user-agent")]
    pub user_agent: String,
    #[serde(rename = "Größe")]
    pub größe: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Service {
    pub name: String,
    pub listen: Listen,
    pub tls: Tls,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listen {
    pub host: String,
    pub port: u16,
    pub backlog: u16,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tls {
    pub cert: String,
    pub key: String,
    pub versions: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    pub key: String,
    pub value: Option<Value>,
}

/// An integer stays one. Where the types must be known beforehand, use `f64`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Number {
    Int(i64),
    Float(f64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Bool(bool),
    Float(Number),
    String(String),
    List(Vec<String>),
    Record(ValueRecord),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueRecord {
    pub soft: u8,
    pub hard: u16,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    pub upstream: String,
    pub timeout_ms: u16,
    pub retries: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub name: String,
    pub enabled: bool,
    pub weight: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#match: Option<Match>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Match {
    pub any: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    pub max_body: u32,
    pub max_offset: i8,
    pub seed: u64,
    pub empty: Empty,
    pub none: Vec<()>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Empty {}
