//! The four kinds of data of the public repository `djkoloski/rust_serialization_benchmark` ("RSB"), value for value,
//! measured in every codec of sercost that RSB has or had, and what its pages publish of them.
//!
//! Fields, their order, the constants, the seed and the order of draws are those of its `src/datasets` and
//! `benches/bench.rs`; the values are equal only while each draw is of the same type by the same generation of rand.

mod draws;
pub(crate) mod published;
mod types;

use sercost::{Error, Run, Study};
use types::{Logs, Mesh, Players, Updates};

/// The study of a kind: of these codecs that speak serde and all others, for so many rounds.
type Measure = fn(&[&str], u64) -> Result<Run, Error>;

/// In the order of [`published::KINDS`].
pub(crate) const STUDIES: [Measure; 4] = [log, mesh, minecraft_savedata, mk48];

/// The codecs of RSB that speak serde. The others are brought with the type.
pub(crate) const BY_SERDE: [&str; 8] =
    ["json", "bincode", "bincode-fixed", "bson", "ciborium", "flexbuffers", "msgpack", "postcard"];

fn log(formats: &[&str], rounds: u64) -> Result<Run, Error> {
    let study = Study::new().value("log", &draws::logs()).formats(formats.to_vec()).rounds(rounds);
    study.bitcode::<Logs>().borsh::<Logs>().rkyv::<Logs>().speedy::<Logs>().wincode::<Logs>().run()
}

fn mesh(formats: &[&str], rounds: u64) -> Result<Run, Error> {
    let study = Study::new().value("mesh", &draws::mesh()).formats(formats.to_vec()).rounds(rounds);
    study.bitcode::<Mesh>().borsh::<Mesh>().rkyv::<Mesh>().speedy::<Mesh>().wincode::<Mesh>().run()
}

fn minecraft_savedata(formats: &[&str], rounds: u64) -> Result<Run, Error> {
    let study = Study::new().value("minecraft_savedata", &draws::players()).formats(formats.to_vec()).rounds(rounds);
    study.bitcode::<Players>().borsh::<Players>().rkyv::<Players>().speedy::<Players>().wincode::<Players>().run()
}

fn mk48(formats: &[&str], rounds: u64) -> Result<Run, Error> {
    let study = Study::new().value("mk48", &draws::updates()).formats(formats.to_vec()).rounds(rounds);
    study.bitcode::<Updates>().borsh::<Updates>().rkyv::<Updates>().speedy::<Updates>().wincode::<Updates>().run()
}

/// What `mk48` was when a page had BSON.
pub(crate) fn mk48_of_2024(rounds: u64) -> Result<Run, Error> {
    Study::new().value("mk48", &draws::updates_of_2024()).formats(["bson"]).rounds(rounds).run()
}
