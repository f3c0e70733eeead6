//! `--lenient`: keys that an object has twice. The last counts, as for the readers of Python.
//!
//! A first pass finds the entries that a later one replaces, and [`Lenient`] passes over them. What remains stands where
//! it stood, the last entry of a key in its own place.

use super::IntWidth;
use crate::payload::schema::Schema;
use crate::payload::source::{Count, Remark};
use crate::payload::source::{Event, Fault, Key, MAX_DEPTH, Open, OwnedKey, Source, Step, pass_over, too_deep};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The entries that are replaced, by where their keys begin.
#[derive(Debug, Default)]
pub(super) struct Replaced {
    keys: HashSet<usize>,
    count: Count,
}

impl Replaced {
    /// Looks for them in a whole document.
    pub(super) fn find(source: &mut impl Source) -> Result<Replaced, Fault> {
        let mut replaced = Replaced::default();
        let event = source.value()?;
        replaced.walk(source, event, 0)?;
        source.finish()?;
        Ok(replaced)
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn walk<S: Source>(&mut self, source: &mut S, event: Event, depth: usize) -> Result<(), Fault> {
        match event {
            Event::Text => drop(source.text()?),
            Event::Bytes => drop(source.bytes()?),
            Event::List(_) | Event::Map(_) if depth == MAX_DEPTH => return Err(too_deep(source.offset())),
            Event::List(mut open) => {
                let mut index = 0;
                loop {
                    let inside = |fault: Fault| fault.inside(Step::Index(index));
                    if !source.next_item(&mut open).map_err(inside)? {
                        break;
                    }
                    let event = source.value().map_err(inside)?;
                    self.walk(source, event, depth + 1).map_err(inside)?;
                    index += 1;
                }
            }
            Event::Map(mut open) => {
                let mut last: HashMap<OwnedKey, usize> = HashMap::new();
                while let Some(key) = source.next_key(&mut open)?.map(OwnedKey::from) {
                    let at = source.offset();
                    let value = source.value().and_then(|event| self.walk(source, event, depth + 1));
                    value.map_err(|fault| fault.inside(key.borrowed().step()))?;
                    if let Some(before) = last.insert(key, at) {
                        self.keys.insert(before);
                        self.count.add(at);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// A document without the entries that are replaced.
pub(super) struct Lenient<'s> {
    source: Box<dyn Source + 's>,
    replaced: Rc<Replaced>,
    key: OwnedKey,
}

impl<'s> Lenient<'s> {
    /// The document of `source`.
    pub(super) fn new(source: impl Source + 's, replaced: &Rc<Replaced>) -> Self {
        Lenient { source: Box::new(source), replaced: Rc::clone(replaced), key: OwnedKey::Bool(false) }
    }
}

impl Source for Lenient<'_> {
    fn value(&mut self) -> Result<Event, Fault> {
        self.source.value()
    }

    fn text(&mut self) -> Result<&str, Fault> {
        self.source.text()
    }

    fn bytes(&mut self) -> Result<&[u8], Fault> {
        self.source.bytes()
    }

    fn next_item(&mut self, list: &mut Open) -> Result<bool, Fault> {
        self.source.next_item(list)
    }

    fn next_key(&mut self, map: &mut Open) -> Result<Option<Key<'_>>, Fault> {
        loop {
            let Some(key) = self.source.next_key(map)?.map(OwnedKey::from) else { return Ok(None) };
            if !self.replaced.keys.contains(&self.source.offset()) {
                self.key = key;
                return Ok(Some(self.key.borrowed()));
            }
            // Its nesting was looked at by the first pass.
            pass_over(&mut *self.source, 0)?;
        }
    }

    fn finish(&mut self) -> Result<(), Fault> {
        self.source.finish()
    }

    fn offset(&self) -> usize {
        self.source.offset()
    }

    fn stated_int(&self) -> Option<IntWidth> {
        self.source.stated_int()
    }

    fn notes(&self) -> Vec<String> {
        self.source.notes()
    }

    fn remarks(&self) -> Vec<Remark> {
        let mut remarks = self.source.remarks();
        remarks.extend(self.replaced.count.remark(|one| match one {
            true => "key that its object had before: the last value counts".into(),
            false => "keys that their objects had before: the last value counts".into(),
        }));
        remarks
    }

    fn complete(&self, schema: Schema) -> Schema {
        self.source.complete(schema)
    }
}
