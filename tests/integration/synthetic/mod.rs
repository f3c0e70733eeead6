//! Runs made by hand, with exact numbers, for the tests of what shows and stores them.

mod layouts;
mod tasks;

pub use self::layouts::in_layouts;
pub use self::tasks::tasks;

use sercost::analysis::compare;
use sercost::model::{
    Allocations, Comparison, Environment, Interpreter, Measurement, Noise, PayloadInfo, RESULTS_SCHEMA, Representation,
    Run, Stage, Summary,
};

/// How the samples of a row lie around its base: the median is the base itself.
const SPREAD: [f64; 5] = [1.0, 1.02, 0.99, 0.98, 1.10];

/// The same in other rounds: rows of which one is unsteady this way and one the other cannot be told apart, however
/// steady their medians are.
const OTHER_SPREAD: [f64; 5] = [1.10, 0.98, 1.0, 1.02, 0.99];

pub fn environment() -> Environment {
    Environment {
        sercost_version: "0.1.0".into(),
        lock_digest: Some("xxh3:0123456789abcdef".into()),
        rustc_version: "rustc 1.95.0 (abcdef012 2026-03-21)".into(),
        build_profile: "release".into(),
        started_at: "2026-11-02T10:00:00Z".into(),
        command: vec!["profile".into(), "range:10M".into()],
        system: "Linux 6.1.0".into(),
        cpu_model: Some("Example CPU 9000 @ 3.00GHz".into()),
        cpus: 2,
        cpu_governor: Some("performance".into()),
        memory_bytes: Some(8_200_000_000),
        clock_precision_ns: 20.0,
        clock_overhead_ns: 23.4,
        seed: 42,
        buffer_policy: "reused".into(),
        time_budget_ns: Some(20_000_000_000),
        complete: true,
        interpreters: vec![],
    }
}

pub fn payload(name: &str, description: &str) -> PayloadInfo {
    PayloadInfo {
        name: name.into(),
        description: description.into(),
        format: None,
        file_bytes: None,
        memory_bytes: 80_000_000,
        messages: None,
        schema: serde_json::json!({"list": "i64"}),
        notes: vec![],
        reference: None,
        rounds: 10,
        wall_ns: 20_100_000_000,
        measured_ns: 18_572_400_000,
        warmup_ns: 1_929_600_000,
        sender_peak_resident_bytes: Some(213_000_000),
        receiver_peak_resident_bytes: Some(187_500_000),
        five_rounds_ns: Some(9_300_000_000),
        noise: Some(Noise {
            load_average: Some(0.12),
            stolen_share: Some(0.0),
            cpu_share: Some(0.998),
            spread: Some(0.011),
        }),
        digest: Some("xxh3:0123456789abcdef".into()),
        derived: None,
        layouts: None,
    }
}

/// One trip under construction; times in milliseconds.
#[derive(Clone)]
pub struct Trip {
    pub codec: &'static str,
    pub version: &'static str,
    pub compressor: Option<&'static str>,
    pub transport: Option<&'static str>,
    pub representation: Representation,
    pub modelled: bool,
    pub bytes: u64,
    pub stages: Vec<(Stage, f64)>,
    /// The part of the total that no stage has.
    pub unnamed: f64,
    pub ratio: Option<(f64, f64, f64)>,
    pub lossy: Vec<&'static str>,
    pub error: Option<(Stage, &'static str)>,
    pub allocations: (u64, u64),
    pub spread: [f64; 5],
}

impl Trip {
    pub fn new(
        codec: &'static str,
        version: &'static str,
        bytes: u64,
        encode: f64,
        transfer: f64,
        decode: f64,
    ) -> Self {
        Trip {
            codec,
            version,
            compressor: None,
            transport: Some("pipe"),
            representation: Representation::Typed,
            modelled: false,
            bytes,
            stages: vec![(Stage::Encode, encode), (Stage::Transfer, transfer), (Stage::Decode, decode)],
            unnamed: 0.002,
            ratio: None,
            lossy: vec![],
            error: None,
            allocations: (1, 2),
            spread: SPREAD,
        }
    }

