//! How far rows of derived code are from a loop that is written by hand over the same structs: the ratio of the two, round by
//! round, for ten documents of different kinds. The loops call the crates themselves, and are rows of the same generated
//! program, so that both run the machine code that one compiler made of the same types.
//!
//! `cargo bench --bench derived [-- DOCUMENT...]` prints it; it ends with 1 where a median is not within 2 %, or where derived
//! code contradicts a verdict of typed rows. Each document is a build of its own, in the cache of `sercost profile --derived`.

mod support;

use sercost::analysis::collect;
use sercost::derived::{Built, Cargo, Given, Job, Measured, Package, Plan, build, run};
use sercost::model::{Measurement, Representation, Run, Silent, Stage};
use sercost::payload::{Load, Payload, PayloadSpec};
use sercost::stats::{Samples, summarize};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

/// Lists of records, of numbers, of texts; trees, maps, columns that mix types, fields that may be absent.
const DOCUMENTS: [&str; 10] = [
    "candles.json",
    "cloud-trail.ndjson",
    "embeddings.json",
    "file-tree.json",
    "geometries.json",
    "mixed-column.json",
    "repositories.json",
    "request-log.ndjson",
    "users-by-id.json",
    "weather-columns.json",
];

/// The codecs, and the loops in `HAND`.
const CODECS: [&str; 3] = ["json", "postcard", "msgpack-named"];

/// The most by which a median may be off.
const MARGIN: f64 = 0.02;

/// What a person would write with each crate.
const HAND: &str = r#"
use serde::{Serialize, de::DeserializeOwned};
use sercost::CodecError;

macro_rules! by_hand {
    ($($name:ident $label:literal: $value:ident, $out:ident => $encode:expr; $bytes:ident => $decode:expr;)*) => {
        $(pub struct $name;

        impl<T: Serialize + DeserializeOwned> sercost::Codec<T> for $name {
            fn name(&self) -> &str {
                $label
            }

            fn encode(&self, $value: &T, $out: &mut Vec<u8>) -> Result<(), CodecError> {
                $encode;
                Ok(())
            }

            fn decode(&self, $bytes: &[u8]) -> Result<T, CodecError> {
                Ok($decode)
            }
        })*
    };
}

by_hand! {
    Json "hand-json": value, out => serde_json::to_writer(out, value)?; bytes => serde_json::from_slice(bytes)?;
    Postcard "hand-postcard": value, out => *out = postcard::to_stdvec(value)?; bytes => postcard::from_bytes(bytes)?;
    Msgpack "hand-msgpack-named": value, out => rmp_serde::encode::write_named(out, value)?; bytes => rmp_serde::from_slice(bytes)?;
}
"#;

fn main() -> ExitCode {
    // `cargo test --benches` runs this too: one small document shows that it works.
    let earnest = support::in_earnest();
    let (rounds, documents) = if earnest { (101, &DOCUMENTS[..]) } else { (2, &DOCUMENTS[5..6]) };
    println!("median ratio of derived rows to loops by hand, with its 95 % interval; {rounds} rounds, interleaved\n");
    println!("{:<24} {:<14} {:>22} {:>22}", "document", "codec", "encode", "decode");
    let asked = support::asked();
    let mut far = 0;
    for document in documents.iter().filter(|name| asked.is_empty() || asked.iter().any(|asked| name.contains(asked))) {
        match measured(document, rounds) {
            Ok(run) => far += print(document, &run),
            Err(reason) => {
                println!("{document:<24} {reason}");
                far += 1;
            }
        }
    }
    println!("\n{far} medians not within {MARGIN}, or verdicts contradicted");
    // Two rounds say nothing.
    if earnest && far > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The rows of a document, those by hand among them.
fn measured(document: &str, rounds: u64) -> Result<Run, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus").join(document);
    let payload = PayloadSpec::File(path).load(&Load::default()).map_err(|error| error.to_string())?;
    let codecs = CODECS.map(str::to_owned).to_vec();
    let package = with_loops(Package::of(&payload.schema, &codecs, &[]));
    let interrupted = AtomicBool::new(false);
    let program = match build(&package, Cargo { offline: false, interrupted: &interrupted }, &mut |_| {}) {
        Built::Program(program) => program,
        other => return Err(format!("{other:?}")),
    };
    let job = Job { payload: Given::of(&payload), plan: plan(&payload, codecs, rounds) };
    let Measured { run, .. } = run(&program, job, &mut Silent, &interrupted)?;
    run.ok_or_else(|| "there is no results file".to_owned())
}

