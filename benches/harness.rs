//! Fidelity of the harness: what sercost reports against a criterion benchmark of the same call on a `Vec<i64>`.
//!
//! `cargo bench --bench harness [-- CODEC...]` prints two ratios for each codec and stage:
//!
//! - `harness`: sercost's median to criterion's, of the same machine code. What it must show: within 5 %. The two take
//!   turns, since a shared machine drifts.
//! - `code`: that code to the plain call of the crate, compiled here, in this process, call by call in turn. It is no
//!   error of measurement: compilers inline a crate's functions by how often a program calls them, and sercost, which has
//!   every codec for every type, calls them more often than a small program. No program's own code is any nearer to
//!   another's.

mod support;

use criterion::Criterion;
use sercost::codec::{Codec, Decoded, Subject, find};
use sercost::model::{Representation, Stage};
use sercost::payload::{Column, Encodable, Schema};
use sercost::stats::median;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Encode = fn(&Vec<i64>) -> Vec<u8>;
type Decode = fn(&[u8]) -> Vec<i64>;
type Call = (&'static str, Encode, Decode);

/// The same calls that sercost's codecs make, written down plainly.
const CALLS: [Call; 5] = [
    (
        "json",
        |value| serde_json::to_vec(value).expect("integers"),
        |bytes| serde_json::from_slice(bytes).expect("integers"),
    ),
    (
        "bincode",
        |value| {
            // `encode_to_vec` writes through a writer of bincode's own that is slower and not public.
            struct Buffer(Vec<u8>);
            impl bincode::enc::write::Writer for &mut Buffer {
                #[inline(always)]
                fn write(&mut self, bytes: &[u8]) -> Result<(), bincode::error::EncodeError> {
                    self.0.extend_from_slice(bytes);
                    Ok(())
                }
            }
            let mut buffer = Buffer(Vec::new());
            bincode::serde::encode_into_writer(value, &mut buffer, bincode::config::standard()).expect("integers");
            buffer.0
        },
        |bytes| bincode::serde::decode_from_slice(bytes, bincode::config::standard()).expect("integers").0,
    ),
    (
        "postcard",
        |value| postcard::to_extend(value, Vec::new()).expect("integers"),
        |bytes| postcard::from_bytes(bytes).expect("integers"),
    ),
    (
        "msgpack",
        |value| rmp_serde::to_vec(value).expect("integers"),
        |bytes| rmp_serde::from_slice(bytes).expect("integers"),
    ),
    (
        "cbor",
        |value| minicbor_serde::to_vec(value).expect("integers"),
        |bytes| minicbor_serde::from_slice(bytes).expect("integers"),
    ),
];

/// One codec's ratios, pass by pass.
#[derive(Default)]
struct Ratios {
    harness: Stages<Vec<f64>>,
    code: Stages<Vec<f64>>,
}

#[derive(Default)]
struct Stages<T> {
    encode: T,
    decode: T,
}

/// The payload, as a user's program holds it and as sercost does.
struct Payload {
    value: Vec<i64>,
    schema: Arc<Schema>,
    column: Column,
}

fn main() {
    let (count, passes, rounds) = if support::in_earnest() { (10_000_000, 5, 15) } else { (1000, 1, 5) };
    let name = format!("range:{count}");
    let value: Vec<i64> = (0..count).collect();
    let column = Column::List { ends: vec![value.len()], items: Box::new(Column::I64(value.clone())) };
    let payload = Payload { value, schema: Arc::new(Schema::list(Schema::I64)), column };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("harness");
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let calls = CALLS.iter().filter(|(name, ..)| asked.is_empty() || asked.iter().any(|asked| asked == name));
    let mut ratios: Vec<(&Call, Ratios)> = calls.map(|call| (call, Ratios::default())).collect();
    for pass in 1..=passes {
        println!("pass {pass}: medians of sercost and of criterion in ms, and their ratio; code");
        // Codec by codec, so that what is held against one another was measured within seconds.
        for (call, ratios) in &mut ratios {
            let codec = call.0;
            let plain = criterion(codec, &payload, &folder);
            let run = support::profile(&[&name, "--codec", codec, "--rounds", &rounds.to_string()]);
            let code = code(call, &payload, rounds);
            let ours = |stage| support::p50(support::row(&run, codec, "pipe", stage));
            let ours = Stages { encode: ours(Stage::Encode), decode: ours(Stage::Decode) };
            let line = |ours: f64, plain: f64, code: f64| {
                format!("{:8.2} / {:8.2} = {:.3}; {code:.3}", ours / 1e6, plain / 1e6, ours / plain)
            };
            let encode = line(ours.encode, plain.encode, code.encode);
            println!("  {codec:<10} encode {encode}   decode {}", line(ours.decode, plain.decode, code.decode));
            ratios.harness.encode.push(ours.encode / plain.encode);
            ratios.harness.decode.push(ours.decode / plain.decode);
            ratios.code.encode.push(code.encode);
            ratios.code.decode.push(code.decode);
        }
    }
    println!("\nmedian ratios of {passes} passes on {name}");
    println!(
        "  {:<10} {:>16} {:>16} {:>16} {:>16}",
        "", "harness encode", "harness decode", "code encode", "code decode"
    );
    for ((codec, ..), Ratios { harness, code }) in &ratios {
        let of = |values: &[f64]| median(values).expect("there is a pass");
        let [a, b, c, d] = [&harness.encode, &harness.decode, &code.encode, &code.decode].map(|values| of(values));
        println!("  {codec:<10} {a:>16.3} {b:>16.3} {c:>16.3} {d:>16.3}");
    }
}

/// Medians of the ratios of sercost's codec, called in this process, to the plain call just before or after it.
fn code((name, encode, decode): &Call, payload: &Payload, rounds: usize) -> Stages<f64> {
    let codec = find(name).expect("the bench names codecs that there are");
    let bytes = encode(&payload.value);
    let in_turn = |ours: &dyn Fn() -> f64, theirs: &dyn Fn() -> f64| {
        let ratio = |round| {
            // The first of the two changes, so that neither always meets the other's caches.
            if round % 2 == 0 { ours() / theirs() } else { 1.0 / (theirs() / ours()) }
        };
        ratio(0);
        median(&(0..rounds).map(ratio).collect::<Vec<_>>()).expect("there are rounds")
    };
    Stages {
        encode: in_turn(&|| timed(|| encoded(codec, payload)), &|| timed(|| encode(black_box(&payload.value)))),
        decode: in_turn(&|| timed(|| decoded(codec, payload, &bytes)), &|| timed(|| decode(black_box(&bytes)))),
    }
}

fn encoded(codec: &dyn Codec, Payload { schema, column, .. }: &Payload) -> Vec<u8> {
    let mut buffers = [Vec::new()];
    codec.encode(Subject::Typed(&Encodable::new(schema, column)), &mut buffers).expect("integers");
    let [bytes] = buffers;
    bytes
}

fn decoded(codec: &dyn Codec, payload: &Payload, bytes: &[u8]) -> Decoded {
    let mut into = Decoded::with_capacity(codec, Representation::Typed, &payload.schema, 1);
    codec.decode(&[bytes], 1, &mut into).expect("integers");
    into
}

/// Nanoseconds of an operation, without the dropping of what it gives.
fn timed<T>(operation: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    let result = black_box(operation());
    let taken = start.elapsed();
    drop(result);
    taken.as_nanos() as f64
}

/// Criterion's medians of encoding and decoding by sercost's code, in nanoseconds.
fn criterion(name: &str, payload: &Payload, folder: &Path) -> Stages<f64> {
    let codec = find(name).expect("the bench names codecs that there are");
    let mut criterion = Criterion::default()
        .output_directory(folder)
        .without_plots()
        .sample_size(15)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    let bytes = encoded(codec, payload);
    // The returned value is dropped outside of the timing, as in sercost.
    criterion.bench_function(&format!("{name}-encode"), |bencher| {
        bencher.iter_with_large_drop(|| encoded(codec, payload));
    });
    criterion.bench_function(&format!("{name}-decode"), |bencher| {
        bencher.iter_with_large_drop(|| decoded(codec, payload, &bytes));
    });
    let median = |stage: &str| {
        let path = folder.join(format!("{name}-{stage}/new/estimates.json"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let estimates: serde_json::Value = serde_json::from_str(&text).expect("criterion writes JSON");
        estimates["median"]["point_estimate"].as_f64().expect("criterion estimates a median")
    };
    Stages { encode: median("encode"), decode: median("decode") }
}
