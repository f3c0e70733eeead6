//! The faults: bad names, bad files, full disks, killed processes, Ctrl-C. Each ends in words, an exit code, and
//! nothing left behind.

mod leftovers;
mod outputs;
mod reading;

use crate::tools::{
    Directory, Process, Running, document, finish, profile, rows, rows_with, run, sercost, signal_to, wait_until,
};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

/// More rounds than any test waits for.
const ENDLESS: &str = "100000";

/// Command lines behind `profile`, and what is said of each.
const UNKNOWN: &[(&str, &str)] = &[
    (
        "rnage:10M",
        "payload \"rnage:10M\" is neither a built-in shape nor a file; did you mean \"range:10M\"? \
             \"sercost list payloads\" shows the shapes",
    ),
    (
        "ordres.json",
        "payload \"ordres.json\" is neither a built-in shape nor a file; did you mean \"orders.json\"? \
             \"sercost list payloads\" shows the shapes",
    ),
    (
        "quite/something.else",
        "payload \"quite/something.else\" is neither a built-in shape nor a file; \
             \"sercost list payloads\" shows the shapes",
    ),
    ("range", "payload \"range\" needs a count, as in \"range:10M\""),
    ("range:10X", "payload \"range:10X\": the count \"10X\" is not a count like 1000, 100k, 10M, 1e6 or 1,000,000"),
    (
        "range:10 --codec jsno",
        "--codec: unknown codec \"jsno\"; did you mean \"json\"? \"sercost list codecs\" shows all",
    ),
    ("range:10 --codec parquet", "--codec: unknown codec \"parquet\"; \"sercost list codecs\" shows all"),
    (
        "range:10 --codec json+zsdt",
        "--codec: unknown compressor \"zsdt\"; did you mean \"zstd\"? \"sercost list compressors\" shows all",
    ),
    (
        "range:10 --compress zsdt",
        "--compress: unknown compressor \"zsdt\"; did you mean \"zstd\"? \"sercost list compressors\" shows all",
    ),
    (
        "range:10 --compress zstd:40",
        "--compress: compressor zstd has no level \"40\"; its levels are 1 to 22, as in \"zstd:22\"",
    ),
    (
        "range:10 --transport pip",
        "--transport: unknown transport \"pip\"; did you mean \"pipe\"? \"sercost list transports\" shows all",
    ),
    ("range:10 --transport pigeon", "--transport: unknown transport \"pigeon\"; \"sercost list transports\" shows all"),
    (
        "orders.json --input-format jsn",
        "unknown input format \"jsn\"; did you mean \"json\"? There are json, ndjson, csv, tsv, msgpack, cbor, pickle",
    ),
    (
        "orders.dat",
        "orders.dat: its format cannot be told, neither by the ending of its name nor by its content; say which with \
             --input-format (json, ndjson, csv, tsv, msgpack, cbor, pickle)",
    ),
    (".", "cannot read .: it is a directory; name a file in it"),
    ("range:10 range:10", "payload \"range:10\" is given twice; rows are told apart by the payload's name"),
    ("- -", "standard input can be read only once; give \"-\" once"),
    ("range:10 --many 0", "--many: a stream needs at least one message"),
    (
        "bytes:10 --many 5",
        "--many sends the elements of a list one by one, and payload bytes:10 is of type bytes; take a list, or leave out --many",
    ),
    ("range:0 --many 5", "payload range:0: it holds nothing to measure (list of 0 i64)"),
    ("range:0", "payload range:0: it holds nothing to measure (list of 0 i64)"),
    ("bytes:0", "payload bytes:0: it holds nothing to measure (0 bytes)"),
    (
        "range:10 --codec json --reference null",
        "--reference null: the null codec writes nothing, so that it has no total to compare with; name another codec",
    ),
    ("range:10 --link 1Gbit,1", "--link: \"1\" is not a latency with its unit, like 1ms, 50us or 2s"),
    ("range:10 --link fast", "--link: \"fast\" is not a bandwidth like 1Gbit, 100Mbit or 125MB (per second)"),
    ("range:10 --time 5x", "--time: \"5x\" is not a duration like 20s, 500ms, 50us or 2m"),
    ("range:10 --schema schema.json", "--schema is for files, and range:10 is a built-in shape, whose types are given"),
    ("range:10 --lenient", "--lenient is for files, and range:10 is a built-in shape, whose types are given"),
    ("range:10 --delimiter ;", "--delimiter is for files, and range:10 is a built-in shape, whose types are given"),
    (
        "orders.json --delimiter ;;",
        "--delimiter: \";;\" is not a delimiter: give one ASCII character, or tab, comma, semicolon, pipe, space",
    ),
    ("range:10 --ints i64", "--ints is for files, and range:10 is a built-in shape, whose types are given"),
    ("orders.json --schema no.json", "--schema: cannot read no.json: No such file or directory (os error 2)"),
];

