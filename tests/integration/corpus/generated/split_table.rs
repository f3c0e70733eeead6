// Generated from split-table.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub columns: Vec<String>,
    pub index: Vec<u8>,
    pub data: Vec<(String, f64, bool)>,
}
