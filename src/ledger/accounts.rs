//! The three ledgers of a scenario: each task's latency, each worker's life, the dispatcher's life.

use super::join::{Dispatcher, Joined, Message, Turn, Worker};
use super::routes;
use super::timeline::{Interval, Timeline, overlap, union};
use crate::model::{Closure, Component, ComponentRow, Ledger};
use crate::stats::{Samples, summarize};
use sercost_record::{Get, Key, Order, Put, Stamp};
use std::collections::{BTreeMap, HashMap};

/// What the ledgers of a scenario come to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// In the order of ledgers, and within each of a task's way.
    pub rows: Vec<Row>,
    /// One for each ledger that has a timeline.
    pub closures: Vec<Closure>,
    /// Messages that were followed from end to end.
    pub messages: u64,
    /// Messages of which a part is known.
    pub partial: u64,
}

/// A component before it is told where it belongs.
#[derive(Clone, Debug)]
pub struct Row {
    /// The timeline that it is a part of.
    pub ledger: Ledger,
    /// Its name.
    pub component: Component,
    /// What it is a part of, if not of the ledger itself.
    pub part_of: Option<Component>,
    /// Its intervals' lengths, in nanoseconds.
    pub samples: Vec<u64>,
    /// The CPU time in those of them where it was read, and the wall time of those.
    pub cpu: Option<(u64, u64)>,
    /// Bytes that it made or moved.
    pub bytes: Option<u64>,
}

impl Row {
    /// The row as it stands in the results file.
    pub fn named(&self, engine: &str, scenario: &str, payload: Option<&str>) -> ComponentRow {
        let samples: Vec<Option<u64>> = self.samples.iter().copied().map(Some).collect();
        let wall_ns = self.samples.iter().copied().fold(0, u64::saturating_add);
        ComponentRow {
            engine: engine.to_owned(),
            scenario: scenario.to_owned(),
            payload: payload.map(str::to_owned),
            ledger: self.ledger,
            component: self.component,
            part_of: self.part_of,
            wall_ns,
            cpu_ns: self.cpu.map(|(cpu, wall)| on_cpu(cpu, wall, wall_ns)),
            bytes: self.bytes,
            samples_ns: self.samples.clone(),
            summary: summarize(Samples { rounds: &samples, operations: 1 }, None),
        }
    }
}

/// What of `all` nanoseconds was on a CPU, when of `wall` of them `cpu` were. The two clocks are not read in the same
/// moment, so for a short interval more than all can come out, which cannot be.
fn on_cpu(cpu: u64, wall: u64, all: u64) -> u64 {
    // In wide numbers, since they come from a file.
    let part = u128::from(cpu) * u128::from(all) / u128::from(wall.max(1));
    part.min(u128::from(all)) as u64
}

/// The ledgers of what was joined.
pub fn rows(joined: &Joined) -> Outcome {
    let mut book = Book::default();
    let whole: Vec<&Message> = joined.messages.iter().filter(|message| message.is_whole()).collect();
    let pickling = union(joined.pickling.clone());
    let ready = ready_in_order(&joined.messages);
    for message in &whole {
        let first = message.get.and_then(|(at, get)| Some((get, joined.workers.get(at)?.turns.first()?.0)));
        let is_first = first.is_some_and(|(own, first)| own == first);
        task(&mut book, message, is_first, &pickling, ready.get(&message.key).copied().unwrap_or(0));
    }
    let sending: HashMap<_, Stamp> =
        joined.messages.iter().filter_map(|message| Some((message.key, message.send?.sending))).collect();
    for each in &joined.workers {
        worker(&mut book, each, &|key| sending.get(&key).copied().unwrap_or(0));
    }
    for each in &joined.dispatchers {
        dispatcher(&mut book, each);
    }
    let partial = joined.messages.len() - whole.len();
    Outcome {
        closures: book.closures(),
        rows: book.rows.into_values().filter(|row| row.samples.iter().any(|&sample| sample > 0)).collect(),
        messages: whole.len() as u64,
        partial: partial as u64,
    }
}

