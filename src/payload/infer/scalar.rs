//! Numbers and strings of a column: what was seen of them, and which types they are.

use super::Overrides;
use crate::payload::schema::Schema;
use crate::payload::source::Fault;
use crate::payload::tree::decimal_f64;
use crate::payload::width::{FloatWidth, IntWidth};
use std::collections::HashSet;

/// The integers of a column.
#[derive(Debug, Default)]
pub(super) struct Ints {
    pub count: u64,
    /// The least, or 0.
    min: i64,
    /// The greatest, or 0.
    max: u64,
    /// The widths that the document states, as bits; see [`STATED`].
    stated: u8,
    /// The number of those whose width the document does not state.
    unstated: u64,
    /// One that is not exact in an `f32`, in an `f64`.
    pub inexact_f32: bool,
    pub inexact_f64: bool,
}

/// The widths that a document can state, the narrow ones first.
const STATED: [IntWidth; 8] = [
    IntWidth::I8,
    IntWidth::U8,
    IntWidth::I16,
    IntWidth::U16,
    IntWidth::I32,
    IntWidth::U32,
    IntWidth::I64,
    IntWidth::U64,
];

impl Ints {
    pub(super) fn add(&mut self, value: i128, stated: Option<IntWidth>) {
        self.count += 1;
        // Both fit: a source only has integers from i64::MIN to u64::MAX.
        self.min = self.min.min(value.min(0) as i64);
        self.max = self.max.max(value.max(0) as u64);
        self.inexact_f32 |= significant_bits(value) > f32::MANTISSA_DIGITS;
        self.inexact_f64 |= significant_bits(value) > f64::MANTISSA_DIGITS;
        match stated.and_then(|width| STATED.iter().position(|&known| known == width)) {
            Some(bit) => self.stated |= 1 << bit,
            None => self.unstated += 1,
        }
    }

    pub(super) fn merge(&mut self, other: &Ints) {
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.stated |= other.stated;
        self.unstated += other.unstated;
        self.inexact_f32 |= other.inexact_f32;
        self.inexact_f64 |= other.inexact_f64;
    }

    /// Whether all are exact as floats, and none is over 2^63.
    pub(super) fn are_numbers(&self) -> bool {
        !self.inexact_f64 && self.max <= i64::MAX as u64
    }

    /// Whether no integer of 64 bits holds all: signed and unsigned ones stand side by side.
    pub(super) fn are_of_both_signs(&self) -> bool {
        self.max > i64::MAX as u64 && self.min < 0
    }

    /// The variants that they make.
    pub(super) fn variants(&self, width: IntWidth) -> Result<Numbers, Fault> {
        if width.range().is_none() && self.are_of_both_signs() {
            return Ok(vec![("Int", Schema::I64), ("UInt", Schema::U64)]);
        }
        self.schema(width).map(|schema| vec![("Int", schema)])
    }

    /// The one type that holds them.
    pub(super) fn schema(&self, width: IntWidth) -> Result<Schema, Fault> {
        if let Some((schema, min, max)) = width.range() {
            let (least, greatest) = (i128::from(self.min), i128::from(self.max));
            if least >= min && greatest <= max {
                return Ok(schema);
            }
            let culprit = if least < min { least } else { greatest };
            return Err(Fault::of_column(
                format!("integer {culprit} does not fit in {}, which was asked for", schema.describe()),
                "leave --ints or --type away, or ask for a wider one",
            ));
        }
        if self.are_of_both_signs() {
            return Err(Fault::of_column(
                format!("both {} and {} occur, and no integer of 64 bits can be either", self.min, self.max),
                "leave --type away: both stand side by side in an enum",
            ));
        }
        Ok(self.as_stated().unwrap_or_else(|| narrowest(self.min.into(), self.max.into())))
    }

    /// The narrowest type that holds all that the document states; `None` where it leaves any open.
    fn as_stated(&self) -> Option<Schema> {
        if self.unstated > 0 || self.stated == 0 {
            return None;
        }
        let ranges = STATED
            .iter()
            .enumerate()
            .filter(|(bit, _)| self.stated & (1 << bit) != 0)
            .filter_map(|(_, width)| width.range());
        let (mut least, mut greatest) = (0i128, 0i128);
        for (_, min, max) in ranges {
            (least, greatest) = (least.min(min), greatest.max(max));
        }
        let holds_all = |width: &&IntWidth| width.range().is_some_and(|(_, min, max)| min <= least && max >= greatest);
        Some(match STATED.iter().find(holds_all).and_then(|width| width.range()) {
            Some((schema, ..)) => schema,
            // Signed and unsigned ones of 64 bits; the values fit in one of them.
            None => narrowest(self.min.into(), self.max.into()),
        })
    }
}

