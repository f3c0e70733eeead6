//! A payload's rounds: what is measured, in which order, and what becomes of it.

use super::child::Child;
use super::fidelity::Subjects;
use super::forecast::Forecast;
use super::lane::{Lane, Repeats, Taken};
use super::noise::NoiseWatch;
use super::order::warm_up_order;
use super::python::Pairs;
use super::receive::per_message;
use super::results::Results;
use super::schedule::{LEAST_ROUNDS, Part, Schedule};
use super::settings::{BufferPolicy, Settings, Trip, Way};
use super::wire::{Report, SampleRequest};
use crate::clock::{self, Quality, count_allocations, peak_resident_bytes, reset_peak_resident};
use crate::codec::{Subject, flatten, guard, prepare_guard};
use crate::host::ChildError;
use crate::model::{Nanos, Representation, Stage};
use crate::payload::{digest_rows, digest_tree};
use crate::transport::{Message, Sender, framed_bytes};
use std::sync::atomic::{AtomicBool, Ordering};

/// Is told how the measuring goes.
pub trait Observer<'a> {
    /// Something is about to be measured: the part of the work that is done, the nanoseconds left, what it is.
    fn progress(&mut self, fraction: f64, left_ns: u64, what: &str);

    /// A sample of a row was taken, or it was found out that none will be.
    fn sampled(&mut self, results: &Results<'a>, row: usize);

    /// The warm-up is over, and this is what comes.
    fn planned(&mut self, forecast: &Forecast);

    /// A round ended.
    fn round(&mut self, results: &Results<'a>);
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
const MOST_REHEARSALS: usize = 6;

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
            error => Failure::Lane(Stage::Transfer, error.to_string()),
        }
    }
}

