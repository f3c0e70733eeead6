//! Truth of the library's figures: its medians against those of a hand-written loop and of criterion, for every codec, on
//! values of derived types (`support/kinds.rs`).
//!
//! `cargo bench --bench truth [-- NAME...]` prints, for each payload, codec and stage, sercost's median divided by that of
//! the loop and by criterion's, as the median of passes with its 95 % interval. What it must show: 0.98 to 1.02. A name is
//! the start of a payload's or of a codec's. It ends with 1 where a ratio is outside with the whole of its interval.
//!
//! All three run in this process, in each pass within a second of one another, in an order that changes from pass to pass.
//! They mean the same only if they do the same between two stamps, so all keep to these rules:
//!
//! - Encoding is into a new, empty vector, which grows by itself. It is dropped outside of the time.
//! - Decoding makes an owned value from the bytes that were encoded just before it, which are dropped with it outside of
//!   the time. So each encoding comes after a decoding and each decoding after an encoding: what the caches hold and what
//!   the allocator has to give is the same. A loop of one of the two alone would find its input or its output in the cache.
//! - Each runs on a thread that is not the main one. The main thread's heap gives memory back to the system when its end is
//!   free, and faults it in again at the next encoding: the same loop took three times as long there for a megabyte by borsh, and
//!   as long as a study with `MALLOC_TRIM_THRESHOLD_` raised.
//! - One operation is one sample, and what is compared is the median of samples.

#[path = "support/calls.rs"]
mod calls;
#[path = "support/kinds.rs"]
mod kinds;
mod support;

use calls::{Call, Kind, calls, study};
use criterion::{BatchSize, Criterion, SamplingMode};
use kinds::Generator;
use sercost::clock::now;
use sercost::model::Nanos;
use sercost::stats::{median, median_interval};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// The ratios that count as equal.
const ALLOWED: std::ops::RangeInclusive<f64> = 0.98..=1.02;

fn main() -> ExitCode {
    // `cargo test --benches` runs this too, only to see that it works.
    let (passes, samples, scale) = if support::in_earnest() { (9, 20, 1) } else { (1, 10, 100) };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("truth");
    let mut bench = Bench { passes, samples, asked: support::asked(), folder, rows: Vec::new() };
    let mut generator = Generator::new(1);
    bench.payload("log", || generator.logs(10_000 / scale));
    bench.payload("mesh", || generator.mesh(125_000 / scale));
    bench.payload("players", || generator.players(500 / scale));
    bench.payload("updates", || generator.updates(1000 / scale));
    bench.payload("records", || generator.records(10_000 / scale));
    bench.report()
}

/// The time of one encoding and one decoding.
#[derive(Clone, Copy, Debug)]
struct Stages<T> {
    encode: T,
    decode: T,
}

/// All passes of a codec on a payload.
struct Row {
    payload: &'static str,
    codec: &'static str,
    bytes: usize,
    by_loop: Vec<Stages<f64>>,
    by_criterion: Vec<Stages<f64>>,
    by_study: Vec<Stages<f64>>,
}

impl Row {
    /// Prints a line for each stage, and returns its ratios.
    fn show(&self) -> Vec<Ratio> {
        type Pick = fn(&Stages<f64>) -> f64;
        let stages: [(&str, Pick); 2] = [("encode", |stages| stages.encode), ("decode", |stages| stages.decode)];
        let show = |(stage, pick): (&str, Pick)| {
            let ours: Vec<f64> = self.by_study.iter().map(pick).collect();
            let ratio = |theirs: &[Stages<f64>]| Ratio::new(&ours, theirs.iter().map(pick));
            let [to_loop, to_criterion] = [ratio(&self.by_loop), ratio(&self.by_criterion)];
            let time = Nanos(median(&ours).unwrap_or_default()).to_string();
            let Row { payload, codec, bytes, .. } = self;
            println!("{payload:<8} {codec:<15} {bytes:>10} {stage:<6} {time:>10}   {to_loop} {to_criterion}");
            [to_loop, to_criterion]
        };
        stages.into_iter().flat_map(show).collect()
    }
}

