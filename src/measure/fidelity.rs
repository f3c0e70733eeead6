//! The messages that are measured, and what a round trip loses of them.

use super::case::RustCase;
use crate::codec::{Decoded, OwnPayload, flatten, guard};
use crate::model::Representation;
#[cfg(feature = "python")]
use crate::payload::read::PickleFile;
use crate::payload::{
    Column, Differences, Encodable, NativeStore, OwnTarget, Schema, Tree, compare_rows, compare_trees,
};
use std::sync::Arc;

/// The messages of a payload: one, or with `--many` each of its elements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subjects<'a> {
    /// The type of a message.
    pub schema: &'a Arc<Schema>,
    /// Each row is a message.
    pub column: &'a Column,
    /// The column as codecs take it.
    pub encodable: &'a Encodable<'a>,
    /// The same messages as trees; empty where nothing dynamic is measured.
    pub trees: &'a [Tree],
    /// The same messages in their Rust type, where there is one.
    pub native: Option<&'a NativeStore>,
    /// The same messages in a type of the caller's; there is nothing else then.
    pub own: Option<&'a OwnPayload>,
    /// The same messages in types with derives, for the codecs of each; empty without.
    pub derived: &'a [OwnPayload],
    /// The number of messages of a sample; where it is more than the rows, they begin again from the first.
    pub messages: usize,
    /// The file that rows of Python load, and whether the messages are the elements of its value.
    #[cfg(feature = "python")]
    pub pickle: Option<(&'a PickleFile, bool)>,
}

impl<'a> Subjects<'a> {
    /// The messages that a case takes in a type of its own: one of the caller's, or one with derives.
    pub(super) fn own_of(&self, case: &RustCase) -> Option<&'a OwnPayload> {
        match case.representation {
            Representation::Derived => derived_for(self.derived, case.spec.codec.info().name),
            _ => self.own,
        }
    }

    /// Decodes in this process and compares with the payload, by path; the error is the codec's own.
    pub(super) fn losses(&self, case: &RustCase, encoded: &[Vec<u8>]) -> Result<Vec<String>, String> {
        let Subjects { trees, .. } = *self;
        let codec = case.spec.codec;
        let messages: Vec<&[u8]> = encoded.iter().map(Vec::as_slice).collect();
        let mut decoded = self.target(case, messages.len());
        flatten(guard(|| codec.decode(&messages, 1, &mut decoded)))?;
        let mut all = Differences::default();
        match decoded {
            Decoded::Own(found) => return Ok(self.differences(case, &*found)),
            Decoded::Typed(rows) => self.compare(&rows.into_column(), &mut all),
            Decoded::Native(values) => {
                self.compare(&values.into_column(self.schema).map_err(|error| error.to_string())?, &mut all);
            }
            Decoded::Dynamic(found) => {
                for (found, tree) in found.iter().zip(trees.iter().cycle()) {
                    compare_trees(tree, found, &mut all);
                }
            }
        }
        Ok(all.sentences())
    }

    /// An empty target for so many messages of a case.
    pub(super) fn target(&self, case: &RustCase, messages: usize) -> Decoded {
        match self.own_of(case) {
            Some(own) => Decoded::Own(own.messages.target(messages)),
            None => Decoded::with_capacity(case.spec.codec, case.representation, self.schema, messages),
        }
    }

    /// The first of the caller's values that did not arrive as it was sent: all that can be said of a type without a
    /// schema.
    fn differences(&self, case: &RustCase, found: &dyn OwnTarget) -> Vec<String> {
        let Some(own) = self.own_of(case) else { return Vec::new() };
        let at = found.first_difference(&*own.messages);
        let place = at.map(|at| if own.many { format!("$[{at}]") } else { "$".to_owned() });
        place.map(|place| format!("{place}: what arrived is not equal to what was sent")).into_iter().collect()
    }

    fn compare(&self, found: &Column, all: &mut Differences) {
        for row in 0..found.len() {
            compare_rows(self.schema, self.column, row % self.column.len(), found, row, all);
        }
    }

    /// For bytes of a self-describing codec that do not decode as the schema has it: what they say instead, by path.
    pub(super) fn explain(&self, case: &RustCase, encoded: &[Vec<u8>]) -> Option<Vec<String>> {
        /// Trees are large; beyond this the error itself has to do.
        const MOST_BYTES: usize = 64 << 20;
        let codec = case.spec.codec;
        let bytes: usize = encoded.iter().map(Vec::len).sum();
        if self.own_of(case).is_some()
            || case.representation == Representation::Dynamic
            || !codec.info().self_describing
            || bytes > MOST_BYTES
        {
            return None;
        }
        let messages: Vec<&[u8]> = encoded.iter().map(Vec::as_slice).collect();
        let mut decoded = Decoded::Dynamic(Vec::with_capacity(messages.len()));
        flatten(guard(|| codec.decode(&messages, 1, &mut decoded))).ok()?;
        let Decoded::Dynamic(found) = decoded else { return None };
        let mut all = Differences::default();
        for (row, found) in found.iter().enumerate() {
            compare_trees(&Tree::from_row(self.schema, self.column, row % self.column.len()), found, &mut all);
        }
        Some(all.sentences())
    }
}

/// The form of a derived payload that a codec takes.
pub(super) fn derived_for<'a>(derived: &'a [OwnPayload], codec: &str) -> Option<&'a OwnPayload> {
    derived.iter().find(|form| form.find(codec).is_some())
}
