//! Values that hold the same bytes: what a file would be smaller by if each were written once.
//!
//! Compared are leaves: strings, byte strings, long integers, the data of arrays, the storages of tensors, and the members of
//! archives. Most of them differ in length, and most of the others in a few bytes of their middle, so that little is read
//! again. A hash only finds candidates: that the bytes are equal is seen by comparing them. Values with parts are equal if
//! their hashes are, which [`super::spans`] makes of what they hold.

use crate::model::{Attribution, Bytes, Finding, PartKind, grouped};
use std::collections::HashMap;
use std::ops::Range;

/// Shorter leaves are not compared.
pub(super) const LEAST: usize = 1024;
/// The number of leaves that are remembered, the longest.
const MOST: usize = 1 << 18;
/// The number of findings that are told apart; the sum counts all.
const MOST_FINDINGS: usize = 20;
/// Bytes that are looked at before the whole.
const SAMPLE: usize = 64;
/// Leaves of one hash that differ and are still compared with.
const MOST_OF_ONE_HASH: usize = 4;

/// Where the bytes of long leaves are, with what they belong to.
#[derive(Debug)]
pub(super) struct Leaves {
    found: Vec<(Range<usize>, u32)>,
    least: usize,
}

impl Leaves {
    pub(super) fn new() -> Leaves {
        Leaves { found: Vec::new(), least: LEAST }
    }

    /// Remembers a leaf. Of too many, the longer half stays.
    pub(super) fn add(&mut self, bytes: Range<usize>, owner: u32) {
        if bytes.len() < self.least {
            return;
        }
        if self.found.len() >= MOST {
            let (_, median, _) = self.found.select_nth_unstable_by_key(MOST / 2, |(bytes, _)| bytes.len());
            let least = median.0.len();
            self.found.retain(|(bytes, _)| bytes.len() >= least);
            self.found.sort_unstable_by_key(|(bytes, _)| bytes.start);
            // Where many are of one length, the first of them stay.
            self.found.truncate(MOST / 4 * 3);
            self.least = least + 1;
        }
        if bytes.len() >= self.least {
            self.found.push((bytes, owner));
        }
    }

    /// The leaves and their owners.
    pub(super) fn take(&mut self) -> Vec<(Range<usize>, u32)> {
        std::mem::take(&mut self.found)
    }

    /// The length from which on all leaves were remembered.
    pub(super) fn least(&self) -> usize {
        self.least
    }
}

/// A value that is compared with others.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// Where its bytes are.
    pub bytes: Range<usize>,
    /// In which of the buffers that were unpacked, or in what is looked at.
    pub buffer: usize,
    /// The part that it belongs to.
    pub part: usize,
    /// Of a value with parts, a hash of what it holds.
    pub hash: Option<u64>,
}

/// The buffer that is looked at.
pub(super) const HERE: usize = usize::MAX;

/// A value with its bytes.
#[derive(Clone, Copy, Debug)]
struct Leaf<'a> {
    bytes: &'a [u8],
    part: usize,
    hash: Option<u64>,
}

/// The values that are written more than once, the largest saving first. `values` are in the order of the file, and lie in `here` or in
/// one of `unpacked`.
pub(super) fn findings(attribution: &Attribution, values: &[Value], here: &[u8], unpacked: &[Vec<u8>]) -> Vec<Finding> {
    let leaf = |value: &Value| {
        let buffer = if value.buffer == HERE { here } else { unpacked.get(value.buffer)? };
        Some(Leaf { bytes: buffer.get(value.bytes.clone())?, part: value.part, hash: value.hash })
    };
    let leaves: Vec<Leaf> = values.iter().filter_map(leaf).collect();
    let leaves = &leaves;
    // By the part of the later and of the first: how often and how many bytes.
    let mut pairs: HashMap<(usize, usize), (u64, u64)> = HashMap::new();
    for (first, later) in outermost(leaves, equal(leaves)) {
        let parts = (owner(attribution, leaves[later].part), owner(attribution, leaves[first].part));
        let sum = pairs.entry(parts).or_default();
        sum.0 += 1;
        sum.1 += leaves[later].bytes.len() as u64;
    }
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_by_key(|&((later, first), (_, bytes))| (std::cmp::Reverse(bytes), later, first));
    let all: u64 = pairs.iter().map(|(_, (_, bytes))| bytes).sum();
    let mut findings = Vec::new();
    if pairs.len() > 1 {
        let share = all as f64 / attribution.bytes.max(1) as f64 * 100.0;
        let text = format!("{} of the file, {share:.1} %, are written more than once", Bytes(all));
        findings.push(Finding { kind: KIND.to_owned(), text, part: None, saves_bytes: Some(all) });
    }
    for &((later, first), (times, bytes)) in pairs.iter().take(MOST_FINDINGS) {
        let text = text(attribution, later, first, times, bytes);
        findings.push(Finding { kind: KIND.to_owned(), text, part: Some(later), saves_bytes: Some(bytes) });
    }
    findings
}

