//! What a task of a process pool goes through, as plain types: ledgers, and the rows of their components in
//! the results file.

use super::{Component, Summary};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A timeline that is fully divided into components: what no stamp explains is [`Component::Other`], and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ledger {
    /// A task's latency: from when it was submitted to when its consumer has the result.
    Task,
    /// A worker's life: from when its start was asked for to when it was seen to have ended.
    Worker,
    /// The life of the thread that pickles and sends the tasks.
    Dispatcher,
    /// The life of the thread that takes the results: from when it first asked for one to when it had handed on the last.
    Receiver,
}

impl Ledger {
    /// All of them, in the order of a report.
    pub const ALL: [Ledger; 4] = [Ledger::Task, Ledger::Worker, Ledger::Dispatcher, Ledger::Receiver];

    /// The name in the results file.
    pub fn name(self) -> &'static str {
        match self {
            Ledger::Task => "task",
            Ledger::Worker => "worker",
            Ledger::Dispatcher => "dispatcher",
            Ledger::Receiver => "receiver",
        }
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One component of one ledger, over all the tasks, workers, dispatchers or receivers of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComponentRow {
    /// The engine's name.
    pub engine: String,
    /// The scenario's name.
    pub scenario: String,
    /// The payload's name; null for a scenario without one.
    pub payload: Option<String>,
    /// The timeline that it is a part of.
    pub ledger: Ledger,
    /// Its name.
    pub component: Component,
    /// The component that it is a part of; null where it divides the ledger itself. Those without add up to the ledger.
    pub part_of: Option<Component>,
    /// The sum of all its intervals, in nanoseconds.
    pub wall_ns: u64,
    /// The CPU time of its thread in it, in nanoseconds; null where the thread or its CPU time is not known. Where the
    /// CPU time was read for some of the tasks only, it is that of those, times all by those.
    pub cpu_ns: Option<u64>,
    /// The sum of the bytes that it made or moved; null where none are.
    pub bytes: Option<u64>,
    /// Its intervals, one for each task (message, item, worker) that has it, in order; where there are more than 1,000, so
    /// many of them, chosen by the seed. Rows that have as many intervals keep those of the same tasks.
    pub samples_ns: Vec<u64>,
    /// How long all its intervals were; null where `samples_ns` has all of them.
    #[serde(default)]
    pub histogram: Option<Buckets>,
    /// The summary of all its intervals; null where there are none. Percentiles and deviation are exact where `samples_ns` has
    /// all, and from the histogram elsewhere.
    pub summary: Option<Summary>,
}

impl ComponentRow {
    /// How many intervals it has, whether or not they are kept.
    pub fn count(&self) -> u64 {
        self.summary.as_ref().map_or(self.samples_ns.len() as u64, |summary| summary.count)
    }
}

/// A histogram: how many samples lie in each bucket that has any. Buckets of the same digits add up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buckets {
    /// The decimal digits that values of one bucket have in common: with three, they differ by less than a thousandth.
    pub significant_digits: u8,
    /// The smallest value of each bucket, ascending, in nanoseconds.
    pub values_ns: Vec<u64>,
    /// The samples in each.
    pub counts: Vec<u64>,
}

/// How much of a ledger its named components explain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Closure {
    /// Which ledger.
    pub ledger: Ledger,
    /// How many timelines it sums: tasks, workers, dispatchers, receivers.
    pub count: u64,
    /// Their length together, in nanoseconds.
    pub wall_ns: u64,
    /// The part of it that named components explain.
    pub named_ns: u64,
    /// What its threads used of a CPU between the first and the last time that it was read; null where it was not read twice.
    #[serde(default)]
    pub cpu_ns: Option<u64>,
    /// How long their components say that they worked between, which cannot be less; null likewise.
    #[serde(default)]
    pub worked_ns: Option<u64>,
}

