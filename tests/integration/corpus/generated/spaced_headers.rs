// Generated from spaced-headers.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

pub type Root = Vec<Row>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    #[serde(rename = "First name")]
    pub first_name: String,
    #[serde(rename = "Last name")]
    pub last_name: String,
    #[serde(rename = "Age (years)")]
    pub age_years: u8,
    #[serde(rename = "% of total")]
    pub of_total: f64,
    #[serde(rename = "e-mail")]
    pub e_mail: String,
    #[serde(rename = "")]
    pub field: u8,
}
