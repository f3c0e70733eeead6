// Generated from clippy-messages.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

pub type Root = Vec<Row>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub message: String,
    pub code: Option<Code>,
    pub level: String,
    pub spans: Vec<Span>,
    pub children: Vec<Row>,
    pub rendered: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Code {
    pub code: String,
    pub explanation: (),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    pub file_name: String,
    pub byte_start: u16,
    pub byte_end: u16,
    pub line_start: u8,
    pub line_end: u8,
    pub is_primary: bool,
    pub label: Option<String>,
    pub suggested_replacement: (),
    pub expansion: (),
}
