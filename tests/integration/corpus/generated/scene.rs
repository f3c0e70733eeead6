// Generated from scene.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub metadata: Metadata,
    pub scale: f64,
    pub materials: Vec<Material>,
    pub vertices: Vec<f64>,
    pub faces: Vec<u8>,
    pub uvs: Vec<Vec<f64>>,
    pub bones: Vec<Bone>,
    pub animations: Vec<Animation>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    #[serde(rename = "formatVersion")]
    pub format_version: f64,
    #[serde(rename = "generatedBy")]
    pub generated_by: String,
    pub vertices: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Material {
    #[serde(rename = "DbgName")]
    pub dbg_name: String,
    #[serde(rename = "colorDiffuse")]
    pub color_diffuse: [f64; 3],
    #[serde(rename = "specularCoef")]
    pub specular_coef: u8,
    pub transparent: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bone {
    pub parent: i8,
    pub name: String,
    pub pos: [f64; 3],
    pub rotq: [u8; 4],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Animation {
    pub name: String,
    pub length: f64,
    pub hierarchy: Vec<Hierarchy>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hierarchy {
    pub parent: u8,
    pub keys: Vec<Key>,
}

/// An integer stays one. Where the types must be known beforehand, use `f64`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Number {
    Int(i64),
    Float(f64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    pub time: Number,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos: Option<[Number; 3]>,
    pub rot: [Number; 4],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scl: Option<[u8; 3]>,
}
