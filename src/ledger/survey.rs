//! A first reading of all records: what has to be known before the first task is followed, which is little.
//!
//! When each worker was started and seen to have ended, how many turns each thread took and which was its last, and of
//! each job how its results came to the consumer. With engines that have an interpreter lock, also when threads of the
//! parent held it: two intervals for each task.

use super::record::{Entries, RecordError, RecordFile, Records};
use super::timeline::{Interval, union};
use rustc_hash::FxHashMap;
use sercost_record::{Get, Order, Put, Record, Stamp, Start};
use std::collections::BTreeMap;

/// One worker process.
#[derive(Clone, Debug, Default)]
pub(super) struct Worker {
    /// The process.
    pub(super) pid: i64,
    /// When its start was asked for.
    pub(super) started: Stamp,
    /// Its first stamp, its bootstrap, its entry into the worker function; zeros where it did not come so far.
    pub(super) boot: [Stamp; 3],
    /// When the agent had made its file.
    pub(super) prepared: Stamp,
    /// The encoding of what it was given, in the process that started it, and the bytes of that.
    pub(super) handed: (Interval, u64),
    /// The loading of that, the part of it that was reading, and the bytes.
    pub(super) given: (Interval, u64, u64),
    /// Its initializer.
    pub(super) initialized: Option<Interval>,
    /// When it was told to end by a signal.
    pub(super) terminated: Stamp,
    /// When it was seen to have ended, and with which code.
    pub(super) exit: Option<(Stamp, i64)>,
    /// When it first entered get for a task; `None` where it got none.
    pub(super) first_get: Option<Stamp>,
    /// The last message that it got, with what it put for it.
    pub(super) last_turn: Option<(Get, Option<Put>)>,
    /// When it last called get; zero for never.
    pub(super) last_get: Stamp,
    /// When its last put returned; zero for never.
    pub(super) last_put: Stamp,
    /// Its garbage collections.
    pub(super) collections: Vec<Interval>,
}

/// A thread that pickles and sends tasks.
#[derive(Clone, Debug, Default)]
pub(super) struct Dispatcher {
    /// Its life, where it came to its end.
    pub(super) life: Option<Interval>,
    /// When its first turn began.
    pub(super) began: Stamp,
    /// When its last turn began and ended.
    pub(super) last: Interval,
    /// When the pool or executor was told to end; zero where it was not.
    pub(super) closed: Stamp,
    /// Garbage collections in it.
    pub(super) collections: Vec<Interval>,
}

/// The time of the thread of a pool that watches over its workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// How often it woke: at each change of a worker, and whenever a result waits to be taken.
    pub wakes: u64,
    /// Its CPU time in nanoseconds.
    pub cpu_ns: u64,
}

/// The facts about all processes.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Those that ended before they came to their worker function are last.
    pub(super) workers: Vec<Worker>,
    /// For each file the worker that wrote it.
    pub(super) worker_of: Vec<Option<usize>>,
    /// In the order of their first turns.
    pub(super) dispatchers: Vec<Dispatcher>,
    /// The index of each thread of a file among them.
    pub(super) dispatcher_of: FxHashMap<(usize, u64), usize>,
    /// The time of each job that was submitted as a whole, and how its results come.
    pub(super) submitted: FxHashMap<i64, (Stamp, Order)>,
    /// For each job the wakes of its consumers that do not say for which task, sorted.
    pub(super) wakes: FxHashMap<i64, Vec<Stamp>>,
    /// When a thread of the parent process was in `dumps` or `loads`, as a union.
    pub(super) pickling: Vec<Interval>,
    /// All such threads together.
    pub(super) watch: Watch,
    /// Whether records are missing or broken.
    pub(super) holes: bool,
    /// The process that sends the tasks.
    pub(super) parent: i64,
}

impl Survey {
    /// Reads all records once.
    pub(super) fn of(records: &Records) -> Result<Survey, RecordError> {
        let mut surveyor = Surveyor { unlocked: records.unlocked, ..Surveyor::default() };
        surveyor.survey.holes = records.missing > 0 || records.stopped();
        for (at, file) in records.files().iter().enumerate() {
            surveyor.take(at, file, records.open(file)?)?;
        }
        Ok(surveyor.finish(records.missing == 0))
    }
}

