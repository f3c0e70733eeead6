//! The cost of the agent of `sercost tasks`, and a comparison of its numbers with others.
//!
//! `cargo bench --bench tasks` prints it. What it must show: at most 6 us more for an empty task, in pairs of runs with
//! and without stamps; at least 99 % of each worker's life and of the dispatcher's explained; `encode_task` within 10 %
//! of pickling the same tasks by themselves, on a machine that is idle otherwise, and not one byte apart. With one worker,
//! so that there is a processor for it, and spawned, since after a fork pickling also copies the pages whose reference
//! counts it touches.

mod support;

use sercost::model::{Component, Ledger, Nanos, Run};
use sercost::stats::{median, median_interval};

fn main() {
    let earnest = support::in_earnest();
    let (pairs, tasks, payload) = if earnest { (40, "10k", "range:10M") } else { (1, "20", "range:1k") };

    let mut differences = Vec::new();
    let mut bases = Vec::new();
    for pair in 0..pairs {
        let traced = || per_task(&support::tasks(&["noop", "--tasks", tasks]));
        let untraced = || per_task(&support::tasks(&["noop", "--tasks", tasks, "--untraced"]));
        // The one that comes first takes turns.
        let (with, without) = if pair % 2 == 0 {
            (traced(), untraced())
        } else {
            let without = untraced();
            (traced(), without)
        };
        differences.push(with - without);
        bases.push(without);
    }
    differences.sort_by(f64::total_cmp);
    let (low, high) = median_interval(&differences).unwrap_or_default();
    println!(
        "an empty task, {tasks} of them by imap in chunks of 1: {}; the agent adds {} ({} to {} with 95 %, of {pairs} pairs; allowed 6 us)",
        Nanos(median(&bases).unwrap_or_default()),
        Nanos(median(&differences).unwrap_or_default()),
        Nanos(low),
        Nanos(high),
    );

    for arguments in [
        &["noop", "--tasks", tasks][..],
        &["partial", "--payload", payload, "--tasks", "8", "--workers", "1", "--start", "spawn"],
    ] {
        let run = support::tasks(arguments);
        let info = &run.scenarios[0];
        println!("\n{}", arguments.join(" "));
        for closure in &info.closures {
            let share = 100.0 * closure.named_ns as f64 / closure.wall_ns.max(1) as f64;
            println!("  {:<10} {:.2} % of {} explained", closure.ledger, share, Nanos(closure.wall_ns as f64));
        }
        let encode = row(&run, Component::EncodeTask);
        let alone = info.alone.as_ref().expect("the check is made");
        let times: Vec<f64> = alone.times_ns.iter().map(|&ns| ns as f64).collect();
        let by_itself = times.iter().sum::<f64>() / times.len() as f64;
        let mean = encode.wall_ns as f64 / info.messages as f64;
        println!(
            "  encode_task {} a message, by itself {}: {:+.1} % (allowed 10 for the large one)",
            Nanos(mean),
            Nanos(by_itself),
            100.0 * (mean / by_itself - 1.0)
        );
        let cpu = encode.cpu_ns.unwrap_or_default() as f64 / info.messages as f64;
        let cpu_by_itself = alone.cpu_ns.iter().sum::<u64>() as f64 / alone.cpu_ns.len() as f64;
        println!(
            "    on a CPU {} and {}: {:+.1} %",
            Nanos(cpu),
            Nanos(cpu_by_itself),
            100.0 * (cpu / cpu_by_itself - 1.0)
        );
        if info.tasks as usize <= 256 {
            let bytes = encode.bytes.unwrap_or_default();
            assert_eq!(bytes, alone.bytes[0] * info.messages, "the bytes differ");
            println!("  bytes equal: {} of each", alone.bytes[0]);
        }
        for component in [Component::ResultPickup, Component::GilStarved, Component::DropArguments] {
            if let Some(row) = run.components.iter().find(|row| row.component == component) {
                println!("  {component}: {} a message", Nanos(row.wall_ns as f64 / info.messages as f64));
            }
        }
    }
}

fn per_task(run: &Run) -> f64 {
    let info = &run.scenarios[0];
    info.wall_ns.expect("it came to its end") as f64 / info.tasks as f64
}

fn row(run: &Run, component: Component) -> &sercost::model::ComponentRow {
    let mut rows = run.components.iter();
    rows.find(|row| row.ledger == Ledger::Task && row.component == component).expect("the component is there")
}