/// For each message of an ordered job, when it and all before it were delivered.
fn ready_in_order(messages: &[Message]) -> HashMap<Key, Stamp> {
    let mut ready = HashMap::new();
    let (mut job, mut latest) = (None, 0);
    // They are sorted by job and index.
    for message in messages.iter().filter(|message| message.order == Order::Ordered) {
        if job != Some(message.key.job) {
            (job, latest) = (Some(message.key.job), 0);
        }
        latest = message.delivered.max(latest);
        ready.insert(message.key, latest);
    }
    ready
}

/// The rows under construction.
#[derive(Default)]
struct Book {
    rows: BTreeMap<(Ledger, Component, Option<Component>), Row>,
    totals: BTreeMap<Ledger, (u64, u64, u64)>,
}

impl Book {
    fn row(&mut self, ledger: Ledger, component: Component, part_of: Option<Component>) -> &mut Row {
        debug_assert!(component.is_in(ledger), "{component} is in no table as one of {ledger}");
        self.rows.entry((ledger, component, part_of)).or_insert_with(|| Row {
            ledger,
            component,
            part_of,
            samples: Vec::new(),
            cpu: None,
            bytes: None,
        })
    }

    fn add(&mut self, ledger: Ledger, component: Component, length: u64) -> &mut Row {
        let row = self.row(ledger, component, component.part_of(ledger));
        row.samples.push(length);
        row
    }

    /// The parts of a timeline as samples; what only the agent interrupted is one.
    fn parts(&mut self, ledger: Ledger, timeline: &Timeline) {
        let mut last = None;
        for &(component, interval) in timeline.parts() {
            let row = self.row(ledger, component, component.part_of(ledger));
            match row.samples.last_mut() {
                Some(sample) if last == Some(component) => *sample = sample.saturating_add(interval.length()),
                _ => row.samples.push(interval.length()),
            }
            if component != Component::Agent {
                last = Some(component);
            }
        }
    }

    /// Counts a timeline, and what is left of it as a row.
    fn close(&mut self, ledger: Ledger, mut timeline: Timeline) {
        timeline.close();
        let (count, wall, named) = self.totals.entry(ledger).or_default();
        *count += 1;
        *wall = wall.saturating_add(timeline.span().length());
        *named = named.saturating_add(timeline.named_ns());
        self.add(ledger, Component::Other, timeline.total(Component::Other));
    }

    /// Garbage collections by the component in which they happened.
    fn collections(&mut self, ledger: Ledger, timeline: &Timeline, collections: &[Interval]) {
        for collection in collections {
            for (component, interval) in timeline.parts() {
                let length = interval.intersect(*collection).length();
                if length > 0 {
                    self.row(ledger, Component::Gc, Some(*component)).samples.push(length);
                }
            }
        }
    }

    fn closures(&self) -> Vec<Closure> {
        let closure = |(&ledger, &(count, wall_ns, named_ns)): (&Ledger, &(u64, u64, u64))| Closure {
            ledger,
            count,
            wall_ns,
            named_ns,
        };
        self.totals.iter().map(closure).collect()
    }
}

impl Row {
    /// Counts the CPU time of an interval of this length, where it was read.
    fn cpu(&mut self, time: Option<u64>, wall: u64) -> &mut Row {
        if let Some(time) = time {
            let (cpu, of) = self.cpu.get_or_insert((0, 0));
            *cpu = cpu.saturating_add(time);
            *of = of.saturating_add(wall);
        }
        self
    }

    fn bytes(&mut self, bytes: u64) -> &mut Row {
        self.bytes = Some(self.bytes.unwrap_or(0).saturating_add(bytes));
        self
    }
}

/// The CPU time between two readings of a record.
fn between<const N: usize>(cpu: Option<[u64; N]>, from: usize, to: usize) -> Option<u64> {
    cpu.map(|cpu| cpu[to].saturating_sub(cpu[from]))
}

