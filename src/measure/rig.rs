//! The equipment of all samples of a payload: messages, settings, the processes at the other end, and tallies.

use super::child::Child;
use super::fidelity::Subjects;
use super::noise::NoiseWatch;
#[cfg(feature = "python")]
use super::pair::Pairs;
use super::settings::Settings;
use crate::clock::{peak_resident_bytes, reset_peak_resident};
use crate::host::ChildError;
use crate::model::Representation;
use crate::payload::{digest_rows, digest_tree, fold_digests};
use std::sync::atomic::AtomicBool;

/// The equipment of a payload.
pub(super) struct Rig<'a> {
    pub(super) settings: &'a Settings,
    pub(super) subjects: Subjects<'a>,
    pub(super) interrupted: &'a AtomicBool,
    /// The receiving process, once a row of Rust has sent anything.
    receiver: Option<Child>,
    /// The interpreters of rows of Python.
    #[cfg(feature = "python")]
    pub(super) pairs: Pairs,
    pub(super) watch: NoiseWatch,
    pub(super) tally: Tally,
    typed_digest: u64,
    tree_digest: u64,
}

/// Sums and peaks over all samples.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// Nanoseconds inside measured operations.
    pub(super) measured_ns: u64,
    /// The most memory that the sending and the receiving process had resident, where they measured anything.
    pub(super) sender_peak: Option<u64>,
    pub(super) receiver_peak: Option<u64>,
}

impl<'a> Rig<'a> {
    pub(super) fn new(settings: &'a Settings, subjects: Subjects<'a>, interrupted: &'a AtomicBool) -> Self {
        let Subjects { column, trees, messages, .. } = subjects;
        let rows = (0..column.len()).map(|row| digest_rows(column, row..row + 1));
        Rig {
            settings,
            subjects,
            interrupted,
            receiver: None,
            #[cfg(feature = "python")]
            pairs: Pairs::new(settings.python_gc),
            watch: NoiseWatch::start(settings.own_load),
            tally: Tally::default(),
            typed_digest: fold_digests(cycled(rows.collect(), messages)),
            tree_digest: fold_digests(cycled(trees.iter().map(digest_tree).collect(), messages)),
        }
    }

    /// The digest of the messages after a round trip without losses.
    pub(super) fn expected_digest(&self, representation: Representation) -> u64 {
        match representation {
            Representation::Dynamic => self.tree_digest,
            Representation::Typed | Representation::Derived | Representation::Python => self.typed_digest,
        }
    }

    /// The receiving process, started if it is not there.
    pub(super) fn receiver(&mut self) -> Result<&mut Child, ChildError> {
        Ok(match &mut self.receiver {
            Some(child) => child,
            none => {
                let own = self.subjects.own.map(|own| own.name.as_str());
                none.insert(Child::start(&self.settings.program, self.subjects.schema, own, self.interrupted)?)
            }
        })
    }

    /// The receiving process, if it is running.
    pub(super) fn running_receiver(&mut self) -> Option<&mut Child> {
        self.receiver.as_mut()
    }

    /// Ends the receiving process, which may wait for bytes that will not come.
    pub(super) fn end_receiver(&mut self) {
        self.receiver = None;
    }

    /// Ends all processes.
    pub(super) fn end_all(&mut self) {
        self.end_receiver();
        #[cfg(feature = "python")]
        self.pairs.end_all();
    }

    /// Notes the most memory that this process had resident.
    pub(super) fn note_resident(&mut self) {
        self.tally.sender_peak = self.tally.sender_peak.max(peak_resident_bytes());
    }

    /// Notes it, and begins anew.
    pub(super) fn reset_resident(&mut self) {
        self.note_resident();
        reset_peak_resident();
    }
}

/// The digests of `messages` messages, of which there are as many different ones as digests.
fn cycled(digests: Vec<u64>, messages: usize) -> impl Iterator<Item = u64> {
    let count = digests.len();
    (0..if count == 0 { 0 } else { messages }).map(move |at| digests[at % count])
}
