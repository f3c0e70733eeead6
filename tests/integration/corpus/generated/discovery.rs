// Generated from discovery.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub kind: String,
    pub name: String,
    pub resources: Resources,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    pub changes: Changes,
    #[serde(rename = "managedZones")]
    pub managed_zones: ManagedZones,
    pub projects: Projects,
    pub records: Records,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    pub methods: Methods,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Methods {
    pub create: Create,
    pub get: Get,
    pub list: Get,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Create {
    pub id: String,
    pub path: String,
    #[serde(rename = "httpMethod")]
    pub http_method: String,
    pub description: String,
    pub parameters: Parameters,
    #[serde(rename = "parameterOrder")]
    pub parameter_order: Vec<String>,
    pub response: Response,
    pub scopes: Vec<String>,
    pub request: Request,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    #[serde(rename = "managedZone")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_zone: Option<ManagedZone>,
    pub project: ManagedZone,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManagedZone {
    pub r#type: String,
    pub description: String,
    pub location: String,
    pub required: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    #[serde(rename = "$ref")]
    pub r#ref: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    #[serde(rename = "$ref")]
    pub r#ref: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Get {
    pub id: String,
    pub path: String,
    #[serde(rename = "httpMethod")]
    pub http_method: String,
    pub description: String,
    pub parameters: GetParameters,
    #[serde(rename = "parameterOrder")]
    pub parameter_order: Vec<String>,
    pub response: Response,
    pub scopes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GetParameters {
    #[serde(rename = "changeId")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_id: Option<ManagedZone>,
    #[serde(rename = "managedZone")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_zone: Option<ManagedZone>,
    pub project: ManagedZone,
    #[serde(rename = "maxResults")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_results: Option<MaxResults>,
    #[serde(rename = "pageToken")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_token: Option<PageToken>,
    #[serde(rename = "sortBy")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<SortBy>,
    #[serde(rename = "sortOrder")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_order: Option<PageToken>,
    #[serde(rename = "dnsName")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<PageToken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PageToken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<PageToken>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MaxResults {
    pub r#type: String,
    pub description: String,
    pub location: String,
    pub format: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageToken {
    pub r#type: String,
    pub description: String,
    pub location: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SortBy {
    pub r#type: String,
    pub description: String,
    pub location: String,
    pub default: String,
    pub r#enum: Vec<String>,
    #[serde(rename = "enumDescriptions")]
    pub enum_descriptions: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManagedZones {
    pub methods: ManagedZonesMethods,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManagedZonesMethods {
    pub create: Create,
    pub delete: Get,
    pub get: Get,
    pub list: Get,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projects {
    pub methods: ProjectsMethods,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProjectsMethods {
    pub get: Get,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Records {
    pub methods: RecordsMethods,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordsMethods {
    pub list: Get,
}
