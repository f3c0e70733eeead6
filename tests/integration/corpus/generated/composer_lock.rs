// Generated from composer-lock.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    #[serde(rename = "content-hash")]
    pub content_hash: String,
    pub packages: Vec<Package>,
    pub aliases: Vec<()>,
    #[serde(rename = "minimum-stability")]
    pub minimum_stability: String,
    #[serde(rename = "prefer-stable")]
    pub prefer_stable: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub source: Source,
    pub require: Require,
    pub r#type: String,
    pub license: Vec<String>,
    pub authors: Vec<Author>,
    pub time: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autoload: Option<Autoload>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub r#type: String,
    pub url: String,
    pub reference: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Require {
    pub php: String,
    #[serde(flatten)]
    pub others: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Author {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Autoload {
    #[serde(rename = "psr-4")]
    pub psr_4: BTreeMap<String, String>,
}
