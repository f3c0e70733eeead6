//! Inputs of every kind and from everywhere: compressed, without an ending, without an end, cut while they are read, of names
//! that are not text; and a user who interrupts the reading.

use crate::tools::{Directory, Ran, Running, document, finish, run, sercost, signal_to, wait_until};
use rustix::process::Signal;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

const ORDERS: &[u8] = br#"[{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bo"}]"#;

/// The same, by Python's lzma: two streams of .xz behind each other, and a .lzma.
const ORDERS_XZ: &[u8] = b"\
    \xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\x01\
    \x00\x09\x5b\x7b\x22\x69\x64\x22\x3a\x20\x31\x2c\x00\x00\x00\x24\xcb\xfb\xc0\xd9\x24\x8f\x73\x00\x01\
    \x22\x0a\x15\x1a\xe1\x67\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a\xfd\x37\x7a\x58\x5a\x00\x00\
    \x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\xe0\x00\x28\x00\x25\x5d\x00\x10\
    \x08\x8a\x46\xa2\x16\x9f\x28\x27\x1b\xb3\xc2\x2c\x9b\x3d\xe4\x76\x7a\x2e\xc1\x6b\x03\xbc\x7e\xc7\x4b\
    \x07\xed\x10\xcd\x1c\x88\xcf\xf0\xe3\x6a\x00\x00\x00\x00\x00\x61\x4f\xf9\x1a\xcd\x1d\xe3\x33\x00\x01\
    \x41\x29\x03\x53\x56\x8b\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a\
";
const ORDERS_LZMA: &[u8] = b"\
    \x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x2d\x9e\xc0\x46\x93\x5a\xce\x34\xef\x10\x24\
    \x11\xa6\x36\xb6\xb2\x9b\x27\x09\xce\x35\x70\xe0\xb0\x36\xbb\xcb\xdf\x03\xf1\x6f\xb8\xcf\x39\xa5\x80\
    \x26\x17\xb2\x07\xff\xff\xa0\xef\x00\x00\
";

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).and_then(|()| encoder.finish()).unwrap()
}

fn bzip2(data: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(data).and_then(|()| encoder.finish()).unwrap()
}

fn zstd(data: &[u8]) -> Vec<u8> {
    zstd::encode_all(data, 1).unwrap()
}

fn schema(directory: &Directory, name: &str) -> Ran {
    finish(sercost(["profile", "--show-schema", name]).current_dir(directory.path()))
}

/// Runs it with something on its standard input.
fn fed(arguments: &[&str], input: &[u8]) -> Ran {
    let directory = Directory::new();
    directory.file("input", input);
    finish(sercost(arguments).stdin(File::open(directory.join("input")).unwrap()))
}