const KIND: &str = "duplicate";

fn text(attribution: &Attribution, later: usize, first: usize, times: u64, bytes: u64) -> String {
    let is_member = |part: usize| attribution.parts[part].kind == PartKind::Member;
    let advice = match is_member(later) || is_member(first) {
        true => "one of them would do",
        false => "keep one object in both places",
    };
    if later == first {
        let count = attribution.parts[later].count.max(times);
        let (count, times) = (grouped(count), grouped(times));
        return format!("of {count} values, {times} with the bytes of an earlier one; {advice}");
    }
    let other = attribution.place(first);
    if times == 1 {
        format!("the same {} as {other}; {advice}", Bytes(bytes))
    } else {
        format!("{} values hold the same {} as {other}; {advice}", grouped(times), Bytes(bytes))
    }
}

/// The data of an array is said to be the array's.
fn owner(attribution: &Attribution, part: usize) -> usize {
    let place = &attribution.parts[part];
    match place.parent {
        Some(above)
            if matches!(place.step.as_str(), ".data" | "(*)" | "(0)")
                && attribution.parts[above].count == place.count
                && attribution.parts[above].what.contains('.') =>
        {
            above
        }
        _ => part,
    }
}

/// The pairs without those whose later leaf is within another pair's: a string in a pickle that is bytes itself.
fn outermost(leaves: &[Leaf], mut pairs: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let place = |leaf: usize| {
        let range = leaves[leaf].bytes.as_ptr_range();
        (range.start.addr(), std::cmp::Reverse(range.end.addr()))
    };
    pairs.sort_by_key(|&(_, later)| place(later));
    let mut end = 0;
    pairs.retain(|&(_, later)| {
        let last = leaves[later].bytes.as_ptr_range().end.addr();
        let is_within = last <= end;
        end = end.max(last);
        !is_within
    });
    pairs
}

/// Pairs of leaves with equal bytes: the first of its kind, and a later one.
fn equal(leaves: &[Leaf]) -> Vec<(usize, usize)> {
    let (mut order, with_parts): (Vec<usize>, Vec<usize>) =
        (0..leaves.len()).filter(|&at| leaves[at].bytes.len() >= LEAST).partition(|&at| leaves[at].hash.is_none());
    order.sort_by_key(|&at| leaves[at].bytes.len());
    let mut pairs = Vec::new();
    let hash = |at: usize| leaves[at].hash.unwrap_or(0);
    for_each_hash(&with_parts, hash, |alike| pairs.extend(alike[1..].iter().map(|&(_, later)| (alike[0].1, later))));
    for one_length in order.chunk_by(|&one, &other| leaves[one].bytes.len() == leaves[other].bytes.len()) {
        if one_length.len() < 2 {
            continue;
        }
        for_each_hash(
            one_length,
            |at| sample(leaves[at].bytes),
            |alike| match alike {
                [_] => {}
                &[(_, first), (_, later)] => {
                    if leaves[first].bytes == leaves[later].bytes {
                        pairs.push((first, later));
                    }
                }
                _ => {
                    let alike: Vec<usize> = alike.iter().map(|&(_, at)| at).collect();
                    let whole = |at: usize| xxhash_rust::xxh3::xxh3_64(leaves[at].bytes);
                    for_each_hash(&alike, whole, |alike| compare(leaves, alike, &mut pairs));
                }
            },
        );
    }
    pairs
}

