// Generated from texts.json by `UPDATE_GENERATED=1 cargo test --test corpus`; do not edit.

pub type Root = Vec<String>;
