//! The line of a process's standard error that an error message quotes.

/// The bytes of standard error that are searched.
const MOST_SAID: usize = 64 << 10;
/// The characters that are quoted.
const MOST_QUOTED: usize = 300;

/// The last line that says something: of a traceback the one that names the exception, and none that is a mere heading of
/// what was to follow, since several processes may be saying something at once.
pub fn last_words(said: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&said[said.len().saturating_sub(MOST_SAID)..]).into_owned();
    let lines = || text.lines().rev().map(str::trim_end).filter(|line| !line.is_empty());
    let line = lines().find(|line| !is_heading(line)).or_else(|| lines().next())?;
    Some(line.trim().chars().take(MOST_QUOTED).collect())
}

/// The line to quote of a program that may not be Python: the first one, since a hint at the usage follows the error.
pub(super) fn first_words(said: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&said[..said.len().min(MOST_SAID)]).into_owned();
    if text.contains("Traceback (") {
        return last_words(said);
    }
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().take(MOST_QUOTED).collect())
}

/// Whether a line belongs to the frames of a traceback, or announces them.
fn is_heading(line: &str) -> bool {
    let announces = ["Traceback (", "Current thread 0x", "Thread 0x", "Extension modules: "];
    line.starts_with(char::is_whitespace)
        || announces.iter().any(|start| line.starts_with(start))
        || (line.starts_with("Process ") && line.ends_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_says_something_is_quoted() {
        let last = |text: &str| last_words(text.as_bytes());
        let traceback =
            "Process Worker-1:\nTraceback (most recent call last):\n  File \"x.py\", line 1\nValueError: no\n";
        assert_eq!(last(traceback).as_deref(), Some("ValueError: no"));
        assert_eq!(last(&format!("{traceback}Process Worker-2:\n")).as_deref(), Some("ValueError: no"));
        let fatal = "begins\nFatal Python error: Aborted\n\nCurrent thread 0x00007f (most recent call first):\n  File \"x.py\"\n";
        assert_eq!(last(fatal).as_deref(), Some("Fatal Python error: Aborted"));
        assert_eq!(last("Process Worker-1:\n").as_deref(), Some("Process Worker-1:"));
        assert_eq!(last("\n \n"), None);
        assert_eq!(last(&"x".repeat(1000)).map(|words| words.len()), Some(300));

        let first = |text: &str| first_words(text.as_bytes());
        assert_eq!(first("cat: invalid option\nTry 'cat --help'\n").as_deref(), Some("cat: invalid option"));
        assert_eq!(first(traceback).as_deref(), Some("ValueError: no"));
    }
}
