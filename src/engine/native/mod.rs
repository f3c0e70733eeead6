//! sercost's own worker processes: the cost of the machine without pickling.
//!
//! The parent and each worker share two pipes. The thread that asks for results reads them itself. Short tasks it sends
//! itself too, one for each result; longer ones are encoded and sent by another thread. A worker has at most one task in
//! its pipe beside the one that it is at, and a message that does not fit into a pipe goes to a worker that has nothing to
//! do, so that the sending thread never waits for one worker while another is idle. Nothing is locked between processes.
//! Buffers are kept from task to task.
//!
//! | module | holds |
//! | --- | --- |
//! | `frame` | messages on a pipe |
//! | `source` | the data of a scenario, encoded and decoded |
//! | `workers` | the worker processes |
//! | `slots` | how the parent's threads wait for one another |
//! | `recorder` | the records of the parent's threads |
//! | `parent` | the sending and the receiving of tasks |
//! | `worker` | the other side |

mod frame;
mod parent;
mod recorder;
mod slots;
mod source;
mod worker;
mod workers;

pub use worker::work;

use super::{Call, Engine, EngineError, EngineInfo, Job, Recording, ScenarioSpec};
use crate::codec::Codec;
use crate::model::Representation;
use crate::payload::Schema;
use serde::{Deserialize, Serialize};
use source::Source;
use std::sync::Arc;

/// The argument with which a sercost binary becomes a worker process.
pub const WORK_VERB: &str = "work";

/// The number of short messages of which one has its CPU time read, which costs as much as the message.
const SAMPLED: u64 = 16;
/// The bytes from which on reading the CPU time costs next to nothing.
const LARGE: u64 = 16 << 10;

/// The engine `native`.
#[derive(Debug)]
pub(super) struct Native;

/// How the data comes to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Placement {
    /// There is none.
    Nothing,
    /// In the message of every task.
    Task,
    /// In every result; each worker was given it once.
    Result,
    /// Once to each worker.
    Once,
}

impl Placement {
    fn of(scenario: &ScenarioSpec) -> Option<Placement> {
        let ScenarioSpec::BuiltIn(scenario) = scenario else { return None };
        Some(match scenario.name {
            "noop" => Placement::Nothing,
            "args" | "partial" => Placement::Task,
            "return" => Placement::Result,
            "initializer" | "global" => Placement::Once,
            _ => return None,
        })
    }
}

/// The message for a worker before its first task.
#[derive(Debug, Serialize, Deserialize)]
struct Setup {
    /// The process that it belongs to.
    parent: u32,
    schema: Schema,
    codec: String,
    placement: Placement,
    call_ns: u64,
    digest: bool,
    /// Its file of records, in the directory that it works in.
    records: Option<String>,
}

impl Engine for Native {
    fn info(&self) -> &'static EngineInfo {
        &EngineInfo {
            name: "native",
            what: "sercost's own processes and pipes, with any codec",
            calls: &[Call::Imap, Call::ImapUnordered, Call::Apply],
            starts: &[],
        }
    }

    fn is_python(&self) -> bool {
        false
    }

    fn refuses(&self, scenario: &ScenarioSpec) -> Option<String> {
        let ScenarioSpec::BuiltIn(built_in) = scenario else {
            return Some("the engine native runs no Python; take --engine pool for a program of your own".to_owned());
        };
        let why = match built_in.name {
            "default-arg" => "functions of a program are in each of its processes; initializer is nearest to it",
            "bound-method" => "only data is sent, and no objects with methods; partial sends the same",
            "shared-memory" => "its data crosses in pipes; take --engine pool",
            _ => return None,
        };
        Some(format!("the engine native has no {}: {why}", built_in.name))
    }

    fn run(&self, job: &Job<'_>) -> Result<Recording, EngineError> {
        let refused = |reason: String| EngineError(format!("the engine native: {reason}"));
        let Some(placement) = Placement::of(job.scenario) else {
            return Err(EngineError(self.refuses(job.scenario).unwrap_or_default()));
        };
        let codec = job.settings.codec.ok_or_else(|| refused("there is no codec".to_owned()))?;
        let source = match (placement, job.data) {
            (Placement::Nothing, _) => None,
            (_, None) => return Err(refused(format!("the scenario {} needs data", job.scenario.name()))),
            (_, Some(data)) => {
                let cannot = |reason: String| {
                    refused(format!("the codec {}: {reason}; take another --codec", codec.info().name))
                };
                if let Some(reason) = codec.refuses(Representation::Typed, &data.schema) {
                    return Err(cannot(reason));
                }
                Some(Source::new(codec, &data.schema, &data.column).map_err(cannot)?)
            }
        };
        let task = Task {
            job,
            placement,
            codec,
            schema: job.data.map_or_else(|| Arc::new(Schema::Unit), |data| Arc::clone(&data.schema)),
            source,
        };
        parent::run(&task)
    }
}

/// A job with what this engine makes of it.
struct Task<'a> {
    job: &'a Job<'a>,
    placement: Placement,
    codec: &'static dyn Codec,
    schema: Arc<Schema>,
    source: Option<Source<'a>>,
}

impl Task<'_> {
    fn cannot_encode(&self, reason: &str) -> String {
        format!("the codec {} cannot encode the data: {reason}; take another --codec", self.codec.info().name)
    }
}
