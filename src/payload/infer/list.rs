//! Lists: of any length, of one length with a type for each place, or of a few numbers each.

use super::{Node, observe};
use crate::payload::source::{Fault, Open, Source, Step};
use std::collections::HashSet;

/// Lists that are longer have no place of their own for each element.
const MOST_PLACES: usize = 256;
/// A single list whose elements differ in kind is a tuple if it has no more elements than this.
const MOST_OF_ONE: usize = 4;
/// Two such lists are tuples if they have no more than this; longer ones want more lists.
const MOST_OF_FEW: usize = 16;
/// Lists of so many numbers are arrays, if there are enough lists to believe it.
const POSITION: std::ops::RangeInclusive<usize> = 2..=4;
const ENOUGH_POSITIONS: u64 = 3;
/// Places that hold integers only, beside places that hold floats only, are another type from so many lists on; a
/// coordinate may well be whole in a few of them.
const ENOUGH_WHOLE: u64 = 8;

/// The contents of the lists of a column, as far as they were seen.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// The number of lists.
    pub count: u64,
    /// The number of lists that the document calls tuples.
    tuples: u64,
    items: Items,
}

/// The elements of lists.
#[derive(Debug)]
enum Items {
    /// All lists so far have the same length: a node for each place.
    Places(Vec<Node>),
    /// They have not, or are long.
    Any(Box<Node>),
}

impl Default for Items {
    fn default() -> Self {
        Items::Places(Vec::new())
    }
}

impl Items {
    /// All elements as one column.
    fn into_node(self) -> Box<Node> {
        match self {
            Items::Places(places) => merged(places),
            Items::Any(node) => node,
        }
    }
}

/// The type of the lists of a column.
pub(super) enum Decided {
    /// `Vec<T>`; the number of lists where all have one length, and could be arrays.
    List(Box<Node>, Option<u64>),
    /// `[T; N]`.
    Array(Box<Node>, usize, Fixed),
    /// `(A, B)`.
    Tuple(Vec<Node>, Fixed),
}

/// The facts about lists of one length.
#[derive(Clone, Copy)]
pub(super) struct Fixed {
    /// The number of lists.
    pub count: u64,
    /// Whether the document calls all of them tuples.
    pub is_tuple: bool,
    /// The number of elements that would need a mark of their kind in lists.
    pub marks: u64,
}

/// Takes one list into account.
pub(super) fn observe_list<S: Source>(
    source: &mut S,
    lists: &mut Lists,
    mut open: Open,
    depth: usize,
) -> Result<(), Fault> {
    let is_first = lists.count == 0;
    lists.count += 1;
    lists.tuples += u64::from(open.tuple);
    let mut index = 0;
    while source.next_item(&mut open).map_err(|fault| fault.inside(Step::Index(index)))? {
        let node = lists.place(index, is_first);
        source
            .value()
            .and_then(|event| observe(source, node, event, depth + 1))
            .map_err(|fault| fault.inside(Step::Index(index)))?;
        index += 1;
    }
    lists.end(index);
    Ok(())
}

impl Lists {
    /// Where the element at `index` of the current list belongs.
    fn place(&mut self, index: usize, is_first: bool) -> &mut Node {
        if let Items::Places(places) = &mut self.items {
            if is_first && index == places.len() && index < MOST_PLACES {
                places.push(Node::default());
            } else if index >= places.len() {
                self.items = Items::Any(merged(std::mem::take(places)));
            }
        }
        match &mut self.items {
            Items::Places(places) => &mut places[index],
            Items::Any(node) => node,
        }
    }

    /// The current list ends with `length` elements.
    fn end(&mut self, length: usize) {
        if let Items::Places(places) = &mut self.items
            && places.len() != length
        {
            self.items = Items::Any(merged(std::mem::take(places)));
        }
    }

    /// Takes the lists of another column into this one.
    pub(super) fn merge(&mut self, other: Lists) {
        if self.count == 0 {
            *self = other;
            return;
        }
        self.count += other.count;
        self.tuples += other.tuples;
        self.items = match (std::mem::take(&mut self.items), other.items) {
            (Items::Places(mut mine), Items::Places(theirs)) if mine.len() == theirs.len() => {
                for (mine, theirs) in mine.iter_mut().zip(theirs) {
                    mine.merge(theirs);
                }
                Items::Places(mine)
            }
            (mine, theirs) => {
                let mut node = mine.into_node();
                node.merge(*theirs.into_node());
                Items::Any(node)
            }
        };
    }

