//! The four kinds of data of `rust_serialization_benchmark`, and records, as derived types of our own: the layouts follow
//! its public descriptions, the values come from a generator of ours, so that sizes are near and never equal to its.

use serde::{Deserialize, Serialize};

/// Derives what every codec asks of a type.
macro_rules! derived {
    ($($(#[$doc:meta])* $kind:ident $name:ident { $($body:tt)* })*) => {
        $($(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
        #[derive(borsh::BorshSerialize, borsh::BorshDeserialize)]
        #[derive(wincode::SchemaWrite, wincode::SchemaRead)]
        #[derive(speedy::Readable, speedy::Writable)]
        #[derive(bitcode::Encode, bitcode::Decode)]
        pub(crate) $kind $name { $($body)* })*
    };
}

derived! {
    /// Lines of an access log.
    struct Logs {
        logs: Vec<Log>,
    }

    struct Log {
        address: Address,
        identity: String,
        userid: String,
        date: String,
        request: String,
        code: u16,
        size: u64,
    }

    struct Address {
        x0: u8,
        x1: u8,
        x2: u8,
        x3: u8,
    }

    /// Triangles with their normals.
    struct Mesh {
        triangles: Vec<Triangle>,
    }

    struct Triangle {
        v0: Vector3,
        v1: Vector3,
        v2: Vector3,
        normal: Vector3,
    }

    struct Vector3 {
        x: f32,
        y: f32,
        z: f32,
    }

    /// Saved players of a game of blocks: items and entities that carry the names of what they are.
    struct Players {
        players: Vec<Player>,
    }

    enum GameMode {
        Survival,
        Creative,
        Adventure,
        Spectator,
    }

    struct Item {
        count: i8,
        slot: u8,
        id: String,
    }

    struct Abilities {
        walk_speed: f32,
        fly_speed: f32,
        may_fly: bool,
        flying: bool,
        invulnerable: bool,
        may_build: bool,
        instabuild: bool,
    }

    struct Entity {
        id: String,
        position: (f64, f64, f64),
        motion: (f64, f64, f64),
        rotation: (f32, f32),
        fall_distance: f32,
        fire: u16,
        air: u16,
        on_ground: bool,
        no_gravity: bool,
        invulnerable: bool,
        portal_cooldown: i32,
        uuid: [u32; 4],
        custom_name: Option<String>,
        custom_name_visible: bool,
        silent: bool,
        glowing: bool,
    }

    struct Vehicle {
        uuid: [u32; 4],
        entity: Entity,
    }

    struct RecipeBook {
        recipes: Vec<String>,
        to_be_displayed: Vec<String>,
        is_filtering_craftable: bool,
        is_gui_open: bool,
        is_furnace_filtering_craftable: bool,
        is_furnace_gui_open: bool,
        is_blasting_furnace_filtering_craftable: bool,
        is_blasting_furnace_gui_open: bool,
        is_smoker_filtering_craftable: bool,
        is_smoker_gui_open: bool,
    }

    struct Player {
        game_type: GameMode,
        previous_game_type: GameMode,
        score: i64,
        dimension: String,
        selected_item_slot: u32,
        selected_item: Item,
        spawn_dimension: Option<String>,
        spawn_x: i64,
        spawn_y: i64,
        spawn_z: i64,
        spawn_forced: Option<bool>,
        sleep_timer: u16,
        food_exhaustion_level: f32,
        food_saturation_level: f32,
        food_tick_timer: u32,
        xp_level: u32,
        xp_p: f32,
        xp_total: i32,
        xp_seed: i32,
        inventory: Vec<Item>,
        ender_items: Vec<Item>,
        abilities: Abilities,
        entered_nether_position: Option<(f64, f64, f64)>,
        root_vehicle: Option<Vehicle>,
        shoulder_entity_left: Option<Entity>,
        shoulder_entity_right: Option<Entity>,
        seen_credits: bool,
        recipe_book: RecipeBook,
    }

    /// Updates of a game of ships.
    struct Updates {
        updates: Vec<Update>,
    }

    enum EntityType {
        ArleighBurke,
        Barrel,
        Bismarck,
        Coin,
        Crate,
        Dredger,
        G5,
        Headquarters,
        Missile,
        Torpedo,
        Yasen,
        Zubr,
    }

    struct Guidance {
        angle: u16,
        submerge: bool,
    }

    struct Transform {
        altitude: i8,
        angle: u16,
        position: (f32, f32),
        velocity: u16,
    }

    struct Contact {
        damage: u8,
        entity_id: u32,
        entity_type: Option<EntityType>,
        guidance: Guidance,
        player_id: Option<u16>,
        reloads: Vec<bool>,
        transform: Transform,
        turret_angles: Vec<u16>,
    }

    struct TerrainUpdate {
        chunk: (i8, i8),
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
    }

    struct Update {
        contacts: Vec<Contact>,
        score: u32,
        world_radius: f32,
        terrain_updates: Vec<TerrainUpdate>,
    }

    /// People.
    struct Records {
        records: Vec<Record>,
    }

    struct Record {
        id: u32,
        name: String,
        email: String,
        score: f64,
        active: bool,
        tags: Vec<String>,
        note: Option<String>,
        age: u8,
    }
}

/// A source of values; the same for the same seed.
pub(crate) struct Generator(fastrand::Rng);

const WORDS: [&str; 12] = [
    "amber", "birch", "cinder", "delta", "ember", "fjord", "granite", "harbor", "indigo", "juniper", "kestrel",
    "lagoon",
];

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Generator(fastrand::Rng::with_seed(seed))
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.0.usize(..WORDS.len())]
    }

    fn name(&mut self) -> String {
        format!("{}:{}_{}", self.word(), self.word(), self.word())
    }

    fn many<T>(&mut self, least: usize, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.0.usize(least..=most)).map(|_| make(self)).collect()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.0.bool() { Some(make(self)) } else { None }
    }

    fn real(&mut self) -> f64 {
        self.0.f64() * 2000.0 - 1000.0
    }

    fn three(&mut self) -> (f64, f64, f64) {
        (self.real(), self.real(), self.real())
    }

    pub(crate) fn logs(&mut self, count: usize) -> Logs {
        Logs { logs: (0..count).map(|_| self.log()).collect() }
    }

    fn log(&mut self) -> Log {
        let method = ["GET", "POST", "PUT", "DELETE"][self.0.usize(..4)];
        let path = self.many(1, 5, |generator| generator.word()).join("/");
        Log {
            address: Address { x0: self.0.u8(..), x1: self.0.u8(..), x2: self.0.u8(..), x3: self.0.u8(..) },
            identity: "-".to_owned(),
            userid: if self.0.u8(..4) == 0 { "-".to_owned() } else { self.word().to_owned() },
            date: format!(
                "{:02}/Oct/2025:{:02}:{:02}:{:02} +0000",
                self.0.u8(1..29),
                self.0.u8(..24),
                self.0.u8(..60),
                self.0.u8(..60)
            ),
            request: format!("{method} /{path}.html HTTP/1.1"),
            code: [200, 200, 200, 301, 404, 500][self.0.usize(..6)],
            size: self.0.u64(0..100_000_000),
        }
    }

    pub(crate) fn mesh(&mut self, count: usize) -> Mesh {
        let triangle = |generator: &mut Self| Triangle {
            v0: generator.vector(),
            v1: generator.vector(),
            v2: generator.vector(),
            normal: generator.vector(),
        };
        Mesh { triangles: (0..count).map(|_| triangle(self)).collect() }
    }

    fn vector(&mut self) -> Vector3 {
        Vector3 { x: self.0.f32(), y: self.0.f32(), z: self.0.f32() }
    }

    pub(crate) fn players(&mut self, count: usize) -> Players {
        Players { players: (0..count).map(|_| self.player()).collect() }
    }

    fn mode(&mut self) -> GameMode {
        match self.0.u8(..4) {
            0 => GameMode::Survival,
            1 => GameMode::Creative,
            2 => GameMode::Adventure,
            _ => GameMode::Spectator,
        }
    }

    fn item(&mut self) -> Item {
        Item { count: self.0.i8(..), slot: self.0.u8(..), id: self.name() }
    }

    fn uuid(&mut self) -> [u32; 4] {
        [(); 4].map(|()| self.0.u32(..))
    }

    fn entity(&mut self) -> Entity {
        Entity {
            id: self.name(),
            position: self.three(),
            motion: self.three(),
            rotation: (self.0.f32() * 360.0, self.0.f32() * 180.0),
            fall_distance: self.0.f32(),
            fire: self.0.u16(..),
            air: self.0.u16(..),
            on_ground: self.0.bool(),
            no_gravity: self.0.bool(),
            invulnerable: self.0.bool(),
            portal_cooldown: self.0.i32(..),
            uuid: self.uuid(),
            custom_name: self.maybe(Self::name),
            custom_name_visible: self.0.bool(),
            silent: self.0.bool(),
            glowing: self.0.bool(),
        }
    }

    fn player(&mut self) -> Player {
        Player {
            game_type: self.mode(),
            previous_game_type: self.mode(),
            score: self.0.i64(..),
            dimension: self.name(),
            selected_item_slot: self.0.u32(..),
            selected_item: self.item(),
            spawn_dimension: self.maybe(Self::name),
            spawn_x: self.0.i64(..),
            spawn_y: self.0.i64(..),
            spawn_z: self.0.i64(..),
            spawn_forced: self.maybe(|generator| generator.0.bool()),
            sleep_timer: self.0.u16(..),
            food_exhaustion_level: self.0.f32(),
            food_saturation_level: self.0.f32(),
            food_tick_timer: self.0.u32(..),
            xp_level: self.0.u32(..),
            xp_p: self.0.f32(),
            xp_total: self.0.i32(..),
            xp_seed: self.0.i32(..),
            inventory: self.many(0, 40, Self::item),
            ender_items: self.many(0, 27, Self::item),
            abilities: Abilities {
                walk_speed: self.0.f32(),
                fly_speed: self.0.f32(),
                may_fly: self.0.bool(),
                flying: self.0.bool(),
                invulnerable: self.0.bool(),
                may_build: self.0.bool(),
                instabuild: self.0.bool(),
            },
            entered_nether_position: self.maybe(Self::three),
            root_vehicle: self.maybe(|generator| Vehicle { uuid: generator.uuid(), entity: generator.entity() }),
            shoulder_entity_left: self.maybe(Self::entity),
            shoulder_entity_right: self.maybe(Self::entity),
            seen_credits: self.0.bool(),
            recipe_book: RecipeBook {
                recipes: self.many(0, 30, Self::name),
                to_be_displayed: self.many(0, 10, Self::name),
                is_filtering_craftable: self.0.bool(),
                is_gui_open: self.0.bool(),
                is_furnace_filtering_craftable: self.0.bool(),
                is_furnace_gui_open: self.0.bool(),
                is_blasting_furnace_filtering_craftable: self.0.bool(),
                is_blasting_furnace_gui_open: self.0.bool(),
                is_smoker_filtering_craftable: self.0.bool(),
                is_smoker_gui_open: self.0.bool(),
            },
        }
    }

    pub(crate) fn updates(&mut self, count: usize) -> Updates {
        let update = |generator: &mut Self| Update {
            contacts: generator.many(0, 60, Self::contact),
            score: generator.0.u32(..),
            world_radius: generator.0.f32() * 10_000.0,
            terrain_updates: generator.many(0, 2, |generator| TerrainUpdate {
                chunk: (generator.0.i8(..), generator.0.i8(..)),
                data: generator.many(16, 512, |generator| generator.0.u8(..)),
            }),
        };
        Updates { updates: (0..count).map(|_| update(self)).collect() }
    }

    fn entity_type(&mut self) -> EntityType {
        match self.0.u8(..12) {
            0 => EntityType::ArleighBurke,
            1 => EntityType::Barrel,
            2 => EntityType::Bismarck,
            3 => EntityType::Coin,
            4 => EntityType::Crate,
            5 => EntityType::Dredger,
            6 => EntityType::G5,
            7 => EntityType::Headquarters,
            8 => EntityType::Missile,
            9 => EntityType::Torpedo,
            10 => EntityType::Yasen,
            _ => EntityType::Zubr,
        }
    }

    fn contact(&mut self) -> Contact {
        Contact {
            damage: self.0.u8(..),
            entity_id: self.0.u32(..),
            entity_type: self.maybe(Self::entity_type),
            guidance: Guidance { angle: self.0.u16(..), submerge: self.0.bool() },
            player_id: self.maybe(|generator| generator.0.u16(..)),
            reloads: self.many(0, 8, |generator| generator.0.bool()),
            transform: Transform {
                altitude: self.0.i8(..),
                angle: self.0.u16(..),
                position: (self.0.f32() * 1e4, self.0.f32() * 1e4),
                velocity: self.0.u16(..),
            },
            turret_angles: self.many(0, 6, |generator| generator.0.u16(..)),
        }
    }

    pub(crate) fn records(&mut self, count: usize) -> Records {
        let record = |generator: &mut Self, id: usize| {
            let (first, last) = (generator.word(), generator.word());
            Record {
                id: id as u32,
                name: format!("{first} {last}"),
                email: format!("{first}.{last}@example.org"),
                score: generator.real(),
                active: generator.0.bool(),
                tags: generator.many(0, 4, |generator| generator.word().to_owned()),
                note: generator.maybe(|generator| generator.many(3, 9, |generator| generator.word()).join(" ")),
                age: generator.0.u8(18..90),
            }
        };
        Records { records: (0..count).map(|id| record(self, id)).collect() }
    }
}
