//! The first screen of a payload: the rows that matter, and how they stand to what the user has now.
//!
//! Which rows are shown is decided here, from ranks and verdicts that `rows` has worked out; the words under the table
//! are in `words`.

use super::layouts;
use super::style::{FAINT, GOOD, PLAIN, TITLE, columns};
use super::table::{Align, Cell, Column, Line, Table};
use super::tables::{BAR, MainUnits, NOTHING, bar_cell, number, rank_cell, row_label, section_heading, step_columns};
use super::units::{Unit, significant};
use super::words::Room;
use crate::analysis::{PayloadRows, Place, Row, Section, compared};
use crate::model::{Stage, Verdict, clean, grouped};
use std::cmp::Ordering;

/// The most rows of a first screen. What is more is not read but searched, and `--details` is for that.
pub(super) const MOST_ROWS: usize = 10;

/// The most rows of a modelled link.
const MOST_MODELLED: usize = 4;

/// A title longer than this would make its column the widest of the table.
const LONG_TITLE: usize = 20;

/// How a row's total compares with that of the row that the ratios refer to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standing {
    /// It is that row.
    Reference,
    /// Its ratio, and what the rounds support: without a verdict they were too few.
    Ratio(f64, Option<Verdict>),
    /// There is nothing to compare.
    Unknown,
}

/// The rows of one payload as the first screen ranks them.
pub(super) struct Screen<'a> {
    /// Each ranked by itself. What was measured over several transports is one section, ranked over all of them.
    pub sections: Vec<Section<'a>>,
    /// Whether the first section holds several transports.
    pub several_ways: bool,
    /// The row that the ratios of the first section refer to, where several transports share it.
    anchor: Option<Row<'a>>,
    /// How each row stands, worked out once: comparing round by round takes its time.
    standings: Vec<Vec<Standing>>,
    /// The labels of the codecs that are the fastest at some bandwidth.
    envelope: Vec<String>,
}

