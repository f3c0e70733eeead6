//! The same records as tracks: what each thread did when, for a timeline that is looked at.

use super::join::Message;
use super::lives::{About, Strip};
use super::routes;
use super::survey::Survey;
use super::timeline::{Interval, Timeline};
use crate::model::{Component, Flow, Slice, Track, Tracks};
use sercost_record::{Key, Receive, Stamp};

/// Beyond so many messages a timeline is too large for those who show it.
const MOST_MESSAGES: usize = 100_000;

/// The tracks of a scenario under construction.
pub(super) struct Tracker<'a> {
    scenario: String,
    survey: &'a Survey,
    /// The thread that asks for the results takes them itself.
    unlocked: bool,
    /// The messages that are shown, and those of which a part is.
    shown: Vec<Shown>,
    /// The number of them that are whole.
    whole: usize,
    /// The last moment that is shown, once it is known.
    until: Option<Stamp>,
    left_out: u64,
}

/// The facts that are kept of a message.
struct Shown {
    key: Key,
    sender: Option<usize>,
    sending: Stamp,
    worker: Option<usize>,
    came: Stamp,
    receive: Option<Receive>,
    delivered: Stamp,
    woken: Stamp,
    is_whole: bool,
}

impl<'a> Tracker<'a> {
    pub(super) fn new(scenario: &str, survey: &'a Survey, unlocked: bool) -> Self {
        let scenario = scenario.to_owned();
        Tracker { scenario, survey, unlocked, shown: Vec::new(), whole: 0, until: None, left_out: 0 }
    }

    /// Takes a message. With the last one that is shown it returns the last moment that is.
    pub(super) fn take(&mut self, message: &Message, is_whole: bool) -> Option<Stamp> {
        if self.until.is_some() {
            self.left_out += u64::from(is_whole);
            return None;
        }
        self.whole += usize::from(is_whole);
        if !is_whole && self.shown.len() - self.whole > MOST_MESSAGES {
            return None;
        }
        self.shown.push(Shown {
            key: message.key,
            sender: message.send.and_then(|(sender, _)| sender),
            sending: message.send.map_or(0, |(_, send)| send.sending),
            worker: message.worker,
            came: message.get.map_or(0, |get| get.came),
            receive: message.receive,
            delivered: message.delivered,
            woken: message.woken,
            is_whole,
        });
        if self.whole < MOST_MESSAGES {
            return None;
        }
        self.until = self.shown.iter().map(|shown| shown.woken).max();
        self.until
    }

    /// The tracks, with what was drawn of the lives of senders and workers.
    pub(super) fn finish(mut self, senders: Vec<Vec<Slice>>, workers: Vec<Vec<Slice>>) -> Tracks {
        let mut tracks = Tracks { scenario: std::mem::take(&mut self.scenario), ..Tracks::default() };
        tracks.left_out = self.left_out;
        let parent = self.survey.parent;
        let add = |tracks: &mut Tracks, pid, process, thread, slices| {
            tracks.tracks.push(Track { pid, process, thread, slices });
            tracks.tracks.len() - 1
        };
        let of_senders: Vec<usize> =
            senders.into_iter().map(|slices| add(&mut tracks, parent, "parent", "dispatcher", slices)).collect();
        let results = self.results().map(|slices| add(&mut tracks, parent, "parent", "results", slices));
        let consumer = self.consumer().map(|slices| add(&mut tracks, parent, "parent", "consumer", slices));
        let of_workers: Vec<usize> = workers
            .into_iter()
            .zip(&self.survey.workers)
            .map(|(slices, worker)| add(&mut tracks, worker.pid, "worker", "worker", slices))
            .collect();
        self.shown.sort_unstable_by_key(|shown| shown.key);
        for shown in self.shown.iter().filter(|shown| shown.is_whole) {
            let stops = [
                shown.sender.and_then(|at| Some((*of_senders.get(at)?, shown.sending))),
                shown.worker.and_then(|at| Some((*of_workers.get(at)?, shown.came))),
                results.zip(shown.receive).map(|(track, receive)| (track, receive.came)),
                // Just before it has it, since then it is somewhere else.
                consumer.map(|track| (track, shown.woken.saturating_sub(1))),
            ];
            let mut latest = 0;
            let stops = stops.into_iter().flatten().filter(|&(track, at)| {
                // Stamps that are out of order or outside of what is known of a thread would lead nowhere.
                let is_there = at >= latest && tracks.tracks[track].slice_at(at).is_some();
                latest = latest.max(at);
                is_there
            });
            let stops: Vec<_> = stops.collect();
            if stops.len() > 1 {
                tracks.flows.push(Flow { message: (shown.key.job, shown.key.index), stops });
            }
        }
        tracks
    }

    /// The thread that takes the results.
    fn results(&mut self) -> Option<Vec<Slice>> {
        self.shown.sort_unstable_by_key(|shown| shown.receive.map_or(0, |receive| receive.came));
        let mut received = self.shown.iter().filter_map(|shown| Some((shown.receive?, shown)));
        let first = received.clone().next()?;
        let last = received.clone().next_back()?;
        let mut timeline = Timeline::new(Interval::new(first.0.entered, last.1.delivered.max(last.0.loaded)));
        let mut strip = Strip::default();
        received.by_ref().for_each(|(receive, shown)| {
            strip.draw(Component::Idle, timeline.advance(receive.came));
            strip.about = About {
                message: Some(shown.key),
                bytes: [
                    (Some(Component::ResultTransfer), receive.bytes),
                    (Some(Component::DecodeResult), receive.bytes),
                    (None, 0),
                    (None, 0),
                ],
            };
            timeline.follow(routes::RECEIVING, &receive, |component, interval| strip.draw(component, interval));
            strip.draw(Component::Deliver, timeline.advance(shown.delivered));
        });
        strip.draw(Component::Other, timeline.rest());
        Some(self.shown_of(strip))
    }

    /// The thread that asks for the results; where it takes them itself, it has no track of its own.
    fn consumer(&mut self) -> Option<Vec<Slice>> {
        if self.unlocked {
            return None;
        }
        self.shown.sort_unstable_by_key(|shown| shown.woken);
        let woken = self.shown.iter().filter(|shown| shown.woken > 0 && shown.delivered > 0);
        let (first, last) = (woken.clone().next()?, woken.clone().next_back()?);
        let mut timeline = Timeline::new(Interval::new(first.delivered, last.woken));
        let mut strip = Strip::default();
        for shown in woken {
            strip.draw(Component::Idle, timeline.advance(shown.delivered));
            strip.about.message = Some(shown.key);
            strip.draw(Component::Wake, timeline.advance(shown.woken));
        }
        strip.draw(Component::Other, timeline.rest());
        Some(self.shown_of(strip))
    }

    fn shown_of(&self, mut strip: Strip) -> Vec<Slice> {
        if let Some(until) = self.until {
            strip.cut(until);
        }
        strip.slices
    }
}
