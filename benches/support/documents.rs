//! Five documents in the shapes of well-known ones, made anew: derived structs as a person would write them, and their
//! generators. Each struct is there twice. Where fields go by name (`named`), what is absent is left out; where they go by
//! position (`compact`), it is an option.

use fastrand::Rng;
use sercost::payload::{Field, Presence, RecordSchema, Schema};
use std::collections::BTreeMap;

/// A type of the documents with the schema that stands for it.
pub(crate) trait Typed {
    fn schema() -> Schema;
}

macro_rules! scalars {
    ($($type:ty: $schema:ident)*) => {
        $(impl Typed for $type {
            fn schema() -> Schema {
                Schema::$schema
            }
        })*
    };
}

scalars! { bool: Bool u8: U8 i8: I8 u16: U16 u32: U32 u64: U64 f64: F64 String: String }

impl<T: Typed> Typed for Vec<T> {
    fn schema() -> Schema {
        Schema::list(T::schema())
    }
}

impl<T: Typed> Typed for Option<T> {
    fn schema() -> Schema {
        Schema::option(T::schema())
    }
}

impl<T: Typed, const N: usize> Typed for [T; N] {
    fn schema() -> Schema {
        Schema::array(T::schema(), N, false)
    }
}

impl<T: Typed> Typed for BTreeMap<String, T> {
    fn schema() -> Schema {
        Schema::map(Schema::String, T::schema())
    }
}

