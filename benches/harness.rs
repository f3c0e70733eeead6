//! Fidelity of the harness: what sercost measures against a plain criterion benchmark of the same call on `Vec<i64>`.
//!
//! `cargo bench --bench harness [-- CODEC...]` prints, for each codec and pass, the ratio of sercost's median to criterion's, and the
//! median of the passes. What it must show: within 5 %. The two take turns, since a shared machine drifts.
//!
//! Where the two differ, the harness need not be why: the same call is compiled twice, in the library and in this bench,
//! and may come out differently. So each pass also runs sercost's codec in this process, call by call in turn with the
//! plain one and without any harness, and prints that ratio as `code`.

mod support;

use criterion::Criterion;
use sercost::codec::{Decoded, Subject, find};
use sercost::model::{Representation, Stage};
use sercost::payload::{Column, Schema};
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
    encode: Vec<f64>,
    decode: Vec<f64>,
    /// Of the code alone.
    code_encode: Vec<f64>,
    code_decode: Vec<f64>,
}

fn main() {
    let (count, passes, rounds) = if support::in_earnest() { (10_000_000, 5, 15) } else { (1000, 1, 5) };
    let payload = format!("range:{count}");
    let value: Vec<i64> = (0..count).collect();
    let column = Column::List { ends: vec![value.len()], items: Box::new(Column::I64(value.clone())) };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("harness");
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let calls = CALLS.iter().filter(|(name, ..)| asked.is_empty() || asked.iter().any(|asked| asked == name));
    let mut ratios: Vec<(&Call, Ratios)> = calls.map(|call| (call, Ratios::default())).collect();
    for pass in 0..passes {
        println!(
            "pass {}: sercost / criterion, medians in ms; and sercost's code / plain code, medians of pairs",
            pass + 1
        );
        // Codec by codec, so that what is held against one another was measured within seconds.
        for (call, ratios) in &mut ratios {
            let name = call.0;
            let (encode, decode) = plain(call, &value, &folder);
            let run = support::profile(&[&payload, "--codec", name, "--rounds", &rounds.to_string()]);
            let (code_encode, code_decode) = code(call, &value, &column, rounds);
            let ours = |stage| support::p50(support::row(&run, name, "pipe", stage));
            let (our_encode, our_decode) = (ours(Stage::Encode), ours(Stage::Decode));
            ratios.encode.push(our_encode / encode);
            ratios.decode.push(our_decode / decode);
            ratios.code_encode.push(code_encode);
            ratios.code_decode.push(code_decode);
            let line = |ours: f64, plain: f64, code: f64| {
                format!("{:8.2} / {:8.2} = {:.3} (code {code:.3})", ours / 1e6, plain / 1e6, ours / plain)
            };
            println!(
                "  {name:<10} encode {}   decode {}",
                line(our_encode, encode, code_encode),
                line(our_decode, decode, code_decode)
            );
        }
    }
    println!("\nmedian ratio of {passes} passes on {payload}");
    for ((name, ..), ratios) in &ratios {
        let of = |values| median(values).expect("there is a pass");
        println!(
            "  {name:<10} encode {:.3} (code {:.3})   decode {:.3} (code {:.3})",
            of(&ratios.encode),
            of(&ratios.code_encode),
            of(&ratios.decode),
            of(&ratios.code_decode)
        );
    }
}

/// Medians of the ratios of sercost's codec, called in this process, to the plain call just before or after it.
fn code((name, encode, decode): &Call, value: &Vec<i64>, column: &Column, rounds: usize) -> (f64, f64) {
    let codec = find(name).expect("the bench names codecs that there are");
    let schema = Arc::new(Schema::list(Schema::I64));
    let subject = Subject::Typed { schema: &schema, column };
    let bytes = encode(value);
    let our_encode = || {
        let mut buffers = [Vec::new()];
        let taken = timed(|| codec.encode(subject, &mut buffers).expect("integers"));
        drop(buffers);
        taken
    };
    let our_decode = || {
        let mut into = Decoded::with_capacity(codec, Representation::Typed, &schema, 1);
        timed(|| codec.decode(&[&bytes], 1, &mut into).expect("integers"))
    };
    let in_turn = |ours: &dyn Fn() -> f64, theirs: &dyn Fn() -> f64| {
        let ratio = |round| {
            // Who goes first changes, so that neither always meets the other's caches.
            if round % 2 == 0 { ours() / theirs() } else { 1.0 / (theirs() / ours()) }
        };
        ratio(0);
        median(&(0..rounds).map(ratio).collect::<Vec<_>>()).expect("there are rounds")
    };
    (
        in_turn(&our_encode, &|| timed(|| encode(black_box(value)))),
        in_turn(&our_decode, &|| timed(|| decode(black_box(&bytes)))),
    )
}

/// Nanoseconds of an operation, without the dropping of what it gives.
fn timed<T>(operation: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    let result = black_box(operation());
    let taken = start.elapsed();
    drop(result);
    taken.as_nanos() as f64
}

/// Criterion's medians of encoding and decoding, in nanoseconds.
fn plain((name, encode, decode): &Call, value: &Vec<i64>, folder: &Path) -> (f64, f64) {
    let mut criterion = Criterion::default()
        .output_directory(folder)
        .without_plots()
        .sample_size(15)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    let bytes = encode(value);
    // What is returned is dropped outside of the timing, as in sercost.
    criterion.bench_function(&format!("{name}-encode"), |bencher| {
        bencher.iter_with_large_drop(|| encode(black_box(value)));
    });
    criterion.bench_function(&format!("{name}-decode"), |bencher| {
        bencher.iter_with_large_drop(|| decode(black_box(&bytes)));
    });
    let median = |stage: &str| {
        let path = folder.join(format!("{name}-{stage}/new/estimates.json"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let estimates: serde_json::Value = serde_json::from_str(&text).expect("criterion writes JSON");
        estimates["median"]["point_estimate"].as_f64().expect("criterion estimates a median")
    };
    (median("encode"), median("decode"))
}