impl<'a> Screen<'a> {
    pub(super) fn of(rows: &PayloadRows<'a>) -> Self {
        let copy = |section: &Section<'a>| Section {
            transport: section.transport,
            modelled: section.modelled,
            rows: section.rows.clone(),
        };
        let (links, measured): (Vec<_>, Vec<_>) = rows.sections.iter().map(copy).partition(|section| section.modelled);
        let several_ways = measured.len() > 1;
        let mut screen = Screen {
            sections: Vec::new(),
            several_ways,
            anchor: None,
            standings: Vec::new(),
            envelope: rows.break_even().into_iter().flat_map(|(_, pieces)| pieces).map(|(label, _)| label).collect(),
        };
        if several_ways {
            let anchor = rows.ways.iter().map(|(_, trip)| trip).filter(|trip| trip.is_reference());
            // The reference over the first transport, whichever of them is the fastest.
            screen.anchor = anchor.min_by_key(|trip| place_of(&measured, trip)).cloned();
            let unranked = measured.iter().flat_map(|section| &section.rows).filter(|(_, trip)| is_only_sized(trip));
            let rows = rows.ways.iter().chain(unranked).cloned().collect();
            screen.sections.push(Section { transport: None, modelled: false, rows });
        } else {
            screen.sections.extend(measured);
        }
        screen.sections.extend(links);
        let anchored = screen.anchor.as_ref().and_then(|anchor| {
            let rows = &screen.sections.first()?.rows;
            rows.iter().find(|(_, trip)| is_same_row(trip, anchor)).map(|(place, _)| *place)
        });
        let of = |(at, section): (usize, &Section<'a>)| {
            section.rows.iter().map(|(place, trip)| screen.compare(at, *place, trip, anchored)).collect::<Vec<_>>()
        };
        screen.standings = screen.sections.iter().enumerate().map(of).collect();
        screen
    }

    fn compare(&self, section: usize, place: Place, trip: &Row<'a>, anchored: Option<Place>) -> Standing {
        if section > 0 || !self.several_ways {
            if trip.is_reference() {
                return Standing::Reference;
            }
            let ratio = trip.total().and_then(|total| total.ratio);
            return ratio.map_or(Standing::Unknown, |ratio| Standing::Ratio(ratio, trip.verdict()));
        }
        let Some(anchor) = &self.anchor else { return Standing::Unknown };
        if is_same_row(trip, anchor) {
            return Standing::Reference;
        }
        let Some(total) = compared(trip, anchor) else { return Standing::Unknown };
        // Over several transports the ranks have the verdicts: a row of another rank is surely faster or slower.
        let verdict = match (place, anchored) {
            (Place::Ranked { rank, .. }, Some(Place::Ranked { rank: theirs, .. })) if total.ratio_low.is_some() => {
                Some(match rank.cmp(&theirs) {
                    Ordering::Less => Verdict::Faster,
                    Ordering::Equal => Verdict::Tie,
                    Ordering::Greater => Verdict::Slower,
                })
            }
            _ => None,
        };
        total.ratio.map_or(Standing::Unknown, |ratio| Standing::Ratio(ratio, verdict))
    }

    /// How a row of a section stands to what its ratios refer to.
    pub(super) fn standing(&self, section: usize, row: usize) -> Standing {
        self.standings[section][row]
    }

    /// The name of the row that the ratios of the first section refer to.
    pub(super) fn reference(&self, rows: &PayloadRows<'a>) -> Option<String> {
        let mut name = clean(rows.info.reference.as_deref()?);
        // Where all rows are dynamic, the word tells none apart.
        if !rows.both()
            && let Some(codec) = name.strip_suffix(" (dynamic)")
        {
            name = codec.to_owned();
        }
        match self.anchor.as_ref().and_then(|anchor| anchor.key.transport) {
            Some(transport) => Some(format!("{name} over {}", clean(transport))),
            None => Some(name),
        }
    }

    /// The sections that are shown: what was measured, and links as far as there is room.
    pub(super) fn visible(&self, room: Room) -> impl Iterator<Item = &Section<'a>> {
        let measured = self.sections.iter().filter(|section| !section.modelled).count();
        self.sections.iter().take(measured.saturating_add(room.links))
    }

    /// The places of the rows of a section to show, at most so many, in their order: first those that are ranked.
    pub(super) fn chosen(&self, section: usize, room: Room) -> Vec<usize> {
        if section >= self.visible(room).count() {
            return Vec::new();
        }
        let mut chosen = self.chosen_ranked(section, room.rows);
        let unranked = self.only_sized(section);
        chosen.extend(unranked.into_iter().take(room.rows.saturating_sub(chosen.len())));
        chosen
    }

    /// The places of the rows whose size alone is known, the smallest first.
    fn only_sized(&self, section: usize) -> Vec<usize> {
        let rows = &self.sections[section].rows;
        let mut sized: Vec<usize> = (0..rows.len()).filter(|&at| is_only_sized(&rows[at].1)).collect();
        sized.sort_by_key(|&at| rows[at].1.bytes());
        sized
    }

    /// Whether there are rows whose size alone is known.
    pub(super) fn has_only_sized(&self) -> bool {
        (0..self.sections.len()).any(|section| !self.only_sized(section).is_empty())
    }

    fn chosen_ranked(&self, section: usize, at_most: usize) -> Vec<usize> {
        // Modelled rows follow from measured ones, and have less of the screen.
        let at_most = if section > 0 { at_most.min(MOST_MODELLED) } else { at_most };
        let rows = &self.sections[section].rows;
        let ranked = rows.iter().take_while(|(_, trip)| trip.total().is_some()).count();
        if ranked <= at_most {
            return (0..ranked).collect();
        }
        let trip = |at: usize| &rows[at].1;
        let smallest = (0..ranked).min_by_key(|&at| trip(at).bytes().unwrap_or(u64::MAX));
        let mut wanted: Vec<usize> = vec![0];
        wanted.extend((0..ranked).filter(|&at| self.standing(section, at) == Standing::Reference));
        wanted.extend(smallest);
        if self.several_ways && section == 0 {
            // The best of each way, so that the ways can be compared.
            wanted.extend(
                (0..ranked).filter(|&at| (0..at).all(|before| trip(before).key.transport != trip(at).key.transport)),
            );
        }
        wanted.extend((0..ranked).find(|&at| trip(at).is_python()));
        wanted.extend((0..ranked).find(|&at| trip(at).key.representation != trip(0).key.representation));
        // The first that the words below name.
        wanted.extend((0..ranked).filter(|&at| self.envelope.contains(&trip(at).label)).take(3));
        // Derived code before the rows that it stands for.
        wanted.extend((0..ranked).filter(|&at| rows[at].0 != Place::Beside));
        wanted.extend(0..ranked);
        let mut chosen: Vec<usize> = Vec::new();
        for at in wanted {
            if chosen.len() < at_most && !chosen.contains(&at) {
                chosen.push(at);
            }
        }
        chosen.sort_unstable();
        chosen
    }

    /// The table: at most so many rows of each section.
    pub(super) fn table(&self, rows: &PayloadRows<'a>, room: Room) -> Table {
        let chosen: Vec<Vec<usize>> = (0..self.sections.len()).map(|section| self.chosen(section, room)).collect();
        let shown = || {
            let of = |(at, chosen): (usize, &'_ Vec<usize>)| {
                chosen.iter().map(|&row| &self.sections[at].rows[row].1).collect::<Vec<_>>()
            };
            chosen.iter().enumerate().flat_map(of)
        };
        let steps: Vec<Stage> =
            Stage::STEPS.into_iter().filter(|&step| shown().any(|trip| trip.stage(step).is_some())).collect();
        let units = MainUnits::of(&steps, shown);
        // Where only sizes are known, there are no other columns.
        let timed = shown().any(|trip| trip.total().is_some());
        let speed = Speed::of(rows, shown());
        let rounds = own_rounds(shown());
        let mut columns = self.columns(rows, &steps, &units, speed.as_ref(), rounds);
        if !timed {
            columns.truncate(columns.iter().take_while(|column| column.title != "bytes").count() + 1);
        }
        let mut table = Table { columns, lines: Vec::new() };
        for (at, chosen) in chosen.iter().enumerate() {
            let section = &self.sections[at];
            if self.sections.len() > 1 && !chosen.is_empty() {
                let over_all = || "over every transport measured".to_owned();
                let heading = if self.several_ways && at == 0 { over_all() } else { section_heading(section) };
                table.lines.push(Line::Heading(heading));
            }
            let scale = bar_scale(chosen.iter().map(|&row| &section.rows[row].1));
            for &row in chosen {
                let (place, trip) = &section.rows[row];
                let mut cells = vec![rank_cell(*place), row_label(*place, trip)];
                if rows.both() {
                    cells.push(Cell::plain(trip.key.representation.name()));
                }
                if self.several_ways {
                    cells.push(Cell::plain(trip.key.transport.map_or(NOTHING.to_owned(), clean)));
                }
                cells.extend(units.cells(&steps, trip));
                cells.extend(speed.as_ref().map(|speed| speed.cell(trip)));
                cells.extend(rounds.then(|| rounds_cell(trip)));
                cells.extend(rows.info.layouts.as_ref().map(|_| layouts::cell(trip)));
                cells.push(standing_cell(self.standing(at, row)));
                cells.push(bar_cell(&steps, trip, scale));
                cells.truncate(table.columns.len());
                table.lines.push(Line::Cells(cells));
            }
        }
        table
    }

    fn columns(
        &self,
        rows: &PayloadRows<'a>,
        steps: &[Stage],
        units: &MainUnits,
        speed: Option<&Speed>,
        rounds: bool,
    ) -> Vec<Column> {
        let mut all = vec![Column::new("", "", Align::Left, 0), Column::new("codec", "", Align::Left, 0)];
        if rows.both() {
            all.push(Column::new("as", "", Align::Left, 0));
        }
        if self.several_ways {
            all.push(Column::new("over", "", Align::Left, 0));
        }
        all.push(Column::new("bytes", units.bytes.name, Align::Right, 0));
        all.extend(step_columns(steps, units));
        all.push(Column::new("total", units.total.name, Align::Right, 0));
        if let Some(speed) = speed {
            all.push(Column::new(speed.title(), speed.unit.map_or("MB/s", |unit| unit.name), Align::Right, 2));
        }
        all.extend(rounds.then(|| Column::new("rounds", "", Align::Right, 6)));
        all.extend(rows.info.layouts.as_ref().map(|_| layouts::column()));
        let title = self.reference(rows).map(|name| format!("against {name}"));
        let title = title.filter(|title| columns(title) <= LONG_TITLE).unwrap_or_else(|| "ratio".to_owned());
        all.push(Column::new(title, "", Align::Right, 0));
        all.push(Column::new(BAR, "", Align::Left, 8));
        all
    }

    /// The number of ranked rows that are not in the table, and the multiples of the fastest's time between which they
    /// lie.
    pub(super) fn hidden(&self, room: Room) -> Option<Hidden> {
        let mut hidden = Hidden { count: 0, fastest: None, unranked: 0 };
        for (at, section) in self.sections.iter().enumerate() {
            let chosen = self.chosen(at, room);
            hidden.unranked += self.only_sized(at).iter().filter(|row| !chosen.contains(row)).count() as u64;
            let Some(leader) = section.rows.first().and_then(|(_, trip)| trip.p50(Stage::Total)) else { continue };
            let left = section.rows.iter().enumerate().filter(|(row, _)| !chosen.contains(row));
            for ratio in left.filter_map(|(_, (_, trip))| Some(trip.p50(Stage::Total)? / leader)) {
                hidden.count += 1;
                if self.sections.len() == 1 {
                    let (low, high) = hidden.fastest.map_or((ratio, ratio), |(low, high)| (low, high));
                    hidden.fastest = Some((f64::min(low, ratio), f64::max(high, ratio)));
                }
            }
        }
        (hidden.count + hidden.unranked > 0).then_some(hidden)
    }

    /// Whether any row that is shown, of at most so many, has this verdict.
    pub(super) fn has(&self, verdict: Verdict, room: Room) -> bool {
        let has = |section: usize, row: usize| matches!(self.standing(section, row), Standing::Ratio(_, Some(found)) if found == verdict);
        (0..self.sections.len()).any(|at| self.chosen(at, room).into_iter().any(|row| has(at, row)))
    }

    /// Whether any row of the table compares without the rounds for a verdict.
    pub(super) fn unsupported(&self) -> bool {
        self.standings.iter().flatten().any(|standing| matches!(standing, Standing::Ratio(_, None)))
    }
}

