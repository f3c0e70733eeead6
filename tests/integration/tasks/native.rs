//! The engine native: the same ledgers from sercost's own processes, whatever the codec.

use super::{adds_up, components, digest, fails, measured, records, run};
use crate::tools::{self, Directory, Running, finish, sercost, signal_to, wait_until};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

#[test]
fn every_scenario_that_it_has_adds_up_and_has_the_results_of_an_untraced_run() {
    let line = "--engine native --payload range:2k --tasks 40";
    let traced = measured(&format!("{line} --digest"));
    adds_up(&traced);
    let scenarios = traced["scenarios"].as_array().unwrap();
    let names: Vec<&str> = scenarios.iter().map(|scenario| scenario["scenario"].as_str().unwrap()).collect();
    assert_eq!(names, ["partial", "args", "return", "initializer", "global", "noop"]);
    let untraced = measured(&format!("{line} --digest --untraced"));
    for (traced, untraced) in scenarios.iter().zip(untraced["scenarios"].as_array().unwrap()) {
        assert_eq!((&traced["done"], &traced["messages"]), (&40.into(), &40.into()), "{traced}");
        assert_eq!((&untraced["done"], &untraced["messages"]), (&40.into(), &0.into()), "{untraced}");
        assert_eq!(digest(traced), digest(untraced), "{traced}");
        // The data is the same, whichever way it came.
        assert_eq!(digest(traced) == digest(&scenarios[0]), traced["scenario"] != "noop", "{traced}");
    }
    for (scenario, member, large) in [
        ("partial", "encode_task", true),
        ("args", "encode_task", true),
        ("return", "encode_task", false),
        ("return", "encode_result", true),
        ("initializer", "encode_task", false),
        ("noop", "encode_result", false),
    ] {
        let rows = components(&traced, &[("scenario", scenario), ("ledger", "task"), ("component", member)]);
        // A component that takes no time has no row.
        let bytes = rows.first().map_or(0, |row| row["bytes"].as_u64().unwrap() / 40);
        assert_eq!(bytes > 3000, large, "{scenario} {member}: {bytes}");
    }
    // No thread waits for another's pickling, and no garbage is collected.
    for row in traced["components"].as_array().unwrap() {
        assert!(row["component"] != "gil_starved" && row["component"] != "gc", "{row}");
    }
}

