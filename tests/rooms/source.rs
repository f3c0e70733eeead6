//! A file of source as Rust's own tokens, and what it does that it may not.

use super::{CRATES, MOST_LINES, MOST_LINES_OF_FUNCTION, MOST_LINES_OF_VERB, ORDERS, PLACES, ROOMS, TABLES};
use proc_macro2::{TokenStream, TokenTree};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A token with the line it begins on. Delimiters are tokens too.
struct Token {
    text: String,
    line: usize,
}

pub(crate) struct SourceFile {
    /// Below `src`, as in `payload/read/json.rs`.
    path: String,
    lines: Vec<String>,
    tokens: Vec<Token>,
}

/// The faults of files: what a file does that it may not.
#[derive(Default)]
pub(crate) struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, file: &SourceFile, line: usize, what: impl fmt::Display) {
        let fault = format!("{}:{line}: {what}", file.path);
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }
}

impl SourceFile {
    fn new(path: &str, text: &str) -> Self {
        let stream: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        SourceFile { path: path.to_owned(), lines: text.lines().map(str::to_owned).collect(), tokens }
    }

    /// The module that the file is, from the crate's root.
    pub(crate) fn module(&self) -> Vec<String> {
        let mut parts: Vec<String> = self.path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if ["mod", "lib", "main"].contains(&parts[parts.len() - 1].as_str()) {
            parts.pop();
        }
        parts
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }

    pub(crate) fn check_rooms(&self, faults: &mut Faults) {
        let module = self.module();
        let Some(room) = module.first() else { return };
        for (line, path) in self.paths() {
            let Some(used) = path.first() else { continue };
            match used.as_str() {
                "sercost" => faults.add(self, line, "the library names itself sercost; write crate"),
                "*" => faults.add(self, line, format_args!("{room} may not use the whole crate")),
                used if !is_permitted(room, used) => faults.add(self, line, format_args!("{room} may not use {used}")),
                _ => {}
            }
            let verb = |path: &[String]| match path {
                [room, verb, ..] if room == "command" => is_verb(verb).then(|| verb.clone()),
                _ => None,
            };
            if let (Some(own), Some(other)) = (verb(&module), verb(&path))
                && own != other
            {
                faults.add(self, line, format_args!("the verb {own} may not use the verb {other}"));
            }
        }
    }

    /// The crates of the workspace are used by the rooms that need them, and handed out by none but the model.
    pub(crate) fn check_crates(&self, faults: &mut Faults) {
        let module = self.module();
        let Some(room) = module.first() else { return };
        let known = |name: &str| CRATES.iter().any(|(of, _)| of.split("::").next() == Some(name));
        for at in (0..self.tokens.len()).filter(|&at| known(self.text(at)) && !self.is_continued(at)) {
            let mut found = Vec::new();
            self.walk(at, Vec::new(), &mut found);
            let is_handed_out = at >= 2 && self.text(at - 1) == "use" && ["pub", ")"].contains(&self.text(at - 2));
            for (line, path) in found {
                let path = path.join("::");
                let is_of =
                    |of: &str| path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
                let may_use = CRATES.iter().any(|(of, rooms)| is_of(of) && rooms.contains(&room.as_str()));
                if !may_use {
                    faults.add(self, line, format_args!("{room} may not use {path}"));
                } else if is_handed_out && room != "model" {
                    faults.add(self, line, format_args!("{room} hands out what is {path}"));
                }
            }
        }
    }

    pub(crate) fn check_order(&self, faults: &mut Faults) {
        let module = self.module();
        let [room, own, ..] = module.as_slice() else { return };
        let Some((_, order)) = ORDERS.iter().find(|(ordered, _)| ordered == room) else { return };
        let place = |name: &str| order.iter().position(|module| *module == name);
        let Some(own_place) = place(own) else {
            faults.add(self, 1, format_args!("{own} has no place in the order of {room}"));
            return;
        };
        // Tests stand last in a file, and may use what is above its module to make what they look at.
        let is_tests = |at: &usize| self.text(*at) == "mod" && self.text(at + 1) == "tests";
        let tests = (0..self.tokens.len()).find(is_tests).map_or(usize::MAX, |at| self.tokens[at].line);
        for (line, path) in self.paths() {
            let [of, used, ..] = path.as_slice() else { continue };
            if of != room || used == own || line >= tests {
                continue;
            }
            match place(used) {
                Some(place) if place < own_place => {}
                Some(_) => faults.add(self, line, format_args!("{own} may not use {used} of the same room")),
                None => faults.add(self, line, format_args!("{own} may not use {used} by way of the room")),
            }
        }
    }

