//! A program for your own types: `sercost profile` of the payloads of a study.

use super::EXIT_ERROR;
use super::supervise::supervise;
use crate::args::{Args, Verb};
use crate::bench::{CommandLine, Outcome, Study};
use crate::ui;
use std::ffi::OsString;

/// Options of which one is enough: they say how long to measure.
const LENGTHS: [&str; 3] = ["--time", "--rounds", "--quick"];

/// A whole program around a study: the receiving process, the measuring, the table on standard output.
///
/// It takes the options of `sercost profile` on its own command line, where they come before those of the study:
/// `cargo bench --bench orders -- --codec json,postcard --out run.json`. Names of payloads choose among them.
pub fn main(ask: impl FnOnce(Study) -> Study) -> Outcome {
    let CommandLine { own, payloads, options } = match Study::answered(ask).into_command_line() {
        Ok(line) => line,
        Err(error) => {
            ui::error(&error.to_string());
            return Outcome::from(EXIT_ERROR);
        }
    };
    // Cargo tells every bench that it is one.
    let given: Vec<OsString> = std::env::args_os().skip(1).filter(|argument| argument != "--bench").collect();
    let has = |flag: &str| {
        given.iter().any(|argument| {
            let argument = argument.to_string_lossy();
            let is_long = argument.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('='));
            is_long || (flag == "--codec" && argument.starts_with("-c"))
        })
    };
    let has_length = LENGTHS.into_iter().any(has);
    let mut line: Vec<OsString> = vec!["sercost".into(), "profile".into()];
    line.extend(payloads.iter().cloned());
    for (flag, value) in options {
        if !(has(flag) || has_length && LENGTHS.contains(&flag)) {
            line.push(flag.into());
            line.extend((!value.is_empty()).then(|| OsString::from(value)));
        }
    }
    line.extend(given);
    let mut args = Args::parse_line(line);
    if let Verb::Profile(profile) = &mut args.verb
        && profile.payloads.len() > payloads.len()
    {
        // Some were named: those alone.
        profile.payloads.drain(..payloads.len());
    }
    supervise(args, own)
}
