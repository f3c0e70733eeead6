//! Rows measured inside CPython, in the interpreters that are there: `python3` on the path, those of pyenv, and those that
//! `SERCOST_PYTHONS` names (paths divided by colons). One is enough; what is missing is said in the output.
//!
//! Packages that `make test` installed below `target/` are tested too, where they are.

mod ending;
mod packages;

use crate::pythons;
use crate::tools::{
    Directory, Process, Ran, Running, document, finish, rows, rows_with, sercost, signal_to, texts, wait_until,
};
use rustix::process::Signal;
use sercost::codec::PYTHON_ROWS;
use sercost::payload::SHAPES;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Rows that need nothing but an interpreter.
const STANDARD: &str = "python:pickle2,python:pickle3,python:pickle4,python:pickle5,python:marshal,python:json";

/// The interpreter of the tests, as its own executable: on the path there may be a launcher.
fn python3() -> &'static str {
    static FOUND: LazyLock<String> =
        LazyLock::new(|| printed("python3", "import sys; print(sys.executable)").trim().to_owned());
    &FOUND
}

fn printed(program: &str, script: &str) -> String {
    let output = Command::new(program).args(["-c", script]).output().expect("these tests need a python3 on the path");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The program with arguments divided by spaces, with the interpreter itself as `python3` on the path and nothing of the
/// user's in its way.
fn program(line: &str) -> Command {
    let folder = Path::new(python3()).parent().unwrap().to_str().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = sercost(line.split_whitespace());
    command.env_remove("PYTHONPATH").env("PATH", format!("{folder}:{path}"));
    command
}

#[track_caller]
fn run(line: &str) -> Ran {
    finish(&mut program(line))
}

/// One interpreter for each minor version from 3.8 on, oldest first.
fn interpreters() -> Vec<String> {
    let mut found: Vec<((u32, u32), String)> = Vec::new();
    let own = PathBuf::from(python3());
    for path in [own].into_iter().chain(pythons::candidates(8)) {
        let script = "import sys; print(*sys.version_info[:2], sys.executable)";
        let Ok(about) = Command::new(&path).args(["-c", script]).output() else { continue };
        let text = String::from_utf8(about.stdout).unwrap();
        let mut parts = text.trim().splitn(3, ' ');
        let (Some(major), Some(minor), Some(executable)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let version = (major.parse().unwrap(), minor.parse().unwrap());
        if version >= (3, 8) && !found.iter().any(|(known, _)| *known == version) {
            found.push((version, executable.to_owned()));
        }
    }
    found.sort();
    for minor in 8..=14 {
        if !found.iter().any(|((_, known), _)| *known == minor) {
            println!("no CPython 3.{minor} was found: it is not tested");
        }
    }
    found.into_iter().map(|(_, path)| path).collect()
}

/// Runs `sercost profile` with few rounds and JSON as output, and nothing of the user's in Python's way.
#[track_caller]
fn profile(line: &str) -> Value {
    profile_with(line, &[])
}

#[track_caller]
fn profile_with(line: &str, environment: &[(&str, &str)]) -> Value {
    let line = format!("profile --rounds 3 --format json {line}");
    let ran = finish(program(&line).envs(environment.iter().copied()));
    assert_eq!(ran.status.code(), Some(0), "{line}: {}", ran.err);
    ran.document()
}

fn total<'a>(document: &'a Value, payload: &str, codec: &str) -> &'a Value {
    let found = rows_with(document, &[("payload", payload), ("codec", codec), ("stage", "total")]);
    assert_eq!(found.len(), 1, "{payload} {codec}");
    found[0]
}

/// The rows that failed, each with its reason.
fn failed(document: &Value) -> Vec<(&str, &str)> {
    let totals = rows_with(document, &[("stage", "total")]);
    totals.iter().filter_map(|row| Some((row["codec"].as_str()?, row["error"].as_str()?))).collect()
}

