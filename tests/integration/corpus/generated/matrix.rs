// Generated from matrix.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

pub type Root = Vec<Vec<f64>>;