/// The latency of one task, along the routes of all who have a part in it.
fn task(book: &mut Book, message: &Message, is_first: bool, pickling: &[Interval], ready: Stamp) {
    let (Some(send), Some((_, get)), Some(put), Some(receive)) =
        (message.send, message.get, message.put, message.receive)
    else {
        return;
    };
    const LEDGER: Ledger = Ledger::Task;
    let mut timeline = Timeline::new(Interval::new(message.submitted, message.woken));
    let begun = if send.iterating > 0 { send.iterating } else { send.entered };

    let wait = timeline.advance(Component::QueueWait, begun);
    book.add(LEDGER, Component::QueueWait, wait.length());
    if message.queued > 0 {
        let pending = wait.intersect(Interval::new(message.submitted, message.queued)).length();
        book.add(LEDGER, Component::Pending, pending);
        book.add(LEDGER, Component::Buffered, wait.length() - pending);
    }
    let (mut agent, mut pickup, mut result_pickup) = (0, Interval::new(0, 0), Interval::new(0, 0));
    let mut each = |component, interval: Interval| {
        match component {
            Component::Agent => {
                agent += interval.length();
                return;
            }
            Component::Pickup => pickup = interval,
            Component::ResultPickup => result_pickup = interval,
            _ => {}
        }
        book.add(LEDGER, component, interval.length());
    };
    timeline.follow(routes::SENDING, &send, &mut each);
    timeline.follow(routes::GETTING, &get, &mut each);
    timeline.follow(routes::PUTTING, &put, &mut each);
    timeline.follow(routes::RECEIVING, &receive, &mut each);
    // What only the message knows.
    let ends = [
        (Component::Agent, message.receive_written),
        (Component::Deliver, message.delivered),
        (Component::Wake, message.woken),
    ];
    let [_, _, wake] = ends.map(|(component, until)| {
        let interval = timeline.advance(component, until);
        each(component, interval);
        interval
    });
    book.add(LEDGER, Component::Agent, agent);

    // Up to its first get the worker was starting, up to later ones busy with others.
    let before = if is_first { Component::Boot } else { Component::WorkerBusy };
    book.add(LEDGER, before, pickup.intersect(Interval::new(0, get.entered)).length());
    book.add(LEDGER, Component::LockConvoy, pickup.intersect(Interval::new(get.entered, get.locked)).length());
    book.add(LEDGER, Component::Wakeup, pickup.intersect(Interval::new(get.locked, get.came)).length());
    book.add(LEDGER, Component::GilStarved, overlap(result_pickup, pickling));
    book.add(LEDGER, Component::OrderWait, wake.intersect(Interval::new(0, ready)).length());
    for item in &message.items {
        book.add(LEDGER, Component::Item, item.length());
    }

    for (component, bytes) in [
        (Component::EncodeTask, send.bytes),
        (Component::Transfer, get.bytes),
        (Component::DecodeTask, get.bytes),
        (Component::EncodeResult, put.bytes),
        (Component::ResultTransfer, receive.bytes),
        (Component::DecodeResult, receive.bytes),
    ] {
        book.row(LEDGER, component, None).bytes(bytes);
    }
    let encoded = between(send.cpu(), 0, 1);
    book.row(LEDGER, Component::EncodeTask, None).cpu(encoded, send.dumped.saturating_sub(send.began));
    let decoded = between(receive.cpu(), 0, 1);
    book.row(LEDGER, Component::DecodeResult, None).cpu(decoded, receive.loaded.saturating_sub(receive.loading));
    worker_cpu(book, LEDGER, &get, &put);
    book.close(LEDGER, timeline);
}

/// The life of one worker.
fn worker(book: &mut Book, worker: &Worker, sent: &dyn Fn(Key) -> Stamp) {
    const LEDGER: Ledger = Ledger::Worker;
    let (timeline, boot, rest) = worker_timeline(worker, sent);
    if worker.boot[2] > 0 {
        boot_parts(book, boot, rest, worker);
    }
    book.parts(LEDGER, &timeline);
    drop_cpu(book, worker);
    for (get, put) in &worker.turns {
        if let Some(put) = put {
            worker_cpu(book, LEDGER, get, put);
        }
    }
    book.collections(LEDGER, &timeline, &worker.collections);
    book.close(LEDGER, timeline);
}

