// Generated from places.geojson by `UPDATE_GENERATED=1 cargo test --test schemas`; do not edit.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub r#type: String,
    pub bbox: Vec<f32>,
    pub features: Vec<Feature>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    pub r#type: String,
    pub geometry: Geometry,
    pub properties: Properties,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Geometry {
    pub r#type: String,
    pub coordinates: Vec<f32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Properties {
    pub id: u32,
    pub name: String,
    pub kind: String,
    pub elevation: Option<f32>,
    pub capacity: Option<u16>,
    pub names: Option<BTreeMap<String, String>>,
}
