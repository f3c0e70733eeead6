//! The verb as a user meets it.

use super::pythons;
use crate::tools::{Directory, finish, run, sercost};
use serde_json::Value;
use std::fs::File;
use std::process::{Command, Stdio};

/// The partial of a function and a list, as `multiprocessing` would send it.
fn partial(directory: &Directory) -> String {
    let script = "import functools, pickle, sys
def f(x, data=None): pass
sys.stdout.buffer.write(pickle.dumps(functools.partial(f, data=list(range(100_000)), name='x' * 500), 4))";
    let output = Command::new(pythons::python3()).args(["-c", script]).output().unwrap();
    directory.file("task.pkl", output.stdout)
}

#[test]
fn the_tree_fits_the_terminal() {
    let directory = Directory::new();
    let file = partial(&directory);
    for width in ["60", "100", "140"] {
        let ran = finish(sercost(["inspect", &file, "--opcodes"]).env("COLUMNS", width));
        let text = directory.hide(&ran.ok());
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width.parse().unwrap(), "{text}");
        if width == "100" {
            insta::assert_snapshot!("tree", text);
        }
    }
}

#[test]
fn an_object_and_its_only_part_have_their_own_bytes() {
    let directory = Directory::new();
    let rows = b"\x80\x04]\x94}\x94(\x8c\x01a\x94K\x01\x8c\x01d\x94\x8c\x08datetime\x94\x8c\x04date\x94\x93\x94C\x04\x07\xea\x01\x01\x94\x85\x94R\x94ua.";
    let text = run(&format!("inspect {}", directory.file("rows.pkl", rows))).ok();
    assert!(text.contains("35 B   68.63 %     ├─ [\"d\"]      datetime.date\n"), "{text}");
    assert!(text.contains(" 7 B   13.73 %     │  └─ .state  bytes\n"), "{text}");
}

#[test]
fn other_formats_have_the_same_parts() {
    let directory = Directory::new();
    let file = partial(&directory);
    insta::assert_snapshot!("markdown", directory.hide(&run(&format!("inspect {file} --format markdown")).ok()));
    insta::assert_snapshot!("csv", directory.hide(&run(&format!("inspect {file} --format csv")).ok()));
    insta::assert_snapshot!("folded", directory.hide(&run(&format!("inspect {file} --folded")).ok()));
    let json: Value = serde_json::from_str(&run(&format!("inspect {file} --format json --opcodes")).ok()).unwrap();
    assert_eq!(json["schema"], "sercost.inspection/1");
    check_schema(&json);
    let parts = json["files"][0]["parts"].as_array().unwrap();
    let sum: u64 = parts.iter().map(|part| part["own_bytes"].as_u64().unwrap()).sum();
    assert_eq!(Some(sum), json["files"][0]["bytes"].as_u64());
    let folded = run(&format!("inspect {file} --folded")).ok();
    let stacks: u64 = folded.lines().map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum();
    assert_eq!(stacks, sum);
}

/// Holds a document against the published schema.
#[track_caller]
pub(super) fn check_schema(document: &Value) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/sercost.inspection-1.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut compiler = boon::Compiler::new();
    let mut schemas = boon::Schemas::new();
    compiler.add_resource("inspection.json", schema).unwrap();
    let index = compiler.compile("inspection.json", &mut schemas).unwrap();
    schemas.validate(document, index).unwrap_or_else(|error| panic!("{error:#}"));
}

#[test]
fn every_kind_of_file_is_of_the_published_layout() {
    for name in [
        "torch-1.12.1-state.pt",
        "joblib-1.1.1-zlib.joblib",
        "joblib-1.6.0-plain.joblib",
        "numpy-2.2.6-out-of-band.pkl",
        "cloudpickle-3.1.3-function.pkl",
    ] {
        let text = run(&format!("inspect fixtures/pickles/{name} --format json --opcodes")).ok();
        check_schema(&serde_json::from_str(&text).unwrap());
    }
}

#[test]
fn parts_can_be_chosen_in_every_format() {
    let directory = Directory::new();
    let file = partial(&directory);
    let paths = |options: &str| -> Vec<String> {
        let text = run(&format!("inspect {file} --format csv {options}")).ok();
        text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned()).collect()
    };
    let all = paths("");
    assert!(all.len() > 9);
    assert!(paths("--depth 2").len() < all.len());
    assert!(paths("--min-bytes 1kB").len() < paths("--depth 3").len());
    assert_eq!(paths("--top 1 --depth 2"), ["", "$", "$.keywords"]);
}

#[test]
fn standard_input_is_read_like_a_file() {
    let directory = Directory::new();
    let file = partial(&directory);
    let ran = finish(sercost(["inspect", "-"]).stdin(Stdio::from(File::open(&file).unwrap())));
    let piped = ran.ok();
    assert!(piped.starts_with("standard input: "), "{piped}");
    let named = run(&format!("inspect {file}")).ok();
    assert_eq!(piped.lines().skip(1).collect::<Vec<_>>(), named.lines().skip(1).collect::<Vec<_>>());
}

