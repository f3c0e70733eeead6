// Generated from cloud-instances.json by `UPDATE_GENERATED=1 cargo test --test integration corpus`; do not edit.

// For formats that describe themselves. Where the types must be known beforehand (bincode, postcard, bitcode), leave out
// the attributes `skip_serializing_if`, `flatten` and `untagged`.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    #[serde(rename = "Reservations")]
    pub reservations: Vec<Reservation>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    #[serde(rename = "ReservationId")]
    pub reservation_id: String,
    #[serde(rename = "OwnerId")]
    pub owner_id: String,
    #[serde(rename = "Groups")]
    pub groups: Vec<()>,
    #[serde(rename = "Instances")]
    pub instances: Vec<Instance>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    #[serde(rename = "InstanceId")]
    pub instance_id: String,
    #[serde(rename = "InstanceType")]
    pub instance_type: String,
    #[serde(rename = "LaunchTime")]
    pub launch_time: String,
    #[serde(rename = "Monitoring")]
    pub monitoring: Monitoring,
    #[serde(rename = "PrivateIpAddress")]
    pub private_ip_address: String,
    #[serde(rename = "State")]
    pub state: State,
    #[serde(rename = "Tags")]
    pub tags: Vec<Tag>,
    #[serde(rename = "BlockDeviceMappings")]
    pub block_device_mappings: Vec<BlockDeviceMapping>,
    #[serde(rename = "PublicIpAddress")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ip_address: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Monitoring {
    #[serde(rename = "State")]
    pub state: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    #[serde(rename = "Code")]
    pub code: u8,
    #[serde(rename = "Name")]
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    #[serde(rename = "Key")]
    pub key: String,
    #[serde(rename = "Value")]
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlockDeviceMapping {
    #[serde(rename = "DeviceName")]
    pub device_name: String,
    #[serde(rename = "Ebs")]
    pub ebs: Ebs,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ebs {
    #[serde(rename = "VolumeId")]
    pub volume_id: String,
    #[serde(rename = "DeleteOnTermination")]
    pub delete_on_termination: bool,
}
