//! Fidelity of the harness: what sercost measures against a plain criterion benchmark of the same call on `Vec<i64>`.
//!
//! `cargo bench --bench harness` prints, for each codec and pass, the ratio of sercost's median to criterion's, and the
//! median of the passes. What it must show: within 5 %. The two take turns, since a shared machine drifts.

mod support;

use criterion::Criterion;
use sercost::model::Stage;
use sercost::stats::median;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

type Encode = fn(&Vec<i64>) -> Vec<u8>;
type Decode = fn(&[u8]) -> Vec<i64>;

/// The same calls that sercost's codecs make, written down plainly.
const CALLS: [(&str, Encode, Decode); 5] = [
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

fn main() {
    let (count, passes, rounds) = if support::in_earnest() { (10_000_000, 3, "15") } else { (1000, 1, "5") };
    let payload = format!("range:{count}");
    let value: Vec<i64> = (0..count).collect();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("harness");
    let codecs = CALLS.map(|(name, ..)| name).join(",");
    let mut ratios: Vec<(&str, Vec<f64>, Vec<f64>)> = CALLS.map(|(name, ..)| (name, vec![], vec![])).into();
    for pass in 0..passes {
        let plain: Vec<(f64, f64)> = CALLS.iter().map(|call| plain(call, &value, &folder)).collect();
        let run = support::profile(&[&payload, "--codec", &codecs, "--rounds", rounds]);
        println!("pass {}: sercost / criterion, medians in ms", pass + 1);
        for ((name, encodes, decodes), (encode, decode)) in ratios.iter_mut().zip(plain) {
            let ours = |stage| support::p50(support::row(&run, name, "pipe", stage));
            let (our_encode, our_decode) = (ours(Stage::Encode), ours(Stage::Decode));
            encodes.push(our_encode / encode);
            decodes.push(our_decode / decode);
            let ms = |ns: f64| ns / 1e6;
            println!(
                "  {name:<10} encode {:8.2} / {:8.2} = {:.3}   decode {:8.2} / {:8.2} = {:.3}",
                ms(our_encode),
                ms(encode),
                our_encode / encode,
                ms(our_decode),
                ms(decode),
                our_decode / decode
            );
        }
    }
    println!("\nmedian ratio of {passes} passes on {payload}");
    for (name, encodes, decodes) in &ratios {
        let of = |values| median(values).expect("there is a pass");
        println!("  {name:<10} encode {:.3}   decode {:.3}", of(encodes), of(decodes));
    }
}

/// Criterion's medians of encoding and decoding, in nanoseconds.
fn plain((name, encode, decode): &(&str, Encode, Decode), value: &Vec<i64>, folder: &Path) -> (f64, f64) {
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
