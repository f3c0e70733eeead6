//! `sercost tasks` on real pools of real Pythons: what adds up, what each scenario shows, and what goes wrong.

mod native;
mod programs;
mod screen;
mod study;
mod timeline;

use crate::tools::{self, Directory, Ran, Running, finish, sercost, signal_to, wait_until};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// CPython 3.8 and later on the path, in SERCOST_TEST_PYTHONS (divided by colons), in pyenv's place, and among those that
/// `make test` unpacks.
pub(crate) fn pythons() -> Vec<PathBuf> {
    let mut candidates = vec![PathBuf::from("python3")];
    if let Some(named) = std::env::var_os("SERCOST_TEST_PYTHONS") {
        candidates.extend(std::env::split_paths(&named));
    }
    let pyenv = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let pyenv = pyenv.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".pyenv")));
    for minor in 8..=13 {
        let prefix = format!("3.{minor}.");
        let versions = pyenv.iter().flat_map(|root| fs::read_dir(root.join("versions"))).flatten().flatten();
        let found = versions
            .map(|entry| entry.path())
            .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix)));
        match found {
            Some(path) => candidates.push(path.join("bin/python")),
            None => eprintln!("no CPython 3.{minor} in pyenv's place: not tested"),
        }
    }
    // Where `make test` unpacks the newest.
    for minor in [14, 15] {
        candidates.push(format!(concat!(env!("CARGO_TARGET_TMPDIR"), "/../pythons/usr/bin/python3.{}"), minor).into());
    }
    let found: Vec<PathBuf> = candidates.into_iter().filter(|path| is_recent(path)).collect();
    assert!(!found.is_empty(), "there is no python3 of version 3.8 or later on the path");
    found
}

fn is_recent(python: &Path) -> bool {
    let program = "import sys; sys.exit(sys.version_info < (3, 8))";
    Command::new(python).args(["-c", program]).status().is_ok_and(|status| status.success())
}

/// Runs `sercost tasks` with its temporary files in a directory of the test's own, which is empty afterwards.
#[track_caller]
fn run(line: &str) -> Ran {
    let directory = Directory::new();
    let ran = finish(tasks(line, &directory));
    assert_eq!(directory.names(), Vec::<String>::new(), "{line}");
    assert_eq!(processes_with(&directory), Vec::<u32>::new(), "{line}");
    ran
}

fn tasks(line: &str, directory: &Directory) -> &'static mut Command {
    let mut command = sercost(["tasks"].into_iter().chain(line.split_whitespace()));
    command.env("TMPDIR", directory.path());
    Box::leak(Box::new(command))
}

/// Processes whose command line names the directory.
fn processes_with(directory: &Directory) -> Vec<u32> {
    let name = directory.path().to_str().unwrap();
    let ids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter(|id: &u32| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let dead = stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z'));
        !dead && *id != std::process::id() && String::from_utf8_lossy(&line).contains(name)
    })
    .collect()
}

/// The results of a run that came to its end.
#[track_caller]
fn measured(line: &str) -> Value {
    let ran = run(&format!("{line} --format json"));
    assert_eq!(ran.status.code(), Some(0), "{line}: {}", ran.err);
    ran.document()
}

fn components<'a>(document: &'a Value, wanted: &[(&str, &str)]) -> Vec<&'a Value> {
    let rows = document["components"].as_array().unwrap().iter();
    rows.filter(|row| wanted.iter().all(|(member, value)| row[member] == *value)).collect()
}

fn wall(document: &Value, scenario: &str, ledger: &str, component: &str) -> u64 {
    let rows = components(document, &[("scenario", scenario), ("ledger", ledger), ("component", component)]);
    rows.iter().map(|row| row["wall_ns"].as_u64().unwrap()).sum()
}

/// The digest of all results, as a run with `--digest` says.
fn digest(scenario: &Value) -> &str {
    let notes = scenario["notes"].as_array().unwrap().iter().filter_map(|note| note.as_str());
    notes.filter_map(|note| note.strip_prefix("results: ")).next().unwrap()
}

