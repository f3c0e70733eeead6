//! The conditions that every file must meet: sizes and shares of paths, and how much they may grow.

use super::calls::check_patterns;
use crate::args::Inspect;
use crate::model::{Attribution, Bytes, Found, Growth, Inspected, Path, parse_bytes};
use anyhow::{Context, bail};

/// The requested checks.
pub(super) struct Checks {
    limits: Vec<Limit>,
    growth: Vec<Limit>,
    if_present: bool,
}

/// The most that a path may have, or a file where there is no path.
struct Limit {
    option: &'static str,
    path: Option<Path>,
    most: Most,
}

#[derive(Clone, Copy)]
enum Most {
    Bytes(u64),
    Percent(f64),
}

impl Checks {
    pub(super) fn new(inspect: &Inspect) -> anyhow::Result<Self> {
        check_patterns(&inspect.allow_call)?;
        let mut limits = Vec::new();
        for text in &inspect.max_bytes {
            let (path, most) = split(text, "--max-bytes", "'$[\"optim\"]=10MB', or 10MB for the file")?;
            let most = Most::Bytes(parse_bytes(most).context("--max-bytes")?);
            limits.push(Limit { option: "--max-bytes", path, most });
        }
        for text in &inspect.max_share {
            let example = "'$.keywords[\"data\"]=50%'";
            let (path, most) = split(text, "--max-share", example)?;
            let share = percent_of(most).filter(|&share| path.is_some() && share <= 100.0);
            let share =
                share.with_context(|| format!("--max-share {text:?} is not a path and a share, as in {example}"))?;
            limits.push(Limit { option: "--max-share", path, most: Most::Percent(share) });
        }
        let mut growth = Vec::new();
        for text in &inspect.max_growth {
            let (path, most) = split(text, "--max-growth", "'$[\"optim\"]=5%', or 5% or 10MB for the file")?;
            let most = match percent_of(most) {
                Some(percent) => Most::Percent(percent),
                None => Most::Bytes(parse_bytes(most).context("--max-growth")?),
            };
            growth.push(Limit { option: "--max-growth", path, most });
        }
        if !growth.is_empty() && inspect.files.len() != 2 {
            bail!(
                "--max-growth compares two files, the older one first; there {}",
                match inspect.files.len() {
                    1 => "is one".to_owned(),
                    count => format!("are {count}"),
                }
            );
        }
        Ok(Checks { limits, growth, if_present: inspect.if_present })
    }

    /// Says what does not hold, and of which path.
    pub(super) fn hold(&self, file: &Inspected) -> bool {
        let held = self.limits.iter().map(|limit| match &limit.path {
            None => limit.hold_whole(file),
            Some(path) => limit.hold_path(file, path, self.if_present),
        });
        // Each says what is wrong.
        held.fold(true, |all, held| all & held)
    }

    /// Says what grew too much.
    pub(super) fn hold_growth(&self, growth: &Growth, old: &Inspected, new: &Inspected) -> bool {
        let held = self.growth.iter().map(|limit| match &limit.path {
            None => limit.hold_growth(growth, old, new),
            Some(path) => limit.hold_growth_of(path, old, new, self.if_present),
        });
        held.fold(true, |all, held| all & held)
    }
}

impl Limit {
    fn hold_whole(&self, file: &Inspected) -> bool {
        let attribution = &file.attribution;
        let Most::Bytes(most) = self.most else { return true };
        if attribution.bytes <= most {
            return true;
        }
        let heaviest = attribution.heaviest();
        let share = percent(attribution.parts[heaviest].bytes, attribution.bytes);
        crate::ui::error(&format!(
            "{}: {} is more than the {} allowed; {share:.2} % of it is {}, {}",
            file.name,
            Bytes(attribution.bytes),
            Bytes(most),
            attribution.path(heaviest),
            attribution.parts[heaviest].what,
        ));
        false
    }

    fn hold_path(&self, file: &Inspected, path: &Path, if_present: bool) -> bool {
        let attribution = &file.attribution;
        let exceeds = |bytes: u64| match self.most {
            Most::Bytes(most) => bytes > most,
            Most::Percent(most) => percent(bytes, attribution.bytes) > most,
        };
        let has = |bytes: u64| match self.most {
            Most::Bytes(most) => format!("has {}, which is more than the {} allowed", Bytes(bytes), Bytes(most)),
            Most::Percent(most) => {
                let share = percent(bytes, attribution.bytes);
                format!("has {share:.2} % of the bytes, which is more than the {most} % allowed")
            }
        };
        match path.find(attribution) {
            Found::Parts(parts) => {
                let bytes = sum(attribution, &parts);
                if exceeds(bytes) {
                    crate::ui::error(&format!("{}: {} {}", file.name, path.text(), has(bytes)));
                }
                !exceeds(bytes)
            }
            Found::Merged { parts, is_certain } => {
                let bytes = sum(attribution, &parts);
                // It has no more than all of them together.
                if !exceeds(bytes) && (is_certain || if_present) {
                    return true;
                }
                let why = if exceeds(bytes) { format!(", which {}", has(bytes)) } else { String::new() };
                crate::ui::error(&format!("{}{why}", self.merged(file, path, &parts)));
                false
            }
            Found::Missing(nearest) => self.missing(&file.name, path, nearest, if_present),
        }
    }

