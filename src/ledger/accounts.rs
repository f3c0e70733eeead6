//! The ledgers of a scenario: each task's latency, each worker's life, the lives of those that send tasks and take results.

use super::book::{Book, Outcome};
use super::join::{Follower, Message, ReceiverTurn, SenderTurn, WorkerTurn, join};
use super::lives::{ReceiverLife, SenderLife, WorkerLife, between, worker_cpu};
use super::record::{RecordError, Records};
use super::routes;
use super::survey::{Survey, Watch};
use super::timeline::{Interval, Timeline, overlap};
use super::tracks::Tracker;
use crate::model::{Component, Ledger, Tracks};
use sercost_record::Used;
use std::collections::BTreeMap;

/// The accounts of a scenario, made from its records.
#[derive(Debug, Default)]
pub struct Accounts {
    /// The ledgers.
    pub outcome: Outcome,
    /// The time of threads that watch over workers.
    pub watch: Watch,
    /// Whether records are missing or broken.
    pub holes: bool,
    /// The tracks of each thread, where they were asked for.
    pub tracks: Option<Tracks>,
}

/// Makes the ledgers of what was recorded. The seed chooses the samples that are kept where there are many; with a name
/// of the scenario there are tracks.
///
/// # Errors
///
/// When a file cannot be read.
pub fn accounts(records: &Records, seed: u64, tracks_of: Option<&str>) -> Result<Accounts, RecordError> {
    let survey = Survey::of(records)?;
    let mut ledgers = Ledgers {
        book: Book::new(seed),
        workers: Vec::new(),
        senders: Vec::new(),
        receivers: BTreeMap::new(),
        survey: &survey,
        messages: 0,
        partial: 0,
        sent: 0,
        received: 0,
        tracker: tracks_of.map(|name| Tracker::new(name, &survey, records.unlocked)),
    };
    let draws = tracks_of.is_some();
    for worker in &survey.workers {
        let life = WorkerLife::begin(worker, draws, &mut ledgers.book);
        ledgers.workers.push(life);
    }
    ledgers.senders = survey.dispatchers.iter().map(|own| SenderLife::begin(own, draws)).collect();
    join(records, &survey, &mut ledgers)?;
    let Ledgers { mut book, workers, senders, receivers, messages, partial, sent, received, tracker, .. } = ledgers;
    receivers.into_values().for_each(|life| life.end(&mut book));
    let workers: Vec<_> = workers.into_iter().map(|life| life.end(&mut book)).collect();
    let senders: Vec<_> = senders.into_iter().map(|life| life.end(&mut book)).collect();
    Ok(Accounts {
        outcome: Outcome { sent, received, ..book.into_outcome(messages, partial) },
        watch: survey.watch,
        holes: survey.holes,
        tracks: tracker.map(|tracker| tracker.finish(senders, workers)),
    })
}

/// The ledgers under construction.
struct Ledgers<'a> {
    book: Book,
    /// As in the survey.
    workers: Vec<WorkerLife<'a>>,
    senders: Vec<SenderLife<'a>>,
    /// By file and thread.
    receivers: BTreeMap<(usize, u64), ReceiverLife>,
    survey: &'a Survey,
    messages: u64,
    partial: u64,
    /// Tasks that were sent, and of which a result came back.
    sent: u64,
    received: u64,
    tracker: Option<Tracker<'a>>,
}

impl Follower for Ledgers<'_> {
    fn worker(&mut self, worker: usize, turn: &WorkerTurn) {
        self.workers[worker].turn(turn, &mut self.book);
    }

    fn sender(&mut self, sender: usize, turn: &SenderTurn) {
        self.senders[sender].turn(turn, &mut self.book);
    }

    fn receiver(&mut self, thread: (usize, u64), turn: &ReceiverTurn) {
        let life = self.receivers.entry(thread).or_insert_with(|| ReceiverLife::begin(turn));
        life.turn(turn, &mut self.book);
    }

    fn used(&mut self, used: &Used) {
        if used.faults > 0 || used.system > 0 {
            self.book.row(Ledger::Task, Component::System).bytes(used.copied);
            self.book.add(Ledger::Task, Component::System, used.system);
        }
        if used.messages > 0 {
            self.book.row(Ledger::Task, Component::Exchange).bytes(used.bytes);
            self.book.add(Ledger::Task, Component::Exchange, u64::try_from(used.exchanging).unwrap_or(0));
        }
    }

    fn message(&mut self, message: &Message) {
        self.messages += 1;
        self.count(message);
        task(&mut self.book, message, &self.survey.pickling);
        self.track(message, true);
    }

    fn partial(&mut self, message: &Message) {
        self.partial += 1;
        self.count(message);
        self.track(message, false);
    }
}

