//! A payload's rounds: what is measured, in which order, and what becomes of it.

use super::child::{Child, ChildError};
use super::fidelity::Subjects;
use super::guard::{flatten, guard};
use super::lane::{Lane, Repeats, Taken};
use super::python::Pairs;
use super::receive::per_message;
use super::schedule::Schedule;
use super::settings::{BufferPolicy, Settings, Trip, Way};
use super::wire::{Report, SampleRequest};
use crate::clock::{self, Quality, count_allocations, peak_resident_bytes, reset_peak_resident};
use crate::codec::Subject;
use crate::model::{Measurement, Representation, Stage};
use crate::payload::{digest_rows, digest_tree};
use crate::transport::{Message, Sender, framed_bytes};
use std::sync::atomic::{AtomicBool, Ordering};

/// Is told how the measuring goes.
pub trait Observer {
    /// Something is about to be measured: the part of the work that is done, the nanoseconds left, what it is.
    fn progress(&mut self, fraction: f64, left_ns: u64, what: &str);

    /// A round ended; `session` can be asked for what there is so far.
    fn round(&mut self, session: &Session<'_>);
}

/// How the measuring ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The budget was spent.
    Finished,
    /// The user stopped it; what was measured is there.
    Interrupted,
}

/// What kind of sample is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first: counts allocations, finds out sizes and durations, warms everything up.
    Count,
    /// A rehearsal with repeats, timed only to find the right number of them.
    Rehearse,
    /// One that is kept.
    Keep,
}

/// How often a short operation is tried for its repeats before the rounds.
const MOST_REHEARSALS: usize = 4;

/// Why no sample came of it.
pub(super) enum Failure {
    /// The lane ends here, with the stage and the reason.
    Lane(Stage, String),
    /// The user stopped it.
    Interrupted,
}

impl From<ChildError> for Failure {
    fn from(error: ChildError) -> Self {
        match error {
            ChildError::Interrupted => Failure::Interrupted,
            // Where exactly it was lost nobody knows; the transfer is where it was noticed.
            ChildError::Lost(reason) | ChildError::Refused(reason) => Failure::Lane(Stage::Transfer, reason),
        }
    }
}

/// The measuring of one payload.
pub struct Session<'a> {
    pub(super) settings: &'a Settings,
    pub(super) subjects: Subjects<'a>,
    pub(super) interrupted: &'a AtomicBool,
    pub(super) lanes: Vec<Lane>,
    child: Option<Child>,
    pub(super) pairs: Pairs,
    typed_digest: u64,
    tree_digest: u64,
    schedule: Schedule,
    started_at: u64,
    wall_ns: u64,
    pub(super) measured_ns: u64,
    warmup_ns: u64,
    sender_peak: Option<u64>,
    receiver_peak: Option<u64>,
}

impl<'a> Session<'a> {
    /// A session that will measure all `ways` of the messages in `subjects`, until the budget is spent or `interrupted`
    /// is set.
    pub fn new(
        settings: &'a Settings,
        subjects: Subjects<'a>,
        ways: impl IntoIterator<Item = Way>,
        interrupted: &'a AtomicBool,
    ) -> Self {
        // What was resident at most while an earlier payload was measured is not this one's.
        reset_peak_resident();
        let now = clock::now();
        let Subjects { column, trees, messages, .. } = subjects;
        let rows = (0..column.len()).map(|row| digest_rows(column, row..row + 1));
        let lanes: Vec<Lane> = ways.into_iter().map(|way| Lane::new(way, messages)).collect();
        let mut kinds: Vec<&str> =
            lanes.iter().filter_map(|lane| Some(lane.python()?.interpreter.about.name.as_str())).collect();
        kinds.dedup();
        let pairs = Pairs::new(settings.python_gc, kinds.len());
        Session {
            settings,
            subjects,
            interrupted,
            lanes,
            child: None,
            pairs,
            typed_digest: super::fold_digests(cycled(rows.collect(), messages)),
            tree_digest: super::fold_digests(cycled(trees.iter().map(digest_tree).collect(), messages)),
            schedule: Schedule::new(settings.seed, settings.budget, now),
            started_at: now,
            wall_ns: 0,
            measured_ns: 0,
            warmup_ns: 0,
            sender_peak: None,
            receiver_peak: None,
        }
    }