    /// A file of a screen or two, functions that are seen at once, verbs that only call studies.
    pub(crate) fn check_sizes(&self, faults: &mut Faults) {
        let is_table = TABLES.iter().any(|table| self.path.ends_with(table)) || self.path.contains("generated/");
        if self.lines.len() > MOST_LINES && !is_table {
            faults.add(self, self.lines.len(), format_args!("a file of more than {MOST_LINES} lines"));
        }
        if let [room, verb] = self.module().as_slice()
            && room == "command"
            && is_verb(verb)
            && self.lines.len() >= MOST_LINES_OF_VERB
        {
            faults.add(self, self.lines.len(), format_args!("a verb of more than {MOST_LINES_OF_VERB} lines"));
        }
        for at in (0..self.tokens.len()).filter(|&at| self.text(at) == "fn") {
            // A type of functions has no name.
            if self.text(at + 1) == "(" {
                continue;
            }
            let Some(lines) = self.body_end(at).map(|end| self.tokens[end].line - self.tokens[at].line + 1) else {
                continue;
            };
            if lines > MOST_LINES_OF_FUNCTION {
                let name = self.text(at + 1);
                faults.add(self, self.tokens[at].line, format_args!("fn {name} has {lines} lines"));
            }
        }
    }

    /// The token that ends the body of the function at `at`; `None` where it has none.
    fn body_end(&self, at: usize) -> Option<usize> {
        let mut open = 0;
        for (end, token) in self.tokens.iter().enumerate().skip(at) {
            match token.text.as_str() {
                ";" if open == 0 => return None,
                "(" | "[" | "{" => open += 1,
                ")" | "]" | "}" => open -= 1,
                _ => {}
            }
            if token.text == "}" && open == 0 {
                return Some(end);
            }
        }
        None
    }

    /// What is handed out again from another room would be used by those who may not enter that.
    pub(crate) fn check_exports(&self, faults: &mut Faults) {
        for (at, token) in self.tokens.iter().enumerate() {
            let from = match (self.text(at), self.text(at + 1), self.text(at + 3), self.text(at + 4)) {
                ("pub", "use", ..) => at + 2,
                ("pub", "(", ")", "use") => at + 5,
                _ => continue,
            };
            let mut found = Vec::new();
            if ["crate", "self", "super"].contains(&self.text(from)) {
                self.walk(from, self.module(), &mut found);
            }
            let module = self.module();
            for (_, path) in found {
                if let (Some(own), Some(other)) = (module.first(), path.first())
                    && own != other
                {
                    faults.add(self, token.line, format_args!("{own} hands out what is {other}'s"));
                }
            }
        }
    }

    pub(crate) fn check_places(&self, faults: &mut Faults) {
        for (why, patterns, places) in PLACES {
            if places.iter().any(|place| self.path.starts_with(place)) {
                continue;
            }
            for pattern in *patterns {
                let words: Vec<&str> = pattern.split(' ').collect();
                for (at, token) in self.tokens.iter().enumerate() {
                    if words.iter().enumerate().all(|(offset, word)| self.text(at + offset) == *word) {
                        faults.add(self, token.line, format_args!("{pattern}: {why}"));
                    }
                }
            }
        }
    }

    pub(crate) fn check_unsafe(&self, faults: &mut Faults) {
        for (at, token) in self.tokens.iter().enumerate() {
            if token.text == "unsafe" && ["{", "impl"].contains(&self.text(at + 1)) && !self.is_explained(token.line) {
                faults.add(self, token.line, "unsafe without a comment above it that begins with SAFETY:");
            }
        }
    }

    /// Whether the comment just above `line` (counted from 1), or above the statement that the line continues, has
    /// `SAFETY:`.
    fn is_explained(&self, line: usize) -> bool {
        let above = |line: &usize| self.lines.get(*line).map_or("", |text| text.trim());
        let before: Vec<&str> = (0..line - 1).rev().map(|line| above(&line)).collect();
        let unfinished =
            before.iter().take_while(|text| !text.starts_with("//") && !text.ends_with([';', '{', '}'])).count();
        before[unfinished..].iter().take_while(|text| text.starts_with("//")).any(|text| text.contains("SAFETY:"))
    }

