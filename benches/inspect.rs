//! `sercost inspect` against CPython: dividing the bytes of a pickle among paths, against loading it.
//!
//! `cargo bench --bench inspect` prints, for each pickle, the speed of the attribution, its ratio to `pickle.loads` in C
//! with its 95 % interval, the ratio of the whole program, `sercost inspect FILE >/dev/null`, and the heap that the
//! attribution needs beside the mapped file. All three take turns, round by round; the garbage collector is as Python
//! starts with it. What it must show: for a list of ten million integers 4 GB/s and 20 times the speed of `loads`; for a
//! million short strings 1 GB/s; for 100,000 small dicts 0.3 GB/s and 5 times; for objects of every kind, in protocols 4
//! and 2, 3 times, by the attribution alone and by the whole program; a heap of at most a tenth of the file and 16 MB; and
//! a file of 5 GB in the same heap as one of 50 MB. The heap for a graph that Python writes as deep as it is large is one
//! for values that wait on the stack, and is only shown. `cargo bench --bench inspect -- dates` measures what has the word
//! in its name.

mod support;

use sercost::clock::{CountingAllocator, count_allocations, now};
use sercost::model::Bytes;
use sercost::stats::{median, median_interval};
use sercost_pickle::{Options, attribute};
use std::env;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

/// The value that is pickled, as an expression of Python with the size as `n`, and what it must reach: GB/s, and the
/// ratios of the attribution and of the program.
struct Shape {
    name: &'static str,
    expression: &'static str,
    size: u64,
    least_speed: f64,
    least_ratio: f64,
    least_program: f64,
    /// Whether protocol 2 is measured too, as one that writes objects in another way.
    is_of_objects: bool,
}

const fn plain(name: &'static str, expression: &'static str, size: u64, least_speed: f64, least_ratio: f64) -> Shape {
    Shape { name, expression, size, least_speed, least_ratio, least_program: 0.0, is_of_objects: false }
}

const fn objects(name: &'static str, expression: &'static str, size: u64) -> Shape {
    Shape { name, expression, size, least_speed: 0.0, least_ratio: 3.0, least_program: 3.0, is_of_objects: true }
}

const SHAPES: [Shape; 26] = [
    plain("range", "list(range(n))", 10_000_000, 4.0, 20.0),
    plain("partial", "functools.partial(print, data=list(range(n)))", 10_000_000, 4.0, 20.0),
    plain("strings", "[f'text-{i:07}' for i in range(n)]", 1_000_000, 1.0, 0.0),
    plain("dicts", "[{w: i * 31 + len(w) for w in words[i % 4:i % 4 + 20:4]} for i in range(n)]", 100_000, 0.3, 5.0),
    plain("rows", "[{'id': i, 'name': f'item{i}', 'value': i * 0.5} for i in range(n)]", 100_000, 0.0, 0.0),
    objects("adjacency", "{node: random.choices(nodes(n // 3), k=3) for node in nodes(n // 3)}", 300_000),
    objects("graph", "linked(nodes(n // 3))", 300_000),
    objects("arrays", "[numpy.arange(i % 7 + 1.0) for i in range(n)]", 400_000),
    objects("tuples", "[(i, i * 0.5, f't{i % 10}') for i in range(n)]", 1_000_000),
    objects("nested", "[((i, i + 1), (i * 0.5, str(i))) for i in range(n)]", 500_000),
    objects("datetimes", "[start + datetime.timedelta(seconds=i) for i in range(n)]", 1_000_000),
    objects("dates", "[datetime.date.fromordinal(700_000 + i % 100_000) for i in range(n)]", 1_000_000),
    objects("dataclasses", "[Point(i, i * 0.5, f'p{i}') for i in range(n)]", 400_000),
    objects("dict of dicts", "{f'key{i}': {w: i * 31 for w in words[:5]} for i in range(n)}", 100_000),
    objects("namedtuples", "[Named(i, i * 0.5, str(i)) for i in range(n)]", 400_000),
    objects("slots", "[Slotted(i, i * 0.5) for i in range(n)]", 300_000),
    objects("reduced", "[Reduced(i, str(i)) for i in range(n)]", 400_000),
    objects("decimals", "[decimal.Decimal(i) / 8 for i in range(n)]", 400_000),
    objects("uuids", "[uuid.UUID(int=i << 64 | i * 977) for i in range(n)]", 300_000),
    objects("paths", "[pathlib.PurePosixPath(f'/usr/share/{i}/file') for i in range(n)]", 300_000),
    objects("ordered", "[collections.OrderedDict(a=i, b=2 * i) for i in range(n)]", 200_000),
    objects("sets", "[{i, i + 1, i + 2} for i in range(n)]", 200_000),
    objects("frozensets", "[frozenset({i, i + 1, i + 2}) for i in range(n)]", 200_000),
    objects("deques", "[collections.deque([i, i + 1, i + 2]) for i in range(n)]", 200_000),
    objects("enums", "[(i, Color(i % 3)) for i in range(n)]", 300_000),
    objects("forms", "[(Point(i, 0.5, 'a'), (i, i), Slotted(i, i), start)[i % 4] for i in range(n)]", 300_000),
];

/// The classes of the shapes, as a module that is there when they are loaded.
const MODULE: &str = "
import collections, dataclasses, enum, random

class Node:
    def __init__(self, name): self.name, self.edges = name, []

