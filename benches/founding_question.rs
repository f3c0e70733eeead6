//! The question that sercost began with, answered on this machine: why is `Pool.imap(partial(f, data=LIST), ...)` so much
//! slower than the same function with a default argument?
//!
//! `cargo bench --bench founding_question` measures each claim of a widely read answer to it, and writes
//! `docs/pool-imap-partial.md`.

mod support;

use sercost::model::{Bytes, Component, ComponentRow, Ledger, Nanos, Run};
use serde::Deserialize;
use std::fmt::Write;
use std::process::Command;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pool-imap-partial.md");

/// The end of the page: programs that do not send the list with every task. They are run by the tests.
const INSTEAD: &str = r#"
## What to write instead

The list has to be in each worker once, and not in each task. Three ways, as whole programs.

An **initializer** is given the list when a worker starts. Under `fork` nothing is sent; under `spawn` and `forkserver` the list
is pickled once for each worker, and not for each task. It works with every start method and with data that is known late:

```python
from multiprocessing import Pool

data = None


def initialize(given):
    global data
    data = given


def f(x):
    return data[x]


if __name__ == "__main__":
    with Pool(2, initializer=initialize, initargs=(list(range(10_000_000)),)) as pool:
        print(sum(pool.imap(f, range(8))))
```

A **global of the module** is inherited by every worker under `fork`, and nothing is sent. Under `spawn` and `forkserver` each worker
imports the module and makes the list itself, once:

```python
from multiprocessing import Pool

DATA = list(range(10_000_000))


def f(x):
    return DATA[x]


if __name__ == "__main__":
    with Pool(2) as pool:
        print(sum(pool.imap(f, range(8))))
```

A **default argument** is such a global that belongs to the function. The function is still pickled by its name alone:

```python
from multiprocessing import Pool


def f(x, data=list(range(10_000_000))):
    return data[x]


if __name__ == "__main__":
    with Pool(2) as pool:
        print(sum(pool.imap(f, range(8))))
```

Python starts workers with `fork` on Linux up to 3.13, and with `forkserver` from 3.14 on; `multiprocessing.set_start_method` says
which. Where the list changes between tasks, none of these helps: then send what changed, and not the whole.
"#;

/// The part that needs no pool: the same interpreter by itself.
const PYTHON: &str = "
import functools, json, pickle, sys, timeit
from time import perf_counter_ns as now
count = int(sys.argv[1])

def f(x, data=None):
    pass

def best(make):
    times = []
    for _ in range(3):
        began = now()
        made = make()
        times.append(now() - began)
        del made
    return min(times)

numbers = list(range(count))
bound = functools.partial(f, data=numbers)
repeat = 200000
direct = min(timeit.repeat(lambda: f(1, data=numbers), number=repeat, repeat=5))
through = min(timeit.repeat(lambda: bound(1), number=repeat, repeat=5))
empty = min(timeit.repeat(lambda: None, number=repeat, repeat=5))
print(json.dumps({
    'function_bytes': len(pickle.dumps(f)),
    'range_ns': best(lambda: list(range(count))),
    'zeros_ns': best(lambda: [0] * count),
    'comprehension_ns': best(lambda: [0 for _ in range(count)]),
    'direct_ns': 1e9 * (direct - empty) / repeat,
    'partial_ns': 1e9 * (through - empty) / repeat,
}))
";

#[derive(Deserialize)]
struct Alone {
    function_bytes: u64,
    range_ns: f64,
    zeros_ns: f64,
    comprehension_ns: f64,
    direct_ns: f64,
    partial_ns: f64,
}

/// The runs that the answer is made of.
struct Runs {
    range: Run,
    zeros: Run,
    chunks: Run,
    spawn: Run,
    alone: Alone,
}

fn main() {
    let earnest = support::in_earnest();
    let count = if earnest { "10M" } else { "10k" };
    let (range, zeros) = (format!("range:{count}"), format!("zeros:{count}"));
    let runs = Runs {
        range: support::tasks(&["default-arg", "partial", "initializer", "--payload", &range, "--tasks", "8"]),
        zeros: support::tasks(&["partial", "--payload", &zeros, "--tasks", "8"]),
        chunks: support::tasks(&["partial", "--payload", &range, "--tasks", "8", "--chunksize", "4"]),
        spawn: support::tasks(&["initializer", "--payload", &range, "--tasks", "8", "--start", "spawn"]),
        alone: alone(if earnest { 10_000_000 } else { 10_000 }),
    };
    let text = answer(&runs, count);
    if earnest {
        std::fs::write(FILE, text).expect("the documentation can be written");
        println!("{FILE} is written");
    } else {
        println!("{text}");
    }
}

fn alone(count: u64) -> Alone {
    let output = Command::new("python3").args(["-c", PYTHON, &count.to_string()]).output().expect("there is a python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it prints what it measured")
}

