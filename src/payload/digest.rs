//! Digests of values: how a receiving process shows that what it decoded is what was sent, without sending it back.

use super::column::{Column, is_present, with_scalars};
use super::tree::Tree;
use bytemuck::cast_slice;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64_with_seed;

fn combine(digest: u64, word: u64) -> u64 {
    (digest ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
}

/// The digest of messages from the digest of each, in order.
pub fn fold_digests(digests: impl IntoIterator<Item = u64>) -> u64 {
    digests.into_iter().fold(0, combine)
}

/// The digest of a message at a place. The wrapping sum of those of all places is the same in whichever order they come,
/// and another where two messages have changed places.
pub fn digest_at(digest: u64, place: u64) -> u64 {
    xxh3_64_with_seed(&digest.to_le_bytes(), place)
}

/// The digest of the rows of a column in `range`, in order. It depends on the values alone: the same rows anywhere in
/// another column of the schema have the same digest. Floats count by their bits.
///
/// # Panics
///
/// When the column has fewer rows.
pub fn digest_rows(column: &Column, range: Range<usize>) -> u64 {
    rows(column, range, 0)
}

fn rows(column: &Column, range: Range<usize>, seed: u64) -> u64 {
    with_scalars!(column, vector => xxh3_64_with_seed(cast_slice(&vector[range]), seed), other => match other {
        Column::Unit(count) => {
            assert!(range.end <= *count, "the column has the rows");
            combine(seed, range.len() as u64)
        }
        Column::String(strings) => {
            strings[range].iter().fold(seed, |digest, text| xxh3_64_with_seed(text.as_bytes(), combine(digest, text.len() as u64)))
        }
        Column::Bytes(strings) => {
            strings[range].iter().fold(seed, |digest, text| xxh3_64_with_seed(text, combine(digest, text.len() as u64)))
        }
        // By value: formats that know only the type write the integers of such a column as floats.
        Column::Number(values) => {
            values[range].iter().fold(seed, |digest, value| combine(digest, value.to_f64().to_bits()))
        }
        Column::Symbol(values) => xxh3_64_with_seed(cast_slice(&values[range]), seed),
        Column::Array { length, items } => rows(items, range.start * length..range.end * length, seed),
        Column::Tuple { places, .. } => {
            places.iter().fold(combine(seed, range.len() as u64), |digest, place| rows(place, range.clone(), digest))
        }
        Column::Option { index, values } => {
            let index = &index[range];
            let digest = index.iter().fold(seed, |digest, &at| combine(digest, u64::from(!is_present(at))));
            let present = || index.iter().filter(|&&at| is_present(at)).map(|&at| at as usize);
            rows(values, span_of(present()), digest)
        }
        Column::List { ends, items } => {
            let (digest, span) = lists(ends, range, seed);
            rows(items, span, digest)
        }
        Column::Map { ends, keys, values } => {
            let (digest, span) = lists(ends, range, seed);
            rows(values, span.clone(), rows(keys, span, digest))
        }
        Column::Record { fields, .. } => {
            fields.iter().fold(combine(seed, range.len() as u64), |digest, field| rows(field, range.clone(), digest))
        }
        Column::Enum { tags, index, variants } => {
            let (tags, index) = (&tags[range.clone()], &index[range]);
            let digest = tags.iter().fold(seed, |digest, &tag| combine(digest, tag.into()));
            variants.iter().enumerate().fold(digest, |digest, (variant, column)| {
                let of_variant = tags.iter().zip(index).filter(|&(&tag, _)| tag as usize == variant);
                rows(column, span_of(of_variant.map(|(_, &at)| at as usize)), digest)
            })
        }
        _ => unreachable!("with_scalars takes the rest"),
    })
}

/// From the first to the last of indices that rise by one.
fn span_of(mut indices: impl Iterator<Item = usize>) -> Range<usize> {
    match indices.next() {
        None => 0..0,
        Some(first) => first..first + 1 + indices.count(),
    }
}

/// The digest of the lengths of lists, and the elements that they span together.
fn lists(ends: &[usize], range: Range<usize>, seed: u64) -> (u64, Range<usize>) {
    let start = if range.start == 0 { 0 } else { ends[range.start - 1] };
    let mut at = start;
    let mut digest = combine(seed, range.len() as u64);
    for &end in &ends[range] {
        digest = combine(digest, (end - at) as u64);
        at = end;
    }
    (digest, start..at)
}

/// The digest of a tree, order of map entries included.
pub fn digest_tree(tree: &Tree) -> u64 {
    tree_with(tree, 0)
}

fn tree_with(tree: &Tree, seed: u64) -> u64 {
    let tagged = |tag: u64, word: u64| combine(combine(seed, tag), word);
    match tree {
        Tree::Null => tagged(0, 0),
        Tree::Bool(value) => tagged(1, u64::from(*value)),
        Tree::Int(value) => tagged(2, *value as u64),
        Tree::UInt(value) => tagged(3, *value),
        Tree::Float32(value) => tagged(4, value.to_bits().into()),
        Tree::Float(value) => tagged(5, value.to_bits()),
        Tree::String(text) => xxh3_64_with_seed(text.as_bytes(), tagged(6, text.len() as u64)),
        Tree::Bytes(bytes) => xxh3_64_with_seed(bytes, tagged(7, bytes.len() as u64)),
        Tree::List(items) => items.iter().fold(tagged(8, items.len() as u64), |digest, item| tree_with(item, digest)),
        Tree::Map(entries) => entries
            .iter()
            .fold(tagged(9, entries.len() as u64), |digest, (key, value)| tree_with(value, tree_with(key, digest))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_digests_at_places_knows_the_places_and_not_the_order() {
        let sum = |places: &[(u64, u64)]| {
            places.iter().fold(0u64, |sum, &(digest, place)| sum.wrapping_add(digest_at(digest, place)))
        };
        let expected = sum(&[(7, 0), (8, 1), (7, 2)]);
        assert_eq!(sum(&[(7, 2), (7, 0), (8, 1)]), expected);
        assert_ne!(sum(&[(8, 0), (7, 1), (7, 2)]), expected);
        assert_ne!(sum(&[(7, 0), (8, 1), (8, 2)]), expected);
        // Tasks without data come to zero each, and one that is missing is seen.
        assert_ne!(sum(&[(0, 0), (0, 1)]), sum(&[(0, 0), (0, 2)]));
        assert_ne!(fold_digests([7, 8]), fold_digests([8, 7]));
    }
}
