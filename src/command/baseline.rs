//! The run that `--baseline` names, which this one is held against.

use crate::analysis::{compare, counterpart, other_payload, other_settings};
use crate::args::Profile;
use crate::model::{Comparison, PayloadInfo, Run};
use crate::store;
use anyhow::{Context, bail};
use std::path::PathBuf;

/// The words that say how to compare nevertheless.
const REMEDY: &str = "--any-baseline compares with it all the same";

/// An earlier run.
pub(super) struct Baseline {
    path: PathBuf,
    run: Run,
    /// Whether it may be of other data.
    any: bool,
}

impl Baseline {
    /// Reads the run that is asked for, and holds its settings against those of the run that begins.
    ///
    /// # Errors
    ///
    /// When it is no results file, has no rows of `sercost profile`, or was measured with other settings.
    pub(super) fn read(args: &Profile, now: &Run) -> anyhow::Result<Option<Baseline>> {
        let Some(path) = &args.baseline else { return Ok(None) };
        let run = store::read(path).context("--baseline")?;
        let shown = path.display();
        if run.payloads.is_empty() {
            bail!("--baseline {shown}: it has no rows of \"sercost profile\" to compare with");
        }
        let baseline = Baseline { path: path.clone(), run, any: args.any_baseline };
        baseline.refuse(other_settings(&now.environment, &baseline.run.environment))?;
        Ok(Some(baseline))
    }

    /// Holds a payload against that of the earlier run, where there is one; `payloads` is the number of this run's.
    ///
    /// # Errors
    ///
    /// When its data differ.
    pub(super) fn check(&self, now: &PayloadInfo, payloads: usize) -> anyhow::Result<()> {
        let before = counterpart(&now.name, payloads, &self.run);
        self.refuse(before.and_then(|before| other_payload(now, before)))
    }

    fn refuse(&self, reason: Option<String>) -> anyhow::Result<()> {
        match reason.filter(|_| !self.any) {
            Some(reason) => bail!("--baseline {}: {reason}; {REMEDY}", self.path.display()),
            None => Ok(()),
        }
    }

    /// What changed since.
    pub(super) fn comparison(&self, now: &Run) -> Comparison {
        Comparison {
            baseline: self.path.display().to_string(),
            started_at: self.run.environment.started_at.clone(),
            sercost_version: self.run.environment.sercost_version.clone(),
            rows: compare(now, &self.run),
        }
    }
}