#[test]
fn compressed_files_of_every_kind_are_what_is_in_them() {
    let directory = Directory::new();
    let lines: &[u8] = b"{\"id\": 1, \"name\": \"Ada\"}\n{\"id\": 2, \"name\": \"Bo\"}\n";
    let table: &[u8] = b"id,name\n1,Ada\n2,Bo\n";
    let pickled: &[u8] =
        b"\x80\x04](}(\x8c\x02idK\x01\x8c\x04name\x8c\x03Adau}(\x8c\x02idK\x02\x8c\x04name\x8c\x02Boue.";
    directory.file("plain.json", ORDERS);
    let plain = schema(&directory, "plain.json").ok().replace("plain.json", "FILE");
    for (name, content, method) in [
        ("orders.json.gz", gzip(ORDERS), "gzip"),
        ("orders.JSON.GZ", gzip(ORDERS), "gzip"),
        ("orders.json.bz2", bzip2(ORDERS), "bzip2"),
        ("orders.json.xz", ORDERS_XZ.to_vec(), "xz"),
        ("orders.json.lzma", ORDERS_LZMA.to_vec(), "lzma"),
        ("orders.json.zst", zstd(ORDERS), "zstd"),
        ("lines.ndjson.zst", zstd(lines), "zstd"),
        ("table.csv.gz", gzip(table), "gzip"),
        ("x.pkl.bz2", bzip2(pickled), "bzip2"),
        // By the content alone.
        ("orders.json", zstd(ORDERS), "zstd"),
        ("orders.gz", gzip(ORDERS), "gzip"),
        ("orders", bzip2(lines), "bzip2"),
    ] {
        directory.file(name, content);
        let ran = schema(&directory, name);
        assert!(ran.err.starts_with(&format!("warning: {name}: unpacked from {method}: ")), "{name}: {}", ran.err);
        assert_eq!(ran.ok().replace(name, "FILE"), plain, "{name}");
    }
    let ran = fed(&["profile", "-", "--show-schema"], &gzip(ORDERS));
    assert_eq!(ran.ok().replace("-:", "FILE:"), plain);
    // Sizes are those of what is in it.
    let path = directory.join("orders.json.xz").display().to_string();
    let found = run(&format!("profile {path} --codec json --rounds 2 --format json")).document();
    assert_eq!(found["payloads"][0]["file_bytes"], ORDERS.len());
    assert_eq!(found["payloads"][0]["format"], "json");
    // And for tasks, and for what looks into pickles.
    let ran = run(&format!("tasks args --engine native --tasks 2 --payload {path} --format json"));
    assert_eq!(ran.document()["scenarios"][0]["payload_description"], "list of 2 records of 2 fields");
    let path = directory.join("x.pkl.bz2").display().to_string();
    assert!(run(&format!("inspect {path}")).ok().contains("pickle in bzip2, unpacked from"));
}

#[test]
fn a_schema_may_come_by_standard_input() {
    let directory = Directory::new();
    let path = directory.file("orders.json", ORDERS);
    let schema = run(&format!("profile {path} --show-schema json")).ok();
    let ran = fed(&["profile", &path, "--schema", "-", "--show-schema", "json"], schema.as_bytes());
    assert_eq!(ran.ok(), schema);
    let error = fed(&["profile", "-", "--schema", "-"], ORDERS).error();
    assert!(error.contains("standard input can be read only once"), "{error}");
}

#[test]
fn a_name_that_says_compressed_is_not_believed_against_the_content() {
    let directory = Directory::new();
    directory.file("orders.json.gz", ORDERS);
    let ran = schema(&directory, "orders.json.gz");
    assert!(ran.err.contains("its name says gzip, and it does not begin as such a file does: it is read as it is"));
    assert!(ran.ok().contains("list of Row"));
}

