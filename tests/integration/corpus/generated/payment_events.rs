// Generated from payment-events.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub object: String,
    pub has_more: bool,
    pub url: String,
    pub data: Vec<Data>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Data {
    pub id: String,
    pub object: String,
    pub api_version: String,
    pub created: u32,
    pub data: DataData,
    pub livemode: bool,
    pub pending_webhooks: u8,
    pub request: Request,
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataData {
    pub object: Object,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Object {
    pub id: String,
    pub object: String,
    pub amount: u32,
    pub currency: String,
    pub captured: bool,
    pub customer: Option<String>,
    pub metadata: Metadata,
    pub failure_code: (),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub id: (),
    pub idempotency_key: Option<String>,
}
