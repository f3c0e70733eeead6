// Generated from package.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub name: String,
    pub version: String,
    pub private: bool,
    pub r#type: String,
    pub scripts: Scripts,
    pub dependencies: BTreeMap<String, String>,
    #[serde(rename = "devDependencies")]
    pub dev_dependencies: BTreeMap<String, String>,
    pub engines: Engines,
    pub browserslist: Vec<String>,
    pub exports: BTreeMap<String, Export>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scripts {
    pub build: String,
    pub dev: String,
    pub lint: String,
    pub test: String,
    #[serde(rename = "pre:commit")]
    pub pre_commit: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Engines {
    pub node: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Export {
    String(String),
    Record(ExportRecord),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExportRecord {
    pub import: String,
    pub default: String,
}
