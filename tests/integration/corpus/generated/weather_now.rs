// Generated from weather-now.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub coord: Coord,
    pub weather: Vec<Weather>,
    pub base: String,
    pub main: Main,
    pub visibility: u16,
    pub wind: Wind,
    pub rain: Rain,
    pub clouds: Clouds,
    pub dt: u32,
    pub sys: Sys,
    pub timezone: u16,
    pub name: String,
    pub cod: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coord {
    pub lon: f64,
    pub lat: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weather {
    pub id: u16,
    pub main: String,
    pub description: String,
    pub icon: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Main {
    pub temp: f64,
    pub feels_like: f64,
    pub pressure: u16,
    pub humidity: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wind {
    pub speed: f64,
    pub deg: u16,
    pub gust: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rain {
    #[serde(rename = "1h")]
    pub _1h: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clouds {
    pub all: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sys {
    pub r#type: u8,
    pub id: u32,
    pub country: String,
}
