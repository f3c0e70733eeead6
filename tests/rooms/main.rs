//! The rooms of the source: which module may use which, and what is done in one place only.
//!
//! The source is read as Rust's own tokens, so that comments and strings are not taken for code, and paths inside
//! macros are seen too.

mod python;
mod source;

use python::{circles, python_modules};
use source::{crates, faults, faults_in, faults_in_source, source};
use std::fs;
use std::path::Path;

/// Bottom to top: a room, and the rooms it may use beside itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("clock", &["model"]),
    ("host", &["model", "clock"]),
    ("stats", &["model"]),
    ("payload", &["model"]),
    ("codec", &["model", "payload"]),
    ("transport", &["model", "clock", "host"]),
    ("python", &["model", "clock", "host", "payload", "codec"]),
    ("measure", &["model", "clock", "host", "stats", "payload", "codec", "transport", "python"]),
    ("ledger", &["model", "stats"]),
    ("engine", &["model", "clock", "host", "payload", "codec", "transport", "python", "ledger"]),
    ("analysis", &["model", "stats"]),
    ("store", &["model", "stats"]),
    ("derived", &["model", "host", "stats", "payload", "codec", "store"]),
    ("report", &["model", "stats", "analysis"]),
    (
        "bench",
        &[
            "model",
            "clock",
            "host",
            "payload",
            "codec",
            "transport",
            "measure",
            "analysis",
            "store",
            "derived",
            "report",
        ],
    ),
    ("ui", &["model"]),
    ("args", &[]),
    (
        "command",
        &[
            "model",
            "clock",
            "host",
            "payload",
            "codec",
            "transport",
            "python",
            "measure",
            "ledger",
            "engine",
            "analysis",
            "store",
            "derived",
            "report",
            "ui",
            "args",
            "bench",
        ],
    ),
];

/// The other crates of the workspace, or a module of one, and the rooms that may name them.
const CRATES: &[(&str, &[&str])] = &[
    ("sercost_pickle", &["payload", "codec", "ledger", "args", "command"]),
    // Its words are the model's; nothing that reads a pickle is.
    ("sercost_pickle::model", &["model"]),
    ("sercost_record", &["ledger", "engine"]),
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
            "counted",
            "rig",
            "runner",
            "attempt",
            "results",
            "order",
            "session",
            "study",
            "count",
            "determinism",
        ],
    ),
    ("derived", &["job", "package", "build", "link", "merge", "count", "run"]),
    ("ledger", &["timeline", "record", "survey", "join", "routes", "book", "lives", "tracks", "accounts", "encoded"]),
    (
        "payload",
        &[
            "style",
            "schema",
            "width",
            "watch",
            "column",
            "tree",
            "source",
            "digest",
            "difference",
            "decode",
            "encodable",
            "encode",
            "sink",
            "native",
            "own",
            "handed",
            "infer",
            "read",
            "show",
            "shapes",
            "error",
            "mapped",
            "input",
            "spec",
        ],
    ),
];

/// The things that are done in some places only. A place is a path below `src`, or the start of one.
const PLACES: &[(&str, &[&str], &[&str])] = &[
    (
        "time is read in clock, so that every duration comes from one clock (jiff's Timestamp::now is a date, and command's)",
        &["Instant", "SystemTime", "clock_gettime"],
        &["clock/"],
    ),
    ("a date is put on a run where it begins", &["Timestamp :: now"], &["command/", "bench/"]),
    ("stdout is data and command's alone", &["println !", "print !"], &["command/"]),
    (
        "stdout is data and command's alone (store looks at it when it is told to write there; bench prints for a program of somebody else)",
        &["stdout ( )"],
        &["command/", "store/", "bench/"],
    ),
    ("stderr is talk and ui's", &["eprintln !", "eprint !"], &["ui.rs"]),
    (
        "stderr is talk and ui's (store as for stdout, bench in a program of somebody else)",
        &["stderr ( )"],
        &["ui.rs", "store/", "bench/"],
    ),
    (
        "results are written in store (clock's file is a knob of the kernel, host's are gone with their run or can be made again, ledger's are of a test)",
        &["OpenOptions", "File :: create", "File :: options", "fs :: write", "fs :: rename", "OFlags"],
        &["store/", "clock/resident.rs", "host/directory.rs", "host/cache.rs", "ledger/accounts.rs"],
    ),
    ("nothing below the command line knows clap", &["clap"], &["args/", "main.rs"]),
    ("errors that code branches on are types; anyhow is for the edge", &["anyhow"], &["command/"]),
    (
        "processes end in main, so that what is open is closed (bench's receiving process in the main of somebody else)",
        &["process :: exit", "process :: abort"],
        &["bench/"],
    ),
    ("nothing is left to be done, or to be debugged", &["todo !", "unimplemented !", "dbg !"], &[]),
];

