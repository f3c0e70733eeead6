//! Files of each layout as real runs wrote them: profiles of Rust and of Python, and tasks of both engines.

use super::Directory;
use crate::results_schema::ResultsSchema;
use crate::synthetic;
use sercost::model::{ComponentRow, Run};
use sercost::stats::{Histogram, KEPT};
use sercost::store;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const NAMES: [&str; 3] = ["profile", "tasks-native", "tasks-pool"];

fn sample(layout: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/integration/store/{layout}/{name}.json"))
}

fn document(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Two documents say the same, but for the last digit of a fraction, which reading may change.
#[track_caller]
fn assert_same(one: &Value, other: &Value, place: &str) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            assert!(one.keys().eq(other.keys()), "{place}");
            one.iter().for_each(|(name, value)| assert_same(value, &other[name], &format!("{place}.{name}")));
        }
        (Value::Array(one), Value::Array(other)) => {
            assert_eq!(one.len(), other.len(), "{place}");
            let both = one.iter().zip(other).enumerate();
            both.for_each(|(at, (one, other))| assert_same(one, other, &format!("{place}[{at}]")));
        }
        (Value::Number(one), Value::Number(other)) if one.is_f64() && other.is_f64() => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            assert!((one - other).abs() <= 1e-15 * one.abs(), "{place}: {one} and {other}");
        }
        _ => assert_eq!(one, other, "{place}"),
    }
}

/// The run as a document of the first layout, where nothing was left out of it.
fn as_first(run: &Run) -> Value {
    let mut document: Value = serde_json::from_str(&run.to_json()).unwrap();
    document["schema"] = "sercost.results/1".into();
    for payload in document["payloads"].as_array_mut().unwrap() {
        for later in ["digest", "derived", "layouts"] {
            assert_eq!(payload.as_object_mut().unwrap().remove(later), Some(Value::Null));
        }
    }
    for row in document["measurements"].as_array_mut().unwrap() {
        for later in ["layouts", "instructions"] {
            assert_eq!(row.as_object_mut().unwrap().remove(later), Some(Value::Null));
        }
    }
    let leave_out = |object: &mut Value, later: &[&str]| {
        for member in later {
            assert!(object.as_object_mut().unwrap().remove(*member).is_some(), "{member}");
        }
    };
    for scenario in document.get_mut("scenarios").and_then(Value::as_array_mut).into_iter().flatten() {
        leave_out(scenario, &["number", "function", "outside_ns", "iterated_ns", "returned"]);
        for closure in scenario["closures"].as_array_mut().unwrap() {
            leave_out(closure, &["cpu_ns", "worked_ns"]);
        }
        for part in scenario["encoded"].as_array_mut().unwrap() {
            leave_out(part, &["heaviest", "in_all_tasks"]);
        }
    }
    for row in document.get_mut("components").and_then(Value::as_array_mut).into_iter().flatten() {
        assert_eq!(row.as_object_mut().unwrap().remove("histogram"), Some(Value::Null));
    }
    document
}

/// A sample shows what it is there for: rows of Python and a link in a profile, chunks in a pool.
fn shows(name: &str, run: &Run) {
    let codecs = |prefix: &str| run.measurements.iter().any(|row| row.codec.starts_with(prefix));
    match name {
        "profile" => {
            assert!(codecs("python:") && codecs("json") && codecs("postcard"));
            assert!(run.measurements.iter().any(|row| row.modelled));
            assert_eq!(run.payloads.len(), 2);
        }
        _ => assert!(run.scenarios.iter().all(|scenario| scenario.complete) && run.components.len() > 30),
    }
}

