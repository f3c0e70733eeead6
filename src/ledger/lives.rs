//! The lives of the threads that work for tasks, turn by turn: their components go into the book, and into a track where
//! one is drawn.

use super::book::Book;
use super::join::{ReceiverTurn, SenderTurn, WorkerTurn};
use super::routes;
use super::survey::{Dispatcher, Worker};
use super::timeline::{Interval, Timeline};
use crate::model::{Component, Ledger, Slice};
use sercost_record::{Get, Key, Put, Stamp};

/// The message that a thread works on at a moment, and how many bytes of it a component handles.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct About {
    pub(super) message: Option<Key>,
    pub(super) bytes: [(Option<Component>, u64); 4],
}

/// The slices of a thread as they are drawn.
#[derive(Clone, Debug, Default)]
pub(super) struct Strip {
    pub(super) slices: Vec<Slice>,
    /// The moment after which nothing is drawn; zero for no limit.
    until: Stamp,
    /// The work of the thread at this moment.
    pub(super) about: About,
}

impl Strip {
    /// Draws a part of a timeline.
    pub(super) fn draw(&mut self, component: Component, interval: Interval) {
        if interval.length() == 0 || self.until > 0 && interval.start > self.until {
            return;
        }
        let about = (component != Component::Idle && component != Component::Other).then_some(self.about);
        let bytes = about.and_then(|about| about.bytes.iter().find(|(of, _)| *of == Some(component)).copied());
        self.slices.push(Slice {
            component,
            start: interval.start,
            end: interval.end,
            message: about.and_then(|about| about.message).map(|key| (key.job, key.index)),
            bytes: bytes.map(|(_, bytes)| bytes).filter(|&bytes| bytes > 0),
        });
    }

    /// Leaves out what begins after `until`.
    pub(super) fn cut(&mut self, until: Stamp) {
        self.until = until;
        self.slices.retain(|slice| slice.start <= until);
    }
}

/// A life as it is divided.
struct Life<'a> {
    ledger: Ledger,
    timeline: Timeline,
    /// The component before, and what it has come to: what only the agent interrupts is one sample.
    current: Option<(Component, u64)>,
    /// Garbage collections, sorted, that do not lie before what is divided.
    collections: &'a [Interval],
    strip: Option<Strip>,
    /// How long its components say so far that it did something.
    worked: u64,
    /// The CPU time of its thread as it was first and last read, with `worked` then.
    cpu: Option<[(u64, u64); 2]>,
}

impl<'a> Life<'a> {
    fn new(ledger: Ledger, span: Interval, collections: &'a [Interval], draws: bool) -> Self {
        let strip = draws.then(Strip::default);
        Life { ledger, timeline: Timeline::new(span), current: None, collections, strip, worked: 0, cpu: None }
    }

    fn advance(&mut self, book: &mut Book, component: Component, until: Stamp) -> Interval {
        let interval = self.timeline.advance(until);
        self.part(book, component, interval);
        interval
    }

    fn follow<R>(&mut self, book: &mut Book, route: &[routes::Step<R>], record: &R) {
        for step in route {
            self.advance(book, step.component, step.stamp(record));
        }
    }

    fn part(&mut self, book: &mut Book, component: Component, interval: Interval) {
        let length = interval.length();
        if length == 0 {
            return;
        }
        if !component.is_wait() {
            self.worked = self.worked.saturating_add(length);
        }
        match &mut self.current {
            Some((own, sample)) if *own == component => *sample = sample.saturating_add(length),
            _ if component == Component::Agent => book.add(self.ledger, component, length),
            current => {
                if let Some((before, sample)) = current.replace((component, length)) {
                    book.add(self.ledger, before, sample);
                }
            }
        }
        if !self.collections.is_empty() {
            self.collect(book, component, interval);
        }
        if let Some(strip) = &mut self.strip {
            strip.draw(component, interval);
        }
    }

    /// Counts the garbage collections within a part.
    fn collect(&mut self, book: &mut Book, component: Component, interval: Interval) {
        let past = self.collections.partition_point(|own| own.end <= interval.start);
        self.collections = &self.collections[past..];
        for collection in self.collections.iter().take_while(|own| own.start < interval.end) {
            let length = interval.intersect(*collection).length();
            if length > 0 {
                book.collect(self.ledger, component, length);
            }
        }
    }

    fn about(&mut self, about: impl FnOnce() -> About) {
        if let Some(strip) = &mut self.strip {
            strip.about = about();
        }
    }

