//! The parent's side: sending tasks, taking results, and what came of it.

use super::frame::{self, Arrival, FAILED, Inbox};
use super::recorder::Recorder;
use super::slots::{Slots, StopWatcher};
use super::source::{self, decode};
use super::workers::{Briefing, Ends, Workers, end_all};
use super::{LARGE, Placement, SAMPLED, Task};
use crate::clock;
use crate::codec::Decoded;
use crate::engine::{self, Call, CallRecording, EngineError, Recording, some_failed};
use crate::host::deep_thread;
use crate::ledger::Records;
use crate::model::Isolated;
use crate::payload::digest_at;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use sercost_record::{Close, Dispatcher, Entry, Order, Receive, Record, Send, Stamp, Submit, Wake};
use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;
use std::thread;

/// Two such messages with their headers fit into a pipe of 16 pages.
const SHORT: usize = 28 << 10;
/// The bytes of memory that are encoded in less time than it takes to wake a thread, or not much more.
const LITTLE: u64 = 8 << 10;
/// How often the data is encoded again when all is over, and for how long at most.
const ALONE: usize = 5;
const ALONE_NS: u64 = 3_000_000_000;
/// The threads, as records name them.
const CONSUMER: u64 = 1;
const DISPATCHER: u64 = 2;

/// Why no more results can come.
#[derive(Debug)]
enum Trouble {
    /// The worker of that number is gone.
    Lost(usize),
    /// The data cannot be encoded.
    Encode(String),
    /// The system says no.
    System(String),
}

/// Runs the job to its end, whatever that is.
pub(super) fn run(task: &Task<'_>) -> Result<Recording, EngineError> {
    let job = task.job;
    let began = clock::now();
    let mut briefing = Briefing::new(task)?;
    let failed = |error: io::Error| EngineError(format!("the engine native: {error}"));
    let (mut workers, ends) = Workers::start(task).map_err(failed)?;
    let pids = workers.pids();
    let watch = StopWatcher::default();
    let Ends { tasks, results } = ends;
    let mut receiver = Receiver::new(task, results);
    let trouble = thread::scope(|scope| {
        // Everything else may be waiting in the kernel when the user has had enough.
        scope.spawn(|| watch.until_over(job.interrupted, || end_all(&pids)));
        let trouble = match briefing.send(&tasks, job.settings.record) {
            // A worker that is gone already is noticed when its first result is waited for.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Some(Trouble::System(error.to_string())),
            _ if job.settings.call == Some(Call::Apply) => receiver.one_by_one(&tasks),
            _ if is_short(task) => receiver.in_turn(&tasks),
            _ => receiver.side_by_side(&tasks, &|| end_all(&pids)),
        };
        if trouble.is_some() {
            end_all(&pids);
        }
        watch.over();
        trouble
    });
    let closed = clock::now();
    drop(tasks);
    receiver.recorder.write(CONSUMER, Close { at: closed });
    let lost = match &trouble {
        Some(Trouble::Lost(worker)) => Some(workers.how_it_ended(*worker)),
        _ => None,
    };
    workers.finish(closed);
    let ended = clock::now();
    for Entry { thread, record } in workers.entries.drain(..) {
        receiver.recorder.write(thread, record);
    }
    let own_files = receiver.files;
    let mut own = receiver.conclude();
    own.wall_ns = Some(ended - began);
    Ok(conclude(task, own, own_files, trouble, lost))
}

/// Whether a message is so short that handing it to another thread would cost more than sending it, and two of them fit
/// into a pipe, so that neither side ever waits in the middle of one.
fn is_short(task: &Task<'_>) -> bool {
    let Placement::Task = task.placement else { return true };
    let mut buffer = [Vec::new()];
    task.job.data.is_some_and(|data| data.column.memory_bytes() <= LITTLE)
        && task.source.as_ref().is_some_and(|source| source.encode(&mut buffer).is_ok())
        && buffer[0].len() <= SHORT
}

