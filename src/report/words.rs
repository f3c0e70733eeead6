//! The words of the first screen: the answers that a reader would otherwise look for in the table.
//!
//! No sentence claims more than the rounds support: rows that cannot be told apart are a tie, and ratios without an
//! interval say that the rounds were too few.

use super::cautions::{NOISE_MEANS, cautions};
use super::facts::{Fact, alarm, conclusions, count, fact, join, tied};
use super::first::{MOST_ROWS, Screen, Standing, times};
use super::style::{TIE, columns};
use super::units::{bandwidth, significant};
use super::{derived, layouts};
use crate::analysis::{PayloadRows, Place, Row, Section, compared};
use crate::model::{Bytes, Representation, Run, Stage, Verdict, clean, grouped};
use crate::stats::{LEAST_ROUNDS, MOST_ROUNDS};

/// The number of names that a sentence lists before it counts.
const MOST_NAMES: usize = 3;
/// The number of pieces of the envelope that are named.
const MOST_PIECES: usize = 3;
/// The columns that the user's own words (paths, errors) may take of a sentence; the whole is behind `--details`.
const MOST_COLUMNS: usize = 110;
/// A spread from round to round, as the median absolute deviation of the middle row in parts of its median, above which
/// the machine was not quiet.
const NOISY: f64 = 0.05;

/// The words of the first screen that stand among the details too; the others are there at length.
const ANSWERS: [&str; 3] = ["fastest", "smallest", "trust"];
/// The cautions that belong to the first screen; what the others say is in its table or under `trust`.
const FIRST_CAUTIONS: [&str; 3] = ["left out", "noise", "ratios"];

/// The words under the detailed tables.
pub(super) fn detailed_words(rows: &PayloadRows<'_>, screen: &Screen<'_>, run: &Run) -> Vec<Fact> {
    let answers = words(rows, screen, run, Room { notes: 0, links: usize::MAX, ..Room::WHOLE })
        .into_iter()
        .filter(|fact| ANSWERS.contains(&fact.key));
    answers.chain(conclusions(rows, run.environment.cpus)).collect()
}

/// The amount of a payload that a screen shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// The most rows of each section.
    pub rows: usize,
    /// The most notes of the reader.
    pub notes: usize,
    /// Whether cautions say that there are some, and the details which.
    pub brief: bool,
    /// The number of the less important words that are left out.
    pub silent: usize,
    /// The most modelled links.
    pub links: usize,
}

/// The rows that a first screen shows before notes give way, and before words do.
const FEW_ROWS: [usize; 2] = [6, 3];
/// The words that are left out where there is hardly any room, in this order.
const DISPENSABLE: [&str; 4] = ["bandwidth", "trust", "reading", "smallest"];

/// The words that give reasons, which may be long.
const WORDY: [&str; 5] = ["left out", "noise", "ratios", "lost", "failed"];

impl Room {
    /// All that a first screen shows where there is room for it.
    pub(super) const WHOLE: Room = Room { rows: MOST_ROWS, notes: 3, brief: false, silent: 0, links: 8 };

    /// Shows a little less; false where there is nothing left to leave out.
    pub(super) fn shrink(&mut self) -> bool {
        match *self {
            Room { rows, .. } if rows > FEW_ROWS[0] => self.rows -= 1,
            Room { notes, .. } if notes > 1 => self.notes -= 1,
            Room { rows, .. } if rows > FEW_ROWS[1] => self.rows -= 1,
            Room { notes: 1, .. } => self.notes = 0,
            Room { links, .. } if links > 1 => self.links -= 1,
            Room { silent, .. } if silent < DISPENSABLE.len() => self.silent += 1,
            Room { brief: false, .. } => self.brief = true,
            Room { links, .. } if links > 0 => self.links -= 1,
            Room { rows, .. } if rows > 1 => self.rows -= 1,
            _ => return false,
        }
        true
    }
}