    /// Measures.
    pub fn run(&mut self, observer: &mut dyn Observer) -> Outcome {
        let outcome = match self.warm_up(observer).and_then(|()| self.rounds(observer)) {
            Ok(()) => Outcome::Finished,
            Err(Interrupted) => Outcome::Interrupted,
        };
        self.child = None;
        self.pairs.end_all();
        self.wall_ns = clock::now() - self.started_at;
        // Where only rows of Python were measured, this process has sent nothing.
        if self.lanes.iter().any(|lane| lane.python().is_none()) {
            self.sender_peak = self.sender_peak.max(peak_resident_bytes());
        }
        outcome
    }

    /// The first sample of every lane counts allocations; lanes whose operations are short then rehearse, until each
    /// stage has the repeats that the clock needs.
    fn warm_up(&mut self, observer: &mut dyn Observer) -> Result<(), Interrupted> {
        let lanes = self.lanes.len();
        for at in 0..lanes {
            observer.progress(0.0, 0, &format!("warm-up {}/{lanes}: {}", at + 1, self.lanes[at].label()));
            if let Some(reason) = self.refusal(at) {
                self.lanes[at].error = Some((Stage::Encode, reason));
                continue;
            }
            let Some(taken) = self.take(at, Kind::Count)? else { continue };
            self.lanes[at].repeats = self.repeats(at, &taken);
            // The first sample is cold, and may have taken many times as long as the next: an operation that is anywhere
            // near the bound is tried again, until its repeats stand.
            let mut taken = taken;
            for _ in 0..MOST_REHEARSALS {
                if self.subjects.messages > 1 || !self.is_short(at, &taken) {
                    break;
                }
                let Some(rehearsed) = self.take(at, Kind::Rehearse)? else { break };
                taken = rehearsed;
                let before = self.lanes[at].repeats;
                self.lanes[at].repeats = self.repeats(at, &taken);
                if self.lanes[at].repeats == before {
                    break;
                }
            }
        }
        self.warmup_ns = self.measured_ns;
        Ok(())
    }

    fn rounds(&mut self, observer: &mut dyn Observer) -> Result<(), Interrupted> {
        while let Some(order) = self.schedule.next_round(self.lanes.len(), clock::now()) {
            let round = self.schedule.rounds() as usize;
            for lane in &mut self.lanes {
                lane.rounds.resize(round, Taken::default());
            }
            for at in order {
                if self.lanes[at].error.is_some() {
                    continue;
                }
                let (fraction, left) = self.schedule.progress(clock::now());
                observer.progress(fraction, left, &format!("round {round}: {}", self.lanes[at].label()));
                if let Some(taken) = self.take(at, Kind::Keep)? {
                    self.lanes[at].rounds[round - 1] = taken;
                }
            }
            self.wall_ns = clock::now() - self.started_at;
            observer.round(self);
            if self.lanes.iter().all(|lane| lane.error.is_some()) {
                break;
            }
        }
        Ok(())
    }

    /// The clock as the lane reads it.
    pub(super) fn clock(&self, at: usize) -> Quality {
        let Quality { precision_ns, overhead_ns } = self.settings.clock;
        let overhead_ns = self.lanes[at].python().map_or(overhead_ns, |trip| trip.interpreter.clock_overhead_ns);
        Quality { precision_ns, overhead_ns }
    }

    /// Whether any stage with repeats takes less than some ten times what the clock needs.
    fn is_short(&self, at: usize, taken: &Taken) -> bool {
        let bound = 10.0 * self.clock(at).shortest_sample_ns();
        let stages = [taken.encode, taken.compress, taken.decompress, taken.decode];
        stages.into_iter().flatten().any(|taken| (taken as f64) < bound)
    }

    /// Why the lane's codec cannot take the payload, known before it is tried.
    fn refusal(&self, at: usize) -> Option<String> {
        let schema = self.subjects.schema;
        match &self.lanes[at].way {
            Way::Rust(trip) => trip.spec.codec.refuses(trip.representation, schema),
            Way::Python(trip) => trip.row.refuses(schema).map(str::to_owned),
        }
    }

    /// The repeats with which each stage's sample is long enough for the clock, from what a sample took.
    fn repeats(&self, at: usize, taken: &Taken) -> Repeats {
        /// More repeats than this would need an operation below the cost of a loop.
        const MOST: f64 = 100_000.0;
        let lane = &self.lanes[at];
        let shortest = self.clock(at).shortest_sample_ns();
        let enough = |taken: Option<u64>, repeats: usize| match taken {
            // Streams have as many operations as messages, and no more.
            Some(taken) if self.subjects.messages == 1 && (taken as f64) < shortest => {
                let one = (taken as f64 / repeats as f64).max(0.1);
                // A fifth more, since the first sample is slower than those that follow.
                (shortest * 1.2 / one).ceil().min(MOST) as usize
            }
            _ => repeats,
        };
        Repeats {
            encode: enough(taken.encode, lane.repeats.encode),
            compress: enough(taken.compress, lane.repeats.compress),
            decompress: enough(taken.decompress, lane.repeats.decompress),
            decode: enough(taken.decode, lane.repeats.decode),
        }
    }

