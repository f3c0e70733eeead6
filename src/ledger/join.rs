//! The records of each task brought together, from all the processes that had a part in it.
//!
//! The files are read side by side, in the order in which their records were written. A task is open from its first record
//! to its last; then it is handed on and forgotten, so that the memory is that of the tasks that are on their way at the
//! same time. That order only keeps the open ones few: a record may come as late as it will.

use super::record::{Entries, RecordError, Records};
use super::survey::{Survey, first};
use super::timeline::Interval;
use rustc_hash::{FxHashMap, FxHashSet};
use sercost_record::{Entry, Get, Key, Order, Put, Receive, Record, Send, Stamp, Used};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

/// The number of later tasks that wait for one whose record does not come, before it is taken for lost.
const MOST_WAITING: usize = 1 << 14;

/// One message: a task, or a chunk of tasks that went together.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// Its job and its place in it.
    pub(super) key: Key,
    /// When it was submitted; zero where that is not known.
    pub(super) submitted: Stamp,
    /// When an executor put it into its call queue; zero for a pool.
    pub(super) queued: Stamp,
    /// Its being sent, and by which of [`Survey::dispatchers`].
    pub(super) send: Option<(Option<usize>, Send)>,
    /// Its arrival in a worker.
    pub(super) get: Option<Get>,
    /// Which of [`Survey::workers`] that is.
    pub(super) worker: Option<usize>,
    /// It is the first of that worker.
    pub(super) is_first: bool,
    /// The sending of its result.
    pub(super) put: Option<Put>,
    /// The arrival of its result.
    pub(super) receive: Option<Receive>,
    /// When the record of that arrival was written.
    pub(super) receive_written: Stamp,
    /// When the result was set.
    pub(super) delivered: Stamp,
    /// The time when it and all before it were delivered, in a job whose results come in order; zero elsewhere.
    pub(super) ready: Stamp,
    /// When the consumer had it.
    pub(super) woken: Stamp,
    /// The items of a chunk, one by one.
    pub(super) items: Vec<Interval>,
}

impl Message {
    fn new(key: Key) -> Self {
        Message {
            key,
            submitted: 0,
            queued: 0,
            send: None,
            get: None,
            worker: None,
            is_first: false,
            put: None,
            receive: None,
            receive_written: 0,
            delivered: 0,
            ready: 0,
            woken: 0,
            items: Vec::new(),
        }
    }

    /// Whether every stamp from its submission to its consumer is there.
    fn is_whole(&self) -> bool {
        self.submitted > 0
            && self.send.is_some()
            && self.get.is_some()
            && self.put.is_some_and(|put| put.sending > 0)
            && self.receive.is_some()
            && self.woken > 0
    }
}

/// The message that a worker got, with what it put for it. A get without a put ends a worker.
#[derive(Clone, Copy, Debug)]
pub(super) struct WorkerTurn {
    pub(super) get: Get,
    pub(super) put: Option<Put>,
    /// When the message was on its way to it; zero where that is not known.
    pub(super) sent: Stamp,
}

/// Something that the dispatcher did.
#[derive(Clone, Copy, Debug)]
pub(super) enum SenderTurn {
    /// It sent a task.
    Send(Send),
    /// It found that the iterator has no more.
    Exhausted(Interval),
    /// It could not pickle a task.
    Failed(Interval),
}

impl SenderTurn {
    /// When it began.
    pub(super) fn begin(&self) -> Stamp {
        match self {
            SenderTurn::Send(send) => first(send.iterating, send.entered),
            SenderTurn::Exhausted(interval) | SenderTurn::Failed(interval) => interval.start,
        }
    }
}

/// A result that a thread took.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReceiverTurn {
    pub(super) receive: Receive,
    /// When the record of it was written.
    pub(super) written: Stamp,
    /// When the result was set.
    pub(super) delivered: Stamp,
}

/// Where what is brought together goes.
pub(super) trait Follower {
    /// The next turn of one of [`Survey::workers`].
    fn worker(&mut self, worker: usize, turn: &WorkerTurn);

    /// The next turn of one of [`Survey::dispatchers`].
    fn sender(&mut self, sender: usize, turn: &SenderTurn);