    fn draw_until(&mut self, until: Stamp) {
        if let Some(strip) = &mut self.strip {
            strip.cut(until);
        }
    }

    /// Takes a reading of its thread's CPU time. The first is taken before what it lies in is divided, and all later ones
    /// after it, so that at most too much work stands against it.
    fn read_cpu(&mut self, cpu: Option<u64>) {
        if let Some(cpu) = cpu {
            let reading = (cpu, self.worked);
            self.cpu.get_or_insert([reading; 2])[1] = reading;
        }
    }

    fn end(mut self, book: &mut Book) -> Vec<Slice> {
        if let Some([first, last]) = self.cpu
            && last.0 > first.0
        {
            let (cpu, worked) = (last.0 - first.0, last.1.saturating_sub(first.1));
            book.check(self.ledger, cpu, worked);
            let idle = self.timeline.span().length().saturating_sub(self.worked);
            book.add(self.ledger, Component::Polling, cpu.saturating_sub(worked).min(idle));
        }
        if let Some((component, sample)) = self.current.take() {
            book.add(self.ledger, component, sample);
        }
        let rest = self.timeline.rest();
        book.close(self.ledger, self.timeline.span(), rest);
        let Some(mut strip) = self.strip else { return Vec::new() };
        strip.draw(Component::Other, rest);
        strip.slices
    }
}

/// The life of one worker.
pub(super) struct WorkerLife<'a> {
    life: Life<'a>,
    worker: &'a Worker,
    /// Its last put.
    put: Option<Put>,
    has_turns: bool,
    /// It came to its last turn.
    is_over: bool,
}

impl<'a> WorkerLife<'a> {
    /// Divides its start, up to its first turn.
    pub(super) fn begin(worker: &'a Worker, draws: bool, book: &mut Book) -> Self {
        let last = worker.last_turn.map_or(0, |(get, put)| put.map_or(get.freed, |put| put.sending.max(put.dumped)));
        // One that is gone before its parent would wait for it is never seen to end.
        let seen = last.max(worker.last_get).max(worker.last_put).max(worker.terminated);
        let end = worker.exit.map_or(seen, |(at, _)| at);
        let span = Interval::new(worker.started, end);
        let mut life = Life::new(Ledger::Worker, span, &worker.collections, draws);
        // One that never came to its worker function was starting until it was told to end.
        let entered = if worker.boot[2] > 0 { worker.boot[2] } else { told(worker, span.end) };
        let boot = life.advance(book, Component::Boot, entered);
        life.advance(book, Component::Agent, worker.prepared);
        let rest = life.advance(book, Component::Boot, worker.first_get.unwrap_or(worker.last_get));
        boot_parts(book, boot, rest, worker);
        WorkerLife { life, worker, put: None, has_turns: false, is_over: false }
    }

    /// Divides its next turn.
    pub(super) fn turn(&mut self, turn: &WorkerTurn, book: &mut Book) {
        let WorkerTurn { get, put, sent } = turn;
        if let Some(before) = self.put {
            drop_cpu(book, &before, get);
        }
        if let Some(put) = put {
            worker_cpu(book, Ledger::Worker, get, put);
        }
        self.put = *put;
        if self.is_over {
            return;
        }
        let life = &mut self.life;
        if self.has_turns {
            life.advance(book, Component::SendResult, get.put);
            life.advance(book, Component::DropArguments, get.entered);
        }
        self.has_turns = true;
        life.read_cpu(get.cpu().map(|cpu| cpu[0]));
        if get.key().is_none() {
            life.advance(book, Component::Idle, get.came);
            self.is_over = true;
            return;
        }
        // The message is on its way to this worker when it begins to wait for it.
        life.advance(book, Component::Idle, (*sent).clamp(get.entered, get.came.max(get.entered)));
        let answered = put.map_or(0, |put| put.bytes);
        life.about(|| About {
            message: Some(get.key()),
            bytes: [
                (Some(Component::Transfer), get.bytes),
                (Some(Component::DecodeTask), get.bytes),
                (Some(Component::EncodeResult), answered),
                (Some(Component::SendResult), answered),
            ],
        });
        life.follow(book, routes::GETTING, get);
        match put {
            Some(put) => {
                life.follow(book, routes::PUTTING, put);
                life.read_cpu(put.cpu().map(|cpu| cpu[1]));
            }
            None => {
                // It ended in the middle of the task.
                life.advance(book, Component::Call, life.timeline.span().end);
                self.is_over = true;
            }
        }
    }

