//! The rooms of the source: which module may use which, and what is done in one place only.
//!
//! The source is read as Rust's own tokens, so that comments and strings are not taken for code, and paths inside
//! macros are seen too.

use proc_macro2::{TokenStream, TokenTree};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Bottom to top: a room, and the rooms it may use beside itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("clock", &["model"]),
    ("host", &["model", "clock"]),
    ("stats", &["model"]),
    ("unpack", &["model"]),
    ("pickle", &["model", "unpack"]),
    ("payload", &["model", "unpack", "pickle"]),
    ("codec", &["model", "payload", "pickle"]),
    ("transport", &["model", "clock", "host"]),
    ("python", &["model", "clock", "host", "payload", "codec"]),
    ("measure", &["model", "clock", "host", "stats", "payload", "codec", "transport", "python"]),
    ("ledger", &["model", "stats", "pickle"]),
    ("engine", &["model", "clock", "host", "payload", "codec", "transport", "python", "ledger"]),
    ("store", &["model"]),
    ("report", &["model", "stats"]),
    ("ui", &["model"]),
    ("args", &["pickle"]),
    (
        "command",
        &[
            "model",
            "clock",
            "host",
            "pickle",
            "payload",
            "codec",
            "transport",
            "python",
            "measure",
            "ledger",
            "engine",
            "store",
            "report",
            "ui",
            "args",
        ],
    ),
];

/// Bottom to top within a room: a module may use those before it, by the names of the modules.
const ORDERS: &[(&str, &[&str])] = &[
    (
        "measure",
        &[
            "link",
            "schedule",
            "settings",
            "forecast",
            "wire",
            "sample",
            "case",
            "fidelity",
            "row",
            "receive",
            "child",
            "pair",
            "noise",
            "rig",
            "runner",
            "attempt",
            "results",
            "order",
            "session",
            "study",
            "determinism",
        ],
    ),
    ("ledger", &["timeline", "record", "join", "routes", "accounts", "tracks", "encoded"]),
];

/// What is done in some places only. A place is a path below `src`, or the start of one.
const PLACES: &[(&str, &[&str], &[&str])] = &[
    (
        "time is read in clock, so that every duration comes from one clock (jiff's Timestamp::now is a date, and command's)",
        &["Instant", "SystemTime", "clock_gettime"],
        &["clock/"],
    ),
    ("a date is put on a run where it begins", &["Timestamp :: now"], &["command/"]),
    ("stdout is data and command's alone", &["println !", "print !"], &["command/"]),
    (
        "stdout is data and command's alone (store looks at it when it is told to write there)",
        &["stdout ( )"],
        &["command/", "store/"],
    ),
    ("stderr is talk and ui's", &["eprintln !", "eprint !"], &["ui.rs"]),
    ("stderr is talk and ui's (store as for stdout)", &["stderr ( )"], &["ui.rs", "store/"]),
    (
        "results are written in store (clock's file is a knob of the kernel, host's are gone with their run)",
        &["OpenOptions", "File :: create", "File :: options", "fs :: write", "fs :: rename", "OFlags"],
        &["store/", "clock/resident.rs", "host/directory.rs"],
    ),
    ("nothing below the command line knows clap", &["clap"], &["args.rs", "main.rs"]),
    ("errors that code branches on are types; anyhow is for the edge", &["anyhow"], &["command/"]),
    ("processes end in main, so that what is open is closed", &["process :: exit", "process :: abort"], &[]),
    ("nothing is left to be done, or to be debugged", &["todo !", "unimplemented !", "dbg !"], &[]),
];

#[test]
fn every_module_uses_only_the_rooms_below_it() {
    assert_eq!(faults_in_source(|file, faults| file.check_rooms(faults)), Vec::<String>::new());
}

#[test]
fn every_room_is_in_the_table_and_every_row_is_a_room() {
    let mut found: Vec<String> = fs::read_dir(source())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "lib" && name != "main")
        .collect();
    let mut rooms: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    found.sort();
    rooms.sort_unstable();
    assert_eq!(found, rooms);
}

#[test]
fn modules_of_a_room_with_an_order_use_only_those_before_them() {
    assert_eq!(faults_in_source(|file, faults| file.check_order(faults)), Vec::<String>::new());
    for (room, order) in ORDERS {
        for module in *order {
            let file = source().join(room).join(module);
            assert!(file.is_dir() || file.with_extension("rs").exists(), "{room} has no module {module}");
        }
    }
}

#[test]
fn what_has_one_place_is_done_there_only() {
    assert_eq!(faults_in(&[source(), crates()], |file, faults| file.check_places(faults)), Vec::<String>::new());
}

#[test]
fn a_room_hands_out_its_own_things_only() {
    assert_eq!(faults_in_source(|file, faults| file.check_exports(faults)), Vec::<String>::new());
}

