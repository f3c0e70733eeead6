// Generated from candles.json by `UPDATE_GENERATED=1 cargo test --test corpus`; do not edit.

pub type Root = Vec<(u64, String, String, String, String, u16, String)>;
