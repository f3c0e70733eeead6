//! Parts as tables for GitHub.

use super::findings::{findings, saving_text};
use super::screen::rows;
use super::{PartsView, introduction, share};
use crate::model::{Inspected, clean, grouped};
use crate::report::calls::calls_markdown;
use crate::report::table::escape_markdown;
use std::fmt::Write;

/// The files as tables for GitHub.
pub fn parts_markdown(files: &[Inspected], view: &PartsView) -> String {
    let mut out = String::new();
    for file in files {
        let _ = writeln!(out, "## {}\n\n{}\n", escape_markdown(&clean(&file.name)), introduction(file));
        if let Some(fault) = &file.attribution.fault {
            let _ = writeln!(out, "**Not read to its end**: {}\n", escape_markdown(&clean(&fault.to_string())));
        }
        out.push_str("| bytes | share | path | what | |\n| ---: | ---: | --- | --- | --- |\n");
        for row in rows(file, view, super::LINES) {
            let cells = [&row.path, &row.what, &row.note].map(|cell| escape_markdown(&clean(cell)));
            let [path, what, note] = cells;
            let share = share(row.bytes, file.attribution.bytes);
            let _ = writeln!(out, "| {} | {share} | {path} | {what} | {note} |", grouped(row.bytes));
        }
        out.push('\n');
        let findings = findings(&file.attribution, view);
        for text in &findings {
            let _ = writeln!(out, "- {}", escape_markdown(text));
        }
        if !findings.is_empty() {
            out.push('\n');
        }
        for note in &file.attribution.notes {
            let _ = writeln!(out, "{}\n", escape_markdown(&clean(note)));
        }
        if let Some(tally) = &file.tally {
            out.push_str("| bytes | count | opcode |\n| ---: | ---: | --- |\n");
            for row in &tally.opcodes {
                let name = escape_markdown(&row.name);
                let _ = writeln!(out, "| {} | {} | {name} |", grouped(row.bytes), grouped(row.count));
            }
            out.push('\n');
            for saving in &tally.savings {
                let _ = writeln!(out, "- {}", escape_markdown(&saving_text(tally, saving)));
            }
        }
        if let Some(calls) = &file.calls {
            calls_markdown(&mut out, calls);
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