    /// The next turn of a thread that takes results, by its file and its number there.
    fn receiver(&mut self, thread: (usize, u64), turn: &ReceiverTurn);

    /// What a call used of the kernel and of other processes.
    fn used(&mut self, used: &Used);

    /// A message of which everything is known.
    fn message(&mut self, message: &Message);

    /// A message of which a part is known, and no more will be.
    fn partial(&mut self, message: &Message);
}

/// Reads all records, and tells `follower` what they come to.
pub(super) fn join(records: &Records, survey: &Survey, follower: &mut dyn Follower) -> Result<(), RecordError> {
    let mut joiner = Joiner::new(survey, follower);
    let mut files = Vec::new();
    let mut next = BinaryHeap::new();
    for (at, file) in records.files().iter().enumerate() {
        let mut entries = records.open(file)?;
        let entry = following(&mut entries)?;
        next.extend(entry.map(|(stamp, _)| Reverse((stamp, at))));
        files.push((entries, entry.map(|(_, entry)| entry)));
        if entry.is_none() {
            joiner.file_ended(at, file.header.last_receive);
        }
    }
    while let Some(mut top) = next.peek_mut() {
        let Reverse((_, at)) = *top;
        let (entries, entry) = &mut files[at];
        let Some(taken) = entry.take() else { break };
        let following = following(entries)?;
        match following {
            Some((stamp, entry)) => {
                files[at].1 = Some(entry);
                *top = Reverse((stamp, at));
                drop(top);
            }
            None => {
                std::collections::binary_heap::PeekMut::pop(top);
            }
        }
        joiner.take(at, &taken);
        if following.is_none() {
            joiner.file_ended(at, records.files()[at].header.last_receive);
        }
    }
    joiner.finish();
    Ok(())
}

/// The next record that has a part in this, with the moment when it was written.
fn following(entries: &mut Entries) -> Result<Option<(Stamp, Entry)>, RecordError> {
    while let Some(entry) = entries.next()? {
        let written = match entry.record {
            Record::Submit(submit) if submit.index >= 0 => submit.submitted,
            Record::Send(send) => send.freed,
            Record::Get(get) => get.freed,
            Record::Put(put) => put.written,
            Record::Receive(receive) => receive.loaded,
            Record::Wake(wake) if wake.index >= 0 => wake.woken,
            Record::Item(item) => item.ended,
            Record::Used(used) => used.written,
            Record::Failed(failed) => failed.ended,
            Record::Iterated(iterated) => iterated.ended,
            _ => continue,
        };
        return Ok(Some((written, entry)));
    }
    Ok(None)
}

/// A message while its records come.
struct Open {
    message: Message,
    /// Its turn in its worker: which worker, and which of its turns.
    turn: Option<(usize, u64)>,
    /// The worker has nothing more to say of it.
    is_put: bool,
    /// The thread that took its result has nothing more to say of it.
    is_received: bool,
    /// When all before it are delivered is known, or of no concern.
    is_ready: bool,
    /// Its place among the results of its job as they arrived.
    arrival: Option<usize>,
}

impl Open {
    /// Whether all is known of it but, maybe, when its consumer had it.
    fn is_known(&self) -> bool {
        let is_told = self.message.submitted > 0 && self.message.send.is_some();
        is_told && self.is_put && self.is_received && self.is_ready
    }
}

/// The turns of a worker that cannot be told yet.
#[derive(Default)]
struct Turns {
    waiting: VecDeque<Waiting>,
    /// Turns that were told.
    told: u64,
}

struct Waiting {
    get: Get,
    put: Option<Put>,
    sent: Option<Stamp>,
    is_over: bool,
}

/// A job whose results come to their consumers in order, or as they arrive.
#[derive(Default)]
struct Job {
    /// The first index behind those of which it is known when they were delivered.
    next: i64,
    /// When the last of them was.
    latest: Stamp,
    /// Those behind that are delivered already.
    delivered: BTreeMap<i64, Stamp>,
    /// The number of messages that have arrived.
    arrived: usize,
}

