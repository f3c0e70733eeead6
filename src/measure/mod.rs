//! The measuring: interleaved rounds of samples, in this process and a receiving one.
//!
//! A *case* is one codec (with an optional compressor), one representation and one transport. All cases of a payload
//! take part in every round, in an order shuffled anew by a seeded generator, so that the drift of a shared machine
//! hits them alike. What a sample is, in order:
//!
//! 1. the receiving process is told what comes, so that its buffer is ready and it waits;
//! 2. the sender encodes, compresses and sends, with a stamp before and after each;
//! 3. the receiver stamps the last byte, decompresses and decodes, checks what it decoded against the digest of what was
//!    encoded (after the last stamp), frees it, and reports.
//!
//! Nothing else happens between the first and the last stamp. Operations near the clock's precision are repeated within
//! their stage; the total is then the end-to-end time less the surplus repetitions.
//!
//! Rows of Python make the same trip between two interpreters, each with its turn in every round.
//!
//! | module | holds, bottom to top |
//! | --- | --- |
//! | `link`, `schedule`, `settings`, `forecast` | modelled links, the order and number of samples, settings, the forecast after the warm-up |
//! | `wire` | the protocol of the sending and the receiving process |
//! | `sample` | a sample: its phase, the times of its stages, its failure |
//! | `case` | codec, representation and transport of a row |
//! | `fidelity` | the messages, and the losses of a round trip |
//! | `row` | a case with its samples, and the measurements that they become |
//! | `receive`, `child` | the receiving process, from inside and from the sending one |
//! | `pair` | the two interpreters of rows of Python |
//! | `noise` | how quiet the machine is |
//! | `counted` | the function whose instructions are counted |
//! | `rig` | the equipment of all samples |
//! | `runner` | taking samples: by this program, or by interpreters |
//! | `attempt` | the samples of one row, and its warm-up |
//! | `results`, `order` | all rows, and the order of their warm-up |
//! | `session` | a payload's rounds |
//! | `study` | the study behind `sercost profile` |
//! | `count` | operations of which another tool counts the instructions |

mod attempt;
mod case;
mod child;
mod count;
mod counted;
#[cfg(all(test, feature = "default"))]
mod determinism;
mod fidelity;
mod forecast;
mod link;
mod noise;
mod order;
#[cfg(feature = "python")]
mod pair;
mod receive;
mod results;
mod rig;
mod row;
mod runner;
mod sample;
mod schedule;
mod session;
mod settings;
pub mod study;
mod wire;

#[cfg(feature = "python")]
pub use case::PythonCase;
pub use count::Counted;
pub use counted::COUNTED;
pub use link::Link;
pub use receive::{RECEIVE_VERB, receive, receive_on_stdin};
pub use schedule::Budget;
pub use session::Outcome;
pub use settings::{BufferPolicy, Settings, Turns};
pub use study::{Study, StudyError, with_compressors};
