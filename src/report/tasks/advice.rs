//! What a scenario's bytes are, what its workers copy and wait for, and what to do about it.

use super::ScenarioRows;
use super::screen::percent;
use crate::analysis::Lane;
use crate::model::{Bytes, Component, EncodedPart, Ledger, Nanos, clean, grouped};
use crate::report::facts::{count, tied};
use crate::report::style::TIE;

/// A part of a message that is worth a sentence: so many bytes, and so much of the message.
const HEAVY: u64 = 10_000;
const HEAVY_SHARE: f64 = 0.5;
/// What a worker is sent at its start is worth advice from here on.
const MUCH_GIVEN: u64 = 1_000_000;
/// Memory that a worker copies is worth a sentence from here on: the interpreter's own is a few megabytes.
const MUCH_COPIED: u64 = 10_000_000;
/// Below this share of the workers' lives in the user's function, tasks are too small for what they take.
const SMALL: f64 = 0.1;
/// From this share of a life on, starting workers or waiting for the iterator is what to look at.
const MUCH: f64 = 0.5;
/// From this share on, something is worth a word.
const NOTABLE: f64 = 0.1;
/// By how much another way must be faster to be advised.
const FASTER: f64 = 1.5;
/// So many pools are made again and again.
const AGAIN: u64 = 3;
/// The most sentences of advice.
const MOST_ADVICE: usize = 2;

/// How data comes to tasks in the built-in scenarios that send it once, and what to write to have it so.
const REMEDIES: [(&str, &str); 4] = [
    ("initializer", "hand the data to each worker once, by Pool(initializer=...)"),
    ("global", "make the data a global of the module before the workers start"),
    ("default-arg", "make the data a default argument of a function of the module"),
    ("shared-memory", "put the data in shared memory, and send its name"),
];

/// A scenario, and what has to be known of it for a sentence.
pub(super) struct View<'a> {
    rows: &'a ScenarioRows<'a>,
    lanes: &'a [Lane],
    /// The part of a message that has most of its bytes, where they are worth a sentence.
    sent: Option<Heavy<'a>>,
    /// The same of a result.
    returned: Option<Heavy<'a>>,
}

/// A part that has most of the bytes of a message.
struct Heavy<'a> {
    part: &'a EncodedPart,
    /// Where and what it is, as deep as there is one part with most of the bytes.
    path: &'a str,
    bytes: u64,
}

impl<'a> Heavy<'a> {
    /// The heaviest, where a message has so many tasks of which the first is like the others.
    fn of(parts: &'a [EncodedPart], tasks: u64) -> Option<Heavy<'a>> {
        let whole: u64 = parts.iter().map(|part| part.bytes).sum();
        // Many light items together are no part of any task.
        let part = parts.iter().filter(|part| !part.path.starts_with("items[*]")).max_by_key(|part| part.bytes)?;
        let times = if part.path.starts_with("items[") { tasks } else { 1 };
        let (path, bytes) = match &part.heaviest {
            Some(heaviest) => (heaviest.path.as_str(), heaviest.bytes),
            None => (part.path.as_str(), part.bytes),
        };
        let of_all = part.bytes.saturating_mul(times);
        (part.bytes >= HEAVY && of_all as f64 >= HEAVY_SHARE * whole as f64).then_some(Heavy { part, path, bytes })
    }

    /// Whether it is a list of numbers, or of short lists of them, which an array would hold in one block.
    fn is_numbers(&self) -> bool {
        let Some((_, what)) = self.path.split_once(": list of ") else { return false };
        let Some((number, items)) = what.split_once(' ') else { return false };
        let number: String = number.chars().filter(char::is_ascii_digit).collect();
        number.parse::<u64>().is_ok_and(|number| number >= 1_000) && ["int", "float"].contains(&items)
    }
}

impl<'a> View<'a> {
    pub(super) fn new(rows: &'a ScenarioRows<'a>, lanes: &'a [Lane]) -> Self {
        let tasks = rows.info.chunksize.unwrap_or(1);
        let (sent, returned) = (Heavy::of(&rows.info.encoded, tasks), Heavy::of(&rows.info.returned, 1));
        View { rows, lanes, sent, returned }
    }

