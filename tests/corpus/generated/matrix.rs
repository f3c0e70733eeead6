// Generated from matrix.json by `UPDATE_GENERATED=1 cargo test --test corpus`; do not edit.

pub type Root = Vec<Vec<f64>>;
