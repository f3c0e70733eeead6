// Generated from weather-columns.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub latitude: f64,
    pub longitude: f64,
    pub generationtime_ms: f64,
    pub utc_offset_seconds: u8,
    pub timezone: String,
    pub hourly_units: HourlyUnits,
    pub hourly: Hourly,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HourlyUnits {
    pub time: String,
    pub temperature_2m: String,
    pub snow: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hourly {
    pub time: Vec<String>,
    pub temperature_2m: Vec<f64>,
    pub snow: Vec<Option<f64>>,
    pub code: Vec<u8>,
}