fn plan(payload: &Payload, codecs: Vec<String>, rounds: u64) -> Plan {
    let hand = codecs.iter().map(|name| format!("hand-{name}"));
    Plan {
        many: None,
        derived: codecs.iter().cloned().chain(hand).collect(),
        typed: codecs,
        transports: vec!["pipe".to_owned()],
        links: Vec::new(),
        reference: None,
        buffers: "fresh".to_owned(),
        quick: false,
        seed: 1,
        compiled: true,
        rounds: Ok(rounds),
        asked_ns: None,
        command: vec![payload.name.clone()],
        started_at: String::new(),
        results: PathBuf::new(),
        in_turns: false,
    }
}

/// The package with the loops as codecs of its types.
fn with_loops(mut package: Package) -> Package {
    let name = format!("{}-by-hand", package.name);
    for (file, text) in &mut package.files {
        match file.as_str() {
            "Cargo.toml" => {
                let crates = "serde_json = \"1\"\npostcard = { version = \"1\", default-features = false, features = [\"use-std\"] }\nrmp-serde = \"1\"\n";
                *text =
                    text.replacen(&package.name, &name, 1).replacen("\n[profile", &format!("{crates}\n[profile"), 1);
            }
            "src/lib.rs" => {
                let module = |form: &str| {
                    let call = text.split(&format!("types.{form}::<")).nth(1).unwrap_or_default();
                    call.split("::").next().unwrap_or_default().to_owned()
                };
                let (named, compact) = (module("named"), module("compact"));
                let calls = format!(
                    "        types.by_name::<{named}::Root>(hand::Json);\n        types.by_name::<{named}::Root>(hand::Msgpack);\n        \
                     types.by_place::<{compact}::Root>(hand::Postcard);\n    }})\n}}\n"
                );
                *text = text.replacen("mod ", "mod hand;\nmod ", 1).replacen("    })\n}\n", &calls, 1);
            }
            _ => {}
        }
    }
    package.files.push(("src/hand.rs".to_owned(), HAND.to_owned()));
    package.name = name;
    package
}

/// Prints the ratios of a document; how many are too far from 1, and how many verdicts are contradicted.
fn print(document: &str, run: &Run) -> usize {
    let mut far = 0;
    for codec in CODECS {
        let cells = [Stage::Encode, Stage::Decode].map(|stage| {
            let row = |name: &str| {
                let is_it = |row: &&Measurement| {
                    row.codec == name && row.stage == stage && row.representation == Representation::Derived
                };
                run.measurements.iter().find(is_it)
            };
            let (Some(derived), Some(hand)) = (row(codec), row(&format!("hand-{codec}"))) else {
                far += 1;
                return "-".to_owned();
            };
            fn of(row: &Measurement) -> Samples<'_> {
                Samples { rounds: &row.samples_ns, operations: row.operations_per_sample.unwrap_or(1) }
            }
            let Some(summary) = summarize(of(derived), Some(of(hand))) else { return "-".to_owned() };
            let ratio = summary.ratio.unwrap_or(f64::NAN);
            far += usize::from((ratio - 1.0).abs() > MARGIN);
            match summary.ratio_low.zip(summary.ratio_high) {
                Some((low, high)) => format!("{ratio:.3} ({low:.3} to {high:.3})"),
                None => format!("{ratio:.3}"),
            }
        });
        println!("{document:<24} {codec:<14} {:>22} {:>22}", cells[0], cells[1]);
    }
    for rows in collect(run) {
        for turned in rows.turned.iter().filter(|turned| turned.contradicts) {
            println!(
                "{document:<24} {} is surely faster than {}, and as typed surely slower",
                turned.faster, turned.slower
            );
            far += 1;
        }
    }
    far
}