#[test]
fn every_codec_every_method_and_any_number_of_workers_give_the_same_results() {
    let results = |line: &str| {
        let document = measured(&format!("{line} --engine native --payload strings:300 --digest"));
        adds_up(&document);
        let of = |scenario: &Value| (scenario["done"].as_u64().unwrap(), digest(scenario).to_owned());
        document["scenarios"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    let expected = results("args return --tasks 60");
    assert_eq!(expected[0], expected[1]);
    for line in [
        "--codec json",
        "--codec pickle:5 --call imap_unordered --workers 3",
        "--codec bincode-fixed --workers 1",
        "--codec rkyv --workers 7",
        "--codec borsh --call apply --workers 2",
        "--codec bitcode --call apply --workers 1",
    ] {
        assert_eq!(results(&format!("args return --tasks 60 {line}")), expected, "{line}");
    }
}

#[test]
fn messages_larger_than_a_pipe_cross_in_both_directions() {
    // Some are larger than what is read at a time, some than all that the pipe holds.
    for count in ["7k", "40k", "300k"] {
        let line = format!("args return --engine native --payload floats:{count} --workers 3 --tasks 20 --digest");
        let document = measured(&line);
        adds_up(&document);
        let scenarios = document["scenarios"].as_array().unwrap();
        assert_eq!(digest(&scenarios[0]), digest(&scenarios[1]), "{count}");
        let alone = scenarios[0]["alone"]["bytes"].as_array().unwrap();
        let sum: u64 = 20 * alone[0].as_u64().unwrap();
        for (ledger, component) in [("task", "encode_task"), ("dispatcher", "send"), ("task", "transfer")] {
            let rows = components(&document, &[("scenario", "args"), ("ledger", ledger), ("component", component)]);
            // A message that one read takes comes with its header.
            let at_once = component == "transfer" && rows.is_empty() && count == "7k";
            assert!(at_once || rows[0]["bytes"] == sum, "{count} {component}");
        }
    }
}

#[test]
fn a_file_is_a_payload_and_a_call_takes_its_time() {
    let directory = Directory::new();
    let file = directory
        .file("orders.json", r#"[{"id": 1, "tags": ["a"], "price": 2.5}, {"id": 2, "tags": [], "price": null}]"#);
    let document = measured(&format!("args --engine native --payload {file} --call-time 3ms --tasks 6"));
    adds_up(&document);
    let calls = components(&document, &[("ledger", "task"), ("component", "call")]);
    let calls = calls[0]["samples_ns"].as_array().unwrap();
    assert!(calls.len() == 6 && calls.iter().all(|call| call.as_u64().unwrap() >= 3_000_000), "{calls:?}");
    let text = run("args --engine native --payload range:10 --codec json --details").ok();
    for word in ["native, imap, json (serde_json ", "pickup", "explained"] {
        assert!(text.contains(word), "{word} in {text}");
    }
}

/// The most memory of its own that the program had while it ran so many tasks, in bytes, and the bytes of its results.
fn peak_and_results(count: u64) -> (u64, u64) {
    let directory = Directory::new();
    let results = directory.join("results.json");
    let count = count.to_string();
    let mut command = sercost(["tasks", "noop", "--engine", "native", "--workers", "2", "--tasks", &count, "--out"]);
    let mut running = Running::start(command.arg(&results).env("TMPDIR", directory.path()));
    let status = format!("/proc/{}/status", running.process.id());
    let mut peak = 0;
    while running.process.try_wait().unwrap().is_none() {
        // Not the high-water mark of all that is resident: records are mapped and unmapped as the kernel likes.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) * 1024);
        thread::sleep(Duration::from_millis(1));
    }
    let out = running.wait().ok();
    assert!(out.contains("noop") && peak > 0, "{out}");
    (peak, fs::metadata(&results).unwrap().len())
}

/// A million tasks take as much memory as a thousand, but for buckets of histograms, whose number is bounded: what is kept
/// of each task would be seen from some 130 bytes on. `cargo bench --bench million` takes the million.
#[test]
fn neither_memory_nor_results_grow_with_the_number_of_tasks() {
    let (few, many) = (peak_and_results(5_000), peak_and_results(35_000));
    let grown = many.0.saturating_sub(few.0);
    // The histograms of four ledgers fill up to 4 MB.
    assert!(grown < 6_000_000, "{} bytes at the most, and {} of 30,000 tasks more", few.0, many.0);
    // A sample of each component of each task would be seven times as much.
    assert!(many.1 < 3 * few.1, "results of {} bytes, and of {} with 30,000 tasks more", few.1, many.1);
}

#[test]
fn it_runs_without_any_python() {
    let directory = Directory::new();
    let ran = finish(sercost(["tasks", "noop", "--engine", "native"]).env("PATH", directory.path()));
    assert!(ran.ok().contains("native, imap, 2 workers, 8 tasks"));
}

#[test]
fn what_it_has_not_is_refused_with_a_remedy() {
    for (line, message) in [
        ("noop --engine native --codec jsn", "--codec: unknown codec \"jsn\"; did you mean \"json\"?"),
        ("noop --engine native --codec json+zstd", "is a compressor, which tasks do not go through"),
        ("noop --engine native --codec null", "null writes nothing that could be sent; take another"),
        ("noop --codec json", "--codec: the engine pool pickles; codecs are for --engine native"),
        ("noop --engine native --python python3", "--python: the engine native runs no Python; leave it out"),
        ("noop --engine native --chunksize 2", "--chunksize: the engine native sends each task by itself"),
        ("noop --engine native --start fork", "--start: the engine native has one way to start its workers"),
        ("noop --engine native --call map", "the engine native has no such method; it has imap, imap_unordered, apply"),
    ] {
        let error = run(line).error();
        assert!(error.contains(message), "{line}: {error}");
    }
    for (line, message) in [
        ("shared-memory --payload range:9", "the engine native has no shared-memory: its data crosses in pipes"),
        ("default-arg --payload range:9", "the engine native has no default-arg"),
    ] {
        fails(&format!("{line} --engine native"), message);
    }
    let directory = Directory::new();
    let file = directory.file("deep.json", r#"{"a": [{"b": null}, {"b": 1.5}]}"#);
    let refused = "the codec rkyv: natively derived: takes the built-in shapes";
    fails(&format!("args --payload {file} --codec rkyv --engine native"), refused);
    let own = directory.file("own.py", "");
    fails(&format!("{own} --engine native --payload range:9"), "the engine native runs no Python; take --engine pool");
    // The scenario that the engine has is measured all the same.
    let ran = run("shared-memory noop --engine native --payload range:9 --format json");
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(ran.document()["scenarios"][1]["complete"], true);
}

/// Tasks for minutes, some of which are done.
fn endless(directory: &Directory) -> Running {
    let temporary = directory.join("tmp");
    fs::create_dir(&temporary).unwrap();
    let line = "tasks args partial --engine native --payload range:100 --call-time 20ms --tasks 100k --format json";
    let running = Running::start(sercost(line.split_whitespace()).env("TMPDIR", &temporary));
    wait_until("two workers record", || records(&temporary) >= 2 && running.workers().len() == 2);
    // The third record of a worker is that of its first result: there is a page of header, and each has 128 bytes.
    wait_until("a task is done", || {
        let runs = fs::read_dir(&temporary).unwrap().flatten();
        let mut files = runs.flat_map(|run| fs::read_dir(run.path()).into_iter().flatten().flatten());
        files.any(|file| {
            let bytes = fs::read(file.path()).unwrap_or_default();
            // The parent records too, and what it sends is not a result.
            let pid = bytes.get(24..32).map(|pid| i64::from_le_bytes(pid.try_into().unwrap()));
            let is_parent = pid == Some(running.process.id().into());
            !is_parent && bytes.get(4096 + 4 * 128..).is_some_and(|rest| rest.iter().take(8).any(|&byte| byte != 0))
        })
    });
    running
}

#[test]
fn a_worker_that_is_killed_ends_its_scenario_and_what_came_before_is_measured() {
    let directory = Directory::new();
    let running = endless(&directory);
    let workers = running.workers();
    workers[1].signal(Signal::KILL);
    // The scenario after it goes its way, for minutes.
    wait_until("the next scenario has workers", || {
        let now = running.workers();
        now.len() == 2 && now.iter().all(|worker| !workers.contains(worker))
    });
    signal_to(running.process.id(), Signal::INT);
    let ran = running.wait();
    assert_eq!(ran.status.code(), Some(130), "{}", ran.err);
    let document = ran.document();
    let scenario = &document["scenarios"][0];
    let error = scenario["error"].as_str().unwrap();
    assert!(error.contains(&format!("worker process {} was killed by signal 9 (SIGKILL)", workers[1].id)), "{error}");
    assert!(error.contains("the task it was working on is lost, so the scenario was ended"), "{error}");
    assert_eq!(scenario["complete"], false);
    assert!(scenario["messages"].as_u64().unwrap() >= 1, "{scenario}");
    assert_eq!(fs::read_dir(directory.join("tmp")).unwrap().count(), 0);
}

#[test]
fn ctrl_c_shows_what_was_measured_and_leaves_nothing() {
    let directory = Directory::new();
    let running = endless(&directory);
    let workers = running.workers();
    signal_to(running.process.id(), Signal::INT);
    let ran = running.wait();
    assert_eq!(ran.status.code(), Some(130), "{}", ran.err);
    let document = ran.document();
    assert_eq!(document["environment"]["complete"], false);
    let scenario = &document["scenarios"][0];
    assert_eq!((&scenario["complete"], &scenario["error"]), (&false.into(), &Value::Null), "{scenario}");
    assert!(scenario["messages"].as_u64().unwrap() >= 1, "{scenario}");
    assert!(workers.iter().all(|worker| !worker.runs()));
    assert_eq!(fs::read_dir(directory.join("tmp")).unwrap().count(), 0);
}

#[test]
fn nothing_outlives_a_sercost_that_is_killed() {
    let directory = Directory::new();
    let running = endless(&directory);
    let workers = running.workers();
    signal_to(running.process.id(), Signal::KILL);
    wait_until("no process is left", || workers.iter().all(|worker| !worker.runs()));
    wait_until("no file is left", || fs::read_dir(directory.join("tmp")).unwrap().count() == 0);
}

#[test]
fn a_disk_that_is_full_ends_the_recording_and_not_the_tasks() {
    let directory = Directory::new();
    for (kibibytes, some) in [(1, false), (8, false), (300, true)] {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", kibibytes * 2)])
            .arg(env!("CARGO_BIN_EXE_sercost"))
            .args("tasks noop --engine native --workers 1 --tasks 3000 --format json".split(' '))
            .env("TMPDIR", directory.path());
        let ran = shell.output().unwrap();
        let error = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{kibibytes}: {error}");
        assert!(error.contains("there was no room for more records in"), "{kibibytes}: {error}");
        let document = tools::document(&String::from_utf8(ran.stdout).unwrap());
        let scenario = &document["scenarios"][0];
        assert_eq!((&scenario["done"], &scenario["complete"]), (&3000.into(), &false.into()), "{scenario}");
        assert_eq!(scenario["messages"].as_u64().unwrap() > 0, some, "{kibibytes}: {scenario}");
        assert_eq!(directory.names(), Vec::<String>::new());
    }
}

#[test]
fn by_hand_it_says_what_it_is_for() {
    let error = tools::run("work").error();
    assert!(error.contains("\"work\" is started by sercost itself, and of no use by hand"), "{error}");
}

#[test]
fn a_pool_can_apply_one_task_after_the_other_too() {
    let document = measured("args --call apply --payload range:10 --tasks 12");
    adds_up(&document);
    assert_eq!(document["scenarios"][0]["messages"], 12);
    let alone = document["scenarios"][0]["alone"]["bytes"].as_array().unwrap();
    let rows = components(&document, &[("ledger", "task"), ("component", "encode_task")]);
    assert_eq!(rows[0]["bytes"], 12 * alone[0].as_u64().unwrap());
}

#[test]
fn of_many_tasks_a_thousand_samples_are_kept_of_the_same_tasks_in_each_row() {
    for line in
        ["noop --tasks 5k --workers 1", "args --payload range:2k --tasks 1500 --call imap_unordered --workers 3"]
    {
        let document = measured(&format!("{line} --engine native --seed 7"));
        adds_up(&document);
        let messages = document["scenarios"][0]["messages"].as_u64().unwrap();
        let rows = components(&document, &[("ledger", "task")]);
        let of_all: Vec<_> = rows.iter().filter(|row| row["summary"]["count"] == messages).collect();
        assert!(of_all.len() > 8, "{line}: {}", of_all.len());
        // Each component begins where another ends: over a task they come to no more than a task can take.
        let longest = of_all.iter().filter(|row| row["part_of"].is_null());
        let longest: f64 = longest.map(|row| row["summary"]["max_ns"].as_f64().unwrap()).sum();
        let mut kept = vec![0; 1000];
        for row in of_all.iter().filter(|row| row["part_of"].is_null()) {
            let samples = row["samples_ns"].as_array().unwrap();
            kept.iter_mut().zip(samples).for_each(|(sum, ns)| *sum += ns.as_u64().unwrap());
        }
        assert!(kept.iter().all(|&sum| sum > 0 && sum as f64 <= longest), "{line}");
        // A task that waits longer in the queue is sent later: the kept samples are in the order of the tasks.
        let queue = rows.iter().find(|row| row["component"] == "queue_wait").unwrap();
        let waits: Vec<u64> = queue["samples_ns"].as_array().unwrap().iter().map(|ns| ns.as_u64().unwrap()).collect();
        assert!(line.contains("unordered") || waits.is_sorted(), "{line}");
    }
}
