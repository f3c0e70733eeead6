//! Talk on stderr: warnings, errors, and how far a run has come. stdout is for data and never touched here.
//!
//! Colours go through `anstream`, which leaves them out where stderr is no terminal or `NO_COLOR` is set.

use crate::model::Nanos;
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};

const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();

/// Redraws per second: enough to see it move, too few to disturb what is measured meanwhile.
const REDRAWS: u8 = 4;
/// The positions of the bar, which indicatif counts in whole steps.
const STEPS: u64 = 1000;

/// Says something that a person should know and that stops nothing.
pub fn warn(text: &str) {
    say(WARNING, "warning", text);
}

/// Says why something was not done.
pub fn error(text: &str) {
    say(ERROR, "error", text);
}

fn say(style: Style, word: &str, text: &str) {
    // A closed stderr is nobody listening, and no reason to fail.
    let _ = writeln!(anstream::stderr(), "{style}{word}:{style:#} {}", harmless(text));
}

/// The text without what a terminal would obey; it may quote the user's data. Line ends stay.
fn harmless(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}")
}

/// What a run ends by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// A time budget: the time left is known.
    Time(Nanos),
    /// A number of rounds: the time left is estimated from those that are done.
    Rounds(u64),
}

/// A bar with what is being measured, how much of the goal is reached, and the time left. Shown on a terminal only.
///
/// It draws when it is told something and has no thread of its own, which would compete with the measured operations.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    goal: Goal,
}

impl Progress {
    /// Begins at nothing done.
    pub fn new(goal: Goal) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let target = if std::io::stderr().is_terminal() && !dumb {
            ProgressDrawTarget::stderr_with_hz(REDRAWS)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(STEPS), target);
        // The message comes last and is cut to what is left of the terminal's width.
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {prefix}  {wide_msg}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Progress { bar, goal }
    }

    /// Shows that this part of the goal, 0 to 1, is reached, and what is at work now.
    pub fn set(&self, fraction: f64, what: &str) {
        if self.bar.is_hidden() {
            return;
        }
        let fraction = if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 };
        let elapsed = Nanos(self.bar.elapsed().as_nanos() as f64);
        self.bar.set_prefix(status(self.goal, fraction, elapsed));
        self.bar.set_message(harmless(what).replace('\n', " "));
        self.bar.set_position((fraction * STEPS as f64) as u64);
    }

    /// Takes the bar away while `say` writes to the terminal.
    pub fn suspend<R>(&self, say: impl FnOnce() -> R) -> R {
        self.bar.suspend(say)
    }

    /// Takes the bar away for good.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}

/// `42 %, 12 s left`, always as wide, so that what follows stands still.
fn status(goal: Goal, fraction: f64, elapsed: Nanos) -> String {
    let done = format!("{:>3.0} %", (fraction * 100.0).floor());
    let left = match goal {
        Goal::Time(budget) => Some(budget.0 * (1.0 - fraction)),
        // The first hundredth says too little of the others.
        Goal::Rounds(_) if fraction < 0.01 => None,
        Goal::Rounds(_) => Some(elapsed.0 * (1.0 - fraction) / fraction),
    };
    let left = left.map_or(String::new(), |left| format!("{} left", coarse(left)));
    let rounds = match goal {
        Goal::Time(_) => String::new(),
        Goal::Rounds(rounds) => format!("  {} of {rounds} rounds", (fraction * rounds as f64).floor()),
    };
    format!("{done}  {left:<11}{rounds}")
}

/// A time to wait for: whole seconds, or minutes with them.
fn coarse(nanos: f64) -> String {
    let seconds = (nanos / 1e9).ceil() as u64;
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min {:02}", seconds / 60, seconds % 60),
        _ => format!("{} h {:02}", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_of_a_budget_is_exact_and_that_of_rounds_an_estimate() {
        let budget = Goal::Time(Nanos(20e9));
        assert_eq!(status(budget, 0.425, Nanos(0.0)), " 42 %  12 s left  ");
        assert_eq!(status(budget, 1.0, Nanos(0.0)), "100 %  0 s left   ");
        assert_eq!(status(Goal::Rounds(40), 0.0, Nanos(5e9)), "  0 %               0 of 40 rounds");
        assert_eq!(status(Goal::Rounds(40), 0.25, Nanos(100e9)), " 25 %  5 min 00 left  10 of 40 rounds");
    }

    #[test]
    fn without_a_terminal_nothing_is_drawn_and_nothing_panics() {
        let progress = Progress::new(Goal::Rounds(0));
        progress.set(f64::NAN, "json");
        progress.set(7.0, "json");
        assert_eq!(progress.suspend(|| 3), 3);
        progress.finish();
    }
}
