//! Two runs of one seed are the same to the byte, but for the times; with a clock that is the same too, all of them.

use super::case::RustCase;
use super::fidelity::Subjects;
use super::forecast::Forecast;
use super::results::Results;
use super::runner::{Runner, RustRunner};
use super::schedule::Budget;
use super::session::{Observer, Outcome, Session};
use super::settings::Settings;
use crate::clock::{Quality, fake};
use crate::codec::CodecSpec;
use crate::model::{PayloadInfo, Representation, Run, Stage};
use crate::payload::{Column, Encodable, Schema, Tree};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

struct Deaf;

impl<'a> Observer<'a> for Deaf {
    fn progress(&mut self, _fraction: f64, _left_ns: u64, _what: &str) {}
    fn sampled(&mut self, _results: &Results<'a>, _row: usize) {}
    fn planned(&mut self, _forecast: &Forecast) {}
    fn round(&mut self, _results: &Results<'a>) {}
}

/// JSON's form of keys that are not text, in an order that only the document has.
fn tree() -> Tree {
    Tree::Map((0..12).map(|key| (Tree::Float(f64::from(key * 7 % 12) + 0.5), Tree::Int(key.into()))).collect())
}

/// The results file of a run whose clock no other test reads.
fn results_file(budget: Budget, quick: bool) -> String {
    fake::install(Some(Arc::new(AtomicU64::new(1_000_000_000))));
    let settings = Settings {
        seed: 11,
        asked_ns: None,
        // So fine that nothing is repeated: a microsecond between two readings is long.
        clock: Quality { precision_ns: 0.1, overhead_ns: 0.1 },
        own_format: vec!["json".to_owned()],
        quick,
        ..Settings::new("true".into(), budget)
    };
    let schema = Arc::new(Schema::list(Schema::I64));
    let column = Column::List { ends: vec![100], items: Box::new(Column::I64((0..100).collect())) };
    let encodable = Encodable::new(&schema, &column);
    let trees = [tree()];
    let subjects = Subjects {
        own: None,
        derived: &[],
        schema: &schema,
        column: &column,
        encodable: &encodable,
        trees: &trees,
        native: None,
        messages: 1,
        #[cfg(feature = "python")]
        pickle: None,
    };
    let transport = crate::transport::find("pipe").expect("it is in the table");
    let runners = [Representation::Typed, Representation::Dynamic].into_iter().flat_map(|representation| {
        ["json", "postcard", "cbor", "bson", "json"].into_iter().enumerate().map(move |(at, name)| {
            let spec = CodecSpec::parse(name).expect("a codec");
            let case = RustCase { representation, spec, transport, copy: usize::from(at == 4), here: false };
            Box::new(RustRunner::new(case)) as Box<dyn Runner>
        })
    });
    let interrupted = AtomicBool::new(false);
    let mut session = Session::new(&settings, subjects, runners.collect(), &interrupted);
    assert_eq!(session.run(&mut Deaf), Outcome::Finished);
    let results = session.results();
    let mut run = Run::new(crate::host::environment(
        settings.clock,
        Vec::new(),
        "2026-01-01T00:00:00Z".into(),
        settings.seed,
        "fresh",
        None,
    ));
    let (wall_ns, measured_ns, warmup_ns) = results.times();
    run.payloads.push(PayloadInfo {
        name: "made".into(),
        description: String::new(),
        format: None,
        file_bytes: None,
        memory_bytes: 800,
        messages: None,
        schema: serde_json::Value::Null,
        notes: Vec::new(),
        reference: results.reference_name(),
        rounds: results.rounds_begun(),
        wall_ns,
        measured_ns,
        warmup_ns,
        sender_peak_resident_bytes: results.peaks().0,
        receiver_peak_resident_bytes: results.peaks().1,
        five_rounds_ns: results.five_rounds_ns(),
        noise: Some(results.noise()),
        digest: None,
        derived: None,
        layouts: None,
    });
    run.measurements = results.measurements("made");
    // The copies that were made while it was measured are the same as the measured results.
    let mut board = results.blank();
    for at in 0..results.rows.len() {
        board.copy_from(results, Some(at));
    }
    assert_eq!(board.measurements("made"), run.measurements);
    fake::install(None);
    run.to_json()
}

#[test]
fn one_seed_is_one_results_file() {
    for (budget, quick) in
        [(Budget::Rounds(8), false), (Budget::Time(5_000_000), false), (Budget::Time(5_000_000), true)]
    {
        let first = results_file(budget, quick);
        assert_eq!(first, results_file(budget, quick), "{budget:?}");
        let run: Run = serde_json::from_str(&first).expect("it was written by us");
        let totals = |codec: &str, representation| {
            let rows = run.measurements.iter().filter(move |row| row.stage == Stage::Total && row.codec == codec);
            rows.filter(move |row| row.representation == representation).collect::<Vec<_>>()
        };
        // All of it happened: samples, an error, a second row of the same codec, losses in the order of the document.
        assert!(totals("postcard", Representation::Typed)[0].samples_ns.len() >= 7);
        assert!(totals("postcard", Representation::Dynamic)[0].error.is_some());
        assert_eq!(totals("json#2", Representation::Typed).len(), 1);
        assert_eq!(run.payloads[0].reference.as_deref(), Some("json"));
        let losses = totals("json", Representation::Dynamic)[0].lossy.clone().expect("it was compared");
        let appeared: Vec<&String> = losses.iter().filter(|loss| loss.ends_with("key appeared")).collect();
        assert!(appeared.len() > 5, "{losses:?}");
        let expected = ["0.5", "7.5", "2.5", "9.5", "4.5", "11.5"].map(|key| format!("$[\"{key}\"]: key appeared"));
        assert!(appeared.iter().zip(&expected).all(|(found, expected)| *found == expected), "{appeared:?}");
    }
}