    /// Divides the rest of it, and counts it. Returns what was drawn.
    pub(super) fn end(self, book: &mut Book) -> Vec<Slice> {
        let WorkerLife { mut life, worker, .. } = self;
        let end = life.timeline.span().end;
        let told = told(worker, end);
        if worker.last_put >= life.timeline.reached() {
            life.advance(book, Component::SendResult, worker.last_put);
            let asked = if worker.last_get >= worker.last_put { worker.last_get } else { told };
            life.advance(book, Component::DropArguments, asked);
        }
        let waits = worker.last_turn.is_none_or(|(get, _)| get.entered < worker.last_get);
        if worker.last_get >= life.timeline.reached() && waits {
            life.advance(book, Component::Idle, told);
        }
        life.advance(book, Component::Teardown, end);
        life.end(book)
    }

    /// Draws nothing that begins after `until`.
    pub(super) fn draw_until(&mut self, until: Stamp) {
        self.life.draw_until(until);
    }
}

/// When a worker was told to end.
fn told(worker: &Worker, end: Stamp) -> Stamp {
    if worker.terminated > 0 { worker.terminated } else { end }
}

/// The parts of starting: before the worker function is entered, and from there to its first get.
fn boot_parts(book: &mut Book, boot: Interval, rest: Interval, worker: &Worker) {
    let (encoding, bytes) = worker.handed;
    let encode = boot.intersect(encoding).length();
    let mut part = |component, length, bytes: Option<u64>| {
        book.add(Ledger::Worker, component, length);
        if let Some(bytes) = bytes {
            book.row(Ledger::Worker, component).bytes(bytes);
        }
    };
    if encode > 0 {
        part(Component::BootEncode, encode, Some(bytes));
    }
    let [ready, _, entered] = worker.boot;
    if entered == 0 {
        return;
    }
    let mut parts = Timeline::new(boot);
    let process = parts.advance(ready);
    let import = parts.advance(entered);
    let (loading, reading, read) = worker.given;
    let load = import.intersect(loading).length();
    let transfer = reading.min(load);
    part(Component::BootProcess, process.length() - process.intersect(encoding).length(), None);
    part(Component::BootImport, import.length() - load, None);
    if load > 0 {
        part(Component::BootTransfer, transfer, Some(read));
        part(Component::BootDecode, load - transfer, Some(read));
    }
    if let Some(initialized) = worker.initialized {
        book.add(Ledger::Worker, Component::Initializer, rest.intersect(initialized).length());
    }
}

/// The CPU time between two readings of a record.
pub(super) fn between<const N: usize>(cpu: Option<[u64; N]>, from: usize, to: usize) -> Option<u64> {
    cpu.map(|cpu| cpu[to].saturating_sub(cpu[from]))
}

/// The CPU time of a worker in one task. What lies between two readings belongs to the larger of the components there.
pub(super) fn worker_cpu(book: &mut Book, ledger: Ledger, get: &Get, put: &Put) {
    let call = get.cpu().zip(put.cpu()).map(|(get, put)| put[0].saturating_sub(get[2]));
    for (component, cpu, from, to) in [
        (Component::Transfer, between(get.cpu(), 0, 1), get.came, get.complete),
        (Component::DecodeTask, between(get.cpu(), 1, 2), get.loading, get.loaded),
        (Component::Call, call, put.got, put.entered),
        (Component::EncodeResult, between(put.cpu(), 0, 1), put.dumping, put.dumped),
    ] {
        book.row(ledger, component).cpu(cpu, to.saturating_sub(from));
    }
}

/// The CPU time from after a result was encoded to the next get, which is that of sending it and freeing the task.
fn drop_cpu(book: &mut Book, put: &Put, next: &Get) {
    let cpu = put.cpu().zip(next.cpu()).map(|(put, next)| next[0].saturating_sub(put[1]));
    let wall = next.entered.saturating_sub(next.put);
    book.row(Ledger::Worker, Component::DropArguments).cpu(cpu, wall);
}

/// The life of a thread that sends tasks.
pub(super) struct SenderLife<'a> {
    life: Life<'a>,
    closed: Stamp,
    /// The job of the turn before.
    before: Option<i64>,
}

impl<'a> SenderLife<'a> {
    pub(super) fn begin(dispatcher: &'a Dispatcher, draws: bool) -> Self {
        let span = dispatcher.life.unwrap_or(Interval::new(dispatcher.began, dispatcher.last.end));
        let life = Life::new(Ledger::Dispatcher, span, &dispatcher.collections, draws);
        SenderLife { life, closed: dispatcher.closed, before: None }
    }