@dataclasses.dataclass
class Point:
    x: int
    y: float
    name: str

class Slotted:
    __slots__ = ('x', 'y')
    def __init__(self, x, y): self.x, self.y = x, y

class Reduced:
    def __init__(self, a, b): self.a, self.b = a, b
    def __reduce__(self): return Reduced, (self.a, self.b)

Named = collections.namedtuple('Named', 'x y name')
Color = enum.Enum('Color', 'RED GREEN BLUE', start=0)

made = []
def nodes(n):
    if not made: made.extend(Node(f'n{i}') for i in range(n))
    return made

def linked(nodes):
    for node in nodes: node.edges = random.choices(nodes, k=3)
    return nodes
";

/// Writes a pickle. One as deep as its graph is large needs a stack of its own.
const MAKER: &str = "
import collections, datetime, decimal, functools, pathlib, pickle, random, sys, threading, uuid
from bench_shapes import *
path, n, protocol, expression = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
if 'numpy' in expression: import numpy
words = 'alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec \
romeo sierra tango uniform victor whiskey xray'.split()
start = datetime.datetime(2020, 1, 1)
random.seed(1)
def make():
    with open(path, 'wb') as file: pickle.dump(eval(expression), file, protocol)
    made_it.append(True)
made_it = []
sys.setrecursionlimit(10_000_000)
threading.stack_size(1 << 30)
thread = threading.Thread(target=make)
thread.start()
thread.join()
sys.exit(not made_it)
";

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
    fn start(folder: &Path) -> Option<Loader> {
        let mut process = python(LOADER, folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
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

/// A script that finds the classes of the shapes, and the packages of the tests.
fn python(script: &str, folder: &Path) -> Command {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/python-packages");
    let paths = env::join_paths([folder, &packages]).expect("no path has a colon");
    let mut command = Command::new("python3");
    command.args(["-c", script]).env("PYTHONPATH", paths);
    command
}

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("inspect");
    fs::create_dir_all(&folder).expect("target/ can be written");
    fs::write(folder.join("bench_shapes.py"), MODULE).expect("target/ can be written");
    let Some(mut loader) = Loader::start(&folder) else {
        println!("there is no python3 on the path: nothing is measured");
        return;
    };
    let has_numpy = python("import numpy", &folder).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    let word = env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    for shape in SHAPES.iter().filter(|shape| shape.name.contains(&word)) {
        if shape.expression.contains("numpy") && !has_numpy {
            println!("{:<13} numpy is not there: `make test` puts it under target/", shape.name);
            continue;
        }
        for protocol in [4, 2].into_iter().take(1 + usize::from(shape.is_of_objects)) {
            measure(shape, protocol, &folder, &mut loader);
        }
    }
    drop(loader.to);
    loader.process.wait().expect("the loader ends with its input");
    if word.is_empty() {
        large(&folder);
    }
}

/// Measures one shape, with the loader and the program in turn.
fn measure(shape: &Shape, protocol: u8, folder: &Path, loader: &mut Loader) {
    let (size, rounds) = if support::in_earnest() { (shape.size, 15) } else { (1000, 1) };
    let path = folder.join("shape.pickle");
    let arguments = [size.to_string(), protocol.to_string(), shape.expression.to_owned()];
    let status = python(MAKER, folder).arg(&path).args(arguments).status();
    assert!(status.expect("python3 was found before").success());
    let data = map(&path);
    let (mut ours, mut theirs, mut ratios, mut programs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let start = now();
        black_box(attribute(black_box(&data), &Options::default()));
        let own = (now() - start) as f64;
        let loads = loader.load(&path);
        let start = now();
        let program =
            Command::new(env!("CARGO_BIN_EXE_sercost")).arg("inspect").arg(&path).stdout(Stdio::null()).status();
        let whole = (now() - start) as f64;
        assert!(program.expect("it was built for this bench").success());
        ours.push(own);
        theirs.push(loads);
        ratios.push(loads / own);
        programs.push(loads / whole);
    }
    let heap = heap(&data);
    let middle = |values: &[f64]| median(values).unwrap_or(f64::NAN);
    let speed = data.len() as f64 / middle(&ours);
    let ratio = middle(&ratios);
    ratios.sort_by(f64::total_cmp);
    let (low, high) = median_interval(&ratios).unwrap_or((ratio, ratio));
    let allowed = if shape.name == "graph" { u64::MAX } else { data.len() as u64 / 10 + 16_000_000 };
    println!(
        "{:<13} {protocol} {:>8}  attribution {:>7.2} ms, {speed:>5.2} GB/s{}  loads {:>7.1} ms, {ratio:>5.1} times \
         [{low:.1}, {high:.1}]{}  program {:>5.1} times{}  heap {:>8}{}",
        shape.name,
        Bytes(data.len() as u64).to_string(),
        middle(&ours) / 1e6,
        verdict(speed >= shape.least_speed),
        middle(&theirs) / 1e6,
        verdict(ratio >= shape.least_ratio),
        middle(&programs),
        verdict(middle(&programs) >= shape.least_program),
        Bytes(heap).to_string(),
        verdict(heap <= allowed),
    );
    fs::remove_file(&path).expect("it was made here");
}

fn verdict(holds: bool) -> &'static str {
    if holds { "" } else { " (LESS THAN PROMISED)" }
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
