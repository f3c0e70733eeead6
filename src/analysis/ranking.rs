//! Which rows differ: verdicts against the reference, and ranks that agree with them.
//!
//! A difference counts when two things are sure. It must be beyond chance, with the error controlled for all rows of a table
//! together ([`told_apart`]), and it must be larger than what the measuring itself can shift ([`Shift`]): the same crate is
//! other machine code in another program, and the schema path is not derived code.

use super::rows::{Place, Row};
use crate::model::{Measurement, Representation, Stage, Verdict};
use crate::stats::{LEAST_ROUNDS, Pivot, RowSamples, Side, median, told_apart};

/// The factor by which encoding and decoding may be off in either direction, for the code that the compiler made of the
/// crate here. Of two rows moved against each other it counts twice, 1.56 together: docs/BIAS.md has the measurements
/// behind it.
const PLACEMENT: f64 = 1.25;

/// The same for derived code that was measured in [`LEAST_LAYOUTS`] layouts or more: how placement shifts it is in its samples
/// then, one for each layout, and what is left is that another program inlines other functions.
const PLACEMENT_MEASURED: f64 = 1.0;

/// The fewest layouts with which rows are told apart across layouts: each counts as one round.
pub const LEAST_LAYOUTS: u64 = LEAST_ROUNDS;

/// The same for rows of Python, whose interpreter and modules are those of the user's program.
const PLACEMENT_IN_PYTHON: f64 = 1.05;

/// The share of the `null` row's time that derived code would not take. Its walk was measured 1.5 to 2.6 times as long
/// as theirs, and up to 8 times where theirs is next to nothing, which is then next to nothing of a codec's time too.
const WALK: f64 = 0.6;

/// The amount by which the measuring itself can shift one row, from the row's own medians, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shift {
    total: f64,
    encode: f64,
    decode: f64,
    /// The part of `encode` that may be walking which derived code does not do.
    walk: f64,
    placement: f64,
}

impl Shift {
    /// Of a row; `walk_ns` is the encode time of the `null` row where the payload is encoded by way of the schema.
    pub(super) fn of(row: &Row<'_>, walk_ns: Option<f64>) -> Option<Self> {
        let by_schema = row.key.representation == Representation::Typed && !row.is_native();
        let encode = row.p50(Stage::Encode).unwrap_or_default();
        Some(Shift {
            total: row.total()?.p50_ns,
            encode,
            decode: row.p50(Stage::Decode).unwrap_or_default(),
            walk: walk_ns.filter(|_| by_schema).map_or(0.0, |walk| (WALK * walk).min(encode)),
            placement: match row.key.representation {
                Representation::Python => PLACEMENT_IN_PYTHON,
                Representation::Derived if row.layouts() >= LEAST_LAYOUTS => PLACEMENT_MEASURED,
                _ => PLACEMENT,
            },
        })
    }

    /// The same row, all of it longer or shorter.
    fn with_total(self, total: f64) -> Self {
        let factor = if self.total > 0.0 { total / self.total } else { 1.0 };
        let Shift { encode, decode, walk, placement, .. } = self;
        Shift { total, encode: factor * encode, decode: factor * decode, walk: factor * walk, placement }
    }

    fn slowest(&self) -> f64 {
        self.total + (self.placement - 1.0) * (self.encode + self.decode)
    }

    fn fastest(&self) -> f64 {
        let encode = (self.encode - self.walk) / self.placement;
        (self.total - self.encode - self.decode).max(0.0) + encode + self.decode / self.placement
    }

    /// Whether `self` takes less than `other` also when both are moved against it. Rows of the same code move together.
    pub(super) fn is_surely_below(&self, other: &Shift, same_code: bool) -> bool {
        if same_code {
            self.slowest() < other.slowest() && self.fastest() < other.fastest()
        } else {
            self.slowest() < other.fastest()
        }
    }
}

/// The time that a codec takes for each stage, in nanoseconds.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
pub struct StageTimes {
    /// Encoding by way of the schema.
    pub encode_ns: f64,
    /// Decoding by way of the schema.
    pub decode_ns: f64,
}

/// Whether a difference between two codecs is larger than what the measuring itself can shift, so that it would be a verdict
/// if it is beyond chance. `walk_ns` is what the `null` codec takes where it stands for walking by way of the schema.
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "tests and benches use it"))]
pub fn is_surely_faster(one: StageTimes, other: StageTimes, walk_ns: Option<f64>) -> bool {
    let shift = |StageTimes { encode_ns: encode, decode_ns: decode }| Shift {
        total: encode + decode,
        encode,
        decode,
        walk: (WALK * walk_ns.unwrap_or(0.0)).min(encode),
        placement: PLACEMENT,
    };
    shift(one).is_surely_below(&shift(other), false)
}

/// A row, ready to be compared.
#[derive(Clone)]
pub(super) struct Contender<'a> {
    /// The names of the code that runs: codec and representation.
    pub code: (&'a str, Representation),
    /// Nanoseconds of the total of each round.
    pub samples: RowSamples,
    pub shift: Shift,
}

