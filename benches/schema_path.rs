//! How far encoding and decoding through a schema are from derived code: the ratio of the two on the same data, the
//! same formats, the same process, round by round, with its 95 % interval.
//!
//! `cargo bench --bench schema_path [-- PAYLOAD...]` prints it. What it must show: decoding within 1.1 times of derived structs,
//! encoding within 1.4 times, integer columns within 1.05 times of `Vec<i64>`.

use sercost::clock;
use sercost::codec::{Codec, Decoded, Format, FormatVisitor, Subject, visit_formats};
use sercost::model::Representation;
use sercost::payload::native::{HasSchema, Order, Record};
use sercost::payload::{Column, Compact, Row, Schema, Shape, Sink};
use sercost::stats::{Samples, summarize};
use serde::{Serialize, de::DeserializeOwned};
use std::hint::black_box;
use std::sync::Arc;

/// The formats that the claim is made for: one of each kind, and fast enough for the difference to show.
const FORMATS: [&str; 8] = ["null", "json", "bincode", "bincode-fixed", "postcard", "msgpack", "msgpack-named", "cbor"];

fn main() {
    // `cargo test --benches` runs this too, only to see that it works.
    let (rounds, scale) = if std::env::args().any(|argument| argument == "--bench") { (21, 1) } else { (2, 100) };
    println!("median ratio of the schema path to derived code, with its 95 % interval; {rounds} rounds, interleaved\n");
    println!("{:<16} {:<14} {:>24} {:>24}", "payload", "codec", "encode", "decode");
    compare::<Vec<Record>>("records:100k", Shape::new("records", 100_000 / scale), rounds);
    compare::<Vec<Order>>("nested:50k", Shape::new("nested", 50_000 / scale), rounds);
    compare::<Vec<i64>>("range:5M", Shape::new("range", 5_000_000 / scale), rounds);
    compare::<Vec<f64>>("floats:2M", Shape::new("floats", 2_000_000 / scale), rounds);
    compare::<Vec<String>>("strings:500k", Shape::new("strings", 500_000 / scale), rounds);
}

fn compare<T: Serialize + DeserializeOwned + HasSchema>(name: &'static str, shape: Option<Shape>, rounds: usize) {
    let mut asked = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).peekable();
    if asked.peek().is_some() && !asked.any(|asked| name.starts_with(&asked)) {
        return;
    }
    let (schema, column) = shape.expect("the shape is in the table").make(1);
    assert_eq!(*schema, T::schema(), "the derived type is that of the shape");
    let bytes = postcard::to_stdvec(&Row::<Compact>::new(&schema, &column, 0)).expect("postcard takes it");
    let derived: T = postcard::from_bytes(&bytes).expect("the bytes are those of the derived type");
    visit_formats(&mut Compare { name, schema, column, derived, rounds });
}

struct Compare<T> {
    name: &'static str,
    schema: Arc<Schema>,
    column: Column,
    derived: T,
    rounds: usize,
}

impl<T: Serialize + DeserializeOwned> FormatVisitor for Compare<T> {
    fn visit<F: Format>(&mut self, format: &F) {
        let name = Format::info(format).name;
        if !FORMATS.contains(&name) {
            return;
        }
        let subject = Subject::Typed { schema: &self.schema, column: &self.column };
        let mut bytes = Vec::new();
        Format::encode(format, &self.derived, &mut bytes).expect("it takes every shape");
        let encode = ratio(self.rounds, || encoded_rows(format, subject), || encoded(format, &self.derived));
        let decode = Format::decodes(format).then(|| {
            ratio(
                self.rounds,
                || decoded_rows(format, &bytes, &self.schema),
                || decoded(format, &bytes, Vec::<T>::with_capacity(1)),
            )
        });
        println!("{:<16} {name:<14} {encode:>24} {:>24}", self.name, decode.unwrap_or_default());
    }
}

/// As the program does it, where the schema path begins.
fn encoded_rows<F: Format>(format: &F, subject: Subject<'_>) -> Vec<u8> {
    let mut out = [Vec::new()];
    Codec::encode(format, subject, &mut out).expect("it takes every shape");
    let [out] = out;
    out
}

fn decoded_rows<F: Format>(format: &F, bytes: &[u8], schema: &Arc<Schema>) -> Decoded {
    let mut into = Decoded::with_capacity(format, Representation::Typed, schema, 1);
    Codec::decode(format, &[bytes], 1, &mut into).expect("it is what was encoded");
    into
}

fn encoded<F: Format, T: Serialize>(format: &F, value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    Format::encode(format, black_box(value), &mut out).expect("it takes every shape");
    out
}

fn decoded<'a, F: Format, S: Sink<'a>>(format: &F, bytes: &'a [u8], mut sink: S) -> S {
    Format::decode(format, black_box(bytes), &mut sink).expect("it is what was encoded");
    sink
}

/// The ratio of two operations, taken in turns; what they return is dropped outside of the timing.
fn ratio<A, B>(rounds: usize, mut ours: impl FnMut() -> A, mut theirs: impl FnMut() -> B) -> String {
    let (mut our_samples, mut their_samples) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let mut our = || our_samples.push(Some(timed(&mut ours)));
        let mut their = || their_samples.push(Some(timed(&mut theirs)));
        if round % 2 == 0 {
            our();
            their();
        } else {
            their();
            our();
        }
    }
    // The first round warms up.
    let samples = |rounds| Samples { rounds, operations: 1 };
    let summary = summarize(samples(&our_samples[1..]), Some(samples(&their_samples[1..]))).expect("there are rounds");
    match (summary.ratio, summary.ratio_low, summary.ratio_high) {
        (Some(ratio), Some(low), Some(high)) => format!("{ratio:.3} ({low:.3} to {high:.3})"),
        _ => "-".to_owned(),
    }
}

fn timed<T>(operation: &mut impl FnMut() -> T) -> u64 {
    let start = clock::now();
    let value = operation();
    let end = clock::now();
    drop(black_box(value));
    end - start
}