    /// The columns that elements are seen in: one for each place, or one for all.
    pub(super) fn nodes(&self) -> Vec<&Node> {
        match &self.items {
            Items::Places(places) => places.iter().collect(),
            Items::Any(node) => vec![node],
        }
    }

    /// The length of all of them; `None` where they differ in it.
    pub(super) fn length(&self) -> Option<usize> {
        if let Items::Places(places) = &self.items { Some(places.len()) } else { None }
    }

    /// Whether they are few lists with values of several kinds: tuples or not by their places alone.
    pub(super) fn are_mixed(&self) -> bool {
        let Items::Places(places) = &self.items else { return false };
        let kinds: HashSet<u8> = places.iter().map(Node::kinds).filter(|kinds| *kinds != 0).collect();
        self.count < ENOUGH_WHOLE && self.tuples == 0 && kinds.len() > 1
    }

    /// The type of the lists; `as_tuple` overrules what they look like, `Some(false)` for a list.
    pub(super) fn decide(self, as_tuple: Option<bool>) -> Result<Decided, Fault> {
        let Lists { count, tuples, items } = self;
        let places = match items {
            Items::Places(places) if as_tuple != Some(false) => places,
            Items::Any(_) if as_tuple == Some(true) => {
                return Err(Fault::of_column(
                    "--tuple: the lists differ in length, or are long",
                    "leave --tuple away for them",
                ));
            }
            items => return Ok(Decided::List(items.into_node(), None)),
        };
        let length = places.len();
        if length == 0 && as_tuple == Some(true) {
            return Err(Fault::of_column("--tuple: the lists are empty", "leave --tuple away for them"));
        }
        if length == 0 {
            return Ok(Decided::List(Box::default(), None));
        }
        let differ = differ(&places, count);
        let marks = if differ { count.saturating_mul(length as u64) } else { 0 };
        let fixed = Fixed { count, is_tuple: tuples == count, marks };
        let is_position =
            POSITION.contains(&length) && count >= ENOUGH_POSITIONS && places.iter().all(Node::is_numeric);
        if is_position && !differ {
            return Ok(Decided::Array(merged(places), length, fixed));
        }
        let stated = tuples == count && (differ || length <= MOST_OF_FEW);
        let looks = differ
            && match length {
                0..=MOST_OF_ONE => true,
                length if length <= MOST_OF_FEW => count > 1,
                _ => count >= ENOUGH_WHOLE,
            };
        if as_tuple == Some(true) || stated || looks {
            return Ok(Decided::Tuple(places, fixed));
        }
        // Lists of records that happen to have as many are no arrays.
        let are_scalars = places.iter().all(|place| place.lists.is_none() && place.objects.is_none());
        let could_be_arrays = (2..=MOST_OF_FEW).contains(&length) && are_scalars && as_tuple.is_none();
        Ok(Decided::List(merged(places), could_be_arrays.then_some(count)))
    }
}

/// All places as one column.
fn merged(places: Vec<Node>) -> Box<Node> {
    let mut places = places.into_iter();
    let mut node = Box::new(places.next().unwrap_or_default());
    places.for_each(|place| node.merge(place));
    node
}

/// Whether the places of `count` lists hold values of different kinds, each place its own.
fn differ(places: &[Node], count: u64) -> bool {
    let known: Vec<&Node> = places.iter().filter(|place| place.kinds() != 0).collect();
    let Some((first, others)) = known.split_first() else { return false };
    let whole = |node: &Node| node.ints.count > 0 && node.floats.count() == 0;
    let fractional = |node: &Node| node.floats.count() > 0 && node.ints.count == 0;
    let kinds = others.iter().any(|node| node.kinds() != first.kinds());
    let widths =
        count >= ENOUGH_WHOLE && known.iter().any(|node| whole(node)) && known.iter().any(|node| fractional(node));
    kinds || widths
}
