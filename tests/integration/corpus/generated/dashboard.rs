// Generated from dashboard.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub id: (),
    pub uid: String,
    pub title: String,
    pub tags: Vec<String>,
    pub timezone: String,
    #[serde(rename = "schemaVersion")]
    pub schema_version: u8,
    pub version: u8,
    pub time: Time,
    pub refresh: String,
    pub panels: Vec<Panel>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Time {
    pub from: String,
    pub to: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    pub id: u8,
    pub r#type: String,
    pub title: String,
    #[serde(rename = "gridPos")]
    pub grid_pos: GridPos,
    pub targets: Vec<Target>,
    #[serde(rename = "fieldConfig")]
    pub field_config: FieldConfig,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridPos {
    pub h: u8,
    pub w: u8,
    pub x: u8,
    pub y: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    #[serde(rename = "refId")]
    pub ref_id: String,
    pub expr: String,
    #[serde(rename = "legendFormat")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legend_format: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldConfig {
    pub defaults: Defaults,
    pub overrides: Vec<()>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Defaults {
    pub unit: String,
    pub thresholds: Thresholds,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    pub mode: String,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub color: String,
    pub value: Option<u8>,
}
