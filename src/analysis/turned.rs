//! Codecs that stand in another order in derived code than by way of the schema.

use super::ranking::{self, Contender};
use super::rows::{Place, Row};
use crate::model::{Representation, Verdict};

/// Two codecs of which derived code turns the order round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// The codec whose derived code is surely the faster.
    pub faster: String,
    /// The codec that it is faster than, and that is the faster by way of the schema.
    pub slower: String,
    /// Whether the typed rows alone would have been a verdict: a contradiction, where else they were close.
    pub contradicts: bool,
}

/// A codec both ways.
struct Pair<'c, 'a> {
    label: &'c str,
    derived: &'c Contender<'a>,
    typed: &'c Contender<'a>,
}

/// The pairs of codecs of one section, whose rows with a total come with their contenders, that derived code surely tells
/// apart, and that the rows of the schema tell apart the other way round, be it by no more than the measuring can shift.
pub(super) fn turned<'a>(rows: &[(Place, Row<'a>)], contenders: &[(usize, Contender<'a>)]) -> Vec<Turned> {
    let row = |at: usize| &rows[at].1;
    let of_derived = contenders.iter().filter(|(at, _)| row(*at).key.representation == Representation::Derived);
    let pairs: Vec<Pair<'_, 'a>> = of_derived
        .filter_map(|(at, derived)| {
            let (_, typed) = contenders.iter().find(|(other, _)| row(*other).is_typed_twin_of(row(*at)))?;
            Some(Pair { label: &row(*at).label, derived, typed })
        })
        .collect();
    let mut found = Vec::new();
    for one in &pairs {
        for other in &pairs {
            // By the medians first, which costs nothing.
            let turns = one.derived.total() < other.derived.total() && one.typed.total() > other.typed.total();
            if !turns || verdict(one.derived, other.derived) != Some(Verdict::Faster) {
                continue;
            }
            if let Some(typed @ (Verdict::Slower | Verdict::Close | Verdict::Placement)) =
                verdict(one.typed, other.typed)
            {
                let (faster, slower) = (one.label.to_owned(), other.label.to_owned());
                found.push(Turned { faster, slower, contradicts: typed == Verdict::Slower });
            }
        }
    }
    found
}

/// The verdict of one row against another.
fn verdict(one: &Contender<'_>, other: &Contender<'_>) -> Option<Verdict> {
    ranking::verdicts(&[one.clone(), other.clone()], 1)[0]
}
