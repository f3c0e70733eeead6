// Generated from candles.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

pub type Root = Vec<(u64, String, String, String, String, u16, String)>;