#[test]
fn names_that_are_not_known_are_told_which_is_near() {
    let directory = Directory::new();
    directory.file("orders.json", "[1]");
    directory.file("orders.dat", "nothing that has a form");
    for (line, message) in UNKNOWN {
        let ran = finish(sercost(["profile"].into_iter().chain(line.split(' '))).current_dir(directory.path()));
        assert_eq!(ran.error(), format!("error: {message}\n"), "{line}");
    }
}

#[test]
fn flags_that_are_mistyped_are_told_so() {
    for (line, hint) in [
        ("prifile range:10", "\"profile\""),
        ("profile range:10 --cdoec json", "'--codec'"),
        ("profile range:10 --rounds 0", "1..=100000"),
        ("profile range:10 --show-schema yaml", "text, rust, json"),
        ("profile range:10 --rounds 5 --time 1s", "cannot be used with"),
        ("profile", "<PAYLOAD>"),
        ("list codex", "'codecs'"),
    ] {
        let error = run(line).error();
        assert!(error.contains(hint), "{line}: {error}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_the_place() {
    let directory = Directory::new();
    for (name, content, message) in [
        ("syntax.json", &b"{\"a\": [1,\n 2 3]}"[..], "line 2, column 4: $.a[2]: expected `,` or `]`, found \"3\""),
        ("empty.json", b"", "it is empty; a document has at least one value"),
        ("blank.json", b" \n ", "it is empty; a document has at least one value"),
        (
            "nan.json",
            b"[NaN]",
            "line 1, column 2: $[0]: NaN is not JSON; write null, or say --lenient to take it as Python's json does",
        ),
        (
            "inf.json",
            b"[-Infinity]",
            "line 1, column 2: $[0]: -Infinity is not JSON; write null, or say --lenient to take it as Python's json does",
        ),
        (
            "wide.json",
            b"[18446744073709551616]",
            "line 1, column 2: $[0]: integer 18446744073709551616 does not fit in 64 bits",
        ),
        (
            "far.json",
            b"[1e999]",
            "line 1, column 2: $[0]: number 1e999 is beyond the range of a 64-bit float; quote it as a string",
        ),
        (
            "twice.json",
            b"{\"a\":1,\"a\":2}",
            "line 1, column 8: $.a: the key occurs twice in one object; drop or rename one of the two",
        ),
        (
            "bytes.json",
            b"[\"\xff\xfe\"]",
            "line 1, column 3: $[0]: byte 0xff is not UTF-8; the file may be Windows-1251, Shift_JIS or GB18030",
        ),
        ("cut.cbor", b"\x83\x01", "byte 2: $[1]: the file ends inside a value"),
        (
            "cut.pickle",
            b"\x80\x04K\x01",
            "byte 4: the pickle ends without a STOP; \"sercost inspect\" shows which of its bytes are what",
        ),
    ] {
        directory.file(name, content);
        let error = finish(sercost(["profile", name, "--rounds", "2"]).current_dir(directory.path())).error();
        // Advice may follow.
        assert!(error.starts_with(&format!("error: {name}: {message}")), "{error}");
        assert_eq!(error.lines().count(), 1);
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let directory = Directory::new();
    let path = directory.file("deep.json", "[".repeat(100_000) + &"]".repeat(100_000));
    let error = run(&format!("profile {path}")).error();
    assert!(error.contains("line 1, column 257") && error.contains("more than 256 levels deep"), "{error}");
}

/// The codecs of a run that failed, each with its error.
fn failed(document: &Value) -> Vec<(&str, &str)> {
    let totals = rows_with(document, &[("stage", "total")]);
    totals.iter().filter_map(|row| Some((row["codec"].as_str()?, row["error"].as_str()?))).collect()
}

#[test]
fn documents_at_the_edge_are_measured_or_refused_with_the_reason() {
    let directory = Directory::new();
    let deep = "[".repeat(200) + "1" + &"]".repeat(200);
    let deep_maps = "{\"a\":".repeat(200) + "1" + &"}".repeat(200);
    let serde = "json,bincode,bincode-fixed,postcard,msgpack,msgpack-named,cbor,ciborium,serde-pickle:2,\
                 serde-pickle:3,bitcode,bson,flexbuffers,smile";
    for (name, content, expected) in [
        ("empties.json", "[[],[],{}]", &[][..]),
        ("nothing.json", "null", &[]),
        ("mixed.json", r#"[{"v":1},{"v":"x"},{"v":[1,2]},{"v":null},{"v":{"a":true}},{"v":1.5}]"#, &[]),
        ("marked.json", "\u{feff}[1]", &[]),
        ("deep.json", &deep, &[("json", "recursion limit exceeded"), ("smile", "recursion limit exceeded")]),
        ("maps.json", &deep_maps, &[("json", "recursion limit exceeded"), ("smile", "recursion limit exceeded")]),
        (
            "widest.json",
            "[0, 18446744073709551615]",
            &[
                ("serde-pickle:2", "integer too large"),
                ("serde-pickle:3", "integer too large"),
                ("bson", "cannot fit into BSON"),
            ],
        ),
    ] {
        let path = directory.file(name, content);
        let found = profile(&format!("{path} --codec {serde}"));
        let failed = failed(&found);
        let codecs = |list: &[(&str, &str)]| list.iter().map(|(codec, _)| (*codec).to_owned()).collect::<Vec<_>>();
        assert_eq!(codecs(&failed), codecs(expected), "{name}: {failed:?}");
        for ((codec, error), (_, reason)) in failed.iter().zip(expected) {
            assert!(error.contains(reason), "{name}: {codec}: {error}");
        }
        for row in rows_with(&found, &[("stage", "total")]) {
            assert!(row["error"].is_string() || row["lossy"] == serde_json::json!([]), "{name}: {row}");
        }
        // Also for a person to read, in lines that end.
        let text = run(&format!("profile {path} --rounds 2")).ok();
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{name}: {text}");
    }
}

#[test]
fn what_holds_nothing_is_not_measured() {
    let directory = Directory::new();
    for (name, content, what) in [
        ("list.json", "[]", "list of 0 values"),
        ("object.json", "{}", "record of 0 fields"),
        ("text.json", "\"\"", "string of 0 bytes"),
    ] {
        let path = directory.file(name, content);
        let error = run(&format!("profile {path} --codec json --rounds 2")).error();
        assert_eq!(error, format!("error: payload {path}: it holds nothing to measure ({what})\n"));
        let error = run(&format!("profile {path} --representation dynamic --codec json --rounds 2")).error();
        assert!(error.contains(": it holds nothing to measure ("), "{error}");
    }
}

#[test]
fn floats_that_json_has_no_word_for_arrive_where_the_format_has_one() {
    let directory = Directory::new();
    // {"x": NaN, "y": infinity}, as doubles of a MessagePack map.
    let mut bytes = vec![0x82];
    for (key, value) in [(b'x', f64::NAN), (b'y', f64::INFINITY)] {
        bytes.extend([0xa1, key, 0xcb]);
        bytes.extend(value.to_be_bytes());
    }
    let path = directory.file("odd.msgpack", bytes);
    let found = profile(&format!("{path} --codec msgpack,cbor,bincode,flexbuffers,json"));
    assert_eq!(failed(&found).iter().map(|(codec, _)| *codec).collect::<Vec<_>>(), ["json"]);
    let json = rows_with(&found, &[("codec", "json"), ("stage", "total")])[0];
    assert_eq!(json["lossy"], serde_json::json!(["$.x: NaN became null", "$.y: inf became null"]));
}

#[test]
fn a_long_string_is_one_value_like_any_other() {
    let directory = Directory::new();
    let path = directory.file("long.json", format!("\"{}\"", "sercost ".repeat(4_000_000)));
    let found = finish(&mut sercost(["profile", &path, "--rounds", "1", "--format", "json"])).document();
    assert_eq!(found["payloads"][0]["description"], "string of 32,000,000 bytes");
    for row in rows_with(&found, &[("stage", "total")]) {
        assert_eq!(row["error"], Value::Null, "{row}");
        assert_eq!(row["lossy"], serde_json::json!([]), "{row}");
        assert!(row["bytes"].as_u64().unwrap() >= 32_000_000, "{row}");
    }
}

#[test]
fn what_does_not_fit_in_memory_is_refused_before_it_is_made() {
    let error = run("profile zeros:100G").error();
    assert!(error.starts_with("error: payload zeros:100G: 3.20 TB of memory needed ("), "{error}");
    assert!(error.contains(" available; up to zeros:") && error.ends_with(" fits\n"), "{error}");
    // Also when only the schema is asked for, and also when it is one of several: the others are measured.
    assert!(run("profile zeros:100G --show-schema").error().contains("3.20 TB of memory needed"));
    let ran = run("profile zeros:100G range:10 --codec json --rounds 2 --format json");
    assert_eq!(ran.status.code(), Some(2));
    assert!(ran.err.contains("3.20 TB of memory needed"), "{}", ran.err);
    assert_eq!(ran.document()["payloads"][0]["name"], "range:10");
}

#[test]
fn a_results_file_that_cannot_be_written_is_said_before_anything_is_measured() {
    let directory = Directory::new();
    directory.file("file", "");
    for (out, message) in [
        ("none/run.json", "the directory \"none\" does not exist; make it first"),
        ("file/run.json", "not a directory"),
        (".", "it is a directory; name a file in it, such as \"./results.json\""),
    ] {
        let arguments = ["profile", "range:10", "--rounds", ENDLESS, "--out", out];
        let ran = finish(sercost(arguments).current_dir(directory.path()));
        assert_eq!(ran.error(), format!("error: cannot write results to {out:?}: {message}\n"));
    }
    assert_eq!(directory.names(), ["file"]);
}

#[test]
fn a_device_that_is_full_is_noticed_before_anything_is_measured() {
    let ran = run("profile range:10 --codec json --rounds 2 --out /dev/full --format json");
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(ran.err, "error: cannot write results to \"/dev/full\": no space left on device\n");
    assert_eq!(ran.out, "");

    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = sercost(["list"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "error: No space left on device (os error 28)\n");
}

#[test]
fn results_that_cannot_be_written_in_the_end_are_still_printed() {
    let directory = Directory::new();
    let path = directory.join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    // Opens the pipe, and is gone before there is anything to read.
    let reader = std::thread::spawn({
        let path = path.clone();
        move || drop(fs::File::open(path).unwrap())
    });
    let ran = run(&format!("profile range:10 --codec json --rounds 2 --out {} --format json", path.display()));
    reader.join().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    assert!(ran.err.contains("cannot write results to") && ran.err.contains("roken pipe"), "{}", ran.err);
    assert_eq!(ran.document()["environment"]["complete"], true);
}

#[test]
fn a_temporary_directory_that_is_missing_is_one_transports_fault() {
    let arguments = "profile range:10 --codec json,cbor --rounds 2 --transport file,pipe --format json";
    let found = finish(sercost(arguments.split(' ')).env("TMPDIR", "/nonexistent")).document();
    for row in rows_with(&found, &[("stage", "total"), ("transport", "file")]) {
        let error = row["error"].as_str().unwrap();
        assert!(error.contains("/nonexistent") && error.contains("set TMPDIR"), "{error}");
    }
    for row in rows_with(&found, &[("stage", "total"), ("transport", "pipe")]) {
        assert_eq!(row["error"], Value::Null);
        // The first transport has nothing to compare with; the second does.
        assert!(row["summary"]["ratio"].is_f64(), "{row}");
    }
}

#[test]
fn nothing_measured_is_an_error() {
    let arguments = "profile range:10 --codec json --rounds 2 --transport file --format json --representation dynamic";
    let ran = finish(sercost(arguments.split(' ')).env("TMPDIR", "/nonexistent"));
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(ran.err, "error: nothing could be measured; the rows say why\n");
    assert!(rows(&ran.document()).iter().any(|row| row["error"].is_string()));
}

#[test]
fn the_null_row_is_nothing_measured_unless_it_is_all_that_was_asked_for() {
    let directory = Directory::new();
    // No type of the built-in shapes, so that borsh refuses it and only the null row has samples.
    let path = directory.file("a.json", "[{\"a\": [1, null]}]");
    let ran = run(&format!("profile {path} --codec borsh --rounds 2 --format json"));
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(ran.err, "error: nothing could be measured; the rows say why\n");
    let document = ran.document();
    assert!(rows_with(&document, &[("codec", "null")]).iter().any(|row| row["summary"].is_object()));
    assert_eq!(run(&format!("profile {path} --codec null --rounds 2")).status.code(), Some(0));
}

#[test]
fn a_killed_receiver_is_a_row_and_the_others_go_on() {
    let directory = Directory::new();
    let out = directory.join("run.json");
    let line =
        format!("profile range:20k --codec json,postcard,cbor --rounds 200 --format json --out {}", out.display());
    let running = Running::start(&mut sercost(line.split(' ')));
    let first = running.receiver();
    wait_until("there are samples", || has_samples(&out));
    first.signal(Signal::KILL);
    let ran = running.wait();
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err);
    let found = ran.document();
    let failed = failed(&found);
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].1.starts_with("the receiving process was killed by signal 9 (SIGKILL)"), "{failed:?}");
    for row in rows_with(&found, &[("stage", "total")]) {
        let samples = row["samples_ns"].as_array().unwrap();
        let taken = samples.iter().filter(|sample| !sample.is_null()).count();
        // Samples that were measured before stay.
        assert_eq!(row["summary"]["count"], taken);
        assert_eq!((samples.len(), taken == 200), (200, row["error"].is_null()), "{}", row["codec"]);
    }
    assert!(!first.runs());
    assert_eq!(directory.names(), ["run.json"]);
}

fn has_samples(path: &std::path::Path) -> bool {
    let text = fs::read_to_string(path).unwrap_or_default();
    // The file is replaced whole, so that at any moment it is a results file.
    !text.is_empty() && !rows(&document(&text)).is_empty()
}

/// A run without end that writes its results and its temporary files to `directory`, once it has samples.
fn endless(directory: &Directory, flags: &str) -> (Running, Process) {
    let out = directory.join("run.json");
    let line = format!("profile range:20k --rounds {ENDLESS} --codec json,cbor --out {} {flags}", out.display());
    let running = Running::start(sercost(line.split_whitespace()).env("TMPDIR", directory.path()));
    wait_until("there are samples", || has_samples(&out));
    let receiver = running.receiver();
    (running, receiver)
}

fn complete(directory: &Directory) -> Value {
    document(&fs::read_to_string(directory.join("run.json")).unwrap())["environment"]["complete"].clone()
}

#[test]
fn ctrl_c_prints_and_writes_what_was_measured() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let directory = Directory::new();
        let (running, receiver) = endless(&directory, "--transport file,pipe --format json");
        signal_to(running.process.id(), signal);
        let ran = running.wait();
        assert_eq!(ran.status.code(), Some(130), "{signal:?}: {}", ran.err);
        // How long so many rounds would have taken was said at once.
        assert!(ran.err.ends_with("warning: interrupted: what had been measured is shown\n"), "{}", ran.err);
        let found = ran.document();
        assert_eq!(found["environment"]["complete"], false);
        assert!(rows_with(&found, &[("stage", "total")]).iter().all(|row| row["summary"]["count"].as_u64() > Some(0)));
        assert_eq!(fs::read_to_string(directory.join("run.json")).unwrap(), ran.out);
        wait_until("the receiving process ends", || !receiver.runs());
        assert_eq!(directory.names(), ["run.json"]);
    }
}