/// The narrowest integer that holds everything from `min` to `max`, which some integer of 64 bits does.
pub(super) fn narrowest(min: i128, max: i128) -> Schema {
    let unsigned = [IntWidth::U8, IntWidth::U16, IntWidth::U32, IntWidth::U64];
    let signed = [IntWidth::I8, IntWidth::I16, IntWidth::I32, IntWidth::I64];
    let widths = if min >= 0 { unsigned } else { signed };
    let fitting =
        widths.iter().filter_map(|width| width.range()).find(|&(_, least, greatest)| least <= min && max <= greatest);
    fitting.map_or(Schema::I64, |(schema, ..)| schema)
}

/// The bits from the first to the last that is set: an integer of 64 bits is exact in any float that has as many.
pub(crate) fn significant_bits(value: i128) -> u32 {
    let magnitude = value.unsigned_abs() as u64;
    64u32.saturating_sub(magnitude.leading_zeros() + magnitude.trailing_zeros())
}

/// The floats of a column.
#[derive(Debug, Default)]
pub(super) struct Floats {
    /// Those that the document states to be single, double, and those of text.
    pub singles: u64,
    pub doubles: u64,
    pub decimals: u64,
    /// The first that an `f32` does not stand for.
    pub wide: Option<f64>,
}

impl Floats {
    pub(super) fn count(&self) -> u64 {
        self.singles + self.doubles + self.decimals
    }

    pub(super) fn add_single(&mut self) {
        self.singles += 1;
    }

    pub(super) fn add_double(&mut self, value: f64) {
        self.doubles += 1;
        self.look_at(value, || f64::from(value as f32) == value);
    }

    pub(super) fn add_decimal(&mut self, value: f64) {
        self.decimals += 1;
        self.look_at(value, || is_shortest_single(value));
    }

    fn look_at(&mut self, value: f64, is_single: impl FnOnce() -> bool) {
        // Once the column is known to be wide, the dear question need not be asked again.
        if self.wide.is_none() && !value.is_nan() && !is_single() {
            self.wide = Some(value);
        }
    }

    pub(super) fn merge(&mut self, other: &Floats) {
        self.singles += other.singles;
        self.doubles += other.doubles;
        self.decimals += other.decimals;
        self.wide = self.wide.or(other.wide);
    }

    /// Whether they are held as `f32`.
    pub(super) fn are_narrow(&self, width: FloatWidth) -> bool {
        match width {
            // As the document states; text states nothing, and is held so that no digit is lost.
            FloatWidth::Infer => self.singles > 0 && self.doubles + self.decimals == 0,
            FloatWidth::Narrow => self.wide.is_none(),
            FloatWidth::F32 => true,
            FloatWidth::F64 => false,
        }
    }
}

/// Whether the decimal that `value` is the nearest double to is a shortest form of an `f32`.
pub(super) fn is_shortest_single(value: f64) -> bool {
    // Up to six digits survive the way into an f32 and back, and no two such decimals share one: no need to print.
    // The quotient of two exact doubles is the double nearest to the decimal.
    let mut power = 1.0;
    for _ in 0..=6 {
        let digits = (value * power).round();
        if digits.abs() < 1e6 && digits / power == value {
            return true;
        }
        power *= 10.0;
    }
    let single = value as f32;
    decimal_f64(single) == value || is_other_half_of_tie(value, single)
}

/// Whether `value` is as near to `single` as its shortest decimal, on the other side, with as many digits: printers break
/// such a tie either way (0.431640625 is 0.43164063 to one and 0.43164062 to another).
fn is_other_half_of_tie(value: f64, single: f32) -> bool {
    if !single.is_finite() {
        return false;
    }
    let places = |text: &str| text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let shortest = single.to_string();
    let digits = places(&shortest);
    let Ok(printed) = shortest.parse::<f64>() else { return false };
    let exact = f64::from(single);
    digits > 0
        && places(&value.to_string()) == digits
        && format!("{:.digits$}", 2.0 * exact - printed).parse() == Ok(value)
        && (value + printed) / 2.0 == exact
}

/// The strings of a column.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub count: u64,
    /// Their lengths together.
    pub bytes: u64,
    /// The different ones in the order of the document, as long as they are few and short.
    distinct: Vec<Box<str>>,
    known: HashSet<Box<str>>,
    /// Whether there are too many to be kept.
    many: bool,
}

/// A column of more different strings is not an enum.
pub(super) const MOST_SYMBOLS: usize = 256;
/// Nor is one with a longer string.
const LONGEST_SYMBOL: usize = 64;

impl Texts {
    pub(super) fn add(&mut self, text: &str) {
        self.count += 1;
        self.bytes += text.len() as u64;
        self.keep(text);
    }

