//! The cost of every task of a process pool, broken into components that add up.
//!
//! Each process of a pool leaves *records*: stamps of CLOCK_MONOTONIC in a file that outlives it (`docs/RECORDS.md`). The
//! records of one task are joined on its job and index, and become three *ledgers*: each task's latency, each worker's
//! life, the dispatcher's life. A ledger is a partition of its time: no gaps, no overlaps, and what no stamp explains is
//! `other`. Nothing here runs anything: any engine that leaves records gets ledgers.
//!
//! The records are read from their files twice, from one end to the other: first for the records that are few, then for
//! the tasks, each of which is forgotten when it is accounted for. So the memory does not grow with the tasks.
//!
//! | module | holds |
//! | --- | --- |
//! | `timeline` | stamps, intervals, and the partition |
//! | `record` | the files of what the processes of a scenario recorded |
//! | `survey` | the first reading: processes, threads and jobs |
//! | `join` | the second one: the records of each task brought together |
//! | `routes` | which component lies between which stamps |
//! | `book` | the rows that the ledgers come to |
//! | `lives` | the lives of workers and of those who send tasks |
//! | `tracks` | the same as what each thread did when |
//! | `accounts` | the three ledgers |
//! | `encoded` | the bytes of a message by what they are |

mod accounts;
mod book;
mod encoded;
mod join;
mod lives;
mod record;
mod routes;
mod survey;
mod timeline;
mod tracks;

pub use accounts::{Accounts, accounts};
pub use book::{Outcome, Row};
pub use encoded::{parts as encoded_parts, parts_of_result as result_parts};
pub use record::{RecordError, Records};
pub use survey::Watch;
pub use timeline::{Interval, Timeline, overlap, union};