/// The measuring of one payload.
pub struct Session<'a> {
    pub(super) settings: &'a Settings,
    pub(super) subjects: Subjects<'a>,
    pub(super) interrupted: &'a AtomicBool,
    pub(super) results: Results<'a>,
    child: Option<Child>,
    pub(super) pairs: Pairs,
    typed_digest: u64,
    tree_digest: u64,
    schedule: Schedule,
    started_at: u64,
    watch: NoiseWatch,
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
        prepare_guard();
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
            child: None,
            pairs,
            typed_digest: super::fold_digests(cycled(rows.collect(), messages)),
            tree_digest: super::fold_digests(cycled(trees.iter().map(digest_tree).collect(), messages)),
            schedule: Schedule::new(settings.seed, settings.budget, settings.quick, lanes.len(), now),
            results: Results::new(settings, lanes),
            started_at: now,
            watch: NoiseWatch::start(),
        }
    }

    /// What is known so far.
    pub fn results(&self) -> &Results<'a> {
        &self.results
    }

    /// Measures.
    pub fn run(&mut self, observer: &mut dyn Observer<'a>) -> Outcome {
        let outcome = match self.warm_up(observer).and_then(|()| self.rounds(observer)) {
            Ok(()) => Outcome::Finished,
            Err(Interrupted) => Outcome::Interrupted,
        };
        self.child = None;
        self.pairs.end_all();
        self.results.wall_ns = clock::now() - self.started_at;
        // Where only rows of Python were measured, this process has sent nothing.
        if self.results.lanes.iter().any(|lane| lane.python().is_none()) {
            self.results.sender_peak = self.results.sender_peak.max(peak_resident_bytes());
        }
        self.watch.end(&mut self.results.noise);
        self.say_who_was_given_up();
        outcome
    }

    /// The first sample of every lane counts allocations; lanes whose operations are short then rehearse, until each
    /// stage has the repeats that the clock needs. Lanes that are usually fast come first, and where the time does not
    /// reach for more, the others are left out.
    fn warm_up(&mut self, observer: &mut dyn Observer<'a>) -> Result<(), Interrupted> {
        let lanes = self.results.lanes.len();
        let mut last: Option<WarmUp> = None;
        for (done, at) in warm_up_order(&self.results.lanes, self.settings).into_iter().enumerate() {
            observer.progress(0.0, 0, &format!("warm-up {}/{lanes}: {}", done + 1, self.results.lanes[at].label()));
            if let Some(reason) = self.refusal(at) {
                self.results.lanes[at].error = Some((Stage::Encode, reason));
            } else {
                let guess = last.filter(|_| !self.results.lanes[at].is_null());
                let reaches = guess.is_none_or(|warm| self.schedule.reaches_for(warm.ns, warm.cost_ns, clock::now()));
                if !reaches {
                    self.find_out_size(at, guess)?;
                } else if let Some(warm) = self.warm_up_one(at)? {
                    self.schedule.warmed(at, warm.cost_ns);
                    if !self.results.lanes[at].is_null() {
                        last = Some(warm);
                    }
                }
            }
            self.results.wall_ns = clock::now() - self.started_at;
            observer.sampled(&self.results, at);
        }
        self.results.warmup_ns = self.results.measured_ns;
        self.results.choose_reference();
        if let Some(reference) = self.results.reference {
            self.schedule.needs(reference);
        }
        self.schedule.plan(clock::now());
        let forecast = self.forecast();
        observer.planned(&forecast);
        Ok(())
    }

    /// Takes the samples before the rounds; `None` where the lane failed.
    fn warm_up_one(&mut self, at: usize) -> Result<Option<WarmUp>, Interrupted> {
        let start = clock::now();
        let Some(mut taken) = self.take(at, Kind::Count)? else { return Ok(None) };
        let mut sampled_at = clock::now();
        let mut cost = sampled_at - start;
        let mut rehearsals = 0;
        let mut best = PerOperation::default();
        best.learn(&taken, Repeats::ONCE);
        // The first sample is cold and counts allocations, and it or the next may have been disturbed: an operation that is anywhere
        // near the bound is tried again, at least once, until its repeats stand, and the shortest that was seen decides.
        for _ in 0..MOST_REHEARSALS {
            if self.subjects.messages > 1 || !self.is_short(at, &taken) {
                break;
            }
            let before = self.results.lanes[at].repeats;
            self.results.lanes[at].repeats = self.repeats(at, &best);
            let rehearsed_with = self.results.lanes[at].repeats;
            let Some(rehearsed) = self.take(at, Kind::Rehearse)? else { return Ok(None) };
            best.learn(&rehearsed, rehearsed_with);
            taken = rehearsed;
            let now = clock::now();
            cost = now - sampled_at;
            sampled_at = now;
            rehearsals += 1;
            let needed = self.repeats(at, &best);
            self.results.lanes[at].repeats = needed;
            if needed == rehearsed_with && before == rehearsed_with {
                break;
            }
        }
        let lane = &mut self.results.lanes[at];
        lane.warm_total = taken.total.map(|total| total as f64 / lane.messages as f64);
        // A sample that is cold and counts takes 1.5 to 2 times as long as the next.
        let warmth = if rehearsals == 0 { 0.65 } else { 1.0 };
        Ok(Some(WarmUp { ns: (sampled_at - start) as f64, cost_ns: warmth * cost as f64 }))
    }

    /// For a lane that there is no time to measure: encodes once for the size, if there is time for that.
    fn find_out_size(&mut self, at: usize, guess: Option<WarmUp>) -> Result<(), Interrupted> {
        let budget = Nanos(self.settings.asked_ns.unwrap_or_default() as f64);
        let way = self.results.lanes[at].way.clone();
        // Encoding is usually less than half of the whole; more of it would be taken from the rounds.
        let encoding = guess.map_or(0.0, |warm| warm.ns / 2.0);
        let spare = self.schedule.reaches_for(encoding, 0.0, clock::now());
        if let (Way::Rust(trip), true) = (way, spare)
            && self.take_size(at, &trip)?
        {
            self.results.lanes[at].left_out = Some(format!(
                "its size alone was found out, since {budget} do not reach to measure it too; a longer --time does"
            ));
        } else if self.results.lanes[at].error.is_none() {
            self.results.lanes[at].left_out =
                Some(format!("{budget} do not reach to try it; a longer --time does, or name fewer with --codec"));
        }
        Ok(())
    }

    /// Encodes and compresses once; whether that gave a size.
    fn take_size(&mut self, at: usize, trip: &Trip) -> Result<bool, Interrupted> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(Interrupted);
        }
        let mut buffers = self.buffers(at);
        let (_, encoding, encoded) = self.encode(at, trip, Kind::Count, &mut buffers);
        let mut taken = Taken { encode: Some(encoding), ..Taken::default() };
        let done = encoded
            .map_err(|reason| Failure::Lane(Stage::Encode, reason))
            .and_then(|()| self.compress(at, trip, &buffers, &mut taken));
        self.results.measured_ns += taken.measured();
        match done {
            Ok(compressed) => self.note_sizes(at, &buffers, &compressed),
            Err(Failure::Lane(stage, reason)) => {
                self.results.lanes[at].error = Some((stage, reason));
                return Ok(false);
            }
            Err(Failure::Interrupted) => return Err(Interrupted),
        }
        Ok(true)
    }

    /// What the schedule has decided, in words: for the lanes that are left out, and for the observer.
    fn forecast(&mut self) -> Forecast {
        let (rounds, least) = self.schedule.planned();
        let five_rounds_ns = self.schedule.length_of(5) as u64;
        self.results.five_rounds_ns = Some(five_rounds_ns);
        let needs = Nanos(self.schedule.length_of(LEAST_ROUNDS));
        // What was left out before the schedule decides was not tried.
        let all_tried = self.results.lanes.iter().all(|lane| lane.left_out.is_none());
        let of = if all_tried { "all rows" } else { "the rows that were tried" };
        for at in 0..self.results.lanes.len() {
            if self.schedule.part(at) == Part::LeftOut {
                self.results.lanes[at].left_out = Some(format!(
                    "the time does not reach: {LEAST_ROUNDS} rounds of {of} take about {needs} after the warm-up; a longer --time does"
                ));
            }
        }
        let labels = |wanted: &dyn Fn(usize, &Lane) -> bool| {
            let lanes = self.results.lanes.iter().enumerate();
            lanes.filter(|(at, lane)| wanted(*at, lane)).map(|(_, lane)| lane.label()).collect()
        };
        Forecast {
            five_rounds_ns,
            all_tried,
            rounds,
            few: (labels(&|at, _| self.schedule.part(at) == Part::Few), least),
            left_out: labels(&|_, lane| lane.left_out.is_some()),
            budget_ns: self.settings.asked_ns,
        }
    }

    /// Gives up the rows that are well behind the third of those measured so far.
    fn give_up(&mut self) {
        /// As many as a quick run looks for, and how far behind them there is nothing to hope for.
        const BEST: usize = 3;
        const FAR_BEHIND: f64 = 1.3;
        let medians: Vec<Option<f64>> = self.results.lanes.iter().map(Lane::median_total).collect();
        let mut sorted: Vec<f64> = medians.iter().flatten().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let Some(third) = sorted.get(BEST - 1) else { return };
        for (at, median) in medians.iter().enumerate() {
            if median.is_some_and(|median| median > FAR_BEHIND * third) {
                self.schedule.give_up(at);
            }
        }
    }

    fn say_who_was_given_up(&mut self) {
        for at in 0..self.results.lanes.len() {
            let rounds = self.results.lanes[at].samples(Stage::Total).iter().flatten().count();
            if self.schedule.part(at) == Part::LeftOut && rounds > 0 {
                self.results.lanes[at].left_out = Some(format!(
                    "measured in {rounds} rounds only, since rounds took longer than the warm-up had it; a longer --time does"
                ));
            }
            if self.schedule.part(at) == Part::GivenUp && rounds > 0 {
                self.results.lanes[at].left_out = Some(format!(
                    "given up after {rounds} rounds, since it cannot be among the three fastest (--quick)"
                ));
            }
        }
    }

    fn rounds(&mut self, observer: &mut dyn Observer<'a>) -> Result<(), Interrupted> {
        while let Some(order) = self.schedule.next_round(clock::now()) {
            let round = self.schedule.rounds() as usize;
            self.results.rounds = round as u64;
            for lane in &mut self.results.lanes {
                lane.rounds.resize(round, Taken::default());
            }
            for at in order {
                let start = clock::now();
                let (fraction, left) = self.schedule.progress(start);
                observer.progress(fraction, left, &format!("round {round}: {}", self.results.lanes[at].label()));
                match self.take(at, Kind::Keep)? {
                    Some(taken) => {
                        self.results.lanes[at].rounds[round - 1] = taken;
                        self.schedule.took(at, clock::now() - start);
                    }
                    None => self.schedule.end(at),
                }
                self.results.wall_ns = clock::now() - self.started_at;
                observer.sampled(&self.results, at);
            }
            if self.schedule.may_give_up() {
                self.give_up();
            }
            observer.round(&self.results);
        }
        Ok(())
    }

    /// The clock as the lane reads it.
    pub(super) fn clock(&self, at: usize) -> Quality {
        let Quality { precision_ns, overhead_ns } = self.settings.clock;
        let overhead_ns =
            self.results.lanes[at].python().map_or(overhead_ns, |trip| trip.interpreter.clock_overhead_ns);
        Quality { precision_ns, overhead_ns }
    }

    /// Whether any stage with repeats is so short that a sample of it could have to be batched, if this one was disturbed.
    fn is_short(&self, at: usize, taken: &Taken) -> bool {
        /// A disturbance of a busy machine takes some milliseconds, several of them up to this many times what the clock needs.
        const DISTURBED: f64 = 1000.0;
        let bound = DISTURBED * self.clock(at).shortest_sample_ns();
        let stages = [taken.encode, taken.compress, taken.decompress, taken.decode];
        stages.into_iter().flatten().any(|taken| (taken as f64) < bound)
    }

    /// Why the lane's codec cannot take the payload, known before it is tried.
    fn refusal(&self, at: usize) -> Option<String> {
        let schema = self.subjects.schema;
        match &self.results.lanes[at].way {
            Way::Rust(trip) => trip.spec.codec.refuses(trip.representation, schema),
            Way::Python(trip) => trip.row.refuses(schema).map(str::to_owned),
        }
    }

    /// The repeats with which each stage's sample is long enough for the clock.
    fn repeats(&self, at: usize, best: &PerOperation) -> Repeats {
        /// More repeats than this would need an operation below the cost of a loop.
        const MOST: f64 = 100_000.0;
        let shortest = self.clock(at).shortest_sample_ns();
        let enough = |one: Option<f64>| match one {
            // Streams have as many operations as messages, and no more.
            Some(one) if self.subjects.messages == 1 && one < shortest => {
                // A fifth more, since not every sample is as slow as the one that this was learned from.
                (shortest * 1.2 / one.max(0.1)).ceil().min(MOST) as usize
            }
            _ => 1,
        };
        Repeats {
            encode: enough(best.encode),
            compress: enough(best.compress),
            decompress: enough(best.decompress),
            decode: enough(best.decode),
        }
    }

    /// Takes one sample of a lane. `None` where the lane failed, which it then says.
    fn take(&mut self, at: usize, kind: Kind) -> Result<Option<Taken>, Interrupted> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(Interrupted);
        }
        let (taken, is_rust) = match self.results.lanes[at].way.clone() {
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
                self.results.lanes[at].error = Some((stage, reason));
                Ok(None)
            }
        }
    }

    fn sample(&mut self, at: usize, trip: &Trip, kind: Kind) -> Result<Taken, Failure> {
        let mut buffers = self.buffers(at);
        let (is_null, repeats) = (self.results.lanes[at].is_null(), self.results.lanes[at].repeats);
        let mut sender = None;
        if kind == Kind::Count {
            self.results.sender_peak = self.results.sender_peak.max(peak_resident_bytes());
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
            let messages = self.results.lanes[at].messages;
            self.check(at, trip, &buffers[..messages], &report)?;
            if kind == Kind::Count {
                self.results.lanes[at].decode_allocations = report.allocations;
            }
        }
        self.results.measured_ns += taken.measured();
        if self.settings.buffers == BufferPolicy::Reused {
            self.results.lanes[at].buffers = buffers;
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
        let lane = &self.results.lanes[at];
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
        let lane = &self.results.lanes[at];
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
        self.results.receiver_peak = self.results.receiver_peak.max(report.peak_resident_bytes);
        taken.transfer = Some(report.received_at.saturating_sub(sent_at));
        taken.decompress = report.decompress_ns;
        taken.decode = report.decode_ns;
        Ok(report)
    }

    /// The buffers to encode into, by the policy that is the same for all.
    fn buffers(&mut self, at: usize) -> Vec<Vec<u8>> {
        let lane = &mut self.results.lanes[at];
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
        let Subjects { column, encodable, trees, native, .. } = self.subjects;
        match (trip.representation, native) {
            (Representation::Dynamic, _) => Subject::Dynamic(trees),
            (Representation::Typed, Some(native)) if trip.spec.codec.info().native => {
                Subject::Native(native.messages(column))
            }
            (Representation::Typed | Representation::Python, _) => Subject::Typed(encodable),
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
            let on_cpu = self.is_watched(at).then(clock::thread_cpu);
            let start = clock::now();
            let result = guard(|| spec.codec.encode(subject, buffers));
            let taken = clock::now() - start;
            if let Some(before) = on_cpu {
                self.watch.operation(taken, clock::thread_cpu() - before);
            }
            return (start, taken, flatten(result));
        }
        let messages = buffers.len() as u64;
        let start = clock::now();
        let (result, counted) = count_allocations(|| guard(|| spec.codec.encode(subject, buffers)));
        let taken = clock::now() - start;
        let resident = peak_resident_bytes();
        self.results.lanes[at].encode_allocations = counted.map(|counted| per_message(counted, messages, resident));
        (start, taken, flatten(result))
    }

    /// Whether it is asked how much of an encode was spent on a processor. Only of the `null` row, whose trip ends there: a system call
    /// between two stages is where a busy machine takes the processor away, and what it takes would be in no stage.
    fn is_watched(&self, at: usize) -> bool {
        const LONG_NS: u64 = 100_000;
        let lane = &self.results.lanes[at];
        let taken = lane.rounds.iter().rev().find_map(|round| round.encode);
        lane.is_null() && taken.is_some_and(|taken| taken > LONG_NS)
    }

    fn note_sizes(&mut self, at: usize, buffers: &[Vec<u8>], compressed: &[Vec<u8>]) {
        let lane = &mut self.results.lanes[at];
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
        let lane = &self.results.lanes[at];
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
                self.results.lanes[at].lossy = self.subjects.explain(trip, encoded);
            }
            return Err(Failure::Lane(*stage, reason.clone()));
        }
        let expected = match trip.representation {
            Representation::Dynamic => self.tree_digest,
            Representation::Typed | Representation::Python => self.typed_digest,
        };
        if self.results.lanes[at].arrived(report.repeats_agree, report.digest, expected)? {
            return Ok(());
        }
        let losses = self.subjects.losses(trip, encoded).map_err(|reason| Failure::Lane(Stage::Decode, reason))?;
        self.results.lanes[at].lost(report.digest, losses);
        Ok(())
    }
}

