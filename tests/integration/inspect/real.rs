//! Real pickles: of every interpreter that is found, and of packages as they were kept.

use super::pythons;
use super::{check, whole};
use crate::tools::{Directory, run};
use sercost::model::Attribution;
use sercost_pickle::opcode::{Argument, OPCODES};
use sercost_pickle::write::PickleOf;
use sercost_pickle::{Options, attribute, inspect};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn the_table_of_opcodes_is_pickletools() {
    let script = "import pickletools
for o in pickletools.opcodes: print(o.name, ord(o.code), o.proto, o.arg.name if o.arg else None)";
    let output = Command::new(pythons::python3()).args(["-c", script]).output().unwrap();
    let lines: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    let ours: Vec<String> =
        OPCODES.iter().map(|opcode| format!("{} {} {}", opcode.name, opcode.byte, opcode.protocol)).collect();
    let theirs: Vec<&str> = lines.iter().map(|line| line.rsplit_once(' ').unwrap().0).collect();
    assert_eq!(ours, theirs);
    for (opcode, line) in OPCODES.iter().zip(&lines) {
        let fits = match line.rsplit_once(' ').unwrap().1 {
            "None" => opcode.argument == Argument::None,
            "uint1" => opcode.argument == Argument::U1,
            "uint2" => opcode.argument == Argument::U2,
            "int4" => opcode.argument == Argument::I4,
            "uint4" => opcode.argument == Argument::U4,
            "uint8" => opcode.argument == Argument::U8,
            "float8" => opcode.argument == Argument::F8,
            "long1" | "string1" | "bytes1" | "unicodestring1" => opcode.argument == Argument::Counted1,
            "long4" | "string4" => opcode.argument == Argument::CountedI4,
            "bytes4" | "unicodestring4" => opcode.argument == Argument::Counted4,
            "bytes8" | "bytearray8" | "unicodestring8" => opcode.argument == Argument::Counted8,
            "stringnl_noescape_pair" => opcode.argument == Argument::TwoLines,
            _ => opcode.argument == Argument::Line,
        };
        assert!(fits, "{}: {line}", opcode.name);
    }
}

#[test]
fn pickles_of_every_interpreter_are_attributed_to_the_last_byte() {
    for python in pythons::all() {
        let directory = Directory::new();
        let listed = pythons::run(&python, "fixtures/pickles/plain.py", &[directory.path().to_str().unwrap()]);
        let mut count = 0;
        for line in listed.lines() {
            let [path, best, opcodes] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let data = fs::read(path).unwrap();
            let attribution = whole(&data);
            assert_eq!(attribution.pickles, 1, "{path}");
            assert_eq!(attribution.find("(trailing)"), None, "{path}");

            let options = Options { opcodes: true, ..Options::default() };
            let tally = inspect(path.to_owned(), &data, &options).unwrap().tally.unwrap();
            let mut ours = tally.opcodes.clone();
            ours.sort_by(|one, other| one.name.cmp(&other.name));
            let ours: Vec<String> = ours.iter().map(|row| format!("{}={}", row.name, row.count)).collect();
            assert_eq!(ours.join(" "), opcodes, "{path}");
            assert_eq!(tally.bytes, data.len() as u64, "{path}");
            if best != "-1" {
                let optimized = &tally.savings[0];
                assert_eq!((optimized.action.as_str(), optimized.exact), ("pickletools.optimize", true));
                assert_eq!(optimized.bytes.to_string(), best, "{path}");
            }
            count += 1;
        }
        assert!(count > 80, "{python:?} wrote {count} pickles only");
    }
}

/// The sizes in another protocol are checked against pickles of the same value in that protocol.
#[test]
fn other_protocols_are_as_large_as_said() {
    let directory = Directory::new();
    let folder = directory.path().to_str().unwrap();
    pythons::run(&pythons::python3(), "fixtures/pickles/plain.py", &[folder]);
    let read = |name: &str, protocol: u8| fs::read(directory.join(&format!("{name}-{protocol}.pkl"))).unwrap();
    let mut exact = 0;
    for name in
        ["ints", "floats", "range", "strings", "sizes", "dicts", "by_string", "tuples", "shared", "bytes", "none"]
    {
        for from in 0..=5 {
            let data = read(name, from);
            let options = Options { opcodes: true, ..Options::default() };
            let tally = inspect(name.to_owned(), &data, &options).unwrap().tally.unwrap();
            // Bytes before protocol 3 are text and a call, of which it is not known what else they could be.
            let least = if name == "bytes" && from < 3 { 0 } else { 3 };
            assert!(tally.savings.len() > least, "{name} from {from}: {:?}", tally.savings);
            for saving in &tally.savings[1..] {
                let Some(to) = saving.action.strip_prefix("protocol ") else { continue };
                let to: u8 = to.parse().unwrap();
                let real = read(name, to).len() as u64;
                if saving.exact {
                    assert_eq!(saving.bytes, real, "{name} from {from} to {to}");
                    exact += 1;
                } else {
                    let off = saving.bytes.abs_diff(real) as f64 / real as f64;
                    // Protocols 0 and 1 write tuples with marks, whatever their length.
                    assert!(
                        off < if from < 2 { 0.15 } else { 0.03 },
                        "{name} from {from} to {to}: {} and not {real}",
                        saving.bytes
                    );
                }
            }
        }
    }
    assert!(exact >= 80, "only {exact} are exact");
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pickles");
    let mut paths: Vec<PathBuf> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending != "py"))
        .collect();
    paths.sort();
    assert!(paths.len() > 20);
    paths
}

