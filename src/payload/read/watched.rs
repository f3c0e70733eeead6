//! A source that is minded: every now and then it is asked whether the reading is still wanted, whether there is memory
//! for what it fills, and how far it is.

use super::{IntWidth, ReadOptions};
use crate::payload::schema::Schema;
use crate::payload::source::Remark;
use crate::payload::source::{Event, Fault, Key, Open, Source};
use crate::payload::tree::Tree;
use crate::payload::watch::{COPIES, ReadProgress, Stopped, Watch};
use std::cell::Cell;
use std::mem::size_of;

/// Events between two looks: some milliseconds.
const BETWEEN_LOOKS: u32 = 1 << 15;
/// Memory is looked at after so many more bytes are held.
const BETWEEN_WEIGHINGS: u64 = 128 << 20;
/// The bytes that the allocator gives for the smallest string, and adds to others.
const LEAST_BLOCK: u64 = 32;
const BLOCK_HEAD: u64 = 16;

/// Which passes are made over a document, and what minds them.
pub(super) struct Gauge<'a> {
    watch: &'a Watch,
    whole: u64,
    /// The purpose of each pass, in order.
    passes: &'static [Pass],
    /// Passes over the document before those.
    before: u32,
    begun: Cell<u32>,
}

/// The purpose of a pass over a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// It is looked at, and nothing of it is kept.
    Look,
    /// It is decoded into columns.
    Columns,
    /// It is made into trees.
    Trees,
}

/// The counts of what a document consists of.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    values: u64,
    keys: u64,
    /// The bytes of all strings, keys included, and their blocks.
    strings: u64,
    /// The bytes of the strings that are values alone.
    texts: u64,
    containers: u64,
}

impl Counts {
    /// The approximate memory of the document as a tree: vectors of values grow by doubling and are not cut back.
    fn trees(&self) -> u64 {
        let nodes = (self.values + self.keys) * size_of::<Tree>() as u64;
        nodes + nodes / 4 + self.containers * LEAST_BLOCK + self.strings
    }
}

fn block(bytes: usize) -> u64 {
    if bytes == 0 { 0 } else { (bytes as u64 + BLOCK_HEAD).max(LEAST_BLOCK) }
}

impl<'a> Gauge<'a> {
    /// The gauge of one reading, which makes these passes; with `--lenient` one before them.
    pub(super) fn new(options: &'a ReadOptions, whole: usize, passes: &'static [Pass]) -> Self {
        Gauge {
            watch: &options.watch,
            whole: whole as u64,
            passes,
            before: u32::from(options.lenient),
            begun: Cell::new(0),
        }
    }

    /// The source of the next pass.
    pub(super) fn watched<S: Source>(&self, source: S) -> Watched<'_, S> {
        let pass = self.begun.get();
        self.begun.set(pass + 1);
        let counts = Counts::default();
        Watched { source, gauge: self, pass, left: BETWEEN_LOOKS, counts, weighed: 0 }
    }

    fn pass(&self, pass: u32) -> Pass {
        let at = pass.checked_sub(self.before).and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.passes.get(at)).copied().unwrap_or(Pass::Look)
    }

    /// Refuses what will not fit, now that it is known what there is.
    fn weigh_all(&self, counts: Counts) -> Result<(), Fault> {
        if !self.passes.contains(&Pass::Trees) {
            return Ok(());
        }
        // The tree here and the decoded one there, and its encodings, which take about what the document does.
        let needs = counts.trees().saturating_mul(2).saturating_add(self.whole.saturating_mul(2));
        self.watch
            .make_room(
                needs,
                "the tree of values, its encoding, and the decoded copy in another process",
                "take a part of the file, or measure it without --representation",
            )
            .map_err(fault)
    }
}

fn fault(stopped: Stopped) -> Fault {
    Fault::of_column(stopped.reason, stopped.remedy)
}

