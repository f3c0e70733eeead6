//! The records of each task brought together, from all the processes that had a part in it.

use super::record::{Process, Records};
use super::timeline::Interval;
use sercost_record::{Get, Header, Key, Order, Put, Receive, Record, Send, Stamp};
use std::collections::{BTreeMap, HashMap};

/// One message: a task, or a chunk of tasks that went together.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its job and its place in it.
    pub key: Key,
    /// When it was submitted; zero where that is not known.
    pub submitted: Stamp,
    /// When an executor put it into its call queue; zero for a pool.
    pub queued: Stamp,
    /// How its result came to the consumer.
    pub order: Order,
    /// Its being sent.
    pub send: Option<Send>,
    /// Its arrival in a worker, and which of [`Joined::workers`].
    pub get: Option<(usize, Get)>,
    /// The sending of its result.
    pub put: Option<Put>,
    /// The arrival of its result.
    pub receive: Option<Receive>,
    /// When the record of that arrival was written.
    pub receive_written: Stamp,
    /// When the result was set.
    pub delivered: Stamp,
    /// When the consumer had it.
    pub woken: Stamp,
    /// The items of a chunk, one by one.
    pub items: Vec<Interval>,
    /// Its pickling ended in an exception.
    pub unsent: bool,
}

impl Message {
    fn new(key: Key) -> Self {
        Message {
            key,
            submitted: 0,
            queued: 0,
            order: Order::Single,
            send: None,
            get: None,
            put: None,
            receive: None,
            receive_written: 0,
            delivered: 0,
            woken: 0,
            items: Vec::new(),
            unsent: false,
        }
    }

    /// Whether every stamp from its submission to its consumer is there.
    pub fn is_whole(&self) -> bool {
        self.submitted > 0
            && self.send.is_some()
            && self.get.is_some()
            && self.put.is_some_and(|put| put.sending > 0)
            && self.receive.is_some()
            && self.woken > 0
    }
}

/// One worker process.
#[derive(Clone, Debug, Default)]
pub struct Worker {
    /// The process.
    pub pid: i64,
    /// When its start was asked for.
    pub started: Stamp,
    /// Its first stamp, its bootstrap, its entry into the worker function; zeros where it did not come so far.
    pub boot: [Stamp; 3],
    /// When the agent had made its file.
    pub prepared: Stamp,
    /// Its initializer.
    pub initialized: Option<Interval>,
    /// When it was told to end by a signal.
    pub terminated: Stamp,
    /// When it was seen to have ended, and with which code.
    pub exit: Option<(Stamp, i64)>,
    /// What it got, with what it put for it, in order. What ends a worker is a get without a put.
    pub turns: Vec<(Get, Option<Put>)>,
    /// When it last called get; zero for never.
    pub last_get: Stamp,
    /// When its last put returned; zero for never.
    pub last_put: Stamp,
    /// Its garbage collections.
    pub collections: Vec<Interval>,
}

/// Something that the dispatcher did.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// It sent a task.
    Send(Send),
    /// It found that the iterator has no more.
    Exhausted(Interval),
    /// It could not pickle a task.
    Failed(Interval),
}

impl Turn {
    /// When it began.
    pub fn begin(&self) -> Stamp {
        match self {
            Turn::Send(send) => first(send.iterating, send.entered),
            Turn::Exhausted(interval) | Turn::Failed(interval) => interval.start,
        }
    }
}

/// A thread that pickles and sends tasks.
#[derive(Clone, Debug, Default)]
pub struct Dispatcher {
    /// Its life, where it came to its end.
    pub life: Option<Interval>,
    /// What it did, in order.
    pub turns: Vec<Turn>,
    /// When the pool or executor was told to end; zero where it was not.
    pub closed: Stamp,
    /// Garbage collections in it.
    pub collections: Vec<Interval>,
}

/// What the thread of a pool that watches over its workers used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// How often it woke: at each change of a worker, and whenever a result waits to be taken.
    pub wakes: u64,
    /// Its CPU time in nanoseconds.
    pub cpu_ns: u64,
}

/// The records of a scenario, joined.
#[derive(Clone, Debug, Default)]
pub struct Joined {
    /// By job and index.
    pub messages: Vec<Message>,
    /// Those that ended before they came to their worker function are last.
    pub workers: Vec<Worker>,
    /// In the order of their first turns.
    pub dispatchers: Vec<Dispatcher>,
    /// When a thread of the parent process was in `dumps` or `loads`.
    pub pickling: Vec<Interval>,
    /// All such threads together.
    pub watch: Watch,
    /// Whether records are missing or broken.
    pub holes: bool,
    /// Whether there is no interpreter lock to wait for, and the thread that asks for results takes them itself.
    pub unlocked: bool,
    /// The process that sends the tasks.
    pub parent: i64,
}