    /// Every path that begins at the crate's root or relative to the module, from the root, with its line.
    pub(crate) fn paths(&self) -> Vec<(usize, Vec<String>)> {
        let mut found = Vec::new();
        let mut module = self.module();
        // The modules that are open within the file, as the depth of braces at which each closes.
        let (mut depth, mut open) = (0, Vec::new());
        for at in 0..self.tokens.len() {
            match self.text(at) {
                "mod" if self.text(at + 2) == "{" => {
                    module.push(self.text(at + 1).to_owned());
                    open.push(depth);
                }
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if open.last() == Some(&depth) {
                        open.pop();
                        module.pop();
                    }
                }
                "crate" | "self" | "super" | "sercost" if self.text(at + 1) == "::" && !self.is_continued(at) => {
                    self.walk(at, module.clone(), &mut found);
                }
                _ => {}
            }
        }
        found
    }

    /// Whether the path at `at` is the rest of one that began before.
    fn is_continued(&self, at: usize) -> bool {
        at > 0 && self.text(at - 1) == "::"
    }

    /// Follows one path, or each of a group, whose start is at `at` and means `from`; returns where it ends.
    fn walk(&self, mut at: usize, from: Vec<String>, found: &mut Vec<(usize, Vec<String>)>) -> usize {
        let mut path = from;
        let line = self.tokens[at].line;
        loop {
            match self.text(at) {
                "crate" => path.clear(),
                "self" => {}
                "super" => {
                    path.pop();
                }
                "{" => {
                    at += 1;
                    while self.text(at) != "}" {
                        at = self.walk(at, path.clone(), found);
                        // To the next of the group, over `as name`.
                        while ![",", "}"].contains(&self.text(at)) {
                            at += 1;
                        }
                        if self.text(at) == "," {
                            at += 1;
                        }
                    }
                    return at + 1;
                }
                "sercost" if path == self.module() => path = vec!["sercost".to_owned()],
                name => path.push(name.to_owned()),
            }
            at += 1;
            let goes_on = self.text(at) == "::" && self.text(at + 1) != "<";
            if !goes_on {
                found.push((line, path));
                return at;
            }
            at += 1;
        }
    }
}

fn is_permitted(room: &str, used: &str) -> bool {
    let place = |name: &str| ROOMS.iter().position(|(room, _)| *room == name);
    let (Some(own), Some(other)) = (place(room), place(used)) else { return false };
    own == other || other < own && ROOMS[own].1.contains(&used)
}

/// Modules of Python that are imported by what they import themselves, wherever in the text that is.
fn is_verb(name: &str) -> bool {
    // A module that the verbs share is not one of them.
    let is_shared = ["mod", "baseline", "sinks", "supervise"].contains(&name);
    source().join("command").join(format!("{name}.rs")).exists() && !is_shared
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Group(group) => {
                let (opening, closing) = match group.delimiter() {
                    proc_macro2::Delimiter::Parenthesis => ("(", ")"),
                    proc_macro2::Delimiter::Brace => ("{", "}"),
                    proc_macro2::Delimiter::Bracket => ("[", "]"),
                    proc_macro2::Delimiter::None => ("", ""),
                };
                tokens.push(Token { text: opening.to_owned(), line });
                flatten(group.stream(), tokens);
                tokens.push(Token { text: closing.to_owned(), line: group.span_close().start().line });
            }
            TokenTree::Punct(punct) => {
                // Only `::` matters as a whole.
                let doubles = punct.as_char() == ':' && tokens.last().is_some_and(|token| token.text == ":");
                match tokens.last_mut() {
                    Some(last) if doubles => last.text.push(':'),
                    _ => tokens.push(Token { text: punct.as_char().to_string(), line }),
                }
            }
            other => tokens.push(Token { text: other.to_string(), line }),
        }
    }
}

pub(crate) fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Where the other crates of the workspace are.
pub(crate) fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("crates")
}

pub(crate) fn faults(path: &str, text: &str, check: impl Fn(&SourceFile, &mut Faults)) -> Vec<String> {
    let mut faults = Faults::default();
    check(&SourceFile::new(path, text), &mut faults);
    faults.0
}

pub(crate) fn faults_in_source(check: impl Fn(&SourceFile, &mut Faults)) -> Vec<String> {
    faults_in(&[source()], check)
}

pub(crate) fn faults_in(roots: &[PathBuf], check: impl Fn(&SourceFile, &mut Faults)) -> Vec<String> {
    let mut folders: Vec<(&PathBuf, PathBuf)> = roots.iter().map(|root| (root, root.clone())).collect();
    let mut all = Vec::new();
    while let Some((root, folder)) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push((root, path));
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                all.extend(faults(&name, &fs::read_to_string(&path).unwrap(), &check));
            }
        }
    }
    all.sort();
    all
}