/// A source of events that is minded.
pub(super) struct Watched<'a, S> {
    source: S,
    gauge: &'a Gauge<'a>,
    pass: u32,
    left: u32,
    counts: Counts,
    /// The bytes that were held when memory was last looked at.
    weighed: u64,
}

impl<S: Source> Watched<'_, S> {
    #[cold]
    fn look(&mut self) -> Result<(), Fault> {
        self.left = BETWEEN_LOOKS;
        let watch = self.gauge.watch;
        watch.go_on().map_err(fault)?;
        let pass = self.gauge.pass(self.pass);
        watch.tell(&ReadProgress {
            what: match pass {
                Pass::Look => "finding the types",
                Pass::Columns => "reading the values",
                Pass::Trees => "making the tree",
            },
            pass: self.pass,
            passes: (self.gauge.before + self.gauge.passes.len() as u32).max(self.pass + 1),
            done: self.source.offset() as u64,
            whole: Some(self.gauge.whole),
        });
        self.weigh(pass)
    }

    /// Stops where what is held by then leaves no room for a second one, which the receiving process will make.
    fn weigh(&mut self, pass: Pass) -> Result<(), Fault> {
        let held = match pass {
            // Shared parts of a pickle are looked at as often as they occur, and would be held as often: that ends here.
            Pass::Look if self.counts.values > self.gauge.whole => self.counts.values + self.counts.texts,
            Pass::Look => return Ok(()),
            Pass::Columns => self.counts.values + self.counts.texts,
            Pass::Trees => self.counts.trees(),
        };
        if held < self.weighed + BETWEEN_WEIGHINGS {
            return Ok(());
        }
        self.weighed = held;
        let needs = match pass {
            Pass::Look => held.saturating_mul(COPIES),
            _ => held,
        };
        let whose = "the payload, its encoding, and the decoded copy in another process";
        self.gauge.watch.make_room(needs, whose, "take a part of the file").map_err(fault)
    }
}

impl<S: Source> Source for Watched<'_, S> {
    #[inline]
    fn value(&mut self) -> Result<Event, Fault> {
        let event = self.source.value()?;
        self.counts.values += 1;
        self.counts.containers += u64::from(matches!(event, Event::List(_) | Event::Map(_)));
        self.left -= 1;
        if self.left == 0 {
            self.look()?;
        }
        Ok(event)
    }

    fn text(&mut self) -> Result<&str, Fault> {
        let text = self.source.text()?;
        let bytes = block(text.len());
        self.counts.strings += bytes;
        self.counts.texts += bytes;
        Ok(text)
    }

    fn bytes(&mut self) -> Result<&[u8], Fault> {
        let bytes = self.source.bytes()?;
        self.counts.strings += block(bytes.len());
        self.counts.texts += block(bytes.len());
        Ok(bytes)
    }

    #[inline]
    fn next_item(&mut self, list: &mut Open) -> Result<bool, Fault> {
        self.source.next_item(list)
    }

    #[inline]
    fn next_key(&mut self, map: &mut Open) -> Result<Option<Key<'_>>, Fault> {
        let key = self.source.next_key(map)?;
        if let Some(key) = &key {
            self.counts.keys += 1;
            self.counts.strings += match key {
                Key::Text(text) => block(text.len()),
                Key::Bytes(bytes) => block(bytes.len()),
                _ => 0,
            };
        }
        Ok(key)
    }

    fn finish(&mut self) -> Result<(), Fault> {
        self.source.finish()?;
        match self.pass {
            0 => self.gauge.weigh_all(self.counts),
            _ => Ok(()),
        }
    }

    fn offset(&self) -> usize {
        self.source.offset()
    }

    #[inline]
    fn stated_int(&self) -> Option<IntWidth> {
        self.source.stated_int()
    }

    fn notes(&self) -> Vec<String> {
        self.source.notes()
    }

    fn remarks(&self) -> Vec<Remark> {
        self.source.remarks()
    }

    fn complete(&self, schema: Schema) -> Schema {
        self.source.complete(schema)
    }
}