struct Bench {
    passes: usize,
    samples: usize,
    asked: Vec<String>,
    folder: PathBuf,
    rows: Vec<Row>,
}

impl Bench {
    /// Whether a name of the command line is the start of one of the two.
    fn is_asked(&self, payload: &str, codec: &str) -> bool {
        let is_called = |asked: &String| payload.starts_with(asked.as_str()) || codec.starts_with(asked.as_str());
        self.asked.is_empty() || self.asked.iter().any(is_called)
    }

    fn payload<T: Kind>(&mut self, payload: &'static str, make: impl FnOnce() -> T) {
        // A study keeps a copy that a codec gave back, whose parts lie in memory in the order of decoding. A value as it was
        // first made lies otherwise, and is read more slowly; so the copy is what all encode.
        let bytes = postcard::to_stdvec(&make()).expect("postcard takes every kind");
        let value: T = postcard::from_bytes(&bytes).expect("it is what was encoded");
        for call in calls::<T>() {
            if !self.is_asked(payload, call.name) {
                continue;
            }
            let row = self.codec(payload, &value, &call);
            // Now and in the table at the end: all of it takes half an hour.
            row.show();
            self.rows.push(row);
        }
    }

    fn codec<T: Kind>(&self, payload: &'static str, value: &T, call: &Call<T>) -> Row {
        let study = study(payload, value, call).rounds(self.samples as u64);
        let mut bytes = Vec::new();
        (call.encode)(value, &mut bytes);
        assert!((call.decode)(&bytes) == *value, "{payload} {}: the call does not give back the value", call.name);
        let mut row = Row {
            payload,
            codec: call.name,
            bytes: bytes.len(),
            by_loop: Vec::new(),
            by_criterion: Vec::new(),
            by_study: Vec::new(),
        };
        for pass in 0..self.passes {
            for turn in 0..3 {
                match (pass + turn) % 3 {
                    0 => row.by_loop.push(apart(|| by_loop(value, call, self.samples))),
                    1 => row.by_criterion.push(apart(|| self.by_criterion(payload, value, call))),
                    _ => row.by_study.push(by_study(&study, &row)),
                }
            }
        }
        row
    }

    fn by_criterion<T: Kind>(&self, payload: &str, value: &T, call: &Call<T>) -> Stages<f64> {
        let started = now();
        drop(trip(value, call));
        let once = Duration::from_nanos(now() - started);
        let mut criterion = Criterion::default()
            .output_directory(&self.folder)
            .without_plots()
            .sample_size(self.samples)
            .nresamples(1000)
            .warm_up_time(once * 2)
            .measurement_time(once * self.samples as u32);
        let mut group = criterion.benchmark_group(payload);
        // A sample of several operations would be their mean, and not what the others take the median of.
        group.sampling_mode(SamplingMode::Flat);
        let encoded = || {
            let mut out = Vec::new();
            (call.encode)(value, &mut out);
            out
        };
        group.bench_function(format!("{}-encode", call.name), |bencher| {
            let turn = || {
                drop(black_box((call.decode)(&encoded())));
                Vec::new()
            };
            let encode = |mut out: Vec<u8>| {
                (call.encode)(black_box(value), &mut out);
                out
            };
            bencher.iter_batched(turn, encode, BatchSize::PerIteration);
        });
        group.bench_function(format!("{}-decode", call.name), |bencher| {
            let decode = |bytes: Vec<u8>| ((call.decode)(black_box(&bytes)), bytes);
            bencher.iter_batched(encoded, decode, BatchSize::PerIteration);
        });
        group.finish();
        // Criterion names folders by what every system takes.
        let name = call.name.replace(':', "_");
        let of = |stage| estimate(&self.folder.join(payload).join(format!("{name}-{stage}")));
        Stages { encode: of("encode"), decode: of("decode") }
    }

