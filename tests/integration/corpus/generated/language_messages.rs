// Generated from language-messages.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub en: En,
    pub de: En,
    #[serde(rename = "pt-BR")]
    pub pt_br: En,
    #[serde(rename = "zh-Hans")]
    pub zh_hans: En,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct En {
    pub jetty: Jetty,
    pub reed: Reed,
    pub ocean: Ocean,
    pub shore: Shore,
    pub fjord: Fjord,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Jetty {
    pub north_0: String,
    pub valley_1: String,
    pub yarrow_2: String,
    pub ocean_3: String,
    pub jetty_4: String,
    pub yarrow_5: String,
    pub cedar_6: String,
    pub basil_7: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reed {
    pub fjord_0: String,
    pub shore_1: String,
    pub cedar_2: String,
    pub reed_3: String,
    pub tidal_4: String,
    pub shore_5: String,
    pub quartz_6: String,
    pub delta_7: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ocean {
    pub haven_0: String,
    pub lagoon_1: String,
    pub amber_2: String,
    pub islet_3: String,
    pub valley_4: String,
    pub valley_5: String,
    pub valley_6: String,
    pub cedar_7: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shore {
    pub ocean_0: String,
    pub quartz_1: String,
    pub amber_2: String,
    pub valley_3: String,
    pub ember_4: String,
    pub jetty_5: String,
    pub amber_6: String,
    pub haven_7: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fjord {
    pub lagoon_0: String,
    pub amber_1: String,
    pub fjord_2: String,
    pub pine_3: String,
    pub grove_4: String,
    pub valley_5: String,
    pub amber_6: String,
    pub willow_7: String,
}
