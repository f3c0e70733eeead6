//! A table whose columns know which of them to give up when there is no room.
//!
//! A general table library wraps cells or shrinks all columns alike; a table of measurements is better without a
//! column than with a broken number, and it needs a column of bars that takes what is left.

use super::style::{FAINT, PLAIN, Span, TITLE, columns, cut, push_line, span};
use anstyle::Style;

/// Blanks between two columns.
const GAP: usize = 2;
/// A bar shorter than this says nothing.
const LEAST_BAR: usize = 16;
/// A bar longer than this is only ink.
const MOST_BAR: usize = 48;
/// Stands at the end of a bar that is longer than its column.
pub(super) const CUT_BAR: char = '»';
/// A sum of shares up to this is a whole bar: stages that were measured apart may sum to more than their total.
const BAR_ROUNDING: f64 = 1.02;
/// The width that is left of the text columns when even the columns to keep are too wide.
const LEAST_TEXT: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// A column's head and its place in the order of giving up.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// The title that several columns side by side have in common; empty for none.
    pub group: String,
    pub title: String,
    /// The unit of every number in it; empty for none.
    pub unit: &'static str,
    pub align: Align,
    /// Zero is kept always; among the others the highest is given up first, equals together.
    pub expendable: u8,
}

impl Column {
    pub(super) fn new(title: impl Into<String>, unit: &'static str, align: Align, expendable: u8) -> Self {
        Column { group: String::new(), title: title.into(), unit, align, expendable }
    }

    pub(super) fn grouped(group: &str, title: &str, unit: &'static str, expendable: u8) -> Self {
        Column { group: group.to_owned(), title: title.to_owned(), unit, align: Align::Right, expendable }
    }

    /// The head on one line, for formats without several.
    fn label(&self) -> String {
        let mut label = format!("{} {}", self.group, self.title).trim().to_owned();
        if !self.unit.is_empty() {
            label.push_str(&format!(" ({})", self.unit));
        }
        label
    }
}

/// One cell.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Text(Style, String),
    /// Segments whose shares of the whole column's width are given.
    Bar(Vec<Segment>),
}

/// A part of a bar.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub style: Style,
    pub glyph: char,
    /// Of the full width, 0 to 1.
    pub share: f64,
}

impl Cell {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Cell::Text(PLAIN, text.into())
    }

    fn columns(&self) -> usize {
        match self {
            Cell::Text(_, text) => columns(text),
            Cell::Bar(_) => LEAST_BAR,
        }
    }
}

/// A line of the table.
#[derive(Clone, Debug)]
pub(super) enum Line {
    /// One cell for each column.
    Cells(Vec<Cell>),
    /// A heading over the lines that follow.
    Heading(String),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub columns: Vec<Column>,
    pub lines: Vec<Line>,
}

impl Table {
    fn cells(&self) -> impl Iterator<Item = &Vec<Cell>> {
        self.lines.iter().filter_map(|line| match line {
            Line::Cells(cells) => Some(cells),
            Line::Heading(_) => None,
        })
    }

    fn is_bar(&self, column: usize) -> bool {
        self.cells().any(|cells| matches!(cells[column], Cell::Bar(_)))
    }

    /// The width that each column would like; of a bar the least.
    fn natural(&self) -> Vec<usize> {
        let own = |(at, column): (usize, &Column)| {
            let head = columns(&column.title).max(columns(column.unit));
            self.cells().map(|cells| cells[at].columns()).max().unwrap_or(0).max(head)
        };
        let mut natural: Vec<usize> = self.columns.iter().enumerate().map(own).collect();
        self.widen_groups(&mut natural);
        natural
    }

    /// The columns that fit in `width` and the width of each.
    fn layout(&self, width: usize) -> Vec<(usize, usize)> {
        let natural = self.natural();
        let mut shown: Vec<usize> = (0..self.columns.len()).collect();
        let total =
            |shown: &[usize]| shown.iter().map(|&at| natural[at]).sum::<usize>() + GAP * shown.len().saturating_sub(1);
        let mut given_up = Vec::new();
        while total(&shown) > width {
            let most = shown.iter().map(|&at| self.columns[at].expendable).max().unwrap_or(0);
            if most == 0 {
                break;
            }
            shown.retain(|&at| self.columns[at].expendable < most);
            given_up.push(most);
        }
        // The column of bars is wide: where it had to go, there may be room again for what went before it.
        let bars = (0..self.columns.len()).find(|&at| self.is_bar(at) && !shown.contains(&at));
        let before_bars = bars.map_or(u8::MAX, |at| self.columns[at].expendable);
        for expendable in given_up.into_iter().rev().filter(|&expendable| expendable > before_bars) {
            let more: Vec<usize> = (0..self.columns.len())
                .filter(|&at| shown.contains(&at) || self.columns[at].expendable == expendable)
                .collect();
            if total(&more) <= width {
                shown = more;
            }
        }
        let mut over = total(&shown).saturating_sub(width);
        let left = width.saturating_sub(total(&shown));
        shown
            .into_iter()
            .map(|at| {
                let mut own = natural[at];
                if self.is_bar(at) {
                    own = (own + left).min(MOST_BAR);
                } else if self.columns[at].align == Align::Left && own > LEAST_TEXT {
                    let given = over.min(own - LEAST_TEXT);
                    own -= given;
                    over -= given;
                }
                (at, own)
            })
            .collect()
    }