    /// Divides its next turn.
    pub(super) fn turn(&mut self, turn: &SenderTurn, book: &mut Book) {
        const LEDGER: Ledger = Ledger::Dispatcher;
        let life = &mut self.life;
        if let SenderTurn::Send(send) = turn
            && self.before.is_some()
        {
            life.advance(book, Component::Agent, send.written.min(turn.begin()));
        }
        // The message is freed before the thread asks for the next one; it waits where the next is of another job.
        let waits = match (self.before, turn) {
            (None, _) => true,
            (Some(job), SenderTurn::Send(send)) => send.iterating == 0 || send.key().job != job,
            (Some(_), _) => false,
        };
        life.advance(book, if waits { Component::Idle } else { Component::FreeMessage }, turn.begin());
        match turn {
            SenderTurn::Send(send) => {
                life.read_cpu(send.cpu().map(|cpu| cpu[0]).filter(|_| life.cpu.is_none()));
                life.about(|| About {
                    message: Some(send.key()),
                    bytes: [
                        (Some(Component::EncodeTask), send.bytes),
                        (Some(Component::Send), send.bytes),
                        (None, 0),
                        (None, 0),
                    ],
                });
                life.follow(book, routes::SENDING, send);
                life.follow(book, routes::SENT, send);
                life.read_cpu(send.cpu().map(|cpu| cpu[2]));
                self.before = Some(send.key().job);
                let encode = book.row(LEDGER, Component::EncodeTask);
                encode.cpu(between(send.cpu(), 0, 1), send.dumped.saturating_sub(send.began)).bytes(send.bytes);
                let own = book.row(LEDGER, Component::Send);
                own.cpu(between(send.cpu(), 1, 2), send.sent.saturating_sub(send.sending)).bytes(send.bytes);
            }
            SenderTurn::Exhausted(interval) => {
                life.about(About::default);
                life.advance(book, Component::Iterate, interval.end);
            }
            SenderTurn::Failed(interval) => {
                life.about(About::default);
                life.advance(book, Component::EncodeTask, interval.end);
                self.before = self.before.or(Some(0));
            }
        }
    }

    /// Divides the rest of it, and counts it. Returns what was drawn.
    pub(super) fn end(mut self, book: &mut Book) -> Vec<Slice> {
        self.life.advance(book, Component::Idle, self.closed);
        let end = self.life.timeline.span().end;
        self.life.advance(book, Component::Teardown, end);
        self.life.end(book)
    }

    /// Draws nothing that begins after `until`.
    pub(super) fn draw_until(&mut self, until: Stamp) {
        self.life.draw_until(until);
    }
}

/// The life of a thread that takes results, from when it first asked for one to when it had handed on the last.
pub(super) struct ReceiverLife {
    life: Life<'static>,
}

impl ReceiverLife {
    pub(super) fn begin(turn: &ReceiverTurn) -> Self {
        // Where it ends is known at its end.
        let span = Interval::new(turn.receive.entered, Stamp::MAX);
        ReceiverLife { life: Life::new(Ledger::Receiver, span, &[], false) }
    }

    /// Divides its next turn.
    pub(super) fn turn(&mut self, turn: &ReceiverTurn, book: &mut Book) {
        const LEDGER: Ledger = Ledger::Receiver;
        let ReceiverTurn { receive, written, delivered } = turn;
        let life = &mut self.life;
        life.read_cpu(receive.cpu().map(|cpu| cpu[0]).filter(|_| life.cpu.is_none()));
        life.advance(book, Component::Idle, receive.came);
        life.follow(book, routes::RECEIVING, receive);
        life.read_cpu(receive.cpu().map(|cpu| cpu[1]));
        life.advance(book, Component::Agent, *written);
        life.advance(book, Component::Deliver, *delivered);
        let decode = book.row(LEDGER, Component::DecodeResult);
        let cpu = between(receive.cpu(), 0, 1);
        decode.cpu(cpu, receive.loaded.saturating_sub(receive.loading)).bytes(receive.bytes);
        book.row(LEDGER, Component::ResultTransfer).bytes(receive.bytes);
    }

    /// Counts it.
    pub(super) fn end(mut self, book: &mut Book) {
        self.life.timeline.end_here();
        self.life.end(book);
    }
}