/// What warming a lane up took, and what a sample of it takes.
#[derive(Clone, Copy)]
struct WarmUp {
    ns: f64,
    cost_ns: f64,
}

/// The shortest that an operation of each stage was seen to take, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
struct PerOperation {
    encode: Option<f64>,
    compress: Option<f64>,
    decompress: Option<f64>,
    decode: Option<f64>,
}

impl PerOperation {
    fn learn(&mut self, taken: &Taken, repeats: Repeats) {
        let shorter = |known: &mut Option<f64>, taken: Option<u64>, repeats: usize| {
            if let Some(taken) = taken {
                let one = taken as f64 / repeats as f64;
                *known = Some(known.map_or(one, |known| known.min(one)));
            }
        };
        shorter(&mut self.encode, taken.encode, repeats.encode);
        shorter(&mut self.compress, taken.compress, repeats.compress);
        shorter(&mut self.decompress, taken.decompress, repeats.decompress);
        shorter(&mut self.decode, taken.decode, repeats.decode);
    }
}

/// The user asked to stop.
struct Interrupted;

/// The digests of `messages` messages, of which there are as many different ones as digests.
fn cycled(digests: Vec<u64>, messages: usize) -> impl Iterator<Item = u64> {
    let count = digests.len();
    (0..if count == 0 { 0 } else { messages }).map(move |at| digests[at % count])
}
