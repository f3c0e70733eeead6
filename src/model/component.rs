//! The components: one table of their names, places, stamps and sentences.
//!
//! It makes the type and its names, says which ledgers a component divides and what it is a part of, and is what the JSON
//! Schema of results and the table in `docs/TASKS.md` are generated from. The stamps are named as in `docs/RECORDS.md`, by
//! record and field; the routes of the ledgers are held to them.

use super::Ledger;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The facts about a component.
#[derive(Debug)]
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
pub struct ComponentInfo {
    /// Which.
    pub component: Component,
    /// The name in the results file.
    pub name: &'static str,
    /// The stamp at which it begins, or several that may; empty where it is any.
    pub from: &'static str,
    /// The stamp at which it ends.
    pub to: &'static str,
    /// The ledgers that it is in, and the component of each that it is a part of; `None` where it divides the ledger itself.
    pub places: &'static [(Ledger, Option<Component>)],
    /// In a sentence, what happens.
    pub what: &'static str,
}

/// Makes the enum and the table from one list.
macro_rules! components {
    ($(
        #[doc = $what:literal]
        $variant:ident $name:literal $from:literal => $to:literal [$($ledger:ident $(in $whole:ident)?),*],
    )*) => {
        /// A named part of a timeline.
        ///
        /// In the sentences D is the dispatcher (a pool's task handler, an executor's feeder thread), W a worker, R the thread
        /// that takes the results, C the thread of the consumer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Component {
            $(#[doc = $what] $variant,)*
        }

        /// All components, in the order of a task's way.
        pub const COMPONENTS: &[ComponentInfo] = &[$(ComponentInfo {
            component: Component::$variant,
            name: $name,
            from: $from,
            to: $to,
            places: &[$((Ledger::$ledger, components!(@whole $($whole)?)),)*],
            what: $what,
        },)*];

        impl Component {
            /// All of them, in the order of a task's way.
            pub const ALL: &'static [Component] = &[$(Component::$variant,)*];
        }
    };
    (@whole) => { None };
    (@whole $whole:ident) => { Some(Component::$whole) };
}

