// Generated from column-table.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub count: BTreeMap<String, u16>,
    pub share: BTreeMap<String, f64>,
    pub price: BTreeMap<String, f64>,
}
