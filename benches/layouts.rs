//! How far code placement shifts derived code: each document's program linked 24 times with its functions in other places, and
//! measured in turns, as `sercost profile --derived --layouts 24` does.
//!
//! `cargo bench --bench layouts [-- DOCUMENT...]` prints for each codec how much more its slowest layout takes than its fastest, and what as many processes of one layout differ by;
//! in how many rows the interval of 8 layouts holds the mean of 16 others; and in how many pairs of codecs a program with other
//! codecs linked in has the same verdict. It ends with 1 where the interval holds less than 93 % of the means, or where two
//! programs contradict each other.

mod support;

use fastrand::Rng;
use sercost::analysis::collect;
use sercost::derived::{Built, Cargo, Given, Job, Linked, Measured, Package, Plan, build, link, run_layouts};
use sercost::model::{Layouts, Measurement, Run, Silent, Stage, Verdict};
use sercost::payload::{Load, Payload, PayloadSpec};
use sercost::stats::{FURTHER_LAYOUTS, across_layouts, median};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

/// Records, records in lists, texts, numbers, each of some hundred microseconds and more; and a file of a few.
const DOCUMENTS: [&str; 5] = ["records:10k", "nested:1k", "strings:20k", "floats:50k", "repositories.json"];

/// The codecs of the table.
const CODECS: [&str; 8] = ["json", "postcard", "bincode", "msgpack-named", "cbor", "bitcode", "rkyv", "borsh"];

/// Those that the other program has beside them.
const BESIDE: [&str; 4] = ["ciborium", "bson", "flexbuffers", "wincode"];

/// Layouts that an interval is made of.
const SEEN: usize = 8;

/// The least share of rows in which the interval holds the mean of further layouts.
const HELD: f64 = 0.93;

/// Processes of one layout, which show what is not placement.
const CONTROL: usize = 8;

/// How often the layouts of a row are divided anew in those that are seen and further ones.
const DIVISIONS: usize = 20;