#[derive(Default)]
struct Surveyor {
    survey: Survey,
    unlocked: bool,
    /// The workers that recorded, each with its file.
    heard: Vec<(usize, Worker)>,
    /// The threads that sent something, each with its file, its process and its number.
    senders: Vec<(usize, i64, u64, Dispatcher)>,
    /// When the start of a process was asked for, and whether it is a worker.
    started: BTreeMap<i64, Start>,
    terminated: FxHashMap<i64, Stamp>,
    exits: FxHashMap<i64, (Stamp, i64)>,
    /// With the process.
    closed: Vec<(i64, Stamp)>,
}

/// The contents of a file about a worker, if the file is that of one.
#[derive(Default)]
struct OwnFile {
    worker: Worker,
    is_worker: bool,
    /// By thread.
    senders: BTreeMap<u64, Dispatcher>,
    /// By thread.
    collections: BTreeMap<u64, Vec<Interval>>,
}

impl Surveyor {
    fn take(&mut self, at: usize, file: &RecordFile, mut entries: Entries) -> Result<(), RecordError> {
        let header = &file.header;
        let mut own = OwnFile::default();
        (own.worker.pid, own.worker.last_get, own.worker.last_put) = (header.pid, header.last_get, header.last_put);
        while let Some(entry) = entries.next()? {
            self.take_of_parent(header.pid, entry.thread, &entry.record, &mut own);
            own.take(&entry.record);
        }
        self.survey.holes |= entries.broken() > 0;
        for (thread, mut sender) in own.senders {
            sender.collections = own.collections.get(&thread).cloned().unwrap_or_default();
            self.senders.push((at, header.pid, thread, sender));
        }
        if own.is_worker {
            own.worker.collections = own.collections.into_values().flatten().collect();
            self.heard.push((at, own.worker));
        }
        Ok(())
    }

    /// Takes a record of the process where the pool is.
    fn take_of_parent(&mut self, pid: i64, thread: u64, record: &Record, own: &mut OwnFile) {
        let survey = &mut self.survey;
        match *record {
            Record::Submit(submit) if submit.index < 0 => {
                survey.submitted.insert(submit.job, (submit.submitted, submit.order));
            }
            Record::Send(send) => {
                survey.parent = pid;
                own.sent(thread, Interval::new(first(send.iterating, send.entered), send.freed));
                if !self.unlocked {
                    survey.pickling.push(Interval::new(send.began, send.dumped));
                }
            }
            Record::Failed(failed) => own.sent(thread, Interval::new(failed.began, failed.ended)),
            Record::Iterated(iterated) => own.sent(thread, Interval::new(iterated.began, iterated.ended)),
            Record::Dispatcher(life) => {
                own.senders.entry(thread).or_default().life = Some(Interval::new(life.began, life.ended));
            }
            Record::Receive(receive) if !self.unlocked => {
                survey.pickling.push(Interval::new(receive.loading, receive.loaded));
            }
            Record::Wake(wake) if wake.index < 0 => survey.wakes.entry(wake.job).or_default().push(wake.woken),
            Record::Wakes(wakes) => {
                let taken = wakes.woken.into_iter().filter(|&woken| woken > 0);
                survey.wakes.entry(wakes.job).or_default().extend(taken);
            }
            Record::Start(start) => {
                self.started.insert(start.pid, start);
            }
            Record::Terminate(told) => {
                self.terminated.entry(told.pid).or_insert(told.at);
            }
            Record::Exit(exit) => {
                self.exits.entry(exit.pid).or_insert((exit.at, exit.code));
            }
            Record::Close(close) => self.closed.push((pid, close.at)),
            Record::Watch(watch) => {
                let all = &mut survey.watch;
                all.wakes = all.wakes.saturating_add(watch.times.max(0) as u64);
                all.cpu_ns = all.cpu_ns.saturating_add(watch.cpu);
            }
            Record::Collection(collection) => {
                let interval = Interval::new(collection.began, collection.ended);
                own.collections.entry(thread).or_default().push(interval);
            }
            _ => {}
        }
    }

