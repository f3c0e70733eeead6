//! What every task of a process pool costs, broken into components that add up.
//!
//! An *engine* runs a *scenario* with real worker processes and leaves *records*: stamps of CLOCK_MONOTONIC, taken in
//! each process and written into a file that outlives it (`docs/RECORDS.md`). The records of one task are joined on its
//! job and index, and become three *ledgers*: each task's latency, each worker's life, the dispatcher's life. A ledger
//! is a partition of its time: no gaps, no overlaps, and what no stamp explains is `other`.
//!
//! | module | holds |
//! | --- | --- |
//! | `timeline` | stamps, intervals, and the partition |
//! | `record` | what a process recorded, and the reading of its file |
//! | `join` | the records of each task brought together |
//! | `encoded` | the bytes of a message by what they are |
//! | `ledger` | the three ledgers, and the rows that they come to |
//! | `lanes` | the same as what each thread did when |
//! | `scenario` | the scenarios, each a few lines of Python |
//! | `engine` | what runs them |

mod encoded;
mod engine;
mod join;
mod lanes;
mod ledger;
mod record;
mod scenario;
mod timeline;

pub use encoded::parts as encoded_parts;
pub use engine::{
    CALLS, Call, ENGINES, Engine, EngineError, EngineInfo, Job, Measured, Recording, Start, Study, WORK_VERB,
    find_engine, work,
};
pub use join::{Dispatcher, Joined, Message, Turn, Watch, Worker, join};
pub use lanes::lanes;
pub use ledger::{Outcome, Row, rows};
pub use record::{Cpu, Entry, Get, Header, Key, Order, Process, Put, Receive, Record, RecordError, Records, Send};
pub use scenario::{SCENARIOS, Scenario, ScenarioError, ScenarioSpec};
pub use timeline::{Interval, Stamp, Timeline, overlap, union};
