//! The imports and calls of loading a file, for a person.

use super::parts::PartsView;
use super::style::{BAD, FAINT, PLAIN, TITLE, push_line, span};
use super::table::escape_markdown;
use crate::model::{CalledName, Calls, Trust, clean, grouped};
use std::fmt::Write;

/// The number of names that a check would not pass which have a line.
const MOST: usize = 12;

/// `imports and calls`, as far as that is so.
pub fn call_words(name: &CalledName) -> String {
    let words = [(name.imports > 0, "imports"), (name.calls > 0, "calls"), (name.changes > 0, "changes")];
    let words: Vec<&str> = words.into_iter().filter_map(|(is_so, word)| is_so.then_some(word)).collect();
    match words[..] {
        [] => "names".to_owned(),
        [one] => one.to_owned(),
        [ref first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// How often each is done: `called 3 times, given its state twice`.
fn counts(name: &CalledName) -> String {
    let times = |count: u64| if count == 1 { "once".to_owned() } else { format!("{} times", grouped(count)) };
    let mut done = Vec::new();
    if name.calls > 0 {
        done.push(format!("called {}", times(name.calls)));
    } else if name.imports > 0 {
        done.push("imported and not called".to_owned());
    }
    if name.states > 0 {
        done.push(format!("given its state {}", times(name.states)));
    }
    if name.changes > 0 {
        done.push(format!("changed {}", times(name.changes)));
    }
    done.join(", ")
}

/// Where it stands first.
pub fn call_place(name: &CalledName) -> String {
    match &name.member {
        Some(member) => format!("at byte {} in {}", name.offset, clean(member)),
        None => format!("at byte {}", name.offset),
    }
}

/// The names of one kind on one line.
fn list(calls: &Calls, trust: Trust) -> String {
    let names = calls.names.iter().filter(|name| name.trust == trust && name.passes());
    let words = names.map(|name| match name.calls.max(name.imports) {
        0 | 1 => clean(&name.name),
        times => format!("{} ({})", clean(&name.name), grouped(times)),
    });
    words.collect::<Vec<_>>().join(", ")
}

const KINDS: [(Trust, &str); 3] =
    [(Trust::Own, "your own program's"), (Trust::Allowed, "allowed"), (Trust::Harmless, "known to be harmless")];

fn title(calls: &Calls) -> String {
    match calls.refused().count() {
        0 if calls.names.is_empty() => "loading it imports and calls nothing".to_owned(),
        0 => "loading it imports and calls nothing but what is known".to_owned(),
        1 => "loading it imports or calls 1 name that is not known to be harmless".to_owned(),
        count => {
            format!("loading it imports or calls {} names that are not known to be harmless", grouped(count as u64))
        }
    }
}

fn persistent(calls: &Calls) -> Option<String> {
    let ids = calls.persistent_ids;
    (ids > 0)
        .then(|| format!("persistent ids: {}; only the program that loads it knows what they stand for", grouped(ids)))
}

/// The section of a file in text.
pub(super) fn calls_text(out: &mut String, calls: &Calls, view: &PartsView) {
    let mut line = |style, text: String| push_line(out, &[span(style, text)], view.width, view.color);
    line(PLAIN, String::new());
    line(TITLE, title(calls));
    let most = view.top.unwrap_or(MOST);
    let refused: Vec<&CalledName> = calls.refused().collect();
    for name in refused.iter().take(most) {
        line(BAD, format!("  {}  {}, {}", clean(&name.name), counts(name), call_place(name)));
    }
    if refused.len() > most {
        line(FAINT, format!("  … {} more; --top shows them", grouped((refused.len() - most) as u64)));
    }
    for (trust, words) in KINDS {
        let names = list(calls, trust);
        if !names.is_empty() {
            line(PLAIN, format!("  {words}: {names}"));
        }
    }
    if let Some(text) = persistent(calls) {
        line(FAINT, format!("  {text}"));
    }
}

/// The section of a file in Markdown.
pub(super) fn calls_markdown(out: &mut String, calls: &Calls) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}\n", escape_markdown(&title(calls)));
    if calls.names.is_empty() {
        return;
    }
    out.push_str("| name | known as | done | first |\n| --- | --- | --- | --- |\n");
    for name in &calls.names {
        let known = match (name.passes(), name.trust) {
            (true, trust) => KINDS.iter().find(|(kind, _)| *kind == trust).map_or("", |(_, words)| words),
            (false, Trust::Unknown) => "**not to be told**",
            (false, _) => "**not known**",
        };
        let cells = [clean(&name.name), counts(name), call_place(name)].map(|cell| escape_markdown(&cell));
        let _ = writeln!(out, "| {} | {known} | {} | {} |", cells[0], cells[1], cells[2]);
    }
    if let Some(text) = persistent(calls) {
        let _ = writeln!(out, "\n{text}");
    }
    out.push('\n');
}
