//! A row of Python's turn in a round.

use super::PythonTrip;
use super::pair::Sampled;
use crate::measure::Session;
use crate::measure::lane::Taken;
use crate::measure::session::{Failure, Kind};
use crate::model::Allocations;

impl Session<'_> {
    /// Takes one sample of a lane in its interpreters.
    pub(in crate::measure) fn sample_in_python(
        &mut self,
        at: usize,
        trip: &PythonTrip,
        kind: Kind,
    ) -> Result<Taken, Failure> {
        let repeats = self.results.lanes[at].repeats;
        let counts = kind == Kind::Count;
        let interrupted = self.interrupted;
        let Sampled { sent, received, digest, expected, module } =
            self.pairs.sample(trip, &self.subjects, (repeats.encode, repeats.decode), counts, interrupted)?;
        let mut taken = Taken {
            encode: sent.encode_ns,
            transfer: received.received_at.zip(sent.sent_at).map(|(end, start)| end.saturating_sub(start)),
            decode: received.decode_ns,
            ..Taken::default()
        };
        let end_to_end = received.decoded_at.unwrap_or_default().saturating_sub(sent.start);
        let end_to_end = end_to_end.saturating_sub(self.readings_between(at, &taken));
        taken.total = Some(taken.without_surplus(end_to_end, repeats));
        let lane = &mut self.results.lanes[at];
        if counts {
            lane.version = trip.version(module.as_deref());
            lane.encoded_bytes = sent.bytes;
            lane.encode_allocations = only_resident(sent.peak_resident_bytes);
            lane.decode_allocations = only_resident(received.peak_resident_bytes);
        }
        if !lane.arrived(received.repeats_agree, digest, expected)? {
            let losses = self.pairs.losses(trip, interrupted)?;
            self.results.lanes[at].lost(digest, losses);
        }
        self.results.measured_ns += taken.measured();
        Ok(taken)
    }
}

/// What is known of the memory of an operation in Python, whose allocators do not count.
fn only_resident(bytes: Option<u64>) -> Option<Allocations> {
    bytes.map(|bytes| Allocations { peak_resident_bytes: Some(bytes), ..Allocations::default() })
}
