// Generated from issue-tracker.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub expand: String,
    #[serde(rename = "startAt")]
    pub start_at: u8,
    pub total: u16,
    pub issues: Vec<Issue>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    pub id: String,
    pub key: String,
    pub fields: Fields,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fields {
    pub summary: String,
    pub status: Status,
    pub assignee: Option<Assignee>,
    pub priority: Priority,
    pub labels: Vec<String>,
    pub customfield_10010: (),
    pub customfield_10020: Option<f64>,
    pub created: String,
    #[serde(rename = "fixVersions")]
    pub fix_versions: Vec<FixVersion>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    pub name: String,
    pub id: String,
    #[serde(rename = "statusCategory")]
    pub status_category: StatusCategory,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatusCategory {
    pub id: u8,
    pub key: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignee {
    #[serde(rename = "displayName")]
    pub display_name: String,
    pub active: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Priority {
    pub name: String,
    pub id: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FixVersion {
    pub name: String,
    pub released: bool,
}
