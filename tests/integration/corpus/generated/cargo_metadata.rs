// Generated from cargo-metadata.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub packages: Vec<Package>,
    pub workspace_members: Vec<String>,
    pub resolve: (),
    pub target_directory: String,
    pub version: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub id: String,
    pub license: String,
    pub license_file: (),
    pub description: Option<String>,
    pub source: String,
    pub dependencies: Vec<Dependency>,
    pub targets: Vec<Target>,
    pub features: BTreeMap<String, Vec<String>>,
    pub metadata: (),
    pub publish: (),
    pub authors: Vec<String>,
    pub rust_version: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dependency {
    pub name: String,
    pub req: String,
    pub kind: Option<String>,
    pub rename: (),
    pub optional: bool,
    pub uses_default_features: bool,
    pub features: Vec<()>,
    pub target: (),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    pub kind: Vec<String>,
    pub name: String,
    pub edition: String,
    pub doc: bool,
    pub test: bool,
}
