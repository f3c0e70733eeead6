//! Text of the user's that is to be shown.

/// The text on one line and harmless to a terminal: line ends become blanks, other control characters and those
/// that reorder text become escapes. Names, paths and errors come from the user's data.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\n' | '\r' | '\t' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            _ if c.is_control()
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                out.extend(c.escape_unicode());
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_harmless() {
        assert_eq!(clean("a\u{1b}[31m\r\n\tb\u{202e}"), "a\\u{1b}[31m b\\u{202e}");
    }
}
