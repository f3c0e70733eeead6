//! The job that a program gets whose rows are those of a study.

use crate::args::Profile;
use crate::derived::{Given, Job, Plan};
use crate::measure::{Budget, Study};
use crate::model::Run;
use crate::payload::Payload;
use std::path::PathBuf;

/// The measuring of a payload, in typed rows and those of derived code for these codecs, by one of so many programs that have
/// turns.
pub(super) fn job(
    args: &Profile,
    study: &Study,
    at: usize,
    payload: &Payload,
    derived: &[String],
    turns: Option<u64>,
    run: &Run,
) -> Job {
    let settings = study.settings_of(at, payload);
    let plan = Plan {
        many: study.many.map(|count| count as u64),
        typed: study.codecs.iter().map(|(spec, _)| spec.name()).collect(),
        derived: derived.to_vec(),
        transports: study.transports.iter().map(|transport| transport.info().name.to_owned()).collect(),
        links: args.link.clone(),
        reference: settings.reference,
        buffers: settings.buffers.name().to_owned(),
        quick: settings.quick,
        seed: settings.seed,
        compiled: settings.own_load,
        rounds: match settings.budget {
            Budget::Rounds(rounds) => Ok(rounds),
            Budget::Time(ns) => Err(ns / turns.unwrap_or(1)),
        },
        asked_ns: settings.asked_ns,
        command: run.environment.command.clone(),
        started_at: run.environment.started_at.clone(),
        results: PathBuf::new(),
        in_turns: turns.is_some(),
    };
    Job { payload: Given::of(payload), plan }
}