fn answer(runs: &Runs, count: &str) -> String {
    let info = &runs.range.scenarios[1];
    let environment = &runs.range.environment;
    let wall = |scenario| info_of(&runs.range, scenario).wall_ns.unwrap_or_default() as f64;
    let (partial, default) = (wall("partial"), wall("default-arg"));
    let mut text = format!(
        "<!-- written by: cargo bench --bench founding_question -->\n\n\
         # Why `Pool.imap` with a `functools.partial` is slow\n\n\
         This page checks, on one machine, the answer to the question *Python multiprocessing - Why is using functools.partial slower\n\
         than default arguments?* on Stack Overflow. The question: a function `f(x, data=LIST)` with a default argument of {count}\n\
         integers goes through `multiprocessing.Pool.imap` at once, and the same list bound by `functools.partial(f, data=LIST)` makes\n\
         every task slow. The answer: pickle writes a function by its name, but a partial with all that is bound to it, for every\n\
         task. The table has the claims of that answer in short, and beside each what sercost measures. That its explanation is right\n\
         is what the table shows: all 8 tasks take {} with the partial, {:.0} times the {} with the default argument.\n\
         [What to write instead](#what-to-write-instead) is at the end.\n\n\
         Measured by {} on {}, {} processors, {}; 8 tasks, 2 workers, fork. Write it anew for\n\
         your machine: `cargo bench --bench founding_question`.\n\n",
        Nanos(partial),
        partial / default.max(1.0),
        Nanos(default),
        info.runtime.as_deref().unwrap_or("python3"),
        environment.cpu_model.as_deref().unwrap_or("a processor without a name"),
        environment.cpus,
        environment.system,
    );
    claims(&mut text, runs);
    components(&mut text, runs);
    unseen(&mut text, runs);
    text.push_str(INSTEAD);
    text
}

fn claims(text: &mut String, runs: &Runs) {
    let alone = &runs.alone;
    let bytes = |run: &Run, scenario: &str| Bytes(mean_bytes(run, scenario).round() as u64);
    let trip = |run: &Run| mean(run, "partial", Component::EncodeTask) + mean(run, "partial", Component::DecodeTask);
    let wall = |run: &Run, scenario: &str| Nanos(info_of(run, scenario).wall_ns.unwrap_or_default() as f64);
    let cycle = trip(&runs.zeros);
    let rows = [
        (
            "a function is pickled by its name, which is cheap",
            format!(
                "{} for the function alone; {} for a whole task with it",
                Bytes(alone.function_bytes),
                bytes(&runs.range, "default-arg")
            ),
        ),
        (
            "the pickle of the partial is \"roughly 50 MB\"",
            format!(
                "{} for `list(range(...))`, {} for as many zeros: size and times of the answer are of two different lists",
                bytes(&runs.range, "partial"),
                bytes(&runs.zeros, "partial")
            ),
        ),
        (
            "pickling and unpickling the zeros takes about 620 ms",
            format!("{} for zeros, {} for the range", Nanos(cycle), Nanos(trip(&runs.range))),
        ),
        (
            "the transfer is left out",
            format!(
                "the transfer of the range takes {}, of {} that a task costs by itself",
                Nanos(mean(&runs.range, "partial", Component::Transfer)),
                Nanos(cost(&runs.range))
            ),
        ),
        (
            "it is pickled for each call, and not once for each worker",
            format!(
                "once for each *message*: {} for 8 tasks, and {} with `chunksize=4`, in {} messages",
                Bytes(total_bytes(&runs.range, "partial")),
                Bytes(total_bytes(&runs.chunks, "partial")),
                info_of(&runs.chunks, "partial").messages
            ),
        ),
        (
            "creating the list takes a little under half of one such cycle, and happens once",
            format!(
                "{} for zeros by a comprehension, {} by `[0] * n`, {} for the range",
                Nanos(alone.comprehension_ns),
                Nanos(alone.zeros_ns),
                Nanos(alone.range_ns)
            ),
        ),
        (
            "calling through the partial takes under a microsecond",
            format!("{} through the partial, {} directly", Nanos(alone.partial_ns), Nanos(alone.direct_ns)),
        ),
        (
            "the default argument makes it fast",
            format!(
                "all 8 tasks: {} with the partial, {} with the default argument (making the pool included)",
                wall(&runs.range, "partial"),
                wall(&runs.range, "default-arg")
            ),
        ),
        (
            "`Pool(initializer=...)` does as well",
            format!(
                "all 8 tasks: {} under fork, {} under spawn, where each worker is sent the list once",
                wall(&runs.range, "initializer"),
                wall(&runs.spawn, "initializer")
            ),
        ),
    ];
    text.push_str("| claim | what sercost measures |\n| --- | --- |\n");
    for (claim, measured) in rows {
        let _ = writeln!(text, "| {claim} | {measured} |");
    }
}