/// Adds notes about how it ended, and the check of encoding.
fn conclude(
    task: &Task<'_>,
    mut own: CallRecording,
    own_files: usize,
    trouble: Option<Trouble>,
    lost: Option<String>,
) -> Recording {
    let job = task.job;
    let interrupted = job.interrupted.load(Ordering::Relaxed);
    let mut no_room = false;
    if job.settings.record {
        match Records::find(job.directory.path()) {
            Ok(mut records) => {
                // A process without room for a single record has an empty file; so has one that was ended at once.
                records.missing = (job.settings.workers() as usize + own_files).saturating_sub(records.count());
                records.unlocked = true;
                no_room = records.stopped() || records.missing > 0 && trouble.is_none();
                own.records = records;
            }
            Err(error) => own.notes.push(error.to_string()),
        }
    }
    let finished = trouble.is_none() && !no_room && !interrupted && own.failed == 0;
    let failed = own.error.take();
    own.error = match trouble {
        _ if interrupted => None,
        Some(Trouble::Lost(_)) => {
            let how = lost.unwrap_or_else(|| "a worker process is gone".to_owned());
            Some(format!("{how}; the task it was working on is lost, so the scenario was ended"))
        }
        Some(Trouble::Encode(reason)) => Some(task.cannot_encode(&reason)),
        Some(Trouble::System(reason)) => Some(format!("the engine native: {reason}")),
        None => match failed {
            Some(first) => Some(some_failed(own.failed, job.settings.tasks, &first)),
            None => no_room.then(|| engine::no_room(job)),
        },
    };
    if job.settings.record && finished {
        own.alone = alone(task);
    }
    let runtime = (task.placement != Placement::Nothing).then(|| runtime(task));
    Recording { runtime, took_data: true, finished, interrupted, calls: vec![own], ..Recording::default() }
}

/// The data encoded again with nothing else going on.
fn alone(task: &Task<'_>) -> Option<Isolated> {
    let (Some(source), Placement::Task) = (&task.source, task.placement) else { return None };
    let mut alone = Isolated { bytes: Vec::new(), times_ns: Vec::new(), cpu_ns: Vec::new() };
    let mut buffer = [Vec::new()];
    let until = clock::now() + ALONE_NS;
    // The first is not counted: its buffer grows.
    for at in 0..=ALONE {
        buffer[0].clear();
        let cpu = clock::thread_cpu();
        let began = clock::now();
        source.encode(&mut buffer).ok()?;
        let ended = clock::now();
        let cpu = clock::thread_cpu() - cpu;
        if at > 0 {
            alone.bytes.push(frame::framed(buffer[0].len()));
            alone.times_ns.push(ended - began);
            alone.cpu_ns.push(cpu);
        }
        if ended > until && at > 0 {
            break;
        }
    }
    Some(alone)
}

/// The sender of tasks: a thread of its own, or with one task after the other that of the consumer.
struct Dispatch<'a> {
    task: &'a Task<'a>,
    pipes: &'a [OwnedFd],
    buffer: [Vec<u8>; 1],
    thread: u64,
    /// When the record of the task before was written.
    written: Stamp,
    large: bool,
}

impl<'a> Dispatch<'a> {
    fn new(task: &'a Task<'a>, pipes: &'a [OwnedFd], thread: u64) -> Self {
        Dispatch { task, pipes, buffer: [Vec::new()], thread, written: 0, large: false }
    }

