//! The study behind `sercost profile`, called as a library calls it: without a command line, and told of by sinks.

use sercost::measure::{Budget, Outcome, Settings, Study};
use sercost::model::{Current, Glimpse, Nanos, Run, Silent, Sink, Stage};
use sercost::payload::PayloadSpec;
use std::sync::atomic::Ordering;

/// The events that a sink was told.
#[derive(Default)]
struct Told {
    about: Vec<String>,
    glimpses: usize,
    rounds: Vec<usize>,
    closed: Vec<(usize, usize)>,
}

impl Sink for Told {
    fn progress(&mut self, fraction: f64, _left: Option<Nanos>, what: &str) {
        assert!((0.0..=1.0).contains(&fraction), "{what}: {fraction}");
        self.about.push(what.to_owned());
    }

    fn sampled(&mut self, rows: &dyn Fn() -> Vec<Glimpse>) {
        self.glimpses = self.glimpses.max(rows().len());
    }

    fn round(&mut self, current: &mut dyn Current) {
        let run = current.run();
        let totals = run.measurements.iter().filter(|row| row.stage == Stage::Total);
        self.rounds.push(totals.map(|row| row.samples_ns.iter().flatten().count()).min().unwrap_or(0));
    }

    fn closed(&mut self, run: &Run) {
        self.closed.push((run.payloads.len(), run.measurements.len()));
    }
}

fn study(payloads: &[&str], rounds: u64) -> (Study, Run) {
    let payloads = payloads.iter().map(|text| PayloadSpec::parse(text).unwrap()).collect();
    let settings = Settings::new(env!("CARGO_BIN_EXE_sercost").into(), Budget::Rounds(rounds));
    let mut study = Study::new(payloads, settings);
    study.codecs.retain(|(spec, _)| ["null", "json", "postcard"].contains(&spec.codec.info().name));
    let run = study.empty_run(Vec::new(), "2026-01-01T00:00:00Z".to_owned());
    (study, run)
}

#[test]
fn a_study_measures_without_a_command_line_and_tells_its_sinks() {
    let (study, mut run) = study(&["range:100", "records:5"], 3);
    let mut sinks = (Told::default(), Silent);
    assert_eq!(study.run(&mut run, &mut sinks).unwrap(), Outcome::Finished);
    let told = sinks.0;
    // Of each payload the null row's encode, and encode, transfer, decode and total of the two others.
    let rows = 1 + 2 * 4;
    assert_eq!(told.closed, [(1, rows), (2, 2 * rows)]);
    assert_eq!(told.rounds, [1, 2, 3, 1, 2, 3]);
    assert_eq!(told.glimpses, 2);
    assert!(told.about.contains(&"records:5 (2/2): round 3: json".to_owned()), "{:?}", told.about);
    assert!(run.environment.complete && study.has_measured(&run));
    assert!(run.measurements.iter().all(|row| row.error.is_none() && row.samples_ns.len() == 3), "{run:#?}");
    assert_eq!(run.payloads[1].description, "list of 5 records of 8 fields");
}

#[test]
fn a_study_that_is_stopped_keeps_what_it_has() {
    struct Stop(std::sync::Arc<std::sync::atomic::AtomicBool>);
    impl Sink for Stop {
        fn round(&mut self, _current: &mut dyn Current) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let (study, mut run) = study(&["range:100", "range:200"], 100_000);
    let flag = std::sync::Arc::clone(&study.reading.watch.interrupted);
    assert_eq!(study.run(&mut run, &mut Stop(flag)).unwrap(), Outcome::Interrupted);
    assert_eq!((run.payloads.len(), run.payloads[0].rounds), (1, 2));
    assert!(!run.environment.complete && study.has_measured(&run));
}

#[test]
fn a_study_of_nothing_says_so() {
    let (study, mut run) = study(&["range:0"], 1);
    let error = study.run(&mut run, &mut Silent).unwrap_err().to_string();
    assert!(error.contains("holds nothing to measure"), "{error}");
    assert!(run.payloads.is_empty() && !study.has_measured(&run));
}
