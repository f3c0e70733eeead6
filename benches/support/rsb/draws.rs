//! The values, drawn as RSB draws them: fields are drawn in the order in which they are written here.

use super::types::*;
use rand::Rng;
use rand::distributions::uniform::{SampleRange, SampleUniform};
use rand::distributions::{Distribution, Standard, WeightedIndex};
use rand_pcg::Lcg64Xsh32;
use std::ops::Range;

/// 10,000 lines.
pub(super) fn logs() -> Logs {
    Logs { logs: Draws::new().exactly(10_000, Draws::log) }
}

/// 125,000 triangles.
pub(super) fn mesh() -> Mesh {
    Mesh { triangles: Draws::new().exactly(125_000, Draws::triangle) }
}

/// 500 players.
pub(super) fn players() -> Players {
    Players { players: Draws::new().exactly(500, Draws::player) }
}

/// 1,000 updates.
pub(super) fn updates() -> Updates {
    Updates { updates: Draws::new().exactly(1000, Draws::update) }
}

/// 1,000 updates as they were until 2024.
pub(super) fn updates_of_2024() -> Updates {
    let mut draws = Draws { as_of_2024: true, ..Draws::new() };
    Updates { updates: draws.exactly(1000, Draws::update) }
}

/// Kinds of ships: how often each comes, its turrets, its weapons.
const SHIPS: [(EntityType, f32, usize, usize); 10] = [
    (EntityType::ArleighBurke, 2.14, 1, 20),
    (EntityType::Bismarck, 0.52, 4, 10),
    (EntityType::Clemenceau, 0.97, 4, 16),
    (EntityType::Fletcher, 1.46, 4, 18),
    (EntityType::G5, 13.16, 0, 2),
    (EntityType::Iowa, 1.55, 3, 28),
    (EntityType::Kolkata, 0.83, 1, 15),
    (EntityType::Osa, 7.25, 2, 6),
    (EntityType::Yasen, 4.06, 0, 14),
    (EntityType::Zubr, 12.92, 3, 11),
];

struct Draws {
    random: Lcg64Xsh32,
    ships: WeightedIndex<f32>,
    /// Whether turrets are turned by an `i32`, of whose draws more are rejected than of those of an `i16`.
    as_of_2024: bool,
}

impl Draws {
    /// From the start: state and stream are 20 digits of pi, the same for each kind of data.
    fn new() -> Self {
        let ships = WeightedIndex::new(SHIPS.map(|(_, frequency, ..)| frequency)).expect("some come");
        Draws { random: Lcg64Xsh32::new(3_141_592_653, 5_897_932_384), ships, as_of_2024: false }
    }

    fn any<T>(&mut self) -> T
    where
        Standard: Distribution<T>,
    {
        self.random.sample(Standard)
    }

    fn within<T: SampleUniform>(&mut self, range: impl SampleRange<T>) -> T {
        self.random.gen_range(range)
    }

    fn with_chance(&mut self, chance: f64) -> bool {
        self.random.gen_bool(chance)
    }

    /// Not `any`, which draws half as many bits.
    fn flag(&mut self) -> bool {
        self.with_chance(0.5)
    }

