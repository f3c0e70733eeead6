//! Who owns which bytes of a file: as a tree for a person, and as tables for programs.

use super::calls::{calls_markdown, calls_text};
use super::growth::GrowthDocument;
use super::style::{BAD, FAINT, PLAIN, Span, TITLE, clean, columns, cut, push_line, span};
use super::table::escape_markdown;
use super::units::grouped;
use crate::model::{Attribution, Bytes, Calls, Finding, Growth, INSPECTION_SCHEMA, Inspected, Part, Saving, Tally};
use serde::Serialize;
use std::fmt::Write;

/// How much of the parts is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct PartsView {
    /// Levels below the file.
    pub depth: Option<usize>,
    /// The least bytes of a part.
    pub least_bytes: Option<u64>,
    /// The most parts of a part.
    pub top: Option<usize>,
    /// Of text.
    pub width: usize,
    /// Of text.
    pub color: bool,
}

/// What a person sees if nothing else is asked for.
const DEPTH: usize = 6;
const TOP: usize = 12;
/// The share of a file, in thousandths, from which on a part below the second level is shown.
const LEAST: u64 = 1000;
/// The columns of `999 MB  100.00 %  `.
const NUMBERS: usize = 20;

/// One line of the tree.
struct Row {
    /// The lines that lead to it.
    guide: String,
    /// The last steps of its path.
    step: String,
    path: String,
    what: String,
    note: String,
    bytes: u64,
    is_folded: bool,
}