    /// The message that a path is one of several that were counted together.
    fn merged(&self, file: &Inspected, path: &Path, parts: &[usize]) -> String {
        format!(
            "{}: {}, which {} names, is not told apart from others: {} is all of them together, with {}",
            file.name,
            path.text(),
            self.option,
            standing(&file.attribution, parts),
            Bytes(sum(&file.attribution, parts)),
        )
    }

    /// Says that a path is not there.
    fn missing(&self, name: &str, path: &Path, nearest: Option<String>, if_present: bool) -> bool {
        if if_present {
            return true;
        }
        let remedy = match nearest {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => "--if-present passes files without it".to_owned(),
        };
        crate::ui::error(&format!("{name}: there is no {}, which {} names; {remedy}", path.text(), self.option));
        false
    }

    fn hold_growth(&self, growth: &Growth, old: &Inspected, new: &Inspected) -> bool {
        if !self.is_exceeded(growth.old_bytes, growth.new_bytes) {
            return true;
        }
        let most = growth.rows.iter().max_by_key(|row| row.difference());
        let most = most.map_or(String::new(), |row| {
            let grown = Bytes(u64::try_from(row.difference().max(0)).unwrap_or(u64::MAX));
            format!("; {grown} of it are of {}, {}", row.path, row.what)
        });
        let change = change(growth.old_bytes, growth.new_bytes);
        crate::ui::error(&format!("{}: {change} than {}, {}{most}", new.name, old.name, self.allowed()));
        false
    }

    fn hold_growth_of(&self, path: &Path, old: &Inspected, new: &Inspected, if_present: bool) -> bool {
        let (before, after) = (path.find(&old.attribution), path.find(&new.attribution));
        let bytes = |found: &Found, file: &Inspected| match found {
            Found::Parts(parts) | Found::Merged { parts, .. } => sum(&file.attribution, parts),
            Found::Missing(_) => 0,
        };
        if let (Found::Missing(_), Found::Missing(nearest)) = (&before, &after) {
            return self.missing(&format!("{} and {}", old.name, new.name), path, nearest.clone(), if_present);
        }
        for (found, file) in [(&before, old), (&after, new)] {
            if let Found::Merged { parts, .. } = found {
                crate::ui::error(&self.merged(file, path, parts));
                return false;
            }
        }
        let (was, is) = (bytes(&before, old), bytes(&after, new));
        if !self.is_exceeded(was, is) {
            return true;
        }
        let change = match before {
            Found::Missing(_) => format!("{} is new and has {}", path.text(), Bytes(is)),
            _ => format!("{}: {} than in {}", path.text(), change(was, is), old.name),
        };
        crate::ui::error(&format!("{}: {change}, {}", new.name, self.allowed()));
        false
    }

    fn is_exceeded(&self, old: u64, new: u64) -> bool {
        let grown = new.saturating_sub(old);
        match self.most {
            Most::Bytes(most) => grown > most,
            Most::Percent(most) => grown > 0 && (old == 0 || percent(grown, old) > most),
        }
    }

    fn allowed(&self) -> String {
        match self.most {
            Most::Bytes(most) => format!("and {} more are allowed", Bytes(most)),
            Most::Percent(most) => format!("and {most} % more are allowed"),
        }
    }
}

/// `2.20 MB (21.60 %) more: 12.4 MB and not 10.2 MB`.
fn change(old: u64, new: u64) -> String {
    let grown = new.saturating_sub(old);
    let share = if old == 0 { String::new() } else { format!(" ({:.2} %)", percent(grown, old)) };
    format!("{} is {}{share} more", Bytes(new), Bytes(grown))
}

/// The paths that hold what is not told apart.
fn standing(attribution: &Attribution, parts: &[usize]) -> String {
    let mut paths: Vec<String> = parts.iter().map(|&part| attribution.path(part)).collect();
    paths.dedup();
    let more = paths.len().saturating_sub(3);
    paths.truncate(3);
    let all = paths.join(", ");
    if more > 0 { format!("{all} and {more} others") } else { all }
}

fn sum(attribution: &Attribution, parts: &[usize]) -> u64 {
    parts.iter().map(|&part| attribution.parts[part].bytes).sum()
}

fn percent(bytes: u64, whole: u64) -> f64 {
    bytes as f64 / whole.max(1) as f64 * 100.0
}

/// Reads `5%`.
fn percent_of(text: &str) -> Option<f64> {
    let share: f64 = text.trim().strip_suffix('%')?.trim().parse().ok()?;
    (share.is_finite() && share >= 0.0).then_some(share)
}

/// Reads `$.path=limit`, or a limit alone.
fn split<'a>(text: &'a str, option: &str, example: &str) -> anyhow::Result<(Option<Path>, &'a str)> {
    let Some((path, limit)) = text.rsplit_once('=') else { return Ok((None, text.trim())) };
    let path =
        Path::parse(path).with_context(|| format!("{option} {text:?} does not begin with a path, as in {example}"))?;
    Ok((Some(path), limit.trim()))
}
