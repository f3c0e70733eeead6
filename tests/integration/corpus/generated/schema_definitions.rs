// Generated from schema-definitions.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

pub type Root = Vec<Row>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub schema: Schema,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    pub definitions: Definitions,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definitions {
    pub operation: Operation,
    pub xml: Xml,
    pub tag: Tag,
    #[serde(rename = "securityDefinitions")]
    pub security_definitions: SecurityDefinitions,
    pub basic: Basic,
    pub key: Key,
    pub implicit: Implicit,
    pub password: Password,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    pub properties: Properties,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Properties {
    pub description: Description,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    pub description: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Xml {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    pub properties: TagProperties,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TagProperties {
    #[serde(rename = "externalDocs")]
    pub external_docs: ExternalDocs,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExternalDocs {
    #[serde(rename = "$ref")]
    pub r#ref: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecurityDefinitions {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Basic {
    pub properties: BasicProperties,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BasicProperties {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    pub properties: KeyProperties,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyProperties {
    pub r#type: Type,
    pub name: Name,
    pub r#in: In,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Type {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Name {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct In {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Implicit {
    pub r#type: String,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
    pub properties: ImplicitProperties,
    #[serde(rename = "patternProperties")]
    pub pattern_properties: PatternProperties,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImplicitProperties {
    pub r#type: Type,
    pub scopes: Scopes,
    pub flow: Flow,
    #[serde(rename = "authorizationUrl")]
    pub authorization_url: AuthorizationUrl,
    pub description: ImplicitPropertiesDescription,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scopes {
    #[serde(rename = "$ref")]
    pub r#ref: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flow {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationUrl {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImplicitPropertiesDescription {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatternProperties {
    #[serde(rename = "^x-")]
    pub x: X,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct X {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Password {
    pub r#type: String,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
    pub properties: PasswordProperties,
    #[serde(rename = "patternProperties")]
    pub pattern_properties: PatternProperties,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PasswordProperties {
    pub r#type: Type,
    pub scopes: Scopes,
    pub flow: PasswordPropertiesFlow,
    #[serde(rename = "tokenUrl")]
    pub token_url: TokenUrl,
    pub description: Description,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PasswordPropertiesFlow {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenUrl {
    pub r#type: String,
}
