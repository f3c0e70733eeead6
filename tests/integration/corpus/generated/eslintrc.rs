// Generated from eslintrc.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub root: bool,
    pub env: Env,
    pub extends: Vec<String>,
    pub rules: Rules,
    pub overrides: Vec<Override>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Env {
    pub browser: bool,
    pub es2022: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    #[serde(rename = "no-console")]
    pub no_console: String,
    pub quotes: (String, String, Quotes2),
    pub semi: Vec<String>,
    pub indent: (String, u8),
    #[serde(rename = "max-len")]
    pub max_len: (String, MaxLen1),
    #[serde(rename = "no-undef")]
    pub no_undef: String,
    pub eqeqeq: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quotes2 {
    #[serde(rename = "avoidEscape")]
    pub avoid_escape: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MaxLen1 {
    pub code: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Override {
    pub files: Vec<String>,
    pub rules: OverrideRules,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverrideRules {
    #[serde(rename = "no-undef")]
    pub no_undef: String,
}
