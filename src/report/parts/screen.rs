//! Which parts a person sees, line by line.
//!
//! If nothing is asked for, lines are spent where the bytes are: the heaviest part that is not shown yet comes next,
//! whatever its level, until the screen is full or what is left is light.

use super::{PartsView, children};
use crate::model::{Attribution, Bytes, Inspected, Part, clean, grouped};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Levels and parts of a part that are shown, where one of them is asked for.
const DEPTH: usize = 6;
const TOP: usize = 12;
/// The number of parts of a part that are shown before only those of 1 % are.
const MANY: usize = 12;
/// The share of a file, in thousandths, from which on a part below the second level is shown.
const LEAST: u64 = 1000;
/// The share, as one of so many parts, from which on those that are not shown have a line that counts them.
const LEAST_REST: u64 = 200;
/// The number of parts that are not values and have a line of their own.
const OTHERS: usize = 4;

/// One line of the tree.
pub(super) struct Row {
    /// The lines that lead to it.
    pub guide: String,
    /// The last steps of its path.
    pub step: String,
    pub path: String,
    pub what: String,
    pub note: String,
    /// The bytes of what the path names.
    pub bytes: u64,
    pub is_folded: bool,
}

/// A part with a line of its own, and those above it that need none.
struct Line {
    /// The part that the line begins with, and the one that it is about.
    first: usize,
    part: usize,
    level: usize,
    /// The lines below it, the heaviest first, and how many of them are shown.
    below: Vec<usize>,
    shown: usize,
    is_open: bool,
}

/// The lines of a file, as many as there may be.
pub(super) fn rows(file: &Inspected, view: &PartsView, most: usize) -> Vec<Row> {
    let attribution = &file.attribution;
    if view.depth == Some(0) {
        return vec![plain("(file)", file.format.to_owned(), attribution.bytes)];
    }
    let children = children(attribution);
    let is_value = |part: &usize| !attribution.parts[*part].step.starts_with('(');
    let (values, others): (Vec<usize>, Vec<usize>) = children[0].iter().partition(|part| is_value(part));
    let others = overhead(attribution, &others);
    let mut screen = Screen { attribution, children: &children, lines: Vec::new() };
    screen.lines.push(Line { first: 0, part: 0, level: 0, below: Vec::new(), shown: 0, is_open: true });
    screen.add_below(0, &values);
    if view.is_first_screen() {
        screen.choose(most.saturating_sub(others.len()));
    } else {
        screen.choose_asked(view);
    }
    let mut rows = screen.rows();
    rows.extend(others);
    rows
}

struct Screen<'a> {
    attribution: &'a Attribution,
    children: &'a [Vec<usize>],
    lines: Vec<Line>,
}