    fn maybe<T>(&mut self, draw: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.flag() { Some(draw(self)) } else { None }
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.within(0..choices.len())]
    }

    fn word(&mut self, words: &[&str]) -> String {
        self.one_of(words).to_owned()
    }

    fn several<T>(&mut self, count: usize, mut draw: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..count).map(|_| draw(self)).collect()
    }

    fn some<T>(&mut self, counts: Range<usize>, draw: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.within(counts);
        self.several(count, draw)
    }

    /// RSB draws a length even where there is no choice, which takes a number.
    fn exactly<T>(&mut self, count: usize, draw: impl FnMut(&mut Self) -> T) -> Vec<T> {
        self.some(count..count + 1, draw)
    }

    fn log(&mut self) -> Log {
        let date = self.date();
        let request = self.request();
        Log {
            address: Address {
                x0: self.within(0..=255),
                x1: self.within(0..=255),
                x2: self.within(0..=255),
                x3: self.within(0..=255),
            },
            identity: "-".to_owned(),
            userid: self.word(&["-", "alice", "bob", "carmen", "david", "eric", "frank", "george", "harry"]),
            date,
            request,
            code: self.code(),
            size: self.within(0..100_000_000),
        }
    }

    fn date(&mut self) -> String {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let day = self.within(1..=28);
        let month = self.one_of(&MONTHS);
        let year = self.within(1970..=2021);
        let (hour, minute, second) = (self.within(0..24), self.within(0..60), self.within(0..60));
        let zone = self.within(0..25_usize) as i32 - 12;
        format!("{day}/{month}/{year}:{hour}:{minute}:{second} {:+05}", zone * 100)
    }

    fn request(&mut self) -> String {
        let method = self.one_of(&["GET", "POST", "PUT", "UPDATE", "DELETE"]);
        let route = self.one_of(&[
            "/favicon.ico",
            "/css/index.css",
            "/css/font-awsome.min.css",
            "/img/logo-full.svg",
            "/img/splash.jpg",
            "/api/login",
            "/api/logout",
        ]);
        let protocol = self.one_of(&["HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/3"]);
        format!("{method} {route} {protocol}")
    }

    /// One of the 63 status codes that are in use.
    fn code(&mut self) -> u16 {
        const RUNS: [(u16, u16); 11] = [
            (100, 103),
            (200, 208),
            (226, 226),
            (300, 308),
            (400, 418),
            (421, 426),
            (428, 429),
            (431, 431),
            (451, 451),
            (500, 508),
            (510, 511),
        ];
        let codes: Vec<u16> = RUNS.iter().flat_map(|&(first, last)| first..=last).collect();
        self.one_of(&codes)
    }

    fn triangle(&mut self) -> Triangle {
        Triangle { v0: self.vector(), v1: self.vector(), v2: self.vector(), normal: self.vector() }
    }

    fn vector(&mut self) -> Vector3 {
        Vector3 { x: self.any(), y: self.any(), z: self.any() }
    }

    fn player(&mut self) -> Player {
        const DIMENSIONS: [&str; 3] = ["overworld", "nether", "end"];
        Player {
            game_type: self.game_type(),
            previous_game_type: self.game_type(),
            score: self.any(),
            dimension: self.word(&DIMENSIONS),
            selected_item_slot: self.any(),
            selected_item: self.item(),
            spawn_dimension: self.maybe(|draws| draws.word(&DIMENSIONS)),
            spawn_x: self.any(),
            spawn_y: self.any(),
            spawn_z: self.any(),
            spawn_forced: self.maybe(Self::flag),
            sleep_timer: self.any(),
            food_exhaustion_level: self.any(),
            food_saturation_level: self.any(),
            food_tick_timer: self.any(),
            xp_level: self.any(),
            xp_p: self.any(),
            xp_total: self.any(),
            xp_seed: self.any(),
            inventory: self.some(0..40, Self::item),
            ender_items: self.some(0..27, Self::item),
            abilities: self.abilities(),
            entered_nether_position: self.maybe(Self::three),
            root_vehicle: self.maybe(|draws| (draws.uuid(), draws.entity())),
            shoulder_entity_left: self.maybe(Self::entity),
            shoulder_entity_right: self.maybe(Self::entity),
            seen_credits: self.flag(),
            recipe_book: self.recipe_book(),
        }
    }

    fn game_type(&mut self) -> GameType {
        match self.within(0..4) {
            0 => GameType::Survival,
            1 => GameType::Creative,
            2 => GameType::Adventure,
            _ => GameType::Spectator,
        }
    }

    fn item(&mut self) -> Item {
        const IDS: [&str; 8] = ["dirt", "stone", "pickaxe", "sand", "gravel", "shovel", "chestplate", "steak"];
        Item { count: self.any(), slot: self.any(), id: self.word(&IDS) }
    }

    fn abilities(&mut self) -> Abilities {
        Abilities {
            walk_speed: self.any(),
            fly_speed: self.any(),
            may_fly: self.flag(),
            flying: self.flag(),
            invulnerable: self.flag(),
            may_build: self.flag(),
            instabuild: self.flag(),
        }
    }

    fn three(&mut self) -> (f64, f64, f64) {
        (self.any(), self.any(), self.any())
    }

    fn uuid(&mut self) -> [u32; 4] {
        [(); 4].map(|()| self.any())
    }

    fn entity(&mut self) -> Entity {
        const IDS: [&str; 8] = ["cow", "sheep", "zombie", "skeleton", "spider", "creeper", "parrot", "bee"];
        const NAMES: [&str; 8] = ["rainbow", "princess", "steve", "johnny", "missy", "coward", "fairy", "howard"];
        Entity {
            id: self.word(&IDS),
            pos: self.three(),
            motion: self.three(),
            rotation: (self.any(), self.any()),
            fall_distance: self.any(),
            fire: self.any(),
            air: self.any(),
            on_ground: self.flag(),
            no_gravity: self.flag(),
            invulnerable: self.flag(),
            portal_cooldown: self.any(),
            uuid: self.uuid(),
            custom_name: self.maybe(|draws| draws.word(&NAMES)),
            custom_name_visible: self.flag(),
            silent: self.flag(),
            glowing: self.flag(),
        }
    }

    fn recipe_book(&mut self) -> RecipeBook {
        const RECIPES: [&str; 8] = ["pickaxe", "torch", "bow", "crafting table", "furnace", "shears", "arrow", "tnt"];
        RecipeBook {
            recipes: self.some(0..30, |draws| draws.word(&RECIPES)),
            to_be_displayed: self.some(0..10, |draws| draws.word(&RECIPES)),
            is_filtering_craftable: self.flag(),
            is_gui_open: self.flag(),
            is_furnace_filtering_craftable: self.flag(),
            is_furnace_gui_open: self.flag(),
            is_blasting_furnace_filtering_craftable: self.flag(),
            is_blasting_furnace_gui_open: self.flag(),
            is_smoker_filtering_craftable: self.flag(),
            is_smoker_gui_open: self.flag(),
        }
    }

    fn update(&mut self) -> Update {
        let players: i32 = self.within(200..400);
        let world_radius = (players as f32 * 15_000.0).sqrt() + self.within(-50.0_f32..50.0);
        let chunks = (world_radius / 1600.0).ceil() as i8;
        let contacts: i32 = self.within(20..40);
        Update {
            contacts: self.several(contacts as usize, |draws| draws.contact(players as u16)),
            score: (self.any::<f32>().powi(4) * 5000.0) as u32 + self.within(0..50_u32),
            world_radius,
            terrain_updates: {
                let count: i32 = self.within(3..10);
                self.several(count as usize, |draws| draws.terrain_update(chunks))
            },
        }
    }

    /// Of what is out of sight, little is known.
    fn contact(&mut self, players: u16) -> Contact {
        let ship = SHIPS[self.random.sample(&self.ships)];
        let (kind, _, turrets, weapons) = ship;
        let is_visible = self.with_chance(0.7);
        Contact {
            damage: if is_visible && self.with_chance(0.6) { 0 } else { self.within(0..200) },
            entity_id: self.within(0..u32::from(players) * 20),
            entity_type: is_visible.then_some(kind),
            guidance: Guidance { angle: self.any(), submerge: self.submerge(kind), velocity: self.velocity() },
            player_id: is_visible.then(|| self.within(0..players)),
            reloads: if is_visible { self.reloads(weapons) } else { Vec::new() },
            transform: Transform {
                altitude: if self.submerge(kind) { self.within(-120..-35) } else { 0 },
                angle: self.any(),
                position: (self.within(-750.0..750.0), self.within(-750.0..750.0)),
                velocity: self.velocity(),
            },
            turret_angles: if is_visible { self.turret_angles(turrets) } else { Vec::new() },
        }
    }

    /// Only the one submarine draws.
    fn submerge(&mut self, kind: EntityType) -> bool {
        kind == EntityType::Yasen && self.with_chance(0.9)
    }

    fn velocity(&mut self) -> i16 {
        match self.within(0..100) {
            0..80 => self.within(140..900),
            80..90 => 0,
            _ => self.within(-225..-35),
        }
    }

    fn reloads(&mut self, weapons: usize) -> Vec<bool> {
        let chance = self.within(0.0..1.0);
        self.several(weapons, |draws| draws.with_chance(chance))
    }

    fn turret_angles(&mut self, turrets: usize) -> Vec<u16> {
        let base: u16 = self.any();
        self.several(turrets, |draws| {
            if !draws.with_chance(0.75) {
                return draws.any();
            }
            let offset: i16 =
                if draws.as_of_2024 { draws.within(-200..200_i32) as i16 } else { draws.within(-200..200) };
            base.wrapping_add_signed(offset)
        })
    }

    fn terrain_update(&mut self, chunks: i8) -> TerrainUpdate {
        let is_new = self.with_chance(0.02);
        TerrainUpdate {
            chunk_id: (self.within(-chunks..chunks), self.within(-chunks..chunks)),
            data: self.some(if is_new { 900..1100 } else { 3..9 }, Self::any),
        }
    }
}
