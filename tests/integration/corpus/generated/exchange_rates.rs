// Generated from exchange-rates.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub base: String,
    pub start: String,
    pub rates: BTreeMap<String, Rate>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    #[serde(rename = "USD")]
    pub usd: f64,
    #[serde(rename = "JPY")]
    pub jpy: f64,
    #[serde(rename = "GBP")]
    pub gbp: f64,
    #[serde(rename = "CHF")]
    pub chf: f64,
    #[serde(rename = "SEK")]
    pub sek: f64,
    #[serde(rename = "NOK")]
    pub nok: f64,
}