#[test]
fn files_of_the_first_layout_are_read_without_a_loss() {
    for name in NAMES {
        let path = sample("results-1", name);
        let before = document(&path);
        ResultsSchema::first().check(&before).unwrap_or_else(|error| panic!("{name}: {error}"));
        let run = store::read(&path).unwrap();
        shows(name, &run);
        assert_eq!(run.schema, "sercost.results/2");
        assert_same(&as_first(&run), &before, name);
        let now: Value = serde_json::from_str(&run.to_json()).unwrap();
        ResultsSchema::new().check(&now).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn files_of_the_second_layout_are_read_and_written_again_as_they_are() {
    for name in NAMES {
        let path = sample("results-2", name);
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            // A member that came later.
            fs::write(&path, store::read(&path).unwrap().to_json()).unwrap();
        }
        ResultsSchema::new().check(&document(&path)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let run = store::read(&path).unwrap();
        shows(name, &run);
        let (now, then) = (run.to_json(), fs::read_to_string(&path).unwrap());
        assert_same(&serde_json::from_str(&now).unwrap(), &document(&path), name);
        assert_eq!(now.lines().count(), then.lines().count(), "{name}");
    }
    let run = store::read(&sample("results-2", "tasks-native")).unwrap();
    let many = |row: &&ComponentRow| row.histogram.is_some();
    assert!(run.components.iter().filter(many).count() > 10, "1,100 tasks are more than are kept");
    run.components.iter().for_each(check_row);
}

/// Checks that the summary of a row's samples agrees with them.
#[track_caller]
fn check_row(row: &ComponentRow) {
    let summary = row.summary.as_ref().unwrap();
    assert_eq!(row.samples_ns.len() as u64, row.count().min(KEPT as u64), "{row:?}");
    assert!((summary.mean_ns * summary.count as f64 / row.wall_ns as f64 - 1.0).abs() < 1e-9, "{row:?}");
    let Some(buckets) = &row.histogram else {
        assert_eq!(row.samples_ns.iter().sum::<u64>(), row.wall_ns);
        return;
    };
    assert_eq!(buckets.counts.iter().sum::<u64>(), row.count());
    let histogram = Histogram::from(buckets);
    assert_eq!(histogram.buckets(), *buckets);
    for (share, found) in [(0.5, summary.p50_ns), (0.9, summary.p90_ns), (0.99, summary.p99_ns)] {
        assert_eq!(histogram.quantile(share).clamp(summary.min_ns, summary.max_ns), found, "{share} of {row:?}");
    }
    let within = |&ns: &u64| (summary.min_ns..=summary.max_ns).contains(&(ns as f64));
    assert!(row.samples_ns.iter().all(within), "{row:?}");
}

#[test]
fn of_many_samples_in_a_file_of_the_first_layout_some_are_kept_and_all_are_counted() {
    let mut run = synthetic::tasks();
    let samples: Vec<u64> = (0..2500).map(|n| 1_000_000 + n * n).collect();
    let row = &mut run.components[1];
    row.wall_ns = samples.iter().sum();
    row.samples_ns.clone_from(&samples);
    row.histogram = None;
    for row in &mut run.components {
        row.histogram = None;
    }
    // Members that such a file does not have are not known.
    for scenario in &mut run.scenarios {
        (scenario.number, scenario.function, scenario.outside_ns) = (None, None, None);
        for part in &mut scenario.encoded {
            (part.heaviest, part.in_all_tasks) = (None, false);
        }
    }
    let written = row_of(&run);
    let directory = Directory::new("many");
    let path = directory.join("run.json");
    fs::write(&path, as_first(&run).to_string()).unwrap();
    let read = store::read(&path).unwrap();
    let row = row_of(&read);
    assert_eq!((row.wall_ns, &row.summary), (written.wall_ns, &written.summary));
    assert_eq!(row.samples_ns.len(), KEPT);
    let mut all = samples.iter();
    assert!(row.samples_ns.iter().all(|ns| all.any(|own| own == ns)), "in order, and each of them was there");
    let buckets = row.histogram.as_ref().unwrap();
    assert_eq!(buckets.counts.iter().sum::<u64>(), 2500);
    assert_eq!(store::read(&path).unwrap(), read, "the same ones each time");
    // Few stay what they are.
    assert_eq!((&read.components[0], &read.scenarios), (&run.components[0], &run.scenarios));
}

fn row_of(run: &Run) -> ComponentRow {
    run.components[1].clone()
}

#[test]
fn a_closed_row_is_written_once() {
    let directory = Directory::new("closed");
    let path = directory.join("run.json");
    for whole in [synthetic::rich(), synthetic::tasks()] {
        let mut run =
            Run { payloads: vec![], measurements: vec![], scenarios: vec![], components: vec![], ..whole.clone() };
        let mut writer = store::Writer::create(&path, &run).unwrap();
        let mut now = 0;
        let (mut measurements, mut components) = (whole.measurements.iter(), whole.components.iter());
        for step in 0..4 {
            run.payloads.extend(whole.payloads.get(step).cloned());
            run.measurements.extend(measurements.by_ref().take(3).cloned());
            run.scenarios.extend(whole.scenarios.get(step).cloned());
            run.components.extend(components.by_ref().take(5).cloned());
            now += 2_000_000_000;
            writer.closed(&run, now).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), run.to_json());
            // An open row, which changes from time to time.
            for value in [1, 2] {
                let mut open = run.clone();
                open.measurements.extend(whole.measurements.first().cloned());
                open.measurements.last_mut().into_iter().for_each(|row| row.bytes = Some(value));
                now += 2_000_000_000;
                writer.update(&open, now).unwrap();
                assert_eq!(fs::read_to_string(&path).unwrap(), open.to_json());
            }
        }
        // A closed payload is not looked at again.
        let expected = run.to_json();
        run.scenarios.iter_mut().for_each(|scenario| scenario.tasks += 1);
        run.measurements.iter_mut().for_each(|row| row.bytes = Some(77));
        writer.finish(&run).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        assert_ne!(run.to_json(), expected);
        fs::remove_file(&path).unwrap();
    }
    let histogram = json!({"significant_digits": 3, "values_ns": [1], "counts": [2]});
    assert!(serde_json::from_value::<sercost::model::Buckets>(histogram).is_ok());
}
