//! The line of a process's standard error that an error message quotes.

use std::path::Path;

/// The bytes of standard error that are searched.
const MOST_SAID: usize = 64 << 10;
/// The characters that are quoted.
const MOST_QUOTED: usize = 300;

/// The last line that says something: of a traceback the one that names the exception, and none that is a mere heading of
/// what was to follow, since several processes may be saying something at once.
pub(super) fn last_words(said: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&said[said.len().saturating_sub(MOST_SAID)..]).into_owned();
    let lines = || text.lines().rev().map(str::trim_end).filter(|line| !line.is_empty());
    let line = lines().find(|line| !is_heading(line)).or_else(|| lines().next())?;
    Some(line.trim().chars().take(MOST_QUOTED).collect())
}

/// The same, with the last line of this program that a traceback names.
pub fn last_words_of(said: &[u8], program: &Path) -> Option<String> {
    let words = last_words(said)?;
    let text = String::from_utf8_lossy(&said[said.len().saturating_sub(MOST_SAID)..]).into_owned();
    let start = format!("File \"{}\", line ", program.display());
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let Some(at) = lines.iter().rposition(|line| line.starts_with(&start)) else { return Some(words) };
    let number: String = lines[at][start.len()..].chars().take_while(char::is_ascii_digit).collect();
    let source = lines.get(at + 1).filter(|line| !line.starts_with("File ") && **line != words);
    let source = source.map(|line| format!(": {}", line.chars().take(MOST_QUOTED).collect::<String>()));
    let name = program.file_name().unwrap_or_default().display();
    Some(format!("{words} (line {number} of {name}{})", source.unwrap_or_default()))
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

        let of = |text: &str| last_words_of(text.as_bytes(), Path::new("/a/x.py"));
        let placed =
            "  File \"/a/x.py\", line 7, in f\n    raise ValueError(1)\n  File \"/b.py\", line 1\nValueError: 1\n";
        assert_eq!(of(placed).as_deref(), Some("ValueError: 1 (line 7 of x.py: raise ValueError(1))"));
        let syntax = "  File \"/a/x.py\", line 2\n    def f(:\n          ^\nSyntaxError: invalid syntax\n";
        assert_eq!(of(syntax).as_deref(), Some("SyntaxError: invalid syntax (line 2 of x.py: def f(:)"));
        assert_eq!(of("ValueError: 1\n").as_deref(), Some("ValueError: 1"));

        let first = |text: &str| first_words(text.as_bytes());
        assert_eq!(first("cat: invalid option\nTry 'cat --help'\n").as_deref(), Some("cat: invalid option"));
        assert_eq!(first(traceback).as_deref(), Some("ValueError: no"));
    }
}
