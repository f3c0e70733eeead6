//! Who takes the samples of a row: this program with its own codecs, or interpreters with Python's.
//!
//! To add one: a file here, and a case that the study makes it of.

mod python;
mod rust;

pub(super) use python::PythonRunner;
pub(super) use rust::RustRunner;

use super::case::Case;
use super::rig::Rig;
use super::row::Row;
use super::sample::{Failure, Phase, StageTimes};
use crate::clock::Quality;
use crate::payload::Schema;

/// Takes the samples of one row.
pub(super) trait Runner {
    /// What it measures.
    fn case(&self) -> Case;

    /// Tells the rig what it will need.
    fn prepare(&self, _rig: &mut Rig<'_>) {}

    /// Why it cannot take messages of `schema`, known before it is tried.
    fn refuses(&self, schema: &Schema) -> Option<String>;

    /// The clock as it reads it, which for this program is `own`.
    fn clock(&self, own: Quality) -> Quality {
        own
    }

    /// Takes one sample. What is not of this sample alone goes to the row.
    fn sample(&mut self, rig: &mut Rig<'_>, row: &mut Row, phase: Phase) -> Result<StageTimes, Failure>;

    /// Encodes once for the size alone, where that can be had; whether that gave one.
    fn find_size(&mut self, _rig: &mut Rig<'_>, _row: &mut Row) -> Result<bool, Failure> {
        Ok(false)
    }
}
