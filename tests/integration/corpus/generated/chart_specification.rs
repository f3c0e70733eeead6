// Generated from chart-specification.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    #[serde(rename = "$schema")]
    pub schema: String,
    pub data: Data,
    pub mark: Mark,
    pub width: String,
    pub encoding: Encoding,
    pub config: Config,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Data {
    pub values: Vec<Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Value {
    pub a: String,
    pub b: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub r#type: String,
    pub tooltip: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encoding {
    pub x: X,
    pub y: Y,
    pub color: Color,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct X {
    pub field: String,
    pub r#type: String,
    pub axis: Axis,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    #[serde(rename = "labelAngle")]
    pub label_angle: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Y {
    pub field: String,
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Color {
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    pub view: View,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub stroke: (),
}
