//! The same records as tracks: what each thread did when, for a timeline that is looked at.

use super::accounts::{dispatcher_timeline, worker_timeline};
use super::join::{Dispatcher, Joined, Message, Turn, Worker};
use super::routes;
use super::timeline::{Interval, Timeline};
use crate::model::{Component, Flow, Slice, Track, Tracks};
use sercost_record::{Key, Stamp};
use std::collections::HashMap;

/// Beyond so many messages a timeline is too large for those who show it.
const MOST_MESSAGES: usize = 100_000;

/// The tracks of a scenario.
pub fn tracks(scenario: &str, joined: &Joined) -> Tracks {
    let mut builder = Builder { tracks: Tracks { scenario: scenario.to_owned(), ..Tracks::default() }, joined };
    let until = builder.until();
    let dispatchers = joined.dispatchers.iter().map(|each| builder.dispatcher(each)).collect::<Vec<_>>();
    let results = builder.results();
    let consumer = builder.consumer();
    let workers = joined.workers.iter().map(|each| builder.worker(each)).collect::<Vec<_>>();
    for track in &mut builder.tracks.tracks {
        track.slices.retain(|slice| slice.start <= until);
    }
    builder.flows(until, &dispatchers, &workers, results, consumer);
    builder.tracks
}

struct Builder<'a> {
    tracks: Tracks,
    joined: &'a Joined,
}

/// What a track's slices from a moment on are about, until the next such moment.
struct Mark {
    from: Stamp,
    message: Option<Key>,
    bytes: HashMap<Component, u64>,
}

