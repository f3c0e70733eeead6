// Generated from repositories.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub total_count: u16,
    pub incomplete_results: bool,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub id: u32,
    pub name: String,
    pub full_name: String,
    pub private: bool,
    pub owner: Owner,
    pub description: Option<String>,
    pub fork: bool,
    pub homepage: Option<String>,
    pub size: u32,
    pub stargazers_count: u32,
    pub language: Option<String>,
    pub topics: Vec<String>,
    pub license: Option<License>,
    pub score: f64,
    pub created_at: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owner {
    pub login: String,
    pub id: u32,
    pub node_id: String,
    pub avatar_url: String,
    pub r#type: String,
    pub site_admin: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct License {
    pub key: String,
    pub name: String,
    pub spdx_id: String,
}
