//! Text with styles: escape codes when they are asked for, and never a control character from the data.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::model::Stage;

pub(super) const PLAIN: Style = Style::new();
pub(super) const TITLE: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default();

/// The colour of a stage in a bar.
pub(super) fn stage_style(stage: Stage) -> Style {
    match stage {
        Stage::Encode => AnsiColor::Blue,
        Stage::Compress => AnsiColor::Magenta,
        Stage::Transfer => AnsiColor::Yellow,
        Stage::Decompress => AnsiColor::Cyan,
        Stage::Decode => AnsiColor::Green,
        Stage::Total => AnsiColor::White,
    }
    .on_default()
}

/// The glyph of a stage in a bar: tell-tale without colour, and the trip drawn as what it is, a line between blocks.
pub(super) fn stage_glyph(stage: Stage) -> char {
    match stage {
        Stage::Encode => '█',
        Stage::Compress => '▚',
        Stage::Transfer => '─',
        Stage::Decompress => '▞',
        Stage::Decode => '▒',
        Stage::Total => '·',
    }
}

/// A piece of a line.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub style: Style,
    pub text: String,
}

pub(super) fn span(style: Style, text: impl Into<String>) -> Span {
    Span { style, text: text.into() }
}

/// The columns that a text takes on a terminal.
pub(super) fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text cut to `width` columns, with an ellipsis where it was cut.
pub(super) fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let next = used + c.width().unwrap_or(0);
        if next + 1 > width {
            break;
        }
        out.push(c);
        used = next;
    }
    if width > 0 {
        out.push('…');
    }
    out
}

/// Appends one line: the spans, cut to `width` columns, without trailing blanks.
pub(super) fn push_line(out: &mut String, spans: &[Span], width: usize, color: bool) {
    let mut left = width;
    for span in spans {
        let text = cut(&span.text, left);
        left -= columns(&text).min(left);
        if text.is_empty() {
            continue;
        }
        // Blanks stay plain: a style that reaches over them shows in terminals that underline or invert.
        if color && span.style != PLAIN && !text.trim().is_empty() {
            out.push_str(&format!("{}{text}{}", span.style.render(), span.style.render_reset()));
        } else {
            out.push_str(&text);
        }
    }
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

/// A blank at which [`wrap`] does not break, for a number and its unit.
pub(super) const TIE: char = '\u{a0}';

/// Breaks a text into lines of at most `width` columns, at blanks where there are any.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    pack(text.split(' ').filter(|word| !word.is_empty()), " ", width)
}

/// Sets items on lines of at most `width` columns, with `gap` between two on one line. What is longer than a line
/// is broken where the line ends.
pub(super) fn pack<'a>(items: impl Iterator<Item = &'a str>, gap: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for item in items {
        let item = item.replace(TIE, " ");
        if line.is_empty() {
            line = item;
        } else if columns(&line) + columns(gap) + columns(&item) <= width {
            line.push_str(gap);
            line.push_str(&item);
        } else {
            lines.push(std::mem::replace(&mut line, item));
        }
        while columns(&line) > width {
            let mut used = 0;
            // Never at the start: with a character wider than the line this would never end.
            let end = line.char_indices().find(|&(at, c)| {
                used += c.width().unwrap_or(0);
                used > width && at > 0
            });
            let Some((end, _)) = end else { break };
            let rest = line.split_off(end);
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_keeps_the_width_and_every_character() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a abcdefghij b", 4), ["a", "abcd", "efgh", "ij b"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
    }

    #[test]
    fn cutting_counts_columns() {
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("abc", 0), "");
    }
}
