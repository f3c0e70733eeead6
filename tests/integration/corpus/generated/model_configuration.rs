// Generated from model-configuration.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub architectures: Vec<String>,
    pub hidden_size: u16,
    pub hidden_act: String,
    pub rms_norm_eps: f64,
    pub rope_theta: f64,
    pub rope_scaling: RopeScaling,
    pub vocab_size: u32,
    pub tie_word_embeddings: bool,
    pub eos_token_id: Vec<u32>,
    pub torch_dtype: String,
    pub id2label: BTreeMap<String, String>,
    pub pad_token_id: (),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RopeScaling {
    pub factor: f64,
    pub r#type: String,
}
