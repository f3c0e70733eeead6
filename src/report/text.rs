//! The report for a terminal: fits the width it is given, readable without colours.

use super::changes::Changes;
use super::facts::{Fact, environment, introduction, warnings};
use super::first::Screen;
use super::style::{BAD, FAINT, PLAIN, Span, TITLE, columns, cut, pack, push_line, span, wrap};
use super::table::{CUT_BAR, Table};
use super::tables::{BAR, INTERVAL, legend_entry, main_table, percentile_note, spread_table};
use super::tasks;
use super::words::{Room, detailed_words, words};
use crate::analysis::{PayloadRows, Place, Row, calls, collect};
use crate::model::{Run, Verdict, clean};
use anstyle::Style;

/// How the text is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// The columns that a line may take.
    pub width: usize,
    /// Whether to use colours and bold (ANSI escape codes).
    pub color: bool,
    /// What to show beyond the first screen.
    pub shown: Shown,
    /// Whether a table may be wider than `width` where it would else lose columns or names: in a file nothing is cut.
    pub whole: bool,
}

/// The parts of a report beyond its first screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Every row with percentiles, memory and the environment; of tasks all that follows.
    pub details: bool,
    /// Components of tasks, scenarios side by side.
    pub components: bool,
    /// The ledgers of each scenario.
    pub ledgers: bool,
    /// The check of encoding, and what the ledgers explain.
    pub check: bool,
    /// Machine, clock, settings and versions.
    pub environment: bool,
}

impl Shown {
    /// Everything, or the first screen alone.
    pub fn details(details: bool) -> Self {
        Shown { details, ..Shown::default() }
    }
}

impl Default for TextOptions {
    fn default() -> Self {
        TextOptions { width: 100, color: false, shown: Shown::default(), whole: false }
    }
}

/// The lines of a payload's first screen.
const FIRST_LINES: usize = 30;
/// The longest rule over a payload; beyond it lies an empty screen.
const RULE: usize = 100;

/// The meaning of the columns of the second table.
const SPREAD_LEGEND: [(&str, &str); 4] = [
    ("MAD", "median absolute deviation"),
    ("allocs", "calls to the allocator"),
    ("peak", "the most bytes allocated at once"),
    ("RSS", "peak resident memory"),
];

/// The run for a person at a terminal.
pub fn text(run: &Run, options: &TextOptions) -> String {
    let mut page = Page { out: String::new(), options: *options };
    let warnings = warnings(run);
    if !warnings.is_empty() {
        page.facts(&warnings);
        page.blank();
    }
    for (at, rows) in collect(run).into_iter().enumerate() {
        if options.shown.details {
            page.payload(&rows, run);
        } else {
            // The lines over the first payload are a part of its screen, and a shell's prompt stands below.
            let above = page.out.lines().count();
            page.first_screen(&rows, run, (FIRST_LINES - 1).saturating_sub(if at == 0 { above } else { 0 }));
        }
        if let Some(changes) = Changes::of(run, &rows.info.name) {
            page.changes(&changes);
        }
        page.blank();
    }
    let calls = calls(&run.scenarios, &run.components);
    let scenarios = tasks::scenarios(&calls);
    if !scenarios.is_empty() {
        page.tasks(&scenarios);
    }
    if run.payloads.is_empty() && scenarios.is_empty() {
        page.prose("nothing was measured");
        page.blank();
    }
    if options.shown.details || options.shown.environment {
        page.facts(&environment(run));
    }
    page.out.truncate(page.out.trim_end().len());
    page.blank();
    page.out
}

struct Page {
    out: String,
    options: TextOptions,
}