#[test]
fn pickles_of_packages_are_attributed_to_the_last_byte() {
    for path in fixtures() {
        let data = fs::read(&path).unwrap();
        match inspect(path.display().to_string(), &data, &Options::default()) {
            Ok(inspected) => {
                check(&inspected.attribution);
                assert_eq!(inspected.attribution.fault, None, "{path:?}");
            }
            Err(error) => assert!(error.to_string().contains("xz --decompress"), "{path:?}: {error}"),
        }
    }
}

/// The screens of the packages' objects.
#[test]
fn objects_of_packages_are_shown_by_their_parts() {
    for name in [
        "numpy-2.2.6-arrays-5.pkl",
        "numpy-1.21.6-arrays-2.pkl",
        "numpy-2.2.6-out-of-band.pkl",
        "pandas-3.1.1-frame.pkl",
        "cloudpickle-3.1.3-function.pkl",
        "cloudpickle-2.0.0-object.pkl",
        "joblib-1.6.0-plain.joblib",
        "joblib-1.1.1-zlib.joblib",
        "torch-1.12.1-state.pt",
        "torch-1.12.1-legacy.pt",
        "torch-1.12.1-tensor.pkl",
    ] {
        let shown = run(&format!("inspect fixtures/pickles/{name} --depth 4 --top 8")).ok();
        insta::assert_snapshot!(format!("package_{name}"), shown);
    }
}

/// Every prefix of a pickle is a broken pickle, of which what was there is still attributed.
#[test]
fn a_pickle_cut_anywhere_says_where_and_keeps_what_was_read() {
    let directory = Directory::new();
    pythons::run(&pythons::python3(), "fixtures/pickles/plain.py", &[directory.path().to_str().unwrap(), "corpus"]);
    for name in directory.names() {
        let data = fs::read(directory.join(&name)).unwrap();
        let step = (data.len() / 150).max(1);
        for length in (0..data.len()).step_by(step) {
            let attribution = attribute(&data[..length], &Options::default());
            check(&attribution);
            let fault = attribution.fault.as_ref().unwrap_or_else(|| panic!("{name} cut at {length}"));
            assert!(fault.offset <= length as u64, "{name} cut at {length}: {fault}");
            assert!(unread(&attribution) <= length as u64 - fault.offset + 2, "{name} cut at {length}: {fault}");
        }
    }
}

fn unread(attribution: &Attribution) -> u64 {
    attribution.find("(unread)").map_or(0, |part| attribution.parts[part].bytes)
}

/// The batches of CPython 3.15, and of versions before it, are checked against the pickles of both.
#[test]
fn batches_of_another_cpython_are_as_large_as_said() {
    let mut pythons = crate::pythons::pythons(8);
    let newest = pythons.iter().position(|python| python.pickle_of() == PickleOf::V3_15);
    let earlier = pythons.iter().position(|python| python.pickle_of() == PickleOf::V3_14);
    let (Some(newest), Some(earlier)) = (newest, earlier) else {
        eprintln!("not tested: it takes a CPython of 3.15 and one before it");
        return;
    };
    let values = [
        "[list(range(n)) for n in (1, 2, 999, 1000, 1001, 1002, 2000, 2001)]",
        "[{i: i for i in range(n)} for n in (1, 2, 999, 1000, 1001, 1002, 2000, 2001)]",
        "[set(range(n)) for n in (0, 1, 999, 1000, 1001, 2000)]",
        "[frozenset(range(n)) for n in (1, 1000, 1001)]",
        "__import__('collections').deque(range(1001))",
        "__import__('collections').OrderedDict((i, i) for i in range(1000))",
        "[{'a': list(range(1001)), 'b': (list(range(1001)), {None: [0] * 1001})}] * 3",
        "[[i] for i in range(1001)]",
        "type('L', (list,), {}) and [[]] * 1001",
    ];
    let mut told = 0;
    for value in values {
        for protocol in 1..=5 {
            let mut pickle = |at: usize| pythons[at].dumps(protocol, &format!("value = {value}")).unwrap();
            let (new, old) = (pickle(newest), pickle(earlier));
            for (from, action, to) in [(&old, "as CPython 3.15", &new), (&new, "as CPython 3.8 to 3.14", &old)] {
                let options = Options { opcodes: true, ..Options::default() };
                let tally = inspect(value.to_owned(), from, &options).unwrap().tally.unwrap();
                let saving = tally.savings.iter().find(|saving| saving.action == action);
                let what = format!("{value} in protocol {protocol} {action}");
                assert_eq!(saving.map_or(from.len() as u64, |saving| saving.bytes), to.len() as u64, "{what}");
                assert!(saving.is_none_or(|saving| saving.exact), "{what}");
                let other = ["as CPython 3.8 to 3.14", "as CPython 3.15"].into_iter().find(|other| *other != action);
                assert!(tally.savings.iter().all(|saving| Some(saving.action.as_str()) != other), "{what}");
                told += u32::from(saving.is_some());
            }
        }
    }
    assert!(told >= 50, "{told} sizes are told");
}