/// What the documents add up to.
#[derive(Default)]
struct Sums {
    /// For each codec the spreads of encoding, decoding and the total.
    spreads: Vec<(&'static str, [Vec<f64>; 3])>,
    /// The same of processes of one layout, of which as many as layouts are seen.
    control: Vec<(&'static str, [Vec<f64>; 3])>,
    held: usize,
    divided: usize,
    same: usize,
    contradicted: usize,
    pairs: usize,
}

fn main() -> ExitCode {
    // `cargo test --benches` runs this too: one small document shows that it works.
    let earnest = support::in_earnest();
    let (rounds, documents) = if earnest { (41, &DOCUMENTS[..]) } else { (2, &DOCUMENTS[4..]) };
    let asked = support::asked();
    let mut sums = Sums::default();
    let mut failed = false;
    for document in documents.iter().filter(|name| asked.is_empty() || asked.iter().any(|asked| name.contains(asked))) {
        if let Err(reason) = measure(document, rounds, earnest, &mut sums) {
            println!("{document}: {reason}");
            failed = true;
        }
    }
    print(&sums);
    let is_held = sums.held as f64 >= HELD * sums.divided as f64;
    // Two rounds say nothing.
    if failed || earnest && (!is_held || sums.contradicted > 0) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn print(sums: &Sums) {
    println!(
        "by how much the slowest of {SEEN} layouts is slower than the fastest, and in parentheses the slowest of {CONTROL} processes"
    );
    println!("of one layout: the middle one of the documents, then the greatest\n");
    println!("| codec | encode | decode | encode, transfer and decode |\n| --- | --: | --: | --: |");
    for ((codec, spreads), (_, control)) in sums.spreads.iter().zip(&sums.control) {
        let cell = |at: usize| {
            let middle = |spreads: &[f64]| 100.0 * median(spreads).unwrap_or_default();
            let most = |spreads: &[f64]| 100.0 * spreads.iter().copied().fold(0.0, f64::max);
            let (own, other) = (&spreads[at], &control[at]);
            format!("{:.0} ({:.0}), {:.0} ({:.0}) %", middle(own), middle(other), most(own), most(other))
        };
        println!("| {codec} | {} | {} | {} |", cell(0), cell(1), cell(2));
    }
    let share = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
    println!(
        "\nthe interval of {SEEN} layouts holds the mean of {FURTHER_LAYOUTS} further ones in {:.1} % of rows",
        share(sums.held, sums.divided)
    );
    println!(
        "a program with {} more codecs has the same verdict in {:.1} % of {} pairs, and contradicts {}",
        BESIDE.len(),
        share(sums.same, sums.pairs),
        sums.pairs,
        sums.contradicted
    );
}

/// Layouts of a program.
fn all(earnest: bool) -> u64 {
    if earnest { SEEN as u64 + FURTHER_LAYOUTS } else { 2 }
}

fn measure(document: &str, rounds: u64, earnest: bool, sums: &mut Sums) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus").join(document);
    let spec = if path.exists() {
        PayloadSpec::File(path)
    } else {
        PayloadSpec::parse(document).map_err(|e| e.to_string())?
    };
    let payload = spec.load(&Load::default()).map_err(|error| error.to_string())?;
    let seeds: Vec<u64> = (1..=all(earnest)).collect();
    let run = measured(&payload, &CODECS, rounds, &seeds)?;
    let some = seeds.len().min(SEEN);
    if earnest {
        let mut random = Rng::with_seed(14);
        rows(&run, |_, _, medians| divide(medians, &mut random, sums))?;
    }
    let cut = cut(run, some);
    rows(&cut, |codec, stage, medians| add(&mut sums.spreads, codec, stage, &medians))?;
    let control = measured(&payload, &CODECS, rounds, &vec![1; some.min(CONTROL)])?;
    rows(&control, |codec, stage, medians| add(&mut sums.control, codec, stage, &medians))?;
    let beside: Vec<&str> = CODECS.into_iter().chain(BESIDE).collect();
    let other = measured(&payload, &beside, rounds, &seeds[..some])?;
    compare(&cut, &other, sums);
    Ok(())
}

/// The medians of the layouts of each row.
fn rows(run: &Run, mut each: impl FnMut(&'static str, usize, Vec<f64>)) -> Result<(), String> {
    let layouts = run.payloads[0].layouts.as_ref().ok_or("there are no layouts")?;
    for codec in CODECS {
        for (at, stage) in [Stage::Encode, Stage::Decode, Stage::Total].into_iter().enumerate() {
            let row = run.measurements.iter().find(|row| row.codec == codec && row.stage == stage);
            if let Some(row) = row.filter(|row| !row.samples_ns.is_empty()) {
                each(codec, at, medians(layouts, row));
            }
        }
    }
    Ok(())
}

fn add(all: &mut Vec<(&'static str, [Vec<f64>; 3])>, codec: &'static str, stage: usize, medians: &[f64]) {
    let known = all.iter().position(|(known, _)| *known == codec).unwrap_or_else(|| {
        all.push((codec, Default::default()));
        all.len() - 1
    });
    all[known].1[stage].extend(across_layouts(medians).map(|across| across.spread));
}

/// The median of each layout.
fn medians(layouts: &Layouts, row: &Measurement) -> Vec<f64> {
    let known = |rounds: &[Option<u64>]| median(&rounds.iter().flatten().map(|&ns| ns as f64).collect::<Vec<_>>());
    layouts.cut(&row.samples_ns).into_iter().filter_map(known).collect()
}

/// Whether the interval of some layouts holds the mean of the others.
fn divide(mut medians: Vec<f64>, random: &mut Rng, sums: &mut Sums) {
    for _ in 0..DIVISIONS {
        random.shuffle(&mut medians);
        let (seen, further) = medians.split_at(SEEN);
        if let (Some(seen), Some(further)) = (across_layouts(seen), across_layouts(further)) {
            sums.divided += 1;
            sums.held += usize::from(seen.low_ns <= Some(further.mean_ns) && Some(further.mean_ns) <= seen.high_ns);
        }
    }
}

/// The run with its first layouts alone.
fn cut(mut run: Run, count: usize) -> Run {
    if let Some(layouts) = &mut run.payloads[0].layouts {
        layouts.rounds.truncate(count);
        let rounds = layouts.rounds.iter().sum::<u64>() as usize;
        run.measurements.iter_mut().for_each(|row| row.samples_ns.truncate(rounds));
    }
    run
}

/// Compares the verdicts of two programs on all pairs.
fn compare(one: &Run, other: &Run, sums: &mut Sums) {
    for reference in CODECS {
        let (ours, theirs) = (verdicts(one, reference), verdicts(other, reference));
        for (codec, our) in ours {
            // Each pair once.
            let Some((_, their)) = theirs.iter().find(|(known, _)| *known == codec && codec.as_str() > reference)
            else {
                continue;
            };
            sums.pairs += 1;
            sums.same += usize::from(our == *their);
            let opposite = [(Verdict::Faster, Verdict::Slower), (Verdict::Slower, Verdict::Faster)];
            if our.zip(*their).is_some_and(|pair| opposite.contains(&pair)) {
                sums.contradicted += 1;
                println!("{codec} against {reference}: {our:?}, and {their:?} with other codecs linked in");
            } else if our != *their {
                println!("{codec} against {reference}: {our:?}, and {their:?} with other codecs linked in");
            }
        }
    }
}

/// The verdict of each codec against one of them.
fn verdicts(run: &Run, reference: &str) -> Vec<(String, Option<Verdict>)> {
    let mut run = run.clone();
    run.payloads[0].reference = Some(format!("{reference} (derived)"));
    let rows = collect(&run);
    let rows = rows.iter().flat_map(|payload| payload.rows());
    let known = rows.filter(|row| !row.is_reference() && CODECS.contains(&row.label.as_str()));
    known.map(|row| (row.label.clone(), row.verdict())).collect()
}

/// The rows of derived code in layouts of these seeds.
fn measured(payload: &Payload, codecs: &[&str], rounds: u64, seeds: &[u64]) -> Result<Run, String> {
    let codecs: Vec<String> = codecs.iter().map(|&name| name.to_owned()).collect();
    let package = Package::of(&payload.schema, &codecs, &[]);
    let interrupted = AtomicBool::new(false);
    let cargo = Cargo { offline: false, interrupted: &interrupted };
    match build(&package, cargo, &mut |_| {}) {
        Built::Program(_) => {}
        other => return Err(format!("{other:?}")),
    }
    let programs = match link(&package, cargo, seeds, &mut |_| {}) {
        Linked::Programs(programs) => programs,
        other => return Err(format!("{other:?}")),
    };
    let job = Job { payload: Given::of(payload), plan: plan(payload, package.codecs, rounds) };
    let Measured { run, .. } = run_layouts(&programs, &job, &mut Silent, &interrupted)?;
    run.ok_or_else(|| "there is no results file".to_owned())
}

fn plan(payload: &Payload, derived: Vec<String>, rounds: u64) -> Plan {
    Plan {
        many: None,
        typed: Vec::new(),
        derived,
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
        in_turns: true,
    }
}
