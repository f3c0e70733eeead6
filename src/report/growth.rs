//! The growth from one file to another, by path.

use super::calls::{calls_markdown, calls_text};
use super::parts::PartsView;
use super::style::{BAD, FAINT, PLAIN, TITLE, columns, cut, push_line, span};
use super::table::escape_markdown;
use crate::model::{Bytes, Grown, Growth, Inspected, clean, grouped};
use serde::Serialize;
use std::fmt::Write;

/// The number of paths that have a line of their own.
const MOST: usize = 15;

/// The paths that are shown, and the difference of the others with their number.
fn shown<'a>(growth: &'a Growth, view: &PartsView, most: usize) -> (Vec<&'a Grown>, i128, usize) {
    let least = u128::from(view.least_bytes.unwrap_or(0));
    let (mut rows, mut rest, mut others) = (Vec::new(), 0, 0);
    for row in &growth.rows {
        if rows.len() < most && row.difference().unsigned_abs() >= least {
            rows.push(row);
        } else {
            rest += row.difference();
            others += 1;
        }
    }
    (rows, rest, others)
}

/// `+2.20 MB`.
fn signed(difference: i128) -> String {
    let bytes = Bytes(u64::try_from(difference.unsigned_abs()).unwrap_or(u64::MAX));
    match difference {
        0 => "0 B".to_owned(),
        1.. => format!("+{bytes}"),
        _ => format!("-{bytes}"),
    }
}

fn size(bytes: Option<u64>) -> String {
    bytes.map_or("-".to_owned(), |bytes| Bytes(bytes).to_string())
}

/// The share of all that changed.
fn share(growth: &Growth, difference: i128) -> String {
    match growth.change() {
        0 => "-".to_owned(),
        change => format!("{:.2} %", difference as f64 / change as f64 * 100.0),
    }
}

/// Whether it is new, gone, or has another name.
fn note(row: &Grown) -> String {
    match (row.old_bytes, row.new_bytes, &row.renamed_from) {
        (_, _, Some(from)) => format!("new; as large as {from} was", from = clean(from)),
        (None, Some(_), None) => "new".to_owned(),
        (Some(_), None, _) => "gone".to_owned(),
        _ if row.is_own => "without its parts".to_owned(),
        _ => String::new(),
    }
}

fn title(files: &[Inspected], growth: &Growth) -> String {
    let [old, new] = files else { return String::new() };
    let change = match growth.difference() {
        0 if growth.rows.is_empty() => "no path has other bytes".to_owned(),
        0 => "as large as before".to_owned(),
        difference => {
            let percent = difference.unsigned_abs() as f64 / growth.old_bytes.max(1) as f64 * 100.0;
            let words = if difference > 0 { "more" } else { "less" };
            let bytes = Bytes(u64::try_from(difference.unsigned_abs()).unwrap_or(u64::MAX));
            format!("{bytes} {words} ({percent:.2} %)")
        }
    };
    let (old_name, new_name) = (clean(&old.name), clean(&new.name));
    format!("{old_name} to {new_name}: {} to {}, {change}", Bytes(growth.old_bytes), Bytes(growth.new_bytes))
}

/// The growth as text: at most 30 lines.
pub fn growth_text(files: &[Inspected], growth: &Growth, view: &PartsView) -> String {
    let mut out = String::new();
    push_line(&mut out, &[span(TITLE, title(files, growth))], usize::MAX, view.color);
    for file in files {
        if let Some(fault) = &file.attribution.fault {
            let text = format!("{} is not read to its end: {}", clean(&file.name), clean(&fault.to_string()));
            push_line(&mut out, &[span(BAD, text)], usize::MAX, view.color);
        }
    }
    let (rows, rest, others) = shown(growth, view, view.top.unwrap_or(MOST));
    if !rows.is_empty() {
        let head = "     grown     share        old        new  path";
        push_line(&mut out, &[span(FAINT, head)], view.width, view.color);
    }
    let room = view.width.saturating_sub(columns("     grown     share        old        new  "));
    let path = rows.iter().map(|row| columns(&clean(&row.path))).max().unwrap_or(0).min(room / 5 * 3);
    for row in &rows {
        let numbers = format!(
            "{:>10}  {:>8}  {:>9}  {:>9}  ",
            signed(row.difference()),
            share(growth, row.difference()),
            size(row.old_bytes),
            size(row.new_bytes)
        );
        let text = clean(&row.path);
        // The end of a path tells it from others.
        let text = if columns(&text) > path { cut_front(&text, path) } else { text };
        let blanks = " ".repeat(path.saturating_sub(columns(&text)) + 2);
        let note = note(row);
        let what = if note.is_empty() { clean(&row.what) } else { format!("{}  {note}", clean(&row.what)) };
        push_line(
            &mut out,
            &[span(PLAIN, numbers), span(PLAIN, text + &blanks), span(FAINT, what)],
            view.width,
            view.color,
        );
    }
    if others > 0 {
        let numbers = format!("{:>10}  {:>8}  {:>9}  {:>9}  ", signed(rest), share(growth, rest), "", "");
        let text = format!("… {} other paths", grouped(others as u64));
        push_line(&mut out, &[span(FAINT, numbers + &text)], view.width, view.color);
    }
    for file in files {
        if let Some(calls) = &file.calls {
            push_line(&mut out, &[], view.width, view.color);
            push_line(&mut out, &[span(TITLE, clean(&file.name))], view.width, view.color);
            calls_text(&mut out, calls, view);
        }
    }
    let text = "--trees shows each file by itself";
    push_line(&mut out, &[span(FAINT, text)], view.width, view.color);
    out
}