/// The files as trees.
pub fn parts_text(files: &[Inspected], view: &PartsView) -> String {
    let mut out = String::new();
    for file in files {
        if !out.is_empty() {
            out.push('\n');
        }
        let title = format!("{}: {}", clean(&file.name), introduction(file));
        push_line(&mut out, &[span(TITLE, title)], usize::MAX, view.color);
        if let Some(fault) = &file.attribution.fault {
            let text = format!("not read to its end: {}", clean(&fault.to_string()));
            push_line(&mut out, &[span(BAD, text)], usize::MAX, view.color);
        }
        tree(&mut out, file, view);
        for finding in &file.attribution.findings {
            let text = finding_text(&file.attribution, finding);
            push_line(&mut out, &[span(PLAIN, clean(&text))], view.width, view.color);
        }
        for note in &file.attribution.notes {
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

/// `$["a"]: the same bytes as $["b"] (3.9 MB, 49.00 %)`.
fn finding_text(attribution: &Attribution, finding: &Finding) -> String {
    let place = finding.part.map_or(String::new(), |part| format!("{}: ", attribution.path(part)));
    let saves = finding.saves_bytes.map_or(String::new(), |bytes| {
        format!("; that would save {} ({})", Bytes(bytes), share(bytes, attribution.bytes))
    });
    format!("{place}{}{saves}", finding.text)
}

fn introduction(file: &Inspected) -> String {
    let attribution = &file.attribution;
    let mut text = format!("{} of {}", Bytes(attribution.bytes), file.format);
    if let Some(packed) = file.packed_bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, ", unpacked from {}", Bytes(packed));
    }
    match attribution.pickles {
        0 | 1 => {}
        pickles => {
            let _ = write!(text, ", {} pickles", grouped(pickles));
        }
    }
    if attribution.pickles > 0 {
        let _ = write!(text, ", protocol {}", attribution.protocol);
    }
    text
}

fn tree(out: &mut String, file: &Inspected, view: &PartsView) {
    let rows = rows(&file.attribution, view);
    let whole = file.attribution.bytes;
    let room = view.width.saturating_sub(NUMBERS);
    let widest = |width: &dyn Fn(&Row) -> usize| rows.iter().map(width).max().unwrap_or(0);
    let path = widest(&|row| columns(&row.guide) + columns(&row.step));
    let what = widest(&|row| columns(&row.what) + if row.note.is_empty() { 0 } else { columns(&row.note) + 2 });
    // What a part is may be cut before the path is, down to two fifths of the room.
    let path = path.min((room * 3 / 5).max(room.saturating_sub(what + 2)));
    for row in &rows {
        let style = if row.is_folded { FAINT } else { PLAIN };
        let mut spans: Vec<Span> = vec![
            span(PLAIN, format!("{:>8}  {:>8}  ", Bytes(row.bytes).to_string(), share(row.bytes, whole))),
            span(FAINT, row.guide.clone()),
        ];
        let left = path.saturating_sub(columns(&row.guide));
        let step = cut(&row.step, left);
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

/// `99.99 %`; what is not all never shows as all.
fn share(bytes: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let hundredths = (bytes as f64 / whole as f64 * 10_000.0).round().min(10_000.0) as u64;
    let hundredths = if hundredths == 10_000 && bytes < whole { 9_999 } else { hundredths };
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// What is to be written next.
enum Waiting {
    Part {
        part: usize,
        /// The guide of its line, and that of the lines below it.
        guide: String,
        below: String,
        level: usize,
    },
    Rest(Row),
}

/// The lines of the tree in order. Nothing recurses: a path may be as long as a pickle is deep.
fn rows(attribution: &Attribution, view: &PartsView) -> Vec<Row> {
    let children = children(attribution);
    let is_value = |part: &usize| !attribution.parts[*part].step.starts_with('(');
    let (values, others): (Vec<usize>, Vec<usize>) = children[0].iter().partition(|part| is_value(part));
    let mut rows = Vec::new();
    let mut waiting = Vec::new();
    wait(&mut waiting, attribution, &values, ("", ""), 1, view);
    while let Some(next) = waiting.pop() {
        let (first, guide, below, level) = match next {
            Waiting::Rest(row) => {
                rows.push(row);
                continue;
            }
            Waiting::Part { part, guide, below, level } => (part, guide, below, level),
        };
        let mut part = first;
        let mut object = None;
        let mut step = attribution.parts[part].step.clone();
        // A dict or an object that holds one thing is a step of that thing's path.
        while level > 1
            && let [only] = children[part][..]
            && !attribution.parts[only].step.starts_with("[*]")
        {
            // The class of an object would not be seen otherwise.
            let what = &attribution.parts[part].what;
            if what.contains('.') {
                object = Some(format!("in {}", clean(what)));
            }
            part = only;
            step.push_str(&attribution.parts[part].step);
        }
        let mut row = row(attribution, first, part, step, guide);
        if let Some(object) = object {
            row.note = if row.note.is_empty() { object } else { format!("{object}, {}", row.note) };
        }
        rows.push(row);
        if !is_trivial(attribution, &children, part) {
            wait(&mut waiting, attribution, &children[part], ("├─ ", &below), level + 1, view);
        }
    }
    rows.extend(overhead(attribution, &others));
    rows
}

/// Puts the parts that are shown on the stack, and a line for those that are not.
fn wait(
    waiting: &mut Vec<Waiting>,
    attribution: &Attribution,
    parts: &[usize],
    (branch, indent): (&str, &str),
    level: usize,
    view: &PartsView,
) {
    if level > view.depth.unwrap_or(DEPTH) {
        return;
    }
    let light = if level > 2 { attribution.bytes / LEAST } else { 0 };
    let least = view.least_bytes.unwrap_or(light);
    let heavy = parts.iter().take_while(|&&part| attribution.parts[part].bytes >= least).count();
    let mut shown = heavy.min(view.top.unwrap_or(TOP));
    // A line that says "1 more" is as long as that one's.
    if shown > 0 && shown + 1 == parts.len() && view.top.is_none() && view.least_bytes.is_none() {
        shown += 1;
    }
    let (shown, folded) = parts.split_at(shown);
    let (last, lead) = if branch.is_empty() { ("", "") } else { ("└─ ", "│  ") };
    // Where all are light, what they are light of says enough.
    if !folded.is_empty() && (level == 1 || !shown.is_empty()) {
        waiting.push(Waiting::Rest(Row {
            guide: format!("{indent}{last}"),
            step: "…".to_owned(),
            path: String::new(),
            what: format!("{} more", grouped(folded.len() as u64)),
            note: String::new(),
            bytes: folded.iter().map(|&part| attribution.parts[part].bytes).sum(),
            is_folded: true,
        }));
    }
    for (at, &part) in shown.iter().enumerate().rev() {
        let is_last = at + 1 == shown.len() && folded.is_empty();
        let (own, below) = match (branch.is_empty(), is_last) {
            (true, _) => ("", ""),
            (false, true) => (last, "   "),
            (false, false) => (branch, lead),
        };
        waiting.push(Waiting::Part { part, guide: format!("{indent}{own}"), below: format!("{indent}{below}"), level });
    }
}

/// The parts of each part, the heaviest first.
fn children(attribution: &Attribution) -> Vec<Vec<usize>> {
    let mut children = vec![Vec::new(); attribution.parts.len().max(1)];
    for (at, part) in attribution.parts.iter().enumerate() {
        if let Some(parent) = part.parent.filter(|&parent| parent < at) {
            children[parent].push(at);
        }
    }
    for parts in &mut children {
        parts.sort_by_key(|&part| std::cmp::Reverse(attribution.parts[part].bytes));
    }
    children
}

/// Whether what a part consists of is said by the part: a list of nothing but integers.
fn is_trivial(attribution: &Attribution, children: &[Vec<usize>], part: usize) -> bool {
    match children[part][..] {
        [] => true,
        [only] => attribution.parts[only].step == "[*]" && children[only].is_empty(),
        _ => false,
    }
}

/// The line of the path that begins at the part `first` and ends at `part`.
fn row(attribution: &Attribution, first: usize, part: usize, step: String, guide: String) -> Row {
    let place = &attribution.parts[part];
    Row {
        guide,
        step: clean(&step),
        path: attribution.path(part),
        what: clean(&place.what),
        note: note(attribution, place),
        bytes: attribution.parts[first].bytes,
        is_folded: false,
    }
}

/// Who else refers to a part, or to what it refers.
fn note(attribution: &Attribution, part: &Part) -> String {
    let related: Vec<String> = part.related.iter().map(|&other| clean(&attribution.path(other))).collect();
    match (part.references, related.is_empty()) {
        (0, true) => String::new(),
        (0, false) => format!("to {}", related.join(", ")),
        (times, true) => format!("referenced {}", self::times(times)),
        (times, false) => format!("referenced {} from {}", self::times(times), related.join(", ")),
    }
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{} times", grouped(count)) }
}

/// What belongs to no value: markers and headers on one line, the others on their own.
fn overhead(attribution: &Attribution, others: &[usize]) -> Vec<Row> {
    let is_marker = |part: &Part| ["(protocol)", "(frames)", "(stop)", "(stack)"].contains(&part.step.as_str());
    let plain = |step: &str, what: String, bytes: u64| Row {
        guide: String::new(),
        step: step.to_owned(),
        path: step.to_owned(),
        what,
        note: String::new(),
        bytes,
        is_folded: false,
    };
    let mut rows = Vec::new();
    let (markers, others): (Vec<&Part>, Vec<&Part>) =
        others.iter().map(|&part| &attribution.parts[part]).partition(|part| is_marker(part));
    let list: Vec<String> = markers.iter().map(|part| format!("{} {}", part.what, Bytes(part.bytes))).collect();
    for part in others {
        rows.push(plain(&clean(&part.step), clean(&part.what), part.bytes));
    }
    if !markers.is_empty() {
        rows.push(plain("(overhead)", list.join(", "), markers.iter().map(|part| part.bytes).sum()));
    }
    rows
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

fn saving_text(tally: &Tally, saving: &Saving) -> String {
    let about = if saving.exact { "" } else { "about " };
    let change = if saving.bytes <= tally.bytes {
        format!("saves {}", share(tally.bytes - saving.bytes, tally.bytes))
    } else {
        format!("costs {} more", share(saving.bytes - tally.bytes, tally.bytes))
    };
    format!("{}: {about}{} bytes, {change}", saving.action, grouped(saving.bytes))
}

/// The files as tables for GitHub.
pub fn parts_markdown(files: &[Inspected], view: &PartsView) -> String {
    let mut out = String::new();
    for file in files {
        let _ = writeln!(out, "## {}\n\n{}\n", escape_markdown(&clean(&file.name)), introduction(file));
        if let Some(fault) = &file.attribution.fault {
            let _ = writeln!(out, "**Not read to its end**: {}\n", escape_markdown(&clean(&fault.to_string())));
        }
        out.push_str("| bytes | share | path | what | |\n| ---: | ---: | --- | --- | --- |\n");
        for row in rows(&file.attribution, view) {
            let path = if row.path.is_empty() { row.step } else { row.path };
            let cells = [&path, &row.what, &row.note].map(|cell| escape_markdown(&clean(cell)));
            let [path, what, note] = cells;
            let share = share(row.bytes, file.attribution.bytes);
            let _ = writeln!(out, "| {} | {share} | {path} | {what} | {note} |", grouped(row.bytes));
        }
        out.push('\n');
        for finding in &file.attribution.findings {
            let text = finding_text(&file.attribution, finding);
            let _ = writeln!(out, "- {}", escape_markdown(&clean(&text)));
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

/// The parts that a program gets: all, or those that were asked for.
fn chosen<'a>(attribution: &'a Attribution, view: &PartsView) -> impl Iterator<Item = (usize, &'a Part)> {
    let PartsView { depth, least_bytes, top, .. } = *view;
    let children = children(attribution);
    let mut levels = vec![0; attribution.parts.len()];
    let mut is_kept = vec![true; attribution.parts.len()];
    for at in 1..attribution.parts.len() {
        let part = &attribution.parts[at];
        let Some(parent) = part.parent else { continue };
        levels[at] = levels[parent] + 1;
        let place = || children[parent].iter().position(|&other| other == at).unwrap_or(0);
        is_kept[at] = is_kept[parent]
            && depth.is_none_or(|depth| levels[at] <= depth)
            && least_bytes.is_none_or(|least| part.bytes >= least)
            && top.is_none_or(|top| place() < top);
    }
    attribution.parts.iter().enumerate().filter(move |(at, _)| is_kept[*at])
}

/// A line for each part, in bytes.
pub fn parts_csv(files: &[Inspected], view: &PartsView) -> String {
    let mut out = ::csv::Writer::from_writer(Vec::new());
    let header = ["file", "path", "what", "bytes", "own_bytes", "count", "offset", "references"];
    // Writing to memory cannot fail, and the rows have one length.
    let _ = out.write_record(header);
    for file in files {
        for (at, part) in chosen(&file.attribution, view) {
            let _ = out.write_record([
                file.name.clone(),
                file.attribution.path(at),
                part.what.clone(),
                part.bytes.to_string(),
                part.own_bytes.to_string(),
                part.count.to_string(),
                part.offset.map_or(String::new(), |offset| offset.to_string()),
                part.references.to_string(),
            ]);
        }
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    files: Vec<FileDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    growth: Option<GrowthDocument<'a>>,
}

#[derive(Serialize)]
struct FileDocument<'a> {
    file: &'a str,
    format: &'a str,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    packed_bytes: Option<u64>,
    pickles: u64,
    protocol: u8,
    out_of_band_buffers: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'a crate::model::Fault>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingDocument<'a>>,
    parts: Vec<PartDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opcodes: Option<&'a Tally>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<&'a Calls>,
}

#[derive(Serialize)]
struct FindingDocument<'a> {
    kind: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saves_bytes: Option<u64>,
}

#[derive(Serialize)]
struct PartDocument<'a> {
    path: String,
    depth: usize,
    what: &'a str,
    bytes: u64,
    own_bytes: u64,
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "is_zero")]
    references: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    referenced_from: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refers_to: Option<String>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The files for programs. `schema/sercost.inspection-1.json` describes the layout.
pub fn parts_json(files: &[Inspected], growth: Option<&Growth>, view: &PartsView) -> String {
    let files = files
        .iter()
        .map(|file| {
            let attribution = &file.attribution;
            let parts = chosen(attribution, view).map(|(at, part)| {
                let mut related: Vec<String> = part.related.iter().map(|&other| attribution.path(other)).collect();
                let refers_to = if part.references == 0 { related.pop() } else { None };
                PartDocument {
                    path: attribution.path(at),
                    depth: attribution.depth(at),
                    what: &part.what,
                    bytes: part.bytes,
                    own_bytes: part.own_bytes,
                    count: part.count,
                    offset: part.offset,
                    references: part.references,
                    referenced_from: related,
                    refers_to,
                }
            });
            let findings = attribution.findings.iter().map(|finding| FindingDocument {
                kind: &finding.kind,
                text: &finding.text,
                path: finding.part.map(|part| attribution.path(part)),
                saves_bytes: finding.saves_bytes,
            });
            FileDocument {
                file: &file.name,
                format: &file.format,
                bytes: attribution.bytes,
                packed_bytes: file.packed_bytes,
                pickles: attribution.pickles,
                protocol: attribution.protocol,
                out_of_band_buffers: attribution.out_of_band_buffers,
                fault: attribution.fault.as_ref(),
                notes: &attribution.notes,
                findings: findings.collect(),
                parts: parts.collect(),
                opcodes: file.tally.as_ref(),
                calls: file.calls.as_ref(),
            }
        })
        .collect();
    let growth = growth.map(|growth| GrowthDocument::new(growth, view));
    let document = Document { schema: INSPECTION_SCHEMA, files, growth };
    // Strings and integers, which JSON always has a form for.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// Folded stacks: the steps of a path divided by `;`, a blank, and the bytes that are the part's own.
pub fn folded(files: &[Inspected], view: &PartsView) -> String {
    let frame = |text: &str| clean(text).replace(';', ",");
    let mut out = String::new();
    for file in files {
        let parts = &file.attribution.parts;
        // What is not shown is counted where it hangs.
        let mut own: Vec<u64> = parts.iter().map(|part| part.own_bytes).collect();
        let kept: std::collections::BTreeSet<usize> = chosen(&file.attribution, view).map(|(at, _)| at).collect();
        for at in (1..parts.len()).rev().filter(|at| !kept.contains(at)) {
            if let Some(parent) = parts[at].parent {
                own[parent] += own[at];
            }
        }
        for &at in kept.iter().filter(|&&at| own[at] > 0) {
            let above = std::iter::successors(Some(at), |&at| parts[at].parent).filter(|&at| at > 0);
            let mut frames: Vec<String> = above.map(|at| frame(&parts[at].step)).collect();
            frames.push(frame(&file.name));
            frames.reverse();
            let _ = writeln!(out, "{} {}", frames.join(";"), own[at]);
        }
    }
    out
}