impl Screen<'_> {
    fn bytes(&self, line: usize) -> u64 {
        self.attribution.parts[self.lines[line].part].bytes
    }

    /// The lines of parts below a line.
    fn add_below(&mut self, above: usize, parts: &[usize]) {
        let level = self.lines[above].level + 1;
        let first = self.lines.len();
        for &part in parts {
            let end = self.end_of(part, level);
            self.lines.push(Line { first: part, part: end, level, below: Vec::new(), shown: 0, is_open: false });
        }
        let mut below: Vec<usize> = (first..self.lines.len()).collect();
        below.sort_by_key(|&line| Reverse(self.bytes(line)));
        self.lines[above].below = below;
    }

    /// A part that holds one thing, and next to nothing beside it, is a step of that thing's path.
    fn end_of(&self, first: usize, level: usize) -> usize {
        let parts = &self.attribution.parts;
        let mut part = first;
        while level > 1
            && let [only] = self.children[part][..]
            && !parts[only].step.starts_with("[*]")
            && (parts[first].bytes - parts[only].bytes) * 100 <= self.attribution.bytes
        {
            part = only;
        }
        part
    }

    /// Opens a line: what is below it may be shown from now on.
    fn open(&mut self, line: usize) {
        if std::mem::replace(&mut self.lines[line].is_open, true) {
            return;
        }
        let part = self.lines[line].part;
        if !self.is_trivial(part) {
            let parts = self.children[part].clone();
            self.add_below(line, &parts);
        }
    }

    /// Whether what a part consists of is said by the part: a list of nothing but integers.
    fn is_trivial(&self, part: usize) -> bool {
        match self.children[part][..] {
            [] => true,
            [only] => {
                let Part { step, tells_content, .. } = &self.attribution.parts[only];
                // The list does not say what strings hold.
                step == "[*]" && self.children[only].is_empty() && !tells_content
            }
            _ => false,
        }
    }

    /// Whether there is a line for those below a line that are not shown, if so many are: where all are light, or those
    /// that are left, the line above says enough.
    fn has_rest(&self, above: usize, shown: usize) -> bool {
        let rest = &self.lines[above].below[shown..];
        let bytes: u64 = rest.iter().map(|&line| self.bytes(line)).sum();
        !rest.is_empty()
            && (above == 0
                || (shown > 0 && (self.lines[above].level == 1 || bytes >= self.attribution.bytes / LEAST_REST)))
    }

    /// The heaviest lines, one by one, until there is no room for another.
    fn choose(&mut self, most: usize) {
        let whole = self.attribution.bytes;
        let mut used = usize::from(self.has_rest(0, 0));
        let mut heap = BinaryHeap::new();
        let push = |screen: &Screen, heap: &mut BinaryHeap<_>, above: usize| {
            let place = &screen.lines[above];
            if let Some(&next) = place.below.get(place.shown) {
                heap.push((screen.bytes(next), Reverse(above)));
            }
        };
        push(self, &mut heap, 0);
        while let Some((bytes, Reverse(above))) = heap.pop() {
            let place = &self.lines[above];
            let (shown, count, level) = (place.shown, place.below.len(), place.level + 1);
            let is_light =
                ((level > 2 || count > MANY) && bytes < whole / LEAST) || (shown >= MANY && bytes < whole / 100);
            // A rest of one part that would have a line in any case is shown as that part.
            let more = if count == shown + 2 && self.has_rest(above, shown + 1) { 2 } else { 1 };
            let now = shown + usize::from(self.has_rest(above, shown));
            let lines = shown + more + usize::from(self.has_rest(above, shown + more)) - now;
            if is_light || used + lines > most {
                continue;
            }
            used += lines;
            for _ in 0..more {
                let line = self.lines[above].below[self.lines[above].shown];
                self.lines[above].shown += 1;
                self.open(line);
                push(self, &mut heap, line);
            }
            push(self, &mut heap, above);
        }
    }

    /// The lines that were asked for.
    fn choose_asked(&mut self, view: &PartsView) {
        let depth = view.depth.unwrap_or(if view.least_bytes.is_some() { usize::MAX } else { DEPTH });
        let mut at = 0;
        let mut work = vec![0];
        while let Some(&above) = work.get(at) {
            at += 1;
            let level = self.lines[above].level + 1;
            if level > depth {
                continue;
            }
            let light = if level > 2 { self.attribution.bytes / LEAST } else { 0 };
            let least = view.least_bytes.unwrap_or(light);
            let below = &self.lines[above].below;
            let heavy = below.iter().take_while(|&&line| self.bytes(line) >= least).count();
            let mut shown = heavy.min(view.top.unwrap_or(TOP));
            // A line that says "1 more" is as long as that one's.
            if shown > 0 && shown + 1 == below.len() && view.top.is_none() && view.least_bytes.is_none() {
                shown += 1;
            }
            self.lines[above].shown = shown;
            for place in 0..shown {
                let line = self.lines[above].below[place];
                self.open(line);
                work.push(line);
            }
        }
    }

    /// The lines that were chosen, in order. Nothing recurses: a path may be as long as a pickle is deep.
    fn rows(&self) -> Vec<Row> {
        enum Waiting {
            Line { line: usize, guide: String, below: String },
            Rest(Row),
        }
        let mut rows = Vec::new();
        let mut waiting = Vec::new();
        let expand = |waiting: &mut Vec<Waiting>, above: usize, indent: &str| {
            let place = &self.lines[above];
            let is_top = above == 0;
            let (shown, rest) = place.below.split_at(place.shown);
            let has_rest = self.has_rest(above, place.shown);
            if has_rest {
                let bytes = rest.iter().map(|&line| self.bytes(line)).sum();
                let word = |line: usize| self.attribution.parts[self.lines[line].part].what.as_str();
                let is_one = rest[1..].iter().all(|&line| word(line) == word(rest[0]));
                let kind = if is_one { format!(", each {}", clean(word(rest[0]))) } else { String::new() };
                let what = format!("{} more{kind}", grouped(rest.len() as u64));
                let guide = if is_top { String::new() } else { format!("{indent}└─ ") };
                waiting.push(Waiting::Rest(Row { guide, is_folded: true, ..plain("…", what, bytes) }));
            }
            for (at, &line) in shown.iter().enumerate().rev() {
                let (own, below) = match (is_top, at + 1 == shown.len() && !has_rest) {
                    (true, _) => ("", ""),
                    (false, true) => ("└─ ", "   "),
                    (false, false) => ("├─ ", "│  "),
                };
                let (guide, below) = (format!("{indent}{own}"), format!("{indent}{below}"));
                waiting.push(Waiting::Line { line, guide, below });
            }
        };
        expand(&mut waiting, 0, "");
        while let Some(next) = waiting.pop() {
            match next {
                Waiting::Rest(row) => rows.push(row),
                Waiting::Line { line, guide, below } => {
                    rows.push(self.row(&self.lines[line], guide));
                    expand(&mut waiting, line, &below);
                }
            }
        }
        rows
    }

    fn row(&self, line: &Line, guide: String) -> Row {
        let attribution = self.attribution;
        let parts = &attribution.parts;
        let above = std::iter::successors(Some(line.part), |&part| parts[part].parent.filter(|_| part != line.first));
        let chain: Vec<usize> = above.collect();
        let step: String = chain.iter().rev().map(|&part| parts[part].step.as_str()).collect();
        let part = &parts[line.part];
        // The class of an object would not be seen otherwise.
        let object = chain[1..].iter().map(|&part| &parts[part].what).find(|what| what.contains('.'));
        let note = match (object, note(attribution, part)) {
            (None, note) => note,
            (Some(object), note) if note.is_empty() => format!("in {}", clean(object)),
            (Some(object), note) => format!("in {}, {note}", clean(object)),
        };
        Row {
            guide,
            step: clean(&step),
            path: clean(&attribution.path(line.part)),
            what: clean(&part.what),
            note,
            bytes: part.bytes,
            is_folded: false,
        }
    }
}