struct Joiner<'a> {
    survey: &'a Survey,
    follower: &'a mut dyn Follower,
    open: FxHashMap<Key, Open>,
    /// Tasks of which only the submission and the time of queuing are known yet.
    submitted: FxHashMap<Key, (Stamp, Stamp)>,
    /// Those that could not be pickled.
    failed: FxHashSet<Key>,
    jobs: FxHashMap<i64, Job>,
    /// By worker.
    turns: Vec<Turns>,
    /// For each thread of a file the result that it received last.
    receiving: FxHashMap<(usize, u64), Receive>,
}

impl<'a> Joiner<'a> {
    fn new(survey: &'a Survey, follower: &'a mut dyn Follower) -> Self {
        Joiner {
            survey,
            follower,
            open: FxHashMap::default(),
            submitted: FxHashMap::default(),
            failed: FxHashSet::default(),
            jobs: FxHashMap::default(),
            turns: survey.workers.iter().map(|_| Turns::default()).collect(),
            receiving: FxHashMap::default(),
        }
    }

    fn take(&mut self, file: usize, entry: &Entry) {
        match entry.record {
            Record::Submit(submit) => self.submit(submit.key(), submit.submitted, submit.queued),
            Record::Send(send) => self.send(file, entry.thread, send),
            Record::Failed(failed) => {
                self.turn_of_sender(file, entry.thread, &SenderTurn::Failed(Interval::new(failed.began, failed.ended)));
                self.fail(failed.key(), failed.ended);
            }
            Record::Iterated(iterated) => {
                let turn = SenderTurn::Exhausted(Interval::new(iterated.began, iterated.ended));
                self.turn_of_sender(file, entry.thread, &turn);
            }
            Record::Receive(receive) => self.receive(file, entry.thread, receive),
            Record::Wake(wake) => {
                if let Some(open) = self.open(wake.key()) {
                    open.message.woken = wake.woken;
                    if open.is_known() {
                        self.settle(wake.key());
                    }
                }
            }
            Record::Get(get) => self.get(file, get),
            Record::Put(put) => self.put(file, put),
            Record::Item(item) => {
                if let Some(open) = self.open(item.key()) {
                    open.message.items.push(Interval::new(item.began, item.ended));
                }
            }
            Record::Used(used) => self.follower.used(&used),
            _ => {}
        }
    }

    /// The open message of a key; `None` for a message that is not a task, and for a task that failed.
    fn open(&mut self, key: Key) -> Option<&mut Open> {
        if key.is_none() || self.failed.contains(&key) {
            return None;
        }
        let (survey, submitted) = (self.survey, &mut self.submitted);
        Some(self.open.entry(key).or_insert_with(|| {
            let mut message = Message::new(key);
            let job = survey.submitted.get(&key.job);
            if let Some(own) = submitted.remove(&key) {
                (message.submitted, message.queued) = own;
            }
            message.submitted = first(message.submitted, job.map_or(0, |(stamp, _)| *stamp));
            let is_ready = job.is_none_or(|(_, order)| *order != Order::Ordered);
            Open { message, turn: None, is_put: false, is_received: false, is_ready, arrival: None }
        }))
    }

    fn submit(&mut self, key: Key, submitted: Stamp, queued: Stamp) {
        match self.open.get_mut(&key) {
            Some(open) => (open.message.submitted, open.message.queued) = (submitted, queued),
            None if self.failed.contains(&key) => {}
            None => {
                self.submitted.insert(key, (submitted, queued));
            }
        }
    }

    fn send(&mut self, file: usize, thread: u64, send: Send) {
        let sender = self.turn_of_sender(file, thread, &SenderTurn::Send(send));
        let Some(open) = self.open(send.key()) else { return };
        open.message.send = Some((sender, send));
        let is_known = open.is_known();
        if let Some((worker, turn)) = open.turn {
            let turns = &mut self.turns[worker];
            let waiting = turn.checked_sub(turns.told).and_then(|at| turns.waiting.get_mut(at as usize));
            if let Some(waiting) = waiting {
                waiting.sent = Some(send.sending);
                self.tell(worker, MOST_WAITING);
            }
        }
        if is_known {
            self.settle(send.key());
        }
    }