impl Contender<'_> {
    /// The median total in nanoseconds.
    pub(super) fn total(&self) -> f64 {
        self.shift.total
    }

    /// The worth of a difference that was found on this side of `other`.
    fn judged(&self, side: Side, other: &Contender<'_>) -> Verdict {
        let same_code = self.code == other.code;
        // By the medians that the table shows, and by the ratio, which compares within rounds.
        let own = [self.shift, self.shift.with_total(self.ratio_to(other) * other.shift.total)];
        match side {
            Side::Below if own.iter().all(|own| own.is_surely_below(&other.shift, same_code)) => Verdict::Faster,
            Side::Above if own.iter().all(|own| other.shift.is_surely_below(own, same_code)) => Verdict::Slower,
            Side::Below | Side::Above => match [self, other].iter().all(|row| row.code.1 == Representation::Derived) {
                true => Verdict::Placement,
                false => Verdict::Close,
            },
        }
    }

    /// The median of the quotients of the rounds that both have.
    fn ratio_to(&self, other: &Contender<'_>) -> f64 {
        let pairs = self.samples.iter().zip(&other.samples);
        let quotients: Vec<f64> =
            pairs.filter_map(|(own, other)| Some((*own)? / (*other)?)).filter(|ratio| ratio.is_finite()).collect();
        median(&quotients).unwrap_or(self.shift.total / other.shift.total)
    }
}

