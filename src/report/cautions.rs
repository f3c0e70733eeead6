//! The facts that a reader needs to trust a table as far as it deserves: rounds, rows left out, noise, numbers that
//! disagree.

use super::facts::{Fact, alarm, fact, tied};
use super::style::TIE;
use crate::analysis::{PayloadRows, Place, Row};
use crate::model::{Nanos, Noise, Stage, Verdict};
use crate::stats::LEAST_ROUNDS;

/// The rows of one kind that are named before the rest is counted.
const MOST_NAMES: usize = 6;

/// Below this share of a processor another process was running.
const QUIET_CPU: f64 = 0.95;
/// Above these a machine is not quiet.
const QUIET_STOLEN: f64 = 0.02;
const QUIET_SPREAD: f64 = 0.10;
const QUIET_LOAD_PER_CPU: f64 = 0.5;

/// The effect of noise on a table.
pub(super) const NOISE_MEANS: &str = "; times are longer and differences blurred";

pub(super) fn cautions(rows: &PayloadRows<'_>, cpus: u64) -> Vec<Fact> {
    let mut facts = Vec::new();
    facts.extend(left_out(rows));
    facts.extend(rounds(rows));
    facts.extend(ways(rows));
    facts.extend(rows.info.noise.as_ref().and_then(|noise| noisy(noise, cpus)));
    facts.extend(disagreement(rows));
    facts
}

fn named(names: &[String]) -> String {
    let more = names.len().saturating_sub(MOST_NAMES);
    let shown = names[..names.len().min(MOST_NAMES)].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

fn left_out(rows: &PayloadRows<'_>) -> Option<Fact> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows.rows().filter(|row| !row.modelled) {
        let Some(reason) = row.left_out() else { continue };
        let name = rows.name(row);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    let lines: Vec<String> = reasons.iter().map(|(reason, names)| format!("{}: {reason}", named(names))).collect();
    (!lines.is_empty()).then(|| alarm("left out", lines))
}

/// Rows with too few rounds for a verdict.
fn rounds(rows: &PayloadRows<'_>) -> Option<Fact> {
    let is_few = |row: &&Row<'_>| !row.modelled && row.rounds() < LEAST_ROUNDS;
    let few: Vec<String> = rows.ranked().filter(is_few).map(|row| rows.name(row)).collect();
    if few.is_empty() {
        return None;
    }
    let who = if few.len() == rows.ranked().filter(|row| !row.modelled).count() {
        "these rounds".to_owned()
    } else {
        format!("the rounds of {}", named(&few))
    };
    let line = format!(
        "{who} are too few for verdicts, so that ranks are shared; they begin with {LEAST_ROUNDS}: --rounds {LEAST_ROUNDS}, or a \
         longer --time"
    );
    Some(fact("rounds", vec![line]))
}

/// With several transports: the best of all ways, whatever the transport.
fn ways(rows: &PayloadRows<'_>) -> Option<Fact> {
    const MOST: usize = 5;
    let named = rows.ways.iter().filter_map(|(place, row)| match place {
        Place::Ranked { rank, shared } => {
            let tie = if *shared { "=" } else { "" };
            Some(format!("{rank}{tie} {} ({})", rows.name(row), tied(Nanos(row.p50(Stage::Total)?))))
        }
        Place::Beside | Place::Unranked => None,
    });
    let named: Vec<String> = named.take(MOST).collect();
    let count = rows.ways.len();
    (named.len() > 1).then(|| fact("ways", vec![format!("of {count} ways the fastest: {}", named.join(", "))]))
}

/// A disagreement of columns and ratio that a reader could stumble over.
const FAR: f64 = 0.05;

/// Whether the machine was anything but quiet, and how that was seen.
fn noisy(noise: &Noise, cpus: u64) -> Option<Fact> {
    let percent = |share: f64| format!("{:.0}{TIE}%", 100.0 * share);
    let mut seen = Vec::new();
    if let Some(share) = noise.cpu_share.filter(|&share| share < QUIET_CPU) {
        seen.push(format!("the operations had a processor for {} of their time", percent(share)));
    }
    if let Some(share) = noise.stolen_share.filter(|&share| share > QUIET_STOLEN) {
        seen.push(format!("the host gave {} of the processors' time to others", percent(share)));
    }
    if let Some(load) = noise.load_average.filter(|&load| load > QUIET_LOAD_PER_CPU * cpus as f64) {
        seen.push(format!("the load average was {load:.1} on {cpus} processors before this began"));
    }
    if let Some(spread) = noise.spread.filter(|&spread| spread > QUIET_SPREAD) {
        seen.push(format!("rounds of a row usually differ from its median by {}", percent(spread)));
    }
    if seen.is_empty() {
        return None;
    }
    let line = format!("the machine was not quiet: {}{NOISE_MEANS}", seen.join("; "));
    Some(alarm("noise", vec![line]))
}

/// Rows whose columns say something else than their ratios. The columns are medians, the ratio is the median of the quotients of
/// the same rounds: they part when the machine changed its speed, or the rows have different rounds.
fn disagreement(rows: &PayloadRows<'_>) -> Option<Fact> {
    let mut names = Vec::new();
    for section in &rows.sections {
        let reference =
            section.rows.iter().find(|(_, row)| row.is_reference()).and_then(|(_, row)| row.p50(Stage::Total));
        let Some(reference) = reference.filter(|&reference| reference > 0.0) else { continue };
        for (_, row) in &section.rows {
            let Some(total) =
                row.total().filter(|_| !row.modelled && row.verdict().is_some_and(|verdict| verdict != Verdict::Tie))
            else {
                continue;
            };
            let (Some(low), Some(high)) = (total.ratio_low, total.ratio_high) else { continue };
            let quotient = total.p50_ns / reference;
            // With hundreds of rounds the interval is so narrow that any rounding lies outside.
            let far = total.ratio.is_some_and(|ratio| (quotient / ratio - 1.0).abs() > FAR);
            if far && (quotient < low || quotient > high) {
                names.push(format!("{} ({quotient:.2})", rows.name(row)));
            }
        }
    }
    if names.is_empty() {
        return None;
    }
    let line = format!(
        "the quotient of the totals shown lies outside the interval of the ratio for {}: the speed of the machine changed between \
         rounds; trust the ratio, which compares within rounds",
        named(&names)
    );
    Some(fact("ratios", vec![line]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_machine_is_not_mentioned_and_each_kind_of_noise_is() {
        let quiet =
            Noise { load_average: Some(0.3), stolen_share: Some(0.0), cpu_share: Some(0.99), spread: Some(0.02) };
        assert_eq!(noisy(&quiet, 2), None);
        assert_eq!(noisy(&Noise::default(), 2), None);
        for (noise, expected) in [
            (Noise { load_average: Some(3.2), ..quiet }, "load average was 3.2 on 2"),
            (Noise { stolen_share: Some(0.2), ..quiet }, "gave 20"),
            (Noise { cpu_share: Some(0.7), ..quiet }, "a processor for 70"),
            (Noise { spread: Some(0.3), ..quiet }, "median by 30"),
        ] {
            let said = noisy(&noise, 2).expect("it is noisy");
            assert!(said.alarming && said.lines[0].contains(expected), "{said:?}");
        }
    }
}