/// A worker's life in its components, not closed yet, and the two intervals of its start. `sent` is when a message was
/// on its way.
pub(super) fn worker_timeline(worker: &Worker, sent: &dyn Fn(Key) -> Stamp) -> (Timeline, Interval, Interval) {
    let last = worker.turns.last().map_or(0, |(get, put)| put.map_or(get.freed, |put| put.sending.max(put.dumped)));
    let end = worker.exit.map_or(last.max(worker.last_get).max(worker.last_put), |(at, _)| at);
    let mut timeline = Timeline::new(Interval::new(worker.started, end));
    let told = if worker.terminated > 0 { worker.terminated } else { end };
    let first_get = worker.turns.first().map_or(worker.last_get, |(get, _)| get.entered);
    // One that never came to its worker function was starting until it was told to end.
    let entered = if worker.boot[2] > 0 { worker.boot[2] } else { told };
    let boot = timeline.advance(Component::Boot, entered);
    timeline.advance(Component::Agent, worker.prepared);
    let rest = timeline.advance(Component::Boot, first_get);
    for (at, (get, put)) in worker.turns.iter().enumerate() {
        if at > 0 {
            timeline.advance(Component::SendResult, get.put);
            timeline.advance(Component::DropArguments, get.entered);
        }
        if get.key().is_none() {
            timeline.advance(Component::Idle, get.came);
            break;
        }
        timeline.advance(Component::Idle, sent(get.key()).clamp(get.entered, get.came.max(get.entered)));
        timeline.follow(routes::GETTING, get, routes::ignore);
        let Some(put) = put else {
            // It ended in the middle of the task.
            timeline.advance(Component::Call, end);
            break;
        };
        timeline.follow(routes::PUTTING, put, routes::ignore);
    }
    if worker.last_put >= timeline.reached() {
        timeline.advance(Component::SendResult, worker.last_put);
        let asked = if worker.last_get >= worker.last_put { worker.last_get } else { told };
        timeline.advance(Component::DropArguments, asked);
    }
    if worker.last_get >= timeline.reached() && worker.turns.last().is_none_or(|(get, _)| get.entered < worker.last_get)
    {
        timeline.advance(Component::Idle, told);
    }
    timeline.advance(Component::Teardown, end);
    (timeline, boot, rest)
}

/// The CPU time of a worker in one task. What lies between two readings belongs to the larger of the components there.
fn worker_cpu(book: &mut Book, ledger: Ledger, get: &Get, put: &Put) {
    let call = get.cpu().zip(put.cpu()).map(|(get, put)| put[0].saturating_sub(get[2]));
    for (component, cpu, from, to) in [
        (Component::Transfer, between(get.cpu(), 0, 1), get.came, get.complete),
        (Component::DecodeTask, between(get.cpu(), 1, 2), get.loading, get.loaded),
        (Component::Call, call, put.got, put.entered),
        (Component::EncodeResult, between(put.cpu(), 0, 1), put.dumping, put.dumped),
    ] {
        book.row(ledger, component, None).cpu(cpu, to.saturating_sub(from));
    }
}

/// The CPU time from after each result was encoded to the next get, which is that of sending it and freeing the task.
fn drop_cpu(book: &mut Book, worker: &Worker) {
    for pair in worker.turns.windows(2) {
        let (Some(put), next) = (pair[0].1, pair[1].0) else { continue };
        let cpu = put.cpu().zip(next.cpu()).map(|(put, next)| next[0].saturating_sub(put[1]));
        let wall = next.entered.saturating_sub(next.put);
        book.row(Ledger::Worker, Component::DropArguments, None).cpu(cpu, wall);
    }
}

/// The parts of starting: before the worker function is entered, and from there to its first get.
fn boot_parts(book: &mut Book, boot: Interval, rest: Interval, worker: &Worker) {
    let [ready, _, entered] = worker.boot;
    let mut parts = Timeline::new(boot);
    let process = parts.advance(Component::BootProcess, ready);
    let import = parts.advance(Component::BootImport, entered);
    book.add(Ledger::Worker, Component::BootProcess, process.length());
    book.add(Ledger::Worker, Component::BootImport, import.length());
    if let Some(initialized) = worker.initialized {
        book.add(Ledger::Worker, Component::Initializer, rest.intersect(initialized).length());
    }
}

/// The life of the thread that sends the tasks.
fn dispatcher(book: &mut Book, dispatcher: &Dispatcher) {
    const LEDGER: Ledger = Ledger::Dispatcher;
    let Some(timeline) = dispatcher_timeline(dispatcher) else { return };
    book.parts(LEDGER, &timeline);
    let sends =
        || dispatcher.turns.iter().filter_map(|turn| if let Turn::Send(send) = turn { Some(send) } else { None });
    for send in sends() {
        let encode = book.row(LEDGER, Component::EncodeTask, None);
        encode.cpu(between(send.cpu(), 0, 1), send.dumped.saturating_sub(send.began)).bytes(send.bytes);
        let own = book.row(LEDGER, Component::Send, None);
        own.cpu(between(send.cpu(), 1, 2), send.sent.saturating_sub(send.sending)).bytes(send.bytes);
    }
    book.collections(LEDGER, &timeline, &dispatcher.collections);
    book.close(LEDGER, timeline);
}