    fn report(self) -> ExitCode {
        let Bench { passes, samples, rows, .. } = self;
        println!(
            "\nsercost's median to that of a loop and of criterion: medians of {passes} passes of {samples} samples,"
        );
        println!("with their 95 % intervals\n");
        println!(
            "{:<8} {:<15} {:>10} {:<6} {:>10}   {:<24} {:<24}",
            "payload", "codec", "bytes", "stage", "sercost", "to the loop", "to criterion"
        );
        let ratios: Vec<Ratio> = rows.iter().flat_map(Row::show).collect();
        let all = ratios.len();
        let within = ratios.iter().filter(|ratio| ALLOWED.contains(&ratio.median)).count();
        let outside = ratios.iter().filter(|ratio| ratio.is_outside()).count();
        println!(
            "\n{within} of {all} ratios within {} to {}; {outside} outside with all of their interval",
            ALLOWED.start(),
            ALLOWED.end()
        );
        // One pass over next to nothing says nothing.
        if outside == 0 || passes == 1 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// The median of ratios with its interval.
struct Ratio {
    median: f64,
    low: f64,
    high: f64,
}

impl Ratio {
    fn new(ours: &[f64], theirs: impl Iterator<Item = f64>) -> Self {
        let mut ratios: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        ratios.sort_by(f64::total_cmp);
        let median = median(&ratios).expect("there is a pass");
        let (low, high) = median_interval(&ratios).unwrap_or((0.0, f64::INFINITY));
        Ratio { median, low, high }
    }

    fn is_outside(&self) -> bool {
        self.low > *ALLOWED.end() || self.high < *ALLOWED.start()
    }
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mark = if self.is_outside() { '!' } else { ' ' };
        write!(f, "{:.3} ({:.3} to {:.3}){mark} ", self.median, self.low, self.high)
    }
}

/// Encodes and decodes once; the stamps of each, and what came of it.
fn trip<T: Kind>(value: &T, call: &Call<T>) -> (Stages<u64>, Vec<u8>, T) {
    let mut out = Vec::new();
    let start = now();
    (call.encode)(black_box(value), &mut out);
    let encode = now() - start;
    black_box(&out);
    let start = now();
    let decoded = black_box((call.decode)(black_box(&out)));
    (Stages { encode, decode: now() - start }, out, decoded)
}

/// Does something on a thread of its own, as a study measures.
fn apart<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| {
        let thread = scope.spawn(work);
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The medians of a plain loop.
fn by_loop<T: Kind>(value: &T, call: &Call<T>, samples: usize) -> Stages<f64> {
    drop(trip(value, call));
    let taken: Vec<Stages<u64>> = (0..samples).map(|_| trip(value, call).0).collect();
    let of = |pick: fn(&Stages<u64>) -> u64| {
        median(&taken.iter().map(|stages| pick(stages) as f64).collect::<Vec<_>>()).expect("there are samples")
    };
    Stages { encode: of(|stages| stages.encode), decode: of(|stages| stages.decode) }
}

/// The medians that a user of the library reads.
fn by_study(study: &sercost::Study, Row { payload, codec, bytes, .. }: &Row) -> Stages<f64> {
    let run = study.run().unwrap_or_else(|error| panic!("{payload} {codec}: {error}"));
    let row = run.row(payload, codec);
    assert_eq!(row.bytes(), *bytes as u64, "{payload} {codec}: {:?}", row.error());
    let of = |stage: Option<Duration>| stage.expect("it was measured").as_nanos() as f64;
    Stages { encode: of(row.encode()), decode: of(row.decode()) }
}

/// Criterion's median, in nanoseconds.
fn estimate(folder: &Path) -> f64 {
    let path = folder.join("new/estimates.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let estimates: serde_json::Value = serde_json::from_str(&text).expect("criterion writes JSON");
    estimates["median"]["point_estimate"].as_f64().expect("criterion estimates a median")
}
