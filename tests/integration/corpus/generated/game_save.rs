// Generated from game-save.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub players: Vec<Player>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Player {
    pub game_type: u8,
    pub score: u32,
    pub dimension: String,
    pub selected_item: SelectedItem,
    pub pos: [f64; 3],
    pub rotation: [f64; 2],
    pub uuid: [u32; 4],
    pub inventory: Vec<SelectedItem>,
    pub spawn: Option<Vec<u8>>,
    pub abilities: Abilities,
    pub vehicle: Option<Vehicle>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectedItem {
    pub count: u8,
    pub slot: u8,
    pub id: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Abilities {
    pub flying: bool,
    pub walk_speed: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vehicle {
    pub uuid: [u8; 4],
    pub entity: Entity,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    pub id: String,
    pub health: f64,
}
