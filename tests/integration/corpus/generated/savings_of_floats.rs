// Generated from savings-of-floats.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub tiny: f64,
    pub huge: f64,
    pub third: f64,
    pub single: f64,
    pub u64: u64,
    pub i64: i64,
    pub zero: u8,
    pub negative: i8,
    pub whole: f64,
    pub exponent: f64,
    pub list: Vec<i64>,
}
