//! Real CPythons: how one is found and asked, the form in which it reads a payload, and the programs that run in it.
//!
//! | module | holds |
//! | --- | --- |
//! | `interpreter` | finding interpreters, and what is said of those that cannot be used |
//! | `process` | one that is asked and answers, as rows of Python need it |
//! | `form` | a payload as columns that `python/sercost_payload.py` reads |
//! | `words` | what one said last |
//! | `programs` | the text of what runs there |

mod form;
mod interpreter;
mod process;
mod programs;
mod words;

pub use form::{python_bytes, write as write_payload, written_bytes as payload_bytes};
pub use interpreter::{FindError, Interpreter, find, find_for_pools};
pub use process::Process;
pub use programs::OF_TASKS;
pub use words::last_words;
