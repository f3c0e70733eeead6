//! The owners of the bytes of a file: as a tree for a person, and as tables for programs.

mod csv;
mod findings;
mod folded;
mod json;
mod markdown;
mod screen;
mod tree;

pub use self::csv::parts_csv;
pub use self::folded::folded;
pub use self::json::parts_json;
pub use self::markdown::parts_markdown;
pub use self::tree::parts_text;
use crate::model::{Attribution, Bytes, Inspected, Part, grouped};
use std::fmt::Write;

/// The lines of a first screen.
const LINES: usize = 30;

/// The extent to which the parts are shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct PartsView {
    /// Levels below the file.
    pub depth: Option<usize>,
    /// The least bytes of a part.
    pub least_bytes: Option<u64>,
    /// The most parts of a part.
    pub top: Option<usize>,
    /// The columns of text; [`usize::MAX`] where there is no terminal, so that nothing is cut.
    pub width: usize,
    /// Of text.
    pub color: bool,
}

impl PartsView {
    /// Whether nothing was asked for, so that what matters most is shown, and no more than fits on a screen.
    fn is_first_screen(&self) -> bool {
        self.depth.is_none() && self.least_bytes.is_none() && self.top.is_none()
    }
}

fn introduction(file: &Inspected) -> String {
    let attribution = &file.attribution;
    let mut text = format!("{} of {}", Bytes(attribution.bytes), file.format);
    if let Some(packed) = file.packed_bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, ", unpacked from {}", Bytes(packed));
    }
    match attribution.pickles {
        0 | 1 => {}
        pickles => {
            let _ = write!(text, ", {} pickles", grouped(pickles));
        }
    }
    if attribution.pickles > 0 {
        let _ = write!(text, ", protocol {}", attribution.protocol);
    }
    text
}

/// `99.99 %`; what is not all never shows as all.
fn share(bytes: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let hundredths = (bytes as f64 / whole as f64 * 10_000.0).round().min(10_000.0) as u64;
    let hundredths = if hundredths == 10_000 && bytes < whole { 9_999 } else { hundredths };
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// The parts of each part, the heaviest first.
fn children(attribution: &Attribution) -> Vec<Vec<usize>> {
    let mut children = vec![Vec::new(); attribution.parts.len().max(1)];
    for (at, part) in attribution.parts.iter().enumerate() {
        if let Some(parent) = part.parent.filter(|&parent| parent < at) {
            children[parent].push(at);
        }
    }
    for parts in &mut children {
        parts.sort_by_key(|&part| std::cmp::Reverse(attribution.parts[part].bytes));
    }
    children
}

/// The parts that a program gets: all, or those that were asked for.
fn chosen<'a>(attribution: &'a Attribution, view: &PartsView) -> impl Iterator<Item = (usize, &'a Part)> {
    let PartsView { depth, least_bytes, top, .. } = *view;
    let children = children(attribution);
    let mut levels = vec![0; attribution.parts.len()];
    let mut is_kept = vec![true; attribution.parts.len()];
    for at in 1..attribution.parts.len() {
        let part = &attribution.parts[at];
        let Some(parent) = part.parent else { continue };
        levels[at] = levels[parent] + 1;
        let place = || children[parent].iter().position(|&other| other == at).unwrap_or(0);
        is_kept[at] = is_kept[parent]
            && depth.is_none_or(|depth| levels[at] <= depth)
            && least_bytes.is_none_or(|least| part.bytes >= least)
            && top.is_none_or(|top| place() < top);
    }
    attribution.parts.iter().enumerate().filter(move |(at, _)| is_kept[*at])
}
