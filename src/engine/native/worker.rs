//! The worker process: takes messages from its standard input, and sends results to its standard output.

use super::frame::{self, FAILED, Inbox};
use super::recorder::about;
use super::source::{self, Source};
use super::{LARGE, Placement, SAMPLED, Setup};
use crate::clock;
use crate::codec::{self, Codec, Decoded};
use crate::host::{open_shared, remove_own};
use crate::payload::Schema;
use sercost_record::{Boot, Get, Initialized, Moment, Put, Record, Stamp, Writer};
use std::hint::black_box;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

/// Serves the parent at the other ends of the two pipes until it has no more.
///
/// # Errors
///
/// When the parent sends bytes that are not a message.
pub fn work(tasks: OwnedFd, results: OwnedFd) -> io::Result<()> {
    let ready = clock::now();
    let mut inbox = Inbox::new(tasks);
    let Some(_) = inbox.receive()? else { return Ok(()) };
    let setup: Setup = postcard::from_bytes(inbox.body()).map_err(io::Error::other)?;
    let parent = setup.parent;
    let done = match serve(&mut inbox, results, setup, ready) {
        // The parent was interrupted, or died: no process is left to be told.
        Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof) => Ok(()),
        done => done,
    };
    let own_parent = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get() as u32);
    if own_parent != Some(parent) {
        remove_own(parent);
    }
    done
}

fn serve(inbox: &mut Inbox, results: OwnedFd, setup: Setup, ready: Stamp) -> io::Result<()> {
    let entered = clock::now();
    // Where there is no room at all, the file stays empty, and the parent sees that.
    let recorder = setup
        .records
        .as_ref()
        .and_then(|name| Writer::create(open_shared(name).ok()?, &about(setup.parent.into())).ok());
    let mut worker = Worker {
        codec: codec::find(&setup.codec).ok_or_else(|| io::Error::other("no such codec"))?,
        schema: Arc::new(setup.schema.clone()),
        setup,
        recorder,
        results,
        own: None,
        answer: [Vec::new()],
        put: 0,
        count: 0,
        large: false,
        sampled: false,
    };
    worker.record(Boot { ready, bootstrap: entered, entered, prepared: clock::now(), ..Boot::default() });
    if matches!(worker.setup.placement, Placement::Once | Placement::Result) {
        let began = clock::now();
        let Some(_) = inbox.receive()? else { return Ok(()) };
        worker.own = Some(worker.keep(inbox.body()));
        worker.record(Initialized { began, ended: clock::now() });
    }
    while worker.turn(inbox)? {}
    Ok(())
}

/// The number of its one thread in records.
const THREAD: u64 = 1;

/// A worker and what it keeps between tasks.
struct Worker {
    setup: Setup,
    codec: &'static dyn Codec,
    schema: Arc<Schema>,
    recorder: Option<Writer>,
    results: OwnedFd,
    /// The data that it was given once with its digest, or why it could not be decoded.
    own: Option<Result<(Source<'static>, u64), String>>,
    answer: [Vec<u8>; 1],
    /// When the put before returned.
    put: Stamp,
    /// Tasks that it had.
    count: u64,
    /// Whether the message before was long enough for its CPU time to be worth reading.
    large: bool,
    /// Whether the CPU time of this task is read.
    sampled: bool,
}

impl Worker {
    /// Decodes the data that all tasks share.
    fn keep(&self, bytes: &[u8]) -> Result<(Source<'static>, u64), String> {
        let column = source::into_column(source::decode(self.codec, &self.schema, bytes)?, &self.schema)?;
        let digest = if self.setup.digest { source::digest(&column) } else { 0 };
        // Kept for as long as the process lives.
        let (schema, column) = (Box::leak(Box::new(Arc::clone(&self.schema))), Box::leak(Box::new(column)));
        Ok((Source::new(self.codec, schema, column)?, digest))
    }

    fn record(&mut self, record: impl Into<Record>) {
        if let Some(recorder) = &mut self.recorder {
            recorder.write(THREAD, record);
        }
    }