#[test]
fn checks_say_which_path_is_too_heavy_and_exit_with_1() {
    let directory = Directory::new();
    let file = partial(&directory);
    let path = "$.keywords[\"data\"]";
    let inspect = |options: &[&str]| finish(&mut sercost(["inspect", &file].iter().chain(options)));
    inspect(&["--max-bytes", "1MB", "--max-share", "$.func=50%"]).ok();

    let ran = inspect(&["--max-bytes", "100kB"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.err.contains(path) && ran.err.contains("100 kB"), "{}", ran.err);
    assert!(ran.out.contains("list of 100,000 int"), "the report is printed all the same");

    let ran = inspect(&["--max-share", &format!("{path}=50%")]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.err.contains(path) && ran.err.contains("50 %"), "{}", ran.err);

    let ran = inspect(&["--max-share", "$.nowhere=50%"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.err.contains("there is no $.nowhere"), "{}", ran.err);

    for bad in ["=50%", "$.x", "$.x=500%", "$.x=half"] {
        assert!(inspect(&["--max-share", bad]).error().contains("--max-share"), "{bad}");
    }
    assert!(inspect(&["--max-bytes", "many"]).error().contains("--max-bytes"));
}

#[test]
fn what_cannot_be_read_is_an_error_with_what_was_read_before() {
    let directory = Directory::new();
    let file = partial(&directory);
    let data = std::fs::read(&file).unwrap();
    let cut = directory.file("cut.pkl", &data[..data.len() / 2]);
    let ran = run(&format!("inspect {cut}"));
    assert_eq!(ran.status.code(), Some(2));
    assert!(ran.err.contains("at byte ") && ran.err.contains("ends"), "{}", ran.err);
    assert!(ran.out.contains("int") && ran.out.contains("not read to its end"), "{}", ran.out);

    let empty = directory.file("empty.pkl", b"");
    assert!(run(&format!("inspect {empty}")).error().contains("is empty"));
    assert!(run("inspect no/such.pkl").error().contains("no/such.pkl"));
    assert!(run("inspect src").error().contains("directory"));
    // A file that joblib writes through xz is looked into like any other.
    let packed = run("inspect fixtures/pickles/joblib-1.6.0-xz.joblib").ok();
    assert!(packed.contains("pickle in xz, unpacked from"), "{packed}");
    let old = directory.file("old.joblib", b"ZF0x1f                \x78\x9c");
    let error = run(&format!("inspect {old}")).error();
    assert!(error.contains("compressed by joblib before 0.10, which is not unpacked here"), "{error}");

    // One bad file of two: the other is shown.
    let ran = run(&format!("inspect {empty} {file}"));
    assert_eq!((ran.status.code(), ran.out.contains("functools.partial")), (Some(2), true));
}

/// Sends the signal that the kernel sends where a mapped file has become shorter. Here it is sent while the program
/// waits for its input.
#[test]
fn a_file_that_becomes_shorter_is_an_error() {
    use crate::tools::{Running, signal_to, wait_until};
    let running = Running::start(sercost(["inspect", "-"]).stdin(Stdio::piped()));
    let status = format!("/proc/{}/status", running.process.id());
    // Bit 6 of the caught signals is SIGBUS, number 7.
    let catches = |line: &str| {
        let mask = line.strip_prefix("SigCgt:").and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask & 1 << 6 != 0)
    };
    let is_armed = || std::fs::read_to_string(&status).is_ok_and(|text| text.lines().any(catches));
    // Rust's own handler is there from the start; the input is asked for when ours has taken its place.
    let waits = || {
        std::fs::read_to_string(format!("/proc/{}/status", running.process.id()))
            .is_ok_and(|text| text.lines().any(|line| line.starts_with("State:") && line.contains('S')))
    };
    wait_until("the program waits for its input", || is_armed() && waits() && threads_wait(running.process.id()));
    signal_to(running.process.id(), rustix::process::Signal::BUS);
    let ran = running.wait();
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert!(ran.err.contains("became shorter while it was read"), "{}", ran.err);
}

/// Whether a thread of a process reads from a pipe.
fn threads_wait(id: u32) -> bool {
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    tasks.into_iter().any(|task| {
        std::fs::read_to_string(task.path().join("syscall")).is_ok_and(|text| text.starts_with("0 0x0 "))
            || std::fs::read_to_string(task.path().join("wchan")).is_ok_and(|text| text.contains("pipe"))
    })
}

/// A pickle that would create a file if it were loaded.
#[test]
fn nothing_in_a_pickle_is_run() {
    let directory = Directory::new();
    let trap = directory.join("trap");
    let code = format!("open({:?}, 'w')", trap.to_str().unwrap());
    let pickle = [b"cbuiltins\neval\n(V".as_slice(), code.as_bytes(), b"\ntR."].concat();
    let file = directory.file("evil.pkl", pickle);
    assert!(run(&format!("inspect {file}")).ok().contains("builtins.eval"));
    assert!(!trap.exists());
}