/// The place of a row's transport among the sections.
fn place_of(sections: &[Section<'_>], trip: &Row<'_>) -> usize {
    sections.iter().position(|section| section.transport == trip.key.transport).unwrap_or(sections.len())
}

/// Whether two copies are of one row.
fn is_same_row(a: &Row<'_>, b: &Row<'_>) -> bool {
    a.label == b.label && a.key.representation == b.key.representation && a.key.transport == b.key.transport
}

/// Whether the size of a row is all that is known of it, since the measuring ended before its first round.
fn is_only_sized(trip: &Row<'_>) -> bool {
    !trip.modelled
        && trip.total().is_none()
        && trip.error().is_none()
        && trip.left_out().is_none()
        && trip.bytes().is_some()
}

/// Rows that the first screen does not show.
pub(super) struct Hidden {
    pub count: u64,
    /// Their least and greatest multiple of the fastest row's time; `None` where there are several fastest.
    pub fastest: Option<(f64, f64)>,
    /// Rows whose size alone is known.
    pub unranked: u64,
}

impl Hidden {
    /// `and 12 others, 1.90 to 8.00 times slower than the fastest; --details shows them`.
    pub(super) fn sentence(&self) -> String {
        let unranked = format!("{} not ranked", self.unranked);
        if self.count == 0 {
            return format!("and {unranked}; --details shows them");
        }
        let unranked = if self.unranked > 0 { format!(", and {unranked}") } else { String::new() };
        let others = if self.count == 1 { "1 other".to_owned() } else { format!("{} others", self.count) };
        let range = self.fastest.map_or(String::new(), |(low, high)| {
            let (low, high) = (significant(low), significant(high));
            let range = if low == high { low } else { format!("{low} to {high}") };
            format!(", {range} times slower than the fastest")
        });
        format!("and {others}{range}{unranked}; --details shows them")
    }
}

/// The longest bar in terms of the fastest row's: beyond it a bar is cut, so that one slow row does not make all the
/// others look alike.
const MOST_BAR_RATIO: f64 = 3.0;

/// The time that a bar of full width stands for.
pub(super) fn bar_scale<'t, 'a: 't>(trips: impl Iterator<Item = &'t Row<'a>>) -> f64 {
    let totals: Vec<f64> = trips.filter_map(|trip| trip.p50(Stage::Total)).collect();
    let fastest = totals.iter().copied().fold(f64::INFINITY, f64::min);
    let slowest = totals.iter().copied().fold(0.0, f64::max);
    if fastest.is_finite() { slowest.min(MOST_BAR_RATIO * fastest) } else { 0.0 }
}