    fn mark(&mut self, moment: Moment, stamp: Stamp) {
        if let Some(recorder) = &mut self.recorder {
            recorder.mark(moment, stamp);
        }
    }

    fn now(&self) -> Stamp {
        if self.recorder.is_some() { clock::now() } else { 0 }
    }

    /// The CPU time, where this task is one for which it is read.
    fn cpu(&self) -> u64 {
        if self.sampled { clock::thread_cpu() } else { 0 }
    }

    /// A stamp after [`Worker::cpu`]: `before`, where that took no time.
    fn after_cpu(&self, before: Stamp) -> Stamp {
        if self.sampled { clock::now() } else { before }
    }

    /// One task, from asking for it to having dropped it; false when there is none.
    fn turn(&mut self, inbox: &mut Inbox) -> io::Result<bool> {
        self.sampled = self.recorder.is_some() && (self.large || self.count.is_multiple_of(SAMPLED));
        let entered = self.now();
        self.mark(Moment::Get, entered);
        let asked = self.cpu();
        let Some(arrival) = inbox.receive()? else { return Ok(false) };
        let arrived = self.cpu();
        let loading = self.after_cpu(arrival.complete);
        let (mut data, loaded) = match self.setup.placement {
            Placement::Task => (Some(source::decode(self.codec, &self.schema, inbox.body())), self.now()),
            _ => (None, loading),
        };
        let decoded = self.cpu();
        let freed = self.after_cpu(loaded);
        let (index, bytes) = (arrival.number, frame::framed(inbox.body().len()));
        self.record(Get {
            job: 0,
            index: index as i64,
            bytes,
            put: self.put,
            entered,
            locked: entered,
            came: arrival.came,
            complete: arrival.complete,
            loading,
            loaded,
            cpu_entered: asked,
            cpu_complete: arrived,
            cpu_loaded: decoded,
            freed,
        });

        let got = self.now();
        let result = self.call(index, &mut data);
        let called = self.now();
        let calling = self.cpu();
        let dumping = self.after_cpu(called);
        let result = result.and_then(|()| self.answer());
        let dumped = self.now();
        let encoded = self.cpu();
        let good = result.is_ok();
        if let Err(reason) = result {
            self.answer[0] = reason.into_bytes();
        }
        let answered = frame::framed(self.answer[0].len());
        let sending = self.now();
        self.record(Put {
            job: 0,
            index: index as i64,
            bytes: answered,
            got,
            entered: called,
            dumping,
            dumped,
            cpu_entered: calling,
            cpu_dumped: encoded,
            good,
            sending,
            written: sending,
        });
        frame::send(&self.results, if good { index } else { index | FAILED }, &self.answer[0])?;
        self.put = self.now();
        self.mark(Moment::Put, self.put);
        self.count += 1;
        self.large = bytes.max(answered) >= LARGE;
        drop(data);
        Ok(true)
    }

    /// Runs a task. Its result is a digest of its data, if that is asked for: then it is compared.
    fn call(&mut self, index: u64, data: &mut Option<Result<Decoded, String>>) -> Result<(), String> {
        self.answer[0].clear();
        if let Some(Err(reason)) = data {
            return Err(std::mem::take(reason));
        }
        let own = self.own.as_ref().map(|own| own.as_ref().map_err(String::clone)).transpose()?;
        black_box((&data, index));
        if self.setup.call_ns > 0 {
            let end = clock::now().saturating_add(self.setup.call_ns);
            while clock::now() < end {
                std::hint::spin_loop();
            }
        }
        if self.setup.digest {
            let digest = match data.take() {
                Some(data) => source::digest(&source::into_column(data?, &self.schema)?),
                None => own.map_or(0, |(_, digest)| *digest),
            };
            if self.setup.placement != Placement::Result {
                self.answer[0].extend_from_slice(&digest.to_le_bytes());
            }
        }
        Ok(())
    }

    /// The data as the result, in the scenario that has it there.
    fn answer(&mut self) -> Result<(), String> {
        match (self.setup.placement, &self.own) {
            (Placement::Result, Some(Ok((own, _)))) => own.encode(&mut self.answer),
            _ => Ok(()),
        }
    }
}
