//! Rows measured by this program: encoded, compressed and sent here, received, decompressed and decoded in the receiving
//! process.

use super::Runner;
use crate::clock::{self, count_allocations, peak_resident_bytes};
use crate::codec::{Decoded, Subject, flatten, guard};
use crate::measure::case::{Case, RustCase};
use crate::measure::counted::counted_operation;
use crate::measure::fidelity::Subjects;
use crate::measure::receive::{digest_bytes, per_message, unpack};
use crate::measure::rig::Rig;
use crate::measure::row::Row;
use crate::measure::sample::{Failure, Phase, StageTimes};
use crate::measure::settings::BufferPolicy;
use crate::measure::wire::{Report, SampleRequest};
use crate::model::{Representation, Stage};
use crate::payload::{Column, Schema};
use crate::transport::{Frame, Message, Sender, framed_bytes};

/// A row of one of sercost's own codecs.
pub(in crate::measure) struct RustRunner {
    case: RustCase,
    /// The bytes of all messages of a sample with headers.
    capacity: usize,
    /// Buffers kept between samples, where the policy is to reuse them.
    kept: Vec<Vec<u8>>,
}

impl Runner for RustRunner {
    fn case(&self) -> Case {
        self.case.case()
    }

    fn refuses(&self, schema: &Schema) -> Option<String> {
        self.case.spec.codec.refuses(self.case.representation, schema)
    }

    fn memory_bytes(&self, column: &Column) -> u64 {
        match self.case.spec.codec.copies() {
            0 => 0,
            copies => copies.saturating_mul(column.memory_bytes()),
        }
    }

    fn sample(&mut self, rig: &mut Rig<'_>, row: &mut Row, phase: Phase) -> Result<StageTimes, Failure> {
        let taken = self.trip(rig, row, phase);
        if matches!(taken, Err(Failure::Row(..))) {
            rig.end_receiver();
        }
        taken
    }

    fn find_size(&mut self, rig: &mut Rig<'_>, row: &mut Row) -> Result<bool, Failure> {
        let mut buffers = self.buffers(rig, row);
        let (_, encoding, encoded) = self.encode(rig, row, Phase::Calibrate, &mut buffers);
        let mut times = StageTimes { encode: Some(encoding), ..StageTimes::default() };
        let done = encoded
            .map_err(|reason| Failure::Row(Stage::Encode, reason))
            .and_then(|()| self.compress(row, &buffers, &mut times));
        rig.tally.measured_ns += times.measured();
        self.note_sizes(row, &buffers, &done?);
        Ok(true)
    }
}

impl RustRunner {
    pub(in crate::measure) fn new(case: RustCase) -> Self {
        RustRunner { case, capacity: 0, kept: Vec::new() }
    }

    /// Encodes and decodes, each once before it is counted, and tells of each that was counted whether it failed.
    pub(in crate::measure) fn count(&self, subjects: Subjects<'_>, told: &mut dyn FnMut(Stage, bool)) {
        let codec = self.case.spec.codec;
        if codec.refuses(self.case.representation, subjects.schema).is_some() {
            return;
        }
        let subject = self.subject(subjects);
        let encode = |buffers: &mut Vec<Vec<u8>>| flatten(guard(|| codec.encode(subject, buffers)));
        let fresh = || vec![Vec::new(); subjects.messages];
        let mut buffers = fresh();
        let mut result = encode(&mut buffers);
        buffers = fresh();
        counted_operation(&mut || result = encode(&mut buffers));
        told(Stage::Encode, result.is_err());
        if result.is_err() || self.case.is_null() {
            return;
        }
        let messages: Vec<&[u8]> = buffers.iter().map(Vec::as_slice).collect();
        let target = || subjects.target(&self.case, messages.len());
        let decode = |into: &mut Decoded| flatten(guard(|| codec.decode(&messages, 1, into)));
        let mut result = decode(&mut target());
        let mut into = target();
        if result.is_ok() {
            counted_operation(&mut || result = decode(&mut into));
            told(Stage::Decode, result.is_err());
        }
    }