/// A file has no more lines, unless it is a table.
const MOST_LINES: usize = 600;
/// Nor has a function.
const MOST_LINES_OF_FUNCTION: usize = 80;
/// A verb has fewer.
const MOST_LINES_OF_VERB: usize = 150;
/// Files that are tables.
const TABLES: [&str; 1] = ["sercost-record/src/layout.rs"];

#[test]
fn every_module_uses_only_the_rooms_below_it() {
    assert_eq!(faults_in_source(|file, faults| file.check_rooms(faults)), Vec::<String>::new());
}

#[test]
fn the_other_crates_are_used_where_they_are_needed() {
    assert_eq!(faults_in_source(|file, faults| file.check_crates(faults)), Vec::<String>::new());
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
    let mut found = faults_in(&[source(), crates()], |file, faults| file.check_places(faults));
    // An example is a program of its own.
    found.retain(|fault| !fault.contains("/examples/"));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn files_and_functions_are_short() {
    let all = ["src", "crates", "tests", "benches", "examples"];
    let roots = all.map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    assert_eq!(faults_in(&roots, |file, faults| file.check_sizes(faults)), Vec::<String>::new());
    let long = |lines: usize| {
        format!("impl A {{\n    fn a(f: fn(u8)) -> [u8; 2] {{\n{}    }}\n}}\n", "        b();\n".repeat(lines))
    };
    let check = |lines| faults("stats/a.rs", &long(lines), |file, faults| file.check_sizes(faults));
    assert_eq!(check(78), Vec::<String>::new());
    assert_eq!(check(79), ["stats/a.rs:2: fn a has 81 lines"]);
    assert_eq!(check(599).len(), 2);
}

#[test]
fn a_room_hands_out_its_own_things_only() {
    assert_eq!(faults_in_source(|file, faults| file.check_exports(faults)), Vec::<String>::new());
}

#[test]
fn no_module_of_python_imports_itself_by_way_of_others() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let mut modules = Vec::new();
    python_modules(&folder, "", &mut modules);
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
    let package = [
        module("p", ""),
        module("p.a", "from . import b\n"),
        module("p.b", "from .a import x\n"),
        module("p.c", "import os\nfrom . import a, os\n"),
        module("q", "from p import c, d\nfrom p.q import q\n"),
        module("p.d", "import q\n"),
    ];
    let found = ["p.a imports itself", "p.b imports itself", "q imports itself", "p.d imports itself"];
    assert_eq!(circles(&package), found);
}

#[test]
fn every_unsafe_block_says_why_it_is_sound() {
    assert_eq!(faults_in(&[source(), crates()], |file, faults| file.check_unsafe(faults)), Vec::<String>::new());
}

#[test]
fn the_scanner_sees_rooms_that_may_not_be_used_wherever_they_hide() {
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
}

#[test]
fn the_scanner_sees_orders_that_are_not_kept() {
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
}

#[test]
fn the_scanner_sees_what_is_of_other_crates() {
    let crates = |path, text| faults(path, text, |file, faults| file.check_crates(faults));
    let cases = [
        (
            "report/text.rs",
            "use sercost_pickle::attribute;",
            "report/text.rs:1: report may not use sercost_pickle::attribute",
        ),
        (
            "stats/mod.rs",
            "fn f() { sercost_record::digest() }",
            "stats/mod.rs:1: stats may not use sercost_record::digest",
        ),
        (
            "model/mod.rs",
            "use sercost_pickle::{model::Bytes, plain::{Outline}};",
            "model/mod.rs:1: model may not use sercost_pickle::plain::Outline",
        ),
        (
            "payload/mod.rs",
            "pub(crate) use sercost_pickle::plain;",
            "payload/mod.rs:1: payload hands out what is sercost_pickle::plain",
        ),
    ];
    for (path, text, expected) in cases {
        assert_eq!(crates(path, text), [expected], "{text}");
    }
    for (path, text) in [
        ("model/mod.rs", "pub use sercost_pickle::model::{Bytes, Part};"),
        ("payload/read/mod.rs", "use sercost_pickle::{plain::Outline, unpack::Method};"),
        ("report/text.rs", "fn f() { x.sercost_pickled() }"),
    ] {
        assert_eq!(crates(path, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn the_scanner_sees_what_is_handed_on_and_what_is_out_of_place() {
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