    /// Takes one sample of a lane. `None` where the lane failed, which it then says.
    fn take(&mut self, at: usize, kind: Kind) -> Result<Option<Taken>, Interrupted> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(Interrupted);
        }
        let (taken, is_rust) = match self.lanes[at].way.clone() {
            Way::Rust(trip) => (self.sample(at, &trip, kind), true),
            Way::Python(trip) => (self.sample_in_python(at, &trip, kind), false),
        };
        match taken {
            Ok(taken) => Ok(Some(taken)),
            Err(Failure::Interrupted) => Err(Interrupted),
            Err(Failure::Lane(stage, reason)) => {
                if is_rust {
                    // What the receiving process waits for, if it is there, will not come.
                    self.child = None;
                }
                self.lanes[at].error = Some((stage, reason));
                Ok(None)
            }
        }
    }

    fn sample(&mut self, at: usize, trip: &Trip, kind: Kind) -> Result<Taken, Failure> {
        let mut buffers = self.buffers(at);
        let (is_null, repeats) = (self.lanes[at].is_null(), self.lanes[at].repeats);
        let mut sender = None;
        if kind == Kind::Count {
            self.sender_peak = self.sender_peak.max(peak_resident_bytes());
            reset_peak_resident();
        } else if !is_null {
            // Sizes are known from the first sample on, so that the receiver can be told before anything is timed; in
            // the first, encoding comes before the announcement.
            sender = Some(self.announce(at, trip, kind)?);
        }
        let (start, encoding, encoded) = self.encode(at, trip, kind, &mut buffers);
        let mut taken = Taken { encode: Some(encoding), ..Taken::default() };
        encoded.map_err(|reason| Failure::Lane(Stage::Encode, reason))?;
        if !is_null {
            let compressed = self.compress(at, trip, &buffers, &mut taken)?;
            if kind == Kind::Count {
                self.note_sizes(at, &buffers, &compressed);
            }
            let sender = match sender {
                Some(sender) => sender,
                None => self.announce(at, trip, kind)?,
            };
            let report = self.exchange(at, trip, sender, &buffers, &compressed, &mut taken)?;
            let end_to_end = report.decoded_at.saturating_sub(start).saturating_sub(self.readings_between(at, &taken));
            taken.total = Some(taken.without_surplus(end_to_end, repeats));
            let messages = self.lanes[at].messages;
            self.check(at, trip, &buffers[..messages], &report)?;
            if kind == Kind::Count {
                self.lanes[at].decode_allocations = report.allocations;
            }
        }
        self.measured_ns += taken.measured();
        if self.settings.buffers == BufferPolicy::Reused {
            self.lanes[at].buffers = buffers;
        }
        Ok(taken)
    }

    /// What the clock itself costs from the end of a stage to the begin of the next, all boundaries together: one reading
    /// each. It is in the end-to-end time and in no stage.
    pub(super) fn readings_between(&self, at: usize, taken: &Taken) -> u64 {
        let stages = Stage::STEPS.iter().filter(|&&stage| taken.stage(stage).is_some()).count();
        (stages.saturating_sub(1) as f64 * self.clock(at).overhead_ns) as u64
    }

    /// Compresses each message; nothing where the trip has no compressor.
    fn compress(
        &self,
        at: usize,
        trip: &Trip,
        buffers: &[Vec<u8>],
        taken: &mut Taken,
    ) -> Result<Vec<Vec<u8>>, Failure> {
        let lane = &self.lanes[at];
        let Some(compression) = &trip.spec.compression else { return Ok(Vec::new()) };
        let mut compressed = vec![Vec::new(); lane.messages * lane.repeats.compress];
        let start = clock::now();
        let result = guard(|| {
            let sources = buffers[..lane.messages].iter().cycle();
            for (source, output) in sources.zip(&mut compressed) {
                compression.compress(std::hint::black_box(source), output)?;
            }
            Ok(())
        });
        taken.compress = Some(clock::now() - start);
        flatten(result).map_err(|reason| Failure::Lane(Stage::Compress, reason))?;
        Ok(compressed)
    }

    /// Sends the messages that were announced, and waits for what the receiving process has to report.
    fn exchange(
        &mut self,
        at: usize,
        trip: &Trip,
        mut sender: Box<dyn Sender>,
        buffers: &[Vec<u8>],
        compressed: &[Vec<u8>],
        taken: &mut Taken,
    ) -> Result<Report, Failure> {
        let lane = &self.lanes[at];
        let message = |at: usize| Message {
            bytes: compressed.get(at).unwrap_or(&buffers[at]),
            original_bytes: buffers[at].len() as u64,
        };
        // A single message needs no list of its own, which would take longer than encoding a small one.
        let sent_at = match lane.messages {
            1 => sender.send(&[message(0)]),
            messages => sender.send(&(0..messages).map(message).collect::<Vec<_>>()),
        };
        let transport = trip.transport.info().name;
        let Some(child) = &mut self.child else {
            return Err(Failure::Lane(Stage::Transfer, "the receiving process is not running".into()));
        };
        let sent_at = sent_at.map_err(|error| child.sending_failed(transport, &error))?;
        child.return_sender(transport, sender);
        let report = child.report(self.interrupted)?;
        self.receiver_peak = self.receiver_peak.max(report.peak_resident_bytes);
        taken.transfer = Some(report.received_at.saturating_sub(sent_at));
        taken.decompress = report.decompress_ns;
        taken.decode = report.decode_ns;
        Ok(report)
    }

    /// The buffers to encode into, by the policy that is the same for all.
    fn buffers(&mut self, at: usize) -> Vec<Vec<u8>> {
        let lane = &mut self.lanes[at];
        let count = lane.messages * lane.repeats.encode;
        match (self.settings.buffers, lane.encoded_bytes) {
            (BufferPolicy::Reused, _) => {
                let mut buffers = std::mem::take(&mut lane.buffers);
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

    fn subject(&self, trip: &Trip) -> Subject<'a> {
        let Subjects { schema, column, trees, native, .. } = self.subjects;
        match (trip.representation, native) {
            (Representation::Dynamic, _) => Subject::Dynamic(trees),
            (Representation::Typed, Some(native)) if trip.spec.codec.info().native => {
                Subject::Native(native.messages(column))
            }
            (Representation::Typed | Representation::Python, _) => Subject::Typed { schema, column },
        }
    }

    /// Encodes every message; returns the stamp before, and the nanoseconds that it took.
    fn encode(
        &mut self,
        at: usize,
        trip: &Trip,
        kind: Kind,
        buffers: &mut [Vec<u8>],
    ) -> (u64, u64, Result<(), String>) {
        let Trip { spec, .. } = *trip;
        let subject = self.subject(trip);
        if kind != Kind::Count {
            let start = clock::now();
            let result = guard(|| spec.codec.encode(subject, buffers));
            return (start, clock::now() - start, flatten(result));
        }
        let messages = buffers.len() as u64;
        let start = clock::now();
        let (result, counted) = count_allocations(|| guard(|| spec.codec.encode(subject, buffers)));
        let taken = clock::now() - start;
        let resident = peak_resident_bytes();
        self.lanes[at].encode_allocations = counted.map(|counted| per_message(counted, messages, resident));
        (start, taken, flatten(result))
    }

    fn note_sizes(&mut self, at: usize, buffers: &[Vec<u8>], compressed: &[Vec<u8>]) {
        let lane = &mut self.lanes[at];
        let count = lane.messages;
        let mean = |buffers: &[Vec<u8>]| {
            let bytes: usize = buffers[..count].iter().map(Vec::len).sum();
            ((bytes + count / 2) / count.max(1)) as u64
        };
        lane.encoded_bytes = Some(mean(buffers));
        let sent = if compressed.is_empty() { buffers } else { compressed };
        lane.compressed_bytes = (!compressed.is_empty()).then(|| mean(compressed));
        lane.room = framed_bytes(sent[..count].iter().map(Vec::len));
    }

    /// Tells the receiving process what comes, and returns the end to send it by; starts the process if it is not there.
    fn announce(&mut self, at: usize, trip: &Trip, kind: Kind) -> Result<Box<dyn Sender>, Failure> {
        let lane = &self.lanes[at];
        let child = match &mut self.child {
            Some(child) => child,
            none => none.insert(Child::start(&self.settings.program, self.subjects.schema, self.interrupted)?),
        };
        child.open(trip.transport, lane.room, self.interrupted)?;
        child.announce(
            SampleRequest {
                codec: trip.spec.name(),
                representation: trip.representation,
                transport: trip.transport.info().name.to_owned(),
                messages: lane.messages,
                room: lane.room,
                decompress_repeats: lane.repeats.decompress,
                decode_repeats: lane.repeats.decode,
                count_allocations: kind == Kind::Count,
            },
            self.interrupted,
        )?;
        Ok(child.lend_sender(trip.transport.info().name)?)
    }

    /// Holds what was decoded against what was encoded. What is lost is found out in this process, once.
    fn check(&mut self, at: usize, trip: &Trip, encoded: &[Vec<u8>], report: &Report) -> Result<(), Failure> {
        if let Some((stage, reason)) = &report.error {
            if *stage == Stage::Decode {
                self.lanes[at].lossy = self.subjects.explain(trip, encoded);
            }
            return Err(Failure::Lane(*stage, reason.clone()));
        }
        let expected = match trip.representation {
            Representation::Dynamic => self.tree_digest,
            Representation::Typed | Representation::Python => self.typed_digest,
        };
        if self.lanes[at].arrived(report.repeats_agree, report.digest, expected)? {
            return Ok(());
        }
        let losses = self.subjects.losses(trip, encoded).map_err(|reason| Failure::Lane(Stage::Decode, reason))?;
        self.lanes[at].lost(report.digest, losses);
        Ok(())
    }

    /// The rows of the results file, as far as there are any.
    pub fn measurements(&self, payload: &str) -> Vec<Measurement> {
        let reference = self.reference();
        let on = |lane: &Lane| {
            let reference = reference?;
            // Rows of Python have a transport of their own, and so stand against what was measured on the first one.
            let apart = lane.python().is_some() || reference.python().is_some();
            let same = |other: &&Lane| other.same_but_transport(reference) && other.transport() == lane.transport();
            if apart { Some(reference) } else { self.lanes.iter().find(same) }
        };
        let measured = self.lanes.iter().flat_map(|lane| lane.measurements(payload, on(lane)));
        let first = self.first_transport();
        let modelled = self.settings.links.iter().flat_map(|link| {
            let of_first =
                self.lanes.iter().filter(move |lane| lane.python().is_some() || Some(lane.transport()) == first);
            of_first.flat_map(move |lane| lane.modelled(payload, link, reference))
        });
        measured.chain(modelled).collect()
    }

    /// The lane that ratios refer to: that of the codec asked for, else the one with the shortest median total, on the
    /// first transport that works.
    fn reference(&self) -> Option<&Lane> {
        let first = self.first_transport()?;
        let candidates = self.lanes.iter().filter(|lane| lane.python().is_some() || lane.transport() == first);
        let timed = candidates.filter_map(|lane| Some((lane, lane.median_total()?)));
        match &self.settings.reference {
            Some(name) => timed.map(|(lane, _)| lane).find(|lane| lane.name() == *name),
            None => timed.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(lane, _)| lane),
        }
    }

    /// The first transport on which anything arrived: where one cannot be opened, the others still have a reference.
    /// That of Python only where there is no other.
    fn first_transport(&self) -> Option<&'static str> {
        let mut arrived = self.lanes.iter().filter(|lane| lane.median_total().is_some());
        let first = arrived.clone().find(|lane| lane.python().is_none()).or_else(|| arrived.next());
        first.map(Lane::transport)
    }

    /// The name of the codec that ratios refer to.
    pub fn reference_name(&self) -> Option<String> {
        self.reference().map(Lane::label)
    }

    /// Rounds begun.
    pub fn rounds_begun(&self) -> u64 {
        self.schedule.rounds()
    }

    /// Nanoseconds of wall time, of measured operations, and of those of the warm-up.
    pub fn times(&self) -> (u64, u64, u64) {
        (self.wall_ns, self.measured_ns, self.warmup_ns)
    }

    /// The most memory that the sending and the receiving process had resident, where they measured anything.
    pub fn peaks(&self) -> (Option<u64>, Option<u64>) {
        (self.sender_peak, self.receiver_peak)
    }
}

/// The user asked to stop.
struct Interrupted;

/// The digests of `messages` messages, of which there are as many different ones as digests.
fn cycled(digests: Vec<u64>, messages: usize) -> impl Iterator<Item = u64> {
    let count = digests.len();
    (0..if count == 0 { 0 } else { messages }).map(move |at| digests[at % count])
}