/// A receiver that is stopped takes nothing more, so that the sender waits inside of a system call forever: as good as
/// an encode that takes minutes.
#[test]
fn ctrl_c_is_heeded_in_an_operation_that_does_not_end() {
    let directory = Directory::new();
    let out = directory.join("run.json");
    let line = format!("profile bytes:8MB --codec postcard,cbor --rounds {ENDLESS} --out {}", out.display());
    let running = Running::start(&mut sercost(line.split(' ')));
    let receiver = running.receiver();
    wait_until("there are samples", || has_samples(&out));
    receiver.signal(Signal::STOP);
    wait_until("the receiver is stopped", || receiver.state() == "T");
    signal_to(running.process.id(), Signal::INT);
    let ran = running.wait();
    assert_eq!(ran.status.code(), Some(130), "{}", ran.err);
    assert!(ran.err.ends_with("warning: interrupted: what had been measured is shown\n"), "{}", ran.err);
    assert!(ran.out.contains("postcard") && ran.out.contains("8.00"), "{}", ran.out);
    wait_until("the receiving process ends", || !receiver.runs());
    assert_eq!(complete(&directory), false);
    assert_eq!(directory.names(), ["run.json"]);
}

#[test]
fn ctrl_c_is_for_a_person_to_read_too() {
    let directory = Directory::new();
    let (running, _) = endless(&directory, "");
    signal_to(running.process.id(), Signal::INT);
    let ran = running.wait();
    assert_eq!(ran.status.code(), Some(130));
    assert!(ran.out.starts_with("incomplete "), "{}", ran.out);
    assert!(ran.out.lines().any(|line| line.starts_with('1') && line.contains("json")), "{}", ran.out);
}