/// The last columns of a text.
fn cut_front(text: &str, width: usize) -> String {
    let reversed: String = text.chars().rev().collect();
    cut(&reversed, width).chars().rev().collect()
}

/// The growth as a table for GitHub.
pub fn growth_markdown(files: &[Inspected], growth: &Growth, view: &PartsView) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}\n", escape_markdown(&title(files, growth)));
    for file in files {
        if let Some(fault) = &file.attribution.fault {
            let text = format!("{}: {}", clean(&file.name), clean(&fault.to_string()));
            let _ = writeln!(out, "**Not read to its end**: {}\n", escape_markdown(&text));
        }
    }
    let (rows, rest, others) = shown(growth, view, view.top.unwrap_or(MOST));
    if !rows.is_empty() {
        out.push_str(
            "| grown | share | old | new | path | what | |\n| ---: | ---: | ---: | ---: | --- | --- | --- |\n",
        );
    }
    for row in rows {
        let cells = [clean(&row.path), clean(&row.what), note(row)].map(|cell| escape_markdown(&cell));
        let bytes = |bytes: Option<u64>| bytes.map_or("-".to_owned(), grouped);
        let sign = if row.difference() < 0 { "-" } else { "+" };
        let grown = grouped(u64::try_from(row.difference().unsigned_abs()).unwrap_or(u64::MAX));
        let share = share(growth, row.difference());
        let (old, new) = (bytes(row.old_bytes), bytes(row.new_bytes));
        let _ =
            writeln!(out, "| {sign}{grown} | {share} | {old} | {new} | {} | {} | {} |", cells[0], cells[1], cells[2]);
    }
    if others > 0 {
        let _ = writeln!(
            out,
            "| {} | {} | | | … {} other paths | | |",
            signed(rest),
            share(growth, rest),
            grouped(others as u64)
        );
    }
    for file in files {
        if let Some(calls) = &file.calls {
            let _ = writeln!(out, "\n## {}\n", escape_markdown(&clean(&file.name)));
            calls_markdown(&mut out, calls);
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// A line for each path whose bytes differ.
pub fn growth_csv(files: &[Inspected], growth: &Growth, view: &PartsView) -> String {
    let mut out = ::csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail, and the rows have one length.
    let _ = out.write_record(["old", "new", "path", "what", "old_bytes", "new_bytes", "grown_bytes", "renamed_from"]);
    let [old, new] = files else { return String::new() };
    for row in shown(growth, view, view.top.unwrap_or(usize::MAX)).0 {
        let bytes = |bytes: Option<u64>| bytes.map_or(String::new(), |bytes| bytes.to_string());
        let _ = out.write_record([
            old.name.clone(),
            new.name.clone(),
            row.path.clone(),
            row.what.clone(),
            bytes(row.old_bytes),
            bytes(row.new_bytes),
            row.difference().to_string(),
            row.renamed_from.clone().unwrap_or_default(),
        ]);
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// For programs.
#[derive(Serialize)]
pub(super) struct GrowthDocument<'a> {
    old_bytes: u64,
    new_bytes: u64,
    paths: Vec<GrownDocument<'a>>,
}

#[derive(Serialize)]
struct GrownDocument<'a> {
    path: &'a str,
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_bytes: Option<u64>,
    grown_bytes: i64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    own_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed_from: Option<&'a str>,
}

impl<'a> GrowthDocument<'a> {
    pub(super) fn new(growth: &'a Growth, view: &PartsView) -> Self {
        let rows = shown(growth, view, view.top.unwrap_or(usize::MAX)).0;
        let paths = rows.into_iter().map(|row| GrownDocument {
            path: &row.path,
            what: &row.what,
            old_bytes: row.old_bytes,
            new_bytes: row.new_bytes,
            // Sizes of files are far below 2^63.
            grown_bytes: i64::try_from(row.difference()).unwrap_or(i64::MAX),
            own_only: row.is_own,
            renamed_from: row.renamed_from.as_deref(),
        });
        GrowthDocument { old_bytes: growth.old_bytes, new_bytes: growth.new_bytes, paths: paths.collect() }
    }
}
