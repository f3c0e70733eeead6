//! The findings of bytes that could be saved, in words.

use super::{PartsView, share};
use crate::model::{Attribution, Bytes, Finding, Saving, Tally, clean, grouped};

/// The number of findings that are shown if nothing else is asked for.
const MOST: usize = 6;

/// The findings as sentences, with a last one for those that are not said.
pub(super) fn findings(attribution: &Attribution, view: &PartsView) -> Vec<String> {
    let all = &attribution.findings;
    let most = if view.is_first_screen() && all.len() > MOST + 1 { MOST } else { all.len() };
    let mut texts: Vec<String> = all[..most].iter().map(|finding| clean(&finding_text(attribution, finding))).collect();
    if most < all.len() {
        let saves: u64 = all[most..].iter().filter_map(|finding| finding.saves_bytes).sum();
        let saves = if saves > 0 { format!("; they would save {}", Bytes(saves)) } else { String::new() };
        texts.push(format!("{} more findings{saves} (--format json has all)", grouped((all.len() - most) as u64)));
    }
    texts
}

/// `$["a"]: the same bytes as $["b"] (3.9 MB, 49.00 %)`.
fn finding_text(attribution: &Attribution, finding: &Finding) -> String {
    let place = finding.part.map_or(String::new(), |part| format!("{}: ", attribution.place(part)));
    let saves = finding.saves_bytes.map_or(String::new(), |bytes| {
        format!("; that would save {} ({})", Bytes(bytes), share(bytes, attribution.bytes))
    });
    format!("{place}{}{saves}", finding.text)
}

pub(super) fn saving_text(tally: &Tally, saving: &Saving) -> String {
    let about = if saving.exact { "" } else { "about " };
    let change = if saving.bytes <= tally.bytes {
        format!("saves {}", share(tally.bytes - saving.bytes, tally.bytes))
    } else {
        format!("costs {} more", share(saving.bytes - tally.bytes, tally.bytes))
    };
    format!("{}: {about}{} bytes, {change}", saving.action, grouped(saving.bytes))
}
