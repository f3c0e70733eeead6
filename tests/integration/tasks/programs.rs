//! The programs of `fixtures/programs`: each is slow for one reason, and its first screen names that reason.

use super::{Directory, fails, measured, own, pythons, run};
use std::fs;

/// The program, and a sentence that its first screen has. Numbers that depend on the machine are left out.
const REASONS: [(&str, &str); 16] = [
    (
        "partial_table",
        "each of 24 messages re-sends 1.46 MB of keywords[\"table\"]: list of 300,000 int, bound to the function, the \
         same in all 24 tasks",
    ),
    (
        "one_of_two_arguments",
        "each of 16 messages re-sends 1.49 MB of args[0].by_article: dict of 60,000 float, the same in all 16 tasks",
    ),
    ("large_results", "the first of 10 results has 10.0 MB of result: bytes"),
    ("tiny_tasks", "the workers spend most of their lives starting: keep one pool, and give it more tasks"),
    ("dataset_for_each_worker", "each of 3 workers is sent 3.05 MB at its start: encode"),
    ("clean_strings", "a task does less than its message costs: send several tasks in one message, by chunksize=..."),
    (
        "bound_method",
        "each of 16 messages re-sends 1.75 MB of self.weights: dict of 80,000 float, bound to the function, the same \
         in all 16 tasks",
    ),
    ("parent_decodes", "the results take the time, and one thread of the parent takes all of them ("),
    ("pool_in_loop", "make the pool once, outside the loop: 20 pools were made, whose 40 workers spent"),
    ("manager_dict", "each access to a Manager's object is a message to its one process and back"),
    ("table_groups", "each task takes data of its own along: send where it is"),
    ("copy_on_write", "of memory that it shared with its parent; the kernel took"),
    ("word_lists", "the first of 12 messages has 647 kB of args[0]: list of 60,000 str"),
    ("float_lists", "args[0] is pickled number by number: an array.array or a numpy array goes as one block"),
    ("slow_iterator", "the pool waits for the iterator that makes the tasks, and nothing in the pool mends that"),
    ("fresh_workers", "workers were started for 20 tasks, and spent"),
];

#[test]
fn the_first_screen_names_the_reason_of_each_slow_pool() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/programs");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str().unwrap().strip_suffix(".py").map(str::to_owned))
        .collect();
    names.sort();
    let mut known = REASONS.map(|(name, _)| name);
    known.sort_unstable();
    assert_eq!(names, known);
    for (name, reason) in REASONS {
        let text = run(&format!("{folder}/{name}.py")).ok();
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(reason), "{name}: {reason} in {text}");
        let body = text.lines().skip_while(|line| !line.starts_with("━━")).count();
        assert!(body <= 25, "{name}: {body} lines: {text}");
        assert!(!flat.contains("range:1M"), "{name}: nobody asked for the data: {text}");
    }
}

/// What each way to call takes, with what came of it.
const WAYS: &[(&str, &str, u64, &str)] = &[
    ("run(one, (x for x in range(7)))", "pool", 7, "imap"),
    ("run(one, {1, 2, 3}, call='map')", "pool", 3, "map"),
    ("run(one, iter('abcdefgh'), call='imap_unordered', chunksize=3)", "pool", 8, "imap_unordered"),
    ("run(two, range(5), (x for x in range(9)))", "pool", 5, "starmap"),
    ("run(two, range(5), keywords={'b': 4})", "pool", 5, "apply_async"),
    (
        "run(one, range(5), callback=got.append)\n    assert sorted(got) == [0, 1, 2, 3, 4], got",
        "pool",
        5,
        "apply_async",
    ),
    ("run(one, range(6), call='map', callback=got.extend)\n    assert got == list(range(6)), got", "pool", 6, "map"),
    ("assert run(one, range(4), results=True) == [0, 1, 2, 3]", "pool", 4, "imap"),
    ("run(one, range(6), maxtasksperchild=2, chunksize=1)", "pool", 6, "imap"),
    ("run(two, range(5), range(5), engine='executor', call='map', workers=3)", "executor", 5, "map"),
    ("run(two, (x for x in range(5)), keywords={'b': 1}, engine='executor')", "executor", 5, "submit"),
];