/// The parts of each ledger are its whole, to the nanosecond, and the named ones nearly all of it.
#[track_caller]
fn adds_up(document: &Value) {
    for scenario in document["scenarios"].as_array().unwrap() {
        assert_eq!(scenario["complete"], true, "{scenario}");
        let name = scenario["scenario"].as_str().unwrap();
        let closures = scenario["closures"].as_array().unwrap();
        assert_eq!(closures.len(), 4, "{scenario}");
        for closure in closures {
            let ledger = closure["ledger"].as_str().unwrap();
            let whole = closure["wall_ns"].as_u64().unwrap();
            let parts = components(document, &[("scenario", name), ("ledger", ledger)]);
            let sum = |named: bool| -> u64 {
                let own =
                    parts.iter().filter(|row| row["part_of"].is_null() && (!named || row["component"] != "other"));
                own.map(|row| row["wall_ns"].as_u64().unwrap()).sum()
            };
            assert_eq!(sum(false), whole, "{name} {ledger}");
            assert_eq!(sum(true), closure["named_ns"].as_u64().unwrap(), "{name} {ledger}");
            assert!(sum(true) as f64 >= 0.99 * whole as f64, "{name} {ledger}: {closure}");
        }
        for row in components(document, &[("scenario", name)]) {
            let wall = row["wall_ns"].as_u64().unwrap();
            let sum = |list: &Value| -> u64 { list.as_array().unwrap().iter().map(|ns| ns.as_u64().unwrap()).sum() };
            let (kept, count) = (row["samples_ns"].as_array().unwrap().len() as u64, &row["summary"]["count"]);
            if row["histogram"].is_null() {
                assert_eq!((sum(&row["samples_ns"]), *count == kept), (wall, true), "{row}");
            } else {
                assert_eq!((kept, *count == sum(&row["histogram"]["counts"])), (1000, true), "{row}");
            }
            assert!(row["cpu_ns"].as_u64().is_none_or(|cpu| cpu <= wall), "{row}");
        }
    }
}

#[test]
fn every_scenario_adds_up_and_has_the_results_of_an_untraced_run() {
    let line = "--payload range:2k --tasks 6";
    let traced = measured(&format!("{line} --digest"));
    adds_up(&traced);
    let untraced = measured(&format!("{line} --untraced --digest"));
    let scenarios = |document: &Value| document["scenarios"].as_array().unwrap().clone();
    assert_eq!(scenarios(&traced).len(), 9);
    for (traced, untraced) in scenarios(&traced).iter().zip(scenarios(&untraced)) {
        assert_eq!(digest(traced), digest(&untraced), "{traced}");
        assert_eq!((&traced["done"], &traced["messages"]), (&6.into(), &6.into()));
        assert_eq!((&untraced["done"], &untraced["messages"]), (&6.into(), &0.into()));
    }
    // Where the payload goes along there are thousands of bytes to a message, and elsewhere some fifty.
    for (scenario, member, large) in [
        ("default-arg", "encode_task", false),
        ("partial", "encode_task", true),
        ("args", "encode_task", true),
        ("return", "encode_task", false),
        ("return", "encode_result", true),
        ("initializer", "encode_task", false),
        ("global", "encode_task", false),
        ("shared-memory", "encode_task", false),
        ("bound-method", "encode_task", true),
        ("noop", "encode_result", false),
    ] {
        let rows = components(&traced, &[("scenario", scenario), ("ledger", "task"), ("component", member)]);
        let bytes = rows[0]["bytes"].as_u64().unwrap() / 6;
        assert_eq!(bytes > 4000, large, "{scenario} {member}: {bytes}");
    }
}

#[test]
fn the_bytes_are_those_of_pickling_the_same_task_alone() {
    for line in ["partial", "bound-method", "noop", "args --engine executor", "partial --engine executor --call map"] {
        let document = measured(&format!("{line} --payload dicts:50 --tasks 4"));
        let alone = document["scenarios"][0]["alone"]["bytes"].as_array().unwrap();
        assert_eq!(alone.len(), 4);
        let sum: u64 = alone.iter().map(|bytes| bytes.as_u64().unwrap()).sum();
        let rows = components(&document, &[("ledger", "task"), ("component", "encode_task")]);
        assert_eq!(rows[0]["bytes"], sum, "{line}");
        let rows = components(&document, &[("ledger", "dispatcher"), ("component", "send")]);
        assert_eq!(rows[0]["bytes"], sum, "{line}");
    }
}

