//! The words of code placement: one program linked several times, with its functions in other places.

use serde::{Deserialize, Serialize};

/// The layouts that a payload was measured in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layouts {
    /// The rounds of each layout: in the samples of a row, those of the first come first.
    pub rounds: Vec<u64>,
    /// The seed by which each was shuffled.
    pub seeds: Vec<u64>,
    /// The linker, as it calls itself; null where it does not say.
    pub linker: Option<String>,
}

impl Layouts {
    /// Cuts one value for each round into those of each layout. A layout that a row has no rounds of is empty.
    pub fn cut<'s, T>(&self, rounds: &'s [T]) -> Vec<&'s [T]> {
        let mut left = rounds;
        let cut = |&count: &u64| {
            let (own, rest) = left.split_at(left.len().min(usize::try_from(count).unwrap_or(usize::MAX)));
            left = rest;
            own
        };
        self.rounds.iter().map(cut).collect()
    }
}

/// A time across layouts, of each of which the median counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AcrossLayouts {
    /// How many layouts have samples of it.
    pub count: u64,
    /// How much more the slowest layout takes than the fastest, in parts of the fastest.
    pub spread: f64,
    /// The geometric mean of the medians, in nanoseconds.
    pub mean_ns: f64,
    /// The lower end of the interval in which the mean of 16 further layouts lies in 95 % of all cases; null for one layout.
    pub low_ns: Option<f64>,
    /// The upper end of that interval; null likewise.
    pub high_ns: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_cut_in_their_order() {
        let layouts = Layouts { rounds: vec![2, 0, 3], seeds: vec![1, 2, 3], linker: None };
        assert_eq!(layouts.cut(&[1, 2, 3, 4, 5]), [&[1, 2][..], &[], &[3, 4, 5]]);
        assert_eq!(layouts.cut(&[1]), [&[1][..], &[], &[]]);
    }
}