impl Builder<'_> {
    /// The last moment that is shown.
    fn until(&mut self) -> Stamp {
        let mut woken: Vec<Stamp> = self.joined.messages.iter().map(|message| message.woken).collect();
        if woken.len() <= MOST_MESSAGES {
            return Stamp::MAX;
        }
        self.tracks.left_out = (woken.len() - MOST_MESSAGES) as u64;
        woken.sort_unstable();
        woken[MOST_MESSAGES - 1]
    }

    /// Adds a track; returns its place.
    fn add(&mut self, track: Track) -> usize {
        self.tracks.tracks.push(track);
        self.tracks.tracks.len() - 1
    }

    fn dispatcher(&mut self, dispatcher: &Dispatcher) -> Option<usize> {
        let mut timeline = dispatcher_timeline(dispatcher)?;
        timeline.close();
        let marks = dispatcher.turns.iter().map(|turn| match turn {
            Turn::Send(send) => Mark {
                from: turn.begin(),
                message: Some(send.key()),
                bytes: HashMap::from([(Component::EncodeTask, send.bytes), (Component::Send, send.bytes)]),
            },
            _ => Mark { from: turn.begin(), message: None, bytes: HashMap::new() },
        });
        let slices = slices(&timeline, marks);
        Some(self.add(Track { pid: self.joined.parent, process: "parent", thread: "dispatcher", slices }))
    }

    fn worker(&mut self, worker: &Worker) -> usize {
        let sending: HashMap<Key, Stamp> = worker
            .turns
            .iter()
            .filter_map(|(get, _)| Some((get.key(), self.message(get.key())?.send?.sending)))
            .collect();
        let (mut timeline, ..) = worker_timeline(worker, &|key| sending.get(&key).copied().unwrap_or(0));
        timeline.close();
        // The message is on its way to this worker when it begins to wait for it.
        let marks = worker.turns.iter().map(|(get, put)| Mark {
            from: sending.get(&get.key()).copied().unwrap_or(0).clamp(get.entered, get.came.max(get.entered)),
            message: (!get.key().is_none()).then_some(get.key()),
            bytes: HashMap::from([
                (Component::Transfer, get.bytes),
                (Component::DecodeTask, get.bytes),
                (Component::EncodeResult, put.map_or(0, |put| put.bytes)),
                (Component::SendResult, put.map_or(0, |put| put.bytes)),
            ]),
        });
        let slices = slices(&timeline, marks);
        self.add(Track { pid: worker.pid, process: "worker", thread: "worker", slices })
    }

    fn message(&self, key: Key) -> Option<&Message> {
        let at = self.joined.messages.binary_search_by_key(&key, |message| message.key).ok()?;
        self.joined.messages.get(at)
    }

    /// The thread that takes the results.
    fn results(&mut self) -> Option<usize> {
        let mut received: Vec<_> =
            self.joined.messages.iter().filter_map(|message| Some((message.receive?, message))).collect();
        received.sort_by_key(|(receive, _)| receive.came);
        let (first, last) = (received.first()?, received.last()?);
        let mut timeline = Timeline::new(Interval::new(first.0.entered, last.1.delivered.max(last.0.loaded)));
        let mut marks = Vec::new();
        for (receive, message) in &received {
            timeline.advance(Component::Idle, receive.came);
            timeline.follow(routes::RECEIVING, receive, routes::ignore);
            timeline.advance(Component::Deliver, message.delivered);
            marks.push(Mark {
                from: receive.came,
                message: Some(message.key),
                bytes: HashMap::from([
                    (Component::ResultTransfer, receive.bytes),
                    (Component::DecodeResult, receive.bytes),
                ]),
            });
        }
        timeline.close();
        let slices = slices(&timeline, marks);
        Some(self.add(Track { pid: self.joined.parent, process: "parent", thread: "results", slices }))
    }

    /// The thread that asks for the results; where it takes them itself, it has no track of its own.
    fn consumer(&mut self) -> Option<usize> {
        if self.joined.unlocked {
            return None;
        }
        let mut woken: Vec<&Message> =
            self.joined.messages.iter().filter(|message| message.woken > 0 && message.delivered > 0).collect();
        woken.sort_by_key(|message| message.woken);
        let (first, last) = (woken.first()?, woken.last()?);
        let mut timeline = Timeline::new(Interval::new(first.delivered, last.woken));
        let mut marks = Vec::new();
        for message in woken {
            timeline.advance(Component::Idle, message.delivered);
            let wake = timeline.advance(Component::Wake, message.woken);
            marks.push(Mark { from: wake.start, message: Some(message.key), bytes: HashMap::new() });
        }
        timeline.close();
        let slices = slices(&timeline, marks);
        Some(self.add(Track { pid: self.joined.parent, process: "parent", thread: "consumer", slices }))
    }

    /// The ways of all messages that were followed from end to end and are shown.
    fn flows(
        &mut self,
        until: Stamp,
        dispatchers: &[Option<usize>],
        workers: &[usize],
        results: Option<usize>,
        consumer: Option<usize>,
    ) {
        let mut sent_by: HashMap<Key, usize> = HashMap::new();
        for (dispatcher, track) in self.joined.dispatchers.iter().zip(dispatchers) {
            let Some(track) = *track else { continue };
            sent_by.extend(dispatcher.turns.iter().filter_map(|turn| match turn {
                Turn::Send(send) => Some((send.key(), track)),
                _ => None,
            }));
        }
        for message in self.joined.messages.iter().filter(|message| message.is_whole() && message.woken <= until) {
            let (Some(send), Some((worker, get)), Some(receive)) = (message.send, message.get, message.receive) else {
                continue;
            };
            let stops = [
                sent_by.get(&message.key).map(|&track| (track, send.sending)),
                workers.get(worker).map(|&track| (track, get.came)),
                results.map(|track| (track, receive.came)),
                // Just before it has it, since then it is somewhere else.
                consumer.map(|track| (track, message.woken.saturating_sub(1))),
            ];
            let mut latest = 0;
            let stops = stops.into_iter().flatten().filter(|&(track, at)| {
                // Stamps that are out of order or outside of what is known of a thread would lead nowhere.
                let is_there = at >= latest && self.tracks.tracks[track].slice_at(at).is_some();
                latest = latest.max(at);
                is_there
            });
            let flow = Flow { message: (message.key.job, message.key.index), stops: stops.collect() };
            if flow.stops.len() > 1 {
                self.tracks.flows.push(flow);
            }
        }
    }
}

/// The parts of a timeline, each with what the last mark before it says.
fn slices(timeline: &Timeline, marks: impl IntoIterator<Item = Mark>) -> Vec<Slice> {
    let mut marks = marks.into_iter().peekable();
    let mut current: Option<Mark> = None;
    let parts = timeline.parts().iter();
    parts
        .map(|&(component, interval)| {
            while marks.peek().is_some_and(|mark| mark.from <= interval.start) {
                current = marks.next();
            }
            let about = current.as_ref().filter(|_| component != Component::Idle && component != Component::Other);
            Slice {
                component,
                start: interval.start,
                end: interval.end,
                message: about.and_then(|mark| mark.message).map(|key| (key.job, key.index)),
                bytes: about.and_then(|mark| mark.bytes.get(&component).copied()).filter(|&bytes| bytes > 0),
            }
        })
        .collect()
}
