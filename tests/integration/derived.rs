//! `sercost profile --derived`: code that is generated for a payload's types, built by the real cargo, beside typed rows.

use crate::tools::{Directory, Ran, document, sercost};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The environment of all tests that build: one cache, so that the library is compiled once, and without optimizing it,
/// which takes minutes.
pub fn build_environment() -> [(&'static str, PathBuf); 2] {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    [("XDG_CACHE_HOME", cache), ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0".into())]
}

fn corpus(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus").join(name).display().to_string()
}

fn profile(payload: &str, line: &str) -> Command {
    let mut command = sercost(["profile", payload, "--derived", "--codec", "json,postcard", "--rounds", "8"]);
    command.args(line.split_whitespace()).envs(build_environment());
    command
}

/// Runs it to its end, however long a build takes.
#[track_caller]
fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { status: output.status, out: text(output.stdout), err: text(output.stderr) }
}

/// The rows of a codec in one representation.
fn rows<'a>(run: &'a Value, codec: &str, representation: &str) -> Vec<&'a Value> {
    let all = run["measurements"].as_array().unwrap();
    all.iter().filter(|row| row["codec"] == codec && row["representation"] == representation).collect()
}

#[track_caller]
fn is_measured(run: &Value, codec: &str, representation: &str) -> u64 {
    let rows = rows(run, codec, representation);
    let stages: Vec<&str> = rows.iter().map(|row| row["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["encode", "transfer", "decode", "total"], "{codec} {representation}");
    assert!(rows.iter().all(|row| row["error"].is_null() && row["summary"]["count"] == 8), "{rows:#?}");
    assert_eq!(rows[3]["lossy"], serde_json::json!([]), "{codec} {representation}");
    rows[0]["bytes"].as_u64().unwrap()
}

#[test]
fn derived_code_is_built_and_measured_beside_typed_rows() {
    // Fields that may be absent and columns that mix types: other structs for JSON than for postcard.
    let payload = corpus("mixed-column.json");
    let first = ran(&mut profile(&payload, "--format json"));
    assert_eq!(first.status.code(), Some(0), "{first:#?}");
    let run = document(&first.out);
    for codec in ["json", "postcard"] {
        let (typed, derived) = (is_measured(&run, codec, "typed"), is_measured(&run, codec, "derived"));
        assert_eq!(typed, derived, "{codec}");
    }
    let found = &run["payloads"][0]["derived"];
    assert!(found["rustc_version"].as_str().unwrap().starts_with("rustc "), "{found}");
    let ratios = found["ratios"].as_array().unwrap();
    assert_eq!(ratios.iter().map(|ratio| ratio["codec"].as_str().unwrap()).collect::<Vec<_>>(), ["json", "postcard"]);
    for stage in ["encode", "decode"] {
        assert!(ratios.iter().all(|ratio| ratio[stage]["median"].as_f64().unwrap() > 0.0), "{ratios:#?}");
        assert!(ratios.iter().all(|ratio| ratio[stage]["low"].is_f64()), "{ratios:#?}");
    }
    assert_eq!(run["payloads"][0]["reference"], "json (derived)");
    // The program is there now, and nothing has to be fetched.
    let second = ran(&mut profile(&payload, "--offline --transport unix --format text --details"));
    assert_eq!(second.status.code(), Some(0), "{second:#?}");
    assert!(second.out.contains("derived code in parts of the typed rows' time"), "{}", second.out);
    assert!(second.out.contains(" json: encode "), "{}", second.out);
}

#[test]
fn layouts_are_linked_and_measured_in_turns() {
    let payload = corpus("mixed-column.json");
    let ran = ran(&mut profile(&payload, "--layouts 2 --format json"));
    assert_eq!(ran.status.code(), Some(0), "{ran:#?}");
    let run = document(&ran.out);
    let info = &run["payloads"][0];
    if info["layouts"].is_null() {
        // Of a linker that cannot, the user is told.
        assert!(ran.err.contains("--layouts: the linker cannot shuffle functions"), "{}", ran.err);
        return;
    }
    assert_eq!(info["layouts"]["rounds"], serde_json::json!([8, 8]));
    assert_eq!((&info["layouts"]["seeds"], &info["rounds"]), (&serde_json::json!([1, 2]), &16.into()));
    for representation in ["typed", "derived"] {
        for row in rows(&run, "postcard", representation) {
            assert_eq!(row["samples_ns"].as_array().unwrap().len(), 16, "{row}");
            assert_eq!((&row["summary"]["count"], &row["layouts"]["count"]), (&16.into(), &2.into()), "{row}");
            assert!(row["layouts"]["low_ns"].as_f64() <= row["layouts"]["high_ns"].as_f64(), "{row}");
        }
    }
    assert_eq!(info["derived"]["ratios"].as_array().unwrap().len(), 2);
    assert_eq!(info["reference"], "json (derived)");
    // Other places: the same functions, and nothing else.
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache/sercost/derived");
    let layouts = |name: &str| {
        let packages =
            std::fs::read_dir(&cache).unwrap().flatten().map(|entry| entry.path().join("layouts").join(name));
        packages.filter_map(|path| std::fs::read(path).ok()).next().unwrap()
    };
    assert_ne!(layouts("1"), layouts("2"));
}

#[test]
fn a_linker_that_cannot_shuffle_is_named_and_one_layout_is_measured() {
    let directory = Directory::new();
    // What calls linkers, whichever is asked for.
    let tools = std::env::var("PATH").unwrap();
    let real = std::env::split_paths(&tools).map(|path| path.join("cc")).find(|path| path.exists()).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *shuffle-sections*)\n\
         echo 'plain-ld: unrecognized option --shuffle-sections' >&2; exit 1;;\nesac\nexec {} \"$@\"\n",
        real.display()
    );
    let compiler = directory.path().join("cc");
    std::fs::write(&compiler, script).unwrap();
    std::fs::set_permissions(&compiler, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    // Of seeds that nobody has linked with: cargo keeps what was.
    let mut command = profile(&corpus("mixed-column.json"), "--layouts 2 --seed 77 --format json");
    let ran = ran(command.env("PATH", format!("{}:{tools}", directory.path().display())));
    assert_eq!(ran.status.code(), Some(0), "{ran:#?}");
    let reason =
        "warning: --layouts: the linker cannot shuffle functions (plain-ld: unrecognized option --shuffle-sections)";
    assert!(ran.err.contains(reason), "{}", ran.err);
    assert!(ran.err.contains("; measured in one layout"), "{}", ran.err);
    let run = document(&ran.out);
    is_measured(&run, "json", "derived");
    assert!(run["payloads"][0]["layouts"].is_null());
}

#[test]
fn instructions_are_the_same_again() {
    let home = Directory::new();
    let count = |path: Option<&Path>| {
        let mut command = sercost(["profile", &corpus("menu.json"), "--codec", "json,postcard", "--rounds", "2"]);
        command.args(["--instructions", "--format", "json"]);
        path.map(|path| command.env("PATH", path));
        let ran = ran(&mut command);
        assert_eq!(ran.status.code(), Some(0), "{ran:#?}");
        ran
    };
    let without = count(Some(home.path()));
    let reason = "warning: --instructions: there is no valgrind on the path, which counts instructions; install the package valgrind";
    assert!(without.err.contains(reason), "{}", without.err);
    let counts = |ran: &Ran| -> Vec<Option<u64>> {
        let run = document(&ran.out);
        let of =
            |codec| rows(&run, codec, "typed").into_iter().map(|row| row["instructions"].as_u64()).collect::<Vec<_>>();
        [of("json"), of("postcard")].concat()
    };
    assert!(counts(&without).iter().all(Option::is_none));
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("left out, since there is no valgrind: whether counts are the same again");
        return;
    }
    let (one, other) = (counts(&count(None)), counts(&count(None)));
    // Encode and decode have counts, transfer and total none.
    let known: Vec<bool> = one.iter().map(Option::is_some).collect();
    assert_eq!(known, [true, false, true, false, true, false, true, false], "{one:?}");
    for (one, other) in one.iter().flatten().zip(other.iter().flatten()) {
        // A hash of random seed or an address may move a few.
        assert!(one.abs_diff(*other) * 200 <= *one, "{one} and {other}");
    }
}

