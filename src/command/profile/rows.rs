//! The rows of a payload that was read: measured by this program or by derived code, then counted.

use super::instructions::{self, Withheld};
use super::{derived, job};
use crate::args::Profile;
use crate::host::own_program;
use crate::measure::{Outcome, Study};
use crate::model::{Run, Sink, clean};
use crate::payload::Payload;
use anyhow::Context;
use std::fs;

/// Measures the rows, and counts their instructions where that is wanted; only then they are complete.
pub(super) fn measure(
    args: &Profile,
    study: &mut Study,
    at: usize,
    payload: &Payload,
    run: &mut Run,
    sink: &mut dyn Sink,
) -> anyhow::Result<Outcome> {
    if !args.instructions {
        return measured(args, study, at, payload, run, sink);
    }
    let outcome = measured(args, study, at, payload, run, &mut Withheld(sink));
    sink.closed(run);
    outcome
}

fn measured(
    args: &Profile,
    study: &mut Study,
    at: usize,
    payload: &Payload,
    run: &mut Run,
    sink: &mut dyn Sink,
) -> anyhow::Result<Outcome> {
    if args.layouts.is_some() && payload.own.is_some() {
        let name = clean(&payload.name);
        sink.warn(&format!(
            "--layouts: {name} is of a type of this program, and is measured in the layout that it has"
        ));
    }
    if args.derived && payload.own.is_none() {
        return derived::measure(args, study, at, payload, run, sink);
    }
    let outcome = study.measure(at, payload, run, sink)?;
    if outcome == Outcome::Interrupted || !args.instructions {
        return Ok(outcome);
    }
    let program = own_program().and_then(fs::read_link).context("--instructions")?;
    let counting = Some((program, job::job(args, study, at, payload, &[], None, run)));
    Ok(instructions::add(study, payload, counting, run, sink))
}