/// The verdict of each row against row `reference`; `None` for the reference itself, and where too few rounds are shared.
pub(super) fn verdicts(rows: &[Contender<'_>], reference: usize) -> Vec<Option<Verdict>> {
    let samples: Vec<RowSamples> = rows.iter().map(|row| row.samples.clone()).collect();
    let apart = told_apart(&samples, Pivot::Row(reference));
    (0..rows.len())
        .map(|row| match apart.sides[row] {
            _ if row == reference || !apart.comparable[row] => None,
            Some(side) => Some(rows[row].judged(side, &rows[reference])),
            None => Some(Verdict::Tie),
        })
        .collect()
}

/// The rows in their order, each with its place. The fastest leads a group; the rows that are not surely slower share its rank;
/// the fastest of those that are leads the next group.
pub(super) fn ranked(rows: &[Contender<'_>]) -> Vec<(usize, Place)> {
    let mut left: Vec<usize> = (0..rows.len()).collect();
    left.sort_by(|&a, &b| rows[a].shift.total.total_cmp(&rows[b].shift.total));
    let mut order = Vec::with_capacity(rows.len());
    while let Some(&lead) = left.first() {
        let samples: Vec<RowSamples> = left.iter().map(|&row| rows[row].samples.clone()).collect();
        let apart = told_apart(&samples, Pivot::Fastest);
        // The leader by the medians shown; that of the shared logarithms can differ in a tie.
        let pivot = apart.pivot.map_or(lead, |at| left[at]);
        let is_slower = |at: usize| {
            let row = left[at];
            apart.sides[at] == Some(Side::Above)
                && rows[row].judged(Side::Above, &rows[pivot]) == Verdict::Slower
                && rows[row].judged(Side::Above, &rows[lead]) == Verdict::Slower
        };
        let (slower, group): (Vec<usize>, Vec<usize>) = (0..left.len()).partition(|&at| is_slower(at));
        let place = Place::Ranked { rank: order.len() + 1, shared: group.len() > 1 };
        order.extend(group.iter().map(|&at| (left[at], place)));
        left = slower.into_iter().map(|at| left[at]).collect();
    }
    order
}

/// A total in nanoseconds per operation, round by round.
pub(super) fn samples(total: &Measurement) -> RowSamples {
    let operations = total.operations_per_sample.unwrap_or(1).max(1) as f64;
    total.samples_ns.iter().map(|sample| sample.map(|ns| ns as f64 / operations)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of one stage alone, where nothing dilutes what the compiler makes of it.
    fn bare(encode: f64, decode: f64, walk: f64) -> Shift {
        Shift { total: encode + decode, encode, decode, walk: WALK * walk, placement: PLACEMENT }
    }

    /// The pairs of codecs that stand in the other order in derived code: what sercost measured of the first, as a multiple of
    /// the second, and what derived code takes, in campaigns on two processors.
    const TURNED: [(&str, &str, f64, f64); 16] = [
        ("access log, encode", "msgpack / postcard", 0.80, 1.30),
        ("range, encode", "msgpack / cbor", 0.78, 1.41),
        ("range, encode", "msgpack-named / cbor", 0.78, 2.0),
        ("range, encode + decode", "msgpack / cbor", 0.91, 1.65),
        ("range, decode", "json / flexbuffers", 0.74, 1.28),
        ("range, encode", "bincode / bitcode", 1.16, 0.91),
        ("range, encode", "postcard / bitcode", 1.18, 0.91),
        ("strings, encode", "msgpack / ciborium", 0.81, 1.02),
        ("strings, encode", "msgpack / wincode", 0.96, 1.42),
        ("records, encode", "bincode-fixed / wincode", 1.09, 0.77),
        ("records, encode", "postcard / msgpack", 1.27, 0.87),
        ("nested, encode", "bincode-fixed / wincode", 1.24, 0.78),
        ("nested, encode", "bincode-fixed / borsh", 1.48, 0.91),
        ("nested, encode + decode", "bitcode / borsh", 1.08, 0.89),
        ("nested, decode", "ciborium / bson", 1.20, 0.73),
        ("log, decode", "bson / flexbuffers", 0.88, 1.60),
    ];

    #[test]
    fn no_pair_that_derived_code_turns_round_is_told_apart() {
        for (what, pair, here, derived) in TURNED {
            assert!((here < 1.0) != (derived < 1.0), "{what}, {pair}: they do not contradict each other");
            // Even without a walk, which only widens the range.
            let (one, other) = (bare(here, 0.0, 0.0), bare(1.0, 0.0, 0.0));
            assert!(!one.is_surely_below(&other, false) && !other.is_surely_below(&one, false), "{what}, {pair}");
            let (one, other) = (bare(0.0, here, 0.0), bare(0.0, 1.0, 0.0));
            assert!(!one.is_surely_below(&other, false) && !other.is_surely_below(&one, false), "{what}, {pair}");
        }
    }

    #[test]
    fn twice_as_fast_is_told_apart() {
        assert!(bare(1.0, 1.0, 0.0).is_surely_below(&bare(2.0, 2.0, 0.0), false));
        // postcard against json: a good part of either is the walk.
        assert!(bare(1.0, 1.0, 0.3).is_surely_below(&bare(2.0, 2.0, 0.3), false));
    }

    #[test]
    fn what_no_compiler_touches_needs_no_margin() {
        let trip = |transfer: f64| Shift { total: 2.0 + transfer, ..bare(1.0, 1.0, 0.0) };
        // The same codec over another transport, or with a compressor: the same code on both sides.
        assert!(trip(1.0).is_surely_below(&trip(1.1), true));
        assert!(!trip(1.0).is_surely_below(&trip(1.1), false));
        assert!(trip(1.0).is_surely_below(&trip(9.0), false));
    }

    fn contender(code: &'static str, times: &[f64]) -> Contender<'static> {
        let mut sorted = times.to_vec();
        sorted.sort_by(f64::total_cmp);
        Contender {
            code: (code, Representation::Typed),
            samples: times.iter().map(|&ns| Some(ns)).collect(),
            shift: bare(sorted[times.len() / 2], 0.0, 0.0),
        }
    }

    #[test]
    fn ranks_follow_verdicts() {
        let noise = [1.0, 1.01, 0.99, 1.02, 0.98, 1.0, 1.01, 0.99];
        let row = |code, ns: f64| contender(code, &noise.map(|noise| noise * ns));
        let rows = [row("json", 300.0), row("a", 100.0), row("b", 120.0), row("c", 900.0), row("json", 310.0)];
        let order = ranked(&rows);
        let rank = |row: usize| order.iter().find(|(at, _)| *at == row).map(|(_, place)| *place);
        assert_eq!(rank(1), Some(Place::Ranked { rank: 1, shared: true }));
        // Told apart in this run, but by no more than the measuring can shift.
        assert_eq!(rank(2), Some(Place::Ranked { rank: 1, shared: true }));
        assert_eq!(rank(0), Some(Place::Ranked { rank: 3, shared: false }));
        // The same codec twice: what the compiler made of it is the same.
        assert_eq!(rank(4), Some(Place::Ranked { rank: 4, shared: false }));
        assert_eq!(rank(3), Some(Place::Ranked { rank: 5, shared: false }));
        let verdicts = verdicts(&rows, 0);
        assert_eq!(
            verdicts,
            [None, Some(Verdict::Faster), Some(Verdict::Faster), Some(Verdict::Slower), Some(Verdict::Slower)]
        );
    }

    #[test]
    fn a_difference_that_only_the_medians_show_is_close() {
        // The machine was twice as slow in the rounds that the median of the second row stands for: within rounds it is 1.5.
        let slow = [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0];
        let one = contender("a", &slow.map(|slow| 100.0 * slow));
        let mut other = contender("b", &slow.map(|slow| 150.0 * slow));
        assert_eq!(verdicts(&[one.clone(), other.clone()], 0)[1], Some(Verdict::Close));
        other.shift = bare(300.0, 0.0, 0.0);
        assert_eq!(verdicts(&[one, other], 0)[1], Some(Verdict::Close));
    }

    #[test]
    fn five_rounds_rank_nothing() {
        let rows = [contender("a", &[1.0; 5]), contender("b", &[100.0; 5])];
        assert!(ranked(&rows).iter().all(|(_, place)| *place == Place::Ranked { rank: 1, shared: true }));
        assert_eq!(verdicts(&rows, 0), [None, None]);
    }
}