#[test]
fn a_message_is_divided_into_function_bound_arguments_and_task_arguments() {
    for (line, part, path) in [
        ("partial", "bound arguments", "keywords[\"data\"]: list of 3,000 int"),
        ("partial --chunksize 2", "bound arguments", "keywords[\"data\"]: list of 3,000 int"),
        ("partial --engine executor", "bound arguments", "keywords[\"data\"]: list of 3,000 int"),
        ("bound-method", "bound arguments", "self.data: list of 3,000 int"),
        ("bound-method --engine executor --call map", "bound arguments", "self.data: list of 3,000 int"),
        ("args", "task arguments", "args[0]: list of 3,000 int"),
        ("args --call starmap", "task arguments", ""),
        ("default-arg", "envelope", "of the pool's own"),
    ] {
        let document = measured(&format!("{line} --payload range:3k --tasks 4"));
        let scenario = &document["scenarios"][0];
        let parts = scenario["encoded"].as_array().unwrap();
        // To the last byte, the heaviest first.
        let sum: u64 = parts.iter().map(|part| part["bytes"].as_u64().unwrap()).sum();
        assert_eq!(sum, scenario["alone"]["bytes"][0].as_u64().unwrap(), "{line}: {parts:#?}");
        assert_eq!(parts[0]["part"], part, "{line}: {parts:#?}");
        assert!(parts[0]["path"].as_str().unwrap().contains(path), "{line}: {parts:#?}");
        let function = parts.iter().find(|part| part["part"] == "function").unwrap();
        assert!(function["path"].as_str().unwrap().contains("task"), "{line}: {parts:#?}");
    }
}

#[test]
fn every_way_to_start_and_to_call_on_every_python() {
    let ways = [
        "--start fork --call imap",
        "--start spawn --call imap --chunksize 2",
        "--start forkserver --call imap_unordered",
        "--start fork --call map",
        "--start spawn --call starmap",
        "--start forkserver --call apply_async",
        "--engine executor --start fork --call submit",
        "--engine executor --start spawn --call map --chunksize 3",
        "--engine executor --start forkserver --call submit",
    ];
    for (at, python) in pythons().iter().enumerate() {
        // The one on the path takes all; the others take turns, so that this does not take minutes.
        let own = ways.iter().copied().cycle().skip(2 * at).take(if at == 0 { ways.len() } else { 4 });
        for way in own {
            let line = format!("bound-method {way} --payload range:500 --tasks 7 --python {}", python.display());
            let document = measured(&line);
            adds_up(&document);
            let scenario = &document["scenarios"][0];
            assert_eq!(scenario["done"], 7, "{line}");
            // In chunks there are fewer messages, and each task of one has a row of its own.
            let messages = scenario["messages"].as_u64().unwrap();
            let expected = match way {
                way if way.contains("chunksize 2") => 4,
                way if way.contains("chunksize 3") => 3,
                _ => 7,
            };
            assert_eq!(messages, expected, "{line}");
            let items = components(&document, &[("component", "item")]);
            let counted: usize = items.iter().map(|row| row["samples_ns"].as_array().unwrap().len()).sum();
            assert!(counted == 7 || expected == 7, "{line}: {counted}");
        }
    }
}

/// Without a place of the test's own, records and shared memory may lie side by side.
#[test]
fn shared_memory_and_records_do_not_get_in_each_others_way() {
    let line = "tasks shared-memory --payload range:1k --tasks 4 --format json";
    let ran = finish(sercost(line.split_whitespace()).env_remove("TMPDIR"));
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err);
    adds_up(&ran.document());
}

#[test]
fn a_large_partial_shows_what_other_profilers_miss() {
    // So many that some results come while the next task is pickled, however the processes take turns.
    let document = measured("partial default-arg --payload range:600k --workers 4 --tasks 24");
    adds_up(&document);
    for (ledger, component) in [("worker", "drop_arguments"), ("task", "result_pickup"), ("task", "gil_starved")] {
        let partial = wall(&document, "partial", ledger, component);
        assert!(partial > 0, "{component}");
    }
    // Freeing 600,000 integers takes longer than freeing none; the least of each, in which no other process had a part.
    let dropped = |scenario| -> u64 {
        let rows =
            components(&document, &[("scenario", scenario), ("ledger", "worker"), ("component", "drop_arguments")]);
        rows[0]["samples_ns"].as_array().unwrap().iter().map(|ns| ns.as_u64().unwrap()).min().unwrap()
    };
    assert!(dropped("partial") > 20 * dropped("default-arg"));
    let text = run("partial --payload range:10k --tasks 4 --details").ok();
    for word in ["drop_arguments", "decode_task", "result_pickup", "bound", "explained", "by itself"] {
        assert!(text.contains(word), "{word} in {text}");
    }
}