fn first(stamp: Stamp, otherwise: Stamp) -> Stamp {
    if stamp > 0 { stamp } else { otherwise }
}

/// Brings the records together.
pub fn join(records: &Records) -> Joined {
    let mut joiner = Joiner::default();
    joiner.joined.holes =
        records.missing > 0 || records.processes.iter().any(|process| process.header.stopped || process.broken > 0);
    for process in &records.processes {
        joiner.take_parent(process);
    }
    for process in &records.processes {
        joiner.take_worker(process);
    }
    if records.missing == 0 {
        joiner.take_unheard();
    }
    joiner.joined.unlocked = records.unlocked;
    if records.unlocked {
        // Nobody waits for a thread that pickles.
        joiner.joined.pickling.clear();
    }
    joiner.finish()
}

#[derive(Default)]
struct Joiner {
    joined: Joined,
    messages: BTreeMap<Key, Message>,
    submitted: HashMap<i64, (Stamp, Order)>,
    /// For each job the wakes of its consumers.
    wakes: HashMap<i64, Vec<Stamp>>,
    /// When the start of a process was asked for, and whether it is a worker.
    started: BTreeMap<i64, (Stamp, bool)>,
    terminated: HashMap<i64, Stamp>,
    exits: HashMap<i64, (Stamp, i64)>,
}

impl Joiner {
    fn message(&mut self, key: Key) -> &mut Message {
        self.messages.entry(key).or_insert_with(|| Message::new(key))
    }

    /// What is recorded where the pool is.
    fn take_parent(&mut self, process: &Process) {
        let mut dispatchers: HashMap<u64, Dispatcher> = HashMap::new();
        let mut receiving: HashMap<u64, Key> = HashMap::new();
        let mut closed = Vec::new();
        for entry in &process.entries {
            let thread = entry.thread;
            match entry.record {
                Record::Submit(submit) if submit.index < 0 => {
                    self.submitted.insert(submit.job, (submit.submitted, submit.order));
                }
                Record::Submit(submit) => {
                    let message = self.message(submit.key());
                    (message.submitted, message.queued) = (submit.submitted, submit.queued);
                }
                Record::Send(send) => {
                    self.joined.parent = process.header.pid;
                    self.message(send.key()).send = Some(send);
                    dispatchers.entry(thread).or_default().turns.push(Turn::Send(send));
                    self.joined.pickling.push(Interval::new(send.began, send.dumped));
                }
                Record::Failed(failed) => {
                    let message = self.message(failed.key());
                    message.unsent = true;
                    message.delivered = failed.ended;
                    let turn = Turn::Failed(Interval::new(failed.began, failed.ended));
                    dispatchers.entry(thread).or_default().turns.push(turn);
                }
                Record::Iterated(iterated) => {
                    let turn = Turn::Exhausted(Interval::new(iterated.began, iterated.ended));
                    dispatchers.entry(thread).or_default().turns.push(turn);
                }
                Record::Dispatcher(life) => {
                    dispatchers.entry(thread).or_default().life = Some(Interval::new(life.began, life.ended));
                }
                Record::Receive(receive) => {
                    self.joined.pickling.push(Interval::new(receive.loading, receive.loaded));
                    // What the thread says of the result before this one.
                    if let Some(before) = receiving.insert(thread, receive.key())
                        && !before.is_none()
                    {
                        let message = self.message(before);
                        message.receive_written = receive.written;
                        message.delivered = first(message.delivered, receive.entered);
                    }
                    if !receive.key().is_none() {
                        let message = self.message(receive.key());
                        message.receive = Some(receive);
                        message.delivered = receive.delivered;
                    }
                }
                Record::Wake(wake) if wake.index >= 0 => self.message(wake.key()).woken = wake.woken,
                Record::Wake(wake) => self.wakes.entry(wake.job).or_default().push(wake.woken),
                Record::Wakes(wakes) => {
                    let taken = wakes.woken.into_iter().filter(|&woken| woken > 0);
                    self.wakes.entry(wakes.job).or_default().extend(taken);
                }
                Record::Start(start) => {
                    self.started.insert(start.pid, (start.began, start.is_worker));
                }
                Record::Terminate(told) => {
                    self.terminated.entry(told.pid).or_insert(told.at);
                }
                Record::Exit(exit) => {
                    self.exits.entry(exit.pid).or_insert((exit.at, exit.code));
                }
                Record::Close(close) => closed.push(close.at),
                Record::Watch(watch) => {
                    let all = &mut self.joined.watch;
                    all.wakes = all.wakes.saturating_add(watch.times.max(0) as u64);
                    all.cpu_ns = all.cpu_ns.saturating_add(watch.cpu);
                }
                Record::Collection(collection) => {
                    let interval = Interval::new(collection.began, collection.ended);
                    dispatchers.entry(thread).or_default().collections.push(interval);
                }
                _ => {}
            }
        }
        for key in receiving.into_values() {
            // The last result of a thread: when it asked for the next is in the header.
            if let Some(message) = self.messages.get_mut(&key)
                && let Some(receive) = message.receive
            {
                let asked = if process.header.last_receive > receive.loaded {
                    process.header.last_receive
                } else {
                    receive.loaded
                };
                message.delivered = first(message.delivered, asked);
                message.receive_written = first(message.receive_written, receive.loaded);
            }
        }
        for mut dispatcher in dispatchers.into_values().filter(|dispatcher| !dispatcher.turns.is_empty()) {
            dispatcher.turns.sort_by_key(Turn::begin);
            let last = dispatcher.turns.last().map_or(0, Turn::begin);
            dispatcher.closed = closed.iter().copied().filter(|&at| at >= last).min().unwrap_or(0);
            self.joined.dispatchers.push(dispatcher);
        }
    }

