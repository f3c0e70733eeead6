// Generated from question-answers.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub items: Vec<Item>,
    pub has_more: bool,
    pub quota_max: u16,
    pub quota_remaining: u16,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub tags: Vec<String>,
    pub owner: Owner,
    pub is_answered: bool,
    pub view_count: u32,
    pub score: u16,
    pub creation_date: u32,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_answer_id: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owner {
    pub reputation: u32,
    pub user_id: u32,
    pub display_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_rate: Option<u8>,
}