#[test]
fn ctrl_c_before_the_first_sample_ends_the_run_too() {
    // The first payload is made and measured for a while; the second never is.
    let running =
        Running::start(&mut sercost(["profile", "range:1M", "range:10", "--rounds", ENDLESS, "--format", "json"]));
    let receiver = running.receiver();
    signal_to(running.process.id(), Signal::INT);
    let ran = running.wait();
    assert_eq!(ran.status.code(), Some(130));
    let found = ran.document();
    assert_eq!(found["environment"]["complete"], false);
    assert_eq!(found["payloads"].as_array().unwrap().len(), 1);
    wait_until("the receiving process ends", || !receiver.runs());
}

#[test]
fn a_receiver_that_hangs_does_not_hold_the_user() {
    let directory = Directory::new();
    let (mut running, receiver) = endless(&directory, "");
    receiver.signal(Signal::STOP);
    wait_until("the receiving process has stopped", || receiver.state() == "T");
    // Once asks for the results, which a write to a process that reads nothing may keep from coming; twice insists.
    wait_until("the program ends", || {
        let ended = running.process.try_wait().unwrap().is_some();
        if !ended {
            signal_to(running.process.id(), Signal::INT);
        }
        ended
    });
    assert_eq!(running.wait().status.code(), Some(130));
    assert_eq!(complete(&directory), false);
    wait_until("the receiving process ends", || !receiver.runs());
    assert_eq!(directory.names(), ["run.json"]);
}