#[test]
fn no_module_of_python_imports_itself_by_way_of_others() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let modules: Vec<(String, String)> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "py"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap()))
        .collect();
    assert!(modules.len() > 3, "{}", modules.len());
    assert_eq!(circles(&modules), Vec::<String>::new());
    let module = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let circle = [
        module("a", "import os\n\n\ndef f():\n    from b import (\n        x,\n    )\n"),
        module("b", "import c as d\n"),
        module("c", "# import d\nimport a\n"),
        module("d", "import a\n"),
    ];
    assert_eq!(circles(&circle), ["a imports itself", "b imports itself", "c imports itself"]);
}

#[test]
fn every_unsafe_block_says_why_it_is_sound() {
    assert_eq!(faults_in(&[source(), crates()], |file, faults| file.check_unsafe(faults)), Vec::<String>::new());
}

#[test]
fn the_scanner_sees_violations_wherever_they_hide() {
    let rooms = |path, text| faults(path, text, |file, faults| file.check_rooms(faults));
    let cases = [
        ("stats/mod.rs", "use crate::clock::now;", "stats/mod.rs:1: stats may not use clock"),
        ("stats/mod.rs", "fn f() { crate::clock::now() }", "stats/mod.rs:1: stats may not use clock"),
        ("stats/deep/er.rs", "\nuse super::super::super::ui;", "stats/deep/er.rs:2: stats may not use ui"),
        ("model/mod.rs", "use crate::{model::Nanos, ui::{self, warn}};", "model/mod.rs:1: model may not use ui"),
        ("ui.rs", "mod tests { use super::super::args::Args; }", "ui.rs:1: ui may not use args"),
        ("ui.rs", "fn f() { format!(\"{}\", crate::args::X) }", "ui.rs:1: ui may not use args"),
        ("ui.rs", "macro_rules! m { () => { $crate::args::X } }", "ui.rs:1: ui may not use args"),
        ("args.rs", "use crate::command::run;", "args.rs:1: args may not use command"),
        ("codec/json.rs", "pub use crate::*;", "codec/json.rs:1: codec may not use the whole crate"),
        ("codec/json.rs", "use crate::nowhere::X;", "codec/json.rs:1: codec may not use nowhere"),
        ("command/list.rs", "use super::profile;", "command/list.rs:1: the verb list may not use the verb profile"),
        ("command/list.rs", "use sercost::codec;", "command/list.rs:1: the library names itself sercost; write crate"),
    ];
    for (path, text, expected) in cases {
        assert_eq!(rooms(path, text), [expected], "{text}");
    }
    for (path, text) in [
        ("stats/mod.rs", "use crate::model::Nanos; use super::model::Bytes; use self::interval::f;"),
        ("stats/mod.rs", "// crate::clock\n/// crate::clock::now\nfn f() { g(\"crate::clock\") }"),
        ("measure/session.rs", "use crate::{codec, clock, transport::Transport}; use super::lane::Lane;"),
        ("codec/json.rs", "pub(super) fn f() {} mod tests { use super::*; use super::super::names; }"),
        ("command/mod.rs", "mod list; fn f() { list::run(); self::profile::run() }"),
        ("command/list.rs", "use super::print; use crate::measure::Link;"),
        ("main.rs", "use sercost::command;"),
    ] {
        assert_eq!(rooms(path, text), Vec::<String>::new(), "{text}");
    }

    let order = |path, text| faults(path, text, |file, faults| file.check_order(faults));
    for (text, expected) in [
        ("use super::session::Session;", "measure/row.rs:1: row may not use session of the same room"),
        ("use crate::measure::Study;", "measure/row.rs:1: row may not use Study by way of the room"),
    ] {
        assert_eq!(order("measure/row.rs", text), [expected], "{text}");
    }
    assert_eq!(order("measure/new.rs", "fn f() {}"), ["measure/new.rs:1: new has no place in the order of measure"]);
    for (path, text) in [
        ("measure/row.rs", "use super::case::Case; use self::inner::f; mod tests { use super::*; }"),
        ("measure/runner/rust.rs", "use super::Runner; use crate::measure::row::Row;"),
        ("measure/mod.rs", "pub use session::Session; use self::study::Study;"),
        ("ui.rs", "use crate::model::Nanos;"),
    ] {
        assert_eq!(order(path, text), Vec::<String>::new(), "{text}");
    }

    let exports = |path, text| faults(path, text, |file, faults| file.check_exports(faults));
    let walks = "engine/mod.rs:1: engine hands out what is model's";
    for text in ["pub use crate::model::Stage;", "pub(crate) use super::model::{self, Stage};"] {
        assert_eq!(exports("engine/mod.rs", text), [walks], "{text}");
    }
    for text in ["use crate::model::Stage;", "pub use join::Joined; pub use self::ledger::rows;"] {
        assert_eq!(exports("engine/mod.rs", text), Vec::<String>::new(), "{text}");
    }

    let places = |path, text| faults(path, text, |file, faults| file.check_places(faults)).len();
    assert_eq!(places("measure/lane.rs", "fn f() { std::time::Instant::now() }"), 1);
    assert_eq!(places("report/text.rs", "fn f() { println!(\"Instant\") }"), 1);
    assert_eq!(places("report/text.rs", "fn f() { io::stdout().lock(); Command::stdout(Stdio::null()) }"), 1);
    assert_eq!(places("measure/lane.rs", "fn f() { std::fs::write(path, text); todo!() }"), 2);
    assert_eq!(places("store/mod.rs", "fn f() { std::fs::write(path, text) } // todo!()"), 0);

    let soundness = |text| faults("clock/mod.rs", text, |file, faults| file.check_unsafe(faults)).len();
    assert_eq!(soundness("fn f() {\n    // It is fine.\n    unsafe { g() }\n}"), 1);
    assert_eq!(soundness("unsafe impl Send for X {}"), 1);
    assert_eq!(soundness("fn f() {\n    // SAFETY: g has\n    // no conditions.\n    let x = unsafe { g() };\n}"), 0);
    assert_eq!(soundness("fn f() {\n    // SAFETY: g has none.\n    h();\n    unsafe { g() }\n}"), 1);
}