/// The bytes of one part of an encoded task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncodedPart {
    /// The kind of part: `function`, `bound arguments`, `task arguments`, `envelope`; of a result `result`.
    pub part: String,
    /// Where in it.
    pub path: String,
    /// How many bytes of the message are its own.
    pub bytes: u64,
    /// The part within it that has most of its bytes; null where none has.
    #[serde(default)]
    pub heaviest: Option<HeaviestPart>,
    /// Whether all tasks have the same bytes there, as far as it is known that they do.
    #[serde(default)]
    pub in_all_tasks: bool,
}

/// The part that has most of the bytes of another one, as deep as there is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeaviestPart {
    /// Where, and what it is: `args[0].points: list of 1,000 float`.
    pub path: String,
    /// Its bytes, with all that is in it.
    pub bytes: u64,
}

/// The first messages of a scenario, encoded again by the same interpreter with nothing else going on: a check of
/// `encode_task` that no stamp of the agent has a part in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Isolated {
    /// The bytes of each, in order.
    pub bytes: Vec<u64>,
    /// How long each took, in nanoseconds.
    pub times_ns: Vec<u64>,
    /// The CPU time of each, in nanoseconds.
    pub cpu_ns: Vec<u64>,
}

/// One scenario of a run: what was done, and how far it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioInfo {
    /// The engine's name.
    pub engine: String,
    /// The scenario's name; a program of several calls has one for each: `own.py call 2`.
    pub scenario: String,
    /// Which call of its program it is, from 1 on; null where it makes one.
    #[serde(default)]
    pub number: Option<u64>,
    /// In a sentence, what it does.
    pub description: String,
    /// The payload's name; null for a scenario without one.
    pub payload: Option<String>,
    /// The description of the payload: `list of 10,000,000 i64`; null without one.
    pub payload_description: Option<String>,
    /// The runtime: `CPython 3.11.7`; null where it did not get so far.
    pub runtime: Option<String>,
    /// How workers were started: `fork`, `spawn`, `forkserver`; null where there is no choice.
    pub start: Option<String>,
    /// The method that the tasks were sent by; null where there is no choice.
    pub call: Option<String>,
    /// Tasks in a message, where it was asked for.
    pub chunksize: Option<u64>,
    /// Worker processes.
    pub workers: u64,
    /// The name of the function that each task called; null where it has none.
    #[serde(default)]
    pub function: Option<String>,
    /// The length of a task's own work, in nanoseconds.
    pub call_ns: u64,
    /// Tasks asked for.
    pub tasks: u64,
    /// Tasks whose result was taken.
    pub done: u64,
    /// Tasks that ended in an exception.
    pub failed: u64,
    /// Messages that were followed from end to end.
    pub messages: u64,
    /// From making the pool to having closed it, in nanoseconds; null where it did not come to that.
    pub wall_ns: Option<u64>,
    /// The same by the clock of sercost itself, from event to event; null where there are none.
    #[serde(default)]
    pub outside_ns: Option<u64>,
    /// The time that the program's own thread took for the items, where it asked an iterator for them; null elsewhere. With
    /// `imap` the thread that sends asks, and it is the component `iterate`.
    #[serde(default)]
    pub iterated_ns: Option<u64>,
    /// For each ledger how much of it is explained.
    pub closures: Vec<Closure>,
    /// The first message by path; empty where it is not known.
    pub encoded: Vec<EncodedPart>,
    /// The first result by path; empty where it is not known.
    #[serde(default)]
    pub returned: Vec<EncodedPart>,
    /// The check of `encode_task`; null where it was not made.
    pub alone: Option<Isolated>,
    /// Whether it came to its end and every record is there.
    pub complete: bool,
    /// Remarks for a reader of the numbers.
    pub notes: Vec<String>,
    /// Why it ended early or never ran.
    pub error: Option<String>,
}

impl ScenarioInfo {
    /// The name of the program, whichever of its calls this is.
    pub fn program(&self) -> &str {
        let call = self.number.map(|number| format!(" call {number}"));
        call.and_then(|call| self.scenario.strip_suffix(&call)).unwrap_or(&self.scenario)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_results_file() {
        for ledger in Ledger::ALL {
            assert_eq!(serde_json::to_value(ledger).expect("a string"), ledger.name());
        }
    }
}