/// Compares leaves of one hash with the first of each content.
fn compare(leaves: &[Leaf], alike: &[(u64, usize)], pairs: &mut Vec<(usize, usize)>) {
    let mut contents: Vec<usize> = Vec::new();
    for &(_, at) in alike {
        match contents.iter().find(|&&first| leaves[first].bytes == leaves[at].bytes) {
            Some(&first) => pairs.push((first, at)),
            None if contents.len() < MOST_OF_ONE_HASH => contents.push(at),
            None => {}
        }
    }
}

/// Leaves of one hash together, each group in the order of the file.
fn for_each_hash(leaves: &[usize], hash: impl Fn(usize) -> u64, take: impl FnMut(&[(u64, usize)])) {
    let mut hashed: Vec<(u64, usize)> = leaves.iter().map(|&at| (hash(at), at)).collect();
    hashed.sort_unstable();
    hashed.chunk_by(|one, other| one.0 == other.0).for_each(take);
}

/// A hash of a few bytes, in one place: each place that is looked at is one more that is fetched from memory.
fn sample(bytes: &[u8]) -> u64 {
    let middle = bytes.len() / 2;
    xxhash_rust::xxh3::xxh3_64(&bytes[middle..middle + SAMPLE])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_equal_bytes_are_a_pair() {
        let one: Vec<u8> = (0..5000u32).map(|at| ((at * at) >> 3) as u8).collect();
        let mut hidden = one.clone();
        // Between the places that are looked at first.
        hidden[700] ^= 1;
        let mut longer = one.clone();
        longer.push(0);
        let all =
            [&one, &hidden, &longer, &one, &hidden, &hidden, &one[..LEAST - 1].to_vec(), &one[..LEAST - 1].to_vec()];
        let leaves: Vec<Leaf> = all.iter().map(|bytes| Leaf { bytes, part: 0, hash: None }).collect();
        let mut pairs = equal(&leaves);
        pairs.sort_unstable();
        assert_eq!(pairs, [(0, 3), (1, 4), (1, 5)]);
        assert_eq!(equal(&leaves[..3]), []);
    }

    #[test]
    fn leaves_of_one_hash_are_compared_by_their_bytes() {
        let contents: Vec<Vec<u8>> = (0..9).map(|value| vec![value; LEAST]).collect();
        let leaves: Vec<Leaf> =
            contents.iter().chain(&contents).map(|bytes| Leaf { bytes, part: 0, hash: None }).collect();
        let alike: Vec<(u64, usize)> = (0..leaves.len()).map(|at| (0, at)).collect();
        let mut pairs = Vec::new();
        compare(&leaves, &alike, &mut pairs);
        assert_eq!(pairs, [(0, 9), (1, 10), (2, 11), (3, 12)]);
    }

    #[test]
    fn of_too_many_leaves_the_longest_stay() {
        let mut leaves = Leaves::new();
        for at in 0..MOST + 10 {
            let length = if at % 4 == 0 { 5000 } else { LEAST + at % 4 };
            leaves.add(at * 10_000..at * 10_000 + length, 0);
        }
        assert!(leaves.least() > LEAST);
        let least = leaves.least();
        let found = leaves.take();
        assert!(found.len() < MOST);
        assert!(found.iter().all(|(bytes, _)| bytes.len() + 1 >= least));
        assert_eq!(found.iter().filter(|(bytes, _)| bytes.len() == 5000).count(), (MOST + 10).div_ceil(4));
        assert!(found.is_sorted_by_key(|(bytes, _)| bytes.start));
    }

    /// However many leaves have one length, as where every value is of one size.
    #[test]
    fn leaves_of_one_length_do_not_pile_up() {
        let mut leaves = Leaves::new();
        for at in 0..3 * MOST {
            leaves.add(at * LEAST..(at + 1) * LEAST, 0);
        }
        let found = leaves.take();
        assert!(found.len() > MOST / 2 && found.len() <= MOST, "{}", found.len());
        assert_eq!(found[0].0.start, 0);
    }
}
