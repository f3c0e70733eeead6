// Generated from estimates.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub mean: Mean,
    pub median: Mean,
    pub median_abs_dev: Mean,
    pub slope: (),
    pub std_dev: Mean,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    pub confidence_interval: ConfidenceInterval,
    pub point_estimate: f64,
    pub standard_error: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfidenceInterval {
    pub confidence_level: f64,
    pub lower_bound: f64,
    pub upper_bound: f64,
}