    /// Makes the columns of a group wide enough for its name.
    fn widen_groups(&self, natural: &mut [usize]) {
        let mut at = 0;
        while at < self.columns.len() {
            let group = &self.columns[at].group;
            let count = self.columns[at..].iter().take_while(|column| column.group == *group).count();
            let width: usize = natural[at..at + count].iter().sum::<usize>() + GAP * (count - 1);
            if !group.is_empty() {
                natural[at] += columns(group).saturating_sub(width);
            }
            at += count;
        }
    }

    /// Whether a column with this title is shown at this width.
    pub(super) fn shows(&self, title: &str, width: usize) -> bool {
        self.layout(width).iter().any(|&(at, _)| self.columns[at].title == title)
    }

    /// The columns that it takes without giving up any but that of bars.
    pub(super) fn least_width(&self) -> usize {
        let natural = self.natural();
        let shown = (0..self.columns.len()).filter(|&at| !self.is_bar(at));
        let (count, sum) = shown.fold((0, 0), |(count, sum), at| (count + 1, sum + natural[at]));
        sum + GAP * usize::saturating_sub(count, 1)
    }

    /// Whether a bar is longer than its column.
    pub(super) fn cuts_a_bar(&self) -> bool {
        let long = |cell: &Cell| match cell {
            Cell::Bar(segments) => segments.iter().map(|segment| segment.share).sum::<f64>() > BAR_ROUNDING,
            Cell::Text(..) => false,
        };
        self.cells().flatten().any(long)
    }

    /// The table in at most `width` columns.
    pub(super) fn text(&self, width: usize, color: bool) -> String {
        let layout = self.layout(width);
        let mut out = String::new();
        if layout.iter().any(|&(at, _)| !self.columns[at].group.is_empty()) {
            push_line(&mut out, &self.group_line(&layout), width, color);
        }
        let head = |text: &dyn Fn(&Column) -> String, style: Style| -> Vec<Span> {
            join(layout.iter().map(|&(at, own)| {
                let column = &self.columns[at];
                pad(vec![span(style, cut(&text(column), own))], own, column.align)
            }))
        };
        push_line(&mut out, &head(&|column| column.title.clone(), TITLE), width, color);
        if layout.iter().any(|&(at, _)| !self.columns[at].unit.is_empty()) {
            push_line(&mut out, &head(&|column| column.unit.to_owned(), FAINT), width, color);
        }
        let rule = layout.iter().map(|&(_, own)| own + GAP).sum::<usize>().saturating_sub(GAP);
        push_line(&mut out, &[span(FAINT, "─".repeat(rule))], width, color);
        for line in &self.lines {
            let spans = match line {
                Line::Heading(text) => vec![span(TITLE, text.clone())],
                Line::Cells(cells) => join(layout.iter().map(|&(at, own)| match &cells[at] {
                    Cell::Text(style, text) => pad(vec![span(*style, cut(text, own))], own, self.columns[at].align),
                    Cell::Bar(segments) => pad(bar(segments, own), own, Align::Left),
                })),
            };
            push_line(&mut out, &spans, width, color);
        }
        out
    }

    /// The names of groups, each over the middle of its columns.
    fn group_line(&self, layout: &[(usize, usize)]) -> Vec<Span> {
        let mut spans: Vec<(&str, usize)> = Vec::new();
        for &(at, own) in layout {
            let group = self.columns[at].group.as_str();
            match spans.last_mut() {
                Some((last, width)) if *last == group && !group.is_empty() => *width += GAP + own,
                _ => spans.push((group, own)),
            }
        }
        join(spans.into_iter().map(|(group, own)| {
            if group.is_empty() {
                return pad(vec![], own, Align::Left);
            }
            // Dashes on both sides show how far the name reaches.
            let name = cut(group, own);
            let dashes = own - columns(&name);
            let (left, right) = (dashes / 2, dashes - dashes / 2);
            let side = |n: usize, inner_left: bool| match n {
                0 => String::new(),
                n if inner_left => format!("{} ", "─".repeat(n - 1)),
                n => format!(" {}", "─".repeat(n - 1)),
            };
            vec![span(FAINT, side(left, true)), span(TITLE, name), span(FAINT, side(right, false))]
        }))
    }

