//! `sercost inspect`: who owns which bytes of a pickle, from real interpreters and from hostile hands.

mod archives;
mod calls;
mod checks;
mod command;
mod contents;
mod growth;
mod hostile;
mod names;
mod naming;
mod paths;
mod pythons;
mod random;
mod real;
mod screen;
mod streams;
mod torch;
mod twice;

use sercost::model::Attribution;
use sercost_pickle::{Options, attribute};

/// Checks what must hold of every attribution: each byte belongs to one part, and parts contain what they consist of.
#[track_caller]
fn check(attribution: &Attribution) {
    let own: u64 = attribution.parts.iter().map(|part| part.own_bytes).sum();
    assert_eq!(own, attribution.bytes, "{attribution:#?}");
    let mut below: Vec<u64> = attribution.parts.iter().map(|part| part.own_bytes).collect();
    for (at, part) in attribution.parts.iter().enumerate().rev() {
        assert_eq!(below[at], part.bytes, "{}", attribution.path(at));
        assert!(part.related.iter().all(|&other| other < attribution.parts.len()));
        match part.parent {
            Some(parent) => {
                assert!(parent < at);
                below[parent] += below[at];
            }
            None => assert_eq!(at, 0),
        }
    }
}

/// The attribution of a pickle that must be whole.
#[track_caller]
fn whole(data: &[u8]) -> Attribution {
    let attribution = attribute(data, &Options::default());
    check(&attribution);
    assert_eq!(attribution.fault, None);
    assert_eq!(attribution.find("(unread)"), None);
    attribution
}