fn plain(step: &str, what: String, bytes: u64) -> Row {
    let step = step.to_owned();
    Row { guide: String::new(), path: step.clone(), step, what, note: String::new(), bytes, is_folded: false }
}

/// The other parts that refer to a part, or the part that it refers to.
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

/// The bytes that belong to no value: markers and headers on one line, the others on their own.
fn overhead(attribution: &Attribution, others: &[usize]) -> Vec<Row> {
    let is_marker = |part: &Part| ["(protocol)", "(frames)", "(stop)", "(stack)"].contains(&part.step.as_str());
    let (markers, others): (Vec<&Part>, Vec<&Part>) =
        others.iter().map(|&part| &attribution.parts[part]).partition(|part| is_marker(part));
    let shown = if others.len() > OTHERS + 1 { OTHERS } else { others.len() };
    let row = |part: &&Part| plain(&clean(&part.step), clean(&part.what), part.bytes);
    let mut rows: Vec<Row> = others[..shown].iter().map(row).collect();
    let sum = |parts: &[&Part]| parts.iter().map(|part| part.bytes).sum();
    if shown < others.len() {
        let what = format!("{} more", grouped((others.len() - shown) as u64));
        rows.push(Row { is_folded: true, ..plain("(…)", what, sum(&others[shown..])) });
    }
    if !markers.is_empty() {
        let list: Vec<String> = markers.iter().map(|part| format!("{} {}", part.what, Bytes(part.bytes))).collect();
        rows.push(plain("(overhead)", list.join(", "), sum(&markers)));
    }
    rows
}
