// Generated from item-with-kids.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub id: u32,
    pub created_at: String,
    pub author: Option<String>,
    pub text: String,
    pub points: Option<u16>,
    pub children: Vec<Root>,
}
