// Generated from geometries.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub r#type: String,
    pub features: Vec<Feature>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    pub r#type: String,
    pub id: u8,
    pub geometry: Geometry,
    pub properties: Properties,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Geometry {
    pub r#type: String,
    pub coordinates: Vec<Coordinate>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Coordinate {
    Float(f64),
    List(Vec<CoordinateItem>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CoordinateItem {
    Float(f64),
    List(Vec<CoordinateItemItem>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CoordinateItemItem {
    Float(f64),
    List([f64; 2]),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Properties {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capital: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<u32>,
}
