//! A run of tasks made by hand, with exact numbers.

use super::environment;
use sercost::model::{
    Buckets, Closure, Component, ComponentRow, EncodedPart, HeaviestPart, Isolated, Ledger, RESULTS_SCHEMA, Run,
    ScenarioInfo, Summary,
};

/// Two scenarios that came to their end, one of which is large, and one that did not.
pub fn tasks() -> Run {
    let mut partial = info("partial", "the data is bound to the function by functools.partial");
    partial.encoded = vec![
        EncodedPart {
            part: "bound arguments".into(),
            path: "keywords[\"data\"]: list of 10,000,000 int".into(),
            bytes: 49_871_000,
            heaviest: None,
            in_all_tasks: true,
        },
        EncodedPart {
            part: "function".into(),
            path: "partial of __main__.task".into(),
            bytes: 20,
            heaviest: Some(HeaviestPart { path: "func: __main__.task".into(), bytes: 16 }),
            in_all_tasks: true,
        },
    ];
    partial.alone = Some(Isolated {
        bytes: vec![49_871_188; 3],
        times_ns: vec![201_000_000, 199_000_000, 205_000_000],
        cpu_ns: vec![141_000_000; 3],
    });
    let mut default = info("default-arg", "the data is the default value of an argument of the function");
    default.alone = Some(Isolated {
        bytes: vec![45; 5],
        times_ns: vec![20_000, 4_000, 3_900, 4_100, 4_000],
        cpu_ns: vec![4_000; 5],
    });
    let mut lost = info("/tmp/own|scenario.py", "a program of your own");
    lost.complete = false;
    (lost.done, lost.messages, lost.wall_ns, lost.closures) = (0, 0, None, vec![]);
    lost.error = Some("worker process 7 was killed by signal 9 (SIGKILL)\u{1b}[31m".into());
    lost.notes = vec!["not everything is recorded".into()];
    let mut components = scenario_rows("default-arg", 0.001, 45);
    components.extend(scenario_rows("partial", 200.0, 49_871_188));
    // Its schema is that of a row of many samples.
    components[0].histogram = Some(Buckets { significant_digits: 3, values_ns: vec![3, 4], counts: vec![5, 3] });
    Run {
        schema: RESULTS_SCHEMA.into(),
        environment: environment(),
        payloads: vec![],
        measurements: vec![],
        scenarios: vec![default, partial, lost],
        components,
        comparison: None,
    }
}

fn info(scenario: &str, description: &str) -> ScenarioInfo {
    let closure = |ledger, count, wall_ns| Closure {
        ledger,
        count,
        wall_ns,
        named_ns: wall_ns / 1000 * 998,
        cpu_ns: None,
        worked_ns: None,
    };
    ScenarioInfo {
        engine: "pool".into(),
        scenario: scenario.into(),
        number: None,
        description: description.into(),
        payload: Some("range:10M".into()),
        payload_description: Some("list of 10,000,000 i64".into()),
        runtime: Some("CPython 3.11.7".into()),
        start: Some("fork".into()),
        call: Some("imap".into()),
        chunksize: None,
        workers: 2,
        function: Some("task".into()),
        call_ns: 5_000_000,
        tasks: 8,
        done: 8,
        failed: 0,
        messages: 8,
        wall_ns: Some(3_000_000_000),
        outside_ns: Some(3_000_100_000),
        iterated_ns: None,
        closures: vec![
            closure(Ledger::Task, 8, 12_000_000_000),
            closure(Ledger::Worker, 2, 6_100_000_000),
            closure(Ledger::Dispatcher, 1, 2_900_000_000),
        ],
        encoded: vec![],
        returned: vec![],
        alone: None,
        complete: true,
        notes: vec![],
        error: None,
    }
}

/// Some components of each ledger; the time of encoding in milliseconds is the measure of all.
fn scenario_rows(scenario: &str, encode: f64, bytes: u64) -> Vec<ComponentRow> {
    use Component as C;
    let row = |ledger: Ledger, component: C, times: f64, cpu: Option<f64>, bytes: Option<u64>| {
        let samples_ns: Vec<u64> =
            (0..8).map(|n| (encode * times * 1e6 * (1.0 + f64::from(n) / 100.0)) as u64).collect();
        let wall_ns: u64 = samples_ns.iter().sum();
        ComponentRow {
            engine: "pool".into(),
            scenario: scenario.into(),
            payload: Some("range:10M".into()),
            ledger,
            component,
            part_of: component.part_of(ledger),
            wall_ns,
            cpu_ns: cpu.map(|share| (wall_ns as f64 * share) as u64),
            bytes: bytes.map(|bytes| bytes * 8),
            summary: Some(summary(&samples_ns)),
            histogram: None,
            samples_ns,
        }
    };
    let (task, worker, dispatcher) = (Ledger::Task, Ledger::Worker, Ledger::Dispatcher);
    let mut rows = vec![
        row(task, C::QueueWait, 4.0, None, None),
        row(task, C::EncodeTask, 1.0, Some(0.7), Some(bytes)),
        row(task, C::Pickup, 0.08, None, None),
        row(task, C::WorkerBusy, 0.05, None, None),
        row(task, C::Transfer, 0.3, Some(0.5), Some(bytes)),
        row(task, C::DecodeTask, 1.7, Some(0.6), Some(bytes)),
        row(task, C::Call, 0.001, Some(1.0), None),
        row(task, C::ResultPickup, 0.4, None, None),
        row(task, C::GilStarved, 0.3, None, None),
        row(task, C::Boot, 0.03, None, None),
        row(worker, C::DecodeTask, 1.7, Some(0.6), None),
        row(worker, C::Idle, 0.000_01, None, None),
        row(worker, C::DropArguments, 0.5, Some(0.9), None),
        row(worker, C::Other, 0.01, None, None),
        row(dispatcher, C::EncodeTask, 1.0, Some(0.7), Some(bytes)),
        row(dispatcher, C::Send, 0.4, Some(0.1), Some(bytes)),
    ];
    let mut gc = row(worker, C::Gc, 0.1, None, None);
    gc.part_of = Some(C::DecodeTask);
    rows.insert(11, gc);
    rows
}

fn summary(samples: &[u64]) -> Summary {
    let at = |index: usize| samples[index] as f64;
    Summary {
        count: samples.len() as u64,
        min_ns: at(0),
        p50_ns: at(3),
        p90_ns: at(7),
        p99_ns: at(7),
        p999_ns: at(7),
        max_ns: at(7),
        mean_ns: samples.iter().sum::<u64>() as f64 / samples.len() as f64,
        mad_ns: at(2) - at(0),
        ratio: None,
        ratio_low: None,
        ratio_high: None,
    }
}
