//! Documents of many kinds (`fixtures/corpus.py` makes them): the typed JSON row is the file, and the Rust that is
//! printed for each compiles, parses the file and encodes it to the same sizes.

mod generated;

use crate::printed;
use sercost::payload::read::{Document, Override, OverrideKind, ReadOptions, read};
use sercost::payload::{Compact, Named, Row, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Documents whose JSON row is not within 2 % of the file: `training-log.ndjson` has `3e-05` in each line, which
/// serde_json writes as `0.00003`.
const WRITES_NUMBERS_OTHERWISE: [&str; 1] = ["training-log.ndjson"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(root().join("fixtures/corpus").join(name)).unwrap()
}

fn document(name: &str) -> Document {
    read(name, &bytes(name), &ReadOptions::default()).unwrap()
}

/// The file as one JSON text: the lines of a file of lines are a list.
fn compact(name: &str) -> Vec<u8> {
    let mut text = bytes(name);
    if name.ends_with(".ndjson") {
        text = text.trim_ascii_end().iter().map(|&byte| if byte == b'\n' { b',' } else { byte }).collect();
        text.insert(0, b'[');
        text.push(b']');
    }
    text
}

/// Checks the module generated for a document, and that its types parse the file.
fn check<T: DeserializeOwned + Serialize>(name: &str) {
    let document = document(name);
    if !printed::check::<T>(name, &document, &root().join("tests/integration/corpus/generated"), "corpus") {
        return;
    }
    // serde_json may miss the last digit of a float, so that the same is done to what our row encodes to.
    let row = serde_json::to_vec(&Row::<Named>::new(&document.schema, &document.column, 0)).unwrap();
    let again = |text: &[u8]| {
        let value: T = serde_json::from_slice(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        serde_json::to_vec(&value).unwrap()
    };
    let (of_file, of_row) = (again(&compact(name)), again(&row));
    assert_eq!(of_file.len(), of_row.len(), "{name}: the sizes of what the types make of the file and of the row");
}

/// One test for each document: a failure names it, and all are tried.
macro_rules! documents {
    ($($name:ident $file:literal)*) => {
        /// All that are checked.
        const DOCUMENTS: &[&str] = &[$($file),*];

        $(
            #[test]
            fn $name() {
                check::<generated::$name::Root>($file);
            }
        )*
    };
}

documents! {
    annotations "annotations.json"
    candles "candles.json"
    cargo_metadata "cargo-metadata.json"
    chart_specification "chart-specification.json"
    chat_completion "chat-completion.json"
    chat_export "chat-export.json"
    chrome_trace "chrome-trace.json"
    clippy_messages "clippy-messages.json"
    cloud_instances "cloud-instances.json"
    cloud_trail "cloud-trail.ndjson"
    coastline "coastline.json"
    column_table "column-table.json"
    comment_tree "comment-tree.json"
    composer_lock "composer-lock.json"
    container_details "container-details.json"
    counters "counters.json"
    coverage_py "coverage-py.json"
    dashboard "dashboard.json"
    discovery "discovery.json"
    embeddings "embeddings.json"
    encyclopedia_pages "encyclopedia-pages.json"
    eslintrc "eslintrc.json"
    estimates "estimates.json"
    event_catalog "event-catalog.json"
    exchange_rates "exchange-rates.json"
    feature_flags "feature-flags.json"
    feed "feed.json"
    file_tree "file-tree.json"
    game_save "game-save.json"
    geometries "geometries.json"
    har "har.json"
    health_bundle "health-bundle.json"
    infrastructure_state "infrastructure-state.json"
    issue_tracker "issue-tracker.json"
    istanbul_coverage "istanbul-coverage.json"
    item_with_kids "item-with-kids.json"
    job_log "job-log.ndjson"
    journal "journal.ndjson"
    json_schema "json-schema.json"
    knowledge_entity "knowledge-entity.json"
    language_messages "language-messages.json"
    ledger_block "ledger-block.json"
    map_elements "map-elements.json"
    matrix "matrix.json"
    media_playlist "media-playlist.json"
    menu "menu.json"
    metrics_range "metrics-range.json"
    metrics_vector "metrics-vector.json"
    mixed_column "mixed-column.json"
    model_configuration "model-configuration.json"
    motion_graphic "motion-graphic.json"
    notebook "notebook.json"
    null_or_absent "null-or-absent.json"
    openapi "openapi.json"
    orders_table "orders-table.json"
    package_lock "package-lock.json"
    package "package.json"
    payment_events "payment-events.json"
    pipfile_lock "pipfile-lock.json"
    pods "pods.json"
    question_answers "question-answers.json"
    remote_calls "remote-calls.json"
    repositories "repositories.json"
    repository_events "repository-events.json"
    request_log "request-log.ndjson"
    savings_of_floats "savings-of-floats.json"
    scene "scene.json"
    schema_definitions "schema-definitions.json"
    search_hits "search-hits.json"
    service_log "service-log.ndjson"
    service_operations "service-operations.json"
    settings_tree "settings-tree.json"
    source_map "source-map.json"
    spaced_headers "spaced-headers.json"
    sparse_rows "sparse-rows.json"
    split_table "split-table.json"
    statuses "statuses.json"
    syntax_tree "syntax-tree.json"
    test_results "test-results.json"
    texts "texts.json"
    tool_messages "tool-messages.ndjson"
    topology "topology.json"
    training_log "training-log.ndjson"
    tsconfig "tsconfig.json"
    users_by_id "users-by-id.json"
    weather_columns "weather-columns.json"
    weather_now "weather-now.json"
    wide_row "wide-row.json"
    word_vocabulary "word-vocabulary.json"
    world_countries "world-countries.json"
}

#[test]
fn every_document_is_checked() {
    let mut files: Vec<String> = std::fs::read_dir(root().join("fixtures/corpus"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, DOCUMENTS);
    assert!(DOCUMENTS.len() >= 60);
}

#[test]
fn typed_json_rows_are_the_files() {
    for name in DOCUMENTS {
        let document = document(name);
        let row = Row::<Named>::new(&document.schema, &document.column, 0);
        let (ours, theirs) = (serde_json::to_vec(&row).unwrap().len() as f64, compact(name).len() as f64);
        let is_close = (ours / theirs - 1.0).abs() <= 0.02;
        let is_said = document.notes.iter().any(|note| note.contains("the typed json row is not the file"));
        assert_eq!(is_close, !WRITES_NUMBERS_OTHERWISE.contains(name), "{name}: {ours} bytes for {theirs}");
        assert_eq!(is_said, !is_close, "{name}: {:?}", document.notes);
    }
}

#[test]
fn documents_are_what_their_script_makes() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus");
    let script = root().join("fixtures/corpus.py");
    let made = std::process::Command::new("python3").arg("-B").arg(script).arg(&directory).status();
    // Without Python there is nothing to compare with.
    let Ok(status) = made else { return };
    assert!(status.success());
    for name in DOCUMENTS {
        assert!(
            std::fs::read(directory.join(name)).unwrap() == bytes(name),
            "{name} differs from what corpus.py makes"
        );
    }
}

/// The options that a note ends with, and the bytes that it says they change in postcard; `None` for a note of several
/// places, of which the option speaks of one.
fn suggestion(note: &str) -> Option<(Override, Option<f64>)> {
    let at = ["--map '", "--record '", "--tuple '", "--list '", "--enum '", "--type '"]
        .iter()
        .find_map(|flag| note.find(flag))?;
    let (flag, rest) = note[at..].split_once(" '")?;
    let (path, _) = rest.rsplit_once('\'')?;
    let (path, kind) = match flag {
        "--map" => (path, OverrideKind::Map),
        "--record" => (path, OverrideKind::Record),
        "--tuple" => (path, OverrideKind::Tuple),
        "--list" => (path, OverrideKind::List),
        "--enum" => (path, OverrideKind::Enum),
        _ => (path.strip_suffix("=f32")?, OverrideKind::Type(Schema::F32)),
    };
    let mut words = note[..at].split_whitespace().skip_while(|word| !matches!(*word, "take" | "saves")).skip(1);
    let number: f64 = words.next()?.replace(',', "").parse().ok()?;
    let unit = words.next()?;
    let bytes = number * if unit.starts_with("kB") { 1000.0 } else { 1.0 };
    let is_one = !note.contains(" other place") && !note.contains(" other column");
    let sign = if note[..at].contains(" more where") { 1.0 } else { -1.0 };
    Some((Override { path: path.to_owned(), kind }, is_one.then_some(sign * bytes)))
}

#[test]
fn what_notes_suggest_can_be_said_and_is_worth_what_they_say() {
    let size = |document: &Document| {
        postcard::to_stdvec(&Row::<Compact>::new(&document.schema, &document.column, 0)).unwrap().len() as f64
    };
    let mut held = 0;
    for name in DOCUMENTS {
        let plain = document(name);
        for note in &plain.notes {
            let Some((said, worth)) = suggestion(note) else { continue };
            let mut options = ReadOptions::default();
            options.overrides.columns.push(said);
            let other = read(name, &bytes(name), &options).unwrap_or_else(|error| panic!("{name}: {note}: {error}"));
            let Some(worth) = worth else { continue };
            let found = size(&other) - size(&plain);
            assert!((found - worth).abs() <= (0.35 * worth.abs()).max(4.0), "{name}: {note}: {found} bytes");
            held += 1;
        }
    }
    assert!(held > 40, "{held} notes of one place");
}
