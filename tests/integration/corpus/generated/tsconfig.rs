// Generated from tsconfig.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    #[serde(rename = "compilerOptions")]
    pub compiler_options: CompilerOptions,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompilerOptions {
    pub target: String,
    pub module: String,
    pub strict: bool,
    pub lib: Vec<String>,
    pub paths: BTreeMap<String, Vec<String>>,
    #[serde(rename = "outDir")]
    pub out_dir: String,
    #[serde(rename = "noEmit")]
    pub no_emit: bool,
}
