//! Parts as folded stacks, which tools that draw flame graphs read.

use super::{PartsView, chosen};
use crate::model::{Inspected, clean};
use std::fmt::Write;

/// Folded stacks: the steps of a path divided by `;`, a blank, and the bytes that are the part's own.
pub fn folded(files: &[Inspected], view: &PartsView) -> String {
    let frame = |text: &str| clean(text).replace(';', ",");
    let mut out = String::new();
    for file in files {
        let parts = &file.attribution.parts;
        // A part that is not shown is counted in its parent.
        let mut own: Vec<u64> = parts.iter().map(|part| part.own_bytes).collect();
        let kept: std::collections::BTreeSet<usize> = chosen(&file.attribution, view).map(|(at, _)| at).collect();
        for at in (1..parts.len()).rev().filter(|at| !kept.contains(at)) {
            if let Some(parent) = parts[at].parent {
                own[parent] += own[at];
            }
        }
        for &at in kept.iter().filter(|&&at| own[at] > 0) {
            let above = std::iter::successors(Some(at), |&at| parts[at].parent).filter(|&at| at > 0);
            let mut frames: Vec<String> = above.map(|at| frame(&parts[at].step)).collect();
            frames.push(frame(&file.name));
            frames.reverse();
            let _ = writeln!(out, "{} {}", frames.join(";"), own[at]);
        }
    }
    out
}
