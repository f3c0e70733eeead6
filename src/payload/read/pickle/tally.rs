//! The values of a pickle that are represented by something else, counted for the notes.

use crate::model::Bytes;
use sercost_pickle::plain::{Memory, Outline, QualifiedName};

/// Counts of what was read.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub sets: u64,
    /// Dicts that are lists of pairs.
    pub pairs: u64,
    pub wide_ints: u64,
    /// The number of objects of each class and way of representing it.
    objects: Vec<(String, &'static str, u64)>,
    keys: Vec<(&'static str, u64)>,
    /// References to what was there before, and the bytes that it has there.
    repeats: u64,
    repeated_bytes: u64,
}

impl Tally {
    /// An object of a class.
    pub(super) fn object(&mut self, (module, name): &QualifiedName<'_>, how: &'static str) {
        let is_it = |class: &str| {
            class.strip_prefix(&**module).and_then(|rest| rest.strip_prefix('.')).is_some_and(|rest| rest == &**name)
        };
        match self.objects.iter_mut().find(|(class, known, _)| *known == how && is_it(class)) {
            Some((_, _, count)) => *count += 1,
            None => self.objects.push((format!("{module}.{name}"), how, 1)),
        }
    }

    /// A key that is text only here.
    pub(super) fn key(&mut self, kind: &'static str) {
        match self.keys.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => self.keys.push((kind, 1)),
        }
    }

    /// A value, with the bytes that it would add if it were not referred to; none where it is not.
    pub(super) fn repeat(&mut self, bytes: Option<u64>) {
        if let Some(bytes) = bytes {
            self.repeats += 1;
            self.repeated_bytes += bytes;
        }
    }

    /// The notes.
    pub(super) fn notes(&self, outline: &Outline<'_>) -> Vec<String> {
        let mut notes = Vec::new();
        let (pickles, memory) = outline.pickles();
        if pickles > 1 {
            let shared = match memory {
                Memory::Own => "",
                Memory::Shared => ", of one pickler, which refers to objects of those before",
            };
            notes.push(format!("{pickles} pickles, one behind the other{shared}: read as a list of them"));
        }
        let say = |count: u64, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        notes.extend(say(self.sets, "set was read as a list", "sets were read as lists"));
        notes.extend(self.objects.iter().map(|(class, how, count)| {
            let values = if *count == 1 { "value" } else { "values" };
            format!("{count} {values} of {class}: {how}")
        }));
        notes.extend(say(
            self.pairs,
            "dict whose keys are tuples or their like: as a list of pairs",
            "dicts whose keys are tuples or their like: as lists of pairs",
        ));
        notes.extend(self.keys.iter().map(|(kind, count)| {
            let keys = if *count == 1 { "key that is" } else { "keys, each" };
            format!("{count} {keys} {kind}: as text, as json.dumps writes it")
        }));
        notes.extend(say(
            self.wide_ints,
            "integer of more than 64 bits: as the text of its digits",
            "integers of more than 64 bits: as the text of their digits",
        ));
        // Few repeated bytes are not worth a note.
        if self.repeated_bytes * 100 > outline.length() as u64 {
            let references = if self.repeats == 1 { "reference" } else { "references" };
            notes.push(format!(
                "{} {references} to objects that the pickle holds once: every format writes them out again, as would {} more of pickle",
                self.repeats,
                Bytes(self.repeated_bytes)
            ));
        }
        notes
    }
}
