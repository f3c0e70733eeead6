// Generated from json-schema.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    #[serde(rename = "$schema")]
    pub schema: String,
    #[serde(rename = "$id")]
    pub id: String,
    pub r#type: String,
    pub properties: Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Properties {
    pub basil0: Basil0,
    pub north1: PropertiesNorth1,
    pub tidal2: Tidal2,
    pub cedar3: Cedar3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Basil0 {
    pub r#type: String,
    pub properties: Basil0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Basil0Properties {
    pub umber0: Umber0,
    pub umber1: Umber1,
    pub kelp2: Kelp2,
    pub delta3: Delta3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Umber0 {
    pub r#type: String,
    pub properties: Umber0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Umber0Properties {
    pub islet0: Islet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Islet0 {
    pub r#type: String,
    pub description: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Umber1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kelp2 {
    pub r#type: String,
    pub properties: Kelp2Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kelp2Properties {
    pub kelp0: Kelp0,
    pub tidal1: Kelp2PropertiesTidal1,
    pub quartz2: Quartz2,
    pub kelp3: Kelp3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kelp0 {
    pub r#type: String,
    pub properties: Kelp0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kelp0Properties {
    pub quartz0: Quartz0,
    pub north1: North1,
    pub reed2: Reed2,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quartz0 {
    pub r#type: String,
    pub properties: Quartz0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quartz0Properties {
    pub north0: Islet0,
    pub lagoon1: Lagoon1,
    pub cedar2: Cedar2,
    pub pine3: Pine3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lagoon1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cedar2 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pine3 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct North1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reed2 {
    pub r#type: String,
    pub properties: Reed2Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reed2Properties {
    pub grove0: Grove0,
    pub tidal1: Tidal1,
    pub ember2: Ember2,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grove0 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tidal1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ember2 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kelp2PropertiesTidal1 {
    pub r#type: String,
    pub properties: Kelp2PropertiesTidal1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kelp2PropertiesTidal1Properties {
    pub shore0: Shore0,
    pub maple1: Maple1,
    pub tidal2: Islet0,
    pub maple3: Maple3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shore0 {
    pub r#type: String,
    pub properties: Shore0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shore0Properties {
    pub valley0: Islet0,
    pub yarrow1: Yarrow1,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Yarrow1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maple1 {
    pub r#type: String,
    pub properties: Maple1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maple1Properties {
    pub delta0: Islet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maple3 {
    pub r#type: String,
    pub properties: Maple3Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maple3Properties {
    pub valley0: Islet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quartz2 {
    pub r#type: String,
    pub properties: Quartz2Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quartz2Properties {
    pub ocean0: Ocean0,
    pub ember1: Ember1,
    pub valley2: Valley2,
    pub valley3: Valley3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ocean0 {
    pub r#type: String,
    pub properties: Ocean0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ocean0Properties {
    pub reed0: Islet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ember1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Valley2 {
    pub r#type: String,
    pub properties: Valley2Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Valley2Properties {
    pub haven0: Islet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Valley3 {
    pub r#type: String,
    pub properties: Valley3Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Valley3Properties {
    pub delta0: Delta0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delta0 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kelp3 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delta3 {
    pub r#type: String,
    pub properties: Delta3Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delta3Properties {
    pub pine0: Pine0,
    pub basil1: Basil1,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pine0 {
    pub r#type: String,
    pub properties: Pine0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pine0Properties {
    pub delta0: Pine0PropertiesDelta0,
    pub valley1: Valley1,
    pub umber2: Umber2,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pine0PropertiesDelta0 {
    pub r#type: String,
    pub properties: Pine0PropertiesDelta0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pine0PropertiesDelta0Properties {
    pub shore0: Islet0,
    pub kelp1: Kelp1,
    pub pine2: Pine2,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kelp1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pine2 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Valley1 {
    pub r#type: String,
    pub properties: Valley1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Valley1Properties {
    pub ocean0: Valley1PropertiesOcean0,
    pub delta1: Delta1,
    pub shore2: Islet0,
    pub grove3: Grove3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Valley1PropertiesOcean0 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delta1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grove3 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Umber2 {
    pub r#type: String,
    pub properties: Umber2Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Umber2Properties {
    pub ember0: Islet0,
    pub tidal1: Islet0,
    pub ocean2: Ocean2,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ocean2 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Basil1 {
    pub r#type: String,
    pub properties: Basil1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Basil1Properties {
    pub haven0: Valley3,
    pub ocean1: Ocean1,
    pub haven2: Haven2,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ocean1 {
    pub r#type: String,
    pub properties: Ocean1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ocean1Properties {
    pub shore0: Islet0,
    pub islet1: Islet1,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Islet1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven2 {
    pub r#type: String,
    pub properties: Haven2Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven2Properties {
    pub north0: North0,
    pub yarrow1: Islet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct North0 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1 {
    pub r#type: String,
    pub properties: PropertiesNorth1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1Properties {
    pub pine0: PropertiesNorth1PropertiesPine0,
    pub kelp1: PropertiesNorth1PropertiesKelp1,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1PropertiesPine0 {
    pub r#type: String,
    pub properties: PropertiesNorth1PropertiesPine0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1PropertiesPine0Properties {
    pub kelp0: PropertiesNorth1PropertiesPine0PropertiesKelp0,
    pub haven1: Haven1,
    pub amber2: Amber2,
    pub haven3: Haven3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1PropertiesPine0PropertiesKelp0 {
    pub r#type: String,
    pub properties: PropertiesNorth1PropertiesPine0PropertiesKelp0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1PropertiesPine0PropertiesKelp0Properties {
    pub umber0: Islet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven1 {
    pub r#type: String,
    pub properties: Haven1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven1Properties {
    pub north0: Haven1PropertiesNorth0,
    pub lagoon1: Haven1PropertiesLagoon1,
    pub yarrow2: Yarrow2,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven1PropertiesNorth0 {
    pub r#type: String,
    pub properties: Haven1PropertiesNorth0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven1PropertiesNorth0Properties {
    pub umber0: Islet0,
    pub valley1: Haven1PropertiesNorth0PropertiesValley1,
    pub maple2: Maple2,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven1PropertiesNorth0PropertiesValley1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maple2 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven1PropertiesLagoon1 {
    pub r#type: String,
    pub properties: Haven1PropertiesLagoon1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven1PropertiesLagoon1Properties {
    pub islet0: Haven1PropertiesLagoon1PropertiesIslet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven1PropertiesLagoon1PropertiesIslet0 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Yarrow2 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amber2 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven3 {
    pub r#type: String,
    pub properties: Haven3Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven3Properties {
    pub ocean0: Haven3PropertiesOcean0,
    pub jetty1: Haven3PropertiesJetty1,
    pub yarrow2: Haven3PropertiesYarrow2,
    pub maple3: Haven3PropertiesMaple3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven3PropertiesOcean0 {
    pub r#type: String,
    pub properties: Haven3PropertiesOcean0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven3PropertiesOcean0Properties {
    pub yarrow0: Islet0,
    pub jetty1: Jetty1,
    pub delta2: Islet0,
    pub willow3: Willow3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Jetty1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Willow3 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven3PropertiesJetty1 {
    pub r#type: String,
    pub properties: Haven3PropertiesJetty1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven3PropertiesJetty1Properties {
    pub willow0: Willow0,
    pub amber1: Islet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Willow0 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven3PropertiesYarrow2 {
    pub r#type: String,
    pub properties: Haven3PropertiesYarrow2Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven3PropertiesYarrow2Properties {
    pub willow0: Islet0,
    pub kelp1: Kelp1,
    pub valley2: Islet0,
    pub shore3: Islet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven3PropertiesMaple3 {
    pub r#type: String,
    pub properties: Haven3PropertiesMaple3Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Haven3PropertiesMaple3Properties {
    pub jetty0: Jetty0,
    pub reed1: Islet0,
    pub islet2: Islet2,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Jetty0 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Islet2 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1PropertiesKelp1 {
    pub r#type: String,
    pub properties: PropertiesNorth1PropertiesKelp1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1PropertiesKelp1Properties {
    pub fjord0: Fjord0,
    pub ember1: Islet0,
    pub amber2: PropertiesNorth1PropertiesKelp1PropertiesAmber2,
    pub north3: North3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fjord0 {
    pub r#type: String,
    pub properties: Fjord0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fjord0Properties {
    pub quartz0: Islet0,
    pub jetty1: Fjord0PropertiesJetty1,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fjord0PropertiesJetty1 {
    pub r#type: String,
    pub properties: Fjord0PropertiesJetty1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fjord0PropertiesJetty1Properties {
    pub kelp0: Islet0,
    pub pine1: Pine1,
    pub delta2: Delta2,
    pub fjord3: Fjord3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pine1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delta2 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fjord3 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1PropertiesKelp1PropertiesAmber2 {
    pub r#type: String,
    pub properties: PropertiesNorth1PropertiesKelp1PropertiesAmber2Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1PropertiesKelp1PropertiesAmber2Properties {
    pub islet0: PropertiesNorth1PropertiesKelp1PropertiesAmber2PropertiesIslet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1PropertiesKelp1PropertiesAmber2PropertiesIslet0 {
    pub r#type: String,
    pub properties: PropertiesNorth1PropertiesKelp1PropertiesAmber2PropertiesIslet0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1PropertiesKelp1PropertiesAmber2PropertiesIslet0Properties {
    pub maple0: Maple0,
    pub lagoon1: Lagoon1,
    pub quartz2: PropertiesNorth1PropertiesKelp1PropertiesAmber2PropertiesIslet0PropertiesQuartz2,
    pub valley3: PropertiesNorth1PropertiesKelp1PropertiesAmber2PropertiesIslet0PropertiesValley3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maple0 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1PropertiesKelp1PropertiesAmber2PropertiesIslet0PropertiesQuartz2 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertiesNorth1PropertiesKelp1PropertiesAmber2PropertiesIslet0PropertiesValley3 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct North3 {
    pub r#type: String,
    pub properties: North3Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct North3Properties {
    pub reed0: Reed0,
    pub shore1: Shore1,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reed0 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shore1 {
    pub r#type: String,
    pub properties: Shore1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shore1Properties {
    pub tidal0: Islet0,
    pub tidal1: Islet0,
    pub jetty2: Jetty2,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Jetty2 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tidal2 {
    pub r#type: String,
    pub properties: Tidal2Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tidal2Properties {
    pub ocean0: Tidal2PropertiesOcean0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tidal2PropertiesOcean0 {
    pub r#type: String,
    pub properties: Tidal2PropertiesOcean0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tidal2PropertiesOcean0Properties {
    pub valley0: Valley0,
    pub amber1: Amber1,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Valley0 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amber1 {
    pub r#type: String,
    pub properties: Amber1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amber1Properties {
    pub basil0: Amber1PropertiesBasil0,
    pub kelp1: Amber1PropertiesKelp1,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amber1PropertiesBasil0 {
    pub r#type: String,
    pub properties: Amber1PropertiesBasil0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amber1PropertiesBasil0Properties {
    pub valley0: Valley0,
    pub quartz1: Quartz1,
    pub grove2: Grove2,
    pub basil3: Basil3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quartz1 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grove2 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Basil3 {
    pub r#type: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amber1PropertiesKelp1 {
    pub r#type: String,
    pub properties: Amber1PropertiesKelp1Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amber1PropertiesKelp1Properties {
    pub grove0: Grove0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cedar3 {
    pub r#type: String,
    pub properties: Cedar3Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cedar3Properties {
    pub islet0: Cedar3PropertiesIslet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cedar3PropertiesIslet0 {
    pub r#type: String,
    pub properties: Cedar3PropertiesIslet0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cedar3PropertiesIslet0Properties {
    pub basil0: Cedar3PropertiesIslet0PropertiesBasil0,
    pub pine1: Valley3,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cedar3PropertiesIslet0PropertiesBasil0 {
    pub r#type: String,
    pub properties: Cedar3PropertiesIslet0PropertiesBasil0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cedar3PropertiesIslet0PropertiesBasil0Properties {
    pub quartz0: Cedar3PropertiesIslet0PropertiesBasil0PropertiesQuartz0,
    pub umber1: Islet0,
    pub basil2: Basil2,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cedar3PropertiesIslet0PropertiesBasil0PropertiesQuartz0 {
    pub r#type: String,
    pub properties: Cedar3PropertiesIslet0PropertiesBasil0PropertiesQuartz0Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cedar3PropertiesIslet0PropertiesBasil0PropertiesQuartz0Properties {
    pub north0: North0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Basil2 {
    pub r#type: String,
    pub properties: Basil2Properties,
    #[serde(rename = "additionalProperties")]
    pub additional_properties: bool,
    pub required: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Basil2Properties {
    pub lagoon0: Lagoon0,
    pub ocean1: Islet0,
    pub kelp2: Islet0,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lagoon0 {
    pub r#type: String,
}
