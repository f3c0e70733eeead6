//! What a task of a process pool goes through, as plain types: components, ledgers, and their rows in the results file.

use super::Summary;
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
}

impl Ledger {
    /// All of them, in the order of a report.
    pub const ALL: [Ledger; 3] = [Ledger::Task, Ledger::Worker, Ledger::Dispatcher];

    /// The name in the results file.
    pub fn name(self) -> &'static str {
        match self {
            Ledger::Task => "task",
            Ledger::Worker => "worker",
            Ledger::Dispatcher => "dispatcher",
        }
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Makes the enum, its order and its names from one list.
macro_rules! components {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// A named part of a timeline.
        ///
        /// In the definitions D is the dispatcher (a pool's task handler, an executor's feeder thread), W a worker, R the
        /// thread that takes the results, C the thread of the consumer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Component {
            $($(#[$doc])* $variant,)*
        }

        impl Component {
            /// All of them, in the order of a task's way.
            pub const ALL: &'static [Component] = &[$(Component::$variant,)*];

            /// The name in the results file.
            pub fn name(self) -> &'static str {
                match self {
                    $(Component::$variant => $name,)*
                }
            }
        }
    };
}

components! {
    /// From being submitted until D begins with this task. With an executor in two parts, [`Component::Pending`] and
    /// [`Component::Buffered`].
    QueueWait => "queue_wait",
    /// Part of `queue_wait`: from being submitted until the executor puts the call into its call queue.
    Pending => "pending",
    /// Part of `queue_wait`: from the call queue until the feeder thread takes the call to pickle it.
    Buffered => "buffered",
    /// D in the `next()` of the user's iterator.
    Iterate => "iterate",
    /// D between the iterator and the pickling: the pool's own loop, and dropping the task before.
    Dispatch => "dispatch",
    /// D from entry to return of `dumps`; its bytes are those of the message, which has function, bound arguments and
    /// task arguments in it.
    EncodeTask => "encode_task",
    /// From when D enters send until W has read the header. In four parts; the first is [`Component::Boot`], where the
    /// worker that took the task was still starting.
    Pickup => "pickup",
    /// Part of `pickup`: the worker that took the task was busy with others.
    WorkerBusy => "worker_busy",
    /// Part of `pickup`: that worker waited for the lock of the pipe while the message was there to be read.
    LockConvoy => "lock_convoy",
    /// Part of `pickup`: that worker had the lock and was waiting in read, or to be scheduled.
    Wakeup => "wakeup",
    /// W from the header to the last byte of the message. D's own send time lies beside it and is never added.
    Transfer => "transfer",
    /// W from the last byte to the entry of `loads`.
    ReceiveCopy => "receive_copy",
    /// W from entry to return of `loads`.
    DecodeTask => "decode_task",
    /// W from the return of `loads` until the receive buffer is freed.
    FreeBuffer => "free_buffer",
    /// W from the return of its `get` to the entry of its `put`: the user's function.
    Call => "call",
    /// Part of `call`, of a chunk: one of its items.
    Item => "item",
    /// W from entry to return of `dumps` of the result.
    EncodeResult => "encode_result",
    /// W from the return of `dumps` until it has the lock of the result pipe and enters send.
    ResultLock => "result_lock",
    /// From when W enters send until R has read the header.
    ResultPickup => "result_pickup",
    /// Part of `result_pickup`: a thread of R's process was inside `dumps` or `loads`, which hold the interpreter lock.
    GilStarved => "gil_starved",
    /// R from the header to the last byte of the result.
    ResultTransfer => "result_transfer",
    /// R from the last byte to the entry of `loads`.
    ResultCopy => "result_copy",
    /// R from entry to return of `loads`.
    DecodeResult => "decode_result",
    /// R from the return of `loads` until the result is set.
    Deliver => "deliver",
    /// From when the result is set until C's `next` or `get` returns.
    Wake => "wake",
    /// Part of `wake`: an ordered result waited for one before it.
    OrderWait => "order_wait",
    /// W between being asked to start and its first `get`. In parts. In a task's ledger a part of `pickup`.
    Boot => "boot",
    /// Part of `boot`: fork, or exec and the start of the interpreter, up to the first stamp in the new process.
    BootProcess => "boot_process",
    /// Part of `boot`: import of the main module, and unpickling of what the worker was given.
    BootImport => "boot_import",
    /// Part of `boot`: the user's initializer.
    Initializer => "initializer",
    /// W in `get` until the header of the next task, while no message was on its way to it.
    Idle => "idle",
    /// W from entering send to its return.
    SendResult => "send_result",
    /// W from the return of its `put` to its next `get`: freeing the arguments and the result of the task before.
    /// Charged to the task that owned them.
    DropArguments => "drop_arguments",
    /// D from entering send to its return: it blocks while the pipe is full.
    Send => "send",
    /// D from the return of send until it asks for the next task: freeing the message.
    FreeMessage => "free_message",
    /// Inside any of the others: garbage collections of more than 20 us.
    Gc => "gc",
    /// From being told to end, or the last task, to the end.
    Teardown => "teardown",
    /// What the agent itself took to write its records, and to read the CPU time of a thread.
    Agent => "agent",
    /// What no stamp explains.
    Other => "other",
}