    fn trip(&mut self, rig: &mut Rig<'_>, row: &mut Row, phase: Phase) -> Result<StageTimes, Failure> {
        let mut buffers = self.buffers(rig, row);
        let is_null = row.case.is_null;
        let here = rig.settings.here;
        let (mut sender, mut target) = (None, None);
        if phase == Phase::Calibrate {
            rig.reset_resident();
        }
        if here {
            // Made before anything is timed, as in the receiving process.
            target = Some(rig.subjects.target(&self.case, row.messages * row.repeats.decode));
        } else if phase != Phase::Calibrate && !is_null {
            // Sizes are known from the first sample on, so that the receiver can be told before anything is timed; in
            // the first, encoding comes before the announcement.
            sender = Some(self.announce(rig, row, phase)?);
        }
        let (start, encoding, encoded) = self.encode(rig, row, phase, &mut buffers);
        let mut times = StageTimes { encode: Some(encoding), ..StageTimes::default() };
        encoded.map_err(|reason| Failure::Row(Stage::Encode, reason))?;
        if !is_null {
            let compressed = self.compress(row, &buffers, &mut times)?;
            if phase == Phase::Calibrate {
                self.note_sizes(row, &buffers, &compressed);
            }
            let report = match (target, sender) {
                (Some(target), _) => self.decode_here(rig, row, target, &buffers, &compressed, phase),
                (None, Some(sender)) => self.exchange(rig, row, sender, &buffers, &compressed, &mut times)?,
                (None, None) => {
                    let sender = self.announce(rig, row, phase)?;
                    self.exchange(rig, row, sender, &buffers, &compressed, &mut times)?
                }
            };
            (times.decompress, times.decode) = (report.decompress_ns, report.decode_ns);
            let end_to_end = report.decoded_at.saturating_sub(start);
            times.end_to_end(end_to_end, row.repeats, rig.settings.clock.overhead_ns);
            self.check(rig, row, &buffers[..row.messages], &report, phase)?;
            if phase == Phase::Calibrate {
                row.decode_allocations = report.allocations;
            }
        }
        rig.tally.measured_ns += times.measured();
        if rig.settings.buffers == BufferPolicy::Reused {
            self.kept = buffers;
        }
        Ok(times)
    }

    /// The buffers to encode into, by the policy that is the same for all.
    fn buffers(&mut self, rig: &Rig<'_>, row: &Row) -> Vec<Vec<u8>> {
        let count = row.messages * row.repeats.encode;
        match (rig.settings.buffers, row.encoded_bytes) {
            (BufferPolicy::Reused, _) => {
                let mut buffers = std::mem::take(&mut self.kept);
                for buffer in &mut buffers {
                    buffer.clear();
                }
                buffers.resize_with(count, Vec::new);
                buffers
            }
            (BufferPolicy::Presized, Some(bytes)) => (0..count).map(|_| Vec::with_capacity(bytes as usize)).collect(),
            _ => vec![Vec::new(); count],
        }
    }