/// The column of throughput: messages where they are sent one by one, else bytes of the payload.
struct Speed {
    /// Bytes of the payload; `None` where messages are counted.
    payload_bytes: Option<f64>,
    unit: Option<Unit>,
}

impl Speed {
    fn of<'t, 'a: 't>(rows: &PayloadRows<'_>, trips: impl Iterator<Item = &'t Row<'a>>) -> Option<Self> {
        if rows.info.messages.is_some() {
            let rates = trips.filter_map(|trip| Some(1e9 / trip.p50(Stage::Total)?));
            return Some(Speed { payload_bytes: None, unit: Some(Unit::of_counts(rates)) });
        }
        // A payload that was read without types is in memory as a tree, of several times the size; rows of the same file
        // are compared by what both runs know.
        let info = rows.info;
        let bytes = info.file_bytes.filter(|_| info.schema.is_null()).unwrap_or(info.memory_bytes);
        (bytes > 0).then_some(Speed { payload_bytes: Some(bytes as f64), unit: None })
    }

    fn title(&self) -> &'static str {
        if self.payload_bytes.is_some() { "speed" } else { "messages/s" }
    }

    fn cell(&self, trip: &Row<'_>) -> Cell {
        let total = trip.p50(Stage::Total).filter(|total| *total > 0.0);
        let text = total.map(|total| match (self.payload_bytes, &self.unit) {
            // Bytes a nanosecond are GB a second.
            (Some(bytes), _) => significant(1e3 * bytes / total),
            (None, Some(unit)) => unit.show(1e9 / total),
            (None, None) => significant(1e9 / total),
        });
        number(text, trip.modelled)
    }
}

