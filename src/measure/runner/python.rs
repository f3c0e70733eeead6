//! Rows measured inside CPython: encoded in one interpreter, carried by `multiprocessing.connection`, decoded in another.

use super::Runner;
use crate::clock::Quality;
use crate::measure::case::{Case, PythonCase};
use crate::measure::pair::Sampled;
use crate::measure::rig::Rig;
use crate::measure::row::Row;
use crate::measure::sample::{Failure, Phase, StageTimes};
use crate::model::Allocations;
use crate::payload::Schema;

/// A row in its interpreters.
pub(in crate::measure) struct PythonRunner(pub(in crate::measure) PythonCase);

impl Runner for PythonRunner {
    fn case(&self) -> Case {
        self.0.case()
    }

    fn prepare(&self, rig: &mut Rig<'_>) {
        rig.pairs.expect(&self.0);
    }

    fn refuses(&self, schema: &Schema) -> Option<String> {
        self.0.row.refuses(schema).map(str::to_owned)
    }

    fn clock(&self, own: Quality) -> Quality {
        Quality { overhead_ns: self.0.interpreter.clock_overhead_ns, ..own }
    }

    fn sample(&mut self, rig: &mut Rig<'_>, row: &mut Row, phase: Phase) -> Result<StageTimes, Failure> {
        let case = &self.0;
        let calibrates = phase == Phase::Calibrate;
        let repeats = (row.repeats.encode, row.repeats.decode);
        let Sampled { sent, received, digest, expected, module } =
            rig.pairs.sample(case, &rig.subjects, repeats, calibrates, rig.interrupted)?;
        let mut times = StageTimes {
            encode: sent.encode_ns,
            transfer: received.received_at.zip(sent.sent_at).map(|(end, start)| end.saturating_sub(start)),
            decode: received.decode_ns,
            ..StageTimes::default()
        };
        let end_to_end = received.decoded_at.unwrap_or_default().saturating_sub(sent.start);
        times.end_to_end(end_to_end, row.repeats, case.interpreter.clock_overhead_ns);
        if calibrates {
            row.case.version = case.version(module.as_deref());
            row.encoded_bytes = sent.bytes;
            row.encode_allocations = only_resident(sent.peak_resident_bytes);
            row.decode_allocations = only_resident(received.peak_resident_bytes);
        }
        if !row.arrived(received.repeats_agree, digest, expected)? {
            row.lost(digest, rig.pairs.losses(case, rig.interrupted)?);
        }
        rig.tally.measured_ns += times.measured();
        Ok(times)
    }
}

/// The known figures of the memory of an operation in Python, whose allocators do not count.
fn only_resident(bytes: Option<u64>) -> Option<Allocations> {
    bytes.map(|bytes| Allocations { peak_resident_bytes: Some(bytes), ..Allocations::default() })
}