    fn turn_of_sender(&mut self, file: usize, thread: u64, turn: &SenderTurn) -> Option<usize> {
        let sender = self.survey.dispatcher_of.get(&(file, thread)).copied()?;
        self.follower.sender(sender, turn);
        Some(sender)
    }

    /// A task that could not be pickled goes no further.
    fn fail(&mut self, key: Key, at: Stamp) {
        if self.open(key).is_none() {
            return;
        }
        self.arrive(key);
        self.deliver(key, at);
        if let Some(open) = self.open.remove(&key) {
            self.follower.partial(&open.message);
            self.failed.insert(key);
        }
    }

    fn receive(&mut self, file: usize, thread: u64, receive: Receive) {
        // The thread's record of the result before this one.
        if let Some(before) = self.receiving.insert((file, thread), receive) {
            self.received((file, thread), &before, receive.written, receive.entered);
        }
        if let Some(open) = self.open(receive.key()) {
            open.message.receive = Some(receive);
            open.message.delivered = receive.delivered;
            self.arrive(receive.key());
        }
    }

    /// The record of a result was written then, and the thread asked for the next one.
    fn received(&mut self, thread: (usize, u64), receive: &Receive, written: Stamp, asked: Stamp) {
        let turn = ReceiverTurn { receive: *receive, written, delivered: first(receive.delivered, asked) };
        self.follower.receiver(thread, &turn);
        let key = receive.key();
        let Some(open) = self.open.get_mut(&key) else { return };
        open.message.receive_written = written;
        open.message.delivered = first(open.message.delivered, asked);
        open.is_received = true;
        let delivered = open.message.delivered;
        match open.is_ready {
            true => self.settle(key),
            false => self.deliver(key, delivered),
        }
    }

    /// Gives a result its place among those that arrived, where its consumer's wake says no other.
    fn arrive(&mut self, key: Key) {
        let is_unordered = self.survey.submitted.get(&key.job).is_some_and(|(_, order)| *order == Order::Unordered);
        if is_unordered
            && self.survey.wakes.contains_key(&key.job)
            && let Some(open) = self.open.get_mut(&key)
            && open.arrival.is_none()
        {
            let job = self.jobs.entry(key.job).or_default();
            open.arrival = Some(job.arrived);
            job.arrived += 1;
        }
    }

    /// Notes when a result of an ordered job was delivered, and of which ones all before them are now.
    fn deliver(&mut self, key: Key, delivered: Stamp) {
        if self.open.get(&key).is_none_or(|open| open.is_ready) {
            return;
        }
        let job = self.jobs.entry(key.job).or_default();
        job.delivered.insert(key.index, delivered);
        let mut ready = Vec::new();
        // Where one does not come, those behind it wait for so long and no longer.
        while let Some((&index, _)) = job.delivered.first_key_value()
            && (index <= job.next || job.delivered.len() > MOST_WAITING)
            && let Some((index, delivered)) = job.delivered.pop_first()
        {
            job.next = job.next.max(index.saturating_add(1));
            job.latest = job.latest.max(delivered);
            ready.push((index, job.latest));
        }
        for (index, latest) in ready {
            let key = Key { job: key.job, index };
            if let Some(open) = self.open.get_mut(&key) {
                (open.message.ready, open.is_ready) = (latest, true);
                self.settle(key);
            }
        }
    }

    fn get(&mut self, file: usize, get: Get) {
        let worker = self.survey.worker_of.get(file).copied().flatten();
        let mut turn = None;
        if let Some(worker) = worker {
            self.turn_over(worker);
            let turns = &mut self.turns[worker];
            turn = Some((worker, turns.told + turns.waiting.len() as u64));
        }
        let mut sent = get.key().is_none().then_some(0);
        if let Some(open) = self.open(get.key()) {
            (open.message.get, open.message.worker, open.turn) = (Some(get), worker, turn);
            open.message.is_first = turn.is_some_and(|(_, turn)| turn == 0);
            sent = open.message.send.map(|(_, send)| send.sending);
        }
        if let Some(worker) = worker {
            self.turns[worker].waiting.push_back(Waiting { get, put: None, sent, is_over: false });
            self.tell(worker, MOST_WAITING);
        }
    }

