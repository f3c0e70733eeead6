//! Runners, which take the samples of a row: this program with its own codecs, or interpreters with Python's.
//!
//! To add one: a file here, and a case that the study makes it of.

#[cfg(feature = "python")]
mod python;
mod rust;

#[cfg(feature = "python")]
pub(super) use python::PythonRunner;
pub(super) use rust::RustRunner;

use super::case::Case;
use super::rig::Rig;
use super::row::Row;
use super::sample::{Failure, Phase, StageTimes};
use crate::clock::Quality;
use crate::payload::{Column, Schema};

/// Takes the samples of one row.
pub(super) trait Runner {
    /// Its case.
    fn case(&self) -> Case;

    /// Announces to the rig what it will use.
    fn prepare(&self, _rig: &mut Rig<'_>) {}

    /// The reason for which it cannot take messages of `schema`, known without trying.
    fn refuses(&self, schema: &Schema) -> Option<String>;

    /// What it takes in memory beside the payload, its encoding and its decoded copy, where that is much.
    fn memory_bytes(&self, _column: &Column) -> u64 {
        0
    }

    /// The quality of the clock that it reads; this program's is `own`.
    fn clock(&self, own: Quality) -> Quality {
        own
    }

    /// Takes one sample. Sizes, losses and allocations go to the row.
    fn sample(&mut self, rig: &mut Rig<'_>, row: &mut Row, phase: Phase) -> Result<StageTimes, Failure>;

    /// Encodes once to find the size alone. Returns whether that is possible.
    fn find_size(&mut self, _rig: &mut Rig<'_>, _row: &mut Row) -> Result<bool, Failure> {
        Ok(false)
    }
}