components! {
    #[doc = "Submitted, until D begins with it."]
    QueueWait "queue_wait" "submit.submitted" => "send.iterating" [Task],
    #[doc = "With an executor: until the call is put into the call queue."]
    Pending "pending" "submit.submitted" => "submit.queued" [Task in QueueWait],
    #[doc = "With an executor: in the call queue, until the feeder takes the call to pickle it."]
    Buffered "buffered" "submit.queued" => "send.iterating" [Task in QueueWait],
    #[doc = "D in the `next()` of the user's iterator."]
    Iterate "iterate" "send.iterating" => "send.iterated" [Task, Dispatcher],
    #[doc = "D between the iterator and the pickling: the pool's own loop."]
    Dispatch "dispatch" "send.iterated" => "send.entered" [Task, Dispatcher],
    #[doc = "D in `dumps`. Its bytes are those of the message, which has function, bound arguments and task arguments in it."]
    EncodeTask "encode_task" "send.began" => "send.dumped" [Task, Dispatcher],
    #[doc = "D enters send, until W has read the header of the message."]
    Pickup "pickup" "send.sending" => "get.came" [Task, Worker],
    #[doc = "The worker that took the task was busy with others."]
    WorkerBusy "worker_busy" "send.sending" => "get.entered" [Task in Pickup],
    #[doc = "That worker waited for the lock of the pipe while the message was there to be read."]
    LockConvoy "lock_convoy" "get.entered" => "get.locked" [Task in Pickup],
    #[doc = "That worker had the lock and waited in read, or to be scheduled."]
    Wakeup "wakeup" "get.locked" => "get.came" [Task in Pickup],
    #[doc = "W reads the message. D's own `send` lies beside it, in D's ledger, and is never added."]
    Transfer "transfer" "get.came" => "get.complete" [Task, Worker],
    #[doc = "W from the last byte of the message to the entry of `loads`."]
    ReceiveCopy "receive_copy" "get.complete" => "get.loading" [Task, Worker],
    #[doc = "W in `loads`."]
    DecodeTask "decode_task" "get.loading" => "get.loaded" [Task, Worker],
    #[doc = "W frees the message."]
    FreeBuffer "free_buffer" "get.loaded" => "get.freed" [Task, Worker],
    #[doc = "W from the return of its `get` to the entry of its `put`: the user's function."]
    Call "call" "put.got" => "put.entered" [Task, Worker],
    #[doc = "One of the tasks of a chunk."]
    Item "item" "item.began" => "item.ended" [Task in Call],
    #[doc = "The kernel's part of the CPU time of a call, mostly for page faults. Its bytes are those of pages that a forked worker copied: writing to one does, and so does reading an object, which counts references."]
    System "system" "put.got" => "put.entered" [Task in Call],
    #[doc = "Messages over other connections within a call, as to a `Manager`: sending, waiting for the answer, receiving."]
    Exchange "exchange" "put.got" => "put.entered" [Task in Call],
    #[doc = "W in `dumps` of the result."]
    EncodeResult "encode_result" "put.dumping" => "put.dumped" [Task, Worker],
    #[doc = "W waits for the lock of the result pipe."]
    ResultLock "result_lock" "put.written" => "put.sending" [Task, Worker],
    #[doc = "W enters send, until R has read the header of the result."]
    ResultPickup "result_pickup" "put.sending" => "receive.came" [Task],
    #[doc = "A thread of R's process was in `dumps` or `loads`, which do not let go of the interpreter lock."]
    GilStarved "gil_starved" "send.began, receive.loading" => "send.dumped, receive.loaded" [Task in ResultPickup],
    #[doc = "R reads the result."]
    ResultTransfer "result_transfer" "receive.came" => "receive.complete" [Task, Receiver],
    #[doc = "R from the last byte of the result to the entry of `loads`."]
    ResultCopy "result_copy" "receive.complete" => "receive.loading" [Task, Receiver],
    #[doc = "R in `loads`."]
    DecodeResult "decode_result" "receive.loading" => "receive.loaded" [Task, Receiver],
    #[doc = "R, until the result is set."]
    Deliver "deliver" "receive.loaded" => "receive.delivered" [Task, Receiver],
    #[doc = "The result is set, until C has it."]
    Wake "wake" "receive.delivered" => "wake.woken" [Task],
    #[doc = "An ordered result waited for one before it."]
    OrderWait "order_wait" "receive.delivered" => "receive.delivered" [Task in Wake],
    #[doc = "W from its start being asked for to its first `get`, or until it is told to end where it never came so far."]
    Boot "boot" "start.began" => "get.entered" [Task in Pickup, Worker],
    #[doc = "The parent in `dumps` of what the worker is given at its start, with spawn and forkserver."]
    BootEncode "boot_encode" "start.encoding" => "start.encoded" [Worker in Boot],
    #[doc = "Fork, or exec and the start of the interpreter, up to the first stamp in the new process."]
    BootProcess "boot_process" "start.began" => "boot.ready" [Worker in Boot],
    #[doc = "Import of the main module, up to the worker function."]
    BootImport "boot_import" "boot.ready" => "boot.entered" [Worker in Boot],
    #[doc = "W reads what it is given."]
    BootTransfer "boot_transfer" "boot.loading" => "boot.loaded" [Worker in Boot],
    #[doc = "W in `load` of that, without the reading."]
    BootDecode "boot_decode" "boot.loading" => "boot.loaded" [Worker in Boot],
    #[doc = "The user's initializer."]
    Initializer "initializer" "initialized.began" => "initialized.ended" [Worker in Boot],
    #[doc = "W in `get` while no message is on its way to it; D has no task to send; R waits for the next result."]
    Idle "idle" "get.entered" => "send.sending" [Worker, Dispatcher, Receiver],
    #[doc = "The CPU time of a thread while it is said to be idle: locks, selectors and loops of the engine around its waits. Not from stamps, but what its CPU time is more than its work."]
    Polling "polling" "" => "" [Worker in Idle, Dispatcher in Idle, Receiver in Idle],
    #[doc = "W from entering send of the result to its return."]
    SendResult "send_result" "put.sending" => "get.put" [Worker],
    #[doc = "W from the return of its `put` to its next `get`: frees the arguments and the result. It delays the next task, not its own."]
    DropArguments "drop_arguments" "get.put" => "get.entered" [Worker],
    #[doc = "D from entering send to its return: it blocks while the pipe is full."]
    Send "send" "send.sending" => "send.sent" [Dispatcher],
    #[doc = "D frees the message, until it asks for the next task."]
    FreeMessage "free_message" "send.sent" => "send.freed" [Dispatcher],
    #[doc = "Garbage collections of more than 20 us, by the component in which they fell."]
    Gc "gc" "collection.began" => "collection.ended" [Worker, Dispatcher],
    #[doc = "Told to end, or after the last task, until it ended."]
    Teardown "teardown" "terminate.at, close.at" => "exit.at, dispatcher.ended" [Worker, Dispatcher],
    #[doc = "The time that the agent itself takes to write its records, and to read the CPU time of a thread."]
    Agent "agent" "" => "" [Task, Worker, Dispatcher, Receiver],
    #[doc = "The time that no stamp explains."]
    Other "other" "" => "" [Task, Worker, Dispatcher, Receiver],
}

impl Component {
    /// The facts about it.
    pub fn info(self) -> &'static ComponentInfo {
        // The table and the type are made from one list.
        &COMPONENTS[self as usize]
    }

    /// The name in the results file.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// The component of the same ledger that this one is a part of; `None` for those that divide the ledger itself.
    pub fn part_of(self, ledger: Ledger) -> Option<Component> {
        self.info().places.iter().find(|(own, _)| *own == ledger).and_then(|(_, whole)| *whole)
    }

    /// Whether a thread waits in it, and does nothing.
    pub fn is_wait(self) -> bool {
        use Component::*;
        matches!(self, Pickup | ResultLock | ResultPickup | Idle | Teardown)
    }

    /// Whether there can be such a row in results of that ledger.
    pub fn is_in(self, ledger: Ledger) -> bool {
        self.info().places.iter().any(|(own, _)| *own == ledger)
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_results_file_and_unique() {
        let mut names = std::collections::HashSet::new();
        for info in COMPONENTS {
            assert_eq!(info.component.info().name, info.name);
            assert_eq!(serde_json::to_value(info.component).expect("a string"), info.name);
            assert!(names.insert(info.name), "{} is there twice", info.name);
        }
    }

    #[test]
    fn a_part_is_in_the_ledger_of_its_whole() {
        for info in COMPONENTS {
            for (ledger, whole) in info.places {
                assert!(whole.is_none_or(|whole| whole.is_in(*ledger)), "{}", info.name);
            }
        }
    }
}
