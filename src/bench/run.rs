//! The results of a study.

use super::Error;
use crate::analysis::{self, collect};
use crate::model::{self, Stage};
use crate::store;
use std::path::Path;
use std::time::Duration;

/// The measurements of a study.
#[derive(Clone, Debug)]
pub struct Run(model::Run);

impl Run {
    pub(super) fn new(run: model::Run) -> Self {
        Run(run)
    }

    /// All rows: of each payload, transport after transport, from the fastest to the slowest, and last what failed.
    pub fn rows(&self) -> Vec<Row<'_>> {
        collect(&self.0)
            .into_iter()
            .flat_map(|payload| payload.sections)
            .flat_map(|section| section.rows)
            .map(|(_, row)| Row(row))
            .collect()
    }

    /// The row of a payload and a format over the first transport.
    ///
    /// # Panics
    ///
    /// When there is none: the names are as they were given to the study.
    #[track_caller]
    pub fn row(&self, payload: &str, format: &str) -> Row<'_> {
        let mut rows = self.rows();
        let Some(at) = rows.iter().position(|row| row.payload() == payload && row.format() == format) else {
            let known: Vec<String> = rows.iter().map(|row| format!("{} {}", row.payload(), row.format())).collect();
            panic!("there is no row {payload} {format}; there are: {}", known.join(", "));
        };
        rows.swap_remove(at)
    }

    /// The table that the program prints.
    #[cfg(feature = "report")]
    pub fn text(&self) -> String {
        crate::report::text(&self.0, &crate::report::TextOptions { whole: true, ..Default::default() })
    }

    /// The results file, which `docs/RESULTS.md` describes.
    pub fn json(&self) -> String {
        self.0.to_json()
    }

    /// Writes the results file, replacing what is there as a whole or leaving it as it is.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        store::write(path.as_ref(), &self.0).map_err(Error::of)
    }
}

/// One payload in one format over one transport.
#[derive(Clone, Debug)]
pub struct Row<'a>(analysis::Row<'a>);

impl<'a> Row<'a> {
    /// The payload, as it was given.
    pub fn payload(&self) -> &'a str {
        self.0.key.payload
    }

    /// The format, with its compressor.
    pub fn format(&self) -> &str {
        &self.0.label
    }

    /// The transport.
    pub fn transport(&self) -> Option<&'a str> {
        self.0.key.transport
    }

    /// The bytes of one operation that cross: after compression, if there is any.
    ///
    /// # Panics
    ///
    /// When the row failed before there were bytes, with its reason.
    #[track_caller]
    pub fn bytes(&self) -> u64 {
        self.0.bytes().unwrap_or_else(|| panic!("{} {}: {}", self.payload(), self.format(), self.failure()))
    }

    /// The median time of encoding.
    pub fn encode(&self) -> Option<Duration> {
        self.median(Stage::Encode)
    }

    /// The median time from the sender's first byte to the receiver's last.
    pub fn transfer(&self) -> Option<Duration> {
        self.median(Stage::Transfer)
    }

    /// The median time of decoding.
    pub fn decode(&self) -> Option<Duration> {
        self.median(Stage::Decode)
    }

    /// The median time of the whole trip, by stamps of its own.
    pub fn total(&self) -> Option<Duration> {
        self.median(Stage::Total)
    }

    /// The rounds that it was measured in.
    pub fn rounds(&self) -> u64 {
        self.0.rounds()
    }

    /// The allocations of one encoding, in calls; `None` where [`CountingAllocator`](crate::CountingAllocator) is not
    /// the allocator of the program.
    pub fn encode_allocations(&self) -> Option<u64> {
        self.0.stage(Stage::Encode)?.allocations.as_ref()?.count
    }

    /// The allocations of one decoding, in calls; `None` as for encoding.
    pub fn decode_allocations(&self) -> Option<u64> {
        self.0.stage(Stage::Decode)?.allocations.as_ref()?.count
    }

    /// The losses of the round trip, by path, one sentence each; `None` where nothing was compared.
    pub fn losses(&self) -> Option<Vec<String>> {
        self.0.lossy()
    }

    /// Why it failed, or was left out.
    pub fn error(&self) -> Option<String> {
        self.0.error().or_else(|| self.0.left_out())
    }

    fn failure(&self) -> String {
        self.error().unwrap_or_else(|| "it was not measured".to_owned())
    }

    fn median(&self, stage: Stage) -> Option<Duration> {
        self.0.p50(stage).map(|nanoseconds| Duration::from_nanos(nanoseconds.round() as u64))
    }
}
