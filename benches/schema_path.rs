//! How far encoding and decoding through a schema are from derived code: the ratio of the two on the same data, the
//! same formats, the same process, round by round, with its 95 % interval. Payloads are built-in shapes and five documents in
//! the shapes of well-known ones (`support/documents.rs`); the bytes of both are compared first.
//!
//! `cargo bench --bench schema_path [-- PAYLOAD...]` prints it, and then each pair of formats that stands in another order by way
//! of the schema than in derived code. Such a pair must be within the margin of verdicts; the bench ends with 1 if one is not.

#[path = "support/documents.rs"]
mod documents;
mod support;

use documents::{Typed, compact, named};
use sercost::analysis::{StageTimes, is_surely_faster};
use sercost::clock;
use sercost::codec::{Codec, Decoded, Format, FormatVisitor, Subject, visit_formats};
use sercost::model::Representation;
use sercost::payload::native::{HasSchema, Order, Record};
use sercost::payload::{Column, Compact, Encodable, Named, Row, RowSeed, Schema, Shape, Sink, Style};
use sercost::stats::{Samples, summarize};
use serde::Serialize;
use serde::de::{DeserializeOwned, DeserializeSeed};
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

/// The formats that the claim is made for: one of each kind, and fast enough for the difference to show.
const FORMATS: [&str; 12] = [
    "null",
    "json",
    "bincode",
    "bincode-fixed",
    "postcard",
    "msgpack",
    "msgpack-named",
    "cbor",
    "ciborium",
    "bitcode",
    "bson",
    "flexbuffers",
];