    /// The bytes that are sent and come back, by path.
    pub(super) fn bytes(&self) -> Vec<String> {
        let info = self.rows.info;
        let messages = grouped(info.messages);
        let mut lines = Vec::new();
        if let Some(Heavy { part, path, bytes }) = &self.sent {
            let (bytes, path) = (tied(Bytes(*bytes)), clean(path));
            lines.push(match part.in_all_tasks {
                true if info.messages > 1 => {
                    let bound = if part.part == "bound arguments" { ", bound to the function" } else { "" };
                    let tasks = grouped(info.tasks);
                    format!(
                        "each of {messages} messages re-sends {bytes} of {path}{bound}, the same in all {tasks} tasks"
                    )
                }
                _ => format!("the first of {messages} messages has {bytes} of {path}"),
            });
        }
        if let Some(Heavy { path, bytes, .. }) = &self.returned {
            lines.push(format!("the first of {messages} results has {} of {}", tied(Bytes(*bytes)), clean(path)));
        }
        lines
    }

    /// What workers are given when they start.
    pub(super) fn start(&self) -> Vec<String> {
        let Some(row) = self.rows.row(Ledger::Worker, Component::BootEncode) else { return Vec::new() };
        let each = row.bytes.unwrap_or(0) / row.count().max(1);
        if each < HEAVY {
            return Vec::new();
        }
        let time = |component| {
            let row = self.rows.row(Ledger::Worker, component);
            tied(Nanos(row.map_or(0.0, |row| row.wall_ns as f64 / row.count().max(1) as f64)))
        };
        vec![format!(
            "each of {} is sent {} at its start: encode {}, read {}, decode {}",
            count(row.count(), "worker"),
            tied(Bytes(each)),
            time(Component::BootEncode),
            time(Component::BootTransfer),
            time(Component::BootDecode)
        )]
    }

    /// The memory that workers copy, and what else their calls wait for.
    pub(super) fn memory(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let call = self.total(Component::Call);
        if let Some(row) = self.rows.row(Ledger::Task, Component::System)
            && self.copies()
        {
            let each = row.bytes.unwrap_or(0) / self.workers().max(1);
            lines.push(format!(
                "each worker copied {} of memory that it shared with its parent; the kernel took {}{TIE}% of your function",
                tied(Bytes(each)),
                percent(row.wall_ns as f64 / call.max(1.0))
            ));
        }
        if let Some(row) = self.rows.row(Ledger::Task, Component::Exchange)
            && row.wall_ns as f64 > NOTABLE * call
        {
            lines.push(format!(
                "your function spent {}{TIE}% of its time on messages over other connections ({}), as to a Manager",
                percent(row.wall_ns as f64 / call.max(1.0)),
                tied(Bytes(row.bytes.unwrap_or(0)))
            ));
        }
        lines
    }