#[test]
fn without_cargo_the_typed_rows_stand_and_the_others_say_why() {
    let payload = corpus("mixed-column.json");
    let ran = ran(profile(&payload, "--format json").env("PATH", "/nonexistent"));
    assert_eq!(ran.status.code(), Some(0), "{ran:#?}");
    let run = document(&ran.out);
    for codec in ["json", "postcard"] {
        is_measured(&run, codec, "typed");
        let derived = rows(&run, codec, "derived");
        assert_eq!(derived.len(), 2, "{derived:#?}");
        let error = "there is no cargo on the path, which builds derived code";
        assert!(derived.iter().all(|row| row["error"] == error && row["summary"].is_null()), "{derived:#?}");
    }
    assert!(run["payloads"][0]["derived"].is_null());
}

#[test]
fn a_build_that_fails_is_a_reason_with_its_log() {
    let home = Directory::new();
    // No crates are there, and none may be fetched.
    let tools = Path::new(env!("CARGO")).parent().unwrap();
    let mut command = profile(&corpus("menu.json"), "--offline --format json");
    let ran = ran(command.env("CARGO_HOME", home.path()).env("PATH", tools));
    assert_eq!(ran.status.code(), Some(0), "{ran:#?}");
    let run = document(&ran.out);
    is_measured(&run, "json", "typed");
    let error = rows(&run, "json", "derived")[0]["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("cargo: error: ") && error.contains("build.log has the rest"), "{error}");
    let log = error.rsplit_once("; ").unwrap().1.trim_end_matches(" has the rest");
    assert!(std::fs::read_to_string(log).unwrap().contains("offline"), "{log}");
}

#[test]
fn what_derived_code_does_not_go_with_is_refused() {
    for (line, reason) in [
        ("--representation both", "error: --derived: its rows stand beside typed ones; leave out --representation\n"),
        ("--python", "error: --derived: rows of Python are measured by another program than derived code"),
        ("--pickle-of 3.15", "error: --derived: --pickle-of is for typed rows alone"),
        ("--layouts 1", "error: invalid value '1' for '--layouts <N>'"),
    ] {
        let error = ran(&mut profile(&corpus("menu.json"), line)).error();
        assert!(error.starts_with(reason), "{error}");
    }
}
