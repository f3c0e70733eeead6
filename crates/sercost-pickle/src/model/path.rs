//! Paths into a file as people write them: `$["a"]`, `$['a']`, `$.a`, `$ [ "a" ]`.

use super::{Attribution, nearest};

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// `$`, `$2`, or the member of an archive with its colon.
    Root(String),
    Attribute(String),
    /// A key that is a string, without its quotes.
    Key(String),
    /// A step in brackets or parentheses, with them and without blanks.
    Place(String),
}

/// A path as a person writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    text: String,
    steps: Vec<Step>,
}

/// The parts that an attribution has under a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// These parts have it: several where its values are of several kinds.
    Parts(Vec<usize>),
    /// It is not told apart: these parts hold it with others, if it is there, which is certain or not.
    Merged {
        /// Places in `parts`.
        parts: Vec<usize>,
        /// Whether it is surely among them.
        is_certain: bool,
    },
    /// It is not there. The nearest path that is, if one is near.
    Missing(Option<String>),
}

impl Path {
    /// Reads a path. None where it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut steps = steps(text)?;
        if steps.is_empty() {
            return None;
        }
        if !matches!(steps[0], Step::Root(_)) && !text.trim_start().starts_with('(') {
            steps.insert(0, Step::Root("$".to_owned()));
        }
        Some(Path { text: text.trim().to_owned(), steps })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Looks for it.
    pub fn find(&self, attribution: &Attribution) -> Found {
        let exact = self.matches(attribution, &|given, step| given == step);
        let found = if exact.is_empty() { self.matches(attribution, &is_alike) } else { exact };
        if !found.is_empty() {
            return Found::Parts(found);
        }
        let merged = self.matches(attribution, &|given, step| is_alike(given, step) || stands_for(step, given));
        if !merged.is_empty() {
            return match self.bounds(attribution) {
                Bounds::Outside => Found::Missing(None),
                Bounds::Within => Found::Merged { parts: merged, is_certain: true },
                Bounds::Unknown => Found::Merged { parts: merged, is_certain: false },
            };
        }
        let folded = self.folded(attribution);
        if !folded.is_empty() {
            return Found::Merged { parts: folded, is_certain: false };
        }
        Found::Missing(self.nearest(attribution))
    }

    /// The number of steps that lead to each part, where its path is the start of this one.
    fn progress(&self, attribution: &Attribution, is_same: &dyn Fn(&Step, &Step) -> bool) -> Vec<Option<usize>> {
        let mut progress: Vec<Option<usize>> = Vec::with_capacity(attribution.parts.len());
        for part in &attribution.parts {
            let before = match part.parent {
                Some(parent) => progress.get(parent).copied().flatten(),
                None => Some(0),
            };
            progress.push(before.and_then(|before| {
                let steps = steps(&part.step)?;
                let given = &self.steps[before..];
                // `$["a"]` is looked for in every member of an archive.
                if let [Step::Root(member)] = &steps[..]
                    && member.ends_with(':')
                    && given.first() != steps.first()
                {
                    return (before == 0).then_some(0);
                }
                let is_begun = steps.len() <= given.len() && steps.iter().zip(given).all(|(a, b)| is_same(b, a));
                is_begun.then_some(before + steps.len())
            }));
        }
        progress
    }

    fn matches(&self, attribution: &Attribution, is_same: &dyn Fn(&Step, &Step) -> bool) -> Vec<usize> {
        let progress = self.progress(attribution, is_same);
        let is_above = |part: usize| attribution.parts[part].parent.is_some_and(|at| progress[at] == progress[part]);
        let whole = Some(self.steps.len());
        (0..progress.len()).filter(|&part| progress[part] == whole && !is_above(part)).collect()
    }

    /// Whether the places of lists that it names are there, where lists are merged.
    fn bounds(&self, attribution: &Attribution) -> Bounds {
        let progress = self.progress(attribution, &|given, step| is_alike(given, step) || stands_for(step, given));
        let mut bounds = Bounds::Within;
        for (part, &steps) in attribution.parts.iter().zip(&progress) {
            let (Some(parent), Some(steps)) = (part.parent, steps) else { continue };
            let Some(Step::Place(place)) = steps.checked_sub(1).and_then(|last| self.steps.get(last)) else {
                if part.step.ends_with("[*]") || part.step.ends_with(".*") {
                    bounds = Bounds::Unknown;
                }
                continue;
            };
            if !part.step.ends_with("[*]") || place == "[*]" {
                continue;
            }
            let above = &attribution.parts[parent];
            let is_row = above.count == 1 && (above.what.starts_with("list") || above.what.starts_with("tuple"));
            let index: Option<u64> = place.trim_matches(['[', ']']).parse().ok();
            let count: u64 = attribution.children(parent).map(|child| attribution.parts[child].count).sum();
            match index.filter(|_| is_row) {
                Some(index) if index >= count => return Bounds::Outside,
                Some(_) => {}
                None => bounds = Bounds::Unknown,
            }
        }
        bounds
    }

