// Generated from knowledge-entity.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub entities: BTreeMap<String, Entity>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    pub r#type: String,
    pub id: String,
    pub labels: Labels,
    pub aliases: Aliases,
    pub claims: BTreeMap<String, Vec<Claim>>,
    pub sitelinks: Sitelinks,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Labels {
    pub en: En,
    pub de: En,
    pub fr: En,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct En {
    pub language: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aliases {
    pub en: Vec<En>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    pub mainsnak: Mainsnak,
    pub r#type: String,
    pub id: String,
    pub rank: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<Vec<Reference>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mainsnak {
    pub snaktype: String,
    pub property: String,
    pub datavalue: Datavalue,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Datavalue {
    pub value: Value,
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    String(String),
    Record(ValueRecord),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<u8>,
    #[serde(rename = "entity-type")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_type: Option<String>,
    #[serde(rename = "numeric-id")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numeric_id: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    pub hash: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sitelinks {
    pub enwiki: Enwiki,
    pub dewiki: Enwiki,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Enwiki {
    pub site: String,
    pub title: String,
    pub badges: Vec<()>,
}
