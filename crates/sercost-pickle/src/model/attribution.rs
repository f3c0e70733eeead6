//! Which part of a file owns which of its bytes.

use serde::{Deserialize, Serialize};

/// Why and where a file could not be read further.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("at byte {offset}: {reason}")]
pub struct Fault {
    /// Counted from the start of the file, or of what was unpacked from it.
    pub offset: u64,
    /// The reason, as a sentence without a capital letter.
    pub reason: String,
}

impl Fault {
    /// At a place of the file.
    pub(crate) fn new(offset: usize, reason: impl Into<String>) -> Fault {
        Fault { offset: offset as u64, reason: reason.into() }
    }
}

/// A file divided into parts. Each byte belongs to exactly one: the parts' `own_bytes` sum to `bytes`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// The size of the file.
    pub bytes: u64,
    /// The number of whole pickles that it holds.
    pub pickles: u64,
    /// The highest protocol that one of them names; 0 where none does.
    pub protocol: u8,
    /// Buffers that travel beside the pickles, whose sizes these do not tell.
    pub out_of_band_buffers: u64,
    /// A part comes before those it consists of, the heaviest first. The first is the whole file.
    pub parts: Vec<Part>,
    /// Why it could not be read to its end.
    pub fault: Option<Fault>,
    /// Notes that a reader should know beside the sizes.
    pub notes: Vec<String>,
    /// Findings of bytes that could be saved, the largest saving first.
    #[serde(default)]
    pub findings: Vec<Finding>,
}

/// Something that costs bytes and could be otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its kind, in one word for programs: `duplicate`, `view`, `resent`, `memo`, `protocol`.
    pub kind: String,
    /// A sentence: what it is and what to do, without the path and the saving.
    pub text: String,
    /// The part that it is about, a place in `parts`.
    pub part: Option<usize>,
    /// The bytes that the file would be smaller by.
    pub saves_bytes: Option<u64>,
}

/// The kind of a part, as far as readers of an attribution tell parts apart by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartKind {
    /// Any other value.
    #[default]
    Other,
    /// Lists without a class of their own.
    List,
    /// Dicts without a class of their own.
    Dict,
    /// Sets without a class of their own.
    Set,
    /// A member of an archive, whose step ends in a colon.
    Member,
    /// Bytes that belong to no value.
    Overhead,
}

/// All values of one shape under one path, or bytes that belong to no value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The place in `parts` of what it is a part of.
    pub parent: Option<usize>,
    /// How it hangs on that: `.keywords`, `["data"]`, `[*]`. The path is all of these in a row.
    pub step: String,
    /// Its description: `list of 10,000,000 int`, `__main__.Point`.
    pub what: String,
    /// The same in one word for programs.
    #[serde(default)]
    pub kind: PartKind,
    /// Whether `what` says what strings or byte strings hold, too.
    #[serde(default)]
    pub tells_content: bool,
    /// The bytes of the part with all that it consists of.
    pub bytes: u64,
    /// The bytes of none of the parts that it consists of.
    pub own_bytes: u64,
    /// The number of values that were merged into it.
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

    /// The path of a part within a sentence: that of a member is without the colon that parts the member from what is in it.
    pub fn place(&self, part: usize) -> String {
        let mut path = self.path(part);
        if self.parts.get(part).is_some_and(|part| part.kind == PartKind::Member) {
            path.pop();
        }
        path
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

/// One file that was looked into.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// As it was given.
    pub name: String,
    /// The kind of file: `pickle`, `torch archive`, `pickle in gzip`.
    pub format: String,
    /// The size of the file itself, where it is compressed and the attribution is of what was unpacked.
    pub packed_bytes: Option<u64>,
    /// The division of its bytes among their paths.
    pub attribution: Attribution,
    /// Its opcodes, if they were asked for.
    pub tally: Option<Tally>,
    /// The imports and calls of loading it, if they were asked for.
    pub calls: Option<super::Calls>,
}

/// The opcodes of the pickles of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Those that occur, the heaviest first.
    pub opcodes: Vec<OpcodeCount>,
    /// The bytes that all of them have together.
    pub bytes: u64,
    /// The bytes of opcodes that put values into the memo.
    pub memo_put_bytes: u64,
    /// The bytes of opcodes that fetch them.
    pub memo_get_bytes: u64,
    /// The number of values that are put into the memo.
    pub memo_puts: u64,
    /// The number of different values that are ever fetched.
    pub memo_fetched: u64,
    /// The bytes of frame headers.
    pub frame_bytes: u64,
    /// Changes that would make the pickles smaller.
    pub savings: Vec<Saving>,
}

/// One opcode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpcodeCount {
    /// As `pickletools` names it.
    pub name: String,
    /// How often it occurs.
    pub count: u64,
    /// The bytes with their arguments.
    pub bytes: u64,
}

/// Another way to write the same pickles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saving {
    /// The change to make.
    pub action: String,
    /// The size that the pickles have then.
    pub bytes: u64,
    /// Whether that is the size to the byte, or an estimate.
    pub exact: bool,
}

impl Attribution {
    /// The part to look at first: down from the file along the heaviest, as long as one has most of the bytes.
    pub fn heaviest(&self) -> usize {
        let mut at = 0;
        loop {
            let heaviest = self.children(at).max_by_key(|&child| self.parts[child].bytes);
            match heaviest {
                // The items of a list are the list's.
                Some(child)
                    if self.parts[child].step != "[*]" && 2 * self.parts[child].bytes > self.parts[at].bytes =>
                {
                    at = child;
                }
                _ => return at,
            }
        }
    }
}