/// It wakes for every result, which is about half of what an empty task costs.
#[test]
fn a_pool_of_many_short_tasks_is_told_what_its_watch_over_the_workers_takes() {
    let document = measured("noop --tasks 3k");
    let notes = document["scenarios"][0]["notes"].to_string();
    assert!(notes.contains("the pool's thread that watches over its workers woke "), "{document}");
    let document = measured("noop --tasks 3k --engine executor");
    assert_eq!(document["scenarios"][0]["notes"], serde_json::json!([]));
}

/// Seven of eight are ended before they know what they are for; their time was spent all the same.
#[test]
fn workers_that_are_ended_while_they_start_have_a_life_too() {
    let document = measured("noop --workers 8 --start spawn --tasks 1");
    adds_up(&document);
    let closures = document["scenarios"][0]["closures"].as_array().unwrap();
    let workers = closures.iter().find(|closure| closure["ledger"] == "worker").unwrap();
    assert_eq!(workers["count"], 8, "{workers}");
    let boots = components(&document, &[("ledger", "worker"), ("component", "boot")]);
    assert!(wall(&document, "noop", "worker", "boot") > wall(&document, "noop", "task", "boot"), "{boots:?}");
}

#[test]
fn the_call_has_the_length_that_was_asked_for() {
    for line in ["noop default-arg --payload range:10", "noop args --engine native --payload range:10"] {
        let document = measured(&format!("{line} --call-time 4ms --tasks 4"));
        let calls = components(&document, &[("ledger", "task"), ("component", "call")]);
        assert_eq!(calls.len(), 2, "{line}");
        for call in calls.iter().flat_map(|row| row["samples_ns"].as_array().unwrap()) {
            assert!(call.as_u64().unwrap() >= 4_000_000, "{line}: {call}");
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_a_remedy() {
    for (line, message) in [
        ("partail".to_owned(), "unknown scenario \"partail\"; did you mean \"partial\"?"),
        ("no/such.py".to_owned(), "cannot read the scenario no/such.py: No such file or directory"),
        ("noop noop".to_owned(), "scenario \"noop\" is given twice"),
        (
            "noop --engine poool".to_owned(),
            "unknown engine \"poool\"; did you mean \"pool\"? there are pool, executor, native",
        ),
        ("noop --call submit".to_owned(), "--call submit: the engine pool has no such method; it has imap,"),
        ("noop --call imapp".to_owned(), "unknown method \"imapp\"; did you mean \"imap\"?"),
        ("noop --start frok".to_owned(), "unknown start method \"frok\"; did you mean \"fork\"?"),
        ("noop --workers 0".to_owned(), "--workers 0: it has to be between 1 and 1024"),
        ("noop --tasks 0".to_owned(), "--tasks 0: it has to be between 1 and 1000000"),
        ("noop --tasks 1x".to_owned(), "--tasks: \"1x\" is not a count"),
        ("noop --chunksize 0".to_owned(), "--chunksize 0: it has to be between"),
        ("noop --call apply_async --chunksize 2".to_owned(), "apply_async sends each task by itself; leave it out"),
        ("noop --call-time 5x".to_owned(), "--call-time: \"5x\" is not a duration"),
        ("partial --payload rnage:10".to_owned(), "did you mean \"range:10\"?"),
        ("partial --payload range:10 --ints i64".to_owned(), "--ints is for files"),
    ] {
        let error = run(&line).error();
        assert!(error.contains(message), "{line}: {error}");
    }
}

#[test]
fn a_python_that_cannot_be_used_is_refused_in_the_words_of_profile() {
    let directory = Directory::new();
    let program = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt;
        let path = directory.file(name, format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    // A Python of which something else is true than of the one that is there.
    let with = |name: &str, line: &str| {
        program(name, &format!("exec python3 -c 'import sys\n{line}\nexec(sys.argv[1])' \"$2\""))
    };
    let old = with("old", "sys.version_info = (3, 7, 16)");
    let other = with("other", "sys.implementation.name = \"pypy\"");
    let foreign = program("foreign", "echo hello >&2; echo 'try harder' >&2; exit 3");
    for (given, reason) in [
        ("/no/such/python", "it cannot be started: No such file or directory"),
        ("no-such-python", "there is no such program on the path"),
        (&old, "the program ended with exit code 1: it is Python 3.7.16, and sercost needs 3.8 or later"),
        (&other, "it is pypy 3."),
        (&foreign, "the program ended with exit code 3: hello; name"),
    ] {
        let error = run(&format!("noop --python {given}")).error();
        assert!(error.starts_with(&format!("error: --python {given} cannot be used: {reason}")), "{error}");
        assert_eq!(tools::run(&format!("profile range:5 --python {given}")).error(), error);
    }
    let bare = with("bare", "sys.modules[\"multiprocessing.pool\"] = None");
    let error = run(&format!("noop --python {bare}")).error();
    assert!(error.contains("it has no module multiprocessing.pool, which pools of processes need; name"), "{error}");
    let without_memory = with("without-memory", "sys.modules[\"_posixshmem\"] = None");
    let error = run(&format!("shared-memory --tasks 1 --payload range:5 --python {without_memory}")).err;
    assert!(error.contains("needs the module multiprocessing.shared_memory, which"), "{error}");

    let none = "error: no Python found: there is no python3 on the path; install CPython 3.8 or later, or name one";
    for command in [tasks("noop", &Directory::new()), &mut sercost(["profile", "range:5", "--codec", "python:json"])] {
        let error = finish(command.env("PATH", directory.path())).error();
        assert!(error.starts_with(none), "{error}");
    }
}

/// A scenario of the test's own.
fn own(directory: &Directory, body: &str) -> String {
    directory.file("own.py", format!("import os, signal, sys\nfrom sercost_tasks import payload, run, work\n{body}"))
}

/// Exit code 2, an error that says this, and results that say how far it came.
#[track_caller]
fn fails(line: &str, message: &str) -> Value {
    let ran = run(&format!("{line} --format json"));
    assert_eq!(ran.status.code(), Some(2), "{line}: {}", ran.err);
    assert!(ran.err.contains(message), "{line}: {}", ran.err);
    let document = ran.document();
    assert_eq!(document["scenarios"][0]["complete"], false, "{line}");
    assert!(document["scenarios"][0]["error"].as_str().unwrap().contains(message), "{line}");
    document
}

#[test]
fn tasks_that_raise_are_counted_and_the_others_measured() {
    let directory = Directory::new();
    let script = own(
        &directory,
        "def task(x):\n    if x % 3 == 1: raise ValueError('odd %d' % x)\n    return x\n\nif __name__ == '__main__':\n    run(task)\n",
    );
    for engine in ["pool", "pool --call apply_async", "executor"] {
        let document =
            fails(&format!("{script} --engine {engine}"), "3 of 8 tasks failed; the first with ValueError: odd 1");
        let scenario = &document["scenarios"][0];
        assert_eq!((&scenario["done"], &scenario["failed"]), (&5.into(), &3.into()), "{engine}");
        assert_eq!(scenario["messages"], 8, "{engine}");
    }
}

#[test]
fn what_cannot_be_pickled_is_said() {
    let directory = Directory::new();
    let script = own(&directory, "if __name__ == '__main__':\n    run(lambda x: x)\n");
    for engine in ["pool", "executor"] {
        let document = fails(&format!("{script} --engine {engine}"), "8 of 8 tasks failed; the first with");
        assert!(document["scenarios"][0]["error"].as_str().unwrap().contains("pickle"), "{document}");
        // Trying took the dispatcher its time.
        let tried = components(&document, &[("ledger", "dispatcher"), ("component", "encode_task")]);
        assert!(engine == "executor" || tried[0]["wall_ns"].as_u64().unwrap() > 0);
    }
    let script = own(&directory, "def task(x):\n    return lambda: x\n\nif __name__ == '__main__':\n    run(task)\n");
    fails(&script, "8 of 8 tasks failed; the first with MaybeEncodingError");
}

#[test]
fn a_worker_that_is_killed_ends_its_scenario_and_no_other() {
    let directory = Directory::new();
    let script = own(
        &directory,
        "def task(x):\n    if x == 5: os.kill(os.getpid(), signal.SIGKILL)\n    return x\n\nif __name__ == '__main__':\n    run(task)\n",
    );
    let document = fails(&script, "was killed by signal 9 (SIGKILL)");
    // Messages that came before it are measured.
    assert!(document["scenarios"][0]["messages"].as_u64().unwrap() >= 1, "{document}");
    fails(&format!("{script} --engine executor"), "was killed by signal 9 (SIGKILL)");

    let ran = run(&format!("{script} noop --format json"));
    assert_eq!(ran.status.code(), Some(2));
    let document = ran.document();
    assert_eq!(document["scenarios"][1]["complete"], true);
    assert_eq!(document["scenarios"][1]["messages"], 8);
}

#[test]
fn a_scenario_of_ones_own_is_found_by_its_bare_name_and_finds_what_lies_beside_it() {
    let directory = Directory::new();
    directory.file("beside.py", "def twice(x):\n    return 2 * x\n");
    own(&directory, "from beside import twice\n\nif __name__ == '__main__':\n    run(twice, [21])\n");
    let mut command = sercost(["tasks", "own.py", "--format", "json"]);
    let document = tools::document(&finish(command.current_dir(directory.path())).ok());
    assert_eq!(document["scenarios"][0]["done"], 1, "{document}");
}

#[test]
fn a_scenario_that_does_not_run_is_told_in_its_own_words() {
    let directory = Directory::new();
    let script = own(&directory, "import no_such_module\n");
    fails(&script, "ended early with exit code 1: ModuleNotFoundError: No module named 'no_such_module'");
    let script = own(&directory, "if __name__ == '__main__':\n    print('harmless')\n");
    fails(&script, "never called run(...)");
    let script = own(
        &directory,
        "def begin():\n    raise ValueError('no beginning')\n\ndef task(x):\n    return x\n\nif __name__ == '__main__':\n    run(task, initializer=begin)\n",
    );
    fails(&script, "ended by itself with exit code 1; the pool would wait for its task forever");
    fails(&script, "it said: ValueError: no beginning");
    let script = own(&directory, "os.kill(os.getpid(), signal.SIGSEGV)\n");
    fails(&script, "was killed by signal 11");
}

/// A scenario that goes on for minutes, once its workers have begun.
fn endless(directory: &Directory, engine: &str) -> Running {
    let line = format!("noop {engine} --call-time 100ms --tasks 10k --format json");
    let script = own(directory, "def task(x):\n    return work(x)\n\nif __name__ == '__main__':\n    run(task)\n");
    let temporary = directory.join("tmp");
    fs::create_dir(&temporary).unwrap();
    let line = line.replacen("noop", &script, 1);
    let mut command = sercost(["tasks"].into_iter().chain(line.split_whitespace()));
    let running = Running::start(command.env("TMPDIR", &temporary));
    wait_until("two workers and their parent record", || records(&temporary) >= 3);
    running
}

fn records(temporary: &Path) -> usize {
    let runs = fs::read_dir(temporary).unwrap().flatten();
    // Those of Python have a directory for each call.
    let folders = runs.flat_map(|run| [run.path(), run.path().join("call-1")]);
    folders
        .flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten())
        .filter(|file| file.path().extension().is_some_and(|ending| ending == "records"))
        .count()
}

#[test]
fn ctrl_c_shows_what_was_measured_and_leaves_nothing() {
    for engine in ["--engine pool", "--engine executor --start spawn", "--engine pool --start forkserver"] {
        let directory = Directory::new();
        let running = endless(&directory, engine);
        let process = running.process.id();
        // As `timeout` does: to the process, and to its group.
        signal_to(process, Signal::INT);
        signal_to(process, Signal::INT);
        let ran = running.wait();
        assert_eq!(ran.status.code(), Some(130), "{engine}: {}", ran.err);
        let document = ran.document();
        assert_eq!(document["environment"]["complete"], false);
        assert_eq!(document["scenarios"][0]["complete"], false);
        assert!(document["scenarios"][0]["error"].is_null(), "{document}");
        assert_eq!(fs::read_dir(directory.join("tmp")).unwrap().count(), 0, "{engine}");
        assert_eq!(in_memory(process), 0, "{engine}");
        wait_until("no process is left", || processes_with(&directory).is_empty());
    }
}

/// The number of semaphores and other files of this run of sercost in shared memory.
fn in_memory(process: u32) -> usize {
    let files = fs::read_dir("/dev/shm").unwrap().flatten();
    files.filter(|file| file.file_name().to_string_lossy().contains(&format!("sercost-{process}-"))).count()
}

#[test]
fn nothing_outlives_a_sercost_that_is_killed() {
    let directory = Directory::new();
    let running = endless(&directory, "--engine pool --start spawn");
    let process = running.process.id();
    assert!(in_memory(process) > 0, "a pool has semaphores");
    signal_to(process, Signal::KILL);
    wait_until("no process is left", || processes_with(&directory).is_empty());
    wait_until("nothing is left in memory", || in_memory(process) == 0);
    wait_until("no file is left", || fs::read_dir(directory.join("tmp")).unwrap().count() == 0);
}

#[test]
fn a_disk_that_is_full_ends_the_recording_and_not_the_tasks() {
    // A limit on the size of files is as good as a full disk, and needs no permission. One task after the other, so
    // that what there is room for belongs to whole tasks.
    let directory = Directory::new();
    for (kibibytes, tasks, some) in [(32, 100, false), (300, 3000, true)] {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", kibibytes * 2)])
            .arg(env!("CARGO_BIN_EXE_sercost"))
            .args(["tasks", "noop", "--call", "apply", "--format", "json", "--tasks", &tasks.to_string()])
            .env("TMPDIR", directory.path());
        let ran = shell.output().unwrap();
        let error = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{error}");
        assert!(error.contains("there was no room for more records in"), "{error}");
        let document = tools::document(&String::from_utf8(ran.stdout).unwrap());
        let scenario = &document["scenarios"][0];
        assert_eq!((&scenario["done"], &scenario["complete"]), (&tasks.into(), &false.into()), "{scenario}");
        assert_eq!(scenario["messages"].as_u64().unwrap() > 0, some, "{scenario}");
        assert_eq!(directory.names(), Vec::<String>::new());
    }
    let mut command = sercost(["tasks", "noop"]);
    let error = finish(command.env("TMPDIR", directory.join("missing"))).err;
    assert!(error.contains("cannot make a directory for temporary files; set TMPDIR"), "{error}");
}

#[test]
fn a_task_gets_the_values_that_the_document_has() {
    let directory = Directory::new();
    let pickle = |value: &str, name: &str| {
        let script = format!("import pickle; pickle.dump({value}, open({name:?}, 'wb'), 4)");
        assert!(
            Command::new("python3").current_dir(directory.path()).args(["-c", &script]).status().unwrap().success()
        );
    };
    for (name, value) in [
        ("mixed.json", "{\"n\": [1, 2.5, 3, 4.25, -7], \"at\": [[1, 2], [3, 4]], \"of\": [[1, \"a\"], [2, \"b\"]]}"),
        ("tuples.pkl", "[(1, 'a'), (2, 'b')]"),
        ("deep.pkl", "{'p': (1, 2, 3), 'q': [(1.5, 2), (3, 4.5)], 'r': [[1, 2], [3, 4]], 't': None}"),
        ("optional.pkl", "[{'k': (1, 2)}, {'k': None}, {'k': (3, 4)}]"),
    ] {
        match name.ends_with(".json") {
            true => drop(directory.file(name, value)),
            false => pickle(value, name),
        }
        let check = format!("value = payload()\n    assert repr(value) == repr({value}), value");
        own(&directory, &format!("if __name__ == '__main__':\n    {check}\n    run(len, [value])\n"));
        let mut command = sercost(["tasks", "own.py", "--payload", name, "--format", "json"]);
        let document = tools::document(&finish(command.current_dir(directory.path())).ok());
        assert_eq!(document["scenarios"][0]["done"], 1, "{name}: {document}");
    }
}