    fn finish(mut self, all_heard: bool) -> Survey {
        self.survey.worker_of = Vec::new();
        for (at, worker) in std::mem::take(&mut self.heard) {
            self.survey.worker_of.resize(at + 1, None);
            self.survey.worker_of[at] = Some(self.survey.workers.len());
            let start = self.started.remove(&worker.pid);
            let started = start.map_or(worker.boot[0], |start| start.began);
            let handed = start.map_or_else(Default::default, handed);
            self.add_worker(Worker { started, handed, ..worker });
        }
        // Workers that only their parent knows: where all that tried could record, these were ended before they came to
        // it.
        for (pid, start) in std::mem::take(&mut self.started) {
            if start.is_worker && all_heard {
                let (started, handed) = (start.began, handed(start));
                self.add_worker(Worker { pid, started, handed, ..Worker::default() });
            }
        }
        self.senders.retain(|(.., sender)| sender.began > 0 || sender.last.end > 0);
        self.senders.sort_by_key(|(.., sender)| sender.began);
        for (at, pid, thread, mut sender) in self.senders {
            let closed = self.closed.iter().filter(|(own, stamp)| *own == pid && *stamp >= sender.last.start);
            sender.closed = closed.map(|(_, stamp)| *stamp).min().unwrap_or(0);
            sender.collections.sort();
            self.survey.dispatcher_of.insert((at, thread), self.survey.dispatchers.len());
            self.survey.dispatchers.push(sender);
        }
        self.survey.wakes.retain(|_, wakes| {
            wakes.sort_unstable();
            !wakes.is_empty()
        });
        self.survey.pickling = union(std::mem::take(&mut self.survey.pickling));
        self.survey
    }

    /// Adds a worker with what its parent knows of its end.
    fn add_worker(&mut self, mut worker: Worker) {
        worker.terminated = self.terminated.get(&worker.pid).copied().unwrap_or(0);
        worker.exit = self.exits.get(&worker.pid).copied();
        worker.collections.sort();
        self.survey.workers.push(worker);
    }
}

/// The encoding of what a process was given at its start, and the bytes of that.
fn handed(start: Start) -> (Interval, u64) {
    (Interval::new(start.encoding, start.encoded), start.bytes)
}

impl OwnFile {
    /// Takes a record of a worker.
    fn take(&mut self, record: &Record) {
        let worker = &mut self.worker;
        match *record {
            Record::Boot(boot) => {
                self.is_worker = true;
                worker.boot = [boot.ready, boot.bootstrap, boot.entered];
                worker.prepared = boot.prepared;
                let reading = u64::try_from(boot.reading).unwrap_or(0);
                worker.given = (Interval::new(boot.loading, boot.loaded), reading, boot.bytes);
            }
            Record::Initialized(own) => worker.initialized = Some(Interval::new(own.began, own.ended)),
            Record::Get(get) => {
                worker.first_get.get_or_insert(get.entered);
                worker.last_turn = Some((get, None));
            }
            Record::Put(put) => {
                if let Some((get, own)) = &mut worker.last_turn
                    && get.key() == put.key()
                {
                    *own = Some(put);
                }
            }
            _ => {}
        }
    }

    /// A turn of a thread that sends.
    fn sent(&mut self, thread: u64, turn: Interval) {
        let sender = self.senders.entry(thread).or_default();
        let is_first = sender.last == Interval::new(0, 0);
        if is_first || turn.start < sender.began {
            sender.began = turn.start;
        }
        if is_first || turn.start >= sender.last.start {
            sender.last = turn;
        }
    }
}

/// A stamp, or another where it was not taken.
pub(super) fn first(stamp: Stamp, otherwise: Stamp) -> Stamp {
    if stamp > 0 { stamp } else { otherwise }
}
