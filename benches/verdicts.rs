//! How often a table shows a difference where there is none, and what intervals cover.
//!
//! `cargo bench --bench verdicts` simulates tables of equal rows with several kinds of noise, and then measures real ones: the same codec
//! several times over, in the real program. What it must show: of 200 tables at most 10 with any verdict, for every kind; intervals
//! that hold the true median in at least 95 % of cases; and rows that take half as long again still told apart.

mod support;

use fastrand::Rng;
use sercost::model::{Run, Stage};
use sercost::stats::{Pivot, RowSamples, median_interval, told_apart};

/// Noise of one sample as a factor, by the number of the row.
type Noise = fn(usize, &mut Rng) -> f64;

/// A normally distributed number, by the polar method.
fn normal(rng: &mut Rng) -> f64 {
    loop {
        let (u, v) = (2.0 * rng.f64() - 1.0, 2.0 * rng.f64() - 1.0);
        let s = u * u + v * v;
        if s > 0.0 && s < 1.0 {
            return u * (-2.0 * s.ln() / s).sqrt();
        }
    }
}

const NOISES: [(&str, Noise); 6] = [
    ("normal, 5 %", |_, rng| (0.05 * normal(rng)).exp()),
    ("skewed", |_, rng| 0.9 - 0.1 * rng.f64().max(1e-12).ln()),
    ("spikes in one of ten", |_, rng| {
        let spike = if rng.f64() < 0.1 { 1.0 + 3.0 * rng.f64() } else { 1.0 };
        (0.03 * normal(rng)).exp() * spike
    }),
    ("each sixth row ten times noisier", |row, rng| (if row % 6 == 0 { 0.3 } else { 0.03 } * normal(rng)).exp()),
    ("each second row ten times noisier", |row, rng| (if row % 2 == 0 { 0.3 } else { 0.03 } * normal(rng)).exp()),
    ("heavy tails", |_, rng| (0.02 * (3.1 * (rng.f64() - 0.5)).tan()).exp()),
];

fn table(rows: usize, rounds: usize, noise: Noise, rng: &mut Rng, time: impl Fn(usize) -> f64) -> Vec<RowSamples> {
    // A slower machine slows all rows of a round.
    let drift: Vec<f64> = (0..rounds).map(|_| (0.1 * normal(rng)).exp()).collect();
    let row =
        |row: usize, rng: &mut Rng| drift.iter().map(|drift| Some(1e6 * time(row) * drift * noise(row, rng))).collect();
    (0..rows).map(|at| row(at, rng)).collect()
}

fn main() {
    // `cargo test --benches` runs this too, only to see that it works.
    let tables = if support::in_earnest() { 200 } else { 2 };
    let mut rng = Rng::with_seed(1);
    coverage(tables, &mut rng);
    equal_rows(tables, &mut rng);
    power(tables, &mut rng);
    if support::in_earnest() {
        real_rows();
    }
}

/// How often the interval of a median holds the true one, which is that of the distribution.
fn coverage(tables: usize, rng: &mut Rng) {
    println!("intervals that hold the true median, of {}", tables * 50);
    for rounds in [6, 7, 13, 21, 31, 100] {
        // Skewed, and the median is known: -ln(1/2).
        let holds = (0..tables * 50).filter(|_| {
            let mut values: Vec<f64> = (0..rounds).map(|_| -rng.f64().max(1e-300).ln()).collect();
            values.sort_by(f64::total_cmp);
            median_interval(&values).is_some_and(|(low, high)| low <= 2f64.ln() && 2f64.ln() <= high)
        });
        println!("{rounds:>6} rounds  {:>6.2} %", 100.0 * holds.count() as f64 / (tables * 50) as f64);
    }
}

/// Tables of rows that are in truth equal: how many show any difference, against the first row and against the fastest.
fn equal_rows(tables: usize, rng: &mut Rng) {
    println!("\nof {tables} tables of equal rows, those with any verdict against a fixed row / against the fastest");
    print!("{:<36}", "noise");
    let sizes = [(2, 7), (8, 7), (24, 7), (8, 13), (24, 13), (24, 21), (2, 31), (24, 31), (24, 60)];
    for (rows, rounds) in sizes {
        print!("{:>9}", format!("{rows}x{rounds}"));
    }
    println!();
    for (name, noise) in NOISES {
        print!("{name:<36}");
        for (rows, rounds) in sizes {
            let mut any = [0, 0];
            for _ in 0..tables {
                let table = table(rows, rounds, noise, rng, |_| 1.0);
                for (any, pivot) in any.iter_mut().zip([Pivot::Row(0), Pivot::Fastest]) {
                    *any += usize::from(told_apart(&table, pivot).sides.iter().any(Option::is_some));
                }
            }
            print!("{:>9}", format!("{}/{}", any[0], any[1]));
        }
        println!();
    }
}

/// A row that takes half as long again among equal ones, and rows that each take a fifth more than the one before.
fn power(tables: usize, rng: &mut Rng) {
    println!("\nrows told apart that differ: one of them at 1.5, each at 1.2 times the one before");
    for (rows, rounds) in [(2, 7), (8, 7), (24, 7), (24, 21), (24, 60)] {
        let (mut one, mut each) = (0, 0);
        for _ in 0..tables {
            let lone = table(rows, rounds, NOISES[0].1, rng, |row| if row == rows - 1 { 1.5 } else { 1.0 });
            one += usize::from(told_apart(&lone, Pivot::Row(0)).sides[rows - 1].is_some());
            let spread = table(rows, rounds, NOISES[0].1, rng, |row| 1.2f64.powi(row as i32));
            each += told_apart(&spread, Pivot::Row(0)).sides.iter().flatten().count();
        }
        let (tables, others) = (tables as f64, (rows - 1) as f64);
        println!(
            "{:>9}  {:>5.1} %  {:>5.1} %",
            format!("{rows}x{rounds}"),
            100.0 * f64::from(one as u32) / tables,
            100.0 * each as f64 / (tables * others)
        );
    }
}

/// The same codecs several times over in the real program: what differs is chance.
fn real_rows() {
    const RUNS: usize = 20;
    let payloads = ["records:500", "range:20k", "strings:5k"];
    let codecs = "json,json,json,json,json,json,json,json";
    println!(
        "\nof {RUNS} real tables of eight times json, those with any difference against the first row / the fastest"
    );
    for payload in payloads {
        let mut any = [0, 0];
        for seed in 0..RUNS {
            let seed = seed.to_string();
            let run = support::profile(&[payload, "--codec", codecs, "--rounds", "7", "--seed", &seed]);
            let rows = totals(&run);
            for (any, pivot) in any.iter_mut().zip([Pivot::Row(0), Pivot::Fastest]) {
                *any += usize::from(told_apart(&rows, pivot).sides.iter().any(Option::is_some));
            }
        }
        println!("{payload:<14} {}/{}", any[0], any[1]);
    }
}

fn totals(run: &Run) -> Vec<RowSamples> {
    let totals = run.measurements.iter().filter(|row| row.stage == Stage::Total);
    totals.map(|row| row.samples_ns.iter().map(|sample| sample.map(|ns| ns as f64)).collect()).collect()
}