/// The life of a thread that sends tasks in its components, not closed yet; `None` where it never did anything.
pub(super) fn dispatcher_timeline(dispatcher: &Dispatcher) -> Option<Timeline> {
    let (Some(first), Some(last)) = (dispatcher.turns.first(), dispatcher.turns.last()) else { return None };
    let known_end = match last {
        Turn::Send(send) => send.freed,
        Turn::Exhausted(interval) | Turn::Failed(interval) => interval.end,
    };
    let life = dispatcher.life.unwrap_or(Interval::new(first.begin(), known_end));
    let mut timeline = Timeline::new(life);
    let mut before: Option<i64> = None;
    for turn in &dispatcher.turns {
        if let Turn::Send(send) = turn
            && before.is_some()
        {
            timeline.advance(Component::Agent, send.written.min(turn.begin()));
        }
        // The message is freed before the thread asks for the next one; it waits where the next is of another job.
        let waits = match (before, turn) {
            (None, _) => true,
            (Some(job), Turn::Send(send)) => send.iterating == 0 || send.key().job != job,
            (Some(_), _) => false,
        };
        timeline.advance(if waits { Component::Idle } else { Component::FreeMessage }, turn.begin());
        match turn {
            Turn::Send(send) => {
                timeline.follow(routes::SENDING, send, routes::ignore);
                timeline.follow(routes::SENT, send, routes::ignore);
                before = Some(send.key().job);
            }
            Turn::Exhausted(interval) => {
                timeline.advance(Component::Iterate, interval.end);
            }
            Turn::Failed(interval) => {
                timeline.advance(Component::EncodeTask, interval.end);
                before = before.or(Some(0));
            }
        }
    }
    timeline.advance(Component::Idle, dispatcher.closed);
    timeline.advance(Component::Teardown, life.end);
    Some(timeline)
}

#[cfg(test)]
mod tests {
    use super::super::join::join;
    use super::super::record::{Process, Records};
    use super::rows;
    use proptest::prelude::*;
    use sercost_record::{About, HEADER_BYTES, RECORD_BYTES, WORDS, Writer};
    use std::os::unix::fs::FileExt;

    /// The header of a file with room for so many records, as a process leaves it.
    fn head(records: usize) -> Vec<u8> {
        let file = tempfile::tempfile().expect("there is room");
        let again = file.try_clone().expect("there are descriptors");
        Writer::create(file, &About::default()).expect("there is memory");
        let mut bytes = vec![0; HEADER_BYTES];
        again.read_exact_at(&mut bytes, 0).expect("the header was written");
        let allocated = (HEADER_BYTES + records * RECORD_BYTES) as u64;
        bytes[sercost_record::header::ALLOCATED].copy_from_slice(&allocated.to_le_bytes());
        bytes
    }

    proptest! {
        #[test]
        fn whatever_is_in_a_file_it_can_be_joined_and_booked(
            words in prop::collection::vec(prop::array::uniform16(prop_oneof![
                0i64..20, any::<i64>(), 1000i64..2000, Just(-1), Just(i64::MAX),
            ]), 0..40),
            kinds in prop::collection::vec(0i64..20, 40),
        ) {
            let records: Vec<[i64; WORDS]> = words.into_iter().zip(kinds).map(|(mut words, kind)| {
                words[0] = kind;
                words
            }).collect();
            let mut bytes = head(records.len());
            bytes.extend(records.iter().flatten().flat_map(|word| word.to_le_bytes()));
            let process = Process::read(&*bytes).expect("is a file of records");
            let records = Records { processes: vec![process.clone(), process], missing: 0, unlocked: false };
            let outcome = rows(&join(&records));
            for row in &outcome.rows {
                row.named("pool", "any", None);
            }
            for closure in outcome.closures {
                prop_assert!(closure.named_ns <= closure.wall_ns);
            }
        }
    }
}