#[test]
fn a_program_calls_as_the_library_lets_it() {
    let directory = Directory::new();
    for (way, engine, tasks, call) in WAYS {
        let script = own(
            &directory,
            &format!(
                "got = []\ndef one(x):\n    return x\n\ndef two(a, b):\n    return b\n\nif __name__ == '__main__':\n    {way}\n"
            ),
        );
        let document = measured(&script);
        let scenario = &document["scenarios"][0];
        let found = (&scenario["engine"], &scenario["tasks"], &scenario["done"], &scenario["call"]);
        assert_eq!(found, (&(*engine).into(), &(*tasks).into(), &(*tasks).into(), &(*call).into()), "{way}");
        super::adds_up(&document);
    }
    for (way, message) in [
        ("run(two, range(3), range(3), call='imap')", "imap of a pool takes no several iterables"),
        ("run(one, 7)", "'int' object is not iterable (line 11 of own.py: run(one, 7))"),
        ("run(one, range(3), call='mop')", "a pool has no method mop"),
        ("run(one, range(3), engine='dusk')", "there is no engine dusk"),
        ("run(one, range(3), workers=0)", "workers has to be at least 1, and 0 is given"),
    ] {
        let body = "\ndef one(x):\n    return x\n\ndef two(a, b):\n    return b\n\nif __name__ == '__main__':\n    ";
        fails(&own(&directory, &format!("{body}{way}\n")), message);
    }
}

#[test]
fn an_iterator_is_apart_from_encoding_whoever_asks_it() {
    let directory = Directory::new();
    let body = "import time\ndef slow():\n    for x in range(10):\n        time.sleep(0.02)\n        yield x\n\ndef one(x):\n    return x\n\nif __name__ == '__main__':\n";
    for (call, engine) in
        [("imap", "pool"), ("map", "pool"), ("apply_async", "pool"), ("submit", "executor"), ("map", "executor")]
    {
        let script = own(&directory, &format!("{body}    run(one, slow(), call='{call}', engine='{engine}')\n"));
        let document = measured(&script);
        let scenario = &document["scenarios"][0];
        let own = scenario["iterated_ns"].as_u64().unwrap_or(0);
        let stamped = super::wall(&document, scenario["scenario"].as_str().unwrap(), "dispatcher", "iterate");
        assert!(own + stamped >= 200_000_000 && (own == 0) == (call == "imap"), "{engine} {call}: {own} {stamped}");
        let encoded = super::wall(&document, scenario["scenario"].as_str().unwrap(), "dispatcher", "encode_task");
        assert!(encoded < 100_000_000, "{engine} {call}: {encoded}");
        let text = run(&script).ok();
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains("the pool waits for the iterator that makes the tasks"), "{engine} {call}: {text}");
    }
}

#[test]
fn each_call_has_its_own_report() {
    let directory = Directory::new();
    let body = "def one(x):\n    return x\n\nif __name__ == '__main__':\n";
    let script = own(
        &directory,
        &format!(
            "{body}    run(one, [b'x' * 50_000] * 6)\n    run(one, range(20), workers=3, call='imap_unordered')\n"
        ),
    );
    let document = measured(&script);
    super::adds_up(&document);
    let scenarios = document["scenarios"].as_array().unwrap();
    assert_eq!(scenarios.len(), 2, "{document}");
    for (scenario, (number, tasks, workers)) in scenarios.iter().zip([(1, 6, 2), (2, 20, 3)]) {
        assert_eq!(scenario["number"], number);
        assert_eq!((&scenario["done"], &scenario["messages"]), (&tasks.into(), &tasks.into()), "{scenario}");
        assert_eq!(scenario["workers"], workers);
        assert_eq!(scenario["payload"], serde_json::Value::Null);
        let lives = scenario["closures"].as_array().unwrap().iter().find(|own| own["ledger"] == "worker").unwrap();
        assert_eq!(lives["count"], workers, "{scenario}");
    }
    assert_eq!(scenarios[0]["encoded"][0]["in_all_tasks"], true);
    let text = run(&script).ok();
    assert!(text.contains("2 calls") && text.contains("2: imap_unordered(one)"), "{text}");

    // A program with many of them has no room for each.
    let script = own(&directory, &format!("{body}    for _ in range(103):\n        run(one, range(2), workers=1)\n"));
    let document = measured(&script);
    assert_eq!(document["scenarios"].as_array().unwrap().len(), 103);
    let last = &document["scenarios"][102];
    assert_eq!((&last["done"], &last["messages"]), (&2.into(), &0.into()));
    let text = run(&script).ok();
    assert!(text.contains("103 calls") && text.contains("103 times imap(one)"), "{text}");
}

