//! Batches: the elements of lists and dicts are added to them by the thousand, each batch behind a mark.

use super::{BATCH, PickleOf, Writer};
use crate::opcode::MARK;

/// How the elements of a list or dict are handed over: one at a time, or in batches behind a mark.
#[derive(Debug)]
pub(super) struct Batch {
    kind: Kind,
    /// The elements of the batch that is open; none is open at 0.
    pub open: usize,
    /// Whether there was a full batch.
    pub after_full: bool,
    /// The number of elements still to come, where it is known.
    left: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One at a time: protocol 0, or a length of 1.
    Single,
    /// In batches.
    Batches,
    /// As yet unknown: in batches, unless there turns out to be one element. The place of its mark.
    Undecided(usize),
}

impl Batch {
    pub(super) fn new(writer: &Writer, length: Option<usize>) -> Batch {
        let kind = match length {
            _ if !writer.is_binary() => Kind::Single,
            Some(1) => Kind::Single,
            Some(_) => Kind::Batches,
            None => Kind::Undecided(0),
        };
        Batch { kind, open: 0, after_full: false, left: length }
    }

    /// Before an element.
    #[inline]
    pub(super) fn begin(&mut self, writer: &mut Writer) {
        if self.open == 0 && self.kind != Kind::Single {
            self.open_batch(writer);
        }
    }

    fn open_batch(&mut self, writer: &mut Writer) {
        if self.after_full && writer.of == PickleOf::V3_15 {
            match self.left {
                Some(1) => {
                    self.kind = Kind::Single;
                    return;
                }
                Some(_) => {}
                None => self.kind = Kind::Undecided(0),
            }
        }
        if let Kind::Undecided(mark) = &mut self.kind {
            *mark = writer.out.len();
        }
        writer.op(MARK);
    }

    /// After an element.
    #[inline]
    pub(super) fn end(&mut self, writer: &mut Writer, one: u8, many: u8) {
        if self.kind == Kind::Single {
            return writer.op(one);
        }
        self.open += 1;
        if self.open == BATCH {
            writer.op(many);
            self.open = 0;
            self.after_full = true;
            self.kind = Kind::Batches;
            self.left = self.left.map(|left| left.saturating_sub(BATCH));
        }
    }

    /// After the last element.
    pub(super) fn finish(self, writer: &mut Writer, one: u8, many: u8) {
        match self {
            // The only element of a sequence that did not say its length. Its mark can go where no frame ended since,
            // since then none would have ended without it. Otherwise the batch of one stays.
            Batch { kind: Kind::Undecided(mark), open: 1, .. } if !writer.has_frames() || mark >= writer.frame => {
                writer.out.remove(mark);
                writer.op(one);
            }
            Batch { open: 0, .. } => {}
            _ => writer.op(many),
        }
    }
}
