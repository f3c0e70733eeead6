//! CPython interpreters: finding one, talking to it, the form of a payload that it reads, and the programs that run in it.
//!
//! | module | holds |
//! | --- | --- |
//! | `interpreter` | the search, and the errors about unusable interpreters |
//! | `process` | a running interpreter with its requests and answers |
//! | `form` | a payload as columns that `python/sercost_payload.py` reads |
//! | `words` | the last line of standard error that says something |
//! | `programs` | the source of the programs |

mod form;
mod interpreter;
mod process;
mod programs;
mod words;

pub use form::{python_bytes, write as write_payload};
pub use interpreter::{DEFAULT, FindError, Interpreter, find, find_for_pools};
pub use process::Process;
pub use programs::OF_TASKS;
pub use words::last_words_of;