    /// Encodes a task and sends it to the worker that `choose` has for so many bytes; false where it has none.
    fn send(
        &mut self,
        index: u64,
        recorder: &mut Recorder,
        choose: impl FnOnce(usize) -> Option<usize>,
    ) -> Result<bool, Trouble> {
        let record = self.task.job.settings.record;
        let now = || if record { clock::now() } else { 0 };
        let sampled = record && (self.large || index.is_multiple_of(SAMPLED));
        let cpu = || if sampled { clock::thread_cpu() } else { 0 };
        let after_cpu = |before| if sampled { clock::now() } else { before };
        let entered = now();
        let before = cpu();
        let began = after_cpu(entered);
        self.buffer[0].clear();
        if let (Some(source), Placement::Task) = (&self.task.source, self.task.placement) {
            source.encode(&mut self.buffer).map_err(Trouble::Encode)?;
        }
        let dumped = now();
        let encoded = cpu();
        let sending = after_cpu(dumped);
        let Some(worker) = choose(self.buffer[0].len()) else { return Ok(false) };
        frame::send(&self.pipes[worker], index, &self.buffer[0]).map_err(|_| Trouble::Lost(worker))?;
        let sent = now();
        let bytes = frame::framed(self.buffer[0].len());
        self.large = bytes >= LARGE;
        if record {
            let send = Send {
                index: index as i64,
                bytes,
                entered,
                began,
                dumped,
                sending,
                sent,
                cpu_entered: before,
                cpu_dumped: encoded,
                cpu_sent: cpu(),
                written: self.written,
                freed: sent,
                ..Send::default()
            };
            recorder.write(self.thread, send);
            self.written = clock::now();
        }
        Ok(true)
    }
}

/// A result that has come and waits for those before it.
struct Held {
    index: u64,
    data: Option<Decoded>,
}

/// The receiver of results, which hands them to the consumer, which is the same thread.
struct Receiver<'a> {
    task: &'a Task<'a>,
    inboxes: Vec<Inbox>,
    /// The worker whose result was taken last.
    last: usize,
    recorder: Recorder,
    /// The files that this process records into.
    files: usize,
    /// Results by index from `next` on, where they are handed over in order.
    held: VecDeque<Option<Held>>,
    next: u64,
    done: u64,
    failed: u64,
    error: Option<String>,
    digest: u64,
    large: bool,
}

impl<'a> Receiver<'a> {
    fn new(task: &'a Task<'a>, inboxes: Vec<Inbox>) -> Self {
        Receiver {
            task,
            inboxes,
            last: 0,
            recorder: Recorder::new(task, "consumer"),
            files: 1,
            held: VecDeque::new(),
            next: 0,
            done: 0,
            failed: 0,
            error: None,
            digest: 0,
            large: false,
        }
    }

    fn record(&mut self, record: impl Into<Record>) {
        self.recorder.write(CONSUMER, record);
    }

    /// One task after the other, each by the thread that wants its result.
    fn one_by_one(&mut self, pipes: &[OwnedFd]) -> Option<Trouble> {
        let mut dispatch = Dispatch::new(self.task, pipes, CONSUMER);
        let mut trouble = None;
        let began = clock::now();
        for index in 0..self.task.job.settings.tasks {
            let worker = (index % pipes.len() as u64) as usize;
            let submit = Submit { index: index as i64, submitted: clock::now(), ..Submit::default() };
            self.record(submit);
            let sent = dispatch.send(index, &mut self.recorder, |_| Some(worker));
            if let Err(found) = sent.and_then(|_| self.take(worker, &|| ())) {
                trouble = Some(found);
                break;
            }
        }
        self.record(Dispatcher { began, ended: clock::now() });
        trouble
    }

    /// A task for each result, to the same worker, which has the next one already: all by the thread that wants them.
    fn in_turn(&mut self, pipes: &[OwnedFd]) -> Option<Trouble> {
        self.submit();
        let mut dispatch = Dispatch::new(self.task, pipes, CONSUMER);
        let began = clock::now();
        let trouble = self.exchange(&mut dispatch).err();
        self.record(Dispatcher { began, ended: clock::now() });
        trouble
    }

