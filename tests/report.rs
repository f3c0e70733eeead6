//! What a user sees of a run: widths, tables, words.

mod synthetic;

use sercost::report::{TextOptions, csv, markdown, text};

fn at(run: &sercost::model::Run, width: usize) -> String {
    text(run, &TextOptions { width, color: false })
}

#[test]
fn show() {
    for width in [100, 80, 60] {
        println!("{}", at(&synthetic::plain(), width));
    }
    println!("{}", at(&synthetic::rich(), 100));
    println!("{}", at(&synthetic::rich(), 120));
    println!("{}", at(&synthetic::rich(), 60));
    println!("{}", markdown(&synthetic::rich()));
    println!("{}", csv(&synthetic::plain()));
}
