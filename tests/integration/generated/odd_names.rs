// Generated from odd_names.json by `UPDATE_GENERATED=1 cargo test --test integration schemas`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub r#type: u8,
    #[serde(rename = "self")]
    pub self_: u8,
    #[serde(rename = "Self")]
    pub self_2: u8,
    #[serde(rename = "")]
    pub field: u8,
    #[serde(rename = "1st")]
    pub _1st: u8,
    #[serde(rename = "user-id")]
    pub user_id: u8,
    #[serde(rename = "user_id")]
    pub user_id_2: u8,
    #[serde(rename = "userId")]
    pub user_id_3: u8,
    #[serde(rename = "HTTPServer")]
    pub http_server: u8,
    pub größe: u8,
    pub 日本: u8,
    #[serde(rename = "\"quoted\\\n\"")]
    pub quoted: u8,
    pub _id: u8,
    #[serde(rename = "__proto__")]
    pub _proto: u8,
    pub r#async: Async,
    pub option: OptionValue,
    pub vec: Vec<VecValue>,
    pub string: StringValue,
    pub root: RootValue,
    pub nothing: (),
    pub bytes: Vec<u8>,
    #[serde(rename = "Option")]
    pub option_2: (u8, String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Async {
    pub r#fn: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptionValue {
    pub a: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VecValue {
    pub b: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StringValue {
    pub c: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RootValue {
    pub d: u8,
}