impl Component {
    /// The component of the same ledger that this one is a part of; `None` for those that divide the ledger itself.
    pub fn part_of(self, ledger: Ledger) -> Option<Component> {
        Some(match self {
            Component::Pending | Component::Buffered => Component::QueueWait,
            Component::WorkerBusy | Component::LockConvoy | Component::Wakeup => Component::Pickup,
            Component::Boot if ledger == Ledger::Task => Component::Pickup,
            Component::Item => Component::Call,
            Component::GilStarved => Component::ResultPickup,
            Component::OrderWait => Component::Wake,
            Component::BootProcess | Component::BootImport | Component::Initializer => Component::Boot,
            _ => return None,
        })
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One component of one ledger, over all the tasks, workers or dispatchers of a scenario.
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
    /// Its intervals, one for each task (message, item, worker) that has it, in order.
    pub samples_ns: Vec<u64>,
    /// What the samples come to; null where there are none.
    pub summary: Option<Summary>,
}

/// How much of a ledger its named components explain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Closure {
    /// Which ledger.
    pub ledger: Ledger,
    /// How many timelines it sums: tasks, workers, dispatchers.
    pub count: u64,
    /// Their length together, in nanoseconds.
    pub wall_ns: u64,
    /// What named components explain of it.
    pub named_ns: u64,
}

/// The bytes of one part of an encoded task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncodedPart {
    /// What it is: `function`, `bound arguments`, `task arguments`, `envelope`.
    pub part: String,
    /// Where in it.
    pub path: String,
    /// How many bytes of the message are its own.
    pub bytes: u64,
}

/// The first messages of a scenario, encoded again by the same interpreter with nothing else going on: a check of
/// `encode_task` that no stamp of the agent has a part in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alone {
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
    /// The scenario's name.
    pub scenario: String,
    /// In a sentence, what it does.
    pub description: String,
    /// The payload's name; null for a scenario without one.
    pub payload: Option<String>,
    /// What the payload is: `list of 10,000,000 i64`; null without one.
    pub payload_description: Option<String>,
    /// What ran it: `CPython 3.11.7`; null where it did not get so far.
    pub runtime: Option<String>,
    /// How workers were started: `fork`, `spawn`, `forkserver`; null where there is no choice.
    pub start: Option<String>,
    /// The method that the tasks were sent by; null where there is no choice.
    pub call: Option<String>,
    /// Tasks in a message, where it was asked for.
    pub chunksize: Option<u64>,
    /// Worker processes.
    pub workers: u64,
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
    /// For each ledger how much of it is explained.
    pub closures: Vec<Closure>,
    /// The first message by path; empty where it is not known.
    pub encoded: Vec<EncodedPart>,
    /// The check of `encode_task`; null where it was not made.
    pub alone: Option<Alone>,
    /// Whether it came to its end and every record is there.
    pub complete: bool,
    /// What a reader of the numbers should know.
    pub notes: Vec<String>,
    /// Why it ended early or never ran.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_results_file_and_unique() {
        let mut names = std::collections::HashSet::new();
        for &component in Component::ALL {
            assert_eq!(serde_json::to_value(component).expect("a string"), component.name());
            assert!(names.insert(component.name()), "{component} is there twice");
        }
        for ledger in Ledger::ALL {
            assert_eq!(serde_json::to_value(ledger).expect("a string"), ledger.name());
        }
    }
}