    /// What to do, the most telling first.
    pub(super) fn advice(&self, all: &[ScenarioRows<'_>]) -> Vec<String> {
        let ways = [
            self.send_once(all),
            self.iterator(),
            self.pools(),
            self.exchange(),
            self.copied(),
            self.given(),
            self.numbers(),
            self.own_data(),
        ];
        let mut lines: Vec<String> = ways.into_iter().flatten().take(MOST_ADVICE).collect();
        if lines.is_empty() {
            lines.extend(self.small());
        }
        lines.extend(faster(self.rows, all));
        lines
    }

    /// The same data goes along with every task.
    fn send_once(&self, all: &[ScenarioRows<'_>]) -> Option<String> {
        let slowest = self.rows;
        let heavy = self.sent.as_ref()?;
        let wall = slowest.info.wall_ns? as f64;
        let other = |rows: &&ScenarioRows<'_>| {
            let is_same = rows.info.payload == slowest.info.payload && rows.info.tasks == slowest.info.tasks;
            is_same && rows.info.complete && rows.info.error.is_none()
        };
        let remedy = all.iter().filter(other).filter_map(|rows| {
            let (_, what) = REMEDIES.iter().find(|(name, _)| *name == rows.info.scenario)?;
            Some((rows.info.wall_ns? as f64, rows, *what)).filter(|(own, ..)| wall > FASTER * own)
        });
        if let Some((own, rows, what)) = remedy.min_by(|a, b| a.0.total_cmp(&b.0)) {
            return Some(format!(
                "{what}: {} took {} here, {} {:.1} times as long",
                rows.label,
                tied(Nanos(own)),
                slowest.label,
                wall / own
            ));
        }
        if !heavy.part.in_all_tasks || slowest.info.messages < 2 {
            return None;
        }
        if slowest.info.description == OWN {
            return Some(
                "send it once and not with every task: by Pool(initializer=...), or as a global of the module that the \
                 function reads"
                    .to_owned(),
            );
        }
        let names: Vec<&str> = REMEDIES.iter().map(|(name, _)| *name).collect();
        let call = format!("sercost tasks {} {}", slowest.label, names.join(" "));
        Some(format!("send that data once, and not with every task; `{call}` measures the ways"))
    }

    /// The pool waits for its tasks.
    fn iterator(&self) -> Option<String> {
        let own = self.rows.info.iterated_ns.unwrap_or(0) as f64 / self.rows.info.wall_ns.unwrap_or(0).max(1) as f64;
        (self.share(Ledger::Dispatcher, |lane| lane.own_ns) > MUCH || own > MUCH).then(|| {
            "the pool waits for the iterator that makes the tasks, and nothing in the pool mends that: let the tasks do \
             that work"
                .to_owned()
        })
    }

    /// Workers start and end, and do little between.
    fn pools(&self) -> Option<String> {
        let ending = self.rows.row(Ledger::Worker, Component::Teardown).map_or(0, |row| row.wall_ns);
        let starting = |lane: &Lane| lane.start_ns;
        let ends = self.lanes.iter().find(|lane| lane.ledger == Ledger::Worker).map_or(0.0, |lane| lane.share(ending));
        let around = self.share(Ledger::Worker, starting) + ends;
        let pools = self.rows.count;
        if pools >= AGAIN {
            // Making a pool and taking it down is the parent's time too.
            let busy = self.share(Ledger::Worker, |lane| lane.own_ns);
            return (busy < MUCH).then(|| {
                format!(
                    "make the pool once, outside the loop: {} were made, whose {} spent {}{TIE}% of their lives starting \
                     and ending and {}{TIE}% in your function",
                    count(pools, "pool"),
                    count(self.workers(), "worker"),
                    percent(around),
                    percent(busy)
                )
            });
        }
        let tasks = self.rows.info.done;
        if self.workers() > 2 * self.rows.info.workers.max(1) {
            return (around > SMALL).then(|| {
                format!(
                    "{} were started for {}, and spent {}{TIE}% of their lives starting and ending: let each do more tasks \
                     (maxtasksperchild)",
                    count(self.workers(), "worker"),
                    count(tasks, "task"),
                    percent(around)
                )
            });
        }
        (self.share(Ledger::Worker, starting) > MUCH)
            .then(|| "the workers spend most of their lives starting: keep one pool, and give it more tasks".to_owned())
    }

    /// Another process answers one message at a time.
    fn exchange(&self) -> Option<String> {
        let row = self.rows.row(Ledger::Task, Component::Exchange)?;
        (row.wall_ns as f64 > MUCH * self.total(Component::Call)).then(|| {
            "each access to a Manager's object is a message to its one process and back: give the task a copy of what it \
             reads, and return what it changes"
                .to_owned()
        })
    }

    /// Reading copies.
    fn copied(&self) -> Option<String> {
        self.copies().then(|| {
            "reading an object writes its reference count, and so a forked worker copies it: hold large data in an array \
             (array.array, numpy) or in shared memory"
                .to_owned()
        })
    }

    fn copies(&self) -> bool {
        let Some(row) = self.rows.row(Ledger::Task, Component::System) else { return false };
        let is_forked = self.rows.info.start.as_deref() == Some("fork");
        is_forked && row.bytes.unwrap_or(0) / self.workers().max(1) >= MUCH_COPIED
    }

    /// Workers are sent much when they start.
    fn given(&self) -> Option<String> {
        let row = self.rows.row(Ledger::Worker, Component::BootEncode)?;
        (row.bytes.unwrap_or(0) / row.count().max(1) >= MUCH_GIVEN).then(|| {
            "each worker is sent that once, one worker after the other: let the initializer load it from a file, or start \
             the workers by fork, which sends nothing"
                .to_owned()
        })
    }

    /// Numbers one by one.
    fn numbers(&self) -> Option<String> {
        let heavy = [&self.sent, &self.returned].into_iter().flatten().find(|heavy| heavy.is_numbers())?;
        let (place, _) = heavy.path.split_once(": ")?;
        Some(format!("{} is pickled number by number: an array.array or a numpy array goes as one block", clean(place)))
    }

    /// Data of its own goes with every task, or comes back.
    fn own_data(&self) -> Option<String> {
        let returned = self.returned.as_ref().map_or(0, |heavy| heavy.bytes);
        let sent = self.sent.as_ref().map_or(0, |heavy| heavy.bytes);
        if returned > sent {
            let one = self.share(Ledger::Receiver, |lane| lane.work.iter().map(|(_, ns)| ns).sum());
            let who = match one > MUCH {
                true => format!(", and one thread of the parent takes all of them ({}{TIE}% busy)", percent(one)),
                false => String::new(),
            };
            return Some(format!("the results take the time{who}: return less, or put them in shared memory"));
        }
        let heavy = self.sent.as_ref()?;
        (heavy.part.part == "task arguments" && !heavy.part.in_all_tasks).then(|| {
            "each task takes data of its own along: send where it is (a file, a range, a name in shared memory), and let \
             the task read it"
                .to_owned()
        })
    }

    /// A task does less than its message costs.
    fn small(&self) -> Option<String> {
        let info = self.rows.info;
        let small = self.share(Ledger::Worker, |lane| lane.own_ns) < SMALL;
        let is_light = self.sent.is_none() && self.returned.is_none();
        (small && is_light && info.messages >= info.done && self.rows.mean(Component::Call).is_some()).then(|| {
            let one = matches!(info.call.as_deref(), Some("submit" | "apply" | "apply_async"));
            let how = if one { "map with chunksize=..." } else { "chunksize=..." };
            format!("a task does less than its message costs: send several tasks in one message, by {how}")
        })
    }

    fn share(&self, ledger: Ledger, of: impl Fn(&Lane) -> u64) -> f64 {
        self.lanes.iter().find(|lane| lane.ledger == ledger).map_or(0.0, |lane| lane.share(of(lane)))
    }

    /// Workers that lived.
    fn workers(&self) -> u64 {
        self.rows.closure(Ledger::Worker).map_or(0, |closure| closure.count)
    }

    fn total(&self, component: Component) -> f64 {
        self.rows.row(Ledger::Task, component).map_or(0.0, |row| row.wall_ns as f64)
    }
}

/// The description of a program of the user's own.
const OWN: &str = "a program of your own";

/// Another program of the user's that did as many tasks in less time.
fn faster(slowest: &ScenarioRows<'_>, all: &[ScenarioRows<'_>]) -> Option<String> {
    let wall = slowest.info.wall_ns? as f64;
    let other = all.iter().filter(|rows| {
        let is_own = rows.info.description == OWN && slowest.info.description == OWN;
        let is_whole = rows.info.complete && rows.info.program() != slowest.info.program();
        is_own && is_whole && rows.info.done == slowest.info.done
    });
    let (own, rows) = other
        .filter_map(|rows| Some((rows.info.wall_ns? as f64, rows)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(own, _)| wall > FASTER * own)?;
    Some(format!("{} took {} for as many tasks, {:.1} times as fast", rows.label, tied(Nanos(own)), wall / own))
}
