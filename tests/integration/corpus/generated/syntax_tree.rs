// Generated from syntax-tree.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Deserializer, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub r#type: String,
    pub start: u8,
    pub end: u16,
    #[serde(rename = "sourceType")]
    pub source_type: String,
    pub body: Vec<Body>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Body {
    pub r#type: String,
    pub start: u8,
    pub end: u8,
    pub expression: Expression,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expression {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<ExpressionRight>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<ExpressionCallee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<ExpressionArgument>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Left {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<Callee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<Argument>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<LeftLeft>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<LeftRight>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Callee {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "some")]
    pub value: Option<Option<()>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Argument {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<ArgumentLeft>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<Right>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArgumentLeft {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub callee: ArgumentLeftCallee,
    pub arguments: Vec<()>,
    pub optional: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArgumentLeftCallee {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub value: bool,
    pub raw: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Right {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub callee: RightCallee,
    pub arguments: Vec<RightArgument>,
    pub optional: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RightCallee {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RightArgument {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftLeft {
    pub r#type: String,
    pub start: u16,
    pub end: u8,
    pub callee: RightCallee,
    pub arguments: Vec<LeftLeftArgument>,
    pub optional: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftLeftArgument {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub left: LeftLeftArgumentLeft,
    pub operator: String,
    pub right: LeftLeftArgumentRight,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftLeftArgumentLeft {
    pub r#type: String,
    pub start: u16,
    pub end: u8,
    pub value: u8,
    pub raw: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftLeftArgumentRight {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub value: u8,
    pub raw: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftRight {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub callee: LeftRightCallee,
    pub arguments: Vec<()>,
    pub optional: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftRightCallee {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub value: f64,
    pub raw: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionRight {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<ExpressionRightLeft>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<ExpressionRightRight>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<ExpressionRightCallee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<ExpressionRightArgument>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionRightLeft {
    pub r#type: String,
    pub start: u8,
    pub end: u16,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionRightRight {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub left: ExpressionRightRightLeft,
    pub operator: String,
    pub right: RightCallee,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionRightRightLeft {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub left: LeftLeftArgumentRight,
    pub operator: String,
    pub right: RightCallee,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionRightCallee {
    pub r#type: String,
    pub start: u16,
    pub end: u8,
    pub value: Option<Value>,
    pub raw: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Bool(bool),
    String(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionRightArgument {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub callee: LeftLeftArgumentLeft,
    pub arguments: Vec<RightCallee>,
    pub optional: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionCallee {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "some")]
    pub value: Option<Option<ExpressionCalleeValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// An integer stays one. Where the types must be known beforehand, use `f64`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Number {
    Int(i64),
    Float(f64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ExpressionCalleeValue {
    Bool(bool),
    Float(Number),
    String(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgument {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ExpressionArgumentValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<ExpressionArgumentLeft>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<ExpressionArgumentRight>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<Callee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<ExpressionArgumentArgument>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ExpressionArgumentValue {
    Int(u8),
    String(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentLeft {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<ExpressionArgumentLeftLeft>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<ExpressionArgumentLeftRight>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentLeftLeft {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<ExpressionArgumentLeftLeftCallee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<RightCallee>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "some")]
    pub value: Option<Option<()>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentLeftLeftCallee {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentLeftRight {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<ExpressionArgumentLeftRightLeft>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<ExpressionArgumentLeftRightLeft>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentLeftRightLeft {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub value: ExpressionArgumentLeftRightLeftValue,
    pub raw: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ExpressionArgumentLeftRightLeftValue {
    Bool(bool),
    Float(f64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentRight {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<ExpressionArgumentRightLeft>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<ExpressionArgumentRightRight>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<RightCallee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<ExpressionArgumentRightArgument>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentRightLeft {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<RightCallee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<ExpressionArgumentRightLeftArgument>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentRightLeftArgument {
    pub r#type: String,
    pub start: u16,
    pub end: u8,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentRightRight {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<RightCallee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<ExpressionArgumentRightRightArgument>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentRightRightArgument {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentRightArgument {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<LeftRightCallee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<RightCallee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<ExpressionArgumentRightLeftArgument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<ExpressionRightLeft>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentArgument {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<ExpressionArgumentArgumentCallee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<()>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<ExpressionArgumentArgumentLeft>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<ExpressionArgumentArgumentRight>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentArgumentCallee {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub value: (),
    pub raw: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentArgumentLeft {
    pub r#type: String,
    pub start: u16,
    pub end: u16,
    pub callee: RightCallee,
    pub arguments: Vec<()>,
    pub optional: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpressionArgumentArgumentRight {
    pub r#type: String,
    pub start: u8,
    pub end: u8,
    pub left: RightCallee,
    pub operator: String,
    pub right: ExpressionRightLeft,
}

fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