/// Where the time of a task of the partial goes.
fn components(text: &mut String, runs: &Runs) {
    text.push_str(
        "\n## Where a task of the partial spends its time\n\n\
         Means of 8 tasks with the range, from `sercost tasks partial --payload range:10M`; waiting its turn is left out. The\n\
         components are defined in [TASKS.md](TASKS.md#the-components).\n\n\
         | component | wall | of it on a CPU | bytes |\n| --- | ---: | ---: | ---: |\n",
    );
    let run = &runs.range;
    let messages = info_of(run, "partial").messages.max(1);
    for &component in Component::ALL {
        if component == Component::QueueWait {
            continue;
        }
        let ledger = if component == Component::DropArguments { Ledger::Worker } else { Ledger::Task };
        let Some(row) = row(run, "partial", ledger, component) else { continue };
        let part = component.part_of(ledger).map_or(String::new(), |whole| format!(" (part of `{whole}`)"));
        let cell = |value: Option<u64>, show: fn(f64) -> String| {
            value.map_or("-".to_owned(), |value| show(value as f64 / messages as f64))
        };
        let time = |ns: f64| Nanos(ns).to_string();
        let size = |bytes: f64| Bytes(bytes.round() as u64).to_string();
        let _ = writeln!(
            text,
            "| `{component}`{part} | {} | {} | {} |",
            cell(Some(row.wall_ns), time),
            cell(row.cpu_ns, time),
            cell(row.bytes, size)
        );
    }
    let info = info_of(run, "partial");
    let explained: Vec<String> = info
        .closures
        .iter()
        .map(|closure| {
            format!(
                "{:.1} % of the {} ledger",
                100.0 * closure.named_ns as f64 / closure.wall_ns.max(1) as f64,
                closure.ledger
            )
        })
        .collect();
    let _ = writeln!(text, "\nNamed components explain {}.", explained.join(", "));
}

/// Writes what the answer leaves out.
fn unseen(text: &mut String, runs: &Runs) {
    let value = |component| Nanos(mean(&runs.range, "partial", component));
    let dropped = mean_of(
        row(&runs.range, "partial", Ledger::Worker, Component::DropArguments),
        info_of(&runs.range, "partial").messages,
    );
    let result = row(&runs.range, "partial", Ledger::Task, Component::ResultPickup).expect("it is there");
    let _ = write!(
        text,
        "\n## What that answer leaves out\n\n\
         - A result of some {} waited {} on average (at most {}) until the parent took it: {} of that while the parent's\n  \
         interpreter lock was held by the pickling of the next task (`gil_starved`).\n\
         - After its result was sent, the worker spent another {} freeing the list that it had unpickled (`drop_arguments`).\n  \
         The task is done by then, and the next one waits.\n",
        Bytes(
            row(&runs.range, "partial", Ledger::Task, Component::EncodeResult)
                .and_then(|row| row.bytes)
                .unwrap_or_default()
                / 8
        ),
        value(Component::ResultPickup),
        Nanos(result.summary.as_ref().map_or(0.0, |summary| summary.max_ns)),
        value(Component::GilStarved),
        Nanos(dropped),
    );
}

fn info_of<'a>(run: &'a Run, scenario: &str) -> &'a sercost::model::ScenarioInfo {
    run.scenarios.iter().find(|info| info.scenario == scenario).expect("it was measured")
}

fn row<'a>(run: &'a Run, scenario: &str, ledger: Ledger, component: Component) -> Option<&'a ComponentRow> {
    run.components.iter().find(|row| row.scenario == scenario && row.ledger == ledger && row.component == component)
}

fn mean_of(row: Option<&ComponentRow>, messages: u64) -> f64 {
    row.map_or(0.0, |row| row.wall_ns as f64 / messages.max(1) as f64)
}

/// Of a message, in nanoseconds.
fn mean(run: &Run, scenario: &str, component: Component) -> f64 {
    mean_of(row(run, scenario, Ledger::Task, component), info_of(run, scenario).messages)
}

/// The cost of a task of the partial from its pickling to its consumer.
fn cost(run: &Run) -> f64 {
    let parts = Component::ALL.iter().filter(|c| c.part_of(Ledger::Task).is_none() && **c != Component::QueueWait);
    parts.map(|&component| mean(run, "partial", component)).sum()
}

fn total_bytes(run: &Run, scenario: &str) -> u64 {
    row(run, scenario, Ledger::Task, Component::EncodeTask).and_then(|row| row.bytes).unwrap_or_default()
}

fn mean_bytes(run: &Run, scenario: &str) -> f64 {
    total_bytes(run, scenario) as f64 / info_of(run, scenario).messages.max(1) as f64
}