/// The words under the table, the most asked for first.
pub(super) fn words(rows: &PayloadRows<'_>, screen: &Screen<'_>, run: &Run, room: Room) -> Vec<Fact> {
    let mut facts = Vec::new();
    let cautions = cautions(rows, run.environment.cpus).into_iter();
    facts.extend(cautions.filter(|fact| FIRST_CAUTIONS.contains(&fact.key)).map(shortened));
    facts.extend(noise(rows, run));
    facts.extend(fastest(rows, screen, room));
    facts.extend(smallest(rows, screen));
    facts.extend(derived::sentence(rows));
    facts.extend(layouts::sentence(rows));
    facts.extend(best_by_bandwidth(rows));
    facts.extend(lost(rows));
    facts.extend(failed(rows));
    facts.extend(reading(rows, room.notes));
    facts.extend(trust(rows, screen));
    facts.push(next(rows, screen, run));
    facts.retain(|fact| !DISPENSABLE[..room.silent].contains(&fact.key));
    if room.brief {
        facts.iter_mut().filter(|fact| WORDY.contains(&fact.key)).for_each(make_brief);
    }
    facts
}

/// Leaves the reasons to the details.
fn make_brief(fact: &mut Fact) {
    if let Some(line) = fact.lines.first().filter(|line| !line.starts_with("nothing")) {
        let what = line.split_once(": ").map_or(line.as_str(), |(what, _)| what);
        fact.lines = vec![format!("{what}; --details says why")];
    }
}

/// A caution in the words that a first screen has room for.
fn shortened(caution: Fact) -> Fact {
    let line = match (caution.key, caution.lines.first()) {
        ("ratios", _) => {
            "totals and ratios of some rows disagree: the machine changed its speed; trust the ratio; --details names them"
                .to_owned()
        }
        ("noise", Some(line)) => line.trim_end_matches(NOISE_MEANS).to_owned(),
        _ => return caution,
    };
    Fact { lines: vec![line], ..caution }
}

/// Up to three names, and how many more.
fn names(all: &[String]) -> String {
    if all.len() <= MOST_NAMES + 1 {
        return join(all.iter().cloned());
    }
    let shown = all[..MOST_NAMES].iter().cloned();
    join(shown.chain([format!("{} more", all.len() - MOST_NAMES)]))
}

/// A sentence of the data's or of a codec's, cut at a word where it would fill the screen.
fn brief(sentence: &str) -> String {
    if columns(sentence) <= MOST_COLUMNS {
        return sentence.to_owned();
    }
    let mut end = 0;
    let mut used = 0;
    let mut word = 0;
    for (at, c) in sentence.char_indices() {
        used += columns(c.encode_utf8(&mut [0; 4]));
        if used > MOST_COLUMNS {
            break;
        }
        end = at + c.len_utf8();
        if c == ' ' {
            word = at;
        }
    }
    // A word as long as the half of it is cut where it stands.
    let end = if word > end / 2 { word } else { end };
    format!("{} …", sentence[..end].trim_end())
}

/// The name of a row among those of the first section.
fn name(rows: &PayloadRows<'_>, row: &Row<'_>) -> String {
    rows.name(row)
}

/// The rows that share the first rank, the fastest first.
fn leaders<'s, 'a>(section: &'s Section<'a>) -> Vec<&'s Row<'a>> {
    let first = section.rows.iter().filter(|(place, _)| matches!(place, Place::Ranked { rank: 1, .. }));
    first.map(|(_, row)| row).collect()
}

fn fastest(rows: &PayloadRows<'_>, screen: &Screen<'_>, room: Room) -> Option<Fact> {
    let mut lines = Vec::new();
    // A single row has no others to lead.
    if rows.ranked().count() < 2 {
        return None;
    }
    for (at, section) in screen.visible(room).enumerate() {
        let faithful = faithful(section);
        if faithful.is_empty() {
            continue;
        }
        let prefix = match section.transport {
            Some(transport) if at > 0 => format!("over {}: ", clean(transport)),
            _ => String::new(),
        };
        lines.push(format!("{prefix}{}", fastest_of(rows, screen, at, section, &faithful)));
    }
    (!lines.is_empty()).then(|| fact("fastest", lines))
}