#[test]
fn every_shape_goes_through_every_row_of_the_standard_library() {
    let shapes: Vec<String> = SHAPES.iter().map(|shape| format!("{}:50", shape.name)).collect();
    let found = profile(&format!("{} --codec postcard,{STANDARD}", shapes.join(" ")));
    assert_eq!(failed(&found), [("python:json", "TypeError: Object of type bytes is not JSON serializable")]);
    let interpreter = &found["environment"]["interpreters"][0];
    let version = format!("CPython {}", interpreter["version"].as_str().unwrap());
    for payload in &shapes {
        for codec in STANDARD.split(',') {
            if codec == "python:json" && payload.starts_with("bytes") {
                continue;
            }
            for stage in ["encode", "transfer", "decode", "total"] {
                let of_stage = rows_with(&found, &[("payload", payload), ("codec", codec), ("stage", stage)]);
                assert_eq!(of_stage.len(), 1, "{payload} {codec} {stage}");
                let row = of_stage[0];
                assert_eq!(row["representation"], "python");
                assert_eq!(row["transport"], "multiprocessing");
                assert_eq!(row["codec_version"], version);
                assert!(row["bytes"].as_u64().unwrap() > 50, "{row}");
                assert_eq!(row["samples_ns"].as_array().unwrap().iter().filter(|ns| ns.is_u64()).count(), 3, "{row}");
                // They are compared with the reference as all other rows are.
                assert!(row["summary"]["ratio"].is_f64(), "{row}");
                let resident = &row["allocations"]["peak_resident_bytes"];
                assert_eq!(resident.as_u64() > Some(1_000_000), ["encode", "decode"].contains(&stage), "{row}");
            }
            assert_eq!(total(&found, payload, codec)["lossy"], json!([]), "{payload} {codec}");
        }
    }
}

#[test]
fn sizes_are_those_that_the_interpreter_says_itself() {
    let directory = Directory::new();
    let people = directory.file(
        "people.json",
        r#"{"people": [{"id": 1, "name": "Ada", "x": 0.5, "tags": ["a", "bb"]}, {"id": 300, "name": "Ada", "x": 7.25, "tags": []}],
            "ok": true, "name": "id", "none": null, "at": {"id": -70000, "café": "é"}}"#,
    );
    // Keys that are data, and so of maps and not of records; some of them more than once.
    let counts: Vec<String> =
        (0..60).map(|at| format!("{{\"word {}\": {at}, \"word {}\": 1}}", at * 7 % 50, at * 7 % 50 + 1)).collect();
    let counts = directory.file("counts.json", format!("[{}]", counts.join(",")));
    let found = profile(&format!("range:70k zeros:3k floats:500 {people} {counts} --codec {STANDARD}"));
    let values = [
        ("range:70k", "list(range(70000))".to_owned()),
        ("zeros:3k", "[0] * 3000".to_owned()),
        ("floats:500", "[i + 0.1 for i in range(500)]".to_owned()),
        (people.as_str(), format!("json.load(open({people:?}))")),
        (counts.as_str(), format!("json.load(open({counts:?}))")),
    ];
    let mut script = "import json, marshal, pickle\n".to_owned();
    let mut expected = Vec::new();
    for (payload, value) in &values {
        let pickles = (2..=5).map(|protocol| (format!("pickle{protocol}"), format!("pickle.dumps(value, {protocol})")));
        let json = ("json".to_owned(), "json.dumps(value)".to_owned());
        // The digits of the shape's floats are others; in pickles they take as much.
        let json = Some(json).filter(|_| *payload != "floats:500");
        for (codec, expression) in pickles.chain(json) {
            script.push_str(&format!("value = {value}; print(len({expression}))\n"));
            expected.push((payload, format!("python:{codec}")));
        }
    }
    let printed = printed(python3(), &script);
    assert_eq!(printed.lines().count(), expected.len());
    for ((payload, codec), size) in expected.into_iter().zip(printed.lines()) {
        assert_eq!(total(&found, payload, &codec)["bytes"], size.parse::<u64>().unwrap(), "{payload} {codec}");
    }
}

#[test]
fn the_writer_of_pickles_writes_what_python_does() {
    let mut shapes: Vec<String> = SHAPES.iter().map(|shape| format!("{}:300", shape.name)).collect();
    // In JSON, positions are lists to Python, whatever they are to Rust; fields may be absent, and numbers of either kind.
    let directory = Directory::new();
    let text =
        r#"[{"at": [1.5, 2], "of": ["a", 1]}, {"at": [2, 2.5], "of": ["b", 2], "more": null}, {"at": [0.5, 1.5]}]"#;
    shapes.push(directory.file("positions.json", text));
    let found = profile(&format!(
        "{} --codec pickle:2,pickle:3,pickle:4,pickle:5,python:pickle2,python:pickle3,python:pickle4,python:pickle5",
        shapes.join(" ")
    ));
    assert_eq!(failed(&found), []);
    for payload in &shapes {
        for protocol in 2..=5 {
            let bytes = |codec: &str| total(&found, payload, codec)["bytes"].as_u64().unwrap();
            let (ours, theirs) = (bytes(&format!("pickle:{protocol}")), bytes(&format!("python:pickle{protocol}")));
            assert_eq!(ours, theirs, "{payload} in protocol {protocol}");
        }
    }
}

