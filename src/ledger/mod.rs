//! What every task of a process pool costs, broken into components that add up.
//!
//! Each process of a pool leaves *records*: stamps of CLOCK_MONOTONIC in a file that outlives it (`docs/RECORDS.md`). The
//! records of one task are joined on its job and index, and become three *ledgers*: each task's latency, each worker's
//! life, the dispatcher's life. A ledger is a partition of its time: no gaps, no overlaps, and what no stamp explains is
//! `other`. Nothing here runs anything: whoever leaves records gets ledgers.
//!
//! | module | holds |
//! | --- | --- |
//! | `timeline` | stamps, intervals, and the partition |
//! | `record` | what the processes of a scenario recorded |
//! | `join` | the records of each task brought together |
//! | `routes` | which component lies between which stamps |
//! | `accounts` | the three ledgers, and the rows that they come to |
//! | `tracks` | the same as what each thread did when |
//! | `encoded` | the bytes of a message by what they are |

mod accounts;
mod encoded;
mod join;
mod record;
mod routes;
mod timeline;
mod tracks;

pub use accounts::{Outcome, Row, rows};
pub use encoded::parts as encoded_parts;
pub use join::{Dispatcher, Joined, Message, Turn, Watch, Worker, join};
pub use record::{Process, RecordError, Records};
pub use timeline::{Interval, Timeline, overlap, union};
pub use tracks::tracks;