    fn keep(&mut self, text: &str) {
        if self.many || self.known.contains(text) {
            return;
        }
        if self.distinct.len() == MOST_SYMBOLS || text.len() > LONGEST_SYMBOL {
            self.many = true;
            self.distinct = Vec::new();
            self.known = HashSet::new();
            return;
        }
        self.known.insert(text.into());
        self.distinct.push(text.into());
    }

    pub(super) fn merge(&mut self, other: Texts) {
        self.count += other.count;
        self.bytes += other.bytes;
        if other.many {
            self.keep(&"x".repeat(LONGEST_SYMBOL + 1));
        }
        other.distinct.iter().for_each(|text| self.keep(text));
    }

    /// The different strings; `None` where they are too many or too long for an enum.
    pub(super) fn symbols(&self) -> Option<&[Box<str>]> {
        (!self.many && self.count > 0).then_some(&self.distinct)
    }
}

/// The variants that the numbers of a column make: one, or several in an enum.
pub(super) type Numbers = Vec<(&'static str, Schema)>;

/// Decides a column of integers and floats, of which there is at least one.
pub(super) fn numbers(ints: &Ints, floats: &Floats, overrides: &Overrides, of_table: bool) -> Result<Numbers, Fault> {
    let narrow = floats.are_narrow(overrides.floats);
    let float = ("Float", if narrow { Schema::F32 } else { Schema::F64 });
    if floats.count() == 0 {
        return ints.variants(overrides.ints);
    }
    if ints.count == 0 {
        return Ok(vec![float]);
    }
    let both = |float| {
        let mut variants = ints.variants(overrides.ints)?;
        variants.push(float);
        Ok(variants)
    };
    match overrides.floats {
        FloatWidth::Infer if ints.are_numbers() && !of_table => Ok(vec![("Float", Schema::Number)]),
        // A number holds no integer over 2^63, and as a float it would be written as one.
        FloatWidth::Infer if !of_table && !ints.inexact_f64 => both(float),
        FloatWidth::F32 if ints.inexact_f32 => both(float),
        FloatWidth::F32 => Ok(vec![float]),
        _ if narrow && !ints.inexact_f32 => Ok(vec![float]),
        _ if !ints.inexact_f64 => Ok(vec![("Float", Schema::F64)]),
        _ => both(float),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers_that_are_exact_as_floats_are_known() {
        for value in [0, 1, -1, 1 << 24, (1 << 24) + 1, i64::MIN.into(), i64::MAX.into(), u64::MAX.into(), 3 << 62] {
            assert_eq!(significant_bits(value) <= 24, value as f32 as i128 == value, "{value}");
            assert_eq!(significant_bits(value) <= 53, value as f64 as i128 == value, "{value}");
        }
    }

    #[test]
    fn a_tie_of_the_last_digit_may_be_broken_either_way() {
        // Both are eight digits and the same distance from 0.431640625, which an f32 holds exactly.
        assert!(is_shortest_single(0.43164062) && is_shortest_single(0.43164063));
        // The next on either side is another number, or the same one said with a worse digit.
        assert!(!is_shortest_single(0.43164061) && !is_shortest_single(0.43164064));
        // Sixty-fourths have six decimals, of which seven digits are kept.
        for value in [67_108_865_f32 / 64.0, 2_093_079_f32 / 16.0, 221_f32 / 512.0] {
            let text = value.to_string();
            assert!(is_shortest_single(text.parse().expect("a number")), "{text}");
        }
        assert!(!is_shortest_single(0.1234567891));
    }

    #[test]
    fn stated_widths_are_kept_and_joined() {
        let of = |values: &[(i128, IntWidth)]| {
            let mut ints = Ints::default();
            values.iter().for_each(|&(value, width)| ints.add(value, Some(width)));
            ints.schema(IntWidth::Infer).expect("some integer holds them")
        };
        assert_eq!(of(&[(1, IntWidth::I64)]), Schema::I64);
        assert_eq!(of(&[(1, IntWidth::U8), (1, IntWidth::I8)]), Schema::I16);
        assert_eq!(of(&[(1, IntWidth::U64), (-1, IntWidth::I64)]), Schema::I8);
        let mut ints = Ints::default();
        ints.add(1, Some(IntWidth::I64));
        ints.add(300, None);
        assert_eq!(ints.schema(IntWidth::Infer).expect("they fit"), Schema::U16);
    }

    proptest! {
        #[test]
        fn the_short_way_to_singles_is_the_long_way(digits in -2_000_000i32..2_000_000, places in 0u32..10, any: f64) {
            for value in [format!("{digits}e-{places}").parse().unwrap_or(any), any, any as f32 as f64] {
                let long = decimal_f64(value as f32) == value || is_other_half_of_tie(value, value as f32);
                prop_assert_eq!(is_shortest_single(value), long, "{}", value);
            }
        }
    }
}