    /// The parts that were folded together where it could be.
    fn folded(&self, attribution: &Attribution) -> Vec<usize> {
        let progress = self.progress(attribution, &|given, step| is_alike(given, step) || stands_for(step, given));
        let is_below = |part: &usize| {
            let above = attribution.parts[*part].parent.and_then(|parent| progress[parent]);
            attribution.parts[*part].step.contains('…') && above.is_some_and(|steps| steps > 0)
        };
        (0..progress.len()).filter(is_below).collect()
    }

    fn nearest(&self, attribution: &Attribution) -> Option<String> {
        /// The number of the heaviest paths that are compared, and the longest such path.
        const MOST: usize = 4000;
        const LONGEST: usize = 200;
        let mut parts: Vec<usize> = (1..attribution.parts.len()).collect();
        parts.sort_by_key(|&part| std::cmp::Reverse(attribution.parts[part].bytes));
        let paths: Vec<String> = parts.into_iter().take(MOST).map(|part| attribution.path(part)).collect();
        // Quotes and points are not what was mistyped.
        let known: Vec<(String, &String)> = paths
            .iter()
            .filter(|path| path.len() <= LONGEST)
            .filter_map(|path| Some((plain(&steps(path)?), path)))
            .collect();
        if self.text.len() > LONGEST {
            return None;
        }
        let found = nearest(&plain(&self.steps), known.iter().map(|(plain, _)| plain.as_str()))?.to_owned();
        known.into_iter().find(|(plain, _)| *plain == found).map(|(_, path)| path.clone())
    }
}

/// The names of steps in a row.
fn plain(steps: &[Step]) -> String {
    let name = |step: &Step| match step {
        Step::Root(name) => name.clone(),
        Step::Attribute(name) | Step::Key(name) => format!("/{name}"),
        Step::Place(place) => format!("/{}", place.trim_matches(['[', ']'])),
    };
    steps.iter().map(name).collect()
}

/// Whether the places of a path are there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bounds {
    Within,
    Outside,
    Unknown,
}

/// `.a` and `["a"]` are the same to who writes a path.
fn is_alike(given: &Step, step: &Step) -> bool {
    match (given, step) {
        (Step::Attribute(a) | Step::Key(a), Step::Attribute(b) | Step::Key(b)) => a == b,
        _ => given == step,
    }
}

/// Whether a step of a part that was merged stands for this one.
fn stands_for(step: &Step, given: &Step) -> bool {
    match step {
        Step::Place(place) if place == "[*]" => matches!(given, Step::Key(_) | Step::Place(_) | Step::Attribute(_)),
        Step::Attribute(name) if name == "*" => matches!(given, Step::Key(_) | Step::Attribute(_)),
        _ => false,
    }
}

/// The steps of a path; none where brackets or quotes are open.
fn steps(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (step, length) = match first {
            '$' => {
                let length = 1 + rest[1..].bytes().take_while(u8::is_ascii_digit).count();
                (Step::Root(rest[..length].to_owned()), length)
            }
            '.' => {
                let name = rest[1..].find(['.', '[']).map_or(&rest[1..], |end| &rest[1..1 + end]);
                (Step::Attribute(name.trim().to_owned()), 1 + name.len())
            }
            '[' | '(' => enclosed(rest)?,
            _ if steps.is_empty() => {
                let end = rest.find(":$").or_else(|| rest.strip_suffix(':').map(str::len))?;
                (Step::Root(rest[..=end].to_owned()), end + 1)
            }
            _ => return None,
        };
        if step == Step::Attribute(String::new()) {
            return None;
        }
        steps.push(step);
        rest = rest[length..].trim_start();
    }
    Some(steps)
}

