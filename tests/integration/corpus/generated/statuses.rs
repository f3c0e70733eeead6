// Generated from statuses.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    pub statuses: Vec<Status>,
    pub search_metadata: SearchMetadata,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    pub created_at: String,
    pub id: u64,
    pub id_str: String,
    pub text: String,
    pub truncated: bool,
    pub in_reply_to_status_id: Option<u64>,
    pub geo: (),
    pub user: User,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retweeted_status: Option<Box<Status>>,
    pub retweet_count: u16,
    pub favorited: bool,
    pub entities: Entities,
    pub lang: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub possibly_sensitive: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    pub id: u64,
    pub name: String,
    pub screen_name: String,
    pub location: String,
    pub url: Option<String>,
    pub followers_count: u32,
    pub verified: bool,
    pub lang: String,
    pub profile_background_color: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entities {
    pub hashtags: Vec<Hashtag>,
    pub symbols: Vec<()>,
    pub urls: Vec<Url>,
    pub user_mentions: Vec<UserMention>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Vec<Media>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hashtag {
    pub text: String,
    pub indices: [u8; 2],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Url {
    pub url: String,
    pub expanded_url: String,
    pub indices: [u8; 2],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserMention {
    pub screen_name: String,
    pub name: String,
    pub id: u64,
    pub id_str: String,
    pub indices: [u8; 2],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Media {
    pub id: u64,
    pub media_url: String,
    pub r#type: String,
    pub sizes: Sizes,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sizes {
    pub small: Small,
    pub large: Small,
    pub thumb: Small,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Small {
    pub w: u16,
    pub h: u16,
    pub resize: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchMetadata {
    pub completed_in: f64,
    pub max_id: u64,
    pub query: String,
    pub count: u8,
}
