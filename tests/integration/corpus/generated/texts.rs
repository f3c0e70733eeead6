// Generated from texts.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

pub type Root = Vec<String>;
