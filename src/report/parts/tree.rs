//! Parts as a tree for a person.

use super::findings::{findings, saving_text};
use super::screen::{Row, rows};
use super::{LINES, PartsView, introduction, share};
use crate::model::{Bytes, Inspected, Tally, clean, grouped};
use crate::report::calls::calls_text;
use crate::report::style::{BAD, FAINT, PLAIN, Span, TITLE, columns, cut, push_line, span, wrap};

/// The columns of `999 MB  100.00 %  `.
const NUMBERS: usize = 20;
/// Where nothing is cut, the description of a part stands in this column of the rest at most.
const WIDEST: usize = 72;
/// The columns that are left of a step, however deep it stands.
const LEAST_STEP: usize = 12;
/// The lines that a tree always has, however many there are beside it.
const LEAST_LINES: usize = 8;

/// The files as trees.
pub fn parts_text(files: &[Inspected], view: &PartsView) -> String {
    let mut out = String::new();
    for file in files {
        if !out.is_empty() {
            out.push('\n');
        }
        let attribution = &file.attribution;
        let title = format!("{}: {}", clean(&file.name), introduction(file));
        push_line(&mut out, &[span(TITLE, title)], usize::MAX, view.color);
        if let Some(fault) = &attribution.fault {
            let text = format!("not read to its end: {}", clean(&fault.to_string()));
            push_line(&mut out, &[span(BAD, text)], usize::MAX, view.color);
        }
        let findings: Vec<String> =
            findings(attribution, view).iter().flat_map(|text| item(text, view.width)).collect();
        let around = 1 + usize::from(attribution.fault.is_some()) + findings.len() + attribution.notes.len();
        tree(&mut out, file, view, LINES.saturating_sub(around).max(LEAST_LINES));
        for line in &findings {
            push_line(&mut out, &[span(PLAIN, line)], view.width, view.color);
        }
        for note in &attribution.notes {
            push_line(&mut out, &[span(FAINT, clean(note))], usize::MAX, view.color);
        }
        if let Some(tally) = &file.tally {
            tally_text(&mut out, tally, view);
        }
        if let Some(calls) = &file.calls {
            calls_text(&mut out, calls, view);
        }
    }
    out
}

/// The lines of one item of a list.
fn item(text: &str, width: usize) -> Vec<String> {
    if width == usize::MAX {
        return vec![format!("- {text}")];
    }
    let lines = wrap(text, width.saturating_sub(2)).into_iter().enumerate();
    lines.map(|(at, line)| format!("{}{line}", if at == 0 { "- " } else { "  " })).collect()
}

fn tree(out: &mut String, file: &Inspected, view: &PartsView, most: usize) {
    let rows = rows(file, view, most);
    let whole = file.attribution.bytes;
    let widest = |width: &dyn Fn(&Row) -> usize| rows.iter().map(width).max().unwrap_or(0);
    let path = widest(&|row| columns(&row.guide) + columns(&row.step));
    let what = widest(&|row| columns(&row.what) + if row.note.is_empty() { 0 } else { columns(&row.note) + 2 });
    let path = if view.width == usize::MAX {
        path.min(WIDEST)
    } else {
        // The description of a part may be cut before the path is, down to a quarter of the room.
        let room = view.width.saturating_sub(NUMBERS);
        path.min((room * 3 / 4).max(room.saturating_sub(what + 2)))
    };
    for row in &rows {
        let style = if row.is_folded { FAINT } else { PLAIN };
        let mut spans: Vec<Span> = vec![
            span(PLAIN, format!("{:>8}  {:>8}  ", Bytes(row.bytes).to_string(), share(row.bytes, whole))),
            span(FAINT, row.guide.clone()),
        ];
        let left = path.saturating_sub(columns(&row.guide));
        let step =
            if view.width == usize::MAX { row.step.clone() } else { cut_middle(&row.step, left.max(LEAST_STEP)) };
        let blanks = left.saturating_sub(columns(&step)) + 2;
        spans.push(span(style, step));
        spans.push(span(PLAIN, " ".repeat(blanks)));
        spans.push(span(style, row.what.clone()));
        if !row.note.is_empty() {
            spans.push(span(FAINT, format!("  {}", row.note)));
        }
        push_line(out, &spans, view.width, view.color);
    }
}

/// The text with an ellipsis in place of what is too much, before its last two thirds: the last steps of a path say
/// more than the first.
fn cut_middle(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    // The ellipsis is a part of the head.
    let head = cut(text, width - width * 2 / 3);
    let room = width - columns(&head);
    let mut begin = text.len();
    for (at, _) in text.char_indices().rev() {
        if columns(&text[at..]) > room {
            break;
        }
        begin = at;
    }
    head + &text[begin..]
}

fn tally_text(out: &mut String, tally: &Tally, view: &PartsView) {
    let mut line = |spans: &[Span]| push_line(out, spans, view.width, view.color);
    line(&[]);
    line(&[span(TITLE, "   bytes     share       count  opcode")]);
    let most = view.top.unwrap_or(usize::MAX);
    for row in tally.opcodes.iter().take(most) {
        let numbers = format!("{:>8}  {:>8}  ", Bytes(row.bytes).to_string(), share(row.bytes, tally.bytes));
        line(&[span(PLAIN, numbers), span(PLAIN, format!("{:>10}  {}", grouped(row.count), row.name))]);
    }
    line(&[]);
    let (puts, gets) = (Bytes(tally.memo_put_bytes), Bytes(tally.memo_get_bytes));
    line(&[span(
        PLAIN,
        format!(
            "memo: {puts} put {} values there, {gets} fetch {} of them again",
            grouped(tally.memo_puts),
            grouped(tally.memo_fetched)
        ),
    )]);
    if tally.frame_bytes > 0 {
        line(&[span(PLAIN, format!("frames: {} of headers", Bytes(tally.frame_bytes)))]);
    }
    for saving in &tally.savings {
        line(&[span(PLAIN, saving_text(tally, saving))]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_path_stays() {
        assert_eq!(cut_middle("[\"module.encoder.weight\"]", 14), "[\"mo….weight\"]");
        assert_eq!(cut_middle("short", 14), "short");
        let wide = cut_middle("日本語日本語日本語", 7);
        assert!(columns(&wide) <= 7 && wide.ends_with("本語"), "{wide}");
    }
}
