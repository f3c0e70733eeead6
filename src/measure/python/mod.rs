//! Rows measured inside CPython: encoded in one interpreter, carried by `multiprocessing.connection`, decoded in another.
//!
//! They take part in the same rounds as the rows of Rust. For a turn of such a row sercost tells the receiving
//! interpreter what comes, waits until it is about to read, and then asks the sending one for a sample. Both read the clock
//! that sercost reads. What runs inside, and what they say to one another, is in `python/sercost_rows.py`.

mod pair;
mod turn;

pub(super) use pair::Pairs;

use crate::codec::PythonRow;
use crate::python::Interpreter;
use std::sync::Arc;

/// The transport of all rows of Python, which is not among those that can be chosen.
pub const PYTHON_TRANSPORT: &str = "multiprocessing";

/// A row in an interpreter.
#[derive(Clone, Debug)]
pub struct PythonTrip {
    /// The row.
    pub row: &'static PythonRow,
    /// Where it runs.
    pub interpreter: Arc<Interpreter>,
}

impl PythonTrip {
    /// The name in tables and results: `python:pickle5`, or `python3.8:pickle5` where there are several interpreters.
    pub fn name(&self) -> String {
        format!("{}:{}", self.interpreter.about.name, self.row.name)
    }

    /// The interpreter's version, and before it that of the module where it is known and not the interpreter's own.
    pub(super) fn version(&self, module: Option<&str>) -> String {
        let interpreter = format!("CPython {}", self.interpreter.about.version);
        module.map_or(interpreter.clone(), |module| format!("{module}, {interpreter}"))
    }
}
