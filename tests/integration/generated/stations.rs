// Generated from stations.csv by `UPDATE_GENERATED=1 cargo test --test integration schemas`; do not edit.

use serde::{Deserialize, Serialize};

pub type Root = Vec<Row>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub station: String,
    pub name: String,
    pub lat: f64,
    pub lon: f64,
    pub opened: Option<u16>,
    pub automatic: bool,
    pub temperature: Option<f64>,
    pub rain_mm: Option<f64>,
    pub pressure_hpa: Option<f64>,
    pub remark: Option<String>,
}