    /// The table for GitHub: every column but the bars.
    pub(super) fn markdown(&self) -> String {
        let shown: Vec<usize> = (0..self.columns.len()).filter(|&at| !self.is_bar(at)).collect();
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut out = row(shown.iter().map(|&at| escape_markdown(&self.columns[at].label())).collect());
        let marks =
            shown.iter().map(|&at| if self.columns[at].align == Align::Right { "---:" } else { "---" }.to_owned());
        out.push_str(&row(marks.collect()));
        for line in &self.lines {
            let cells = match line {
                Line::Cells(cells) => shown
                    .iter()
                    .map(|&at| match &cells[at] {
                        Cell::Text(_, text) => escape_markdown(text),
                        Cell::Bar(_) => String::new(),
                    })
                    .collect(),
                // The first text column that is wide enough to hold it without pushing the numbers apart.
                Line::Heading(text) => {
                    let home = shown.iter().position(|&at| self.columns[at].title == "codec").unwrap_or(0);
                    (0..shown.len())
                        .map(|at| if at == home { format!("**{}**", escape_markdown(text)) } else { String::new() })
                        .collect()
                }
            };
            out.push_str(&row(cells));
        }
        out
    }
}

fn join(cells: impl Iterator<Item = Vec<Span>>) -> Vec<Span> {
    let mut out = Vec::new();
    for cell in cells {
        if !out.is_empty() {
            out.push(span(PLAIN, " ".repeat(GAP)));
        }
        out.extend(cell);
    }
    out
}

fn pad(mut spans: Vec<Span>, width: usize, align: Align) -> Vec<Span> {
    let used: usize = spans.iter().map(|span| columns(&span.text)).sum();
    let blanks = span(PLAIN, " ".repeat(width.saturating_sub(used)));
    match align {
        Align::Left => spans.push(blanks),
        Align::Right => spans.insert(0, blanks),
    }
    spans
}

/// A bar of at most `width` glyphs. Segments end where the sum of shares up to them ends, so that rounding never
/// makes the whole longer; what is too short for a glyph but for one is shown as a thin line.
fn bar(segments: &[Segment], width: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let (mut share, mut drawn) = (0.0, 0);
    for segment in segments {
        share += segment.share.max(0.0);
        let end = ((share * width as f64).round() as usize).min(width);
        if end > drawn {
            spans.push(span(segment.style, segment.glyph.to_string().repeat(end - drawn)));
            drawn = end;
        }
    }
    if let (0, Some(first)) = (drawn, segments.first()) {
        spans.push(span(first.style, "▏"));
    }
    // Longer than the column by more than rounding: the end is cut off, and shows it.
    if let Some(last) = spans.last_mut().filter(|_| share > BAR_ROUNDING) {
        last.text.pop();
        last.text.push(CUT_BAR);
    }
    spans
}

/// Text that Markdown shows as it is.
pub(super) fn escape_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let segment = |glyph, share| Segment { style: PLAIN, glyph, share };
        Table {
            columns: vec![
                Column::new("codec", "", Align::Left, 0),
                Column::new("total", "ms", Align::Right, 0),
                Column::new("mad", "us", Align::Right, 1),
                Column::new("", "", Align::Left, 2),
            ],
            lines: vec![
                Line::Heading("over pipe".into()),
                Line::Cells(vec![
                    Cell::plain("json"),
                    Cell::plain("12.5"),
                    Cell::plain("3"),
                    Cell::Bar(vec![segment('#', 0.5), segment('-', 0.25)]),
                ]),
            ],
        }
    }

    #[test]
    fn columns_are_given_up_in_order() {
        let lines = |width| table().text(width, false).lines().last().unwrap_or_default().to_owned();
        assert_eq!(lines(35), "json    12.5    3  ########----");
        assert_eq!(lines(34), "json    12.5    3");
        assert_eq!(lines(17), "json    12.5    3");
        assert_eq!(lines(16), "json    12.5");
        assert_eq!(lines(5), "json");
    }

    #[test]
    fn markdown_escapes_and_leaves_out_bars() {
        let mut table = table();
        if let Line::Cells(cells) = &mut table.lines[1] {
            cells[0] = Cell::plain("a|b<c>*");
        }
        assert_eq!(
            table.markdown(),
            "| codec | total (ms) | mad (us) |\n| --- | ---: | ---: |\n| **over pipe** |  |  |\n| a\\|b&lt;c>\\* | 12.5 | 3 |\n"
        );
    }

    #[test]
    fn a_bar_is_never_longer_than_its_column_and_never_nothing() {
        let drawn = |shares: &[f64]| {
            let segments: Vec<_> = shares.iter().map(|&share| Segment { style: PLAIN, glyph: '#', share }).collect();
            bar(&segments, 10).iter().map(|span| columns(&span.text)).sum::<usize>()
        };
        assert_eq!(drawn(&[0.34, 0.33, 0.33]), 10);
        assert_eq!(drawn(&[0.9, 0.9]), 10);
        assert_eq!(drawn(&[0.001, 0.001]), 1);
    }
}