    fn subject<'a>(&self, subjects: Subjects<'a>) -> Subject<'a> {
        let Subjects { column, encodable, trees, native, .. } = subjects;
        if let Some(own) = subjects.own_of(&self.case) {
            return Subject::Own(&*own.messages);
        }
        match (self.case.representation, native) {
            (Representation::Dynamic, _) => Subject::Dynamic(trees),
            (Representation::Typed, Some(native)) if self.case.spec.codec.info().native => {
                Subject::Native(native.messages(column))
            }
            (Representation::Typed | Representation::Derived | Representation::Python, _) => Subject::Typed(encodable),
        }
    }

    /// Encodes every message; returns the stamp before, and the nanoseconds that it took.
    fn encode(
        &self,
        rig: &mut Rig<'_>,
        row: &mut Row,
        phase: Phase,
        buffers: &mut [Vec<u8>],
    ) -> (u64, u64, Result<(), String>) {
        let spec = self.case.spec;
        let subject = self.subject(rig.subjects);
        if phase != Phase::Calibrate {
            let on_cpu = is_watched(row).then(clock::thread_cpu);
            let start = clock::now();
            let result = guard(|| spec.codec.encode(subject, buffers));
            let taken = clock::now() - start;
            if let Some(before) = on_cpu {
                rig.watch.operation(taken, clock::thread_cpu() - before);
            }
            return (start, taken, flatten(result));
        }
        let messages = buffers.len() as u64;
        let start = clock::now();
        let (result, counted) = count_allocations(|| guard(|| spec.codec.encode(subject, buffers)));
        let taken = clock::now() - start;
        let resident = peak_resident_bytes();
        row.encode_allocations = counted.map(|counted| per_message(counted, messages, resident));
        (start, taken, flatten(result))
    }

    /// Compresses each message; nothing where the case has no compressor.
    fn compress(&self, row: &Row, buffers: &[Vec<u8>], times: &mut StageTimes) -> Result<Vec<Vec<u8>>, Failure> {
        let Some(compression) = &self.case.spec.compression else { return Ok(Vec::new()) };
        let mut compressed = vec![Vec::new(); row.messages * row.repeats.compress];
        let start = clock::now();
        let result = guard(|| {
            let sources = buffers[..row.messages].iter().cycle();
            for (source, output) in sources.zip(&mut compressed) {
                compression.compress(std::hint::black_box(source), output)?;
            }
            Ok(())
        });
        times.compress = Some(clock::now() - start);
        flatten(result).map_err(|reason| Failure::Row(Stage::Compress, reason))?;
        Ok(compressed)
    }

    fn note_sizes(&mut self, row: &mut Row, buffers: &[Vec<u8>], compressed: &[Vec<u8>]) {
        let count = row.messages;
        let mean = |buffers: &[Vec<u8>]| {
            let bytes: usize = buffers[..count].iter().map(Vec::len).sum();
            ((bytes + count / 2) / count.max(1)) as u64
        };
        row.encoded_bytes = Some(mean(buffers));
        let sent = if compressed.is_empty() { buffers } else { compressed };
        row.compressed_bytes = (!compressed.is_empty()).then(|| mean(compressed));
        self.capacity = framed_bytes(sent[..count].iter().map(Vec::len));
    }

    /// Tells the receiving process what comes, and returns the end to send it by.
    fn announce(&self, rig: &mut Rig<'_>, row: &Row, phase: Phase) -> Result<Box<dyn Sender>, Failure> {
        let RustCase { transport, .. } = self.case;
        let interrupted = rig.interrupted;
        let receiver = rig.receiver()?;
        receiver.open(transport, self.capacity, interrupted)?;
        receiver.announce(self.request(row, phase), interrupted)?;
        Ok(receiver.lend_sender(transport.info().name)?)
    }

    fn request(&self, row: &Row, phase: Phase) -> SampleRequest {
        let RustCase { representation, spec, transport, .. } = self.case;
        SampleRequest {
            codec: spec.name(),
            representation,
            transport: transport.info().name.to_owned(),
            messages: row.messages,
            capacity: self.capacity,
            decompress_repeats: row.repeats.decompress,
            decode_repeats: row.repeats.decode,
            count_allocations: phase == Phase::Calibrate,
        }
    }

    /// Decodes in this process what was encoded, as the receiving process would.
    fn decode_here(
        &self,
        rig: &Rig<'_>,
        row: &Row,
        target: Decoded,
        buffers: &[Vec<u8>],
        compressed: &[Vec<u8>],
        phase: Phase,
    ) -> Report {
        let frame = |at: usize| Frame {
            bytes: compressed.get(at).unwrap_or(&buffers[at]),
            original_bytes: buffers[at].len() as u64,
        };
        let frames: Vec<Frame<'_>> = (0..row.messages).map(frame).collect();
        let mut report = Report::default();
        let request = self.request(row, phase);
        report.error = unpack(&frames, &self.case.spec, &request, target, rig.subjects.schema, &mut report).err();
        report
    }

    /// Sends the messages that were announced, and waits for what the receiving process has to report.
    fn exchange(
        &self,
        rig: &mut Rig<'_>,
        row: &Row,
        mut sender: Box<dyn Sender>,
        buffers: &[Vec<u8>],
        compressed: &[Vec<u8>],
        times: &mut StageTimes,
    ) -> Result<Report, Failure> {
        let message = |at: usize| Message {
            bytes: compressed.get(at).unwrap_or(&buffers[at]),
            original_bytes: buffers[at].len() as u64,
        };
        // A single message needs no list of its own, which would take longer than encoding a small one.
        let sent_at = match row.messages {
            1 => sender.send(&[message(0)]),
            messages => sender.send(&(0..messages).map(message).collect::<Vec<_>>()),
        };
        let transport = self.case.transport.info().name;
        let interrupted = rig.interrupted;
        let Some(receiver) = rig.running_receiver() else {
            return Err(Failure::Row(Stage::Transfer, "the receiving process is not running".into()));
        };
        let sent_at = sent_at.map_err(|error| receiver.sending_failed(transport, &error))?;
        receiver.return_sender(transport, sender);
        let report = receiver.report(interrupted)?;
        rig.tally.receiver_peak = rig.tally.receiver_peak.max(report.peak_resident_bytes);
        times.transfer = Some(report.received_at.saturating_sub(sent_at));
        Ok(report)
    }

    /// Holds what was decoded against what was encoded. What is lost is found out in this process, once.
    fn check(
        &self,
        rig: &Rig<'_>,
        row: &mut Row,
        encoded: &[Vec<u8>],
        report: &Report,
        phase: Phase,
    ) -> Result<(), Failure> {
        if let Some((stage, reason)) = &report.error {
            if *stage == Stage::Decode {
                row.lossy = rig.subjects.explain(&self.case, encoded);
            }
            return Err(Failure::Row(*stage, reason.clone()));
        }
        let is_own = rig.subjects.own_of(&self.case).is_some();
        let expected = match is_own {
            true => digest_bytes(encoded.iter().map(Vec::as_slice)),
            false => rig.expected_digest(self.case.representation),
        };
        let has_arrived = row.arrived(report.repeats_agree, report.digest, expected)?;
        if is_own && !has_arrived {
            return Err(Failure::Row(Stage::Transfer, "other bytes arrived than were sent".to_owned()));
        }
        // Of values without a schema the digest is that of the bytes: what those decode to is asked once.
        if !has_arrived || (is_own && phase == Phase::Calibrate) {
            let losses = rig.subjects.losses(&self.case, encoded);
            row.lost(report.digest, losses.map_err(|reason| Failure::Row(Stage::Decode, reason))?);
        }
        Ok(())
    }
}

/// Whether it is asked how much of an encode was spent on a processor. Only of the `null` row, whose trip ends there: a
/// system call between two stages is where a busy machine takes the processor away, and what it takes would be in no stage.
fn is_watched(row: &Row) -> bool {
    const LONG_NS: u64 = 100_000;
    let taken = row.rounds.iter().rev().find_map(|round| round.encode);
    row.case.is_null && taken.is_some_and(|taken| taken > LONG_NS)
}