#[test]
fn what_a_worker_is_given_at_its_start_is_a_part_of_its_boot() {
    for python in pythons() {
        for start in ["spawn", "forkserver", "fork"] {
            let line = format!("initializer --payload bytes:200k --start {start} --python {}", python.display());
            let document = measured(&line);
            super::adds_up(&document);
            let row = |component: &str| {
                let rows = super::components(&document, &[("ledger", "worker"), ("component", component)]);
                rows.first().map(|row| (row["wall_ns"].as_u64().unwrap(), row["bytes"].as_u64().unwrap_or(0)))
            };
            if start == "fork" {
                assert_eq!((row("boot_encode"), row("boot_decode")), (None, None), "{}", python.display());
                continue;
            }
            // What prepares them goes along. A worker may be told to end before it has read it.
            let (_, handed) = row("boot_encode").unwrap();
            assert!((400_000..420_000).contains(&handed), "{handed}: {}", python.display());
            for component in ["boot_encode", "boot_transfer", "boot_decode"] {
                let (wall, bytes) = row(component).unwrap_or_else(|| panic!("{component}: {}", python.display()));
                assert!(wall > 0 && (200_000..420_000).contains(&bytes), "{component}: {wall} {bytes}");
            }
        }
    }
}

#[test]
fn the_way_to_start_workers_is_the_interpreters_own() {
    for python in pythons() {
        let name = python.display();
        let document = measured(&format!("noop --python {name}"));
        let scenario = &document["scenarios"][0];
        let runtime = scenario["runtime"].as_str().unwrap();
        let minor: u32 = runtime.split('.').nth(1).unwrap().parse().unwrap();
        assert_eq!(scenario["start"], if minor >= 14 { "forkserver" } else { "fork" }, "{runtime}");
    }
}

#[test]
fn results_that_had_come_are_counted_when_a_program_is_ended() {
    let directory = Directory::new();
    let script = own(
        &directory,
        "import time\ndef task(x):\n    if x == 5: time.sleep(600)\n    return x\n\nif __name__ == '__main__':\n    run(task)\n",
    );
    let document = fails(
        &format!("{script} --stall 1500ms"),
        "no task ended for 1.50 s and no process computed, so it was ended; --stall 15.0s waits longer",
    );
    // The other worker goes on with what is left.
    assert_eq!(document["scenarios"][0]["done"], 7, "{document}");
    let script = own(
        &directory,
        "import time\ndef task(x):\n    if x == 5:\n        time.sleep(0.3)\n        sys.exit(3)\n    return x\n\nif __name__ == '__main__':\n    run(task)\n",
    );
    let document = fails(&script, "ended by itself with exit code 3");
    assert!(document["scenarios"][0]["error"].as_str().unwrap().contains("sys.exit(3)"), "{document}");
    assert!(document["scenarios"][0]["done"].as_u64().unwrap() >= 5, "{document}");
}

#[test]
fn a_program_that_does_not_come_so_far_is_told_with_its_own_line() {
    let directory = Directory::new();
    for (body, message) in [
        ("print('no pool')\n", "never called run(...); add `from sercost_tasks import run`"),
        ("def f(:\n    pass\n", "SyntaxError: invalid syntax (line 3 of own.py: def f(:)"),
        ("sys.exit('no data today')\n", "ended early with exit code 1: no data today"),
        (
            "def begin():\n    raise ValueError('no beginning')\n\ndef task(x):\n    return x\n\nif __name__ == '__main__':\n    run(task, initializer=begin)\n",
            "it said: ValueError: no beginning (line 4 of own.py: raise ValueError('no beginning'))",
        ),
    ] {
        fails(&own(&directory, body), message);
    }
}
