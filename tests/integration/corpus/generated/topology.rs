// Generated from topology.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub r#type: String,
    pub transform: Transform,
    pub objects: Objects,
    pub arcs: Vec<Vec<[i16; 2]>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transform {
    pub scale: Vec<f64>,
    pub translate: Vec<i16>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objects {
    pub land: Land,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Land {
    pub r#type: String,
    pub geometries: Vec<Geometry>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Geometry {
    pub r#type: String,
    pub id: String,
    pub arcs: Vec<[i8; 3]>,
    pub properties: Properties,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Properties {
    pub name: String,
}