/// The step in the brackets or parentheses that a text begins with, and its length.
fn enclosed(text: &str) -> Option<(Step, usize)> {
    let mut depth = 0usize;
    let mut quote = None;
    let mut place = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                place.push(c);
                place.push(chars.next()?.1);
                continue;
            }
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '(' | '{') => depth += 1,
            (None, ']' | ')' | '}') => depth = depth.checked_sub(1)?,
            (None, c) if c.is_whitespace() => continue,
            _ => {}
        }
        place.push(c);
        if depth == 0 {
            let inner = &place[1..place.len() - 1];
            let step = match unquoted(inner) {
                Some(key) if place.starts_with('[') => Step::Key(key),
                _ => Step::Place(place),
            };
            return Some((step, at + c.len_utf8()));
        }
    }
    None
}

/// A text in quotes of either kind, without them and its escapes.
fn unquoted(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|&quote| quote == '"' || quote == '\'')?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut out = String::new();
    let mut rest = inner;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == quote {
            // A tuple of two strings is not one string.
            return None;
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        let escape = rest.chars().next()?;
        rest = &rest[escape.len_utf8()..];
        let digits = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let number = rest.get(..digits).and_then(|digits| u32::from_str_radix(digits, 16).ok())?;
            rest = &rest[digits..];
            out.push(char::from_u32(number).unwrap_or('\u{fffd}'));
            continue;
        }
        out.push(match escape {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '0' => '\0',
            other => other,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Part;

    fn attribution(parts: &[(Option<usize>, &str, &str, u64)]) -> Attribution {
        let parts = parts.iter().map(|&(parent, step, what, count)| Part {
            parent,
            step: step.to_owned(),
            what: what.to_owned(),
            bytes: 10,
            count,
            ..Part::default()
        });
        Attribution {
            bytes: 10,
            pickles: 1,
            protocol: 4,
            out_of_band_buffers: 0,
            parts: parts.collect(),
            fault: None,
            notes: Vec::new(),
            findings: Vec::new(),
        }
    }

    #[test]
    fn paths_are_found_as_people_write_them() {
        let whole = attribution(&[
            (None, "", "file", 1),
            (Some(0), "$", "dict of 2", 1),
            (Some(1), "[\"a b\"]", "x.Y", 1),
            (Some(2), ".c", "int", 1),
            (Some(1), "['it\\'s']", "int", 1),
            (Some(1), "[(1, 'x')]", "int", 1),
        ]);
        for (text, part) in [
            ("$", 1),
            ("$[\"a b\"]", 2),
            ("$['a b']", 2),
            (" $ [ 'a b' ] . c ", 3),
            ("$[\"a b\"][\"c\"]", 3),
            ("[\"a b\"].c", 3),
            ("$[\"it's\"]", 4),
            ("$[ ( 1,'x' ) ]", 5),
        ] {
            assert_eq!(Path::parse(text).unwrap().find(&whole), Found::Parts(vec![part]), "{text}");
        }
        assert_eq!(Path::parse("$['a c']").unwrap().find(&whole), Found::Missing(Some("$[\"a b\"]".to_owned())));
        for bad in ["", "$[", "$['a]", "$.", "a", "$]"] {
            assert_eq!(Path::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_merged_part_stands_for_its_places() {
        let whole = attribution(&[
            (None, "", "file", 1),
            (Some(0), "$", "list of 3 dict", 1),
            (Some(1), "[*]", "dict of 1", 3),
            (Some(2), "[\"x\"]", "int", 3),
        ]);
        let find = |text: &str| Path::parse(text).unwrap().find(&whole);
        assert_eq!(find("$[2].x"), Found::Merged { parts: vec![3], is_certain: true });
        assert_eq!(find("$[3].x"), Found::Missing(None));
        assert_eq!(find("$['k'].x"), Found::Merged { parts: vec![3], is_certain: false });
        assert_eq!(find("$[*].x"), Found::Parts(vec![3]));
    }

    #[test]
    fn a_path_is_looked_for_in_every_member() {
        let whole = attribution(&[
            (None, "", "file", 1),
            (Some(0), "m/data.pkl:", "pickle", 1),
            (Some(1), "$", "dict", 1),
            (Some(2), "[\"a\"]", "int", 1),
        ]);
        for text in ["$.a", "m/data.pkl:$.a"] {
            assert_eq!(Path::parse(text).unwrap().find(&whole), Found::Parts(vec![3]), "{text}");
        }
        assert_eq!(
            Path::parse("n/data.pkl:$.a").unwrap().find(&whole),
            Found::Missing(Some("m/data.pkl:$[\"a\"]".to_owned()))
        );
    }
}
