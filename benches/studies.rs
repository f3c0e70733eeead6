//! The cost of sercost itself around what it measures, by the two studies called in this process, without a command
//! line.
//!
//! `cargo bench --bench studies` prints, for a small payload in three codecs, the time between the measured operations of
//! a sample: announcing it, waiting for the report, and telling a sink. In pairs of runs with a sink that keeps nothing
//! and one that looks at the whole run after each round, as a results file does. And for the engine native what an empty
//! task takes, with stamps and without.

mod support;

use sercost::clock;
use sercost::codec;
use sercost::engine::{self, ScenarioSpec, find_engine};
use sercost::measure::{Budget, Settings, Study};
use sercost::model::{Current, Nanos, Run, Silent, Sink, Stage};
use sercost::payload::PayloadSpec;
use sercost::stats::median;

/// Looks at the run after each round.
struct Curious(usize);

impl Sink for Curious {
    fn round(&mut self, current: &mut dyn Current) {
        self.0 += current.run().measurements.len();
    }
}

fn main() {
    let (pairs, rounds, tasks) = if support::in_earnest() { (15, 300, 20_000) } else { (1, 3, 20) };
    let (mut silent, mut curious) = (Vec::new(), Vec::new());
    for _ in 0..pairs {
        silent.push(between_operations(rounds, &mut Silent));
        curious.push(between_operations(rounds, &mut Curious(0)));
    }
    let of = |values: &[f64]| Nanos(median(values).unwrap_or_default());
    println!(
        "range:100 in json, msgpack and postcard, {rounds} rounds: between the operations of a sample {}, with a sink that \
         looks at the run after each round {} (medians of {pairs} runs)",
        of(&silent),
        of(&curious)
    );
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..pairs {
        with.push(empty_task(tasks, true));
        without.push(empty_task(tasks, false));
    }
    println!("an empty task of the engine native, {tasks} of them: {}, without stamps {}", of(&with), of(&without));
}

fn payload(text: &str) -> PayloadSpec {
    PayloadSpec::parse(text).expect("a shape")
}

/// Nanoseconds of a sample of a profile that are spent in none of its stages.
fn between_operations(rounds: u64, sink: &mut dyn Sink) -> f64 {
    let settings = Settings::new(env!("CARGO_BIN_EXE_sercost").into(), Budget::Rounds(rounds));
    let mut study = Study::new(vec![payload("range:100")], settings);
    study.codecs.retain(|(spec, _)| ["json", "msgpack", "postcard"].contains(&spec.codec.info().name));
    let mut run = study.empty_run(Vec::new(), String::new());
    let start = clock::now();
    study.run(&mut run, sink).expect("it can be measured");
    let wall = clock::now() - start;
    let samples: usize = run.measurements.iter().filter(|row| row.stage == Stage::Total).map(sampled).sum();
    (wall - run.payloads[0].measured_ns) as f64 / samples as f64
}

fn sampled(row: &sercost::model::Measurement) -> usize {
    row.samples_ns.iter().flatten().count()
}

/// Nanoseconds of an empty task.
fn empty_task(tasks: u64, record: bool) -> f64 {
    let engine = find_engine("native").expect("it is in the table");
    let scenarios = vec![ScenarioSpec::parse("noop").expect("it is built in")];
    let program = env!("CARGO_BIN_EXE_sercost").into();
    let mut study = engine::Study::new(engine, program, scenarios, payload("range:1"));
    (study.settings.tasks, study.settings.record, study.settings.codec) = (tasks, record, codec::find("postcard"));
    let mut run: Run = study.empty_run(Vec::new(), String::new());
    study.run(&mut run, &mut Silent).expect("there is no data");
    assert_eq!(run.scenarios[0].error, None);
    run.scenarios[0].wall_ns.expect("it came to its end") as f64 / tasks as f64
}
