// Generated from mesh.cbor by `UPDATE_GENERATED=1 cargo test --test integration schemas`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub name: String,
    pub created: String,
    pub vertices: Vec<Vertex>,
    pub faces: Vec<[u16; 3]>,
    pub texture: Texture,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vertex {
    pub position: [f32; 3],
    pub normal: [f32; 3],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Texture {
    pub width: u8,
    pub height: u8,
    #[serde(with = "serde_bytes")]
    pub pixels: Vec<u8>,
}