/// Whether rows have different numbers of rounds, which a reader has to see beside each.
pub(super) fn own_rounds<'t, 'a: 't>(trips: impl Iterator<Item = &'t Row<'a>>) -> bool {
    let mut counts = trips.filter(|trip| !trip.modelled).filter_map(|trip| Some(trip.total()?.count));
    counts.next().is_some_and(|first| counts.any(|count| count != first))
}

/// The rounds of a row.
pub(super) fn rounds_cell(trip: &Row<'_>) -> Cell {
    number(trip.total().filter(|_| !trip.modelled).map(|total| grouped(total.count)), false)
}

/// `2.94 x faster`.
fn standing_cell(standing: Standing) -> Cell {
    match standing {
        Standing::Reference => Cell::Text(TITLE, "reference".to_owned()),
        Standing::Ratio(_, Some(verdict @ (Verdict::Tie | Verdict::Close | Verdict::Placement))) => {
            Cell::Text(FAINT, verdict.name().to_owned())
        }
        Standing::Ratio(ratio, verdict) => {
            let style = if verdict == Some(Verdict::Faster) { GOOD } else { PLAIN };
            let text = times(ratio);
            Cell::Text(style, if verdict.is_none() { format!("({text})") } else { text })
        }
        Standing::Unknown => Cell::Text(FAINT, NOTHING.to_owned()),
    }
}

/// A ratio of times in words: `2.94 x faster`, with as many digits as show that it is not 1.
pub(super) fn times(ratio: f64) -> String {
    if ratio.is_nan() || ratio <= 0.0 {
        return NOTHING.to_owned();
    }
    let (factor, word) = if ratio < 1.0 { (1.0 / ratio, "faster") } else { (ratio, "slower") };
    let mut text = significant(factor);
    if text == "1.00" && factor > 1.0 {
        text = (3..6)
            .map(|digits| format!("{factor:.digits$}"))
            .find(|text| text.trim_end_matches('0') != "1.")
            .unwrap_or(text);
    }
    format!("{text} x {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_said_as_a_factor_above_one() {
        assert_eq!(times(0.34), "2.94 x faster");
        assert_eq!(times(11.44), "11.4 x slower");
        assert_eq!(times(1.004), "1.004 x slower");
        assert_eq!(times(0.9996), "1.0004 x faster");
        assert_eq!(times(1.0), "1.00 x slower");
        assert_eq!(times(0.0), "-");
    }
}
