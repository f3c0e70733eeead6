// Generated from world-countries.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

pub type Root = Vec<Row>;

/// An integer stays one. Where the types must be known beforehand, use `f64`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Number {
    Int(i64),
    Float(f64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub name: Name,
    pub tld: Vec<String>,
    pub cca2: String,
    pub independent: bool,
    pub currencies: Currencies,
    pub idd: Idd,
    pub capital: Vec<String>,
    pub languages: Languages,
    pub translations: Translations,
    pub latlng: [f64; 2],
    pub landlocked: bool,
    pub borders: Vec<String>,
    pub area: Number,
    pub flag: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Name {
    pub common: String,
    pub official: String,
    #[serde(rename = "nativeName")]
    pub native_name: NativeName,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NativeName {
    pub eng: Eng,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fra: Option<Eng>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Eng {
    pub official: String,
    pub common: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Currencies {
    #[serde(rename = "EUR")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eur: Option<EUR>,
    #[serde(rename = "USD")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd: Option<EUR>,
    #[serde(rename = "XOF")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xof: Option<EUR>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EUR {
    pub name: String,
    pub symbol: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Idd {
    pub root: String,
    pub suffixes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Languages {
    pub eng: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fra: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub por: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Translations {
    pub ces: Eng,
    pub deu: Eng,
    pub fin: Eng,
    pub jpn: Eng,
    pub zho: Eng,
}
