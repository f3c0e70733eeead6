//! Instructions: operations that a tracing tool counts by the name of one function.
//!
//! A process under `valgrind --tool=callgrind` makes the operations of all rows, one after the other. Callgrind collects while
//! [`counted_operation`](super::counted::counted_operation) runs, and writes a file after each call. So the order of the calls is all that has to be told.

use super::fidelity::Subjects;
use super::runner::RustRunner;
use super::study::{Study, StudyError};
use crate::model::{Representation, Stage};
use crate::payload::{Encodable, Payload};
use serde::{Deserialize, Serialize};

/// An operation that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The name of the codec.
    pub codec: String,
    /// How the payload is held.
    pub representation: Representation,
    /// Encoding or decoding.
    pub stage: Stage,
    /// How many messages it was made for.
    pub messages: u64,
    /// Whether it failed, and its count is that of a part.
    pub failed: bool,
}

impl Study {
    /// Makes the operations of the rows of Rust once to warm up and once to be counted, which `each` is told afterwards. A
    /// compressor or a transport changes nothing in them, so each codec has its turn once.
    ///
    /// # Errors
    ///
    /// When the payload has no messages of the kind that is wanted.
    pub fn count(&self, payload: &Payload, each: &mut dyn FnMut(Counted)) -> Result<(), StudyError> {
        let native = self.codecs.iter().any(|(spec, _)| spec.codec.info().native);
        let messages = payload.messages(self.many.is_some(), native).map_err(StudyError::Messages)?;
        let encodable = Encodable::new(&messages.schema, messages.column);
        let subjects = Subjects {
            schema: &messages.schema,
            column: messages.column,
            encodable: &encodable,
            trees: messages.trees,
            native: messages.native.as_ref(),
            own: None,
            derived: &self.derived,
            messages: self.many.unwrap_or(1),
            #[cfg(feature = "python")]
            pickle: payload.pickle.as_ref().map(|file| (file, self.many.is_some())),
        };
        for case in self.counted_cases() {
            let (codec, representation) = (case.spec.codec.info().name.to_owned(), case.representation);
            let mut told = |stage: Stage, failed: bool| {
                each(Counted {
                    codec: codec.clone(),
                    representation,
                    stage,
                    messages: subjects.messages as u64,
                    failed,
                });
            };
            RustRunner::new(case).count(subjects, &mut told);
        }
        Ok(())
    }
}