    fn put(&mut self, file: usize, put: Put) {
        let Some(worker) = self.survey.worker_of.get(file).copied().flatten() else { return };
        if let Some(waiting) = self.turns[worker].waiting.back_mut()
            && waiting.get.key() == put.key()
        {
            // A result that could not be pickled is followed by one that says so.
            waiting.put = Some(put);
        }
    }

    /// The last turn of a worker is over: what it put is what it was.
    fn turn_over(&mut self, worker: usize) {
        let Some(waiting) = self.turns[worker].waiting.back_mut() else { return };
        waiting.is_over = true;
        let (key, put) = (waiting.get.key(), waiting.put);
        if let Some(open) = self.open.get_mut(&key) {
            (open.message.put, open.is_put) = (put, true);
            if open.is_known() {
                self.settle(key);
            }
        }
    }

    /// Tells the turns of a worker as far as they are known, and those before the last `most` in any case.
    fn tell(&mut self, worker: usize, most: usize) {
        let turns = &mut self.turns[worker];
        while let Some(waiting) = turns.waiting.front()
            && waiting.is_over
            && (waiting.sent.is_some() || turns.waiting.len() > most)
        {
            let turn = WorkerTurn { get: waiting.get, put: waiting.put, sent: waiting.sent.unwrap_or(0) };
            turns.waiting.pop_front();
            turns.told += 1;
            self.follower.worker(worker, &turn);
        }
    }

    /// When its consumer had it, by what is known of its job where not of itself.
    fn woken(&self, open: &Open) -> Stamp {
        let key = open.message.key;
        let Some(wakes) = self.survey.wakes.get(&key.job) else { return open.message.woken };
        let order = self.survey.submitted.get(&key.job).map_or(Order::Single, |(_, order)| *order);
        let place = match order {
            Order::Single | Order::Together => Some(0),
            Order::Ordered => usize::try_from(key.index).ok(),
            Order::Unordered => open.arrival,
        };
        place.and_then(|place| wakes.get(place)).copied().unwrap_or(0)
    }

    /// Hands on a message of which everything is known.
    fn settle(&mut self, key: Key) {
        let Some(open) = self.open.get(&key) else { return };
        if !open.is_known() {
            return;
        }
        let woken = self.woken(open);
        if woken == 0 {
            return;
        }
        if let Some(mut open) = self.open.remove(&key) {
            open.message.woken = woken;
            self.hand_on(&open.message);
        }
    }

    fn hand_on(&mut self, message: &Message) {
        if message.is_whole() { self.follower.message(message) } else { self.follower.partial(message) }
    }

    /// There are no more records in a file.
    fn file_ended(&mut self, file: usize, last_receive: Stamp) {
        if let Some(worker) = self.survey.worker_of.get(file).copied().flatten() {
            self.turn_over(worker);
            self.tell(worker, MOST_WAITING);
        }
        let threads: Vec<(usize, u64)> = self.receiving.keys().filter(|(own, _)| *own == file).copied().collect();
        for thread in threads {
            // The last result of a thread: when it asked for the next is in the header.
            if let Some(receive) = self.receiving.remove(&thread) {
                self.received(thread, &receive, receive.loaded, last_receive.max(receive.loaded));
            }
        }
    }

    /// There are no more records: what is open stays as it is.
    fn finish(mut self) {
        for worker in 0..self.turns.len() {
            self.tell(worker, 0);
        }
        let mut left: Vec<Key> = self.open.keys().copied().collect();
        left.sort_unstable();
        for key in left {
            let Some(mut open) = self.open.remove(&key) else { continue };
            open.message.woken = self.woken(&open);
            if !open.is_ready {
                let job = self.jobs.entry(key.job).or_default();
                job.latest = job.latest.max(open.message.delivered);
                open.message.ready = job.latest;
            }
            self.hand_on(&open.message);
        }
        let mut submitted: Vec<(Key, (Stamp, Stamp))> = self.submitted.drain().collect();
        submitted.sort_unstable();
        for (key, (submitted, queued)) in submitted {
            self.follower.partial(&Message { submitted, queued, ..Message::new(key) });
        }
    }
}
