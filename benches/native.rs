//! The engine `native` as the floor under pools of Pythons.
//!
//! `cargo bench --bench native` prints it. What it must show, with a payload of one byte: a task's latency, one task after
//! the other, within 1.5 times of a bare ping-pong of one byte over the same kind of pipes between two processes; and a
//! fifth of that of `multiprocessing.Pool` or less. The three take turns in each round.
//!
//! All are on one CPU for that, by `taskset`. Where the system puts two processes on two CPUs, a message wakes a CPU that
//! sleeps, which takes several times as long as everything else here together, and whether it does so changes from one start to the next, for
//! the ping-pong as well. What comes of leaving it to the system is shown too.

mod support;

use sercost::clock::now;
use sercost::model::{Component, Ledger, Nanos, Run};
use sercost::stats::{median, median_interval};
use std::io::{Read, Write};
use std::process::{Command, Stdio};

/// The argument with which this program is the other side of the ping-pong.
const PONG: &str = "--pong";

/// The argument with which it is on one CPU.
const PINNED: &str = "--pinned";

fn main() {
    let given = |argument: &str| std::env::args().any(|given| given == argument);
    if given(PONG) {
        return pong();
    }
    if support::in_earnest() && !given(PINNED) {
        let program = std::env::current_exe().expect("this program has a name");
        let pinned = Command::new("taskset").args(["-c", "0"]).arg(program).args(["--bench", PINNED]).status();
        if !pinned.is_ok_and(|status| status.success()) {
            println!("there is no taskset to keep everything on one CPU");
        }
    }
    println!("{}", if given(PINNED) { "on one CPU" } else { "where the system puts them" });
    measure(given(PINNED));
}

fn measure(pinned: bool) {
    let (rounds, tasks) = if support::in_earnest() { (11, "10k") } else { (1, "50") };
    let line = |engine| ["args", "--payload", "bytes:1", "--workers", "1", "--tasks", tasks, "--engine", engine];
    let one_by_one = |engine| {
        let run = support::tasks(&[&line(engine)[..], &["--call", "apply"]].concat());
        (latency(&run), per_task(&run))
    };
    let [mut bare, mut native, mut pool, mut walls] = [(); 4].map(|()| Vec::new());
    let [mut by_bare, mut by_native, mut at_best, mut streams] = [(); 4].map(|()| Vec::new());
    for _ in 0..rounds {
        let ping = ping(if support::in_earnest() { 10_000 } else { 50 });
        let (own, wall) = one_by_one("native");
        let (theirs, _) = one_by_one("pool");
        by_bare.push(own / ping);
        by_native.push(theirs / own);
        at_best.push(theirs / ping);
        bare.push(ping);
        native.push(own);
        pool.push(theirs);
        walls.push(wall);
        // As fast as they can, with a task waiting at the worker.
        streams.push(per_task(&support::tasks(&line("pool"))) / per_task(&support::tasks(&line("native"))));
    }
    let of = |values: &[f64]| Nanos(median(values).unwrap_or_default());
    println!("one byte there and back, medians of {rounds} rounds of {tasks} each");
    println!("  bare ping-pong  {}", of(&bare));
    println!("  native          {} a task (with its start and end {})", of(&native), of(&walls));
    println!("  pool            {} a task", of(&pool));
    ratio("native against the ping-pong", &mut by_bare, if pinned { "at most 1.5" } else { "for comparison" });
    ratio("pool against native", &mut by_native, if pinned { "at least 5" } else { "for comparison" });
    ratio("pool against the ping-pong", &mut at_best, "nothing can be further below it");
    ratio("pool against native by imap, all of a run", &mut streams, "for comparison");
}

fn ratio(what: &str, ratios: &mut [f64], allowed: &str) {
    ratios.sort_by(f64::total_cmp);
    let (low, high) = median_interval(ratios).unwrap_or_default();
    println!("  {what}: {:.2} ({low:.2} to {high:.2} with 95 %; {allowed})", median(ratios).unwrap_or_default());
}

/// The median latency of a task: each from its submission to its result.
fn latency(run: &Run) -> f64 {
    let rows = || run.components.iter().filter(|row| row.ledger == Ledger::Task && row.part_of.is_none());
    let info = &run.scenarios[0];
    assert_eq!(info.messages, info.tasks, "all were followed");
    // Each has a sample of each component that any has; what is not shown is nothing. Of many, those of the same tasks are kept.
    let mut totals = vec![0.0; rows().map(|row| row.samples_ns.len()).max().unwrap_or(0)];
    for row in rows() {
        assert_eq!((row.count(), row.samples_ns.len()), (info.tasks, totals.len()), "{}", row.component);
        for (total, &sample) in totals.iter_mut().zip(&row.samples_ns) {
            *total += sample as f64;
        }
    }
    assert!(rows().any(|row| row.component == Component::Pickup));
    median(&totals).expect("there are tasks")
}

fn per_task(run: &Run) -> f64 {
    let info = &run.scenarios[0];
    info.wall_ns.expect("it came to its end") as f64 / info.tasks as f64
}

/// The median time of a byte to another process and back.
fn ping(times: usize) -> f64 {
    let program = std::env::current_exe().expect("this program has a name");
    let mut other = Command::new(program)
        .arg(PONG)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts again");
    let (mut there, mut back) = (other.stdin.take().expect("is piped"), other.stdout.take().expect("is piped"));
    let mut byte = [0];
    let mut samples = Vec::with_capacity(times);
    for _ in 0..times {
        let start = now();
        there.write_all(&byte).expect("the other is there");
        back.read_exact(&mut byte).expect("the other answers");
        samples.push((now() - start) as f64);
    }
    drop(there);
    other.wait().expect("the other ends");
    median(&samples).expect("there are samples")
}

/// Sends every byte back, without a buffer in between.
fn pong() {
    let own = |end: &dyn std::os::fd::AsFd| {
        std::fs::File::from(end.as_fd().try_clone_to_owned().expect("there are descriptors"))
    };
    let (mut from, mut to) = (own(&std::io::stdin()), own(&std::io::stdout()));
    let mut byte = [0];
    while from.read(&mut byte).expect("the other is there") == 1 {
        to.write_all(&byte).expect("the other is there");
    }
}
