//! The report as GitHub Markdown: the same tables and sentences, every column shown.

use super::changes::Changes;
use super::facts::{Fact, environment, introduction, warnings};
use super::first::Screen;
use super::style::TIE;
use super::table::escape_markdown;
use super::tables::{main_table, percentile_note, spread_table};
use super::tasks;
use super::words::{Room, detailed_words, words};
use crate::analysis::{PayloadRows, Row, calls, collect};
use crate::model::{Run, clean};

/// The run as GitHub Markdown, one `##` section for each payload.
///
/// Without `details` it has the rows that matter and the answers in words, as the first screen of text.
pub fn markdown(run: &Run, details: bool) -> String {
    let mut out = String::new();
    facts(&mut out, &warnings(run));
    for rows in collect(run) {
        out.push_str(&format!("## {}\n\n", escape_markdown(&clean(&rows.info.name))));
        for line in introduction(&rows, &run.environment, details) {
            out.push_str(&format!("- {}\n", escape_markdown(&line).replace(TIE, " ")));
        }
        out.push('\n');
        if rows.sections.is_empty() && rows.walks.is_empty() {
            out.push_str("Nothing was measured.\n\n");
            continue;
        }
        let screen = Screen::of(&rows);
        if details {
            detailed(&mut out, &rows, &screen, run);
            changes(&mut out, run, &rows);
            continue;
        }
        // A page has room for all links.
        let room = Room { links: usize::MAX, ..Room::WHOLE };
        if rows.ranked().next().is_some() || screen.has_only_sized() {
            out.push_str(&screen.table(&rows, room).markdown());
            out.push('\n');
            if let Some(hidden) = screen.hidden(room) {
                out.push_str(&format!("{}.\n\n", hidden.sentence()));
            }
            out.push_str(&marks(&rows));
        } else if rows.sections.is_empty() {
            out.push_str(&format!("{}\n", main_table(&rows).markdown()));
        }
        facts(&mut out, &words(&rows, &screen, run, room));
        changes(&mut out, run, &rows);
    }
    let calls = calls(&run.scenarios, &run.components);
    let scenarios = tasks::scenarios(&calls);
    if !scenarios.is_empty() {
        of_tasks(&mut out, &scenarios);
    }
    if details || !scenarios.is_empty() {
        out.push_str("## Environment\n\n");
        facts(&mut out, &environment(run));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Every row, the percentiles and memory, and what the first screen leaves out.
fn detailed(out: &mut String, rows: &PayloadRows<'_>, screen: &Screen<'_>, run: &Run) {
    out.push_str(&main_table(rows).markdown());
    out.push('\n');
    if let Some(reference) = &rows.info.reference {
        let reference = escape_markdown(&clean(reference));
        out.push_str(&format!("Ratio: total against {reference}, round by round, with its 95 % interval.\n\n"));
    }
    out.push_str(&marks(rows));
    if rows.ranked().next().is_some() {
        out.push_str(&spread_table(rows).markdown());
        out.push('\n');
        if let Some(note) = percentile_note(rows) {
            out.push_str(&format!("{note}.\n\n"));
        }
    }
    facts(out, &detailed_words(rows, screen, run));
}

/// What changed since an earlier run.
fn changes(out: &mut String, run: &Run, rows: &PayloadRows<'_>) {
    let Some(changes) = Changes::of(run, &rows.info.name) else { return };
    out.push_str(&format!("### {}\n\n", escape_markdown(&changes.title())));
    for table in [changes.counts(), changes.times()] {
        if !table.lines.is_empty() {
            out.push_str(&format!("{}\n", table.markdown()));
        }
    }
    facts(out, &changes.facts());
}

/// The meaning of the marks in tables that no word there explains.
fn marks(rows: &PayloadRows<'_>) -> String {
    if rows.ranked().any(Row::loses) {
        "≠: loses something, and is not a candidate.\n\n".to_owned()
    } else {
        String::new()
    }
}

/// The scenarios side by side, then the ledgers of each.
fn of_tasks(out: &mut String, all: &[tasks::ScenarioRows<'_>]) {
    out.push_str("## What a task costs\n\n");
    if let Some(line) = tasks::introduction(all) {
        out.push_str(&format!("- {}\n", escape_markdown(&line).replace(TIE, " ")));
    }
    out.push_str(&format!("\n{}\n", tasks::overview(all).markdown()));
    facts(out, &tasks::first_facts(all));
    for table in tasks::side_by_side(all) {
        out.push_str(&format!("{}\n", table.markdown()));
    }
    for rows in all {
        out.push_str(&format!("## {}\n\n", escape_markdown(&clean(&rows.info.scenario))));
        out.push_str(&format!("{}\n\n", escape_markdown(&clean(&rows.info.description))));
        let (table, _) = tasks::ledgers(rows, true);
        if !table.lines.is_empty() {
            out.push_str(&format!("{}\n", table.markdown()));
        }
        facts(out, &tasks::conclusions(rows));
    }
}

fn facts(out: &mut String, facts: &[Fact]) {
    for fact in facts {
        for line in &fact.lines {
            out.push_str(&format!("- **{}**: {}\n", fact.key, escape_markdown(line).replace(TIE, " ")));
        }
    }
    if !facts.is_empty() {
        out.push('\n');
    }
}