    fn exchange(&mut self, dispatch: &mut Dispatch<'_>) -> Result<(), Trouble> {
        let tasks = self.task.job.settings.tasks;
        let workers = self.inboxes.len() as u64;
        for index in 0..tasks.min(2 * workers) {
            dispatch.send(index, &mut self.recorder, |_| Some((index % workers) as usize))?;
        }
        let mut next = tasks.min(2 * workers);
        while self.done + self.failed < tasks {
            let worker = self.ready().map_err(|error| Trouble::System(error.to_string()))?;
            self.take(worker, &|| ())?;
            self.last = worker;
            if next < tasks {
                dispatch.send(next, &mut self.recorder, |_| Some(worker))?;
                next += 1;
            }
        }
        Ok(())
    }

    /// Notes that all tasks were submitted.
    fn submit(&mut self) {
        let order =
            if self.task.job.settings.call == Some(Call::ImapUnordered) { Order::Unordered } else { Order::Ordered };
        self.record(Submit { index: -1, submitted: clock::now(), order, ..Submit::default() });
    }

    /// All tasks as fast as there is room for them, from a thread of its own.
    fn side_by_side(&mut self, pipes: &[OwnedFd], end_all: &(dyn Fn() + Sync)) -> Option<Trouble> {
        let task = self.task;
        let mut recorder = Recorder::new(task, "dispatcher");
        self.files += 1;
        self.submit();
        let slots = &Slots::new(pipes.len());
        let dispatched = thread::scope(|scope| {
            let dispatching = move || {
                let mut dispatch = Dispatch::new(task, pipes, DISPATCHER);
                let began = clock::now();
                let mut trouble = None;
                for index in 0..task.job.settings.tasks {
                    match dispatch.send(index, &mut recorder, |bytes| slots.take(if bytes > SHORT { 1 } else { 2 })) {
                        Ok(true) => {}
                        Ok(false) => break,
                        Err(found) => {
                            trouble = Some(found);
                            // The consumer waits for results that cannot come any more.
                            end_all();
                            break;
                        }
                    }
                }
                recorder.write(DISPATCHER, Dispatcher { began, ended: clock::now() });
                trouble
            };
            let thread = deep_thread().spawn_scoped(scope, dispatching);
            let thread = thread.map_err(|error| Trouble::System(format!("cannot start a thread: {error}")))?;
            let taken = self.take_all(slots);
            slots.close();
            if taken.is_some() {
                end_all();
            }
            let trouble = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            // The dispatcher's trouble comes first: the consumer's follows from it.
            Ok(trouble.or(taken))
        });
        dispatched.unwrap_or_else(Some)
    }

    /// Takes as many results as there are tasks.
    fn take_all(&mut self, slots: &Slots) -> Option<Trouble> {
        while self.done + self.failed < self.task.job.settings.tasks {
            let worker = match self.ready() {
                Ok(worker) => worker,
                Err(error) => return Some(Trouble::System(error.to_string())),
            };
            if let Err(trouble) = self.take(worker, &|| slots.give(worker)) {
                return Some(trouble);
            }
            self.last = worker;
        }
        None
    }

    /// A worker of which something can be read.
    fn ready(&self) -> io::Result<usize> {
        let count = self.inboxes.len();
        // The worker after the one that was served last comes first, so that none waits forever.
        let in_turn = || (1..=count).map(|offset| (self.last + offset) % count);
        if let Some(worker) = in_turn().find(|&worker| self.inboxes[worker].has_next()) {
            return Ok(worker);
        }
        if count == 1 {
            return Ok(0);
        }
        let mut ends: Vec<PollFd<'_>> =
            self.inboxes.iter().map(|inbox| PollFd::new(&inbox.pipe, PollFlags::IN)).collect();
        loop {
            match poll(&mut ends, None) {
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => {
                    if let Some(worker) = in_turn().find(|&worker| !ends[worker].revents().is_empty()) {
                        return Ok(worker);
                    }
                }
            }
        }
    }

