//! The types, with every derive that a codec asks for.

use serde::{Deserialize, Serialize};

/// Derives what every codec asks of a type.
macro_rules! derived {
    ($($(#[$meta:meta])* $kind:ident $name:ident { $($body:tt)* })*) => {
        $(#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
        #[derive(borsh::BorshSerialize, borsh::BorshDeserialize)]
        #[derive(wincode::SchemaWrite, wincode::SchemaRead)]
        #[derive(speedy::Readable, speedy::Writable)]
        #[derive(bitcode::Encode, bitcode::Decode)]
        $(#[$meta])*
        pub(crate) $kind $name { $($body)* })*
    };
}

// wincode gives the number of a variant four bytes if nothing else is said, and RSB says one.
derived! {
    /// `log`: lines of the access log of a web server.
    struct Logs {
        pub(super) logs: Vec<Log>,
    }

    struct Log {
        pub(super) address: Address,
        pub(super) identity: String,
        pub(super) userid: String,
        pub(super) date: String,
        pub(super) request: String,
        pub(super) code: u16,
        pub(super) size: u64,
    }

    struct Address {
        pub(super) x0: u8,
        pub(super) x1: u8,
        pub(super) x2: u8,
        pub(super) x3: u8,
    }

    /// `mesh`: triangles.
    struct Mesh {
        pub(super) triangles: Vec<Triangle>,
    }

    struct Triangle {
        pub(super) v0: Vector3,
        pub(super) v1: Vector3,
        pub(super) v2: Vector3,
        pub(super) normal: Vector3,
    }

    struct Vector3 {
        pub(super) x: f32,
        pub(super) y: f32,
        pub(super) z: f32,
    }

    /// `minecraft_savedata`: saved players of a game of blocks.
    struct Players {
        pub(super) players: Vec<Player>,
    }

    struct Player {
        pub(super) game_type: GameType,
        pub(super) previous_game_type: GameType,
        pub(super) score: i64,
        pub(super) dimension: String,
        pub(super) selected_item_slot: u32,
        pub(super) selected_item: Item,
        pub(super) spawn_dimension: Option<String>,
        pub(super) spawn_x: i64,
        pub(super) spawn_y: i64,
        pub(super) spawn_z: i64,
        pub(super) spawn_forced: Option<bool>,
        pub(super) sleep_timer: u16,
        pub(super) food_exhaustion_level: f32,
        pub(super) food_saturation_level: f32,
        pub(super) food_tick_timer: u32,
        pub(super) xp_level: u32,
        pub(super) xp_p: f32,
        pub(super) xp_total: i32,
        pub(super) xp_seed: i32,
        pub(super) inventory: Vec<Item>,
        pub(super) ender_items: Vec<Item>,
        pub(super) abilities: Abilities,
        pub(super) entered_nether_position: Option<(f64, f64, f64)>,
        pub(super) root_vehicle: Option<([u32; 4], Entity)>,
        pub(super) shoulder_entity_left: Option<Entity>,
        pub(super) shoulder_entity_right: Option<Entity>,
        pub(super) seen_credits: bool,
        pub(super) recipe_book: RecipeBook,
    }

    #[derive(Copy)]
    #[repr(u8)]
    #[wincode(tag_encoding = "u8")]
    enum GameType {
        Survival,
        Creative,
        Adventure,
        Spectator,
    }

    struct Item {
        pub(super) count: i8,
        pub(super) slot: u8,
        pub(super) id: String,
    }

    struct Abilities {
        pub(super) walk_speed: f32,
        pub(super) fly_speed: f32,
        pub(super) may_fly: bool,
        pub(super) flying: bool,
        pub(super) invulnerable: bool,
        pub(super) may_build: bool,
        pub(super) instabuild: bool,
    }

    struct Entity {
        pub(super) id: String,
        pub(super) pos: (f64, f64, f64),
        pub(super) motion: (f64, f64, f64),
        pub(super) rotation: (f32, f32),
        pub(super) fall_distance: f32,
        pub(super) fire: u16,
        pub(super) air: u16,
        pub(super) on_ground: bool,
        pub(super) no_gravity: bool,
        pub(super) invulnerable: bool,
        pub(super) portal_cooldown: i32,
        pub(super) uuid: [u32; 4],
        pub(super) custom_name: Option<String>,
        pub(super) custom_name_visible: bool,
        pub(super) silent: bool,
        pub(super) glowing: bool,
    }

    struct RecipeBook {
        pub(super) recipes: Vec<String>,
        pub(super) to_be_displayed: Vec<String>,
        pub(super) is_filtering_craftable: bool,
        pub(super) is_gui_open: bool,
        pub(super) is_furnace_filtering_craftable: bool,
        pub(super) is_furnace_gui_open: bool,
        pub(super) is_blasting_furnace_filtering_craftable: bool,
        pub(super) is_blasting_furnace_gui_open: bool,
        pub(super) is_smoker_filtering_craftable: bool,
        pub(super) is_smoker_gui_open: bool,
    }

    /// `mk48`: what a game of ships tells a player.
    struct Updates {
        pub(super) updates: Vec<Update>,
    }

    struct Update {
        pub(super) contacts: Vec<Contact>,
        pub(super) score: u32,
        pub(super) world_radius: f32,
        pub(super) terrain_updates: Vec<TerrainUpdate>,
    }

    struct Contact {
        pub(super) damage: u8,
        pub(super) entity_id: u32,
        pub(super) entity_type: Option<EntityType>,
        pub(super) guidance: Guidance,
        pub(super) player_id: Option<u16>,
        pub(super) reloads: Vec<bool>,
        pub(super) transform: Transform,
        pub(super) turret_angles: Vec<u16>,
    }

    #[derive(Copy)]
    #[repr(u8)]
    #[wincode(tag_encoding = "u8")]
    enum EntityType {
        ArleighBurke,
        Bismarck,
        Clemenceau,
        Fletcher,
        G5,
        Iowa,
        Kolkata,
        Osa,
        Yasen,
        Zubr,
    }

    struct Guidance {
        pub(super) angle: u16,
        pub(super) submerge: bool,
        pub(super) velocity: i16,
    }

    struct Transform {
        pub(super) altitude: i8,
        pub(super) angle: u16,
        pub(super) position: (f32, f32),
        pub(super) velocity: i16,
    }

    struct TerrainUpdate {
        pub(super) chunk_id: (i8, i8),
        pub(super) data: Vec<u8>,
    }
}