/// The objects of a file, as a program would have them that loaded it.
#[test]
fn rows_of_a_pickle_encode_its_own_objects() {
    let directory = Directory::new();
    let make = "
import array, collections, datetime, decimal, fractions, pathlib, pickle, sys, uuid
shared = ['shared', 'by', 'many'] * 20
rows = [(at, 'name %d' % at, at / 3) for at in range(200)]
objects = {
    'ordered': collections.OrderedDict(b=1, a=shared), 'count': collections.Counter('abracadabra'), 'default': collections.defaultdict(list, k=[1]),
    'queue': collections.deque([1, shared], 5), 'when': datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=datetime.timezone.utc), 'span': datetime.timedelta(1, 2),
    'price': decimal.Decimal('1.50'), 'ratio': fractions.Fraction(1, 3), 'id': uuid.UUID(int=5), 'path': pathlib.PurePosixPath('a/b'), 'set': {'x', 'y', 'z'},
    'complex': 1j, 'range': range(9), 'again': shared, 'bytes': bytearray(b'abc'), 'keys': {(1, 2): 3}, 'array': array.array('f', [0.5]),
}
values = {'rows.pkl': rows, 'objects.pkl': objects}
for name, value in values.items():
    with open(sys.argv[1] + '/' + name, 'wb') as file:
        pickle.dump(value, file, 4)
with open(sys.argv[1] + '/stream.pkl', 'wb') as file:
    for row in rows:
        pickle.dump(row, file, 4)
for name, value in values.items():
    with open(sys.argv[1] + '/' + name, 'rb') as file:
        value = pickle.load(file)
    print(*(len(pickle.dumps(value, protocol)) for protocol in (2, 3, 4, 5)))
print(len(pickle.dumps(rows[0], 4)), len(pickle.dumps(rows[1], 4)))
";
    let folder = directory.path().to_str().unwrap().to_owned();
    let made = Command::new(python3()).args(["-c", make, &folder]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let printed = String::from_utf8(made.stdout).unwrap();
    let sizes: Vec<u64> = printed.split_whitespace().map(|size| size.parse().unwrap()).collect();
    let [rows, objects] = ["rows.pkl", "objects.pkl"].map(|name| format!("{folder}/{name}"));
    let codecs = "python:pickle2,python:pickle3,python:pickle4,python:pickle5,python:marshal,python:json,pickle:4";
    let found = profile(&format!("{rows} {objects} --codec {codecs}"));
    for (at, payload) in [&rows, &objects].into_iter().enumerate() {
        for protocol in 2..=5 {
            let row = total(&found, payload, &format!("python:pickle{protocol}"));
            assert_eq!(row["bytes"], sizes[at * 4 + protocol - 2], "{payload}, protocol {protocol}");
            assert_eq!(row["lossy"], json!([]), "{payload}, protocol {protocol}");
        }
    }
    // The same plain tuples in Rust and in Python.
    assert_eq!(total(&found, &rows, "pickle:4")["bytes"], total(&found, &rows, "python:pickle4")["bytes"]);
    // A row itself says what it cannot keep or cannot take.
    assert_eq!(total(&found, &rows, "python:marshal")["lossy"], json!([]));
    assert_eq!(total(&found, &rows, "python:json")["lossy"], json!(["$[*]: tuple became list (200 times)"]));
    let errors = failed(&found);
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_eq!(errors[0], ("python:marshal", "ValueError: unmarshallable object"));
    assert!(errors[1].0 == "python:json" && errors[1].1.contains("not JSON serializable"), "{errors:?}");
    let notes = found["payloads"][1]["notes"].to_string();
    assert!(notes.contains("rows of Python load the file: they encode its own objects"), "{notes}");

    let stream = format!("{folder}/stream.pkl");
    let found = profile(&format!("{stream} --many 2 --codec python:pickle4,pickle:4"));
    let mean = (sizes[8] + sizes[9]).div_ceil(2);
    assert_eq!(total(&found, &stream, "python:pickle4")["bytes"], mean);
    assert_eq!(total(&found, &stream, "pickle:4")["bytes"], mean);
}

