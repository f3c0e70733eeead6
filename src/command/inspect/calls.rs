//! `--fail-on-calls`: whether loading a file calls nothing but what is known.

use crate::model::{CalledName, Inspected, RESULT_OF, Trust};
use crate::report::{call_place, call_words};
use anyhow::bail;

/// The number of names that have a line of their own.
const MOST: usize = 10;

/// Says what loading the file would import and call that is not known to be harmless.
pub(super) fn hold(file: &Inspected) -> bool {
    let Some(calls) = &file.calls else { return true };
    let refused: Vec<&CalledName> = calls.refused().collect();
    for name in refused.iter().take(MOST) {
        let remedy = match (name.trust, name.name.strip_prefix(RESULT_OF)) {
            (_, Some(made_by)) => format!("--allow-call {made_by} permits it"),
            (Trust::Unknown, None) => "it is known only when the file is loaded".to_owned(),
            _ => format!("--allow-call {} permits it", name.name),
        };
        let (words, place) = (call_words(name), call_place(name));
        crate::ui::error(&format!("{}: loading it {words} {} ({place}); {remedy}", file.name, name.name));
    }
    if refused.len() > MOST {
        crate::ui::error(&format!("{}: and {} other names", file.name, refused.len() - MOST));
    }
    refused.is_empty()
}

/// Refuses patterns that would permit everything, or nothing.
pub(super) fn check_patterns(patterns: &[String]) -> anyhow::Result<()> {
    for pattern in patterns {
        let name = pattern.strip_suffix(".*").unwrap_or(pattern);
        if name.is_empty() || name.contains('*') || !pattern.contains('.') || name.contains(char::is_whitespace) {
            bail!(
                "--allow-call {pattern:?} is not a name, as in 'myapp.models.User', or all below a module, as in 'myapp.*'"
            );
        }
    }
    Ok(())
}
