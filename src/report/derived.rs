//! The words on derived code: its time in parts of that of the typed rows, and the codecs whose order it turns round.

use super::facts::{Fact, alarm, count, fact, join};
use super::units::significant;
use crate::analysis::{PayloadRows, Turned};
use crate::model::{DerivedRatio, Ratio, clean};

/// The pairs of codecs that are named before the rest is counted.
const MOST_PAIRS: usize = 2;

/// In one sentence, between which ratios derived code lies, and whether the order of two codecs differs.
pub(super) fn sentence(rows: &PayloadRows<'_>) -> Option<Fact> {
    let ratios = &rows.info.derived.as_ref()?.ratios;
    let range = |of: fn(&DerivedRatio) -> Option<Ratio>| {
        let medians = || ratios.iter().filter_map(of).map(|ratio| ratio.median);
        let (low, high) = (medians().min_by(f64::total_cmp)?, medians().max_by(f64::total_cmp)?);
        let (low, high) = (significant(low), significant(high));
        Some(if low == high { low } else { format!("{low} to {high}") })
    };
    let encode = range(|ratio| ratio.encode).map(|range| format!("{range} to encode"));
    let decode = range(|ratio| ratio.decode).map(|range| format!("{range} to decode"));
    let parts: Vec<String> = encode.into_iter().chain(decode).collect();
    if parts.is_empty() {
        return None;
    }
    let text = format!("derived code takes this much of the typed rows' time: {}", parts.join(", "));
    Some(match order(&rows.turned, MOST_PAIRS) {
        None if ratios.len() < 2 => fact("derived", vec![text]),
        None => fact("derived", vec![format!("{text}; the order of no two codecs differs")]),
        Some(order) => alarm("derived", vec![text, order]),
    })
}

/// The ratio of each codec, and the pairs whose order differs.
pub(super) fn lines(rows: &PayloadRows<'_>) -> Option<Fact> {
    let derived = rows.info.derived.as_ref().filter(|derived| !derived.ratios.is_empty())?;
    let one = |what: &str, ratio: Option<Ratio>| {
        let Ratio { median, low, high } = ratio?;
        let interval = low.zip(high).map(|(low, high)| format!(" ({} to {})", significant(low), significant(high)));
        Some(format!("{what} {}{}", significant(median), interval.unwrap_or_default()))
    };
    let line = |ratio: &DerivedRatio| {
        let compressor = ratio.compressor.as_ref().map(|name| format!("+{name}")).unwrap_or_default();
        let parts = [one("encode", ratio.encode), one("decode", ratio.decode)];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        clean(&format!("{}{compressor}: {}", ratio.codec, parts.join(", ")))
    };
    let compiler = clean(&derived.rustc_version);
    let mut all = vec![format!("derived code in parts of the typed rows' time, both compiled by {compiler}")];
    all.extend(derived.ratios.iter().map(line));
    let order = order(&rows.turned, usize::MAX);
    let alarming = order.is_some();
    all.extend(order);
    Some(Fact { key: "derived", lines: all, alarming })
}

/// The pairs whose order differs, in a sentence.
fn order(turned: &[Turned], most: usize) -> Option<String> {
    let pair = |Turned { faster, slower, contradicts }: &Turned| {
        let typed = if *contradicts { "surely slower as typed" } else { "slower as typed, within the margin" };
        format!("{faster} is faster than {slower} ({typed})")
    };
    let named = turned.iter().take(most).map(pair);
    let more = turned.len().saturating_sub(most);
    let rest = (more > 0).then(|| count(more as u64, "more pair"));
    (!turned.is_empty()).then(|| format!("the order differs: in derived code {}", join(named.chain(rest))))
}