/// The plain values that stand for it still have its tuples.
#[test]
fn rows_of_a_pickle_with_an_unknown_class_have_its_tuples() {
    let directory = Directory::new();
    let folder = directory.path().to_str().unwrap().to_owned();
    let make = "
import pickle, sys
class Own:
    def __init__(self): self.x = 1
rows = [(at, 'name %d' % at, at / 3) for at in range(200)]
points = [[(1.5, 2.5), (3.5, 4.5)], [(5.5, 6.5)]]
with open(sys.argv[1] + '/own.pkl', 'wb') as file:
    pickle.dump({'rows': rows, 'points': points, 'own': Own()}, file, 4)
print(*(len(pickle.dumps({'rows': rows, 'points': points, 'own': {'x': 1}}, protocol)) for protocol in (2, 4)))
";
    let made = Command::new(python3()).args(["-c", make, &folder]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let printed = String::from_utf8(made.stdout).unwrap();
    let sizes: Vec<u64> = printed.split_whitespace().map(|size| size.parse().unwrap()).collect();
    let pickle = format!("{folder}/own.pkl");
    let found = profile(&format!("{pickle} --codec python:pickle2,python:pickle4,python:json,pickle:4"));
    for (protocol, size) in [2, 4].into_iter().zip(&sizes) {
        let row = total(&found, &pickle, &format!("python:pickle{protocol}"));
        assert_eq!((&row["bytes"], &row["lossy"]), (&json!(size), &json!([])), "protocol {protocol}");
    }
    assert_eq!(total(&found, &pickle, "pickle:4")["bytes"], sizes[1]);
    let lossy = total(&found, &pickle, "python:json")["lossy"].to_string();
    assert!(lossy.contains("tuple became list"), "{lossy}");
}

/// Classes of the program's own are never imported: not even where they could be.
#[test]
fn modules_of_the_user_are_not_imported_for_a_pickle() {
    let directory = Directory::new();
    let folder = directory.path().to_str().unwrap().to_owned();
    let trap = format!("open({:?}, 'w')\nclass Row:\n    pass\n", format!("{folder}/imported"));
    directory.file("trap.py", trap);
    let pickle = directory.file("own.pkl", b"\x80\x04\x8c\x04trap\x8c\x03Row\x93)\x81}\x8c\x01aK\x01sb.");
    let found =
        profile_with(&format!("{pickle} --codec python:pickle4,python:json"), &[("PYTHONPATH", folder.as_str())]);
    assert_eq!(failed(&found), []);
    assert_eq!(total(&found, &pickle, "python:json")["bytes"], 8);
    assert!(!directory.path().join("imported").exists());
    let notes = found["payloads"][0]["notes"].to_string();
    assert!(notes.contains("1 value of trap.Row: as a map of its attributes"), "{notes}");
    assert!(notes.contains("and not the objects of the file: trap.Row is not looked up"), "{notes}");
}

#[test]
fn every_interpreter_that_is_there_has_its_rows() {
    let interpreters = interpreters();
    let found = profile(&format!("records:20 --codec {STANDARD} --python {}", interpreters.join(",")));
    let listed = found["environment"]["interpreters"].as_array().unwrap();
    assert_eq!(listed.len(), interpreters.len());
    assert_eq!(failed(&found), []);
    for (about, given) in listed.iter().zip(&interpreters) {
        assert_eq!((&about["given"], &about["gc"]), (&json!(given), &json!(true)));
        let (name, version) = (about["name"].as_str().unwrap(), about["version"].as_str().unwrap());
        if interpreters.len() > 1 {
            let minor = version.rsplit_once('.').unwrap().0;
            assert_eq!(name, format!("python{minor}"));
        }
        for codec in STANDARD.split(',') {
            let row = total(&found, "records:20", &codec.replace("python", name));
            assert_eq!(row["codec_version"], format!("CPython {version}"));
            assert_eq!(row["lossy"], json!([]));
        }
    }
    // The same program under two names is one interpreter, and one of several can be named alone.
    let own = python3();
    let twice = profile(&format!("range:10 --codec python:json --python python3 --python {own}"));
    assert_eq!(texts(&twice, "codec"), ["python:json"]);
    assert_eq!(twice["environment"]["interpreters"].as_array().unwrap().len(), 1);
    if let [first, second, ..] = &interpreters[..] {
        let name = listed[0]["name"].as_str().unwrap();
        let one = profile(&format!(
            "range:10 --codec {name}:json,python:marshal --reference {name}:json --python {first} --python {second}"
        ));
        let other = listed[1]["name"].as_str().unwrap();
        assert_eq!(
            texts(&one, "codec"),
            [format!("{name}:json"), format!("{name}:marshal"), format!("{other}:marshal")]
        );
        assert_eq!(one["payloads"][0]["reference"], format!("{name}:json"));
    }
}

#[test]
fn the_rows_that_are_measured_are_those_asked_for() {
    let directory = Directory::new();
    let bare = without_packages(&directory);
    let all: Vec<String> = PYTHON_ROWS.iter().map(|row| format!("python:{}", row.name)).collect();
    // Without a value it is the default, also before the payload.
    for line in ["range:10 --codec json --python", "--codec json --python range:10"] {
        let found = profile(line);
        let codecs = texts(&found, "codec");
        assert_eq!(codecs[..2], ["null", "json"]);
        assert_eq!(codecs[2..], all);
        assert_eq!(found["environment"]["interpreters"][0]["given"], "python3");
    }
    let found = profile(&format!("range:10 --python {bare} --python-gc off"));
    assert_eq!(found["environment"]["interpreters"][0]["gc"], false);
    // Naming one implies the interpreter, and no other codec is measured.
    assert_eq!(texts(&profile("range:10 --codec python:pickle5"), "codec"), ["python:pickle5"]);
    assert_eq!(profile("range:10 --codec json")["environment"]["interpreters"], json!([]));
    // Whatever the transports, Python has its own, once; and over a link all are modelled.
    let found = profile("range:10 --codec json,python:json --transport pipe,tcp --link 1Gbit --representation both");
    let of_python = rows_with(&found, &[("codec", "python:json"), ("stage", "total")]);
    assert_eq!(
        of_python.iter().map(|row| row["transport"].as_str().unwrap()).collect::<Vec<_>>(),
        ["multiprocessing", "link:1Gbit"]
    );
    let ran = run("profile range:10 --codec json,python:json --compress lz4 --rounds 2 --format json");
    assert_eq!(ran.err, "warning: --compress: rows of Python have no compressor, and are measured without\n");
    assert_eq!(rows_with(&ran.document(), &[("codec", "python:json"), ("stage", "compress")]).len(), 0);
}

/// An interpreter that finds nothing but its standard library.
fn without_packages(directory: &Directory) -> String {
    wrapper(directory, "bare-python", &format!("exec {} -E -S \"$@\"", python3()))
}

fn wrapper(directory: &Directory, name: &str, body: &str) -> String {
    let path = directory.file(name, format!("#!/bin/sh\n{body}\n"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_module_that_is_not_there_is_a_row_that_names_its_package() {
    let directory = Directory::new();
    let bare = without_packages(&directory);
    let found = profile(&format!("range:10 --codec json --python {bare}"));
    for row in PYTHON_ROWS {
        let error = &total(&found, "range:10", &format!("python:{}", row.name))["error"];
        match row.package {
            None => assert_eq!(*error, Value::Null, "{}", row.name),
            Some(package) => assert_eq!(
                *error,
                format!("{package} is not installed; \"{bare} -m pip install {package}\" installs it"),
                "{}",
                row.name
            ),
        }
    }
}

#[test]
fn what_goes_wrong_in_python_is_a_row_and_the_others_go_on() {
    let directory = Directory::new();
    let modules = directory.join("modules");
    fs::create_dir(&modules).unwrap();
    for (name, text) in [
        // Output of sites must not be taken for an answer.
        ("sitecustomize.py", "import sys\nprint('junk ' * 1000, flush=True)\nprint('more', file=sys.stderr)\n"),
        (
            "orjson.py",
            "import os, signal\ndef dumps(value): os.kill(os.getpid(), signal.SIGKILL)\ndef loads(data): pass\n",
        ),
        ("msgpack.py", "raise RuntimeError('built for another machine')\n"),
        ("cbor2.py", "def dumps(value): raise MemoryError()\ndef loads(data): pass\n"),
        ("cloudpickle.py", "import sys\nsys.exit('no')\n"),
        (
            "msgspec.py",
            "import os, pickle\nclass json:\n    encode = pickle.dumps\n    def decode(data): os._exit(7)\n\
             class msgpack:\n    encode = pickle.dumps\n    decode = lambda data: [True, *pickle.loads(data)[1:]]\n",
        ),
        ("numpy.py", "import no_such_module_at_all\n"),
    ] {
        fs::write(modules.join(name), text).unwrap();
    }
    let arguments = "profile range:50 --codec postcard --python --rounds 3 --format json";
    // Where it is started, anything may be called as a module is.
    directory.file("pickle.py", "raise SystemExit('the wrong pickle')\n");
    directory.file("socket.py", "raise SystemExit('the wrong socket')\n");
    let ran = finish(program(arguments).env("PYTHONPATH", &modules).current_dir(directory.path()));
    assert_eq!((ran.status.code(), ran.err.as_str()), (Some(0), ""));
    let found = ran.document();
    let failed = failed(&found);
    for (codec, reason) in [
        ("python:cloudpickle", "cloudpickle cannot be set up: SystemExit: no"),
        ("python:orjson", "the sending interpreter was killed by signal 9 (SIGKILL)"),
        ("python:msgspec-json", "the receiving interpreter ended with exit code 7"),
        ("python:msgpack", "msgpack cannot be set up: RuntimeError: built for another machine"),
        ("python:cbor2", "MemoryError"),
        ("python:numpy-pickle", "numpy cannot be set up: ModuleNotFoundError: No module named 'no_such_module_at_all'"),
    ] {
        assert!(failed.iter().any(|(name, text)| *name == codec && text.starts_with(reason)), "{codec}: {failed:#?}");
    }
    for codec in STANDARD.split(',').chain(["postcard"]) {
        assert!(!failed.iter().any(|(name, _)| *name == codec), "{failed:#?}");
        assert_eq!(total(&found, "range:50", codec)["lossy"], json!([]));
    }
    assert_eq!(total(&found, "range:50", "python:msgspec-msgpack")["lossy"], json!(["$[*]: int became bool"]));
    let mut names = directory.names();
    names.retain(|name| !["modules", "pickle.py", "socket.py"].contains(&name.as_str()));
    assert_eq!(names, [""; 0], "nothing is left behind");
    assert!(!modules.join("__pycache__").exists());
}

#[test]
fn the_collector_is_as_asked_while_something_is_timed() {
    let directory = Directory::new();
    let module = "import gc, os, pickle\n\
                  def check(value):\n    assert gc.isenabled() == (os.environ['WANTED'] == 'on')\n    return value\n\
                  def dumps(value): return pickle.dumps(check(value))\n\
                  def loads(data): return check(pickle.loads(data))\n";
    directory.file("orjson.py", module);
    for wanted in ["on", "off"] {
        let environment = [("PYTHONPATH", directory.path().to_str().unwrap()), ("WANTED", wanted)];
        let line = format!("records:9 --codec python:orjson --python-gc {wanted}");
        assert_eq!(failed(&profile_with(&line, &environment)), [], "{wanted}");
        let line = format!("records:9 --codec python:orjson,python:json --python-gc {wanted}");
        let other = [environment[0], ("WANTED", if wanted == "on" { "off" } else { "on" })];
        assert_eq!(failed(&profile_with(&line, &other)), [("python:orjson", "AssertionError")], "{wanted}");
    }
}

#[test]
fn what_python_loses_is_said_by_path() {
    let directory = Directory::new();
    // {"a": {1: NaN}, "b": [-0.0, inf]} in MessagePack.
    let mut bytes = vec![0x82, 0xa1, b'a', 0x81, 0x01, 0xcb];
    bytes.extend(f64::NAN.to_be_bytes());
    bytes.extend([0xa1, b'b', 0x92, 0xcb]);
    bytes.extend((-0.0f64).to_be_bytes());
    bytes.push(0xcb);
    bytes.extend(f64::INFINITY.to_be_bytes());
    let path = directory.file("odd.msgpack", bytes);
    let found = profile(&format!("{path} --codec {STANDARD}"));
    for codec in STANDARD.split(',') {
        let row = total(&found, &path, codec);
        let expected = if codec == "python:json" { json!(["$.a: keys of type int became str"]) } else { json!([]) };
        assert_eq!((&row["lossy"], &row["error"]), (&expected, &Value::Null), "{codec}");
    }
}

#[test]
fn a_stream_of_messages_is_measured_by_the_message() {
    let found = profile(&format!("records:7 --many 50 --codec {STANDARD}"));
    assert_eq!(failed(&found), []);
    let whole = profile("records:7 --codec python:pickle5");
    for codec in STANDARD.split(',') {
        for stage in ["encode", "transfer", "decode", "total"] {
            let row = rows_with(&found, &[("codec", codec), ("stage", stage)])[0];
            assert_eq!(row["operations_per_sample"], 50, "{row}");
        }
        assert_eq!(total(&found, "records:7", codec)["lossy"], json!([]));
    }
    // A message repeats its keys, and the whole shares them.
    let bytes = |document: &Value| total(document, "records:7", "python:pickle5")["bytes"].as_u64().unwrap();
    assert!(bytes(&found) * 7 > bytes(&whole), "{} {}", bytes(&found), bytes(&whole));
}

#[test]
fn interpreters_that_cannot_be_used_are_refused_before_anything_is_measured() {
    let directory = Directory::new();
    let other =
        format!("exec {} -c 'import sys\nsys.implementation.name = \"pypy\"\nexec(sys.argv[1])' \"$2\"", python3());
    let other = wrapper(&directory, "other", &other);
    let old = wrapper(
        &directory,
        "old",
        &format!("exec {} -c 'import sys\nsys.version_info = (3, 7, 16)\nexec(sys.argv[1])' \"$2\"", python3()),
    );
    let silent = wrapper(&directory, "silent", "exit 0");
    let talking = wrapper(&directory, "talking", "echo 'not today' >&2; exit 3");
    let what = "name a CPython 3.8 or later, as in --python /usr/bin/python3";
    for (given, reason) in [
        ("no-such-python", "there is no such program on the path"),
        ("/nonexistent/python", "it cannot be started: No such file or directory (os error 2)"),
        (&other, "it is pypy "),
        (&old, "the program ended with exit code 1: it is Python 3.7.16, and sercost needs 3.8 or later"),
        (&silent, "the program ended with exit code 0"),
        (&talking, "the program ended with exit code 3: not today"),
    ] {
        let error = run(&format!("profile range:10 --rounds 100000 --python {given}")).error();
        assert!(error.starts_with(&format!("error: --python {given} cannot be used: {reason}")), "{error}");
        assert!(error.ends_with(&format!("{what}\n")) && error.lines().count() == 1, "{error}");
    }
    for (line, message) in [
        (
            "range:10 --codec python:jsno",
            "--codec: unknown row \"python:jsno\"; did you mean \"python:json\"? \"sercost list python\" shows all",
        ),
        (
            "range:10 --codec python:json+lz4",
            "--codec: python:json+lz4: rows of Python have no compressor; leave out \"+lz4\", and see what it does to \
             another codec, as in \"json+lz4\" beside \"python:json\"",
        ),
        (
            "range:10 --codec python2.5:json",
            "--codec python2.5:json: no interpreter of this call is python2.5; there is python; --python names more",
        ),
        (
            "range:10 --codec json --reference python:json",
            "--reference python:json: it is not among the codecs that are measured; add it to --codec",
        ),
        ("--python", "--python: of which payload? As in \"sercost profile data.json --python\""),
    ] {
        assert_eq!(run(&format!("profile {line}")).error(), format!("error: {message}\n"), "{line}");
    }
}

#[test]
fn python_is_in_the_tables_for_people() {
    let directory = Directory::new();
    let bare = without_packages(&directory);
    let line =
        format!("profile records:50 --codec json,postcard --rounds 5 --reference python:pickle5 --python {bare}");
    let details = format!("{line} --details");
    let text = finish(program(&details).env("COLUMNS", "100")).ok();
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    for expected in [
        "typed, over pipe, python over multiprocessing, 5 rounds",
        "  verdict",
        "python:pickle5",
        "ratio: total against python:pickle5",
        "a part of every row above but Python's",
        "python:msgpack: msgpack is not installed;",
        "in the sending interpreter and",
        "cyclic gc on",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let narrow = finish(program(&line).env("COLUMNS", "60")).ok();
    assert!(narrow.lines().all(|line| line.chars().count() <= 60), "{narrow}");
    let markdown = run(&format!("{line} --format markdown")).ok();
    assert!(markdown.contains("| python:json |"), "{markdown}");
    let csv = run(&format!("{line} --format csv")).ok();
    assert!(csv.contains("records:50,python:marshal,CPython "), "{csv}");
}