    /// Takes one result of a worker, and hands over what is due.
    fn take(&mut self, worker: usize, give: &dyn Fn()) -> Result<(), Trouble> {
        let record = self.task.job.settings.record;
        let now = || if record { clock::now() } else { 0 };
        let entered = now();
        let inbox = &mut self.inboxes[worker];
        let arrival = inbox.receive().ok().flatten().ok_or(Trouble::Lost(worker))?;
        let Arrival { number, came, complete } = arrival;
        let (index, good) = (number & !FAILED, number & FAILED == 0);
        let sampled = record && (self.large || index.is_multiple_of(SAMPLED));
        let cpu = || if sampled { clock::thread_cpu() } else { 0 };
        let before = cpu();
        let loading = if sampled { clock::now() } else { complete };
        let bytes = frame::framed(inbox.body().len());
        self.large = bytes >= LARGE;
        let mut data = None;
        let mut error = None;
        if !good {
            error = Some(String::from_utf8_lossy(inbox.body()).into_owned());
        } else if self.task.placement == Placement::Result {
            match decode(self.task.codec, &self.task.schema, inbox.body()) {
                Ok(decoded) => data = Some(decoded),
                Err(reason) => error = Some(reason),
            }
        }
        let loaded = now();
        let after = cpu();
        if self.task.job.settings.digest && error.is_none() {
            self.digest(index, worker, &mut data);
        }
        give();
        match error {
            None => self.done += 1,
            Some(reason) => {
                self.failed += 1;
                self.error.get_or_insert_with(|| format!("{}: {reason}", self.task.codec.info().name));
            }
        }
        let delivered = now();
        self.record(Receive {
            index: index as i64,
            bytes,
            entered,
            came,
            complete,
            loading,
            loaded,
            cpu_complete: before,
            cpu_loaded: after,
            delivered,
            ..Receive::default()
        });
        self.hand_over(Held { index, data });
        Ok(())
    }

    /// Hands the result to the consumer, or holds it until those before it have come.
    fn hand_over(&mut self, result: Held) {
        if self.task.job.settings.call.is_some_and(|call| call != Call::Imap) {
            self.wake(result);
            return;
        }
        let at = result.index.saturating_sub(self.next) as usize;
        if self.held.len() <= at {
            self.held.resize_with(at + 1, || None);
        }
        self.held[at] = Some(result);
        while let Some(Some(_)) = self.held.front() {
            if let Some(Some(result)) = self.held.pop_front() {
                self.next += 1;
                self.wake(result);
            }
        }
    }

    /// The consumer has it, and drops it.
    fn wake(&mut self, result: Held) {
        if self.task.job.settings.record {
            let woken = clock::now();
            self.record(Wake { index: result.index as i64, woken, ..Wake::default() });
        }
        drop(std::hint::black_box(result.data));
    }

    /// Notes what a result comes to.
    fn digest(&mut self, index: u64, worker: usize, data: &mut Option<Decoded>) {
        let digest = match data.take() {
            Some(data) => source::into_column(data, &self.task.schema).map_or(0, |column| source::digest(&column)),
            None => self.inboxes[worker].body().first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes)),
        };
        // In the order in which they come, which may be any.
        self.digest = self.digest.wrapping_add(digest_at(digest, index));
    }

    /// All that was counted here.
    fn conclude(self) -> CallRecording {
        let settings = self.task.job.settings;
        let mut recording = CallRecording {
            engine: "native".to_owned(),
            call: Some(settings.call.unwrap_or(Call::Imap).name().to_owned()),
            workers: settings.workers(),
            tasks: Some(settings.tasks),
            is_recorded: settings.record,
            done: Some(self.done),
            failed: self.failed,
            error: self.error,
            ..CallRecording::default()
        };
        if self.task.job.settings.digest {
            recording.digest = Some(format!("{:016x}", self.digest));
        }
        recording
    }
}

/// The codec, and the crate that it is.
fn runtime(task: &Task<'_>) -> String {
    let info = task.codec.info();
    let package = info.package;
    if package.starts_with(info.name) { package.to_owned() } else { format!("{} ({package})", info.name) }
}
