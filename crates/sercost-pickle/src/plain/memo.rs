//! The memo of a pickle: where each of its numbered objects lies.

use std::collections::HashMap;

/// The memo, by which objects are found again. All known picklers give numbers in order; any others are kept apart,
/// since a PUT may name a number of four billion.
#[derive(Debug, Default)]
pub(super) struct Memo {
    dense: Vec<Known>,
    sparse: HashMap<u64, Known>,
    /// Past the highest number.
    pub next: u64,
}

/// An object in the memo: where it begins, or which container it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Known {
    Scalar(usize),
    Container(u32),
}

impl Memo {
    pub(super) fn get(&self, id: u64) -> Option<Known> {
        let dense = usize::try_from(id).ok().and_then(|id| self.dense.get(id));
        dense.or_else(|| self.sparse.get(&id)).copied()
    }

    /// Whether the number was free: an object whose number another takes over could not be told from it later.
    #[must_use]
    pub(super) fn put(&mut self, id: u64, known: Known) -> bool {
        self.next = self.next.max(id.saturating_add(1));
        match usize::try_from(id) {
            Ok(id) if id < self.dense.len() => false,
            Ok(id) if id == self.dense.len() && self.sparse.is_empty() => {
                self.dense.push(known);
                true
            }
            _ => self.sparse.insert(id, known).is_none(),
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.dense.len() as u64 + self.sparse.len() as u64
    }
}