/// The places of the ranked rows that lose nothing; of all ranked rows where each loses something. A row that gives
/// back another value than was sent is not a candidate.
fn faithful(section: &Section<'_>) -> Vec<usize> {
    let is_ranked = |(place, row): &(Place, Row<'_>)| *place != Place::Beside && row.total().is_some();
    let ranked = || (0..section.rows.len()).filter(|&at| is_ranked(&section.rows[at]));
    let found: Vec<usize> = ranked().filter(|&at| !section.rows[at].1.loses()).collect();
    if found.is_empty() { ranked().collect() } else { found }
}

/// The fastest row of a section, what it ties with, and by how much it leads the others.
fn fastest_of(
    rows: &PayloadRows<'_>,
    screen: &Screen<'_>,
    at: usize,
    section: &Section<'_>,
    faithful: &[usize],
) -> String {
    let row = |place: usize| &section.rows[place].1;
    let label = |place: usize| if at == 0 { name(rows, row(place)) } else { rows.codec_name(row(place)) };
    let rank = |place: usize| section.rows[place].0;
    let first = faithful[0];
    let tied_rows = faithful.iter().filter(|&&place| rank(place) == rank(first)).count();
    let mut text = label(first);
    let mut claims = Vec::new();
    let reference = if at == 0 { screen.reference(rows) } else { rows.info.reference.as_deref().map(clean) };
    let standing = screen.standing(at, first);
    let unsupported = matches!(standing, Standing::Ratio(_, None)) || row(first).rounds() < LEAST_ROUNDS;
    if let (Standing::Ratio(ratio, verdict), Some(reference)) = (standing, reference)
        && (verdict == Some(Verdict::Faster) || (verdict.is_none() && ratio < 1.0))
    {
        claims.push(format!("{} than {reference}", tied(times(ratio))));
    }
    // Rounds that are too few leave all rows on one rank, and a row that is surely slower than this one is not in a tie
    // with it.
    let is_claimed = |place: usize| !claims.is_empty() && screen.standing(at, place) == Standing::Reference;
    let others = faithful[1..tied_rows].iter().filter(|&&place| !unsupported && !is_claimed(place));
    let others: Vec<String> = others.map(|&place| label(place)).collect();
    if !others.is_empty() {
        text.push_str(&format!(", in a tie with {}", names(&others)));
    }
    // Compared with the next row that it can be told apart from; a modelled row has no rounds of its own to compare.
    if let Some((next, total)) =
        faithful.get(tied_rows).and_then(|&next| Some((next, compared(row(next), row(first))?)))
        && let Some(ratio) = total.ratio.filter(|ratio| *ratio > 1.0)
        && (claims.is_empty() || screen.standing(at, next) != Standing::Reference)
    {
        claims.push(format!("{} than the next, {}", tied(times(1.0 / ratio)), label(next)));
    }
    if !claims.is_empty() {
        text.push_str(&format!(": {}", join(claims)));
    }
    if unsupported {
        text.push_str("; by the medians only, the rounds are too few for a verdict");
    }
    // A faster row that loses something stands above it in the table.
    if first > 0 && row(0).loses() {
        let word = if rank(0) == rank(first) { "in front of it" } else { "faster" };
        text.push_str(&format!("; {} is {word}, but loses something", label(0)));
    }
    text
}

fn smallest(rows: &PayloadRows<'_>, screen: &Screen<'_>) -> Option<Fact> {
    let section = screen.sections.first()?;
    let ranked = || section.rows.iter().map(|(_, row)| row);
    let faithful = faithful(section);
    let sized = || faithful.iter().map(|&at| &section.rows[at].1).filter_map(|row| Some((row.bytes()?, row)));
    let least = sized().map(|(bytes, _)| bytes).min()?;
    let mut labels: Vec<String> = Vec::new();
    for label in sized().filter(|(bytes, _)| *bytes == least).map(|(_, row)| rows.codec_name(row)) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let mut text = format!("{}, {}", names(&labels), tied(Bytes(least)));
    let reference = ranked().enumerate().find(|(at, _)| screen.standing(0, *at) == Standing::Reference);
    let reference = reference.and_then(|(_, row)| Some((row.bytes()?, row)));
    let others = sized().map(|(bytes, _)| bytes).max().filter(|most| *most > least);
    match (reference, others) {
        (Some((bytes, row)), _) if bytes > least => {
            let factor = significant(bytes as f64 / least.max(1) as f64);
            text.push_str(&format!(": {factor}{TIE}x{TIE}smaller than {}", rows.codec_name(row)));
        }
        // One row or rows of one size have nothing to be smaller than.
        (_, None) => return None,
        _ => {}
    }
    let lossy = ranked().filter(|row| row.total().is_some() && row.loses());
    if let Some(row) = lossy.filter(|row| row.bytes().is_some_and(|bytes| bytes < least)).min_by_key(|row| row.bytes())
    {
        text.push_str(&format!("; {} is smaller, but loses something", rows.codec_name(row)));
    }
    Some(fact("smallest", vec![text]))
}

/// Which codec to take at which bandwidth.
fn best_by_bandwidth(rows: &PayloadRows<'_>) -> Option<Fact> {
    let all = rows.break_even();
    let several = all.len() > 1 || rows.has_python();
    let of = |(representation, pieces): &(Representation, Vec<(String, _)>)| {
        let prefix = if several { format!("{representation}: ") } else { String::new() };
        pieces_in_words(pieces).map(|words| format!("{prefix}{words}"))
    };
    let lines: Vec<String> = all.iter().filter_map(of).collect();
    (!lines.is_empty()).then(|| fact("bandwidth", lines))
}

fn pieces_in_words(pieces: &[(String, crate::analysis::Piece)]) -> Option<String> {
    let limit = |at: usize| tied(bandwidth(pieces[at].1.below));
    match pieces.len() {
        0 => None,
        1 => Some(format!("{} is the best at every bandwidth, by the medians", pieces[0].0)),
        count => {
            let shown = count.min(MOST_PIECES);
            let mut parts =
                vec![format!("{} is the best above {}", pieces[0].0, limit(1)), format!("{} below", pieces[1].0)];
            for (at, (label, _)) in pieces.iter().enumerate().take(shown).skip(2) {
                parts.push(format!("{label} below {}", limit(at)));
            }
            let more = count - shown;
            let rest = if more > 0 { format!("; {more} more with --details") } else { String::new() };
            Some(format!("{}{rest}", parts.join(", ")))
        }
    }
}

fn lost(rows: &PayloadRows<'_>) -> Option<Fact> {
    let fidelity = rows.fidelity();
    let silent = rows.ranked().filter(|row| !row.modelled && row.lossy().is_none()).count();
    if fidelity.compared == 0 {
        return (silent > 0).then(|| alarm("lost", vec!["not known: no round trip was compared".to_owned()]));
    }
    let trips = count(fidelity.compared as u64, "round trip");
    let unknown = if silent > 0 { format!("; {silent} more could not be compared") } else { String::new() };
    let Some((losses, codecs)) = fidelity.losses.first() else {
        let all = match fidelity.compared {
            1 => "the one round trip".to_owned(),
            2 => "both round trips".to_owned(),
            _ => format!("all {trips}"),
        };
        return Some(fact("lost", vec![format!("nothing: {all} gave back what was sent{unknown}")]));
    };
    let first = losses.first().map_or(String::new(), |loss| format!(": {}", brief(loss)));
    let sentences: usize = fidelity.losses.iter().map(|(losses, _)| losses.len()).sum();
    let more = if sentences > 1 { format!("; {} more with --details", sentences - 1) } else { String::new() };
    let lossy = fidelity.compared - fidelity.equal;
    let text = format!("{lossy} of {trips}: {}{first}{more}{unknown}", names(codecs));
    Some(alarm("lost", vec![text]))
}

fn failed(rows: &PayloadRows<'_>) -> Option<Fact> {
    let failures = rows.failures();
    let (error, first) = failures.first()?;
    let all: usize = failures.iter().map(|(_, names)| names.len()).sum();
    let ranked = rows.ranked().next().is_some();
    let number = if ranked || all > 1 { format!("{}: ", count(all as u64, "row")) } else { String::new() };
    let more = if failures.len() > 1 { format!("; {} more with --details", all - first.len()) } else { String::new() };
    Some(alarm("failed", vec![format!("{number}{}: {}{more}", names(first), brief(error))]))
}

/// The choices and changes of the reader: the notes that are worth the most bytes first.
fn reading(rows: &PayloadRows<'_>, most: usize) -> Option<Fact> {
    let mut notes: Vec<String> = rows.info.notes.iter().map(|note| clean(note)).collect();
    // The sort is stable: what names no bytes stands as the reader said it.
    notes.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    let count = notes.len();
    let mut lines: Vec<String> = notes.iter().take(most).cloned().collect();
    match count.saturating_sub(most) {
        0 => {}
        left if most == 0 => lines.push(format!("{}; --details shows them", self::count(left as u64, "note"))),
        left => lines.push(format!("{left} more; --details shows them")),
    }
    (!lines.is_empty()).then(|| fact("reading", lines))
}

/// The largest size that a note names, in bytes: `f32 would save 1.20 MB`.
fn worth(note: &str) -> f64 {
    let words: Vec<&str> = note.split(|c: char| c.is_whitespace() || c == TIE).collect();
    let size = |pair: &[&str]| -> Option<f64> {
        let number: f64 = pair[0].trim_start_matches('(').replace(',', "").parse().ok()?;
        let unit = pair[1].trim_end_matches(|c: char| !c.is_alphanumeric());
        let factor = match unit {
            "B" | "byte" | "bytes" => 1.0,
            "kB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "TB" => 1e12,
            _ => return None,
        };
        Some(number * factor)
    };
    words.windows(2).filter_map(size).fold(0.0, f64::max)
}

/// The spread of the middle row from round to round, in parts of its median.
fn spread(rows: &PayloadRows<'_>) -> Option<f64> {
    let measured = rows.ranked().filter(|row| !row.modelled).filter_map(Row::total);
    let mut spreads: Vec<f64> = measured
        .filter(|total| total.count > 1 && total.p50_ns > 0.0)
        .map(|total| total.mad_ns / total.p50_ns)
        .collect();
    spreads.sort_by(f64::total_cmp);
    spreads.get(spreads.len() / 2).copied()
}

fn percent(share: f64) -> String {
    format!("{:.1}{TIE}%", 100.0 * share)
}

/// Said of a run whose file does not say how quiet the machine was: then the rounds themselves tell.
fn noise(rows: &PayloadRows<'_>, run: &Run) -> Option<Fact> {
    let spread = spread(rows).filter(|spread| rows.info.noise.is_none() && *spread > NOISY)?;
    let budget = if run.environment.time_budget_ns.is_some() { "--time 60s" } else { "more --rounds" };
    let text = format!(
        "the same row differs by {} from round to round; a quieter machine or {budget} narrows the intervals",
        percent(spread)
    );
    Some(alarm("noise", vec![text]))
}

fn trust(rows: &PayloadRows<'_>, screen: &Screen<'_>) -> Option<Fact> {
    let measured = || rows.ranked().filter(|row| !row.modelled).filter_map(Row::total);
    let (least, most) = (measured().map(|t| t.count).min()?, measured().map(|t| t.count).max()?);
    let rounds =
        if least == most { count(most, "round") } else { format!("{} to {}", grouped(least), count(most, "round")) };
    let mut parts = vec![rounds];
    if let Some(spread) = spread(rows) {
        parts.push(format!("a row differs by {} from one to the next", percent(spread)));
    }
    if measured().count() < 2 {
        parts.push("there is nothing to compare".to_owned());
    } else if screen.unsupported() {
        parts.push(format!(
            "too few for verdicts, which begin with {LEAST_ROUNDS}: ratios in parentheses prove nothing"
        ));
    } else {
        parts.push(format!("verdicts hold at 95{TIE}%"));
    }
    Some(fact("trust", vec![parts.join("; ")]))
}

/// The options that answer the next question.
fn next(rows: &PayloadRows<'_>, screen: &Screen<'_>, run: &Run) -> Fact {
    let compressed = rows.rows().any(|row| row.stage(Stage::Compress).is_some());
    let measured = rows.ranked().next().is_some();
    let spoken: Option<String> = if let Some(option) = more_rounds(rows, screen, run) {
        Some(option)
    } else if measured && !compressed {
        Some("--compress zstd measures compression".to_owned())
    } else if measured && rows.info.messages.is_none() {
        Some("--many 10k sends small messages".to_owned())
    } else {
        None
    };
    let details = "--details shows all rows, percentiles, memory".to_owned();
    fact("next", vec![spoken.into_iter().chain([details]).collect::<Vec<_>>().join("; ")])
}

/// The advice that would tell rows apart which are not: `None` where more rounds would not.
fn more_rounds(rows: &PayloadRows<'_>, screen: &Screen<'_>, run: &Run) -> Option<String> {
    /// A time that is usually enough, and longer than what was probably given.
    const LONG_NS: u64 = 60_000_000_000;
    let leaders = screen.sections.first().map(leaders).unwrap_or_default();
    // Rows whose difference is beyond chance, and still a tie, are within the margin of the measuring: that stays.
    let by_chance =
        |row: &&Row<'_>| compared(row, leaders[0]).is_none_or(|total| total.ratio_low.is_none_or(|low| low <= 1.0));
    if !screen.unsupported() && !leaders.iter().skip(1).any(by_chance) {
        return None;
    }
    let rounds = rows.ranked().filter(|row| !row.modelled).map(Row::rounds).max().unwrap_or_default();
    let option = match run.environment.time_budget_ns {
        None if rounds < LEAST_ROUNDS => format!("--rounds {LEAST_ROUNDS}"),
        None => format!("--rounds {}", 3 * rounds),
        // More time would not be used.
        Some(_) if rounds >= MOST_ROUNDS => format!("--rounds {}", 3 * MOST_ROUNDS),
        Some(budget) if budget < LONG_NS => "--time 60s".to_owned(),
        Some(budget) => format!("--time {}s", 3 * budget / 1_000_000_000),
    };
    Some(format!("{option} tells closer rows apart"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_worth_the_largest_size_that_it_names() {
        assert_eq!(worth("$.x: f64; f32 would save 1.20 MB (12 kB a column)"), 1.2e6);
        assert_eq!(worth("$.x: 12 values are null"), 0.0);
        assert_eq!(worth("an enum would save 17 B, of 3,400 B"), 3400.0);
    }

    #[test]
    fn names_are_counted_where_they_are_many() {
        let all: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        assert_eq!(names(&all), "a, b, c and 2 more");
        assert_eq!(names(&all[..4]), "a, b, c and d");
    }

    #[test]
    fn a_long_sentence_ends_at_a_word_and_a_long_word_where_it_must() {
        assert!(brief(&"word ".repeat(100)).ends_with("word …"));
        assert_eq!(columns(&brief(&"x".repeat(500))), MOST_COLUMNS + 2);
        assert_eq!(brief("short"), "short");
    }
}
