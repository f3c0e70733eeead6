//! The study behind `sercost tasks`, called as a library calls it: without a command line, and told of by a sink.

use sercost::codec;
use sercost::engine::{ScenarioSpec, Study, find_engine};
use sercost::model::{Component, Nanos, Run, Sink};
use sercost::payload::PayloadSpec;
use sercost::python::find_for_pools;
use std::sync::atomic::{AtomicBool, Ordering};

/// The events that a sink was told.
#[derive(Default)]
struct Told {
    about: Vec<String>,
    closed: Vec<usize>,
}

impl Sink for Told {
    fn progress(&mut self, _fraction: f64, _left: Option<Nanos>, what: &str) {
        self.about.push(what.to_owned());
    }

    fn closed(&mut self, run: &Run) {
        self.closed.push(run.scenarios.len());
    }
}

fn study(engine: &str, scenarios: &[&str]) -> Study {
    let scenarios = scenarios.iter().map(|name| ScenarioSpec::parse(name).unwrap()).collect();
    let payload = PayloadSpec::parse("range:1k").unwrap();
    let program = env!("CARGO_BIN_EXE_sercost").into();
    let mut study = Study::new(find_engine(engine).unwrap(), program, scenarios, payload);
    if study.engine.is_python() {
        study.settings.interpreter = Some(find_for_pools(None, &AtomicBool::new(false)).unwrap());
    } else {
        study.settings.codec = codec::find("postcard");
    }
    study
}

#[test]
fn a_study_runs_scenarios_without_a_command_line_and_tells_its_sink() {
    for engine in ["pool", "native"] {
        let study = study(engine, &["noop", "args"]);
        let mut run = study.empty_run(Vec::new(), "2026-01-01T00:00:00Z".to_owned());
        let mut told = Told::default();
        study.run(&mut run, &mut told).unwrap();
        assert_eq!((told.closed, told.about), (vec![1, 2], vec!["noop (1/2)".to_owned(), "args (2/2)".to_owned()]));
        assert!(run.environment.complete);
        let [noop, args] = run.scenarios.as_slice() else { panic!("{engine}: {:#?}", run.scenarios) };
        assert!(noop.error.is_none() && args.error.is_none() && noop.complete && args.complete, "{noop:?} {args:?}");
        assert_eq!((args.tasks, args.done, args.messages), (8, 8, 8), "{engine}");
        assert_eq!((&noop.payload, args.payload.as_deref()), (&None, Some("range:1k")));
        assert_eq!(run.environment.interpreters.len(), usize::from(engine == "pool"));
        let encoded =
            run.components.iter().find(|row| row.scenario == "args" && row.component == Component::EncodeTask);
        assert!(encoded.is_some_and(|row| row.bytes.is_some_and(|bytes| bytes > 8 * 1000)), "{encoded:?}");
    }
}

#[test]
fn a_study_that_is_stopped_runs_no_more_scenarios() {
    let study = study("native", &["noop", "args"]);
    let mut run = study.empty_run(Vec::new(), "2026-01-01T00:00:00Z".to_owned());
    study.load.options.watch.interrupted.store(true, Ordering::Relaxed);
    // A payload that no scenario needs is not read.
    assert!(study.run(&mut run, &mut Told::default()).is_err() || run.scenarios.is_empty());
}