    /// Has its good and bad rounds when others have not.
    pub fn unsteady(mut self) -> Self {
        self.spread = OTHER_SPREAD;
        self
    }

    pub fn ratio(mut self, ratio: f64, low: f64, high: f64) -> Self {
        self.ratio = Some((ratio, low, high));
        self
    }

    pub fn over(mut self, transport: &'static str) -> Self {
        self.transport = Some(transport);
        self
    }

    pub fn compressed(mut self, compressor: &'static str, compress: f64, decompress: f64) -> Self {
        self.compressor = Some(compressor);
        self.stages.insert(1, (Stage::Compress, compress));
        self.stages.insert(3, (Stage::Decompress, decompress));
        self
    }

    pub fn dynamic(mut self) -> Self {
        self.representation = Representation::Dynamic;
        self
    }

    /// Measured inside an interpreter.
    pub fn python(mut self) -> Self {
        self.representation = Representation::Python;
        self.transport = Some("multiprocessing");
        self
    }

    pub fn modelled(mut self, transport: &'static str, transfer: f64) -> Self {
        self.transport = Some(transport);
        self.modelled = true;
        for (stage, ms) in &mut self.stages {
            if *stage == Stage::Transfer {
                *ms = transfer;
            }
        }
        self
    }

    pub fn lossy(mut self, lossy: &[&'static str]) -> Self {
        self.lossy = lossy.to_vec();
        self
    }

    /// Ends in an error at this stage, nothing after it.
    pub fn fails(mut self, at: Stage, why: &'static str) -> Self {
        self.error = Some((at, why));
        self
    }

    /// The rows of the results file.
    pub fn rows(&self, payload: &str) -> Vec<Measurement> {
        let base = |stage| Measurement {
            payload: payload.into(),
            codec: self.codec.into(),
            codec_version: Some(self.version.into()),
            representation: self.representation,
            stage,
            transport: self.transport.map(str::to_owned),
            compressor: self.compressor.map(str::to_owned),
            modelled: false,
            bytes: Some(self.bytes),
            operations_per_sample: Some(1),
            samples_ns: vec![],
            summary: None,
            allocations: None,
            lossy: None,
            error: None,
            left_out: None,
            layouts: None,
            instructions: None,
        };
        let mut rows = Vec::new();
        let mut sum = 0.0;
        for &(stage, ms) in &self.stages {
            if let Some((at, why)) = self.error.filter(|(at, _)| *at == stage) {
                rows.push(Measurement {
                    error: Some(why.into()),
                    bytes: None,
                    operations_per_sample: None,
                    ..base(at)
                });
                return rows;
            }
            sum += ms;
            let (samples_ns, summary) = samples(ms, None, &self.spread);
            let own = self.modelled && stage == Stage::Transfer;
            let coded = matches!(stage, Stage::Encode | Stage::Decode);
            rows.push(Measurement {
                modelled: own,
                samples_ns: if own { vec![] } else { samples_ns },
                summary: Some(summary),
                allocations: coded.then(|| {
                    if self.representation == Representation::Python {
                        Allocations { peak_resident_bytes: Some(400_000_000), ..Allocations::default() }
                    } else {
                        Allocations {
                            count: Some(if stage == Stage::Encode { self.allocations.0 } else { self.allocations.1 }),
                            bytes: Some(self.bytes.saturating_mul(2)),
                            peak_bytes: Some(if stage == Stage::Encode { self.bytes } else { 80_000_000 }),
                            peak_resident_bytes: Some(self.bytes.saturating_add(90_000_000)),
                            grows: Some(self.allocations.0 / 2),
                            shrinks: Some(0),
                        }
                    }
                }),
                ..base(stage)
            });
        }
        if self.transport.is_some() {
            let (samples_ns, summary) = samples(sum * (1.0 + self.unnamed), self.ratio, &self.spread);
            rows.push(Measurement {
                modelled: self.modelled,
                samples_ns: if self.modelled { vec![] } else { samples_ns },
                summary: Some(summary),
                lossy: Some(self.lossy.iter().map(|&loss| loss.into()).collect()),
                ..base(Stage::Total)
            });
        }
        rows
    }
}

fn samples(ms: f64, ratio: Option<(f64, f64, f64)>, spread: &[f64; 5]) -> (Vec<Option<u64>>, Summary) {
    // Twice over: five rounds have no interval.
    let samples: Vec<u64> = spread.iter().chain(spread).map(|factor| (ms * 1e6 * factor).round() as u64).collect();
    let mut sorted = samples.clone();
    sorted.sort();
    let at = |index: usize| sorted[2 * index] as f64;
    let summary = Summary {
        count: 10,
        min_ns: at(0),
        p50_ns: at(2),
        p90_ns: at(4),
        p99_ns: at(4),
        p999_ns: at(4),
        max_ns: at(4),
        mean_ns: samples.iter().sum::<u64>() as f64 / 10.0,
        mad_ns: at(3) - at(2),
        ratio: ratio.map(|r| r.0),
        ratio_low: ratio.map(|r| r.1),
        ratio_high: ratio.map(|r| r.2),
    };
    (samples.into_iter().map(Some).collect(), summary)
}

pub fn run(payloads: Vec<(PayloadInfo, Vec<Trip>)>) -> Run {
    let measurements =
        payloads.iter().flat_map(|(info, trips)| trips.iter().flat_map(|trip| trip.rows(&info.name))).collect();
    Run {
        schema: RESULTS_SCHEMA.into(),
        environment: environment(),
        payloads: payloads.into_iter().map(|(info, _)| info).collect(),
        measurements,
        scenarios: vec![],
        components: vec![],
        comparison: None,
    }
}

fn null(encode: f64) -> Trip {
    let mut null = Trip::new("null", "sercost 0.1.0", 0, encode, 0.0, 0.0);
    null.transport = None;
    null.stages.truncate(1);
    null.allocations = (0, 0);
    null
}

/// One payload, one transport: a tie for the lead, a tie further down, a loss, two failures, the null codec.
pub fn plain() -> Run {
    let mut info = payload("range:10M", "list of 10,000,000 i64");
    info.reference = Some("bincode-fixed".into());
    let mut json = Trip::new("json", "serde_json 1.0.154", 88_888_891, 61.4, 31.0, 143.0).ratio(4.71, 4.66, 4.79);
    json.allocations = (1, 24);
    let trips = vec![
        json,
        Trip::new("bincode", "bincode 2.0.1", 49_934_218, 38.0, 17.4, 51.2).ratio(2.13, 2.08, 2.19),
        Trip::new("bincode-fixed", "bincode 2.0.1", 80_000_008, 11.2, 28.1, 10.8).ratio(1.0, 1.0, 1.0),
        Trip::new("postcard", "postcard 1.1.3", 38_868_675, 24.1, 13.6, 13.0).ratio(1.01, 0.98, 1.04).unsteady(),
        Trip::new("msgpack", "rmp-serde 1.3.1", 49_868_678, 36.1, 17.9, 54.1).ratio(2.16, 2.12, 2.22).unsteady(),
        Trip::new("cbor-minicbor", "minicbor-serde 0.7.2", 49_868_933, 70.5, 17.6, 99.0)
            .ratio(3.74, 3.70, 3.81)
            .lossy(&["$[*]: integer over 2^53 became float"]),
        Trip::new("bson", "bson 3.1.0", 0, 0.0, 0.0, 0.0)
            .fails(Stage::Encode, "the top level of a BSON document is a map; this payload is a list"),
        Trip::new("flexbuffers", "flexbuffers 25.12.19", 80_000_019, 310.0, 0.0, 0.0)
            .fails(Stage::Transfer, "the receiving process was killed by signal 9\n(out of memory?)"),
        null(4.2),
    ];
    run(vec![(info, trips)])
}

/// [`plain`] against an earlier run, in which json was another version, larger and without its allocations, and msgpack was cbor.
pub fn compared() -> Run {
    let mut before = plain();
    for row in &mut before.measurements {
        match row.codec.as_str() {
            "json" => {
                row.codec_version = Some("serde_json 1.0.100".into());
                row.bytes = row.bytes.map(|bytes| bytes + 1_234_567);
                row.allocations = None;
            }
            "msgpack" => row.codec = "cbor".into(),
            _ => {}
        }
    }
    let mut now = plain();
    now.comparison = Some(Comparison {
        baseline: "before.json".into(),
        started_at: "2026-10-01T08:00:00Z".into(),
        sercost_version: "0.0.9".into(),
        rows: compare(&now, &before),
    });
    now
}

/// Two payloads; compressors, both representations, a measured and a modelled transport, losses, notes; interrupted.
pub fn rich() -> Run {
    let mut info = payload("events.ndjson", "list of 200,000 records of 9 fields");
    info.format = Some("ndjson".into());
    info.file_bytes = Some(61_234_567);
    info.memory_bytes = 44_100_000;
    info.notes = vec!["line 17: the key \"id\" occurs twice; the last value is kept".into()];
    info.reference = Some("json".into());
    let json = || Trip::new("json", "serde_json 1.0.154", 52_300_000, 88.0, 18.2, 131.0);
    let postcard = || Trip::new("postcard", "postcard 1.1.3", 21_700_000, 31.0, 7.7, 58.0);
    let loses = ["$[*].when: date became string", "$[*].size: NaN became null", "$[*].a: x", "$[*].b: y", "$[*].c: z"];
    let json_dynamic = Trip::new("json", "serde_json 1.0.154", 52_300_000, 131.0, 18.3, 236.0).dynamic();
    let trips = vec![
        json().ratio(1.0, 1.0, 1.0),
        json().compressed("zstd:3", 95.2, 41.0).ratio(1.51, 1.47, 1.55),
        json_dynamic.ratio(1.62, 1.58, 1.65).lossy(&loses),
        postcard().ratio(0.41, 0.40, 0.42),
        postcard().compressed("lz4", 22.0, 9.1).ratio(0.535, 0.52, 0.55),
        postcard().dynamic().fails(Stage::Decode, "not self-describing: a dynamic value cannot be decoded"),
        json().modelled("link:100Mbit,1ms", 4185.0).ratio(1.0, 1.0, 1.0),
        json().compressed("zstd:3", 95.2, 41.0).modelled("link:100Mbit,1ms", 640.0).ratio(0.226, 0.224, 0.228),
        postcard().modelled("link:100Mbit,1ms", 1737.0).ratio(0.4151, 0.4148, 0.4153),
        null(12.0),
        null(19.0).dynamic(),
    ];
    let mut second = payload("strings:1k", "list of 1,000 strings");
    second.reference = Some("json".into());
    second.memory_bytes = 44_000;
    second.messages = Some(1000);
    second.rounds = 2400;
    let small = vec![
        Trip::new("json", "serde_json 1.0.154", 23, 0.000_181, 0.002_4, 0.000_204).ratio(1.0, 1.0, 1.0),
        Trip::new("postcard", "postcard 1.1.3", 21, 0.000_052, 0.002_39, 0.000_118).ratio(0.9312, 0.9279, 0.9998),
    ];
    let mut run = run(vec![(info, trips), (second, small)]);
    for summary in run.measurements.iter_mut().filter(|m| m.payload == "strings:1k").filter_map(|m| m.summary.as_mut())
    {
        summary.count = 2400;
        summary.max_ns *= 3.0;
    }
    run.environment.complete = false;
    run.environment.time_budget_ns = None;
    run.environment.cpu_model = None;
    run.environment.command = ["profile", "my events.ndjson", "--compress", "zstd,lz4"].map(str::to_owned).to_vec();
    run
}

/// Names as short and as long as real ones, for runs of many rows.
const NAMES: [&str; 24] = [
    "json",
    "bincode",
    "bincode-fixed",
    "postcard",
    "msgpack",
    "msgpack-named",
    "cbor",
    "ciborium",
    "pickle:4",
    "pickle:5",
    "pickle:5-unshared",
    "pickle:5-interned",
    "serde-pickle:3",
    "bitcode",
    "bson",
    "flexbuffers",
    "smile",
    "rkyv",
    "borsh",
    "wincode",
    "avro",
    "protobuf",
    "thrift-compact",
    "ion",
];

/// A file of JSON in every codec: each slower than the one before it in the order of names turned round, json in the midst.
pub fn crowd() -> Run {
    let mut info = payload("orders.json", "record of 3 fields");
    info.format = Some("json".into());
    info.file_bytes = Some(164_331);
    info.reference = Some("json".into());
    info.notes =
        (1..=7).map(|at| format!("$.rows[*].c{at}: f64, as the file says; f32 would save {at}.50 kB")).collect();
    let row = |at: usize| {
        let slow = 1.12f64.powi(at as i32);
        let name = NAMES[if at < 12 {
            at + 1
        } else if at == 12 {
            0
        } else {
            at
        }];
        let ratio = slow / 1.12f64.powi(12);
        let trip = Trip::new(name, "x 1", 200_000 - 5000 * at as u64, 0.1 * slow, 0.02 * slow, 0.2 * slow);
        if at == 12 { trip.ratio(1.0, 1.0, 1.0) } else { trip.ratio(ratio, ratio * 0.97, ratio * 1.03) }
    };
    let failed = |name| {
        Trip::new(name, "x 1", 0, 0.0, 0.0, 0.0).fails(
            Stage::Encode,
            "takes only the built-in shapes and lists of i64, f64 or strings, through its own derive",
        )
    };
    let mut trips: Vec<Trip> = (0..24).map(row).collect();
    trips.extend([failed("capnp"), failed("flatbuffers"), null(0.02)]);
    run(vec![(info, trips)])
}

/// Two codecs over every way between two processes, one of them tied with another.
pub fn ways() -> Run {
    let mut info = payload("range:10M", "list of 10,000,000 i64");
    info.reference = Some("json".into());
    let mut trips = Vec::new();
    for (at, way) in ["pipe", "unix", "tcp", "shm", "shm-in-place", "file"].into_iter().enumerate() {
        let transfer = [28.0, 22.0, 41.0, 9.0, 4.0, 33.0][at];
        trips.push(
            Trip::new("json", "serde_json 1.0.154", 88_888_891, 61.4, transfer, 143.0).ratio(1.0, 1.0, 1.0).over(way),
        );
        let postcard = Trip::new("postcard", "postcard 1.1.3", 38_868_675, 24.1, transfer / 2.0, 13.0);
        trips.push(postcard.ratio(0.2, 0.19, 0.21).over(way));
    }
    run(vec![(info, trips)])
}

/// Rows of Rust over two transports, and rows of Python, which stand among those of the first.
pub fn python() -> Run {
    let mut info = payload("range:10M", "list of 10,000,000 i64");
    info.reference = Some("postcard".into());
    let trips = vec![
        Trip::new("postcard", "postcard 1.1.3", 38_868_675, 24.1, 13.6, 13.0).ratio(1.0, 1.0, 1.0),
        Trip::new("postcard", "postcard 1.1.3", 38_868_675, 24.2, 33.6, 13.1).ratio(1.0, 1.0, 1.0).over("tcp"),
        null(4.2),
        Trip::new("python3.8:pickle5", "CPython 3.8.18", 49_895_535, 210.0, 110.0, 505.0)
            .ratio(16.3, 16.1, 16.6)
            .python(),
        Trip::new("python3.13:pickle5", "CPython 3.13.0", 49_895_535, 160.0, 114.0, 468.0)
            .ratio(14.6, 14.1, 15.2)
            .python(),
        Trip::new("python3.13:orjson", "orjson 3.13.0, CPython 3.13.0", 0, 0.0, 0.0, 0.0)
            .python()
            .fails(Stage::Encode, "orjson is not installed; \"python3.13 -m pip install orjson\" installs it"),
    ];
    let mut run = run(vec![(info, trips)]);
    let interpreter = |name: &str, version: &str, gc| Interpreter {
        name: name.into(),
        given: name.into(),
        version: version.into(),
        build: format!("{version} (main) [GCC 12.2.0]"),
        executable: format!("/usr/bin/{name}"),
        gc,
    };
    run.environment.interpreters =
        vec![interpreter("python3.8", "3.8.18", true), interpreter("python3.13", "3.13.0", true)];
    run
}