impl Ledgers<'_> {
    fn count(&mut self, message: &Message) {
        // The tasks of a chunk are known by their having been done.
        let tasks = message.items.len().max(1) as u64;
        self.sent += if message.send.is_some() { tasks } else { 0 };
        let is_good = message.put.is_some_and(|put| put.good);
        self.received += if is_good && message.receive.is_some() { tasks } else { 0 };
    }

    fn track(&mut self, message: &Message, is_whole: bool) {
        if let Some(tracker) = &mut self.tracker
            && let Some(until) = tracker.take(message, is_whole)
        {
            // Later events are not shown.
            self.workers.iter_mut().for_each(|life| life.draw_until(until));
            self.senders.iter_mut().for_each(|life| life.draw_until(until));
        }
    }
}

/// The latency of one task, along the routes of all who have a part in it.
fn task(book: &mut Book, message: &Message, pickling: &[Interval]) {
    let (Some((_, send)), Some(get), Some(put), Some(receive)) =
        (message.send, message.get, message.put, message.receive)
    else {
        return;
    };
    const LEDGER: Ledger = Ledger::Task;
    let mut timeline = Timeline::new(Interval::new(message.submitted, message.woken));
    let begun = if send.iterating > 0 { send.iterating } else { send.entered };

    let wait = timeline.advance(begun);
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
    // The stamps that only the message has.
    let ends = [
        (Component::Agent, message.receive_written),
        (Component::Deliver, message.delivered),
        (Component::Wake, message.woken),
    ];
    let [_, _, wake] = ends.map(|(component, until)| {
        let interval = timeline.advance(until);
        each(component, interval);
        interval
    });
    book.add(LEDGER, Component::Agent, agent);

    // Up to its first get the worker was starting, up to later ones busy with others.
    let before = if message.is_first { Component::Boot } else { Component::WorkerBusy };
    book.add(LEDGER, before, pickup.intersect(Interval::new(0, get.entered)).length());
    book.add(LEDGER, Component::LockConvoy, pickup.intersect(Interval::new(get.entered, get.locked)).length());
    book.add(LEDGER, Component::Wakeup, pickup.intersect(Interval::new(get.locked, get.came)).length());
    book.add(LEDGER, Component::GilStarved, overlap(result_pickup, pickling));
    book.add(LEDGER, Component::OrderWait, wake.intersect(Interval::new(0, message.ready)).length());
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
        book.row(LEDGER, component).bytes(bytes);
    }
    let encoded = between(send.cpu(), 0, 1);
    book.row(LEDGER, Component::EncodeTask).cpu(encoded, send.dumped.saturating_sub(send.began));
    let decoded = between(receive.cpu(), 0, 1);
    book.row(LEDGER, Component::DecodeResult).cpu(decoded, receive.loaded.saturating_sub(receive.loading));
    worker_cpu(book, LEDGER, &get, &put);
    book.close(LEDGER, timeline.span(), timeline.rest());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sercost_record::{
        About, Boot, Close, Dispatcher, Exit, Get, Order, Receive, Record, Send, Start, Submit, WORDS, Wake, Writer,
    };
    use std::fs::{self, File};
    use std::io::Write;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A directory of files of records, gone when it is dropped.
    struct Directory(PathBuf);

    impl Directory {
        fn new() -> Self {
            static NUMBER: AtomicU64 = AtomicU64::new(0);
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("sercost-accounts-{}-{number}", std::process::id()));
            fs::create_dir(&path).expect("there is room for a directory");
            Directory(path)
        }

        /// A file with a header and no records.
        fn file(&self, name: &str, pid: i64) -> Writer {
            let path = self.0.join(format!("{name}.records"));
            let file = File::options().read(true).write(true).create_new(true).open(path);
            let about = About { pid, ..About::default() };
            Writer::create(file.expect("there is room for a file"), &about).expect("there is room for a header")
        }

        /// A file with these words behind a header.
        fn raw(&self, name: &str, words: &[[i64; WORDS]]) {
            drop(self.file(name, 7));
            let path = self.0.join(format!("{name}.records"));
            let mut bytes = fs::read(&path).expect("it was just written");
            bytes.truncate(sercost_record::HEADER_BYTES);
            bytes.extend(words.iter().flatten().flat_map(|word| word.to_le_bytes()));
            let length = bytes.len() as u64;
            bytes[sercost_record::header::ALLOCATED].copy_from_slice(&length.to_le_bytes());
            File::create(path).and_then(|mut file| file.write_all(&bytes)).expect("there is room");
        }

        fn accounts(&self, unlocked: bool) -> Accounts {
            let mut records = Records::find(&self.0).expect("they are files of records");
            records.unlocked = unlocked;
            accounts(&records, 3, Some("any")).expect("they can be read")
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// The components of a ledger add up to it, to the nanosecond.
    fn adds_up(outcome: &Outcome) -> Result<(), TestCaseError> {
        for closure in &outcome.closures {
            let own = outcome.rows.iter().filter(|row| row.ledger == closure.ledger && row.part_of.is_none());
            let sum = |rows: &mut dyn Iterator<Item = &crate::ledger::Row>| -> u64 {
                rows.map(|row| row.samples.sum()).fold(0, u64::saturating_add)
            };
            prop_assert_eq!(sum(&mut own.clone()), closure.wall_ns);
            let mut named = own.filter(|row| row.component != Component::Other);
            prop_assert_eq!(sum(&mut named), closure.named_ns);
        }
        Ok(())
    }

    proptest! {
        // Each case makes and reads files.
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn whatever_is_in_files_it_can_be_joined_and_booked(
            words in prop::collection::vec(prop::array::uniform16(prop_oneof![
                0i64..20, any::<i64>(), 1000i64..2000, Just(-1), Just(i64::MAX),
            ]), 0..60),
            kinds in prop::collection::vec(0i64..20, 60),
            unlocked in any::<bool>(),
        ) {
            let records: Vec<[i64; WORDS]> = words.into_iter().zip(kinds).map(|(mut words, kind)| {
                words[0] = kind;
                words
            }).collect();
            let directory = Directory::new();
            directory.raw("one", &records);
            directory.raw("two", &records);
            let found = directory.accounts(unlocked);
            for row in &found.outcome.rows {
                row.named("pool", "any", None);
            }
            // Sums of stamps beyond all clocks are cut off.
            if found.outcome.closures.iter().all(|closure| closure.wall_ns < u64::MAX / 4) {
                adds_up(&found.outcome)?;
            }
        }

        #[test]
        fn tasks_of_many_workers_are_followed_in_whatever_order_their_records_come(
            order in prop_oneof![Just(Order::Ordered), Just(Order::Unordered)],
            tasks in prop::collection::vec((0usize..3, prop::collection::vec(0u64..50, 9)), 1..1500),
        ) {
            let directory = Directory::new();
            let mut parent = directory.file("parent", 1);
            let mut workers = [2, 3, 4].map(|pid| directory.file(&pid.to_string(), pid));
            let mut clock = 1_000;
            let mut free = [0; 3];
            let mut puts = [0; 3];
            parent.write(1, Submit { index: -1, submitted: clock, order, ..Submit::default() });
            for (worker, pid) in workers.iter_mut().zip(2..) {
                parent.write(1, Start { pid, began: clock, ended: clock + 1, is_worker: true, ..Start::default() });
                worker.write(1, Boot { ready: clock + 2, bootstrap: clock + 3, entered: clock + 4, prepared: clock + 5, ..Boot::default() });
            }
            free.fill(clock + 5);
            let mut latency = 0;
            for (index, (worker, steps)) in tasks.iter().enumerate() {
                let (index, mut at) = (index as i64, clock);
                let mut step = steps.iter().map(|step| { at += step; at });
                let mut next = || step.next().unwrap_or(0);
                let [entered, began, dumped, sending, sent] = [next(), next(), next(), next(), next()];
                let came = sent.max(free[*worker]);
                let send = Send { index, bytes: 16, entered, began, dumped, sending, sent, freed: sent, ..Send::default() };
                parent.write(1, send);
                let asked = free[*worker];
                let get = Get {
                    index, bytes: 16, put: puts[*worker], entered: asked, locked: asked, came, complete: came,
                    loading: came, loaded: came, freed: came, ..Get::default()
                };
                workers[*worker].write(1, get);
                let done = came + steps[5];
                workers[*worker].write(1, sercost_record::Put {
                    index, bytes: 16, got: came, entered: done, dumping: done, dumped: done, good: true,
                    sending: done, written: done, ..Default::default()
                });
                puts[*worker] = done + steps[6];
                free[*worker] = puts[*worker] + steps[7];
                let loaded = done + steps[8];
                let receive = Receive {
                    index, bytes: 16, entered: done, came: done, complete: done, loading: done, loaded,
                    delivered: loaded, written: loaded, ..Receive::default()
                };
                parent.write(1, Record::from(receive));
                parent.write(1, Wake { index, woken: loaded, ..Wake::default() });
                latency += loaded - 1_000;
                clock = sent;
            }
            let end = free.into_iter().max().unwrap_or(0) + 100;
            parent.write(1, Dispatcher { began: 1_000, ended: end });
            parent.write(1, Close { at: end });
            for pid in 2..5 {
                parent.write(1, Exit { pid, code: 0, at: end });
            }
            drop((parent, workers));
            let found = directory.accounts(true);
            prop_assert_eq!((found.outcome.messages, found.outcome.partial), (tasks.len() as u64, 0));
            prop_assert!(!found.holes);
            adds_up(&found.outcome)?;
            let of = |ledger| found.outcome.closures.iter().find(|closure| closure.ledger == ledger);
            prop_assert_eq!(of(Ledger::Task).map(|closure| closure.wall_ns), Some(latency));
            prop_assert_eq!(of(Ledger::Worker).map(|closure| closure.wall_ns), Some(3 * (end - 1_000)));
            let flows = found.tracks.map_or(0, |tracks| tracks.flows.len());
            prop_assert!(flows <= tasks.len());
        }
    }
}
