// Generated from coverage-py.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub meta: Meta,
    pub files: BTreeMap<String, File>,
    pub totals: Totals,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    pub version: String,
    pub timestamp: String,
    pub branch_coverage: bool,
    pub show_contexts: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    pub executed_lines: Vec<u16>,
    pub excluded_lines: Vec<()>,
    pub missing_lines: Vec<u16>,
    pub summary: Summary,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub covered_lines: u8,
    pub num_statements: u8,
    pub percent_covered: f64,
    pub percent_covered_display: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    pub covered_lines: u16,
    pub num_statements: u16,
    pub percent_covered: f64,
}
