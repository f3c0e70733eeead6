//! The four kinds of data of `rust_serialization_benchmark`, measured by two lines of a user's code each, against what its
//! pages publish: sizes to the byte, and the order of the codecs by time.
//!
//! `cargo bench --bench rsb [-- NAME...]` prints each codec's size of each kind of data with the published one, then its
//! times, and for each kind and stage Spearman's rank correlation of the codecs' times with those of two pages, and of the
//! two pages with each other. What it must show: equal sizes, and correlations of at least 0.95. It ends with 1 where
//! that is not so. A name is the start of that of a kind of data. `cargo test --bench rsb` holds the sizes alone.
//!
//! RSB encodes into a buffer that is there before, again and again, and decodes the same bytes again and again; a study
//! encodes into a new vector and decodes what it has just encoded. The processor is another one, too. So times are not
//! compared, but ranks.

#[path = "support/rsb/mod.rs"]
mod rsb;
mod support;

use rsb::STUDIES;
use rsb::published::{KINDS, PUBLISHED, Published, Times};
use sercost::Run;
use std::process::ExitCode;
use std::time::Duration;

/// The least rank correlation that counts as the same order.
const LEAST: f64 = 0.95;

fn main() -> ExitCode {
    // `cargo test --benches` runs this too, only to see that it works.
    let rounds = if support::in_earnest() { 30 } else { 1 };
    let asked = support::asked();
    let mut fails = false;
    for (kind, (name, measure)) in KINDS.into_iter().zip(STUDIES).enumerate() {
        if asked.is_empty() || asked.iter().any(|asked| name.starts_with(asked.as_str())) {
            let run = measure(&rsb::BY_SERDE, rounds).unwrap_or_else(|error| panic!("{name}: {error}"));
            fails |= !sizes_agree(kind, &run);
            fails |= !ranks_agree(kind, &run) && support::in_earnest();
        }
    }
    if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Prints the sizes of a kind of data and tells whether they are the published ones.
fn sizes_agree(kind: usize, run: &Run) -> bool {
    println!("\n{}\n  {:<15} {:>10}  {:>10}  published for", KINDS[kind], "codec", "bytes", "published");
    let mut agree = true;
    for Published { codec, package, sizes, apart, .. } in &PUBLISHED {
        let (mut bytes, published, mut remark) = (run.row(KINDS[kind], codec).bytes(), sizes[kind], "");
        if let Some((_, reason)) = apart.filter(|(apart, _)| *apart == kind) {
            let run = rsb::mk48_of_2024(1).unwrap_or_else(|error| panic!("{codec}: {error}"));
            (bytes, remark) = (run.row(KINDS[kind], codec).bytes(), reason);
        }
        if bytes != published {
            (agree, remark) = (false, "; NOT EQUAL");
        }
        println!("  {codec:<15} {bytes:>10}  {published:>10}  {package}{remark}");
    }
    agree
}

/// A stage: its name on the pages, its time of a row of ours, and its times on a page.
type Stage = (&'static str, fn(&sercost::Row<'_>) -> Option<Duration>, fn(&Times) -> &[f64; 4]);

const STAGES: [Stage; 2] = [
    ("serialize", |row| row.encode(), |times| &times.serialize),
    ("deserialize", |row| row.decode(), |times| &times.deserialize),
];

/// Prints the times of a kind of data in microseconds, and tells whether the codecs have the order of the pages by them.
fn ranks_agree(kind: usize, run: &Run) -> bool {
    let mut agree = true;
    for (stage, time, times) in STAGES {
        println!("  {stage} (µs)     {:>10}  {:>10}  {:>10}", "sercost", "2026-06", "2026-10");
        let mut rows = Vec::new();
        for Published { codec, june, october, .. } in &PUBLISHED {
            let row = run.row(KINDS[kind], codec);
            let ours = time(&row).unwrap_or_else(|| panic!("{codec}: {:?}", row.error())).as_nanos() as f64 / 1000.0;
            let page = |page: &Option<Times>| page.as_ref().map(|page| times(page)[kind]);
            rows.push((*codec, Some(ours), page(june), page(october)));
        }
        rows.sort_by(|(_, left, ..), (_, right, ..)| left.partial_cmp(right).expect("times are numbers"));
        for (codec, ours, june, october) in &rows {
            let cell = |time: &Option<f64>| time.map_or("-".to_owned(), |time| format!("{time:.1}"));
            println!("    {codec:<15} {:>10}  {:>10}  {:>10}", cell(ours), cell(june), cell(october));
        }
        let with_june = correlation(rows.iter().map(|(_, ours, june, _)| (*ours, *june)));
        let with_october = correlation(rows.iter().map(|(_, ours, _, october)| (*ours, *october)));
        let of_pages = correlation(rows.iter().map(|(_, _, june, october)| (*june, *october)));
        println!(
            "    rank correlation: {with_june:.3} with 2026-06, {with_october:.3} with 2026-10; {of_pages:.3} of the two"
        );
        agree &= with_june >= LEAST && with_october >= LEAST;
    }
    agree
}

/// Spearman's rank correlation of the pairs that have both.
fn correlation(pairs: impl Iterator<Item = (Option<f64>, Option<f64>)>) -> f64 {
    let (left, right): (Vec<f64>, Vec<f64>) = pairs.filter_map(|(left, right)| left.zip(right)).unzip();
    let (left, right) = (ranks(&left), ranks(&right));
    // Ranks with ties still have the mean of ranks without.
    let mean = (left.len() + 1) as f64 / 2.0;
    let sum = |one: &[f64], other: &[f64]| -> f64 {
        one.iter().zip(other).map(|(one, other)| (one - mean) * (other - mean)).sum()
    };
    sum(&left, &right) / (sum(&left, &left) * sum(&right, &right)).sqrt()
}

/// The rank of each value from 1 on; equal ones share the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let below = |value: f64| values.iter().filter(|other| **other < value).count() as f64;
    let equal = |value: f64| values.iter().filter(|other| **other == value).count() as f64;
    values.iter().map(|&value| below(value) + (equal(value) + 1.0) / 2.0).collect()
}
