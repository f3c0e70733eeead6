// Generated from ledger-block.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub jsonrpc: String,
    pub id: u8,
    pub result: ResultValue,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultValue {
    pub number: String,
    pub hash: String,
    #[serde(rename = "gasUsed")]
    pub gas_used: String,
    pub uncles: Vec<()>,
    pub transactions: Vec<Transaction>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transaction {
    pub hash: String,
    pub from: String,
    pub to: Option<String>,
    pub value: String,
    pub nonce: String,
    pub input: String,
    #[serde(rename = "accessList")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_list: Option<Vec<AccessList>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessList {
    pub address: String,
    #[serde(rename = "storageKeys")]
    pub storage_keys: Vec<()>,
}