/// Defines the structs in both forms. A field that may be absent has the test of it before its name.
macro_rules! documents {
    ($($name:ident { $($([$skip:literal])? $field:ident: $type:ty,)* })*) => {
        pub(crate) mod named {
            use std::collections::BTreeMap;
            $(#[derive(serde::Serialize, serde::Deserialize)]
            #[allow(non_snake_case)]
            pub(crate) struct $name { $($(#[serde(skip_serializing_if = $skip)])? pub(crate) $field: $type,)* })*
        }

        pub(crate) mod compact {
            use super::{Field, Presence, RecordSchema, Schema, Typed};
            use std::collections::BTreeMap;
            $(#[derive(serde::Serialize, serde::Deserialize)]
            #[allow(non_snake_case)]
            pub(crate) struct $name { $(pub(crate) $field: $type,)* }

            impl Typed for $name {
                fn schema() -> Schema {
                    let fields = vec![$({
                        #[allow(unused_mut, unused_assignments)]
                        let mut presence = Presence::Required;
                        $(
                            let _ = $skip;
                            presence = Presence::Optional;
                        )?
                        let name = stringify!($field);
                        Field::with_presence(name.strip_prefix("r#").unwrap_or(name), <$type>::schema(), presence)
                    }),*];
                    Schema::Record(RecordSchema::new(stringify!($name), fields))
                }
            })*
        }
    };
}

documents! {
    // A country's border: one feature of many rings of points.
    Canada { r#type: String, features: Vec<Feature>, }
    Feature { r#type: String, properties: Properties, geometry: Geometry, }
    Properties { name: String, }
    Geometry { r#type: String, coordinates: Vec<Vec<[f64; 2]>>, }

    // A model: long lists of numbers, bones, and keys of short lists.
    Marine { metadata: Metadata, geometries: Vec<Mesh>, }
    Metadata { r#type: String, version: f64, generator: String, }
    Mesh { uuid: String, r#type: String, data: MeshData, }
    MeshData {
        vertices: Vec<f64>, normals: Vec<f64>, uvs: Vec<Vec<f64>>, faces: Vec<u32>, skinIndices: Vec<u8>,
        skinWeights: Vec<f64>, influencesPerVertex: u8, bones: Vec<Bone>, animations: Vec<Animation>,
    }
    Bone { parent: i8, name: String, pos: Vec<f64>, rotq: Vec<f64>, scl: Vec<f64>, }
    Animation { name: String, fps: u8, length: f64, hierarchy: Vec<Track>, }
    Track { parent: i8, keys: Vec<Key>, }
    Key {
        time: f64, pos: Vec<f64>, rot: Vec<f64>, ["Option::is_none"] scl: Option<Vec<f64>>,
    }

    // Countries: names in many languages, maps of short records, lists of short strings.
    Country {
        name: CountryName, tld: Vec<String>, cca2: String, ccn3: String, cca3: String,
        ["Option::is_none"] cioc: Option<String>, independent: Option<bool>, status: String, unMember: bool,
        currencies: BTreeMap<String, Currency>, idd: Dialling, capital: Vec<String>, altSpellings: Vec<String>,
        region: String, subregion: String, languages: BTreeMap<String, String>,
        translations: BTreeMap<String, Translation>, latlng: [f64; 2], landlocked: bool, borders: Vec<String>, area: f64,
        flag: String, demonyms: BTreeMap<String, Demonym>,
    }
    CountryName { common: String, official: String, native: BTreeMap<String, Translation>, }
    Currency { name: String, symbol: String, }
    Dialling { root: String, suffixes: Vec<String>, }
    Translation { official: String, common: String, }
    Demonym { f: String, m: String, }

    // The answer to a search for messages.
    Twitter { statuses: Vec<Status>, search_metadata: Search, }
    Search { completed_in: f64, max_id: u64, query: String, refresh_url: String, count: u8, }
    Status {
        metadata: StatusMetadata, created_at: String, id: u64, id_str: String, text: String, source: String,
        truncated: bool, in_reply_to_status_id: Option<u64>, in_reply_to_status_id_str: Option<String>,
        in_reply_to_user_id: Option<u64>, in_reply_to_user_id_str: Option<String>,
        in_reply_to_screen_name: Option<String>, user: User, ["Option::is_none"] retweeted_status: Option<Retweeted>,
        retweet_count: u32, favorite_count: u32, entities: Entities, favorited: bool, retweeted: bool,
        ["Option::is_none"] possibly_sensitive: Option<bool>, lang: String,
    }
    Retweeted {
        metadata: StatusMetadata, created_at: String, id: u64, id_str: String, text: String, source: String,
        truncated: bool, user: User, retweet_count: u32, favorite_count: u32, entities: Entities, favorited: bool,
        retweeted: bool, lang: String,
    }
    StatusMetadata { result_type: String, iso_language_code: String, }
    User {
        id: u64, id_str: String, name: String, screen_name: String, location: String, description: String,
        url: Option<String>, protected: bool, followers_count: u32, friends_count: u32, listed_count: u16,
        created_at: String, favourites_count: u32, utc_offset: Option<u32>, time_zone: Option<String>, geo_enabled: bool,
        verified: bool, statuses_count: u32, lang: String, contributors_enabled: bool, is_translator: bool,
        is_translation_enabled: bool, profile_background_color: String, profile_background_image_url: String,
        profile_background_tile: bool, profile_image_url: String,
        ["Option::is_none"] profile_banner_url: Option<String>, profile_link_color: String,
        profile_sidebar_border_color: String, profile_text_color: String, profile_use_background_image: bool,
        default_profile: bool, default_profile_image: bool, following: bool, follow_request_sent: bool,
        notifications: bool,
    }
    Entities {
        hashtags: Vec<Hashtag>, symbols: Vec<Hashtag>, urls: Vec<Link>, user_mentions: Vec<Mention>,
        ["Option::is_none"] media: Option<Vec<Media>>,
    }
    Hashtag { text: String, indices: Vec<u8>, }
    Link { url: String, expanded_url: String, display_url: String, indices: Vec<u8>, }
    Mention { screen_name: String, name: String, id: u64, id_str: String, indices: Vec<u8>, }
    Media {
        id: u64, id_str: String, indices: Vec<u8>, media_url: String, url: String, r#type: String,
        sizes: BTreeMap<String, MediaSize>,
    }
    MediaSize { w: u16, h: u16, resize: String, }

    // A catalogue of events: maps by number, and performances with prices of seats.
    Catalog {
        areaNames: BTreeMap<String, String>, audienceSubCategoryNames: BTreeMap<String, String>,
        events: BTreeMap<String, Event>, performances: Vec<Performance>, seatCategoryNames: BTreeMap<String, String>,
        subTopicNames: BTreeMap<String, String>, topicNames: BTreeMap<String, String>,
        topicSubTopics: BTreeMap<String, Vec<u32>>, venueNames: BTreeMap<String, String>,
    }
    Event {
        description: Option<String>, id: u32, logo: Option<String>, name: String, subTopicIds: Vec<u32>,
        subjectCode: Option<String>, subtitle: Option<String>, topicIds: Vec<u32>,
    }
    Performance {
        eventId: u32, id: u32, logo: Option<String>, name: Option<String>, prices: Vec<Price>,
        seatCategories: Vec<SeatCategory>, seatMapImage: Option<String>, start: u64, venueCode: String,
    }
    Price { amount: u32, audienceSubCategoryId: u32, seatCategoryId: u32, }
    SeatCategory { areas: Vec<Area>, seatCategoryId: u32, }
    Area { areaId: u32, blockIds: Vec<u32>, }
}

use compact::*;

/// Random values of everyday kinds.
struct Maker(Rng);

impl Maker {
    fn word(&mut self) -> String {
        let length = self.0.usize(3..10);
        (0..length).map(|_| self.0.lowercase()).collect()
    }

    fn words(&mut self, least: usize, most: usize) -> String {
        let count = self.0.usize(least..=most);
        self.list(count, Maker::word).join(" ")
    }

    fn list<T>(&mut self, count: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..count).map(|_| make(self)).collect()
    }

    fn some<T>(&mut self, share: f64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.0.f64() < share).then(|| make(self))
    }

    fn map<T>(&mut self, count: usize, mut make: impl FnMut(&mut Self) -> T) -> BTreeMap<String, T> {
        (0..count).map(|_| (self.0.u32(100_000_000..400_000_000).to_string(), make(self))).collect()
    }

    fn by_language<T>(&mut self, count: usize, mut make: impl FnMut(&mut Self) -> T) -> BTreeMap<String, T> {
        let code = |maker: &mut Self| (0..3).map(|_| maker.0.lowercase()).collect();
        (0..count).map(|_| (code(self), make(self))).collect()
    }

    /// A number with up to six decimals, and so one that every parser reads exactly.
    fn decimal(&mut self, most: i64) -> f64 {
        self.0.i64(-most * 1_000_000..most * 1_000_000) as f64 / 1e6
    }

    fn id(&mut self) -> u64 {
        self.0.u64(1 << 52..1 << 58)
    }

    fn link(&mut self) -> String {
        format!("http://{}.example/{}/{}.png", self.word(), self.word(), self.0.u32(..))
    }
}

pub(crate) fn canada(scale: usize) -> Canada {
    let mut maker = Maker(Rng::with_seed(1));
    let rings = maker.list(480 / scale.min(24), |maker| {
        let points = if maker.0.f64() < 0.9 { maker.0.usize(4..60) } else { maker.0.usize(100..1800) / scale };
        maker.list(points, |maker| [maker.decimal(140), maker.decimal(80)])
    });
    let geometry = Geometry { r#type: "Polygon".into(), coordinates: rings };
    let feature = Feature { r#type: "Feature".into(), properties: Properties { name: maker.word() }, geometry };
    Canada { r#type: "FeatureCollection".into(), features: vec![feature] }
}

pub(crate) fn marine(scale: usize) -> Marine {
    let mut maker = Maker(Rng::with_seed(2));
    let numbers = |maker: &mut Maker, count: usize| maker.list(count, |maker| maker.decimal(10));
    let bones = maker.list(60, |maker| Bone {
        parent: maker.0.i8(-1..60),
        name: maker.word(),
        pos: numbers(maker, 3),
        rotq: numbers(maker, 4),
        scl: vec![1.0, 1.0, 1.0],
    });
    let key = |maker: &mut Maker| Key {
        time: maker.decimal(5),
        pos: numbers(maker, 3),
        rot: numbers(maker, 4),
        scl: maker.some(0.9, |maker| numbers(maker, 3)),
    };
    let animations = maker.list(2, |maker| Animation {
        name: maker.word(),
        fps: 24,
        length: maker.decimal(10),
        hierarchy: maker.list(60, |maker| Track { parent: maker.0.i8(-1..60), keys: maker.list(200 / scale, key) }),
    });
    let vertices = 9_000 / scale;
    let data = MeshData {
        vertices: numbers(&mut maker, vertices),
        normals: numbers(&mut maker, vertices),
        uvs: vec![numbers(&mut maker, vertices)],
        faces: maker.list(40_000 / scale, |maker| maker.0.u32(0..9_000)),
        skinIndices: maker.list(vertices, |maker| maker.0.u8(0..60)),
        skinWeights: numbers(&mut maker, vertices),
        influencesPerVertex: 2,
        bones,
        animations,
    };
    let mesh = Mesh { uuid: maker.id().to_string(), r#type: "Geometry".into(), data };
    let metadata = Metadata { r#type: "Object".into(), version: 4.4, generator: maker.word() };
    Marine { metadata, geometries: vec![mesh] }
}

pub(crate) fn countries(scale: usize) -> Vec<Country> {
    let mut maker = Maker(Rng::with_seed(3));
    let translation = |maker: &mut Maker| Translation { official: maker.words(2, 4), common: maker.words(1, 2) };
    maker.list(250 * 4 / scale, |maker| {
        let [few, some, most] = [maker.0.usize(1..3), maker.0.usize(0..4), maker.0.usize(0..7)];
        Country {
            name: CountryName {
                common: maker.word(),
                official: maker.words(2, 4),
                native: maker.by_language(few, translation),
            },
            tld: maker.list(few, |maker| format!(".{}", maker.word())),
            cca2: "xy".into(),
            ccn3: maker.0.u16(100..999).to_string(),
            cca3: "xyz".into(),
            cioc: maker.some(0.8, |_| "abc".into()),
            independent: maker.some(0.95, |maker| maker.0.bool()),
            status: "officially-assigned".into(),
            unMember: maker.0.bool(),
            currencies: maker.by_language(few, |maker| Currency { name: maker.words(1, 2), symbol: maker.word() }),
            idd: Dialling { root: "+2".into(), suffixes: maker.list(few, |maker| maker.0.u8(10..99).to_string()) },
            capital: maker.list(1, Maker::word),
            altSpellings: maker.list(some, |maker| maker.words(1, 3)),
            region: maker.word(),
            subregion: maker.words(1, 2),
            languages: maker.by_language(few, Maker::word),
            translations: maker.by_language(25, translation),
            latlng: [maker.decimal(90), maker.decimal(180)],
            landlocked: maker.0.bool(),
            borders: maker.list(most, |_| "xyz".into()),
            area: f64::from(maker.0.u32(1..17_000_000)),
            flag: "flag".into(),
            demonyms: maker.by_language(2, |maker| Demonym { f: maker.word(), m: maker.word() }),
        }
    })
}

fn user(maker: &mut Maker) -> User {
    let id = maker.id();
    let colour = |maker: &mut Maker| format!("{:06X}", maker.0.u32(0..1 << 24));
    User {
        id,
        id_str: id.to_string(),
        name: maker.words(1, 2),
        screen_name: maker.word(),
        location: maker.words(0, 2),
        description: maker.words(0, 30),
        url: maker.some(0.3, Maker::link),
        protected: false,
        followers_count: maker.0.u32(0..100_000),
        friends_count: maker.0.u32(0..5_000),
        listed_count: maker.0.u16(0..500),
        created_at: "Wed Aug 27 13:08:45 +0000 2008".into(),
        favourites_count: maker.0.u32(0..20_000),
        utc_offset: maker.some(0.3, |_| 32_400),
        time_zone: maker.some(0.3, Maker::word),
        geo_enabled: maker.0.bool(),
        verified: false,
        statuses_count: maker.0.u32(0..200_000),
        lang: "en".into(),
        contributors_enabled: false,
        is_translator: false,
        is_translation_enabled: false,
        profile_background_color: colour(maker),
        profile_background_image_url: maker.link(),
        profile_background_tile: maker.0.bool(),
        profile_image_url: maker.link(),
        profile_banner_url: maker.some(0.8, Maker::link),
        profile_link_color: colour(maker),
        profile_sidebar_border_color: colour(maker),
        profile_text_color: colour(maker),
        profile_use_background_image: true,
        default_profile: maker.0.bool(),
        default_profile_image: false,
        following: false,
        follow_request_sent: false,
        notifications: false,
    }
}

fn entities(maker: &mut Maker) -> Entities {
    let indices = |maker: &mut Maker| vec![maker.0.u8(0..70), maker.0.u8(70..140)];
    let [hashtags, links, mentions] = [maker.0.usize(0..2), maker.0.usize(0..2), maker.0.usize(0..3)];
    let size =
        |maker: &mut Maker| MediaSize { w: maker.0.u16(100..2000), h: maker.0.u16(100..2000), resize: "fit".into() };
    let media = |maker: &mut Maker| {
        let id = maker.id();
        Media {
            id,
            id_str: id.to_string(),
            indices: indices(maker),
            media_url: maker.link(),
            url: maker.link(),
            r#type: "photo".into(),
            sizes: ["large", "medium", "small", "thumb"].map(|name| (name.to_owned(), size(maker))).into(),
        }
    };
    Entities {
        hashtags: maker.list(hashtags, |maker| Hashtag { text: maker.word(), indices: indices(maker) }),
        symbols: Vec::new(),
        urls: maker.list(links, |maker| Link {
            url: maker.link(),
            expanded_url: maker.link(),
            display_url: maker.word(),
            indices: indices(maker),
        }),
        user_mentions: maker.list(mentions, |maker| {
            let id = maker.id();
            let (screen_name, name) = (maker.word(), maker.words(1, 2));
            Mention { screen_name, name, id, id_str: id.to_string(), indices: indices(maker) }
        }),
        media: maker.some(0.2, |maker| maker.list(1, media)),
    }
}

fn retweeted(maker: &mut Maker) -> Retweeted {
    let id = maker.id();
    Retweeted {
        metadata: StatusMetadata { result_type: "recent".into(), iso_language_code: "ja".into() },
        created_at: "Sun Aug 31 00:29:15 +0000 2014".into(),
        id,
        id_str: id.to_string(),
        text: maker.words(8, 20),
        source: maker.link(),
        truncated: false,
        user: user(maker),
        retweet_count: maker.0.u32(0..100_000),
        favorite_count: maker.0.u32(0..100_000),
        entities: entities(maker),
        favorited: false,
        retweeted: false,
        lang: "ja".into(),
    }
}

pub(crate) fn twitter(scale: usize) -> Twitter {
    let mut maker = Maker(Rng::with_seed(4));
    let statuses = maker.list(400 / scale, |maker| {
        let (id, to) = (maker.id(), maker.some(0.2, Maker::id));
        Status {
            metadata: StatusMetadata { result_type: "recent".into(), iso_language_code: "ja".into() },
            created_at: "Sun Aug 31 00:29:15 +0000 2014".into(),
            id,
            id_str: id.to_string(),
            text: maker.words(8, 20),
            source: maker.link(),
            truncated: false,
            in_reply_to_status_id: to,
            in_reply_to_status_id_str: to.map(|to| to.to_string()),
            in_reply_to_user_id: to,
            in_reply_to_user_id_str: to.map(|to| to.to_string()),
            in_reply_to_screen_name: maker.some(0.2, Maker::word),
            user: user(maker),
            retweeted_status: maker.some(0.6, retweeted),
            retweet_count: maker.0.u32(0..100_000),
            favorite_count: maker.0.u32(0..100_000),
            entities: entities(maker),
            favorited: false,
            retweeted: false,
            possibly_sensitive: maker.some(0.3, |_| false),
            lang: "ja".into(),
        }
    });
    let search_metadata =
        Search { completed_in: 0.087, max_id: maker.id(), query: maker.word(), refresh_url: maker.link(), count: 100 };
    Twitter { statuses, search_metadata }
}

pub(crate) fn catalog(scale: usize) -> Catalog {
    let mut maker = Maker(Rng::with_seed(5));
    let id = |maker: &mut Maker| maker.0.u32(100_000_000..400_000_000);
    let price = |maker: &mut Maker| Price {
        amount: maker.0.u32(10_000..200_000),
        audienceSubCategoryId: 337_100_890,
        seatCategoryId: id(maker),
    };
    let category = |maker: &mut Maker| {
        let areas = maker.0.usize(1..16);
        let area = |maker: &mut Maker| Area { areaId: id(maker), blockIds: Vec::new() };
        SeatCategory { areas: maker.list(areas, area), seatCategoryId: id(maker) }
    };
    Catalog {
        areaNames: maker.map(17, Maker::word),
        audienceSubCategoryNames: maker.map(1, Maker::word),
        events: maker.map(184, |maker| {
            let few = maker.0.usize(1..4);
            Event {
                description: None,
                id: id(maker),
                logo: maker.some(0.5, Maker::link),
                name: maker.words(2, 5),
                subTopicIds: maker.list(few, id),
                subjectCode: None,
                subtitle: None,
                topicIds: maker.list(few, id),
            }
        }),
        performances: maker.list(486 / scale, |maker| {
            let count = maker.0.usize(1..8);
            Performance {
                eventId: id(maker),
                id: id(maker),
                logo: maker.some(0.5, Maker::link),
                name: None,
                prices: maker.list(count, price),
                seatCategories: maker.list(count, category),
                seatMapImage: None,
                start: 1_400_000_000_000 + u64::from(maker.0.u32(..)),
                venueCode: "PLEYEL_PLEYEL".into(),
            }
        }),
        seatCategoryNames: maker.map(64, Maker::word),
        subTopicNames: maker.map(19, Maker::word),
        topicNames: maker.map(4, Maker::word),
        topicSubTopics: maker.map(4, |maker| maker.list(6, id)),
        venueNames: maker.map(1, Maker::word),
    }
}
