// Generated from null-or-absent.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Deserializer, Serialize};

pub type Root = Vec<Row>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub a: u8,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "some")]
    pub b: Option<Option<u8>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "some")]
    pub c: Option<Option<()>>,
}

fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
