// Generated from event-catalog.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// A BTreeMap sorts its keys; indexmap::IndexMap keeps them in the order of the document.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    #[serde(rename = "areaNames")]
    pub area_names: BTreeMap<String, String>,
    #[serde(rename = "audienceSubCategoryNames")]
    pub audience_sub_category_names: BTreeMap<String, String>,
    #[serde(rename = "blockNames")]
    pub block_names: BlockNames,
    pub events: BTreeMap<String, Event>,
    pub performances: Vec<Performance>,
    #[serde(rename = "topicSubTopics")]
    pub topic_sub_topics: BTreeMap<String, Vec<u32>>,
    #[serde(rename = "venueNames")]
    pub venue_names: VenueNames,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlockNames {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub description: (),
    pub id: u32,
    pub logo: Option<String>,
    pub name: String,
    #[serde(rename = "subTopicIds")]
    pub sub_topic_ids: [u32; 2],
    #[serde(rename = "subjectCode")]
    pub subject_code: (),
    #[serde(rename = "topicIds")]
    pub topic_ids: [u32; 2],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Performance {
    #[serde(rename = "eventId")]
    pub event_id: u32,
    pub id: u32,
    pub logo: (),
    pub name: (),
    pub prices: Vec<Price>,
    #[serde(rename = "seatCategories")]
    pub seat_categories: Vec<SeatCategory>,
    pub start: u64,
    #[serde(rename = "venueCode")]
    pub venue_code: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Price {
    pub amount: u32,
    #[serde(rename = "audienceSubCategoryId")]
    pub audience_sub_category_id: u32,
    #[serde(rename = "seatCategoryId")]
    pub seat_category_id: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeatCategory {
    pub areas: Vec<Area>,
    #[serde(rename = "seatCategoryId")]
    pub seat_category_id: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Area {
    #[serde(rename = "areaId")]
    pub area_id: u32,
    #[serde(rename = "blockIds")]
    pub block_ids: Vec<()>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VenueNames {
    #[serde(rename = "PLEYEL_PLEYEL")]
    pub pleyel_pleyel: String,
}
