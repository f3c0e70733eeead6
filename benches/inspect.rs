//! `sercost inspect` against CPython: dividing the bytes of a pickle among paths, against loading it.
//!
//! `cargo bench --bench inspect` prints, for each pickle, the speed of the attribution, its ratio to `pickle.loads` in C
//! (the two take turns; the garbage collector is as Python starts with it), and the heap that it needs beside the
//! mapped file. What it must show: for a list of ten million integers 4 GB/s and 20 times the speed of `loads`; for a
//! million short strings 1 GB/s; for 100,000 small dicts 0.3 GB/s and 5 times; a heap of at most a tenth of the file and 16 MB;
//! and a file of 5 GB in the same heap as one of 50 MB.

mod support;

use sercost::clock::{CountingAllocator, count_allocations, now};
use sercost::model::Bytes;
use sercost::pickle::{Options, attribute};
use sercost::stats::median;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// What is pickled, as an expression of Python with the size as `n`, and what it must reach: GB/s and the ratio.
const PICKLES: [(&str, &str, u64, f64, f64); 5] = [
    ("range", "list(range(n))", 10_000_000, 4.0, 20.0),
    ("partial", "functools.partial(print, data=list(range(n)))", 10_000_000, 4.0, 20.0),
    ("strings", "[f'text-{i:07}' for i in range(n)]", 1_000_000, 1.0, 0.0),
    ("dicts", "[{w: i * 31 + len(w) for w in words[i % 4:i % 4 + 20:4]} for i in range(n)]", 100_000, 0.3, 5.0),
    ("rows", "[{'id': i, 'name': f'item{i}', 'value': i * 0.5} for i in range(n)]", 100_000, 0.0, 0.0),
];

/// Answers a line with a path by the nanoseconds of loading it.
const LOADER: &str = "
import pickle, sys, time
for path in sys.stdin:
    with open(path.strip(), 'rb') as file: data = file.read()
    start = time.perf_counter_ns()
    value = pickle.loads(data)
    end = time.perf_counter_ns()
    del value
    print(end - start, flush=True)
";

struct Loader {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Loader {
    fn start() -> Option<Loader> {
        let command = ["-c", LOADER];
        let mut process =
            Command::new("python3").args(command).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let (to, from) = (process.stdin.take()?, BufReader::new(process.stdout.take()?));
        Some(Loader { process, to, from })
    }

    fn load(&mut self, path: &Path) -> f64 {
        writeln!(self.to, "{}", path.display()).expect("the loader runs");
        let mut line = String::new();
        self.from.read_line(&mut line).expect("the loader answers");
        line.trim().parse().expect("it prints nanoseconds")
    }
}

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("inspect");
    fs::create_dir_all(&folder).expect("target/ can be written");
    let Some(mut loader) = Loader::start() else {
        println!("there is no python3 on the path: nothing is measured");
        return;
    };
    let rounds = if support::in_earnest() { 15 } else { 1 };
    for (name, expression, size, least_speed, least_ratio) in PICKLES {
        let size = if support::in_earnest() { size } else { 1000 };
        let path = folder.join(name);
        make(&path, expression, size);
        let data = map(&path);
        let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let start = now();
            black_box(attribute(black_box(&data), &Options::default()));
            let own = (now() - start) as f64;
            let loads = loader.load(&path);
            ours.push(own);
            theirs.push(loads);
            ratios.push(loads / own);
        }
        let heap = heap(&data);
        let speed = data.len() as f64 / median(&ours).unwrap_or(f64::NAN);
        let ratio = median(&ratios).unwrap_or(f64::NAN);
        let allowed = data.len() as u64 / 10 + 16_000_000;
        println!(
            "{name:<8} {:>8}  attribution {:>7.2} ms, {speed:>5.2} GB/s{}  loads {:>6.1} ms, {ratio:>5.1} times{}  heap {:>8}{}",
            Bytes(data.len() as u64).to_string(),
            median(&ours).unwrap_or(f64::NAN) / 1e6,
            verdict(speed >= least_speed),
            median(&theirs).unwrap_or(f64::NAN) / 1e6,
            verdict(ratio >= least_ratio),
            Bytes(heap).to_string(),
            verdict(heap <= allowed),
        );
        fs::remove_file(&path).expect("it was made here");
    }
    drop(loader.to);
    loader.process.wait().expect("the loader ends with its input");
    large(&folder);
}

fn verdict(holds: bool) -> &'static str {
    if holds { "" } else { " (LESS THAN PROMISED)" }
}

fn make(path: &Path, expression: &str, size: u64) {
    let script = format!(
        "import functools, pickle, sys
n, words = int(sys.argv[2]), 'alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november \
         oscar papa quebec romeo sierra tango uniform victor whiskey xray'.split()
with open(sys.argv[1], 'wb') as file: pickle.dump({expression}, file, 4)"
    );
    let status = Command::new("python3").args(["-c", &script]).arg(path).arg(size.to_string()).status();
    assert!(status.expect("python3 was found before").success());
}

fn map(path: &Path) -> memmap2::Mmap {
    let file = File::open(path).expect("it was made just now");
    // SAFETY: the file is this bench's own, and nothing changes it while it is mapped.
    unsafe { memmap2::Mmap::map(&file) }.expect("it can be mapped")
}

/// The most heap that the attribution holds at once.
fn heap(data: &[u8]) -> u64 {
    let (_, allocations) = count_allocations(|| black_box(attribute(data, &Options::default())));
    allocations.and_then(|counted| counted.peak_bytes).expect("the counting allocator is installed")
}

/// A list of a billion integers, which Python itself would need 40 GB for.
fn large(folder: &Path) {
    let path = folder.join("large");
    let batches: u64 = if support::in_earnest() { 1_000_000 } else { 100 };
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).expect("target/ can be written"));
    let mut batch = b"(".to_vec();
    for value in 0..1000i32 {
        batch.push(b'J');
        batch.extend((value * 70_000).to_le_bytes());
    }
    batch.push(b'e');
    let mut write = |bytes: &[u8]| file.write_all(bytes).expect("there is room in target/");
    write(b"\x80\x04]\x94");
    for _ in 0..batches {
        write(&batch);
    }
    write(b".");
    drop(file);
    let data = map(&path);
    let start = now();
    black_box(attribute(&data, &Options::default()));
    let cold = (now() - start) as f64;
    let heap = heap(&data);
    println!(
        "large    {:>8}  attribution {:>7.0} ms, {:>5.2} GB/s  heap {:>8}{}",
        Bytes(data.len() as u64).to_string(),
        cold / 1e6,
        data.len() as f64 / cold,
        Bytes(heap).to_string(),
        verdict(heap < 1_000_000),
    );
    drop(data);
    fs::remove_file(&path).expect("it was made here");
}
