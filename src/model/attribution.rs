//! Which part of a file owns which of its bytes.

use serde::{Deserialize, Serialize};

/// Why and where a file could not be read further.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("at byte {offset}: {reason}")]
pub struct Fault {
    /// Counted from the beginning of the file, or of what was unpacked from it.
    pub offset: u64,
    /// What is wrong there.
    pub reason: String,
}

/// A file divided into parts. Each byte belongs to exactly one: the parts' `own_bytes` sum to `bytes`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// The size of the file.
    pub bytes: u64,
    /// How many whole pickles it holds.
    pub pickles: u64,
    /// The highest protocol that one of them names; 0 where none does.
    pub protocol: u8,
    /// Buffers that travel beside the pickles, whose sizes these do not tell.
    pub out_of_band_buffers: u64,
    /// A part comes before those it consists of, the heaviest first. The first is the whole file.
    pub parts: Vec<Part>,
    /// Why it could not be read to its end.
    pub fault: Option<Fault>,
    /// What else a reader should know.
    pub notes: Vec<String>,
}

/// All values of one shape under one path, or bytes that belong to no value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The place in `parts` of what it is a part of.
    pub parent: Option<usize>,
    /// How it hangs on that: `.keywords`, `["data"]`, `[*]`. The path is all of these in a row.
    pub step: String,
    /// What it is: `list of 10,000,000 int`, `__main__.Point`.
    pub what: String,
    /// The bytes of the part with all that it consists of.
    pub bytes: u64,
    /// The bytes of none of the parts that it consists of.
    pub own_bytes: u64,
    /// How many values were merged into it.
    pub count: u64,
    /// Where the first of them begins, if that is known.
    pub offset: Option<u64>,
    /// How often its values are referred to from elsewhere; each reference is counted where it stands.
    pub references: u64,
    /// Some of the places that refer to it, or for a reference the part that it means: places in `parts`.
    pub related: Vec<usize>,
}

impl Attribution {
    /// The path of a part: `$.keywords["data"]`.
    pub fn path(&self, part: usize) -> String {
        let mut steps = Vec::new();
        let mut at = Some(part);
        while let Some(part) = at.and_then(|at| self.parts.get(at)) {
            steps.push(part.step.as_str());
            at = part.parent;
        }
        steps.reverse();
        steps.concat()
    }

    /// How far below the file a part is.
    pub fn depth(&self, part: usize) -> usize {
        let above = |at: &usize| self.parts.get(*at).and_then(|part| part.parent);
        std::iter::successors(above(&part), above).count()
    }

    /// The parts that a part consists of, the heaviest first.
    pub fn children(&self, part: usize) -> impl Iterator<Item = usize> {
        (part + 1..self.parts.len()).filter(move |&at| self.parts[at].parent == Some(part))
    }

    /// The part with this path, the heaviest if there are several.
    pub fn find(&self, path: &str) -> Option<usize> {
        let found = (0..self.parts.len()).filter(|&at| self.path(at) == path);
        found.max_by_key(|&at| self.parts[at].bytes)
    }
}
