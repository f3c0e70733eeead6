// Generated from cloud-trail.ndjson by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

pub type Root = Vec<Row>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    #[serde(rename = "eventVersion")]
    pub event_version: String,
    #[serde(rename = "userIdentity")]
    pub user_identity: UserIdentity,
    #[serde(rename = "eventTime")]
    pub event_time: String,
    #[serde(rename = "eventName")]
    pub event_name: String,
    #[serde(rename = "awsRegion")]
    pub aws_region: String,
    #[serde(rename = "requestParameters")]
    pub request_parameters: Option<RequestParameters>,
    #[serde(rename = "responseElements")]
    pub response_elements: (),
    #[serde(rename = "readOnly")]
    pub read_only: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserIdentity {
    pub r#type: String,
    pub arn: String,
    #[serde(rename = "userName")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestParameters {
    #[serde(rename = "bucketName")]
    pub bucket_name: String,
}