    /// What is recorded in a worker.
    fn take_worker(&mut self, process: &Process) {
        let Header { pid, last_get, last_put, .. } = process.header;
        let mut worker = Worker { pid, last_get, last_put, ..Worker::default() };
        let mut is_worker = false;
        let at = self.joined.workers.len();
        for entry in &process.entries {
            match entry.record {
                Record::Boot(boot) => {
                    is_worker = true;
                    worker.boot = [boot.ready, boot.bootstrap, boot.entered];
                    worker.prepared = boot.prepared;
                }
                Record::Initialized(own) => worker.initialized = Some(Interval::new(own.began, own.ended)),
                Record::Get(get) => {
                    worker.turns.push((get, None));
                    if !get.key().is_none() {
                        self.message(get.key()).get = Some((at, get));
                    }
                }
                Record::Put(put) => {
                    if let Some((get, own)) = worker.turns.last_mut()
                        && get.key() == put.key()
                    {
                        // A result that could not be pickled is followed by one that says so.
                        *own = Some(put);
                        if !put.key().is_none() {
                            self.message(put.key()).put = Some(put);
                        }
                    }
                }
                Record::Item(item) => self.message(item.key()).items.push(Interval::new(item.began, item.ended)),
                Record::Collection(own) => worker.collections.push(Interval::new(own.began, own.ended)),
                _ => {}
            }
        }
        if !is_worker {
            return;
        }
        let started = self.started.remove(&worker.pid);
        worker.started = started.map_or(worker.boot[0], |(at, _)| at);
        self.add_worker(worker);
    }

    /// Those of whom only their parent knows: where all who tried could record, they were ended before they came to it.
    fn take_unheard(&mut self) {
        for (pid, (started, is_worker)) in std::mem::take(&mut self.started) {
            if is_worker {
                self.add_worker(Worker { pid, started, ..Worker::default() });
            }
        }
    }

    /// Adds a worker with what its parent knows of its end.
    fn add_worker(&mut self, mut worker: Worker) {
        worker.terminated = self.terminated.get(&worker.pid).copied().unwrap_or(0);
        worker.exit = self.exits.get(&worker.pid).copied();
        self.joined.workers.push(worker);
    }

    fn finish(mut self) -> Joined {
        for message in self.messages.values_mut() {
            if let Some(&(at, order)) = self.submitted.get(&message.key.job) {
                message.submitted = first(message.submitted, at);
                message.order = order;
            }
        }
        let mut jobs: HashMap<i64, Vec<Key>> = HashMap::new();
        for key in self.messages.keys() {
            jobs.entry(key.job).or_default().push(*key);
        }
        for (job, mut keys) in jobs {
            let Some(mut wakes) = self.wakes.remove(&job).filter(|wakes| !wakes.is_empty()) else { continue };
            wakes.sort_unstable();
            let order = self.messages.get(&keys[0]).map_or(Order::Single, |message| message.order);
            match order {
                Order::Single | Order::Together => {
                    for key in keys {
                        self.message(key).woken = wakes[0];
                    }
                }
                Order::Ordered | Order::Unordered => {
                    if order == Order::Unordered {
                        keys.retain(|key| self.messages[key].delivered > 0);
                        keys.sort_by_key(|key| self.messages[key].delivered);
                    }
                    for (key, woken) in keys.into_iter().zip(wakes) {
                        self.message(key).woken = woken;
                    }
                }
            }
        }
        // Workers are referred to by their place, which therefore stays.
        self.joined.messages = self.messages.into_values().collect();
        self.joined.dispatchers.sort_by_key(|dispatcher| dispatcher.turns.first().map_or(0, Turn::begin));
        self.joined
    }
}
