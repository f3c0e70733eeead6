// Generated from word-vocabulary.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub version: String,
    pub truncation: (),
    pub padding: (),
    pub added_tokens: Vec<AddedToken>,
    pub model: Model,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddedToken {
    pub id: u8,
    pub content: String,
    pub special: bool,
    pub lstrip: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub r#type: String,
    pub dropout: (),
    pub unk_token: String,
    pub vocab: BTreeMap<String, u16>,
    pub merges: Vec<Vec<String>>,
}
