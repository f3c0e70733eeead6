//! Talk on stderr: warnings, errors, and how far a run has come. stdout is for data and never touched here.
//!
//! Colours go through `anstream`, which leaves them out where stderr is not a terminal or `NO_COLOR` is set.

use crate::model::Nanos;
use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default();

/// Redraws per second: enough to see it move, too few to disturb what is measured meanwhile.
const REDRAWS: u8 = 4;
/// The positions of the bar, which indicatif counts in whole steps.
const STEPS: u64 = 1000;

/// Says something that a person should know and that stops nothing.
pub fn warn(text: &str) {
    say(WARNING, "warning", text);
}

/// Says something that a person may want to know while waiting.
pub fn note(text: &str) {
    say(NOTE, "note", text);
}

/// Says why something was not done.
pub fn error(text: &str) {
    say(ERROR, "error", text);
}

fn say(style: Style, word: &str, text: &str) {
    // A closed stderr is not a reason to fail.
    let _ = writeln!(anstream::stderr(), "{style}{word}:{style:#} {}", harmless(text));
}

/// The text without what a terminal would obey; it may quote the user's data. Line ends stay.
fn harmless(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}")
}

/// A bar with what is being measured, how much of the work is done, and the time left. Shown on a terminal only.
///
/// It draws when it is told something and has no thread of its own, which would compete with the measured operations.
#[derive(Clone, Debug)]
pub struct Progress {
    bar: ProgressBar,
    /// Lines above the bar.
    list: ProgressBar,
    all: MultiProgress,
}

/// The bar that is shown, for the code that ends the program from elsewhere.
static SHOWN: Mutex<Option<Progress>> = Mutex::new(None);

/// Takes away the bar that is shown, from whichever code shows it.
pub fn take_progress_away() {
    if let Some(shown) = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).take() {
        shown.clear();
    }
}

impl Default for Progress {
    fn default() -> Self {
        Progress::new()
    }
}

impl Progress {
    /// Begins at nothing done.
    pub fn new() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let target = if std::io::stderr().is_terminal() && !dumb {
            ProgressDrawTarget::stderr_with_hz(REDRAWS)
        } else {
            ProgressDrawTarget::hidden()
        };
        let all = MultiProgress::with_draw_target(target);
        let list = all.add(ProgressBar::no_length());
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            list.set_style(style);
        }
        let bar = all.add(ProgressBar::new(STEPS));
        // The message comes last and is cut to what is left of the terminal's width.
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {prefix}  {wide_msg}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        let progress = Progress { bar, list, all };
        *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress.clone());
        progress
    }

    /// Shows that this part of the work, 0 to 1, is done, what is probably left, and what is going on now.
    pub fn set(&self, fraction: f64, left: Option<Nanos>, what: &str) {
        if self.bar.is_hidden() {
            return;
        }
        let fraction = if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 };
        self.bar.set_prefix(status(fraction, left));
        self.bar.set_message(harmless(what).replace('\n', " "));
        self.bar.set_position((fraction * STEPS as f64) as u64);
    }

    /// Whether it is visible.
    pub fn is_shown(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// Shows these lines above the bar, as many as the terminal has room for.
    pub fn list(&self, lines: &[String]) {
        if !self.is_shown() {
            return;
        }
        let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok();
        let (rows, columns) = size.map_or((24, 80), |size| (usize::from(size.ws_row), usize::from(size.ws_col)));
        let shown = lines
            .iter()
            .take(rows.saturating_sub(2))
            .map(|line| harmless(line).replace('\n', " ").chars().take(columns.saturating_sub(1)).collect::<String>());
        self.list.set_message(shown.collect::<Vec<_>>().join("\n"));
    }

    /// Takes the bar away while `say` writes to the terminal.
    pub fn suspend<R>(&self, say: impl FnOnce() -> R) -> R {
        self.all.suspend(say)
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.list.finish_and_clear();
        self.bar.finish_and_clear();
    }

    /// Takes the bar away for good.
    pub fn finish(self) {
        self.clear();
    }
}

/// `42 %  12 s left`, always as wide, so that what follows stands still.
fn status(fraction: f64, left: Option<Nanos>) -> String {
    let done = format!("{:>3.0} %", (fraction * 100.0).floor());
    let left = left.map_or(String::new(), |left| format!("{} left", coarse(left.0)));
    format!("{done}  {left:<11}")
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
    fn what_is_done_and_left_stands_still() {
        assert_eq!(status(0.0, None), "  0 %             ");
        assert_eq!(status(0.425, Some(Nanos(11.2e9))), " 42 %  12 s left  ");
        assert_eq!(status(1.0, Some(Nanos(0.0))), "100 %  0 s left   ");
        assert_eq!(status(0.25, Some(Nanos(300e9))), " 25 %  5 min 00 left");
    }

    #[test]
    fn without_a_terminal_nothing_is_drawn_and_nothing_panics() {
        let progress = Progress::new();
        progress.set(f64::NAN, None, "json");
        progress.set(7.0, Some(Nanos(1.0)), "json");
        progress.list(&["json".to_owned()]);
        assert_eq!(progress.suspend(|| 3), 3);
        progress.finish();
    }
}