#[test]
fn the_receiver_does_not_outlive_its_sender() {
    for transport in ["pipe", "unix", "tcp", "shm", "shm-in-place", "file"] {
        let directory = Directory::new();
        let (running, receiver) = endless(&directory, &format!("--transport {transport}"));
        signal_to(running.process.id(), Signal::KILL);
        assert_eq!(running.wait().status.code(), None);
        wait_until("the receiving process ends", || !receiver.runs());
        assert_eq!(complete(&directory), false);
        // No process was left to remove a document that was being written; its name says whose it is.
        assert!(
            directory.names().iter().all(|name| name == "run.json" || name.starts_with(".sercost-")),
            "{transport}"
        );
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    for line in ["list", "profile range:10 records:10 --rounds 2 --format csv"] {
        let mut process = sercost(line.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        // The rest is never read: the pipe is closed as `head -1` closes it.
        BufReader::with_capacity(1, process.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(!first.is_empty());
        let mut talk = String::new();
        process.stderr.take().unwrap().read_to_string(&mut talk).unwrap();
        assert_eq!((process.wait().unwrap().code(), talk.as_str()), (Some(0), ""), "{line}");
    }
    // Closed before the first byte.
    let status =
        Command::new("sh").args(["-c", "\"$0\" list 2>&1 | true", env!("CARGO_BIN_EXE_sercost")]).status().unwrap();
    assert!(status.success());
}

#[test]
fn receive_by_hand_says_what_it_is() {
    let error = run("receive").error();
    assert!(
        error.starts_with(
            "error: standard input is not a socket: \"receive\" is started by sercost itself and cannot be used by hand"
        ),
        "{error}"
    );
}