impl Page {
    /// The scenarios side by side, then the ledgers of each.
    fn tasks(&mut self, all: &[tasks::ScenarioRows<'_>]) {
        let width = self.options.width;
        self.rule("what a task costs");
        if let Some(line) = tasks::introduction(all) {
            self.prose(&line);
        }
        self.blank();
        let overview = tasks::overview(all);
        self.table(&overview);
        if overview.shows(tasks::BAR, width) {
            self.bar_legend(tasks::legend(), tasks::OVERVIEW_NOTE);
        }
        self.blank();
        let mut facts = tasks::first_facts(all);
        facts.extend(tasks::next(self.options.shown));
        self.facts(&facts);
        let Shown { details, components, ledgers, check, .. } = self.options.shown;
        if details || components {
            self.blank();
            for table in tasks::side_by_side(all) {
                self.table(&table);
                self.blank();
            }
        }
        if !(details || ledgers || check) {
            return;
        }
        self.blank();
        for rows in all {
            self.rule(&clean(&rows.info.scenario));
            self.prose(&clean(&rows.info.description));
            let (table, left_out) = tasks::ledgers(rows, false);
            if (details || ledgers) && !table.lines.is_empty() {
                self.blank();
                self.table(&table);
                if left_out > 0 {
                    self.styled(FAINT, &format!("{left_out} components of less than 0.05 % are left out"));
                }
                self.blank();
            }
            if details || check {
                self.facts(&tasks::conclusions(rows));
            }
            self.blank();
        }
    }

    /// Makes the start of a part easy to find where there are several, colours or not.
    fn rule(&mut self, name: &str) {
        let name = if self.options.whole { name.to_owned() } else { cut(name, self.options.width) };
        let rule = self.options.width.min(RULE).saturating_sub(columns(&name) + 4);
        self.line(&[span(FAINT, "━━ "), span(TITLE, name), span(FAINT, format!(" {}", "━".repeat(rule)))]);
    }

    /// The rows that matter and the answers in words, on one screen: rows and notes give way until they fit.
    fn first_screen(&mut self, rows: &PayloadRows<'_>, run: &Run, most_lines: usize) {
        let screen = Screen::of(rows);
        let mut room = Room::WHOLE;
        let page = loop {
            let mut page = Page { out: String::new(), options: self.options };
            page.first_lines(rows, &screen, run, room);
            if page.out.lines().count() <= most_lines || !room.shrink() {
                break page;
            }
        };
        self.out.push_str(&page.out);
    }

    fn first_lines(&mut self, rows: &PayloadRows<'_>, screen: &Screen<'_>, run: &Run, room: Room) {
        self.rule(&clean(&rows.info.name));
        for line in introduction(rows, &run.environment, false) {
            self.prose(&line);
        }
        self.blank();
        if rows.sections.is_empty() && rows.walks.is_empty() {
            self.prose("nothing was measured");
            return;
        }
        if rows.ranked().next().is_some() || screen.has_only_sized() {
            let table = screen.table(rows, room);
            self.table(&table);
            if let Some(hidden) = screen.hidden(room) {
                self.styled(FAINT, &hidden.sentence());
            }
            self.first_legend(rows, screen, &table, room);
            self.blank();
        } else if rows.sections.is_empty() {
            // The null codec alone.
            self.table(&main_table(rows));
            self.blank();
        }
        self.facts(&words(rows, screen, run, room));
    }

    /// The key to the bars, and the signs that occur.
    fn first_legend(&mut self, rows: &PayloadRows<'_>, screen: &Screen<'_>, table: &Table, room: Room) {
        if table.shows(BAR, self.options.width) {
            let cut = table.cuts_a_bar();
            let scale = if cut { format!("{CUT_BAR} goes on") } else { String::new() };
            self.bar_legend(rows.steps().into_iter().map(legend_entry), &scale);
        }
        let mut signs = Vec::new();
        if screen.has(Verdict::Close, room) {
            signs.push("close: no more than the measuring itself can shift");
        }
        if screen.has(Verdict::Placement, room) {
            signs.push("within code placement: no more than code shifts that lies elsewhere; --layouts 8 tells");
        }
        if rows.rows().any(|row| row.modelled) {
            signs.push("~ modelled, not measured");
        }
        if rows.ranked().any(|row| row.error().is_some()) {
            signs.push("! measured, then failed: see below");
        }
        if rows.ranked().any(Row::loses) {
            signs.push("≠ loses something: no candidate");
        }
        if screen.has_only_sized() {
            signs.push("- not ranked: it ended before the first round of this row");
        }
        if !signs.is_empty() {
            for line in pack(signs.into_iter(), " · ", self.options.width) {
                self.line(&[span(FAINT, line)]);
            }
        }
    }

    /// What changed since an earlier run.
    fn changes(&mut self, changes: &Changes<'_>) {
        self.blank();
        self.styled(TITLE, &changes.title());
        self.blank();
        for table in [changes.counts(), changes.times()] {
            if !table.lines.is_empty() {
                self.table(&table);
                self.blank();
            }
        }
        self.facts(&changes.facts());
    }

    /// A table, in the width of a line or, where nothing may be cut, in its own.
    fn table(&mut self, table: &Table) {
        let width = if self.options.whole { table.least_width().max(self.options.width) } else { self.options.width };
        self.out.push_str(&table.text(width, self.options.color));
    }

    fn payload(&mut self, rows: &PayloadRows<'_>, run: &Run) {
        self.rule(&clean(&rows.info.name));
        for line in introduction(rows, &run.environment, true) {
            self.prose(&line);
        }
        self.blank();
        if rows.sections.is_empty() && rows.walks.is_empty() {
            self.prose("nothing was measured");
            return;
        }
        let table = main_table(rows);
        self.table(&table);
        self.legend(rows, table.shows(BAR, self.options.width), table.shows(INTERVAL, self.options.width));
        self.blank();
        if rows.ranked().next().is_some() {
            let spread = spread_table(rows);
            self.table(&spread);
            let mut notes: Vec<String> = percentile_note(rows).into_iter().collect();
            let shown = SPREAD_LEGEND.iter().filter(|(title, _)| spread.shows(title, self.options.width));
            notes.extend(shown.map(|(title, meaning)| format!("{title}: {meaning}")));
            for line in pack(notes.iter().map(String::as_str), " · ", self.options.width) {
                self.line(&[span(FAINT, line)]);
            }
            self.blank();
        }
        self.facts(&detailed_words(rows, &Screen::of(rows), run));
    }

    /// The stages of the bars, and what the signs mean.
    fn legend(&mut self, rows: &PayloadRows<'_>, bar: bool, interval: bool) {
        if bar {
            let several = rows.sections.len() > 1;
            let scale = if several { "» goes on; each transport has its own scale" } else { "» goes on" };
            self.bar_legend(rows.steps().into_iter().map(legend_entry), scale);
        }
        for line in pack(signs(rows, interval).iter().map(String::as_str), " · ", self.options.width) {
            self.line(&[span(FAINT, line)]);
        }
    }

    /// The meaning of the parts of bars, in as many lines as it takes, and the scale of the bars.
    fn bar_legend(&mut self, parts: impl Iterator<Item = (Style, char, &'static str)>, scale: &str) {
        let mut entries: Vec<Vec<Span>> = parts
            .map(|(style, glyph, name)| vec![span(style, glyph.to_string().repeat(2)), span(FAINT, format!(" {name}"))])
            .collect();
        if !scale.is_empty() {
            entries.push(vec![span(FAINT, scale)]);
        }
        let mut spans: Vec<Span> = Vec::new();
        let mut used = 0;
        for entry in entries {
            let own: usize = entry.iter().map(|span| columns(&span.text)).sum();
            if used > 0 && used + 2 + own > self.options.width {
                self.line(&std::mem::take(&mut spans));
                used = 0;
            }
            if used > 0 {
                spans.push(span(PLAIN, "  "));
                used += 2;
            }
            used += own;
            spans.extend(entry);
        }
        self.line(&spans);
    }

    /// Keys in one column, sentences in another.
    fn facts(&mut self, facts: &[Fact]) {
        let indent = facts.iter().map(|fact| columns(fact.key)).max().unwrap_or(0) + 2;
        for fact in facts {
            let mut key = fact.key;
            for line in &fact.lines {
                for piece in wrap(line, self.options.width.saturating_sub(indent)) {
                    let style = if fact.alarming { BAD } else { FAINT };
                    let blanks = " ".repeat(indent - columns(key));
                    let spans = [span(style, key), span(PLAIN, blanks), span(PLAIN, piece)];
                    key = "";
                    self.line(&spans);
                }
            }
        }
    }

    fn prose(&mut self, text: &str) {
        self.styled(PLAIN, text);
    }

    fn styled(&mut self, style: Style, text: &str) {
        if text.is_empty() {
            return;
        }
        for line in wrap(text, self.options.width) {
            self.line(&[span(style, line)]);
        }
    }

    fn line(&mut self, spans: &[Span]) {
        let width = if self.options.whole { usize::MAX } else { self.options.width };
        push_line(&mut self.out, spans, width, self.options.color);
    }

    fn blank(&mut self) {
        self.out.push('\n');
    }
}

/// Whether chance could have made a difference among all rows of the table, but not in this row if it were the only one.
fn is_tied_outside_one(row: &Row<'_>) -> bool {
    let interval = row.total().and_then(|total| total.ratio_low.zip(total.ratio_high));
    row.verdict() == Some(Verdict::Tie) && interval.is_some_and(|(low, high)| low > 1.0 || high < 1.0)
}

/// The meaning of the signs of the main table: only of those that occur.
fn signs(rows: &PayloadRows<'_>, interval: bool) -> Vec<String> {
    let mut signs = Vec::new();
    if let Some(reference) = &rows.info.reference {
        let what = format!("ratio: total against {}, round by round", clean(reference));
        signs.push(if interval { format!("{what}, with its 95 % interval") } else { what });
    }
    if rows.ranked().any(|row| row.verdict() == Some(Verdict::Tie)) {
        signs.push("≈ a tie: chance could have made the difference".to_owned());
    }
    if rows.ranked().any(is_tied_outside_one) {
        signs.push(
            "an interval is of its row alone, a verdict of the whole table: a tie may have an interval without 1"
                .to_owned(),
        );
    }
    if rows.ranked().any(|row| row.verdict() == Some(Verdict::Close)) {
        signs.push("≈ close: no more than the measuring itself can shift".to_owned());
    }
    if rows.ranked().any(|row| row.verdict() == Some(Verdict::Placement)) {
        signs.push(
            "≈ within code placement: no more than code shifts that lies elsewhere; --layouts 8 tells".to_owned(),
        );
    }
    if rows.info.layouts.is_some() {
        signs.push(
            "spread: how much more the slowest layout of the code takes than the fastest; intervals are across layouts"
                .to_owned(),
        );
    }
    let mut places = rows.sections.iter().flat_map(|section| section.rows.iter().map(|(place, _)| place));
    if places.any(|place| matches!(place, Place::Ranked { shared: true, .. })) {
        signs.push("= shares its rank: not surely slower than the first that has it".to_owned());
    }
    if rows.rows().any(|row| row.modelled) {
        signs.push("~ modelled from latency and bandwidth, not measured".to_owned());
    }
    if rows.ranked().any(|row| row.error().is_some()) {
        signs.push("! measured, then failed: see below".to_owned());
    }
    if rows.ranked().any(Row::loses) {
        signs.push("≠ loses something: no candidate".to_owned());
    }
    signs
}