fn main() -> ExitCode {
    // `cargo test --benches` runs this too, only to see that it works.
    let (rounds, scale) = if support::in_earnest() { (21, 1) } else { (2, 100) };
    println!("median ratio of the schema path to derived code, with its 95 % interval; {rounds} rounds, interleaved\n");
    println!("{:<16} {:<14} {:>24} {:>24}", "payload", "codec", "encode", "decode");
    let mut bench = Bench { rounds, asked: support::asked(), turned: 0, called: 0 };
    bench.shape::<Vec<Record>>("records:100k", Shape::new("records", 100_000 / scale));
    bench.shape::<Vec<Order>>("nested:10k", Shape::new("nested", 10_000 / scale));
    bench.shape::<Vec<i64>>("range:1M", Shape::new("range", 1_000_000 / scale));
    bench.shape::<Vec<f64>>("floats:1M", Shape::new("floats", 1_000_000 / scale));
    bench.shape::<Vec<String>>("strings:200k", Shape::new("strings", 200_000 / scale));
    let scale = scale as usize;
    bench.document::<named::Canada, _>("canada", || documents::canada(scale));
    bench.document::<named::Marine, _>("marine", || documents::marine(scale));
    bench.document::<Vec<named::Country>, Vec<compact::Country>>("countries", || documents::countries(scale));
    bench.document::<named::Twitter, _>("twitter", || documents::twitter(scale));
    bench.document::<named::Catalog, _>("catalog", || documents::catalog(scale));
    println!("\n{} pairs turned round, {} of them with a verdict", bench.turned, bench.called);
    // Two rounds of next to nothing say nothing.
    if bench.called == 0 || !support::in_earnest() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Bench {
    rounds: usize,
    asked: Vec<String>,
    /// Pairs in another order than in derived code.
    turned: usize,
    /// Those of them that would have got a verdict.
    called: usize,
}

impl Bench {
    fn is_asked(&self, name: &str) -> bool {
        self.asked.is_empty() || self.asked.iter().any(|asked| name.starts_with(asked.as_str()))
    }

    fn shape<T: Serialize + DeserializeOwned + HasSchema>(&mut self, name: &'static str, shape: Option<Shape>) {
        if !self.is_asked(name) {
            return;
        }
        let (schema, column) = shape.expect("the shape is in the table").make(1);
        assert_eq!(*schema, T::schema(), "the derived type is that of the shape");
        let derived: T =
            postcard::from_bytes(&bytes(&schema, &column)).expect("the bytes are those of the derived type");
        let other: T = postcard::from_bytes(&bytes(&schema, &column)).expect("the bytes are those of the derived type");
        self.compare(name, schema, column, derived, other);
    }

    fn document<N, C>(&mut self, name: &'static str, make: impl FnOnce() -> C)
    where
        N: Serialize + DeserializeOwned,
        C: Serialize + DeserializeOwned + Typed,
    {
        if !self.is_asked(name) {
            return;
        }
        let schema = Arc::new(C::schema());
        let bytes = postcard::to_stdvec(&make()).expect("postcard takes it");
        let compact: C = postcard::from_bytes(&bytes).expect("it is what was encoded");
        let mut column = Column::new(&schema);
        RowSeed::<Compact>::new(&schema, &mut column)
            .deserialize(&mut postcard::Deserializer::from_bytes(&bytes))
            .expect("the schema is that of the type");
        let by_name = rmp_serde::to_vec_named(&Row::<Named>::new(&schema, &column, 0)).expect("MessagePack takes it");
        let named: N = rmp_serde::from_slice(&by_name).expect("the other form has the same fields");
        self.compare(name, schema, column, named, compact);
    }

    fn compare<N, C>(&mut self, name: &'static str, schema: Arc<Schema>, column: Column, named: N, compact: C)
    where
        N: Serialize + DeserializeOwned,
        C: Serialize + DeserializeOwned,
    {
        let is_plain = matches!(&*schema, Schema::List(element) if matches!(**element, Schema::I64 | Schema::F64 | Schema::String));
        let mut compare = Compare { name, schema, column, named, compact, rounds: self.rounds, rows: Vec::new() };
        visit_formats(&mut compare);
        let (walks, rows): (Vec<_>, Vec<_>) = compare.rows.into_iter().partition(|row| row.codec == "null");
        let walk = walks.first().filter(|_| !is_plain).map(|walk| walk.typed.encode_ns);
        for (at, one) in rows.iter().enumerate() {
            for other in &rows[at + 1..] {
                self.pair(name, one, other, walk);
            }
        }
    }

    /// Prints a pair that stands in another order than in derived code.
    fn pair(&mut self, payload: &str, one: &Timed, other: &Timed, walk: Option<f64>) {
        type Part = fn(StageTimes) -> StageTimes;
        let stages: [(&str, Part); 3] = [
            ("encode", |times| StageTimes { decode_ns: 0.0, ..times }),
            ("decode", |times| StageTimes { encode_ns: 0.0, ..times }),
            ("both", |times| times),
        ];
        for (stage, part) in stages {
            let total = |times: StageTimes| part(times).encode_ns + part(times).decode_ns;
            let [typed, derived] = [total(one.typed) / total(other.typed), total(one.derived) / total(other.derived)];
            if (typed < 1.0) == (derived < 1.0) {
                continue;
            }
            let walk = walk.filter(|_| stage != "decode");
            let is_called = is_surely_faster(part(one.typed), part(other.typed), walk)
                || is_surely_faster(part(other.typed), part(one.typed), walk);
            let verdict = if is_called { "A VERDICT" } else { "close" };
            println!(
                "  {payload} {stage}: {} / {} is {typed:.2} by the schema, {derived:.2} derived: {verdict}",
                one.codec, other.codec
            );
            self.turned += 1;
            self.called += usize::from(is_called);
        }
    }
}

fn bytes(schema: &Schema, column: &Column) -> Vec<u8> {
    postcard::to_stdvec(&Row::<Compact>::new(schema, column, 0)).expect("postcard takes it")
}

/// A codec's medians.
struct Timed {
    codec: &'static str,
    typed: StageTimes,
    derived: StageTimes,
}

struct Compare<N, C> {
    name: &'static str,
    schema: Arc<Schema>,
    column: Column,
    named: N,
    compact: C,
    rounds: usize,
    rows: Vec<Timed>,
}

impl<N: Serialize + DeserializeOwned, C: Serialize + DeserializeOwned> FormatVisitor for Compare<N, C> {
    fn visit<F: Format>(&mut self, format: &F) {
        // The first is known when this is compiled, and spares the compiler six formats.
        if F::Style::TELLS_TUPLES || !FORMATS.contains(&Format::info(format).name) {
            return;
        }
        let row = if F::Style::NAMED { self.against(format, &self.named) } else { self.against(format, &self.compact) };
        self.rows.push(row);
    }
}

impl<N, C> Compare<N, C> {
    fn against<F: Format, T: Serialize + DeserializeOwned>(&self, format: &F, derived: &T) -> Timed {
        let codec = Format::info(format).name;
        let encodable = Encodable::new(&self.schema, &self.column);
        let subject = Subject::Typed(&encodable);
        let bytes = encoded(format, derived);
        assert!(encoded_rows(format, subject) == bytes, "{codec} writes other bytes of {}", self.name);
        let encode = ratio(self.rounds, || encoded_rows(format, subject), || encoded(format, derived));
        let decode = Format::decodes(format).then(|| {
            ratio(
                self.rounds,
                || decoded_rows(format, &bytes, &self.schema),
                || decoded(format, &bytes, Vec::<T>::with_capacity(1)),
            )
        });
        let text = decode.as_ref().map(|decode| decode.text.clone()).unwrap_or_default();
        println!("{:<16} {codec:<14} {:>24} {text:>24}", self.name, encode.text);
        let of = |side: fn(&Ratio) -> f64| StageTimes {
            encode_ns: side(&encode),
            decode_ns: decode.as_ref().map_or(0.0, side),
        };
        Timed { codec, typed: of(|ratio| ratio.ours), derived: of(|ratio| ratio.theirs) }
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

/// Two operations beside each other.
struct Ratio {
    text: String,
    ours: f64,
    theirs: f64,
}

/// The ratio of two operations, taken in turns; what they return is dropped outside of the timing.
fn ratio<A, B>(rounds: usize, mut ours: impl FnMut() -> A, mut theirs: impl FnMut() -> B) -> Ratio {
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
    let text = match (summary.ratio, summary.ratio_low, summary.ratio_high) {
        (Some(ratio), Some(low), Some(high)) => format!("{ratio:.3} ({low:.3} to {high:.3})"),
        _ => "-".to_owned(),
    };
    Ratio { text, ours: summary.p50_ns, theirs: summary.p50_ns / summary.ratio.unwrap_or(1.0) }
}

fn timed<T>(operation: &mut impl FnMut() -> T) -> u64 {
    let start = clock::now();
    let value = operation();
    let end = clock::now();
    drop(black_box(value));
    end - start
}
