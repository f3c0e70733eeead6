//! A few of many samples, chosen at random in one pass, always the same ones for the same seed.

use std::collections::BinaryHeap;

/// The number of samples that are kept exactly.
pub const KEPT: usize = 1_000;

/// The first [`KEPT`] samples, or that many of more, each as likely as any other.
///
/// Each sample draws a number by its place and the seed alone, and those with the smallest numbers stay. So two
/// reservoirs of one seed that were offered as many samples keep the same places: where each task has a sample in each
/// of several, the kept ones are of the same tasks.
#[derive(Clone, Debug)]
pub struct Reservoir {
    seed: u64,
    offered: u64,
    /// The largest draw first.
    kept: BinaryHeap<Kept>,
    /// The largest draw that is kept, once there are as many as can be.
    limit: u64,
}

/// A sample that is kept: compared by its draw, then its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    draw: u64,
    place: u64,
    ns: u64,
}

impl Reservoir {
    /// An empty one.
    pub fn new(seed: u64) -> Self {
        Reservoir { seed, offered: 0, kept: BinaryHeap::new(), limit: u64::MAX }
    }

    /// Offers the next sample.
    pub fn offer(&mut self, ns: u64) {
        let place = self.offered;
        self.offered += 1;
        let draw = draw(self.seed, place);
        if self.kept.len() < KEPT {
            self.kept.push(Kept { draw, place, ns });
        } else if draw < self.limit {
            if let Some(mut largest) = self.kept.peek_mut() {
                *largest = Kept { draw, place, ns };
            }
        } else {
            return;
        }
        if self.kept.len() == KEPT {
            self.limit = self.kept.peek().map_or(0, |largest| largest.draw);
        }
    }

    /// The samples that are kept, in the order in which they were offered.
    pub fn samples(&self) -> Vec<u64> {
        let mut kept: Vec<Kept> = self.kept.iter().copied().collect();
        kept.sort_unstable_by_key(|kept| kept.place);
        kept.into_iter().map(|kept| kept.ns).collect()
    }
}

/// A number that looks random: the output function of the generator SplitMix64 (Steele, Lea, Flood: "Fast splittable
/// pseudorandom number generators", 2014), which reaches any of its states at once.
fn draw(seed: u64, place: u64) -> u64 {
    let mut state = seed.wrapping_add(place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(seed: u64, samples: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let mut reservoir = Reservoir::new(seed);
        samples.into_iter().for_each(|ns| reservoir.offer(ns));
        reservoir.samples()
    }

    proptest! {
        #[test]
        fn what_is_kept_is_a_function_of_the_seed(
            seed in any::<u64>(), samples in prop::collection::vec(any::<u64>(), 0..3000),
        ) {
            let kept = of(seed, samples.iter().copied());
            prop_assert_eq!(&kept, &of(seed, samples.iter().copied()));
            prop_assert_eq!(kept.len(), samples.len().min(KEPT));
            // In order, and each once.
            let mut rest = samples.iter();
            prop_assert!(kept.iter().all(|ns| rest.any(|other| other == ns)));
            if samples.len() <= KEPT {
                prop_assert_eq!(kept, samples);
            } else {
                // The places do not depend on what lies there.
                let places = of(seed, 0..samples.len() as u64);
                let there: Vec<u64> = places.iter().map(|&place| samples[place as usize]).collect();
                prop_assert_eq!(kept, there);
                prop_assert_ne!(places, of(seed ^ 1, 0..samples.len() as u64));
            }
        }
    }

    #[test]
    fn each_place_is_as_likely_as_any_other() {
        // 200 seeds keep 1,000 of 10,000 places: 20,000 in each tenth, with a standard deviation of 134.
        let mut tenths = [0u32; 10];
        for seed in 0..200 {
            for place in of(seed, 0..10_000) {
                tenths[place as usize / 1000] += 1;
            }
        }
        assert!(tenths.iter().all(|tenth| tenth.abs_diff(20_000) < 600), "{tenths:?}");
    }
}