#[test]
fn what_cannot_be_unpacked_is_refused_with_the_reason() {
    let directory = Directory::new();
    for (name, content) in [
        ("cut.json.gz", gzip(ORDERS)),
        ("cut.json.bz2", bzip2(ORDERS)),
        ("cut.json.zst", zstd(ORDERS)),
        ("cut.json.xz", ORDERS_XZ.to_vec()),
        ("cut.json.lzma", ORDERS_LZMA.to_vec()),
    ] {
        directory.file(name, &content[..content.len() * 2 / 3]);
        let error = schema(&directory, name).error();
        assert!(error.starts_with(&format!("error: {name}: it cannot be unpacked as ")), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    // A few kilobytes that come to many megabytes.
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 1 << 20);
    directory.file("bomb.json.gz", &bomb);
    for verb in ["profile", "inspect"] {
        let ran = finish(sercost([verb, "bomb.json.gz", "--max-unpacked", "1MB"]).current_dir(directory.path()));
        let message = "error: bomb.json.gz: unpacked from gzip it is more than 1.00 MB; give --max-unpacked a larger size if \
                       it is meant to be\n";
        assert_eq!(ran.error(), message, "{verb}");
        let ran = finish(sercost([verb, "bomb.json.gz", "--max-unpacked", "many"]).current_dir(directory.path()));
        assert!(ran.error().starts_with("error: --max-unpacked: \"many\" is not "), "{verb}");
    }
    let line = "tasks args --payload bomb.json.gz --max-unpacked 1MB";
    let ran = finish(sercost(line.split(' ')).current_dir(directory.path()));
    assert!(ran.error().contains("unpacked from gzip it is more than 1.00 MB"));
}

/// The program where it may have so many kilobytes of address space.
fn with_little_memory(kilobytes: u64, line: &str) -> Command {
    let mut command = Command::new("sh");
    let line = format!("ulimit -v {kilobytes} && exec \"$0\" {line}");
    command.args(["-c", &line, env!("CARGO_BIN_EXE_sercost")]).stdin(Stdio::null());
    command
}

#[test]
fn what_has_no_end_stops_where_memory_does() {
    for line in
        ["profile /dev/zero", "profile - < /dev/zero", "inspect - < /dev/zero", "tasks args --payload /dev/zero"]
    {
        let error = finish(&mut with_little_memory(1_500_000, line)).error();
        assert!(error.contains("it has no end after ") && error.contains(" available; take a part of it"), "{error}");
    }
    // No schema and no program is as long as memory.
    let directory = Directory::new();
    let orders = directory.file("orders.json", ORDERS);
    let error = finish(&mut with_little_memory(1_500_000, &format!("profile {orders} --schema /dev/zero"))).error();
    assert!(error.contains("--schema: cannot read /dev/zero: it is more than 268 MB, which no schema is"), "{error}");
    let ran = finish(&mut with_little_memory(1_500_000, "tasks /dev/zero --tasks 2"));
    assert_eq!(ran.status.code(), Some(2));
    assert!(ran.err.contains("/dev/zero is more than 67 MB, which no scenario is"), "{}", ran.err);
    // The unpacked size is held against the memory that there is, without any flag.
    let once = gzip(&vec![b' '; 256 << 20]);
    let path = directory.file("bomb.json.gz", [&once[..], &once, &once, &once].concat());
    let error = finish(&mut with_little_memory(1_500_000, &format!("profile {path}"))).error();
    assert!(error.contains("unpacked from gzip it is more than ") && error.contains("; take a part of it"), "{error}");
}

#[test]
fn streams_and_trees_that_do_not_fit_are_refused_before_they_are_made() {
    let error = run("profile range:1k --many 1G").error();
    assert!(error.starts_with("error: payload range:1k: ") && error.contains(" of memory needed ("), "{error}");
    assert!(error.contains(" available; up to --many ") && error.ends_with(" fits\n"), "{error}");
    // It fits without trees, and not with them.
    let limit = 1_200_000;
    let shape = "profile range:12M --codec json --rounds 1 --format json";
    finish(&mut with_little_memory(limit, shape)).ok();
    let error = finish(&mut with_little_memory(limit, &format!("{shape} --representation dynamic"))).error();
    assert!(error.contains(" of memory needed (") && error.contains("; up to range:"), "{error}");
    let directory = Directory::new();
    let small = "[1,2],".repeat(3_000_000);
    let path = directory.file("small.json", format!("[{}[3]]", small));
    let refused = |representation: &str| {
        let line = format!("profile {path} --representation {representation} --codec json");
        finish(&mut with_little_memory(limit, &line)).error()
    };
    // Where types are found first, it is known before any tree is made; otherwise when they leave no room for another.
    let error = refused("both");
    assert!(error.contains(" of memory needed (the tree of values, its encoding, and the decoded copy"), "{error}");
    assert!(error.contains(" available; take a part of the file, or measure it without --representation"), "{error}");
    let error = refused("dynamic");
    assert!(error.contains(" of memory needed (") && error.contains(" available; take a part of the file"), "{error}");
}

#[test]
fn the_format_is_told_by_the_content_where_the_name_says_nothing() {
    let directory = Directory::new();
    for (name, content, format, is_guess) in [
        ("orders.data", ORDERS, "json", false),
        ("log", &b"{\"id\": 1}\n{\"id\": 2}\n"[..], "ndjson", false),
        ("old", b"(lp0\nI1\naI2\na.", "pickle", false),
        ("table.txt", b"id,name\n1,Ada\n2,Bo\n", "csv", true),
        ("tabs.txt", b"id\tname\n1\tAda\n2\tBo\n", "tsv", true),
        ("some.bin", b"\x82\xa2id\xcd\x03\xe8\xa4name\xa3Ada", "msgpack", true),
        ("other.bin", b"\xa2\x62id\x19\x03\xe8\x64name\x63Ada", "cbor", true),
    ] {
        let path = directory.file(name, content);
        let found = run(&format!("profile {path} --codec json --rounds 2 --format json")).document();
        let payload = &found["payloads"][0];
        assert_eq!(payload["format"], format, "{name}");
        let notes = payload["notes"].to_string();
        assert_eq!(notes.contains("--input-format says otherwise"), is_guess, "{name}: {notes}");
        // A pipe, as `<(...)` gives it.
        let line = format!("cat {path} | \"$0\" profile /dev/fd/0 --show-schema");
        let ran = Command::new("sh").args(["-c", &line, env!("CARGO_BIN_EXE_sercost")]).output().unwrap();
        assert_eq!(ran.status.code(), Some(0), "{name}: {ran:?}");
    }
    for (name, content) in [("words", &b"one two three\n"[..]), ("dots.bin", b"\0\0\0\0\0\0\0\0\0")] {
        directory.file(name, content);
        assert!(schema(&directory, name).error().contains("its format cannot be told"), "{name}");
    }
}

#[test]
fn names_of_files_need_not_be_text() {
    let directory = Directory::new();
    let name = |byte: u8, ending: &str| {
        OsString::from(OsStr::from_bytes(&[&b"n\xc3\xa9"[..], &[byte], ending.as_bytes()].concat()))
    };
    for (byte, ending, content) in
        [(0xff, ".json", ORDERS), (0xfe, ".json", b"[1]"), (0xff, ".pkl", b"\x80\x04K\x01."), (0xff, ".py", SCENARIO)]
    {
        fs::write(directory.path().join(name(byte, ending)), content).unwrap();
    }
    let json = name(0xff, ".json");
    let arguments = |list: &[&str]| list.iter().map(OsString::from).collect::<Vec<_>>();
    let ran = |list: Vec<OsString>| finish(sercost(list).current_dir(directory.path()));
    let mut line = arguments(&["profile", "--codec", "json", "--rounds", "2", "--format", "json"]);
    line.extend([json.clone(), name(0xfe, ".json")]);
    let found = ran(line).document();
    // Their names are told apart all the same.
    assert_eq!(found["payloads"][0]["name"], "n\u{e9}\\xff.json");
    assert_eq!(found["payloads"][1]["name"], "n\u{e9}\\xfe.json");
    assert!(ran([arguments(&["profile", "--show-schema"]), vec![json.clone()]].concat()).ok().contains("list of Row"));
    let line = arguments(&["tasks", "args", "--engine", "native", "--tasks", "2", "--format", "json", "--payload"]);
    assert_eq!(ran([line, vec![json.clone()]].concat()).document()["scenarios"][0]["payload"], "n\u{e9}\\xff.json");
    ran([arguments(&["tasks", "--tasks", "2"]), vec![name(0xff, ".py")]].concat()).ok();
    ran([arguments(&["inspect"]), vec![name(0xff, ".pkl")]].concat()).ok();
    // As outputs they are held against the inputs like others.
    let line = [arguments(&["profile", "--out"]), vec![json.clone(), json]].concat();
    assert!(ran(line).error().contains("is a payload of this call"));
    let missing = [arguments(&["profile"]), vec![name(0x80, ".json")]].concat();
    assert!(ran(missing).error().contains("is neither a built-in shape nor a file"));
}

const SCENARIO: &[u8] = include_bytes!("../../../python/scenarios/noop.py");

/// A document that takes a while to read.
fn large() -> Vec<u8> {
    let row = b"{\"id\": 123456, \"name\": \"somebody\", \"tags\": [\"a\", \"b\", \"c\"], \"score\": 0.125},\n";
    [&b"["[..], &row.repeat(700_000), b"{}]"].concat()
}

/// Waits until a process has mapped the file.
fn wait_until_mapped(running: &mut Running, name: &str) {
    let maps = format!("/proc/{}/maps", running.process.id());
    wait_until("the file is mapped", || {
        assert!(running.process.try_wait().unwrap().is_none(), "the program has ended too early");
        fs::read_to_string(&maps).unwrap_or_default().contains(name)
    });
}

#[test]
fn a_file_that_is_cut_while_it_is_read_is_a_message_and_costs_no_results() {
    let directory = Directory::new();
    let path = directory.file("cut-while-read.json", large());
    let line = format!("profile range:10 {path} --codec json --rounds 2 --format json");
    let mut running = Running::start(&mut sercost(line.split(' ')));
    wait_until_mapped(&mut running, "cut-while-read.json");
    File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
    let ran = running.wait();
    assert_eq!(ran.status.code(), Some(2), "{ran:#?}");
    assert_eq!(ran.err, "error: a file became shorter while it was read; run again when nothing writes to it\n");
    assert_eq!(ran.document()["payloads"][0]["name"], "range:10");

    // A pickle of many small parts, which takes a while too.
    let parts = [&b"\x80\x04]("[..], &b"}(K\x01K\x02K\x03K\x04u".repeat(3_000_000), b"e."].concat();
    let path = directory.file("cut-while-read.pkl", parts);
    let mut running = Running::start(&mut sercost(["inspect", &path]));
    wait_until_mapped(&mut running, "cut-while-read.pkl");
    File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
    let error = running.wait().error();
    assert_eq!(error, "error: a file became shorter while it was read; run again when nothing writes to it\n");
}

#[test]
fn ctrl_c_ends_the_reading_and_what_was_measured_before_is_shown() {
    let directory = Directory::new();
    let path = directory.file("interrupted.json", large());
    for (signal, flags) in [(Signal::INT, ""), (Signal::TERM, "--representation dynamic"), (Signal::HUP, "")] {
        let line = format!("profile range:10 {path} --codec json --rounds 2 --format json {flags}");
        let mut running = Running::start(&mut sercost(line.split_whitespace()));
        wait_until_mapped(&mut running, "interrupted.json");
        signal_to(running.process.id(), signal);
        let ran = running.wait();
        assert_eq!(ran.status.code(), Some(130), "{ran:#?}");
        assert_eq!(ran.err, "warning: interrupted: what had been measured is shown\n");
        let found = ran.document();
        assert_eq!(found["environment"]["complete"], false);
        assert_eq!(found["payloads"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn ctrl_c_ends_the_waiting_for_input_that_does_not_come() {
    let out = Directory::new();
    for line in [
        format!("profile - --format json --out {}", out.join("run.json").display()),
        "tasks args --payload - --engine native --format json".to_owned(),
    ] {
        let mut running = Running::start(sercost(line.split(' ')).stdin(Stdio::piped()));
        // It has begun to wait when it sleeps in a read, with everything before it done.
        let wchan = format!("/proc/{}/task", running.process.id());
        wait_until("it waits for its input", || {
            let tasks = fs::read_dir(&wchan).into_iter().flatten().flatten();
            tasks.into_iter().any(|task| {
                let call = fs::read_to_string(task.path().join("syscall")).unwrap_or_default();
                // read(0, ...)
                call.starts_with("0 0x0 ")
            })
        });
        signal_to(running.process.id(), Signal::INT);
        let stdin = running.process.stdin.take();
        let ran = running.wait();
        drop(stdin);
        assert_eq!(ran.status.code(), Some(130), "{ran:#?}");
        assert_eq!(ran.err, "warning: interrupted: nothing had been measured\n");
        document(&ran.out);
    }
    assert_eq!(out.names(), ["run.json"]);
}

#[test]
fn what_nohup_started_does_not_end_with_its_terminal() {
    let directory = Directory::new();
    let path = directory.join("run.json");
    let line = format!(
        "trap '' HUP; exec \"$0\" profile range:10k --codec json --rounds 400 --format json --out {}",
        path.display()
    );
    let mut command = Command::new("sh");
    command.args(["-c", &line, env!("CARGO_BIN_EXE_sercost")]).stdin(Stdio::null());
    let running = Running::start(&mut command);
    running.receiver();
    signal_to(running.process.id(), Signal::HUP);
    let ran = running.wait();
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err);
    assert_eq!(ran.document()["environment"]["complete"], true);
}