/// A token with the line it begins on. Delimiters are tokens too.
struct Token {
    text: String,
    line: usize,
}

struct SourceFile {
    /// Below `src`, as in `payload/read/json.rs`.
    path: String,
    lines: Vec<String>,
    tokens: Vec<Token>,
}

/// What a file does that it may not.
#[derive(Default)]
struct Faults(Vec<String>);

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
    fn module(&self) -> Vec<String> {
        let mut parts: Vec<String> = self.path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if ["mod", "lib", "main"].contains(&parts[parts.len() - 1].as_str()) {
            parts.pop();
        }
        parts
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }

    fn check_rooms(&self, faults: &mut Faults) {
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

    fn check_order(&self, faults: &mut Faults) {
        let module = self.module();
        let [room, own, ..] = module.as_slice() else { return };
        let Some((_, order)) = ORDERS.iter().find(|(ordered, _)| ordered == room) else { return };
        let place = |name: &str| order.iter().position(|module| *module == name);
        let Some(own_place) = place(own) else {
            faults.add(self, 1, format_args!("{own} has no place in the order of {room}"));
            return;
        };
        for (line, path) in self.paths() {
            let [of, used, ..] = path.as_slice() else { continue };
            if of != room || used == own {
                continue;
            }
            match place(used) {
                Some(place) if place < own_place => {}
                Some(_) => faults.add(self, line, format_args!("{own} may not use {used} of the same room")),
                None => faults.add(self, line, format_args!("{own} may not use {used} by way of the room")),
            }
        }
    }

    /// What is handed out again from another room would be used by those who may not enter that.
    fn check_exports(&self, faults: &mut Faults) {
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

    fn check_places(&self, faults: &mut Faults) {
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

    fn check_unsafe(&self, faults: &mut Faults) {
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
    fn paths(&self) -> Vec<(usize, Vec<String>)> {
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

    /// Follows one path, or each of a group, whose beginning is at `at` and means `from`; returns where it ends.
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
fn circles(modules: &[(String, String)]) -> Vec<String> {
    let imports = |name: &String| -> Vec<String> {
        let text = modules.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text);
        let is_import = |line: &&str| line.starts_with("import ") || line.starts_with("from ");
        let lines = text.lines().map(str::trim_start).filter(is_import);
        lines.filter_map(|line| line.split_whitespace().nth(1).map(str::to_owned)).collect()
    };
    let imports_itself = |name: &&String| {
        let mut found = imports(name);
        let mut at = 0;
        while at < found.len() {
            let new: Vec<String> = imports(&found[at]).into_iter().filter(|import| !found.contains(import)).collect();
            found.extend(new);
            at += 1;
        }
        found.contains(name)
    };
    let names = modules.iter().map(|(name, _)| name).filter(imports_itself);
    names.map(|name| format!("{name} imports itself")).collect()
}

fn is_verb(name: &str) -> bool {
    // What the verbs share is not one of them.
    let is_shared = ["mod", "sinks", "supervise"].contains(&name);
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

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Where the other crates of the workspace are.
fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("crates")
}

fn faults(path: &str, text: &str, check: impl Fn(&SourceFile, &mut Faults)) -> Vec<String> {
    let mut faults = Faults::default();
    check(&SourceFile::new(path, text), &mut faults);
    faults.0
}

fn faults_in_source(check: impl Fn(&SourceFile, &mut Faults)) -> Vec<String> {
    faults_in(&[source()], check)
}

fn faults_in(roots: &[PathBuf], check: impl Fn(&SourceFile, &mut Faults)) -> Vec<String> {
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
